package public

import (
	"container/list"
	"time"
)

// recent remembers something of each that came lately. Who has not come for a while is forgotten; when there are too many,
// only whoever has not come for longest.
type recent[V any] struct {
	keep    time.Duration
	most    int
	entries map[string]*list.Element
	order   *list.List // of *entry[V], who has not come for longest first
}

type entry[V any] struct {
	who  string
	last time.Time
	what V
}

func newRecent[V any](keep time.Duration, most int) *recent[V] {
	return &recent[V]{keep: keep, most: most, entries: map[string]*list.Element{}, order: list.New()}
}

// of is what is remembered of somebody who comes now; the zero value of who was not here before, or is forgotten.
func (r *recent[V]) of(who string, now time.Time) *V {
	for first := r.order.Front(); first != nil && now.Sub(first.Value.(*entry[V]).last) > r.keep; first = r.order.Front() {
		r.forget(first)
	}
	found := r.entries[who]
	if found == nil {
		if len(r.entries) >= r.most {
			r.forget(r.order.Front())
		}
		found = r.order.PushBack(&entry[V]{who: who})
		r.entries[who] = found
	}
	r.order.MoveToBack(found)
	e := found.Value.(*entry[V])
	e.last = now
	return &e.what
}

// known is the same without remembering that they came.
func (r *recent[V]) known(who string) (what V) {
	if found := r.entries[who]; found != nil {
		what = found.Value.(*entry[V]).what
	}
	return what
}

func (r *recent[V]) forget(e *list.Element) { delete(r.entries, r.order.Remove(e).(*entry[V]).who) }

// bucket lets everybody do something so many times at once, and then once in a while. Who has not come until theirs is full
// again is as one who never did.
type bucket struct {
	every time.Duration
	burst int
	full  *recent[time.Time] // when it is full again
}

func newBucket(every time.Duration, burst, most int) *bucket {
	return &bucket{every: every, burst: burst, full: newRecent[time.Time](every*time.Duration(burst), most)}
}

// has says whether somebody may do it now.
func (b *bucket) has(who string, now time.Time) bool {
	return b.full.known(who).Sub(now) <= b.every*time.Duration(b.burst-1)
}

// take says the same, and that they do.
func (b *bucket) take(who string, now time.Time) bool {
	if !b.has(who, now) {
		return false
	}
	full := b.full.of(who, now)
	if full.Before(now) {
		*full = now
	}
	*full = full.Add(b.every)
	return true
}
