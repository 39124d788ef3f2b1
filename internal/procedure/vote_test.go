package procedure_test

import (
	"encoding/json"
	"slices"
	"testing"

	"duban/internal/poll"
	"duban/internal/procedure"
)

// A vote that cannot be held says why, in each case for itself; a matter whose vote can be held skips nothing.
func TestASkippedVoteSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		candidates string
		change     func(*procedure.Stage)
		nobody     bool
		why        procedure.Unvotable
		units      []string
	}{
		"it can be held":       {candidates: `[{"title":"a","unit":"east"},{"title":"b","unit":"west"}]`},
		"nothing to vote on":   {candidates: `[]`, why: procedure.UnvotableEmpty},
		"the list was not set": {why: procedure.UnvotableEmpty},
		"nobody votes":         {candidates: `[{"title":"a","unit":"east"}]`, nobody: true, why: procedure.UnvotableNobody},
		"fewer than to choose": {candidates: `[{"title":"a","unit":"south"},{"title":"b","unit":"south"}]`, why: procedure.UnvotableFew,
			change: func(s *procedure.Stage) { s.Poll.Choices.Min, s.Poll.Choices.Max = 3, 3 }},
		"only its own": {candidates: `[{"title":"a","unit":"east"}]`, why: procedure.UnvotableOwn, units: []string{"east"}},
		"too few beside its own": {candidates: `[{"title":"a","unit":"east"},{"title":"b","unit":"west"},{"title":"c","unit":"south"}]`,
			why: procedure.UnvotableOwn, units: []string{"east", "west"},
			change: func(s *procedure.Stage) { s.Poll.Choices.Min, s.Poll.Choices.Max = 3, 3 }},
		"its own may be chosen": {candidates: `[{"title":"a","unit":"east"}]`, change: func(s *procedure.Stage) { s.Poll.OwnChoice = true }},
		"over before it begins": {candidates: `[{"title":"a","unit":"south"}]`, why: procedure.UnvotableWindow,
			change: func(s *procedure.Stage) { s.Limits[0].Within, s.Limits[0].Field = nil, "day" }},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t)
			p.s.Spec.Procedure.Stages[0].Actions[procedure.ActionApprove] = procedure.Target{"vote"}
			vote, _ := p.s.Spec.Procedure.Stage("vote")
			if c.change != nil {
				c.change(vote)
			}
			if c.nobody {
				p.s.Spec.Parties["units"] = nil
			}
			spec := p.s.Spec
			spec.Form = map[string]json.RawMessage{"day": json.RawMessage(`"2026-01-05"`)}
			if c.candidates != "" {
				spec.Form["candidates"] = json.RawMessage(c.candidates)
			}
			start := procedure.Command{Key: "start", Action: procedure.ActionStart, Actor: officer, Submit: true}
			events, err := procedure.Decide(procedure.New(spec), start, monday)
			if err != nil {
				t.Fatal(err)
			}
			skipped := procedure.PollSkipped{}
			for _, e := range events {
				if b, ok := e.Body.(procedure.PollSkipped); ok {
					skipped = b
				}
			}
			if skipped.Why != c.why || !slices.Equal(skipped.Units, c.units) {
				t.Errorf("skipped: %+v", skipped)
			}
			want := "vote"
			if c.why != "" {
				want = "open"
			}
			if s := procedure.Fold(procedure.New(spec), events); s.Stage != want {
				t.Errorf("it stands at %s", s.Stage)
			}
		})
	}
}

// A vote that is looked into is closed first; its count is asked for when the published instant has come, and not before.
func TestAVoteIsLookedIntoBeforeItIsCounted(t *testing.T) {
	p := voting(t, func(rule *procedure.Poll) { rule.Review = &procedure.PollTerm{Within: *days(1)} })
	p.until(func() bool { return p.phase() == procedure.PollClosing })
	now := p.s.Polls[0]
	if !now.Counts.After(now.Closes) || !now.Round.Counts.Equal(now.Counts) {
		t.Fatalf("it closes at %s and is counted at %s, as published at %s", now.Closes, now.Counts, now.Round.Counts)
	}
	tally := func(result *poll.Result, closed *procedure.LogEnd) {
		p.do(procedure.Command{Action: procedure.ActionTally, Result: result, Closed: closed})
	}
	tally(&poll.Result{}, &procedure.LogEnd{Round: "another"})
	if p.phase() != procedure.PollClosing {
		t.Fatal("another round's closing was taken")
	}
	tally(&poll.Result{}, &procedure.LogEnd{Round: now.Round.ID, Ballots: 7, Root: "root"})
	result := &poll.Result{Round: now.Round.ID, Winners: []string{now.Round.Options[0].ID}}
	tally(result, nil)
	if p.phase() != procedure.PollReview || !procedure.UnderReview(&p.s) || len(procedure.Asks(p.s)) != 0 || !procedure.Turns(p.s).Equal(now.Counts) {
		t.Fatalf("it is %s, asks for %v and turns at %s", p.phase(), procedure.Asks(p.s), procedure.Turns(p.s))
	}
	p.refused(procedure.Command{Action: procedure.ActionWithdraw, Actor: officer, Opinion: "撤"}, "poll-open")
	p.do(procedure.Command{Action: procedure.ActionVoted, Voted: &procedure.Vote{Round: now.Round.ID, Unit: "east", Post: "east/clerk"}})
	p.until(func() bool { return p.phase() == procedure.PollCounting })
	if p.now.Before(now.Counts) || !slices.Equal(procedure.Asks(p.s), []procedure.Ask{{Kind: procedure.AskCount, ID: now.Round.ID}}) {
		t.Fatalf("at %s it asks for %v", p.now, procedure.Asks(p.s))
	}
	tally(result, nil)
	if p.s.Stage != "score" || p.field("silent") != `["west","north"]` {
		t.Errorf("at %s without %s", p.s.Stage, p.field("silent"))
	}
}
