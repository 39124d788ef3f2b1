package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Faults counts what is to be done to a site, in an order and at moments that follow from a seed.
type Faults struct {
	Workers  int           // killed and started again
	APIs     int           // likewise
	Backends int           // likewise: PostgreSQL and Temporal together
	Cuts     int           // the line to PostgreSQL cut, while Temporal's holds
	Freezes  int           // PostgreSQL stopped where it stands
	Away     time.Duration // how long a freeze lasts; a cut lasts a quarter of it
}

func (f Faults) String() string {
	return fmt.Sprintf("%d workers, %d APIs and %d backends killed, %d lines cut, PostgreSQL frozen %d times for %v",
		f.Workers, f.APIs, f.Backends, f.Cuts, f.Freezes, f.Away)
}

// Disturb does all of it, one after the other, while the ledger's clients are at work.
func Disturb(ctx context.Context, s *Site, l *Ledger, seed uint64, f Faults) error {
	random := rand.New(rand.NewPCG(seed, ^uint64(0))) //nolint:gosec // to be repeated
	kill := func(part Part) func() error {
		return func() error {
			meet(ctx, l, random)
			if err := s.Kill(part); err != nil {
				return err
			}
			if random.IntN(3) == 0 { // else it is back at once
				wait(ctx, between(random, 0, 3*time.Second))
			}
			return s.Start(ctx, part)
		}
	}
	var plan []func() error
	cut := func() error {
		if err := s.Line.Cut(); err != nil {
			return err
		}
		wait(ctx, f.Away/4)
		return s.Line.Mend(ctx)
	}
	freeze := func() error {
		thaw, err := s.Freeze()
		if err != nil {
			return err
		}
		wait(ctx, f.Away)
		return thaw()
	}
	for _, kind := range []struct {
		count int
		fault func() error
	}{{f.Workers, kill(Worker)}, {f.APIs, kill(API)}, {f.Backends, kill(Backend)}, {f.Cuts, cut}, {f.Freezes, freeze}} {
		for range kind.count {
			plan = append(plan, kind.fault)
		}
	}
	random.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	for _, fault := range plan {
		wait(ctx, between(random, 200*time.Millisecond, 2500*time.Millisecond))
		if err := fault(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// meet waits until a command is under way, and then for as long as one takes at most: the moments that matter lie there.
func meet(ctx context.Context, l *Ledger, random *rand.Rand) {
	limit := time.NewTimer(2 * time.Second)
	defer limit.Stop()
	select {
	case <-l.Sent():
		wait(ctx, between(random, 0, 80*time.Millisecond))
	case <-limit.C:
	case <-ctx.Done():
	}
}

func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)))
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
