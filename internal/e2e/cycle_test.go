package e2e

import (
	"context"
	"encoding/json"
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
const promotionPace = 86_400

// company gathers the invented people of the promotion on a program of their own.
func company(t *testing.T, p *Program) (*rehearsal.Troupe, rehearsal.Cycle) {
	t.Helper()
	cycle, err := rehearsal.PromotionCycle()
	if err != nil {
		t.Fatal(err)
	}
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	stage := &rehearsal.Stage{URL: p.URL, Password: password(p.Data), Pace: promotionPace}
	return &rehearsal.Troupe{Stage: stage, Logins: rehearsal.Logins(library), Answers: cycle.Answers,
		Plays: "practice"}, cycle
}

// Z15, 001 art. 14(1): from the call over recommendations, both votes, consultation and consent to publication. One unit
// sends nothing, one too late, one does not vote; nobody votes for its own; the result says by which rule a tie was broken.
func TestPromotionFromCallToPublication(t *testing.T) {
	p := own(t, scratch(t))
	troupe, cycle := company(t, p)
	public := &citizens{program: p}
	troupe.Public = public.vote
	ctx := within(t, 5*time.Minute)
	if err := troupe.Gather(ctx); err != nil {
		t.Fatal(err)
	}
	id, err := troupe.Perform(ctx, cycle.Begin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(tail(p.Output(), 60))
			tell(t, p.session(t, "office.director"), id)
		}
	})
	stage, ownRefused := "", false
	err = troupe.Play(ctx, id, "office.director", func(m api.Matter) bool {
		if m.Stage != stage {
			stage = m.Stage
			t.Log(m.Now.Format(time.DateOnly), stage)
		}
		if stage == "mutual" && !ownRefused {
			ownRefused = refusedOwn(ctx, p.session(t, "zhangdian.clerk"), id)
		}
		return m.State != api.MatterStateOpen
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.session(t, "office.director").Matter(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if m.State != api.MatterStateCompleted || !ownRefused {
		t.Errorf("it ended %s; one's own refused: %v", m.State, ownRefused)
	}
	for field, want := range map[string]int{"candidates": 30, "finalists": 20, "winners": 10, "consulted": 10, "selected": 10,
		"absentRecommenders": 2, "absentMutual": 1, "absentVoters": 1} {
		var list []json.RawMessage
		if err := json.Unmarshal(m.Form[field], &list); err != nil || len(list) != want {
			t.Errorf("%s: %d entries, want %d (%v)", field, len(list), want, err)
		}
	}
	rounds, err := client.Get[api.PollList](ctx, p.session(t, "office.director"), "/api/v1/polls", "matter", id)
	if err != nil || len(rounds.Items) != 2 {
		t.Fatalf("%d rounds (%v)", len(rounds.Items), err)
	}
	second, err := client.Get[api.Poll](ctx, p.session(t, "office.director"), "/api/v1/polls/"+rounds.Items[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if second.Summary.PublicVoted != 5 || len(public.receipts) != 5 || len(second.Result.Winners) != 10 || len(second.Result.Ties) == 0 {
		t.Errorf("%d of the public voted, %d receipts, %d winners, ties %+v", second.Summary.PublicVoted, len(public.receipts),
			len(second.Result.Winners), second.Result.Ties)
	}
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
		t.Log(e.At.Format(time.DateTime), e.Type, e.Stage, strings.TrimSpace(e.Sentence))
	}
}
