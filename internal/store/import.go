package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Import is a ledger read in from a spreadsheet, all of whose rows were right.
type Import struct {
	ID        string
	Name      string // of the file
	Rulebook  string
	Procedure string
	Unit      string // the matters are started for
	Cancelled bool
	Created   time.Time
	Total     int
	Started   int // rows that became matters
	Refused   int
}

// ImportRow is a row of it, which becomes a matter.
type ImportRow struct {
	Row     int // of the spreadsheet
	Title   string
	Form    map[string]json.RawMessage
	Matter  string // once it is started
	Refusal string // why it is not, in words
}

// PutImport keeps an import with its rows, once. fresh is false where its id is there already; ErrKeyReused: as another
// person's.
func (s *Store) PutImport(ctx context.Context, person string, i Import, rows []ImportRow) (fresh bool, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `INSERT INTO ledger_import (id, person, name, rulebook, procedure, unit) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT DO NOTHING`, i.ID, person, i.Name, i.Rulebook, i.Procedure, i.Unit)
		if fresh = err == nil && done.RowsAffected() == 1; !fresh {
			return err
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"ledger_import_row"}, []string{"import", "row", "title", "form"},
			pgx.CopyFromSlice(len(rows), func(n int) ([]any, error) {
				form, err := json.Marshal(rows[n].Form)
				return []any{i.ID, rows[n].Row, rows[n].Title, form}, err
			}))
		return err
	})
	if err != nil || fresh {
		return fresh, err
	}
	if _, err := s.Import(ctx, person, i.ID); errors.Is(err, ErrNotFound) {
		return false, ErrKeyReused
	}
	return false, err
}

const importColumns = `i.id::text, i.name, i.rulebook, i.procedure, i.unit, i.cancelled, i.created,
	count(r.row), count(r.matter), count(*) FILTER (WHERE r.refusal <> '') FROM ledger_import i LEFT JOIN ledger_import_row r ON r.import = i.id`

// Import gives a person's import. ErrNotFound.
func (s *Store) Import(ctx context.Context, person, id string) (Import, error) {
	if uuid.Validate(id) != nil {
		return Import{}, ErrNotFound
	}
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` WHERE i.id = $1 AND i.person = $2 GROUP BY i.id`, id, person)
	if err != nil {
		return Import{}, classify(err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Import])
	return i, classify(err)
}

// Imports lists a person's imports, latest first.
func (s *Store) Imports(ctx context.Context, person string, limit int) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` WHERE i.person = $1 GROUP BY i.id ORDER BY i.created DESC, i.id LIMIT $2`, person, limit)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Import])
	return list, classify(err)
}

// ImportRows lists an import's rows after one: all of them, or those that became nothing yet.
func (s *Store) ImportRows(ctx context.Context, id string, open bool, after, limit int) ([]ImportRow, error) {
	var q query
	q.matter("import", id)
	q.and("row > ?", after)
	if open {
		q.and("matter IS NULL AND refusal = ''")
	}
	rows, err := s.pool.Query(ctx, `SELECT row, title, form, COALESCE(matter::text, ''), refusal FROM ledger_import_row
		WHERE `+q.conditions()+` ORDER BY row LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ImportRow])
	return list, classify(err)
}

// SettleImportRow says what a row became: a matter, or nothing, and why.
func (s *Store) SettleImportRow(ctx context.Context, id string, row int, matter, refusal string) error {
	_, err := s.pool.Exec(ctx, `UPDATE ledger_import_row SET matter = NULLIF($3, '')::uuid, refusal = $4 WHERE import = $1 AND row = $2`,
		id, row, matter, refusal)
	return classify(err)
}

// CancelImport leaves the rows of a person's import that became nothing yet. ErrNotFound.
func (s *Store) CancelImport(ctx context.Context, person, id string) error {
	if uuid.Validate(id) != nil {
		return ErrNotFound
	}
	done, err := s.pool.Exec(ctx, `UPDATE ledger_import SET cancelled = true WHERE id = $1 AND person = $2`, id, person)
	if err == nil && done.RowsAffected() == 0 {
		return ErrNotFound
	}
	return classify(err)
}
