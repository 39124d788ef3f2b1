package api_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/poll"
	"duban/internal/poll/polltest"
	"duban/internal/procedure"
	"duban/internal/store"
)

// round opens a vote of the matter's stage "vote" in which boshan's clerk votes for boshan, and the public for itself.
func (w *world) round(matter string) poll.Round {
	w.t.Helper()
	ctx, opens := w.t.Context(), time.Now().UTC().Truncate(time.Microsecond)
	r := poll.Round{ID: matter + ".vote.1", Matter: matter, Stage: "vote", Title: "二次投票评选", Source: "001 art. 14(1)",
		Choices: poll.Choices{Min: 1, Max: 2}, Opens: opens, Closes: opens.Add(time.Hour), Winners: 1, Formula: "0.5 * unit + 0.5 * public",
		Units:     []poll.Unit{{ID: "boshan", Name: "博山区"}, {ID: "linzi", Name: "临淄区"}},
		Districts: []poll.District{{ID: "boshan", Name: "博山区", Eligible: 100}}, PublicCap: 1, Order: poll.OrderPublic,
		Ties: []poll.Rule{poll.RulePublic, poll.RuleUnit, poll.RuleEarlier, poll.RuleDraw}, Promises: poll.Promises{Hidden: true}, Objections: 15}
	for i, title := range []string{"最多跑一次", "一窗受理", "拿地即开工"} {
		r.Options = append(r.Options, poll.Option{ID: []string{"a", "b", "c"}[i], Number: i + 1, Title: title, Units: []string{}, Recommended: opens})
	}
	r.Options[0].Units = []string{"boshan"}
	var err error
	r.Draw, err = w.store.CommitDraw(ctx, r.ID)
	require.NoError(w.t, err)
	require.NoError(w.t, w.store.PutRound(ctx, r))
	_, err = w.store.Pool().Exec(ctx, `INSERT INTO assignment (matter, id, post, unit, duty, stage, slip, how, waits, claimed, opened, ended, yellow_at, red_at)
		VALUES ($1, 9000, 'boshan/clerk', 'boshan', 'vote', 'vote', 0, '', false, '', now(), '', 'infinity', 'infinity')`, matter)
	require.NoError(w.t, err)
	return r
}

// fromOneAddress casts three of the public's ballots from one address.
func (w *world) fromOneAddress(r poll.Round) {
	w.t.Helper()
	for _, who := range []string{"1", "2", "3"} {
		receipt, err := poll.NewReceipt(strings.NewReader("receipt of " + who + "!"))
		require.NoError(w.t, err)
		_, err = w.store.CastBallots(w.t.Context(), &r, []store.Vote{{Tag: []byte(who), Class: poll.ClassPublic, District: "boshan", Choices: []string{"a"},
			Receipt: receipt, Address: []byte{7}, Segment: []byte{8}}})
		require.NoError(w.t, err)
	}
}

// end moves a vote's end to now and counts it.
func (w *world) end(r poll.Round) {
	w.t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, err := w.store.Pool().Exec(w.t.Context(), `UPDATE poll_round SET closes = $2, definition = replace(definition, $3, $4) WHERE id = $1`,
		r.ID, now, r.Closes.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	require.NoError(w.t, err)
	_, err = w.store.CloseRound(w.t.Context(), r.ID)
	require.NoError(w.t, err)
	_, err = w.store.CountRound(w.t.Context(), r.ID)
	require.NoError(w.t, err)
}

func TestUnitsVote(t *testing.T) {
	w := newWorld(t)
	m := w.as("boshan.clerk").started(proposal())
	r := w.round(m.ID)
	clerk, address := w.as("boshan.clerk"), "/api/v1/polls/"+r.ID
	list := read[api.PollList](clerk.get("/api/v1/polls").is(http.StatusOK))
	require.Len(t, list.Items, 1)
	mine := list.Items[0].Mine
	require.Len(t, mine, 1)
	assert.Equal(t, api.PollVoter{Unit: "boshan", UnitName: "博山区", MayVote: true, Own: []string{"a"}}, mine[0])
	before := read[api.Poll](clerk.get(address).is(http.StatusOK))
	assert.Equal(t, []string{"博山区"}, before.Options[0].Owners)
	assert.EqualValues(t, "open", before.Summary.State)

	w.anybody().get("/polls/" + r.ID).is(http.StatusOK)

	var told []procedure.Vote
	w.server.Voted = func(_ context.Context, matter string, vote procedure.Vote) error {
		assert.Equal(t, m.ID, matter)
		told = append(told, vote)
		return nil
	}
	cast := func(who, unit string, choices ...string) *answer {
		return w.as(who).post(address+"/ballots", map[string]any{"unit": unit, "choices": append([]string{}, choices...)})
	}
	cast("boshan.clerk", "boshan", "a", "b").refused(http.StatusUnprocessableEntity, "ballot-own-choice")
	cast("boshan.clerk", "boshan", "b", "c", "a").refused(http.StatusUnprocessableEntity, "ballot-own-choice")
	cast("boshan.clerk", "boshan", "b", "b").refused(http.StatusUnprocessableEntity, "ballot-twice")
	cast("boshan.clerk", "boshan", "x").refused(http.StatusUnprocessableEntity, "ballot-unknown-choice")
	cast("boshan.clerk", "boshan").refused(http.StatusUnprocessableEntity, "ballot-too-few")
	cast("boshan.clerk", "linzi", "b").refused(http.StatusForbidden, "not-your-ballot")
	cast("linzi.clerk", "linzi", "b").refused(http.StatusForbidden, "not-your-ballot")
	first := read[api.BallotReceipt](cast("boshan.clerk", "boshan", "b").is(http.StatusCreated))
	second := read[api.BallotReceipt](cast("boshan.clerk", "boshan", "c", "b").is(http.StatusCreated))
	assert.NotEqual(t, first.Receipt, second.Receipt)
	assert.EqualValues(t, 2, second.Leaf)
	for _, receipt := range []string{first.Receipt, second.Receipt} {
		_, err := polltest.ParseReceipt(receipt)
		require.NoError(t, err)
	}

	require.Len(t, told, 2, "the matter hears who has voted, and nothing of how")
	assert.Equal(t, procedure.Vote{Round: r.ID, Unit: "boshan", Post: "boshan/clerk"}, told[0])

	// While it is open nobody hears more than who has voted, whoever they are.
	for _, who := range []string{"boshan.clerk", "linzi.clerk", "office.director", "sysadmin", "auditor"} {
		got := w.as(who).get(address)
		if got.status == http.StatusOK {
			p := read[api.Poll](got)
			assert.Empty(t, p.Result.Rows, who)
			assert.Equal(t, 1, p.Summary.UnitsVoted)
		}
	}
	w.end(r)
	after := read[api.Poll](clerk.get(address).is(http.StatusOK))
	assert.EqualValues(t, "counted", after.Summary.State)
	require.Len(t, after.Result.Rows, 3)
	cast("boshan.clerk", "boshan", "b").refused(http.StatusConflict, "ballot-late")
}

func TestAnomaliesAreDecidedByWhoOversees(t *testing.T) {
	w := newWorld(t)
	m := w.as("boshan.clerk").started(proposal())
	r := w.round(m.ID)
	w.fromOneAddress(r)
	address := "/api/v1/polls/" + r.ID
	w.as("boshan.clerk").get(address+"/anomalies?kind=address&least=2").refused(http.StatusForbidden, "not-overseer")
	director := w.as("office.director")
	list := read[api.AnomalyList](director.get(address + "/anomalies?kind=address&least=2").is(http.StatusOK))
	require.Len(t, list.Items, 1)
	assert.Equal(t, 3, list.Items[0].Ballots)
	body := map[string]any{"kind": "address", "tag": list.Items[0].Tag, "reason": "同一地址短时间内集中投票"}
	done := read[api.PollExclusion](director.post(address+"/exclusions", body).is(http.StatusCreated))
	assert.Equal(t, 3, done.Ballots)
	director.post(address+"/exclusions", body).refused(http.StatusConflict, "nothing-to-exclude")
	w.end(r)
	director.post(address+"/exclusions", body).refused(http.StatusConflict, "poll-closed")
}

// Who decides about ballots is published: the post that oversees the vote, whatever else its holder or their deputy is.
func TestADecisionIsTheOverseersPosts(t *testing.T) {
	w := newWorld(t)
	r := w.round(w.as("boshan.clerk").started(proposal()).ID)
	w.fromOneAddress(r)
	me := func(who string) string { return read[api.Me](w.as(who).get("/api/v1/me").is(http.StatusOK)).Person.ID }
	_, err := w.store.Pool().Exec(t.Context(), `INSERT INTO deputy (person, post, for_person, from_at, to_at)
		VALUES ($1, 'office/director', $2, '2026-01-01', '2026-12-31')`, me("linzi.clerk"), me("office.director"))
	require.NoError(t, err)
	w.as("linzi.clerk").post("/api/v1/polls/"+r.ID+"/exclusions", map[string]any{"kind": "address", "tag": "07", "reason": "同一地址集中投票"}).is(http.StatusCreated)
	decided, err := w.store.Exclusions(t.Context(), r.ID)
	require.NoError(t, err)
	require.Len(t, decided, 1)
	assert.Equal(t, "office/director", decided[0].Post)
}

// The public sees the pictures of a practice as its unit's form has them now: one taken out on the way is nobody's to see.
func TestPicturesAreThoseOfTheForm(t *testing.T) {
	w := newWorld(t)
	clerk := w.as("boshan.clerk")
	picture := func(name string, shade uint8) string {
		var file bytes.Buffer
		drawn := image.NewGray(image.Rect(0, 0, 1, 1))
		drawn.Pix[0] = shade
		require.NoError(t, png.Encode(&file, drawn))
		return read[api.Attachment](clerk.upload(uuid.NewString(), name, &file).is(http.StatusCreated)).ID
	}
	kept, out := picture("现场.png", 1), picture("名单.png", 2)
	body := proposal()
	body["form"].(map[string]any)["attachments"] = []string{kept}
	m := clerk.started(body)
	_, err := w.store.Pool().Exec(t.Context(), `INSERT INTO matter_attachment (matter, attachment, field) VALUES ($1, $2, 'attachments')`, m.ID, out)
	require.NoError(t, err)
	r := poll.Round{ID: m.ID + ".vote.1", Matter: m.ID, Stage: "vote", Title: "投票", Choices: poll.Choices{Min: 1, Max: 1}, Opens: time.Now(), Closes: time.Now().Add(time.Hour),
		Options: []poll.Option{{ID: m.ID, Number: 1, Title: "一窗受理"}}, Winners: 1, Formula: "public", PublicCap: 1, Order: poll.OrderScore,
		Districts: []poll.District{{ID: "boshan", Name: "博山区", Eligible: 100}}, Ties: []poll.Rule{poll.RuleDraw}}
	r.Draw, err = w.store.CommitDraw(t.Context(), r.ID)
	require.NoError(t, err)
	require.NoError(t, w.store.PutRound(t.Context(), r))
	v := visitor{w, r}
	address := "/vote/" + r.ID + "/practices/" + m.ID
	_, page := v.get(address)
	assert.Contains(t, page, "现场.png")
	assert.NotContains(t, page, "名单.png")
	for _, page := range []string{"", "/how"} {
		_, said := v.get("/vote/" + r.ID + page)
		assert.Contains(t, said, "全部入选", "nobody is dropped of those there are")
	}
	status, _ := v.get(address + "/" + kept)
	assert.Equal(t, http.StatusOK, status)
	status, _ = v.get(address + "/" + out)
	assert.Equal(t, http.StatusNotFound, status)
}
