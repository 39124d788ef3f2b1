package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// crowd is what rows are drawn from.
type crowd struct {
	procedures []*procedure.Procedure
	units      []string // that start matters
	groups     []string // concerned beside
	posts      []string // matters wait on
	persons    []string
}

// crowdOf draws from the whole of the organisation that a rulebook is for.
func crowdOf(l *rulebook.Library, persons []string) (crowd, error) {
	c := crowd{persons: persons}
	in, ok := l.Rulebook(book)
	if !ok {
		return c, fmt.Errorf("bench: no rulebook %s", book)
	}
	for _, p := range in.Procedures {
		c.procedures = append(c.procedures, p)
	}
	slices.SortFunc(c.procedures, func(a, b *procedure.Procedure) int { return slices.Compare([]byte(a.Key), []byte(b.Key)) })
	o, ok := l.Organisation(in.Organisation)
	if !ok {
		return c, fmt.Errorf("bench: no organisation %s", in.Organisation)
	}
	for _, u := range o.Units {
		switch u.Kind {
		case "department", "district":
			c.units = append(c.units, u.ID)
		case "special-group":
			c.groups = append(c.groups, u.ID)
		}
	}
	for _, p := range o.Posts {
		c.posts = append(c.posts, string(post(p.Unit, p.Role)))
	}
	return c, nil
}

// Of the newest tenth of the matters four in five are open, of the rest one in fifty.
const (
	drawn = `CREATE TEMP TABLE drawn (i bigint, id uuid, at timestamptz, procedure text, stage text, unit text, other text,
		person text, post text, open boolean, red timestamptz)`

	pick = `CREATE FUNCTION pg_temp.pick(i bigint, salt bigint, n int) RETURNS int LANGUAGE sql IMMUTABLE AS
		'SELECT ((hashint8extended(i, salt) % n + n) % n)::int'`

	// The ids are UUIDv7 of their times, five years up to now.
	draw = `INSERT INTO drawn
		SELECT i, (lpad(to_hex((EXTRACT(EPOCH FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' ||
				substr(md5(i::text), 4, 15))::uuid,
			at, ($2::text[])[1 + kind], ($3::text[])[1 + kind], ($4::text[])[1 + pg_temp.pick(i, 2, cardinality($4::text[]))],
			($5::text[])[1 + pg_temp.pick(i, 3, cardinality($5::text[]))], ($6::text[])[1 + pg_temp.pick(i, 4, cardinality($6::text[]))],
			($7::text[])[1 + pg_temp.pick(i, 5, cardinality($7::text[]))],
			pg_temp.pick(i, 6, 50) < CASE WHEN i > $1::bigint * 9 / 10 THEN 40 ELSE 1 END,
			CASE WHEN pg_temp.pick(i, 7, 10) = 0 THEN 'infinity' ELSE now() + (pg_temp.pick(i, 8, 86400) - 28800) * interval '1 minute' END
		FROM (SELECT i, now() - ($1::bigint - i) * (interval '5 years' / $1::bigint) AS at, pg_temp.pick(i, 1, cardinality($2::text[])) AS kind
			FROM generate_series(1, $1::bigint) i) s`

	drawnMatters = `INSERT INTO matter (id, organisation, rulebook, procedure, version, title, unit, starter, starter_name, stage, outcome,
			draft, holders, started, closed, due, yellow_at, red_at, owner, term, seq, hash, spec_hash, spec)
		SELECT id, $1, $2, procedure, 'bench', '压测事项第' || i || '号：科技创新券一码通兑', unit, person, '压测人员', CASE WHEN open THEN stage ELSE 'closed' END,
			CASE WHEN open THEN '' ELSE 'completed' END, false, CASE WHEN open THEN ARRAY[post] ELSE '{}' END, at,
			CASE WHEN NOT open THEN at + interval '20 days' END, CASE WHEN open AND red < 'infinity' THEN red END,
			CASE WHEN open THEN red - interval '3 days' ELSE 'infinity' END, CASE WHEN open THEN red ELSE 'infinity' END, unit, (at + interval '30 days')::date, 12, '', '', '{}'
		FROM drawn ORDER BY i`

	drawnUnits = `INSERT INTO matter_unit (unit, matter, procedure, open, red_at)
		SELECT unnest(ARRAY[unit, other, 'office']), id, procedure, open, CASE WHEN open THEN red ELSE 'infinity' END
		FROM drawn ORDER BY i ON CONFLICT DO NOTHING`

	drawnAssignments = `INSERT INTO assignment (matter, id, post, unit, duty, stage, slip, how, waits, claimed, opened, closed, ended, due,
			yellow_at, red_at)
		SELECT id, 1, post, split_part(post, '/', 1), 'act', stage, 0, '', false, '', at, CASE WHEN NOT open THEN at + interval '2 days' END,
			CASE WHEN open THEN '' ELSE 'done' END, CASE WHEN red < 'infinity' THEN red END, red - interval '3 days', red
		FROM drawn ORDER BY i`

	drawnInvolved = `INSERT INTO involvement (who, kind, matter, at) SELECT person, 'started', id, at FROM drawn ORDER BY i`
)

// fill writes so many matters' rows straight into the tables that lists are read from, without events or specifications:
// lists read neither.
func fill(ctx context.Context, database string, matters int, c crowd) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var kinds, stages []string
	for _, p := range c.procedures {
		kinds, stages = append(kinds, p.Key), append(stages, p.Stages[len(p.Stages)/2].Key)
	}
	organisation := ""
	if err := conn.QueryRow(ctx, `SELECT organisation FROM unit WHERE id = $1`, office).Scan(&organisation); err != nil {
		return err
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{drawn, nil}, {pick, nil},
		{draw, []any{matters, kinds, stages, c.units, c.groups, c.persons, c.posts}},
		{drawnMatters, []any{organisation, book}}, {drawnUnits, nil}, {drawnAssignments, nil}, {drawnInvolved, nil},
		{`VACUUM (ANALYZE) matter, matter_unit, assignment, involvement`, nil},
	} {
		if _, err := conn.Exec(ctx, step.sql, step.args...); err != nil {
			return err
		}
	}
	return nil
}
