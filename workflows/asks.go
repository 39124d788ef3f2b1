package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/procedure"
)

// ask gets from outside what the matter needs to go on: seeds committed to and revealed, votes closed and counted. What is
// asked follows from the state alone: a run that is reset, or continues another, asks again and gets the same answer.
func (m *matter) ask(ctx workflow.Context) {
	ctx = workflow.WithActivityOptions(ctx, patient())
	for workflow.Await(ctx, func() bool { return len(procedure.Asks(m.state)) > 0 }) == nil {
		command, err := m.answer(ctx, procedure.Asks(m.state)[0])
		if err == nil {
			err = m.command(ctx, command)
		}
		if err != nil {
			workflow.GetLogger(ctx).Error("What the matter asked for could not be had; it is tried again", "error", err)
			if workflow.Sleep(ctx, time.Minute) != nil {
				return
			}
		}
	}
}

// answer is the command that brings what was asked for.
func (m *matter) answer(ctx workflow.Context, ask procedure.Ask) (procedure.Command, error) {
	var a *activities.Activities
	draw := procedure.DrawAnswer{Draw: ask.ID}
	switch ask.Kind {
	case procedure.AskCommit:
		err := workflow.ExecuteActivity(ctx, a.CommitDraw, ask.ID).Get(ctx, &draw.Commitment)
		return procedure.Command{Action: procedure.ActionDraw, Draw: &draw}, err
	case procedure.AskReveal:
		err := workflow.ExecuteActivity(ctx, a.RevealDraw, ask.ID).Get(ctx, &draw.Value)
		return procedure.Command{Action: procedure.ActionDraw, Draw: &draw}, err
	}
	ctx = workflow.WithHeartbeatTimeout(workflow.WithStartToCloseTimeout(ctx, counting), unheard)
	activity := a.CloseRound
	if ask.Kind == procedure.AskCount {
		activity = a.CountRound
	}
	var counted activities.Counted
	err := workflow.ExecuteActivity(ctx, activity, ask.ID).Get(ctx, &counted)
	return procedure.Command{Action: procedure.ActionTally, Result: &counted.Result, Closed: counted.Closed}, err
}

// counting bounds one attempt at counting a vote; a vote of millions takes minutes.
const counting = time.Hour

// unheard is how long a worker that counts may say nothing: it is taken to be dead then, and another counts.
const unheard = time.Minute

// turnout makes sure, before an alarm of an open vote rings, that it does not remind a unit that has voted: word of a
// ballot may have been lost on its way.
func (m *matter) turnout(ctx workflow.Context) {
	round := procedure.Open(&m.state)
	if round == "" || !m.clock.rang() {
		return
	}
	var a *activities.Activities
	var units []string
	if err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, patient()), a.Turnout, round).Get(ctx, &units); err != nil {
		return
	}
	for _, unit := range units {
		// Before the clock's own turn, which a command would bring about first: it would remind, and note as missing.
		vote := procedure.Command{Action: procedure.ActionVoted, Voted: &procedure.Vote{Round: round, Unit: unit}}
		if events, err := procedure.Decide(m.state, vote, m.clock.now(ctx)); err == nil {
			m.take(ctx, events, false)
		}
	}
}

// late is a matter that missed its collection.
type late struct {
	matter string
	lapse  procedure.Lapse
}

// tooLate notes which matters missed the collection that closed at an instant.
func (m *matter) tooLate(matters []string, at time.Time) {
	lapse := procedure.TooLateFor(&m.state, at)
	for _, matter := range matters {
		m.late = append(m.late, late{matter, lapse})
	}
}

// tellLate tells matters that they came too late. One that is over needs no telling.
func (m *matter) tellLate(ctx workflow.Context) {
	for workflow.Await(ctx, func() bool { return len(m.late) > 0 }) == nil {
		next := m.late[0]
		err := workflow.SignalExternalWorkflow(ctx, WorkflowID(next.matter), "", SignalLapse, next.lapse).Get(ctx, nil)
		var gone *temporal.UnknownExternalWorkflowExecutionError
		if err != nil && !errors.As(err, &gone) {
			workflow.GetLogger(ctx).Error("A matter was not told that it came too late", "matter", next.matter, "error", err)
		}
		m.late = m.late[1:]
	}
}
