package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
)

func TestWhoHasScoredAndWhoHasNot(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("zhangdian.clerk")
	m := clerk.started(map[string]any{"rulebook": "zibo-city", "procedure": "practice-self-evaluation", "title": "张店区自评", "submit": false,
		"form": map[string]any{"practices": []map[string]any{{"title": "一窗受理", "unit": "zichuan", "lead": "stb"}, {"title": "先用后付", "unit": "boshan", "lead": "stb"}}}})
	require.Empty(t, m.Gatherings)
	m = read[api.Matter](clerk.act(m.ID, map[string]any{"action": "approve",
		"fields": map[string]any{"measures": []map[string]any{{"title": "覆盖面", "max": 40}}}}).is(http.StatusOK))
	require.Equal(t, "score", m.Gatherings[0].Kind)
	require.Zero(t, m.Gatherings[0].Done)
	require.Equal(t, "张店区", m.Gatherings[0].Parts[0].UnitName)
	require.True(t, m.Gatherings[0].Parts[0].Done.IsZero())

	var card []map[string]any
	for _, o := range m.Offers {
		if o.Action == api.ActionNameScore {
			require.NoError(t, json.Unmarshal(o.Values["selfCard"], &card))
		}
	}
	require.Len(t, card, 2)
	require.EqualValues(t, 40, card[0]["max"], "the card says how many points it gives at most")
	card[0]["mark"], card[1]["mark"] = 30, 35
	m = read[api.Matter](clerk.act(m.ID, map[string]any{"action": "score", "fields": map[string]any{"selfCard": card}}).is(http.StatusOK))
	require.Equal(t, 1, m.Gatherings[0].Done)
	require.False(t, m.Gatherings[0].Parts[0].Done.IsZero())
}
