package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// Rulebook is one version of a rulebook with its sources, by file name, as they were when it was put in force.
type Rulebook struct {
	Key     string
	Version string // digest of the sources
	Sources map[string]string
	InForce time.Time // since
	Person  string    // who put it in force; empty: it came with the program
}

// PutRulebook puts a version in force from its InForce on. The same version again changes nothing: what running matters
// were started under stays as it was.
func (s *Store) PutRulebook(ctx context.Context, r Rulebook) error {
	sources, err := json.Marshal(r.Sources)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `INSERT INTO rulebook (key, version, sources, in_force, person) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		r.Key, r.Version, sources, r.InForce, r.Person)
	return classify(err)
}

// RulebookInForce gives the version in force at an instant. ErrNotFound: none is.
func (s *Store) RulebookInForce(ctx context.Context, key string, at time.Time) (Rulebook, error) {
	list, err := s.rulebooks(ctx, `WHERE key = $1 AND in_force <= $2 ORDER BY in_force DESC, version LIMIT 1`, key, at)
	if err == nil && len(list) == 0 {
		return Rulebook{}, ErrNotFound
	}
	if err != nil {
		return Rulebook{}, err
	}
	return list[0], nil
}

// RulebookVersion gives one version. ErrNotFound: it never was in force.
func (s *Store) RulebookVersion(ctx context.Context, key, version string) (Rulebook, error) {
	list, err := s.rulebooks(ctx, `WHERE key = $1 AND version = $2`, key, version)
	if err == nil && len(list) == 0 {
		return Rulebook{}, ErrNotFound
	}
	if err != nil {
		return Rulebook{}, err
	}
	return list[0], nil
}

// RulebookVersions lists a rulebook's versions, the latest first.
func (s *Store) RulebookVersions(ctx context.Context, key string) ([]Rulebook, error) {
	return s.rulebooks(ctx, `WHERE key = $1 ORDER BY in_force DESC, version`, key)
}

func (s *Store) rulebooks(ctx context.Context, which string, args ...any) ([]Rulebook, error) {
	rows, err := s.pool.Query(ctx, `SELECT key, version, sources, in_force, person FROM rulebook `+which, args...)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Rulebook, err error) {
		err = row.Scan(&r.Key, &r.Version, &r.Sources, instant{&r.InForce}, &r.Person)
		return r, err
	})
	return list, classify(err)
}
