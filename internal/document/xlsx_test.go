package document_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/internal/calendar"
	"duban/internal/document"
)

func sheet(t interface{ Fatal(...any) }, columns []document.SheetColumn, rows ...[]any) []byte {
	w, err := document.NewWorkbook("台账/2026", columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := w.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func part(t *testing.T, file []byte, name string) string {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// What people typed is text in a spreadsheet, never a formula, and is read back as it was written.
func TestTextsAreNeverFormulas(t *testing.T) {
	columns := []document.SheetColumn{{Title: "事项"}}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"=", "+", "-", "@", "'", ""}).Draw(t, "begins") + rapid.StringMatching(`[a-zA-Z一-龥0-9(!]{1,20}`).Draw(t, "text")
		file := sheet(t, columns, []any{text})
		rows, err := document.ReadSheet(bytes.NewReader(file), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 2 || rows[1].Cells[0] != text {
			t.Fatalf("wrote %q, read %v", text, rows)
		}
	})
	xml := part(t, sheet(t, columns, []any{`=HYPERLINK("http://x","y")`}), "xl/worksheets/sheet1.xml")
	if strings.Contains(xml, "<f>") || !strings.Contains(xml, `t="inlineStr"`) {
		t.Error("a text became a formula:", xml)
	}
}

func TestEveryKindOfCell(t *testing.T) {
	file := sheet(t, []document.SheetColumn{{Title: "时间"}, {Title: "日期"}, {Title: "数"}, {Title: "单位", Options: []string{"甲", "乙"}}},
		[]any{time.Date(2026, 6, 29, 17, 5, 0, 0, time.UTC), calendar.Date{Year: 2026, Month: 6, Day: 30}, 7, "甲"}, []any{nil, nil, nil, nil})
	rows, err := document.ReadSheet(bytes.NewReader(file), 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatal("an empty row counts:", rows)
	}
	for i, want := range []string{"2026-06-30", "2026-06-30"} {
		if day, ok := document.SheetDate(strings.SplitN(rows[1].Cells[i], ".", 2)[0]); !ok || day.String() != want {
			t.Errorf("cell %d is %q", i, rows[1].Cells[i])
		}
	}
	if rows[1].Row != 2 || rows[1].Cells[2] != "7" || rows[1].Cells[3] != "甲" {
		t.Error(rows[1])
	}
	if !strings.Contains(part(t, file, "xl/worksheets/sheet1.xml"), "dataValidation") {
		t.Error("a column with options offers none")
	}
	w, err := document.NewWorkbook("", nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.Row(1.5) == nil {
		t.Error("a cell of a kind there is none of")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestDaysAsPeopleWriteThem(t *testing.T) {
	for cell, want := range map[string]string{"46203": "2026-06-30", "2026-06-30": "2026-06-30", "2026/6/30": "2026-06-30", "2026.6.30": "2026-06-30",
		"2026年6月30日": "2026-06-30", "2026-06-30 00:00:00": "2026-06-30", "2026-06-31": "", "6月底": "", "12": "", "": "", "2026-6": ""} {
		day, ok := document.SheetDate(cell)
		if ok != (want != "") || ok && day.String() != want {
			t.Errorf("%q is %v, %v", cell, day, ok)
		}
	}
}

func TestWhatIsNoSpreadsheet(t *testing.T) {
	for _, data := range []string{"", "一,二\n", "PK\x03\x04"} {
		if _, err := document.ReadSheet(strings.NewReader(data), 10); err == nil {
			t.Errorf("%q was read", data)
		}
	}
}
