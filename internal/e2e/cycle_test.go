package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"duban/api"
	"duban/internal/client"
	"duban/internal/rehearsal"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

// promotionPace makes a day of the half-year a second. Seventy people act in it: it is played by itself, not beside others.
// On a slow machine everything comes later by the matters' clock, and still in time: the recommendations have some fourteen
// days to spare, the units' ballots five of their seven, the plans of the prompt three of theirs, the office's report eight of
// the ten between the last summary and the day it is due, the second half-year's summaries eighteen of twenty-one. Whoever
// is late is so by more than the last alarm takes.
const promotionPace = 86_400

// company gathers the invented people of the promotion on a program of their own, to play at a pace.
func company(t *testing.T, p *Program, pace int) (*rehearsal.Troupe, rehearsal.Cycle) {
	t.Helper()
	cycle, err := rehearsal.PromotionCycle()
	if err != nil {
		t.Fatal(err)
	}
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	stage := &rehearsal.Stage{URL: p.URL, Password: password(p.Data), Pace: pace}
	return &rehearsal.Troupe{Stage: stage, Logins: rehearsal.Logins(library), Answers: cycle.Answers,
		Plays: "practice"}, cycle
}

// Z15 and Z16, 001 art. 14(1) and (2): from the call over recommendations, both votes, consultation and consent to
// publication, and on over the plans of departments and districts, tracking and summaries to the report and its bulletin. One
// unit sends nothing, one too late, one does not vote; nobody votes for its own; the result says by which rule a tie was
// broken; some are prompt, some late, one never sends its summary. Meanwhile a second half-year is rolled out in which the
// office is late itself: between them every limit the article sets is kept once and missed once.
func TestTheHalfYearFromCallToAcceptance(t *testing.T) { judged(t, promotionPace, halfYear) }

// judged plays at a pace. A machine may be too slow for it: its players come too late for what they meant to keep. Where they
// were held up for a day of the matters' clock they play again at half of it, and once more at a quarter; what is late then is
// the program's fault.
func judged(t *testing.T, pace int, play func(t *testing.T, pace int) (complaints []string, held time.Duration)) {
	t.Helper()
	for slowest := pace / 4; ; pace /= 2 {
		complaints, held := play(t, pace)
		if len(complaints) == 0 || held < 24*time.Hour || pace <= slowest {
			for _, complaint := range complaints {
				t.Error(complaint)
			}
			return
		}
		t.Logf("held up by %s, they play again: %s", held, strings.Join(complaints, "; "))
	}
}

// halfYear plays the promotion and both roll-outs at a pace on a program of their own, and says what did not come as it
// should, and for how long the players were held up.
func halfYear(t *testing.T, pace int) (complaints []string, held time.Duration) {
	t.Helper()
	p := own(t, scratch(t))
	defer p.Stop()
	troupe, cycle := company(t, p, pace)
	public := &citizens{program: p}
	troupe.Public = public.vote
	ctx := within(t, 9*time.Minute*promotionPace/time.Duration(pace))
	if err := troupe.Gather(ctx); err != nil {
		t.Fatal(err)
	}
	id, err := troupe.Perform(ctx, cycle.Begin)
	if err != nil {
		t.Fatal(err)
	}
	office := p.session(t, "office.director")
	rollout, ownRefused := "", false
	defer func() {
		if t.Failed() || len(complaints) > 0 {
			t.Log(tail(p.Output(), 60))
			tell(t, office, id)
			if rollout != "" {
				tell(t, office, rollout)
			}
		}
	}()
	second := make(chan played, 1)
	tellStage := staged(t)
	err = troupe.Play(ctx, id, "office.director", func(m api.Matter) bool {
		tellStage(m)
		if m.Stage == "mutual" && !ownRefused {
			ownRefused = refusedOwn(ctx, p.session(t, "zhangdian.clerk"), id)
		}
		if m.State == api.MatterStateOpen {
			return false
		}
		if rollout == "" {
			if rollout = linked(m, "rollout"); rollout == "" {
				return true
			}
			go func() { second <- half(ctx, troupe, cycle) }()
		}
		out, err := office.Matter(ctx, rollout)
		if err == nil {
			tellStage(out)
			foretold(t, out)
		}
		return err != nil && client.Code(err) != "not-found" || err == nil && out.State != api.MatterStateOpen
	})
	if rollout == "" {
		return []string{fmt.Sprintf("it was not rolled out (%v)", err)}, troupe.Held()
	}
	late := <-second
	held = max(troupe.Held(), late.held)
	if err = errors.Join(err, late.err); err != nil {
		return []string{err.Error()}, held
	}
	complaints = append(keptAndMissed(t, office, promises(t), id, late.matter), inTime(t, office, id, rollout)...)
	if !ownRefused {
		complaints = append(complaints, "nobody was refused for voting for its own")
	}
	if len(complaints) == 0 {
		round := decided(t, office, id, public)
		accepted(t, office, rollout)
		published(t, p, round, public)
	}
	return complaints, held
}

// played is what came of a second play.
type played struct {
	matter string
	held   time.Duration
	err    error
}

// half plays the second half-year's roll-out, with a company of its own on the same desks.
func half(ctx context.Context, first *rehearsal.Troupe, cycle rehearsal.Cycle) played {
	troupe := &rehearsal.Troupe{Stage: first.Stage, Logins: first.Logins, Plays: first.Plays, Answers: cycle.Second.Answers}
	id, err := troupe.Perform(ctx, cycle.Second.Begin)
	if err == nil {
		err = troupe.Play(ctx, id, "office.deputy", func(m api.Matter) bool { return !m.Closed.IsZero() })
	}
	return played{id, troupe.Held(), err}
}

// staged tells on which day each of some matters comes to a stage.
func staged(t *testing.T) func(api.Matter) {
	stages := map[string]string{}
	return func(m api.Matter) {
		if stages[m.ID] != m.Stage {
			stages[m.ID] = m.Stage
			t.Log(m.Now.Format(time.DateOnly), m.Procedure, m.Stage)
		}
	}
}

// linked is the matter one has started under a link.
func linked(m api.Matter, link string) string {
	for _, l := range m.Links {
		if l.Link == link {
			return l.ID
		}
	}
	return ""
}

// inTime says of whom the promotion and its roll-out have more or fewer than sent what they were asked for, and in time.
func inTime(t *testing.T, office *client.Client, promotion, rollout string) (complaints []string) {
	t.Helper()
	for id, wanted := range map[string]map[string]int{
		promotion: {"candidates": 30, "finalists": 20, "winners": 10, "consulted": 10, "selected": 10, "absentRecommenders": 2,
			"absentMutual": 1, "absentVoters": 1},
		rollout: {"absentSummaries": 1},
	} {
		m, err := office.Matter(within(t, time.Minute), id)
		if err != nil {
			t.Fatal(err)
		}
		for field, want := range wanted {
			if got := entries(m, field); got != want {
				complaints = append(complaints, fmt.Sprintf("%s: %d entries, want %d", field, got, want))
			}
		}
	}
	return complaints
}

// decided looks at the promotion as it ended, and gives its second vote.
func decided(t *testing.T, office *client.Client, id string, public *citizens) (round string) {
	t.Helper()
	ctx := within(t, time.Minute)
	m, err := office.Matter(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if m.State != api.MatterStateCompleted {
		t.Errorf("it ended %s", m.State)
	}
	consulted(t, office, m)
	rounds, err := client.Get[api.PollList](ctx, office, "/api/v1/polls", "matter", m.ID)
	if err != nil || len(rounds.Items) != 2 {
		t.Fatalf("%d rounds (%v)", len(rounds.Items), err)
	}
	second, err := client.Get[api.Poll](ctx, office, "/api/v1/polls/"+rounds.Items[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if second.Summary.PublicVoted != 5 || len(public.receipts) != 5 || len(second.Result.Winners) != 10 || len(second.Result.Ties) == 0 {
		t.Errorf("%d of the public voted, %d receipts, %d winners, ties %+v", second.Summary.PublicVoted, len(public.receipts),
			len(second.Result.Winners), second.Result.Ties)
	}
	return second.Summary.ID
}

// consulted holds that what each of those asked has said stands, and under who said it.
func consulted(t *testing.T, office *client.Client, m api.Matter) {
	t.Helper()
	asked := 0
	stands := func(form api.Form, fields ...string) {
		said := map[string]bool{}
		for _, field := range fields {
			said[string(form[field])] = true
		}
		if len(said) != len(fields) || said[""] {
			t.Errorf("of %v stands %v", fields, said)
		}
	}
	stands(m.Form, "partyConsent", "governmentConsent")
	for _, l := range m.Links {
		if l.Link != "consultations" {
			continue
		}
		one, err := office.Matter(within(t, time.Minute), l.ID)
		if err != nil {
			t.Fatal(err)
		}
		asked++
		stands(one.Form, "partyOpinion", "governmentOpinion", "leadOpinion", "ownerOpinion")
	}
	if asked != 10 {
		t.Errorf("%d practices were consulted on", asked)
	}
}

// entries is how many a list of a matter's form has; none if it is no list.
func entries(m api.Matter, field string) int {
	var list []json.RawMessage
	if json.Unmarshal(m.Form[field], &list) != nil {
		return 0
	}
	return len(list)
}

// refusedOwn says whether a unit that votes for its own in the open round of a matter is refused for that.
func refusedOwn(ctx context.Context, c *client.Client, matter string) bool {
	list, err := client.Get[api.PollList](ctx, c, "/api/v1/polls", "matter", matter)
	if err != nil || len(list.Items) == 0 || len(list.Items[0].Mine) == 0 || list.Items[0].State != api.PollSummaryStateOpen {
		return false
	}
	mine := list.Items[0].Mine[0]
	_, err = c.Do(ctx, "POST", "/api/v1/polls/"+list.Items[0].ID+"/ballots", client.Key(), api.BallotInput{Unit: mine.Unit, Choices: mine.Own}, nil)
	return client.Code(err) == "ballot-own-choice"
}

// tell logs a matter's story.
func tell(t *testing.T, c *client.Client, id string) {
	t.Helper()
	ctx := within(t, time.Minute)
	m, err := c.Matter(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	form, _ := json.Marshal(m.Form)
	t.Log(m.Now, m.State, m.Stage, string(form[:min(2000, len(form))]))
	story, err := c.Events(context.WithoutCancel(ctx), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range story.Items {
		if !e.Minor {
			t.Log(e.At.Format(time.DateTime), e.Type, e.Stage, strings.TrimSpace(e.Sentence))
		}
	}
}
