package embedded

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

// counting answers what matters ask for that draw lots and count votes.
func counting(w worker.Worker, review *atomic.Bool) {
	w.RegisterActivityWithOptions(func(context.Context, string) (string, error) {
		return poll.Commit(workflowtest.Seed), nil
	}, activity.RegisterOptions{Name: "CommitDraw"})
	w.RegisterActivityWithOptions(func(context.Context, string) (string, error) {
		return workflowtest.Seed, nil
	}, activity.RegisterOptions{Name: "RevealDraw"})
	w.RegisterActivityWithOptions(func(context.Context, string) ([]string, error) {
		return []string{"group"}, nil
	}, activity.RegisterOptions{Name: "Turnout"})
	count := func(_ context.Context, round string) (activities.Counted, error) {
		return activities.Counted{Result: poll.Result{Round: round, Winners: []string{"b"}}}, nil
	}
	w.RegisterActivityWithOptions(func(ctx context.Context, round string) (activities.Counted, error) {
		if review.Load() {
			return activities.Counted{Closed: &procedure.LogEnd{Round: round, Ballots: 1}}, nil
		}
		return count(ctx, round)
	}, activity.RegisterOptions{Name: "CloseRound"})
	w.RegisterActivityWithOptions(count, activity.RegisterOptions{Name: "CountRound"})
}

// promote begins a promotion whose clock runs so much faster than the wall's, and gives its id.
func (s *stage) promote(factor int) string {
	return s.promoteBy(workflowtest.Promotion(), factor)
}

func (s *stage) promoteBy(p procedure.Procedure, factor int) string {
	spec := onMonday(p, factor)
	spec.Form["options"] = json.RawMessage(workflowtest.Options)
	_, err := s.engine.Start(s.t.Context(), spec, workflowtest.Start())
	require.NoError(s.t, err)
	return spec.Matter
}

func (s *stage) score(matter string, by procedure.Actor, subject string) {
	s.t.Helper()
	c := workflowtest.Act("score by "+by.Person, by, procedure.ActionScore)
	c.Fields = map[string]json.RawMessage{"card": json.RawMessage(`[{"subject":"` + subject + `","worth":90}]`)}
	_, err := s.engine.Act(s.t.Context(), matter, c)
	require.NoError(s.t, err)
}

// Matters that gather, vote, mark and draw: open in each such stage, one gone through by the clock alone but for its marks,
// and one that came too late for its collection.
func TestHistoriesOfCounting(t *testing.T) {
	s := newStage(t)

	slow := s.promote(unhurried)
	s.settled(slow)
	s.keep("open-collect", workflows.WorkflowID(slow))
	called := s.until(slow, at("call"))
	require.Len(t, called.Links, 2)
	for _, l := range called.Links {
		s.until(l.Matter, at("report"))
		s.act(l.Matter, workflowtest.Clerk, procedure.ActionApprove)
		s.ended(l.Matter)
	}
	open := s.until(slow, func(m procedure.State) bool { return procedure.Open(&m) != "" })
	vote := procedure.Vote{Round: procedure.Open(&open), Unit: "bureau", Post: "bureau/clerk"}
	require.NoError(t, s.engine.Voted(t.Context(), slow, vote))
	s.until(slow, func(m procedure.State) bool { return slices.Contains(m.Polls[len(m.Polls)-1].Voted, "bureau") })
	s.settled(slow)
	h := s.keep("open-poll", workflows.WorkflowID(slow))
	require.Equal(t, 2, count(h, enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED))

	fast := s.promote(daysPerSecond)
	marked := s.until(fast, at("marks"))
	require.JSONEq(t, `["bureau","group"]`, string(marked.Form["absent"]))
	require.JSONEq(t, `["bureau"]`, string(marked.Form["silent"]), "the group's ballot is known from the turnout alone")
	late := marked.Links[0].Matter
	s.ended(late)
	s.keep("ended-late", workflows.WorkflowID(late))
	s.score(fast, workflowtest.Clerk, "group")
	s.settled(fast)
	h = s.keep("open-score", workflows.WorkflowID(fast))
	require.Equal(t, 2, count(h, enumspb.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED), "both were told that they came too late")
	s.score(fast, workflowtest.Leader, "bureau")
	s.ended(fast)
	s.keep("ended-draw", workflows.WorkflowID(fast))
}

// A vote that is looked into between its closing and its counting.
func TestHistoriesOfAReview(t *testing.T) {
	s := newStage(t)
	s.review.Store(true)
	p := workflowtest.Promotion()
	for i := range p.Stages {
		if vote := p.Stages[i].Poll; vote != nil {
			vote.Review = &procedure.PollTerm{Within: calendar.Duration{N: 1, Unit: calendar.Workdays}}
		}
	}
	matter := s.promoteBy(p, daysPerSecond)
	s.until(matter, at("marks"))
	s.settled(matter)
	s.keep("open-counted", workflows.WorkflowID(matter))
}
