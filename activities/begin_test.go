package activities_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// What is to begin by itself and cannot be made ready is tried on, and the administrators hear of it until it begins; not so
// where the database was away, or somebody asked and is told.
func TestABeginningThatFailsIsKnown(t *testing.T) {
	s := storetest.New(t)
	var result error
	a := &activities.Activities{Store: s, Beginner: func(context.Context, activities.BeginRequest) (procedure.Spec, error) {
		return procedure.Spec{}, result
	}}
	begin := func(asked bool, err error) []store.RefusedBeginning {
		t.Helper()
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
		env := suite.NewTestActivityEnvironment()
		env.RegisterActivity(a)
		result = err
		_, failed := env.ExecuteActivity(a.Begin, activities.BeginRequest{Matter: "m", Rulebook: "zibo-city", Procedure: "innovation-call",
			Day: calendar.Date{Year: 2026, Month: 1, Day: 2}, Asked: asked})
		require.Equal(t, err != nil, failed != nil)
		list, listed := s.RefusedBeginnings(t.Context())
		require.NoError(t, listed)
		return list
	}
	require.Empty(t, begin(false, fmt.Errorf("%w: no route", store.ErrUnavailable)))
	require.Empty(t, begin(true, errors.New("no such column")))
	known := begin(false, errors.New("no such column"))
	require.Len(t, known, 1)
	require.Equal(t, activities.Failing, known[0].Refusal.Code)
	require.Empty(t, begin(false, nil))
}
