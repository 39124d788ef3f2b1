package faults

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// Processes are killed at random moments while clients act. Every acknowledged action exists once and none that nobody
// asked for; what is shown equals the workflow for every matter; no alarm is lost or doubled.
//
// DUBAN_TEST_CYCLES is how many workers are killed (and half as many APIs), DUBAN_TEST_SEED the seed.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	cycles := setting(t, "DUBAN_TEST_CYCLES", 8)
	seed := uint64(setting(t, "DUBAN_TEST_SEED", int(rand.Uint32())))
	faults := Faults{Workers: cycles, APIs: (cycles + 2) / 2, Backends: (cycles + 19) / 20, Cuts: (cycles + 7) / 8, Freezes: (cycles + 19) / 20,
		Away: 10 * time.Second}
	t.Logf("DUBAN_TEST_SEED=%d DUBAN_TEST_CYCLES=%d: %v", seed, cycles, faults)
	site := open(t)
	ledger := NewLedger()
	crowd := &Crowd{Site: site, Ledger: ledger, Seed: seed, Size: 16, Pace: 216_000} // a day in four tenths of a second
	stop, played := make(chan struct{}), make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(cycles+20)*20*time.Second)
	defer cancel()
	began := time.Now()
	go func() { played <- crowd.Play(ctx, stop) }()
	disturbed := Disturb(ctx, site, ledger, seed, faults)
	if disturbed != nil {
		t.Error("disturbing:", disturbed)
		cancel()
	}
	close(stop)
	if err := <-played; err != nil {
		t.Fatal("playing:", err)
	}
	t.Logf("played for %v", time.Since(began).Round(time.Second))
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	auditor := &Auditor{Site: site, Ledger: ledger}
	findings, err := auditor.Audit(ctx)
	t.Log(auditor.Summary)
	for i, finding := range findings {
		if i == 40 {
			t.Errorf("and %d more", len(findings)-i)
			break
		}
		t.Error(finding)
	}
	if err != nil {
		t.Error("auditing:", err)
	}
	if t.Failed() {
		for _, part := range []Part{Worker, API, Backend} {
			t.Logf("%s:\n%s", part, lastOf(site.Output(part), 6000))
		}
	}
	if auditor.Summary.Done < 10*cycles {
		t.Errorf("only %d actions were done: this shows little", auditor.Summary.Done)
	}
}

func lastOf(text string, most int) string { return text[max(0, len(text)-most):] }
