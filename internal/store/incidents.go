package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The kinds of incident.
const (
	IncidentActivity   = "activity-failing"  // an activity of a matter fails: attempts, error
	IncidentTask       = "task-failing"      // a matter's workflow cannot go on: its history is not what the code does
	IncidentProjection = "projection-behind" // something happened to a matter that is not in the record
	IncidentCommand    = "command-open"      // a command was accepted and not carried out
	IncidentEnded      = "workflow-ended"    // a matter is open in the record, and nothing runs it
	IncidentUnopened   = "matter-unopened"   // a matter asked for another, and the rules refused it: child, of, code, source and the refusal's own
	IncidentWorker     = "no-worker"         // nobody runs matters
	IncidentWorkflow   = "workflow-away"     // the workflow server does not answer
	IncidentDatabase   = "database-away"     // the database did not answer
	IncidentMail       = "mail-failing"      // mail cannot be delivered
	IncidentClock      = "clock-drift"       // a process's clock is not the database's
	IncidentBegin      = "begin-refused"     // a matter was to begin by itself, and the rules in force refused
)

// IncidentKinds are all there are.
var IncidentKinds = []string{IncidentActivity, IncidentTask, IncidentProjection, IncidentCommand, IncidentEnded, IncidentUnopened, IncidentWorker,
	IncidentWorkflow, IncidentDatabase, IncidentMail, IncidentClock, IncidentBegin}

// Finding is what a watcher found stuck.
type Finding struct {
	Kind     string
	Subject  string // the matter's id, or the part; together with Kind its name
	Matter   string // empty: none
	Began    time.Time
	Attempts int
	Fault    string // the last error, as the part says it
	Details  map[string]any
}

// Incident is something that is or was stuck.
type Incident struct {
	Finding
	ID     int64
	Opened time.Time // noticed
	Seen   time.Time // last
	Closed time.Time // zero: it is still stuck
	Title  string    // of the matter; empty where it is hidden
	Hidden bool      // the matter's title is its unit's alone
}

const upsertIncident = `
	INSERT INTO incident (kind, subject, matter, began, attempts, fault, details) VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (kind, subject) WHERE closed IS NULL
	DO UPDATE SET seen = now(), attempts = EXCLUDED.attempts, fault = EXCLUDED.fault, details = EXCLUDED.details
	RETURNING id, xmax = 0`

// tellIncident tells the system administrators of an incident, once.
const tellIncident = `
	INSERT INTO notification (cause, person, channel, kind, args, urgent)
	SELECT 'incident/' || i.id, a.person, c.channel, $2, jsonb_build_object('incident', i.kind, 'id', i.id,
		'title', COALESCE((SELECT title FROM matter WHERE matter.id = i.matter AND NOT ` + hidden + `), '')), true
	FROM incident i CROSS JOIN LATERAL acting_for('system/administrator', now()) a
		JOIN person p ON p.id = a.person CROSS JOIN (VALUES ('inapp'), ('mail')) c(channel)
	WHERE i.id = $1 AND (c.channel = 'inapp' OR p.email <> '' AND i.kind <> $3) ON CONFLICT DO NOTHING`

// Find keeps what the watcher found: an incident open already is seen again, any other is opened and the administrators
// told; the incidents named by id have ended. It reports whether the holder still watches: nobody else writes incidents.
func (s *Store) Find(ctx context.Context, holder string, found []Finding, ended []int64) (held bool, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if held, err = watching(ctx, tx, holder); err != nil || !held {
			return err
		}
		for _, f := range found {
			details, err := f.details()
			if err != nil {
				return err
			}
			var id int64
			var fresh bool
			if err := tx.QueryRow(ctx, upsertIncident, f.Kind, f.Subject, orNone(f.Matter), f.Began, f.Attempts, f.Fault, details).Scan(&id, &fresh); err != nil {
				return err
			}
			if fresh {
				if _, err := tx.Exec(ctx, tellIncident, id, TellIncident, IncidentMail); err != nil {
					return err
				}
			}
		}
		_, err := tx.Exec(ctx, `UPDATE incident SET closed = now() WHERE closed IS NULL AND id = ANY($1)`, ended)
		return err
	})
	return held, err
}

// FindPast keeps an incident that is over by the time it can be written, unless it is known: each process noticed it.
func (s *Store) FindPast(ctx context.Context, holder string, f Finding, closed time.Time) error {
	details, err := f.details()
	if err != nil {
		return err
	}
	return s.transact(ctx, func(tx pgx.Tx) error {
		if held, err := watching(ctx, tx, holder); err != nil || !held {
			return err
		}
		var id int64
		err := tx.QueryRow(ctx, `
			INSERT INTO incident (kind, subject, began, seen, closed, attempts, fault, details)
			SELECT $1, $2, $3::timestamptz, $4::timestamptz, $4::timestamptz, $5, $6, $7
			WHERE NOT EXISTS (SELECT FROM incident WHERE kind = $1 AND subject = $2 AND closed > $3::timestamptz)
			RETURNING id`, f.Kind, f.Subject, f.Began, closed, f.Attempts, f.Fault, details).Scan(&id)
		if err != nil {
			return ignoreNone(err)
		}
		_, err = tx.Exec(ctx, tellIncident, id, TellIncident, IncidentMail)
		return err
	})
}

func ignoreNone(err error) error {
	if classify(err) == ErrNotFound { //nolint:errorlint // as classify gives it
		return nil
	}
	return err
}

func (f Finding) details() ([]byte, error) {
	if f.Details == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(f.Details)
}

func watching(ctx context.Context, tx pgx.Tx, holder string) (held bool, err error) {
	err = tx.QueryRow(ctx, `SELECT holder = $1 AND until > now() FROM watch FOR UPDATE`, holder).Scan(&held)
	return held, err
}

func orNone(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

// IncidentFilter chooses incidents; zero fields do not restrict.
type IncidentFilter struct {
	Open   *bool
	Matter string
	ID     int64
}

// Incidents lists incidents, newest first, before an id (0: from the newest).
func (s *Store) Incidents(ctx context.Context, f IncidentFilter, before int64, limit int) ([]Incident, error) {
	var q query
	q.matter("i.matter", f.Matter)
	equal(&q, "i.id", f.ID)
	switch {
	case f.Open == nil:
	case *f.Open:
		q.and("i.closed IS NULL")
	default:
		q.and("i.closed IS NOT NULL")
	}
	if before > 0 {
		q.and("i.id < ?", before)
	}
	rows, err := s.pool.Query(ctx, fmt.Sprintf(`SELECT i.id, i.kind, i.subject, COALESCE(i.matter::text, ''), i.began, i.opened, i.seen, i.closed,
			i.attempts, i.fault, i.details, CASE WHEN `+hidden+` THEN '' ELSE COALESCE(matter.title, '') END, COALESCE(`+hidden+`, false)
		FROM incident i LEFT JOIN matter ON matter.id = i.matter WHERE %s ORDER BY i.id DESC LIMIT %s`, q.conditions(), q.arg(limit)), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i Incident, err error) {
		err = row.Scan(&i.ID, &i.Kind, &i.Subject, &i.Matter, instant{&i.Began}, instant{&i.Opened}, instant{&i.Seen}, instant{&i.Closed},
			&i.Attempts, &i.Fault, &i.Details, &i.Title, &i.Hidden)
		return i, err
	})
	return list, classify(err)
}

// OpenIncidents counts the open incidents by kind.
func (s *Store) OpenIncidents(ctx context.Context) (map[string]int, error) {
	rows, err := s.pool.Query(ctx, `SELECT kind, count(*) FROM incident WHERE closed IS NULL GROUP BY kind`)
	if err != nil {
		return nil, classify(err)
	}
	counts := map[string]int{}
	var kind string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&kind, &n}, func() error {
		counts[kind] = n
		return nil
	})
	return counts, classify(err)
}
