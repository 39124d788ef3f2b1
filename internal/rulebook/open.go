package rulebook

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// Request asks for a matter to be opened.
type Request struct {
	Matter    string // id, a UUID
	Rulebook  string
	Procedure string
	Title     string
	Form      map[string]json.RawMessage
	Unit      string          // that starts it
	Starter   procedure.Actor // without a person: another matter starts it, by a rule
	Parent    *procedure.Parent
	At        time.Time // by the matter's clock
	Clock     procedure.Clock
	Calendar  calendar.Table // as published now
}

// maxTitle is the longest title a matter may have, in characters.
const maxTitle = 200

// Years of special days a matter carries: the last, for what began in it, and as many ahead as terms may reach.
const (
	yearsBack  = 1
	yearsAhead = 3
)

// Open makes the specification a matter begins with, or says why it may not begin. The error is always a
// [*procedure.Refusal]: unknown-rulebook, unknown-procedure, not-a-starter, intake-closed, bad-title, bad-form,
// party-without-unit.
func (l *Library) Open(r Request) (procedure.Spec, error) {
	book, ok := l.rulebooks[r.Rulebook]
	if !ok {
		return procedure.Spec{}, &procedure.Refusal{Code: "unknown-rulebook", Args: args{"rulebook": r.Rulebook}}
	}
	p, ok := book.Procedures[r.Procedure]
	if !ok {
		return procedure.Spec{}, &procedure.Refusal{Code: "unknown-procedure", Args: args{"procedure": r.Procedure, "rulebook": r.Rulebook}}
	}
	if refusal := l.mayOpen(book, p, r); refusal != nil {
		return procedure.Spec{}, refusal
	}
	year := calendar.DateOf(r.At).Year
	spec := procedure.Spec{
		Matter: r.Matter, Title: r.Title, Procedure: *p,
		Calendar: calendar.Calendar{Table: r.Calendar.Slice(year-yearsBack, year+yearsAhead), Hours: book.Hours},
		Parties:  map[string][]string{}, Names: map[string]string{}, Form: r.Form, Unit: r.Unit, Starter: r.Starter,
		Parent: r.Parent, At: r.At, Clock: r.Clock,
	}
	if spec.Form == nil {
		spec.Form = map[string]json.RawMessage{}
	}
	for name, party := range p.Parties {
		spec.Parties[name] = units(party, r)
	}
	for _, unit := range append(l.unitsOf(book.Organisation, nil), r.Unit) {
		u, ok := l.units[unit]
		if !ok {
			continue
		}
		spec.Names[unit] = u.Name
		if u.Head != "head" {
			if spec.Heads == nil {
				spec.Heads = map[string]string{}
			}
			spec.Heads[unit] = u.Head
		}
	}
	return spec, nil
}

func (l *Library) mayOpen(book *Rulebook, p *procedure.Procedure, r Request) error {
	if title := []rune(strings.TrimSpace(r.Title)); len(title) == 0 || len(title) > maxTitle {
		return &procedure.Refusal{Code: "bad-title", Args: args{"most": maxTitle}, Input: true}
	}
	if refusal := l.MayStart(book.Key, p.Key, r.Unit, r.Starter); refusal != nil {
		return refusal
	}
	if p.Intake != nil && !inIntake(p.Intake, calendar.DateOf(r.At)) {
		return &procedure.Refusal{Code: "intake-closed", Authority: p.Intake.Authority,
			Args: args{"opens": p.Intake.Opens, "closes": p.Intake.Closes}}
	}
	if procedure.TooLarge(nil, r.Form) {
		return &procedure.Refusal{Code: "form-too-large", Input: true}
	}
	faults := l.CheckFields(p, r.Form)
	if schema := book.facts[p.Key].schema; schema != nil {
		for _, field := range schema.Required {
			if _, ok := r.Form[field]; !ok {
				faults = append(faults, Fault{Field: field, Code: "missing"})
			}
		}
	}
	if len(faults) > 0 {
		return &procedure.Refusal{Code: "bad-form", Args: args{"fields": faults}, Input: true}
	}
	return nil
}

// MayStart says why the actor may not start a matter of the procedure for the unit; nil if they may. A matter that
// another starts by a rule has a starter without a person, and only its unit is asked about.
func (l *Library) MayStart(rulebook, key, unit string, actor procedure.Actor) error {
	book, ok := l.rulebooks[rulebook]
	if !ok {
		return &procedure.Refusal{Code: "unknown-rulebook", Args: args{"rulebook": rulebook}}
	}
	p, ok := book.Procedures[key]
	if !ok {
		return &procedure.Refusal{Code: "unknown-procedure", Args: args{"procedure": key, "rulebook": rulebook}}
	}
	byRule := actor.Person == ""
	for name, party := range p.Parties {
		if party.Starter && byRule && !slices.Contains(book.facts[key].candidates[name], unit) {
			return &procedure.Refusal{Code: "not-a-starter", Authority: p.Authority, Args: args{"procedure": p.Title}}
		}
	}
	if byRule {
		return nil
	}
	for _, role := range p.Starters {
		name, post, named := strings.Cut(string(role), "/")
		if !named {
			post = p.Parties[name].Role
		}
		holds := actor.Holds(procedure.Post(unit + "/" + l.roleIn(unit, post)))
		if holds && slices.Contains(book.facts[key].candidates[name], unit) {
			return nil
		}
	}
	return &procedure.Refusal{Code: "not-a-starter", Authority: p.Authority, Args: args{"procedure": p.Title}}
}

// units resolves a party at the start. A party named by a form field follows the field afterwards.
func units(party procedure.Party, r Request) []string {
	switch {
	case party.Unit != "":
		return []string{party.Unit}
	case len(party.Units) > 0:
		return party.Units
	case party.Field != "":
		return party.UnitsOf(r.Form)
	}
	return []string{r.Unit}
}

// Fault is what is wrong with one field of a form.
type Fault struct {
	Field string `json:"field"`
	Code  string `json:"code"` // missing, wrong, unknown, no-such-unit
	Path  string `json:"path,omitempty"`
}

// ValidateForm checks the given fields of a procedure's form against its JSON Schema. It asks for no field that is not
// given: what a stage needs is the stage's to ask. So it serves a whole form and a change of some fields alike.
func ValidateForm(p *procedure.Procedure, fields map[string]json.RawMessage) []Fault {
	if len(p.Form) == 0 {
		return validate(nil, fields)
	}
	schema, err := compileSchema(p.Form)
	if err != nil {
		return []Fault{{Code: "wrong"}}
	}
	return validate(schema, fields)
}

func validate(schema *jsonschema.Schema, fields map[string]json.RawMessage) []Fault {
	var faults []Fault
	doc := map[string]any{}
	for _, name := range sortedKeys(fields) {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(fields[name]))
		if err != nil {
			faults = append(faults, Fault{Field: name, Code: "wrong"})
			continue
		}
		doc[name] = value
	}
	for _, name := range sortedKeys(doc) {
		var property *jsonschema.Schema
		if schema != nil {
			property = schema.Properties[name]
		}
		if property == nil {
			faults = append(faults, Fault{Field: name, Code: "unknown"})
			continue
		}
		if err := property.Validate(doc[name]); err != nil {
			for _, leaf := range leaves(err) {
				faults = append(faults, Fault{Field: name, Code: "wrong", Path: strings.Join(leaf.InstanceLocation, ".")})
			}
		}
	}
	return faults
}

// unitFaults finds form fields that name a unit there is none of, or one that may not play the part the field gives it.
func (l *Library) unitFaults(p *procedure.Procedure, fields map[string]json.RawMessage) []Fault {
	book, ok := l.rulebooks[p.Rulebook]
	if !ok || book.facts[p.Key] == nil {
		return nil
	}
	known := book.facts[p.Key]
	var faults []Fault
	for _, unit := range known.form.units(fields) {
		if _, ok := l.units[unit.Path]; !ok {
			faults = append(faults, unit)
		}
	}
	for _, name := range sortedKeys(known.named) {
		party := known.named[name]
		field, _, _ := strings.Cut(party.Field, ".")
		if _, given := fields[field]; !given {
			continue
		}
		for _, unit := range party.UnitsOf(fields) {
			if _, exists := l.units[unit]; exists && !slices.Contains(known.candidates[name], unit) {
				faults = append(faults, Fault{Field: field, Code: "no-such-unit", Path: unit})
			}
		}
	}
	return faults
}

// CheckFields checks a change of form fields as [ValidateForm] does, and that the units it names may play their parts.
func (l *Library) CheckFields(p *procedure.Procedure, fields map[string]json.RawMessage) []Fault {
	if book, ok := l.rulebooks[p.Rulebook]; ok && book.Version == p.Version && book.facts[p.Key] != nil {
		return append(validate(book.facts[p.Key].schema, fields), l.unitFaults(p, fields)...)
	}
	return append(ValidateForm(p, fields), l.unitFaults(p, fields)...)
}
