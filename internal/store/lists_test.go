package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

func record(t require.TestingT, s *store.Store, told *story) {
	_, err := s.Record(ctx, store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
}

// office is a store with matters at every point of their course, some of them begun so that their limits lie around now.
func office(t *testing.T, matters int) (*store.Store, []*story) {
	t.Helper()
	s := storetest.New(t)
	var stories []*story
	for i := range matters {
		told := newStory(newSpec(fmt.Sprint("事项", i), func(spec *procedure.Spec) {
			spec.At = time.Now().UTC().Add(-time.Duration(i%40) * 12 * time.Hour).Truncate(time.Microsecond)
			if i%5 == 0 {
				spec.Clock = procedure.Clock{Start: spec.At, Factor: 60}
			}
		}))
		switch i % 4 {
		case 0:
			require.NoError(t, told.start(false))
		case 3:
			told = finished(t, told.spec)
		default:
			require.NoError(t, told.start(true))
		}
		record(t, s, told)
		stories = append(stories, told)
	}
	return s, stories
}

func TestAssignmentsComeNearestFirstOnceEach(t *testing.T) {
	s, stories := office(t, 60)
	type key struct {
		matter string
		id     int64
	}
	rapid.Check(t, func(rt *rapid.T) {
		posts := rapid.SliceOfNDistinct(rapid.SampledFrom([]procedure.Post{clerk, leader, deputy, director, county}), 1, 5, rapid.ID).Draw(rt, "posts")
		duty := rapid.SampledFrom([]procedure.Duty{"", procedure.DutyAct, procedure.DutySign}).Draw(rt, "duty")
		limit := rapid.IntRange(1, 25).Draw(rt, "limit")
		want := map[key]bool{}
		for _, told := range stories {
			for _, a := range told.state.Assignments {
				if slices.Contains(posts, a.Post) && !a.Waits && (duty == "" || a.Duty == duty) {
					want[key{told.spec.Matter, a.Assignment}] = true
				}
			}
		}
		got := map[key]bool{}
		var after *store.AssignmentCursor
		last := time.Time{}
		for {
			page, err := s.Assignments(ctx, store.AssignmentFilter{Posts: posts, Duty: duty}, after, limit)
			require.NoError(rt, err)
			for _, a := range page {
				require.False(rt, got[key{a.Matter, a.ID}], "twice")
				got[key{a.Matter, a.ID}] = true
				require.True(rt, last.IsZero() && after == nil || a.RedAt.IsZero() || !last.IsZero() && !a.RedAt.Before(last) || len(got) == 1, "in order")
				last = a.RedAt
			}
			if len(page) < limit {
				break
			}
			cursor := page[len(page)-1].Cursor()
			after = &cursor
		}
		require.Equal(rt, want, got)
	})
}

func TestMattersComeOnceEachInBothOrders(t *testing.T) {
	s, stories := office(t, 60)
	open := true
	for _, c := range []struct {
		name   string
		filter store.MatterFilter
		want   func(*story) bool
	}{
		{"all", store.MatterFilter{}, func(*story) bool { return true }},
		{"nearest", store.MatterFilter{Order: store.Nearest}, func(s *story) bool { return s.state.Closed.IsZero() }},
		{"open", store.MatterFilter{Open: &open}, func(s *story) bool { return s.state.Closed.IsZero() }},
		{"in a stage", store.MatterFilter{Stage: "review", Order: store.Nearest}, func(s *story) bool { return s.state.Stage == "review" }},
		{"of an outcome", store.MatterFilter{Outcome: procedure.OutcomeCompleted}, func(s *story) bool { return s.state.Outcome == procedure.OutcomeCompleted }},
		{"of a unit", store.MatterFilter{Unit: "archive"}, func(s *story) bool { return !s.state.Closed.IsZero() }},
		{"of a unit, the open ones", store.MatterFilter{Unit: "office", Open: &open, Order: store.Nearest}, func(s *story) bool { return s.state.Closed.IsZero() }},
		{"among a unit's, the open ones", store.MatterFilter{Among: []string{"office"}, Procedure: "proposal", Open: &open}, func(s *story) bool { return s.state.Closed.IsZero() && s.state.Stage != "draft" }},
		{"among several units', nearest", store.MatterFilter{Among: []string{"office", "archive"}, Order: store.Nearest}, func(s *story) bool { return s.state.Closed.IsZero() && s.state.Stage != "draft" }},
		{"copied", store.MatterFilter{Involved: &store.Involved{Kind: store.InvolvedCopied, Posts: []procedure.Post{"archive/clerk"}}},
			func(s *story) bool { return len(s.state.Copied) > 0 }},
		{"acted in", store.MatterFilter{Involved: &store.Involved{Kind: store.InvolvedActed, Person: by(director).Person}},
			func(s *story) bool { return !s.state.Closed.IsZero() }},
		{"seen", store.MatterFilter{Sight: func(first int) (string, []any) {
			return fmt.Sprintf("matter.stage = $%d", first), []any{"draft"}
		}}, func(s *story) bool { return s.state.Stage == "draft" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := map[string]bool{}
			for _, told := range stories {
				if c.want(told) {
					want[told.spec.Matter] = true
				}
			}
			require.NotEmpty(t, want)
			got := map[string]bool{}
			var after *store.MatterCursor
			var last store.MatterItem
			for {
				page, err := s.Matters(t.Context(), c.filter, after, 7)
				require.NoError(t, err)
				for _, m := range page {
					assert.False(t, got[m.ID], "twice")
					if c.filter.Order == store.Nearest {
						assert.True(t, last.ID == "" || m.RedAt.IsZero() || !m.RedAt.Before(last.RedAt) && !last.RedAt.IsZero(), "nearest first")
					} else {
						assert.True(t, last.ID == "" || m.ID < last.ID, "newest first")
					}
					got[m.ID], last = true, m
				}
				if len(page) < 7 {
					break
				}
				cursor := page[len(page)-1].Cursor()
				after = &cursor
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestColourIsOfTheMattersOwnClock(t *testing.T) {
	s, stories := office(t, 80)
	// A colour may turn between one look and the next, of the fast clocks above all: then all is looked at again.
	require.EventuallyWithT(t, func(c *assert.CollectT) { coloured(c, s, stories) }, time.Minute, time.Millisecond)
}

// coloured holds what the lists say of the stories' matters against what their own clocks say now.
func coloured(t require.TestingT, s *store.Store, stories []*story) {
	now := time.Now()
	want := map[store.Colour]map[string]bool{store.Green: {}, store.Yellow: {}, store.Red: {}, store.None: {}}
	for _, told := range stories {
		st := &told.state
		if st.Stage == procedure.Closed {
			continue
		}
		colour, virtual := store.None, st.Spec.Clock.Virtual(now)
		for _, l := range st.Limits {
			switch {
			case l.Slip != 0: // its receiver's
			case !virtual.Before(l.Due.At):
				colour = store.Red
			case !virtual.Before(st.Warn(l)) && colour != store.Red:
				colour = store.Yellow
			case colour == store.None:
				colour = store.Green
			}
		}
		want[colour][told.spec.Matter] = true
	}
	open := true
	total := 0
	for colour, matters := range want {
		list, err := s.Matters(ctx, store.MatterFilter{Colour: colour, Open: &open, Order: store.Nearest}, nil, 1000)
		require.NoError(t, err)
		got := map[string]bool{}
		for _, m := range list {
			got[m.ID] = true
			assert.Equal(t, colour, m.Colour)
		}
		assert.Equal(t, matters, got, colour)
		assert.NotEmpty(t, matters, colour)
		total += len(got)
	}
	assert.Equal(t, 60, total)
	posts := []procedure.Post{leader, leader, director}
	list, err := s.Assignments(ctx, store.AssignmentFilter{Posts: posts}, nil, 1000)
	require.NoError(t, err)
	first := list[0].RedAt // a day begins with the first, and ends before the last of those with a term
	last := first
	waiting := store.Counts{Colour: map[store.Colour]int{}, Duty: map[procedure.Duty]int{}}
	for _, a := range list {
		waiting.Colour[a.Colour]++
		waiting.Duty[a.Duty]++
		if !a.RedAt.IsZero() {
			last = a.RedAt
		}
	}
	for _, a := range list {
		if !a.RedAt.IsZero() && a.RedAt.Before(last) {
			waiting.Today++
		}
	}
	require.Positive(t, waiting.Today)
	counts, err := s.AssignmentCounts(ctx, posts, first, last)
	require.NoError(t, err)
	assert.Equal(t, waiting, counts)
}

func TestSuspendedMatterHasNoColour(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("暂停"))
	require.NoError(t, told.start(true))
	require.NoError(t, told.try(procedure.Command{Action: procedure.ActionSuspend, Actor: by(director), Opinion: "等待上级意见"}))
	record(t, s, told)
	m, err := s.Matter(t.Context(), told.spec.Matter, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{true, store.None}, []any{m.Suspended, m.Colour})
	assert.False(t, m.Due.IsZero(), "it is still shown")
	require.NoError(t, told.try(procedure.Command{Action: procedure.ActionResume, Actor: by(director)}))
	record(t, s, told)
	m, err = s.Matter(t.Context(), told.spec.Matter, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{false, store.Red}, []any{m.Suspended, m.Colour})
}

// A slip nobody has signed for is red for its receiver, not for the matter, whose own stage has no term.
func TestATermToSignColoursTheReceiverAlone(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("待签收", func(spec *procedure.Spec) {
		p := &spec.Procedure
		p.Stages[0].Actions = map[procedure.ActionName]procedure.Target{procedure.ActionApprove: {"brief"}}
		p.Stages[3].Next = "decide"
	}))
	require.NoError(t, told.start(true))
	record(t, s, told)
	m, err := s.Matter(t.Context(), told.spec.Matter, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{"decide", store.None}, []any{m.Stage, m.Colour})
	assert.True(t, m.Due.IsZero())
	list, err := s.Assignments(t.Context(), store.AssignmentFilter{Posts: []procedure.Post{county}}, nil, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, store.Red, list[0].Colour)
}

func TestSlipsComeOnceEach(t *testing.T) {
	s, stories := office(t, 40)
	for name, c := range map[string]struct {
		filter store.SlipFilter
		want   func(procedure.Slip) bool
	}{
		"all":       {store.SlipFilter{}, func(procedure.Slip) bool { return true }},
		"of a kind": {store.SlipFilter{Kind: "brief"}, func(s procedure.Slip) bool { return s.Kind == "brief" }},
		"received":  {store.SlipFilter{Posts: []procedure.Post{county}}, func(s procedure.Slip) bool { return slices.Contains(s.To, county) }},
		"unsigned":  {store.SlipFilter{Unsigned: true}, func(s procedure.Slip) bool { return len(s.Signed) < len(s.To) }},
	} {
		want, got := map[string]bool{}, map[string]bool{}
		for _, told := range stories {
			for _, slip := range told.state.Slips {
				if c.want(slip) {
					want[fmt.Sprint(told.spec.Matter, slip.Slip)] = true
				}
			}
		}
		var after *store.SlipCursor
		for {
			page, err := s.Slips(t.Context(), c.filter, after, 3)
			require.NoError(t, err)
			for _, slip := range page {
				id := fmt.Sprint(slip.Matter, slip.ID)
				assert.False(t, got[id], "twice")
				got[id] = true
			}
			if len(page) < 3 {
				break
			}
			cursor := page[len(page)-1].Cursor()
			after = &cursor
		}
		assert.Equal(t, want, got, name)
	}
	_, err := s.Slip(t.Context(), stories[0].spec.Matter, 99, nil)
	assert.ErrorIs(t, err, store.ErrNotFound)
}

func TestDraftIsAMatterThatNeverLeftItsFirstStage(t *testing.T) {
	s := storetest.New(t)
	draft := func(told *story) bool {
		record(t, s, told)
		m, err := s.Matter(t.Context(), told.spec.Matter, nil)
		require.NoError(t, err)
		return m.Draft
	}
	told := newStory(newSpec("草稿"))
	require.NoError(t, told.start(false))
	assert.True(t, draft(told))
	require.NoError(t, told.try(procedure.Command{Action: procedure.ActionApprove, Actor: by(clerk)}))
	assert.False(t, draft(told))
	require.NoError(t, told.try(procedure.Command{Action: procedure.ActionReturn, Actor: by(leader), Opinion: "退"}))
	assert.False(t, draft(told), "returned, but seen by others already")

	withdrawn := newStory(newSpec("草稿"))
	require.NoError(t, withdrawn.start(false))
	require.NoError(t, withdrawn.try(procedure.Command{Action: procedure.ActionWithdraw, Actor: by(clerk), Opinion: "撤"}))
	assert.True(t, draft(withdrawn), "withdrawn before anybody saw it")

	late := newStory(newSpec("草稿"))
	require.NoError(t, late.start(false))
	late.take([]procedure.Event{{Seq: late.state.Seq + 1, At: late.now, Body: procedure.AssignmentOpened{
		Assignment: late.state.Seq + 1, Post: "elsewhere/head", Duty: procedure.DutyAttend}}})
	assert.False(t, draft(late), "put before somebody else, who must be able to open it")

	consulted := newStory(newSpec("草稿"))
	require.NoError(t, consulted.start(false))
	asked := consulted.state.Seq + 1
	consulted.take([]procedure.Event{{Seq: asked, At: consulted.now, Body: procedure.AssignmentOpened{
		Assignment: asked, Stage: consulted.state.Stage, Post: "elsewhere/head", Duty: procedure.DutyAct}}})
	assert.False(t, draft(consulted))
	consulted.now = consulted.now.Add(time.Hour)
	consulted.take([]procedure.Event{{Seq: asked + 1, At: consulted.now, Body: procedure.AssignmentClosed{Assignment: asked, How: procedure.EndedDone}}})
	assert.False(t, draft(consulted), "what another unit has had in hand is not hidden from it again")
}

// What another matter asked of a unit is no draft of its own: the office that gave it out sees it wait from the first day,
// and counts it.
func TestWhatAnotherMatterAskedForIsNoDraft(t *testing.T) {
	s := storetest.New(t)
	spec := newSpec("实施方案")
	spec.Parent = &procedure.Parent{Matter: newSpec("推广推介").Matter, Link: "plans"}
	told := newStory(spec)
	require.NoError(t, told.start(false))
	record(t, s, told)
	m, err := s.Matter(t.Context(), told.spec.Matter, nil)
	require.NoError(t, err)
	assert.False(t, m.Draft)
	given, err := s.Matters(t.Context(), store.MatterFilter{Among: []string{"office"}}, nil, 10)
	require.NoError(t, err)
	assert.Len(t, given, 1)
}

func TestFieldsComeAlongWithALedger(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("台账"))
	record(t, s, told)
	list, err := s.Matters(t.Context(), store.MatterFilter{Fields: []string{"summary", "unknown"}}, nil, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.JSONEq(t, `"充实后的5G基站共享方案"`, string(list[0].Fields["summary"]))
	for _, id := range []string{"", "1", matterID()} {
		_, err = s.Matter(t.Context(), id, nil)
		assert.ErrorIs(t, err, store.ErrNotFound, id)
	}
}
