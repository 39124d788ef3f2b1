package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/calendar"
)

// HeldBy is what times are summed by.
type HeldBy string

// The ways to sum who had the clock.
const (
	HeldByUnit      HeldBy = "unit"
	HeldByPost      HeldBy = "post"
	HeldByProcedure HeldBy = "procedure"
	HeldByMatter    HeldBy = "matter"
)

// HeldSum is how long one holder had the clock, over matters. Somebody who suspended a matter had it from then on.
type HeldSum struct {
	Key      string // unit, post, "rulebook/procedure" or matter; empty for the system
	Kind     HolderKind
	Title    string        // HeldByMatter: the matter's
	Matters  int           // in how many
	Now      int           // of these, how many are with it now
	Calendar time.Duration // by the calendar
	Working  time.Duration // working time alone
	Longest  time.Duration // calendar time of the longest segment
}

// heldMost bounds how many sums are given.
const heldMost = 500

// Held sums who had the clock over the matters of a filter, longest working time first. What several posts held together
// counts with each. table and hours tell working time in segments that still run.
func (s *Store) Held(ctx context.Context, f MatterFilter, by HeldBy, now time.Time, table calendar.Table) ([]HeldSum, error) {
	var q query
	q.and("NOT matter.draft")
	f.among(&q)
	key, title, join := "held.unit", "''", ""
	switch by {
	case HeldByUnit:
	case HeldByPost:
		key, join = "COALESCE(p.post, '')", "LEFT JOIN LATERAL unnest(held.posts) AS p(post) ON TRUE"
	case HeldByProcedure:
		key = "matter.rulebook || '/' || matter.procedure"
		q.and("held.once")
	case HeldByMatter:
		key, title = "matter.id::text", "matter.title"
		q.and("held.once")
	default:
		return nil, fmt.Errorf("store: times cannot be summed by %q", by)
	}
	days := workingDays(table, now)
	ends := fmt.Sprintf("COALESCE(held.to_at, CASE WHEN matter.clock_factor = 0 THEN %[1]s::timestamptz ELSE matter.clock_start + (%[1]s::timestamptz - matter.clock_start) * matter.clock_factor END)", q.arg(now))
	opens, closes, sums := q.arg(days.opens), q.arg(days.closes), q.arg(days.before)
	worked := func(at string) string { // working seconds from the first day of the table up to an instant
		return fmt.Sprintf(`(SELECT COALESCE((%[3]s::float8[])[i] + extract(epoch FROM least(%[4]s, (%[2]s::timestamptz[])[i]) - (%[1]s::timestamptz[])[i]), 0)
			FROM width_bucket(%[4]s, %[1]s::timestamptz[]) AS i)`, opens, closes, sums, at)
	}
	rows, err := s.pool.Query(ctx, fmt.Sprintf(`
		SELECT key, kind, title, count(DISTINCT matter), count(DISTINCT matter) FILTER (WHERE open),
			sum(extract(epoch FROM ends - from_at))::float8, sum(working)::float8, max(extract(epoch FROM ends - from_at))::float8
		FROM (
			SELECT %s AS key, held.kind, %s AS title, held.matter, held.to_at IS NULL AS open, held.from_at, e.ends,
				CASE WHEN held.working IS NOT NULL THEN held.working * 60.0 ELSE greatest(0, %s - %s) END AS working
			FROM matter JOIN held ON held.matter = matter.id %s CROSS JOIN LATERAL (SELECT greatest(held.from_at, %s) AS ends) e
			WHERE %s) segment
		GROUP BY key, kind, title ORDER BY sum(working) DESC, key LIMIT %s`,
		key, title, worked("e.ends"), worked("held.from_at"), join, ends, q.conditions(), q.arg(heldMost)), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h HeldSum, err error) {
		var all, working, longest float64
		err = row.Scan(&h.Key, &h.Kind, &h.Title, &h.Matters, &h.Now, &all, &working, &longest)
		seconds := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)).Round(time.Second) }
		h.Calendar, h.Working, h.Longest = seconds(all), seconds(working), seconds(longest)
		return h, err
	})
	return found, classify(err)
}

// counted are working days with the working seconds before each.
type counted struct {
	opens, closes []time.Time
	before        []float64
}

// Years of working days a sum looks back and, for matters on a faster clock, ahead.
const (
	heldBack  = 3
	heldAhead = 2
)

func workingDays(table calendar.Table, now time.Time) counted {
	cal := calendar.Calendar{Table: table}
	hours := cal.Hours.OrDefault()
	year := calendar.DateOf(now).Year
	var days counted
	sum := 0.0
	for day := (calendar.Date{Year: year - heldBack, Month: time.January, Day: 1}); day.Year <= year+heldAhead; day = day.AddDays(1) {
		if !cal.Workday(day) {
			continue
		}
		opens, closes := day.At(hours.Opens), day.At(hours.Closes)
		days.opens, days.closes, days.before = append(days.opens, opens), append(days.closes, closes), append(days.before, sum)
		sum += closes.Sub(opens).Seconds()
	}
	return days
}
