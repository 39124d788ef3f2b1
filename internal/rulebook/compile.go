package rulebook

import (
	"maps"
	"reflect"
	"slices"

	"duban/internal/calendar"
	words "duban/internal/message"
	"duban/internal/procedure"
)

// compiler turns a rulebook's tree into procedures.
type compiler struct {
	*builder
	book *Rulebook
	tree *node
}

func (b *builder) compile(tree *node, parent *Rulebook, version string) *Rulebook {
	book := &Rulebook{
		Key: tree.get("rulebook").text(), Title: tree.get("title").text(), Extends: tree.get("extends").text(),
		Organisation: tree.get("organisation").text(), Version: version, Documents: map[string]string{},
		Procedures: map[string]*procedure.Procedure{}, tree: tree, facts: map[string]*facts{},
	}
	if parent == nil {
		book.Extends = ""
	}
	c := &compiler{b, book, tree}
	if _, ok := b.library.organisations[book.Organisation]; !ok {
		at := tree.keyAt("organisation")
		b.add(at, "unknown-organisation", args{"organisation": book.Organisation, "known": join(sortedKeys(b.library.organisations))})
	}
	documents := tree.get("documents")
	book.extent = readExtents(documents)
	if documents != nil {
		for _, e := range documents.entries {
			book.Documents[e.key] = e.val.get("title").text()
		}
	}
	c.hours(tree.get("hours"))
	book.Authority = c.rests(tree, c.add)
	if parent != nil {
		founded(book.Authority, tree.keyAt("rulebook"), book.Key, c.add)
	}
	procedures := tree.get("procedures")
	if procedures == nil {
		return book
	}
	for _, e := range procedures.entries {
		book.Order = append(book.Order, e.key)
		found := &problems{}
		work := &work{compiler: &compiler{c.builder, book, tree}, found: found, node: e.val, at: e.at}
		work.compile(e.key)
		if parent != nil && same(parent.Procedures[e.key], &work.p) {
			// What the heir leaves as it was is the parent's own: it runs, and starts others, under the parent's rules.
			book.Procedures[e.key], book.facts[e.key] = parent.Procedures[e.key], parent.facts[e.key]
			continue
		}
		b.take(found)
		book.Procedures[e.key], book.facts[e.key] = &work.p, &work.facts
	}
	return book
}

// same reports whether two procedures differ in nothing but the rulebook they stand in.
func same(a, b *procedure.Procedure) bool {
	if a == nil {
		return false
	}
	left, right := *a, *b
	left.Rulebook, left.Version = right.Rulebook, right.Version
	return reflect.DeepEqual(left, right)
}

func (c *compiler) hours(n *node) {
	if n == nil {
		return
	}
	opens, err := calendar.ParseClock(n.get("opens").text())
	closes, err2 := calendar.ParseClock(n.get("closes").text())
	hours := calendar.Hours{Opens: opens, Closes: closes}
	if err != nil || err2 != nil || hours.Validate() != nil {
		c.add(n.get("closes").at, "bad-hours", args{"opens": n.get("opens").text(), "closes": n.get("closes").text()})
		return
	}
	founded(c.term(n, procedure.Authority{}, c.add), n.at, "hours", c.add)
	c.book.Hours = hours
}

// work is the compilation of one procedure.
type work struct {
	*compiler
	facts
	found *problems // of this procedure alone
	used  map[string]bool
	at    place
	node  *node
	p     procedure.Procedure
}

func (w *work) add(at place, code string, a args) { w.found.add(at, code, a) }

func (w *work) compile(key string) {
	n := w.node
	w.used = map[string]bool{}
	w.facts = facts{candidates: map[string][]string{}, named: map[string]procedure.Party{}, required: map[string]bool{}, node: n, stages: map[string]*node{}}
	w.p = procedure.Procedure{
		Key: key, Rulebook: w.book.Key, Version: w.book.Version, Title: n.get("title").text(),
		Workflow: n.get("workflow").text(), Parties: map[string]procedure.Party{},
	}
	for _, need := range []string{"title", "workflow", "starters", "stages"} {
		if n.get(need) == nil {
			w.add(w.at, "missing-key", args{"key": need})
		}
	}
	w.p.Authority = w.rests(n)
	w.founded(w.p.Authority, w.at, key)
	if workflow := n.get("workflow"); workflow != nil && !slices.Contains(procedure.Workflows(), w.p.Workflow) {
		w.add(workflow.at, "unknown-workflow", args{"workflow": w.p.Workflow, "known": join(procedure.Workflows())})
	}
	w.parties(w.tree.get("parties"), n.get("parties"))
	w.readForm(n.get("form"))
	w.intake(n.get("intake"))
	w.begins(n.get("begins"))
	w.p.Starters = w.roles(n.get("starters"), false)
	stages := n.get("stages")
	if stages == nil || len(stages.entries) == 0 {
		return
	}
	for _, e := range stages.entries {
		if e.val.null() {
			w.add(e.at, "nothing-to-drop", args{"stage": e.key})
			continue
		}
		w.stages[e.key] = e.val
		w.required[e.key] = e.val.get("required") == nil || e.val.get("required").truth()
	}
	for _, e := range stages.entries {
		if !e.val.null() {
			w.p.Stages = append(w.p.Stages, w.stage(e))
		}
	}
	w.p.First = stages.entries[0].key
	if first := n.get("first"); first != nil {
		w.p.First = first.text()
		w.known(first)
	}
	for _, e := range entries(n.get("limits")) {
		if !e.val.null() {
			w.p.Limits = append(w.p.Limits, w.limit(e.key, e.val, e.at, w.p.Authority, true))
		}
	}
	if urge := w.default_("urge"); urge != nil {
		w.p.Urge = &procedure.Urge{By: w.roles(urge.get("by"), false), Every: w.duration(urge.get("every")), Authority: w.term(urge, procedure.Authority{})}
		w.founded(w.p.Urge.Authority, urge.at, "urge")
	}
	w.ledger(n.get("ledger"))
	w.usedSlips()
	w.graph()
	// A party nobody names takes no part: its units have nothing to do with the matter.
	maps.DeleteFunc(w.p.Parties, func(name string, _ procedure.Party) bool { return !w.used[name] })
}

// default_ is what the procedure says under the key, or else the rulebook.
func (w *work) default_(key string) *node {
	if own := w.node.get(key); own != nil {
		return own
	}
	return w.tree.get(key)
}

func entries(n *node) []entry {
	if n == nil {
		return nil
	}
	return n.entries
}

func (w *work) intake(n *node) {
	if n == nil || n.null() {
		return
	}
	var c calendar.Calendar
	for _, key := range []string{"opens", "closes"} {
		if _, err := c.NextYearly(calendar.Date{Year: 2024, Month: 1, Day: 1}.At(0), n.get(key).text()); err != nil {
			w.add(n.get(key).at, "bad-day", args{"day": n.get(key).text()})
		}
	}
	w.p.Intake = &procedure.Intake{Opens: n.get("opens").text(), Closes: n.get("closes").text(), Authority: w.term(n, procedure.Authority{})}
	w.founded(w.p.Intake.Authority, w.node.keyAt("intake"), "intake")
}

// duration reads a term the schema has already found well-formed.
func (w *work) duration(n *node) calendar.Duration {
	d, err := calendar.ParseDuration(n.text())
	if err != nil && n != nil {
		w.add(n.at, "wrong-form", args{"key": "", "value": n.text(), "detail": words.Text("rulebook.detail.form", nil)})
	}
	return d
}
