package rulebook

import (
	"slices"
	"strings"

	"duban/internal/procedure"
)

// parties reads the parties of the rulebook and then the procedure's own, which take their place.
func (w *work) parties(shared, own *node) {
	for _, e := range entries(merge(orEmpty(shared), orEmpty(own))) {
		n := e.val
		party := procedure.Party{
			Title: n.get("title").text(), Unit: n.get("unit").text(), Units: n.get("units").texts(),
			Field: n.get("field").text(), Starter: n.get("starter").truth(), Role: n.get("role").text(),
		}
		for _, pair := range entries(n.get("map")) {
			if party.Map == nil {
				party.Map = map[string]string{}
			}
			party.Map[pair.key] = pair.val.text()
		}
		said := 0
		for _, key := range []string{"unit", "units", "field", "starter"} {
			if n.get(key) != nil {
				said++
			}
		}
		if said != 1 {
			w.add(e.at, "party-not-one", args{"party": e.key})
		}
		w.p.Parties[e.key] = party
		if party.Field != "" {
			w.named[e.key] = party
		}
		w.candidates[e.key] = w.mayPlay(party, n)
		if len(w.candidates[e.key]) == 0 && said == 1 {
			w.add(e.at, "party-without-unit", args{"party": e.key})
		}
	}
}

func orEmpty(n *node) *node {
	if n == nil {
		return &node{mapping: true}
	}
	return n
}

// mayPlay lists the units that can play a party's part.
func (w *work) mayPlay(party procedure.Party, n *node) []string {
	within := w.library.unitsOf(w.book.Organisation, nil)
	known := func(unit *node) []string {
		if !slices.Contains(within, unit.text()) {
			w.add(unit.at, "unknown-unit", args{"unit": unit.text()})
			return nil
		}
		return []string{unit.text()}
	}
	var units []string
	switch {
	case party.Unit != "":
		return known(n.get("unit"))
	case len(party.Units) > 0:
		for _, unit := range n.get("units").each() {
			units = append(units, known(unit)...)
		}
		return units
	case party.Map != nil:
		for _, pair := range n.get("map").entries {
			for _, unit := range known(pair.val) {
				if !slices.Contains(units, unit) {
					units = append(units, unit)
				}
			}
		}
		return units
	}
	return w.library.unitsOf(w.book.Organisation, n.get("kinds").texts())
}

// roles reads roles and checks that each resolves to a post in every unit that may play its party's part. Holders are
// named only where something waits on somebody.
func (w *work) roles(n *node, holders bool) []procedure.Role {
	var roles []procedure.Role
	for _, item := range n.each() {
		role := item.text()
		roles = append(roles, procedure.Role(role))
		if role == "holder" || role == "holder.head" {
			if !holders {
				w.add(item.at, "no-holder-here", args{"role": role})
			}
			continue
		}
		name, post, named := strings.Cut(role, "/")
		w.used[name] = true
		party, ok := w.p.Parties[name]
		if !ok {
			w.add(item.at, "unknown-party", args{"party": name, "known": join(sortedKeys(w.p.Parties))})
			continue
		}
		if !named {
			post = party.Role
		}
		if post == "" {
			w.add(item.at, "party-without-role", args{"party": name})
			continue
		}
		for _, unit := range w.candidates[name] {
			if _, ok := w.library.roles[unit][w.library.roleIn(unit, post)]; !ok {
				w.add(item.at, "role-vacant", args{"role": role, "unit": w.library.units[unit].Name, "known": join(sortedKeys(w.library.roles[unit]))})
				break
			}
		}
	}
	return roles
}

// roleIn is the role of a post in a unit; "head" is whichever role heads it.
func (l *Library) roleIn(unit, role string) string {
	if role == "head" {
		return l.units[unit].Head
	}
	return role
}
