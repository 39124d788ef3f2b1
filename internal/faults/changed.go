package faults

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/client"
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
func ChangedWorker(temporal, namespace, database string) (stop func(), err error) {
	c, err := client.Dial(client.Options{HostPort: temporal, Namespace: namespace, Identity: "changed"})
	if err != nil {
		return nil, err
	}
	st, err := store.Open(context.Background(), database)
	if err != nil {
		c.Close()
		return nil, err
	}
	w := worker.New(c, workflows.TaskQueue, engine.WorkerOptions())
	for _, name := range workflows.Types {
		w.RegisterWorkflowWithOptions(changed, workflow.RegisterOptions{Name: name})
	}
	w.RegisterActivity(&activities.Activities{Store: st, Opener: func(context.Context, activities.OpenRequest) (procedure.Spec, error) {
		return procedure.Spec{}, errors.New("it starts nothing")
	}})
	if err := w.Start(); err != nil {
		c.Close()
		st.Close()
		return nil, err
	}
	return func() {
		w.Stop()
		c.Close()
		st.Close()
	}, nil
}

func changed(ctx workflow.Context, in workflows.Input) (procedure.Outcome, error) {
	workflow.NewTimer(ctx, 365*24*time.Hour)
	return workflows.Matter(ctx, in)
}
