// Package faults runs duban as separate processes, takes them away from under clients at work, and then has an auditor
// compare what the clients were told with what the record, the workflows and the lists say.
package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"duban/internal/app"
	"duban/internal/e2e"
	"duban/internal/loopback"
	"duban/internal/procfs"
)

// Site is duban in four processes: PostgreSQL, Temporal, a worker and an API, on one data folder. The worker and the API
// reach PostgreSQL over a Line, which can be cut; Temporal reaches it directly.
type Site struct {
	URL         string
	DatabaseURL string // past the Line
	Temporal    string
	Line        *Line

	binary string
	data   string
	listen string
	ports  []string // settings that keep the backend's ports over its restarts
	mu     sync.Mutex
	parts  map[Part]*e2e.Program
}

// Part is a process of the site.
type Part string

// The parts.
const (
	Backend Part = "backend" // PostgreSQL and Temporal
	Worker  Part = "worker"
	API     Part = "api"
)

// readyWithin bounds how long a part may take to start on a busy machine.
const readyWithin = 2 * time.Minute

// Open builds the site on a fresh data folder and starts every part.
func Open(ctx context.Context, binary string) (_ *Site, err error) {
	data, err := e2e.Scratch()
	if err != nil {
		return nil, err
	}
	s := &Site{binary: binary, data: data, parts: map[Part]*e2e.Program{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	temporal, err := loopback.Free(ctx, 4)
	if err != nil {
		return nil, err
	}
	others, err := loopback.Free(ctx, 2)
	if err != nil {
		return nil, err
	}
	s.listen = loopback.Address(others + 1)
	s.URL = "http://" + s.listen
	s.ports = []string{"DUBAN_POSTGRES_PORT=" + strconv.Itoa(others), "DUBAN_TEMPORAL_PORT=" + strconv.Itoa(temporal)}
	if err := s.Start(ctx, Backend); err != nil {
		return nil, err
	}
	at, err := app.ReadEndpoints(app.Config{Data: data})
	if err != nil {
		return nil, err
	}
	s.DatabaseURL, s.Temporal = at.DatabaseURL, at.TemporalAddress
	if s.Line, err = OpenLine(ctx, loopback.Address(others)); err != nil {
		return nil, err
	}
	return s, errors.Join(s.Start(ctx, API), s.Start(ctx, Worker))
}

// Password is the invented persons'.
func (s *Site) Password() (string, error) {
	text, err := os.ReadFile(filepath.Join(s.data, "sample-password"))
	return strings.TrimSpace(string(text)), err
}

// environment is what a part is started with.
func (s *Site) environment(part Part) ([]string, error) {
	env := []string{"DUBAN_LISTEN=" + s.listen, "DUBAN_SAMPLE=true"}
	if part == Backend {
		return append(env, s.ports...), nil
	}
	through, err := url.Parse(s.DatabaseURL)
	if err != nil {
		return nil, err
	}
	through.Host, through.RawQuery = s.Line.Address(), "sslmode=disable"
	return append(env, "DATABASE_URL="+through.String(), "TEMPORAL_ADDRESS="+s.Temporal), nil
}

// Start starts a part and, but for the worker, waits until it can be used.
func (s *Site) Start(ctx context.Context, part Part) error {
	env, err := s.environment(part)
	if err != nil {
		return err
	}
	p, err := e2e.Launch(s.binary, s.data, env, string(part))
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.parts[part] = p
	s.mu.Unlock()
	ready := map[Part]func(context.Context) error{
		Backend: func(context.Context) error {
			_, err := os.Stat(filepath.Join(s.data, "endpoints.json"))
			return err
		},
		API: s.answers,
	}[part]
	if ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.Ended():
			return fmt.Errorf("the %s ended before it was ready: %w\n%s", part, p.Wait(), p.Output())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the %s is not ready: %w\n%s", part, err, p.Output()), ctx.Err())
		case <-again.C:
		}
	}
}

// answers reports whether the API serves, and has entered its persons.
func (s *Site) answers(ctx context.Context) error {
	if !strings.Contains(s.Output(API), s.URL) { // it says so last of all
		return errors.New("not ready")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

func (s *Site) part(part Part) *e2e.Program {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.parts[part]
}

// Kill ends a part by SIGKILL. Of the backend, the kernel then tells PostgreSQL to shut down.
func (s *Site) Kill(part Part) error {
	if part == Backend { // its word of where it is would be taken for its successor's
		if err := os.Remove(filepath.Join(s.data, "endpoints.json")); err != nil {
			return err
		}
	}
	return s.part(part).Kill()
}

// Stop ends a part as Ctrl-C does.
func (s *Site) Stop(part Part) error { return s.part(part).Stop() }

// Output is what a part printed since it was last started.
func (s *Site) Output(part Part) string { return s.part(part).Output() }

// Command runs one of the program's commands to its end, past the Line.
func (s *Site) Command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env = append(os.Environ(), "DUBAN_DATA="+s.data, "DATABASE_URL="+s.DatabaseURL, "TEMPORAL_ADDRESS="+s.Temporal)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Freeze stops every process of PostgreSQL where it stands: it neither answers nor refuses, as on a machine whose disk
// hangs. The returned function lets them go on.
func (s *Site) Freeze() (thaw func() error, err error) {
	pids, err := procfs.WorkingIn(filepath.Join(s.data, "postgres", "cluster"))
	if err != nil {
		return nil, err
	}
	if len(pids) == 0 {
		return nil, errors.New("no PostgreSQL runs on the data folder")
	}
	all := func(signal syscall.Signal) (err error) {
		for _, pid := range pids {
			if errKill := syscall.Kill(pid, signal); !errors.Is(errKill, syscall.ESRCH) {
				err = errors.Join(err, errKill)
			}
		}
		return err
	}
	thaw = func() error { return all(syscall.SIGCONT) }
	if err := all(syscall.SIGSTOP); err != nil {
		return nil, errors.Join(err, thaw())
	}
	return thaw, nil
}

// Close ends every part, those that use others first, and removes the data folder.
func (s *Site) Close() (err error) {
	for _, part := range []Part{Worker, API, Backend} {
		if p := s.part(part); p != nil {
			err = errors.Join(err, p.Stop())
		}
	}
	if s.Line != nil {
		err = errors.Join(err, s.Line.Close())
	}
	return errors.Join(err, os.RemoveAll(filepath.Dir(s.data)))
}
