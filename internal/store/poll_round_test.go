package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/poll"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/internal/verifier"
)

func TestExclusionsAreDecidedBlindAndPublished(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour)
	for i := range 6 {
		v := vote(fmt.Sprint(i), "o1")
		v.Address, v.Segment = []byte{1}, []byte{byte(i % 2), 7}
		if i == 5 {
			v.Address = []byte{2}
		}
		cast(t, s, r, v)
	}
	list, err := s.Anomalies(ctx, r.ID, store.FromAddress, 3, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, []any{"01", 5}, []any{list[0].Tag, list[0].Ballots})
	list, err = s.Anomalies(ctx, r.ID, store.FromSegment, 3, 10)
	require.NoError(t, err)
	assert.Len(t, list, 2)
	minutes, err := s.Anomalies(ctx, r.ID, store.InMinute, 1, 10)
	require.NoError(t, err)
	require.NotEmpty(t, minutes)
	_, err = time.Parse(time.RFC3339, minutes[0].Tag)
	require.NoError(t, err)

	e, err := s.ExcludeBallots(ctx, r.ID, store.Exclusion{Kind: store.FromAddress, Tag: "01", Reason: "同一地址集中投票", Post: "office/director", Person: "p"}, "")
	require.NoError(t, err)
	assert.Equal(t, []any{1, 5}, []any{e.ID, e.Ballots})
	_, err = s.ExcludeBallots(ctx, r.ID, store.Exclusion{Kind: store.FromAddress, Tag: "01", Reason: "再次"}, "")
	assert.ErrorIs(t, err, store.ErrNotFound, "they are excluded")
	known, err := s.Exclusions(ctx, r.ID)
	require.NoError(t, err)
	require.Len(t, known, 1)
	assert.Equal(t, e, known[0])
	trail, err := s.AuditTrail(ctx, store.AuditFilter{Action: "excludeBallots"}, 0, 10)
	require.NoError(t, err)
	assert.Len(t, trail, 1)

	again := vote("0", "o2") // an excluded voter votes again, from elsewhere
	cast(t, s, r, again, vote("0", "o3"), again)
	list, err = s.Anomalies(ctx, r.ID, store.FromAddress, 1, 10)
	require.NoError(t, err)
	require.Len(t, list, 1, "what is excluded needs no decision, wherever it comes from now")
	assert.Equal(t, "02", list[0].Tag)
	expire(t, s, r)
	result, err := tallied(s, r.ID)
	require.NoError(t, err)
	assert.Equal(t, 1, result.Ballots[1].Counted, "and stays excluded")
	assert.Equal(t, 5, result.Exclusions[0].Ballots)
	report := verified(t, s, r.ID, 8)
	in, err := report.Receipt(again.Receipt)
	require.NoError(t, err)
	assert.Equal(t, "replaced", in.Status)
	_, err = s.ExcludeBallots(ctx, r.ID, store.Exclusion{Kind: store.FromAddress, Tag: "02", Reason: "太晚"}, "")
	assert.ErrorIs(t, err, store.ErrRoundCounted)
}

// What comes in the last minute can be looked into when nothing comes any more, and still nobody knows a result.
func TestTheLastMinuteIsLookedIntoAfterTheClosing(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour, func(r *poll.Round) { r.Counts = r.Closes.Add(time.Hour) })
	cast(t, s, r, vote("a", "o1"), vote("b", "o1"))
	before, err := s.RoundHeads(ctx, r.ID)
	require.NoError(t, err)
	_, err = s.RoundEnd(ctx, r.ID)
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.CountRound(ctx, r.ID)
	assert.ErrorIs(t, err, store.ErrRoundOpen)
	for i := range 5 {
		v := vote(fmt.Sprint("bot", i), "o2")
		v.Address = []byte{9}
		cast(t, s, r, v)
	}
	expire(t, s, r)
	head, err := s.CloseRound(ctx, r.ID)
	require.NoError(t, err)
	assert.EqualValues(t, 7, head.Size)
	again, err := s.CloseRound(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, head, again)
	end, err := s.RoundEnd(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, head, end)
	heads, err := s.RoundHeads(ctx, r.ID)
	require.NoError(t, err)
	last, ok := strings.CutPrefix(heads, before)
	require.True(t, ok)
	assert.Contains(t, last, fmt.Sprintf("\n7\n%s\n", head.Root), "what was cast is fixed for all to see")

	item, err := s.Round(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, store.RoundReview, item.State)
	assert.Equal(t, poll.CodeLate, cast(t, s, r, vote("c", "o1"))[0].Refused.Code)
	_, err = s.CountRound(ctx, r.ID)
	assert.ErrorIs(t, err, store.ErrUnderReview)
	_, err = s.RoundResult(ctx, r.ID)
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = roundFiles(s, r.ID)
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.RevealDraw(ctx, r.ID)
	assert.ErrorIs(t, err, store.ErrRoundOpen, "who decides must not know how ties would fall")
	assert.ErrorIs(t, s.ForgetVoters(ctx, r.ID), store.ErrRoundOpen)

	list, err := s.Anomalies(ctx, r.ID, store.FromAddress, 3, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	e, err := s.ExcludeBallots(ctx, r.ID, store.Exclusion{Kind: store.FromAddress, Tag: list[0].Tag, Reason: "截止前一分钟集中投票", Post: "office/director", Person: "p"}, "")
	require.NoError(t, err)
	assert.Equal(t, 5, e.Ballots)
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, err = s.Pool().Exec(ctx, `UPDATE poll_round SET counts = $2, definition = replace(definition, $3, $4) WHERE id = $1`,
		r.ID, now, r.Counts.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	require.NoError(t, err)
	item, err = s.Round(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, store.RoundCounting, item.State)
	result, err := s.CountRound(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, []any{2, 5}, []any{result.Ballots[1].Counted, result.Exclusions[0].Ballots})
	assert.Equal(t, []string{"o1"}, result.Winners)
	verified(t, s, r.ID, 7)
}

func TestVotersAreForgotten(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour, func(r *poll.Round) { r.Objections = 15 })
	cast(t, s, r, vote("a", "o1"))
	assert.ErrorIs(t, s.ForgetVoters(ctx, r.ID), store.ErrRoundOpen)
	expire(t, s, r)
	_, err := tallied(s, r.ID)
	require.NoError(t, err)
	since := func(days int) []string {
		_, err := s.Pool().Exec(ctx, `UPDATE poll_round SET closed = now() - make_interval(days => $2) WHERE id = $1`, r.ID, days)
		require.NoError(t, err)
		due, err := s.Forgettable(ctx)
		require.NoError(t, err)
		return due
	}
	assert.Empty(t, since(14), "objections may still be raised")
	assert.Equal(t, []string{r.ID}, since(15))
	require.NoError(t, s.ForgetVoters(ctx, r.ID))
	due, err := s.Forgettable(ctx)
	require.NoError(t, err)
	assert.Empty(t, due)
	var left int
	require.NoError(t, s.Pool().QueryRow(ctx, `SELECT count(*) FROM poll_voter`).Scan(&left))
	assert.Zero(t, left)
	item, err := s.Round(ctx, r.ID)
	require.NoError(t, err)
	assert.False(t, item.Forgotten.IsZero())
	verified(t, s, r.ID, 1)
}

func TestDrawsArePublished(t *testing.T) {
	s := storetest.New(t)
	d := poll.Drawn{ID: "evaluation.draw", Title: "随机抽取", Groups: []poll.DrawnGroup{{Key: "g", List: []poll.DrawnItem{{Key: "1"}, {Key: "2"}, {Key: "3"}}, N: 2}}}
	_, _, err := s.PublishDraw(ctx, d)
	require.ErrorIs(t, err, store.ErrNotFound)
	commitment, err := s.CommitDraw(ctx, d.ID)
	require.NoError(t, err)
	open, text, err := s.PublishDraw(ctx, d)
	require.NoError(t, err)
	assert.Equal(t, commitment, open.Commitment)
	assert.False(t, open.Committed.IsZero())
	assert.Empty(t, open.Seed+text, "not revealed")
	assert.Nil(t, open.Groups[0].Drawn)
	_, err = s.RevealDraw(ctx, d.ID)
	require.NoError(t, err)
	listless, text, err := s.PublishDraw(ctx, poll.Drawn{ID: d.ID})
	require.NoError(t, err)
	assert.Empty(t, listless.Seed+text, "nothing was drawn from")
	drawn, text, err := s.PublishDraw(ctx, d)
	require.NoError(t, err)
	assert.Equal(t, open.Committed, drawn.Committed)
	checked, err := verifier.Draw([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, drawn.Groups[0].Drawn, checked.Groups[0].Drawn)
	_, again, err := s.PublishDraw(ctx, d)
	require.NoError(t, err)
	assert.Equal(t, text, again)
}

// nothing is the sight of somebody who may see no matter.
func nothing(int) (string, []any) { return "FALSE", nil }

func TestRoundsAreListed(t *testing.T) {
	s := storetest.New(t)
	var rounds []poll.Round
	for i := range 3 {
		rounds = append(rounds, newRound(t, s, time.Now().Add(time.Duration(i)*time.Minute), time.Hour))
	}
	list, err := s.Rounds(ctx, store.RoundFilter{Sight: nothing, Units: []string{"boshan", "linzi"}}, nil, 2)
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.Equal(t, []string{rounds[2].ID, rounds[1].ID}, []string{list[0].ID, list[1].ID})
	list, err = s.Rounds(ctx, store.RoundFilter{Public: true}, &list[1], 2)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, rounds[0], list[0].Round)
	for _, f := range []store.RoundFilter{{Sight: nothing, Units: []string{"linzi"}}, {Matter: rounds[0].Matter, ID: rounds[1].ID}} {
		list, err = s.Rounds(ctx, f, nil, 2)
		require.NoError(t, err)
		assert.Empty(t, list)
	}
	rehearsed := rounds[2]
	rehearsed.ID, rehearsed.Rehearsal = matterID()+".vote.1", true
	require.NoError(t, s.PutRound(ctx, rehearsed))
	for rehearsals, want := range map[bool]int{false: 3, true: 4} {
		list, err = s.Rounds(ctx, store.RoundFilter{Public: true, Rehearsals: rehearsals}, nil, 10)
		require.NoError(t, err)
		assert.Len(t, list, want)
	}
	key, err := s.PollKey(ctx)
	require.NoError(t, err)
	assert.Contains(t, key, "duban+")
}

// A matter that ends before its vote is counted takes the vote with it: nothing counts any more, and nobody hears a result.
func TestAnEndedMatterVoidsItsRound(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("提前终止"))
	require.NoError(t, told.start(true))
	record(t, s, told)
	r := newRound(t, s, time.Now(), time.Hour)
	_, err := s.Pool().Exec(ctx, `UPDATE poll_round SET matter = $2 WHERE id = $1`, r.ID, told.spec.Matter)
	require.NoError(t, err)
	counted := newRound(t, s, time.Now().Add(-2*time.Hour), time.Hour)
	_, err = tallied(s, counted.ID)
	require.NoError(t, err)
	_, err = s.Pool().Exec(ctx, `UPDATE poll_round SET matter = $2 WHERE id = $1`, counted.ID, told.spec.Matter)
	require.NoError(t, err)
	cast(t, s, r, vote("a", "o1"))

	require.NoError(t, told.try(procedure.Command{Action: procedure.ActionTerminate, Repair: true, Opinion: "重复登记"}))
	record(t, s, told)
	item, err := s.Round(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, store.RoundVoid, item.State)
	assert.False(t, item.Closed.IsZero())
	assert.Equal(t, poll.CodeLate, cast(t, s, r, vote("b", "o1"))[0].Refused.Code)
	result, err := tallied(s, r.ID)
	require.NoError(t, err)
	assert.Zero(t, result)
	_, err = roundFiles(s, r.ID)
	assert.ErrorIs(t, err, store.ErrNotFound)
	due, err := s.Forgettable(ctx)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{r.ID, counted.ID}, due, "who voted is forgotten all the same")
	require.NoError(t, s.ForgetVoters(ctx, r.ID))
	item, err = s.Round(ctx, counted.ID)
	require.NoError(t, err)
	assert.Equal(t, store.RoundCounted, item.State, "what was counted before stays")
}

// Whoever votes again from another district than before is counted there, if it is not full, and in the first no more.
func TestALaterBallotSaysWhereItsVoterIs(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour, func(r *poll.Round) {
		r.Districts = []poll.District{{ID: "zhangdian", Name: "张店区", Eligible: 2}, {ID: "boshan", Name: "博山区", Eligible: 1}}
	})
	from := func(who, district string) store.Vote {
		v := vote(who, "o1")
		v.District = district
		return v
	}
	cast(t, s, r, from("a", "zhangdian"), from("b", "zhangdian"))
	assert.Nil(t, cast(t, s, r, from("a", "boshan"))[0].Refused)
	assert.Equal(t, poll.CodeDistrict, cast(t, s, r, from("b", "boshan"))[0].Refused.Code)
	assert.Nil(t, cast(t, s, r, from("c", "zhangdian"))[0].Refused, "a's place is free")
	turnout, err := s.Turnout(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, []store.Turnout{{Class: poll.ClassPublic, Part: "boshan", Ballots: 1}, {Class: poll.ClassPublic, Part: "zhangdian", Ballots: 2}}, turnout)
	expire(t, s, r)
	result, err := tallied(s, r.ID)
	require.NoError(t, err)
	assert.Equal(t, []poll.Cast{{District: "zhangdian", Ballots: 2}, {District: "boshan", Ballots: 1}}, result.Districts)
	verified(t, s, r.ID, 4)
}
