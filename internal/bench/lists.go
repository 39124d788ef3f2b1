package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"duban/api"
	"duban/internal/client"
	"duban/internal/procedure"
)

// listing is a list as duban serves it, and the one query behind it.
type listing struct {
	name  string
	as    procedure.Post
	path  string
	sql   string
	args  []any
	items func(ctx context.Context, b *bench, pool *pgxpool.Pool, l listing) (any, error)
}

// pageRows is how many rows a list gives where nothing else is asked for; the queries say so themselves, so that they are
// planned for it.
const pageRows = 50

// listings are the lists that are compared.
func (b *bench) listings() []listing {
	unit := b.cast.applicants[0]
	columns := `SELECT id::text, organisation, rulebook, m.procedure, title, m.unit, starter, starter_name, stage, holders, started, due, draft, owner, leader,
		COALESCE(term::text, ''),
		CASE WHEN m.red_at <= now() THEN 'red' WHEN yellow_at <= now() THEN 'amber' WHEN m.red_at < 'infinity' THEN 'green' ELSE 'grey' END
		FROM `
	return []listing{
		b.toDo(post(office, "clerk")),
		{"open proposals, for the office", post(office, "clerk"), "/api/v1/matters?state=open&procedure=" + kind,
			columns + `matter m WHERE procedure = $1 AND closed IS NULL AND NOT draft ORDER BY m.id DESC LIMIT 50`, []any{kind}, summaries},
		{"open proposals, for a department", post(unit, "clerk"), "/api/v1/matters?state=open&procedure=" + kind,
			columns + `matter_unit u JOIN matter m ON m.id = u.matter WHERE u.unit = $2 AND u.procedure = $1 AND u.open AND (m.unit = $2 OR NOT draft)
			ORDER BY u.matter DESC LIMIT 50`,
			[]any{kind, unit}, summaries},
	}
}

// toDo is the to-do list of a post.
func (b *bench) toDo(of procedure.Post) listing {
	return listing{"to-do list of a post", of, "/api/v1/assignments", `SELECT a.matter::text, a.id, a.post, a.duty, a.stage, a.opened, a.due,
			CASE WHEN a.red_at <= now() THEN 'red' WHEN a.yellow_at <= now() THEN 'amber' WHEN a.red_at < 'infinity' THEN 'green' ELSE 'grey' END,
			m.title, m.rulebook, m.procedure, m.unit
			FROM assignment a JOIN matter m ON m.id = a.matter WHERE a.post = $1 AND a.closed IS NULL AND NOT a.waits
			ORDER BY a.red_at, a.matter, a.id LIMIT 50`, []any{string(of)}, assignments}
}

// lists compares lists with a bare handler of the one query.
func (b *bench) lists(ctx context.Context) error {
	if err := b.fill(ctx); err != nil {
		return err
	}
	pool, err := pgxpool.New(ctx, b.DatabaseURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	listings := b.listings()
	base, stop, err := b.serve(ctx, pool, listings)
	if err != nil {
		return err
	}
	defer stop()
	b.say("\nLists of %d rows out of %d matters; %d clients, %d slices of %s each in turns", pageRows, b.Matters, b.Clients, b.Rounds, b.Slice)
	b.say("%-34s %11s %8s %8s %12s %8s %8s %6s %9s", "", "bare req/s", "p50 ms", "p99 ms", "duban req/s", "p50 ms", "p99 ms", "ratio", "CPU ratio")
	for i, l := range listings {
		session, err := b.session(ctx, l.as)
		if err != nil {
			return err
		}
		plain, path := client.New(base, b.transport), fmt.Sprint("/", i)
		if err := same(ctx, plain, path, session, l.path); err != nil {
			return fmt.Errorf("bench: %s: %w", l.name, err)
		}
		var bareLoad, ownLoad load
		for round := range b.Rounds + 1 {
			length := b.Slice
			if round == 0 {
				length = warmUp
			}
			one, err := b.read(ctx, length, plain, path)
			if err != nil {
				return err
			}
			other, err := b.read(ctx, length, session, l.path)
			if err != nil {
				return err
			}
			if round > 0 {
				bareLoad, ownLoad = bareLoad.with(one), ownLoad.with(other)
			}
		}
		p, q := percentiles(bareLoad.latencies, 50, 99), percentiles(ownLoad.latencies, 50, 99)
		b.say("%-34s %11.0f %8.1f %8.1f %12.0f %8.1f %8.1f %6.2f %9.2f", l.name, bareLoad.rate(), milliseconds(p[0]), milliseconds(p[1]),
			ownLoad.rate(), milliseconds(q[0]), milliseconds(q[1]), ownLoad.rate()/bareLoad.rate(), bareLoad.each()/ownLoad.each())
	}
	return b.crowd(ctx, pool)
}

func (b *bench) fill(ctx context.Context) error {
	people, err := b.people(ctx)
	if err != nil {
		return err
	}
	var persons []string
	for _, who := range people {
		persons = append(persons, who.Person)
	}
	from, err := crowdOf(b.Library, persons)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := fill(ctx, b.DatabaseURL, b.Matters, from); err != nil {
		return err
	}
	b.say("\n%d matters' rows written in %.0f s", b.Matters, time.Since(began).Seconds())
	return nil
}

// read has every client ask for a list again and again.
func (b *bench) read(ctx context.Context, length time.Duration, c *client.Client, path string) (load, error) {
	return closed(ctx, b.Clients, length, func() cpu { return b.usage(ctx) }, func(ctx context.Context, _ int, call timed) error {
		return call(func() error {
			var body []byte
			_, err := c.Do(ctx, http.MethodGet, path, "", nil, &body)
			return err
		})
	})
}

// same makes sure that both answer with the same rows.
func same(ctx context.Context, one *client.Client, path string, other *client.Client, otherPath string) error {
	var a, b struct{ Items []any }
	for _, ask := range []struct {
		of   *client.Client
		path string
		into any
	}{{one, path, &a}, {other, otherPath, &b}} {
		if _, err := ask.of.Do(ctx, http.MethodGet, ask.path, "", nil, ask.into); err != nil {
			return err
		}
	}
	if len(a.Items) != pageRows || !reflect.DeepEqual(a.Items, b.Items) {
		first := func(items []any) string { data, _ := json.Marshal(items[:min(1, len(items))]); return string(data) }
		return fmt.Errorf("the bare handler answers %d rows %s, duban %d rows %s", len(a.Items), first(a.Items), len(b.Items), first(b.Items))
	}
	return nil
}

func assignments(ctx context.Context, b *bench, pool *pgxpool.Pool, l listing) (any, error) {
	rows, err := pool.Query(ctx, l.sql, l.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	items := make([]api.Assignment, 0, pageRows)
	for rows.Next() {
		var a api.Assignment
		var due *time.Time
		var in, unit string
		if err := rows.Scan(&a.Matter, &a.ID, &a.Post, &a.Duty, &a.Stage, &a.Opened, &due, &a.Colour, &a.MatterTitle, &in, &a.Procedure, &unit); err != nil {
			return nil, err
		}
		a.Opened = a.Opened.UTC()
		if due != nil {
			a.Due = due.UTC()
		}
		a.ProcedureTitle, a.StageTitle = b.titles(in, a.Procedure, a.Stage)
		a.PostTitle, a.UnitName = b.postTitle(a.Post), b.unitName(unit)
		a.Batch = a.Duty == api.DutyAct && b.batch(in, a.Procedure, a.Stage)
		items = append(items, a)
	}
	return items, rows.Err()
}

func summaries(ctx context.Context, b *bench, pool *pgxpool.Pool, l listing) (any, error) {
	rows, err := pool.Query(ctx, l.sql, l.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	items := make([]api.MatterSummary, 0, pageRows)
	for rows.Next() {
		m := api.MatterSummary{State: api.MatterStateOpen}
		var due *time.Time
		var draft bool
		var holders []string
		if err := rows.Scan(&m.ID, &m.Organisation, &m.Rulebook, &m.Procedure, &m.Title, &m.Unit, &m.Starter.ID, &m.Starter.Name, &m.Stage,
			&holders, &m.Started, &due, &draft, &m.Owner, &m.Leader, &m.Term, &m.Colour); err != nil {
			return nil, err
		}
		if draft {
			m.State = api.MatterStateDraft
		}
		m.Started = m.Started.UTC()
		if due != nil {
			m.Due = due.UTC()
		}
		m.ProcedureTitle, m.StageTitle = b.titles(m.Rulebook, m.Procedure, m.Stage)
		m.UnitName, m.OwnerName = b.unitName(m.Unit), b.unitName(m.Owner)
		m.Holders = make([]api.MatterSummary_Holders, 0, len(holders))
		for _, h := range holders {
			m.Holders = append(m.Holders, api.MatterSummary_Holders{Post: h, Title: b.postTitle(h)})
		}
		items = append(items, m)
	}
	return items, rows.Err()
}

func (b *bench) titles(in, key, stage string) (procedureTitle, stageTitle string) {
	p, ok := b.Library.Procedure(in, key)
	if !ok {
		return key, stage
	}
	if st, ok := p.Stage(stage); ok {
		stage = st.Title
	}
	return p.Title, stage
}

func (b *bench) batch(in, key, stage string) bool {
	p, ok := b.Library.Procedure(in, key)
	if !ok {
		return false
	}
	st, ok := p.Stage(stage)
	return ok && st.Batch
}

func (b *bench) unitName(id string) string {
	u, _ := b.Library.Unit(id)
	return u.Name
}

func (b *bench) postTitle(of string) string {
	at := procedure.Post(of)
	return b.Library.Title(at.Unit(), at.Role())
}
