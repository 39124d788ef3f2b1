package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duban/internal/client"
	"duban/internal/rehearsal"
)

// binary is the program under test; shared runs for the tests that need nothing of their own.
var (
	binary string
	shared *Program
	stage  *rehearsal.Stage
)

// pace makes a day of a matter four tenths of a second.
const pace = 216_000

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	folder, err := os.MkdirTemp("", "duban-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if binary, err = Build(ctx, folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	data, err := Scratch()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(filepath.Dir(data))
	if shared, err = Up(ctx, binary, data, "DUBAN_SAMPLE=true"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	stage = &rehearsal.Stage{URL: shared.URL, Password: password(data), Pace: pace}
	code := m.Run()
	if code != 0 {
		fmt.Fprintln(os.Stderr, tail(shared.Output(), 60))
	}
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping:", err)
		return 1
	}
	return code
}

func password(data string) string {
	text, err := os.ReadFile(filepath.Join(data, "sample-password"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// within bounds a test's wait for what must come.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// as gives a login's session with the shared program.
func as(t *testing.T, login string) *client.Client {
	t.Helper()
	c, err := stage.Client(within(t, time.Minute), login)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// play finds a script of the demonstration.
func play(t *testing.T, name string) rehearsal.Play {
	t.Helper()
	plays, err := rehearsal.Plays()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plays {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no play is called %s", name)
	return rehearsal.Play{}
}

// perform plays a script to its end and gives the matter's id.
func perform(t *testing.T, p rehearsal.Play) string {
	t.Helper()
	id, err := stage.Perform(within(t, 4*time.Minute), p)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// until asks again until the answer satisfies, or the time is over.
func until[T any](t *testing.T, d time.Duration, what string, ask func(context.Context) (T, error), ok func(T) bool) T {
	t.Helper()
	ctx := within(t, d)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		answer, err := ask(ctx)
		if err == nil && ok(answer) {
			return answer
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waiting for %s: %v %+v", what, err, answer)
		case <-again.C:
		}
	}
}
