// Package workflowtest holds the small procedures that the workflow's tests and the recorded histories run.
package workflowtest

import (
	"encoding/json"
	"time"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// Monday is a working Monday, 10:00 in Shanghai: when the matters of tests begin.
var Monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// Those who act.
var (
	Clerk    = person("clerk", "bureau/clerk")
	Leader   = person("leader", "group/leader")
	Director = person("director", "office/director")
)

func person(name string, post procedure.Post) procedure.Actor {
	return procedure.Actor{Person: name, Name: name, Posts: []procedure.Post{post}}
}

var office = procedure.Authority{SetBy: "office"}

// Review is a review with every kind of stage that runs: submitted, reviewed within ten working days, tracked by a matter
// of its own, and made known by a brief its unit signs for.
func Review() procedure.Procedure {
	return procedure.Procedure{
		Key: "review", Rulebook: "test", Title: "审查", Workflow: "InnovationProposal", First: "submit",
		Parties: map[string]procedure.Party{
			"applicant": {Starter: true, Role: "clerk"},
			"group":     {Unit: "group", Role: "leader"},
			"office":    {Unit: "office", Role: "director"},
		},
		Slips: []procedure.SlipKind{
			{Key: "urging", Title: "催办单", Prefix: "催", From: "office", Body: "{title}应于{due}前办理。", Authority: office},
			{Key: "brief", Title: "简报", Prefix: "报", From: "office", Body: "{title}：{summary}", Authority: office},
		},
		Stages: []procedure.Stage{
			{Key: "submit", Title: "提报", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"applicant"},
				Fields: []string{"summary"},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"group"},
					procedure.ActionWithdraw: {procedure.Closed}}},
			{Key: "group", Title: "小组初审", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"group"},
				Allow: []procedure.ActionName{procedure.ActionComment},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"track"},
					procedure.ActionReturn: {"submit"}, procedure.ActionReject: {procedure.Closed}},
				Suspend: []procedure.Role{"office"},
				Limits: []procedure.Limit{{Key: "review", Title: "初审时限", Within: term("10 workdays"), Authority: office,
					Alarms: []procedure.Alarm{
						{Before: term("3 workdays"), Do: procedure.DoNotice, To: []procedure.Role{"holder"}},
						{At: "due", Do: procedure.DoSlip, Slip: "urging", To: []procedure.Role{"holder"}},
						{After: term("3 workdays"), Do: procedure.DoEscalate, To: []procedure.Role{"office"}}}}}},
			{Key: "track", Title: "立项", Kind: procedure.KindStart, Authority: office, Next: "fate",
				Start: &procedure.Start{Procedure: "tracking", Title: "{title}跟踪", Form: map[string]string{"summary": "=summary"},
					Link: "tracking"}},
			{Key: "fate", Title: "跟踪", Kind: procedure.KindWait, Authority: office, Wait: &procedure.Wait{Link: "tracking"}, Next: "brief"},
			{Key: "brief", Title: "简报", Kind: procedure.KindIssue, Authority: office,
				Issue: &procedure.Issue{Slip: "brief", To: []procedure.Role{"applicant"}}, Next: procedure.Closed},
		},
	}
}

// Tracking is what Review starts: one report, then it is done.
func Tracking() procedure.Procedure {
	return procedure.Procedure{
		Key: "tracking", Rulebook: "test", Title: "跟踪", Workflow: "Tracking", First: "report",
		Parties: map[string]procedure.Party{"applicant": {Starter: true, Role: "clerk"}},
		Stages: []procedure.Stage{
			{Key: "report", Title: "汇报", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"applicant"},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {procedure.Closed},
					procedure.ActionReject: {procedure.Closed}}},
		},
	}
}

// Spec is a matter of the procedure, started by the clerk at the instant.
func Spec(p procedure.Procedure, matter string, at time.Time) procedure.Spec {
	return procedure.Spec{
		Matter: matter, Title: "科技金融改革", Procedure: p,
		Calendar: calendar.Calendar{Table: calendar.Shipped().Slice(2026, 2026)},
		Parties:  map[string][]string{"applicant": {"bureau"}, "group": {"group"}, "office": {"office"}},
		Names:    map[string]string{"bureau": "市科技局", "group": "专项小组", "office": "改革办"},
		Form:     map[string]json.RawMessage{"summary": json.RawMessage(`"先行先试"`)},
		Unit:     "bureau", Starter: Clerk, At: at,
	}
}

// Child is the specification of a matter that another one asked for.
func Child(wanted procedure.MatterRequested, parent procedure.Parent, at time.Time, clock procedure.Clock) procedure.Spec {
	s := Spec(Tracking(), wanted.Child, at)
	s.Title, s.Form, s.Parent, s.Clock = wanted.Title, wanted.Form, &parent, clock
	return s
}

// Start is the command that begins a matter and submits it.
func Start() procedure.Command {
	return procedure.Command{Key: "start", Action: procedure.ActionStart, Actor: Clerk, Submit: true}
}

// Act is a command under a key, with the reason some actions ask for.
func Act(key string, actor procedure.Actor, action procedure.ActionName) procedure.Command {
	return procedure.Command{Key: key, Action: action, Actor: actor, Opinion: "按规定办理"}
}

func term(s string) *calendar.Duration {
	d, err := calendar.ParseDuration(s)
	if err != nil {
		panic(err)
	}
	return &d
}
