package rulebook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"duban/internal/procedure"
)

// AmendmentKind is what an amendment does.
type AmendmentKind string

// The kinds of amendment.
const (
	UnitAdded   AmendmentKind = "add"    // with its posts
	UnitRenamed AmendmentKind = "rename" // and its posts' titles
	UnitMoved   AmendmentKind = "move"   // below another, or below none
	UnitEnded   AmendmentKind = "end"    // matters on their way end in it; no new one may name it
)

// Amendment is a change of an organisation's units, beside its file. A unit's id and its posts' roles stay as they are for
// ever, for rules, matters and holdings speak of them.
type Amendment struct {
	Organisation string        `json:"organisation"`
	Kind         AmendmentKind `json:"kind"`
	Unit         string        `json:"unit"`
	Was          string        `json:"was,omitempty"`      // what the unit is called when this is proposed, for readers
	Name         string        `json:"name,omitempty"`     // added, renamed
	UnitKind     string        `json:"unitKind,omitempty"` // added
	Parent       string        `json:"parent,omitempty"`   // added, moved; empty: none
	Head         string        `json:"head,omitempty"`     // added: role of the post that heads it
	Posts        []Post        `json:"posts,omitempty"`    // added: all; renamed: those whose title changes
}

// Amend is the same files with an organisation amended. The error is a [*procedure.Refusal]: not-found (no such
// organisation), unit-unknown, unit-ended, unit-exists, unit-name-taken, unit-parent (there is none such, or it is below the
// unit itself), unit-has-units (others are below it), unit-posts (a post without a title or of an unknown role, or no head),
// unit-unchanged; or [Problems] where the file cannot be read.
func (s Sources) Amend(a Amendment) (Sources, error) {
	b := newBuilder(s)
	file := ""
	for _, name := range sortedKeys(s) {
		if !strings.HasSuffix(name, organisationFile) {
			continue
		}
		tree := parse(name, []byte(s[name]), b.add)
		if tree == nil || !b.conforms(organisationSchema(), tree) {
			continue
		}
		b.organisation(tree)
		if tree.get("organisation").text() == a.Organisation {
			file = name
		}
	}
	if len(b.list) > 0 {
		return nil, Problems(b.sorted())
	}
	o, ok := b.library.organisations[a.Organisation]
	if !ok {
		return nil, &procedure.Refusal{Code: "not-found"}
	}
	if refusal := o.amend(a, b.library.units); refusal != nil {
		return nil, refusal
	}
	text, err := yaml.Marshal(o.file())
	if err != nil {
		return nil, fmt.Errorf("rulebook: %w", err)
	}
	amended := maps.Clone(s)
	amended[file] = string(text)
	return amended, nil
}

// amend changes the organisation, or says why it cannot be; known are the units of all organisations.
func (o *Organisation) amend(a Amendment, known map[string]Unit) *procedure.Refusal {
	refuse := func(code string) *procedure.Refusal {
		return &procedure.Refusal{Code: code, Input: true, Args: map[string]any{"name": a.Name, "unit": known[a.Unit].Name}}
	}
	at := slices.IndexFunc(o.Units, func(u Unit) bool { return u.ID == a.Unit })
	switch {
	case a.Kind == UnitAdded && known[a.Unit].ID != "":
		return refuse("unit-exists")
	case a.Kind == UnitAdded:
	case at < 0:
		return refuse("unit-unknown")
	case o.Units[at].Ended:
		return refuse("unit-ended")
	}
	taken := func(u Unit) bool { return !u.Ended && u.ID != a.Unit && u.Name == a.Name }
	if a.Name != "" && slices.ContainsFunc(o.Units, taken) {
		return refuse("unit-name-taken")
	}
	if (a.Kind == UnitAdded || a.Kind == UnitMoved) && !mayBeBelow(a.Unit, a.Parent, known) {
		return refuse("unit-parent")
	}
	switch a.Kind {
	case UnitAdded:
		if !o.furnish(a) {
			return refuse("unit-posts")
		}
		o.Units = append(o.Units, Unit{ID: a.Unit, Name: a.Name, Kind: a.UnitKind, Parent: a.Parent, Head: a.Head})
	case UnitRenamed:
		before := slices.Clone(o.Posts)
		if !o.retitle(a) {
			return refuse("unit-posts")
		}
		if o.Units[at].Name == a.Name && slices.Equal(before, o.Posts) {
			return refuse("unit-unchanged")
		}
		o.Units[at].Name = a.Name
	case UnitMoved:
		if o.Units[at].Parent == a.Parent {
			return refuse("unit-unchanged")
		}
		o.Units[at].Parent = a.Parent
	case UnitEnded:
		for _, u := range known {
			if u.Parent == a.Unit && !u.Ended {
				return refuse("unit-has-units")
			}
		}
		o.Units[at].Ended = true
	}
	return nil
}

// mayBeBelow reports whether a unit may stand below another: one that is there, and is not the unit itself or below it.
func mayBeBelow(unit, parent string, known map[string]Unit) bool {
	for above := parent; above != ""; above = known[above].Parent {
		if above == unit || known[above].ID == "" {
			return false
		}
	}
	return parent == "" || !known[parent].Ended
}

// furnish gives a new unit its posts; false: they are not what a unit needs.
func (o *Organisation) furnish(a Amendment) bool {
	headed := false
	var roles []string
	for _, p := range a.Posts {
		if p.Title == "" || slices.Contains(roles, p.Role) {
			return false
		}
		headed, roles = headed || p.Role == a.Head, append(roles, p.Role)
		o.Posts = append(o.Posts, Post{Unit: a.Unit, Role: p.Role, Title: p.Title})
	}
	return headed && a.Name != ""
}

// retitle gives posts of a unit other titles; false: there is no such post, or no title.
func (o *Organisation) retitle(a Amendment) bool {
	for _, p := range a.Posts {
		at := slices.IndexFunc(o.Posts, func(known Post) bool { return known.Unit == a.Unit && known.Role == p.Role })
		if at < 0 || p.Title == "" {
			return false
		}
		o.Posts[at].Title = p.Title
	}
	return a.Name != ""
}

// file is the organisation as its file has it.
func (o *Organisation) file() yaml.MapSlice {
	given := func(key, value string) yaml.MapSlice {
		if value == "" {
			return nil
		}
		return yaml.MapSlice{{Key: key, Value: value}}
	}
	units := yaml.MapSlice{}
	for _, u := range o.Units {
		unit := slices.Concat(given("name", u.Name), given("kind", u.Kind), given("parent", u.Parent), given("head", u.Head))
		if u.Oversees {
			unit = append(unit, yaml.MapItem{Key: "oversees", Value: true})
		}
		if u.Ended {
			unit = append(unit, yaml.MapItem{Key: "ended", Value: true})
		}
		posts := yaml.MapSlice{}
		for _, p := range o.Posts {
			if p.Unit == u.ID {
				posts = append(posts, yaml.MapItem{Key: p.Role, Value: slices.Concat(given("title", p.Title), given("login", p.Login))})
			}
		}
		units = append(units, yaml.MapItem{Key: u.ID, Value: append(unit, yaml.MapItem{Key: "posts", Value: posts})})
	}
	return slices.Concat(given("organisation", o.Key), given("title", o.Title), given("within", o.Within), yaml.MapSlice{{Key: "units", Value: units}})
}
