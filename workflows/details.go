package workflows

import (
	"cmp"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"duban/internal/calendar"
	"duban/internal/message"
	"duban/internal/procedure"
)

// summaryLength bounds a summary: Temporal shows one line of at most 200 bytes.
const summaryLength = 60

// Attributes are what Temporal's own lists can be searched by. They are stored in the clear: identifiers only.
func Attributes(spec procedure.Spec) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(
		temporal.NewSearchAttributeKeyKeyword(AttributeProcedure).ValueSet(spec.Procedure.Rulebook+"/"+spec.Procedure.Key),
		temporal.NewSearchAttributeKeyKeyword(AttributeUnit).ValueSet(spec.Unit),
	)
}

// Summary is a matter in one line of Temporal's lists.
func Summary(spec procedure.Spec) string {
	line := []rune(spec.Procedure.Title + " · " + spec.Title)
	if len(line) > summaryLength {
		line = append(line[:summaryLength-1], '…')
	}
	return string(line)
}

// details says in Chinese where the matter stands, what it waits for, until when and why: what an operator sees in
// Temporal's interface.
func details(s procedure.State) string {
	var b strings.Builder
	say := func(key string, args map[string]any) { b.WriteString(message.Text("workflow."+key, args) + "\n\n") }
	say("heading", map[string]any{"procedure": s.Spec.Procedure.Title, "title": s.Spec.Title})
	b.WriteString(procedure.Standing(s, func(p procedure.Post) string { return postName(s, p) }) + "\n\n")
	if len(s.Assignments) > 0 {
		say("assignments", nil)
	}
	for _, a := range s.Assignments {
		say("assignment", map[string]any{"post": postName(s, a.Post), "duty": message.Text("workflow.duty."+string(a.Duty), nil)})
	}
	if len(s.Limits) > 0 {
		say("limits", nil)
	}
	for _, l := range s.Limits {
		title, source := limitTitle(s, l)
		args := map[string]any{"limit": title, "due": civil(l.Due.At), "source": source}
		if source == "" {
			say("limit", args)
		} else {
			say("limit-source", args)
		}
	}
	if at := procedure.Wake(s); !at.IsZero() {
		say("next", map[string]any{"at": civil(at)})
	}
	return b.String()
}

// postName names a post by what the matter knows of it: its unit's name, and its role.
func postName(s procedure.State, p procedure.Post) string {
	if p == procedure.Administrator {
		return message.Text("standing.administrator", nil)
	}
	return message.Text("workflow.post", map[string]any{"unit": cmp.Or(s.Spec.Names[p.Unit()], p.Unit()), "role": p.Role()})
}

// limitTitle names a running limit and the article it comes from.
func limitTitle(s procedure.State, l procedure.RunningLimit) (title, source string) {
	rule, _ := s.Rule(l)
	title = message.Text("workflow.limit-of-matter", nil)
	if stage, ok := s.Spec.Procedure.Stage(l.Stage); ok {
		title = stage.Title + message.Text("workflow.limit-of-stage", nil)
	}
	return cmp.Or(rule.Title, title), rule.Source
}

// civil writes an instant as a reader in Beijing time would.
func civil(t time.Time) string { return t.In(calendar.Shanghai).Format("2006年1月2日15:04") }
