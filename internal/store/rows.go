package store

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// never is an instant that may never come: the zero time stands for PostgreSQL's infinity.
type never struct{ time.Time }

func (n never) MarshalJSON() ([]byte, error) {
	if n.IsZero() {
		return []byte(`"infinity"`), nil
	}
	return n.Time.MarshalJSON()
}

// maybe is an instant that may be unknown: the zero time stands for NULL.
type maybe struct{ time.Time }

func (m maybe) MarshalJSON() ([]byte, error) {
	if m.IsZero() {
		return []byte("null"), nil
	}
	return m.Time.MarshalJSON()
}

func orInfinity(t time.Time) pgtype.Timestamptz {
	if t.IsZero() {
		return pgtype.Timestamptz{Valid: true, InfinityModifier: pgtype.Infinity}
	}
	return pgtype.Timestamptz{Valid: true, Time: t}
}

func orNull(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Valid: !t.IsZero(), Time: t} }

func dateOrNull(d calendar.Date) pgtype.Date {
	return pgtype.Date{Valid: !d.IsZero(), Time: time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)}
}

// The rows of tables about matters, named in JSON as their columns are.
type (
	assignmentRow struct {
		Matter   string               `json:"matter"`
		ID       int64                `json:"id"`
		Post     procedure.Post       `json:"post"`
		Unit     string               `json:"unit"`
		Duty     procedure.Duty       `json:"duty"`
		Stage    string               `json:"stage"`
		Slip     int64                `json:"slip"`
		How      procedure.ActionName `json:"how"`
		Waits    bool                 `json:"waits"`
		Claimed  string               `json:"claimed"`
		Opened   time.Time            `json:"opened"`
		Closed   maybe                `json:"closed"`
		Ended    procedure.Ended      `json:"ended"`
		Due      maybe                `json:"due"`
		YellowAt never                `json:"yellow_at"`
		RedAt    never                `json:"red_at"`
	}
	slipRow struct {
		Matter     string           `json:"matter"`
		ID         int64            `json:"id"`
		Unit       string           `json:"unit"`
		Kind       string           `json:"kind"`
		Prefix     string           `json:"prefix"`
		Year       int              `json:"year"`
		Rehearsal  bool             `json:"rehearsal"`
		Addressees []procedure.Post `json:"addressees"`
		Title      string           `json:"title"`
		Body       string           `json:"body"`
		Source     string           `json:"source"`
		Issued     time.Time        `json:"issued"`
		Due        maybe            `json:"due"`
		Cause      int64            `json:"cause"`
		Seq        int64            `json:"seq"`
	}
	receiptRow struct {
		Matter string         `json:"matter"`
		Slip   int64          `json:"slip"`
		Post   procedure.Post `json:"post"`
		Signed maybe          `json:"signed"`
		Person string         `json:"person"`
	}
	contributionRow struct {
		Matter string `json:"matter"`
		Stage  string `json:"stage"`
		Round  int    `json:"round"`
		Unit   string `json:"unit"`
		Done   maybe  `json:"done"`
		Missed bool   `json:"missed"`
	}
	involvedRow struct {
		Who    string    `json:"who"`
		Kind   string    `json:"kind"`
		Matter string    `json:"matter"`
		At     time.Time `json:"at"`
	}
	// settledRow is the events that followed from one command.
	settledRow struct {
		Key   string `json:"key"`
		First int64  `json:"first"`
		Last  int64  `json:"last"`
	}
)
