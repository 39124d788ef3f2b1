package engine

import (
	"context"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"duban/workflows"
)

// Failure is what went wrong, with what brought it about.
type Failure struct {
	Message string   `json:"message"`
	Type    string   `json:"type,omitempty"`
	Causes  []string `json:"causes,omitempty"` // the nearest first
}

// Condition is how a matter's workflow does.
type Condition struct {
	Run        string
	Running    bool
	Status     string // of Temporal: Running, Completed, Terminated …
	Since      time.Time
	Ended      time.Time
	Events     int64
	Activities []PendingActivity
	Task       *PendingTask // a workflow task that failed and is tried again
}

// PendingActivity is an activity under way, or waiting to be tried again.
type PendingActivity struct {
	ID      string
	Name    string
	Attempt int
	Since   time.Time
	Next    time.Time // try; zero: under way
	Failure *Failure  // of the last attempt; nil: none failed
	Worker  string
}

// PendingTask is a workflow task that keeps failing: the history is not what the code does, or the code panics.
type PendingTask struct {
	Attempt int
	Since   time.Time
	Failure Failure
	Cause   string // Temporal's code for it
	Worker  string
	event   int64 // its failure's, to which the run can be reset
}

// Inspect asks Temporal how a matter's workflow does. ErrGone: it does not know it, or no longer.
func (e *Engine) Inspect(ctx context.Context, matter string) (Condition, error) {
	found, err := e.client.DescribeWorkflowExecution(ctx, workflows.WorkflowID(matter), "")
	if err != nil {
		return Condition{}, classify(err)
	}
	info := found.GetWorkflowExecutionInfo()
	c := Condition{Run: info.GetExecution().GetRunId(), Running: info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		Status: info.GetStatus().String(), Since: info.GetStartTime().AsTime(), Events: info.GetHistoryLength()}
	if info.GetCloseTime() != nil {
		c.Ended = info.GetCloseTime().AsTime()
	}
	for _, a := range found.GetPendingActivities() {
		c.Activities = append(c.Activities, pendingActivity(a))
	}
	if c.Running && found.GetPendingWorkflowTask().GetAttempt() > 1 {
		if c.Task, err = e.failingTask(ctx, matter, c.Run, found.GetPendingWorkflowTask()); err != nil {
			return c, classify(err)
		}
	}
	return c, nil
}

func pendingActivity(a *workflowpb.PendingActivityInfo) PendingActivity {
	p := PendingActivity{ID: a.GetActivityId(), Name: a.GetActivityType().GetName(), Attempt: int(a.GetAttempt()),
		Since: a.GetScheduledTime().AsTime(), Worker: a.GetLastWorkerIdentity()}
	if a.GetLastFailure() != nil {
		failure := failed(a.GetLastFailure())
		p.Failure = &failure
	}
	if next := a.GetNextAttemptScheduleTime(); next != nil && a.GetState() == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED {
		p.Next = next.AsTime()
	}
	return p
}

// tailPage is how much of a history's end is looked at for what failed: attempts after the first leave no event.
const tailPage = 50

// failingTask finds out why a workflow task is tried again; nil where its worker only was away.
func (e *Engine) failingTask(ctx context.Context, matter, run string, task *workflowpb.PendingWorkflowTaskInfo) (*PendingTask, error) {
	var failure *PendingTask
	err := e.backwards(ctx, matter, run, func(event *historypb.HistoryEvent) bool {
		why := event.GetWorkflowTaskFailedEventAttributes()
		if why != nil && why.GetCause() != enumspb.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW {
			failure = &PendingTask{Attempt: int(task.GetAttempt()), Since: event.GetEventTime().AsTime(), Failure: failed(why.GetFailure()),
				Cause: why.GetCause().String(), Worker: why.GetIdentity(), event: event.GetEventId()}
		}
		return event.GetWorkflowTaskCompletedEventAttributes() == nil && (why == nil || failure == nil)
	})
	return failure, err
}

// backwards looks at the last events of a run, the last one first, until look has seen enough.
func (e *Engine) backwards(ctx context.Context, matter, run string, look func(*historypb.HistoryEvent) bool) error {
	page, err := e.client.WorkflowService().GetWorkflowExecutionHistoryReverse(ctx, &workflowservice.GetWorkflowExecutionHistoryReverseRequest{
		Namespace: e.namespace, Execution: execution(matter, run), MaximumPageSize: tailPage})
	if err != nil {
		return err
	}
	for _, event := range page.GetHistory().GetEvents() {
		if !look(event) {
			return nil
		}
	}
	return nil
}

// Timer gives when Temporal's own timer of a running run rings; zero where it has none, or one set long ago.
func (e *Engine) Timer(ctx context.Context, matter, run string) (at time.Time, err error) {
	over := map[string]bool{}
	err = e.backwards(ctx, matter, run, func(event *historypb.HistoryEvent) bool {
		over[event.GetTimerFiredEventAttributes().GetTimerId()] = true
		over[event.GetTimerCanceledEventAttributes().GetTimerId()] = true
		set := event.GetTimerStartedEventAttributes()
		if set == nil || over[set.GetTimerId()] {
			return true
		}
		at = event.GetEventTime().AsTime().Add(set.GetStartToFireTimeout().AsDuration())
		return false
	})
	return at, classify(err)
}

// causesMost bounds how deep a failure's causes are followed.
const causesMost = 10

func failed(f *failurepb.Failure) Failure {
	failure := Failure{Message: f.GetMessage(), Type: f.GetApplicationFailureInfo().GetType()}
	for cause := f.GetCause(); cause != nil && len(failure.Causes) < causesMost; cause = cause.GetCause() {
		failure.Causes = append(failure.Causes, cause.GetMessage())
		if failure.Type == "" {
			failure.Type = cause.GetApplicationFailureInfo().GetType()
		}
	}
	return failure
}

// Run is one run of a matter's workflow.
type Run struct {
	ID     string
	Status string
	Since  time.Time
	Ended  time.Time // zero: it goes on
	Events int64
}

// runsMost bounds how many runs are listed.
const runsMost = 100

// Runs lists the runs of a matter's workflow, the latest first, as Temporal's own list has them: a second or so behind.
func (e *Engine) Runs(ctx context.Context, matter string) ([]Run, error) {
	found, err := e.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: e.namespace, PageSize: runsMost,
		Query: "WorkflowId = '" + workflows.WorkflowID(matter) + "'"})
	if err != nil {
		return nil, classify(err)
	}
	var runs []Run
	for _, one := range found.GetExecutions() {
		run := Run{ID: one.GetExecution().GetRunId(), Status: one.GetStatus().String(), Since: one.GetStartTime().AsTime(), Events: one.GetHistoryLength()}
		if one.GetCloseTime() != nil {
			run.Ended = one.GetCloseTime().AsTime()
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// Reported lists matters whose workflow tasks Temporal itself reports as failing time and again, at most so many.
func (e *Engine) Reported(ctx context.Context, limit int) ([]string, error) {
	found, err := e.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: e.namespace, PageSize: int32(limit),
		Query: "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"})
	if err != nil {
		return nil, classify(err)
	}
	var matters []string
	for _, one := range found.GetExecutions() {
		if matter, ok := workflows.MatterID(one.GetExecution().GetWorkflowId()); ok {
			matters = append(matters, matter)
		}
	}
	return matters, nil
}

// Pollers gives when a worker last asked Temporal for work of matters; zero where none has within minutes.
func (e *Engine) Pollers(ctx context.Context) (last time.Time, err error) {
	found, err := e.client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{Namespace: e.namespace,
		TaskQueue: &taskqueuepb.TaskQueue{Name: workflows.TaskQueue}, TaskQueueType: enumspb.TASK_QUEUE_TYPE_WORKFLOW})
	if err != nil {
		return last, classify(err)
	}
	for _, poller := range found.GetPollers() {
		if at := poller.GetLastAccessTime().AsTime(); at.After(last) {
			last = at
		}
	}
	return last, nil
}
