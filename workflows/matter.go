package workflows

import (
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"duban/internal/procedure"
)

// Register registers the interpreter under every type there is, and what lets matters begin by themselves.
func Register(r worker.WorkflowRegistry) {
	for _, name := range Types() {
		r.RegisterWorkflowWithOptions(Matter, workflow.RegisterOptions{Name: name})
	}
	r.RegisterWorkflowWithOptions(Begin, workflow.RegisterOptions{Name: WorkflowBegin})
}

// Matter runs one matter to its end and returns how it ended; the empty outcome means that its start was refused.
//
// People act on it by updates, which never block: they decide, change the state and answer. Whatever takes time runs
// beside them: the clock, the matters it starts, and the recording of what no request carries away with it.
//
// A matter ends by its procedure alone, so a cancellation by Temporal's tools goes unheard.
func Matter(ctx workflow.Context, in Input) (procedure.Outcome, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	m := newMatter(ctx, in)
	if err := m.listen(ctx); err != nil {
		return "", err
	}
	if in.Begin != nil {
		m.begin(ctx, *in.Begin)
	}
	return m.run(ctx)
}

// matter is the state of a run. Only state outlives it.
type matter struct {
	state      procedure.State
	tail       tail                        // what happened since the last record
	requested  []procedure.MatterRequested // matters to start, in order
	clock      clock
	linked     workflow.ReceiveChannel
	lapse      workflow.ReceiveChannel
	voted      workflow.ReceiveChannel
	late       []late // matters to tell that they came too late
	calendar   workflow.ReceiveChannel
	turnedAway *procedure.Refusal // of the start: there is no matter
	told       bool               // the parent knows the outcome
}

func newMatter(ctx workflow.Context, in Input) *matter {
	m := &matter{
		tail:      tail{recorded: in.Recorded},
		told:      in.Told,
		requested: in.Owed,
		linked:    workflow.GetSignalChannel(ctx, SignalLinked),
		calendar:  workflow.GetSignalChannel(ctx, SignalCalendar),
		lapse:     workflow.GetSignalChannel(ctx, SignalLapse),
		voted:     workflow.GetSignalChannel(ctx, SignalVoted),
	}
	if in.State != nil {
		m.state = *in.State
	} else {
		m.state = procedure.New(*in.Spec)
	}
	m.clock.Clock = m.state.Spec.Clock
	return m
}

// run does what is due, then waits until something stirs, until the matter is over or has to continue as a new run.
func (m *matter) run(ctx workflow.Context) (procedure.Outcome, error) {
	workflow.Go(ctx, m.record)
	workflow.Go(ctx, m.startRequested)
	workflow.Go(ctx, m.enact)
	workflow.Go(ctx, m.ask)
	workflow.Go(ctx, m.tellLate)
	for {
		m.hear(ctx)
		m.turnout(ctx)
		m.elapse(ctx)
		m.clock.set(ctx, m.wake())
		if !m.told && (m.turnedAway != nil || m.state.Stage == procedure.Closed) {
			m.tellParent(ctx)
			m.told = true
			continue // meanwhile something may have come in
		}
		if m.ending(ctx) && m.settled(ctx) {
			if m.over() {
				return m.state.Outcome, nil
			}
			return "", workflow.NewContinueAsNewError(ctx, workflow.GetInfo(ctx).WorkflowType.Name,
				Input{State: &m.state, Recorded: m.tail.recorded, Told: m.told})
		}
		if err := workflow.Await(ctx, m.stirred(ctx)); err != nil {
			return "", err
		}
	}
}

// stirred reports, from now on, whether there is something for run to do.
func (m *matter) stirred(ctx workflow.Context) func() bool {
	seen := m.state.Seq
	return func() bool {
		return m.state.Seq != seen || m.turnedAway != nil && !m.told || m.clock.rang() || m.signalled() ||
			m.ending(ctx) && m.settled(ctx)
	}
}

// over reports whether nothing more can happen. A closed matter may still have slips to be signed for.
func (m *matter) over() bool { return m.turnedAway != nil || procedure.Finished(m.state) }

// ending reports whether the run should end as soon as it is settled.
func (m *matter) ending(ctx workflow.Context) bool {
	return m.over() || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// settled reports whether nothing would be lost if the run ended here: no handler is at work, no signal unread, no matter
// still to be started, no change of the rules still to take effect, no event unrecorded. The last also keeps an update from completing in the very task that ends the
// run, which could deliver it to the next run as well.
func (m *matter) settled(ctx workflow.Context) bool {
	return workflow.AllHandlersFinished(ctx) && !m.signalled() && len(m.requested) == 0 && len(m.late) == 0 && !m.enacting() && m.tail.empty()
}

func (m *matter) wake() time.Time {
	if m.state.Seq == 0 {
		return time.Time{}
	}
	return procedure.Wake(m.state)
}

// elapse takes what the clock brought about by now.
func (m *matter) elapse(ctx workflow.Context) {
	if m.state.Seq > 0 {
		m.take(ctx, procedure.Elapse(m.state, m.clock.now(ctx)), false)
	}
}

// take lets events happen. Carried says that a request takes them to the record.
func (m *matter) take(ctx workflow.Context, events []procedure.Event, carried bool) {
	if len(events) == 0 {
		return
	}
	for _, e := range events {
		m.state = procedure.Apply(m.state, e)
		switch b := e.Body.(type) {
		case procedure.MatterRequested:
			m.requested = append(m.requested, b)
		case procedure.Gathered:
			m.tooLate(b.Late, e.At)
		case procedure.Lapsed:
			m.tooLate(b.Late, e.At)
		}
	}
	m.tail.add(events, carried)
	workflow.SetCurrentDetails(ctx, details(m.state))
}
