// Package document draws what the office issues, a slip above all, in the layout of GB/T 9704-2012: as docx, which an
// officer can finish in a word processor, and as PDF. It draws what it is given; it decides nothing.
package document

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"duban/internal/calendar"
)

// Slip is what a numbered document shows. All its text is in Chinese already; an empty field leaves its place out.
type Slip struct {
	Issuer     string        // 发文机关, in red at the head and again above the date
	Kind       string        // 提示单, 交办单, 催办单, 简报: in red under the issuer
	Number     string        // 发文字号, with its year in 〔〕
	Title      string        // broken over lines of even length if it is long
	Addressees []string      // 主送
	Copies     []string      // 抄送
	Body       []string      // paragraphs; a short one numbered 一、 or （一） is set as a heading
	Table      [][2]string   // facts, as label and value
	Basis      string        // the rule the slip is issued under: the last row of the facts
	Date       calendar.Date // 成文日期
	Draft      bool          // marked as a draft on every page
}

// clean returns s as one line without what cannot be printed: control and formatting characters (which can hide or
// reorder text), characters XML has no place for, and bytes that are no text at all.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r == utf8.RuneError || r&0xFFFE == 0xFFFE || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, s))
}

// cleanAll cleans each string and leaves out the empty ones.
func cleanAll(list []string) []string {
	var out []string
	for _, s := range list {
		if s = clean(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
