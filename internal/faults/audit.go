package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/calendar"
	"duban/internal/engine"
	"duban/internal/procedure"
)

// Auditor compares what the clients were told with the tables, the workflows and what the machine makes of the events.
// It reads the tables by statements of its own.
type Auditor struct {
	Site   *Site
	Ledger *Ledger

	db       *pgx.Conn
	engine   *engine.Engine
	attempts map[string]*Attempt
	journal  map[string]string // key -> state
	findings []string
	stopped  time.Time // by the wall: from then on nothing rings
	Summary  Summary
}

// Summary counts what was looked at.
type Summary struct {
	Attempts, Done, Refused, Left, Retried, Accepted int // accepted: answered 202 at some time
	Matters, Children, Events, Alarms, Slips         int
}

func (s Summary) String() string {
	return fmt.Sprintf("%d attempts (%d done, %d refused, %d given up by their clients; %d answered only after a retry, %d first with 202), %d matters and %d they started, %d events, %d alarms, %d slips",
		s.Attempts, s.Done, s.Refused, s.Left, s.Retried, s.Accepted, s.Matters, s.Children, s.Events, s.Alarms, s.Slips)
}

const (
	settleWithin = 2 * time.Minute  // for what clients left open, and for the record to follow the workflow
	alarmSlack   = 20 * time.Second // by the wall: what is overdue by more was lost
)

func (a *Auditor) find(format string, args ...any) {
	a.findings = append(a.findings, fmt.Sprintf(format, args...))
}

// Audit looks at everything, every part of the site running, and gives what is wrong. It ends with the worker and the API
// stopped: what is folded again must not change meanwhile.
func (a *Auditor) Audit(ctx context.Context) (findings []string, err error) {
	if a.db, err = pgx.Connect(ctx, a.Site.DatabaseURL); err != nil {
		return nil, err
	}
	defer a.db.Close(context.WithoutCancel(ctx))
	if a.engine, err = engine.Dial(ctx, engine.Config{Address: a.Site.Temporal, Namespace: "duban"}); err != nil {
		return nil, err
	}
	defer a.engine.Close()
	a.attempts = a.Ledger.Attempts()
	a.findings = a.Ledger.Wrong()
	for _, look := range []func(context.Context) error{
		a.settled, a.workflows, a.quiet, a.commands, a.strangers, a.numbers, a.children, a.notifications, a.stories, a.chains, a.folds,
	} {
		if err := look(ctx); err != nil {
			return a.findings, err
		}
	}
	return a.findings, nil
}

// count runs a statement that counts.
func (a *Auditor) count(ctx context.Context, sql string, args ...any) (n int, err error) {
	err = a.db.QueryRow(ctx, sql, args...).Scan(&n)
	return n, err
}

// none finds every row of a statement that should have none.
func (a *Auditor) none(ctx context.Context, what, sql string, args ...any) error {
	rows, err := a.db.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToMap)
	for _, row := range found {
		a.find("%s: %v", what, row)
	}
	return err
}

// missing are the matters that were asked for, and neither are there nor were turned away.
const missing = `SELECT e.matter::text, e.seq, e.body->'data'->>'child' AS child FROM event e
	WHERE e.body->>'type' = 'matter-requested' AND NOT EXISTS (SELECT FROM matter m WHERE m.id::text = e.body->'data'->>'child')
	AND NOT EXISTS (SELECT FROM event l WHERE l.matter = e.matter AND l.body->>'type' = 'matter-linked'
		AND l.body->'data'->>'matter' = e.body->'data'->>'child')`

// settled waits until no command is open, no event waits for one before it, and every matter asked for was begun or turned
// away.
func (a *Auditor) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		left, err := a.count(ctx, `SELECT (SELECT count(*) FROM journal WHERE state = 'open') + (SELECT count(*) FROM event_early)
			+ (SELECT count(*) FROM (`+missing+`) m)`)
		if err == nil && left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			if err != nil {
				return err
			}
			ctx := context.WithoutCancel(ctx)
			return errors.Join(
				a.none(ctx, "a command is still open", `SELECT key, matter::text, kind, command->>'action' AS action, at FROM journal WHERE state = 'open'`),
				a.none(ctx, "an event waits for one before it", `SELECT matter::text, seq, body::text FROM event_early`))
		case <-again.C:
		}
	}
}

// workflows compares every matter's row with its workflow, once both have the same sequence.
func (a *Auditor) workflows(ctx context.Context) error {
	ids, err := a.matters(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := a.workflow(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (a *Auditor) matters(ctx context.Context) ([]string, error) {
	rows, err := a.db.Query(ctx, `SELECT id::text FROM matter ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (a *Auditor) workflow(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		inside, err := a.engine.State(ctx, id)
		if err != nil && !errors.Is(err, engine.ErrBusy) {
			a.find("the workflow of %s does not say where it stands: %v", id, err)
			return nil
		}
		var seq int64
		var spec, state []byte
		if err == nil {
			if err := a.db.QueryRow(ctx, `SELECT seq, spec, state FROM matter WHERE id = $1`, id).Scan(&seq, &spec, &state); err != nil {
				return err
			}
			if seq == inside.Seq {
				same, why, err := sameState(inside, spec, state)
				if err != nil {
					return err
				}
				if !same {
					a.find("%s stands elsewhere in the list than in its workflow: %s", id, why)
				}
				return nil
			}
		}
		select {
		case <-ctx.Done():
			a.find("%s: the workflow is at %d, the record at %d (%v)", id, inside.Seq, seq, err)
			return nil
		case <-again.C:
		}
	}
}

// sameState compares a state with the texts of a specification and of a state without one.
func sameState(s procedure.State, spec, state []byte) (same bool, why string, err error) {
	given, err := json.Marshal(s.Spec)
	if err != nil {
		return false, "", err
	}
	if s.Calendar.Equal(s.Spec.Calendar) { // which a row leaves out
		s.Calendar = calendar.Calendar{}
	}
	s.Spec = procedure.Spec{}
	stands, err := json.Marshal(s)
	if err != nil {
		return false, "", err
	}
	for _, pair := range [][2][]byte{{given, spec}, {stands, state}} {
		var one, other map[string]any
		if err := errors.Join(json.Unmarshal(pair[0], &one), json.Unmarshal(pair[1], &other)); err != nil {
			return false, "", err
		}
		for key := range mergeKeys(one, other) {
			if !reflect.DeepEqual(one[key], other[key]) {
				return false, fmt.Sprintf("%s is %v and %v", key, one[key], other[key]), nil
			}
		}
	}
	return true, "", nil
}

func mergeKeys(maps ...map[string]any) map[string]bool {
	keys := map[string]bool{}
	for _, m := range maps {
		for key := range m {
			keys[key] = true
		}
	}
	return keys
}

// quiet stops what writes.
func (a *Auditor) quiet(context.Context) error {
	a.stopped = time.Now()
	return errors.Join(a.Site.Stop(API), a.Site.Stop(Worker))
}

// strangers looks for what has no command and should: a person's doing, a matter no person and no other matter began.
func (a *Auditor) strangers(ctx context.Context) (err error) {
	if a.Summary.Matters, err = a.count(ctx, `SELECT count(*) FROM matter WHERE parent IS NULL`); err != nil {
		return err
	}
	if a.Summary.Children, err = a.count(ctx, `SELECT count(*) FROM matter WHERE parent IS NOT NULL`); err != nil {
		return err
	}
	if a.Summary.Events, err = a.count(ctx, `SELECT count(*) FROM event`); err != nil {
		return err
	}
	begun := 0
	for _, asked := range a.attempts {
		if asked.Start && a.journal[asked.Key] == "done" {
			begun++
		}
	}
	if begun != a.Summary.Matters {
		a.find("%d matters were begun and %d are there", begun, a.Summary.Matters)
	}
	return a.none(ctx, "a person did what no command asked", `SELECT e.matter::text, e.seq, e.body::text FROM event e JOIN matter ON matter.id = e.matter
		WHERE e.body->'by' IS NOT NULL AND COALESCE(e.body->>'key', '') = '' AND NOT (e.seq = 1 AND parent IS NOT NULL)`)
}

// numbers looks at slips: as many as were issued, each counter's numbers without a gap.
func (a *Auditor) numbers(ctx context.Context) (err error) {
	if a.Summary.Slips, err = a.count(ctx, `SELECT count(*) FROM slip`); err != nil {
		return err
	}
	issued, err := a.count(ctx, `SELECT count(*) FROM event WHERE body->>'type' = 'slip-issued'`)
	if err != nil {
		return err
	}
	if issued != a.Summary.Slips {
		a.find("%d slips were issued and %d are numbered", issued, a.Summary.Slips)
	}
	return a.none(ctx, "slip numbers have a gap", `SELECT c.unit, c.prefix, c.year, c.rehearsal, c.last, count(s.number), min(s.number), max(s.number)
		FROM slip_counter c LEFT JOIN slip s ON (s.unit, s.prefix, s.year, s.rehearsal) = (c.unit, c.prefix, c.year, c.rehearsal) AND NOT s.repeats
		GROUP BY c.unit, c.prefix, c.year, c.rehearsal, c.last
		HAVING count(s.number) <> c.last OR count(DISTINCT s.number) <> c.last OR min(s.number) <> 1 OR max(s.number) <> c.last`)
}

// children looks at matters that matters started: each was asked for once, and each that was asked for is there or was
// turned away.
func (a *Auditor) children(ctx context.Context) error {
	return errors.Join(
		a.none(ctx, "a matter nobody's rule asked for, or asked for twice", `
			SELECT m.id::text, m.parent::text, count(e.seq) FROM matter m
			LEFT JOIN event e ON e.matter = m.parent AND e.body->>'type' = 'matter-requested' AND e.body->'data'->>'child' = m.id::text
			WHERE m.parent IS NOT NULL GROUP BY m.id, m.parent HAVING count(e.seq) <> 1`),
		a.none(ctx, "a matter that was asked for and is not there", missing))
}

// notifications looks for doubles, and for tellings of what did not happen.
func (a *Auditor) notifications(ctx context.Context) error {
	return errors.Join(
		a.none(ctx, "told twice", `SELECT cause, person::text, channel, count(*) FROM notification GROUP BY cause, person, channel HAVING count(*) > 1`),
		a.none(ctx, "told of what did not happen", `SELECT cause, person::text FROM notification n WHERE n.seq > 0
			AND NOT EXISTS (SELECT FROM event e WHERE e.matter = n.matter AND e.seq = n.seq)`),
		a.none(ctx, "an alarm its holders were not told of", `
			SELECT e.matter::text, e.seq, e.body::text FROM event e WHERE e.body->>'type' = 'alarm-fired'
			AND e.body->'data'->>'do' IN ('notice', 'urge', 'escalate') AND COALESCE((e.body->'data'->>'merged')::boolean, false) = false
			AND EXISTS (SELECT FROM acting, json_array_elements_text(CASE json_typeof(e.body->'data'->'to') WHEN 'array' THEN e.body->'data'->'to' ELSE '[]' END) p
				WHERE acting.post = p)
			AND NOT EXISTS (SELECT FROM notification n WHERE n.matter = e.matter AND n.seq = e.seq AND n.channel = 'inapp')`))
}

// chains runs the program's own check of its records.
func (a *Auditor) chains(ctx context.Context) error {
	out, err := a.Site.Command(ctx, "verify")
	if err != nil {
		a.find("verify: %v\n%s", err, out)
	}
	return ctx.Err()
}

// projections are the tables that follow from the events, whole.
const projections = `
	SELECT 'matter' AS what, md5(string_agg((to_jsonb(m) - 'hash')::text, chr(10) ORDER BY id)) AS digest FROM matter m
	UNION ALL SELECT 'assignment', md5(string_agg(to_jsonb(t)::text, chr(10) ORDER BY matter, id)) FROM assignment t
	UNION ALL SELECT 'slip', md5(string_agg(to_jsonb(t)::text, chr(10) ORDER BY matter, id)) FROM slip t
	UNION ALL SELECT 'slip_receipt', md5(string_agg(to_jsonb(t)::text, chr(10) ORDER BY matter, slip, post)) FROM slip_receipt t
	UNION ALL SELECT 'matter_unit', md5(string_agg(to_jsonb(t)::text, chr(10) ORDER BY unit, matter)) FROM matter_unit t
	UNION ALL SELECT 'involvement', md5(string_agg(to_jsonb(t)::text, chr(10) ORDER BY who, kind, matter)) FROM involvement t
	UNION ALL SELECT 'matter_search', md5(string_agg(to_jsonb(t)::text, chr(10) ORDER BY matter)) FROM matter_search t
	UNION ALL SELECT 'matter_attachment', md5(string_agg(to_jsonb(t)::text, chr(10) ORDER BY attachment, matter, field)) FROM matter_attachment t`

// folds has the program fold all events again: nothing that is shown may change.
func (a *Auditor) folds(ctx context.Context) error {
	digests := func() (map[string]*string, error) {
		rows, err := a.db.Query(ctx, projections)
		if err != nil {
			return nil, err
		}
		found := map[string]*string{}
		var what string
		var digest *string
		_, err = pgx.ForEachRow(rows, []any{&what, &digest}, func() error { found[what] = digest; return nil })
		return found, err
	}
	before, err := digests()
	if err != nil {
		return err
	}
	if out, err := a.Site.Command(ctx, "reproject"); err != nil {
		a.find("reproject: %v\n%s", err, out)
		return ctx.Err()
	}
	after, err := digests()
	for what := range before {
		if !reflect.DeepEqual(before[what], after[what]) {
			a.find("folding the events again changes the table %s", what)
		}
	}
	return err
}
