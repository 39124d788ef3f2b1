package activities

import (
	"context"

	"duban/internal/poll"
)

// Counted is what a vote came to.
type Counted = poll.Result

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

// CloseRound closes a vote whose time is up and counts it; again, the same result.
func (a *Activities) CloseRound(ctx context.Context, round string) (Counted, error) {
	result, err := a.Store.CloseRound(ctx, round)
	return result, failure(ctx, round, err)
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
