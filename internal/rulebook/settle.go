package rulebook

import (
	"slices"
	"strings"

	"duban/internal/procedure"
)

// settleRulebooks checks what one procedure says of another, once all are compiled.
func (b *builder) settleRulebooks() {
	for _, book := range b.library.Rulebooks() {
		for _, key := range book.Order {
			p, known := book.Procedures[key], book.facts[key]
			if p.Rulebook != book.Key {
				continue // inherited as it is, and checked where it stands
			}
			b.gathers(book, p)
			for i := range p.Stages {
				if p.Stages[i].Start != nil {
					b.child(book, &p.Stages[i], known.stages[p.Stages[i].Key].get("start"))
				}
			}
		}
	}
}

// gathers checks what a matter that begins by itself takes from earlier ones.
func (b *builder) gathers(book *Rulebook, p *procedure.Procedure) {
	if p.Begins == nil {
		return
	}
	for _, e := range entries(book.facts[p.Key].node.get("begins").get("gather")) {
		of, ok := book.facts[e.val.get("procedure").text()]
		if !ok {
			b.add(e.val.keyAt("procedure"), "unknown-procedure", args{"procedure": e.val.get("procedure").text(), "known": join(book.Order)})
			continue
		}
		if f, ok := of.form.field(e.val.get("field").text()); !ok || f.items == nil {
			b.add(e.val.keyAt("field"), "not-a-list", args{"field": e.val.get("field").text(), "known": join(of.form.names())})
		}
	}
}

// child checks that what a stage starts exists and is given what it needs.
func (b *builder) child(book *Rulebook, stage *procedure.Stage, n *node) {
	start, of := stage.Start, book
	if start.Rulebook != "" {
		var ok bool
		if of, ok = b.library.rulebooks[start.Rulebook]; !ok {
			b.add(n.get("rulebook").at, "unknown-rulebook", args{"rulebook": start.Rulebook, "known": join(sortedKeys(b.library.rulebooks))})
			return
		}
	}
	child, ok := of.Procedures[start.Procedure]
	if !ok {
		at := n.at
		if name := n.get("procedure"); name != nil {
			at = name.at
		}
		b.add(at, "unknown-procedure", args{"procedure": start.Procedure, "known": join(of.Order)})
		return
	}
	facts, owner := of.facts[start.Procedure], keyOf(book, start)
	for i := range book.Procedures[owner].Stages { // the stage itself, or a later one, gathers them
		if gathers := &book.Procedures[owner].Stages[i]; gathers.Collect != nil && gathers.Link() == stage.Link() {
			b.taken(gathers.Collect, facts.form, book.facts[owner].stages[gathers.Key].get("collect"))
		}
	}
	for _, e := range entries(n.get("form")) {
		if _, ok := facts.form.field(e.key); !ok {
			b.add(e.at, "unknown-field", args{"field": e.key, "known": join(facts.form.names())})
		}
	}
	needs := facts.node.get("form").get("required").texts()
	if first, ok := child.Stage(child.First); ok && start.Submit {
		needs = append(needs, first.Needs...)
	}
	for _, field := range needs {
		if _, given := start.Form[field]; !given {
			b.add(n.at, "child-needs", args{"procedure": child.Title, "field": field})
		}
	}
	b.unitsFor(book, start, n, child, facts)
	for _, name := range sortedKeys(child.Parties) {
		if child.Parties[name].Starter && !strings.HasPrefix(start.As, "item.") && !b.startsWithin(book, start, facts.candidates[name]) {
			b.add(n.at, "child-starter", args{"procedure": child.Title})
		}
	}
}

// keyOf is the procedure of a rulebook that starts so.
func keyOf(book *Rulebook, start *procedure.Start) string {
	for key, p := range book.Procedures {
		if slices.ContainsFunc(p.Stages, func(s procedure.Stage) bool { return s.Start == start }) {
			return key
		}
	}
	return ""
}

// startsWithin reports whether every unit a stage may start a child for is one that may start it.
func (b *builder) startsWithin(book *Rulebook, start *procedure.Start, may []string) bool {
	for key, p := range book.Procedures {
		if !slices.ContainsFunc(p.Stages, func(s procedure.Stage) bool { return s.Start == start }) {
			continue
		}
		for _, party := range startsAs(start, p) {
			for _, unit := range book.facts[key].candidates[party] {
				if !slices.Contains(may, unit) {
					return false
				}
			}
		}
	}
	return true
}

// startsAs are the parties in whose name a stage starts matters.
func startsAs(start *procedure.Start, p *procedure.Procedure) []string {
	if parties, ok := strings.CutPrefix(start.Each, "party:"); ok {
		return strings.Split(parties, ",")
	}
	if start.As != "" {
		return []string{start.As}
	}
	var starters []string
	for _, name := range sortedKeys(p.Parties) {
		if p.Parties[name].Starter {
			starters = append(starters, name)
		}
	}
	return starters
}
