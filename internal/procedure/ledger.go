package procedure

import (
	"encoding/json"

	"duban/internal/calendar"
)

// Ledger says how the matters of a procedure stand in the ledger (台账), and whether ledgers kept elsewhere may be read in.
type Ledger struct {
	Unit   string `json:"unit,omitempty"`   // party whose unit answers for the matter; empty: the unit that started it
	Leader string `json:"leader,omitempty"` // form field that names the leader in charge
	Due    string `json:"due,omitempty"`    // form field with the day by which it is to be finished
	Import bool   `json:"import,omitempty"` // a spreadsheet's rows may start such matters
}

// Line is how a matter stands in the ledger.
type Line struct {
	Unit   string        // that answers for it
	Leader string        // in charge; empty: nobody is named
	Term   calendar.Date // to be finished by: the day its form says, else its nearest limit's, else that of its end
}

// Line gives the matter's line of the ledger.
func (s *State) Line() Line {
	line := Line{Unit: s.Spec.Unit}
	if l := s.Spec.Procedure.Ledger; l != nil {
		if units := s.Units(l.Unit); len(units) > 0 {
			line.Unit = units[0]
		}
		_ = json.Unmarshal(s.Form[l.Leader], &line.Leader) // a field left empty names nobody
		line.Term, _ = dateField(s.Form, l.Due)
	}
	if !line.Term.IsZero() {
		return line
	}
	for _, running := range s.Limits {
		if day := calendar.DateOf(running.Due.At); running.Slip == 0 && (line.Term.IsZero() || day.Before(line.Term)) {
			line.Term = day
		}
	}
	if line.Term.IsZero() && !s.Closed.IsZero() {
		line.Term = calendar.DateOf(s.Closed)
	}
	return line
}
