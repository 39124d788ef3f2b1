package store_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"duban/internal/poll"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/internal/verifier"
)

// boundary calls a hook with the number of each trip to the database, before it is made.
type boundary struct {
	armed atomic.Bool
	trips atomic.Int64
	hook  func(trip int64)
}

func (b *boundary) reach() {
	if b.armed.Load() {
		b.hook(b.trips.Add(1))
	}
}

func (b *boundary) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	b.reach()
	return ctx
}
func (b *boundary) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (b *boundary) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	b.reach()
	return ctx
}
func (b *boundary) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (b *boundary) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// job is what is disturbed: told to a child process as JSON, so that it can be killed.
type job struct {
	URL   string
	Round poll.Round
	Votes []store.Vote // cast them, or close and count the round if there are none
	Trip  int64        // before which to stop
	Batch *store.Batch `json:",omitempty"` // or record these events
}

func (j job) do(s *store.Store) error {
	if j.Batch != nil {
		_, err := s.Record(ctx, *j.Batch)
		return err
	}
	if len(j.Votes) > 0 {
		_, err := s.CastBallots(ctx, &j.Round, j.Votes)
		return err
	}
	_, err := tallied(s, j.Round.ID)
	return err
}

const childEnv = "DUBAN_TEST_BALLOT_CHILD"

// child does its job up to a trip, says so and waits to be killed.
func child() int {
	var j job
	if err := json.Unmarshal([]byte(os.Getenv(childEnv)), &j); err != nil {
		return 2
	}
	b := &boundary{hook: func(trip int64) {
		if trip == j.Trip {
			fmt.Println("here")
			select {}
		}
	}}
	s, err := store.Open(ctx, j.URL, store.Tracer(b), store.MaxConns(1))
	if err != nil {
		return 2
	}
	b.armed.Store(true)
	if j.do(s) != nil {
		return 1
	}
	fmt.Println("done")
	return 0
}

// killed does a job in a process of its own that is killed before a trip; it reports whether there was such a trip.
func killed(t *testing.T, j job) bool {
	text, err := json.Marshal(j)
	require.NoError(t, err)
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), childEnv+"="+string(text))
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, process.Process.Kill())
	_, _ = io.Copy(io.Discard, out)
	_ = process.Wait()
	return line == "here\n"
}

// lossy is a connection that breaks instead of bringing an answer, once it is told to: what was asked has happened.
type lossy struct {
	net.Conn
	lost *atomic.Bool
}

func (l lossy) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.lost.Load() {
		return 0, errors.Join(io.ErrUnexpectedEOF, l.Close())
	}
	return n, err
}

// deafAt does a job whose answers are lost from a trip on, and what was asked happens; it reports as killed does.
func deafAt(t *testing.T, j job) bool {
	var deaf atomic.Bool
	b := &boundary{hook: func(trip int64) { deaf.Store(deaf.Load() || trip == j.Trip) }}
	s, err := store.Open(ctx, j.URL, store.Tracer(b), func(c *pgxpool.Config) {
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return lossy{conn, &deaf}, err
		}
	})
	require.NoError(t, err)
	defer s.Close()
	b.armed.Store(true)
	if err := j.do(s); deaf.Load() {
		assert.ErrorIs(t, err, store.ErrUnavailable)
		return true
	}
	return false
}

// cutAt does a job whose connection breaks before a trip is made; it reports as killed does.
func cutAt(t *testing.T, j job) bool {
	broken := false
	b := &boundary{}
	conns := make(chan net.Conn, 4)
	s, err := store.Open(ctx, j.URL, store.Tracer(b), store.MaxConns(1), func(c *pgxpool.Config) {
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			conns <- conn
			return conn, err
		}
	})
	require.NoError(t, err)
	defer s.Close()
	first := <-conns
	b.hook = func(trip int64) {
		if trip == j.Trip {
			broken = true
			_ = first.Close()
		}
	}
	b.armed.Store(true)
	if err := j.do(s); broken {
		assert.Error(t, err)
	}
	return broken
}

// Whatever happens at whichever boundary of casting and of closing, and whoever then tries again: every ballot is in once,
// the result is one, and the verifier agrees.
func TestFaultsAtEveryBoundary(t *testing.T) {
	url := storetest.URL(t)
	s, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	defer s.Close()
	for name, fault := range map[string]func(*testing.T, job) bool{"killed": killed, "deaf": deafAt, "cut": cutAt} {
		t.Run(name, func(t *testing.T) {
			r := newRound(t, s, time.Now(), time.Hour)
			cast(t, s, r, vote("head", "o3")) // the log's head is signed by now
			ballots := 1
			for trip := int64(1); ; trip++ {
				j := job{URL: url, Round: r, Trip: trip, Votes: []store.Vote{vote(fmt.Sprint("a", trip), "o1"), vote(fmt.Sprint("b", trip), "o2", "o1")}}
				reached := fault(t, j)
				settled(t, s)
				again := cast(t, s, r, j.Votes...)
				assert.Nil(t, again[0].Refused)
				ballots += 2
				if !reached {
					assert.Greater(t, trip, int64(2), "casting has boundaries")
					break
				}
			}
			expire(t, s, r)
			var first *poll.Result
			for trip := int64(1); ; trip++ {
				unclose(t, s, r.ID)
				reached := fault(t, job{URL: url, Round: r, Trip: trip})
				settled(t, s)
				before, err := s.Round(ctx, r.ID)
				require.NoError(t, err)
				result, err := tallied(s, r.ID)
				require.NoError(t, err)
				after, err := s.Round(ctx, r.ID)
				require.NoError(t, err)
				if !before.Closed.IsZero() {
					assert.Equal(t, before.Closed, after.Closed, "once closed it stays as it was closed")
				}
				assert.True(t, after.Counted)
				end, err := s.RoundEnd(ctx, r.ID)
				require.NoError(t, err)
				assert.EqualValues(t, ballots, end.Size)
				heads, err := s.RoundHeads(ctx, r.ID)
				require.NoError(t, err)
				assert.Contains(t, heads, fmt.Sprintf("\n%d\n%s\n", end.Size, end.Root))
				var revealed bool
				require.NoError(t, s.Pool().QueryRow(ctx, `SELECT revealed IS NOT NULL FROM draw WHERE id = $1`, r.ID).Scan(&revealed))
				assert.True(t, revealed)
				if first == nil {
					first = &result
				}
				assert.Equal(t, *first, result)
				if !reached {
					assert.Greater(t, trip, int64(15), "closing and counting have boundaries")
					break
				}
			}
			assert.Equal(t, ballots, first.Ballots[1].Counted)
			verified(t, s, r.ID, ballots)
		})
	}
}

// unclose takes back that a round was closed, and all that followed, so that it can be closed again.
func unclose(t *testing.T, s *store.Store, round string) {
	t.Helper()
	for _, sql := range []string{`UPDATE poll_round SET closed = NULL, result = NULL, closing = NULL WHERE id = $1`,
		`UPDATE draw SET revealed = NULL WHERE commitment = (SELECT draw FROM poll_round WHERE id = $1)`,
		`DELETE FROM poll_head WHERE round = $1 AND size = (SELECT size FROM poll_log WHERE round = $1)`} {
		_, err := s.Pool().Exec(ctx, sql, round)
		require.NoError(t, err)
	}
}

// settled waits until no other connection is at work: a killed process' transaction may still be rolled back.
func settled(t *testing.T, s *store.Store) {
	t.Helper()
	require.Eventually(t, func() bool {
		var busy int
		err := s.Pool().QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND backend_type = 'client backend' AND state <> 'idle'`).Scan(&busy)
		return err == nil && busy == 0
	}, time.Minute, time.Millisecond)
}

// expire moves a round's end to now: a test does not wait for it.
func expire(t *testing.T, s *store.Store, r poll.Round) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, err := s.Pool().Exec(ctx, `UPDATE poll_round SET closes = $2, definition = replace(definition, $3, $4) WHERE id = $1`,
		r.ID, now, r.Closes.Format(time.RFC3339Nano), now.Format(time.RFC3339Nano))
	require.NoError(t, err)
}

// verified holds what is published of a round against the verifier.
func verified(t *testing.T, s *store.Store, round string, size int) *verifier.Report {
	t.Helper()
	files, err := roundFiles(s, round)
	require.NoError(t, err)
	folder := fstest.MapFS{}
	for name, content := range files {
		folder[name] = &fstest.MapFile{Data: content}
	}
	report, err := verifier.Poll(folder)
	require.NoError(t, err)
	assert.EqualValues(t, size, report.Size)
	return report
}

// A crowd casts through the box, a fifth of it twice: each is answered when it is in, nobody counts twice, and every last
// receipt is told as counted.
func TestCrowdThroughTheBox(t *testing.T) {
	s := storetest.New(t)
	r := newRound(t, s, time.Now(), time.Hour)
	box := s.NewBallotBox(t.Context())
	const clients, each = 40, 25
	receipts := make([]string, clients*each)
	var crowd errgroup.Group
	var replaced atomic.Int64
	for c := range clients {
		crowd.Go(func() error {
			for i := range each {
				who := c*each + i
				for range 1 + (who%5)/4 {
					v := vote(fmt.Sprint(who), fmt.Sprint("o", 1+who%3))
					out, err := box.Cast(ctx, r.ID, v)
					if err != nil {
						return err
					}
					if out.Refused != nil {
						return out.Refused
					}
					if receipts[who] != "" {
						replaced.Add(1)
					}
					receipts[who] = v.Receipt
				}
			}
			return nil
		})
	}
	require.NoError(t, crowd.Wait())
	expire(t, s, r)
	out, err := box.Cast(ctx, r.ID, vote("late", "o1"))
	require.NoError(t, err)
	assert.Equal(t, poll.CodeLate, out.Refused.Code)
	result, err := tallied(s, r.ID)
	require.NoError(t, err)
	assert.Equal(t, clients*each, result.Ballots[1].Counted)
	report := verified(t, s, r.ID, clients*each+int(replaced.Load()))
	for _, receipt := range receipts {
		in, err := report.Receipt(receipt)
		require.NoError(t, err)
		assert.Equal(t, "counted", in.Status)
	}
}
