package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// AssignmentFilter chooses open assignments whose turn has come; zero fields do not restrict.
type AssignmentFilter struct {
	Posts    []procedure.Post // before any of these
	Duty     procedure.Duty
	Colour   Colour
	From, To time.Time // its limit ends from one instant to before the other, by the wall
	Returned bool      // its stage was reached by a return
}

// AssignmentCursor is the place after an assignment in its list: nearest limit first, those without one last.
type AssignmentCursor struct {
	RedAt  time.Time // zero: no limit
	Matter string
	ID     int64
}

// AssignmentItem is an assignment in a list, with what is needed of its matter.
type AssignmentItem struct {
	Matter    string
	ID        int64
	Post      procedure.Post
	Duty      procedure.Duty
	Stage     string
	Slip      int64
	How       procedure.ActionName
	Claimed   string    // person
	Opened    time.Time // by the matter's clock, as Due
	Due       time.Time
	RedAt     time.Time // wall's instant of Due
	Colour    Colour
	Title     string // the matter's, as the rest
	Rulebook  string
	Procedure string
	Version   string
	Unit      string
	Suspended bool
	Rehearsal bool
}

// Cursor is the place after the assignment.
func (a AssignmentItem) Cursor() AssignmentCursor { return AssignmentCursor{a.RedAt, a.Matter, a.ID} }

// Assignments lists open assignments, nearest limit first, after the cursor (nil: from the start). Of several posts
// each gives its nearest by the index, and these are merged.
func (s *Store) Assignments(ctx context.Context, f AssignmentFilter, after *AssignmentCursor, limit int) ([]AssignmentItem, error) {
	var q query
	from, of := "", distinct(names(f.Posts))
	switch {
	case len(of) == 1:
		q.and("a.post = ?", of[0])
	case len(of) > 1:
		from = "unnest(" + q.arg(of) + "::text[]) AS before(it) CROSS JOIN LATERAL "
		q.and("a.post = before.it")
	}
	q.and("a.closed IS NULL AND NOT a.waits")
	if after != nil {
		q.and("(a.red_at, a.matter, a.id) > (?, ?, ?)", orInfinity(after.RedAt), after.Matter, after.ID)
	}
	equal(&q, "a.duty", string(f.Duty))
	q.coloured("a", f.Colour)
	if !f.To.IsZero() {
		q.and("a.red_at >= ? AND a.red_at < ?", f.From, f.To)
	}
	if f.Returned {
		q.and("a.duty = 'act' AND matter.state->>'via' = 'return' AND matter.stage = a.stage")
	}
	sql := fmt.Sprintf(`
			SELECT a.matter::text, a.id, a.post, a.duty, a.stage, a.slip, a.how, a.claimed, a.opened, a.due, a.red_at, %s AS colour,
				matter.title, matter.rulebook, matter.procedure, matter.version, matter.unit AS starter_unit, matter.suspended,
				matter.clock_factor <> 0 AS rehearsal
			FROM assignment a JOIN matter ON matter.id = a.matter
			WHERE %s ORDER BY a.red_at, a.matter, a.id LIMIT %s`, colourOf("a"), q.conditions(), rows(limit))
	if from != "" {
		sql = fmt.Sprintf(`SELECT a.* FROM %s (%s) a ORDER BY a.red_at, a.matter::uuid, a.id LIMIT %s`, from, sql, rows(limit))
	}
	found, err := s.pool.Query(ctx, sql, q.args...)
	if err != nil {
		return nil, classify(err)
	}
	items, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (a AssignmentItem, err error) {
		err = row.Scan(&a.Matter, &a.ID, &a.Post, &a.Duty, &a.Stage, &a.Slip, &a.How, &a.Claimed, &a.Opened, instant{&a.Due},
			instant{&a.RedAt}, &a.Colour, &a.Title, &a.Rulebook, &a.Procedure, &a.Version, &a.Unit, &a.Suspended, &a.Rehearsal)
		return a, err
	})
	return items, classify(err)
}

// Counts is how much waits: by the colour it has now, by what it asks for, and what becomes red within a day.
type Counts struct {
	Colour map[Colour]int
	Duty   map[procedure.Duty]int
	Today  int
}

// AssignmentCounts counts what waits on posts, as far as a number is worth reading: up to 1,000 of each post; those due from
// one instant until before another count as today's. The instants at which colours turn are remembered rather than the
// colours, so the count is right at any instant.
func (s *Store) AssignmentCounts(ctx context.Context, posts []procedure.Post, from, to time.Time) (Counts, error) {
	now, asked := time.Now(), 0
	var waiting [][]awaited
	var missing []string
	for _, post := range distinct(names(posts)) {
		known, turn, ok := s.waiting.get(procedure.Post(post), now)
		if ok {
			waiting = append(waiting, known)
		} else {
			missing, asked = append(missing, post), turn
		}
	}
	if len(missing) > 0 {
		found, err := s.awaited(ctx, missing)
		if err != nil {
			return Counts{}, err
		}
		for _, post := range missing {
			s.waiting.put(procedure.Post(post), found[post], now, asked)
			waiting = append(waiting, found[post])
		}
	}
	counts := Counts{Colour: map[Colour]int{}, Duty: map[procedure.Duty]int{}}
	at, first, last := seconds(now), seconds(from), seconds(to)
	for _, each := range waiting {
		for _, one := range each {
			counts.Colour[one.colour(at)]++
			counts.Duty[one.duty]++
			if one.red >= first && one.red < last {
				counts.Today++
			}
		}
	}
	return counts, nil
}

// seconds since 1970 of an instant.
func seconds(at time.Time) float64 { return float64(at.UnixMicro()) / 1e6 }

// awaited is what a count has to know of an assignment: what it asks for, and the instants at which its colour turns, in
// seconds since 1970; infinite where it never does.
type awaited struct {
	duty        procedure.Duty
	yellow, red float64
}

// colour is [colourOf] for an instant.
func (a awaited) colour(at float64) Colour {
	switch {
	case a.red <= at:
		return Red
	case a.yellow <= at:
		return Yellow
	case !math.IsInf(a.red, 1):
		return Green
	}
	return None
}

// awaited gives what waits on each of the posts, from the index alone.
func (s *Store) awaited(ctx context.Context, posts []string) (map[string][]awaited, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT before.it, array_agg(duty), array_agg(extract(epoch FROM yellow_at)::float8), array_agg(extract(epoch FROM red_at)::float8)
		FROM unnest($1::text[]) AS before(it) CROSS JOIN LATERAL (
			SELECT duty, red_at, yellow_at FROM assignment WHERE post = before.it AND closed IS NULL AND NOT waits
			ORDER BY red_at LIMIT 1000) a GROUP BY 1`, posts)
	if err != nil {
		return nil, classify(err)
	}
	found := map[string][]awaited{}
	var post string
	var duties []procedure.Duty
	var yellow, red []float64
	_, err = pgx.ForEachRow(rows, []any{&post, &duties, &yellow, &red}, func() error {
		all := make([]awaited, len(red))
		for i := range red {
			all[i] = awaited{duties[i], yellow[i], red[i]}
		}
		found[post] = all
		return nil
	})
	return found, classify(err)
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
