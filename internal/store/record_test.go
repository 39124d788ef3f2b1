package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// projected is every row about a matter, as text; what may differ between two records of the same events is left out.
func projected(t require.TestingT, s *store.Store, matter string) map[string][]string {
	out := map[string][]string{}
	for table, sql := range map[string]string{
		"matter":            `SELECT to_jsonb(m)::text FROM matter m WHERE id = $1`,
		"event":             `SELECT (to_jsonb(e) - 'recorded')::text FROM event e WHERE matter = $1 ORDER BY seq`,
		"event_early":       `SELECT to_jsonb(e)::text FROM event_early e WHERE matter = $1 ORDER BY seq`,
		"assignment":        `SELECT to_jsonb(a)::text FROM assignment a WHERE matter = $1 ORDER BY id`,
		"slip":              `SELECT to_jsonb(s)::text FROM slip s WHERE matter = $1 ORDER BY id`,
		"slip_receipt":      `SELECT to_jsonb(r)::text FROM slip_receipt r WHERE matter = $1 ORDER BY slip, post`,
		"matter_unit":       `SELECT unit FROM matter_unit WHERE matter = $1 ORDER BY unit`,
		"involvement":       `SELECT to_jsonb(i)::text FROM involvement i WHERE matter = $1 ORDER BY kind, who`,
		"matter_search":     `SELECT words::text FROM matter_search WHERE matter = $1`,
		"matter_attachment": `SELECT to_jsonb(a)::text FROM matter_attachment a WHERE matter = $1 ORDER BY attachment, field`,
		"contribution":      `SELECT to_jsonb(c)::text FROM contribution c WHERE matter = $1 ORDER BY stage, round, unit`,
		"notification":      `SELECT (to_jsonb(n) - 'id' - 'created' - 'not_before')::text FROM notification n WHERE matter = $1 ORDER BY cause, person, channel`,
	} {
		rows, err := s.Pool().Query(context.Background(), sql, matter)
		require.NoError(t, err, table)
		out[table], err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err, table)
	}
	return out
}

func TestRecordOfAWholeMatter(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("关于推进5G基站共建共享的建议"))
	seq, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	assert.Equal(t, told.state.Seq, seq)

	m, err := s.Matter(t.Context(), told.spec.Matter, nil)
	require.NoError(t, err)
	assert.JSONEq(t, asJSON(t, told.spec), asJSON(t, m.Spec))
	assert.JSONEq(t, asJSON(t, told.state), asJSON(t, m.State))
	assert.Equal(t, procedure.Closed, m.Stage)
	assert.Equal(t, procedure.OutcomeCompleted, m.Outcome)
	assert.Equal(t, store.None, m.Colour)
	assert.False(t, m.Draft)
	assert.Equal(t, []string{"archive", "bureau", "county", "group", "office"}, m.Units)

	slips, err := s.Slips(t.Context(), store.SlipFilter{Matter: m.ID}, nil, 10)
	require.NoError(t, err)
	require.Len(t, slips, 2)
	assert.Equal(t, "改办简〔2026〕1号", slips[0].Number())
	assert.Equal(t, "改办催〔2026〕1号", slips[1].Number())
	for _, slip := range slips {
		require.Len(t, slip.Receipts, len(slip.To))
		for _, r := range slip.Receipts {
			assert.False(t, r.Signed.IsZero())
			assert.Equal(t, by(r.Post).Person, r.Person)
		}
	}
	events, err := s.Events(t.Context(), m.ID, 0, 1000)
	require.NoError(t, err)
	require.Len(t, events, len(told.events))
	for i, e := range events {
		assert.JSONEq(t, asJSON(t, told.events[i]), asJSON(t, e.Event))
	}
	broken, err := s.Verify(t.Context())
	require.NoError(t, err)
	assert.Nil(t, broken)
}

func TestRecordTwiceChangesNothing(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("重复"))
	batch := store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events}
	_, err := s.Record(t.Context(), batch)
	require.NoError(t, err)
	before := projected(t, s, told.spec.Matter)
	for range 3 {
		seq, err := s.Record(t.Context(), batch)
		require.NoError(t, err)
		assert.Equal(t, told.state.Seq, seq)
	}
	assert.Equal(t, before, projected(t, s, told.spec.Matter))
}

func TestRecordWaitsForAGap(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("缺口"))
	events := told.events
	seq, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: events[2:]})
	require.NoError(t, err)
	assert.Zero(t, seq)
	m, err := s.Matter(t.Context(), told.spec.Matter, nil)
	require.NoError(t, err)
	assert.Empty(t, m.Stage)
	seq, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: events[1:2]})
	require.NoError(t, err)
	assert.Zero(t, seq)
	seq, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: events[:1]})
	require.NoError(t, err)
	assert.Equal(t, told.state.Seq, seq)
	m, err = s.Matter(t.Context(), told.spec.Matter, nil)
	require.NoError(t, err)
	assert.JSONEq(t, asJSON(t, told.state), asJSON(t, m.State))
}

// A state keeps a calendar of its own once it has one; until then its row holds the days once, in the specification.
func TestTheCalendarIsKeptOnce(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("跨年"))
	require.NoError(t, told.start(true))
	kept := func() bool {
		record(t, s, told)
		other, err := store.Open(t.Context(), s.Pool().Config().ConnString()) // which remembers nothing
		require.NoError(t, err)
		defer other.Close()
		m, err := other.Matter(t.Context(), told.spec.Matter, nil)
		require.NoError(t, err)
		assert.JSONEq(t, asJSON(t, told.state), asJSON(t, m.State))
		var kept bool
		require.NoError(t, s.Pool().QueryRow(t.Context(), `SELECT state ? 'calendar' FROM matter WHERE id = $1`, told.spec.Matter).Scan(&kept))
		return kept
	}
	assert.False(t, kept())
	require.NoError(t, told.try(procedure.Command{Action: procedure.ActionCalendar, Calendar: &procedure.CalendarYear{Year: 2027,
		Off: calendar.SpecialDays{{Year: 2027, Month: 1, Day: 4}: "元旦"}}}))
	assert.True(t, kept())
	require.NoError(t, told.try(procedure.Command{Action: procedure.ActionComment, Actor: by(leader), Opinion: "请抓紧"}))
	assert.True(t, kept())
}

func TestRecordRefusesWhatContradictsTheRecord(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("矛盾"))
	_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: told.events})
	require.ErrorIs(t, err, store.ErrUnknownMatter)

	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events[:3]})
	require.NoError(t, err)
	other := told.spec
	other.Title = "另一事项"
	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &other, Events: told.events[3:]})
	require.ErrorIs(t, err, store.ErrDiverged)

	changed := told.events[1]
	changed.At = changed.At.Add(1)
	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: []procedure.Event{changed}})
	require.ErrorIs(t, err, store.ErrDiverged, "an event that is recorded")

	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: told.events[5:6]})
	require.NoError(t, err)
	changed = told.events[5]
	changed.Key = "another"
	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: []procedure.Event{changed}})
	require.ErrorIs(t, err, store.ErrDiverged, "an event kept aside")
	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: []procedure.Event{told.events[6], changed, told.events[5]}})
	require.ErrorIs(t, err, store.ErrDiverged, "two in one batch")

	seq, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: told.events})
	require.NoError(t, err, "the refused left nothing behind")
	assert.Equal(t, told.state.Seq, seq)
}

// Whatever the batches, their order, their repeats and how many record at once: the rows are those of one fold.
func TestRecordInAnyOrderByAnyNumber(t *testing.T) {
	s, whole := storetest.New(t), storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		told := randomStory(rt, newSpec("任意次序"))
		if rapid.Bool().Draw(rt, "rehearsal") {
			told.spec.Clock = procedure.Clock{Start: told.spec.At, Factor: 600}
		}
		matter := told.spec.Matter
		_, err := whole.Record(t.Context(), store.Batch{Matter: matter, Spec: &told.spec, Events: told.events})
		require.NoError(rt, err)

		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		var batches []store.Batch
		for first := 0; first < len(told.events); {
			last := min(len(told.events), first+1+random.IntN(6))
			for range 1 + random.IntN(2) {
				batches = append(batches, store.Batch{Matter: matter, Spec: &told.spec, Events: told.events[first:last]})
			}
			first = last
		}
		random.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
		next := make(chan store.Batch, len(batches))
		for _, b := range batches {
			next <- b
		}
		close(next)
		var group errgroup.Group
		for range 4 {
			group.Go(func() error {
				for b := range next {
					if _, err := s.Record(t.Context(), b); err != nil {
						return err
					}
				}
				return nil
			})
		}
		require.NoError(rt, group.Wait())

		got, want := projected(rt, s, matter), projected(rt, whole, matter)
		delete(got, "slip") // two databases count two sequences
		delete(want, "slip")
		require.Equal(rt, want, got)
		require.NoError(rt, s.Reproject(t.Context(), matter))
		again := projected(rt, s, matter)
		delete(again, "slip")
		require.Equal(rt, want, again, "projected again")
		broken, err := s.Verify(t.Context())
		require.NoError(rt, err)
		require.Nil(rt, broken)
	})
}

// numbers are how many slips were given a number under a prefix, how many numbers these are, the least and the greatest.
func numbers(t *testing.T, s *store.Store, prefix string) (of [4]int) {
	t.Helper()
	require.NoError(t, s.Pool().QueryRow(t.Context(), `SELECT count(*), count(DISTINCT number), min(number), max(number) FROM slip WHERE prefix = $1`, prefix).
		Scan(&of[0], &of[1], &of[2], &of[3]))
	return of
}

// A number on paper is the prefix, the year and the count: kinds of slip with one prefix count together, and a kind whose
// prefix the rules changed goes on from what the new one came to.
func TestSlipsOfOnePrefixCountTogether(t *testing.T) {
	s := storetest.New(t)
	prefixed := func(title, urging, brief string) {
		told := finished(t, newSpec(title, func(spec *procedure.Spec) {
			spec.Procedure.Slips[0].Prefix, spec.Procedure.Slips[1].Prefix = urging, brief
		}))
		_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
		require.NoError(t, err)
		before := projected(t, s, told.spec.Matter)
		require.NoError(t, s.Reproject(t.Context(), told.spec.Matter))
		require.Equal(t, before, projected(t, s, told.spec.Matter), "numbers given stay")
	}
	prefixed("甲", "改办函", "改办函")
	prefixed("乙", "改办函", "改办函")
	require.Equal(t, [4]int{4, 4, 1, 4}, numbers(t, s, "改办函"))
	prefixed("丙", "改办催", "改办函")
	require.Equal(t, [4]int{5, 5, 1, 5}, numbers(t, s, "改办函"))
	require.Equal(t, [4]int{1, 1, 1, 1}, numbers(t, s, "改办催"))
}

func TestSlipNumbersHaveNoGaps(t *testing.T) {
	s := storetest.New(t)
	const recorders, each = 32, 4
	var mu sync.Mutex
	var stories []*story
	var group errgroup.Group
	for i := range recorders {
		group.Go(func() error {
			for j := range each {
				told := finished(t, newSpec(fmt.Sprint("第", i, "-", j, "号")))
				if _, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events}); err != nil {
					return err
				}
				mu.Lock()
				stories = append(stories, told)
				mu.Unlock()
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	for _, prefix := range []string{"改办催", "改办简"} {
		assert.Equal(t, [4]int{recorders * each, recorders * each, 1, recorders * each}, numbers(t, s, prefix), prefix)
	}

	rehearsed := finished(t, newSpec("演练", func(s *procedure.Spec) { s.Clock = procedure.Clock{Start: s.At, Factor: 1000} }))
	_, err := s.Record(t.Context(), store.Batch{Matter: rehearsed.spec.Matter, Spec: &rehearsed.spec, Events: rehearsed.events})
	require.NoError(t, err)
	slips, err := s.Slips(t.Context(), store.SlipFilter{Matter: rehearsed.spec.Matter}, nil, 10)
	require.NoError(t, err)
	require.Len(t, slips, 2)
	assert.True(t, slips[0].Rehearsal)
	assert.EqualValues(t, 1, slips[0].Sequence, "a rehearsal counts by itself")

	for _, told := range stories[:3] {
		before := projected(t, s, told.spec.Matter)
		require.NoError(t, s.Reproject(t.Context(), told.spec.Matter))
		assert.Equal(t, before, projected(t, s, told.spec.Matter), "numbers given stay")
	}
}
