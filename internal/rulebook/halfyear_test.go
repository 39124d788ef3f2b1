package rulebook_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

// shipped is what is shipped, read once.
var shipped = sync.OnceValue(func() *rulebook.Library {
	l, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		panic(err)
	}
	return l
})

// 001 art. 14(2): summed up by the end of June and of December, reported by the tenth. Whenever a roll-out begins and however
// long its office takes, the summaries are asked for before they are due, or at once where that has passed; nobody is closed
// out before they could answer; and the report is that of the same half-year.
func TestNoRollOutLosesItsHalfYear(t *testing.T) {
	cal := calendar.Calendar{Table: calendar.Shipped()}
	for _, year := range []int{2025, 2026, 2027} {
		for _, span := range [][2]calendar.Date{
			{{Year: year, Month: 5, Day: 20}, {Year: year, Month: 7, Day: 12}}, {{Year: year, Month: 11, Day: 20}, {Year: year + 1, Month: 1, Day: 12}},
		} {
			for day := span[0]; !day.At(0).After(span[1].At(0)); day = day.AddDays(1) {
				for _, workdays := range []int{0, 7, 15} {
					rollsOut(t, cal, day.At(9*60), cal.Deadline(day.At(9*60), calendar.Duration{N: workdays, Unit: calendar.Workdays}).At)
				}
			}
		}
	}
}

// rollsOut begins a roll-out at an instant, brings it to where it waits at another, and looks at what follows.
func rollsOut(t *testing.T, cal calendar.Calendar, begins, waits time.Time) {
	t.Helper()
	s := waiting(t, begins, waits)
	due := map[string]time.Time{}
	for _, l := range s.Limits {
		due[l.Key] = l.Due.At
	}
	entered := waits
	for i := 0; s.Stage == "season" && i < 100; i++ {
		if wake := procedure.Wake(s); wake.After(entered) {
			entered = wake
		}
		s = procedure.Fold(s, procedure.Elapse(s, entered))
	}
	said := fmt.Sprintf("begun %s, waiting from %s, due %s: ", begins.Format(time.DateOnly), waits.Format(time.DateOnly), due["summaries"].Format(time.DateOnly))
	asked := cal.Before(due["summaries"], calendar.Duration{N: 14, Unit: calendar.Workdays})
	if asked.Before(waits) {
		asked = waits
	}
	if s.Stage != "summaries" || !s.Marks["summaries.entered"].Equal(asked) {
		t.Errorf("%sat %s since %s, want the summaries at %s", said, s.Stage, s.Entered, asked)
		return
	}
	if ten := due["report"].Sub(due["summaries"]); ten < 5*24*time.Hour || ten > 15*24*time.Hour {
		t.Errorf("%sthe report is due %s", said, due["report"])
	}
	for _, l := range s.Limits {
		from := due["summaries"]
		if from.Before(asked) {
			from = asked
		}
		if want := cal.Deadline(from, calendar.Duration{N: 2, Unit: calendar.Workdays}).At; l.Key == "close" && !l.Due.At.Equal(want) {
			t.Errorf("%sit closes %s, want %s", said, l.Due.At, want)
		}
	}
	if after := cal.Deadline(due["summaries"], calendar.Duration{N: 5, Unit: calendar.Workdays}).At; after.After(due["report"]) {
		t.Errorf("%swhoever keeps every term reports by %s, too late for %s", said, after, due["report"])
	}
}

// waiting is a roll-out begun at an instant whose office did its part at another.
func waiting(t *testing.T, begins, waits time.Time) procedure.State {
	t.Helper()
	spec, err := shipped().Open(rulebook.Request{Matter: "m", Rulebook: "zibo-city", Procedure: "practice-rollout", Title: "推广", Unit: "office",
		Starter: actor("office/clerk"), At: begins, Calendar: calendar.Shipped(),
		Form: form(`{"term":"一期","practices":[{"title":"甲","unit":"boshan","lead":"stb","text":"文"},{"title":"乙","unit":"linzi","lead":"drc","text":"文"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	s := procedure.New(spec)
	for i, c := range []procedure.Command{
		{Action: procedure.ActionStart, Actor: actor("office/clerk")},
		{Action: procedure.ActionApprove, Actor: actor("office/clerk"), Fields: map[string]json.RawMessage{"opinions": []byte(`"意见"`)}},
		{Action: procedure.ActionApprove, Actor: actor("office/director")},
	} {
		at := waits
		if i == 0 {
			at = begins
		}
		c.Key = fmt.Sprint(i)
		events, err := procedure.Decide(s, c, at)
		if err != nil {
			t.Fatal(err)
		}
		s = procedure.Fold(s, events)
	}
	return s
}
