package procedure

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"sort"
)

// change applies the form fields that came with an action; only those the stage lets the assignment's post fill.
func (d *draft) change(stage *Stage, a Assignment, fields map[string]json.RawMessage) error {
	changes, own := map[string]Change{}, d.s.own(stage, a, stage.Fields)
	for _, field := range slices.Sorted(maps.Keys(fields)) { // in order: which one a refusal names must not vary
		to, from := fields[field], d.s.Form[field]
		if equalJSON(from, to) {
			continue
		}
		if !slices.Contains(own, field) {
			return &Refusal{Code: "field-not-yours", Authority: stage.Authority, Args: map[string]any{"field": field}}
		}
		if bytes.Equal(bytes.TrimSpace(to), []byte("null")) {
			to = nil
		}
		changes[field] = Change{From: from, To: to}
	}
	if len(changes) > 0 {
		d.emit(FormChanged{Fields: changes})
		d.refield(changes)
	}
	return nil
}

// refield moves the running terms whose due is a form field that changed.
func (d *draft) refield(changes map[string]Change) {
	for _, l := range d.s.Limits {
		def := definition(&d.s, l)
		if def == nil || def.Field == "" {
			continue
		}
		if _, changed := changes[def.Field]; !changed {
			continue
		}
		if again, ok := due(&d.s, def, l.Due.From); ok && !again.At.Equal(l.Due.At) {
			d.emit(LimitMoved{Limit: l.Limit, Due: again, Why: "field"})
		}
	}
}

func equalJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var left, right any
	return json.Unmarshal(a, &left) == nil && json.Unmarshal(b, &right) == nil && reflect.DeepEqual(left, right)
}

// own are those of a stage's fields that everybody there fills, or the assignment's post alone: what one has said no other
// writes over, nor has to say again.
func (s *State) own(stage *Stage, a Assignment, fields []string) []string {
	if len(stage.FilledBy) == 0 {
		return fields
	}
	return slices.DeleteFunc(slices.Clone(fields), func(field string) bool {
		role, owned := stage.FilledBy[field]
		return owned && !slices.Contains(s.posts([]Role{role}, nil), cmp.Or(a.Of, a.Post))
	})
}

// FieldsOf are the fields of the current stage that the actor may fill in, in its order.
func FieldsOf(s State, actor Actor) []string {
	d := draft{s: s}
	a, err := d.mine(Command{Actor: actor, Action: ActionApprove}, DutyAct)
	if err != nil {
		return nil
	}
	return s.own(d.stage(), a, d.stage().Fields)
}

// AskedOf are the fields of a stage that an assignment's post may fill in.
func (s *State) AskedOf(stage *Stage, a Assignment) []string { return s.own(stage, a, stage.Fields) }

// missing lists the fields an approval by an assignment needs and nobody has answered. "No" is an answer: a gate refuses it
// where it must not be.
func (s *State) missing(stage *Stage, a Assignment) []string {
	var fields []string
	for _, field := range s.own(stage, a, stage.Needs) {
		if !answered(s.Form[field]) {
			fields = append(fields, field)
		}
	}
	sort.Strings(fields)
	return fields
}

func answered(value json.RawMessage) bool {
	switch string(bytes.TrimSpace(value)) {
	case "", "null", `""`, "[]":
		return false
	}
	return true
}

// prefill fills what a stage's holders would otherwise type in again. What is answered already stands: after a return, what
// they made of it.
func (d *draft) prefill(stage *Stage) {
	for _, field := range slices.Sorted(maps.Keys(stage.Prefill)) {
		if answered(d.s.Form[field]) {
			continue
		}
		if value := d.s.value(stage.Prefill[field], item{unit: d.s.Spec.Unit}); answered(value) {
			d.put(field, value)
		}
	}
}

func merged(form, fields map[string]json.RawMessage) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(form)+len(fields))
	for field, value := range form {
		out[field] = value
	}
	for field, value := range fields {
		switch {
		case bytes.Equal(bytes.TrimSpace(value), []byte("null")):
			delete(out, field)
		case !equalJSON(out[field], value):
			out[field] = value
		}
	}
	return out
}

// formMost bounds a form, in bytes of its text: it goes along twice whenever a matter's workflow continues as a new run,
// which may take two million.
const formMost = 512 << 10

// TooLarge reports whether a form would be more than a matter may carry once fields were changed.
func TooLarge(form, changed map[string]json.RawMessage) bool {
	if len(changed) == 0 {
		return false
	}
	size := 0
	for field, value := range changed {
		size += len(field) + len(value)
	}
	for field, value := range form {
		if _, is := changed[field]; !is {
			size += len(field) + len(value)
		}
	}
	return size > formMost
}
