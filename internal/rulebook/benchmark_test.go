package rulebook_test

import (
	"encoding/json"
	"testing"

	"duban/internal/calendar"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// What a whole matter costs the machine: short and mostly waiting, usual, and the longest there is.
func BenchmarkSimulate(b *testing.B) {
	l := library(b)
	for _, key := range []string{"first-study", "provincial-document", "practice-promotion"} {
		b.Run(key, func(b *testing.B) {
			b.ReportAllocs()
			if _, err := rulebook.Simulate(l, "zibo-city", key, b.N, 1, calendar.Shipped()); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// What a matter's state costs each time it is written or read: the workflow, the journal and the record all do.
func BenchmarkState(b *testing.B) {
	spec, err := library(b).Open(rulebook.Request{Matter: "m", Rulebook: "zibo-city", Procedure: "innovation-proposal", Title: "一件事一次办",
		Form: form(`{"category": "economy", "summary": "摘要"}`), Unit: "stb", Starter: actor("stb/clerk"), At: january, Calendar: calendar.Shipped()})
	if err != nil {
		b.Fatal(err)
	}
	state := procedure.New(spec)
	events, err := procedure.Decide(state, procedure.Command{Action: procedure.ActionStart, Actor: spec.Starter}, spec.At)
	if err != nil {
		b.Fatal(err)
	}
	state = procedure.Fold(state, events)
	text, err := json.Marshal(state)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := json.Marshal(state); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var s procedure.State
			if err := json.Unmarshal(text, &s); err != nil {
				b.Fatal(err)
			}
		}
	})
}
