package rulebook

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"duban/internal/procedure"
)

// Column is a form field as a column of a ledger kept in a spreadsheet.
type Column struct {
	Field    string
	Title    string
	Kind     ColumnKind
	Required bool
	Most     int      // characters a text may have; 0: as many as the form allows
	Options  []Option // what a choice may say, or which units
}

// ColumnKind says how a cell is read.
type ColumnKind string

// The kinds of column.
const (
	ColumnText   ColumnKind = "text"
	ColumnDate   ColumnKind = "date"
	ColumnNumber ColumnKind = "number"
	ColumnTruth  ColumnKind = "truth"
	ColumnChoice ColumnKind = "choice"
	ColumnUnits  ColumnKind = "units" // several, one after the other
)

// Option is a value and how a reader knows it.
type Option struct{ Value, Title string }

// Columns are what a row of a spreadsheet says of a matter of the procedure: the fields its first stage fills in, but
// for files and lists. ok is false where rows may not start such matters: its rulebook does not say so, or its first
// stage needs what no cell can hold.
func (l *Library) Columns(p *procedure.Procedure) (columns []Column, ok bool) {
	first, known := p.Stage(p.First)
	book, read := l.rulebooks[p.Rulebook]
	if p.Ledger == nil || !p.Ledger.Import || !known || !read || book.facts[p.Key] == nil {
		return nil, false
	}
	facts := book.facts[p.Key]
	needs := append(facts.node.get("form").get("required").texts(), first.Needs...)
	for _, x := range facts.form.fields {
		if len(first.Fields) > 0 && !slices.Contains(first.Fields, x.name) {
			continue
		}
		column, holds := l.column(p, facts, x)
		column.Required = slices.Contains(needs, x.name)
		switch {
		case holds:
			columns = append(columns, column)
		case column.Required:
			return nil, false
		}
	}
	return columns, true
}

func (l *Library) column(p *procedure.Procedure, known *facts, x field) (Column, bool) {
	n := known.node.get("form").get("properties").get(x.name)
	c := Column{Field: x.name, Title: n.get("title").text(), Kind: ColumnText, Most: n.get("maxLength").number()}
	if c.Title == "" {
		c.Title = x.name
	}
	for _, one := range n.get("oneOf").each() {
		c.Options = append(c.Options, Option{one.get("const").text(), one.get("title").text()})
	}
	switch {
	case len(c.Options) > 0:
		c.Kind = ColumnChoice
	case x.format == "attachment", x.kind == "array" && x.format != "units", x.kind == "object":
		return c, false
	case x.format == "unit":
		c.Kind, c.Options = ColumnChoice, l.unitOptions(p, known, x.name)
	case x.format == "units":
		c.Kind, c.Options = ColumnUnits, l.unitOptions(p, known, x.name)
	case x.format == "date":
		c.Kind = ColumnDate
	case x.kind == "integer", x.kind == "number":
		c.Kind = ColumnNumber
	case x.kind == "boolean":
		c.Kind = ColumnTruth
	}
	return c, true
}

// unitOptions are the units a field may name: those that may play its party's part, or any.
func (l *Library) unitOptions(p *procedure.Procedure, known *facts, field string) []Option {
	ids := l.unitsOf(l.rulebooks[p.Rulebook].Organisation, nil)
	for _, name := range sortedKeys(p.Parties) {
		if p.Parties[name].Field == field {
			ids = known.candidates[name]
		}
	}
	options := make([]Option, len(ids))
	for i, id := range ids {
		options[i] = Option{id, l.units[id].Name}
	}
	return options
}

// Read reads a cell: the form's value, nil where it is empty; or the code of what is wrong: cell-required, cell-date,
// cell-number, cell-truth, cell-option, cell-long. day reads a date as people write it, and gives 2026-06-30.
func (c Column) Read(cell string, day func(string) (string, bool)) (value json.RawMessage, code string) {
	if cell == "" {
		if c.Required {
			return nil, "cell-required"
		}
		return nil, ""
	}
	var v any
	switch c.Kind {
	case ColumnDate:
		text, ok := day(cell)
		if !ok {
			return nil, "cell-date"
		}
		v = text
	case ColumnNumber:
		if _, err := strconv.ParseFloat(cell, 64); err != nil {
			return nil, "cell-number"
		}
		v = json.Number(cell)
	case ColumnTruth:
		truth, ok := truths[cell]
		if !ok {
			return nil, "cell-truth"
		}
		v = truth
	case ColumnChoice:
		option, ok := c.option(cell)
		if !ok {
			return nil, "cell-option"
		}
		v = option
	case ColumnUnits:
		units := []string{}
		for _, name := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("、，,；; \n", r) }) {
			option, ok := c.option(name)
			if !ok {
				return nil, "cell-option"
			}
			if !slices.Contains(units, option) {
				units = append(units, option)
			}
		}
		v = units
	default:
		if c.Most > 0 && len([]rune(cell)) > c.Most {
			return nil, "cell-long"
		}
		v = cell
	}
	value, err := json.Marshal(v)
	if err != nil {
		return nil, "cell-number"
	}
	return value, ""
}

// truths are how yes and no are written.
var truths = map[string]bool{"是": true, "√": true, "1": true, "否": false, "×": false, "0": false}

// option is the value a reader's word stands for.
func (c Column) option(cell string) (string, bool) {
	for _, o := range c.Options {
		if o.Title == cell || o.Value == cell {
			return o.Value, true
		}
	}
	return "", false
}
