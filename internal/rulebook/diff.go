package rulebook

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"duban/internal/message"
	"duban/internal/procedure"
)

// How says what an heir does with something of its parent's.
type How string

// What an heir does: takes it as it is, changes it, has it besides, or drops it.
const (
	Inherited  How = "inherited"
	Overridden How = "overridden"
	Added      How = "added"
	Dropped    How = "dropped"
)

// Difference is what a derived rulebook makes of the one it derives from.
type Difference struct {
	Key        string                `json:"key"`
	Title      string                `json:"title"`
	Parent     string                `json:"parent,omitempty"`
	Source     string                `json:"source"` // by what it derives
	Procedures []ProcedureDifference `json:"procedures"`
}

// ProcedureDifference is a procedure as the heir has it.
type ProcedureDifference struct {
	Key     string            `json:"key"`
	Title   string            `json:"title"`
	Source  string            `json:"source"`
	How     How               `json:"how"`
	Changes []Change          `json:"changes,omitempty"`
	Stages  []StageDifference `json:"stages,omitempty"`
}

// StageDifference is a stage as the heir has it.
type StageDifference struct {
	Key     string   `json:"key"`
	Title   string   `json:"title"`
	Source  string   `json:"source"`
	How     How      `json:"how"`
	Changes []Change `json:"changes,omitempty"`
}

// Change is one thing said otherwise, with the authority of each.
type Change struct {
	What       string `json:"what"` // in Chinese
	From       string `json:"from"`
	FromSource string `json:"fromSource,omitempty"`
	To         string `json:"to"`
	ToSource   string `json:"toSource,omitempty"`
}

// Diff compares a rulebook with the one it derives from; of one that derives from none everything is added.
func (l *Library) Diff(key string) (Difference, bool) {
	book, ok := l.rulebooks[key]
	if !ok {
		return Difference{}, false
	}
	d := Difference{Key: key, Title: book.Title, Parent: book.Extends, Source: cite(book.Authority)}
	parent := l.rulebooks[book.Extends]
	for _, key := range book.Order {
		is := book.Procedures[key]
		p := ProcedureDifference{Key: key, Title: is.Title, Source: cite(is.Authority), How: Added}
		var was *procedure.Procedure
		if parent != nil {
			was = parent.Procedures[key]
		}
		switch {
		case was == is:
			p.How = Inherited
		case was != nil:
			p.How = Overridden
			p.Changes, p.Stages = l.procedureChanges(was, is)
		}
		d.Procedures = append(d.Procedures, p)
	}
	return d, true
}

// changes collects what is said otherwise.
type changes []Change

func (c *changes) plain(what, from, to string) { c.sourced(what, from, "", to, "") }

func (c *changes) sourced(what, from, fromSource, to, toSource string) {
	if from == to && fromSource == toSource {
		return
	}
	none := message.Text("rulebook.diff.absent", nil)
	for _, side := range []*string{&from, &to} {
		if *side == "" {
			*side = none
		}
	}
	*c = append(*c, Change{what, from, fromSource, to, toSource})
}

// named is plain for what is meant by key and shown by title: another title alone is no change here.
func (c *changes) named(what string, was, is []string, title func([]string, bool) string) {
	if !slices.Equal(was, is) {
		c.plain(what, title(was, false), title(is, true))
	}
}

func word(key string, a args) string { return message.Text("rulebook.diff."+key, a) }

func (l *Library) procedureChanges(was, is *procedure.Procedure) ([]Change, []StageDifference) {
	var c changes
	c.sourced(word("title-of", nil), was.Title, cite(was.Authority), is.Title, cite(is.Authority))
	c.plain(word("starters", nil), l.names(was, was.Starters), l.names(is, is.Starters))
	c.plain(word("intake", nil), intakeText(was.Intake), intakeText(is.Intake))
	c.named(word("form", nil), fieldsOf(was.Form), fieldsOf(is.Form), fieldTitles(was, is))
	for _, name := range union(sortedKeys(was.Parties), sortedKeys(is.Parties)) {
		c.plain(word("party", args{"party": cmp.Or(is.Parties[name].Title, was.Parties[name].Title, name)}), l.partyText(was, name), l.partyText(is, name))
	}
	c.limits("", was, was.Limits, is, is.Limits)
	var stages []StageDifference
	for i := range is.Stages {
		stage := &is.Stages[i]
		d := StageDifference{Key: stage.Key, Title: stage.Title, Source: cite(stage.Authority), How: Added}
		if old, ok := was.Stage(stage.Key); ok {
			d.Changes = l.stageChanges(was, is, old, stage)
			if d.How = Inherited; len(d.Changes) > 0 {
				d.How = Overridden
			}
		}
		stages = append(stages, d)
	}
	for i := range was.Stages {
		if _, kept := is.Stage(was.Stages[i].Key); !kept {
			old := &was.Stages[i]
			stages = append(stages, StageDifference{Key: old.Key, Title: old.Title, Source: cite(old.Authority), How: Dropped})
		}
	}
	return c, stages
}

func (l *Library) stageChanges(wasIn, isIn *procedure.Procedure, was, is *procedure.Stage) []Change {
	var c changes
	if was.Title != is.Title {
		c.sourced(word("title-of", nil), was.Title, cite(was.Authority), is.Title, cite(is.Authority))
	} else {
		c.plain(word("source", nil), cite(was.Authority), cite(is.Authority))
	}
	c.plain(word("who", nil), l.names(wasIn, was.Who), l.names(isIn, is.Who))
	c.limits(was.Title, wasIn, was.Limits, isIn, is.Limits)
	c.named(word("ways", nil), []string{ways(nil, was)}, []string{ways(nil, is)}, func(_ []string, after bool) string {
		if after {
			return ways(isIn, is)
		}
		return ways(wasIn, was)
	})
	c.plain(word("allow", nil), actionTitles(was.Allow), actionTitles(is.Allow))
	c.named(word("fields", nil), was.Fields, is.Fields, fieldTitles(wasIn, isIn))
	c.named(word("needs", nil), was.Needs, is.Needs, fieldTitles(wasIn, isIn))
	c.named(word("filled-by", nil), l.filledBy(nil, was), l.filledBy(nil, is), func(_ []string, after bool) string {
		if after {
			return join(l.filledBy(isIn, is))
		}
		return join(l.filledBy(wasIn, was))
	})
	c.named(word("prefill", nil), prefills(nil, was), prefills(nil, is), func(_ []string, after bool) string {
		if after {
			return join(prefills(isIn, is))
		}
		return join(prefills(wasIn, was))
	})
	c.plain(word("labels", nil), labels(was), labels(is))
	if was.Gate != nil || is.Gate != nil {
		c.sourced(word("gate", nil), gateText(was), cite(was.Authority), gateText(is), cite(is.Authority))
	}
	plain := func(field string) string { return field }
	c.plain(word("gathers", nil), strings.TrimSpace(strings.Join(rulesOf(was, plain), "；")), strings.TrimSpace(strings.Join(rulesOf(is, plain), "；")))
	c.sourced(word("suspend", nil), suspendText(was.Suspend), suspendCite(was.Suspend), suspendText(is.Suspend), suspendCite(is.Suspend))
	if was.Extend != nil || is.Extend != nil {
		c.plain(word("extend", nil), extendText(was.Extend), extendText(is.Extend))
	}
	return c
}

func (c *changes) limits(stage string, wasIn *procedure.Procedure, was []procedure.Limit, isIn *procedure.Procedure, is []procedure.Limit) {
	find := func(in []procedure.Limit, key string) (procedure.Limit, bool) {
		i := slices.IndexFunc(in, func(l procedure.Limit) bool { return l.Key == key })
		if i < 0 {
			return procedure.Limit{}, false
		}
		return in[i], true
	}
	var keys []string
	for _, l := range slices.Concat(was, is) {
		if !slices.Contains(keys, l.Key) {
			keys = append(keys, l.Key)
		}
	}
	for _, key := range keys {
		old, _ := find(was, key)
		new, _ := find(is, key)
		name := stage
		for _, l := range []procedure.Limit{old, new} {
			if l.Title != "" {
				name = l.Title
			}
		}
		before, after := marked(wasIn, old), marked(isIn, new)
		if TermText(old) == TermText(new) && cite(old.Authority) == cite(new.Authority) { // a stage that is called otherwise is no other limit
			before = after
		}
		c.sourced(word("limit", args{"limit": name}), before, cite(old.Authority), after, cite(new.Authority))
		c.plain(word("alarms", args{"limit": name}), alarmsText(old.Alarms), alarmsText(new.Alarms))
	}
}

// marked says a limit's term, with the marks it runs between by the titles of their stages. A slip's own has none.
func marked(p *procedure.Procedure, l procedure.Limit) string {
	if p == nil {
		return TermText(l)
	}
	for _, mark := range []*string{&l.From, &l.Until} {
		stage, what, named := strings.Cut(*mark, ".")
		if def, ok := p.Stage(stage); named && ok {
			*mark = message.Text("rulebook.mark."+what, args{"stage": def.Title})
		} else if i := slices.IndexFunc(p.Limits, func(l procedure.Limit) bool { return what == "due" && l.Key == stage }); i >= 0 {
			*mark = message.Text("rulebook.mark.due", args{"stage": cmp.Or(p.Limits[i].Title, stage)})
		} else if *mark == "started" {
			*mark = message.Text("rulebook.mark.started", nil)
		}
	}
	return TermText(l)
}

func alarmsText(alarms []procedure.Alarm) string {
	texts := make([]string, len(alarms))
	for i, a := range alarms {
		texts[i] = AlarmText(a)
	}
	return join(texts)
}

func (l *Library) names(p *procedure.Procedure, roles []procedure.Role) string {
	texts := make([]string, len(roles))
	for i, role := range roles {
		texts[i] = l.roleName(p, role)
	}
	return join(texts)
}

func (l *Library) partyText(p *procedure.Procedure, name string) string {
	party, ok := p.Parties[name]
	if !ok {
		return ""
	}
	title := party.Title
	if unit, ok := l.units[party.Unit]; ok {
		title = unit.Name
	}
	return title
}

// ways are where a stage leads: by the titles the procedure gives its stages, or without one by their keys.
func ways(p *procedure.Procedure, s *procedure.Stage) string {
	titles := func(keys []string) string {
		named := slices.Clone(keys)
		for i, key := range named {
			if p == nil {
				continue
			}
			if stage, ok := p.Stage(key); ok {
				named[i] = stage.Title
			} else if key == procedure.Closed {
				named[i] = word("closed", nil)
			}
		}
		return join(named)
	}
	var texts []string
	for _, action := range sortedKeys(s.Actions) {
		texts = append(texts, message.Text("actions."+string(action), nil)+"→"+titles(s.Actions[action]))
	}
	if s.Next != "" {
		texts = append(texts, "→"+titles([]string{s.Next}))
	}
	return join(texts)
}

func actionTitles(actions []procedure.ActionName) string {
	titles := make([]string, len(actions))
	for i, action := range actions {
		titles[i] = message.Text("actions."+string(action), nil)
	}
	return join(titles)
}

// fieldTitles names fields by the titles the forms before and after give them.
func fieldTitles(was, is *procedure.Procedure) func([]string, bool) string {
	return func(keys []string, after bool) string {
		of := was
		if after {
			of = is
		}
		var form struct {
			Properties map[string]struct{ Title string }
		}
		titles := slices.Clone(keys)
		if json.Unmarshal(of.Form, &form) == nil {
			for i, key := range titles {
				titles[i] = cmp.Or(form.Properties[key].Title, key)
			}
		}
		return join(titles)
	}
}
