// Package workflowtest holds the small procedures that the workflow's tests and the recorded histories run.
package workflowtest

import (
	"encoding/json"
	"time"

	"duban/internal/calendar"
	"duban/internal/poll"
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
				Suspend: &procedure.Suspending{By: []procedure.Role{"office"}},
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

// Promotion has the kinds of stage that gather and count: two units are asked for what they have, vote in one window, mark each
// other, and a lot is drawn.
func Promotion() procedure.Procedure {
	units := []procedure.Role{"applicant", "group"}
	urge := []procedure.Alarm{{Before: term("1 workday"), Do: procedure.DoUrge, To: []procedure.Role{"holder"}}}
	p := Review()
	p.Key, p.Title, p.Workflow, p.First, p.Slips = "promotion", "评选", "Promotion", "call", nil
	p.Stages = []procedure.Stage{
		{Key: "call", Title: "征集", Kind: procedure.KindCollect, Authority: office, Next: "commit",
			Start:   &procedure.Start{Procedure: "tracking", Title: "推荐：{unit}", Each: "party:applicant,group", Link: "sent"},
			Collect: &procedure.Collect{Into: "candidates", Take: []string{"summary"}, Missing: "absent", Closes: "close"},
			Limits:  []procedure.Limit{{Key: "close", Within: term("5 workdays"), Authority: office, Alarms: urge}}},
		{Key: "commit", Title: "承诺", Kind: procedure.KindDraw, Authority: office, Draw: &procedure.Draw{Seed: "sample"}, Next: "vote"},
		{Key: "vote", Title: "投票", Kind: procedure.KindPoll, Authority: office, Who: units, Next: "marks",
			Limits: []procedure.Limit{{Key: "window", From: "vote.opened", Within: term("2 workdays"), Authority: office, Alarms: urge}},
			Poll: &procedure.Poll{Options: "options", Closes: "window", Choices: poll.Choices{Min: 1, Max: 1}, Winners: 1, Formula: "unit",
				PublicCap: 1, Order: poll.OrderScore, Ties: []poll.Rule{poll.RuleDraw}, Into: "winners", Missing: "silent", Else: "call"}},
		{Key: "marks", Title: "评分", Kind: procedure.KindScore, Authority: office, Who: units, Next: "draw",
			Limits: []procedure.Limit{{Key: "limit", Within: term("5 workdays"), Authority: office, Alarms: urge}},
			Score: &procedure.Score{Each: "party:applicant,group", Card: "card", Into: "results",
				Indicators: []procedure.Indicator{{Key: "worth", Title: "成效", Max: 100}}}},
		{Key: "draw", Title: "抽签", Kind: procedure.KindDraw, Authority: office, Next: procedure.Closed,
			Draw: &procedure.Draw{Seed: "sample", From: "field:options", Each: "party:applicant,group", Take: 1, Into: "drawn"}},
	}
	return p
}

// Change is a change of the rules that waits for a matter of its own, passes a gate when that was completed, and takes effect.
func Change() procedure.Procedure {
	p := Review()
	p.Key, p.Title, p.Workflow, p.Slips = "change", "规则变更", "RuleChange", nil
	p.Stages = []procedure.Stage{
		{Key: "submit", Title: "提报", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"applicant"},
			Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"track"}}},
		{Key: "track", Title: "征求意见", Kind: procedure.KindStart, Authority: office, Next: "fate",
			Start: &procedure.Start{Procedure: "tracking", Title: "{title}征求意见", Link: "asked"}},
		{Key: "fate", Title: "等待意见", Kind: procedure.KindWait, Authority: office, Wait: &procedure.Wait{Link: "asked"}, Next: "gate"},
		{Key: "gate", Title: "意见一致", Kind: procedure.KindGate, Authority: office, Next: "enact",
			Gate: &procedure.Gate{When: `links.asked == "completed"`, Reason: "意见不一致"}},
		{Key: "enact", Title: "生效", Kind: procedure.KindEnact, Authority: office, Next: procedure.Closed,
			Enact: &procedure.Enact{Change: "change", Else: "submit"}},
	}
	return p
}

// Options is the list that [Promotion] votes on and draws from.
const Options = `[{"key":"a","title":"甲项经验"},{"key":"b","title":"乙项经验"}]`

// Seed is what the draws of tests are committed to.
const Seed = "00000000000000000000000000000000000000000000000000000000000000aa"

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
