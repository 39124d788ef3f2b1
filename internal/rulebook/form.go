package rulebook

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// form is what a procedure's form has: its fields, in order.
type form struct{ fields []field }

type field struct {
	name, kind, format string
	items              *form // fields of each entry of a list
}

// units lists the units a form's fields name, each as the fault it would be if there were no such unit.
func (f *form) units(values map[string]json.RawMessage) []Fault {
	var all []Fault
	for _, x := range f.fields {
		value, given := values[x.name]
		if !given {
			continue
		}
		var one string
		var many []string
		var entries []map[string]json.RawMessage
		switch {
		case x.format == "unit" && json.Unmarshal(value, &one) == nil && one != "":
			many = []string{one}
		case x.kind == "array" && x.format == "units" && json.Unmarshal(value, &many) == nil:
		case x.items != nil && json.Unmarshal(value, &entries) == nil:
			for _, entry := range entries {
				for _, unit := range x.items.units(entry) {
					many = append(many, unit.Path)
				}
			}
		}
		for _, unit := range many {
			all = append(all, Fault{Field: x.name, Code: "no-such-unit", Path: unit})
		}
	}
	return all
}

func (f *form) field(name string) (field, bool) {
	if f != nil {
		for _, x := range f.fields {
			if x.name == name {
				return x, true
			}
		}
	}
	return field{}, false
}

func (f *form) names() []string {
	var names []string
	if f != nil {
		for _, x := range f.fields {
			names = append(names, x.name)
		}
	}
	return names
}

func formOf(n *node) *form {
	f := &form{}
	for _, e := range entries(n.get("properties")) {
		x := field{name: e.key, kind: e.val.get("type").text(), format: e.val.get("format").text()}
		if items := e.val.get("items"); x.kind == "array" {
			x.items = formOf(items)
			if items.get("format").text() == "unit" {
				x.format = "units" // a list of units
			}
		}
		f.fields = append(f.fields, x)
	}
	return f
}

// readForm checks the form's JSON Schema. A field that names a party's unit is told the kinds of unit it may name, as
// x-kinds, so that the form's reader can offer them.
func (w *work) readForm(n *node) {
	if n != nil && n.get("properties") != nil {
		n = w.cards(n)
	}
	w.form = formOf(n)
	if n == nil {
		return
	}
	if _, err := compileSchema(n.json()); err != nil {
		w.badForm(n, err)
		return
	}
	if n.get("type").text() != "object" || n.get("properties") == nil {
		w.add(w.node.keyAt("form"), "form-not-object", nil)
	}
	for _, required := range n.get("required").each() {
		w.hasField(required)
	}
	for _, e := range entries(merge(orEmpty(w.tree.get("parties")), orEmpty(w.node.get("parties")))) {
		name, kinds := e.val.get("field"), e.val.get("kinds")
		if name == nil {
			continue
		}
		list, of, entries := strings.Cut(name.text(), ".")
		if entries {
			w.entryField(&node{at: name.at, scalar: of}, w.listNamed(name, list))
			if kinds != nil {
				n = merge(n, nest(kinds, "properties", list, "items", "properties", of, "x-kinds"))
			}
			continue
		}
		if w.hasField(name) && kinds != nil && e.val.get("map") == nil {
			n = merge(n, nest(kinds, "properties", name.text(), "x-kinds"))
		}
	}
	w.p.Form = n.json()
	if schema, err := compileSchema(w.p.Form); err == nil {
		w.schema = schema
	}
}

// nest wraps a value in keys.
func nest(n *node, keys ...string) *node {
	for _, key := range slices.Backward(keys) {
		n = &node{at: n.at, mapping: true, entries: []entry{{key, n.at, n}}}
	}
	return n
}

func (w *work) fields(n *node) []string {
	for _, item := range n.each() {
		w.hasField(item)
	}
	return n.texts()
}

func (w *work) hasField(n *node) bool {
	if _, ok := w.form.field(n.text()); !ok {
		w.add(n.at, "unknown-field", args{"field": n.text(), "known": join(w.form.names())})
		return false
	}
	return true
}

// date checks that a field holds a date.
func (w *work) date(n *node) {
	if n == nil || !w.hasField(n) {
		return
	}
	if f, _ := w.form.field(n.text()); f.format != "date" {
		w.add(n.at, "not-a-date", args{"field": n.text()})
	}
}

// copied checks what a child's form field is copied from.
func (w *work) copied(at *node, source string, item *form) {
	if source == "unit" || source == "matter" {
		return
	}
	if key, ok := strings.CutPrefix(source, "due."); ok {
		if !slices.Contains(w.limitKeys(), key) {
			w.add(at.at, "unknown-placeholder", args{"placeholder": at.text(), "known": join(w.limitKeys())})
		}
		return
	}
	of := w.form
	name, isItem := strings.CutPrefix(source, "item.")
	if isItem {
		of = item
	}
	if _, ok := of.field(name); !ok {
		w.add(at.at, "unknown-field", args{"field": source, "known": join(of.names())})
	}
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// placeholders checks that every {name} of a text is a form field, an item's field, a limit's {due.stage.limit}, a
// seed's {draw.seed}, or one of the others.
func (w *work) placeholders(n *node, item *form, others ...string) {
	for _, m := range placeholder.FindAllStringSubmatch(n.text(), -1) {
		name := m[1]
		if slices.Contains(others, name) {
			continue
		}
		if key, ok := strings.CutPrefix(name, "due."); ok {
			if slices.Contains(w.limitKeys(), key) {
				continue
			}
		} else if seed, ok := strings.CutPrefix(name, "draw."); ok {
			if slices.Contains(w.seeds(), seed) {
				continue
			}
		} else if key, ok := strings.CutPrefix(name, "item."); ok && item != nil {
			if _, ok := item.field(key); ok {
				continue
			}
		} else if _, ok := w.form.field(name); ok {
			continue
		}
		known := append(slices.Clone(others), w.form.names()...)
		for _, seed := range w.seeds() {
			known = append(known, "draw."+seed)
		}
		for _, name := range item.names() {
			known = append(known, "item."+name)
		}
		w.add(n.at, "unknown-placeholder", args{"placeholder": m[0], "known": join(known)})
	}
}

// seeds are the names of the seeds that stages draw by.
func (w *work) seeds() []string {
	var seeds []string
	for _, n := range w.stages {
		if seed := n.get("draw").get("seed").text(); seed != "" && !slices.Contains(seeds, seed) {
			seeds = append(seeds, seed)
		}
	}
	slices.Sort(seeds)
	return seeds
}

// limitKeys are the names a text may call limits by.
func (w *work) limitKeys() []string {
	keys := keysOf(w.node.get("limits"))
	for stage, n := range w.stages {
		if n.get("within") != nil || n.get("on") != nil || n.get("field") != nil {
			keys = append(keys, stage+".limit")
		}
		for _, key := range keysOf(n.get("limits")) {
			keys = append(keys, stage+"."+key)
		}
	}
	return keys
}
