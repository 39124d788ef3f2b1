package procedure_test

import (
	"slices"
	"testing"
	"time"

	"duban/internal/procedure"
)

func keys(spans []procedure.Span) []string {
	var keys []string
	for _, span := range spans {
		keys = append(keys, span.Stage)
	}
	return keys
}

func TestAPlanIsWhatTheLimitsGive(t *testing.T) {
	s := procedure.New(spec(review()))
	plan := procedure.Plan(s)
	if got := keys(plan); !slices.Equal(got, []string{"submit", "group", "signers", "approval", "brief", "track", "fate", "open"}) {
		t.Fatal(got)
	}
	due := time.Date(2026, 3, 16, 9, 30, 0, 0, time.UTC) // ten working days after Monday 2 March, at closing time
	for _, span := range plan {
		switch span.Stage {
		case "submit":
			if !span.To.Equal(monday) {
				t.Error("a stage without a limit takes time:", span)
			}
		case "group":
			if !span.From.Equal(monday) || !span.To.Equal(due) {
				t.Error(span)
			}
		default:
			if !span.From.Equal(due) {
				t.Error(span)
			}
		}
	}
}

func TestProgressBesideThePlan(t *testing.T) {
	r := begin(t, review(), true)
	plan := procedure.Plan(r.s)
	spans := procedure.Progress(r.s, plan, monday.Add(time.Hour))
	if got := keys(spans); !slices.Equal(got, []string{"submit", "group"}) {
		t.Fatal(got)
	}
	if spans[0].To.IsZero() || !spans[1].To.IsZero() || spans[1].Late {
		t.Error(spans)
	}
	if spans = procedure.Progress(r.s, plan, monday.AddDate(0, 1, 0)); !spans[1].Late {
		t.Error("a month later it is late:", spans[1])
	}
	r.do(procedure.Command{Key: "back", Action: procedure.ActionReturn, Actor: leader, Opinion: "请补充"})
	spans = procedure.Progress(r.s, plan, r.now)
	for _, span := range spans {
		if (span.Stage == r.s.Stage) != span.To.IsZero() {
			t.Error("only the stage it is in goes on:", span)
		}
	}
	if r.s.Via != procedure.ActionReturn {
		t.Error("it came back by", r.s.Via)
	}
}

func TestALineOfTheLedger(t *testing.T) {
	p := review()
	s := procedure.New(spec(p))
	if line := s.Line(); line.Unit != "stb" || line.Leader != "" || !line.Term.IsZero() {
		t.Error(line)
	}
	p.Ledger = &procedure.Ledger{Unit: "group", Leader: "leader", Due: "due"}
	r := begin(t, p, true)
	if line := r.s.Line(); line.Unit != "economy" || line.Term.String() != "2026-03-16" {
		t.Error("the nearest limit's day:", line)
	}
	r.s.Form["leader"], r.s.Form["due"] = raw("副市长"), raw("2026-06-30")
	if line := r.s.Line(); line.Leader != "副市长" || line.Term.String() != "2026-06-30" {
		t.Error("what the form says:", line)
	}
	r.s.Form["due"], r.s.Limits, r.s.Closed = raw("月底"), nil, monday
	if line := r.s.Line(); line.Term.String() != "2026-03-02" {
		t.Error("the day of its end:", line)
	}
}
