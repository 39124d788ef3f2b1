package api

import (
	"context"
	"strings"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
)

// DiffRulebook says what a derived rulebook inherits, overrides and adds.
func (s *Server) DiffRulebook(_ context.Context, r DiffRulebookRequestObject) (DiffRulebookResponseObject, error) {
	found, ok := s.library().Diff(r.Rulebook)
	if !ok {
		return nil, store.ErrNotFound
	}
	diff := DiffRulebook200JSONResponse{Rulebook: found.Key, Extends: found.Parent, Items: []RulebookDiff_Items{}}
	add := func(path, title, source string, how rulebook.How, changes []rulebook.Change) {
		diff.Items = append(diff.Items, RulebookDiff_Items{Path: path, How: RulebookDiffItemsHow(how), Source: source, Sentence: title})
		for _, c := range changes {
			diff.Items = append(diff.Items, RulebookDiff_Items{Path: path, How: RulebookDiffItemsHowOverridden, From: c.From, To: c.To,
				Source: c.ToSource, Sentence: c.What})
		}
	}
	for _, p := range found.Procedures {
		add(p.Key, p.Title, p.Source, p.How, p.Changes)
		for _, stage := range p.Stages {
			add(p.Key+"."+stage.Key, stage.Title, stage.Source, stage.How, stage.Changes)
		}
	}
	return diff, nil
}

// ExplainProcedure counts out a procedure's timetable from a day on.
func (s *Server) ExplainProcedure(ctx context.Context, r ExplainProcedureRequestObject) (ExplainProcedureResponseObject, error) {
	if _, ok := s.library().Procedure(r.Rulebook, r.Procedure); !ok {
		return nil, store.ErrNotFound
	}
	from := calendar.DateOf(s.now())
	if r.Params.From != "" {
		var err error
		if from, err = calendar.ParseDate(r.Params.From); err != nil {
			return nil, &fault{code: "invalid-request", fields: []FieldError{{Field: "from", Message: fieldText("format")}}}
		}
	}
	table, err := s.calendar(ctx)
	if err != nil {
		return nil, err
	}
	found, err := rulebook.Explain(s.library(), r.Rulebook, r.Procedure, from, table)
	if err != nil {
		return nil, err
	}
	shown := Timetable{Procedure: r.Procedure, Title: found.Title, From: found.From.String(), Lines: []TimetableLine{}}
	for _, step := range found.Steps {
		line := TimetableLine{Stage: step.Stage, Title: step.Title, Who: step.Who, Does: step.Does,
			Authority: s.cited(r.Rulebook, step.Source),
			Text:      say("timetable.stage", map[string]any{"date": chineseDate(step.Entered), "stage": step.Title})}
		shown.Lines = append(shown.Lines, line)
		for _, t := range step.Terms {
			shown.Lines = append(shown.Lines, s.termLine(r.Rulebook, step.Stage, step.Title, t))
		}
	}
	for _, t := range found.Spanning {
		shown.Lines = append(shown.Lines, s.termLine(r.Rulebook, "", found.Title, t))
	}
	for _, line := range shown.Lines {
		shown.Provisional = shown.Provisional || line.Provisional
	}
	return ExplainProcedure200JSONResponse(shown), nil
}

// termLine is a limit counted out; one whose day a form says has no due yet.
func (s *Server) termLine(book, stage, title string, t rulebook.Term) TimetableLine {
	line := TimetableLine{Stage: stage, Title: title, Limit: t.Title, Within: t.Term,
		Authority: s.cited(book, t.Source),
		Text:      say("timetable.undated", map[string]any{"limit": t.Title, "term": t.Term})}
	if t.Dated {
		line.From, line.Due, line.Provisional = t.Due.From, t.Due.At, t.Due.Provisional
		line.Text = say("timetable.limit", map[string]any{"limit": t.Title, "term": t.Term, "due": civil(t.Due.At),
			"provisional": provisional(t.Due.Provisional)})
	}
	for _, d := range t.Days {
		line.Days = append(line.Days, day(d))
	}
	for _, ring := range t.Alarms {
		line.Alarms = append(line.Alarms, TimetableLine_Alarms{At: ring.At, Text: ring.Text, To: ring.To, Source: ring.Source})
	}
	return line
}

// cited reads what a timetable says of a rule's authority: an article, or in words who set it.
func (s *Server) cited(book, source string) Authority {
	if strings.Contains(source, " art. ") {
		return s.words.authority(book, procedure.Authority{Source: source})
	}
	return Authority{SetBy: source}
}

func chineseDate(d calendar.Date) string { return civilDay(d.At(0)) }
