package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"duban/internal/calendar"
	"duban/internal/procedure"
)

// LineFilter chooses matters by their lines of the ledger; zero fields do not restrict.
type LineFilter struct {
	Owner  string         // unit that answers for it
	Level  string         // kind of that unit: district, department, section …
	Leader string         // in charge
	Holder procedure.Post // it waits on
	From   calendar.Date  // to be finished from this day
	To     calendar.Date  // to this one, both included
	Units  []string       // any of these units plays a part
	Matter string         // this one alone
}

func (f *LineFilter) restrict(q *query) {
	equal(q, "matter.owner", f.Owner)
	equal(q, "matter.leader", f.Leader)
	q.matter("matter.id", f.Matter)
	if f.Level != "" {
		q.and("matter.owner IN (SELECT id FROM unit WHERE kind = ?)", f.Level)
	}
	if f.Holder != "" {
		q.and("? = ANY (matter.holders)", string(f.Holder))
	}
	if !f.From.IsZero() {
		q.and("matter.term >= ?::date", f.From.String())
	}
	if !f.To.IsZero() {
		q.and("matter.term <= ?::date", f.To.String())
	}
	if len(f.Units) > 0 {
		q.and("matter.id IN (SELECT matter FROM matter_unit WHERE unit = ANY (?))", f.Units)
	}
}

// LedgerBy is what a ledger is grouped by.
type LedgerBy string

// The ways to group a ledger. Terms are by the civil calendar, weeks from Monday.
const (
	ByOwner     LedgerBy = "unit"
	ByLeader    LedgerBy = "leader"
	ByLevel     LedgerBy = "level"
	ByProcedure LedgerBy = "procedure"
	ByHolder    LedgerBy = "holder" // a matter that waits on several posts counts with each
	ByWeek      LedgerBy = "week"
	ByMonth     LedgerBy = "month"
	ByQuarter   LedgerBy = "quarter"
	ByHalfYear  LedgerBy = "half-year"
	ByYear      LedgerBy = "year"
)

// ledgerGroups is a group's key as SQL, and what a matter counts with several groups needs joined.
func ledgerGroups(by LedgerBy) (key, join string, ok bool) {
	switch by {
	case ByOwner:
		return "matter.owner", "", true
	case ByLeader:
		return "matter.leader", "", true
	case ByLevel:
		return "COALESCE((SELECT kind FROM unit WHERE unit.id = matter.owner), '')", "", true
	case ByProcedure:
		return "matter.rulebook || '/' || matter.procedure", "", true
	case ByHolder:
		return "held_by.post", "CROSS JOIN LATERAL unnest(matter.holders) AS held_by(post)", true
	case ByWeek, ByMonth, ByQuarter, ByYear:
		return "COALESCE(date_trunc('" + string(by) + "', matter.term::timestamp)::date::text, '')", "", true
	case ByHalfYear:
		return `COALESCE((date_trunc('year', matter.term::timestamp) +
			CASE WHEN extract(month FROM matter.term) > 6 THEN interval '6 months' ELSE interval '0' END)::date::text, '')`, "", true
	}
	return "", "", false
}

// LedgerGroup is how many of a group's matters stand how: of those still open by colour, and those that ended.
type LedgerGroup struct {
	Key       string // unit, leader, kind of unit, "rulebook/procedure", post, or the term's first day; empty: none
	Red       int
	Yellow    int
	Green     int
	None      int // open, no limit runs
	Completed int
	Ended     int // otherwise
}

// Total is how many matters the group has.
func (g LedgerGroup) Total() int { return g.Red + g.Yellow + g.Green + g.None + g.Completed + g.Ended }

// ledgerMost bounds how many groups a ledger has.
const ledgerMost = 2000

// Ledger counts matters in groups, those with most overdue first; terms in their order. Drafts are not in a ledger.
func (s *Store) Ledger(ctx context.Context, f MatterFilter, by LedgerBy) ([]LedgerGroup, error) {
	key, join, ok := ledgerGroups(by)
	if !ok {
		return nil, fmt.Errorf("store: a ledger cannot be grouped by %q", by)
	}
	var q query
	q.and("NOT matter.draft")
	f.among(&q)
	order := "red DESC, total DESC, key"
	switch by {
	case ByWeek, ByMonth, ByQuarter, ByHalfYear, ByYear:
		order = "key"
	}
	rows, err := s.pool.Query(ctx, fmt.Sprintf(`
		SELECT key, red, yellow, green, none, completed, ended FROM (
			SELECT %s AS key, count(*) AS total,
				count(*) FILTER (WHERE matter.closed IS NULL AND matter.red_at <= now()) AS red,
				count(*) FILTER (WHERE matter.closed IS NULL AND matter.red_at > now() AND matter.yellow_at <= now()) AS yellow,
				count(*) FILTER (WHERE matter.closed IS NULL AND matter.yellow_at > now() AND matter.red_at > now() AND matter.red_at < 'infinity') AS green,
				count(*) FILTER (WHERE matter.closed IS NULL AND matter.red_at = 'infinity' AND matter.yellow_at > now()) AS none,
				count(*) FILTER (WHERE matter.closed IS NOT NULL AND matter.outcome = 'completed') AS completed,
				count(*) FILTER (WHERE matter.closed IS NOT NULL AND matter.outcome <> 'completed') AS ended
			FROM matter %s WHERE %s GROUP BY 1) g
		ORDER BY %s LIMIT %s`, key, join, q.conditions(), order, q.arg(ledgerMost)), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	groups, err := pgx.CollectRows(rows, pgx.RowToStructByPos[LedgerGroup])
	return groups, classify(err)
}

// Leaders lists the leaders in charge of matters a person may see, by name.
func (s *Store) Leaders(ctx context.Context, sight Sight, limit int) ([]string, error) {
	var q query
	q.and("matter.leader <> ''")
	q.see(sight)
	// From one leader to the next by the index, not past every matter.
	next := func(after string) string {
		return `SELECT matter.leader FROM matter WHERE ` + q.conditions() + ` AND matter.leader > ` + after + ` ORDER BY matter.leader LIMIT 1`
	}
	rows, err := s.pool.Query(ctx, `WITH RECURSIVE one AS ((`+next(`''`)+`)
		UNION ALL SELECT (`+next(`one.leader`)+`) FROM one WHERE one.leader IS NOT NULL)
		SELECT leader FROM one WHERE leader IS NOT NULL LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	leaders, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return leaders, classify(err)
}

// CountMatters counts the matters of a filter, up to a bound.
func (s *Store) CountMatters(ctx context.Context, f MatterFilter, most int) (int, error) {
	var q query
	f.among(&q)
	if f.Order == Nearest {
		q.and("matter.closed IS NULL")
	}
	var count int
	err := s.pool.QueryRow(ctx, `SELECT count(*) FROM (SELECT FROM matter WHERE `+q.conditions()+` LIMIT `+q.arg(most)+`) m`, q.args...).Scan(&count)
	return count, classify(err)
}

// States gives matters' states by their ids, for who has asked what may be seen.
func (s *Store) States(ctx context.Context, matters []string) (map[string]procedure.State, error) {
	rows, err := s.pool.Query(ctx, `SELECT id::text, seq, spec, state FROM matter WHERE id = ANY ($1::uuid[])`, matters)
	if err != nil {
		return nil, classify(err)
	}
	states := map[string]procedure.State{}
	var id string
	var seq int64
	var text, state []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &seq, &text, &state}, func() (err error) {
		var spec procedure.Spec
		if err = json.Unmarshal(text, &spec); err == nil {
			states[id], err = decodeState(spec, seq, state)
		}
		return err
	})
	return states, classify(err)
}

// Overdue is what a leader looks at first: overdue matters of their units, and whose clock it is.
type Overdue struct {
	Total   int
	ByUnit  []LedgerGroup // that answer for them
	ByPost  []LedgerGroup // they wait on
	Longest []MatterItem  // overdue longest first
}

// Overdue gives the overdue matters in which any of the units plays a part (nil: all the person may see).
func (s *Store) Overdue(ctx context.Context, units []string, sight Sight, limit int) (Overdue, error) {
	open := true
	f := MatterFilter{Open: &open, Colour: Red, Order: Nearest, Line: LineFilter{Units: units}, Sight: sight}
	var o Overdue
	var err error
	if o.Longest, err = s.Matters(ctx, f, nil, limit); err != nil {
		return o, err
	}
	if o.ByUnit, err = s.Ledger(ctx, f, ByOwner); err != nil {
		return o, err
	}
	if o.ByPost, err = s.Ledger(ctx, f, ByHolder); err != nil {
		return o, err
	}
	for _, group := range o.ByUnit {
		o.Total += group.Red
	}
	return o, nil
}
