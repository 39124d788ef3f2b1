package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"duban/internal/procedure"
)

func TestClassify(t *testing.T) {
	refusal := procedure.Refusal{Code: "not-your-turn", Authority: procedure.Authority{Source: "001 art. 5"}, Args: map[string]any{"who": "office/director"}}
	answer := temporal.NewApplicationErrorWithOptions(refusal.Code, refusal.Code, temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{refusal},
	})
	// as it comes from the server
	answer = temporal.GetDefaultFailureConverter().FailureToError(temporal.GetDefaultFailureConverter().ErrorToFailure(answer))
	var got *procedure.Refusal
	require.ErrorAs(t, classify(answer), &got)
	require.Equal(t, refusal, *got)

	panicked := temporal.NewApplicationErrorWithOptions("boom", "PanicError", temporal.ApplicationErrorOptions{})
	require.NotErrorAs(t, classify(panicked), &got)
	require.NotErrorIs(t, classify(panicked), ErrBusy)
	other := temporal.NewApplicationErrorWithOptions("x", "other", temporal.ApplicationErrorOptions{Details: []any{refusal}})
	require.NotErrorAs(t, classify(other), &got, "the type and the refusal must agree")

	for name, err := range map[string]error{
		"no worker":   &client.WorkflowUpdateServiceTimeoutOrCanceledError{},
		"deadline":    context.DeadlineExceeded,
		"hung up":     context.Canceled,
		"unavailable": serviceerror.NewUnavailable("x"),
		"overloaded":  serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_CONCURRENT_LIMIT, "x"),
		"not ready":   serviceerror.NewWorkflowNotReady("x"),
		"run is full": serviceerror.NewFailedPrecondition("the limit on the total number of distinct updates"),
		"in a start":  fmt.Errorf("failed workflow update: %w", serviceerror.NewAborted("x")),
	} {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, classify(err), ErrBusy) })
	}
	require.ErrorIs(t, classify(serviceerror.NewNotFound("x")), ErrGone)
	require.ErrorIs(t, classify(fmt.Errorf("failed workflow start: %w", serviceerror.NewWorkflowExecutionAlreadyStarted("x", "", ""))), ErrGone)
	require.NoError(t, classify(nil))
	bug := errors.New("bug")
	require.Equal(t, bug, classify(bug))
}

// One name may come with different labels, and the same labels always mean the same series.
func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := newMetrics()
	require.NoError(t, registry.Register(m))
	h := m.handler()
	h.Counter("temporal_request").Inc(1)
	h.WithTags(map[string]string{"operation": "a"}).WithTags(map[string]string{"queue": "q"}).Counter("temporal_request").Inc(2)
	h.WithTags(map[string]string{"queue": "q", "operation": "a"}).Counter("temporal_request").Inc(3)
	h.WithTags(map[string]string{"operation": "a"}).Gauge("temporal_slots").Update(7)
	h.Timer("temporal_latency").Record(30 * time.Millisecond)

	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, family := range families {
		for _, one := range family.GetMetric() {
			key := family.GetName()
			for _, label := range one.GetLabel() {
				key += " " + label.GetName() + "=" + label.GetValue()
			}
			values[key] = one.GetCounter().GetValue() + one.GetGauge().GetValue() + one.GetHistogram().GetSampleSum()
		}
	}
	require.Equal(t, map[string]float64{
		"temporal_request":                     1,
		"temporal_request operation=a queue=q": 5,
		"temporal_slots operation=a":           7,
		"temporal_latency_seconds":             0.03,
	}, values)
}

func TestAttributesAreReadable(t *testing.T) {
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(map[string]any{"title": "科技金融改革"})
	require.NoError(t, err)
	payloads.Payloads = append(payloads.Payloads, &commonpb.Payload{
		Metadata: map[string][]byte{"encoding": []byte("binary/encrypted")}, Data: []byte{0xff}})
	data, err := attributes(&historypb.HistoryEvent{EventId: 5, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
			WorkflowExecutionSignaledEventAttributes: &historypb.WorkflowExecutionSignaledEventAttributes{SignalName: "linked", Input: payloads}}})
	require.NoError(t, err)
	var read struct {
		SignalName string
		Input      struct{ Payloads []json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(data, &read))
	require.Equal(t, "linked", read.SignalName)
	require.JSONEq(t, `{"title":"科技金融改革"}`, string(read.Input.Payloads[0]))
	require.Contains(t, string(read.Input.Payloads[1]), "/w==", "what cannot be read is given as it is")
}
