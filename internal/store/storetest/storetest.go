// Package storetest gives each test a database of its own, with the schema in place, on a PostgreSQL that this test
// binary starts for itself and takes away at its end, however it ends.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }
//
// DUBAN_TEST_DATABASE_URL names a server to use instead; its user must be able to create databases.
package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"duban/internal/store"
)

// server is the one this test binary works on: started when the first test asks for a database.
type server struct {
	once     sync.Once
	err      error
	url      string // of the database "postgres"
	template string // database with the schema in place
	cluster  *cluster
}

var shared server

// Run runs a package's tests and takes the server away after them.
func Run(m *testing.M) int {
	defer shared.stop()
	return m.Run()
}

// New gives a store on an empty database with the schema in place.
func New(t testing.TB, opts ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), URL(t), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// URL gives the address of an empty database with the schema in place, which is dropped at the test's end.
func URL(t testing.TB) string {
	t.Helper()
	shared.start(t)
	return shared.create(t, shared.template)
}

// Bare gives the address of a database without any schema, which is dropped at the test's end.
func Bare(t testing.TB) string {
	t.Helper()
	shared.start(t)
	return shared.create(t, "template0")
}

// limit is how long the server may take over anything, on a machine that stands still at times.
const limit = 3 * time.Minute

func (s *server) start(t testing.TB) {
	t.Helper()
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		s.err = s.prepare(ctx)
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
}

func (s *server) prepare(ctx context.Context) error {
	s.url = os.Getenv("DUBAN_TEST_DATABASE_URL")
	if s.url == "" {
		started, err := startCluster(ctx)
		if err != nil {
			return err
		}
		s.cluster, s.url = started, started.url
	}
	name := fresh("template")
	if err := s.do(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	s.template = name
	address, err := s.address(name)
	if err != nil {
		return err
	}
	migrated, err := store.Open(ctx, address, store.MaxConns(2))
	if err != nil {
		return err
	}
	defer migrated.Close()
	return migrated.Migrate(ctx)
}

// stop drops the template on a server that stays, or ends the one that was started.
func (s *server) stop() {
	if s.cluster != nil {
		s.cluster.stop()
		return
	}
	if s.template == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := s.do(ctx, "DROP DATABASE "+s.template+" WITH (FORCE)"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

func (s *server) create(t testing.TB, template string) string {
	t.Helper()
	name := fresh("test")
	if err := s.do(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template+" ENCODING 'UTF8'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // after the stores on it are closed
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := s.do(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	address, err := s.address(name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func (s *server) address(database string) (string, error) {
	u, err := url.Parse(s.url)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}

func (s *server) do(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return err
}

func fresh(kind string) string {
	return "duban_" + kind + "_" + strings.ReplaceAll(uuid.NewString(), "-", "")
}
