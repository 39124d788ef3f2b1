package engine

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"duban/workflows"
)

// HistoryEvent is one event of a matter's workflow, for administrators.
type HistoryEvent struct {
	Run  string          `json:"run"`
	ID   int64           `json:"id"` // within the run
	At   time.Time       `json:"at"` // by the wall
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"` // its attributes as Temporal has them, payloads decoded
}

// History gives the history of a matter's workflow from its start, through every run that continued another. ErrGone:
// Temporal does not have it, or no longer.
func (e *Engine) History(ctx context.Context, matter string) ([]HistoryEvent, error) {
	id := workflows.WorkflowID(matter)
	current, err := e.client.DescribeWorkflowExecution(ctx, id, "")
	if err != nil {
		return nil, classify(err)
	}
	var runs [][]HistoryEvent
	for run := current.GetWorkflowExecutionInfo().GetExecution().GetRunId(); run != ""; {
		events, before, err := e.run(ctx, id, run)
		if err != nil {
			return nil, classify(err)
		}
		runs = append(runs, events)
		run = before
	}
	slices.Reverse(runs)
	return slices.Concat(runs...), nil
}

// run gives the events of one run, and the run it continued.
func (e *Engine) run(ctx context.Context, workflow, run string) (events []HistoryEvent, before string, err error) {
	each := e.client.GetWorkflowHistory(ctx, workflow, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for each.HasNext() {
		event, err := each.Next()
		if err != nil {
			return nil, "", err
		}
		data, err := attributes(event)
		if err != nil {
			return nil, "", err
		}
		if begun := event.GetWorkflowExecutionStartedEventAttributes(); begun != nil {
			before = begun.GetContinuedExecutionRunId()
		}
		events = append(events, HistoryEvent{
			Run: run, ID: event.GetEventId(), At: event.GetEventTime().AsTime(), Type: event.GetEventType().String(), Data: data,
		})
	}
	return events, before, nil
}

// attributes are those of the event's type, without what every event has.
func attributes(event *historypb.HistoryEvent) (json.RawMessage, error) {
	whole, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(event)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(whole, &fields); err != nil {
		return nil, err
	}
	for name, data := range fields {
		if strings.HasSuffix(name, "EventAttributes") {
			return json.Marshal(readable(data))
		}
	}
	return json.RawMessage("{}"), nil
}

// readable puts in the place of every payload the JSON it holds.
func readable(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = readable(v[i])
		}
	case map[string]any:
		if _, ok := v["metadata"]; ok {
			if data, ok := v["data"].(string); ok {
				if text, err := base64.StdEncoding.DecodeString(data); err == nil && json.Valid(text) {
					return json.RawMessage(text)
				}
			}
		}
		for key := range v {
			v[key] = readable(v[key])
		}
	}
	return v
}
