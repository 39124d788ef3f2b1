package rulebook

import (
	"reflect"

	"duban/internal/message"
	"duban/internal/procedure"
)

// What a later version of a rulebook does with something of an earlier one, besides adding and dropping it.
const (
	Unchanged How = "unchanged"
	Changed   How = "changed"
)

// Compare says what changed from one version of a rulebook to another; only what changed is listed. ok is false where the
// later library does not have it. Of a rulebook the earlier one does not have everything is added.
func Compare(from, to *Library, key string) (d Difference, ok bool) {
	is, ok := to.rulebooks[key]
	if !ok {
		return Difference{}, false
	}
	d = Difference{Key: key, Title: is.Title, Parent: is.Extends, Source: cite(is.Authority)}
	was := from.rulebooks[key]
	if was == nil {
		was = &Rulebook{}
	}
	for _, name := range is.Order {
		new, old := is.Procedures[name], was.Procedures[name]
		p := ProcedureDifference{Key: name, Title: new.Title, Source: cite(new.Authority), How: Added}
		if old != nil {
			if same(old, new) {
				continue
			}
			p.How = Changed
			p.Changes, p.Stages = to.versionChanges(old, new)
		}
		d.Procedures = append(d.Procedures, p)
	}
	for _, name := range was.Order {
		if _, kept := is.Procedures[name]; !kept {
			old := was.Procedures[name]
			d.Procedures = append(d.Procedures, ProcedureDifference{Key: name, Title: old.Title, Source: cite(old.Authority), How: Dropped})
		}
	}
	return d, true
}

// versionChanges are a procedure's, with the slips it issues, and with a word for what no other word is said of.
func (l *Library) versionChanges(was, is *procedure.Procedure) ([]Change, []StageDifference) {
	listed, all := l.procedureChanges(was, is)
	c := changes(listed)
	for _, key := range union(slipKeys(was), slipKeys(is)) {
		c.slip(was, is, key)
	}
	c.plain(word("urge", nil), l.urgeText(was), l.urgeText(is))
	var stages []StageDifference
	for _, d := range all {
		old, had := was.Stage(d.Key)
		new, has := is.Stage(d.Key)
		switch {
		case d.How == Overridden:
			d.How = Changed
		case d.How == Inherited && had && has && !reflect.DeepEqual(old, new):
			d.How = Changed
			d.Changes = []Change{{What: word("other", nil), From: word("before", nil), To: word("after", nil)}}
		case d.How == Inherited:
			continue
		}
		stages = append(stages, d)
	}
	if len(c) == 0 && len(stages) == 0 {
		c = append(c, Change{What: word("other", nil), From: word("before", nil), To: word("after", nil)})
	}
	return c, stages
}

func slipKeys(p *procedure.Procedure) []string {
	var keys []string
	for _, kind := range p.Slips {
		keys = append(keys, kind.Key)
	}
	return keys
}

func (c *changes) slip(was, is *procedure.Procedure, key string) {
	var old, new procedure.SlipKind
	for from, into := range map[*procedure.Procedure]*procedure.SlipKind{was: &old, is: &new} {
		if kind, ok := from.Slip(key); ok {
			*into = *kind
		}
	}
	title := new.Title
	if title == "" {
		title = old.Title
	}
	c.sourced(word("slip", args{"slip": title}), slipText(old), cite(old.Authority), slipText(new), cite(new.Authority))
	c.plain(word("slip-body", args{"slip": title}), old.Body, new.Body)
	var before, after []procedure.Limit
	if old.Sign != nil {
		before = append(before, *old.Sign)
	}
	if new.Sign != nil {
		after = append(after, *new.Sign)
	}
	c.limits(word("sign", args{"slip": title}), nil, before, nil, after)
}

func slipText(kind procedure.SlipKind) string {
	if kind.Title == "" {
		return ""
	}
	return word("slip-text", args{"title": kind.Title, "prefix": kind.Prefix})
}

func (l *Library) urgeText(p *procedure.Procedure) string {
	if p.Urge == nil {
		return ""
	}
	return message.Text("rulebook.diff.urge-text", args{"by": l.names(p, p.Urge.By), "every": p.Urge.Every.Chinese()})
}
