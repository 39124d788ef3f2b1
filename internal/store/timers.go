package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// wakes is when the matter's clock next brings something about, by the wall; zero: never.
func wakes(s *procedure.State) time.Time {
	at := procedure.Wake(*s)
	if at.IsZero() {
		return at
	}
	return s.Spec.Clock.Wall(at).UTC()
}

// RunningMatter is an open matter, or a closed one whose clock still runs, with what to say of it.
type RunningMatter struct {
	MatterItem
	State procedure.State // its Spec is filled in
	Wake  time.Time       // by the wall; zero: never
}

// RunningCursor is the place after a matter in a list of those that run.
type RunningCursor struct {
	Wake time.Time // zero: never
	ID   string
}

// Cursor is the place after the matter.
func (r RunningMatter) Cursor() RunningCursor { return RunningCursor{r.Wake, r.ID} }

// runs is the condition of the index of those that run.
const runs = "(matter.closed IS NULL OR matter.wake < 'infinity')"

// RunningMatters lists the matters that run, the next one whose clock rings first; timed leaves out those whose clock
// asks for nothing. Text restricts to matters found by it.
func (s *Store) RunningMatters(ctx context.Context, timed bool, text string, after *RunningCursor, limit int) ([]RunningMatter, error) {
	var q query
	q.and(runs)
	if timed {
		q.and("matter.wake < 'infinity'")
	}
	if text != "" {
		if typed := searchQuery(text); typed == "" {
			q.and("FALSE")
		} else {
			q.and("matter.id IN (SELECT matter FROM matter_search WHERE words @@ ?::tsquery)", typed)
		}
		q.and("NOT " + hidden) // it is its unit's alone, and not to be found by its words
	}
	if after != nil {
		q.and("(matter.wake, matter.id) > (?, ?)", orInfinity(after.Wake), after.ID)
	}
	rows, err := s.pool.Query(ctx, `SELECT `+matterColumns+`, matter.wake, matter.spec, matter.state FROM matter
		WHERE `+q.conditions()+` ORDER BY matter.wake, matter.id LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r RunningMatter, err error) {
		var spec, state []byte
		if err := row.Scan(append(r.columns(), instant{&r.Wake}, &spec, &state)...); err != nil {
			return r, err
		}
		var known procedure.Spec
		if err := json.Unmarshal(spec, &known); err != nil {
			return r, err
		}
		r.State, err = decodeState(known, r.Seq, state)
		return r, err
	})
	return list, classify(err)
}

// FillWakes works out when the clocks of at most so many matters ring that were recorded before this was kept, and counts
// them.
func (s *Store) FillWakes(ctx context.Context, limit int) (filled int, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id::text, seq, spec, state FROM matter
			WHERE `+runs+` AND wake = '-infinity' ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED`, limit)
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		var id string
		var seq int64
		var text, data []byte
		_, err = pgx.ForEachRow(rows, []any{&id, &seq, &text, &data}, func() error {
			var spec procedure.Spec
			if err := json.Unmarshal(text, &spec); err != nil {
				return err
			}
			state, err := decodeState(spec, seq, data)
			if err != nil {
				return err
			}
			batch.Queue(`UPDATE matter SET wake = $2 WHERE id = $1`, id, orInfinity(wakes(&state)))
			filled++
			return nil
		})
		if err != nil || filled == 0 {
			return err
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return filled, err
}
