package engine

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/workflows/workflowtest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// absent is a Temporal that is away until it is said to be back, and notes what it is asked. Once back it takes signals,
// and refuses every action.
type absent struct {
	client.Client
	mu    sync.Mutex
	back  bool
	asked []string
}

func (a *absent) ask(what string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, what)
	if !a.back {
		return serviceerror.NewUnavailable("away")
	}
	return nil
}

// taken gives what was asked since it was last called.
func (a *absent) taken() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := a.asked
	a.asked = nil
	slices.Sort(asked)
	return asked
}

func (a *absent) SignalWorkflow(_ context.Context, id, _, _ string, _ any) error { return a.ask(id) }

func (a *absent) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	if err := a.ask(o.UpdateID); err != nil {
		return nil, err
	}
	refusal := procedure.Refusal{Code: "not-your-turn"}
	return nil, temporal.NewApplicationErrorWithOptions(refusal.Code, refusal.Code, temporal.ApplicationErrorOptions{Details: []any{refusal}})
}

func (a *absent) comeBack() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.back = true
}

// withoutTemporal is an engine whose Temporal is away, and a store, with a connection that moves its clock.
func withoutTemporal(t *testing.T) (*Engine, *absent, *store.Store, *pgx.Conn) {
	t.Helper()
	url := storetest.URL(t)
	st, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(st.Close)
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close(context.WithoutCancel(t.Context()))) })
	away := &absent{}
	return &Engine{client: away, wait: time.Second, log: slog.New(slog.DiscardHandler)}, away, st, db
}

// While Temporal is away a telling tries one matter and gives all back at once: nobody waits for a lease to run out, and
// none is forgotten.
func TestReplanningWhileTemporalIsAway(t *testing.T) {
	e, away, st, _ := withoutTemporal(t)
	for range 3 {
		spec := workflowtest.Spec(workflowtest.Review(), uuid.NewString(), time.Date(2026, 12, 30, 2, 0, 0, 0, time.UTC))
		events, err := procedure.Decide(procedure.New(spec), workflowtest.Start(), spec.At)
		require.NoError(t, err)
		_, err = st.Record(t.Context(), store.Batch{Matter: spec.Matter, Spec: &spec, Events: events})
		require.NoError(t, err)
	}
	year := calendar.Year{Year: 2027, Off: map[calendar.Date]string{{Year: 2027, Month: 1, Day: 4}: "元旦"}, Work: map[calendar.Date]string{}}
	told, err := st.PutCalendarYear(t.Context(), year, "admin")
	require.NoError(t, err)
	require.Equal(t, 3, told)
	pending := func() int {
		n, err := st.Replans(t.Context(), 2027)
		require.NoError(t, err)
		return n
	}

	for range 2 {
		require.ErrorIs(t, e.Replan(t.Context(), st), ErrBusy)
		require.Len(t, away.taken(), 1)
		require.Equal(t, 3, pending())
	}
	away.comeBack()
	require.NoError(t, e.Replan(t.Context(), st))
	require.Len(t, away.taken(), 3)
	require.Zero(t, pending())
}

// While Temporal is away a sweep tries each open command once and ends: none is lost or refused, none is tried again
// before its lease is over, and the first sweep after Temporal is back carries all to their end.
func TestSweepingWhileTemporalIsAway(t *testing.T) {
	e, away, st, db := withoutTemporal(t)
	link, err := st.CreatePerson(t.Context(), store.NewPerson{Login: "clerk", Name: "经办岗"}, "", time.Now())
	require.NoError(t, err)
	var keys []string
	for range 2*sweepWidth + 1 {
		key := uuid.NewString()
		_, _, err := st.Accept(t.Context(), store.Entry{Key: key, Person: link.Person, Matter: uuid.NewString(), Kind: store.KindAct,
			Command: workflowtest.Act(key, workflowtest.Leader, procedure.ActionApprove)})
		require.NoError(t, err)
		keys = append(keys, key)
	}
	slices.Sort(keys)
	later := func(statement string) {
		t.Helper()
		_, err := db.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	states := func() map[store.EntryState]int {
		n := map[store.EntryState]int{}
		for _, key := range keys {
			entry, err := st.Entry(t.Context(), key)
			require.NoError(t, err)
			n[entry.State]++
		}
		return n
	}

	require.NoError(t, e.sweep(t.Context(), st))
	require.Empty(t, away.taken(), "the requests that brought them still wait")
	later(`UPDATE journal SET at = at - interval '1 minute'`)
	require.NoError(t, e.sweep(t.Context(), st))
	require.Equal(t, keys, away.taken())
	require.NoError(t, e.sweep(t.Context(), st))
	require.Empty(t, away.taken())
	require.Equal(t, map[store.EntryState]int{store.EntryOpen: len(keys)}, states())

	away.comeBack()
	later(`UPDATE journal SET leased = now()`)
	require.NoError(t, e.sweep(t.Context(), st))
	require.Equal(t, keys, away.taken())
	require.Equal(t, map[store.EntryState]int{store.EntryRefused: len(keys)}, states())
	told, err := st.Notifications(t.Context(), link.Person, true, 0, 100)
	require.NoError(t, err)
	require.Len(t, told, len(keys))
}
