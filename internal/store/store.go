// Package store keeps what happened in PostgreSQL, and what follows from it. An exported method is one transaction.
//
// The event table is the record; every other table about matters is a fold of it by [procedure.Apply], written with it
// by [Store.Record] and rebuilt by [Store.Reproject].
package store

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"duban/internal/procedure"
)

// Limits of every connection: a statement that takes longer, or a transaction left idle, is a fault, not patience.
const (
	statementTimeout = 10 * time.Second
	lockTimeout      = 5 * time.Second
	idleTimeout      = 15 * time.Second
	connectTimeout   = 5 * time.Second
)

// Store is the database.
type Store struct {
	pool    *pgxpool.Pool
	config  *pgxpool.Config
	folded  *folded
	pulse   *pulse
	bearers memory[string, Bearer] // by digest of their token
	holders memory[procedure.Post, []Holder]
	waiting memory[procedure.Post, []awaited] // what waits on a post
}

// Option changes how a store connects.
type Option func(*pgxpool.Config)

// MaxConns limits the connections of the pool.
func MaxConns(n int) Option { return func(c *pgxpool.Config) { c.MaxConns = int32(n) } }

// Tracer sees every statement, for measuring.
func Tracer(t pgx.QueryTracer) Option { return func(c *pgxpool.Config) { c.ConnConfig.Tracer = t } }

// Open connects to the database at url and asks it for an answer. ErrUnavailable: there is none.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	config.MaxConns = int32(max(8, 4*runtime.NumCPU()))
	config.MaxConnLifetime = time.Hour
	config.MaxConnLifetimeJitter = 10 * time.Minute
	config.MaxConnIdleTime = 10 * time.Minute
	config.ConnConfig.ConnectTimeout = connectTimeout
	config.ConnConfig.DialFunc = dial
	params := config.ConnConfig.RuntimeParams
	if params["application_name"] == "" {
		params["application_name"] = "duban"
	}
	params["timezone"] = "UTC"
	params["statement_timeout"] = milliseconds(statementTimeout)
	params["lock_timeout"] = milliseconds(lockTimeout)
	params["idle_in_transaction_session_timeout"] = milliseconds(idleTimeout)
	params["jit"] = "off" // short statements only
	for _, opt := range opts {
		opt(config)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, classify(err)
	}
	return &Store{pool: pool, config: config, folded: newFolded(foldedSize), pulse: newPulse()}, nil
}

// Close ends every connection; it waits for those in use.
func (s *Store) Close() { s.pool.Close() }

// Pool is for measuring, and for the packages' own tests.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping asks the database for an answer.
func (s *Store) Ping(ctx context.Context) error { return classify(s.pool.Ping(ctx)) }

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// transact runs work in a transaction, after which who bears a session is asked again.
func (s *Store) transact(ctx context.Context, work func(pgx.Tx) error) error {
	defer s.forgetPeople()
	return classify(pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{}, work))
}
