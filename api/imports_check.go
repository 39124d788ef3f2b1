package api

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"duban/internal/calendar"
	"duban/internal/document"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// check is the reading of one spreadsheet.
type check struct {
	s      *Server
	who    caller
	kind   importable
	unit   string
	table  calendar.Table
	now    time.Time
	answer ImportCheck
	good   []store.ImportRow
}

func (s *Server) newCheck(ctx context.Context, who caller, kind importable, unit string) (*check, error) {
	table, err := s.calendar(ctx)
	return &check{s: s, who: who, kind: kind, unit: unit, table: table, now: s.now().UTC(),
		answer: ImportCheck{Columns: []string{}, Rows: []ImportCheck_Rows{}, Errors: []ImportCheck_Errors{}}}, err
}

func (c *check) wrong(row int, column, text string) {
	if len(c.answer.Errors) < importFaults {
		c.answer.Errors = append(c.answer.Errors, ImportCheck_Errors{Row: row, Column: column, Message: text})
	}
}

// read finds the columns by their heads and reads row by row.
func (c *check) read(rows []document.SheetRow) error {
	if len(rows) == 0 || len(rows) == 1 {
		return &fault{code: "sheet-empty"}
	}
	if len(rows) > importMost+1 {
		return &fault{code: "sheet-too-long", args: map[string]any{"most": importMost}}
	}
	title := rulebook.Column{Title: say("import.title", nil), Kind: rulebook.ColumnText, Required: true, Most: 200}
	columns := append([]rulebook.Column{title}, c.kind.columns...)
	places := map[int]rulebook.Column{}
	for place, head := range rows[0].Cells {
		if head == "" {
			continue
		}
		found := false
		for _, column := range columns {
			if column.Title == head {
				places[place], found = column, true
			}
		}
		c.answer.Columns = append(c.answer.Columns, head)
		if !found {
			c.wrong(rows[0].Row, head, cellText("sheet-column-unknown", rulebook.Column{Title: head}, head))
		}
	}
	for _, column := range columns {
		present := 0
		for _, known := range places {
			if known.Title == column.Title {
				present++
			}
		}
		switch {
		case present == 0 && column.Required:
			c.wrong(rows[0].Row, column.Title, cellText("sheet-column-missing", column, ""))
		case present > 1:
			c.wrong(rows[0].Row, column.Title, cellText("sheet-column-twice", column, ""))
		}
	}
	c.answer.Total = len(rows) - 1
	for _, row := range rows[1:] {
		if len(c.answer.Rows) < importShown {
			c.answer.Rows = append(c.answer.Rows, ImportCheck_Rows{Row: row.Row, Cells: c.shown(rows[0].Cells, places, row)})
		}
		c.row(columns, places, row)
	}
	return nil
}

// shown are a row's cells as a reader writes them, under the heads that are there.
func (c *check) shown(heads []string, places map[int]rulebook.Column, row document.SheetRow) []string {
	cells := []string{}
	for place, head := range heads {
		if head == "" {
			continue
		}
		cell := ""
		if place < len(row.Cells) {
			cell = row.Cells[place]
		}
		if day, ok := document.SheetDate(cell); ok && places[place].Kind == rulebook.ColumnDate {
			cell = day.String()
		}
		cells = append(cells, cell)
	}
	return cells
}

// row reads one row; where its cells are right the machine is asked whether it would start the matter.
func (c *check) row(columns []rulebook.Column, places map[int]rulebook.Column, row document.SheetRow) {
	cells := map[string]string{}
	for place, column := range places {
		if place < len(row.Cells) {
			cells[column.Title] = row.Cells[place]
		}
	}
	before := len(c.answer.Errors)
	read := store.ImportRow{Row: row.Row, Form: Form{}}
	for _, column := range columns {
		cell := cells[column.Title]
		value, code := column.Read(cell, sheetDay)
		switch {
		case code != "":
			c.wrong(row.Row, column.Title, cellText(code, column, cell))
		case column.Field == "":
			read.Title = cell
		case value != nil:
			read.Form[column.Field] = value
		}
	}
	if len(c.answer.Errors) > before {
		return
	}
	if err := unclassified(read.Title, read.Form); err != nil {
		c.refused(row.Row, err)
		return
	}
	if err := c.try(read); err != nil {
		c.refused(row.Row, err)
		return
	}
	c.good = append(c.good, read)
}

// try starts the row's matter in memory.
func (c *check) try(row store.ImportRow) error {
	spec, err := c.s.library().Open(rulebook.Request{Matter: uuid.NewString(), Rulebook: c.kind.p.Rulebook, Procedure: c.kind.p.Key,
		Title: row.Title, Form: row.Form, Unit: c.unit, Starter: c.who.Actor.Actor, At: c.now, Calendar: c.table})
	if err != nil {
		return err
	}
	_, err = procedure.Decide(procedure.New(spec), procedure.Command{Key: "try", Action: procedure.ActionStart, Actor: c.who.Actor.Actor, Submit: true}, c.now)
	return err
}

// refused says why a row's matter would not be started, by its columns where the refusal names fields.
func (c *check) refused(row int, err error) {
	var refusal *procedure.Refusal
	if errors.As(err, &refusal) {
		err = &within{refusal, c.kind.p}
	}
	p, _ := c.s.problem(err)
	if len(p.Errors) == 0 {
		c.wrong(row, "", p.Title)
		return
	}
	for _, e := range p.Errors {
		field, _, _ := strings.Cut(e.Field, ".")
		c.wrong(row, fieldTitle(c.kind.p.Form, field), e.Message)
	}
}

func sheetDay(cell string) (string, bool) {
	day, ok := document.SheetDate(cell)
	return day.String(), ok
}
