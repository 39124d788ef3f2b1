package engine

import (
	"context"
	"errors"
	"fmt"

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

// closedCode is the machine's code for an action on a matter that is over.
const closedCode = "closed"

// Start starts the matter and carries out its start command, in one call that can be repeated under the command's key.
func (e *Engine) Start(ctx context.Context, spec procedure.Spec, c procedure.Command) (workflows.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, e.wait)
	defer cancel()
	id := workflows.WorkflowID(spec.Matter)
	handle, err := e.client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
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
	return e.outcome(ctx, spec.Matter, handle, err)
}

// Act carries a command to a matter and gives what followed from it.
func (e *Engine) Act(ctx context.Context, matter string, c procedure.Command) (workflows.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, e.wait)
	defer cancel()
	handle, err := e.client.UpdateWorkflow(ctx, update(workflows.WorkflowID(matter), c))
	return e.outcome(ctx, matter, handle, err)
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

// State asks the matter's workflow itself where it stands. Nothing a user sees is read so; checks and repairs are.
func (e *Engine) State(ctx context.Context, matter string) (procedure.State, error) {
	var state procedure.State
	value, err := e.client.QueryWorkflow(ctx, workflows.WorkflowID(matter), "", workflows.QueryState)
	if err == nil {
		err = value.Get(&state)
	}
	return state, classify(err)
}

func (e *Engine) outcome(ctx context.Context, matter string, handle client.WorkflowUpdateHandle, err error) (workflows.Outcome, error) {
	var outcome workflows.Outcome
	if err == nil {
		err = handle.Get(ctx, &outcome)
	}
	if err = classify(err); errors.Is(err, ErrGone) {
		err = e.over(ctx, matter)
	}
	return outcome, err
}

// over tells a matter that has ended from one that Temporal does not know. A command an earlier run carried out cannot
// come here unnoticed: a run records everything before it ends.
func (e *Engine) over(ctx context.Context, matter string) error {
	_, err := e.client.DescribeWorkflowExecution(ctx, workflows.WorkflowID(matter), "")
	if err != nil {
		return classify(err)
	}
	return &procedure.Refusal{Code: closedCode}
}

// classify turns Temporal's errors into a *procedure.Refusal, ErrBusy or ErrGone. Any other is a fault of the program.
func classify(err error) error {
	var (
		answer   *temporal.ApplicationError
		refusal  procedure.Refusal
		notFound *serviceerror.NotFound
		started  *serviceerror.WorkflowExecutionAlreadyStarted
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
		notReady    *serviceerror.WorkflowNotReady
		query       *serviceerror.QueryFailed
	)
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.As(err, &timeout) || errors.As(err, &deadline) || errors.As(err, &canceled) || errors.As(err, &unavailable) ||
		errors.As(err, &exhausted) || errors.As(err, &aborted) || errors.As(err, &notReady) || errors.As(err, &query)
}
