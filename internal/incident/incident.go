// Package incident finds what is stuck: every process says that it is there, and one of them looks over the platform every
// few seconds and keeps what it finds as incidents.
package incident

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"duban/internal/engine"
	"duban/internal/store"
)

const (
	every   = 5 * time.Second
	lease   = 30 * time.Second // after which another process watches; longer than a round takes
	answers = 5 * time.Second  // within which the database is there
	late    = 20 * time.Second // after which what should have happened is looked into
	farOff  = 2 * time.Second  // by which a clock may differ
	settle  = 30 * time.Second // after an outage, until every process has been heard of again
	silent  = 90 * time.Second // a worker asks for work at least every minute
	scanned = 200              // matters looked at in a round though nothing speaks against them
	looked  = 500              // suspects at most
	width   = 8
	filled  = 500
)

// Watcher is one process's.
type Watcher struct {
	Store  *store.Store
	Engine *engine.Engine
	Part   store.Part
	Log    *slog.Logger

	back time.Time // when it last answered again after it had not
	away time.Time // since when the database has not answered this process
	page []byte    // of the list of running workflows
}

// Run watches until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	next := time.NewTicker(every)
	defer next.Stop()
	for {
		began := time.Now()
		err := w.round(ctx)
		switch {
		case ctx.Err() != nil:
			w.leave(ctx)
			return
		case errors.Is(err, store.ErrUnavailable) && w.away.IsZero():
			w.away = began
			w.Log.Error("The database does not answer", slog.Any("error", err))
		case err != nil:
			w.Log.Warn("The platform cannot be looked over", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			w.leave(ctx)
			return
		case <-next.C:
		}
	}
}

// leave says goodbye, so that nobody has to find out.
func (w *Watcher) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answers)
	defer cancel()
	if err := errors.Join(w.Store.Leave(ctx, w.Part.ID), w.Store.EndWatch(ctx, w.Part.ID)); err != nil {
		w.Log.Debug("The watcher left without a word", slog.Any("error", err))
	}
}

// round says that this process is there, and looks over the platform if it is this one's turn.
func (w *Watcher) round(ctx context.Context) error {
	held, err := w.beat(ctx)
	if err != nil {
		return err
	}
	back := time.Now()
	if held && !w.away.IsZero() {
		outage := store.Finding{Kind: store.IncidentDatabase, Subject: "postgresql", Began: w.away}
		if err := w.Store.FindPast(ctx, w.Part.ID, outage, back); err != nil {
			return err
		}
	}
	if !w.away.IsZero() {
		w.away, w.back = time.Time{}, back
	}
	if !held {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lease-answers)
	defer cancel()
	return w.look(ctx)
}

func (w *Watcher) beat(ctx context.Context) (held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, answers)
	defer cancel()
	before := time.Now()
	there, err := w.Store.Beat(ctx, w.Part)
	if err != nil {
		return false, err
	}
	w.Part.Drift = drift(before, time.Now(), there)
	return w.Store.Watch(ctx, w.Part.ID, lease)
}

// drift is how far a clock is ahead of one that was read between the two instants, as far as that is certain.
func drift(before, after, there time.Time) time.Duration {
	switch {
	case there.Before(before):
		return before.Sub(there)
	case there.After(after):
		return after.Sub(there)
	}
	return 0
}

// look finds what is stuck and keeps it.
func (w *Watcher) look(ctx context.Context) error {
	if _, err := w.Store.FillWakes(ctx, filled); err != nil {
		return err
	}
	r := round{Watcher: w, now: time.Now(), seen: map[string]bool{}}
	parts := []func(context.Context) error{r.clocks, r.mail, r.unopened, r.beginnings, r.workers, r.matters}
	if r.now.Sub(w.back) < settle {
		parts = parts[:4]
	}
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return err
		}
	}
	open := true
	known, err := w.Store.Incidents(ctx, store.IncidentFilter{Open: &open}, 0, looked)
	if err != nil {
		return err
	}
	_, err = w.Store.Find(ctx, w.Part.ID, r.found, r.over(known))
	return err
}
