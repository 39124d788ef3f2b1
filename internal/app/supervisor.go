package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Service is one part of the process.
type Service struct {
	Name string
	// Start returns when the part can be used, or why it cannot. It should heed ctx.
	Start func(ctx context.Context) error
	// Stop ends the part in order; when ctx ends, at once. It is called once, and only after a Start that succeeded.
	Stop func(ctx context.Context) error
	// Failed, where there is one, yields an error when the part ends unasked. It is called after Start.
	Failed func() <-chan error
}

// atOnce is how long a part may still take once it was told to stop at once.
const atOnce = 10 * time.Second

// Run carries out a plan, which starts services one after the other, then waits. It stops them in reverse when ctx ends,
// when one does not start or when one fails; the plan's ctx ends then too. When hurry ends while stopping, the rest is
// stopped at once. The error is the first failure, joined by those of stopping; a stop that was asked for is none.
func Run(ctx, hurry context.Context, log *slog.Logger, plan func(ctx context.Context, start func(...Service) error) error) (err error) {
	running, fail := context.WithCancelCause(ctx)
	var started []Service
	defer func() {
		fail(nil) // ends the watching; what ends from here on was asked to
		for i := len(started) - 1; i >= 0; i-- {
			err = errors.Join(err, stop(hurry, log, started[i]))
		}
	}()
	start := func(services ...Service) error {
		for _, s := range services {
			if running.Err() != nil {
				return context.Cause(running)
			}
			began := time.Now()
			if err := s.Start(running); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
			log.Debug("started", slog.String("part", s.Name), slog.Duration("took", time.Since(began)))
			started = append(started, s)
			if s.Failed != nil {
				go watch(running, s.Name, s.Failed(), fail)
			}
		}
		return nil
	}
	err = plan(running, start)
	if err == nil {
		<-running.Done()
		err = context.Cause(running)
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil // asked to stop
	case running.Err() != nil && ctx.Err() == nil:
		return context.Cause(running) // what failed first, rather than what failed for want of it
	default:
		return err
	}
}

func watch(running context.Context, name string, ended <-chan error, fail context.CancelCauseFunc) {
	select {
	case err := <-ended:
		fail(fmt.Errorf("%s: %w", name, err))
	case <-running.Done():
	}
}

// stop ends one service, and leaves it behind when it does not heed that it should end at once.
func stop(hurry context.Context, log *slog.Logger, s Service) error {
	began := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- s.Stop(hurry) }()
	var err error
	select {
	case err = <-ended:
	case <-hurry.Done():
		limit := time.NewTimer(atOnce)
		defer limit.Stop()
		select {
		case err = <-ended:
		case <-limit.C:
			err = context.Cause(hurry)
		}
	}
	log.Debug("stopped", slog.String("part", s.Name), slog.Duration("took", time.Since(began)))
	if err != nil {
		return fmt.Errorf("stopping %s: %w", s.Name, err)
	}
	return nil
}
