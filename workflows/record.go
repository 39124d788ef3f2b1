package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
)

// patient are the options of activities: each attempt is bounded, their number is not. While the database is away the
// lists are stale, and no matter fails.
func patient() workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: 10 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    time.Minute,
		},
	}
}

// record takes to the record what no request carries, one batch at a time, and before the run ends everything. An action
// that a request carries costs no activity: it goes along with the next batch.
func (m *matter) record(ctx workflow.Context) {
	ctx = workflow.WithActivityOptions(ctx, patient())
	for {
		err := workflow.Await(ctx, func() bool {
			return m.tail.pressing() || m.ending(ctx) && !m.tail.empty()
		})
		if err != nil {
			return
		}
		batch := activities.Batch{Matter: m.state.Spec.Matter, Events: m.tail.next()}
		if batch.Events[0].Seq == 1 {
			batch.Spec = &m.state.Spec
		}
		var a *activities.Activities
		if err := workflow.ExecuteActivity(ctx, a.Record, batch).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Error("Recording failed for good; it is tried again", "error", err)
			if workflow.Sleep(ctx, time.Minute) != nil {
				return
			}
			continue
		}
		m.tail.confirm(batch.Events)
	}
}
