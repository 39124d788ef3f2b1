package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

func recorded(t *testing.T, s *store.Store, title string, submit bool) *story {
	t.Helper()
	told := newStory(newSpec(title))
	require.NoError(t, told.start(submit))
	_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	return told
}

func TestOneProcessWatchesAtATime(t *testing.T) {
	s := storetest.New(t)
	for _, c := range []struct {
		holder string
		lasts  time.Duration
		held   bool
	}{{"a", time.Minute, true}, {"b", time.Minute, false}, {"a", 0, true}, {"b", time.Minute, true}, {"a", time.Minute, false}} {
		held, err := s.Watch(t.Context(), c.holder, c.lasts)
		require.NoError(t, err)
		assert.Equal(t, c.held, held, c.holder)
	}
	held, err := s.Find(t.Context(), "a", []store.Finding{{Kind: store.IncidentWorker, Subject: "duban", Began: began}}, nil)
	require.NoError(t, err)
	assert.False(t, held, "who no longer watches writes nothing")
	require.NoError(t, s.EndWatch(t.Context(), "b"))
	held, err = s.Watch(t.Context(), "a", time.Minute)
	require.NoError(t, err)
	assert.True(t, held)
	list, err := s.Incidents(t.Context(), store.IncidentFilter{}, 0, 10)
	require.NoError(t, err)
	assert.Empty(t, list)
}

func TestAnIncidentIsOpenOnceAndToldOnce(t *testing.T) {
	s := storetest.New(t)
	require.NoError(t, func() error { _, err := s.Watch(t.Context(), "a", time.Hour); return err }())
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO person (id, login, name, created_at) VALUES ($1, 'sysadmin', '管理员', now())`, by("x/y").Person)
	require.NoError(t, err)
	_, err = s.Pool().Exec(t.Context(), `INSERT INTO holding (person, post, from_at) VALUES ($1, 'system/administrator', now() - interval '1 day')`, by("x/y").Person)
	require.NoError(t, err)
	shown, hidden := recorded(t, s, "通知", true), recorded(t, s, "草稿", false)
	find := func(attempts int, matters ...*story) {
		t.Helper()
		var found []store.Finding
		for _, m := range matters {
			found = append(found, store.Finding{Kind: store.IncidentActivity, Subject: m.spec.Matter, Matter: m.spec.Matter, Began: began,
				Attempts: attempts, Fault: "坏了", Details: map[string]any{"activity": "Record"}})
		}
		held, err := s.Find(t.Context(), "a", found, nil)
		require.NoError(t, err)
		assert.True(t, held)
	}
	find(1, shown, hidden)
	find(2, shown, hidden)
	yes, no := true, false
	open, err := s.Incidents(t.Context(), store.IncidentFilter{Open: &yes}, 0, 10)
	require.NoError(t, err)
	require.Len(t, open, 2)
	assert.Equal(t, []string{"", "通知"}, []string{open[0].Title, open[1].Title}, "a draft's title is its unit's alone")
	assert.Equal(t, 2, open[1].Attempts)
	assert.Equal(t, began, open[1].Began)
	assert.Equal(t, "Record", open[1].Details["activity"])
	told, err := s.Notifications(t.Context(), by("x/y").Person, false, 0, 10)
	require.NoError(t, err)
	assert.Len(t, told, 2, "once each")
	_, err = s.Pool().Exec(t.Context(), `UPDATE matter SET parent = $2 WHERE id = $1`, hidden.spec.Matter, shown.spec.Matter)
	require.NoError(t, err)
	open, err = s.Incidents(t.Context(), store.IncidentFilter{Open: &yes}, 0, 10)
	require.NoError(t, err)
	assert.Equal(t, "草稿", open[0].Title, "what another matter started is called as the rules call it")
	counts, err := s.OpenIncidents(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]int{store.IncidentActivity: 2}, counts)

	_, err = s.Find(t.Context(), "a", nil, []int64{open[1].ID})
	require.NoError(t, err)
	closed, err := s.Incidents(t.Context(), store.IncidentFilter{Open: &no, Matter: shown.spec.Matter}, 0, 10)
	require.NoError(t, err)
	require.Len(t, closed, 1)
	assert.False(t, closed[0].Closed.IsZero())
	find(1, shown)
	again, err := s.Incidents(t.Context(), store.IncidentFilter{Matter: shown.spec.Matter}, 0, 10)
	require.NoError(t, err)
	require.Len(t, again, 2, "what comes again is another incident")
	assert.Greater(t, again[0].ID, again[1].ID)
}

func TestAnOutageIsKeptOnceItIsOver(t *testing.T) {
	s := storetest.New(t)
	for _, holder := range []string{"a", "b", "b"} {
		_, err := s.Watch(t.Context(), holder, time.Hour)
		require.NoError(t, err)
		require.NoError(t, s.FindPast(t.Context(), holder, store.Finding{Kind: store.IncidentDatabase, Subject: "postgres", Began: began}, began.Add(time.Minute)))
		require.NoError(t, s.EndWatch(t.Context(), holder))
	}
	list, err := s.Incidents(t.Context(), store.IncidentFilter{}, 0, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, began.Add(time.Minute), list[0].Closed)
}

func TestWhatLooksStuck(t *testing.T) {
	s := storetest.New(t)
	fine, late, early := recorded(t, s, "好的", true), recorded(t, s, "晚的", true), recorded(t, s, "缺的", true)
	_, err := s.Pool().Exec(t.Context(), `UPDATE matter SET wake = CASE WHEN id = $1 THEN now() - interval '1 hour' ELSE now() + interval '1 hour' END`, late.spec.Matter)
	require.NoError(t, err)
	key := matterID()
	_, _, err = s.Accept(t.Context(), store.Entry{Key: key, Person: "p", Matter: fine.spec.Matter, Kind: store.KindAct, BodyHash: "h"})
	require.NoError(t, err)
	_, err = s.Pool().Exec(t.Context(), `UPDATE journal SET at = now() - interval '1 minute'`)
	require.NoError(t, err)
	early.wait(30 * 24 * time.Hour)
	_, err = s.Record(t.Context(), store.Batch{Matter: early.spec.Matter, Events: early.events[len(early.events)-1:]})
	require.NoError(t, err)
	suspects, err := s.Suspects(t.Context(), 20*time.Second, 100)
	require.NoError(t, err)
	found := map[string]store.Suspect{}
	for _, x := range suspects {
		found[x.Matter] = x
	}
	require.Len(t, found, 3)
	assert.False(t, found[late.spec.Matter].Late.IsZero())
	assert.False(t, found[fine.spec.Matter].Open.IsZero())
	assert.True(t, found[early.spec.Matter].Early)
	assert.Equal(t, fine.state.Seq, found[fine.spec.Matter].Seq)
}

func TestMattersAreListedByTheirClock(t *testing.T) {
	s := storetest.New(t)
	draft, first := recorded(t, s, "草稿", false), recorded(t, s, "通知", true)
	rehearsed := newStory(newSpec("演练", func(spec *procedure.Spec) { spec.Clock = procedure.Clock{Start: began, Factor: 100} }))
	require.NoError(t, rehearsed.start(true))
	_, err := s.Record(t.Context(), store.Batch{Matter: rehearsed.spec.Matter, Spec: &rehearsed.spec, Events: rehearsed.events})
	require.NoError(t, err)
	over := finished(t, newSpec("办结"))
	_, err = s.Record(t.Context(), store.Batch{Matter: over.spec.Matter, Spec: &over.spec, Events: over.events})
	require.NoError(t, err)

	ids := func(timed bool, text string, limit int) (ids []string) {
		t.Helper()
		var after *store.RunningCursor
		for {
			page, err := s.RunningMatters(t.Context(), timed, text, after, limit)
			require.NoError(t, err)
			for _, r := range page {
				ids = append(ids, r.ID)
			}
			if len(page) < limit {
				return ids
			}
			at := page[len(page)-1].Cursor()
			after = &at
		}
	}
	all := []string{rehearsed.spec.Matter, first.spec.Matter, draft.spec.Matter}
	assert.Equal(t, all, ids(false, "", 1))
	assert.Equal(t, all[:2], ids(true, "", 1), "a draft has no clock")
	assert.Equal(t, all[1:2], ids(false, "通知", 10))
	assert.Empty(t, ids(false, "草稿", 10), "a draft is not found by its words")
	page, err := s.RunningMatters(t.Context(), true, "", nil, 10)
	require.NoError(t, err)
	assert.Equal(t, procedure.Wake(first.state), page[1].Wake)
	assert.Equal(t, rehearsed.spec.Clock.Wall(procedure.Wake(rehearsed.state)).UTC().Truncate(time.Microsecond), page[0].Wake)

	// What was recorded before clocks were kept is worked out afterwards.
	_, err = s.Pool().Exec(t.Context(), `UPDATE matter SET wake = '-infinity'`)
	require.NoError(t, err)
	filled, err := s.FillWakes(t.Context(), 3)
	require.NoError(t, err)
	assert.Equal(t, 3, filled)
	filled, err = s.FillWakes(t.Context(), 3)
	require.NoError(t, err)
	assert.Equal(t, 1, filled)
	assert.Equal(t, all, ids(false, "", 2))
}

func TestPartsSayThatTheyAreThere(t *testing.T) {
	s := storetest.New(t)
	now, err := s.Beat(t.Context(), store.Part{ID: "a", Works: true, Version: "1", Started: began, Drift: 3 * time.Second})
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), now, time.Minute)
	_, err = s.Beat(t.Context(), store.Part{ID: "b", Serves: true, Started: began})
	require.NoError(t, err)
	parts, err := s.Parts(t.Context())
	require.NoError(t, err)
	require.Len(t, parts, 2)
	assert.Equal(t, 3*time.Second, parts[0].Drift)
	_, err = s.Pool().Exec(t.Context(), `UPDATE part SET seen = now() - interval '1 minute' WHERE id = 'a'`)
	require.NoError(t, err)
	parts, err = s.Parts(t.Context())
	require.NoError(t, err)
	assert.Len(t, parts, 1, "one that is silent is gone")
	gone, err := s.WorkerGone(t.Context())
	require.NoError(t, err)
	assert.False(t, gone.IsZero())
	require.NoError(t, s.Leave(t.Context(), "b"))
	parts, err = s.Parts(t.Context())
	require.NoError(t, err)
	assert.Empty(t, parts)
}

func TestMailTriedInVainIsSummedUpAndTriedAgain(t *testing.T) {
	s := storetest.New(t)
	hired(t, s, leader, "leader@example.org")
	recorded(t, s, "通知", true)
	mails, err := s.LeaseMail(t.Context(), 10)
	require.NoError(t, err)
	if len(mails) == 0 { // outside working hours it waits
		_, err = s.Pool().Exec(t.Context(), `UPDATE notification SET not_before = now()`)
		require.NoError(t, err)
		mails, err = s.LeaseMail(t.Context(), 10)
		require.NoError(t, err)
	}
	require.Len(t, mails, 1)
	require.NoError(t, s.FailMail(t.Context(), store.MailConnect, mails[0].ID))
	failing, err := s.FailingMails(t.Context())
	require.NoError(t, err)
	require.Len(t, failing, 1)
	assert.Equal(t, store.MailConnect, failing[0].Fault)
	assert.Equal(t, 1, failing[0].Attempts)
	n, err := s.RetryMail(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	mails, err = s.LeaseMail(t.Context(), 10)
	require.NoError(t, err)
	assert.Len(t, mails, 1)
}
