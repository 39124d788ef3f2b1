package api_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/verifier"
)

// A draw is public from when its seed is committed to, with its lists from when they are fixed, and with its seed and its
// file once that is revealed; the commitment stays as whoever looked early has seen it.
func TestADrawIsPublished(t *testing.T) {
	w := newWorld(t)
	office := procedure.Authority{SetBy: "office"}
	spec := procedure.Spec{Matter: uuid.Must(uuid.NewV7()).String(), Title: "实地评估", At: time.Now().UTC().Truncate(time.Microsecond),
		Calendar: calendar.Calendar{Table: calendar.Shipped()}, Unit: "boshan", Parties: map[string][]string{"starter": {"boshan"}},
		Starter: procedure.Actor{Person: uuid.NewString(), Name: "经办岗", Posts: []procedure.Post{"boshan/clerk"}},
		Form:    map[string]json.RawMessage{"sites": json.RawMessage(`[{"key":"a","title":"一窗受理"},{"key":"b","title":"拿地即开工"},{"key":"c","title":"先用后付"}]`)},
		Procedure: procedure.Procedure{Key: "cycle", Rulebook: "test", Title: "抽取", Workflow: "Promotion", First: "commit", Authority: office,
			Parties: map[string]procedure.Party{"starter": {Starter: true, Role: "clerk"}},
			Stages: []procedure.Stage{
				{Key: "commit", Title: "承诺", Kind: procedure.KindDraw, Authority: office, Next: "choose", Draw: &procedure.Draw{Seed: "sample"}},
				{Key: "choose", Title: "确定名单", Kind: procedure.KindTask, Authority: office, Who: []procedure.Role{"starter"},
					Actions: map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"draw"}}},
				{Key: "draw", Title: "抽签", Kind: procedure.KindDraw, Authority: office, Next: procedure.Closed,
					Draw: &procedure.Draw{Seed: "sample", From: "field:sites", Take: 2, Into: "sites"}},
			}}}
	state, events := procedure.New(spec), []procedure.Event{}
	do := func(c procedure.Command) {
		t.Helper()
		c.Key = uuid.NewString()
		more, err := procedure.Decide(state, c, spec.At)
		require.NoError(t, err)
		state, events = procedure.Fold(state, more), append(events, more...)
		_, err = w.store.Record(t.Context(), store.Batch{Matter: spec.Matter, Spec: &spec, Events: events})
		require.NoError(t, err)
	}
	do(procedure.Command{Action: procedure.ActionStart, Actor: spec.Starter})
	id := state.Draws["sample"].Draw
	v, clerk := visitor{w: w}, w.as("boshan.clerk")
	page := func(status int, has, lacks []string) {
		t.Helper()
		got, body := v.get("/draw/" + id)
		require.Equal(t, status, got)
		for _, words := range has {
			assert.Contains(t, body, words)
		}
		for _, words := range lacks {
			assert.NotContains(t, body, words)
		}
	}
	stands := func(listed string, states ...api.PublicDraw) {
		t.Helper()
		_, body := v.get("/draw")
		assert.Contains(t, body, listed)
		assert.Equal(t, states, read[api.Matter](clerk.get("/api/v1/matters/"+spec.Matter).is(http.StatusOK)).Draws)
	}
	file := func(status int) string {
		t.Helper()
		got, body := v.get("/draw/" + id + "/draw.txt")
		require.Equal(t, status, got)
		return body
	}
	commitment, err := w.store.CommitDraw(t.Context(), id)
	require.NoError(t, err)
	page(http.StatusNotFound, nil, nil)
	tie, err := w.store.CommitDraw(t.Context(), spec.Matter+".ties.draw.1.9")
	require.NoError(t, err)

	do(procedure.Command{Action: procedure.ActionDraw, Draw: &procedure.DrawAnswer{Draw: id, Commitment: commitment}})
	page(http.StatusOK, []string{commitment, "名单尚未确定", "接下来", "不能再更换"}, []string{"一窗受理", "draw.txt"})
	stands("尚未抽取", api.PublicDraw{ID: id, Title: "实地评估：抽签", State: api.PublicDrawStateCommitted})
	file(http.StatusNotFound)
	_, list := v.get("/draw")
	assert.Contains(t, list, `href="/draw/`+id+`"`)
	assert.NotContains(t, list, "ties", "what parts ties is published with its round")
	assert.NotContains(t, list, tie)
	_, votes := v.get("/vote")
	assert.Contains(t, votes, `href="/draw"`)

	do(procedure.Command{Action: procedure.ActionApprove, Actor: spec.Starter})
	page(http.StatusOK, []string{commitment, "名单已确定", "一窗受理", "拿地即开工", "先用后付"}, []string{"draw.txt"})
	stands("尚未抽取", api.PublicDraw{ID: id, Title: "实地评估：抽签", State: api.PublicDrawStateFixed})
	file(http.StatusNotFound)

	seed, err := w.store.RevealDraw(t.Context(), id)
	require.NoError(t, err)
	do(procedure.Command{Action: procedure.ActionDraw, Draw: &procedure.DrawAnswer{Draw: id, Value: seed}})
	page(http.StatusOK, []string{commitment, "抽取完毕", seed, "draw.txt"}, []string{"接下来"})
	stands("已抽取", api.PublicDraw{ID: id, Title: "实地评估：抽签", State: api.PublicDrawStateDrawn})
	drawn, err := verifier.Draw([]byte(file(http.StatusOK)))
	require.NoError(t, err)
	assert.Equal(t, commitment, drawn.Commitment)
	require.Len(t, drawn.Groups[0].Drawn, 2)
	for _, none := range []string{"/draw/none", "/draw/" + spec.Matter + ".ties.draw.1.9"} {
		status, _ := v.get(none)
		assert.Equal(t, http.StatusNotFound, status)
	}
}
