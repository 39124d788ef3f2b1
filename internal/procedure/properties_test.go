package procedure_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/internal/procedure"
)

type rawMessage = json.RawMessage

var everyAction = []procedure.ActionName{
	procedure.ActionApprove, procedure.ActionApprove, procedure.ActionApprove, procedure.ActionReturn, procedure.ActionReject,
	procedure.ActionWithdraw, procedure.ActionFinish, procedure.ActionFill, procedure.ActionTransfer, procedure.ActionDelegate,
	procedure.ActionAddBefore, procedure.ActionAddAfter, procedure.ActionClaim, procedure.ActionComment, procedure.ActionCopy,
	procedure.ActionUrge, procedure.ActionAskExtension, procedure.ActionGrantExtension, procedure.ActionDenyExtension,
	procedure.ActionSuspend, procedure.ActionResume, procedure.ActionSign, procedure.ActionAcknowledge,
}

// Whatever people do in whatever order: state is the fold of the events, events survive their JSON, no state given to
// the machine changes under its owner, and nobody is left without a to-do.
func TestRandomCourses(t *testing.T) {
	everyone := []procedure.Actor{clerk, leader, officer, director, signer("east"), signer("west"), signer("north"),
		person("other", "culture/leader"), person("nobody")}
	posts := []procedure.Post{"", "culture/leader", "east/head", "office/clerk"}
	rapid.Check(t, func(t *rapid.T) {
		p := review()
		p.Stages[2].Mode = rapid.SampledFrom([]procedure.Mode{procedure.ModeAny, procedure.ModeAll, procedure.ModeSequence, procedure.ModeRatio}).Draw(t, "mode")
		p.Stages[2].Ratio = 60
		initial := procedure.New(spec(p))
		s, now := initial, monday
		var events []procedure.Event
		take := func(more []procedure.Event) {
			before := mustJSON(t, s)
			s = procedure.Fold(s, more)
			if len(more) > 0 && mustJSON(t, procedure.Fold(initial, events)) != before {
				t.Fatal("the machine changed a state under its owner")
			}
			events = append(events, more...)
			check(t, s)
		}
		begun, err := procedure.Decide(s, procedure.Command{Key: "0", Action: procedure.ActionStart, Actor: clerk, Submit: true}, now)
		if err != nil {
			t.Fatal(err)
		}
		take(begun)
		for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 96).Draw(t, "hours")) * time.Hour)
			take(procedure.Elapse(s, now))
			if wake := procedure.Wake(s); !wake.IsZero() && !wake.After(now) {
				t.Fatalf("still due at %s after elapsing to %s", wake, now)
			}
			c := procedure.Command{
				Key: string(rune('a' + i)), Action: rapid.SampledFrom(everyAction).Draw(t, "action"),
				Actor: rapid.SampledFrom(everyone).Draw(t, "actor"), Opinion: rapid.SampledFrom([]string{"", "意见"}).Draw(t, "opinion"),
				To: rapid.SampledFrom([]string{"", "submit", "group"}).Draw(t, "to"), Post: rapid.SampledFrom(posts).Draw(t, "post"),
				Days: rapid.IntRange(0, 6).Draw(t, "days"),
			}
			if rapid.Bool().Draw(t, "fills") {
				c.Fields = map[string]rawMessage{"summary": raw(rapid.SampledFrom([]string{"甲", "乙"}).Draw(t, "summary"))}
			}
			more, err := procedure.Decide(s, c, now)
			var refusal *procedure.Refusal
			if err != nil && !errors.As(err, &refusal) {
				t.Fatalf("not a refusal: %v", err)
			}
			take(more)
		}
		var again []procedure.Event
		if err := json.Unmarshal([]byte(mustJSON(t, events)), &again); err != nil {
			t.Fatal(err)
		}
		if mustJSON(t, procedure.Fold(initial, again)) != mustJSON(t, s) {
			t.Fatal("events do not survive their JSON")
		}
		var restored procedure.State
		if err := json.Unmarshal([]byte(mustJSON(t, s)), &restored); err != nil {
			t.Fatal(err)
		}
		if mustJSON(t, restored) != mustJSON(t, s) || !procedure.Wake(restored).Equal(procedure.Wake(s)) {
			t.Fatal("state does not survive its JSON")
		}
	})
}

// check holds what must be true of every matter at every moment.
func check(t *rapid.T, s procedure.State) {
	seen := map[int64]bool{}
	acting := 0
	for _, a := range s.Assignments {
		if seen[a.Assignment] {
			t.Fatalf("assignment %d twice", a.Assignment)
		}
		seen[a.Assignment] = true
		if a.Duty == procedure.DutyAct && a.Stage != s.Stage {
			t.Fatalf("a to-do of %q is open at %q", a.Stage, s.Stage)
		}
		if a.Duty == procedure.DutyAct && !a.Waits {
			acting++
		}
	}
	stage, ok := s.Spec.Procedure.Stage(s.Stage)
	if ok && stage.Kind == procedure.KindTask && acting == 0 {
		t.Fatalf("nobody's turn at %q: %+v", s.Stage, s.Assignments)
	}
	for _, l := range s.Limits {
		if rule, ok := s.Rule(l); !ok || len(l.Fired) != len(rule.Alarms) {
			t.Fatalf("limit %s has no rule", l.Key)
		}
	}
	if s.Stage == procedure.Closed && s.Outcome != procedure.OutcomeCompleted && len(s.Assignments)+len(s.Limits) > 0 {
		t.Fatal("a closed matter keeps people busy")
	}
}

func mustJSON(t *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every body's type name reads back as the same type.
func TestEveryEventTypeReadsBack(t *testing.T) {
	for _, body := range []procedure.Body{
		procedure.Started{}, procedure.StageEntered{}, procedure.StageLeft{}, procedure.ApprovalKept{}, procedure.Acted{},
		procedure.FormChanged{}, procedure.AssignmentOpened{}, procedure.AssignmentReady{}, procedure.AssignmentClaimed{},
		procedure.AssignmentClosed{}, procedure.LimitStarted{}, procedure.LimitMoved{}, procedure.LimitEnded{},
		procedure.AlarmFired{}, procedure.SlipIssued{}, procedure.MatterRequested{}, procedure.MatterLinked{},
		procedure.Suspended{}, procedure.Resumed{}, procedure.CalendarReplaced{}, procedure.MatterClosed{}, procedure.Enacted{},
		procedure.Gathered{}, procedure.Lapsed{}, procedure.Scored{}, procedure.ScoresClosed{}, procedure.DrawWanted{}, procedure.DrawCommitted{},
		procedure.DrawFixed{}, procedure.DrawRevealed{}, procedure.PollPlan{}, procedure.PollSeal{}, procedure.PollSkipped{},
		procedure.PollOpened{}, procedure.Voted{}, procedure.PollClosed{}, procedure.PollDecided{},
	} {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		back, err := procedure.DecodeBody(body.EventType(), data)
		if err != nil || reflect.TypeOf(back) != reflect.TypeOf(body) {
			t.Errorf("%s reads back as %T: %v", body.EventType(), back, err)
		}
	}
	if _, err := procedure.DecodeBody("no-such", nil); err == nil {
		t.Error("an unknown event type is read")
	}
}
