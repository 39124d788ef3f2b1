package store

import (
	"context"
	"time"
)

// Spend notes that something has been used which may be so a number of times until it ends, by whichever process, and says
// how many times it now has been. mark names it.
func (s *Store) Spend(ctx context.Context, mark []byte, ends time.Time) (times int, err error) {
	err = s.pool.QueryRow(ctx, `INSERT INTO poll_spent (mark, ends) VALUES ($1, $2)
		ON CONFLICT (mark) DO UPDATE SET times = poll_spent.times + 1 RETURNING times`, mark, ends).Scan(&times)
	return times, classify(err)
}

// ForgetSpent forgets what ended an hour ago or earlier: processes' clocks may differ a little.
func (s *Store) ForgetSpent(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM poll_spent WHERE ends < now() - interval '1 hour'`)
	return classify(err)
}
