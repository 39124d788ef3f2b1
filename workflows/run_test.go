package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"duban/activities"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

const (
	matterID = "0190f7a0-0000-7000-8000-000000000001"
	parentID = "0190f7a0-0000-7000-8000-00000000000f"
)

// run is a workflow under test, with time skipped. Beside it the machine alone goes through the same commands at the
// same instants: what the workflow recorded must be what the machine says.
type run struct {
	*testsuite.TestWorkflowEnvironment
	t       *testing.T
	clock   procedure.Clock
	oracle  procedure.State
	events  []procedure.Event  // of the oracle
	batches []activities.Batch // as recorded, in order
	opened  []activities.OpenRequest
	answers []func()           // what is expected of them, once all is over
	failing func() error       // what Record answers; nil records
	refuse  *procedure.Refusal // what Open answers; nil opens
}

func newRun(t *testing.T, spec procedure.Spec) *run {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	r := &run{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, clock: spec.Clock, oracle: procedure.New(spec)}
	r.SetStartTime(workflowtest.Monday)
	workflows.Register(r)
	var a *activities.Activities
	r.RegisterActivity(&activities.Activities{})
	r.OnActivity(a.Record, mock.Anything, mock.Anything).Maybe().Return(func(_ context.Context, b activities.Batch) (int64, error) {
		if r.failing != nil {
			if err := r.failing(); err != nil {
				return 0, err
			}
		}
		r.batches = append(r.batches, b)
		return b.Events[len(b.Events)-1].Seq, nil
	})
	r.OnActivity(a.Open, mock.Anything, mock.Anything).Maybe().Return(func(_ context.Context, o activities.OpenRequest) (activities.Opened, error) {
		r.opened = append(r.opened, o)
		if r.refuse != nil {
			return activities.Opened{Refusal: r.refuse}, nil //nolint:nilerr // a refusal is an answer
		}
		child := workflowtest.Child(o.Requested, o.Parent, o.At, o.Clock)
		return activities.Opened{Spec: &child}, nil
	})
	return r
}

// matter runs the matter under the type its procedure names.
func (r *run) matter(in workflows.Input) {
	r.t.Helper()
	name := r.oracle.Spec.Procedure.Workflow
	r.ExecuteWorkflow(name, in)
	require.True(r.t, r.IsWorkflowCompleted())
	for _, expect := range r.answers {
		expect()
	}
}

// after schedules what happens so long after the start, by the wall.
func (r *run) after(d time.Duration, f func()) { r.RegisterDelayedCallback(f, d) }

func (r *run) now() time.Time { return r.clock.Virtual(r.Now()).UTC() }

// elapse lets the machine's clock run to now, waking whenever it asks to.
func (r *run) elapse() {
	for {
		wake := procedure.Wake(r.oracle)
		if wake.IsZero() || wake.After(r.now()) {
			return
		}
		r.fold(procedure.Elapse(r.oracle, wake))
	}
}

func (r *run) fold(events []procedure.Event) {
	r.oracle = procedure.Fold(r.oracle, events)
	r.events = append(r.events, events...)
}

// tell lets the machine take a command that a signal or the workflow itself brings.
func (r *run) tell(c procedure.Command) {
	r.elapse()
	events, err := procedure.Decide(r.oracle, c, r.now())
	require.NoError(r.t, err)
	r.fold(events)
}

// answer is what an update came back with.
type answer struct {
	workflows.Outcome
	err  error
	came bool
}

// act sends an update and expects of it what the machine says.
func (r *run) act(c procedure.Command) *answer {
	r.elapse()
	events, refused := procedure.Decide(r.oracle, c, r.now())
	a := r.send(c)
	r.answers = append(r.answers, func() {
		require.True(r.t, a.came, "%s answered", c.Key)
		var refusal *procedure.Refusal
		if errors.As(refused, &refusal) {
			require.Equal(r.t, plain(r.t, refusal), plain(r.t, refusalOf(r.t, a.err)))
			return
		}
		require.NoError(r.t, a.err)
		require.Equal(r.t, events[0].Seq, a.First)
		require.Equal(r.t, events[len(events)-1].Seq, a.Last)
	})
	r.fold(events)
	return a
}

// send sends an update and expects nothing.
func (r *run) send(c procedure.Command) *answer {
	a := &answer{}
	r.UpdateWorkflow(workflows.UpdateAct, c.Key, &testsuite.TestUpdateCallback{
		OnReject: func(err error) { a.came, a.err = true, err },
		OnAccept: func() {},
		OnComplete: func(got any, err error) {
			a.came, a.err = true, err
			if err == nil {
				a.Outcome = got.(workflows.Outcome)
			}
		},
	}, c)
	return a
}

func refusalOf(t *testing.T, err error) *procedure.Refusal {
	t.Helper()
	var answer *temporal.ApplicationError
	require.ErrorAs(t, err, &answer)
	require.True(t, answer.NonRetryable())
	require.Equal(t, temporal.ApplicationErrorCategoryBenign, answer.Category())
	var refusal procedure.Refusal
	require.NoError(t, answer.Details(&refusal))
	require.Equal(t, refusal.Code, answer.Type())
	return &refusal
}

// recorded is every event that reached the record, in the order it did.
func (r *run) recorded() (events []procedure.Event) {
	for _, b := range r.batches {
		events = append(events, b.Events...)
	}
	return events
}

// sameStory asserts that what was recorded is what the machine says, each event once and in order.
func (r *run) sameStory() {
	r.t.Helper()
	require.Equal(r.t, plain(r.t, r.events), plain(r.t, r.recorded()))
}

// plain is a value as its JSON says it, so that a decoded value and one made here compare.
func plain(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(b)
}
