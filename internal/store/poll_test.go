package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"duban/internal/poll"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

// newRound is a round open from an instant on for a while, of which the draw is committed to.
func newRound(t require.TestingT, s *store.Store, opens time.Time, open time.Duration, but ...func(*poll.Round)) poll.Round {
	r := poll.Round{
		ID: matterID() + ".vote.1", Matter: matterID(), Stage: "vote", Title: "二次投票评选", Source: "001 art. 14(1)",
		Choices: poll.Choices{Min: 1, Max: 2}, Opens: opens.UTC().Truncate(time.Microsecond), Winners: 1,
		Units:     []poll.Unit{{ID: "zhangdian", Name: "张店区"}, {ID: "boshan", Name: "博山区"}},
		Districts: []poll.District{{ID: "zhangdian", Name: "张店区", Eligible: 10_000}, {ID: "boshan", Name: "博山区", Eligible: 2}},
		Formula:   "0.5 * unit + 0.5 * public", PublicCap: 1, Order: poll.OrderPublic,
		Ties: []poll.Rule{poll.RulePublic, poll.RuleUnit, poll.RuleEarlier, poll.RuleDraw}, Promises: poll.Promises{Hidden: true},
	}
	r.Closes = r.Opens.Add(open)
	for i := range 3 {
		r.Options = append(r.Options, poll.Option{ID: fmt.Sprint("o", i+1), Number: i + 1, Title: fmt.Sprint("经验", i+1), Units: []string{}, Recommended: began})
	}
	r.Options[0].Units = []string{"zhangdian"}
	commitment, err := s.CommitDraw(ctx, r.ID)
	require.NoError(t, err)
	r.Draw = commitment
	for _, change := range but {
		change(&r)
	}
	require.NoError(t, s.PutRound(ctx, r))
	return r
}

var roundKey = []byte("the key of the round")

func vote(who string, choices ...string) store.Vote {
	receipt, err := poll.NewReceipt(rand.Reader)
	if err != nil {
		panic(err)
	}
	tag := sha256.Sum256([]byte(who))
	return store.Vote{Tag: tag[:], KeyCheck: roundKey, Class: poll.ClassPublic, District: "zhangdian", Choices: choices, Receipt: receipt}
}

func unitVote(id string, choices ...string) store.Vote {
	v := vote("unit/"+id, choices...)
	v.Class, v.Unit, v.District = poll.ClassUnit, id, ""
	return v
}

func cast(t require.TestingT, s *store.Store, r poll.Round, votes ...store.Vote) []store.Outcome {
	outcomes, err := s.CastBallots(ctx, &r, votes)
	require.NoError(t, err)
	return outcomes
}

// tallied closes a round, counts it and gives its result.
func tallied(s *store.Store, round string) (poll.Result, error) {
	if _, err := s.CloseRound(ctx, round); err != nil {
		return poll.Result{}, err
	}
	return s.CountRound(ctx, round)
}

func TestBallotsAreCastReplacedAndCounted(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour)
	first, again := vote("a", "o1"), vote("a", "o2", "o3")
	out := cast(t, s, r, first, vote("b", "o1"), unitVote("zhangdian", "o2"), unitVote("zhangdian", "o1"), vote("c", "o9"))
	assert.Equal(t, []store.Outcome{{Leaf: 0}, {Leaf: 1}, {Leaf: 2}, {Refused: &poll.Refusal{Code: poll.CodeOwn, Option: "o1"}},
		{Refused: &poll.Refusal{Code: poll.CodeUnknown, Option: "o9"}}}, out)
	assert.Equal(t, []store.Outcome{{Leaf: 0}}, cast(t, s, r, first), "sent again")
	assert.Equal(t, []store.Outcome{{Leaf: 3}}, cast(t, s, r, again), "cast again")
	assert.Equal(t, []store.Outcome{{Leaf: 0, Replaced: true}}, cast(t, s, r, first), "sent again once it is replaced: no new ballot, and the later one stands")
	last := vote("d", "o2")
	assert.Equal(t, []store.Outcome{{Leaf: 4}, {Leaf: 5}, {Leaf: 5}}, cast(t, s, r, vote("d", "o1"), last, last), "within one transaction")
	one, two := vote("e", "o1"), vote("e", "o2")
	assert.Equal(t, []store.Outcome{{Leaf: 6}, {Leaf: 7}, {Leaf: 6, Replaced: true}, {Leaf: 7}}, cast(t, s, r, one, two, one, two), "replaced within one")
	expire(t, s, r)
	assert.Equal(t, []store.Outcome{{Leaf: 0, Replaced: true}, {Leaf: 3}}, cast(t, s, r, first, again), "sent again too late to cast, not to be told")
	result, err := tallied(s, r.ID)
	require.NoError(t, err)
	assert.Equal(t, []poll.Turnout{{Class: poll.ClassUnit, Counted: 1}, {Class: poll.ClassPublic, Counted: 4}}, result.Ballots)
	report := verified(t, s, r.ID, 8)
	for receipt, want := range map[string]string{first.Receipt: "replaced", again.Receipt: "counted", one.Receipt: "replaced", two.Receipt: "counted"} {
		in, err := report.Receipt(receipt)
		require.NoError(t, err)
		assert.Equal(t, want, in.Status)
	}
	lines, err := roundFiles(s, r.ID)
	require.NoError(t, err)
	var marks []string
	for line := range strings.Lines(string(lines[poll.FileBallots])) {
		mark, _, _ := strings.Cut(line, ",")
		assert.NotContains(t, marks, mark, "no receipt stands twice")
		marks = append(marks, mark)
	}
}

func TestTurnoutIsAllThatIsTold(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour)
	cast(t, s, r, vote("a", "o1"), vote("b", "o1"), vote("a", "o2"), unitVote("boshan", "o1"))
	turnout, err := s.Turnout(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, []store.Turnout{{Class: poll.ClassPublic, Part: "zhangdian", Ballots: 2}, {Class: poll.ClassUnit, Part: "boshan", Ballots: 1}}, turnout)
	_, err = s.RoundResult(ctx, r.ID)
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = roundFiles(s, r.ID)
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.RevealDraw(ctx, r.ID)
	assert.ErrorIs(t, err, store.ErrRoundOpen)
	_, err = tallied(s, r.ID)
	assert.ErrorIs(t, err, store.ErrRoundOpen)
	_, err = tallied(s, "none")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

func TestBallotsEarlyAndLate(t *testing.T) {
	s := storetest.New(t)
	early := newRound(t, s, time.Now().Add(time.Hour), time.Hour)
	late := newRound(t, s, time.Now().Add(-2*time.Hour), time.Hour)
	assert.Equal(t, poll.CodeEarly, cast(t, s, early, vote("a", "o1"))[0].Refused.Code)
	assert.Equal(t, poll.CodeLate, cast(t, s, late, vote("a", "o1"))[0].Refused.Code)
	_, err := tallied(s, late.ID)
	require.NoError(t, err)
	assert.Equal(t, poll.CodeLate, cast(t, s, late, vote("a", "o1"))[0].Refused.Code)
}

func TestARollIsNeverExceeded(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour)
	var votes []store.Vote
	for i := range 3 {
		v := vote(fmt.Sprint(i), "o1")
		v.District = "boshan"
		votes = append(votes, v)
	}
	out := cast(t, s, r, votes...)
	assert.Nil(t, out[1].Refused)
	assert.Equal(t, poll.CodeDistrict, out[2].Refused.Code)
	again := vote("1", "o2")
	again.District = "boshan"
	assert.Nil(t, cast(t, s, r, again)[0].Refused, "who has voted may change it")
}

func TestAnotherKeyIsNoticed(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour)
	cast(t, s, r, vote("a", "o1"))
	other := vote("a", "o1")
	other.KeyCheck = []byte("another")
	_, err := s.CastBallots(ctx, &r, []store.Vote{other})
	assert.ErrorIs(t, err, store.ErrVoterKey)
}

func TestDrawsAreCommittedToOnce(t *testing.T) {
	s := storetest.New(t)
	commitment, err := s.CommitDraw(ctx, "evaluation.draw")
	require.NoError(t, err)
	again, err := s.CommitDraw(ctx, "evaluation.draw")
	require.NoError(t, err)
	assert.Equal(t, commitment, again)
	seed, err := s.RevealDraw(ctx, "evaluation.draw")
	require.NoError(t, err)
	assert.Equal(t, commitment, poll.Commit(seed))
	_, err = s.RevealDraw(ctx, "none")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

// Two close at once, from before the window's end on, while a crowd casts: what is closed has every ballot acknowledged and
// no other, and both hear the same.
func TestClosingUnderLoad(t *testing.T) {
	s := storetest.New(t)
	open := 300 * time.Millisecond
	for !closesUnderLoad(t, s, open) { // over before they began, on a machine that stood still
		open *= 4
		require.Less(t, open, time.Minute, "the window was open when they began")
	}
}

// closesUnderLoad closes a round of a window, and says whether it was open, and anybody cast, when the closing began.
func closesUnderLoad(t *testing.T, s *store.Store, window time.Duration) bool {
	t.Helper()
	r := newRound(t, s, time.Now(), window)
	var crowd, closers errgroup.Group
	var taken atomic.Int64
	for client := range 8 {
		crowd.Go(func() error {
			for i, open := 0, true; open; i++ {
				out, err := s.CastBallots(ctx, &r, []store.Vote{vote(fmt.Sprint(client, i), "o1"), vote(fmt.Sprint(client, i, "b"), "o2")})
				if err != nil {
					return err
				}
				for _, o := range out {
					if o.Refused == nil {
						taken.Add(1)
					} else if o.Refused.Code != poll.CodeLate {
						return o.Refused
					}
				}
				open = out[0].Refused == nil
			}
			return nil
		})
	}
	heads, results := make([]poll.Head, 2), make([]poll.Result, 2)
	var early atomic.Int64
	for i := range results {
		closers.Go(func() (err error) {
			for {
				if heads[i], err = s.CloseRound(ctx, r.ID); !errors.Is(err, store.ErrRoundOpen) {
					break
				}
				early.Add(1)
			}
			if err == nil {
				results[i], err = s.CountRound(ctx, r.ID)
			}
			return err
		})
	}
	require.NoError(t, closers.Wait())
	require.NoError(t, crowd.Wait())
	assert.Equal(t, heads[0], heads[1])
	assert.Equal(t, taken.Load(), heads[0].Size)
	assert.Equal(t, results[0], results[1])
	assert.EqualValues(t, taken.Load(), results[0].Ballots[1].Counted)
	files, err := roundFiles(s, r.ID)
	require.NoError(t, err)
	assert.Len(t, files, 7)
	assert.EqualValues(t, taken.Load(), strings.Count(string(files[poll.FileLeaves]), "\n"))
	assert.EqualValues(t, taken.Load()+1, strings.Count(string(files[poll.FileBallots]), "\n"))
	stored, err := s.RoundResult(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, results[0], stored)
	return early.Load() > 0 && taken.Load() > 0
}

// roundFiles are all files that are published of a round.
func roundFiles(s *store.Store, round string) (map[string][]byte, error) {
	buffers := map[string]*bytes.Buffer{}
	err := s.WriteRoundFiles(ctx, round, append(poll.Bound(), poll.FileClosing, poll.FileKey), func(name string) (io.Writer, error) {
		buffers[name] = &bytes.Buffer{}
		return buffers[name], nil
	})
	files := map[string][]byte{}
	for name, buffer := range buffers {
		files[name] = buffer.Bytes()
	}
	return files, err
}

// Whoever waits longer than they may is told that it is not known whether their vote is cast; sent again, it is the same.
func TestCastingThatTakesTooLong(t *testing.T) {
	s := storetest.New(t)
	r, v := newRound(t, s, time.Now(), time.Hour), vote("a", "o1")
	box := s.NewBallotBox(ctx)
	_, err := box.Round(ctx, r.ID)
	require.NoError(t, err)
	held, err := s.Pool().Begin(ctx)
	require.NoError(t, err)
	defer held.Rollback(ctx) //nolint:errcheck // done already, unless the test fails
	_, err = held.Exec(ctx, `SELECT FROM poll_log WHERE round = $1 FOR UPDATE`, r.ID)
	require.NoError(t, err)
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = box.Cast(short, r.ID, v)
	require.ErrorIs(t, err, store.ErrUnavailable)
	left, leave := context.WithCancel(ctx)
	leave()
	_, err = box.Cast(left, r.ID, v)
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, store.ErrUnavailable, "who asked went away")
	require.NoError(t, held.Rollback(ctx))
	out, err := box.Cast(ctx, r.ID, v)
	require.NoError(t, err)
	assert.Equal(t, store.Outcome{Leaf: 0}, out)
	cast, err := s.Turnout(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, []store.Turnout{{Class: poll.ClassPublic, Part: "zhangdian", Ballots: 1}}, cast)
}

// A vote that its voter has given up while others were being cast is not cast behind their back: the voter may have cast
// another since, through another process.
func TestAVoteGivenUpIsNotCast(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour)
	box := s.NewBallotBox(ctx)
	held, err := s.Pool().Begin(ctx)
	require.NoError(t, err)
	defer held.Rollback(ctx) //nolint:errcheck // done already, unless the test fails
	_, err = held.Exec(ctx, `SELECT FROM poll_log WHERE round = $1 FOR UPDATE`, r.ID)
	require.NoError(t, err)
	var all errgroup.Group
	all.Go(func() error { _, err := box.Cast(ctx, r.ID, vote("first", "o1")); return err })
	require.Eventually(t, func() bool {
		var waits int
		err := s.Pool().QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%poll_log%'`).Scan(&waits)
		return err == nil && waits > 0
	}, 10*time.Second, 5*time.Millisecond, "the first is under way")
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = box.Cast(short, r.ID, vote("given up", "o1"))
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.NoError(t, held.Rollback(ctx))
	require.NoError(t, all.Wait())
	_, err = box.Cast(ctx, r.ID, vote("last", "o1"))
	require.NoError(t, err)
	cast, err := s.Turnout(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, []store.Turnout{{Class: poll.ClassPublic, Part: "zhangdian", Ballots: 2}}, cast)
}
