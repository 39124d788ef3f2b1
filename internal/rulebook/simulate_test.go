package rulebook_test

import (
	"encoding/json"
	"errors"
	"runtime/debug"
	"testing"

	"duban/internal/calendar"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

// scenarios is how many matters are played per procedure; -short plays fewer.
const scenarios = 10_000

func TestEveryProcedureKeepsItsPromises(t *testing.T) {
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	usual := debug.SetGCPercent(1000) // a matter's states are short-lived and small
	t.Cleanup(func() { debug.SetGCPercent(usual) })
	n := scenarios
	if testing.Short() {
		n = scenarios / 50
	}
	for _, book := range library.Rulebooks() {
		for _, key := range book.Order {
			p := book.Procedures[key]
			if p.Rulebook != book.Key {
				continue // inherited as it is
			}
			t.Run(book.Key+"/"+key, func(t *testing.T) {
				t.Parallel()
				sim, err := rulebook.Simulate(library, book.Key, key, n, 1, calendar.Shipped())
				var broken *rulebook.Violation
				if errors.As(err, &broken) {
					for _, e := range broken.Story {
						line, _ := json.Marshal(e)
						t.Logf("%s", line)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
				t.Log("\n" + sim.String())
			})
		}
	}
}

func TestASeedTellsTheSameStory(t *testing.T) {
	l := library(t)
	for _, seed := range []uint64{1, 99, 12345} {
		first, err := rulebook.Simulate(l, "zibo-city", "provincial-document", 5, seed, calendar.Shipped())
		if err != nil {
			t.Fatal(err)
		}
		second, err := rulebook.Simulate(library(t), "zibo-city", "provincial-document", 5, seed, calendar.Shipped())
		if err != nil {
			t.Fatal(err)
		}
		if first.String() != second.String() {
			t.Errorf("seed %d came to\n%s\nand then to\n%s", seed, first, second)
		}
	}
}

// Stories that once went wrong.
func TestStoriesThatOnceWentWrong(t *testing.T) {
	for _, c := range []struct {
		book, procedure string
		seed            uint64
	}{
		{"zibo-city", "innovation-tracking", 6654}, // a month's summary passed for the next one
		{"zibo-city", "superior-meeting", 11},      // an alarm rang again: terms of one name in two stages
		{"zibo-city", "reform-task", 147},          // an alarm rang at night when the clock was restarted
		{"zibo-stb", "bureau-document", 1},
	} {
		if _, err := rulebook.Simulate(library(t), c.book, c.procedure, 1, c.seed, calendar.Shipped()); err != nil {
			t.Errorf("%s: %v", c.procedure, err)
		}
	}
}
