package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"duban/internal/procedure"
	"duban/internal/store"
)

const replanBatch = 50

// Replan tells the matters that wait for it of a year's special days, until none waits, ctx ends or Temporal does not
// answer. What was not told waits on, for the next call.
func (e *Engine) Replan(ctx context.Context, st *store.Store) error {
	return replan(ctx, st, func(ctx context.Context, r store.Replan) error {
		y := r.Year
		return e.Calendar(ctx, r.Matter, procedure.CalendarYear{Year: y.Year.Year, Off: y.Off, Work: y.Work})
	})
}

func replan(ctx context.Context, st *store.Store, tell func(context.Context, store.Replan) error) error {
	for {
		list, err := st.LeaseReplans(ctx, replanBatch)
		if err != nil || len(list) == 0 {
			return err
		}
		var failed []store.Replan
		var fault error
		for i, r := range list {
			err := tell(ctx, r)
			if err == nil {
				err = st.Replanned(ctx, r)
			}
			if err == nil {
				continue
			}
			fault = err
			if errors.Is(err, ErrBusy) || errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
				failed = append(failed, list[i:]...)
				break
			}
			// Something is wrong with this matter alone: it keeps its lease, and the others are told.
		}
		if len(failed) > 0 {
			return errors.Join(fault, st.ReturnReplans(context.WithoutCancel(ctx), failed))
		}
		if fault != nil {
			return fault
		}
	}
}

// KeepReplanning calls Replan at the interval until ctx ends.
func (e *Engine) KeepReplanning(ctx context.Context, st *store.Store, every time.Duration) {
	next := time.NewTicker(every)
	defer next.Stop()
	for {
		if err := e.Replan(ctx, st); err != nil && ctx.Err() == nil {
			e.log.Warn("Matters are still to be told of a year's special days", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}
