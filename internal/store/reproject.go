package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// Reproject folds a matter's events again and writes what follows from them. Numbers of slips, notifications and the
// journal stay: they happened once. ErrNotFound: there is no such matter.
func (s *Store) Reproject(ctx context.Context, matter string) error {
	if uuid.Validate(matter) != nil {
		return ErrNotFound
	}
	return s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		var text []byte
		var spec procedure.Spec
		if err := tx.QueryRow(ctx, `SELECT spec FROM matter WHERE id = $1 FOR NO KEY UPDATE`, matter).Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal(text, &spec); err != nil {
			return err
		}
		events, err := readEvents(ctx, tx, matter)
		if err != nil {
			return err
		}
		p := project(procedure.New(spec), events)
		if p.after.Seq != int64(len(events)) {
			return fmt.Errorf("%w: matter %s lacks events", ErrDiverged, matter)
		}
		return p.rewrite(ctx, tx)
	})
}

// ReprojectAll does so for every matter, one after the other.
func (s *Store) ReprojectAll(ctx context.Context) (matters int, err error) {
	last := "00000000-0000-0000-0000-000000000000"
	for {
		rows, err := s.pool.Query(ctx, `SELECT id::text FROM matter WHERE id > $1 ORDER BY id LIMIT 1000`, last)
		if err != nil {
			return matters, classify(err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(ids) == 0 {
			return matters, classify(err)
		}
		for _, id := range ids {
			if err := s.Reproject(ctx, id); err != nil {
				return matters, err
			}
			matters, last = matters+1, id
		}
	}
}

func readEvents(ctx context.Context, tx pgx.Tx, matter string) ([]procedure.Event, error) {
	rows, err := tx.Query(ctx, `SELECT body FROM event WHERE matter = $1 ORDER BY seq`, matter)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e procedure.Event, err error) {
		var body []byte
		if err = row.Scan(&body); err == nil {
			err = json.Unmarshal(body, &e)
		}
		return e, err
	})
}

// rewrite replaces everything that follows from the matter's events.
func (p *projection) rewrite(ctx context.Context, tx pgx.Tx) error {
	matter := p.after.Spec.Matter
	rows, err := tx.Query(ctx, `SELECT id FROM slip WHERE matter = $1`, matter)
	if err != nil {
		return err
	}
	issued, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	have := map[int64]bool{}
	for _, id := range issued {
		have[id] = true
	}
	batch := &pgx.Batch{}
	for _, table := range []string{"assignment", "slip_receipt", "matter_unit", "involvement", "matter_search", "matter_attachment", "held", "contribution"} {
		batch.Queue(`DELETE FROM `+table+` WHERE matter = $1`, matter)
	}
	if err := p.queue(batch, nil); err != nil {
		return err
	}
	for _, row := range numbered(p.slips) {
		if !have[row.ID] {
			if err := queueSlip(batch, row); err != nil {
				return err
			}
			continue
		}
		data, err := json.Marshal(row)
		if err != nil {
			return err
		}
		batch.Queue(`UPDATE slip SET addressees = s.addressees, title = s.title, body = s.body, source = s.source, issued = s.issued,
				due = s.due, cause = s.cause, seq = s.seq
			FROM json_populate_record(NULL::slip, $1) s WHERE slip.matter = s.matter AND slip.id = s.id`, data)
	}
	if err := queueRows(batch, upsertReceipts, values(p.receipts)); err != nil {
		return err
	}
	return tx.SendBatch(ctx, batch).Close()
}
