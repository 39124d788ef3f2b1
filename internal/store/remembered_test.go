package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// remembering makes the store hear announcements until the test ends.
func remembering(t *testing.T, s *store.Store) (changes <-chan store.Announcement) {
	t.Helper()
	hub := s.NewHub(quiet())
	changes, cancel := hub.Subscribe()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { hub.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait(); cancel() })
	require.True(t, (<-changes).Missed())
	return changes
}

// What is remembered of a session never outlives the session: not where it was ended here, nor where by somebody else's
// statement. That the answer does come from memory is shown by a database that does not answer.
func TestASessionRememberedEndsAtOnce(t *testing.T) {
	p := newPeople(t)
	a := p.activate("a.person")
	p.assign(a, "office/clerk")
	remembering(t, p.Store)
	open := func() (token string, b store.Bearer) {
		token, err := p.logIn("a.person", password, "10.0.0.1")
		require.NoError(t, err)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.EventuallyWithT(t, func(c *assert.CollectT) { // an announcement of before may still come
			b = p.bearer(token)
			again, err := p.Session(gone, token, p.now)
			require.NoError(c, err, "from memory")
			require.Equal(c, b, again)
		}, time.Minute, time.Millisecond)
		return token, b
	}

	token, b := open()
	require.NoError(t, p.EndSession(t.Context(), a, b.Session.ID, p.now))
	_, err := p.Session(t.Context(), token, p.now)
	require.ErrorIs(t, err, store.ErrNotFound, "ended here")

	for what, sql := range map[string]string{
		"the session ended":   `UPDATE session SET ended_at = now()`,
		"the person disabled": `UPDATE person SET disabled_at = now()`,
	} {
		token, _ = open()
		_, err = p.Pool().Exec(t.Context(), sql)
		require.NoError(t, err)
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			_, err = p.Session(t.Context(), token, p.now)
			assert.ErrorIs(c, err, store.ErrNotFound, what)
		}, time.Minute, time.Millisecond, "by the person's clock nothing remembered grows old")
		_, err = p.Pool().Exec(t.Context(), `UPDATE person SET disabled_at = NULL`)
		require.NoError(t, err)
	}

	token, b = open()
	require.True(t, b.Holds("office/clerk"))
	_, err = p.Pool().Exec(t.Context(), `UPDATE holding SET to_at = $1`, p.now)
	require.NoError(t, err)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		b, err = p.Session(t.Context(), token, p.now)
		assert.NoError(c, err)
		assert.False(c, b.Holds("office/clerk"))
	}, time.Minute, time.Millisecond)

	token, b = open()
	_, err = p.Session(t.Context(), token, b.Session.Expires)
	assert.ErrorIs(t, err, store.ErrNotFound, "by its own term, to the instant")
}

// Counts come from memory and follow every action, whoever records it.
func TestCountsFollowWhatIsRecorded(t *testing.T) {
	s := storetest.New(t)
	other, err := store.Open(t.Context(), s.Pool().Config().ConnString())
	require.NoError(t, err)
	t.Cleanup(other.Close)
	changes := remembering(t, s)
	posts := []procedure.Post{leader, director}
	total := func() (n int) {
		counts, err := s.AssignmentCounts(t.Context(), posts, time.Time{}, time.Time{})
		require.NoError(t, err)
		for _, count := range counts.Colour {
			n += count
		}
		return n
	}
	require.Zero(t, total())
	for i, by := range []*store.Store{s, other, s, other} {
		record(t, by, newStarted(t))
		<-changes
		require.Equal(t, i+1, total())
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.Eventually(t, func() bool { // which lasts for seconds: a machine may stand still for longer
			total()
			_, err := s.AssignmentCounts(gone, posts, time.Time{}, time.Time{})
			return err == nil
		}, time.Minute, time.Millisecond, "from memory")
	}
}

func TestConfined(t *testing.T) {
	for _, c := range []struct {
		posts    []procedure.Post
		confined bool
	}{
		{nil, false}, {[]procedure.Post{leader}, true}, {[]procedure.Post{leader, director}, false},
		{[]procedure.Post{identity.PostAuditor}, false}, {[]procedure.Post{leader, identity.PostAuditor}, false},
	} {
		a := identity.NewActor(procedure.Actor{Posts: c.posts}, func(unit string) (string, bool) { return "zibo", unit == director.Unit() })
		_, confined := identity.Confined(a)
		assert.Equal(t, c.confined, confined, c.posts)
	}
}
