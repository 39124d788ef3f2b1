package store

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date. Several processes may do so at once: one works, the others wait for it.
func (s *Store) Migrate(ctx context.Context) error {
	provider, done, err := s.provider()
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return classify(errors.Join(err, done()))
}

// MigrateDown takes the whole schema away, and everything in it.
func (s *Store) MigrateDown(ctx context.Context) error {
	provider, done, err := s.provider()
	if err != nil {
		return err
	}
	_, err = provider.DownTo(ctx, 0)
	return classify(errors.Join(err, done()))
}

// SchemaVersion gives the schema's version and the one this program needs.
func (s *Store) SchemaVersion(ctx context.Context) (have, need int64, err error) {
	provider, done, err := s.provider()
	if err != nil {
		return 0, 0, err
	}
	have, need, err = provider.GetVersions(ctx)
	return have, need, classify(errors.Join(err, done()))
}

// provider works on a connection of its own, since a migration may take longer than a statement of the program.
func (s *Store) provider() (*goose.Provider, func() error, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, err
	}
	config := s.config.ConnConfig.Copy()
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["lock_timeout"] = "60000"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	db := stdlib.OpenDB(*config)
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600), lock.WithUnlockTimeout(1, 10))
	if err == nil {
		var provider *goose.Provider
		provider, err = goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
		if err == nil {
			return provider, db.Close, nil
		}
	}
	return nil, nil, errors.Join(err, db.Close())
}
