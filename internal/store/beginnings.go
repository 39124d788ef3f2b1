package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// RefusedBeginning is a matter that was to begin by itself and did not.
type RefusedBeginning struct {
	Rulebook  string
	Procedure string
	Day       calendar.Date
	At        time.Time
	Refusal   procedure.Refusal
}

// BeginRefused notes that none of a procedure's matters began, and why; of several times the last counts.
func (s *Store) BeginRefused(ctx context.Context, b RefusedBeginning) error {
	why, err := json.Marshal(b.Refusal)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `INSERT INTO begin_refused (rulebook, procedure, day, refusal) VALUES ($1, $2, $3, $4)
		ON CONFLICT (rulebook, procedure) DO UPDATE SET day = EXCLUDED.day, at = now(), refusal = EXCLUDED.refusal
		WHERE begin_refused.day <> EXCLUDED.day OR begin_refused.refusal->>'code' <> EXCLUDED.refusal->>'code'`, b.Rulebook, b.Procedure, b.Day.String(), why)
	return classify(err)
}

// Begun notes that a matter of a procedure begins by itself.
func (s *Store) Begun(ctx context.Context, rulebook, procedure string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM begin_refused WHERE rulebook = $1 AND procedure = $2`, rulebook, procedure)
	return classify(err)
}

// madeUpFor is how long after its day a matter that did not begin is still looked for: as long as a schedule makes up for
// what it missed.
const madeUpFor = 31 * 24 * time.Hour

// RefusedBeginnings lists what did not begin by itself and nobody began by hand since.
func (s *Store) RefusedBeginnings(ctx context.Context) ([]RefusedBeginning, error) {
	rows, err := s.pool.Query(ctx, `SELECT rulebook, procedure, day, at, refusal FROM begin_refused b
		WHERE at > now() - $1::interval AND NOT EXISTS (SELECT FROM matter WHERE matter.rulebook = b.rulebook
			AND matter.procedure = b.procedure AND matter.clock_factor = 0 AND matter.started >= b.at)
		ORDER BY rulebook, procedure`, madeUpFor)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (b RefusedBeginning, err error) {
		err = row.Scan(&b.Rulebook, &b.Procedure, civil{&b.Day}, instant{&b.At}, &b.Refusal)
		return b, err
	})
	return list, classify(err)
}
