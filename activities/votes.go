package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/internal/store"
)

// Counted is what a vote came to; or, while it is looked into before it is counted, where its log ends.
type Counted struct {
	poll.Result
	Closed *procedure.LogEnd `json:"closed,omitempty"`
}

// CommitDraw commits to the seed of a draw, and gives the commitment; again, the same.
func (a *Activities) CommitDraw(ctx context.Context, draw string) (string, error) {
	commitment, err := a.Store.CommitDraw(ctx, draw)
	return commitment, failure(ctx, draw, err)
}

// RevealDraw reveals the seed of a draw whose list is fixed.
func (a *Activities) RevealDraw(ctx context.Context, draw string) (string, error) {
	seed, err := a.Store.RevealDraw(ctx, draw)
	return seed, failure(ctx, draw, err)
}

// CloseRound closes a vote whose time is up and counts it, unless it is to be looked into first; again, the same.
func (a *Activities) CloseRound(ctx context.Context, round string) (counted Counted, err error) {
	defer beating(ctx)()
	head, err := a.Store.CloseRound(ctx, round)
	if err == nil {
		counted.Result, err = a.Store.CountRound(ctx, round)
	}
	if errors.Is(err, store.ErrUnderReview) {
		return Counted{Closed: &procedure.LogEnd{Round: round, Ballots: head.Size, Root: head.Root.String()}}, nil
	}
	return counted, failure(ctx, round, err)
}

// CountRound counts a vote that was looked into; again, the same result.
func (a *Activities) CountRound(ctx context.Context, round string) (Counted, error) {
	defer beating(ctx)()
	result, err := a.Store.CountRound(ctx, round)
	return Counted{Result: result}, failure(ctx, round, err)
}

// beating tells Temporal that an activity that may take long goes on, until the function it gives is called.
func beating(ctx context.Context) (end func()) {
	every := activity.GetInfo(ctx).HeartbeatTimeout / 3
	if every <= 0 { // scheduled by a program that asked for none
		return func() {}
	}
	ended := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() {
		next := time.NewTicker(every)
		defer next.Stop()
		for {
			select {
			case <-ended:
				return
			case <-next.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	})
	return func() { close(ended); beats.Wait() }
}

// Turnout lists the units that have voted, and says nothing of how.
func (a *Activities) Turnout(ctx context.Context, round string) ([]string, error) {
	turnout, err := a.Store.Turnout(ctx, round)
	units := []string{}
	for _, part := range turnout {
		if part.Class == poll.ClassUnit {
			units = append(units, part.Part)
		}
	}
	return units, failure(ctx, round, err)
}
