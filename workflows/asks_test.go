package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

const seed = workflowtest.Seed

// counting is a report, lots drawn, and a vote of one unit for two days.
func counting() procedure.Procedure {
	p := workflowtest.Tracking()
	p.Workflow = "Promotion"
	p.Stages[0].Actions[procedure.ActionApprove] = procedure.Target{"commit"}
	two := &calendar.Duration{N: 2, Unit: calendar.Workdays}
	urge := []procedure.Alarm{{Before: &calendar.Duration{N: 1, Unit: calendar.Workdays}, Do: procedure.DoUrge, To: []procedure.Role{"holder"}}}
	p.Stages = append(p.Stages,
		procedure.Stage{Key: "commit", Title: "承诺", Kind: procedure.KindDraw, Draw: &procedure.Draw{Seed: "sample"}, Next: "draw"},
		procedure.Stage{Key: "draw", Title: "抽签", Kind: procedure.KindDraw, Next: "vote",
			Draw: &procedure.Draw{Seed: "sample", From: "field:options", Take: 1, Into: "drawn"}},
		procedure.Stage{Key: "vote", Title: "投票", Kind: procedure.KindPoll, Who: []procedure.Role{"applicant"}, Next: procedure.Closed,
			Limits: []procedure.Limit{{Key: "window", From: "vote.opened", Within: two, Alarms: urge}},
			Poll: &procedure.Poll{Options: "options", Closes: "window", Choices: poll.Choices{Min: 1, Max: 1}, Winners: 1, Formula: "unit",
				PublicCap: 1, Order: poll.OrderScore, Ties: []poll.Rule{poll.RuleDraw}, Into: "winners", Missing: "silent", Else: "report"}})
	return p
}

// What a matter needs from outside it gets by itself, tried again while it cannot be had; a unit that has voted, though
// word of it was lost, is neither reminded nor noted as missing.
func TestAsks(t *testing.T) {
	for name, review := range map[string]*procedure.PollTerm{"counted at once": nil,
		"looked into first": {Within: calendar.Duration{N: 1, Unit: calendar.Workdays}}} {
		t.Run(name, func(t *testing.T) { asks(t, review) })
	}
}

func asks(t *testing.T, review *procedure.PollTerm) {
	spec := workflowtest.Spec(counting(), matterID, workflowtest.Monday)
	vote, _ := spec.Procedure.Stage("vote")
	vote.Poll.Review = review
	spec.Form["options"] = json.RawMessage(`[{"key":"a","title":"甲"},{"key":"b","title":"乙"}]`)
	r := newRun(t, spec)
	var a *activities.Activities
	var asked []string
	r.OnActivity(a.CommitDraw, mock.Anything, mock.Anything).Return(func(_ context.Context, draw string) (string, error) {
		if asked = append(asked, "commit"); len(asked) == 1 {
			return "", errors.New("the database is away")
		}
		return poll.Commit(seed), nil
	})
	r.OnActivity(a.RevealDraw, mock.Anything, mock.Anything).Return(func(context.Context, string) (string, error) {
		asked = append(asked, "reveal")
		return seed, nil
	})
	r.OnActivity(a.Turnout, mock.Anything, mock.Anything).Return(func(context.Context, string) ([]string, error) {
		return []string{"bureau"}, nil
	})
	r.OnActivity(a.CloseRound, mock.Anything, mock.Anything).Return(func(ctx context.Context, round string) (activities.Counted, error) {
		require.Equal(t, time.Minute, activity.GetInfo(ctx).HeartbeatTimeout, "a dead worker's counting is soon another's")
		asked = append(asked, "close")
		if review != nil {
			return activities.Counted{Closed: &procedure.LogEnd{Round: round, Ballots: 1}}, nil
		}
		return activities.Counted{Result: poll.Result{Round: round, Winners: []string{"b"}}}, nil
	})
	want := []string{"commit", "commit", "reveal", "commit", "close"}
	if review != nil {
		want = append(want, "count")
		r.OnActivity(a.CountRound, mock.Anything, mock.Anything).Return(func(_ context.Context, round string) (activities.Counted, error) {
			asked = append(asked, "count")
			return activities.Counted{Result: poll.Result{Round: round, Winners: []string{"b"}}}, nil
		})
	}
	r.RegisterDelayedCallback(func() { r.send(workflowtest.Start()) }, 0)
	r.ExecuteWorkflow(spec.Procedure.Workflow, workflows.Input{Spec: &spec})
	require.True(t, r.IsWorkflowCompleted())
	require.NoError(t, r.GetWorkflowError())
	require.Equal(t, want, asked)
	told := procedure.Fold(procedure.New(spec), r.recorded())
	require.Equal(t, procedure.OutcomeCompleted, told.Outcome)
	require.JSONEq(t, `[]`, string(told.Form["silent"]))
	require.Contains(t, string(told.Form["winners"]), `"key":"b"`)
	drawn, err := procedure.Lots(seed, 1, told.Draws["sample"].Lots)
	require.NoError(t, err)
	require.Contains(t, string(told.Form["drawn"]), `"lot":"`+drawn[0].Lots[0]+`"`)
	require.False(t, slices.ContainsFunc(r.recorded(), func(e procedure.Event) bool {
		fired, ok := e.Body.(procedure.AlarmFired)
		return ok && slices.Contains(fired.To, "bureau/clerk")
	}), "reminded though it has voted")
}

// A collection that closes tells the matters it asked for that they come too late.
func TestLateChildrenAreTold(t *testing.T) {
	p := workflowtest.Tracking()
	p.Stages[0].Actions[procedure.ActionApprove] = procedure.Target{"call"}
	p.Stages = append(p.Stages, procedure.Stage{Key: "call", Title: "征集", Kind: procedure.KindCollect, Next: procedure.Closed,
		Start:   &procedure.Start{Procedure: "tracking", Title: "报送", Each: "party:applicant"},
		Collect: &procedure.Collect{Into: "sent", Take: []string{"summary"}, Missing: "silent", Closes: "close"},
		Limits:  []procedure.Limit{{Key: "close", Within: &calendar.Duration{N: 2, Unit: calendar.Workdays}}}})
	spec := workflowtest.Spec(p, matterID, workflowtest.Monday)
	r := newRun(t, spec)
	r.OnSignalExternalWorkflow(mock.Anything, workflows.WorkflowID(matterID), "", workflows.SignalLinked, mock.Anything).Return(nil)
	r.RegisterDelayedCallback(func() { r.send(workflowtest.Start()) }, 0)
	r.ExecuteWorkflow(spec.Procedure.Workflow, workflows.Input{Spec: &spec})
	require.True(t, r.IsWorkflowCompleted())
	require.NoError(t, r.GetWorkflowError())
	require.Len(t, r.opened, 1)
	require.Equal(t, []string{"summary"}, r.opened[0].Parent.Take)
	state, child := procedure.New(spec), ""
	for _, b := range r.batches {
		if b.Matter == matterID {
			state = procedure.Fold(state, b.Events)
			continue
		}
		for _, e := range b.Events {
			if lapsed, ok := e.Body.(procedure.Lapsed); ok {
				child = b.Matter
				require.Equal(t, matterID, lapsed.Matter)
			}
		}
	}
	require.JSONEq(t, `["bureau"]`, string(state.Form["silent"]))
	require.Equal(t, state.Links[0].Matter, child)
	require.True(t, state.Links[0].Late)
}
