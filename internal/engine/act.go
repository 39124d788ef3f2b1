package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"duban/internal/procedure"
	"duban/workflows"
)

// What may go wrong beside a *procedure.Refusal, which is the matter's own answer. A test is errors.Is.
var (
	// ErrBusy says no answer came in time: no worker runs, or Temporal is away or overloaded. Whether the command is
	// carried out is not known; sent again under its key it has one outcome.
	ErrBusy = errors.New("no answer in time")
	// ErrGone says Temporal knows no workflow of the matter: it has not started, or it closed longer ago than Temporal
	// keeps histories.
	ErrGone = errors.New("no such workflow")
)

// errTurnedAway says that Temporal did not let an update in, and would now.
var errTurnedAway = fmt.Errorf("%w: turned away", ErrBusy)

const sendAgain = 50 * time.Millisecond

// Start starts the matter and carries out its start command, in one call that can be repeated under the command's key.
func (e *Engine) Start(ctx context.Context, spec procedure.Spec, c procedure.Command) (workflows.Outcome, error) {
	id := workflows.WorkflowID(spec.Matter)
	return e.send(ctx, spec.Matter, func(ctx context.Context) (client.WorkflowUpdateHandle, error) {
		return e.client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: e.client.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
				ID:                       id,
				TaskQueue:                workflows.TaskQueue,
				WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
				WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
				TypedSearchAttributes:    workflows.Attributes(spec),
				StaticSummary:            workflows.Summary(spec),
			}, spec.Procedure.Workflow, workflows.Input{Spec: &spec}),
			UpdateOptions: update(id, c),
		})
	})
}

// Act carries a command to a matter and gives what followed from it.
func (e *Engine) Act(ctx context.Context, matter string, c procedure.Command) (workflows.Outcome, error) {
	return e.send(ctx, matter, func(ctx context.Context) (client.WorkflowUpdateHandle, error) {
		return e.client.UpdateWorkflow(ctx, update(workflows.WorkflowID(matter), c))
	})
}

// send sends an update and waits for its outcome. Temporal turns away an update that meets the end of a run, or a
// workflow task that failed through no fault of its own; sent again, it reaches the next run or hears that there is none.
func (e *Engine) send(ctx context.Context, matter string,
	once func(context.Context) (client.WorkflowUpdateHandle, error)) (outcome workflows.Outcome, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.wait)
	defer cancel()
	again := time.NewTicker(sendAgain)
	defer again.Stop()
	for {
		handle, err := once(ctx)
		if err == nil {
			err = handle.Get(ctx, &outcome)
		}
		if err = classify(err); errors.Is(err, ErrGone) {
			err = e.over(ctx, matter)
		}
		if !errors.Is(err, errTurnedAway) {
			return outcome, err
		}
		select {
		case <-ctx.Done():
			return outcome, err
		case <-again.C:
		}
	}
}

func update(workflow string, c procedure.Command) client.UpdateWorkflowOptions {
	return client.UpdateWorkflowOptions{
		WorkflowID:   workflow,
		UpdateID:     c.Key,
		UpdateName:   workflows.UpdateAct,
		Args:         []any{c},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	}
}

// Calendar tells a matter that a year's special days were published. One that is over needs no news.
func (e *Engine) Calendar(ctx context.Context, matter string, year procedure.CalendarYear) error {
	ctx, cancel := context.WithTimeout(ctx, e.wait)
	defer cancel()
	err := e.client.SignalWorkflow(ctx, workflows.WorkflowID(matter), "", workflows.SignalCalendar, year)
	if err = classify(err); errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// Voted tells a matter that a unit has voted. A vote that is over needs no news; and what is lost on the way the matter
// asks for itself before it reminds anybody.
func (e *Engine) Voted(ctx context.Context, matter string, vote procedure.Vote) error {
	ctx, cancel := context.WithTimeout(ctx, e.wait)
	defer cancel()
	err := e.client.SignalWorkflow(ctx, workflows.WorkflowID(matter), "", workflows.SignalVoted, vote)
	if err = classify(err); errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// State asks the matter's workflow itself where it stands. Nothing a user sees is read so; checks and repairs are.
func (e *Engine) State(ctx context.Context, matter string) (procedure.State, error) {
	var state procedure.State
	value, err := e.client.QueryWorkflow(ctx, workflows.WorkflowID(matter), "", workflows.QueryState)
	if err == nil {
		err = value.Get(&state)
	}
	return state, classify(err)
}

// over tells a matter that has ended from one that goes on, and from one that Temporal does not know. A command that an
// earlier run carried out cannot come here unnoticed: a run records everything before it ends.
func (e *Engine) over(ctx context.Context, matter string) error {
	now, err := e.client.DescribeWorkflowExecution(ctx, workflows.WorkflowID(matter), "")
	switch {
	case err != nil:
		return classify(err)
	case now.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return errTurnedAway
	}
	var outcome procedure.Outcome
	if err := e.client.GetWorkflow(ctx, workflows.WorkflowID(matter), "").Get(ctx, &outcome); err != nil {
		return fmt.Errorf("%w: %w", ErrGone, err) // it did not end by its procedure: someone terminated it
	}
	return closed(outcome)
}

// closed is the machine's own refusal of an action on a matter that is over.
func closed(outcome procedure.Outcome) *procedure.Refusal {
	return &procedure.Refusal{Code: "closed", Args: map[string]any{"outcome": string(outcome)}}
}

// classify turns Temporal's errors into a *procedure.Refusal, ErrBusy or ErrGone. Any other is a fault of the program.
func classify(err error) error {
	var (
		answer   *temporal.ApplicationError
		refusal  procedure.Refusal
		notFound *serviceerror.NotFound
		started  *serviceerror.WorkflowExecutionAlreadyStarted
		notReady *serviceerror.WorkflowNotReady
		full     *serviceerror.FailedPrecondition
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer):
		if answer.HasDetails() && answer.Details(&refusal) == nil && refusal.Code == answer.Type() {
			return &refusal
		}
		return err
	case errors.As(err, &notFound), errors.As(err, &started):
		return fmt.Errorf("%w: %w", ErrGone, err)
	case errors.As(err, &notReady), errors.As(err, &full): // a run that took all the updates it may is about to continue
		return fmt.Errorf("%w: %w", errTurnedAway, err)
	case busy(err):
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

// busy tells the errors after which the same command may be sent again.
func busy(err error) bool {
	var (
		timeout     *client.WorkflowUpdateServiceTimeoutOrCanceledError
		deadline    *serviceerror.DeadlineExceeded
		canceled    *serviceerror.Canceled
		unavailable *serviceerror.Unavailable
		exhausted   *serviceerror.ResourceExhausted
		aborted     *serviceerror.Aborted
		query       *serviceerror.QueryFailed
	)
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.As(err, &timeout) || errors.As(err, &deadline) || errors.As(err, &canceled) || errors.As(err, &unavailable) ||
		errors.As(err, &exhausted) || errors.As(err, &aborted) || errors.As(err, &query)
}
