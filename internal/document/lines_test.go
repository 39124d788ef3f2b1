package document

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name           string
		text           string
		columns, first float64
		want           []string
	}{
		{"empty", "", 5, 0, []string{""}},
		{"exact", "一二三四五", 5, 0, []string{"一二三四五"}},
		{"one more", "一二三四五六", 5, 0, []string{"一二三四五", "六"}},
		{"indented", "一二三四五六", 5, 2, []string{"一二三", "四五六"}},
		{"hanging", "一二三四五六七", 3, -2, []string{"一二三四五", "六七"}},
		{"comma does not begin a line", "一二三四五，六", 5, 0, []string{"一二三四", "五，六"}},
		{"nor do two marks", "一二三四”。五", 5, 0, []string{"一二三", "四”。五"}},
		{"bracket does not end a line", "一二三四《五六》", 5, 0, []string{"一二三四", "《五六》"}},
		{"dash stays whole", "一二三四——五", 5, 0, []string{"一二三", "四——五"}},
		{"figures are half as wide", "2026年11月22日", 7, 0, []string{"2026年11月22日"}},
		{"number is not broken", "一二三2026年", 4, 0, []string{"一二三", "2026年"}},
		{"space at the break goes", "一二三 abcd", 4, 0, []string{"一二三", "abcd"}},
		{"word longer than a line", "abcdefghij", 2, 0, []string{"abcd", "efgh", "ij"}},
		{"only marks", "。。。。", 3, 0, []string{"。。。", "。"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, lines(c.text, c.columns, c.first, em))
		})
	}
}

// A page of the standard holds 616 characters.
func TestLinesOfAPage(t *testing.T) {
	page := strings.Repeat("改", linesPerPage*columnsPerLine)
	assert.Len(t, lines(page, columnsPerLine, 0, em), linesPerPage)
	assert.Len(t, lines(page+"革", columnsPerLine, 0, em), linesPerPage+1)
}

func TestLinesKeepTextAndRules(t *testing.T) {
	clause := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"", "《", "（", "“"}).Draw(t, "opening") +
			rapid.StringOfN(rapid.SampledFrom([]rune("改革事项A7 ")), 1, 6, -1).Draw(t, "text") +
			rapid.SampledFrom([]string{"", "，", "。", "》", "）。", "——"}).Draw(t, "closing")
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(clause).Draw(t, "clauses"), "")
		columns := float64(rapid.IntRange(12, 28).Draw(t, "columns"))
		got := lines(text, columns, 0, em)
		assert.Equal(t, strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(strings.Join(got, ""), " ", ""))
		for i, line := range got {
			assert.LessOrEqual(t, width(line, em), columns)
			first, _ := utf8.DecodeRuneInString(line)
			last, _ := utf8.DecodeLastRuneInString(line)
			if i > 0 && !tooLong(text, columns) {
				assert.NotContains(t, closing, string(first))
			}
			if i < len(got)-1 && !tooLong(text, columns) {
				assert.NotContains(t, opening, string(last))
			}
		}
	})
}

// tooLong reports whether something in text fits no line, so that it must be broken where it should not.
func tooLong(text string, columns float64) bool {
	for _, unit := range unbreakable(text) {
		if width(unit, em) > columns {
			return true
		}
	}
	return false
}

func TestEven(t *testing.T) {
	assert.Equal(t, []string{"关于一件小事的通知"}, even("关于一件小事的通知", 20))
	long := even("关于交办《新材料产业创新生态改革方案》年度重点任务的通知", 20)
	assert.Len(t, long, 2)
	assert.InDelta(t, width(long[0], em), width(long[1], em), 2)
}
