package procedure_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"duban/internal/calendar"
	"duban/internal/poll"
	"duban/internal/procedure"
)

func TestACollectionGathersWhatCameInTime(t *testing.T) {
	p := newPlay(t)
	if got := p.s.Resolve([]procedure.Role{"holder"}); len(got) != 3 || got[0] != "east/clerk" {
		t.Fatalf("the collection waits on %v", got)
	}
	p.child("east", `{"summary":"a","other":"not taken"}`)
	p.child("west", `{"summary":"b","recognised":true}`)
	if got := p.s.Resolve([]procedure.Role{"holder"}); !slices.Equal(got, []procedure.Post{"north/clerk"}) {
		t.Fatalf("who has sent is still waited for: %v", got)
	}
	late := p.s.Links[2]
	p.until(func() bool { return p.s.Stage != "call" })
	var entries []map[string]any
	if err := json.Unmarshal(p.s.Form["candidates"], &entries); err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0]["unit"] != "west" || entries[0]["summary"] != "b" || entries[1]["matter"] != p.s.Links[0].Matter || entries[1]["other"] != nil {
		t.Errorf("gathered %v", entries)
	}
	if p.field("absent") != `["north"]` || !p.s.Links[2].Late {
		t.Errorf("who sent nothing is not recorded: %s", p.field("absent"))
	}
	late.Ended, late.Outcome, late.Fields = true, procedure.OutcomeCompleted, map[string]json.RawMessage{"summary": []byte(`"late"`)}
	p.do(procedure.Command{Action: procedure.ActionLinked, Linked: &late})
	if strings.Contains(p.field("candidates"), "late") || p.s.Links[2].Fields != nil {
		t.Error("what came too late was taken")
	}
}

// What misses its collection is closed, and says why to whoever still acts on it; its own children learn it too.
func TestWhatComesTooLateIsRefusedWithTheReason(t *testing.T) {
	p := newPlay(t)
	lapse := procedure.Lapse{Matter: "parent", Title: "评选", Authority: procedure.Authority{Source: "001 art. 14(1)"}, At: monday}
	events, err := procedure.Decide(p.s, procedure.Command{Action: procedure.ActionLapse, Lapse: &lapse}, p.now)
	if err != nil {
		t.Fatal(err)
	}
	if lapsed, ok := events[0].Body.(procedure.Lapsed); !ok || len(lapsed.Late) != 3 {
		t.Errorf("its own collection is not told: %+v", events[0].Body)
	}
	p.s = procedure.Fold(p.s, events)
	if p.s.Stage != procedure.Closed || p.s.Outcome != procedure.OutcomeRejected {
		t.Errorf("it stands at %s", p.s.Stage)
	}
	p.refused(procedure.Command{Action: procedure.ActionApprove, Actor: officer}, "too-late")
}

// A term that had passed when its matter was cut off was missed, whoever never did it; one still running is dropped, as is
// one whose clock stood still.
func TestWhatIsCutOffAfterItsDueWasMissed(t *testing.T) {
	lapse := procedure.Command{Action: procedure.ActionLapse, Lapse: &procedure.Lapse{Matter: "parent", Title: "总结", At: monday}}
	for _, c := range []struct {
		name    string
		stopped bool
		days    int
		want    procedure.Kept
	}{{"in time", false, 0, procedure.KeptDropped}, {"too late", false, 60, procedure.KeptMissed}, {"stopped", true, 60, procedure.KeptDropped}} {
		p := newPlay(t)
		if c.stopped {
			p.s.Suspended = &procedure.Suspension{By: "office/head", Reason: "等", Since: p.now}
		}
		running := len(p.s.Limits)
		events, err := procedure.Decide(p.s, lapse, p.now.AddDate(0, 0, c.days))
		if err != nil || running == 0 {
			t.Fatal(running, err)
		}
		if s := procedure.Fold(p.s, events); s.Kept[c.want] != running {
			t.Errorf("%s: of %d terms %v", c.name, running, s.Kept)
		}
	}
}

// A stage that closes by a limit keeps it if nobody failed to do their part, however late the clock's turn comes; else it was
// missed.
func TestAClosingIsKeptIfAllDidTheirPart(t *testing.T) {
	for _, c := range []struct {
		name  string
		begin func(fataler) *play
		cards []string
		want  procedure.Kept
		more  int
	}{
		{"a collection", newPlay, nil, procedure.KeptMissed, 2}, // its closing, and the reply asked for before
		{"a scoring", scoring, []string{"east", "north"}, procedure.KeptMissed, 1},
		{"a whole scoring", scoring, []string{"east", "west", "north"}, procedure.KeptMet, 1},
	} {
		p := c.begin(t)
		for _, unit := range c.cards {
			stage, _ := p.s.Spec.Procedure.Stage("score")
			rows := p.s.BlankCard(stage, procedure.Post(unit+"/clerk"))
			for _, row := range rows {
				row["method"], row["order"] = 1, 1
				delete(row, "title")
			}
			text, _ := json.Marshal(rows)
			p.do(card(unit, string(text)))
		}
		limits, before := p.s.Limits, p.s.Kept[c.want]
		p.now = limits[len(limits)-1].Due.At.Add(3 * time.Second)
		p.s = procedure.Fold(p.s, procedure.Elapse(p.s, p.now))
		if p.s.Kept[c.want] != before+c.more || p.s.Kept[procedure.KeptLate] != 0 {
			t.Errorf("%s: its closing ended as %v, want %d more %s", c.name, p.s.Kept, c.more, c.want)
		}
	}
}

// From the moment a vote is published no action, repair or news takes back what it promised.
func TestNothingPromisedOfAVoteIsTakenBack(t *testing.T) {
	p := voting(t)
	if p.phase() != procedure.PollPlanned {
		t.Fatal(p.phase())
	}
	before := p.s.Polls[0].Closes
	p.do(procedure.Command{Action: procedure.ActionAskExtension, Actor: officer, Opinion: "节前", Days: 2})
	if !p.s.Polls[0].Closes.After(before) || len(p.s.Polls) != 1 {
		t.Fatal("no more time before the opening")
	}
	p.refused(procedure.Command{Action: procedure.ActionAskExtension, Actor: officer, Opinion: "又", Days: 1}, "extended-enough")
	for _, phase := range []procedure.Phase{procedure.PollSealed, procedure.PollOpen, procedure.PollClosing} {
		p.until(func() bool { return p.phase() == phase })
		published := p.s.Polls[0].Round
		root := procedure.Actor{Person: "root", Name: "root"}
		for _, c := range []procedure.Command{
			{Action: procedure.ActionWithdraw, Actor: officer, Opinion: "撤"}, {Action: procedure.ActionSuspend, Actor: officer, Opinion: "停"},
			{Action: procedure.ActionResume, Actor: officer}, {Action: procedure.ActionReturn, Actor: officer, Opinion: "退", To: "open"},
			{Action: procedure.ActionFill, Actor: officer, Fields: map[string]json.RawMessage{"candidates": []byte("[]")}},
			{Action: procedure.ActionApprove, Actor: officer}, {Action: procedure.ActionFinish, Actor: officer},
			{Action: procedure.ActionAskExtension, Actor: officer, Opinion: "延", Days: 1}, {Action: procedure.ActionScore, Actor: officer},
			{Action: procedure.ActionTransfer, Actor: clerkOf("east"), Post: "west/clerk"},
			{Action: procedure.ActionLapse, Lapse: &procedure.Lapse{Title: "x"}},
			{Action: procedure.ActionMove, Actor: root, Repair: true, Opinion: "修", To: "open"},
			{Action: procedure.ActionReassign, Actor: root, Repair: true, Opinion: "修", Post: "west/clerk"},
			{Action: procedure.ActionSuspend, Actor: root, Repair: true, Opinion: "修"},
			{Action: procedure.ActionTerminate, Actor: root, Repair: true, Opinion: "修"},
		} {
			p.refused(c, "poll-open")
		}
		p.do(procedure.Command{Action: procedure.ActionCalendar, Calendar: &procedure.CalendarYear{Year: 2026,
			Off: map[calendar.Date]string{calendar.DateOf(p.now): "x"}}})
		for _, l := range p.s.Limits {
			if l.Key == "window" && !l.Due.At.Equal(p.s.Polls[0].Closes) {
				t.Errorf("a published calendar moved the window to %s", l.Due.At)
			}
		}
		if now := p.s.Polls[0].Round; fmt.Sprint(now) != fmt.Sprint(published) {
			t.Errorf("the round changed while %s", phase)
		}
	}
}

func clerkOf(unit string) procedure.Actor {
	post := procedure.Post(unit + "/clerk")
	return procedure.Actor{Person: string(post), Name: string(post), Posts: []procedure.Post{post}}
}

// Reminders of a vote follow turnout alone: who has voted is not reminded, and nothing else is known.
func TestWhoHasVotedIsNotReminded(t *testing.T) {
	p := voting(t)
	p.until(func() bool { return p.phase() == procedure.PollOpen })
	round := p.s.Polls[0].Round
	if len(round.Units) != 3 || len(round.Options) != 3 || len(round.Own("east")) != 1 || round.Objections != 15 {
		t.Fatalf("the round is %+v", round)
	}
	vote := procedure.Vote{Round: round.ID, Unit: "east", Post: "east/clerk"}
	p.do(procedure.Command{Action: procedure.ActionVoted, Voted: &vote})
	p.do(procedure.Command{Action: procedure.ActionVoted, Voted: &vote}) // voted again: no news
	if len(p.s.Polls[0].Voted) != 1 {
		t.Fatal("voted twice")
	}
	for _, a := range procedure.Alarms(p.s) {
		if to := p.s.Addressees(a); !slices.Equal(to, []procedure.Post{"west/clerk", "north/clerk"}) {
			t.Errorf("reminded are %v", to)
		}
	}
	text, _ := json.Marshal(p.s.Polls)
	if strings.Contains(string(text), "choices\":[") {
		t.Error("a ballot stands in the matter")
	}
	p.now = p.s.Polls[0].Closes.Add(3 * time.Second) // a worker wakes a little after the instant
	p.wake(1)
	if p.phase() != procedure.PollClosing || p.s.Kept[procedure.KeptLate] != 0 {
		t.Errorf("a window that ended as published is told as %v", p.s.Kept)
	}
	if asks := procedure.Asks(p.s); len(asks) != 1 || asks[0] != (procedure.Ask{Kind: procedure.AskClose, ID: round.ID}) {
		t.Fatalf("it asks for %v", asks)
	}
	p.do(procedure.Command{Action: procedure.ActionTally, Result: &poll.Result{Round: "another"}})
	if p.phase() != procedure.PollClosing {
		t.Fatal("another round's result was taken")
	}
	winner := round.Options[2].ID
	p.do(procedure.Command{Action: procedure.ActionTally, Result: &poll.Result{Round: round.ID, Winners: []string{winner, round.Options[0].ID}}})
	if p.s.Stage != "score" || !strings.Contains(p.field("winners"), `"place":1`) || p.field("silent") != `["west","north"]` {
		t.Errorf("at %s with %s and %s", p.s.Stage, p.field("winners"), p.field("silent"))
	}
}

// With nothing to vote on there is no vote: the matter goes where the rule says instead.
func TestNoVoteWithoutOptions(t *testing.T) {
	p := newPlay(t)
	p.until(func() bool { return p.s.Stage == "commit" })
	p.answer()
	if p.s.Stage != "open" || len(p.s.Polls) != 0 {
		t.Errorf("it stands at %s", p.s.Stage)
	}
}

func scoring(t fataler) *play {
	p := voting(t)
	p.until(func() bool { return p.phase() == procedure.PollClosing })
	round := p.s.Polls[0].Round
	p.do(procedure.Command{Action: procedure.ActionTally, Result: &poll.Result{Round: round.ID, Winners: []string{round.Options[0].ID}}})
	return p
}

func card(unit, rows string) procedure.Command {
	return procedure.Command{Action: procedure.ActionScore, Actor: clerkOf(unit), Fields: map[string]json.RawMessage{"card": []byte(rows)}}
}

func TestScorecards(t *testing.T) {
	p := scoring(t)
	stage, _ := p.s.Spec.Procedure.Stage("score")
	if rows := p.s.BlankCard(stage, "east/clerk"); len(rows) != 2 || rows[0]["subject"] != "west" {
		t.Errorf("the blank card is %v", rows)
	}
	p.refused(card("east", `[{"subject":"east","method":1,"order":1}]`), "score-own")
	p.refused(card("east", `[{"subject":"south","method":1,"order":1}]`), "score-subject")
	p.refused(card("east", `[{"subject":"west","method":61,"order":1},{"subject":"north","method":1,"order":1}]`), "score-range")
	p.refused(card("east", `[{"subject":"west","method":6,"order":1}]`), "score-missing")
	p.refused(card("east", `[{"subject":"west","method":6,"order":1},{"subject":"west","method":6,"order":1}]`), "score-twice")
	p.refused(procedure.Command{Action: procedure.ActionScore, Actor: director, Fields: map[string]json.RawMessage{"card": []byte(`[]`)}}, "not-your-turn")
	p.do(card("east", `[{"subject":"west","method":10,"order":10},{"subject":"north","method":60,"order":40}]`))
	p.do(card("east", `[{"subject":"west","method":50,"order":40},{"subject":"north","method":60,"order":40}]`)) // changed
	p.do(card("north", `[{"subject":"west","method":40,"order":30},{"subject":"east","method":20,"order":20}]`))
	if p.s.Stage != "score" {
		t.Fatal("it closed before its time")
	}
	p.until(func() bool { return p.s.Stage != "score" })
	var results []procedure.ScoreLine
	if err := json.Unmarshal(p.s.Form["scores"], &results); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"north": 100, "west": 80, "east": 40}
	for i, line := range results {
		if line.Score != want[line.Subject] || line.Rank != i+1 {
			t.Errorf("%s has %v, place %d", line.Subject, line.Score, line.Rank)
		}
	}
	if p.field("unscored") != `["west"]` {
		t.Errorf("who gave no card: %s", p.field("unscored"))
	}
}

func TestADrawIsRepeatable(t *testing.T) {
	p := scoring(t)
	p.until(func() bool { return p.s.Stage == "draw" })
	draw := p.s.Draws["sample"]
	if open, ok := p.s.PublicDraw(draw.Draw); !ok || open.Commitment != draw.Commitment || open.Seed != "" {
		t.Errorf("before it is drawn it is published as %+v", open)
	}
	p.do(procedure.Command{Action: procedure.ActionLinked, Linked: &procedure.Linked{Matter: "x", Link: "y"}})
	p.refused(procedure.Command{Action: procedure.ActionDraw, Draw: &procedure.DrawAnswer{Draw: draw.Draw, Value: strings.Repeat("b", 64)}}, "draw-broken")
	p.answer()
	if p.s.Stage != procedure.Closed {
		t.Fatal(p.s.Stage)
	}
	again, err := procedure.Lots(seed, draw.Take, draw.Lots)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range again {
		for _, lot := range group.Lots {
			if !strings.Contains(p.field("sites"), `"key":"`+group.Group+"/"+lot+`"`) {
				t.Errorf("%s drew %s by the seed; the form says %s", group.Group, lot, p.field("sites"))
			}
		}
	}
	if draw.Commitment != poll.Commit(seed) {
		t.Error("the seed is not the one committed to")
	}
	published, ok := p.s.PublicDraw(draw.Draw)
	if err := published.Draw(); !ok || err != nil || published.Seed != seed {
		t.Fatal(ok, err)
	}
	for i, group := range published.Groups {
		if !slices.Equal(group.Drawn, again[i].Lots) || group.Title == "" || group.List[0].Name == "" {
			t.Errorf("published as %+v, drawn %+v", group, again[i])
		}
	}
	for _, other := range []string{"", "x", p.s.Draws["ties.vote.1"].Draw} {
		if _, ok := p.s.PublicDraw(other); ok {
			t.Errorf("%q is published as a draw", other)
		}
	}
}

// The result of a scoring does not depend on the order in which cards come, and nobody's own marks count for them.
func TestScoresDoNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mark := rapid.IntRange(0, 40)
		units := []string{"east", "west", "north"}
		cards := map[string]string{}
		for _, unit := range units {
			var rows []string
			for _, subject := range units {
				if subject != unit {
					rows = append(rows, fmt.Sprintf(`{"subject":%q,"method":%d,"order":%d}`, subject, mark.Draw(rt, "m"), mark.Draw(rt, "o")))
				}
			}
			cards[unit] = "[" + strings.Join(rows, ",") + "]"
		}
		result := func(order []string) string {
			p := scoring(rt)
			for _, unit := range order {
				p.do(card(unit, cards[unit]))
			}
			p.until(func() bool { return p.s.Stage != "score" })
			return p.field("scores")
		}
		if first, second := result(units), result(rapid.Permutation(units).Draw(rt, "order")); first != second {
			rt.Fatalf("%s\n%s", first, second)
		}
	})
}
