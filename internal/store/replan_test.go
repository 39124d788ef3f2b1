package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// An import notes the matters to be told; each is given to one teller at a time, and of an import made meanwhile it is
// told again.
func TestAnImportNotesWhoIsToBeTold(t *testing.T) {
	s := storetest.New(t)
	var matters []string
	for range 3 {
		told := newStory(newSpec("跨年", func(spec *procedure.Spec) { spec.At = time.Date(2026, 12, 30, 1, 0, 0, 0, time.UTC) }))
		require.NoError(t, told.start(true))
		record(t, s, told)
		matters = append(matters, told.spec.Matter)
	}
	year := calendar.Year{Year: 2027, Off: map[calendar.Date]string{{Year: 2027, Month: 1, Day: 4}: "元旦"}, Work: map[calendar.Date]string{}}
	pending := func() int {
		n, err := s.Replans(t.Context(), 2027)
		require.NoError(t, err)
		return n
	}
	told, err := s.PutCalendarYear(t.Context(), year, "admin")
	require.NoError(t, err)
	assert.Equal(t, []int{3, 3}, []int{told, pending()})
	told, err = s.PutCalendarYear(t.Context(), year, "admin")
	require.NoError(t, err)
	assert.Zero(t, told, "the same notice again")

	first, err := s.LeaseReplans(t.Context(), 2)
	require.NoError(t, err)
	rest, err := s.LeaseReplans(t.Context(), 10)
	require.NoError(t, err)
	var given []string
	for _, r := range append(append([]store.Replan{}, first...), rest...) {
		given = append(given, r.Matter)
		assert.Equal(t, year, r.Year.Year)
	}
	assert.ElementsMatch(t, matters, given)
	require.NoError(t, s.Replanned(t.Context(), first[0]))
	require.NoError(t, s.ReturnReplans(t.Context(), rest))
	assert.Equal(t, 2, pending())
	years, err := s.CalendarYears(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{3, 2}, []int{years[0].Told, years[0].Pending}, "how far it has come")
	again, err := s.LeaseReplans(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, rest, again)

	year.Off[calendar.Date{Year: 2027, Month: 1, Day: 5}] = "元旦"
	_, err = s.PutCalendarYear(t.Context(), year, "admin")
	require.NoError(t, err)
	require.NoError(t, s.Replanned(t.Context(), first[1]), "by the notice that was replaced")
	assert.Equal(t, 3, pending())
}
