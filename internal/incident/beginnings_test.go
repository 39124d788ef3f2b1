package incident

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// What did not begin by itself is an incident until it is over.
func TestARefusedBeginningIsAnIncident(t *testing.T) {
	s := storetest.New(t)
	look := func() *round {
		r := &round{Watcher: &Watcher{Store: s}, now: time.Now(), seen: map[string]bool{}}
		require.NoError(t, r.beginnings(t.Context()))
		return r
	}
	require.NoError(t, s.BeginRefused(t.Context(), store.RefusedBeginning{Rulebook: "zibo-city", Procedure: "practice-promotion",
		Day: calendar.Date{Year: 2027, Month: time.January, Day: 10}, Refusal: procedure.Refusal{Code: "begins-otherwise"}}))
	found := look().found
	require.Len(t, found, 1)
	require.Equal(t, []string{store.IncidentBegin, "zibo-city/practice-promotion"}, []string{found[0].Kind, found[0].Subject})
	require.Equal(t, []any{"2027-01-10", "begins-otherwise"}, []any{found[0].Details["day"], found[0].Details["code"]})

	known := []store.Incident{{ID: 7, Finding: found[0]}}
	require.Empty(t, look().over(known))
	require.NoError(t, s.Begun(t.Context(), "zibo-city", "practice-promotion"))
	require.Equal(t, []int64{7}, look().over(known))
}
