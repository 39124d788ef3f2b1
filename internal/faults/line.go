package faults

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"

	"duban/internal/loopback"
)

// Line carries connections to an address until it is cut: then those under way break off in the middle, and new ones are
// refused.
type Line struct {
	to      string
	at      string
	mu      sync.Mutex
	inlet   net.Listener
	cut     bool
	open    map[net.Conn]struct{}
	carried sync.WaitGroup
}

// OpenLine opens a line to an address, on a free port.
func OpenLine(ctx context.Context, to string) (*Line, error) {
	port, err := loopback.Free(ctx, 1)
	if err != nil {
		return nil, err
	}
	l := &Line{to: to, at: loopback.Address(port), open: map[net.Conn]struct{}{}}
	return l, l.Mend(ctx)
}

// Address is where the line begins; it stays the same.
func (l *Line) Address() string { return l.at }

// Mend takes connections, at first and after a cut.
func (l *Line) Mend(ctx context.Context) error {
	var config net.ListenConfig
	inlet, err := config.Listen(ctx, "tcp", l.at)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inlet, l.cut = inlet, false
	l.carried.Go(func() {
		for {
			near, err := inlet.Accept()
			if err != nil {
				return // cut
			}
			l.carried.Go(func() { l.carry(near) })
		}
	})
	return nil
}

// Cut breaks every connection and refuses new ones until the line is mended.
func (l *Line) Cut() error {
	l.mu.Lock()
	l.cut = true
	err := l.inlet.Close()
	for conn := range l.open {
		err = errors.Join(err, conn.Close())
	}
	clear(l.open)
	l.mu.Unlock()
	l.carried.Wait()
	return err
}

// Close cuts the line for good.
func (l *Line) Close() error {
	if err := l.Cut(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// carry joins one connection to the far end, until either end or the line gives up.
func (l *Line) carry(near net.Conn) {
	far, err := net.Dial("tcp", l.to) //nolint:noctx // as patient as the connection it serves
	if err != nil {
		_ = near.Close()
		return
	}
	l.mu.Lock()
	cut := l.cut
	if !cut {
		l.open[near], l.open[far] = struct{}{}, struct{}{}
	}
	l.mu.Unlock()
	if cut { // while it was dialled
		_, _ = near.Close(), far.Close()
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // however it ended, it has
			l.drop(near)
			l.drop(far)
		})
	}
	both.Wait()
}

func (l *Line) drop(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.open[conn]; open {
		delete(l.open, conn)
		_ = conn.Close()
	}
}
