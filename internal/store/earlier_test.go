package store_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// What two half-years came to is gathered whole and in order: of the year asked for, of what was completed, and of
// rehearsals or of none.
func TestEarlierGathersWhatAYearCameTo(t *testing.T) {
	s := storetest.New(t)
	shanghai := time.FixedZone("", 8*60*60)
	begin := func(term string, at time.Time, completed bool, change ...func(*procedure.Spec)) {
		t.Helper()
		var list []map[string]any
		for i := range 10 {
			list = append(list, map[string]any{"title": fmt.Sprint(term, i+1), "lead": "stb"})
		}
		selected, err := json.Marshal(list)
		require.NoError(t, err)
		told := newStory(newSpec(term, append(change, func(spec *procedure.Spec) {
			spec.At, spec.Form["selected"] = at.UTC(), selected
			spec.Procedure = selection()
		})...))
		action := procedure.ActionApprove
		if !completed {
			action = procedure.ActionReject
		}
		require.NoError(t, told.start(false))
		require.NoError(t, told.try(procedure.Command{Action: action, Actor: by(clerk), Opinion: "同意"}))
		record(t, s, told)
	}
	rehearsed := func(spec *procedure.Spec) { spec.Clock = procedure.Clock{Start: spec.At, Factor: 86400} }
	begin("二", time.Date(2026, 12, 31, 23, 59, 0, 0, shanghai), true)
	begin("一", time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai), true)
	begin("演练", time.Date(2026, 7, 1, 9, 0, 0, 0, shanghai), true, rehearsed)
	begin("未成", time.Date(2026, 7, 1, 9, 0, 0, 0, shanghai), false)
	begin("前年", time.Date(2025, 12, 31, 23, 59, 0, 0, shanghai), true)
	begin("今年", time.Date(2027, 1, 1, 0, 0, 0, 0, shanghai), true)

	year := store.Earlier{Rulebook: "test", Procedure: "selection", Field: "selected",
		From: time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai), To: time.Date(2027, 1, 1, 0, 0, 0, 0, shanghai)}
	titles := func(e store.Earlier) (all []string) {
		t.Helper()
		list, err := s.Earlier(t.Context(), e)
		require.NoError(t, err)
		for _, raw := range list {
			var entry struct{ Title, Lead string }
			require.NoError(t, json.Unmarshal(raw, &entry))
			require.Equal(t, "stb", entry.Lead)
			all = append(all, entry.Title)
		}
		return all
	}
	var want []string
	for _, term := range []string{"一", "二"} {
		for i := range 10 {
			want = append(want, fmt.Sprint(term, i+1))
		}
	}
	require.Equal(t, want, titles(year))
	of := func(change func(*store.Earlier)) []string { e := year; change(&e); return titles(e) }
	require.Len(t, of(func(e *store.Earlier) { e.Rehearsal = true }), 10)
	require.Empty(t, of(func(e *store.Earlier) { e.Field = "none" }))
	require.Empty(t, of(func(e *store.Earlier) { e.Field = "summary" }), "no list")
	require.Empty(t, of(func(e *store.Earlier) { e.Procedure = "proposal" }))
	require.Empty(t, of(func(e *store.Earlier) { e.Rulebook = "other" }))
}

// selection is a procedure of one stage whose form has a list.
func selection() procedure.Procedure {
	office := procedure.Authority{SetBy: "office"}
	return procedure.Procedure{Key: "selection", Rulebook: "test", Version: "v1", Title: "评选", Authority: office, Workflow: "Promotion", First: "submit",
		Parties: map[string]procedure.Party{"starter": {Starter: true, Role: "clerk"}},
		Stages: []procedure.Stage{{Key: "submit", Title: "报送", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"starter/clerk"},
			Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {procedure.Closed}, procedure.ActionReject: {procedure.Closed}}}}}
}
