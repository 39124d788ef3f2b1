package store

import (
	"sync"
	"time"
)

const (
	memoryAge  = 5 * time.Second // what an announcement lost on the way would have changed is read again after it
	memorySize = 10_000
)

// memory keeps what requests ask again and again: who bears a session, what waits on a post. It does so only while the
// database's announcements are heard, forgets what one says has changed, and keeps nothing for longer than a moment.
type memory[K comparable, V any] struct {
	mu    sync.Mutex
	heard bool
	turn  int // of forgetting: what was read before one is not kept after it
	kept  map[K]remembered[V]
}

type remembered[V any] struct {
	value V
	at    time.Time
}

// get gives what is kept of the key, no older than a moment, and the turn to put by what is read instead.
func (m *memory[K, V]) get(key K, now time.Time) (value V, turn int, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.kept[key]
	age := now.Sub(one.at)
	return one.value, m.turn, ok && age >= 0 && age < memoryAge
}

// put keeps what was read at now, unless something was forgotten since the turn.
func (m *memory[K, V]) put(key K, value V, now time.Time, turn int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.heard || turn != m.turn {
		return
	}
	if m.kept == nil || len(m.kept) >= memorySize {
		m.kept = map[K]remembered[V]{}
	}
	m.kept[key] = remembered[V]{value, now}
}

// forget drops the keys' values; of no key, all.
func (m *memory[K, V]) forget(keys ...K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn++
	for _, key := range keys {
		delete(m.kept, key)
	}
	if len(keys) == 0 {
		clear(m.kept)
	}
}

// hear says whether announcements are heard from now on; what came before was not.
func (m *memory[K, V]) hear(heard bool) {
	m.forget()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard = heard
}
