package workflows

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/procedure"
)

func events(from, to int64) (list []procedure.Event) {
	for seq := from; seq <= to; seq++ {
		list = append(list, procedure.Event{Seq: seq, Body: procedure.FormChanged{}})
	}
	return list
}

func TestTailPresses(t *testing.T) {
	var tl tail
	tl.add(events(1, batchSize-1), true)
	require.False(t, tl.pressing(), "requests carried it all")
	require.Equal(t, int64(batchSize), tl.uncarried(batchSize))
	tl.add(events(batchSize, batchSize), true)
	require.True(t, tl.pressing(), "a batch is full")
	tl.confirm(tl.next())
	require.True(t, tl.empty())
	tl.add(events(batchSize+1, batchSize+2), false)
	tl.add(events(batchSize+3, batchSize+3), true)
	require.True(t, tl.pressing(), "nobody else records it")
	require.Equal(t, int64(batchSize+1), tl.uncarried(batchSize+3))
	require.Len(t, tl.since(batchSize+2), 2)
}

// A record is bounded in bytes as well: Temporal ends a run that sends more than it takes.
func TestTailBatchesAreBoundedInBytes(t *testing.T) {
	var tl tail
	list := events(1, 5)
	for i := range list {
		list[i].Body = procedure.FormChanged{Fields: map[string]procedure.Change{"summary": {To: json.RawMessage(`"` + strings.Repeat("a", 500<<10) + `"`)}}}
	}
	tl.add(list, true)
	for _, want := range []int{2, 2, 1} {
		next := tl.next()
		require.Len(t, next, want)
		tl.confirm(next)
	}
	require.True(t, tl.empty())
}

// Whatever comes in while a batch is on its way: every event is recorded once, in order, by batches of bounded size.
func TestTailRecordsEachEventOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tl tail
		var recorded []procedure.Event
		last := int64(0)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			var sent []procedure.Event
			if !tl.empty() {
				sent = tl.next()
			}
			n := rapid.Int64Range(0, 150).Draw(t, "events")
			tl.add(events(last+1, last+n), rapid.Bool().Draw(t, "carried"))
			last += n
			if sent != nil {
				if len(sent) > batchSize {
					t.Fatalf("a batch of %d", len(sent))
				}
				recorded = append(recorded, sent...)
				tl.confirm(sent)
			}
			if tl.recorded != int64(len(recorded)) {
				t.Fatalf("recorded %d, says %d", len(recorded), tl.recorded)
			}
		}
		for !tl.empty() {
			sent := tl.next()
			recorded = append(recorded, sent...)
			tl.confirm(sent)
		}
		for i, e := range recorded {
			if e.Seq != int64(i+1) {
				t.Fatalf("event %d at %d", e.Seq, i+1)
			}
		}
		if int64(len(recorded)) != last {
			t.Fatalf("%d of %d recorded", len(recorded), last)
		}
	})
}
