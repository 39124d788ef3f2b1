package store

import (
	"container/list"
	"sync"

	"duban/internal/procedure"
)

// foldedSize is how many matters' specification and state are kept in memory; each takes some ten kilobytes.
const foldedSize = 512

// folded remembers the matters worked on last, so that an action need not read and decode what this process wrote a
// moment ago. What is remembered is used only when the locked row is the same.
type folded struct {
	mu     sync.Mutex
	size   int
	recent *list.List // of *fold, the last used in front
	byID   map[string]*list.Element
}

// fold is a matter folded up to its state's sequence.
type fold struct {
	matter string
	head   []byte          // of its chain: the same head is the same history
	state  procedure.State // with its specification
}

func newFolded(size int) *folded {
	return &folded{size: size, recent: list.New(), byID: map[string]*list.Element{}}
}

func (f *folded) get(matter string) (fold, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.byID[matter]
	if !ok {
		return fold{}, false
	}
	f.recent.MoveToFront(at)
	return at.Value.(fold), true
}

func (f *folded) put(one fold) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at, ok := f.byID[one.matter]; ok {
		at.Value = one
		f.recent.MoveToFront(at)
		return
	}
	f.byID[one.matter] = f.recent.PushFront(one)
	if f.recent.Len() > f.size {
		last := f.recent.Back()
		delete(f.byID, f.recent.Remove(last).(fold).matter)
	}
}
