package embedded

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"duban/activities"
	"duban/internal/calendar"
	"duban/internal/engine"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/store"
	"duban/rulebooks"
	"duban/workflows"
)

// changed is the library that shipped with a place of the city's rules said otherwise.
func changed(t *testing.T, old, new string) *rulebook.Library {
	t.Helper()
	sources, err := rulebook.ReadSources(rulebooks.FS)
	require.NoError(t, err)
	text := sources[rulebook.FileOf("zibo-city")]
	require.Contains(t, text, old)
	library, err := sources.With(map[string]string{"zibo-city": strings.Replace(text, old, new, 1)}).Load()
	require.NoError(t, err)
	return library
}

// beginner opens what begins by itself by a library.
func beginner(library *rulebook.Library) func(context.Context, activities.BeginRequest) (procedure.Spec, error) {
	return func(_ context.Context, r activities.BeginRequest) (procedure.Spec, error) {
		b, ok := library.Beginning(r.Rulebook, r.Procedure)
		if !ok || !b.On(r.Day) {
			return procedure.Spec{}, &procedure.Refusal{Code: "begins-otherwise"}
		}
		request, err := b.Request(r.Day, nil)
		if err != nil {
			return procedure.Spec{}, err
		}
		request.Matter, request.At, request.Clock, request.Calendar = r.Matter, r.At, r.Clock, calendar.Shipped()
		return library.Open(request)
	}
}

// What begins by itself has a schedule, whoever made it first; the schedules follow the rules, keep an operator's pause, and
// make one matter of a day, however often they ring for it and whenever a worker is there to hear.
func TestSchedulesFollowTheRulesAndBeginOneMatter(t *testing.T) {
	o := newOffice(t, time.Minute)
	c, err := client.Dial(client.Options{HostPort: o.temporal, Namespace: applicationName, Logger: sdkLogger(quiet())})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	shipped, err := rulebook.Load(rulebooks.FS)
	require.NoError(t, err)
	var library atomic.Pointer[rulebook.Library]
	library.Store(shipped)
	running, stop := context.WithCancel(t.Context())
	var keeping sync.WaitGroup
	for range 2 {
		keeping.Go(func() {
			o.engine.KeepSchedules(running, func() []rulebook.Beginning { return library.Load().Beginnings() }, 20*time.Millisecond)
		})
	}
	t.Cleanup(func() { stop(); keeping.Wait() })

	upcoming := func(ctx context.Context) ([]engine.Upcoming, error) {
		return o.engine.Upcoming(ctx, shipped.Beginnings())
	}
	next := func(list []engine.Upcoming, key string) engine.Upcoming {
		n := slices.IndexFunc(list, func(u engine.Upcoming) bool { return u.Procedure.Key == key })
		require.GreaterOrEqual(t, n, 0)
		return list[n]
	}
	asked := time.Now()
	list := eventually(t, upcoming, func(list []engine.Upcoming) bool {
		return !slices.ContainsFunc(list, func(u engine.Upcoming) bool { return u.Next.IsZero() })
	})
	for _, up := range list {
		require.Contains(t, []int64{up.After(asked).At(up.Opens).Unix(), up.After(time.Now()).At(up.Opens).Unix()}, up.Next.Unix(), "%s: %s", up.Procedure.Key, up.Next)
		require.False(t, up.Paused)
	}
	id := workflows.BeginID("zibo-city", "practice-evaluation")
	evaluation := c.ScheduleClient().GetHandle(t.Context(), id)
	described, err := evaluation.Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, 31*24*time.Hour, described.Schedule.Policy.CatchupWindow, "days without a program are made up for")

	// It rings while no worker is there, twice: one matter begins when one is.
	day := calendar.Date{Year: 2026, Month: 3, Day: 1}
	for range 2 {
		require.NoError(t, evaluation.Backfill(t.Context(), client.ScheduleBackfillOptions{Backfill: []client.ScheduleBackfill{{
			Start: day.At(0), End: day.AddDays(1).At(0), Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL}}}))
	}
	for range 2 { // as two processes have them
		w := o.engine.Worker(&activities.Activities{Store: o.store, Beginner: beginner(shipped)})
		require.NoError(t, w.Start())
		t.Cleanup(w.Stop)
	}
	begun := eventually(t, func(ctx context.Context) ([]store.MatterItem, error) {
		return o.store.Matters(ctx, store.MatterFilter{Procedure: "practice-evaluation"}, nil, 10)
	}, func(list []store.MatterItem) bool { return len(list) > 0 })
	require.Equal(t, "2025年度创新改革经验推广推介成效评估", begun[0].Title)
	require.Equal(t, "office", begun[0].Unit)
	require.Equal(t, []procedure.Post{"office/clerk"}, begun[0].Holders)
	again, err := o.engine.Begin(t.Context(), workflows.Beginning{Rulebook: "zibo-city", Procedure: "practice-evaluation", Day: day})
	require.NoError(t, err)
	require.Equal(t, workflows.Begun{Matter: begun[0].ID}, again)
	described = eventually(t, evaluation.Describe, func(d *client.ScheduleDescription) bool {
		return len(d.Info.RecentActions) > 0 && len(d.Info.RunningWorkflows) == 0
	})
	kept := &stage{t: t, client: c, engine: o.engine}
	rang := described.Info.RecentActions[0].StartWorkflowResult.WorkflowID
	kept.keep("begin-scheduled", rang)
	kept.keep("begin-asked-again", workflows.BeginID("zibo-city", "practice-evaluation")+"/"+day.String())
	begun, err = o.store.Matters(t.Context(), store.MatterFilter{Procedure: "practice-evaluation"}, nil, 10)
	require.NoError(t, err)
	require.Len(t, begun, 1)
	refused, err := o.engine.Begin(t.Context(), workflows.Beginning{Rulebook: "zibo-city", Procedure: "practice-evaluation", Day: day.AddDays(1)})
	require.NoError(t, err)
	require.Equal(t, "begins-otherwise", refused.Refusal.Code)

	// The rules change: another day, and one that no longer begins by itself. A pause stays.
	require.NoError(t, evaluation.Pause(t.Context(), client.SchedulePauseOptions{Note: "暂停"}))
	eventually(t, func(ctx context.Context) (n int, err error) {
		list, err := c.ScheduleClient().List(ctx, client.ScheduleListOptions{})
		for err == nil && list.HasNext() {
			n++
			_, err = list.Next()
		}
		return n, err
	}, func(n int) bool { return n == len(shipped.Beginnings()) })
	library.Store(changed(t, "on: 03-01\n", "on: 04-01\n"))
	eventually(t, upcoming, func(list []engine.Upcoming) bool {
		d, err := evaluation.Describe(t.Context())
		up := next(list, "practice-evaluation")
		return err == nil && up.Paused && len(d.Info.NextActionTimes) > 0 && d.Info.NextActionTimes[0].In(time.UTC).Month() == time.April
	})
	// The rules the worker has in force know nothing of the day for which it rings: the administrators hear of it.
	first := calendar.Date{Year: 2026, Month: 4, Day: 1}
	require.NoError(t, evaluation.Backfill(t.Context(), client.ScheduleBackfillOptions{Backfill: []client.ScheduleBackfill{{
		Start: first.At(0), End: first.AddDays(1).At(0), Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL}}}))
	refusals := eventually(t, o.store.RefusedBeginnings, func(list []store.RefusedBeginning) bool { return len(list) > 0 })
	require.Equal(t, first, refusals[0].Day)
	require.Equal(t, []string{"practice-evaluation", "begins-otherwise"}, []string{refusals[0].Procedure, refusals[0].Refusal.Code})

	without := changed(t, "    begins:\n      on: [01-10, 07-10]\n      as: office\n      title: \"{year}年{half}创新改革经验推广推介评选\"\n      form: {term: \"{year}年{half}\"}\n      set-by: office                    # the article says each half-year; the office set the days\n", "")
	library.Store(without)
	eventually(t, upcoming, func(list []engine.Upcoming) bool { return next(list, "practice-promotion").Next.IsZero() })
	require.NoError(t, o.engine.Schedule(t.Context(), without.Beginnings()), "again is no harm")
}

// Where nothing ran over a month's end, the schedule rings at once for each day that may be the last: the one that is has its
// matter, however many rang before it.
func TestAMonthsLastDayIsMadeUpFor(t *testing.T) {
	o := newOffice(t, time.Minute)
	monthly := changed(t, "      on: 03-01\n", "      on: 31\n")
	require.NoError(t, o.engine.Schedule(t.Context(), monthly.Beginnings()))
	c, err := client.Dial(client.Options{HostPort: o.temporal, Namespace: applicationName, Logger: sdkLogger(quiet())})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	evaluation := c.ScheduleClient().GetHandle(t.Context(), workflows.BeginID("zibo-city", "practice-evaluation"))
	last := calendar.Date{Year: 2026, Month: 3, Day: 31}
	require.NoError(t, evaluation.Backfill(t.Context(), client.ScheduleBackfillOptions{Backfill: []client.ScheduleBackfill{{
		Start: last.AddDays(-3).At(0), End: last.AddDays(1).At(0)}}})) // as it makes up for them itself
	w := o.engine.Worker(&activities.Activities{Store: o.store, Beginner: beginner(monthly)})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	begun := eventually(t, func(ctx context.Context) ([]store.MatterItem, error) {
		return o.store.Matters(ctx, store.MatterFilter{Procedure: "practice-evaluation"}, nil, 10)
	}, func(list []store.MatterItem) bool { return len(list) > 0 })
	require.Len(t, begun, 1)
}
