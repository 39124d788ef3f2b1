package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/store"
	"duban/internal/store/storetest"
)

func entryOf(told *story, e store.Entry) store.Entry {
	e.Person, e.Matter, e.Kind = told.spec.Starter.Person, told.spec.Matter, store.KindAct
	e.Command = procedure.Command{Key: e.Key, Action: procedure.ActionApprove, Actor: told.spec.Starter}
	return e
}

func TestJournalKeepsOneOutcomePerKey(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("幂等"))
	first := entryOf(told, store.Entry{Key: "k1", BodyHash: "a"})
	first.Kind, first.Spec = store.KindStart, &told.spec
	got, fresh, err := s.Accept(t.Context(), first)
	require.NoError(t, err)
	assert.True(t, fresh)
	assert.Equal(t, store.EntryOpen, got.State)
	assert.False(t, got.At.IsZero())

	again, fresh, err := s.Accept(t.Context(), first)
	require.NoError(t, err)
	assert.False(t, fresh)
	assert.Equal(t, first.Command, again.Command)
	assert.JSONEq(t, asJSON(t, first.Spec), asJSON(t, again.Spec))

	for name, change := range map[string]func(*store.Entry){
		"another body":   func(e *store.Entry) { e.BodyHash = "b" },
		"another person": func(e *store.Entry) { e.Person = uuid.NewString() },
	} {
		other := first
		change(&other)
		_, _, err = s.Accept(t.Context(), other)
		assert.ErrorIs(t, err, store.ErrKeyReused, name)
	}
	_, err = s.Entry(t.Context(), "unknown")
	assert.ErrorIs(t, err, store.ErrNotFound)
}

func TestRecordSettlesTheJournal(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("入账"))
	receipts := map[string]procedure.Receipt{}
	for _, r := range told.state.Recent {
		receipts[r.Key] = r
		_, _, err := s.Accept(t.Context(), entryOf(told, store.Entry{Key: r.Key}))
		require.NoError(t, err)
	}
	for _, e := range told.events { // one by one, the parts of a command apart
		_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: []procedure.Event{e}})
		require.NoError(t, err)
	}
	require.NotEmpty(t, receipts)
	for key, r := range receipts {
		e, err := s.Entry(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, store.EntryDone, e.State)
		assert.Equal(t, r, procedure.Receipt{Key: e.Key, First: e.First, Last: e.Last})
		assert.Nil(t, e.Spec)
	}
	open, err := s.LeaseOpen(t.Context(), 0, 10)
	require.NoError(t, err)
	assert.Empty(t, open)
}

func TestRefusedCommandTellsThePerson(t *testing.T) {
	s := storetest.New(t)
	person := hired(t, s, clerk, "clerk@example.org")
	told := finished(t, newSpec("拒绝"))
	for _, key := range []string{"told", "answered"} {
		e := entryOf(told, store.Entry{Key: key})
		e.Person = person
		_, _, err := s.Accept(t.Context(), e)
		require.NoError(t, err)
		refusal := &procedure.Refusal{Code: "closed", Args: map[string]any{"outcome": "completed"}, Authority: procedure.Authority{Source: "001 art. 12"}}
		for range 2 {
			require.NoError(t, s.Refuse(t.Context(), key, refusal, key == "told"))
		}
		got, err := s.Entry(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, store.EntryRefused, got.State)
		assert.Equal(t, refusal, got.Refusal)
	}
	list, err := s.Notifications(t.Context(), person, true, 0, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, store.TellRefused, list[0].Kind)
	assert.Equal(t, "closed", list[0].Args["code"])
	assert.Equal(t, "approve", list[0].Args["action"])
}

func TestLeaseOpenGivesEachEntryToOne(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("清扫"))
	for range 20 {
		_, _, err := s.Accept(t.Context(), entryOf(told, store.Entry{Key: uuid.NewString()}))
		require.NoError(t, err)
	}
	none, err := s.LeaseOpen(t.Context(), time.Hour, 100)
	require.NoError(t, err)
	assert.Empty(t, none, "not old enough")

	leased := make(chan []store.Entry)
	for range 4 {
		go func() {
			entries, err := s.LeaseOpen(t.Context(), 0, 7)
			assert.NoError(t, err)
			leased <- entries
		}()
	}
	seen := map[string]bool{}
	for range 4 {
		for _, e := range <-leased {
			assert.False(t, seen[e.Key], "twice")
			seen[e.Key] = true
		}
	}
	for { // whoever came while others held locks may have got fewer
		more, err := s.LeaseOpen(t.Context(), 0, 7)
		require.NoError(t, err)
		if len(more) == 0 {
			break
		}
		for _, e := range more {
			assert.False(t, seen[e.Key], "twice")
			seen[e.Key] = true
		}
	}
	assert.Len(t, seen, 20)
	_, err = s.Pool().Exec(t.Context(), `UPDATE journal SET leased = now() - interval '1 second'`)
	require.NoError(t, err)
	again, err := s.LeaseOpen(t.Context(), 0, 100)
	require.NoError(t, err)
	assert.Len(t, again, 20, "when the lease is over")

	require.NoError(t, s.Settle(t.Context(), again[0].Key, 3, 5))
	e, err := s.Entry(t.Context(), again[0].Key)
	require.NoError(t, err)
	assert.Equal(t, []any{store.EntryDone, int64(3), int64(5)}, []any{e.State, e.First, e.Last})
}

// Commands of matters that cannot go on are tried again and again, and others all the same.
func TestLeaseOpenComesToWhatNobodyTriedYet(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("清扫"))
	for range 3 {
		_, _, err := s.Accept(t.Context(), entryOf(told, store.Entry{Key: uuid.NewString()}))
		require.NoError(t, err)
	}
	stuck, err := s.LeaseOpen(t.Context(), 0, 3)
	require.NoError(t, err)
	require.Len(t, stuck, 3)
	_, err = s.Pool().Exec(t.Context(), `UPDATE journal SET leased = now() - interval '1 second'`)
	require.NoError(t, err)
	fresh, _, err := s.Accept(t.Context(), entryOf(told, store.Entry{Key: uuid.NewString()}))
	require.NoError(t, err)
	for _, want := range []string{fresh.Key, stuck[0].Key, stuck[1].Key, stuck[2].Key} {
		next, err := s.LeaseOpen(t.Context(), 0, 1)
		require.NoError(t, err)
		require.Len(t, next, 1)
		if want == fresh.Key {
			require.Equal(t, want, next[0].Key)
		}
	}
}

func TestJournalTurnsAwayWhatNoTableCanHold(t *testing.T) {
	s := storetest.New(t)
	told := newStory(newSpec("字符"))
	for name, c := range map[string]struct {
		field string
		taken bool
	}{
		"zero":                        {`"a\u0000b"`, false},
		"zero after a backslash":      {`"\\\u0000"`, false},
		"no UTF-8":                    {"\"\xff\"", false},
		"a number beyond all":         {`1e999999`, false},
		"a backslash that is written": {`"\\u0000"`, true},
		"anything else":               {`"\u0001 \ud83d\ude00 起草"`, true},
	} {
		e := entryOf(told, store.Entry{Key: uuid.NewString()})
		e.Command.Fields = map[string]json.RawMessage{"summary": json.RawMessage(c.field)}
		if c.field[0] == '1' { // in what a matter starts with, just the same
			told.spec.Form["amount"], e.Command.Fields, e.Kind, e.Spec = json.RawMessage(c.field), nil, store.KindStart, &told.spec
		}
		_, _, err := s.Accept(t.Context(), e)
		if c.taken {
			require.NoError(t, err, name)
			continue
		}
		var refused *procedure.Refusal
		require.ErrorAs(t, err, &refused, name)
		assert.Equal(t, "invalid-request", refused.Code)
		_, err = s.Entry(t.Context(), e.Key)
		assert.ErrorIs(t, err, store.ErrNotFound, name)
	}
}
