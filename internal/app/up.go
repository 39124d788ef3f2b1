package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Backend is what duban stands on: a PostgreSQL and a Temporal, embedded or elsewhere.
type Backend struct {
	Endpoints
	Stop   func(context.Context) error // ends what was started for this process
	Failed <-chan error                // yields an error when that ends unasked
}

// Starter brings a backend up as the configuration asks.
type Starter func(ctx context.Context, c Config, log *slog.Logger) (Backend, error)

// Site is what the services of a process are made on.
type Site struct {
	Config
	Endpoints
	Listener net.Listener // open already; whoever serves on it closes it, and it is closed at the end in any case
	Logger   *slog.Logger
}

// Address is the URL under which the web is reached from this machine.
func (s Site) Address() string {
	at := s.Listener.Addr().(*net.TCPAddr)
	if at.IP.IsUnspecified() {
		return "http://" + net.JoinHostPort("localhost", strconv.Itoa(at.Port))
	}
	return "http://" + at.String()
}

// Build makes the services of one process on a site whose backend is up, in the order in which they are to start.
type Build func(ctx context.Context, s Site) ([]Service, error)

// Up runs everything in one process until ctx ends: the listener first, so that a taken port is told before anything
// else happens, then the backend, then what build makes on them. While it runs, other commands find the backend by the
// data folder (ReadEndpoints).
func Up(ctx, hurry context.Context, c Config, log *slog.Logger, bringUp Starter, build Build) error {
	return Run(ctx, hurry, log, func(ctx context.Context, start func(...Service) error) error {
		site := Site{Config: c, Logger: log}
		err := start(append([]Service{{
			Name:  "listener",
			Start: func(ctx context.Context) (err error) { site.Listener, err = listen(ctx, c); return err },
			Stop:  func(context.Context) error { return ignore(site.Listener.Close(), net.ErrClosed) },
		}}, stand(c, log, bringUp, &site.Endpoints)...)...)
		if err != nil {
			return err
		}
		services, err := build(ctx, site)
		if err != nil {
			return err
		}
		return start(services...)
	})
}

// Stand runs the backend alone until ctx ends, for processes beside it; ready is told when they can begin.
func Stand(ctx, hurry context.Context, c Config, log *slog.Logger, bringUp Starter, ready func(Endpoints) error) error {
	return Run(ctx, hurry, log, func(_ context.Context, start func(...Service) error) error {
		var at Endpoints
		if err := start(stand(c, log, bringUp, &at)...); err != nil {
			return err
		}
		return ready(at)
	})
}

// stand brings up what duban stands on, and leaves word of where it is for the other commands.
func stand(c Config, log *slog.Logger, bringUp Starter, at *Endpoints) []Service {
	var backend Backend
	return []Service{
		{
			Name: "backend",
			Start: func(ctx context.Context) (err error) {
				backend, err = bringUp(ctx, c, log)
				*at = backend.Endpoints
				return err
			},
			Stop:   func(ctx context.Context) error { return backend.Stop(ctx) },
			Failed: func() <-chan error { return backend.Failed },
		},
		{
			Name:  "endpoints",
			Start: func(context.Context) error { return writeEndpoints(c.Data, *at) },
			Stop:  func(context.Context) error { return removeEndpoints(c.Data) },
		},
	}
}

// listen opens the address, or says why it cannot: most often because a duban runs on this folder already.
func listen(ctx context.Context, c Config) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", c.Listen)
	if err == nil {
		return listener, nil
	}
	if pid, held := holder(c.Data); held {
		return nil, problem("folder-in-use", facts{"path": c.Data, "pid": pid},
			"the data folder %s is in use by another duban (process %s)", c.Data, pid)
	}
	return nil, fmt.Errorf("%w: %w", problem("port-taken", facts{"port": c.Listen, "use": "HTTP", "setting": "DUBAN_LISTEN"},
		"the address %s, wanted for HTTP, cannot be had; choose another with DUBAN_LISTEN", c.Listen), err)
}

// holder is the process that runs on the data folder. Whether it is held is decided by whoever starts there; this only
// finds the better message.
func holder(data string) (pid string, held bool) {
	lock, err := os.Open(filepath.Join(data, "lock"))
	if err != nil {
		return "", false
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		return "", false
	}
	text, err := io.ReadAll(io.LimitReader(lock, 20))
	return strings.TrimSpace(string(text)), err == nil
}

func ignore(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}
