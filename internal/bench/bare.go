package bench

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"duban/internal/engine"
)

const (
	bareQueue  = "bench"
	bareUpdate = "step"
	bareWait   = 72 * time.Hour // longer than any run
)

// bare is a workflow of a proposal's shape and nothing else: each step is a validated update, after which one timer is
// cancelled and another armed. As a proposal's, its run goes on after the last.
func bare(ctx workflow.Context) error {
	at := 0
	err := workflow.SetUpdateHandlerWithOptions(ctx, bareUpdate,
		func(_ workflow.Context, step int) (int, error) { at = step; return at, nil },
		workflow.UpdateHandlerOptions{Validator: func(_ workflow.Context, step int) error {
			if step != at+1 {
				return fmt.Errorf("step %d does not follow %d", step, at)
			}
			return nil
		}})
	if err != nil {
		return err
	}
	cancel := func() {}
	for seen := 0; ; seen = at {
		if err := workflow.Await(ctx, func() bool { return at != seen }); err != nil {
			return err
		}
		cancel()
		var timer workflow.Context
		timer, cancel = workflow.WithCancel(ctx)
		workflow.NewTimer(timer, bareWait)
	}
}

// quiet is a client like duban's own, and a worker for bare with the options of duban's own.
func (b *bench) quiet(ctx context.Context) (client.Client, worker.Worker, error) {
	c, err := client.DialContext(ctx, client.Options{HostPort: b.Temporal, Namespace: b.Namespace, Logger: log.NewStructuredLogger(discard),
		ConnectionOptions: engine.Connection(nil)})
	if err != nil {
		return nil, nil, err
	}
	w := worker.New(c, bareQueue, engine.WorkerOptions())
	w.RegisterWorkflowWithOptions(bare, workflow.RegisterOptions{Name: "bare"})
	return c, w, w.Start()
}

// playBare runs one bare workflow through its updates.
func playBare(ctx context.Context, c client.Client, id string, call timed) error {
	update := func(step int) client.UpdateWorkflowOptions {
		return client.UpdateWorkflowOptions{WorkflowID: id, UpdateID: fmt.Sprint(id, "-", step), UpdateName: bareUpdate, Args: []any{step},
			WaitForStage: client.WorkflowUpdateStageCompleted}
	}
	for step := 1; step <= updates; step++ {
		err := call(func() error {
			var handle client.WorkflowUpdateHandle
			var err error
			if step == 1 {
				handle, err = c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
					StartWorkflowOperation: c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
						ID: id, TaskQueue: bareQueue,
						WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
						WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
					}, "bare"),
					UpdateOptions: update(step),
				})
			} else {
				handle, err = c.UpdateWorkflow(ctx, update(step))
			}
			if err != nil {
				return err
			}
			var reached int
			return handle.Get(ctx, &reached)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
