package store

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// HolderKind says who had the clock: posts of a unit, somebody who suspended the matter, or nobody but the system.
type HolderKind string

// The kinds of segment.
const (
	HolderPost      HolderKind = "post"
	HolderSuspended HolderKind = "suspended"
	HolderSystem    HolderKind = "system"
)

// heldRow is a unit's part of a segment of a matter's time.
type heldRow struct {
	Matter  string     `json:"matter"`
	N       int        `json:"n"`
	Unit    string     `json:"unit"`
	Posts   []string   `json:"posts"`
	Kind    HolderKind `json:"kind"`
	Once    bool       `json:"once"`
	From    time.Time  `json:"from_at"`
	To      maybe      `json:"to_at"`
	Working *int       `json:"working"`
}

// heldRows are the rows of a matter's segments from the n-th on.
func heldRows(s *procedure.State, from int) []heldRow {
	var rows []heldRow
	for n := from; n < len(s.Held); n++ {
		hold := s.Held[n]
		row := heldRow{Matter: s.Spec.Matter, N: n + 1, Kind: HolderPost, From: hold.From.UTC(), To: maybe{hold.To.UTC()}}
		if !hold.To.IsZero() {
			row.Working = new(int(s.Calendar.WorkingTime(hold.From, hold.To).Minutes()))
		}
		holder, suspended := strings.CutPrefix(hold.Holder, "suspended:")
		if suspended {
			row.Kind = HolderSuspended
		}
		byUnit := map[string][]string{}
		if holder == "system" {
			row.Kind, byUnit[""] = HolderSystem, []string{}
		} else {
			for post := range strings.SplitSeq(holder, ",") {
				unit := procedure.Post(post).Unit()
				byUnit[unit] = append(byUnit[unit], post)
			}
		}
		for i, unit := range slices.Sorted(maps.Keys(byUnit)) {
			row.Unit, row.Posts, row.Once = unit, byUnit[unit], i == 0
			rows = append(rows, row)
		}
	}
	return rows
}

const (
	dropHeld   = `DELETE FROM held WHERE matter = $1 AND n > $2`
	upsertHeld = `INSERT INTO held SELECT * FROM json_populate_recordset(NULL::held, $1)
		ON CONFLICT (matter, n, unit) DO UPDATE SET to_at = EXCLUDED.to_at, working = EXCLUDED.working`
)

// queueHeld adds what changed of who had the clock: segments end and are added; the last may also vanish or be resumed.
func (p *projection) queueHeld(batch *pgx.Batch) error {
	was, is := p.before.Held, p.after.Held
	same := 0 // segments untouched
	for same < min(len(was), len(is)) && was[same] == is[same] {
		same++
	}
	kept := same // those still held by the same
	for ; kept < min(len(was), len(is)) && was[kept].Holder == is[kept].Holder && was[kept].From.Equal(is[kept].From); kept++ {
	}
	if kept < len(was) {
		batch.Queue(dropHeld, p.after.Spec.Matter, kept)
	}
	return queueRows(batch, upsertHeld, heldRows(&p.after, same))
}
