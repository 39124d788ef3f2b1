package procedure

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"sort"
)

// change applies the form fields that came with an action; only those the stage lets its holders fill.
func (d *draft) change(stage *Stage, fields map[string]json.RawMessage) error {
	changes := map[string]Change{}
	for _, field := range slices.Sorted(maps.Keys(fields)) { // in order: which one a refusal names must not vary
		to, from := fields[field], d.s.Form[field]
		if equalJSON(from, to) {
			continue
		}
		if !slices.Contains(stage.Fields, field) {
			return &Refusal{Code: "field-not-yours", Source: stage.Source, Args: map[string]any{"field": field}}
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

// missing lists the fields an approval needs and nobody has answered. "No" is an answer: a gate refuses it where it must not be.
func (st *Stage) missing(form map[string]json.RawMessage) []string {
	var fields []string
	for _, field := range st.Needs {
		if !answered(form[field]) {
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
