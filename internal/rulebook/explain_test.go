package rulebook_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"duban/internal/calendar"
	"duban/internal/rulebook"
	"duban/rulebooks"
)

var update = flag.Bool("update", false, "write the goldens anew")

func library(t testing.TB) *rulebook.Library {
	t.Helper()
	l, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// golden compares a text people read with the one they have read before.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, file); got != want {
		t.Errorf("%s is now\n%s\nand was\n%s", name, got, want)
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct{ book, procedure, from string }{
		{"zibo-city", "provincial-document", "2026-02-09"}, // over the Spring Festival
		{"zibo-city", "provincial-document", "2025-09-22"}, // over National Day
		{"zibo-city", "central-document", "2026-04-29"},
		{"zibo-city", "innovation-proposal", "2026-01-12"},
		{"zibo-city", "innovation-proposal", "2026-06-01"}, // outside the intake
		{"zibo-city", "innovation-tracking", "2026-11-30"}, // into a year without a notice
		{"zibo-city", "reform-task", "2026-03-02"},
		{"zibo-stb", "bureau-proposal", "2026-01-05"},
		{"zibo-stb", "first-study", "2026-05-14"},
	} {
		t.Run(c.book+"-"+c.procedure+"-"+c.from, func(t *testing.T) {
			from, err := calendar.ParseDate(c.from)
			if err != nil {
				t.Fatal(err)
			}
			timetable, err := rulebook.Explain(library(t), c.book, c.procedure, from, calendar.Shipped())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "explain-"+c.book+"-"+c.procedure+"-"+c.from, timetable.String())
		})
	}
}

func TestDiff(t *testing.T) {
	for _, key := range []string{"zibo-city", "zibo-stb"} {
		difference, ok := library(t).Diff(key)
		if !ok {
			t.Fatal(key)
		}
		golden(t, "diff-"+key, difference.String())
	}
}
