package rules_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/rules"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/rulebooks"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

const (
	city = "zibo-city"
	stb  = "zibo-stb"
)

// process is one of the processes on a database, with the shelf it reads from.
type process struct {
	*rules.Keeper
	shelf *rulebook.Shelf
}

func newProcess(t *testing.T, s *store.Store, change ...func(rulebook.Sources) rulebook.Sources) process {
	t.Helper()
	sources, err := rulebook.ReadSources(rulebooks.FS)
	require.NoError(t, err)
	for _, f := range change {
		sources = f(sources)
	}
	library, err := sources.Load()
	require.NoError(t, err)
	p := process{shelf: rulebook.NewShelf(library)}
	p.Keeper = rules.NewKeeper(s, p.shelf, slog.New(slog.DiscardHandler))
	require.NoError(t, p.Open(t.Context()))
	return p
}

func (p process) book(t *testing.T, key string) *rulebook.Rulebook {
	t.Helper()
	book, ok := p.shelf.Library().Rulebook(key)
	require.True(t, ok)
	return book
}

// with is the text in force with one place said otherwise.
func (p process) with(t *testing.T, key, old, new string) string {
	t.Helper()
	text := p.book(t, key).Text
	require.Contains(t, text, old)
	return strings.Replace(text, old, new, 1)
}

// propose keeps a change made from what the process has in force.
func (p process) propose(t *testing.T, s *store.Store, key, text string) string {
	t.Helper()
	c, err := s.PutRulebookChange(t.Context(), store.RulebookChange{Rulebook: key, Base: p.book(t, key).Version, Text: text})
	require.NoError(t, err)
	return c.ID
}

// stricter is a change of the city's rules that suits everybody: the first-study limit's term, from five days to four.
func stricter(t *testing.T, p process) string {
	return p.with(t, city, "within: 5 workdays\n        from: started", "within: 4 workdays\n        from: started")
}

// A change takes effect once however often it is asked; what derives from the rulebook is put in force along with it, and
// every process has it as soon as it looks.
func TestAChangeTakesEffectOnceAndEverywhere(t *testing.T) {
	ctx, s := t.Context(), storetest.New(t)
	here, there := newProcess(t, s), newProcess(t, s)
	heir := there.book(t, stb).Version
	id, matter := here.propose(t, s, city, stricter(t, here)), uuid.NewString()
	first, err := here.Enact(ctx, matter, city, id, false)
	require.NoError(t, err)
	require.Equal(t, procedure.Enacted{Change: id, Version: here.book(t, city).Version}, first)
	again, err := there.Enact(ctx, matter, city, id, false)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NoError(t, there.Reload(ctx))
	require.Equal(t, first.Version, there.book(t, city).Version)
	require.NotEqual(t, heir, there.book(t, stb).Version)
	p, _ := there.shelf.Library().Procedure(city, "first-study")
	require.Equal(t, 4, p.Stages[0].Limits[0].Within.N)
	history, err := s.RulebookHistory(ctx, city)
	require.NoError(t, err)
	require.Len(t, history, 2)
}

// What is announced is taken over without being asked for.
func TestAChangeIsAnnounced(t *testing.T) {
	ctx, s := t.Context(), storetest.New(t)
	here, there := newProcess(t, s), newProcess(t, s)
	hub := s.NewHub(slog.New(slog.DiscardHandler))
	running, stop := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { hub.Run(running) })
	ended.Go(func() { there.Run(running, hub) })
	defer ended.Wait()
	defer stop()
	done, err := here.Enact(ctx, uuid.NewString(), city, here.propose(t, s, city, stricter(t, here)), false)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return there.book(t, city).Version == done.Version }, time.Minute, 10*time.Millisecond)
}

// Where an announcement is missed, those who were told so at once are told again when the rules are there.
func TestAMissedChangeIsToldOnceItIsThere(t *testing.T) {
	ctx, s := t.Context(), storetest.New(t)
	here, there := newProcess(t, s), newProcess(t, s)
	hub := s.NewHub(slog.New(slog.DiscardHandler)) // it does not listen: every announcement is missed
	told, cancel := hub.Subscribe()
	defer cancel()
	running, stop := context.WithCancel(ctx)
	var ended sync.WaitGroup
	defer ended.Wait()
	defer stop()
	ended.Go(func() { there.Run(running, hub) })
	done, err := here.Enact(ctx, uuid.NewString(), city, here.propose(t, s, city, stricter(t, here)), false)
	require.NoError(t, err)
	said, heard := 0, 0
	require.Eventually(t, func() bool {
		hub.Reset() // as a hub does that connected again
		for said++; ; heard++ {
			select {
			case <-told:
			case <-time.After(100 * time.Millisecond):
				return heard > said
			}
		}
	}, time.Minute, time.Millisecond)
	require.Equal(t, done.Version, there.book(t, city).Version)
}

func TestAChangeThatCannotTakeEffectSaysWhy(t *testing.T) {
	ctx, s := t.Context(), storetest.New(t)
	p := newProcess(t, s)
	refused := func(book, id string) string {
		t.Helper()
		done, err := p.Enact(ctx, uuid.NewString(), book, id, false)
		require.NoError(t, err)
		require.Empty(t, done.Version)
		return done.Refusal
	}
	second := p.propose(t, s, city, p.with(t, city, "times: 1", "times: 2"))
	require.Equal(t, "change-unknown", refused(city, store.ChangeID(city, "", "")))
	require.Equal(t, "change-elsewhere", refused(stb, second))
	// the bureau's limit of four days would be longer than the city's
	loosens := p.propose(t, s, city, strings.Replace(stricter(t, p), "within: 4 workdays\n        from: started", "within: 2 workdays\n        from: started", 1))
	done, err := p.Enact(ctx, uuid.NewString(), city, loosens, false)
	require.NoError(t, err)
	require.Equal(t, "rulebook-invalid", done.Refusal)
	require.Contains(t, done.Args["first"], "zibo-stb.yaml:", "the heir's file and line")
	require.Equal(t, "rulebook-invalid", refused(city, p.propose(t, s, city, "rulebook: [")))
	// of two made from the same version, one comes too late
	done, err = p.Enact(ctx, uuid.NewString(), city, p.propose(t, s, city, stricter(t, p)), false)
	require.NoError(t, err)
	require.NotEmpty(t, done.Version)
	require.Equal(t, "base-not-in-force", refused(city, second))
}

// A rehearsal checks, and changes nothing.
func TestARehearsalLeavesTheRulesAlone(t *testing.T) {
	ctx, s := t.Context(), storetest.New(t)
	p := newProcess(t, s)
	before := p.book(t, city).Version
	done, err := p.Enact(ctx, uuid.NewString(), city, p.propose(t, s, city, stricter(t, p)), true)
	require.NoError(t, err)
	require.True(t, done.Rehearsal)
	require.NotEqual(t, before, done.Version)
	require.Equal(t, before, p.book(t, city).Version)
	require.NoError(t, p.Reload(ctx))
	require.Equal(t, before, p.book(t, city).Version)
}

// A newer program's text is not taken over by itself, and what was changed by a matter outlives the program's restart.
func TestANewerProgramLeavesTheRulesInForce(t *testing.T) {
	ctx, s := t.Context(), storetest.New(t)
	p := newProcess(t, s)
	done, err := p.Enact(ctx, uuid.NewString(), city, p.propose(t, s, city, stricter(t, p)), false)
	require.NoError(t, err)
	newer := newProcess(t, s, func(sources rulebook.Sources) rulebook.Sources {
		return sources.With(map[string]string{city: strings.Replace(sources[rulebook.FileOf(city)], "times: 1", "times: 2", 1)})
	})
	require.Equal(t, done.Version, newer.book(t, city).Version)
	brought, err := s.ShippedRulebook(ctx, city)
	require.NoError(t, err)
	require.Contains(t, brought.Text, "times: 2")
}
