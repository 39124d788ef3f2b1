package procedure

import "encoding/json"

// Enact puts a change of a rulebook in force. The matter's own rulebook is the one that is changed; the text is kept
// elsewhere, under its digest.
type Enact struct {
	Change string `json:"change"` // form field with the digest of the change
	Else   string `json:"else"`   // where to, when the change cannot take effect
}

// Enacted says that a change of the rules took effect, or why it could not.
type Enacted struct {
	Change  string         `json:"change"`
	Version string         `json:"version,omitempty"` // in force since; empty: refused
	Refusal string         `json:"refusal,omitempty"` // code of the message catalogue
	Args    map[string]any `json:"args,omitempty"`
	// Rehearsal says that the matter's clock is not the wall's: the change was checked, and the rules stayed as they were.
	Rehearsal bool `json:"rehearsal,omitempty"`
}

// Enacting gives the change of the rules that is to take effect now, where the matter stands at such a stage.
func Enacting(s *State) (change string, ok bool) {
	stage, found := s.Spec.Procedure.Stage(s.Stage)
	if !found || stage.Enact == nil {
		return "", false
	}
	if json.Unmarshal(s.Form[stage.Enact.Change], &change) != nil {
		change = "" // there is none: it is refused as any that is unknown
	}
	return change, true
}

// enacted takes news of the change the matter waits for; any other is old.
func (d *draft) enacted(c Command) error {
	change, waits := Enacting(&d.s)
	if !waits || c.Enacted == nil || c.Enacted.Change != change {
		return &Refusal{Code: "already-handled"}
	}
	stage := d.stage()
	d.emit(*c.Enacted)
	d.leave(stage, "")
	next := stage.Next
	if c.Enacted.Version == "" {
		next = stage.Enact.Else
	}
	return d.advance(next, "", stage.Key)
}
