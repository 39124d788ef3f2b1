package procedure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/internal/calendar"
)

// item is one thing a start stage starts a matter for: a unit, or an entry of a list field.
type item struct {
	unit  string
	entry map[string]json.RawMessage
}

// text gives the placeholders an item fills: {unit} and {item.field}.
func (it item) text(s *State) map[string]string {
	texts := map[string]string{"unit": s.name(it.unit)}
	for field, raw := range it.entry {
		texts["item."+field] = s.show(raw)
	}
	return texts
}

// items lists what a start stage starts matters for.
func (s *State) items(start *Start) []item {
	by := s.Spec.Unit
	if units := s.Units(start.As); len(units) > 0 {
		by = units[0]
	}
	what, names, _ := strings.Cut(start.Each, ":")
	switch what {
	case "party":
		var items []item
		for _, party := range strings.Split(names, ",") {
			for _, unit := range s.Units(strings.TrimSpace(party)) {
				if !slices.ContainsFunc(items, func(it item) bool { return it.unit == unit }) {
					items = append(items, item{unit: unit})
				}
			}
		}
		return items
	case "field":
		var entries []map[string]json.RawMessage
		if json.Unmarshal(s.Form[names], &entries) != nil {
			return nil
		}
		items := make([]item, len(entries))
		for i, entry := range entries {
			items[i] = item{unit: by, entry: entry}
			if field, named := strings.CutPrefix(start.As, "item."); named {
				items[i].unit = str(entry[field])
			}
		}
		return items
	}
	return []item{{unit: by}}
}

// value fills a form field, of a child say: "=field" and "=item.field" copy a value as it is, anything else is a text.
func (s *State) value(template string, it item) json.RawMessage {
	source, copied := strings.CutPrefix(template, "=")
	switch {
	case !copied:
		raw, _ := json.Marshal(s.text(template, it.text(s))) // a string always marshals
		return raw
	case source == "unit":
		raw, _ := json.Marshal(it.unit)
		return raw
	case source == "matter":
		raw, _ := json.Marshal(s.Spec.Matter)
		return raw
	}
	if field, ok := strings.CutPrefix(source, "item."); ok {
		return it.entry[field]
	}
	if key, ok := strings.CutPrefix(source, "due."); ok {
		if at := s.dueOf(key); !at.IsZero() {
			return text(calendar.DateOf(at).String())
		}
		return nil
	}
	return s.Form[source]
}

// ownOf are the entries of a list that name the unit in a field; without a field, all of them.
func ownOf(list json.RawMessage, field, unit string) json.RawMessage {
	var entries []map[string]json.RawMessage
	if field == "" || json.Unmarshal(list, &entries) != nil {
		return list
	}
	entries = slices.DeleteFunc(entries, func(entry map[string]json.RawMessage) bool {
		return !slices.Contains(unitsIn(entry[field]), unit)
	})
	own, _ := json.Marshal(entries) // what was read can be written
	return own
}

// text fills the placeholders of a document's text: {title}, a form field's {name}, {due.<limit>}, the
// commitment of {draw.<seed>}, and the extra ones.
func (s *State) text(template string, extra map[string]string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return out.String() + "{" + rest
		}
		out.WriteString(s.placeholder(name, extra))
		template = after
	}
}

func (s *State) placeholder(name string, extra map[string]string) string {
	if text, ok := extra[name]; ok {
		return text
	}
	if name == "title" {
		return s.Spec.Title
	}
	if key, ok := strings.CutPrefix(name, "due."); ok {
		return chineseDay(s.dueOf(key))
	}
	if seed, ok := strings.CutPrefix(name, "draw."); ok {
		return s.Draws[seed].Commitment
	}
	return s.show(s.Form[name])
}

// dueOf is the due of a running limit; zero where none is called so.
func (s *State) dueOf(key string) time.Time {
	for _, l := range s.Limits {
		if l.Key == key || l.Stage+"."+l.Key == key {
			return l.Due.At
		}
	}
	return time.Time{}
}

// show is a form value as a document writes it; units by their names.
func (s *State) show(raw json.RawMessage) string {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	return s.showValue(value)
}

func (s *State) showValue(value any) string {
	switch v := value.(type) {
	case string:
		if day, err := calendar.ParseDate(v); err == nil {
			return chineseDate(day)
		}
		return s.name(v)
	case bool:
		if v {
			return "是"
		}
		return "否"
	case []any:
		parts := make([]string, 0, len(v))
		for _, part := range v {
			if text := s.showValue(part); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "、")
	case map[string]any:
		title, _ := v["title"].(string)
		return title
	case nil:
		return ""
	}
	return fmt.Sprint(value)
}

func (s *State) name(unit string) string {
	if name, ok := s.Spec.Names[unit]; ok {
		return name
	}
	return unit
}

func chineseDay(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return chineseDate(calendar.DateOf(at))
}

func chineseDate(d calendar.Date) string {
	return fmt.Sprintf("%d年%d月%d日", d.Year, int(d.Month), d.Day)
}
