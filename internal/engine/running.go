package engine

import (
	"context"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"duban/workflows"
)

// Running is a matter's workflow under way.
type Running struct {
	Matter string    `json:"matter"`
	Type   string    `json:"type"`
	Run    string    `json:"run"`
	Since  time.Time `json:"since"` // of the run, by the wall
	Events int64     `json:"events"`
}

// ListRunning gives a page of the matters' workflows under way, the latest first, and the token of the next page. The
// list follows the truth at a second or so: it is for administrators; the record is what to decide by.
func (e *Engine) ListRunning(ctx context.Context, limit int, after []byte) (page []Running, next []byte, err error) {
	found, err := e.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: e.namespace, PageSize: int32(limit), NextPageToken: after,
		Query: "ExecutionStatus = 'Running' AND TaskQueue = '" + workflows.TaskQueue + "'",
	})
	if err != nil {
		return nil, nil, classify(err)
	}
	for _, one := range found.GetExecutions() {
		matter, ok := workflows.MatterID(one.GetExecution().GetWorkflowId())
		if !ok {
			continue
		}
		page = append(page, Running{
			Matter: matter, Type: one.GetType().GetName(), Run: one.GetExecution().GetRunId(),
			Since: one.GetStartTime().AsTime(), Events: one.GetHistoryLength(),
		})
	}
	return page, found.GetNextPageToken(), nil
}
