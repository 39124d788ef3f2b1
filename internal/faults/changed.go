package faults

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/engine"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows"
)

// ChangedWorker runs matters by a program whose workflow is not what it was: it does one thing more at its beginning, so
// that it cannot take up a run of the right one. It works until the returned function is called.
func ChangedWorker(ctx context.Context, temporal, namespace, database string) (stop func(), err error) {
	st, err := store.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	e, err := engine.Dial(ctx, engine.Config{Address: temporal, Namespace: namespace, Identity: "changed", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		st.Close()
		return nil, err
	}
	w := e.WorkerOf(func(r worker.WorkflowRegistry) {
		for _, name := range workflows.Types() {
			r.RegisterWorkflowWithOptions(changed, workflow.RegisterOptions{Name: name})
		}
	}, &activities.Activities{Store: st, Opener: func(context.Context, activities.OpenRequest) (procedure.Spec, error) {
		return procedure.Spec{}, errors.New("it starts nothing")
	}})
	stop = func() {
		w.Stop()
		e.Close()
		st.Close()
	}
	if err := w.Start(); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

func changed(ctx workflow.Context, in workflows.Input) (procedure.Outcome, error) {
	workflow.NewTimer(ctx, 365*24*time.Hour)
	return workflows.Matter(ctx, in)
}
