package workflows_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"duban/activities"
	"duban/internal/procedure"
	"duban/workflows"
)

// Matters live for months and the program changes under them. Every history here was recorded from the running program
// (internal/embedded, TestHistories -update): matters open in each kind of stage, ended in each way, and begun anew.
func TestHistoriesReplay(t *testing.T) {
	histories, err := filepath.Glob("testdata/history/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, histories)
	for _, history := range histories {
		t.Run(filepath.Base(history), func(t *testing.T) { require.NoError(t, replay(history)) })
	}
}

// Whatever a run may do stands in one of the histories: else the code for it could change unnoticed.
func TestHistoriesHaveWhateverARunDoes(t *testing.T) {
	histories, err := filepath.Glob("testdata/history/*.json")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, history := range histories {
		for _, what := range told(t, history) {
			found[what] = true
		}
	}
	wanted := []string{"begun: anew"}
	for what, in := range map[string]struct{ file, constant string }{
		"kind":    {"../internal/procedure/procedure.go", `Kind\w+ +Kind += `},
		"outcome": {"../internal/procedure/state.go", `Outcome\w+ +Outcome += `},
		"signal":  {"names.go", `Signal\w+ += `},
	} {
		text, err := os.ReadFile(in.file)
		require.NoError(t, err)
		names := regexp.MustCompile(`(?m)^\t`+in.constant+`"(\w+)"`).FindAllSubmatch(text, -1)
		require.NotEmpty(t, names, what)
		for _, name := range names {
			wanted = append(wanted, what+": "+string(name[1]))
		}
	}
	all := reflect.TypeFor[*activities.Activities]()
	for i := range all.NumMethod() {
		wanted = append(wanted, "activity: "+all.Method(i).Name)
	}
	missing := slices.DeleteFunc(wanted, func(what string) bool { return found[what] })
	require.Empty(t, missing, "no history has them")
}

// told says what a history has: stages by their kind, outcomes, signals and activities, and whether it was begun anew.
func told(t *testing.T, file string) (all []string) {
	t.Helper()
	text, err := os.Open(file)
	require.NoError(t, err)
	defer text.Close()
	history, err := client.HistoryFromJSON(text, client.HistoryJSONOptions{})
	require.NoError(t, err)
	decode := func(payloads *commonpb.Payloads, into any) {
		require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(payloads, into))
	}
	var spec *procedure.Spec
	happened := func(events []procedure.Event) {
		for _, e := range events {
			switch b := e.Body.(type) {
			case procedure.StageEntered:
				stage, ok := spec.Procedure.Stage(b.Stage)
				require.True(t, ok, b.Stage)
				all = append(all, "kind: "+string(stage.Kind))
			case procedure.MatterClosed:
				all = append(all, "outcome: "+string(b.Outcome))
			}
		}
	}
	for _, event := range history.Events {
		if begun := event.GetWorkflowExecutionStartedEventAttributes(); begun != nil && begun.GetWorkflowType().GetName() != workflows.WorkflowBegin {
			var in workflows.Input
			decode(begun.GetInput(), &in)
			if spec = in.Spec; in.State != nil {
				spec = &in.State.Spec
			}
			if in.Replaces != "" && len(in.Owed) > 0 {
				all = append(all, "begun: anew")
			}
		}
		if came := event.GetWorkflowExecutionSignaledEventAttributes(); came != nil {
			all = append(all, "signal: "+came.GetSignalName())
		}
		if done := event.GetWorkflowExecutionUpdateCompletedEventAttributes().GetOutcome().GetSuccess(); done != nil {
			var outcome workflows.Outcome
			decode(done, &outcome)
			happened(outcome.Events)
		}
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
			name := scheduled.GetActivityType().GetName()
			all = append(all, "activity: "+name)
			if name == "Record" {
				var batch activities.Batch
				decode(scheduled.GetInput(), &batch)
				happened(batch.Events)
			}
		}
	}
	return all
}

// Histories of a program that does otherwise must not replay: else the test above proves nothing.
func TestBadHistoriesDoNotReplay(t *testing.T) {
	histories, err := filepath.Glob("testdata/history/bad/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, histories)
	for _, history := range histories {
		t.Run(filepath.Base(history), func(t *testing.T) { require.ErrorContains(t, replay(history), "nondeterminis") })
	}
}

func replay(file string) error {
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	return replayer.ReplayWorkflowHistoryFromJSONFile(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), file)
}
