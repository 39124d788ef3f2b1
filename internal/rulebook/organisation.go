package rulebook

import (
	"slices"

	"duban/internal/procedure"
)

// organisation reads an organisation's file; its references are settled when all are read.
func (b *builder) organisation(tree *node) {
	key := tree.get("organisation")
	if _, ok := b.library.organisations[key.text()]; ok {
		b.add(key.at, "duplicate-organisation", args{"organisation": key.text()})
		return
	}
	o := &Organisation{Key: key.text(), Title: tree.get("title").text(), Within: tree.get("within").text()}
	b.organisations = append(b.organisations, tree)
	for _, e := range tree.get("units").entries {
		if _, ok := b.library.units[e.key]; ok {
			b.add(e.at, "duplicate-unit", args{"unit": e.key})
			continue
		}
		u := Unit{
			ID: e.key, Name: e.val.get("name").text(), Kind: e.val.get("kind").text(),
			Parent: e.val.get("parent").text(), Head: e.val.get("head").text(), Oversees: e.val.get("oversees").truth(),
			Ended: e.val.get("ended").truth(),
		}
		if u.Head == "" {
			u.Head = "head"
		}
		roles := map[string]string{}
		for _, post := range e.val.get("posts").entries {
			p := Post{Unit: u.ID, Role: post.key, Title: post.val.get("title").text(), Login: post.val.get("login").text()}
			roles[p.Role] = p.Title
			o.Posts = append(o.Posts, p)
			if login := post.val.get("login"); login != nil {
				if slices.Contains(b.logins, p.Login) {
					b.add(login.at, "duplicate-login", args{"login": p.Login})
				}
				b.logins = append(b.logins, p.Login)
			}
		}
		if _, ok := roles[u.Head]; !ok {
			b.add(e.at, "unit-without-head", args{"unit": u.ID, "role": u.Head, "known": join(sortedKeys(roles))})
		}
		o.Units = append(o.Units, u)
		b.library.units[u.ID], b.library.roles[u.ID] = u, roles
	}
	b.library.organisations[o.Key] = o
}

// settleOrganisations checks what organisations say of one another and of their units' parents.
func (b *builder) settleOrganisations() {
	for _, tree := range b.organisations {
		if within := tree.get("within"); within != nil {
			if _, ok := b.library.organisations[within.text()]; !ok || within.text() == tree.get("organisation").text() {
				b.add(within.at, "unknown-organisation", args{"organisation": within.text(), "known": join(sortedKeys(b.library.organisations))})
			}
		}
		for _, e := range tree.get("units").entries {
			parent := e.val.get("parent")
			if parent == nil {
				continue
			}
			if _, ok := b.library.units[parent.text()]; !ok {
				b.add(parent.at, "unknown-unit", args{"unit": parent.text()})
			}
		}
	}
}

// reach is the organisation and those it is part of: the ones whose units its rules may name.
func (l *Library) reach(organisation string) []string {
	var keys []string
	for organisation != "" && !slices.Contains(keys, organisation) {
		keys = append(keys, organisation)
		o, ok := l.organisations[organisation]
		if !ok {
			break
		}
		organisation = o.Within
	}
	return keys
}

// unitsOf lists the units within reach of an organisation that have not ended, of the kinds given, or of any kind.
func (l *Library) unitsOf(organisation string, kinds []string) []string {
	var units []string
	for _, key := range l.reach(organisation) {
		o, ok := l.organisations[key]
		if !ok {
			continue
		}
		for _, u := range o.Units {
			if !u.Ended && (len(kinds) == 0 || slices.Contains(kinds, u.Kind)) {
				units = append(units, u.ID)
			}
		}
	}
	return units
}

// Title is the title of a post, or the post itself where no organisation has it.
func (l *Library) Title(unit, role string) string {
	if title, ok := l.roles[unit][role]; ok {
		return title
	}
	return unit + "/" + role
}

// Post is the title of a post of any organisation, whether or not its unit has ended.
func (l *Library) Post(p procedure.Post) (title string, ok bool) {
	title, ok = l.roles[p.Unit()][p.Role()]
	return title, ok
}
