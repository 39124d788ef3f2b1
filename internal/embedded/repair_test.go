package embedded

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/internal/engine"
	"duban/internal/faults"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows/workflowtest"
)

// repair accepts an administrator's repair into the journal.
func (o *office) repair(matter string, action procedure.ActionName) store.Entry {
	o.Helper()
	c := workflowtest.Act(uuid.NewString(), procedure.Actor{Person: "sysadmin", Name: "系统管理员"}, action)
	c.Repair, c.Opinion = true, "流程不能继续"
	return o.accept(store.Entry{Matter: matter, Kind: store.KindAct, Command: c})
}

// patience is how long anything may take that comes by itself, on a machine that stands still at times.
const patience = 3 * time.Minute

// eventually asks until the answer satisfies.
func eventually[T any](t *testing.T, ask func(context.Context) (T, error), ok func(T) bool) (answer T) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		var err error
		answer, err = ask(t.Context())
		require.NoError(c, err)
		require.True(c, ok(answer), "%+v", answer)
	}, patience, 50*time.Millisecond)
	return answer
}

// A worker built with a changed workflow cannot take up what the right one began. Until a right one is back, its matters
// stand still, visibly, and can be tried again, begun anew from the record, or ended; whatever was decided stays.
func TestAMatterThatAChangedWorkflowCannotTakeUp(t *testing.T) {
	o := newOffice(t, time.Second)
	w := o.engine.Worker(&activities.Activities{Store: o.store})
	require.NoError(t, w.Start())
	var matters []string
	for range 3 {
		matters = append(matters, o.carry(o.begin()).Matter)
	}
	again, anew, over := matters[0], matters[1], matters[2]
	w.Stop()
	changed, err := faults.ChangedWorker(t.Context(), o.temporal, applicationName, o.url)
	require.NoError(t, err)
	stop := sync.OnceFunc(changed)
	defer stop()

	stuck := func(matter string) engine.Condition {
		t.Helper()
		entry := o.ask(matter, workflowtest.Leader, procedure.ActionComment) // wakes it up
		_, err := o.engine.Carry(t.Context(), o.store, entry)
		require.ErrorIs(t, err, engine.ErrBusy)
		return eventually(t, func(ctx context.Context) (engine.Condition, error) { return o.engine.Inspect(ctx, matter) },
			func(c engine.Condition) bool { return c.Task != nil })
	}
	for _, matter := range matters {
		c := stuck(matter)
		require.True(t, c.Running)
		require.Contains(t, c.Task.Failure.Message, "nondeterministic")
		require.Equal(t, "NonDeterministicError", c.Task.Cause)
		require.Equal(t, "changed", c.Task.Worker)
	}
	before, err := o.store.Matter(t.Context(), again, nil)
	require.NoError(t, err)

	// From the record, even the changed program goes on.
	require.NoError(t, o.engine.Restart(t.Context(), o.store, anew, "按记录重新开始"))
	o.carry(o.ask(anew, workflowtest.Leader, procedure.ActionApprove))
	row, err := o.store.Matter(t.Context(), anew, nil)
	require.NoError(t, err)
	require.NotEqual(t, before.Stage, row.Stage)
	var refusal *procedure.Refusal
	require.ErrorAs(t, o.engine.Restart(t.Context(), o.store, anew, "再来一次"), &refusal)
	require.Equal(t, "not-stuck", refusal.Code)
	story, err := o.engine.History(t.Context(), anew)
	require.NoError(t, err)
	runs := map[string]bool{}
	failing := false
	for _, e := range story {
		runs[e.Run] = true
		failing = failing || e.Kind == engine.HistoryTask && e.Failure != nil
	}
	require.Len(t, runs, 2, "the history goes on across the new beginning")
	require.True(t, failing)

	// Ended though it cannot run, in the record as by its workflow.
	ended := o.carry(o.repair(over, procedure.ActionTerminate))
	require.Equal(t, store.EntryDone, ended.State)
	row, err = o.store.Matter(t.Context(), over, nil)
	require.NoError(t, err)
	require.Equal(t, procedure.OutcomeTerminated, row.Outcome)
	require.Equal(t, ended.Last, row.Seq)
	late := o.carry(o.ask(over, workflowtest.Leader, procedure.ActionApprove))
	require.Equal(t, "closed", late.Refusal.Code)
	c, err := o.engine.Inspect(t.Context(), over)
	require.NoError(t, err)
	require.Equal(t, "Terminated", c.Status)

	// Tried again once the right program is back: at once, and with nothing lost.
	stop()
	o.work()
	done, err := o.engine.Retry(t.Context(), again, "已换回正确的程序")
	require.NoError(t, err)
	require.True(t, done.Task)
	acted := o.carry(o.ask(again, workflowtest.Leader, procedure.ActionApprove))
	require.Equal(t, store.EntryDone, acted.State)
	_, err = o.engine.Retry(t.Context(), again, "没有什么可试")
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "not-stuck", refusal.Code)
	broken, err := o.store.Verify(t.Context())
	require.NoError(t, err)
	require.Empty(t, broken)
	listed := eventually(t, func(ctx context.Context) ([]engine.Run, error) { return o.engine.Runs(ctx, again) },
		func(runs []engine.Run) bool { return len(runs) == 2 })
	require.Equal(t, "Running", listed[0].Status)
}

// An activity that fails is seen with its attempts and its error, and tried again when somebody says so.
func TestAFailingActivityIsSeenAndTriedAgain(t *testing.T) {
	o := newOffice(t, 5*time.Second)
	var mended atomic.Bool
	broken := errors.New("规则不可用")
	w := o.engine.Worker(&activities.Activities{Store: o.store, Opener: func(_ context.Context, r activities.OpenRequest) (procedure.Spec, error) {
		if !mended.Load() {
			return procedure.Spec{}, broken
		}
		return workflowtest.Child(r.Requested, r.Parent, r.At, r.Clock), nil
	}})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	matter := o.carry(o.begin()).Matter
	o.carry(o.ask(matter, workflowtest.Leader, procedure.ActionApprove))
	c := eventually(t, func(ctx context.Context) (engine.Condition, error) { return o.engine.Inspect(ctx, matter) },
		func(c engine.Condition) bool { return len(c.Activities) == 1 && c.Activities[0].Failure != nil })
	require.Equal(t, "Open", c.Activities[0].Name)
	require.Equal(t, activities.Bug, c.Activities[0].Failure.Type)
	require.Contains(t, c.Activities[0].Failure.Message, broken.Error())
	require.WithinDuration(t, time.Now().Add(5*time.Minute), c.Activities[0].Next, patience)
	mended.Store(true)
	done, err := o.engine.Retry(t.Context(), matter, "已修复")
	require.NoError(t, err)
	require.Equal(t, 1, done.Activities)
	eventually(t, func(ctx context.Context) (engine.Condition, error) { return o.engine.Inspect(ctx, matter) },
		func(c engine.Condition) bool { return len(c.Activities) == 0 })
	last, err := o.engine.Pollers(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), last, patience)
	_, err = o.engine.Reported(t.Context(), 10)
	require.NoError(t, err)
}
