package workflows_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"duban/workflows"
)

// Matters live for months and the program changes under them. Every history here was recorded from the running program
// (internal/embedded, TestHistories -update): matters open in each stage, and ended in each way.
func TestHistoriesReplay(t *testing.T) {
	histories, err := filepath.Glob("testdata/history/*.json")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(histories), 18)
	for _, history := range histories {
		t.Run(filepath.Base(history), func(t *testing.T) { require.NoError(t, replay(history)) })
	}
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
