package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/workflows"
	"duban/workflows/workflowtest"
)

const day = 24 * time.Hour

func review() procedure.Spec {
	return workflowtest.Spec(workflowtest.Review(), matterID, workflowtest.Monday)
}

// child stands in for the matter a review starts: it notes how it was started, and that it was.
func child(r *run, started *workflows.Input) {
	r.OnWorkflow("Tracking", mock.Anything, mock.Anything).Return(func(_ workflow.Context, in workflows.Input) (procedure.Outcome, error) {
		*started = in
		r.tell(news(r, false))
		return "", nil
	})
}

// news is what the workflow hears of the matter it started last.
func news(r *run, ended bool) procedure.Command {
	linked := r.oracle.Links[len(r.oracle.Links)-1]
	linked.At = r.now()
	if linked.Ended = ended; ended {
		linked.Outcome = procedure.OutcomeCompleted
	}
	return procedure.Command{Action: procedure.ActionLinked, Linked: &linked}
}

// From start to end, with every alarm: the record is the machine's own story, each event once, at its time.
func TestMatterFromStartToEnd(t *testing.T) {
	r := newRun(t, review())
	var started workflows.Input
	child(r, &started)
	r.after(0, func() { r.act(workflowtest.Start()) })
	r.after(30*day, func() { // notice, urging slip and escalation rang before
		r.act(workflowtest.Act("approve", workflowtest.Leader, procedure.ActionApprove))
	})
	r.after(31*day, func() {
		done := news(r, true)
		r.SignalWorkflow(workflows.SignalLinked, *done.Linked)
		r.tell(done)
		require.Equal(t, procedure.Closed, r.oracle.Stage)
	})
	r.after(32*day, func() {
		for i, s := range r.oracle.Slips {
			who := workflowtest.Leader
			if s.Kind == "brief" {
				who = workflowtest.Clerk
			}
			sign := workflowtest.Act("sign-"+s.Kind, who, procedure.ActionSign)
			sign.Slip = s.Slip
			r.after(time.Duration(i)*time.Minute, func() { r.act(sign) })
		}
	})
	r.matter(workflows.Input{Spec: &r.oracle.Spec})
	require.NoError(t, r.GetWorkflowError())
	var outcome procedure.Outcome
	require.NoError(t, r.GetWorkflowResult(&outcome))
	require.Equal(t, procedure.OutcomeCompleted, outcome)
	r.sameStory()

	fired := map[procedure.AlarmDo]int{}
	for _, e := range r.recorded() {
		if alarm, ok := e.Body.(procedure.AlarmFired); ok {
			fired[alarm.Do]++
		}
	}
	require.Equal(t, map[procedure.AlarmDo]int{procedure.DoNotice: 1, procedure.DoSlip: 1, procedure.DoEscalate: 1}, fired)
	require.NotNil(t, r.batches[0].Spec, "the first batch brings the specification")
	require.Nil(t, r.batches[1].Spec, "later ones need not")

	require.Len(t, r.opened, 1)
	require.Equal(t, "tracking", r.opened[0].Requested.Procedure)
	require.Equal(t, r.opened[0].Requested.Child, started.Spec.Matter)
	require.Equal(t, procedure.ActionStart, started.Begin.Action)
}

// An action a request carries costs no activity: it waits for the next batch that must go.
func TestActionsCostNoActivity(t *testing.T) {
	r := newRun(t, review())
	var before int
	r.after(0, func() { r.act(workflowtest.Start()) })
	for i, key := range []string{"c1", "c2", "c3"} {
		r.after(time.Duration(i+1)*time.Minute, func() {
			r.act(workflowtest.Act(key, workflowtest.Leader, procedure.ActionComment))
		})
	}
	r.after(time.Hour, func() {
		before = len(r.batches)
		r.act(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject))
	})
	r.matter(workflows.Input{Spec: &r.oracle.Spec})
	require.NoError(t, r.GetWorkflowError())
	require.Zero(t, before)
	require.Len(t, r.batches, 1, "one record before the end")
	r.sameStory()
}

// One timer lives at a time: it is cancelled and set again when what it waits for moves, and not otherwise.
func TestOneTimer(t *testing.T) {
	r := newRun(t, review())
	live, most, made := map[string]bool{}, 0, 0
	r.SetOnTimerScheduledListener(func(id string, _ time.Duration) {
		live[id] = true
		made++
		most = max(most, len(live))
	})
	r.SetOnTimerCanceledListener(func(id string) { delete(live, id) })
	r.SetOnTimerFiredListener(func(id string) { delete(live, id) })
	r.after(time.Second, func() { r.send(workflowtest.Start()) })
	r.after(time.Hour, func() { r.send(workflowtest.Act("c", workflowtest.Leader, procedure.ActionComment)) })
	suspend := workflowtest.Act("s", workflowtest.Director, procedure.ActionSuspend)
	r.after(2*time.Hour, func() { r.send(suspend) })
	r.after(3*time.Hour, func() {
		require.Empty(t, live, "a suspended matter waits for no instant")
		r.send(workflowtest.Act("r", workflowtest.Director, procedure.ActionResume))
	})
	r.after(4*time.Hour, func() {
		require.Len(t, live, 1)
		r.send(workflowtest.Act("x", workflowtest.Leader, procedure.ActionReject))
	})
	r.matter(workflows.Input{Spec: &r.oracle.Spec})
	require.NoError(t, r.GetWorkflowError())
	require.Equal(t, 2, made, "started and resumed; a comment moves nothing")
	require.Equal(t, 1, most)
	require.Empty(t, live)
}

// What may not happen is refused with its reason, changes nothing, and keeps nothing from happening later.
func TestRefusals(t *testing.T) {
	r := newRun(t, review())
	r.after(0, func() { r.act(workflowtest.Start()) })
	r.after(time.Minute, func() {
		a := r.act(workflowtest.Act("not-mine", workflowtest.Clerk, procedure.ActionApprove))
		r.after(time.Second, func() { require.Error(t, a.err) })
	})
	r.after(2*time.Minute, func() {
		a := r.act(workflowtest.Act("unknown", workflowtest.Clerk, "invent"))
		r.after(time.Second, func() { require.Equal(t, "action-unknown", refusalOf(t, a.err).Code) })
	})
	r.after(3*time.Minute, func() {
		a := r.act(procedure.Command{Key: "again", Action: procedure.ActionStart, Actor: workflowtest.Clerk})
		r.after(time.Second, func() { require.Equal(t, "already-started", refusalOf(t, a.err).Code) })
	})
	r.after(4*time.Minute, func() { r.act(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject)) })
	r.matter(workflows.Input{Spec: &r.oracle.Spec})
	require.NoError(t, r.GetWorkflowError())
	r.sameStory()
}

// A refused start leaves no workflow behind that waits for nothing.
func TestRefusedStartEnds(t *testing.T) {
	spec := review()
	spec.Procedure.First = "nowhere"
	r := newRun(t, spec)
	var a *answer
	r.after(0, func() { a = r.act(workflowtest.Start()) })
	r.matter(workflows.Input{Spec: &spec})
	require.NoError(t, r.GetWorkflowError())
	require.Equal(t, "rule-broken", refusalOf(t, a.err).Code)
	require.Empty(t, r.batches)
}

// While the database is away the clock goes on, and what happened is recorded once, in order, when it is back. A day is
// a minute here, or the attempts would be thousands.
func TestRecordAwayForDays(t *testing.T) {
	spec := review()
	spec.Clock = procedure.Clock{Start: workflowtest.Monday, Factor: 1440}
	r := newRun(t, spec)
	away := 0
	r.failing = func() error {
		if r.Now().Before(workflowtest.Monday.Add(25 * time.Minute)) {
			away++
			return temporal.NewApplicationError("away", activities.Unavailable)
		}
		return nil
	}
	r.after(0, func() { r.act(workflowtest.Start()) })
	r.after(40*time.Minute, func() { r.act(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject)) })
	r.matter(workflows.Input{Spec: &spec})
	require.NoError(t, r.GetWorkflowError())
	require.Greater(t, away, 10, "tried at least every minute")
	require.Greater(t, len(r.batches[0].Events), 3)
	r.sameStory()
}

// A matter continued as new carries its whole state and has recorded everything; the next run goes on where it stood.
func TestContinueAsNew(t *testing.T) {
	spec := review()
	first := newRun(t, spec)
	first.after(0, func() { first.act(workflowtest.Start()) })
	comment := workflowtest.Act("comment", workflowtest.Leader, procedure.ActionComment)
	first.after(time.Hour, func() { first.act(comment) })
	first.after(2*time.Hour, func() {
		first.SetContinueAsNewSuggested(true)
		first.act(workflowtest.Act("again", workflowtest.Leader, procedure.ActionComment))
	})
	first.matter(workflows.Input{Spec: &spec})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, first.GetWorkflowError(), &next)
	require.Equal(t, "InnovationProposal", next.WorkflowType.Name)
	var in workflows.Input
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	require.Equal(t, plain(t, first.oracle), plain(t, in.State))
	require.Equal(t, first.oracle.Seq, in.Recorded)
	first.sameStory()

	second := newRun(t, spec)
	second.SetStartTime(workflowtest.Monday.Add(3 * time.Hour))
	second.oracle = first.oracle
	var again *answer
	second.after(0, func() { again = second.send(comment) })
	second.after(10*day, func() { second.act(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject)) })
	second.matter(in)
	require.NoError(t, second.GetWorkflowError())
	receipt, ok := first.oracle.Receipt("comment")
	require.True(t, ok)
	require.NoError(t, again.err)
	require.Equal(t, workflows.Outcome{First: receipt.First, Last: receipt.Last}, again.Outcome)
	second.sameStory()
	require.Nil(t, second.batches[0].Spec)
}

// What was due while no worker ran happens before the action that would have met it, and goes to the record with it.
func TestAlarmsMissedComeFirst(t *testing.T) {
	r := newRun(t, review())
	events, err := procedure.Decide(r.oracle, workflowtest.Start(), workflowtest.Monday)
	require.NoError(t, err)
	r.oracle = procedure.Fold(r.oracle, events)
	carried := r.oracle
	r.SetStartTime(workflowtest.Monday.Add(60 * day))
	r.failing = func() error {
		if r.Now().Before(workflowtest.Monday.Add(61 * day)) {
			return errors.New("away")
		}
		return nil
	}
	var a *answer
	r.after(0, func() { a = r.send(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject)) })
	r.after(time.Second, func() {
		require.NoError(t, a.err)
		var types []string
		for _, e := range a.Events {
			types = append(types, e.Body.EventType())
		}
		require.Equal(t, carried.Seq+1, a.Events[0].Seq)
		require.Contains(t, types[:a.First-carried.Seq-1], "alarm-fired")
		require.Equal(t, "acted", types[a.First-carried.Seq-1])
	})
	r.matter(workflows.Input{State: &carried, Recorded: carried.Seq})
	require.NoError(t, r.GetWorkflowError())
	require.Equal(t, carried.Seq+1, r.recorded()[0].Seq)
}

// A matter started by another begins by itself and says how it ended to the one that started it.
func TestChildTellsItsParent(t *testing.T) {
	spec := workflowtest.Spec(workflowtest.Tracking(), matterID, workflowtest.Monday)
	spec.Parent = &procedure.Parent{Matter: parentID, Title: "上级", Link: "tracking"}
	start := procedure.Command{Action: procedure.ActionStart, Actor: spec.Starter}
	for name, gone := range map[string]error{"running": nil, "over": &temporal.UnknownExternalWorkflowExecutionError{}} {
		t.Run(name, func(t *testing.T) {
			r := newRun(t, spec)
			r.tell(start)
			var told []procedure.Linked
			r.OnSignalExternalWorkflow(mock.Anything, "matter/"+parentID, "", workflows.SignalLinked, mock.Anything).Return(
				func(_, _, _, _ string, arg any) error {
					told = append(told, arg.(procedure.Linked))
					return gone
				})
			r.after(time.Hour, func() { r.act(workflowtest.Act("approve", workflowtest.Clerk, procedure.ActionApprove)) })
			r.matter(workflows.Input{Spec: &spec, Begin: &start})
			require.NoError(t, r.GetWorkflowError())
			require.Equal(t, []procedure.Linked{{Matter: matterID, Link: "tracking", Title: spec.Title, Ended: true,
				Outcome: procedure.OutcomeCompleted, At: workflowtest.Monday.Add(time.Hour)}}, told)
			r.sameStory()
		})
	}
}

// A matter the rulebook refuses to open has ended, rejected, for whoever waits for it, and keeps the reason.
func TestChildRefused(t *testing.T) {
	r := newRun(t, review())
	r.refuse = &procedure.Refusal{Code: "intake-closed", Authority: procedure.Authority{Source: "001 art. 12(1)"}, Args: map[string]any{"opens": "01-01", "closes": "01-31"}}
	r.after(0, func() { r.send(workflowtest.Start()) })
	r.after(time.Hour, func() { r.send(workflowtest.Act("approve", workflowtest.Leader, procedure.ActionApprove)) })
	r.after(2*time.Hour, func() {
		sign := workflowtest.Act("sign", workflowtest.Clerk, procedure.ActionSign)
		state := query(t, r)
		require.Equal(t, procedure.OutcomeRejected, state.Links[0].Outcome)
		require.Equal(t, r.refuse, state.Links[0].Refusal)
		sign.Slip = state.Slips[0].Slip
		r.send(sign)
	})
	r.matter(workflows.Input{Spec: &r.oracle.Spec})
	require.NoError(t, r.GetWorkflowError())
}

func query(t *testing.T, r *run) (state procedure.State) {
	t.Helper()
	value, err := r.QueryWorkflow(workflows.QueryState)
	require.NoError(t, err)
	require.NoError(t, value.Get(&state))
	return state
}

// In a rehearsal a day passes in a minute: the machine sees only the matter's clock.
func TestRehearsal(t *testing.T) {
	spec := review()
	spec.Clock = procedure.Clock{Start: workflowtest.Monday, Factor: 1440}
	r := newRun(t, spec)
	r.after(0, func() { r.act(workflowtest.Start()) })
	r.after(30*time.Minute, func() { r.act(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject)) })
	r.matter(workflows.Input{Spec: &spec})
	require.NoError(t, r.GetWorkflowError())
	require.Less(t, r.Now().Sub(workflowtest.Monday), time.Hour)
	r.sameStory()
}

// A year's special days published while the matter runs are the matter's from then on.
func TestCalendarPublished(t *testing.T) {
	r := newRun(t, review())
	year := procedure.CalendarYear{Year: 2027, Off: map[calendar.Date]string{{Year: 2027, Month: 1, Day: 1}: "元旦"}}
	r.after(0, func() { r.act(workflowtest.Start()) })
	r.after(time.Hour, func() {
		r.SignalWorkflow(workflows.SignalCalendar, year)
		r.tell(procedure.Command{Action: procedure.ActionCalendar, Calendar: &year})
	})
	r.after(2*time.Hour, func() {
		require.True(t, query(t, r).Calendar.Published(2027))
		r.act(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject))
	})
	r.matter(workflows.Input{Spec: &r.oracle.Spec})
	require.NoError(t, r.GetWorkflowError())
	r.sameStory()
}

// A matter ends by its procedure, not by a cancellation from outside.
func TestCancellationGoesUnheard(t *testing.T) {
	r := newRun(t, review())
	r.after(0, func() { r.act(workflowtest.Start()) })
	r.after(time.Hour, func() { r.CancelWorkflow() })
	r.after(30*day, func() { r.act(workflowtest.Act("reject", workflowtest.Leader, procedure.ActionReject)) })
	r.matter(workflows.Input{Spec: &r.oracle.Spec})
	require.NoError(t, r.GetWorkflowError())
	r.sameStory()
}
