package rulebook

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// inventor makes up form values that a procedure's schema accepts, for simulated matters.
type inventor struct {
	rng     *rand.Rand
	library *Library
	schema  shape
	units   map[string][]string // form field, or "list.field" -> units it may name
	any     []string            // units any other field may name
}

// shape is the part of a JSON Schema values are made up from.
type shape struct {
	Type       string           `json:"type"`
	Format     string           `json:"format"`
	Enum       []any            `json:"enum"`
	OneOf      []constant       `json:"oneOf"`
	Items      *shape           `json:"items"`
	Properties map[string]shape `json:"properties"`
	MinItems   int              `json:"minItems"`
	MaxItems   int              `json:"maxItems"`
	Minimum    float64          `json:"minimum"`
	Maximum    float64          `json:"maximum"`
}

type constant struct {
	Const any `json:"const"`
}

// inventors are a simulation's, by procedure: its matters differ in their chances alone.
type inventors map[*procedure.Procedure]*inventor

// of is the procedure's inventor by a matter's own chances.
func (all inventors) of(l *Library, p *procedure.Procedure, rng *rand.Rand) (*inventor, error) {
	if all[p] == nil {
		in, err := newInventor(l, p)
		if err != nil {
			return nil, err
		}
		all[p] = in
	}
	in := *all[p]
	in.rng = rng
	return &in, nil
}

func newInventor(l *Library, p *procedure.Procedure) (*inventor, error) {
	book := l.rulebooks[p.Rulebook]
	in := &inventor{library: l, units: map[string][]string{}, any: l.unitsOf(book.Organisation, nil)}
	if len(p.Form) > 0 {
		if err := json.Unmarshal(p.Form, &in.schema); err != nil {
			return nil, err
		}
	}
	known := book.facts[p.Key]
	for name, party := range known.named {
		if party.Map == nil {
			in.units[party.Field] = known.candidates[name]
		}
	}
	return in, nil
}

// fields makes up values for the named fields.
func (in *inventor) fields(names []string, now time.Time) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for _, name := range names {
		value, err := json.Marshal(in.value(name, in.schema.Properties[name], now))
		if err == nil {
			values[name] = value
		}
	}
	return values
}

// value makes up a field's, or an entry's, named "list.field".
func (in *inventor) value(name string, s shape, now time.Time) any {
	switch {
	case len(s.OneOf) > 0: // the first is the one most chosen
		if in.rng.IntN(100) < 70 {
			return s.OneOf[0].Const
		}
		return s.OneOf[in.rng.IntN(len(s.OneOf))].Const
	case len(s.Enum) > 0:
		return s.Enum[in.rng.IntN(len(s.Enum))]
	}
	switch s.Type {
	case "boolean":
		return in.rng.IntN(20) > 0
	case "integer", "number":
		span := 50
		if s.Maximum > s.Minimum {
			span = min(span, int(s.Maximum-s.Minimum)+1)
		}
		return int(s.Minimum) + in.rng.IntN(span)
	case "array":
		return in.list(name, s, now)
	case "object":
		object := map[string]any{}
		for _, key := range sortedKeys(s.Properties) {
			object[key] = in.value(name+"."+key, s.Properties[key], now)
		}
		return object
	}
	switch s.Format {
	case "date":
		return calendar.DateOf(now).AddDays(in.rng.IntN(60)).String()
	case changeFormat:
		return fmt.Sprintf("%064x", in.rng.Uint64())
	case "unit":
		units, named := in.units[name]
		if !named {
			units = in.any
		}
		return units[in.rng.IntN(len(units))]
	}
	return fmt.Sprintf("%s %d", name, in.rng.IntN(1000))
}

func (in *inventor) list(name string, s shape, now time.Time) []any {
	list := []any{}
	if s.Items == nil {
		return list
	}
	seen := map[any]bool{}
	most := max(s.MinItems, 1) + in.rng.IntN(2)
	if s.MaxItems > 0 {
		most = min(most, s.MaxItems)
	}
	for tries := 0; tries < most || len(list) < s.MinItems && tries < 100*most; tries++ { // what came twice is left out
		v := in.value(name, *s.Items, now)
		if _, plain := v.(string); plain && seen[v] {
			continue
		} else if plain {
			seen[v] = true
		}
		list = append(list, v)
	}
	return list
}
