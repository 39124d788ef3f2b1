package store_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// entered is a procedure whose matters stand in the ledger by their form.
func entered(leader, due string) func(*procedure.Spec) {
	return func(spec *procedure.Spec) {
		spec.Procedure.Ledger = &procedure.Ledger{Unit: "county", Leader: "leader", Due: "due"}
		spec.Form = maps.Clone(spec.Form)
		spec.Form["leader"], spec.Form["due"] = json.RawMessage(`"`+leader+`"`), json.RawMessage(`"`+due+`"`)
	}
}

func TestLedgerCountsEveryMatterOnceByColour(t *testing.T) {
	s, stories := office(t, 40)
	require.EventuallyWithT(t, func(c *assert.CollectT) { coloursCounted(c, s, stories) }, time.Minute, time.Millisecond) // as [coloured]
}

// coloursCounted holds the ledger's counts against the list of what is overdue.
func coloursCounted(t require.TestingT, s *store.Store, stories []*story) {
	count := func(by store.LedgerBy) (all, overdue int) {
		groups, err := s.Ledger(ctx, store.MatterFilter{}, by)
		require.NoError(t, err)
		for _, g := range groups {
			all, overdue = all+g.Total(), overdue+g.Red
		}
		return all, overdue
	}
	want := 0
	for _, told := range stories {
		if told.state.Stage != "draft" || told.state.Marks["draft.done"] != (time.Time{}) {
			want++
		}
	}
	red, err := s.Matters(ctx, store.MatterFilter{Colour: store.Red}, nil, 100)
	require.NoError(t, err)
	overdue := 0
	for _, m := range red {
		if !m.Draft && m.Closed.IsZero() {
			overdue++
		}
	}
	for _, by := range []store.LedgerBy{store.ByOwner, store.ByLeader, store.ByLevel, store.ByProcedure, store.ByWeek, store.ByMonth, store.ByQuarter, store.ByHalfYear, store.ByYear} {
		all, late := count(by)
		assert.Equal(t, want, all, by)
		assert.Equal(t, overdue, late, by)
	}
	_, err = s.Ledger(ctx, store.MatterFilter{}, "colour")
	require.Error(t, err)
	overview, err := s.Overdue(ctx, []string{"group"}, nil, 3)
	require.NoError(t, err)
	assert.Equal(t, overdue, overview.Total)
	assert.Len(t, overview.Longest, min(3, overdue))
	none, err := s.Overdue(ctx, []string{"elsewhere"}, nil, 3)
	require.NoError(t, err)
	assert.Zero(t, none.Total)
}

func TestLedgerByWhatTheFormSays(t *testing.T) {
	s := storetest.New(t)
	for title, line := range map[string][2]string{"甲": {"副市长", "2026-06-30"}, "乙": {"副市长", "2026-07-01"}, "丙": {"秘书长", "2026-12-31"}} {
		told := newStory(newSpec(title, entered(line[0], line[1])))
		require.NoError(t, told.start(true))
		record(t, s, told)
	}
	keys := func(by store.LedgerBy, f store.LineFilter) map[string]int {
		groups, err := s.Ledger(ctx, store.MatterFilter{Line: f}, by)
		require.NoError(t, err)
		found := map[string]int{}
		for _, g := range groups {
			found[g.Key] = g.Total()
		}
		return found
	}
	assert.Equal(t, map[string]int{"county": 3}, keys(store.ByOwner, store.LineFilter{}))
	assert.Equal(t, map[string]int{"副市长": 2, "秘书长": 1}, keys(store.ByLeader, store.LineFilter{}))
	assert.Equal(t, map[string]int{"2026-01-01": 1, "2026-07-01": 2}, keys(store.ByHalfYear, store.LineFilter{}))
	assert.Equal(t, map[string]int{"2026-04-01": 1, "2026-07-01": 1, "2026-10-01": 1}, keys(store.ByQuarter, store.LineFilter{}))
	assert.Equal(t, map[string]int{"2026-06-29": 2, "2026-12-28": 1}, keys(store.ByWeek, store.LineFilter{}))
	assert.Equal(t, map[string]int{"group/deputy": 2, "group/leader": 2}, keys(store.ByHolder, store.LineFilter{Leader: "副市长"}))
	july := store.LineFilter{From: calendar.Date{Year: 2026, Month: 7, Day: 1}, To: calendar.Date{Year: 2026, Month: 12, Day: 30}}
	assert.Equal(t, map[string]int{"副市长": 1}, keys(store.ByLeader, july))
	assert.Empty(t, keys(store.ByOwner, store.LineFilter{Owner: "group"}))
	assert.Empty(t, keys(store.ByOwner, store.LineFilter{Level: "district"}))
	assert.Empty(t, keys(store.ByOwner, store.LineFilter{Holder: "office/director"}))
	assert.Equal(t, map[string]int{"county": 3}, keys(store.ByOwner, store.LineFilter{Holder: "group/leader", Units: []string{"county"}}))
	leaders, err := s.Leaders(ctx, nil, 10)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"副市长", "秘书长"}, leaders)
	n, err := s.CountMatters(ctx, store.MatterFilter{Line: july}, 100)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

// What the projection says of who had the clock is what the machine does, however the events were cut, and after a
// rebuild.
func TestHeldSegmentsAreTheMachines(t *testing.T) {
	s := storetest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		told := randomStory(rt, newSpec("计时"))
		for events := told.events; len(events) > 0; {
			n := rapid.IntRange(1, len(events)).Draw(rt, "batch")
			_, err := s.Record(ctx, store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: events[:n]})
			require.NoError(rt, err)
			events = events[n:]
		}
		check := func() {
			rows, err := s.Pool().Query(ctx, `SELECT n, string_agg(array_to_string(posts, ','), ',' ORDER BY unit), bool_or(kind = 'system'),
					bool_or(kind = 'suspended'), min(from_at), COALESCE(max(to_at), 'epoch'), sum(once::int), sum(working) FILTER (WHERE once)
				FROM held WHERE matter = $1 GROUP BY n ORDER BY n`, told.spec.Matter)
			require.NoError(rt, err)
			defer rows.Close()
			i := 0
			for ; rows.Next(); i++ {
				var n, once int
				var posts string
				var system, suspended bool
				var from, to time.Time
				var working *int
				require.NoError(rt, rows.Scan(&n, &posts, &system, &suspended, &from, &to, &once, &working))
				hold := told.state.Held[i]
				holder := posts
				if system {
					holder = "system"
				}
				if suspended {
					holder = "suspended:" + posts
				}
				require.Equal(rt, i+1, n)
				require.Equal(rt, hold.Holder, holder)
				require.Equal(rt, 1, once)
				require.True(rt, hold.From.Equal(from))
				if hold.To.IsZero() {
					require.Equal(rt, int64(0), to.Unix())
					require.Nil(rt, working)
				} else {
					require.True(rt, hold.To.Equal(to))
					require.Equal(rt, int(told.state.Calendar.WorkingTime(hold.From, hold.To).Minutes()), *working)
				}
			}
			require.NoError(rt, rows.Err())
			require.Equal(rt, len(told.state.Held), i)
		}
		check()
		require.NoError(rt, s.Reproject(ctx, told.spec.Matter))
		check()
	})
}

func TestHeldIsSummedByHolder(t *testing.T) {
	s := storetest.New(t)
	record(t, s, finished(t, newSpec("已结")))
	running := newStarted(t)
	record(t, s, running)
	now := began.Add(30 * 24 * time.Hour)
	cal := calendar.Calendar{Table: calendar.Shipped()}
	working := map[string]time.Duration{}
	all := map[string]time.Duration{}
	for _, told := range []*story{finished(t, newSpec("已结")), running} {
		for _, hold := range told.state.Held {
			to := hold.To
			if to.IsZero() {
				to = now
			}
			unit := procedure.Post(hold.Holder).Unit()
			if hold.Holder == "system" {
				unit = ""
			}
			working[unit] += cal.WorkingTime(hold.From, to).Truncate(time.Minute)
			all[unit] += to.Sub(hold.From)
		}
	}
	sums, err := s.Held(ctx, store.MatterFilter{}, store.HeldByUnit, now, calendar.Shipped())
	require.NoError(t, err)
	require.Len(t, sums, len(all))
	for _, sum := range sums {
		assert.InDelta(t, working[sum.Key].Minutes(), sum.Working.Minutes(), 2, sum.Key)
		assert.Equal(t, all[sum.Key], sum.Calendar, sum.Key)
		if sum.Key == "group" {
			assert.Equal(t, []int{2, 1}, []int{sum.Matters, sum.Now})
		}
	}
	for by, want := range map[store.HeldBy]int{store.HeldByMatter: 2, store.HeldByProcedure: 1} {
		sums, err := s.Held(ctx, store.MatterFilter{}, by, now, calendar.Shipped())
		require.NoError(t, err)
		keys := map[string]bool{}
		for _, sum := range sums {
			keys[sum.Key] = true
		}
		assert.Len(t, keys, want, by)
	}
	posts, err := s.Held(ctx, store.MatterFilter{Text: "已结"}, store.HeldByPost, now, calendar.Shipped())
	require.NoError(t, err)
	assert.NotEmpty(t, posts)
	_, err = s.Held(ctx, store.MatterFilter{}, "colour", now, calendar.Shipped())
	require.Error(t, err)
}

func TestFiltersAPersonKeeps(t *testing.T) {
	s := storetest.New(t)
	me, other := hired(t, s, "group/leader", ""), hired(t, s, "group/deputy", "")
	id, err := s.SaveFilter(ctx, me, "matters", store.SavedFilter{Name: "逾期", Query: "colour=red"})
	require.NoError(t, err)
	_, err = s.SaveFilter(ctx, me, "matters", store.SavedFilter{Name: "逾期", Query: "colour=amber"})
	require.ErrorIs(t, err, store.ErrNameTaken)
	_, err = s.SaveFilter(ctx, other, "matters", store.SavedFilter{Name: "逾期", Query: "colour=red"})
	require.NoError(t, err)
	require.ErrorIs(t, s.ChangeFilter(ctx, other, store.SavedFilter{ID: id, Name: "他人的"}), store.ErrNotFound)
	require.NoError(t, s.ChangeFilter(ctx, me, store.SavedFilter{ID: id, Name: "红灯", Query: "colour=red"}))
	kept, err := s.SavedFilters(ctx, me, "matters")
	require.NoError(t, err)
	require.Equal(t, []store.SavedFilter{{ID: id, Name: "红灯", Query: "colour=red"}}, kept)
	require.ErrorIs(t, s.DropFilter(ctx, other, id), store.ErrNotFound)
	require.ErrorIs(t, s.DropFilter(ctx, me, "none"), store.ErrNotFound)
	require.NoError(t, s.DropFilter(ctx, me, id))
	for i := range 20 {
		_, err = s.SaveFilter(ctx, me, "matters", store.SavedFilter{Name: string(rune('a' + i)), Query: ""})
		require.NoError(t, err)
	}
	_, err = s.SaveFilter(ctx, me, "matters", store.SavedFilter{Name: "第二十一个", Query: ""})
	require.ErrorIs(t, err, store.ErrTooMany)

	value, err := s.Preference(ctx, me, "columns")
	require.NoError(t, err)
	require.Nil(t, value)
	require.NoError(t, s.PutPreference(ctx, me, "columns", json.RawMessage(`["title"]`)))
	require.NoError(t, s.PutPreference(ctx, me, "columns", json.RawMessage(`["due"]`)))
	value, err = s.Preference(ctx, me, "columns")
	require.NoError(t, err)
	require.JSONEq(t, `["due"]`, string(value))
}

func TestAnExportIsItsPersons(t *testing.T) {
	s := storetest.New(t)
	me, other := hired(t, s, "group/leader", ""), hired(t, s, "group/deputy", "")
	e := store.Export{ID: uuid.NewString(), Name: "事项.xlsx", Total: 3}
	fresh, err := s.BeginExport(ctx, me, e)
	require.NoError(t, err)
	require.True(t, fresh)
	fresh, err = s.BeginExport(ctx, me, e)
	require.NoError(t, err)
	require.False(t, fresh)
	_, err = s.BeginExport(ctx, other, e)
	require.ErrorIs(t, err, store.ErrKeyReused)
	on, err := s.TouchExport(ctx, e.ID, 2)
	require.NoError(t, err)
	require.True(t, on)
	_, _, err = s.ExportFile(ctx, me, e.ID)
	require.ErrorIs(t, err, store.ErrNotFound, "not yet")
	require.NoError(t, s.FinishExport(ctx, e.ID, []byte("xlsx")))
	name, file, err := s.ExportFile(ctx, me, e.ID)
	require.NoError(t, err)
	require.Equal(t, []any{"事项.xlsx", "xlsx"}, []any{name, string(file)})
	_, _, err = s.ExportFile(ctx, other, e.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
	got, err := s.Export(ctx, me, e.ID)
	require.NoError(t, err)
	require.Equal(t, store.Export{ID: e.ID, Name: e.Name, State: store.ExportDone, Done: 3, Total: 3}, got)

	gone := store.Export{ID: uuid.NewString(), Name: "事项.xlsx"}
	_, err = s.BeginExport(ctx, me, gone)
	require.NoError(t, err)
	require.ErrorIs(t, s.CancelExport(ctx, other, gone.ID), store.ErrNotFound)
	require.NoError(t, s.CancelExport(ctx, me, gone.ID))
	on, err = s.TouchExport(ctx, gone.ID, 1)
	require.NoError(t, err)
	require.False(t, on)
	require.NoError(t, s.FinishExport(ctx, gone.ID, []byte("late")))
	got, err = s.Export(ctx, me, gone.ID)
	require.NoError(t, err)
	require.Equal(t, store.ExportCancelled, got.State)

	dead := store.Export{ID: uuid.NewString(), Name: "事项.xlsx"}
	_, err = s.BeginExport(ctx, me, dead)
	require.NoError(t, err)
	_, err = s.Pool().Exec(ctx, `UPDATE export SET touched = now() - interval '2 minutes' WHERE id = $1`, dead.ID)
	require.NoError(t, err)
	got, err = s.Export(ctx, me, dead.ID)
	require.NoError(t, err)
	require.Equal(t, store.ExportFailed, got.State, "its process died")
	require.NoError(t, s.FinishExport(ctx, dead.ID, nil))
	_, err = s.Pool().Exec(ctx, `UPDATE export SET created = now() - interval '2 days' WHERE id = $1`, dead.ID)
	require.NoError(t, err)
	_, err = s.BeginExport(ctx, me, store.Export{ID: uuid.NewString()})
	require.NoError(t, err)
	_, err = s.Export(ctx, me, dead.ID)
	require.ErrorIs(t, err, store.ErrNotFound, "a day is over")
}

func TestAnImportGoesOnWhereItStopped(t *testing.T) {
	s := storetest.New(t)
	me, other := hired(t, s, "group/leader", ""), hired(t, s, "group/deputy", "")
	i := store.Import{ID: uuid.NewString(), Name: "台账.xlsx", Rulebook: "r", Procedure: "p", Unit: "office"}
	rows := []store.ImportRow{{Row: 2, Title: "一", Form: map[string]json.RawMessage{"unit": json.RawMessage(`"a"`)}}, {Row: 3, Title: "二"}, {Row: 5, Title: "三"}}
	fresh, err := s.PutImport(ctx, me, i, rows)
	require.NoError(t, err)
	require.True(t, fresh)
	fresh, err = s.PutImport(ctx, me, i, nil)
	require.NoError(t, err)
	require.False(t, fresh)
	_, err = s.PutImport(ctx, other, i, nil)
	require.ErrorIs(t, err, store.ErrKeyReused)
	matter := uuid.NewString()
	require.NoError(t, s.SettleImportRow(ctx, i.ID, 2, matter, ""))
	require.NoError(t, s.SettleImportRow(ctx, i.ID, 3, "", "不在受理期"))
	left, err := s.ImportRows(ctx, i.ID, true, 0, 10)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, "三", left[0].Title)
	all, err := s.ImportRows(ctx, i.ID, false, 0, 10)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, matter, all[0].Matter)
	require.JSONEq(t, `"a"`, string(all[0].Form["unit"]))
	got, err := s.Import(ctx, me, i.ID)
	require.NoError(t, err)
	require.Equal(t, []int{3, 1, 1}, []int{got.Total, got.Started, got.Refused})
	_, err = s.Import(ctx, other, i.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorIs(t, s.CancelImport(ctx, other, i.ID), store.ErrNotFound)
	require.NoError(t, s.CancelImport(ctx, me, i.ID))
	list, err := s.Imports(ctx, me, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.True(t, list[0].Cancelled)
}
