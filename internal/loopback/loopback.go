// Package loopback finds free ports of this machine's own address.
package loopback

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Host is this machine's own address.
const Host = "127.0.0.1"

// Free ports are sought here: below those the system gives to outgoing connections, one of which would sooner or later
// sit on a port before its owner listens, or while its owner is being restarted. Those for servers that come back to their
// ports are apart from those for servers that begin now, which would take them meanwhile.
const lowest, kept, highest = 15000, 25000, 30000

// Address is a port's on loopback.
func Address(port int) string { return net.JoinHostPort(Host, strconv.Itoa(port)) }

// Hold finds so many free ports in a row and keeps them until release.
func Hold(ctx context.Context, count int) (first int, release func() error, err error) {
	return find(ctx, lowest, kept, count)
}

// Free finds so many free ports in a row for a server that may be killed and started again on them.
func Free(ctx context.Context, count int) (first int, err error) {
	first, release, err := find(ctx, kept, highest, count)
	if err != nil {
		return 0, err
	}
	return first, release()
}

func find(ctx context.Context, from, to, count int) (first int, release func() error, err error) {
	for range 100 {
		first = from + rand.IntN(to-from-count)
		if release, err = hold(ctx, first, count); err == nil {
			return first, release, nil
		}
	}
	return 0, nil, err
}

func hold(ctx context.Context, first, count int) (release func() error, err error) {
	var config net.ListenConfig
	var held []net.Listener
	release = func() (err error) {
		for _, l := range held {
			err = errors.Join(err, l.Close())
		}
		return err
	}
	for i := range count {
		l, err := config.Listen(ctx, "tcp", Address(first+i))
		if err != nil {
			return nil, errors.Join(err, release())
		}
		held = append(held, l)
	}
	return release, nil
}
