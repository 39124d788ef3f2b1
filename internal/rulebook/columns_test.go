package rulebook_test

import (
	"testing"

	"duban/internal/rulebook"
	"duban/rulebooks"
)

func TestColumnsOfALedger(t *testing.T) {
	l, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	importable := 0
	for _, book := range l.Rulebooks() {
		for _, key := range book.Order {
			p := book.Procedures[key]
			columns, ok := l.Columns(p)
			if ok != (p.Ledger != nil && p.Ledger.Import) {
				t.Errorf("%s/%s: a ledger that may be read in needs what no cell can hold", book.Key, key)
			}
			if ok && len(columns) > 0 {
				importable++
			}
		}
	}
	if importable == 0 {
		t.Error("nothing can be read in")
	}
	task, _ := l.Procedure("zibo-city", "reform-task")
	columns, _ := l.Columns(task)
	by := map[string]rulebook.Column{}
	for _, c := range columns {
		by[c.Title] = c
	}
	day := func(cell string) (string, bool) { return "2026-06-30", cell == "6月30日" }
	for _, c := range []struct{ column, cell, value, code string }{
		{"责任单位", "市财政局", `"finance"`, ""}, {"责任单位", "finance", `"finance"`, ""}, {"责任单位", "市科技局高新技术科", "", "cell-option"},
		{"责任单位", "", "", "cell-required"}, {"完成时限", "6月30日", `"2026-06-30"`, ""}, {"完成时限", "年底", "", "cell-date"},
		{"任务内容", "", "", ""}, {"任务内容", "=1+1", `"=1+1"`, ""}, {"牵头领导", string(make([]rune, 61)), "", "cell-long"},
	} {
		value, code := by[c.column].Read(c.cell, day)
		if string(value) != c.value || code != c.code {
			t.Errorf("%s %q is %s, %q", c.column, c.cell, value, code)
		}
	}
	for _, c := range []struct {
		column            rulebook.Column
		cell, value, code string
	}{
		{rulebook.Column{Kind: rulebook.ColumnNumber}, "12", "12", ""}, {rulebook.Column{Kind: rulebook.ColumnNumber}, "十二", "", "cell-number"},
		{rulebook.Column{Kind: rulebook.ColumnNumber}, "NaN", "", "cell-number"},
		{rulebook.Column{Kind: rulebook.ColumnTruth}, "是", "true", ""}, {rulebook.Column{Kind: rulebook.ColumnTruth}, "也许", "", "cell-truth"},
		{rulebook.Column{Kind: rulebook.ColumnUnits, Options: []rulebook.Option{{Value: "a", Title: "甲"}, {Value: "b", Title: "乙"}}}, "甲、乙，甲", `["a","b"]`, ""},
		{rulebook.Column{Kind: rulebook.ColumnUnits}, "丙", "", "cell-option"},
	} {
		value, code := c.column.Read(c.cell, day)
		if string(value) != c.value || code != c.code {
			t.Errorf("%s %q is %s, %q", c.column.Kind, c.cell, value, code)
		}
	}
}
