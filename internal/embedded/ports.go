package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"

	"duban/internal/loopback"
)

// port is one that something of ours will listen on; use and setting are for the message when it is taken.
type port struct {
	use     string
	setting string
	number  int // 0 asks for a free one
}

func (p port) address() string { return loopback.Address(p.number) }

// claim finds out whether the ports can be had, and puts a number on those left open. All are held until the last is
// known, so that no free one is handed out twice. A stranger may still take one before its user listens; the user then
// fails with its own message.
func claim(ctx context.Context, ports ...*port) (err error) {
	var config net.ListenConfig
	for _, p := range ports {
		if p.number == 0 {
			first, release, errHold := loopback.Hold(ctx, 1)
			if errHold != nil {
				return fmt.Errorf("finding a free port for %s: %w", p.use, errHold)
			}
			defer func() { err = errors.Join(err, release()) }()
			p.number = first
			continue
		}
		listener, errListen := config.Listen(ctx, "tcp", p.address())
		if errListen != nil {
			return fault(PortTaken, facts{"port": p.number, "use": p.use, "setting": p.setting}, errListen,
				"port %d, wanted for %s, is taken; end what listens there or choose another with %s", p.number, p.use, p.setting)
		}
		defer func() { err = errors.Join(err, listener.Close()) }()
	}
	return nil
}
