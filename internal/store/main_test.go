package store_test

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"duban/internal/store/storetest"
)

// TestMain also is the child process some tests kill.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	if os.Getenv(boxEnv) != "" {
		os.Exit(box())
	}
	os.Exit(storetest.Run(m))
}

// ctx is for checks in which no test's own context is at hand.
var ctx = context.Background()

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
