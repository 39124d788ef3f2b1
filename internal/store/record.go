package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// Channel is the name under which the database announces that a matter changed, peopleChannel that who bears a session
// may have.
const (
	Channel       = "duban"
	peopleChannel = "duban_people"
)

// Batch is some of a matter's events, in any order. Spec may be nil when the matter is known to be recorded.
type Batch struct {
	Matter string
	Spec   *procedure.Spec
	Events []procedure.Event
}

// written is an event with the text the record keeps of it.
type written struct {
	procedure.Event
	body []byte
}

// Record is the one write path of a matter, in one transaction. It is idempotent and takes events in any order: what
// comes before the events it follows is kept aside until they come. It gives the sequence up to which the matter is
// now folded.
//
// ErrUnknownMatter: the matter is not there and the batch has no specification. ErrDiverged: the batch contradicts what
// is recorded.
func (s *Store) Record(ctx context.Context, b Batch) (seq int64, err error) {
	events, err := write(b.Events)
	if err != nil {
		return 0, err
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return 0, classify(err)
	}
	defer conn.Release() // one left within a transaction is closed, which rolls back
	r := recorder{store: s, conn: conn.Conn(), batch: b, events: events}
	if err := r.lock(ctx); err != nil {
		return 0, classify(r.abandon(ctx, err))
	}
	if err := r.commit(ctx); err != nil {
		return 0, classify(r.abandon(ctx, err))
	}
	return r.after.Seq, nil
}

// write encodes events, in order and each once.
func write(events []procedure.Event) ([]written, error) {
	out := make([]written, len(events))
	for i, e := range events {
		e.At = e.At.UTC()
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		out[i] = written{e, body}
	}
	slices.SortStableFunc(out, func(a, b written) int { return cmp.Compare(a.Seq, b.Seq) })
	for i := 1; i < len(out); i++ {
		if out[i].Seq == out[i-1].Seq && !bytes.Equal(out[i].body, out[i-1].body) {
			return nil, fmt.Errorf("%w: two events %d", ErrDiverged, out[i].Seq)
		}
	}
	return slices.CompactFunc(out, func(a, b written) bool { return a.Seq == b.Seq }), nil
}

// recorder is one run of Record: two round trips, one to lock and read, one to write and commit.
type recorder struct {
	store  *Store
	conn   *pgx.Conn
	batch  Batch
	events []written

	specHash []byte
	head     []byte // hash of the chain so far
	before   procedure.State
	after    procedure.State
	aside    []written // kept before, folded or still waiting
	fold     []written // contiguous
	early    []written // to keep aside
}

func (r *recorder) abandon(ctx context.Context, cause error) error {
	if r.conn.IsClosed() {
		return cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	if _, err := r.conn.Exec(ctx, "ROLLBACK"); err != nil {
		return fmt.Errorf("%w (and no rollback: %w)", cause, err)
	}
	return cause
}

const (
	lockMatter = `SELECT seq, hash, spec_hash, CASE WHEN $2 THEN spec END, CASE WHEN hash <> $3 THEN state END
		FROM matter WHERE id = $1 FOR NO KEY UPDATE`
	insertMatter = `INSERT INTO matter (id, organisation, rulebook, procedure, version, title, unit, starter, starter_name, parent, started,
			clock_start, clock_factor, hash, spec_hash, spec)
		VALUES ($1, COALESCE((SELECT organisation FROM unit WHERE id = $6), ''), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)
		ON CONFLICT DO NOTHING`
)

// lock puts the matter's row in place, locks it, and reads what the events are to be folded onto.
func (r *recorder) lock(ctx context.Context) error {
	known, cached := r.store.folded.get(r.batch.Matter)
	batch := &pgx.Batch{}
	batch.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
	batch.Queue("SET LOCAL plan_cache_mode = force_generic_plan") // nothing here depends on the arguments: planned once, not every time
	if spec := r.batch.Spec; spec != nil {
		text, err := json.Marshal(spec)
		if err != nil {
			return err
		}
		hash := sha256.Sum256(text)
		r.specHash = hash[:]
		if !cached {
			p := &spec.Procedure
			var parent *string
			if spec.Parent != nil {
				parent = &spec.Parent.Matter
			}
			batch.Queue(insertMatter, r.batch.Matter, p.Rulebook, p.Key, p.Version, spec.Title, spec.Unit, spec.Starter.Person, spec.Starter.Name,
				parent, spec.At, orNull(spec.Clock.Start), spec.Clock.Factor, r.specHash, text)
		}
	}
	var spec, state []byte
	found := false
	batch.Queue(lockMatter, r.batch.Matter, !cached, append([]byte{}, known.head...)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			found = true
			var specHash []byte
			if err := rows.Scan(&r.before.Seq, &r.head, &specHash, &spec, &state); err != nil {
				return err
			}
			if r.specHash != nil && !bytes.Equal(specHash, r.specHash) {
				return fmt.Errorf("%w: another specification of %s", ErrDiverged, r.batch.Matter)
			}
		}
		return rows.Err()
	})
	var repeated []written
	if n := len(r.events); n > 0 {
		batch.Queue(`SELECT seq, body FROM event WHERE matter = $1 AND seq BETWEEN $2 AND $3`, r.batch.Matter, r.events[0].Seq, r.events[n-1].Seq).
			Query(collect(&repeated))
	}
	batch.Queue(`SELECT seq, body FROM event_early WHERE matter = $1 ORDER BY seq`, r.batch.Matter).Query(collect(&r.aside))
	if err := r.conn.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: %s", ErrUnknownMatter, r.batch.Matter)
	}
	if err := r.restore(known, spec, state); err != nil {
		return err
	}
	return r.sort(repeated)
}

// collect reads rows of seq and body.
func collect(into *[]written) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var w written
			if err := rows.Scan(&w.Seq, &w.body); err != nil {
				return err
			}
			*into = append(*into, w)
		}
		return rows.Err()
	}
}

// restore makes the state before: what this process remembers, if the row is where it left it, or what the row holds.
func (r *recorder) restore(known fold, spec, state []byte) error {
	seq := r.before.Seq
	if spec != nil {
		if err := json.Unmarshal(spec, &known.state.Spec); err != nil {
			return err
		}
	}
	if bytes.Equal(known.head, r.head) {
		r.before = known.state
		return nil
	}
	var err error
	r.before, err = decodeState(known.state.Spec, seq, state)
	return err
}

// decodeState reads a state as encodeState writes it.
func decodeState(spec procedure.Spec, seq int64, data []byte) (procedure.State, error) {
	state := procedure.New(spec)
	if seq == 0 {
		return state, nil
	}
	state = procedure.State{}
	if err := json.Unmarshal(data, &state); err != nil {
		return state, err
	}
	state.Spec = spec
	if state.Calendar.IsZero() {
		state.Calendar = spec.Calendar
	}
	return state, nil
}

// encodeState writes a state for its row, without what the row holds already: the specification, and the calendar as long
// as it is the specification's, which is by far the most of a state and hardly ever changes.
func encodeState(s procedure.State) ([]byte, error) {
	if s.Calendar.Equal(s.Spec.Calendar) {
		s.Calendar = calendar.Calendar{}
	}
	s.Spec = procedure.Spec{}
	return json.Marshal(s)
}

// sort tells apart events recorded before, those that continue the matter, and those that came too early.
func (r *recorder) sort(repeated []written) error {
	recorded := map[int64][]byte{}
	for _, w := range repeated {
		recorded[w.Seq] = w.body
	}
	pending := map[int64]written{}
	for i, w := range r.aside {
		if err := json.Unmarshal(w.body, &r.aside[i].Event); err != nil {
			return err
		}
		pending[w.Seq], recorded[w.Seq] = r.aside[i], w.body
	}
	for _, w := range r.events {
		if body, ok := recorded[w.Seq]; ok {
			if !bytes.Equal(body, w.body) {
				return fmt.Errorf("%w: another event %d of %s", ErrDiverged, w.Seq, r.batch.Matter)
			}
			continue
		}
		pending[w.Seq] = w
		r.early = append(r.early, w)
	}
	next := r.before.Seq + 1
	for w, ok := pending[next]; ok; w, ok = pending[next] {
		r.fold = append(r.fold, w)
		next++
	}
	r.early = slices.DeleteFunc(r.early, func(w written) bool { return w.Seq < next })
	return nil
}

// commit writes what follows and ends the transaction.
func (r *recorder) commit(ctx context.Context) error {
	batch := &pgx.Batch{}
	for _, w := range r.early {
		batch.Queue(`INSERT INTO event_early (matter, seq, body) VALUES ($1, $2, $3)`, r.batch.Matter, w.Seq, w.body)
	}
	r.after = r.before
	if len(r.fold) > 0 {
		p, err := r.project()
		if err != nil {
			return err
		}
		r.after = p.after
		if len(r.aside) > 0 {
			batch.Queue(`DELETE FROM event_early WHERE matter = $1 AND seq <= $2`, r.batch.Matter, r.after.Seq)
		}
		if err := p.queue(batch, r.head); err != nil {
			return err
		}
		if err := p.queueOnce(batch); err != nil {
			return err
		}
	}
	batch.Queue("COMMIT")
	if err := r.conn.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if len(r.fold) > 0 {
		r.store.folded.put(fold{matter: r.batch.Matter, head: r.head, state: r.after})
		if posts := waiting(&r.before, &r.after); len(posts) > 0 {
			r.store.waiting.forget(posts...)
		}
	}
	return nil
}

// project folds the contiguous events and links them to the chain.
func (r *recorder) project() (projection, error) {
	events := make([]procedure.Event, len(r.fold))
	for i, w := range r.fold {
		events[i] = w.Event
	}
	p := project(r.before, events)
	for _, w := range r.fold {
		r.head = link(r.head, w.body)
		p.links = append(p.links, linkRow{w.Seq, w.body, r.head})
	}
	return p, nil
}

// link is the chain's next hash.
func link(before, body []byte) []byte {
	h := sha256.New()
	h.Write(before)
	h.Write(body)
	return h.Sum(nil)
}

// Recorded is an event as the record has it.
type Recorded struct {
	procedure.Event
	Hash     []byte    // of the chain up to this event
	Recorded time.Time // by the wall
}

// Events gives up to limit of a matter's events after a sequence.
func (s *Store) Events(ctx context.Context, matter string, after int64, limit int) ([]Recorded, error) {
	if uuid.Validate(matter) != nil {
		return nil, ErrNotFound
	}
	rows, err := s.pool.Query(ctx, `SELECT body, hash, recorded FROM event WHERE matter = $1 AND seq > $2 ORDER BY seq LIMIT $3`, matter, after, limit)
	if err != nil {
		return nil, classify(err)
	}
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Recorded, error) {
		var e Recorded
		var body []byte
		err := row.Scan(&body, &e.Hash, &e.Recorded)
		if err == nil {
			err = json.Unmarshal(body, &e.Event)
		}
		return e, err
	})
	return events, classify(err)
}

// Early counts the matters that wait for events before those that came.
func (s *Store) Early(ctx context.Context) (matters int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(DISTINCT matter) FROM event_early`).Scan(&matters)
	return matters, classify(err)
}
