package rulebook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"duban/internal/procedure"
)

// filledBy says which of the stage's fields one role alone fills; without a procedure by their keys.
func (l *Library) filledBy(in *procedure.Procedure, s *procedure.Stage) []string {
	texts := []string{}
	for _, field := range sortedKeys(s.FilledBy) {
		role := string(s.FilledBy[field])
		if in != nil {
			field, role = fieldTitles(in, in)([]string{field}, true), l.roleName(in, s.FilledBy[field])
		}
		texts = append(texts, word("filled", args{"field": field, "role": role}))
	}
	return texts
}

// prefills says what the stage's fields hold as it opens; without a procedure by their keys.
func prefills(in *procedure.Procedure, s *procedure.Stage) []string {
	texts := []string{}
	for _, field := range sortedKeys(s.Prefill) {
		from, copied := strings.CutPrefix(s.Prefill[field], "=")
		if in != nil {
			field = fieldTitles(in, in)([]string{field}, true)
		}
		if in != nil && copied {
			from = fieldTitles(in, in)([]string{from}, true)
		}
		texts = append(texts, word("prefilled", args{"field": field, "from": from}))
	}
	return texts
}

func labels(s *procedure.Stage) string {
	var texts []string
	for _, action := range sortedKeys(s.Labels) {
		texts = append(texts, s.Labels[action])
	}
	return join(texts)
}

func gateText(s *procedure.Stage) string {
	if s.Gate == nil {
		return ""
	}
	return s.Gate.When
}

func extendText(e *procedure.Extension) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s×%d", e.Max.Chinese(), e.Times)
}

func suspendText(s *procedure.Suspending) string {
	if s == nil {
		return ""
	}
	said := make([]string, len(s.By))
	for i, role := range s.By {
		said[i] = string(role)
	}
	return join(said)
}

func suspendCite(s *procedure.Suspending) string {
	if s == nil {
		return ""
	}
	return cite(s.Authority)
}

func intakeText(in *procedure.Intake) string {
	if in == nil {
		return ""
	}
	return in.Opens + "～" + in.Closes
}

func fieldsOf(schema json.RawMessage) []string {
	var s shape
	if json.Unmarshal(schema, &s) != nil {
		return nil
	}
	return sortedKeys(s.Properties)
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// String is the difference in Chinese.
func (d Difference) String() string {
	var b strings.Builder
	say := func(key string, a args) { fmt.Fprintln(&b, word(key, a)) }
	say("title", args{"title": d.Title, "key": d.Key, "parent": d.Parent})
	if d.Parent == "" {
		say("no-parent", nil)
	} else {
		say("authority", args{"source": d.Source})
	}
	for _, p := range d.Procedures {
		fmt.Fprintln(&b)
		say("procedure", args{"how": word(string(p.How), nil), "title": p.Title, "key": p.Key, "source": p.Source})
		put(&b, "  ", p.Changes)
		var same []string
		for _, s := range p.Stages {
			if s.How == Inherited {
				same = append(same, s.Title)
				continue
			}
			say("stage", args{"how": word(string(s.How), nil), "title": s.Title, "key": s.Key, "source": s.Source})
			put(&b, "    ", s.Changes)
		}
		if len(same) > 0 {
			say("same-stages", args{"stages": join(same)})
		}
	}
	return b.String()
}

func put(b *strings.Builder, indent string, all []Change) {
	for _, c := range all {
		key := "plain"
		if c.FromSource != "" || c.ToSource != "" {
			key = "change"
		}
		fmt.Fprintln(b, word(key, args{"indent": indent, "what": c.What, "from": c.From, "to": c.To,
			"fromSource": c.FromSource, "toSource": c.ToSource}))
	}
}
