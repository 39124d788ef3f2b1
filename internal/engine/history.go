package engine

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/sdk/converter"

	"duban/internal/procedure"
	"duban/workflows"
)

// HistoryEvent is one event of a matter's workflow, for administrators.
type HistoryEvent struct {
	Run  string          `json:"run"`
	ID   int64           `json:"id"` // within the run
	At   time.Time       `json:"at"` // by the wall
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"` // its attributes as Temporal has them, payloads decoded
	Kind HistoryKind     `json:"kind"`
	// Name is the activity's, update's, signal's or child's own; of what follows an earlier event, that event's. Action is an
	// update's: what was asked of the matter.
	Name    string   `json:"name,omitempty"`
	Action  string   `json:"action,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
}

// HistoryKind is what part of a workflow an event belongs to.
type HistoryKind string

// The kinds.
const (
	HistoryRun      HistoryKind = "run"
	HistoryTask     HistoryKind = "task"
	HistoryUpdate   HistoryKind = "update"
	HistorySignal   HistoryKind = "signal"
	HistoryActivity HistoryKind = "activity"
	HistoryTimer    HistoryKind = "timer"
	HistoryChild    HistoryKind = "child"
	HistoryOther    HistoryKind = "other"
)

// kindOf tells the kind by the event's type, whose names Temporal never changes.
func kindOf(event string) HistoryKind {
	for _, k := range []struct {
		in   string
		kind HistoryKind
	}{
		{"Signal", HistorySignal}, {"WorkflowExecutionUpdate", HistoryUpdate}, {"WorkflowTask", HistoryTask}, {"ActivityTask", HistoryActivity},
		{"Timer", HistoryTimer}, {"ChildWorkflow", HistoryChild}, {"WorkflowExecution", HistoryRun},
	} {
		if strings.Contains(event, k.in) {
			return k.kind
		}
	}
	return HistoryOther
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

// run gives the events of one run, and the run it continued or was begun in the place of.
func (e *Engine) run(ctx context.Context, workflow, run string) (events []HistoryEvent, before string, err error) {
	each := e.client.GetWorkflowHistory(ctx, workflow, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	names := names{}
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
			if before, err = predecessor(begun); err != nil {
				return nil, "", err
			}
		}
		one := HistoryEvent{Run: run, ID: event.GetEventId(), At: event.GetEventTime().AsTime(), Type: event.GetEventType().String(), Data: data}
		one.Kind = kindOf(one.Type)
		names.name(&one, event)
		events = append(events, one)
	}
	return events, before, nil
}

// predecessor is the run this one continued, or was begun in the place of.
func predecessor(begun *historypb.WorkflowExecutionStartedEventAttributes) (run string, err error) {
	if run = begun.GetContinuedExecutionRunId(); run != "" {
		return run, nil
	}
	var in workflows.Input
	err = converter.GetDefaultDataConverter().FromPayloads(begun.GetInput(), &in)
	return in.Replaces, err
}

// names remembers, within a run, what the events are called that later ones refer to by number.
type names map[int64]string

// name fills in what an event is called, what was asked, and what failed.
func (n names) name(one *HistoryEvent, event *historypb.HistoryEvent) {
	var refers, failure = int64(0), (*failurepb.Failure)(nil)
	switch a := event.GetAttributes().(type) {
	case *historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes:
		one.Name = a.WorkflowExecutionStartedEventAttributes.GetWorkflowType().GetName()
	case *historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes:
		failure = a.WorkflowExecutionFailedEventAttributes.GetFailure()
	case *historypb.HistoryEvent_WorkflowTaskFailedEventAttributes:
		failure = a.WorkflowTaskFailedEventAttributes.GetFailure()
		one.Name = a.WorkflowTaskFailedEventAttributes.GetCause().String()
	case *historypb.HistoryEvent_ActivityTaskScheduledEventAttributes:
		one.Name = a.ActivityTaskScheduledEventAttributes.GetActivityType().GetName()
	case *historypb.HistoryEvent_ActivityTaskStartedEventAttributes:
		refers, failure = a.ActivityTaskStartedEventAttributes.GetScheduledEventId(), a.ActivityTaskStartedEventAttributes.GetLastFailure()
	case *historypb.HistoryEvent_ActivityTaskCompletedEventAttributes:
		refers = a.ActivityTaskCompletedEventAttributes.GetScheduledEventId()
	case *historypb.HistoryEvent_ActivityTaskFailedEventAttributes:
		refers, failure = a.ActivityTaskFailedEventAttributes.GetScheduledEventId(), a.ActivityTaskFailedEventAttributes.GetFailure()
	case *historypb.HistoryEvent_ActivityTaskTimedOutEventAttributes:
		refers, failure = a.ActivityTaskTimedOutEventAttributes.GetScheduledEventId(), a.ActivityTaskTimedOutEventAttributes.GetFailure()
	case *historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes:
		one.Name = a.WorkflowExecutionSignaledEventAttributes.GetSignalName()
	case *historypb.HistoryEvent_SignalExternalWorkflowExecutionInitiatedEventAttributes:
		one.Name = a.SignalExternalWorkflowExecutionInitiatedEventAttributes.GetSignalName()
	case *historypb.HistoryEvent_StartChildWorkflowExecutionInitiatedEventAttributes:
		one.Name = a.StartChildWorkflowExecutionInitiatedEventAttributes.GetWorkflowType().GetName()
	case *historypb.HistoryEvent_ChildWorkflowExecutionStartedEventAttributes:
		one.Name = a.ChildWorkflowExecutionStartedEventAttributes.GetWorkflowType().GetName()
	case *historypb.HistoryEvent_WorkflowExecutionUpdateAcceptedEventAttributes:
		one.Name, one.Action = asked(a.WorkflowExecutionUpdateAcceptedEventAttributes.GetAcceptedRequest())
		n[one.ID] = one.Action
		return
	case *historypb.HistoryEvent_WorkflowExecutionUpdateAdmittedEventAttributes:
		one.Name, one.Action = asked(a.WorkflowExecutionUpdateAdmittedEventAttributes.GetRequest())
	case *historypb.HistoryEvent_WorkflowExecutionUpdateCompletedEventAttributes:
		done := a.WorkflowExecutionUpdateCompletedEventAttributes
		one.Action, failure = n[done.GetAcceptedEventId()], done.GetOutcome().GetFailure()
		one.Name = workflows.UpdateAct
	}
	if refers != 0 {
		one.Name = n[refers]
	} else if one.Name != "" {
		n[one.ID] = one.Name
	}
	if failure != nil {
		one.Failure = new(failed(failure))
	}
}

// asked is an update's name and the action its command asks for.
func asked(request *updatepb.Request) (name, action string) {
	var c procedure.Command
	if converter.GetDefaultDataConverter().FromPayloads(request.GetInput().GetArgs(), &c) != nil {
		return request.GetInput().GetName(), "" // another update's
	}
	return request.GetInput().GetName(), string(c.Action)
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
