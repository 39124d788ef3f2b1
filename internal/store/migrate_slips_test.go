package store_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// Slips that were numbered by their kind keep their numbers, twice given or not; the next number is one nobody has.
func TestSlipsNumberedByKindKeepTheirNumbers(t *testing.T) {
	s := storetest.New(t)
	text, err := os.ReadFile("migrations/0034_slip_numbers.sql")
	require.NoError(t, err)
	up, down, found := strings.Cut(string(text), "-- +goose Down")
	require.True(t, found)
	for range 2 {
		told := finished(t, newSpec("旧"))
		_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
		require.NoError(t, err)
	}
	for _, sql := range []string{down, `UPDATE slip SET prefix = '改办函'`, up} {
		_, err := s.Pool().Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	require.Equal(t, [4]int{4, 2, 1, 2}, numbers(t, s, "改办函"), "as they were given")
	next := finished(t, newSpec("新", func(spec *procedure.Spec) {
		spec.Procedure.Slips[0].Prefix, spec.Procedure.Slips[1].Prefix = "改办函", "改办函"
	}))
	_, err = s.Record(t.Context(), store.Batch{Matter: next.spec.Matter, Spec: &next.spec, Events: next.events})
	require.NoError(t, err)
	require.Equal(t, [4]int{6, 4, 1, 4}, numbers(t, s, "改办函"))
	_, err = s.Pool().Exec(t.Context(), `UPDATE slip SET number = 1 WHERE number = 4`)
	require.Error(t, err, "no number is given twice any more")
}
