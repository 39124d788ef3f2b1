package document

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"duban/internal/calendar"
)

// SheetColumn is a column of a spreadsheet.
type SheetColumn struct {
	Title   string
	Width   float64  // in characters
	Options []string // what its cells may say; empty: anything
}

// Workbook is a spreadsheet being written, row by row, without being held in memory. Texts are cells of text whatever
// they begin with, so that none is ever taken for a formula.
type Workbook struct {
	file  *excelize.File
	sheet *excelize.StreamWriter
	row   int
	text  int // styles
	head  int
	date  int
	time  int
}

// rowsMost is as many rows as a spreadsheet has.
const rowsMost = 1_048_576

// NewWorkbook begins a spreadsheet with one sheet of these columns, the first row its heads.
func NewWorkbook(title string, columns []SheetColumn) (*Workbook, error) {
	w := &Workbook{file: excelize.NewFile()}
	styles := []struct {
		id    *int
		style excelize.Style
	}{
		{&w.text, excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&w.head, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EBF2"}}}},
		{&w.date, excelize.Style{CustomNumFmt: new("yyyy-mm-dd"), Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&w.time, excelize.Style{CustomNumFmt: new("yyyy-mm-dd hh:mm"), Alignment: &excelize.Alignment{Vertical: "top"}}},
	}
	for _, s := range styles {
		id, err := w.file.NewStyle(&s.style)
		if err != nil {
			return nil, err
		}
		*s.id = id
	}
	name := sheetName(title)
	if err := w.file.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	if err := w.offer(name, columns); err != nil {
		return nil, err
	}
	var err error
	if w.sheet, err = w.file.NewStreamWriter(name); err != nil {
		return nil, err
	}
	heads := make([]any, len(columns))
	for i, column := range columns {
		heads[i] = column.Title
		if err := w.sheet.SetColWidth(i+1, i+1, max(column.Width, 8)); err != nil {
			return nil, err
		}
	}
	if err := w.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return w, w.put(heads, w.head)
}

// sheetName is a title as a sheet may be named.
func sheetName(title string) string {
	var name []rune
	for _, r := range clean(title) {
		switch r {
		case ':', '\\', '/', '?', '*', '[', ']', '\'':
			r = ' '
		}
		if name = append(name, r); len(name) == 31 {
			break
		}
	}
	if len(name) == 0 {
		return "1"
	}
	return string(name)
}

// offer lets columns with options choose from a list, kept on a sheet of its own.
func (w *Workbook) offer(name string, columns []SheetColumn) error {
	options, at := optionsTitle(), 0
	for i, column := range columns {
		if len(column.Options) == 0 {
			continue
		}
		if at == 0 {
			if _, err := w.file.NewSheet(options); err != nil {
				return err
			}
		}
		at++
		letters, err := excelize.ColumnNumberToName(at)
		if err != nil {
			return err
		}
		list := append([]string{column.Title}, column.Options...)
		if err := w.file.SetSheetCol(options, letters+"1", &list); err != nil {
			return err
		}
		place, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		choice := excelize.NewDataValidation(true)
		choice.Sqref = fmt.Sprintf("%[1]s2:%[1]s2001", place)
		choice.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$2:$%[2]s$%d", options, letters, len(list)))
		if err := w.file.AddDataValidation(name, choice); err != nil {
			return err
		}
	}
	return nil
}

// Row adds a row. Cells are strings, whole numbers, instants (shown as the civil time of day), civil days, or nil.
func (w *Workbook) Row(cells ...any) error { return w.put(cells, w.text) }

func (w *Workbook) put(cells []any, text int) error {
	if w.row == rowsMost {
		return errors.New("document: a spreadsheet has no more rows")
	}
	w.row++
	row := make([]any, len(cells))
	for i, cell := range cells {
		switch v := cell.(type) {
		case nil:
		case string:
			row[i] = excelize.Cell{StyleID: text, Value: clip(v)}
		case int:
			row[i] = excelize.Cell{Value: v}
		case time.Time:
			if !v.IsZero() {
				civil := v.In(calendar.Shanghai)
				row[i] = excelize.Cell{StyleID: w.time, Value: time.Date(civil.Year(), civil.Month(), civil.Day(), civil.Hour(), civil.Minute(), 0, 0, time.UTC)}
			}
		case calendar.Date:
			if !v.IsZero() {
				row[i] = excelize.Cell{StyleID: w.date, Value: time.Date(v.Year, v.Month, v.Day, 0, 0, 0, 0, time.UTC)}
			}
		default:
			return fmt.Errorf("document: a cell cannot be %T", cell)
		}
	}
	return w.sheet.SetRow(fmt.Sprintf("A%d", w.row), row)
}

// cellMost is as long as the text of a cell may be.
const cellMost = 32_000

// clip is a cell's text without what a spreadsheet has no place for.
func clip(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r == '\n' || r == '\t' || r >= ' ' && r != 0xFFFE && r != 0xFFFF {
			out = append(out, r)
		}
		if len(out) == cellMost {
			break
		}
	}
	return string(out)
}

// WriteTo ends the spreadsheet and writes it.
func (w *Workbook) WriteTo(to io.Writer) (int64, error) {
	if err := w.sheet.Flush(); err != nil {
		return 0, err
	}
	n, err := w.file.WriteTo(to)
	return n, errors.Join(err, w.file.Close())
}

// Close lets go of a spreadsheet that is not written.
func (w *Workbook) Close() error { return w.file.Close() }

// ErrNotSheet says a file is no spreadsheet that can be read.
var ErrNotSheet = errors.New("document: not a spreadsheet")

// What a spreadsheet that is read may unpack to.
const (
	unpackedMost = 64 << 20
	sheetMost    = 32 << 20
)

// ReadSheet gives the rows of a spreadsheet's first sheet, at most so many, each with its number. Dates are numbers:
// see [SheetDate]. Rows without anything are left out.
func ReadSheet(r io.Reader, most int) (rows []SheetRow, err error) {
	file, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: unpackedMost, UnzipXMLSizeLimit: sheetMost})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSheet, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	found, err := file.Rows(file.GetSheetName(0))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSheet, err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for n := 1; found.Next() && len(rows) < most; n++ {
		cells, err := found.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotSheet, err)
		}
		blank := true
		for i := range cells {
			cells[i] = trimmed(cells[i])
			blank = blank && cells[i] == ""
		}
		if !blank {
			rows = append(rows, SheetRow{Row: n, Cells: cells})
		}
	}
	if err := found.Error(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSheet, err)
	}
	return rows, nil
}

// SheetRow is a row of a spreadsheet, numbered from 1.
type SheetRow struct {
	Row   int
	Cells []string
}
