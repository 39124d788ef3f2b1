package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/workflows"
)

// Carry takes an accepted command to its matter and what follows from it to the record, and gives the journal's entry as
// it then stands: done or refused. It is the one path of requests and of the sweeper, and may be repeated.
//
// A settled entry is given back as it is. On an error the entry is still open: ErrBusy, store.ErrUnavailable or a fault. The sweeper sees to it later.
func (e *Engine) Carry(ctx context.Context, st *store.Store, entry store.Entry) (store.Entry, error) {
	return e.carry(ctx, st, entry, false)
}

// carry is Carry; tell notifies the person of a refusal, where nobody waits for the answer any more.
func (e *Engine) carry(ctx context.Context, st *store.Store, entry store.Entry, tell bool) (store.Entry, error) {
	if entry.State != store.EntryOpen {
		return entry, nil
	}
	outcome, err := e.command(ctx, st, entry)
	if errors.Is(err, ErrGone) {
		err = longOver(ctx, st, entry, err)
	}
	var refusal *procedure.Refusal
	if errors.As(err, &refusal) {
		if err := st.Refuse(ctx, entry.Key, refusal, tell); err != nil {
			return entry, err
		}
		return st.Entry(ctx, entry.Key) // done, where the matter's own record was here first
	}
	if err != nil {
		return entry, err
	}
	if len(outcome.Events) == 0 { // carried out in an earlier run of the workflow, which recorded it
		if err := st.Settle(ctx, entry.Key, outcome.First, outcome.Last); err != nil {
			return entry, err
		}
	} else if _, err := st.Record(ctx, store.Batch{Matter: entry.Matter, Spec: entry.Spec, Events: outcome.Events}); err != nil {
		return entry, err
	}
	entry.State, entry.First, entry.Last, entry.Spec = store.EntryDone, outcome.First, outcome.Last, nil
	return entry, nil
}

func (e *Engine) command(ctx context.Context, st *store.Store, entry store.Entry) (workflows.Outcome, error) {
	if entry.Kind == store.KindStart {
		return e.Start(ctx, *entry.Spec, entry.Command)
	}
	if entry.Command.Repair && entry.Command.Action == procedure.ActionTerminate {
		outcome, err := e.end(ctx, st, entry)
		if !errors.Is(err, errFit) {
			return outcome, err
		}
	}
	return e.Act(ctx, entry.Matter, entry.Command)
}

// longOver says of a matter unknown to Temporal whether the record has its end; else the command waits.
func longOver(ctx context.Context, st *store.Store, entry store.Entry, gone error) error {
	row, err := st.Matter(ctx, entry.Matter, nil)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return gone
	case err != nil:
		return err
	case row.State.Stage == procedure.Closed:
		return closed(row.State.Outcome)
	}
	return gone
}

const (
	sweepAfter = 10 * time.Second // by then the request that brought a command has given up
	sweepWidth = 8
)

// Sweep carries out, until ctx ends, the commands whose request died or gave up, looking for them at the interval. A
// request refused by now is told to the person who made it.
func (e *Engine) Sweep(ctx context.Context, st *store.Store, every time.Duration) {
	next := time.NewTicker(every)
	defer next.Stop()
	for {
		if err := e.sweep(ctx, st); err != nil && ctx.Err() == nil {
			e.log.Warn("Open commands cannot be looked for", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}

// sweep works through what is open now, a few at a time. Each is leased as its turn comes: a lease outlasts the work on
// one command, not on all that may wait before it.
func (e *Engine) sweep(ctx context.Context, st *store.Store) error {
	var work errgroup.Group
	for range sweepWidth {
		work.Go(func() error {
			for {
				open, err := st.LeaseOpen(ctx, sweepAfter, 1)
				if err != nil || len(open) == 0 {
					return err
				}
				entry := open[0]
				if _, err := e.carry(ctx, st, entry, true); err != nil && ctx.Err() == nil {
					e.log.Warn("A command is still open", slog.String("key", entry.Key), slog.String("matter", entry.Matter),
						slog.Time("accepted", entry.At), slog.Any("error", err))
				}
			}
		})
	}
	return work.Wait()
}
