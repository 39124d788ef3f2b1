package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"duban/internal/engine"
	"duban/internal/procedure"
	"duban/internal/store"
)

const (
	spreadBy   = 10 * time.Minute // over which the machine spreads alarms of one opening hour, by a matter's clock
	beginners  = 64               // matters begun at once
	beginShown = 2000             // how often progress is said
	beginFirst = 400              // matters that show how many are begun in a second; the burst comes when all have begun
	beginExtra = 20 * time.Second // beside half as long again as that rate needs
	lookEvery  = time.Second
	waitMost   = 20 * time.Minute // for all to begin, and for the last row of the burst
)

// timers begins matters whose alarms fall together and says how late their rows are written.
func (b *bench) timers(ctx context.Context) error {
	at := time.Now()
	if _, err := b.beginAll(ctx, b.pace(), beginFirst); err != nil {
		return err
	}
	rate := beginFirst / time.Since(at).Seconds()
	takes := time.Duration(1.5*float64(b.Timers)/rate*float64(time.Second)) + beginExtra
	b.say("\n%.0f matters begun a second; the alarms of %d come in %.0f s", rate, b.Timers, takes.Seconds())
	clock, burst, err := b.burst(takes)
	if err != nil {
		return err
	}
	due, err := b.beginAll(ctx, clock, b.Timers)
	if err != nil {
		return err
	}
	if late := time.Since(burst); late > 0 {
		return fmt.Errorf("bench: beginning %d matters took %s too long", b.Timers, late)
	}
	late, err := b.lateness(ctx, due)
	if err != nil {
		return err
	}
	p := percentiles(late, 0, 50, 95, 99, 100)
	b.say("Timers: %d alarms due within %s", b.Timers, b.Spread)
	b.say("lateness of their rows: first %.1f s, p50 %.1f s, p95 %.1f s, p99 %.1f s, last %.1f s; %.0f rows a second", p[0].Seconds(),
		p[1].Seconds(), p[2].Seconds(), p[3].Seconds(), p[4].Seconds(), float64(len(late))/(p[4]+b.Spread).Seconds())
	return nil
}

// burst chooses the matters' clock: one that reaches the first alarm of a draft after so long.
func (b *bench) burst(after time.Duration) (procedure.Clock, time.Time, error) {
	p := b.proposal(0)
	spec, err := b.spec(p, b.pace())
	if err != nil {
		return procedure.Clock{}, time.Time{}, err
	}
	state := procedure.New(spec)
	events, err := procedure.Decide(state, b.start(p, false), spec.At)
	if err != nil {
		return procedure.Clock{}, time.Time{}, err
	}
	alarm := procedure.Wake(procedure.Fold(state, events)).Truncate(time.Hour)
	at := time.Now().Add(after)
	factor := max(2, int(spreadBy/max(b.Spread, 100*time.Millisecond)))
	return clockAt(at, alarm, factor), at, nil
}

// waiting is a matter with an alarm ahead.
type waiting struct {
	seq int64     // of its last event yet
	due time.Time // the alarm, by the wall
}

// beginAll begins the matters, as drafts, and gives when the alarm of each is due.
func (b *bench) beginAll(ctx context.Context, clock procedure.Clock, matters int) (map[string]waiting, error) {
	var mu sync.Mutex
	due := map[string]waiting{}
	left := make(chan int, matters)
	for i := range matters {
		left <- i
	}
	close(left)
	_, err := closed(ctx, beginners, waitMost, func() cpu { return cpu{} }, func(ctx context.Context, _ int, _ timed) error {
		i, more := <-left
		if !more {
			return errOver
		}
		p := b.proposal(i)
		spec, err := b.spec(p, clock)
		if err != nil {
			return err
		}
		command := b.start(p, false)
		outcome, err := b.Engine.Start(ctx, spec, command)
		for errors.Is(err, engine.ErrBusy) && ctx.Err() == nil { // sent again under its key it has one outcome
			outcome, err = b.Engine.Start(ctx, spec, command)
		}
		if err != nil {
			return err
		}
		if _, err := b.Store.Record(ctx, store.Batch{Matter: spec.Matter, Spec: &spec, Events: outcome.Events}); err != nil {
			return err
		}
		at := clock.Wall(procedure.Wake(procedure.Fold(procedure.New(spec), outcome.Events)))
		mu.Lock()
		defer mu.Unlock()
		due[spec.Matter] = waiting{outcome.Last, at}
		if len(due)%beginShown == 0 {
			b.say("%6d of %d begun", len(due), matters)
		}
		return nil
	})
	return due, err
}

// lateness waits until every matter's next event is recorded and gives how long after its alarm was due.
func (b *bench) lateness(ctx context.Context, due map[string]waiting) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, waitMost)
	defer cancel()
	var ids []string
	var seqs []int64
	for id, w := range due {
		ids, seqs = append(ids, id), append(seqs, w.seq+1)
	}
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		var recorded int
		err := b.Store.Pool().QueryRow(ctx, `SELECT count(*) FROM event
			JOIN unnest($1::uuid[], $2::bigint[]) AS w(matter, seq) USING (matter, seq)`, ids, seqs).Scan(&recorded)
		if err != nil {
			return nil, err
		}
		if recorded == len(due) {
			break
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("bench: %d of %d alarms recorded: %w", recorded, len(due), ctx.Err())
		case <-again.C:
		}
	}
	rows, err := b.Store.Pool().Query(ctx, `SELECT matter::text, recorded FROM event
		JOIN unnest($1::uuid[], $2::bigint[]) AS w(matter, seq) USING (matter, seq)`, ids, seqs)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var late []time.Duration
	for rows.Next() {
		var id string
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			return nil, err
		}
		late = append(late, at.Sub(due[id].due))
	}
	return late, rows.Err()
}
