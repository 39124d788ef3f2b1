package rulebook

import "sync/atomic"

// Shelf holds the library in force in this process. A library never changes; another takes its place. Whoever has several
// questions takes it once and asks the same one.
type Shelf struct{ held atomic.Pointer[Library] }

// NewShelf is a shelf with its first library.
func NewShelf(l *Library) *Shelf {
	s := &Shelf{}
	s.held.Store(l)
	return s
}

// Library is what is in force now.
func (s *Shelf) Library() *Library { return s.held.Load() }

// Replace puts another library in the place of the one that was in force.
func (s *Shelf) Replace(l *Library) { s.held.Store(l) }
