package rulebook_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// What begins by itself begins once: under the rulebook that says so, or that says it otherwise.
func TestBeginnings(t *testing.T) {
	var found []string
	for _, b := range withDistrict(t).Beginnings() {
		found = append(found, b.Rulebook+"/"+b.Procedure.Key)
	}
	if want := []string{"boshan/practice-promotion", "zibo-city/innovation-call", "zibo-city/practice-promotion", "zibo-city/practice-evaluation"}; !slices.Equal(found, want) {
		t.Errorf("%v begin by themselves", found)
	}
	if _, ok := withDistrict(t).Beginning("zibo-city", "first-study"); ok {
		t.Error("a study begins by itself")
	}
}

func TestTheDaysOfABeginning(t *testing.T) {
	promotion, _ := library(t).Beginning("zibo-city", "practice-promotion")
	for from, next := range map[string]string{"2027-01-10": "2027-01-10", "2027-01-11": "2027-07-10", "2027-07-11": "2028-01-10"} {
		day, _ := calendar.ParseDate(from)
		if got := promotion.Next(day).String(); got != next {
			t.Errorf("after %s it begins on %s, not %s", from, got, next)
		}
		if promotion.On(day) != (from == next) {
			t.Errorf("%s: on the day: %v", from, promotion.On(day))
		}
	}
	for now, next := range map[string]string{"2027-01-10T08:29:59+08:00": "2027-01-10", "2027-01-10T08:30:00+08:00": "2027-07-10"} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil || promotion.After(at).String() != next {
			t.Errorf("at %s the next is %s (%v)", now, promotion.After(at), err)
		}
	}
	if promotion.Opens.String() != "08:30" {
		t.Errorf("it begins at %s", promotion.Opens)
	}
}

// A schedule rings on each day that may be the one: a refusal on the others is in order.
func TestTheDaysAScheduleRings(t *testing.T) {
	for on, days := range map[string]map[string]bool{
		"01-10": {"2027-01-10": true, "2027-01-11": false, "2027-02-10": false},
		"31":    {"2027-02-27": false, "2027-02-28": true, "2027-03-30": true, "2027-03-31": true},
		"15":    {"2027-02-15": true, "2027-02-14": false},
		"02-29": {"2027-02-28": true, "2028-02-29": true, "2027-03-28": false},
	} {
		b := rulebook.Beginning{Procedure: &procedure.Procedure{Begins: &procedure.Begins{On: []string{on}}}}
		for text, want := range days {
			day, err := calendar.ParseDate(text)
			if err != nil || b.Rings(day) != want {
				t.Errorf("%s, %s: it rings: %v (%v)", on, text, !want, err)
			}
		}
	}
}

// A matter that begins by itself is the office's, says in its title which half-year it is of, and can be opened as it is.
func TestTheRequestOfABeginning(t *testing.T) {
	l := library(t)
	promotion, _ := l.Beginning("zibo-city", "practice-promotion")
	for day, want := range map[string]string{"2027-01-10": "2027年上半年", "2027-07-10": "2027年下半年"} {
		on, _ := calendar.ParseDate(day)
		r, err := promotion.Request(on, nil)
		if err != nil || r.Title != want+"创新改革经验推广推介评选" || string(r.Form["term"]) != `"`+want+`"` || r.Unit != "office" {
			t.Errorf("%s: %+v (%v)", day, r, err)
		}
	}
	evaluation, _ := l.Beginning("zibo-city", "practice-evaluation")
	day := calendar.Date{Year: 2027, Month: 3, Day: 1}
	gatherings := evaluation.Gatherings(day)
	if len(gatherings) != 1 || gatherings[0].Field != "practices" || gatherings[0].Procedure != "practice-promotion" || gatherings[0].Of != "selected" ||
		gatherings[0].Rulebook != "zibo-city" || !gatherings[0].From.Equal(time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC)) ||
		!gatherings[0].To.Equal(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", gatherings)
	}
	for name, list := range map[string][]json.RawMessage{
		"nothing": nil,
		"one":     {json.RawMessage(`{"title": "一网通办", "unit": "zhangdian", "lead": "stb", "place": 1, "unitVotes": 20}`)},
	} {
		r, err := evaluation.Request(day, map[string][]json.RawMessage{"practices": list})
		if err != nil {
			t.Fatal(err)
		}
		r.Matter, r.At = "0190f7a0-0000-7000-8000-000000000001", day.At(evaluation.Opens)
		spec, err := l.Open(r)
		if err != nil || spec.Title != "2026年度创新改革经验推广推介成效评估" || (spec.Form["practices"] != nil) != (list != nil) {
			t.Errorf("%s: %+v (%v)", name, spec.Form, err)
		}
		events, err := procedure.Decide(procedure.New(spec), procedure.Command{Action: procedure.ActionStart}, r.At)
		if state := procedure.Fold(procedure.New(spec), events); err != nil || state.Stage != "prepare" || state.Assignments[0].Post != "office/clerk" {
			t.Errorf("%s: it stands in %s (%v)", name, state.Stage, err)
		}
	}
}
