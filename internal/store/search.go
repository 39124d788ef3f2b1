package store

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"duban/internal/procedure"
)

// Search finds Chinese without a dictionary: a run of characters is indexed by each character and each pair of
// neighbours with their places, so a query of any length is found as it is written. Words of letters and digits are
// indexed whole, and the last one of a query by its beginning.

// The index of one matter ends after so many words, and a word after so many letters.
const (
	maxWords   = 8000
	maxLetters = 64
)

// word is a lexeme and its place.
type word struct {
	text string
	at   int
	end  bool // last of a query's term, of letters: found by its beginning
}

// words cuts a text. With pairsOnly, as for a query, a character of a longer run stands in its pairs alone.
func words(text string, pairsOnly bool) []word {
	var out []word
	runes := []rune(strings.ToLower(norm.NFKC.String(text)))
	at := 1
	for i := 0; i < len(runes) && at < maxWords; {
		switch j := i; {
		case ideographic(runes[i]):
			for j < len(runes) && ideographic(runes[j]) {
				j++
			}
			for k := i; k < j; k++ {
				if !pairsOnly || j-i == 1 {
					out = append(out, word{text: string(runes[k]), at: at})
				}
				if k+1 < j {
					out = append(out, word{text: string(runes[k : k+2]), at: at})
				}
				at++
			}
			i = j
		case lettered(runes[i]):
			for j < len(runes) && lettered(runes[j]) {
				j++
			}
			out = append(out, word{text: string(runes[i:min(j, i+maxLetters)]), at: at, end: j == len(runes)})
			at++
			i = j
		default:
			i++
		}
	}
	return out
}

func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

func lettered(r rune) bool { return !ideographic(r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// searchVector is the text's index, in PostgreSQL's notation of a tsvector.
func searchVector(text string) string {
	var b strings.Builder
	for _, w := range words(text, false) {
		b.WriteString("'" + w.text + "':" + strconv.Itoa(w.at) + " ")
	}
	return b.String()
}

// searchQuery is what a person typed, in PostgreSQL's notation of a tsquery: every term, each as it is written. It is
// empty when there is nothing in it to search for.
func searchQuery(typed string) string {
	var terms []string
	for _, term := range strings.Fields(typed) {
		var b strings.Builder
		last := 0
		for _, w := range words(term, true) {
			if last > 0 {
				b.WriteString(" <" + strconv.Itoa(w.at-last) + "> ")
			}
			b.WriteString("'" + w.text + "'")
			if w.end {
				b.WriteString(":*")
			}
			last = w.at
		}
		if b.Len() > 0 {
			terms = append(terms, "("+b.String()+")")
		}
	}
	return strings.Join(terms, " & ")
}

// searchText is what a matter is found by: its title, who started it, and every text of its form.
func searchText(s *procedure.State) string {
	parts := []string{s.Spec.Title, s.Spec.Procedure.Title, s.Spec.Names[s.Spec.Unit], s.Spec.Starter.Name}
	for _, field := range slices.Sorted(maps.Keys(s.Form)) {
		var value any
		if json.Unmarshal(s.Form[field], &value) == nil {
			parts = texts(parts, value)
		}
	}
	return strings.Join(parts, "\n")
}

func texts(parts []string, value any) []string {
	switch v := value.(type) {
	case string:
		parts = append(parts, v)
	case []any:
		for _, item := range v {
			parts = texts(parts, item)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = texts(parts, v[key])
		}
	}
	return parts
}
