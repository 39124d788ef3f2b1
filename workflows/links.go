package workflows

import (
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/procedure"
)

// startRequested starts the matters this one asked for, one after the other.
func (m *matter) startRequested(ctx workflow.Context) {
	ctx = workflow.WithActivityOptions(ctx, patient())
	for workflow.Await(ctx, func() bool { return len(m.requested) > 0 }) == nil {
		if err := m.start(ctx, m.requested[0]); err != nil {
			workflow.GetLogger(ctx).Error("Starting a matter failed; it is tried again", "error", err)
			if workflow.Sleep(ctx, time.Minute) != nil {
				return
			}
			continue
		}
		m.requested = m.requested[1:]
	}
}

// start opens and starts one matter and notes that it began. A matter the rulebook refuses to open is noted as ended,
// rejected, with the reason: whoever waits for it goes on.
func (m *matter) start(ctx workflow.Context, wanted procedure.MatterRequested) error {
	spec := &m.state.Spec
	var a *activities.Activities
	var opened activities.Opened
	err := workflow.ExecuteActivity(ctx, a.Open, activities.OpenRequest{
		Requested: wanted,
		Parent:    procedure.Parent{Matter: spec.Matter, Title: spec.Title, Link: wanted.Link, Take: wanted.Take},
		Starter:   spec.Starter,
		At:        m.clock.now(ctx),
		Clock:     spec.Clock,
	}).Get(ctx, &opened)
	if err != nil {
		return err
	}
	linked := procedure.Linked{Matter: wanted.Child, Link: wanted.Link, Title: wanted.Title}
	if opened.Refusal != nil {
		workflow.GetLogger(ctx).Warn("Matter not opened", "child", wanted.Child, "reason", opened.Refusal.Code)
		linked.Ended, linked.Outcome, linked.Refusal = true, procedure.OutcomeRejected, opened.Refusal
	} else if err := launch(ctx, *opened.Spec, wanted.Submit); err != nil {
		return err
	}
	linked.At = m.clock.now(ctx)
	_ = m.command(ctx, procedure.Command{Action: procedure.ActionLinked, Linked: &linked})
	return nil
}

// launch starts the workflow of a matter and waits until it has started, no longer: it outlives this one.
func launch(ctx workflow.Context, spec procedure.Spec, submit bool) error {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            WorkflowID(spec.Matter),
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		TypedSearchAttributes: Attributes(spec),
		StaticSummary:         Summary(spec),
	})
	child := workflow.ExecuteChildWorkflow(ctx, spec.Procedure.Workflow, Input{
		Spec:  &spec,
		Begin: &procedure.Command{Action: procedure.ActionStart, Actor: spec.Starter, Submit: submit},
	})
	err := child.GetChildWorkflowExecution().Get(ctx, nil)
	var started *temporal.ChildWorkflowExecutionAlreadyStartedError
	if errors.As(err, &started) {
		return nil // before this run was reset
	}
	return err
}

// tellParent says how the matter ended to the one that started it, which may itself be over.
func (m *matter) tellParent(ctx workflow.Context) {
	spec := &m.state.Spec
	if spec.Parent == nil {
		return
	}
	ended := procedure.Ending(&m.state)
	if m.turnedAway != nil {
		ended.Outcome, ended.At, ended.Refusal = procedure.OutcomeRejected, m.clock.now(ctx), m.turnedAway
	}
	err := workflow.SignalExternalWorkflow(ctx, WorkflowID(spec.Parent.Matter), "", SignalLinked, ended).Get(ctx, nil)
	var gone *temporal.UnknownExternalWorkflowExecutionError
	if err != nil && !errors.As(err, &gone) {
		workflow.GetLogger(ctx).Error("The parent was not told", "parent", spec.Parent.Matter, "error", err)
	}
}
