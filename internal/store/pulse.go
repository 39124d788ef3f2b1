package store

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// A database is taken to be away when it has given no answer for as long as that, over a connection on which nothing else
// is asked: however busy it is, one that works has answered by then.
const (
	silence    = 3 * time.Second
	pulseEvery = time.Second
	pulseAgain = 100 * time.Millisecond // after an error that came at once
)

// pulse knows whether the database answers.
type pulse struct {
	mu      sync.Mutex
	present context.Context // ends when the database falls silent
	end     context.CancelCauseFunc
}

func newPulse() *pulse {
	p := &pulse{}
	p.present, p.end = context.WithCancelCause(context.Background())
	return p
}

func (p *pulse) now() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.present
}

func (p *pulse) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.present.Err() != nil {
		p.present, p.end = context.WithCancelCause(context.Background())
	}
}

func (p *pulse) silent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end(ErrUnavailable)
}

// While gives a context that ends, with ErrUnavailable as its cause, as soon as the database is found to be away: whoever
// waits need not wait until his own time is over. Without [Store.Feel] it never is.
func (s *Store) While(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	present := s.pulse.now()
	if present.Err() != nil {
		cancel(ErrUnavailable)
	}
	stop := context.AfterFunc(present, func() { cancel(ErrUnavailable) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// Feel feels the database's pulse until ctx ends.
func (s *Store) Feel(ctx context.Context) {
	var conn *pgx.Conn
	defer func() {
		if conn != nil {
			leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), silence)
			defer cancel()
			_ = conn.Close(leave)
		}
	}()
	last := time.Now()
	for ctx.Err() == nil {
		wait := pulseEvery
		if err := s.beat(ctx, &conn); err == nil {
			last = time.Now()
			s.pulse.answered()
		} else if ctx.Err() == nil && time.Since(last) >= silence {
			s.pulse.silent()
			wait = pulseAgain
		} else {
			wait = pulseAgain
		}
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
		case <-pause.C:
		}
	}
}

// beat asks for one answer, on a new connection where the last one broke.
func (s *Store) beat(ctx context.Context, conn **pgx.Conn) (err error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	if *conn == nil || (*conn).IsClosed() {
		if *conn, err = pgx.ConnectConfig(ctx, s.config.ConnConfig.Copy()); err != nil {
			return err
		}
	}
	return (*conn).Ping(ctx)
}
