package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var errBroken = errors.New("broken")

// troupe is a set of fake services that note what happens to them.
type troupe struct {
	noted  []string
	failed chan error
}

func (tr *troupe) service(name string, start, stop error) Service {
	return Service{
		Name:   name,
		Start:  func(context.Context) error { tr.noted = append(tr.noted, "start "+name); return start },
		Stop:   func(context.Context) error { tr.noted = append(tr.noted, "stop "+name); return stop },
		Failed: func() <-chan error { return tr.failed },
	}
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func runAll(ctx, hurry context.Context, services ...Service) error {
	return Run(ctx, hurry, silent(), func(_ context.Context, start func(...Service) error) error { return start(services...) })
}

func TestRunStopsInReverseWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tr := &troupe{}
	last := Service{Name: "last", Start: func(context.Context) error { cancel(); return nil }, Stop: func(context.Context) error { return nil }}
	require.NoError(t, runAll(ctx, t.Context(), tr.service("a", nil, nil), tr.service("b", nil, nil), last))
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, tr.noted)
}

func TestRunUndoesWhatStartedBeforeAFailure(t *testing.T) {
	tr := &troupe{}
	err := runAll(t.Context(), t.Context(), tr.service("a", nil, nil), tr.service("b", errBroken, nil), tr.service("c", nil, nil))
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "b: ")
	require.Equal(t, []string{"start a", "start b", "stop a"}, tr.noted)
}

func TestRunStopsAllWhenOneFails(t *testing.T) {
	tr := &troupe{failed: make(chan error, 1)}
	tr.failed <- errBroken
	err := runAll(t.Context(), t.Context(), tr.service("a", nil, nil))
	require.ErrorIs(t, err, errBroken)
	require.Equal(t, []string{"start a", "stop a"}, tr.noted)
}

// A part that dies while a later one starts ends that start, and is the one reported.
func TestRunReportsTheFirstCause(t *testing.T) {
	tr := &troupe{failed: make(chan error, 1)}
	waits := Service{
		Name:  "waits",
		Start: func(ctx context.Context) error { tr.failed <- errBroken; <-ctx.Done(); return ctx.Err() },
	}
	err := runAll(t.Context(), t.Context(), tr.service("a", nil, nil), waits)
	require.ErrorIs(t, err, errBroken)
	require.Equal(t, []string{"start a", "stop a"}, tr.noted)
}

func TestRunJoinsErrorsOfStopping(t *testing.T) {
	errStop := errors.New("does not stop")
	tr := &troupe{}
	err := runAll(t.Context(), t.Context(), tr.service("a", nil, errStop), tr.service("b", errBroken, nil))
	require.ErrorIs(t, err, errBroken)
	require.ErrorIs(t, err, errStop)
}

func TestRunInterruptedWhileStartingIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tr := &troupe{}
	slow := Service{Name: "slow", Start: func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }}
	require.NoError(t, runAll(ctx, t.Context(), tr.service("a", nil, nil), slow))
	require.Equal(t, []string{"start a", "stop a"}, tr.noted)
}

// Told to end at once, a part that does not is left behind, and the others still get their turn.
func TestRunLeavesBehindWhatDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		hurry, now := context.WithCancelCause(t.Context())
		release := make(chan struct{})
		defer close(release)
		tr := &troupe{}
		stuck := Service{
			Name:  "stuck",
			Start: func(context.Context) error { cancel(); return nil },
			Stop:  func(context.Context) error { now(errInterrupted); <-release; return nil },
		}
		began := time.Now()
		err := runAll(ctx, hurry, tr.service("a", nil, nil), stuck)
		require.ErrorIs(t, err, errInterrupted)
		require.Equal(t, atOnce, time.Since(began))
		require.Equal(t, []string{"start a", "stop a"}, tr.noted)
	})
}

func TestInterruptsOnceThenTwice(t *testing.T) {
	ctx, hurry, release := Interrupts(t.Context())
	defer release()
	require.NoError(t, ctx.Err())
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGINT))
	<-ctx.Done()
	require.NoError(t, hurry.Err())
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGTERM))
	<-hurry.Done()
	require.ErrorIs(t, context.Cause(hurry), errInterrupted)
}

func TestUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := Config{Data: t.TempDir(), Listen: "127.0.0.1:0"}
	at := Endpoints{DatabaseURL: "postgres://somewhere", TemporalAddress: "127.0.0.1:1"}
	var noted []string
	bringUp := func(context.Context, Config, *slog.Logger) (Backend, error) {
		return Backend{Endpoints: at, Stop: func(context.Context) error { noted = append(noted, "backend"); return nil }}, nil
	}
	var taken string
	build := func(_ context.Context, s Site) ([]Service, error) {
		found, err := ReadEndpoints(s.Config)
		require.NoError(t, err)
		require.Equal(t, at, found)
		require.Equal(t, at, s.Endpoints)
		taken = s.Listener.Addr().String()
		require.Equal(t, "http://"+taken, s.Address())
		again := Up(t.Context(), t.Context(), Config{Data: t.TempDir(), Listen: taken}, silent(), bringUp, nil)
		require.ErrorContains(t, again, taken)
		require.Empty(t, noted, "with its port taken nothing is started")
		return []Service{{
			Name:  "web",
			Start: func(context.Context) error { cancel(); return nil },
			Stop:  func(context.Context) error { noted = append(noted, "web"); return s.Listener.Close() },
		}}, nil
	}
	require.NoError(t, Up(ctx, t.Context(), c, silent(), bringUp, build))
	require.Equal(t, []string{"web", "backend"}, noted)
	_, err := ReadEndpoints(c)
	require.ErrorIs(t, err, ErrNotUp)
	c.Database.URL, c.Temporal.Address = "postgres://other", "other:7233"
	found, err := ReadEndpoints(c)
	require.NoError(t, err)
	require.Equal(t, Endpoints{DatabaseURL: "postgres://other", TemporalAddress: "other:7233"}, found)
}
