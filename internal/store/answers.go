package store

import (
	"bytes"
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// answering is how long a request under way keeps its key for itself; after that its process must have died.
const answering = time.Minute

// answersKept is how long a key is remembered.
const answersKept = 7 * 24 * time.Hour

// Answer is what was said to a request under its idempotency key. Status 0: another request with the key is under way.
type Answer struct {
	Status int
	Body   []byte
}

// BeginAnswer claims a key. Where it was claimed before, the answer given then comes back and fresh is false;
// ErrKeyReused: it was claimed by another person, or for another request.
func (s *Store) BeginAnswer(ctx context.Context, key, person string, request []byte) (a Answer, fresh bool, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO answer (key, person, request) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET at = now()
			WHERE answer.status IS NULL AND answer.at < now() - $4::interval AND answer.person = $2 AND answer.request = $3`,
			key, person, request, answering)
		if err != nil {
			return err
		}
		if fresh = tag.RowsAffected() == 1; fresh {
			return nil
		}
		var other string
		var asked []byte
		err = tx.QueryRow(ctx, `SELECT person, request, COALESCE(status, 0), body FROM answer WHERE key = $1`, key).
			Scan(&other, &asked, &a.Status, &a.Body)
		if err == nil && (other != person || !bytes.Equal(asked, request)) {
			return ErrKeyReused
		}
		return err
	})
	return a, fresh, err
}

// FinishAnswer keeps what was answered.
func (s *Store) FinishAnswer(ctx context.Context, key string, a Answer) error {
	_, err := s.pool.Exec(ctx, `UPDATE answer SET status = $2, body = $3 WHERE key = $1`, key, a.Status, a.Body)
	return classify(err)
}

// ForgetAnswer gives a key free: its request failed without an outcome and may be tried again.
func (s *Store) ForgetAnswer(ctx context.Context, key string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM answer WHERE key = $1 AND status IS NULL`, key)
	return classify(err)
}

// PurgeAnswers forgets keys that are too old to be sent again.
func (s *Store) PurgeAnswers(ctx context.Context, now time.Time) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM answer WHERE at < $1`, now.Add(-answersKept))
	return classify(err)
}
