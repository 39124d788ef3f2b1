package procedure_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// The fixture is a small review: submit, two signers, the office, the director, a brief, a child awaited, a gate.
func review() procedure.Procedure {
	term := func(s string) *calendar.Duration {
		d, err := calendar.ParseDuration(s)
		if err != nil {
			panic(err)
		}
		return &d
	}
	office := procedure.Authority{SetBy: "office"}
	talk := []procedure.ActionName{procedure.ActionTransfer, procedure.ActionDelegate, procedure.ActionAddBefore,
		procedure.ActionAddAfter, procedure.ActionClaim, procedure.ActionComment, procedure.ActionCopy}
	return procedure.Procedure{
		Key: "review", Rulebook: "test", Title: "审查", Workflow: "InnovationProposal", First: "submit",
		Parties: map[string]procedure.Party{
			"applicant": {Starter: true, Role: "clerk"},
			"group":     {Field: "category", Map: map[string]string{"economy": "economy", "culture": "culture"}, Role: "leader"},
			"office":    {Unit: "office", Role: "clerk"},
			"signers":   {Units: []string{"east", "west", "north"}, Role: "head"},
		},
		Urge: &procedure.Urge{By: []procedure.Role{"office"}, Every: *term("1 workday"), Authority: office},
		Limits: []procedure.Limit{{Key: "whole", From: "group.entered", Until: "approval.done", Within: term("1 month"), Authority: office,
			Alarms: []procedure.Alarm{{At: "due", Do: procedure.DoEscalate, To: []procedure.Role{"office/director"}}}}},
		Slips: []procedure.SlipKind{
			{Key: "urging", Title: "催办单", Prefix: "催", From: "office", Body: "{title}应于{due}前办理。", Authority: office,
				Sign: &procedure.Limit{Key: "sign", Within: term("2 workdays"), Alarms: []procedure.Alarm{
					{At: "due", Do: procedure.DoUrge, To: []procedure.Role{"holder"}}}}},
			{Key: "brief", Title: "简报", Prefix: "报", From: "office", Body: "{title}：{summary}", Authority: office,
				Sign: &procedure.Limit{Key: "sign", Within: term("2 workdays"), Alarms: []procedure.Alarm{
					{At: "due", Do: procedure.DoUrge, To: []procedure.Role{"holder"}}}}},
		},
		Stages: []procedure.Stage{
			{Key: "submit", Title: "提报", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"applicant"},
				Fields: []string{"category", "summary", "budget"}, Needs: []string{"category", "summary"},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"group"}, procedure.ActionWithdraw: {"closed"}}},
			{Key: "group", Title: "小组初审", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"group"}, Allow: talk,
				Inputs: []string{"category", "summary"},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"signers"}, procedure.ActionReturn: {"submit"},
					procedure.ActionReject: {"closed"}, procedure.ActionWithdraw: {"submit"}},
				Limits: []procedure.Limit{{Key: "limit", Within: term("10 workdays"), Alarms: []procedure.Alarm{
					{Before: term("3 workdays"), Do: procedure.DoNotice, To: []procedure.Role{"holder"}},
					{At: "due", Do: procedure.DoSlip, Slip: "urging", To: []procedure.Role{"holder"}},
					{After: term("3 workdays"), Do: procedure.DoEscalate, To: []procedure.Role{"office/director"}}}}},
				Extend:  &procedure.Extension{By: []procedure.Role{"office/director"}, Max: *term("5 workdays"), Times: 1, Authority: office},
				Suspend: &procedure.Suspending{By: []procedure.Role{"office"}}},
			{Key: "signers", Title: "会签", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"signers"}, Mode: procedure.ModeAll, Allow: talk,
				Inputs:  []string{"budget"},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"approval"}, procedure.ActionReturn: {"submit", "group"}}},
			{Key: "approval", Title: "审定", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"office/director"},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"brief"}, procedure.ActionReturn: {"submit", "group", "signers"}}},
			{Key: "brief", Title: "简报", Kind: procedure.KindIssue, Authority: office, Issue: &procedure.Issue{Slip: "brief", To: []procedure.Role{"applicant"}}, Next: "track"},
			{Key: "track", Title: "立项", Kind: procedure.KindStart, Authority: office, Next: "fate",
				Start: &procedure.Start{Procedure: "tracking", Title: "{title}跟踪", Form: map[string]string{"summary": "=summary"}, Link: "tracking"}},
			{Key: "fate", Title: "跟踪", Kind: procedure.KindWait, Authority: office, Wait: &procedure.Wait{Link: "tracking"}, Next: "open"},
			{Key: "open", Title: "可以实施", Kind: procedure.KindGate, Authority: office, Next: "closed",
				Gate: &procedure.Gate{When: `links["tracking"] == "completed"`, Reason: "尚未完成"}},
		},
	}
}

var (
	monday   = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC) // 10:00 in Shanghai, a working Monday
	clerk    = person("clerk", "stb/clerk")
	leader   = person("leader", "economy/leader")
	officer  = person("officer", "office/clerk")
	director = person("director", "office/director")
)

func person(name string, posts ...procedure.Post) procedure.Actor {
	return procedure.Actor{Person: name, Name: name, Posts: posts}
}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func spec(p procedure.Procedure) procedure.Spec {
	return procedure.Spec{
		Matter: "0190f7a0-0000-7000-8000-000000000001", Title: "科技金融改革", Procedure: p,
		Calendar: calendar.Calendar{Table: calendar.Shipped().Slice(2025, 2027)},
		Parties:  map[string][]string{"applicant": {"stb"}, "office": {"office"}, "signers": {"east", "west", "north"}},
		Names:    map[string]string{"stb": "市科技局"},
		Form:     map[string]json.RawMessage{"category": raw("economy"), "summary": raw("先行先试"), "budget": raw(10)},
		Unit:     "stb", Starter: clerk, At: monday,
	}
}

// run is a matter under test: every step is folded, and every fold must survive its own JSON.
type run struct {
	t      *testing.T
	s      procedure.State
	now    time.Time
	events []procedure.Event
}

func begin(t *testing.T, p procedure.Procedure, submit bool) *run {
	t.Helper()
	r := &run{t: t, s: procedure.New(spec(p)), now: monday}
	r.do(procedure.Command{Key: "start", Action: procedure.ActionStart, Actor: clerk, Submit: submit})
	return r
}

func (r *run) try(c procedure.Command) error {
	events, err := procedure.Decide(r.s, c, r.now)
	r.take(events)
	return err
}

func (r *run) do(c procedure.Command) {
	r.t.Helper()
	if err := r.try(c); err != nil {
		r.t.Fatalf("%s: %+v", c.Action, err)
	}
}

func (r *run) refused(c procedure.Command, code string) {
	r.t.Helper()
	err := r.try(c)
	var refusal *procedure.Refusal
	if !errors.As(err, &refusal) || refusal.Code != code {
		r.t.Fatalf("%s by %s: got %v, want refusal %s", c.Action, c.Actor.Person, err, code)
	}
}

func (r *run) take(events []procedure.Event) {
	r.s = procedure.Fold(r.s, events)
	r.events = append(r.events, events...)
}

// until lets the clock run, waking when the machine asks to, and gives what it brought about.
func (r *run) until(end time.Time) []procedure.Event {
	var all []procedure.Event
	for {
		wake := procedure.Wake(r.s)
		if wake.IsZero() || wake.After(end) {
			r.now = end
			return all
		}
		if wake.After(r.now) {
			r.now = wake
		}
		events := procedure.Elapse(r.s, r.now)
		if len(events) == 0 {
			r.t.Fatalf("woke at %s for nothing", r.now)
		}
		r.take(events)
		all = append(all, events...)
	}
}

func act(actor procedure.Actor, action procedure.ActionName) procedure.Command {
	return procedure.Command{Key: string(action) + actor.Person, Action: action, Actor: actor}
}

func (r *run) at(stage string) {
	r.t.Helper()
	if r.s.Stage != stage {
		r.t.Fatalf("at %q, want %q", r.s.Stage, stage)
	}
}

func open(s procedure.State, duty procedure.Duty) (posts []procedure.Post) {
	for _, a := range s.Assignments {
		if a.Duty == duty && !a.Waits {
			posts = append(posts, a.Post)
		}
	}
	return posts
}
