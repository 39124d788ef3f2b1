package store_test

import (
	"errors"
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

func refusedAs(err error) string {
	var refusal *procedure.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

// administrators are the first ones and another beside each of them.
func administrators(t *testing.T, s *store.Store, now time.Time, post procedure.Post, login string) [2]string {
	t.Helper()
	first, err := s.HoldersOf(t.Context(), []procedure.Post{post}, now)
	require.NoError(t, err)
	require.Len(t, first[post], 1)
	link, err := s.CreatePerson(t.Context(), store.NewPerson{Login: login, Name: "另一管理员"}, "", now)
	require.NoError(t, err)
	return [2]string{first[post][0].Person, link.Person}
}

func TestTheLastAdministratorStays(t *testing.T) {
	for _, post := range []procedure.Post{identity.PostAdministrator, identity.PostSecurity} {
		t.Run(post.Role(), func(t *testing.T) {
			s, now := storetest.New(t), time.Now()
			_, err := s.FirstStart(t.Context(), now.Add(-time.Hour))
			require.NoError(t, err)
			admins := administrators(t, s, now, post, "second")
			disable := func(person string) error { return s.SetDisabled(t.Context(), person, true, "", now) }
			leave := func(person string) error { return s.Depart(t.Context(), person, nil, "", now) }
			assert.Equal(t, "last-administrator", refusedAs(disable(admins[0])))
			assert.Equal(t, "last-administrator", refusedAs(leave(admins[0])))
			p, err := s.Person(t.Context(), admins[0])
			require.NoError(t, err)
			assert.Zero(t, p.Disabled, "nothing of it was done")
			require.NoError(t, disable(admins[1]), "who administers nothing may go")
			require.NoError(t, s.SetDisabled(t.Context(), admins[1], false, "", now))

			term := store.NewHolding{Person: admins[1], Post: post, From: now.Add(-time.Hour), To: now.Add(24 * time.Hour)}
			id, err := s.Assign(t.Context(), term, "", now)
			require.NoError(t, err)
			assert.Equal(t, "last-administrator", refusedAs(disable(admins[0])), "tomorrow there would be nobody")
			assert.Equal(t, "last-administrator", refusedAs(leave(admins[0])))
			require.NoError(t, s.EndHolding(t.Context(), admins[1], id, "", now), "the other stays")

			id, err = s.Assign(t.Context(), store.NewHolding{Person: admins[1], Post: post, From: now}, "", now)
			require.NoError(t, err)
			var left sync.WaitGroup
			var outcomes [2]error
			left.Go(func() { outcomes[0] = disable(admins[0]) })
			left.Go(func() { outcomes[1] = s.EndHolding(t.Context(), admins[1], id, "", now) })
			left.Wait()
			codes := []string{refusedAs(outcomes[0]), refusedAs(outcomes[1])}
			assert.ElementsMatch(t, []string{"", "last-administrator"}, codes, "of two at once one stays: %v", outcomes)
		})
	}
}
