package procedure

import (
	"encoding/json"
	"slices"
	"strings"
)

// Unit is the unit of a post.
func (p Post) Unit() string {
	unit, _, _ := strings.Cut(string(p), "/")
	return unit
}

// Role is the role of a post in its unit.
func (p Post) Role() string {
	_, role, _ := strings.Cut(string(p), "/")
	return role
}

// Units gives the units that play a party's part in the matter now. A party named by a form field follows the field.
func (s *State) Units(party string) []string {
	def, ok := s.Spec.Procedure.Parties[party]
	if !ok || def.Field == "" {
		return s.Spec.Parties[party]
	}
	return def.UnitsOf(s.Form)
}

// UnitsOf reads a party's units from a form, through the party's map where it has one.
func (p Party) UnitsOf(form map[string]json.RawMessage) []string {
	list, of, entries := strings.Cut(p.Field, ".")
	raw, ok := form[list]
	if !ok {
		return nil
	}
	var values []string
	if entries {
		var each []map[string]json.RawMessage
		if json.Unmarshal(raw, &each) != nil {
			return nil
		}
		for _, entry := range each {
			values = append(values, str(entry[of]))
		}
		return p.unitsFor(values)
	}
	if json.Unmarshal(raw, &values) != nil {
		var one string
		if json.Unmarshal(raw, &one) != nil || one == "" {
			return nil
		}
		values = []string{one}
	}
	return p.unitsFor(values)
}

// unitsFor are the units values stand for, each once.
func (p Party) unitsFor(values []string) []string {
	var units []string
	for _, value := range values {
		if p.Map != nil {
			value = p.Map[value]
		}
		if value != "" && !slices.Contains(units, value) {
			units = append(units, value)
		}
	}
	return units
}

// posts resolves roles to posts, without doubles, in the order named. Holders are what "holder" stands for.
func (s *State) posts(roles []Role, holders []Post) []Post {
	var posts []Post
	add := func(p Post) {
		if !slices.Contains(posts, p) {
			posts = append(posts, p)
		}
	}
	for _, role := range roles {
		switch role {
		case "holder":
			for _, holder := range holders {
				add(holder)
			}
		case "holder.head":
			for _, holder := range holders {
				add(s.head(holder.Unit()))
			}
		default:
			party, name, named := strings.Cut(string(role), "/")
			if !named {
				name = s.Spec.Procedure.Parties[party].Role
			}
			for _, unit := range s.Units(party) {
				if name == "head" {
					add(s.head(unit))
				} else {
					add(Post(unit + "/" + name))
				}
			}
		}
	}
	return posts
}

func (s *State) head(unit string) Post {
	if role, ok := s.Spec.Heads[unit]; ok {
		return Post(unit + "/" + role)
	}
	return Post(unit + "/head")
}

// held gives the posts a limit waits on: who has not signed its slip, or whose turn the stage is.
func (s *State) held(l RunningLimit) []Post {
	if stage, ok := s.Spec.Procedure.Stage(s.Stage); ok && stage.Kind == KindCollect && l.Slip == 0 {
		return s.owing(stage)
	}
	var posts []Post
	for _, a := range s.Assignments {
		waiting := (a.Duty == DutyAct || a.Duty == DutyVote) && !a.Waits && a.Stage == s.Stage
		if l.Slip != 0 {
			waiting = a.Duty == DutySign && a.Slip == l.Slip
		}
		if waiting && !slices.Contains(posts, a.Post) {
			posts = append(posts, a.Post)
		}
	}
	return posts
}
