package document

import (
	"math"
	"regexp"
	"strings"
)

// The page of GB/T 9704-2012: A4, margins of 37, 35, 28 and 26 mm, 22 lines of 28 characters. Lengths are in points.
const (
	mm = 72 / 25.4

	pageWidth, pageHeight   = 210 * mm, 297 * mm
	marginTop, marginBottom = 37 * mm, 35 * mm
	marginLeft, marginRight = 28 * mm, 26 * mm
	textWidth               = pageWidth - marginLeft - marginRight
	textHeight              = pageHeight - marginTop - marginBottom

	linesPerPage, columnsPerLine = 22, 28

	two, three, four = 22.0, 16.0, 14.0 // 二号, 三号, 四号

	pitch = textHeight / linesPerPage // from line to line
	// tracking draws characters of 三号 together a little, so that 28 of them fill a line.
	tracking = textWidth/columnsPerLine - three

	headDrop   = 35 * mm // from the top of the text to the issuer
	ruleDrop   = 4 * mm  // from the number to the red line
	pageNoDrop = 7 * mm  // from the bottom of the text to the dashes of the page number
	redLine    = 1.5     // thickness of the line under the head
	thick      = 1.0     // the first and last line of the imprint, 0.35 mm
	thin       = 0.75    // those between, and of the facts, 0.25 mm

	labelColumns = 6   // of the 28, for the labels of the facts
	cellMargin   = 6.0 // at the left and right of a cell
)

// face is a typeface by its part in the document.
type face int

const (
	song face = iota // 小标宋: head and title
	fang             // 仿宋: body
	hei              // 黑体: first-level headings, labels
	kai              // 楷体: second-level headings
)

type align int

const (
	justified align = iota
	left
	center
	right
)

// block is one paragraph, or the table of facts, and how it is set; docx and PDF draw the same blocks.
type block struct {
	lines []string // broken here where the breaks matter (title), else one line, broken to fit
	tail  string   // at the right end of the same line
	rows  [][2]string

	face          face
	size, pitch   float64
	spread        float64 // added between characters
	before, after float64 // white above and below

	align              align
	first, left, right float64 // indents in characters of size

	red  bool
	rule bool // the red line of the head follows
	keep bool // the last line or row on one page with the next block, or with the imprint
}

// sheet is a whole document: what runs from page to page, and what stands at the foot of the last one.
type sheet struct {
	mark    string // on every page
	flow    []block
	imprint []block
}

var (
	firstLevel  = regexp.MustCompile(`^[一二三四五六七八九十百]+、[^。；]+$`)
	secondLevel = regexp.MustCompile(`^（[一二三四五六七八九十百]+）[^。；]+$`)
)

func text(s string) block {
	return block{lines: []string{s}, face: fang, size: three, pitch: pitch}
}

// layout says what stands where, for both forms of the slip.
func layout(s Slip) sheet {
	var out sheet
	if s.Draft {
		out.mark = draftMark()
	}
	out.flow = append(out.flow, head(s)...)

	title := text("")
	title.lines = even(clean(s.Title), math.Floor(textWidth/two))
	title.face, title.size, title.align, title.before, title.keep = song, two, center, 2*pitch, true
	out.flow = append(out.flow, title)

	if to := cleanAll(s.Addressees); len(to) > 0 {
		b := text(addressed(to))
		b.before, b.keep = pitch, true
		out.flow = append(out.flow, b)
	}
	for _, p := range s.Body {
		for _, p := range cleanAll(strings.Split(p, "\n")) {
			b := text(p)
			b.first = 2
			switch {
			case firstLevel.MatchString(p):
				b.face, b.keep = hei, true
			case secondLevel.MatchString(p):
				b.face, b.keep = kai, true
			}
			out.flow = append(out.flow, b)
		}
	}
	if rows := facts(s); len(rows) > 0 {
		out.flow[len(out.flow)-1].after = pitch / 2
		out.flow = append(out.flow, block{rows: rows})
	}
	out.flow[len(out.flow)-1].keep = true // no page holds the signature alone
	out.flow = append(out.flow, signature(s)...)
	out.imprint = imprint(s)
	return out
}

// head is the issuer and the kind in red, the number, and the red line.
func head(s Slip) []block {
	const largest, smallest = 40.0, 26.0
	issuer := text(clean(s.Issuer))
	issuer.size = min(largest, max(smallest, math.Floor(textWidth/max(1, width(issuer.lines[0], em)))))
	issuer.pitch = 1.3 * issuer.size
	issuer.before = headDrop - (issuer.pitch-issuer.size)/2
	issuer.face, issuer.align, issuer.red, issuer.keep = song, center, true, true

	kind := text(clean(s.Kind))
	kind.size, kind.pitch, kind.spread = largest, 1.3*largest, largest/2
	kind.face, kind.align, kind.red, kind.keep = song, center, true, true

	number := text(clean(s.Number))
	number.align, number.before, number.rule, number.keep = center, 2*pitch, true, true
	return []block{issuer, kind, number}
}

// facts are the rows of the table, the basis last.
func facts(s Slip) [][2]string {
	var rows [][2]string
	for _, row := range s.Table {
		rows = append(rows, [2]string{clean(row[0]), clean(row[1])})
	}
	if basis := clean(s.Basis); basis != "" {
		rows = append(rows, [2]string{basisLabel(), basis})
	}
	return rows
}

// signature is the issuer over the date. The date leaves four characters free at its right, for a seal; the issuer is
// centred over it as far as the margin allows.
func signature(s Slip) []block {
	const free = 4
	date := text(written(s.Date))
	date.align, date.right, date.keep = right, free, true
	issuer := text(clean(s.Issuer))
	over := (width(issuer.lines[0], em) - width(date.lines[0], em)) / 2
	issuer.align, issuer.right = right, max(0, free-over)
	issuer.before, issuer.keep = pitch, true
	return []block{issuer, date}
}

// imprint is 版记: who gets a copy, who issued it and when.
func imprint(s Slip) []block {
	var out []block
	if copies := cleanAll(s.Copies); len(copies) > 0 {
		b := text(copied(copies))
		b.size, b.left, b.first, b.right = four, 4, -3, 1 // further lines begin under the first name
		out = append(out, b)
	}
	b := text(clean(s.Issuer))
	b.size, b.left, b.right, b.align = four, 1, 1, left
	if !s.Date.IsZero() {
		b.tail = issued(s.Date)
	}
	return append(out, b)
}

// track is what is added between the characters of b.
func (b block) track() float64 { return tracking + b.spread }

// ruleGap is the white between the line of b and the red line under it. The gap is measured from the characters, which
// leave half of what the line is higher than they are.
func (b block) ruleGap() float64 { return ruleDrop - (b.pitch-b.size)/2 }

// columnWidths are the widths of the labels and the values of the facts.
func columnWidths() (label, value float64) {
	label = textWidth * labelColumns / columnsPerLine
	return label, textWidth - label
}

// cells are the two paragraphs of a row of facts.
func cells(row [2]string) [2]block {
	label, value := text(row[0]), text(row[1])
	label.face, label.align, value.align = hei, center, left
	return [2]block{label, value}
}
