package rulebook

import "duban/internal/procedure"

// changeFormat is the format of the form field that holds a change of a rulebook: the digest it is kept under.
const changeFormat = "rule-change"

// enact reads a stage at which a change of the rules takes effect. What cannot take effect has to have a way on.
func (w *work) enact(n *node) *procedure.Enact {
	in := n.get("enact")
	for _, need := range []string{"change", "else"} {
		if in.get(need) == nil {
			w.add(n.keyAt("enact"), "missing-key", args{"key": need})
		}
	}
	if change := in.get("change"); change != nil && w.hasField(change) {
		if f, _ := w.form.field(change.text()); f.format != changeFormat {
			w.add(change.at, "not-a-change", args{"field": change.text()})
		}
	}
	w.known(in.get("else"))
	return &procedure.Enact{Change: in.get("change").text(), Else: in.get("else").text()}
}

// ChangeProcedure is the procedure by which the rulebook itself is changed: its own one with a stage that enacts.
func (r *Rulebook) ChangeProcedure() (*procedure.Procedure, bool) {
	for _, key := range r.Order {
		p := r.Procedures[key]
		for i := range p.Stages {
			if p.Stages[i].Enact != nil && p.Rulebook == r.Key {
				return p, true
			}
		}
	}
	return nil, false
}

// ChangeField is the field of a form that holds a change of a rulebook, where the procedure has one.
func ChangeField(p *procedure.Procedure) (field string, ok bool) {
	for i := range p.Stages {
		if enact := p.Stages[i].Enact; enact != nil {
			return enact.Change, true
		}
	}
	return "", false
}
