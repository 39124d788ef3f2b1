package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ExportState says where an export stands.
type ExportState string

// The states of an export. One whose process died while it ran is failed.
const (
	ExportRunning   ExportState = "running"
	ExportDone      ExportState = "done"
	ExportFailed    ExportState = "failed"
	ExportCancelled ExportState = "cancelled"
)

// Export is a list being written to a file.
type Export struct {
	ID    string
	Name  string // of the file
	State ExportState
	Done  int // rows written
	Total int
}

// How long an export may go untouched before its process is taken for dead, and how long its file is kept.
const (
	exportSilent = time.Minute
	exportKept   = 24 * time.Hour
)

// BeginExport enters an export under an id the caller chose, and forgets those a day old. fresh is false where the id is
// there already. ErrKeyReused: as another person's.
func (s *Store) BeginExport(ctx context.Context, person string, e Export) (fresh bool, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM export WHERE created < now() - $1::interval`, exportKept); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `INSERT INTO export (id, person, name, total) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, e.ID, person, e.Name, e.Total)
		fresh = err == nil && done.RowsAffected() == 1
		return err
	})
	if err != nil || fresh {
		return fresh, err
	}
	if _, err := s.Export(ctx, person, e.ID); errors.Is(err, ErrNotFound) {
		return false, ErrKeyReused
	}
	return false, err
}

// Export gives a person's export. ErrNotFound.
func (s *Store) Export(ctx context.Context, person, id string) (Export, error) {
	if uuid.Validate(id) != nil {
		return Export{}, ErrNotFound
	}
	var e Export
	err := s.pool.QueryRow(ctx, `SELECT id::text, name, CASE WHEN state = 'running' AND touched < now() - $3::interval THEN 'failed' ELSE state END, done, total
		FROM export WHERE id = $1 AND person = $2`, id, person, exportSilent).Scan(&e.ID, &e.Name, &e.State, &e.Done, &e.Total)
	return e, classify(err)
}

// TouchExport says how far an export is, and whether it still goes on: it does not once somebody cancelled it.
func (s *Store) TouchExport(ctx context.Context, id string, done int) (on bool, err error) {
	tag, err := s.pool.Exec(ctx, `UPDATE export SET done = $2, touched = now() WHERE id = $1 AND state = 'running'`, id, done)
	return err == nil && tag.RowsAffected() == 1, classify(err)
}

// FinishExport keeps the file, unless the export was cancelled; without a file it has failed.
func (s *Store) FinishExport(ctx context.Context, id string, file []byte) error {
	state := ExportDone
	if file == nil {
		state = ExportFailed
	}
	_, err := s.pool.Exec(ctx, `UPDATE export SET state = $2, file = $3, done = CASE WHEN $2 = 'done' THEN total ELSE done END, touched = now()
		WHERE id = $1 AND state = 'running'`, id, state, file)
	return classify(err)
}

// CancelExport ends a person's export, and forgets its file. ErrNotFound.
func (s *Store) CancelExport(ctx context.Context, person, id string) error {
	if uuid.Validate(id) != nil {
		return ErrNotFound
	}
	done, err := s.pool.Exec(ctx, `UPDATE export SET state = 'cancelled', file = NULL WHERE id = $1 AND person = $2`, id, person)
	if err == nil && done.RowsAffected() == 0 {
		return ErrNotFound
	}
	return classify(err)
}

// ExportFile gives the file of a person's finished export. ErrNotFound: there is none.
func (s *Store) ExportFile(ctx context.Context, person, id string) (name string, file []byte, err error) {
	if uuid.Validate(id) != nil {
		return "", nil, ErrNotFound
	}
	err = s.pool.QueryRow(ctx, `SELECT name, file FROM export WHERE id = $1 AND person = $2 AND state = 'done'`, id, person).Scan(&name, &file)
	return name, file, classify(err)
}
