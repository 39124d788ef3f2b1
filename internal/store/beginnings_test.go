package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// What did not begin by itself is known until it does, or somebody begins one by hand; of several times the last.
func TestRefusedBeginnings(t *testing.T) {
	s := storetest.New(t)
	spec := newSpec("手动发起", func(spec *procedure.Spec) { spec.At = time.Now().UTC().Add(time.Hour) })
	book, key := spec.Procedure.Rulebook, spec.Procedure.Key
	refuse := func(procedureKey string, day int) {
		t.Helper()
		require.NoError(t, s.BeginRefused(t.Context(), store.RefusedBeginning{Rulebook: book, Procedure: procedureKey,
			Day: calendar.Date{Year: 2027, Month: time.January, Day: day}, Refusal: procedure.Refusal{Code: "begins-otherwise"}}))
	}
	refused := func() (keys []string) {
		t.Helper()
		list, err := s.RefusedBeginnings(t.Context())
		require.NoError(t, err)
		for _, b := range list {
			require.Equal(t, "begins-otherwise", b.Refusal.Code)
			keys = append(keys, b.Procedure+" "+b.Day.String())
		}
		return keys
	}
	refuse("other", 10)
	refuse(key, 10)
	refuse(key, 11)
	require.ElementsMatch(t, []string{"other 2027-01-10", key + " 2027-01-11"}, refused())
	require.NoError(t, s.Begun(t.Context(), book, "other"))
	require.Equal(t, []string{key + " 2027-01-11"}, refused())
	told := newStory(spec)
	require.NoError(t, told.start(true))
	record(t, s, told)
	require.Empty(t, refused())
}
