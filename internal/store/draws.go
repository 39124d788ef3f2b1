package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// DrawItem is a draw in the public's list.
type DrawItem struct {
	ID        string
	Title     string // of its matter
	Committed time.Time
	Revealed  bool
	Rehearsal bool
}

// Draws of rounds part ties, and are published with them; of the others those are public that a stage draws lots by.
const publicDraws = `SELECT id, title, committed, revealed, rehearsal FROM (
		SELECT draw.id, matter.title, committed, revealed IS NOT NULL AS revealed, clock_factor <> 0 AS rehearsal, spec
		FROM draw JOIN matter ON matter.id = CASE WHEN draw.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[.]' THEN left(draw.id, 36)::uuid END
		WHERE ($1 OR clock_factor = 0) AND NOT EXISTS (SELECT FROM poll_round WHERE poll_round.draw = draw.commitment)
		ORDER BY committed DESC, draw.id DESC LIMIT $2) latest
	WHERE jsonb_path_exists(spec::jsonb, '$.procedure.stages[*].draw ? (@.seed == $seed && exists(@.from))',
		jsonb_build_object('seed', substring(id FROM '^[^.]*[.](.*)[.][^.]*$')))
	ORDER BY committed DESC, id DESC`

// Draws lists the latest public draws committed to, at most so many, with or without those of rehearsals.
func (s *Store) Draws(ctx context.Context, rehearsals bool, limit int) ([]DrawItem, error) {
	rows, err := s.pool.Query(ctx, publicDraws, rehearsals, limit)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d DrawItem, err error) {
		err = row.Scan(&d.ID, &d.Title, instant{&d.Committed}, &d.Revealed, &d.Rehearsal)
		return d, err
	})
	return list, classify(err)
}
