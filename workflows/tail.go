package workflows

import (
	"encoding/json"

	"duban/internal/procedure"
)

const (
	// batchSize bounds one record, and how many events a run keeps at hand before it records them though requests have.
	batchSize = 200
	// batchBytes bounds one record, and what an action answers with: Temporal ends for good a run that sends two million.
	batchBytes = 1 << 20
)

// tail is what happened since the run last recorded. Most of it is recorded already, by the requests that carried it;
// the run cannot know, and recording twice does no harm.
type tail struct {
	recorded int64 // sequence of the last event the run itself recorded
	events   []procedure.Event
	carried  []bool // by a request, for each event
}

func (t *tail) add(events []procedure.Event, carried bool) {
	for _, e := range events {
		t.events = append(t.events, e)
		t.carried = append(t.carried, carried)
	}
}

func (t *tail) empty() bool { return len(t.events) == 0 }

// pressing reports whether events wait that nobody else records, or more of them than one record should hold.
func (t *tail) pressing() bool {
	return len(t.events) >= batchSize || t.uncarried(0) != 0
}

// uncarried is the sequence of the first event that no request carries, or the given one where there is none.
func (t *tail) uncarried(otherwise int64) int64 {
	for i, carried := range t.carried {
		if !carried {
			return t.events[i].Seq
		}
	}
	return otherwise
}

// since gives the events from the sequence on.
func (t *tail) since(seq int64) []procedure.Event {
	for i, e := range t.events {
		if e.Seq >= seq {
			return append([]procedure.Event(nil), t.events[i:]...)
		}
	}
	return nil
}

// next is the batch to record now: one event at least.
func (t *tail) next() []procedure.Event {
	n, size := 0, 0
	for n < min(len(t.events), batchSize) {
		if size += bytesOf(t.events[n]); n > 0 && size > batchBytes {
			break
		}
		n++
	}
	return append([]procedure.Event(nil), t.events[:n]...)
}

func bytesOf(events ...procedure.Event) int {
	text, err := json.Marshal(events)
	if err != nil {
		return batchBytes // what cannot be written goes by itself, and is told of there
	}
	return len(text)
}

// confirm drops what is recorded.
func (t *tail) confirm(events []procedure.Event) {
	t.recorded = events[len(events)-1].Seq
	t.events = append([]procedure.Event(nil), t.events[len(events):]...)
	t.carried = append([]bool(nil), t.carried[len(events):]...)
}
