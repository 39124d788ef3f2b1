package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/internal/engine"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows/workflowtest"
)

// office is the whole path of an action, but for HTTP: the journal, the engine, the worker and the record.
type office struct {
	*testing.T
	url      string
	temporal string
	store    *store.Store
	engine   *engine.Engine
}

func newOffice(t *testing.T, wait time.Duration) *office {
	t.Helper()
	s := start(t, Options{Data: dataFolder(t), Log: slog.New(slog.DiscardHandler)})
	st, err := store.Open(t.Context(), s.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(st.Close)
	require.NoError(t, st.Migrate(t.Context()))
	e, err := engine.Dial(t.Context(), engine.Config{
		Address: s.TemporalAddress, Namespace: applicationName, Identity: applicationName, Wait: wait, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return &office{T: t, url: s.DatabaseURL, temporal: s.TemporalAddress, store: st, engine: e}
}

func (o *office) work() {
	w := o.engine.Worker(&activities.Activities{Store: o.store,
		Opener: func(_ context.Context, r activities.OpenRequest) (procedure.Spec, error) {
			return workflowtest.Child(r.Requested, r.Parent, r.At, r.Clock), nil
		}})
	require.NoError(o, w.Start())
	o.Cleanup(w.Stop)
}

// unhurried is how fast a matter's clock runs that shows a day of its own and is not to come to the next: a clock as fast as
// the wall's shows the wall's day.
const unhurried = 2

// onMonday is a matter whose clock shows a working Monday of a published year now, whichever day the test runs on.
func onMonday(p procedure.Procedure, factor int) procedure.Spec {
	spec := workflowtest.Spec(p, uuid.Must(uuid.NewV7()).String(), workflowtest.Monday)
	spec.Clock = procedure.Rehearsal(time.Now().UTC(), workflowtest.Monday, factor)
	return spec
}

// begin accepts the start of a matter into the journal.
func (o *office) begin() store.Entry {
	o.Helper()
	spec := onMonday(workflowtest.Review(), unhurried)
	c := workflowtest.Start()
	c.Key = spec.Matter + "/start"
	return o.accept(store.Entry{Matter: spec.Matter, Kind: store.KindStart, Spec: &spec, Command: c})
}

func (o *office) ask(matter string, actor procedure.Actor, action procedure.ActionName) store.Entry {
	o.Helper()
	return o.accept(store.Entry{Matter: matter, Kind: store.KindAct, Command: workflowtest.Act(uuid.NewString(), actor, action)})
}

func (o *office) accept(e store.Entry) store.Entry {
	o.Helper()
	e.Key, e.Person = e.Command.Key, e.Command.Actor.Person
	e, fresh, err := o.store.Accept(o.Context(), e)
	require.NoError(o, err)
	require.True(o, fresh)
	return e
}

// carry carries a command until there is an answer: a machine that stands still may give none in the office's time.
func (o *office) carry(e store.Entry) store.Entry {
	o.Helper()
	for began := time.Now(); ; {
		settled, err := o.engine.Carry(o.Context(), o.store, e)
		if errors.Is(err, engine.ErrBusy) && time.Since(began) < patience {
			continue
		}
		require.NoError(o, err)
		return settled
	}
}

// until waits until the journal's entry is settled.
func (o *office) until(key string) (e store.Entry) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), patience)
	defer cancel()
	require.NoError(o, retry(ctx, func() (err error) {
		if e, err = o.store.Entry(ctx, key); err == nil && e.State == store.EntryOpen {
			err = errors.New("still open")
		}
		return err
	}))
	return e
}

// agree asserts that the record and the workflow say the same of a matter.
func (o *office) agree(matter string) {
	o.Helper()
	recorded, err := o.store.Matter(o.Context(), matter, nil)
	require.NoError(o, err)
	running, err := o.engine.State(o.Context(), matter)
	require.NoError(o, err)
	a, err := json.Marshal(recorded.State)
	require.NoError(o, err)
	b, err := json.Marshal(running)
	require.NoError(o, err)
	require.JSONEq(o, string(b), string(a))
}

// An action is decided by the matter and on the record when the request is answered; a refusal is settled with its reason.
func TestCarry(t *testing.T) {
	o := newOffice(t, time.Minute)
	o.work()
	begun := o.carry(o.begin())
	require.Equal(t, store.EntryDone, begun.State)
	require.Equal(t, int64(1), begun.First)
	o.agree(begun.Matter)

	refused := o.carry(o.ask(begun.Matter, workflowtest.Clerk, procedure.ActionApprove))
	require.Equal(t, store.EntryRefused, refused.State)
	require.NotEmpty(t, refused.Refusal.Code)
	again := o.carry(refused)
	require.Equal(t, refused, again, "a settled entry stays as it is")

	// The request dies between the decision and the record: carried again, it is recorded, and happened once.
	lost := o.ask(begun.Matter, workflowtest.Leader, procedure.ActionComment)
	outcome, err := o.engine.Act(t.Context(), lost.Matter, lost.Command)
	require.NoError(t, err)
	found := o.carry(lost)
	require.Equal(t, outcome.First, found.First)
	require.Equal(t, outcome.Last, found.Last)
	o.agree(begun.Matter)

	// Nobody carries it: the matter's own record settles the entry before the matter ends.
	ended := o.ask(begun.Matter, workflowtest.Leader, procedure.ActionReject)
	_, err = o.engine.Act(t.Context(), ended.Matter, ended.Command)
	require.NoError(t, err)
	require.Equal(t, store.EntryDone, o.until(ended.Key).State)
	late := o.carry(o.ask(begun.Matter, workflowtest.Leader, procedure.ActionComment))
	require.Equal(t, "closed", late.Refusal.Code)
}

// With no worker the answer is "not yet"; the sweeper carries the command out when there is one, and tells of refusals.
func TestSweep(t *testing.T) {
	o := newOffice(t, 500*time.Millisecond)
	begun := o.begin()
	_, err := o.engine.Carry(t.Context(), o.store, begun)
	require.ErrorIs(t, err, engine.ErrBusy)
	done := o.ask(begun.Matter, workflowtest.Leader, procedure.ActionComment)
	refused := o.ask(begun.Matter, workflowtest.Clerk, procedure.ActionApprove)
	execute(t, o.url, "UPDATE journal SET at = at - interval '1 hour'") // they were left long ago

	o.work()
	ctx, cancel := context.WithCancel(t.Context())
	swept := make(chan struct{})
	go func() {
		defer close(swept)
		o.engine.Sweep(ctx, o.store, 100*time.Millisecond)
	}()
	defer func() { cancel(); <-swept }()
	require.Equal(t, store.EntryDone, o.until(begun.Key).State)
	execute(t, o.url, "UPDATE journal SET leased = '-infinity'") // those that came before their matter had begun wait half a minute
	require.Equal(t, store.EntryDone, o.until(done.Key).State)
	require.Equal(t, store.EntryRefused, o.until(refused.Key).State)
	o.agree(begun.Matter)
}

// Much text, changed time and again, ends no matter: what goes to Temporal at once is bounded, and what would be too much in
// any case is refused.
func TestMuchTextEndsNoMatter(t *testing.T) {
	o := newOffice(t, time.Minute)
	o.work()
	matter := o.carry(o.begin()).Matter
	letter := 'a' // other than before
	act := func(actor procedure.Actor, action procedure.ActionName, letters int) store.Entry {
		t.Helper()
		c := workflowtest.Act(uuid.NewString(), actor, action)
		if letters > 0 {
			c.Fields = map[string]json.RawMessage{"summary": json.RawMessage(`"` + strings.Repeat(string(letter), letters) + `"`)}
			letter++
		}
		return o.carry(o.accept(store.Entry{Matter: matter, Kind: store.KindAct, Command: c}))
	}
	require.Equal(t, store.EntryDone, act(workflowtest.Leader, procedure.ActionReturn, 0).State)
	require.Equal(t, "form-too-large", act(workflowtest.Clerk, procedure.ActionApprove, 600_000).Refusal.Code)
	for range 4 {
		require.Equal(t, store.EntryDone, act(workflowtest.Clerk, procedure.ActionApprove, 500_000).State)
		require.Equal(t, store.EntryDone, act(workflowtest.Leader, procedure.ActionReturn, 0).State)
	}
	o.agree(matter)
	require.Equal(t, store.EntryDone, act(workflowtest.Clerk, procedure.ActionWithdraw, 0).State)
	ended := eventually(t, func(ctx context.Context) (engine.Condition, error) { return o.engine.Inspect(ctx, matter) },
		func(c engine.Condition) bool { return !c.Running })
	require.Equal(t, "Completed", ended.Status)
}
