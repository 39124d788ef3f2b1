package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"duban/internal/poll"
)

// BallotBox casts votes in groups: what comes within a few milliseconds, or while a transaction is under way, goes into one
// transaction, so that a crowd's ballots cost one per some hundreds. Each is answered only when its transaction is durable.
type BallotBox struct {
	ctx   context.Context // of the box, not of who casts: a group is carried out for all of them
	store *Store

	mu    sync.Mutex
	slots map[string]*slot
}

const (
	groupSize = 512                  // votes one transaction takes at most: some ten milliseconds' work
	gather    = 3 * time.Millisecond // for which a group's first waits for others
)

// slot is one round's queue.
type slot struct {
	round   *poll.Round
	waiting []*queued
	busy    bool
}

type queued struct {
	ctx  context.Context // of who waits: a vote nobody waits for any more is not cast, or it might come after a later one
	vote Vote
	done chan struct{}
	out  Outcome
	err  error
}

// NewBallotBox makes a box that casts until the context ends.
func (s *Store) NewBallotBox(ctx context.Context) *BallotBox {
	return &BallotBox{ctx: ctx, store: s, slots: map[string]*slot{}}
}

// Cast casts a vote and waits until it is durable or refused. Its errors are [Store.CastBallots]'s; when the caller's time
// is over first, that is ErrUnavailable too: whether the vote is cast is not known.
func (b *BallotBox) Cast(ctx context.Context, round string, v Vote) (Outcome, error) {
	s, err := b.slot(ctx, round)
	if err != nil {
		return Outcome{}, err
	}
	w := &queued{ctx: ctx, vote: v, done: make(chan struct{})}
	b.mu.Lock()
	s.waiting = append(s.waiting, w)
	if !s.busy {
		s.busy = true
		go b.empty(s)
	}
	b.mu.Unlock()
	select {
	case <-w.done:
		return w.out, w.err
	case <-ctx.Done():
		return Outcome{}, classify(context.Cause(ctx))
	}
}

// Round gives a round's definition. Where it stands it does not tell: that changes.
func (b *BallotBox) Round(ctx context.Context, id string) (*poll.Round, error) {
	s, err := b.slot(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.round, nil
}

// slot is the round's queue. A round's definition never changes, so it is read once.
func (b *BallotBox) slot(ctx context.Context, round string) (*slot, error) {
	b.mu.Lock()
	s := b.slots[round]
	b.mu.Unlock()
	if s != nil {
		return s, nil
	}
	item, err := b.store.Round(ctx, round)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.slots[round] == nil {
		b.slots[round] = &slot{round: &item.Round}
	}
	return b.slots[round], nil
}

// empty casts what waits, group by group, until nothing does.
func (b *BallotBox) empty(s *slot) {
	for {
		time.Sleep(gather)
		b.mu.Lock()
		s.waiting = slices.DeleteFunc(s.waiting, func(w *queued) bool { return w.ctx.Err() != nil })
		group := s.waiting[:min(len(s.waiting), groupSize)]
		s.waiting = s.waiting[len(group):]
		if len(group) == 0 {
			s.waiting, s.busy = nil, false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		votes := make([]Vote, len(group))
		for i, w := range group {
			votes[i] = w.vote
		}
		outcomes, err := b.store.CastBallots(b.ctx, s.round, votes)
		for i, w := range group {
			if w.err = err; err == nil {
				w.out = outcomes[i]
			}
			close(w.done)
		}
	}
}
