package rulebook_test

import (
	"testing"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// 001 art. 14(3): the evaluation is March's. Whoever takes every day the terms give has the report done by its end, in every
// year; and the limit that says so runs until then.
func TestTheEvaluationFitsIntoMarch(t *testing.T) {
	for year := 2024; year <= 2035; year++ {
		at := calendar.Date{Year: year, Month: 3, Day: 1}.At(8*60 + 30)
		spec, err := shipped().Open(rulebook.Request{Matter: "m", Rulebook: "zibo-city", Procedure: "practice-evaluation", Title: "成效评估", Unit: "office",
			Starter: actor("office/clerk"), At: at, Calendar: calendar.Shipped(),
			Form: form(`{"practices":[{"title":"甲","unit":"boshan","lead":"stb"},{"title":"乙","unit":"linzi","lead":"drc"}]}`)})
		if err != nil {
			t.Fatal(err)
		}
		s := procedure.New(spec)
		events, err := procedure.Decide(s, procedure.Command{Key: "k", Action: procedure.ActionStart, Actor: actor("office/clerk")}, at)
		if err != nil {
			t.Fatal(err)
		}
		running := procedure.Fold(s, events).Limits
		ends := 0
		for _, l := range running {
			if l.Key != "march" {
				continue
			}
			day := calendar.DateOf(l.Due.At)
			if day.Month > 4 || day.Month == 4 && day.Day > 3 || day.Year != year {
				t.Errorf("%d: the limit is %s", year, day)
			}
			for _, span := range procedure.Plan(s) {
				if span.Stage != "report" {
					continue
				}
				ends++
				if span.To.After(l.Due.At) {
					t.Errorf("%d: the report is planned for %s, due %s", year, span.To, l.Due.At)
				}
			}
		}
		if ends != 1 {
			t.Errorf("%d: the limit or the report is not planned: %+v", year, running)
		}
	}
}
