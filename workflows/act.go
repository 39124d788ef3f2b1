package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/internal/procedure"
)

// listen takes updates and queries from here on. It comes after the state is there and before anything blocks.
func (m *matter) listen(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, QueryState, func() (procedure.State, error) { return m.state, nil }); err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, UpdateAct, m.act, workflow.UpdateHandlerOptions{Validator: m.admit})
}

// admit is the validator: what it refuses leaves no trace in the history. A start is refused by the handler instead,
// because by then there is a workflow to end.
func (m *matter) admit(ctx workflow.Context, c procedure.Command) error {
	if _, done := m.state.Receipt(c.Key); done || m.begins(c) {
		return nil
	}
	if procedure.TooLarge(m.state.Form, c.Fields) {
		return refused(&procedure.Refusal{Code: "form-too-large", Input: true})
	}
	_, _, err := m.decide(ctx, c)
	return refused(err)
}

// act is the handler. It never blocks, so nothing can come between the decision and the change. It decides again,
// because a reset applies updates anew to a state their validator never saw.
func (m *matter) act(ctx workflow.Context, c procedure.Command) (Outcome, error) {
	if r, done := m.state.Receipt(c.Key); done {
		return Outcome{First: r.First, Last: r.Last}, nil
	}
	elapsed, events, err := m.decide(ctx, c)
	if err != nil {
		if m.begins(c) {
			errors.As(err, &m.turnedAway)
		}
		return Outcome{}, refused(err)
	}
	own := m.state.Seq + 1
	from := m.tail.uncarried(own)
	m.take(ctx, elapsed, false)
	m.take(ctx, events, true)
	outcome := Outcome{Events: m.tail.since(from), First: events[0].Seq, Last: m.state.Seq}
	if from < own && bytesOf(outcome.Events...) > batchBytes { // the run records the others, and what waits for them
		outcome.Events = m.tail.since(own)
	}
	return outcome, nil
}

// begins reports whether the command begins the matter.
func (m *matter) begins(c procedure.Command) bool {
	return c.Action == procedure.ActionStart && m.state.Seq == 0
}

// decide says what the clock brought about before the command, and what then follows from it: an alarm that was due
// while no worker ran is not lost to the action that would have met it. It changes nothing.
func (m *matter) decide(ctx workflow.Context, c procedure.Command) (elapsed, events []procedure.Event, err error) {
	state, now := m.state, m.clock.now(ctx)
	if state.Seq > 0 {
		elapsed = procedure.Elapse(state, now)
		state = procedure.Fold(state, elapsed)
	}
	events, err = procedure.Decide(state, c, now)
	if err == nil && len(events) == 0 {
		err = &procedure.Refusal{Code: "no-effect"} // without an event the command would have no record
	}
	return elapsed, events, err
}

// command carries out what no request asked: a beginning, or news of other matters and of the calendar.
func (m *matter) command(ctx workflow.Context, c procedure.Command) error {
	elapsed, events, err := m.decide(ctx, c)
	if err != nil {
		workflow.GetLogger(ctx).Info("Command refused", "action", c.Action, "reason", err)
		return err
	}
	m.take(ctx, elapsed, false)
	m.take(ctx, events, false)
	return nil
}

// begin starts a matter that another matter asked for.
func (m *matter) begin(ctx workflow.Context, c procedure.Command) {
	errors.As(m.command(ctx, c), &m.turnedAway)
}

func (m *matter) signalled() bool {
	return m.linked.Len() > 0 || m.lapse.Len() > 0 || m.voted.Len() > 0 || m.calendar.Len() > 0
}

// hear takes every signal that has come in. One the matter refuses is news it already has, or no longer needs.
func (m *matter) hear(ctx workflow.Context) {
	for linked := (procedure.Linked{}); m.linked.ReceiveAsync(&linked); linked = (procedure.Linked{}) {
		_ = m.command(ctx, procedure.Command{Action: procedure.ActionLinked, Linked: &linked})
	}
	for vote := (procedure.Vote{}); m.voted.ReceiveAsync(&vote); vote = (procedure.Vote{}) {
		_ = m.command(ctx, procedure.Command{Action: procedure.ActionVoted, Voted: &vote})
	}
	for lapse := (procedure.Lapse{}); m.lapse.ReceiveAsync(&lapse); lapse = (procedure.Lapse{}) {
		_ = m.command(ctx, procedure.Command{Action: procedure.ActionLapse, Lapse: &lapse})
	}
	for year := (procedure.CalendarYear{}); m.calendar.ReceiveAsync(&year); year = (procedure.CalendarYear{}) {
		_ = m.command(ctx, procedure.Command{Action: procedure.ActionCalendar, Calendar: &year})
	}
}

// refused makes a refusal travel: its code as the error's type, itself as the details. It is an answer, not a fault.
func refused(err error) error {
	var refusal *procedure.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(refusal.Code, refusal.Code, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Category:     temporal.ApplicationErrorCategoryBenign,
		Details:      []any{*refusal},
	})
}
