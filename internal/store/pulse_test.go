package store_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/internal/store/storetest"
)

// frost holds every answer back while it lasts.
type frost struct {
	mu   sync.Mutex
	thaw chan struct{}
}

func (f *frost) freeze() { f.mu.Lock(); f.thaw = make(chan struct{}); f.mu.Unlock() }
func (f *frost) end()    { f.mu.Lock(); close(f.thaw); f.thaw = nil; f.mu.Unlock() }

func (f *frost) wait(ended <-chan struct{}) {
	f.mu.Lock()
	thaw := f.thaw
	f.mu.Unlock()
	if thaw != nil {
		select {
		case <-thaw:
		case <-ended:
		}
	}
}

type frozen struct {
	net.Conn
	frost *frost
	once  sync.Once
	ended chan struct{}
}

func (f *frozen) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	f.frost.wait(f.ended)
	return n, err
}

func (f *frozen) SetDeadline(t time.Time) error {
	if !t.IsZero() && !t.After(time.Now()) { // the driver's way of breaking a read off
		f.once.Do(func() { close(f.ended) })
	}
	return f.Conn.SetDeadline(t)
}

func (f *frozen) Close() error {
	f.once.Do(func() { close(f.ended) })
	return f.Conn.Close()
}

// Who waits for a database that has fallen silent hears of it within seconds, and one that is back is used again. A pool
// in use to the last connection is no silence.
func TestSilenceIsNoticed(t *testing.T) {
	t.Parallel()
	var cold frost
	s := storetest.New(t, store.MaxConns(1), func(c *pgxpool.Config) {
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &frozen{Conn: conn, frost: &cold, ended: make(chan struct{})}, nil
		}
	})
	only, err := s.Pool().Acquire(t.Context())
	require.NoError(t, err)
	defer only.Release()
	watching, stop := context.WithCancel(t.Context())
	var watch sync.WaitGroup
	watch.Go(func() { s.Feel(watching) })
	defer watch.Wait()
	defer stop()

	waiting, cancel := s.While(t.Context())
	defer cancel()
	require.NoError(t, waiting.Err())
	cold.freeze()
	select {
	case <-waiting.Done():
	case <-time.After(30 * time.Second): // a few, and the rest for a machine that stands still at times
	}
	require.ErrorIs(t, context.Cause(waiting), store.ErrUnavailable)
	require.NoError(t, t.Context().Err(), "whose own time is not over")

	cold.end()
	require.Eventually(t, func() bool {
		again, cancel := s.While(t.Context())
		defer cancel()
		return again.Err() == nil
	}, time.Minute, 50*time.Millisecond)
}
