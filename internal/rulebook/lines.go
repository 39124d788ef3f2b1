package rulebook

import "strings"

// Line is one line of a comparison of two texts. Of Old and New, counted from 1, one is 0 where the line is only in the other.
type Line struct {
	Old, New int
	Text     string
}

// Same reports whether both texts have the line.
func (l Line) Same() bool { return l.Old > 0 && l.New > 0 }

// mostCells bounds the work of comparing two texts; beyond it what lies between is taken to be another text.
const mostCells = 6_000_000

// CompareLines lists the lines of both texts in order: those taken away before those put in their place. Around a
// difference it keeps so many lines both texts have; what lies further off is left out.
func CompareLines(before, after string, around int) []Line {
	old, new := lines(before), lines(after)
	var head, tail int
	for head < min(len(old), len(new)) && old[head] == new[head] {
		head++
	}
	for tail < min(len(old), len(new))-head && old[len(old)-1-tail] == new[len(new)-1-tail] {
		tail++
	}
	var all []Line
	for i := range head {
		all = append(all, Line{i + 1, i + 1, old[i]})
	}
	all = append(all, between(old[head:len(old)-tail], new[head:len(new)-tail], head)...)
	for i := range tail {
		all = append(all, Line{len(old) - tail + i + 1, len(new) - tail + i + 1, new[len(new)-tail+i]})
	}
	return near(all, around)
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// between finds the longest common subsequence of what is left once the common head and tail are taken off.
func between(old, new []string, offset int) []Line {
	var out []Line
	i, j := 0, 0
	if len(old)*len(new) <= mostCells {
		width := len(new) + 1
		common := make([]int32, (len(old)+1)*width) // of old[i:] and new[j:]
		for i := len(old) - 1; i >= 0; i-- {
			for j := len(new) - 1; j >= 0; j-- {
				if old[i] == new[j] {
					common[i*width+j] = common[(i+1)*width+j+1] + 1
				} else {
					common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
				}
			}
		}
		for i < len(old) && j < len(new) {
			switch {
			case old[i] == new[j]:
				out = append(out, Line{offset + i + 1, offset + j + 1, new[j]})
				i, j = i+1, j+1
			case common[(i+1)*width+j] >= common[i*width+j+1]:
				out = append(out, Line{offset + i + 1, 0, old[i]})
				i++
			default:
				out = append(out, Line{0, offset + j + 1, new[j]})
				j++
			}
		}
	}
	for ; i < len(old); i++ {
		out = append(out, Line{offset + i + 1, 0, old[i]})
	}
	for ; j < len(new); j++ {
		out = append(out, Line{0, offset + j + 1, new[j]})
	}
	return out
}

// near keeps what differs and so many lines around it.
func near(all []Line, around int) []Line {
	keep := make([]bool, len(all))
	for i, line := range all {
		if !line.Same() {
			for k := max(0, i-around); k <= min(len(all)-1, i+around); k++ {
				keep[k] = true
			}
		}
	}
	var out []Line
	for i, line := range all {
		if keep[i] {
			out = append(out, line)
		}
	}
	return out
}
