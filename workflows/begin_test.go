package workflows_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

// started is a matter that a run of Begin started.
type started struct {
	id string
	in workflows.Input
}

// begin runs Begin with an activity that answers so, and gives what it was asked, what was started and what came of it.
func begin(t *testing.T, in workflows.Beginning, rang time.Time, answer func(activities.BeginRequest) (activities.Opened, error)) (
	asked []activities.BeginRequest, matters []started, begun workflows.Begun) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(workflowtest.Monday)
	if !rang.IsZero() {
		require.NoError(t, env.SetTypedSearchAttributesOnStart(temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime").ValueSet(rang))))
	}
	workflows.Register(env)
	env.RegisterActivity(&activities.Activities{})
	var a *activities.Activities
	env.OnActivity(a.Begin, mock.Anything, mock.Anything).Return(func(_ context.Context, r activities.BeginRequest) (activities.Opened, error) {
		asked = append(asked, r)
		return answer(r)
	})
	env.OnWorkflow("Tracking", mock.Anything, mock.Anything).Maybe().Return(func(ctx workflow.Context, in workflows.Input) (procedure.Outcome, error) {
		matters = append(matters, started{workflow.GetInfo(ctx).WorkflowExecution.ID, in})
		return procedure.OutcomeCompleted, nil
	})
	env.ExecuteWorkflow(workflows.WorkflowBegin, in)
	require.NoError(t, env.GetWorkflowError())
	require.NoError(t, env.GetWorkflowResult(&begun))
	return asked, matters, begun
}

func opens(r activities.BeginRequest) (activities.Opened, error) {
	spec := workflowtest.Spec(workflowtest.Tracking(), r.Matter, r.At)
	spec.Clock = r.Clock
	return activities.Opened{Spec: &spec}, nil
}

// A matter begins as of the day the schedule rang for, however late that is heard, in the name of the rule and as a
// draft. Run again for the same day it is the same matter; on another day, or in a rehearsal, another.
func TestBeginStartsTheMatterOfItsDay(t *testing.T) {
	in := workflows.Beginning{Rulebook: "test", Procedure: "tracking"}
	rang := time.Date(2026, 3, 1, 0, 30, 0, 0, time.UTC) // Monday morning was away
	asked, matters, begun := begin(t, in, rang, opens)
	require.Len(t, asked, 1)
	day := calendar.Date{Year: 2026, Month: 3, Day: 1}
	require.Equal(t, activities.BeginRequest{Matter: begun.Matter, Rulebook: "test", Procedure: "tracking", Day: day, At: workflowtest.Monday}, asked[0])
	require.Len(t, matters, 1)
	require.Equal(t, workflows.WorkflowID(begun.Matter), matters[0].id)
	require.Equal(t, begun.Matter, matters[0].in.Spec.Matter)
	require.False(t, matters[0].in.Begin.Submit)
	id := uuid.MustParse(begun.Matter)
	require.Equal(t, uuid.Version(7), id.Version())
	sec, nsec := id.Time().UnixTime()
	require.True(t, time.Unix(sec, nsec).Equal(day.At(0)), "its place among the ids is its day's")

	_, _, again := begin(t, in, rang.Add(time.Hour), opens)
	require.Equal(t, begun.Matter, again.Matter)
	asked, _, byHand := begin(t, workflows.Beginning{Rulebook: "test", Procedure: "tracking", Day: day}, time.Time{}, opens)
	require.Equal(t, begun.Matter, byHand.Matter)
	require.True(t, asked[0].Asked)

	others := map[string]bool{begun.Matter: true}
	for _, other := range []workflows.Beginning{
		{Rulebook: "test", Procedure: "tracking", Day: day.AddDays(1)},
		{Rulebook: "test", Procedure: "review", Day: day},
		{Rulebook: "heir", Procedure: "tracking", Day: day},
		{Rulebook: "test", Procedure: "tracking", Day: day, Clock: procedure.Clock{Start: workflowtest.Monday, Factor: 86400}},
		{Rulebook: "test", Procedure: "tracking", Day: day, Clock: procedure.Clock{Start: workflowtest.Monday.Add(time.Second), Factor: 86400}},
	} {
		_, _, begun := begin(t, other, time.Time{}, opens)
		require.False(t, others[begun.Matter], "%+v", other)
		others[begun.Matter] = true
	}
}

// The rule may have changed since, and the matter may have begun: then nothing is started.
func TestBeginStartsNothing(t *testing.T) {
	in := workflows.Beginning{Rulebook: "test", Procedure: "tracking"}
	refusal := &procedure.Refusal{Code: "begins-otherwise"}
	asked, matters, begun := begin(t, in, time.Time{}, func(activities.BeginRequest) (activities.Opened, error) {
		return activities.Opened{Refusal: refusal}, nil
	})
	require.Equal(t, calendar.DateOf(workflowtest.Monday), asked[0].Day)
	require.Empty(t, matters)
	require.Equal(t, workflows.Begun{Refusal: refusal}, begun)

	_, matters, begun = begin(t, in, time.Time{}, func(activities.BeginRequest) (activities.Opened, error) { return activities.Opened{}, nil })
	require.Empty(t, matters)
	require.NotEmpty(t, begun.Matter)
}

// A database that is away for a while delays a matter, and does not make two.
func TestBeginWaitsForTheDatabase(t *testing.T) {
	away := 7
	asked, matters, _ := begin(t, workflows.Beginning{Rulebook: "test", Procedure: "tracking"}, time.Time{},
		func(r activities.BeginRequest) (activities.Opened, error) {
			if away--; away > 0 {
				return activities.Opened{}, temporal.NewApplicationError("away", activities.Unavailable)
			}
			return opens(r)
		})
	require.Len(t, asked, 7)
	require.Len(t, matters, 1)
}
