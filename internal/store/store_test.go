package store_test

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

func TestMigrateByTwoAtOnce(t *testing.T) {
	url := storetest.Bare(t)
	var group errgroup.Group
	stores := make([]*store.Store, 3)
	for i := range stores {
		s, err := store.Open(t.Context(), url)
		require.NoError(t, err)
		t.Cleanup(s.Close)
		stores[i] = s
	}
	for _, s := range stores {
		group.Go(func() error { return s.Migrate(t.Context()) })
	}
	require.NoError(t, group.Wait())
	have, need, err := stores[0].SchemaVersion(t.Context())
	require.NoError(t, err)
	assert.Equal(t, need, have)
	require.NoError(t, stores[0].Migrate(t.Context()), "nothing left to do")
	record(t, stores[1], finished(t, newSpec("迁移之后")))
	require.NoError(t, stores[2].Migrate(t.Context()), "with data in place")
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	s := storetest.New(t)
	require.NoError(t, s.MigrateDown(t.Context()))
	have, need, err := s.SchemaVersion(t.Context())
	require.NoError(t, err)
	assert.Zero(t, have)
	assert.NotZero(t, need)
	require.NoError(t, s.Migrate(t.Context()))
	record(t, s, finished(t, newSpec("再次迁移")))
}

// line is a connection to the database that can be made to lose its answers: what was asked still happens.
type line struct {
	net.Conn
	deaf *atomic.Bool
}

var errDeaf = &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}

func (l line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.deaf.Load() {
		return 0, errDeaf
	}
	return n, err
}

// deafened is a store whose connections lose their answers on demand.
func deafened(t *testing.T, deaf *atomic.Bool) *store.Store {
	return storetest.New(t, func(c *pgxpool.Config) {
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return line{conn, deaf}, err
		}
	})
}

// A record that was written though its caller was told that it was not harms nothing, at whichever answer the line broke.
func TestWrittenButTimedOut(t *testing.T) {
	told := finished(t, newSpec("写入后超时"))
	for answers := range 4 {
		var deaf atomic.Bool
		s := deafened(t, &deaf)
		batch := store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events}
		after := &deafAfter{deaf: &deaf, left: answers}
		lossy, err := store.Open(t.Context(), s.Pool().Config().ConnString(), func(c *pgxpool.Config) {
			c.ConnConfig.DialFunc = s.Pool().Config().ConnConfig.DialFunc
			c.ConnConfig.Tracer = after
			c.MaxConns = 1
		})
		require.NoError(t, err)
		record(t, lossy, finished(t, newSpec("先行"))) // from now on its statements are prepared
		after.armed.Store(true)
		_, failed := lossy.Record(t.Context(), batch)
		deaf.Store(false)
		lossy.Close()
		if answers == 1 || answers == 2 {
			require.ErrorIs(t, failed, store.ErrUnavailable)
		} else {
			require.NoError(t, failed)
		}
		require.Eventually(t, func() bool { // the server may still be at it
			var busy int
			err := s.Pool().QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&busy)
			return err == nil && busy == 0
		}, time.Minute, time.Millisecond)
		if answers == 2 {
			m, err := s.Matter(t.Context(), told.spec.Matter, nil)
			require.NoError(t, err)
			require.Equal(t, told.state.Seq, m.Seq, "it was written all the same")
		}
		seq, err := s.Record(t.Context(), batch)
		require.NoError(t, err)
		assert.Equal(t, told.state.Seq, seq)
		slips, err := s.Slips(t.Context(), store.SlipFilter{Kind: "brief"}, nil, 10)
		require.NoError(t, err)
		require.Len(t, slips, 2)
		assert.Equal(t, told.spec.Matter, slips[slices.IndexFunc(slips, func(s store.SlipItem) bool { return s.Sequence == 2 })].Matter)
	}
}

// deafAfter makes the line lose every answer from the given batch on.
type deafAfter struct {
	deaf  *atomic.Bool
	armed atomic.Bool
	left  int
}

func (d *deafAfter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (d *deafAfter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (d *deafAfter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	if d.armed.Load() {
		if d.left == 1 {
			d.deaf.Store(true)
		}
		d.left--
	}
	return ctx
}
func (d *deafAfter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (d *deafAfter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func TestNoDatabaseIsUnavailable(t *testing.T) {
	_, err := store.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	require.ErrorIs(t, err, store.ErrUnavailable)

	s := storetest.New(t)
	_, err = s.Pool().Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, err = s.Matter(ctx, matterID(), nil)
	require.ErrorIs(t, err, store.ErrUnavailable, "no time left")
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	_, err = s.Matter(ctx, matterID(), nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.False(t, errors.Is(err, store.ErrUnavailable), "who asked went away")
}

func TestHubTellsWhatIsRecorded(t *testing.T) {
	s := storetest.New(t)
	hub := s.NewHub(quiet())
	changes, cancel := hub.Subscribe()
	defer cancel()
	_, gone := hub.Subscribe()
	gone()
	var running sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	running.Go(func() { hub.Run(ctx) })
	defer running.Wait()
	defer stop()
	assert.True(t, (<-changes).Missed(), "what came before was not heard")
	told := finished(t, newSpec("广播"))
	record(t, s, told)
	assert.Equal(t, store.Announcement{Matter: told.spec.Matter, Seq: told.state.Seq}, <-changes, "it waits on nobody any more")
	_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Events: told.events})
	require.NoError(t, err)

	_, err = s.Pool().Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN %'`)
	require.NoError(t, err)
	assert.True(t, (<-changes).Missed(), "the line was lost; nothing new was told of the repeat")
	record(t, s, newStarted(t))
	assert.Equal(t, []procedure.Post{leader, deputy}, (<-changes).Posts)
}

func TestHubDoesNotWaitForASlowSubscriber(t *testing.T) {
	s := storetest.New(t)
	hub := s.NewHub(quiet())
	slow, cancelSlow := hub.Subscribe()
	defer cancelSlow()
	quick, cancelQuick := hub.Subscribe()
	defer cancelQuick()
	var running sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	running.Go(func() { hub.Run(ctx) })
	defer running.Wait()
	defer stop()
	const many = 200
	<-quick
	for i := range many {
		_, err := s.Pool().Exec(t.Context(), `SELECT pg_notify('duban', json_build_object('matter', 'm', 'seq', $1::int)::text)`, i+1)
		require.NoError(t, err)
		assert.EqualValues(t, i+1, (<-quick).Seq)
	}
	var last store.Announcement
	told := 0
	for len(slow) > 0 {
		last = <-slow
		told++
	}
	assert.True(t, last.Missed(), "it is told that it missed some")
	assert.Less(t, told, many)
	_, err := s.Pool().Exec(t.Context(), `SELECT pg_notify('duban', '{"matter":"m","seq":1000}')`)
	require.NoError(t, err)
	assert.EqualValues(t, 1000, (<-slow).Seq, "and hears what comes after")
}

func TestCalendarYearsLieOverThoseShipped(t *testing.T) {
	s := storetest.New(t)
	day := calendar.Date{Year: 2027, Month: 10, Day: 1}
	year := calendar.Year{Year: 2027, Off: map[calendar.Date]string{day: "国庆节"}, Work: map[calendar.Date]string{}}
	_, err := s.PutCalendarYear(t.Context(), year, "admin")
	require.NoError(t, err)
	_, err = s.PutCalendarYear(t.Context(), year, "another")
	require.NoError(t, err)
	years, err := s.CalendarYears(t.Context())
	require.NoError(t, err)
	require.Len(t, years, 1)
	assert.Equal(t, []any{year, "admin"}, []any{years[0].Year, years[0].Person})
	table, err := s.Calendar(t.Context())
	require.NoError(t, err)
	assert.False(t, table.Workday(day))
	assert.True(t, table.Published(2027) && table.Published(2026))
	_, err = s.PutCalendarYear(t.Context(), calendar.Year{Year: 2028, Off: map[calendar.Date]string{day: "国庆节"}}, "admin")
	assert.ErrorIs(t, err, calendar.ErrYear)
}

func TestAuditTrailIsReadNewestFirst(t *testing.T) {
	s := storetest.New(t)
	for i := range 5 {
		require.NoError(t, s.Audit(t.Context(), store.AuditEntry{Person: "p", Action: []string{"login", "logout"}[i%2], Outcome: "done",
			Address: "10.0.0.1", Details: map[string]any{"n": float64(i)}}))
	}
	list, err := s.AuditTrail(t.Context(), store.AuditFilter{Action: "login"}, 0, 2)
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.Equal(t, 4.0, list[0].Details["n"])
	list, err = s.AuditTrail(t.Context(), store.AuditFilter{Action: "login", Person: "p", To: time.Now().Add(time.Hour)}, list[1].ID, 2)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, 0.0, list[0].Details["n"])
}
