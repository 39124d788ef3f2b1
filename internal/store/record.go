package store

import (
	"context"
	"time"

	"duban/internal/procedure"
)

// Batch is some of a matter's events, in any order. Spec may be nil when the matter is known to be recorded.
type Batch struct {
	Matter string
	Spec   *procedure.Spec
	Events []procedure.Event
}

// Record is the one write path of a matter, in one transaction. It is idempotent and takes events in any order: what
// comes before the events it follows is kept aside until they come. It gives the sequence up to which the matter is
// now folded.
//
// ErrUnknownMatter: the matter is not there and the batch has no specification. ErrDiverged: the batch contradicts what
// is recorded.
func (s *Store) Record(ctx context.Context, b Batch) (seq int64, err error) {
	return 0, ErrUnknownMatter
}

// Recorded is an event as the record has it.
type Recorded struct {
	procedure.Event
	Hash     []byte    // of the chain up to this event
	Recorded time.Time // by the wall
}

// Events gives up to limit of a matter's events after a sequence.
func (s *Store) Events(ctx context.Context, matter string, after int64, limit int) ([]Recorded, error) {
	return nil, nil
}

// Reproject folds a matter's events again and writes what follows from them.
func (s *Store) Reproject(ctx context.Context, matter string) error { return nil }

// ReprojectAll does so for every matter.
func (s *Store) ReprojectAll(ctx context.Context) (matters int, err error) { return 0, nil }

// Break is the first link of a chain that does not hold.
type Break struct {
	Matter string
	Seq    int64 // 0: the specification
	Why    string
}

// Verify recomputes every matter's chain and gives the first broken link, or nil.
func (s *Store) Verify(ctx context.Context) (*Break, error) { return nil, nil }
