package store_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"duban/internal/store"
	"duban/internal/store/storetest"
)

func version(key, version, parent string) store.Rulebook {
	return store.Rulebook{Key: key, Version: version, Parent: parent, Title: key, Text: "text of " + version}
}

// shipped is a city's rulebook and one that derives from it, as they came with the program.
func shipped(t *testing.T) *store.Store {
	s := storetest.New(t)
	texts := map[string]string{"city": "text of c1", "bureau": "text of b1"}
	require.NoError(t, s.Ship(t.Context(), texts, []store.Rulebook{version("city", "c1", ""), version("bureau", "b1", "c1")}))
	return s
}

func change(matter, base string, versions ...store.Rulebook) store.NewRules {
	return store.NewRules{Matter: matter, Change: "change of " + versions[0].Version, Rulebook: versions[0].Key, Base: base,
		Among: map[string]string{"city": "c1", "bureau": "b1"}, Versions: versions}
}

func inForce(t *testing.T, s *store.Store) map[string]string {
	books, err := s.RulesInForce(t.Context())
	require.NoError(t, err)
	versions := map[string]string{}
	for _, b := range books {
		versions[b.Key] = b.Version
		assert.Equal(t, "text of "+b.Version, b.Text)
	}
	return versions
}

// What the program brings is in force where nothing is, and stays aside where something is: it is neither taken over nor
// lost, and when it was first seen is known.
func TestShippedRulebooksAreTheFirstOnly(t *testing.T) {
	s := shipped(t)
	require.Equal(t, map[string]string{"city": "c1", "bureau": "b1"}, inForce(t, s))
	before, err := s.ShippedRulebook(t.Context(), "city")
	require.NoError(t, err)
	require.NoError(t, s.Ship(t.Context(), map[string]string{"city": "text of c1", "bureau": "another"}, []store.Rulebook{version("city", "c9", "")}))
	require.Equal(t, map[string]string{"city": "c1", "bureau": "b1"}, inForce(t, s))
	after, err := s.ShippedRulebook(t.Context(), "city")
	require.NoError(t, err)
	assert.Equal(t, before, after, "the same text is no news")
	bureau, err := s.ShippedRulebook(t.Context(), "bureau")
	require.NoError(t, err)
	assert.Equal(t, "another", bureau.Text)
	_, err = s.ShippedRulebook(t.Context(), "county")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

// A change takes along what derives from it, once however often it is asked, and says by which matter.
func TestEnactOnce(t *testing.T) {
	s, matter := shipped(t), uuid.NewString()
	n := change(matter, "c1", version("city", "c2", ""), version("bureau", "b2", "c2"))
	for range 2 {
		got, err := s.Enact(t.Context(), n)
		require.NoError(t, err)
		require.Equal(t, "c2", got)
	}
	require.Equal(t, map[string]string{"city": "c2", "bureau": "b2"}, inForce(t, s))
	history, err := s.RulebookHistory(t.Context(), "bureau")
	require.NoError(t, err)
	require.Len(t, history, 2)
	assert.Equal(t, []any{"b2", store.CauseParent, matter, int64(2)}, []any{history[0].Version, history[0].Cause, history[0].Matter, history[0].Number})
	assert.Equal(t, []any{"b1", store.CauseShipped, ""}, []any{history[1].Version, history[1].Cause, history[1].Matter})
	old, err := s.RulebookVersion(t.Context(), "bureau", "b1")
	require.NoError(t, err)
	assert.Equal(t, "c1", old.Parent)
	_, err = s.RulebookVersion(t.Context(), "bureau", "b3")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

// Of two changes of one rulebook under way at once, the second must be made from what the first left. One that only was
// checked among other rules is looked at again.
func TestEnactFromWhatIsInForce(t *testing.T) {
	s := shipped(t)
	var group errgroup.Group
	got := make([]error, 2)
	for i, name := range []string{"c2", "c3"} {
		group.Go(func() error {
			_, got[i] = s.Enact(t.Context(), change(uuid.NewString(), "c1", version("city", name, ""), version("bureau", "b"+name, name)))
			return nil
		})
	}
	require.NoError(t, group.Wait())
	if got[0] != nil {
		got[0], got[1] = got[1], got[0]
	}
	require.NoError(t, got[0])
	require.ErrorIs(t, got[1], store.ErrStaleBase)

	_, err := s.Enact(t.Context(), change(uuid.NewString(), "b1", version("bureau", "b9", "c1")))
	require.ErrorIs(t, err, store.ErrStaleBase, "its parent's change changed it too")
	again := change(uuid.NewString(), inForce(t, s)["bureau"], version("bureau", "b9", inForce(t, s)["city"]))
	_, err = s.Enact(t.Context(), again)
	require.ErrorIs(t, err, store.ErrRulesMoved)
	again.Among = inForce(t, s)
	_, err = s.Enact(t.Context(), again)
	require.NoError(t, err)
	back := change(uuid.NewString(), "b9", version("bureau", "b1", "c1"))
	back.Among = inForce(t, s)
	_, err = s.Enact(t.Context(), back)
	require.NoError(t, err, "a version may come back")
	require.Equal(t, "b1", inForce(t, s)["bureau"])
}

func TestRunningMattersAreCountedByVersion(t *testing.T) {
	s := storetest.New(t)
	spec := newSpec("在办")
	told := newStory(spec)
	require.NoError(t, told.start(true))
	record(t, s, told)
	record(t, s, finished(t, newSpec("办结")))
	running, err := s.RunningByVersion(t.Context(), spec.Procedure.Rulebook)
	require.NoError(t, err)
	require.Equal(t, []store.Running{{Version: spec.Procedure.Version, Procedure: spec.Procedure.Key, Matters: 1}}, running)
}

func TestRulebookChangeIsKeptByItsDigest(t *testing.T) {
	s := storetest.New(t)
	c := store.RulebookChange{Rulebook: "city", Base: "c1", Text: "rulebook: city", Person: "a"}
	first, err := s.PutRulebookChange(t.Context(), c)
	require.NoError(t, err)
	c.Person = "b"
	second, err := s.PutRulebookChange(t.Context(), c)
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Equal(t, "a", second.Person)
	c.Base = "c2"
	other, err := s.PutRulebookChange(t.Context(), c)
	require.NoError(t, err)
	assert.NotEqual(t, first.ID, other.ID)
	_, err = s.RulebookChange(t.Context(), store.ChangeID("city", "c3", ""))
	assert.ErrorIs(t, err, store.ErrNotFound)
}

// A draft is its writer's; what another window saved meanwhile is not written over.
func TestRulebookDraft(t *testing.T) {
	s := storetest.New(t)
	ctx := t.Context()
	d := store.RulebookDraft{Person: "a", Rulebook: "city", Base: "c1", Text: "one"}
	saved, err := s.SaveRulebookDraft(ctx, d)
	require.NoError(t, err)
	require.Equal(t, int64(1), saved.Revision)
	_, err = s.SaveRulebookDraft(ctx, d)
	require.ErrorIs(t, err, store.ErrDraftMoved)
	saved.Text = "two"
	saved, err = s.SaveRulebookDraft(ctx, saved)
	require.NoError(t, err)
	require.Equal(t, int64(2), saved.Revision)
	_, err = s.RulebookDraft(ctx, "b", "city")
	require.ErrorIs(t, err, store.ErrNotFound)
	read, err := s.RulebookDraft(ctx, "a", "city")
	require.NoError(t, err)
	require.Equal(t, saved, read)
	require.NoError(t, s.DropRulebookDraft(ctx, "a", "city"))
	_, err = s.SaveRulebookDraft(ctx, saved)
	require.ErrorIs(t, err, store.ErrDraftMoved, "it is gone")
}
