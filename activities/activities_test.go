package activities_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/internal/procedure"
	"duban/internal/store"
)

// A refusal is an answer. What could not be found out is a failure, tried again for ever; which kind says how soon.
func TestOpen(t *testing.T) {
	spec := procedure.Spec{Matter: "m"}
	for name, c := range map[string]struct {
		err  error
		want activities.Opened
		kind string
		wait time.Duration
	}{
		"opened":  {want: activities.Opened{Spec: &spec}},
		"refused": {err: fmt.Errorf("open: %w", &procedure.Refusal{Code: "intake-closed"}), want: activities.Opened{Refusal: &procedure.Refusal{Code: "intake-closed"}}},
		"away":    {err: fmt.Errorf("%w: no route", store.ErrUnavailable), kind: activities.Unavailable},
		"bug":     {err: errors.New("no such rulebook"), kind: activities.Bug, wait: 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestActivityEnvironment()
			a := &activities.Activities{Opener: func(context.Context, activities.OpenRequest) (procedure.Spec, error) { return spec, c.err }}
			env.RegisterActivity(a)
			value, err := env.ExecuteActivity(a.Open, activities.OpenRequest{})
			if c.kind == "" {
				require.NoError(t, err)
				var got activities.Opened
				require.NoError(t, value.Get(&got))
				require.Equal(t, c.want, got)
				return
			}
			var failed *temporal.ApplicationError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, c.kind, failed.Type())
			require.False(t, failed.NonRetryable())
			require.Equal(t, c.wait, failed.NextRetryDelay())
		})
	}
}

// Whoever counts says so all the while, so that its death is noticed long before the counting would be over.
func TestBeating(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	heard := make(chan struct{})
	var once sync.Once
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { once.Do(func() { close(heard) }) })
	env.RegisterActivityWithOptions(func(ctx context.Context) error {
		defer activities.Beating(ctx)()
		select {
		case <-heard:
			return nil
		case <-time.After(10 * time.Second):
			return errors.New("no heartbeat")
		}
	}, activity.RegisterOptions{Name: "count"})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, HeartbeatTimeout: 30 * time.Millisecond,
			RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}})
		return workflow.ExecuteActivity(ctx, "count").Get(ctx, nil)
	})
	require.NoError(t, env.GetWorkflowError())
}
