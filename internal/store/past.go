package store

import (
	"context"
	"slices"

	"duban/internal/procedure"
)

// pageOfEvents is how many are read at once.
const pageOfEvents = 1000

// eachEvent shows a matter's events, the first one first, until do has seen enough.
func (s *Store) eachEvent(ctx context.Context, matter string, do func(procedure.Event) (enough bool)) error {
	for after := int64(0); ; {
		events, err := s.Events(ctx, matter, after, pageOfEvents)
		if err != nil {
			return err
		}
		for _, e := range events {
			after = e.Seq
			if do(e.Event) {
				return nil
			}
		}
		if len(events) < pageOfEvents {
			return nil
		}
	}
}

// Owed lists the matters a matter asked for that never began, as it asked for them.
func (s *Store) Owed(ctx context.Context, matter string) (owed []procedure.MatterRequested, err error) {
	err = s.eachEvent(ctx, matter, func(e procedure.Event) bool {
		switch b := e.Body.(type) {
		case procedure.MatterRequested:
			owed = append(owed, b)
		case procedure.MatterLinked:
			owed = slices.DeleteFunc(owed, func(o procedure.MatterRequested) bool { return o.Child == b.Matter })
		}
		return false
	})
	return owed, err
}

// Before gives a matter as it stood before the first event that is wanted, and that event. ErrNotFound: none is.
func (s *Store) Before(ctx context.Context, row MatterRow, wanted func(procedure.Event) bool) (state procedure.State, event procedure.Event, err error) {
	state = procedure.New(row.Spec)
	found := false
	err = s.eachEvent(ctx, row.ID, func(e procedure.Event) bool {
		if wanted(e) {
			event, found = e, true
			return true
		}
		state = procedure.Apply(state, e)
		return false
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return state, event, err
}
