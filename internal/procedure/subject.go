package procedure

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Subject is who or what is scored or chosen among.
type Subject struct {
	ID    string
	Title string
	Unit  string // whose own it is
}

// subjects resolves "party:…" or "field:…" to who or what it names now. own is the entries' field that names their unit.
func (s *State) subjects(each, own string) []Subject {
	var list []Subject
	what, names, _ := strings.Cut(each, ":")
	if what == "party" {
		for _, party := range strings.Split(names, ",") {
			for _, unit := range s.Units(party) {
				if !slices.ContainsFunc(list, func(x Subject) bool { return x.ID == unit }) {
					list = append(list, Subject{ID: unit, Title: s.name(unit), Unit: unit})
				}
			}
		}
		return list
	}
	for _, entry := range s.list(names) {
		subject := Subject{ID: entryID(entry), Title: str(entry["title"])}
		if own != "" {
			subject.Unit = str(entry[own])
		}
		if subject.ID != "" && !slices.ContainsFunc(list, func(x Subject) bool { return x.ID == subject.ID }) {
			list = append(list, subject)
		}
	}
	return list
}

// list reads a form's list of entries.
func (s *State) list(field string) []map[string]json.RawMessage {
	var entries []map[string]json.RawMessage
	if json.Unmarshal(s.Form[field], &entries) != nil {
		return nil
	}
	return entries
}

// entryID identifies a list's entry: by its key, by the matter it comes from, or else by its title.
func entryID(entry map[string]json.RawMessage) string {
	return cmp.Or(str(entry["key"]), str(entry["matter"]), str(entry["title"]))
}

func str(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
