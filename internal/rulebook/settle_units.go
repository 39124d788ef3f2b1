package rulebook

import (
	"slices"
	"strings"

	"duban/internal/procedure"
)

// unitsFor checks that every unit a stage gives a child may play the part the child has for it: else the rules would
// refuse the child, once it is too late to ask for another unit. What the stage copies has to be limited where it is
// filled in, by a party named by that field.
func (b *builder) unitsFor(book *Rulebook, start *procedure.Start, n *node, of *procedure.Procedure, child *facts) {
	own := book.facts[keyOf(book, start)]
	check := func(at *node, path, party string) {
		may := own.mayName(start, path)
		if may == nil || slices.ContainsFunc(may, func(unit string) bool { return !slices.Contains(child.candidates[party], unit) }) {
			b.add(at.at, "child-unit", args{"procedure": of.Title, "field": path, "kinds": join(b.kindsOf(child.candidates[party]))})
		}
	}
	for _, name := range sortedKeys(child.named) {
		party := child.named[name]
		list, entry, entries := strings.Cut(party.Field, ".")
		given := n.get("form").get(list)
		path, copied := strings.CutPrefix(given.text(), "=")
		if !copied || party.Map != nil {
			continue
		}
		if item, ok := strings.CutPrefix(path, "item."); ok {
			path = strings.TrimPrefix(start.Each, "field:") + "." + item
		}
		if entries {
			path += "." + entry
		}
		check(given, path, name)
	}
	if item, ok := strings.CutPrefix(start.As, "item."); ok {
		for _, name := range sortedKeys(of.Parties) {
			if of.Parties[name].Starter {
				check(n.get("as"), strings.TrimPrefix(start.Each, "field:")+"."+item, name)
			}
		}
	}
}

// mayName lists the units a field may name, "list.field" for that of a list's entries and "unit" for the one a child is
// started for; nil where nothing limits them.
func (f *facts) mayName(start *procedure.Start, path string) (units []string) {
	if path == "unit" {
		for _, party := range strings.Split(strings.TrimPrefix(start.Each, "party:"), ",") {
			units = append(units, f.candidates[party]...)
		}
		return units
	}
	for _, name := range sortedKeys(f.named) {
		if party := f.named[name]; party.Field == path && party.Map == nil {
			return f.candidates[name]
		}
	}
	return nil
}

// kindsOf names the kinds of some units.
func (b *builder) kindsOf(units []string) (kinds []string) {
	for _, unit := range units {
		if kind := b.library.units[unit].Kind; !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}
