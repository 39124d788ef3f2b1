package bench

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/rulebooks"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

func TestPercentiles(t *testing.T) {
	var hundred []time.Duration
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	for name, c := range map[string]struct{ durations, want []time.Duration }{
		"a hundred": {hundred, []time.Duration{1, 50, 95, 99, 100}},
		"one":       {[]time.Duration{7}, []time.Duration{7, 7, 7, 7, 7}},
		"none":      {nil, []time.Duration{0, 0, 0, 0, 0}},
		"two":       {[]time.Duration{9, 3}, []time.Duration{3, 3, 9, 9, 9}},
	} {
		require.Equal(t, c.want, percentiles(c.durations, 0, 50, 95, 99, 100), name)
	}
}

// A slice ends every client at its next call, and a fault of one ends them all.
func TestClosed(t *testing.T) {
	none := func() cpu { return cpu{} }
	l, err := closed(t.Context(), 4, 20*time.Millisecond, none, func(_ context.Context, _ int, call timed) error {
		return call(func() error { return nil })
	})
	require.NoError(t, err)
	require.NotEmpty(t, l.latencies)
	fault := errors.New("fault")
	_, err = closed(t.Context(), 4, time.Minute, none, func(ctx context.Context, client int, call timed) error {
		if client == 2 {
			return fault
		}
		return call(func() error { <-ctx.Done(); return ctx.Err() })
	})
	require.ErrorIs(t, err, fault)
}

func TestClockAt(t *testing.T) {
	wall := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	shows := time.Date(2027, 1, 5, 0, 30, 0, 0, time.UTC)
	for _, factor := range []int{2, 6, 600, 6000} {
		clock := clockAt(wall, shows, factor)
		require.WithinDuration(t, shows, clock.Virtual(wall), time.Second, "factor %d", factor)
		require.Equal(t, time.Duration(factor)*time.Minute, clock.Virtual(wall.Add(time.Minute)).Sub(clock.Virtual(wall)))
	}
}

// The bare workflow takes its steps in order and no other.
func TestBare(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	taken, refused := 0, 0
	update := func(after time.Duration, step int) {
		env.RegisterDelayedCallback(func() {
			env.UpdateWorkflow(bareUpdate, "", &testsuite.TestUpdateCallback{
				OnAccept: func() {}, OnReject: func(error) { refused++ }, OnComplete: func(any, error) { taken++ }}, step)
		}, after)
	}
	update(time.Second, 1)
	update(2*time.Second, 3)
	update(3*time.Second, 2)
	env.RegisterDelayedCallback(env.CancelWorkflow, 4*time.Second)
	env.ExecuteWorkflow(bare)
	require.True(t, env.IsWorkflowCompleted())
	require.Equal(t, []int{2, 1}, []int{taken, refused})
}

// The rows hold what lists ask for: each matter once, with its units, and its assignment open where it is.
func TestFill(t *testing.T) {
	ctx := t.Context()
	url := storetest.URL(t)
	s, err := store.Open(ctx, url)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	library, err := rulebook.Load(rulebooks.FS)
	require.NoError(t, err)
	require.NoError(t, s.KeepOrganisations(ctx, 0, library.Organisations()))
	from, err := crowdOf(library, []string{"01890a5d-ac96-774b-bcce-b302099a8057"})
	require.NoError(t, err)
	const count = 1000
	require.NoError(t, fill(ctx, url, count, from))

	open := true
	found, err := s.Matters(ctx, store.MatterFilter{Open: &open}, nil, 2*count)
	require.NoError(t, err)
	require.InDelta(t, count/10, len(found), count/20)
	waiting := 0
	for _, m := range found {
		require.Len(t, m.Holders, 1)
		p, ok := library.Procedure(m.Rulebook, m.Procedure)
		require.True(t, ok)
		_, ok = p.Stage(m.Stage)
		require.True(t, ok, "%s has a stage %s", m.Procedure, m.Stage)
		require.WithinRange(t, m.Started, time.Now().AddDate(-6, 0, 0), time.Now())
	}
	for _, at := range from.posts {
		items, err := s.Assignments(ctx, store.AssignmentFilter{Posts: []procedure.Post{procedure.Post(at)}}, nil, count)
		require.NoError(t, err)
		waiting += len(items)
	}
	require.Equal(t, len(found), waiting)
	every, err := s.Matters(ctx, store.MatterFilter{}, nil, 2*count)
	require.NoError(t, err)
	require.Len(t, every, count)
}
