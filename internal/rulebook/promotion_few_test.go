package rulebook_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// 001 art. 14(1): twenty go on, and ten. A mutual vote that everybody would win is none: the office's director decides, knowing
// why. The second vote also puts in order whom it chooses, by the public's votes: it is held wherever there is an order.
func TestAVoteChooses(t *testing.T) {
	for _, c := range []struct {
		stage, options, into string
		n                    int
		action               procedure.ActionName
		held                 bool
		to                   string // where the director's word leads
		goOn                 int    // how many go on then
	}{
		{stage: "mutual", options: "candidates", n: 21, held: true},
		{stage: "mutual", options: "candidates", into: "finalists", n: 20, action: procedure.ActionApprove, to: "publication", goOn: 20},
		{stage: "mutual", options: "candidates", into: "finalists", n: 3, action: procedure.ActionReject, to: procedure.Closed, goOn: 3},
		{stage: "vote", options: "finalists", n: 11, held: true},
		{stage: "vote", options: "finalists", n: 10, held: true},
		{stage: "vote", options: "finalists", n: 2, held: true},
		{stage: "vote", options: "finalists", into: "winners", n: 1, action: procedure.ActionApprove, to: "consult", goOn: 1},
		{stage: "vote", options: "finalists", into: "winners", n: 1, action: procedure.ActionReturn, to: "call", goOn: 1},
	} {
		t.Run(fmt.Sprint(c.stage, c.n), func(t *testing.T) {
			r := stood(t, c.stage, map[string]any{c.options: practices(c.n), "term": "一期", "requirements": "按要求",
				"roll": []map[string]any{{"unit": "boshan", "eligible": 100}}})
			if c.held != (r.s.Stage == c.stage) {
				t.Fatalf("of %d it stands at %s", c.n, r.s.Stage)
			}
			if c.held {
				return
			}
			skipped := last[procedure.PollSkipped](r.events)
			if skipped.Why != procedure.UnvotableShort || skipped.Options != c.n || skipped.Least != map[string]int{"mutual": 21, "vote": 2}[c.stage] {
				t.Errorf("told is %+v", skipped)
			}
			r.do(t, procedure.Command{Action: c.action, Actor: actor("office/director"), Opinion: "已研究"})
			var chosen []map[string]any
			if err := json.Unmarshal(r.s.Form[c.into], &chosen); err != nil || len(chosen) != c.goOn || chosen[0]["place"] != nil {
				t.Errorf("%d go on as %v (%v)", len(chosen), chosen, err)
			}
			if r.s.Stage != c.to {
				t.Errorf("it stands at %s", r.s.Stage)
			}
		})
	}
}

// Where a district has nothing to choose besides its own, and nobody would have lost, the director may let all go on.
func TestAllOfOneUnitMayGoOn(t *testing.T) {
	finalists := practices(3)
	for i := range finalists {
		finalists[i]["unit"] = "boshan"
	}
	r := stood(t, "vote", map[string]any{"finalists": finalists, "term": "一期", "roll": []map[string]any{{"unit": "boshan", "eligible": 100}}})
	if why := last[procedure.PollSkipped](r.events).Why; why != procedure.UnvotableOwn {
		t.Fatalf("no vote for %q", why)
	}
	r.do(t, procedure.Command{Action: procedure.ActionApprove, Actor: actor("office/director"), Opinion: "已研究"})
	if r.s.Stage != "consult" {
		t.Errorf("it stands at %s", r.s.Stage)
	}
}

// With nothing to vote on there is nothing to go on with, and the director is told so.
func TestNothingGoesOnWithNothing(t *testing.T) {
	r := stood(t, "mutual", map[string]any{"candidates": []any{}, "finalists": practices(3)})
	_, err := procedure.Decide(r.s, procedure.Command{Key: "k", Action: procedure.ActionApprove, Actor: actor("office/director")}, monday)
	if err == nil || !strings.Contains(err.Error(), "gate-closed") {
		t.Errorf("at %s: %v", r.s.Stage, err)
	}
}

// practices are so many that came out of an earlier vote.
func practices(n int) []map[string]any {
	list := make([]map[string]any, n)
	for i := range list {
		list[i] = map[string]any{"matter": fmt.Sprintf("m%02d", i), "title": fmt.Sprint("经验", i), "unit": []string{"boshan", "linzi"}[i%2], "lead": "stb", "place": i + 1}
	}
	return list
}

// standing is a matter and its events.
type standing struct {
	s      procedure.State
	events []procedure.Event
}

// stood begins a promotion at one of its stages, with what its form says by then.
func stood(t *testing.T, stage string, fields map[string]any) *standing {
	t.Helper()
	spec, err := library(t).Open(rulebook.Request{Matter: "m", Rulebook: "zibo-city", Procedure: "practice-promotion", Title: "评选",
		Unit: "office", Starter: actor("office/clerk"), At: monday, Calendar: calendar.Shipped()})
	if err != nil {
		t.Fatal(err)
	}
	spec.Procedure.First = stage
	spec.Form = map[string]json.RawMessage{}
	for field, value := range fields {
		if spec.Form[field], err = json.Marshal(value); err != nil {
			t.Fatal(err)
		}
	}
	r := &standing{s: procedure.New(spec)}
	r.do(t, procedure.Command{Action: procedure.ActionStart, Actor: actor("office/clerk")})
	return r
}

func (r *standing) do(t *testing.T, c procedure.Command) {
	t.Helper()
	c.Key = fmt.Sprint(len(r.events))
	events, err := procedure.Decide(r.s, c, monday)
	if err != nil {
		t.Fatalf("%s at %s: %v", c.Action, r.s.Stage, err)
	}
	r.s, r.events = procedure.Fold(r.s, events), append(r.events, events...)
}

// last is the last event of a kind.
func last[B procedure.Body](events []procedure.Event) (found B) {
	for _, e := range events {
		if b, ok := e.Body.(B); ok {
			found = b
		}
	}
	return found
}
