package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Visible gives those of the matters that are there and the person may see.
func (s *Store) Visible(ctx context.Context, matters []string, sight Sight) ([]string, error) {
	var q query
	q.and("matter.id = ANY (?::uuid[])", matters)
	q.see(sight)
	rows, err := s.pool.Query(ctx, `SELECT matter.id::text FROM matter WHERE `+q.conditions(), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	seen, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return seen, classify(err)
}

// JournalOpen counts the commands accepted and not yet settled, and says how old the oldest is, in seconds.
func (s *Store) JournalOpen(ctx context.Context) (open int, oldest float64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*), COALESCE(EXTRACT(EPOCH FROM now() - min(at)), 0)::float8 FROM journal WHERE state = 'open'`).
		Scan(&open, &oldest)
	return open, oldest, classify(err)
}

// Early counts the matters that wait for events before those that came.
func (s *Store) Early(ctx context.Context) (matters int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(DISTINCT matter) FROM event_early`).Scan(&matters)
	return matters, classify(err)
}
