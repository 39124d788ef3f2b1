package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/message"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/workflows/workflowtest"
)

func kindsTold(t *testing.T, s *store.Store, person string) map[string]int {
	t.Helper()
	list, err := s.Notifications(t.Context(), person, false, 0, 1000)
	require.NoError(t, err)
	kinds := map[string]int{}
	for _, n := range list {
		kinds[n.Kind]++
		assert.Equal(t, "通知", n.Args["title"])
	}
	return kinds
}

func TestWhoIsToldOfWhat(t *testing.T) {
	s := storetest.New(t)
	people := map[procedure.Post]string{}
	for _, post := range []procedure.Post{clerk, leader, deputy, director, county, "archive/clerk"} {
		people[post] = hired(t, s, post, "")
	}
	told := finished(t, newSpec("通知", func(spec *procedure.Spec) { spec.Starter.Person = people[clerk] }))
	for range 2 { // told once
		_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
		require.NoError(t, err)
	}
	// The clerk: the draft returned to him and its to-do, the end. He opened the first draft himself.
	assert.Equal(t, map[string]int{store.TellReturned: 1, store.TellOpen: 1, store.TellClosed: 1}, kindsTold(t, s, people[clerk]))
	// The leader: two reviews; the term comes near, is over; the urging slip and the brief.
	assert.Equal(t, map[string]int{store.TellAssignment: 2, store.TellNotice: 1, store.TellUrge: 1, store.TellSlip: 2}, kindsTold(t, s, people[leader]))
	assert.Equal(t, map[string]int{store.TellAssignment: 2, store.TellNotice: 1, store.TellUrge: 1}, kindsTold(t, s, people[deputy]))
	assert.Equal(t, map[string]int{store.TellEscalate: 1, store.TellOpen: 1}, kindsTold(t, s, people[director]))
	assert.Equal(t, map[string]int{store.TellSlip: 1}, kindsTold(t, s, people[county]))
	assert.Equal(t, map[string]int{store.TellCopied: 1}, kindsTold(t, s, people["archive/clerk"]))

	list, err := s.Notifications(t.Context(), people[county], true, 0, 10)
	require.NoError(t, err)
	assert.Equal(t, "改办简〔2026〕1号", list[0].Args["number"])
	count, err := s.Unread(t.Context(), people[leader])
	require.NoError(t, err)
	assert.Equal(t, 6, count)
	list, err = s.Notifications(t.Context(), people[leader], true, 0, 2)
	require.NoError(t, err)
	require.NoError(t, s.MarkRead(t.Context(), people[leader], list[0].ID, false))
	require.NoError(t, s.MarkRead(t.Context(), people[county], list[1].ID, true), "another's are not touched")
	count, err = s.Unread(t.Context(), people[leader])
	require.NoError(t, err)
	assert.Equal(t, 5, count)
	require.NoError(t, s.MarkRead(t.Context(), people[leader], list[0].ID, true))
	count, err = s.Unread(t.Context(), people[leader])
	require.NoError(t, err)
	assert.Zero(t, count)
}

func TestDeputiesAreToldAndFormerHoldersAreNot(t *testing.T) {
	s := storetest.New(t)
	holder, deputised, former := hired(t, s, leader, ""), hired(t, s, county, ""), hired(t, s, deputy, "")
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO deputy (person, post, for_person, from_at, to_at) VALUES ($1, $2, $3, now() - interval '1 day', now() + interval '1 day')`,
		deputised, string(leader), holder)
	require.NoError(t, err)
	_, err = s.Pool().Exec(t.Context(), `UPDATE holding SET to_at = now() - interval '1 day' WHERE person = $1`, former)
	require.NoError(t, err)
	told := newStory(newSpec("通知"))
	require.NoError(t, told.start(true))
	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	assert.Len(t, kindsTold(t, s, holder), 1)
	assert.Len(t, kindsTold(t, s, deputised), 1)
	assert.Empty(t, kindsTold(t, s, former))
}

// mailTimes gives when mails may go, by kind.
func mailTimes(t *testing.T, s *store.Store) map[string]time.Time {
	t.Helper()
	rows, err := s.Pool().Query(t.Context(), `SELECT kind, min(not_before) FROM notification WHERE channel = 'mail' GROUP BY kind`)
	require.NoError(t, err)
	defer rows.Close()
	times := map[string]time.Time{}
	for rows.Next() {
		var kind string
		var at time.Time
		require.NoError(t, rows.Scan(&kind, &at))
		times[kind] = at.UTC()
	}
	require.NoError(t, rows.Err())
	return times
}

func TestMailIsQuietOutsideWorkingHours(t *testing.T) {
	saturday := time.Date(2026, 3, 7, 4, 0, 0, 0, time.UTC)
	monday := time.Date(2026, 3, 9, 0, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		clock procedure.Clock
		want  time.Time
	}{
		"a matter":    {procedure.Clock{}, monday},
		"a rehearsal": {procedure.Clock{Start: saturday, Factor: 100}, saturday},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(t)
			hired(t, s, leader, "leader@example.org")
			told := newStory(newSpec("通知", func(spec *procedure.Spec) { spec.At, spec.Clock = saturday, c.clock }))
			require.NoError(t, told.start(true))
			_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
			require.NoError(t, err)
			assert.Equal(t, map[string]time.Time{store.TellAssignment: c.want}, mailTimes(t, s))
		})
	}
	s := storetest.New(t)
	hired(t, s, director, "director@example.org")
	told := newStory(newSpec("通知"))
	require.NoError(t, told.start(true))
	told.wait(20 * 24 * time.Hour)
	_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	for _, e := range told.events {
		if b, ok := e.Body.(procedure.AlarmFired); ok && b.Do == procedure.DoEscalate {
			assert.True(t, b.Urgent)
			assert.Equal(t, e.At.UTC(), mailTimes(t, s)[store.TellEscalate], "urgent mail goes at once")
		}
	}
}

func TestMailIsSentUntilAcceptedAndNeverAgain(t *testing.T) {
	s := storetest.New(t)
	person := hired(t, s, leader, "leader@example.org")
	told := newStory(newSpec("通知"))
	require.NoError(t, told.start(true))
	_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	mails, err := s.LeaseMail(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, mails, 1)
	mail := mails[0]
	assert.Equal(t, []string{person, "leader@example.org", "初审"}, []string{mail.Person, mail.Address, mail.Args["stage"].(string)})
	for attempt := range 3 {
		more, err := s.LeaseMail(t.Context(), 10)
		require.NoError(t, err)
		assert.Empty(t, more, "leased, or put off")
		var before, next, after time.Time
		require.NoError(t, s.Pool().QueryRow(t.Context(), `SELECT now()`).Scan(&before))
		require.NoError(t, s.FailMail(t.Context(), "no answer", mail.ID))
		require.NoError(t, s.Pool().QueryRow(t.Context(), `SELECT not_before, now() FROM notification WHERE id = $1`, mail.ID).Scan(&next, &after))
		wait := time.Minute << attempt
		assert.WithinRange(t, next, before.Add(wait), after.Add(wait))
		_, err = s.Pool().Exec(t.Context(), `UPDATE notification SET not_before = now()`)
		require.NoError(t, err)
		again, err := s.LeaseMail(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, again, 1)
		assert.Equal(t, mail.Key, again[0].Key)
		assert.Equal(t, attempt+1, again[0].Attempts)
	}
	require.NoError(t, s.AcceptMail(t.Context(), mail.ID))
	require.NoError(t, s.FailMail(t.Context(), "too late to fail", mail.ID))
	_, err = s.Pool().Exec(t.Context(), `UPDATE notification SET not_before = now()`)
	require.NoError(t, err)
	_, err = s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	more, err := s.LeaseMail(t.Context(), 10)
	require.NoError(t, err)
	assert.Empty(t, more)
}

// Who may look into a vote before it is counted is told that it can be done, and until when.
func TestTheOfficeIsToldOfAReview(t *testing.T) {
	p := workflowtest.Promotion()
	p.Urge = &procedure.Urge{By: []procedure.Role{"office/clerk", "office/director"}, Every: *workdays(1)}
	before := procedure.New(workflowtest.Spec(p, matterID(), began))
	before.Stage, before.Polls = "vote", []procedure.Polling{{Notice: procedure.Notice{Stage: "vote"}, Phase: procedure.PollClosing}}
	told := store.Foresee(before, []procedure.Event{{Seq: 1, At: began, Body: procedure.PollUnderReview{Stage: "vote", Until: began.Add(time.Hour)}}})
	require.Len(t, told, 1)
	assert.Equal(t, store.TellReview, told[0].Kind)
	assert.Equal(t, []procedure.Post{"office/clerk", "office/director"}, told[0].Posts)
}

func TestEveryKindHasItsText(t *testing.T) {
	for _, kind := range store.NotificationKinds {
		assert.True(t, message.Has("notifications."+kind), kind)
	}
}
