package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"duban/internal/procedure"
)

// EntryState says what became of a command.
type EntryState string

// The states of a journal entry.
const (
	EntryOpen    EntryState = "open"
	EntryDone    EntryState = "done"
	EntryRefused EntryState = "refused"
)

// The kinds of journal entry: an action on a matter, or a matter's start.
const (
	KindAct   = "act"
	KindStart = "start"
)

// lease is how long a sweeper has an open entry for itself.
const lease = 30 * time.Second

// Entry is a command in the journal, under its idempotency key.
type Entry struct {
	Key      string
	Person   string
	Matter   string
	Kind     string // KindAct, KindStart
	Command  procedure.Command
	Spec     *procedure.Spec // start, until it is done
	BodyHash string          // of the request's body: the same key with another body is refused
	State    EntryState
	Refusal  *procedure.Refusal
	At       time.Time // accepted
	First    int64     // sequence of the first event that followed from it, once done
	Last     int64
}

const entryColumns = `key, person, matter::text, kind, command, spec, body_hash, state, refusal, at, first, last`

func scanEntry(row pgx.CollectableRow) (Entry, error) {
	var e Entry
	var command, spec, refusal []byte
	err := row.Scan(&e.Key, &e.Person, &e.Matter, &e.Kind, &command, &spec, &e.BodyHash, &e.State, &refusal, &e.At, &e.First, &e.Last)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(command, &e.Command); err != nil {
		return e, err
	}
	if spec != nil {
		if err := json.Unmarshal(spec, &e.Spec); err != nil {
			return e, err
		}
	}
	if refusal != nil {
		if err := json.Unmarshal(refusal, &e.Refusal); err != nil {
			return e, err
		}
	}
	return e, nil
}

// Accept puts a command into the journal. When its key is there already the entry is given back as it stands and fresh
// is false; ErrKeyReused: it is there with another body, or another person's. A *procedure.Refusal says that it has
// something no table can hold (the character zero, a number of a million digits): it is turned away here, before anybody
// acts on it.
func (s *Store) Accept(ctx context.Context, e Entry) (entry Entry, fresh bool, err error) {
	command, err := json.Marshal(e.Command)
	if err != nil {
		return e, false, err
	}
	var spec *string
	given := "null" // of the specification, what a person wrote
	if e.Spec != nil {
		text, err := json.Marshal(e.Spec)
		if err != nil {
			return e, false, err
		}
		form, err := json.Marshal([]any{e.Spec.Title, e.Spec.Form})
		if err != nil {
			return e, false, err
		}
		spec, given = new(string(text)), string(form)
	}
	err = s.pool.QueryRow(ctx, `
		INSERT INTO journal (key, person, matter, kind, command, spec, body_hash)
		SELECT $1, $2, $3, $4, $5::text::json, $6::text::json, $7 WHERE jsonb_build_array($5::text::jsonb, $8::text::jsonb) IS NOT NULL
		ON CONFLICT DO NOTHING RETURNING at`,
		e.Key, e.Person, e.Matter, e.Kind, string(command), spec, e.BodyHash, given).Scan(&e.At)
	var own *pgconn.PgError
	switch {
	case err == nil:
		e.State = EntryOpen
		return e, true, nil
	case errors.As(err, &own) && (own.Code[:2] == "22" || own.Code == "54001"): // what jsonb cannot hold, or not so deep
		return e, false, &procedure.Refusal{Code: "invalid-request", Input: true}
	}
	if err = classify(err); !errors.Is(err, ErrNotFound) {
		return e, false, err
	}
	entry, err = s.Entry(ctx, e.Key)
	if err == nil && (entry.Person != e.Person || entry.BodyHash != e.BodyHash) {
		return Entry{}, false, ErrKeyReused
	}
	return entry, false, err
}

// Entry gives the journal's entry of a key. ErrNotFound: there is none.
func (s *Store) Entry(ctx context.Context, key string) (Entry, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+entryColumns+` FROM journal WHERE key = $1`, key)
	if err != nil {
		return Entry{}, classify(err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEntry)
	return e, classify(err)
}

// Settle marks a command done whose events are all recorded: those from first to last.
func (s *Store) Settle(ctx context.Context, key string, first, last int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE journal SET state = 'done', first = $2, last = $3, spec = NULL, refusal = NULL WHERE key = $1`,
		key, first, last)
	return classify(err)
}

// LeaseOpen takes up to limit entries that have been open for longer than that, for the caller alone: for half a minute no
// other call gives them out. Those tried longest ago come first, so that many of matters that cannot go on keep none back.
func (s *Store) LeaseOpen(ctx context.Context, olderThan time.Duration, limit int) ([]Entry, error) {
	rows, err := s.pool.Query(ctx, `
		UPDATE journal SET leased = now() + $2
		WHERE key IN (
			SELECT key FROM journal WHERE state = 'open' AND at <= now() - $1::interval AND leased <= now()
			ORDER BY leased, at LIMIT $3 FOR UPDATE SKIP LOCKED)
		RETURNING `+entryColumns, olderThan, lease, limit)
	if err != nil {
		return nil, classify(err)
	}
	entries, err := pgx.CollectRows(rows, scanEntry)
	return entries, classify(err)
}

// JournalOpen counts the commands accepted and not yet settled, and says how old the oldest is, in seconds.
func (s *Store) JournalOpen(ctx context.Context) (open int, oldest float64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*), COALESCE(EXTRACT(EPOCH FROM now() - min(at)), 0)::float8 FROM journal WHERE state = 'open'`).
		Scan(&open, &oldest)
	return open, oldest, classify(err)
}
