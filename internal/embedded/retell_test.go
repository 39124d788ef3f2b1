package embedded

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/engine"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

// open begins a matter of a procedure, with a calendar and a clock of its own.
func (o *office) open(p procedure.Procedure, factor int, more func(*procedure.Spec)) string {
	o.Helper()
	spec := onMonday(p, factor)
	more(&spec)
	c := workflowtest.Start()
	c.Key = spec.Matter + "/start"
	return o.carry(o.accept(store.Entry{Matter: spec.Matter, Kind: store.KindStart, Spec: &spec, Command: c})).Matter
}

// row waits for the record to say so of the matter, and gives it.
func (o *office) row(matter string, so func(store.MatterRow) bool) store.MatterRow {
	o.Helper()
	return eventually(o.T, func(ctx context.Context) (store.MatterRow, error) { return o.store.Matter(ctx, matter, nil) }, so)
}

// stuck waits until the matter's workflow cannot go on.
func (o *office) stuck(matter string) {
	o.Helper()
	eventually(o.T, func(ctx context.Context) (engine.Condition, error) { return o.engine.Inspect(ctx, matter) },
		func(c engine.Condition) bool { return c.Task != nil })
}

func (o *office) restart(matter string) {
	o.Helper()
	require.NoError(o, o.engine.Restart(o.Context(), o.store, matter, "按记录重新开始"))
}

func stands(stage string) func(store.MatterRow) bool {
	return func(row store.MatterRow) bool { return row.Stage == stage }
}

// unsettled is a matter for whose terms no year is published.
func unsettled(spec *procedure.Spec) {
	spec.Calendar = calendar.Calendar{Table: calendar.Shipped().Slice(2007, 2008)}
}

// notice publishes the year in which the matter is due, with that day off, and tells whoever waits for it.
func (o *office) notice(matter string) (before store.MatterRow) {
	o.Helper()
	before = o.row(matter, stands("group"))
	due := before.State.Limits[0].Due
	require.True(o, due.Provisional)
	day := calendar.DateOf(due.At)
	told, err := o.store.PutCalendarYear(o.Context(), calendar.Year{Year: day.Year, Off: map[calendar.Date]string{day: "节日"}}, "office")
	require.NoError(o, err)
	require.Equal(o, 1, told)
	require.NoError(o, o.engine.Replan(o.Context(), o.store))
	return before
}

func (o *office) replanned(before store.MatterRow) {
	o.Helper()
	row := o.row(before.ID, func(row store.MatterRow) bool { return row.State.Limits[0].Due.At.After(before.State.Limits[0].Due.At) })
	require.False(o, row.State.Limits[0].Due.Provisional)
}

// What came to a matter while it was stuck, and its run never took, the run that takes its place is told.
func TestARestartedMatterHearsWhatCameWhileItWasStuck(t *testing.T) {
	o := newOffice(t, 20*time.Second)
	opens := &activities.Activities{Store: o.store, Opener: func(_ context.Context, r activities.OpenRequest) (procedure.Spec, error) {
		return workflowtest.Child(r.Requested, r.Parent, r.At, r.Clock), nil
	}}
	w := o.engine.Worker(opens)
	require.NoError(t, w.Start())
	parent, planned := o.carry(o.begin()).Matter, o.open(workflowtest.Review(), unhurried, unsettled)
	o.carry(o.ask(parent, workflowtest.Leader, procedure.ActionApprove))
	begun := o.row(parent, stands("fate"))
	child := begun.State.Links[0].Matter
	o.row(child, stands("report"))
	w.Stop()

	// The program changes for matters like the parent, not for those like the child.
	w = o.engine.WorkerOf(func(r worker.WorkflowRegistry) {
		r.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.Input) (procedure.Outcome, error) {
			workflow.NewTimer(ctx, 365*24*time.Hour)
			return workflows.Matter(ctx, in)
		}, workflow.RegisterOptions{Name: workflowtest.Review().Workflow})
		r.RegisterWorkflowWithOptions(workflows.Matter, workflow.RegisterOptions{Name: workflowtest.Tracking().Workflow})
	}, opens)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	o.carry(o.ask(child, workflowtest.Clerk, procedure.ActionApprove))
	before := o.notice(planned)
	o.stuck(parent)
	o.stuck(planned)

	o.restart(parent)
	closed := o.row(parent, stands(procedure.Closed))
	require.Equal(t, procedure.OutcomeCompleted, closed.Outcome)
	o.restart(planned)
	o.replanned(before)
}

// Word that comes while nothing runs a matter finds no workflow; whoever brings it takes the matter for over. What it missed
// is on the record of others.
func TestARestartedMatterHearsWhatCameWhileNothingRanIt(t *testing.T) {
	o := newOffice(t, 20*time.Second)
	o.work()
	c, err := client.Dial(client.Options{HostPort: o.temporal, Namespace: applicationName, Logger: sdkLogger(quiet())})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	kill := func(matter string) {
		t.Helper()
		require.NoError(t, c.TerminateWorkflow(t.Context(), workflows.WorkflowID(matter), "", "killed"))
	}
	parent, planned := o.carry(o.begin()).Matter, o.open(workflowtest.Review(), unhurried, unsettled)
	o.carry(o.ask(parent, workflowtest.Leader, procedure.ActionApprove))
	child := o.row(parent, stands("fate")).State.Links[0].Matter
	o.row(child, stands("report"))
	kill(parent)
	kill(planned)
	o.carry(o.ask(child, workflowtest.Clerk, procedure.ActionApprove))
	o.row(child, stands(procedure.Closed))
	before := o.notice(planned)
	o.restart(parent)
	require.Equal(t, procedure.OutcomeCompleted, o.row(parent, stands(procedure.Closed)).Outcome)
	o.restart(planned)
	o.replanned(before)

	// A collection closes without a matter that nothing runs: begun anew it learns that it came too late. Where it closed
	// before that, on a machine that stood still, it is tried again on a slower clock.
	var collecting, sent string
	for factor := daysPerSecond; ; factor /= 4 {
		collecting = o.open(workflowtest.Promotion(), factor, func(*procedure.Spec) {})
		sent = o.row(collecting, func(row store.MatterRow) bool { return len(row.State.Links) == 2 }).State.Links[0].Matter
		if o.row(sent, func(store.MatterRow) bool { return true }).Stage == "report" &&
			c.TerminateWorkflow(t.Context(), workflows.WorkflowID(sent), "", "killed") == nil {
			break
		}
	}
	o.row(collecting, func(row store.MatterRow) bool { return row.State.Links[0].Late })
	o.restart(sent)
	late := o.row(sent, stands(procedure.Closed))
	require.Equal(t, procedure.OutcomeRejected, late.Outcome)
	require.Equal(t, collecting, late.State.Lapsed.Matter)
}
