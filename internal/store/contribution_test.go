package store_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/workflows/workflowtest"
)

// promoted is a promotion gone through: the bureau sends and votes, the group does neither; both give a card, and the
// bureau changes its own.
func promoted(t require.TestingT) *story {
	spec := workflowtest.Spec(workflowtest.Promotion(), matterID(), began)
	spec.Form["options"] = json.RawMessage(workflowtest.Options)
	s := newStory(spec)
	require.NoError(t, s.start(true))
	s.wait(time.Hour)
	for _, l := range s.state.Links {
		if l.Unit == "bureau" {
			l.Ended, l.Outcome, l.At = true, procedure.OutcomeCompleted, s.now
			require.NoError(t, s.try(procedure.Command{Action: procedure.ActionLinked, Linked: &l}))
		}
	}
	s.until(t, "vote")
	for procedure.Open(&s.state) == "" {
		s.answer(t)
		s.wait(time.Hour)
	}
	vote := procedure.Vote{Round: procedure.Open(&s.state), Unit: "bureau", Post: "bureau/clerk"}
	require.NoError(t, s.try(procedure.Command{Action: procedure.ActionVoted, Voted: &vote}))
	s.until(t, "marks")
	card := func(by procedure.Actor, subject string, mark int) {
		fields := map[string]json.RawMessage{"card": fmt.Appendf(nil, `[{"subject":%q,"worth":%d}]`, subject, mark)}
		require.NoError(t, s.try(procedure.Command{Action: procedure.ActionScore, Actor: by, Fields: fields}))
		s.wait(time.Hour)
	}
	card(workflowtest.Clerk, "group", 60)
	card(workflowtest.Clerk, "group", 75)
	card(workflowtest.Leader, "bureau", 90)
	s.until(t, procedure.Closed)
	return s
}

// until lets time pass, and answers what the matter asks for, until it stands in the stage.
func (s *story) until(t require.TestingT, stage string) {
	for tries := 0; s.state.Stage != stage; tries++ {
		require.Less(t, tries, 1000, "it stands at %s", s.state.Stage)
		s.answer(t)
		s.wait(6 * time.Hour)
	}
}

func (s *story) answer(t require.TestingT) {
	for _, ask := range procedure.Asks(s.state) {
		draw := procedure.DrawAnswer{Draw: ask.ID}
		c := procedure.Command{Action: procedure.ActionDraw, Draw: &draw}
		switch ask.Kind {
		case procedure.AskCommit:
			draw.Commitment = poll.Commit(workflowtest.Seed)
		case procedure.AskReveal:
			draw.Value = workflowtest.Seed
		default:
			c = procedure.Command{Action: procedure.ActionTally, Result: &poll.Result{Round: ask.ID, Winners: []string{"a"}}}
		}
		require.NoError(t, s.try(c))
	}
}

// at is when the story's first event of a type came.
func (s *story) at(eventType string) time.Time {
	for _, e := range s.events {
		if e.Body.EventType() == eventType {
			return e.At
		}
	}
	return time.Time{}
}

// What units owe a collection, a vote and a scoring is known from its opening, done with the day or missed; of a vote who
// voted and nothing else.
func TestContributions(t *testing.T) {
	s := storetest.New(t)
	told := promoted(t)
	matter := told.spec.Matter
	record(t, s, told)
	parts, err := s.Contributions(ctx, matter)
	require.NoError(t, err)
	sent := told.spec.At.Add(time.Hour)
	var scored []time.Time
	for _, e := range told.events {
		if _, ok := e.Body.(procedure.Scored); ok {
			scored = append(scored, e.At)
		}
	}
	require.Len(t, scored, 3)
	assert.Equal(t, []store.Contribution{
		{Matter: matter, Stage: "call", Round: 1, Unit: "bureau", Done: sent},
		{Matter: matter, Stage: "call", Round: 1, Unit: "group", Missed: true},
		{Matter: matter, Stage: "marks", Round: 1, Unit: "bureau", Done: scored[0]},
		{Matter: matter, Stage: "marks", Round: 1, Unit: "group", Done: scored[2]},
		{Matter: matter, Stage: "vote", Round: 1, Unit: "bureau", Done: told.at("voted")},
		{Matter: matter, Stage: "vote", Round: 1, Unit: "group", Missed: true},
	}, parts)
}

// Before anybody has done anything it is known who owes it; a stage entered again asks anew, and keeps what was.
func TestContributionsAreOwedFromTheOpening(t *testing.T) {
	s := storetest.New(t)
	spec := workflowtest.Spec(workflowtest.Promotion(), matterID(), began) // nothing to vote on: it is called for again
	told := newStory(spec)
	require.NoError(t, told.start(true))
	record(t, s, told)
	parts, err := s.Contributions(ctx, spec.Matter)
	require.NoError(t, err)
	assert.Equal(t, []store.Contribution{{Matter: spec.Matter, Stage: "call", Round: 1, Unit: "bureau"}, {Matter: spec.Matter, Stage: "call", Round: 1, Unit: "group"}}, parts)
	for told.state.Rounds["call"] < 2 {
		told.answer(t)
		told.wait(12 * time.Hour)
	}
	record(t, s, told)
	parts, err = s.Contributions(ctx, spec.Matter)
	require.NoError(t, err)
	missed := map[int]int{}
	for _, p := range parts {
		if p.Missed {
			missed[p.Round]++
		}
	}
	assert.Len(t, parts, 4)
	assert.Equal(t, map[int]int{1: 2}, missed)
}

// counted is what is recorded of units' parts in a matter.
func counted(t require.TestingT, s *store.Store, matter string) []string {
	return projected(t, s, matter)["contribution"]
}

// In whatever batches the events come, in whatever order, each more than once, and projected again: the rows are the same.
func TestContributionsInAnyOrder(t *testing.T) {
	s, whole := storetest.New(t), storetest.New(t)
	for seed := range uint64(20) {
		told := promoted(t)
		record(t, whole, told)
		random := rand.New(rand.NewPCG(seed, 1))
		var batches []store.Batch
		for first := 0; first < len(told.events); {
			last := min(len(told.events), first+1+random.IntN(12))
			if seed == 0 { // one by one, as they came
				last = first + 1
			}
			for range 1 + random.IntN(2) {
				batches = append(batches, store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events[first:last]})
			}
			first = last
		}
		if seed > 0 {
			random.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
		}
		for _, b := range batches {
			_, err := s.Record(ctx, b)
			require.NoError(t, err)
		}
		want := counted(t, whole, told.spec.Matter)
		require.Equal(t, want, counted(t, s, told.spec.Matter), "seed %d", seed)
		require.NoError(t, s.Reproject(ctx, told.spec.Matter))
		require.Equal(t, want, counted(t, s, told.spec.Matter), "seed %d, projected again", seed)
	}
}

// Killed, cut off or left without an answer at any boundary of a record, and recorded again: nothing is owed, done or marked
// twice, and nothing is lost.
func TestContributionsAfterFaults(t *testing.T) {
	url := storetest.URL(t)
	s, err := store.Open(ctx, url)
	require.NoError(t, err)
	defer s.Close()
	whole := storetest.New(t)
	for name, fault := range map[string]func(*testing.T, job) bool{"killed": killed, "deaf": deafAt, "cut": cutAt} {
		t.Run(name, func(t *testing.T) {
			for trip := int64(1); ; trip++ {
				told := promoted(t)
				record(t, whole, told)
				batch := store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events}
				reached := fault(t, job{URL: url, Batch: &batch, Trip: trip})
				settled(t, s)
				_, err := s.Record(ctx, batch)
				require.NoError(t, err)
				assert.Equal(t, counted(t, whole, told.spec.Matter), counted(t, s, told.spec.Matter))
				if !reached {
					assert.Greater(t, trip, int64(2), "a record has boundaries")
					break
				}
			}
		})
	}
}
