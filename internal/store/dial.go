package store

import (
	"context"
	"net"
	"syscall"
	"time"
)

// unanswered is how long the other end may give no sign of life, its kernel's included: a connection to a machine that is
// gone ends then, and what waits on it, the listening for announcements above all, begins anew on another.
const unanswered = 30 * time.Second

// dial connects so that this is noticed, whether something was sent or is only waited for.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: unanswered / 2, Interval: unanswered / 6, Count: 3},
		Control: func(network, _ string, raw syscall.RawConn) (err error) {
			if network == "unix" {
				return nil
			}
			controlled := raw.Control(func(fd uintptr) { err = endUnanswered(fd, unanswered) })
			if controlled != nil {
				return controlled
			}
			return err
		},
	}
	return d.DialContext(ctx, network, address)
}
