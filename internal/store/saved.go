package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What may go wrong with what a person keeps.
var (
	ErrNameTaken = errors.New("the name is taken")
	ErrTooMany   = errors.New("too many are kept")
)

// SavedFilter is a filter of a page's list that a person keeps, as the page's query.
type SavedFilter struct {
	ID    string
	Name  string
	Query string
}

// savedMost is how many filters a person keeps of a page.
const savedMost = 20

// SavedFilters lists a person's filters of a page by name.
func (s *Store) SavedFilters(ctx context.Context, person, page string) ([]SavedFilter, error) {
	rows, err := s.pool.Query(ctx, `SELECT id::text, name, query FROM saved_filter WHERE person = $1 AND page = $2 ORDER BY name`, person, page)
	if err != nil {
		return nil, classify(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SavedFilter])
	return found, classify(err)
}

// SaveFilter keeps a filter and gives its id. ErrNameTaken, ErrTooMany.
func (s *Store) SaveFilter(ctx context.Context, person, page string, f SavedFilter) (id string, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		// One at a time for a person, so that the count holds.
		if _, err := tx.Exec(ctx, `SELECT FROM person WHERE id = $1 FOR NO KEY UPDATE`, person); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `INSERT INTO saved_filter (person, page, name, query) SELECT $1, $2, $3, $4
			WHERE (SELECT count(*) FROM saved_filter WHERE person = $1 AND page = $2) < $5 RETURNING id::text`,
			person, page, f.Name, f.Query, savedMost).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrTooMany
		}
		return err
	})
	return id, taken(err)
}

// ChangeFilter renames a person's filter, or gives it another query. ErrNotFound, ErrNameTaken.
func (s *Store) ChangeFilter(ctx context.Context, person string, f SavedFilter) error {
	if uuid.Validate(f.ID) != nil {
		return ErrNotFound
	}
	done, err := s.pool.Exec(ctx, `UPDATE saved_filter SET name = $3, query = $4 WHERE id = $1 AND person = $2`, f.ID, person, f.Name, f.Query)
	if err != nil {
		return taken(classify(err))
	}
	if done.RowsAffected() == 0 {
		return ErrNotFound
	}
	return nil
}

// DropFilter forgets a person's filter. ErrNotFound.
func (s *Store) DropFilter(ctx context.Context, person, id string) error {
	if uuid.Validate(id) != nil {
		return ErrNotFound
	}
	done, err := s.pool.Exec(ctx, `DELETE FROM saved_filter WHERE id = $1 AND person = $2`, id, person)
	if err == nil && done.RowsAffected() == 0 {
		return ErrNotFound
	}
	return classify(err)
}

func taken(err error) error {
	var own *pgconn.PgError
	if errors.As(err, &own) && own.ConstraintName == "saved_filter_name" {
		return ErrNameTaken
	}
	return err
}

// Preference gives what a person chose under a name; nil: nothing yet.
func (s *Store) Preference(ctx context.Context, person, name string) (json.RawMessage, error) {
	var value json.RawMessage
	err := classify(s.pool.QueryRow(ctx, `SELECT value FROM preference WHERE person = $1 AND name = $2`, person, name).Scan(&value))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return value, err
}

// PutPreference keeps what a person chose under a name.
func (s *Store) PutPreference(ctx context.Context, person, name string, value json.RawMessage) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO preference (person, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (person, name) DO UPDATE SET value = EXCLUDED.value`, person, name, value)
	return classify(err)
}
