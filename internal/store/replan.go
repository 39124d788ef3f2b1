package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// replanLease is how long whoever takes a telling has it for himself.
const replanLease = time.Minute

// Replan is a matter that is still to be told of a year's special days.
type Replan struct {
	Matter string
	Year   CalendarYear
}

// LeaseReplans takes up to limit of them, of any year, for the caller alone.
func (s *Store) LeaseReplans(ctx context.Context, limit int) ([]Replan, error) {
	rows, err := s.pool.Query(ctx, `
		WITH taken AS (
			UPDATE replan r SET leased = now() + $1 FROM (
				SELECT matter, year FROM replan WHERE leased <= now() ORDER BY year, matter LIMIT $2 FOR UPDATE SKIP LOCKED) t
			WHERE (r.matter, r.year) = (t.matter, t.year) RETURNING r.matter, r.year)
		SELECT taken.matter::text, c.year, c.off, c.work, c.imported, c.person FROM taken JOIN calendar_year c USING (year) ORDER BY 2, 1`,
		replanLease, limit)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Replan, err error) {
		err = row.Scan(&r.Matter, &r.Year.Year.Year, &r.Year.Off, &r.Year.Work, instant{&r.Year.Imported}, &r.Year.Person)
		return r, err
	})
	return list, classify(err)
}

// Replanned puts down that a matter was told of a year as it was imported then; of a later import it is still to be told.
func (s *Store) Replanned(ctx context.Context, r Replan) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM replan WHERE matter = $1 AND year = $2
		AND $3 = (SELECT imported FROM calendar_year WHERE year = $2)`, r.Matter, r.Year.Year.Year, r.Year.Imported)
	return classify(err)
}

// ReturnReplans gives tellings back that were not done: they are anybody's at once.
func (s *Store) ReturnReplans(ctx context.Context, list []Replan) error {
	batch := &pgx.Batch{}
	for _, r := range list {
		batch.Queue(`UPDATE replan SET leased = '-infinity' WHERE matter = $1 AND year = $2`, r.Matter, r.Year.Year.Year)
	}
	return classify(s.pool.SendBatch(ctx, batch).Close())
}

// Replans counts the matters still to be told of a year.
func (s *Store) Replans(ctx context.Context, year int) (pending int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM replan WHERE year = $1`, year).Scan(&pending)
	return pending, classify(err)
}
