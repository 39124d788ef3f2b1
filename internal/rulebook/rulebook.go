// Package rulebook reads an organisation's rules, written as YAML, into procedures that matters run by.
//
// It is pure. [Load] gives a checked [Library], [Check] says what is wrong with the files and how to mend it,
// [Library.Open] makes the specification a matter begins with, [Explain], [Library.Diff] and [Simulate] show what the
// rules come to.
package rulebook

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// Rulebook is one organisation's rules, compiled.
type Rulebook struct {
	Key          string `json:"key"`
	Title        string `json:"title"`
	Extends      string `json:"extends,omitempty"` // key of the rulebook it derives from
	Organisation string `json:"organisation"`
	procedure.Authority
	Version    string                          `json:"version"` // digest of its file and of those it derives from
	Hours      calendar.Hours                  `json:"hours"`
	Documents  map[string]string               `json:"documents"` // number a regulation is cited by ("001") -> its title
	Order      []string                        `json:"order"`     // keys of the procedures as written, inherited ones first
	Procedures map[string]*procedure.Procedure `json:"procedures"`
	Text       string                          `json:"-"` // its file

	tree   *node
	extent map[string]extent // document -> its articles
	facts  map[string]*facts // procedure -> what the compiled form does not hold
}

// facts are what is known of a procedure besides its compiled form.
type facts struct {
	candidates map[string][]string        // party -> units that may play its part
	named      map[string]procedure.Party // parties a form field names, those too that take no part but limit the field
	required   map[string]bool            // stage -> heirs must keep it
	node       *node
	stages     map[string]*node
	form       *form
	schema     *jsonschema.Schema // of the form
}

// Organisation is the units and posts rules are carried out by. Its keys and those of its units are unique in a library.
type Organisation struct {
	Key    string `json:"key"`
	Title  string `json:"title"`
	Within string `json:"within,omitempty"` // organisation it is part of, whose units its rules may name too
	Units  []Unit `json:"units"`
	Posts  []Post `json:"posts"`
}

// Unit is a unit of an organisation.
type Unit struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Kind     string `json:"kind"` // leading-group, office, special-group, district, department, section
	Parent   string `json:"parent,omitempty"`
	Head     string `json:"head"`               // role of the post that heads it
	Oversees bool   `json:"oversees,omitempty"` // sees every matter of its organisation that has left the draft
	Ended    bool   `json:"ended,omitempty"`    // no new matter may name it
}

// Post is a role in a unit. Login is the demonstration's.
type Post struct {
	Unit  string `json:"unit"`
	Role  string `json:"role"`
	Title string `json:"title"`
	Login string `json:"login,omitempty"`
}

// Name is the post as matters write it.
func (p Post) Name() procedure.Post { return procedure.Post(p.Unit + "/" + p.Role) }

// Library is all rulebooks and organisations of a folder, checked.
type Library struct {
	rulebooks     map[string]*Rulebook
	organisations map[string]*Organisation
	units         map[string]Unit
	roles         map[string]map[string]string // unit -> role -> title of the post
	sources       Sources
}

// Rulebook returns the rulebook with that key.
func (l *Library) Rulebook(key string) (*Rulebook, bool) {
	r, ok := l.rulebooks[key]
	return r, ok
}

// Rulebooks returns all rulebooks, by key.
func (l *Library) Rulebooks() []*Rulebook { return sortedValues(l.rulebooks) }

// Organisation returns the organisation with that key.
func (l *Library) Organisation(key string) (*Organisation, bool) {
	o, ok := l.organisations[key]
	return o, ok
}

// Organisations returns all organisations, by key.
func (l *Library) Organisations() []*Organisation { return sortedValues(l.organisations) }

// Unit returns the unit with that id, of whatever organisation.
func (l *Library) Unit(id string) (Unit, bool) {
	u, ok := l.units[id]
	return u, ok
}

// Procedure returns a procedure of a rulebook.
func (l *Library) Procedure(rulebook, key string) (*procedure.Procedure, bool) {
	r, ok := l.rulebooks[rulebook]
	if !ok {
		return nil, false
	}
	p, ok := r.Procedures[key]
	return p, ok
}

// Load reads all rulebooks (*.yaml) and organisations (*.org.yaml) of a folder. The error is [Problems] where the files
// are at fault, and the folder's own where it cannot be read.
func Load(fsys fs.FS) (*Library, error) {
	sources, err := ReadSources(fsys)
	if err != nil {
		return nil, err
	}
	return sources.Load()
}

// compile makes what can be made of the files, and says what is wrong with them.
func (s Sources) compile() (*Library, []Problem) {
	b := newBuilder(s)
	for _, name := range sortedKeys(s) {
		data := []byte(s[name])
		known := len(b.list)
		tree := parse(name, data, b.add)
		if tree == nil || len(b.list) > known {
			continue
		}
		if strings.HasSuffix(name, organisationFile) {
			if b.conforms(organisationSchema(), tree) {
				b.organisation(tree)
			}
		} else if b.conforms(rulebookSchema(), tree) {
			b.source(tree, data)
		}
	}
	if len(b.list) > 0 { // what was not read whole would only seem to be missing elsewhere
		return b.library, b.sorted()
	}
	b.settleOrganisations()
	for _, key := range sortedKeys(b.sources) {
		b.rulebook(key, nil)
	}
	b.settleRulebooks()
	return b.library, b.sorted()
}

func newBuilder(s Sources) *builder {
	return &builder{library: &Library{
		rulebooks: map[string]*Rulebook{}, organisations: map[string]*Organisation{}, units: map[string]Unit{},
		roles: map[string]map[string]string{}, sources: s,
	}, sources: map[string]source{}}
}

// builder makes a library; what is wrong is collected on the way.
type builder struct {
	problems
	library       *Library
	sources       map[string]source
	organisations []*node
	logins        []string
}

// source is a rulebook's file.
type source struct {
	tree *node
	data []byte
}

func (b *builder) source(tree *node, data []byte) {
	key := tree.get("rulebook")
	if _, ok := b.sources[key.text()]; ok {
		b.add(key.at, "duplicate-rulebook", args{"rulebook": key.text()})
		return
	}
	b.sources[key.text()] = source{tree, data}
}

// rulebook compiles one rulebook after the one it derives from; below are the heirs being compiled.
func (b *builder) rulebook(key string, below []string) *Rulebook {
	if done, ok := b.library.rulebooks[key]; ok {
		return done
	}
	src := b.sources[key]
	var parent *Rulebook
	digest := sha256.New()
	if extends := src.tree.get("extends"); extends != nil {
		switch _, known := b.sources[extends.text()]; {
		case !known:
			b.add(extends.at, "unknown-rulebook", args{"rulebook": extends.text(), "known": join(sortedKeys(b.sources))})
			return nil
		case extends.text() == key || slices.Contains(below, extends.text()):
			b.add(extends.at, "extends-itself", args{"rulebook": key})
			return nil
		}
		if parent = b.rulebook(extends.text(), append(below, key)); parent == nil {
			return nil
		}
		digest.Write([]byte(parent.Version))
	}
	digest.Write(src.data)
	tree := src.tree
	if parent != nil {
		tree = merge(parent.tree, src.tree)
	}
	r := b.compile(tree, parent, hex.EncodeToString(digest.Sum(nil))[:16])
	r.Text = string(src.data)
	b.library.rulebooks[key] = r
	if parent != nil {
		b.compare(parent, r, src.tree)
	}
	return r
}
