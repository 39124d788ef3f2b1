package store

import "context"

// Visible reports whether a matter is there and the person may see it.
func (s *Store) Visible(ctx context.Context, matter string, sight Sight) (visible bool, err error) {
	var q query
	q.and("matter.id = ?", matter)
	q.see(sight)
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM matter WHERE `+q.conditions()+`)`, q.args...).Scan(&visible)
	return visible, classify(err)
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
