package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// A person leaves by two administrators: one ends the posts, the other bars the account, in either order. Whoever is second
// is told, once, and not when nothing is left to do.
func TestTheSecondAdministratorIsToldOfADeparture(t *testing.T) {
	s, now := storetest.New(t), time.Now()
	_, err := s.FirstStart(t.Context(), now.Add(-time.Hour))
	require.NoError(t, err)
	holders, err := s.HoldersOf(t.Context(), []procedure.Post{identity.PostAdministrator, identity.PostSecurity}, now)
	require.NoError(t, err)
	admin, security := holders[identity.PostAdministrator][0].Person, holders[identity.PostSecurity][0].Person
	told := func(person string) (kinds []string) {
		list, err := s.Notifications(t.Context(), person, false, 0, 10)
		require.NoError(t, err)
		for _, n := range list {
			kinds = append(kinds, n.Kind)
			require.NotEmpty(t, n.Args["name"])
			require.NotEmpty(t, n.Args["by"])
		}
		return kinds
	}

	left := hired(t, s, "bureau/clerk", "")
	require.NoError(t, s.Depart(t.Context(), left, nil, security, now))
	require.Equal(t, []string{store.TellDeparted}, told(admin))
	require.NoError(t, s.SetDisabled(t.Context(), left, true, admin, now))
	require.Empty(t, told(security), "no post is left")

	barred := hired(t, s, "bureau/head", "")
	for range 2 { // barred again is barred once
		require.NoError(t, s.SetDisabled(t.Context(), barred, true, admin, now))
	}
	require.Equal(t, []string{store.TellDisabled}, told(security))
	require.NoError(t, s.Depart(t.Context(), barred, nil, security, now))
	require.Equal(t, []string{store.TellDeparted}, told(admin), "the account is barred already")
}
