package procedure_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"duban/internal/calendar"
	"duban/internal/poll"
	"duban/internal/procedure"
)

func days(n int) *calendar.Duration { return &calendar.Duration{N: n, Unit: calendar.Workdays} }

// cycle is the promotion in small: units send practices, vote for two of them, are scored, and lots are drawn.
func cycle() procedure.Procedure {
	office := procedure.Authority{SetBy: "office"}
	urge := []procedure.Alarm{{Before: days(1), Do: procedure.DoUrge, To: []procedure.Role{"holder"}}}
	return procedure.Procedure{
		Key: "cycle", Rulebook: "test", Title: "评选", Workflow: "Promotion", First: "open", Authority: office,
		Parties: map[string]procedure.Party{
			"units": {Units: []string{"east", "west", "north"}, Role: "clerk"}, "office": {Unit: "office", Role: "clerk"},
		},
		Stages: []procedure.Stage{
			{Key: "open", Title: "发起", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"office"}, Fields: []string{"candidates"},
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"call"}}},
			{Key: "call", Title: "征集", Kind: procedure.KindCollect, Authority: office, Next: "commit",
				Start:   &procedure.Start{Procedure: "practice", Each: "party:units", Title: "推荐：{unit}"},
				Collect: &procedure.Collect{Into: "candidates", Take: []string{"summary", "recognised"}, First: "recognised", Missing: "absent", Closes: "close"},
				Limits: []procedure.Limit{{Key: "reply", Within: days(3), Authority: office, Alarms: urge},
					{Key: "close", Within: days(5), Authority: office, Alarms: urge}}},
			{Key: "commit", Title: "承诺", Kind: procedure.KindDraw, Authority: office, Next: "vote", Draw: &procedure.Draw{Seed: "sample"}},
			{Key: "vote", Title: "投票", Kind: procedure.KindPoll, Authority: office, Who: []procedure.Role{"units"}, Next: "score",
				Actions: map[procedure.ActionName]procedure.Target{procedure.ActionWithdraw: {procedure.Closed}}, Suspend: &procedure.Suspending{By: []procedure.Role{"office"}},
				Extend: &procedure.Extension{By: []procedure.Role{"office"}, Max: *days(5), Times: 1, Authority: office},
				Limits: []procedure.Limit{{Key: "window", From: "vote.opened", Within: days(3), Authority: office, Alarms: urge}},
				Poll: &procedure.Poll{Options: "candidates", Own: "unit", Opens: &procedure.Wait{For: days(2)}, Closes: "window",
					Choices: poll.Choices{Min: 1, Max: 2}, Winners: 2, Formula: "unit", PublicCap: 1, Order: poll.OrderScore,
					Ties: []poll.Rule{poll.RuleUnit, poll.RuleEarlier, poll.RuleDraw}, Into: "winners", Missing: "silent", Else: "open",
					Objections: &procedure.PollTerm{Within: calendar.Duration{N: 15, Unit: calendar.Days}, Authority: office}}},
			{Key: "score", Title: "评分", Kind: procedure.KindScore, Authority: office, Who: []procedure.Role{"units"}, Next: "draw",
				Limits: []procedure.Limit{{Key: "limit", Within: days(4), Authority: office, Alarms: urge}},
				Score: &procedure.Score{Each: "party:units", Card: "card", Into: "scores", Missing: "unscored", Closes: "limit",
					Indicators: []procedure.Indicator{{Key: "method", Title: "办法", Max: 60}, {Key: "order", Title: "顺序", Max: 40}}}},
			{Key: "draw", Title: "抽签", Kind: procedure.KindDraw, Authority: office, Next: procedure.Closed,
				Draw: &procedure.Draw{Seed: "sample", From: "field:candidates", Each: "party:units", Take: 1, Into: "sites"}},
		},
	}
}

// play is a matter whose events fold to its state.
type play struct {
	t   fataler
	s   procedure.State
	now time.Time
	n   int
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func newPlay(t fataler) *play {
	spec := procedure.Spec{Matter: "0190f7a0-0000-7000-8000-000000000001", Title: "半年评选", Procedure: cycle(), At: monday,
		Calendar: calendar.Calendar{Table: calendar.Shipped().Slice(2026, 2026)}, Unit: "office", Starter: officer,
		Parties: map[string][]string{"units": {"east", "west", "north"}, "office": {"office"}}, Form: map[string]json.RawMessage{}}
	p := &play{t: t, s: procedure.New(spec), now: monday}
	p.do(procedure.Command{Action: procedure.ActionStart, Actor: officer, Submit: true})
	return p
}

func (p *play) try(c procedure.Command) error {
	p.n++
	c.Key = fmt.Sprint(p.n)
	events, err := procedure.Decide(p.s, c, p.now)
	if err == nil {
		p.s = procedure.Fold(p.s, events)
	}
	return err
}

func (p *play) do(c procedure.Command) {
	p.t.Helper()
	if err := p.try(c); err != nil {
		p.t.Fatalf("%s: %v", c.Action, err)
	}
}

func (p *play) refused(c procedure.Command, code string) {
	p.t.Helper()
	before, _ := json.Marshal(p.s)
	var refusal *procedure.Refusal
	if err := p.try(c); !errors.As(err, &refusal) || refusal.Code != code {
		p.t.Fatalf("%s: %v, want %s", c.Action, err, code)
	}
	if after, _ := json.Marshal(p.s); string(after) != string(before) {
		p.t.Fatalf("a refusal changed the matter")
	}
}

// wake lets the clock come to what it does next, so many times.
func (p *play) wake(times int) {
	p.t.Helper()
	for range times {
		at := procedure.Wake(p.s)
		if at.IsZero() {
			p.t.Fatalf("the clock asks for nothing at %s", p.s.Stage)
		}
		if at.After(p.now) {
			p.now = at
		}
		p.s = procedure.Fold(p.s, procedure.Elapse(p.s, p.now))
	}
}

func (p *play) until(so func() bool) {
	p.t.Helper()
	for i := 0; !so(); i++ {
		if i > 50 {
			p.t.Fatalf("it never comes; the matter stands at %s", p.s.Stage)
		}
		p.wake(1)
	}
}

// child ends the matter asked of a unit.
func (p *play) child(unit, fields string) {
	p.t.Helper()
	for _, l := range p.s.Links {
		if l.Unit == unit && !l.Ended {
			var f map[string]json.RawMessage
			_ = json.Unmarshal([]byte(fields), &f)
			l.Ended, l.Outcome, l.At, l.Fields = true, procedure.OutcomeCompleted, p.now, f
			p.do(procedure.Command{Action: procedure.ActionLinked, Linked: &l})
			return
		}
	}
	p.t.Fatalf("nothing is asked of %s", unit)
}

const seed = "00000000000000000000000000000000000000000000000000000000000000aa"

// answer brings what the matter asks for, but for counts.
func (p *play) answer() {
	p.t.Helper()
	asks := procedure.Asks(p.s)
	if len(asks) != 1 {
		p.t.Fatalf("it asks for %v at %s", asks, p.s.Stage)
	}
	a := procedure.DrawAnswer{Draw: asks[0].ID, Commitment: poll.Commit(seed)}
	if asks[0].Kind == procedure.AskReveal {
		a = procedure.DrawAnswer{Draw: asks[0].ID, Value: seed}
	}
	p.do(procedure.Command{Action: procedure.ActionDraw, Draw: &a})
}

// voting brings the matter to a planned vote.
func voting(t fataler, but ...func(*procedure.Poll)) *play {
	p := newPlay(t)
	for _, change := range but {
		vote, _ := p.s.Spec.Procedure.Stage("vote")
		change(vote.Poll)
	}
	for _, unit := range []string{"east", "west", "north"} {
		p.now = p.now.Add(time.Hour)
		p.child(unit, `{"summary":"`+unit+`"}`)
	}
	p.answer() // the sample's seed
	p.answer() // the seed of the vote's ties
	return p
}

func (p *play) phase() procedure.Phase { return p.s.Polls[len(p.s.Polls)-1].Phase }

func (p *play) field(name string) string { return string(p.s.Form[name]) }
