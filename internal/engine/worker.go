package engine

import (
	"time"

	"go.temporal.io/sdk/worker"

	"duban/activities"
	"duban/workflows"
)

// Worker is a worker for matters; the caller starts and stops it. Stopping waits for the tasks under way.
func (e *Engine) Worker(a *activities.Activities) worker.Worker {
	return e.WorkerOf(workflows.Register, a)
}

// WorkerOf is a worker for matters that runs other workflows than this program's.
func (e *Engine) WorkerOf(register func(worker.WorkflowRegistry), a *activities.Activities) worker.Worker {
	w := worker.New(e.client, workflows.TaskQueue, WorkerOptions())
	register(w)
	w.RegisterActivity(a)
	return w
}

// WorkerOptions are how every worker of duban runs.
//
// The figures were measured on two cores (docs/operations.md). Two workflow-task pollers, the SDK's default, made the
// slowest hundredth wait five times as long as sixteen do. The limit on a sticky queue is
// how long a burst of timers may wait for the worker that has the matters in memory, before it is sent round and every
// history is read again; and how long a matter stands still whose worker was killed, so it must not be long either.
func WorkerOptions() worker.Options {
	return worker.Options{
		MaxConcurrentWorkflowTaskPollers:   16,
		MaxConcurrentActivityTaskPollers:   4,
		MaxConcurrentActivityExecutionSize: 16, // each needs a database connection
		StickyScheduleToStartTimeout:       15 * time.Second,
		WorkerStopTimeout:                  10 * time.Second,
		DisableRegistrationAliasing:        true,
	}
}
