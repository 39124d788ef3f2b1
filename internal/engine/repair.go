package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows"
)

// refuse is the engine's own answer to a repair that has nothing to mend.
func refuse(code string) error { return &procedure.Refusal{Code: code} }

func execution(matter, run string) *commonpb.WorkflowExecution {
	return &commonpb.WorkflowExecution{WorkflowId: workflows.WorkflowID(matter), RunId: run}
}

// Retried says what a retry set going.
type Retried struct {
	Activities int
	Task       bool
}

// Retry tries at once what failed and waits for its next attempt: activities are tried from the first attempt, and a
// failing workflow task in a run reset to just before it failed, so that nothing decided is lost. Refusal not-stuck:
// nothing waits.
func (e *Engine) Retry(ctx context.Context, matter, reason string) (done Retried, err error) {
	now, err := e.Inspect(ctx, matter)
	if err != nil {
		return done, err
	}
	if now.Task != nil {
		_, err := e.client.WorkflowService().ResetWorkflowExecution(ctx, &workflowservice.ResetWorkflowExecutionRequest{
			Namespace: e.namespace, WorkflowExecution: execution(matter, now.Run), Reason: reason, RequestId: uuid.NewString(),
			WorkflowTaskFinishEventId: now.Task.event, // signals and updates that came later are applied again
		})
		done.Task = err == nil
		return done, classify(err) // its activities are scheduled anew
	}
	for _, a := range now.Activities {
		if a.Failure == nil {
			continue
		}
		_, err := e.client.WorkflowService().ResetActivity(ctx, &workflowservice.ResetActivityRequest{
			Namespace: e.namespace, Execution: execution(matter, now.Run), Activity: &workflowservice.ResetActivityRequest_Id{Id: a.ID}})
		if err = classify(err); err != nil && !errors.Is(err, ErrGone) { // gone: it has just ended
			return done, err
		}
		done.Activities++
	}
	if done.Activities == 0 {
		return done, refuse("not-stuck")
	}
	return done, nil
}

// Restart runs a matter anew from its record, where its own run cannot go on: what the old run decided and nobody
// recorded is recorded first, and what it was never told the new one is. Refusal not-stuck: it goes on and knows all, or
// is over.
func (e *Engine) Restart(ctx context.Context, st *store.Store, matter, reason string) error {
	now, err := e.fence(ctx, matter, reason)
	if errors.Is(err, errFit) {
		return e.remind(ctx, st, matter)
	}
	if err != nil && !errors.Is(err, ErrGone) {
		return err
	}
	row, words, err := e.recover(ctx, st, matter, now.Run)
	if err != nil {
		return err
	}
	if procedure.Finished(row.State) {
		return refuse("not-stuck")
	}
	owed, err := st.Owed(ctx, matter)
	if err != nil {
		return err
	}
	_, err = e.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.WorkflowID(matter), TaskQueue: workflows.TaskQueue,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes:    workflows.Attributes(row.Spec), StaticSummary: workflows.Summary(row.Spec),
	}, row.Spec.Procedure.Workflow, workflows.Input{State: &row.State, Recorded: row.Seq, Owed: owed, Replaces: now.Run})
	if err != nil {
		return classify(err)
	}
	more, err := e.missed(ctx, st, row) // from now on whoever has word for it finds it
	return errors.Join(e.tell(ctx, matter, words), err, e.tell(ctx, matter, more))
}

// remind tells a matter that goes on what it was never told, as after a restart that was broken off.
func (e *Engine) remind(ctx context.Context, st *store.Store, matter string) error {
	row, err := st.Matter(ctx, matter, nil)
	if err != nil {
		return err
	}
	words, err := e.missed(ctx, st, row)
	if err == nil && len(words) == 0 || procedure.Finished(row.State) {
		return refuse("not-stuck")
	}
	return errors.Join(err, e.tell(ctx, matter, words))
}

// end ends a matter whose workflow cannot run, in the record alone, as its workflow would have ended it. What it decides
// is recorded by the time it returns. errFit: the workflow can run.
func (e *Engine) end(ctx context.Context, st *store.Store, entry store.Entry) (workflows.Outcome, error) {
	now, err := e.fence(ctx, entry.Matter, entry.Command.Opinion)
	if err != nil && !errors.Is(err, ErrGone) {
		return workflows.Outcome{}, err
	}
	row, _, err := e.recover(ctx, st, entry.Matter, now.Run)
	if err != nil {
		return workflows.Outcome{}, err
	}
	if done, ok := row.State.Receipt(entry.Key); ok {
		return workflows.Outcome{First: done.First, Last: done.Last}, nil
	}
	at := row.State.Spec.Clock.Virtual(entry.At).UTC() // whoever carries this decides the same
	events := procedure.Elapse(row.State, at)
	decided, err := procedure.Decide(procedure.Fold(row.State, events), entry.Command, at)
	if err != nil {
		return workflows.Outcome{}, err
	}
	if parent := row.Spec.Parent; parent != nil {
		told := procedure.Linked{Matter: entry.Matter, Link: parent.Link, Title: row.Spec.Title, Ended: true, Outcome: procedure.OutcomeTerminated, At: at}
		err := e.client.SignalWorkflow(ctx, workflows.WorkflowID(parent.Matter), "", workflows.SignalLinked, told)
		if err = classify(err); err != nil && !errors.Is(err, ErrGone) {
			return workflows.Outcome{}, err
		}
	}
	_, err = st.Record(ctx, store.Batch{Matter: entry.Matter, Events: append(events, decided...)})
	return workflows.Outcome{First: decided[0].Seq, Last: decided[len(decided)-1].Seq}, err
}

// errFit says that a workflow goes on, or ended by its procedure.
var errFit = errors.New("the workflow can run")

// fence sees to it that the matter's run decides nothing more: one that cannot go on is terminated. errFit: it can.
func (e *Engine) fence(ctx context.Context, matter, reason string) (Condition, error) {
	now, err := e.Inspect(ctx, matter)
	switch {
	case err != nil:
		return now, err
	case now.Running && now.Task == nil, now.Status == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED.String():
		return now, errFit
	case !now.Running:
		return now, nil
	}
	err = e.client.TerminateWorkflow(ctx, workflows.WorkflowID(matter), now.Run, reason)
	if err = classify(err); errors.Is(err, ErrGone) { // somebody else has
		err = nil
	}
	return now, err
}

// recover records what a run decided that is not in the record, and gives the matter as it then stands, with the words it
// may not have taken. Whatever anybody was told of stands in the run's history: as the outcome of an update, or on its way
// to the record.
func (e *Engine) recover(ctx context.Context, st *store.Store, matter, run string) (row store.MatterRow, words []word, err error) {
	if run != "" {
		batch := store.Batch{Matter: matter}
		each := e.client.GetWorkflowHistory(ctx, workflows.WorkflowID(matter), run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for each.HasNext() {
			event, err := each.Next()
			if err != nil {
				return row, nil, classify(err)
			}
			if err := gather(&batch, event); err != nil {
				return row, nil, err
			}
			words = unread(words, event)
		}
		if len(batch.Events) > 0 {
			if _, err := st.Record(ctx, batch); err != nil {
				return row, nil, err
			}
		}
	}
	row, err = st.Matter(ctx, matter, nil)
	return row, words, err
}

// gather takes from an event of a history what is to be recorded.
func gather(batch *store.Batch, event *historypb.HistoryEvent) error {
	decode := converter.GetDefaultDataConverter()
	switch {
	case event.GetWorkflowExecutionStartedEventAttributes() != nil:
		var in workflows.Input
		if err := decode.FromPayloads(event.GetWorkflowExecutionStartedEventAttributes().GetInput(), &in); err != nil {
			return fmt.Errorf("engine: the beginning of %s: %w", batch.Matter, err)
		}
		batch.Spec = in.Spec
	case event.GetWorkflowExecutionUpdateCompletedEventAttributes().GetOutcome().GetSuccess() != nil:
		var outcome workflows.Outcome
		if err := decode.FromPayloads(event.GetWorkflowExecutionUpdateCompletedEventAttributes().GetOutcome().GetSuccess(), &outcome); err != nil {
			return fmt.Errorf("engine: an outcome of %s: %w", batch.Matter, err)
		}
		batch.Events = append(batch.Events, outcome.Events...)
	case event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == recordActivity:
		var recorded store.Batch
		if err := decode.FromPayloads(event.GetActivityTaskScheduledEventAttributes().GetInput(), &recorded); err != nil {
			return fmt.Errorf("engine: a record of %s: %w", batch.Matter, err)
		}
		batch.Events = append(batch.Events, recorded.Events...)
	}
	return nil
}

const recordActivity = "Record"
