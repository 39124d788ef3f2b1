package bench

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// load is what a closed loop of clients got done.
type load struct {
	took      time.Duration
	latencies []time.Duration // of every call
	cpu       cpu             // spent meanwhile
}

// errOver ends a client's work within a unit when the slice is over.
var errOver = errors.New("the slice is over")

// timed measures one call, unless the slice is over.
type timed func(call func() error) error

// closed keeps so many clients busy for a slice: each does one unit of work after the other, whose calls are timed.
func closed(ctx context.Context, clients int, slice time.Duration, usage func() cpu,
	unit func(ctx context.Context, client int, call timed) error) (load, error) {
	var mu sync.Mutex
	var l load
	work, ctx := errgroup.WithContext(ctx)
	before, began := usage(), time.Now()
	over := began.Add(slice)
	for client := range clients {
		work.Go(func() error {
			var own []time.Duration
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				l.latencies = append(l.latencies, own...)
			}()
			call := func(call func() error) error {
				at := time.Now()
				if !at.Before(over) {
					return errOver
				}
				err := call()
				own = append(own, time.Since(at))
				return err
			}
			for {
				if err := unit(ctx, client, call); errors.Is(err, errOver) {
					return nil
				} else if err != nil {
					return err
				}
			}
		})
	}
	err := work.Wait()
	l.took, l.cpu = time.Since(began), usage().minus(before)
	return l, err
}

// atOnce has all users ask at the same instant, again and again for a slice, and gives how long each answer took.
func atOnce(ctx context.Context, length time.Duration, ask func(ctx context.Context, user int) error) ([]time.Duration, error) {
	var all []time.Duration
	for over := time.Now().Add(length); time.Now().Before(over); {
		took := make([]time.Duration, users)
		work, ctx := errgroup.WithContext(ctx)
		at := time.Now()
		for user := range users {
			work.Go(func() error {
				err := ask(ctx, user)
				took[user] = time.Since(at)
				return err
			})
		}
		if err := work.Wait(); err != nil {
			return nil, err
		}
		all = append(all, took...)
	}
	return all, nil
}

// with adds another slice of the same kind.
func (l load) with(o load) load {
	return load{l.took + o.took, append(l.latencies, o.latencies...), l.cpu.plus(o.cpu)}
}

// rate is calls a second.
func (l load) rate() float64 { return float64(len(l.latencies)) / l.took.Seconds() }

// percentiles are the values that the given hundredths of the durations do not exceed; zero where there are none.
func percentiles(durations []time.Duration, hundredths ...float64) []time.Duration {
	sorted := slices.Sorted(slices.Values(durations))
	out := make([]time.Duration, len(hundredths))
	for i, p := range hundredths {
		if n := len(sorted); n > 0 {
			out[i] = sorted[min(n-1, max(0, int(math.Ceil(p/100*float64(n)))-1))]
		}
	}
	return out
}

// milliseconds writes a duration for a table.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
