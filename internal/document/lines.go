package document

import "strings"

// What may not begin a line, and what may not end one. The dash and the dots of an omission come in pairs, which the
// first rule keeps together.
const (
	closing = "，。、；：？！）》〉〕】」』”’…—·％%)]},.;:?!"
	opening = "（《〈〔【「『“‘([{"
)

// em is the width of r in characters of a Chinese typeface: a half for Latin letters and figures, else one.
func em(r rune) float64 {
	if r < 0x2000 {
		return 0.5
	}
	return 1
}

// width is the length of s, each character as wide as advance says.
func width(s string, advance func(rune) float64) float64 {
	w := 0.0
	for _, r := range s {
		w += advance(r)
	}
	return w
}

// lines breaks text into lines of at most columns characters, the first shorter by first. No line begins with a closing
// mark or ends with an opening one, and no word or number is broken, unless it is longer than a line by itself.
func lines(text string, columns, first float64, advance func(rune) float64) []string {
	const nearly = 1e-6 // sums of halves and of font units are not exact
	var out []string
	var line strings.Builder
	used, room := 0.0, columns-first
	end := func() {
		out = append(out, strings.TrimRight(line.String(), " "))
		line.Reset()
		used, room = 0, columns
	}
	for _, unit := range unbreakable(text) {
		if used+width(strings.TrimRight(unit, " "), advance) > room+nearly && used > 0 {
			end()
		}
		for _, r := range unit {
			if used+advance(r) > room+nearly && used > 0 && r != ' ' {
				end()
			}
			line.WriteRune(r)
			used += advance(r)
		}
	}
	if used > 0 || len(out) == 0 {
		end()
	}
	return out
}

// unbreakable cuts text wherever a line may end.
func unbreakable(text string) []string {
	var units []string
	start, before := 0, rune(0)
	for i, r := range text {
		if i > 0 && mayBreak(before, r) {
			units = append(units, text[start:i])
			start = i
		}
		if r != ' ' || !strings.ContainsRune(opening, before) {
			before = r
		}
	}
	return append(units, text[start:])
}

func mayBreak(before, after rune) bool {
	switch {
	case after == ' ', strings.ContainsRune(closing, after), strings.ContainsRune(opening, before):
		return false
	case before == ' ':
		return true
	}
	return em(before) == 1 || em(after) == 1 // between Latin letters or figures: never
}

// even breaks text into as few lines of at most columns characters as it takes, and those as even as they can be.
func even(text string, columns float64) []string {
	best := lines(text, columns, 0, em)
	for columns--; columns > 0; columns-- {
		narrower := lines(text, columns, 0, em)
		if len(narrower) > len(best) {
			break
		}
		best = narrower
	}
	return best
}
