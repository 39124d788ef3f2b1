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

func TestRelatedAreTheMattersOneStarted(t *testing.T) {
	s := storetest.New(t)
	parent := newStarted(t)
	record(t, s, parent)
	var want []string
	for range 3 {
		child := newStory(newSpec("子事项", func(spec *procedure.Spec) {
			spec.Parent = &procedure.Parent{Matter: parent.spec.Matter, Title: parent.spec.Title, Link: "track"}
		}))
		require.NoError(t, child.start(true))
		record(t, s, child)
		want = append(want, child.spec.Matter)
	}
	list, err := s.Related(t.Context(), parent.spec.Matter, nil)
	require.NoError(t, err)
	var got []string
	for _, m := range list {
		got = append(got, m.ID)
		assert.Equal(t, parent.spec.Matter, m.Parent)
	}
	assert.ElementsMatch(t, want, got)
}

func TestUnsettledAreThoseWhoseTermsRestOnAYearToCome(t *testing.T) {
	s := storetest.New(t)
	late := time.Date(2026, 12, 30, 1, 0, 0, 0, time.UTC)
	var want []string
	for i, at := range []time.Time{late, began, late} {
		told := newStory(newSpec("跨年", func(spec *procedure.Spec) { spec.At = at }))
		require.NoError(t, told.start(true))
		if i == 2 { // told of the year
			require.NoError(t, told.try(procedure.Command{Action: procedure.ActionCalendar, Calendar: &procedure.CalendarYear{Year: 2027}}))
		}
		record(t, s, told)
		if i == 0 {
			want = append(want, told.spec.Matter)
		}
	}
	got, err := s.Unsettled(t.Context(), "", 10)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = s.Unsettled(t.Context(), want[0], 10)
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestReprojectRebuildsWhatWasLost(t *testing.T) {
	s := storetest.New(t)
	var stories []*story
	for range 3 {
		told := finished(t, newSpec("重算"))
		record(t, s, told)
		stories = append(stories, told)
	}
	before := projected(t, s, stories[1].spec.Matter)
	for _, sql := range []string{
		`DELETE FROM assignment`, `DELETE FROM slip_receipt`, `DELETE FROM matter_unit`, `DELETE FROM involvement`, `DELETE FROM matter_search`,
		`UPDATE matter SET stage = '', state = '{}', closed = NULL, outcome = '', holders = '{x}', red_at = 'infinity', suspended = true, draft = true`,
		`UPDATE slip SET title = '', addressees = '{}'`,
	} {
		_, err := s.Pool().Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	matters, err := s.ReprojectAll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3, matters)
	assert.Equal(t, before, projected(t, s, stories[1].spec.Matter))
	broken, err := s.Verify(t.Context())
	require.NoError(t, err)
	assert.Nil(t, broken)
	assert.ErrorIs(t, s.Reproject(t.Context(), matterID()), store.ErrNotFound)
	assert.ErrorIs(t, s.Reproject(t.Context(), "1"), store.ErrNotFound)
}
