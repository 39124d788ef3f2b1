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
