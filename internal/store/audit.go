package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// AuditEntry is something that happened outside matters: a log-in, an administrator's change. It is never changed.
type AuditEntry struct {
	ID      int64
	At      time.Time
	Person  string // who; empty: nobody known, or the system
	Name    string // that person's, when listed
	Action  string // stable code, such as "login"
	Object  string // what it was done to
	To      string // name of the person it was done to, when listed
	Outcome string // "done", or the code of the refusal
	Address string // network address it came from
	Details map[string]any
}

// Audit puts an entry down.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	if e.Details == nil {
		e.Details = map[string]any{}
	}
	details, err := json.Marshal(e.Details)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `INSERT INTO audit (person, action, object, outcome, address, details) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.Person, e.Action, e.Object, e.Outcome, e.Address, details)
	return classify(err)
}

// AuditFilter chooses audit entries; zero fields do not restrict.
type AuditFilter struct {
	Person string
	Action string
	Object string
	From   time.Time
	To     time.Time // before
}

// AuditTrail lists audit entries, newest first, before an id (0: from the newest).
func (s *Store) AuditTrail(ctx context.Context, f AuditFilter, before int64, limit int) ([]AuditEntry, error) {
	var q query
	equal(&q, "person", f.Person)
	equal(&q, "action", f.Action)
	equal(&q, "object", f.Object)
	if !f.From.IsZero() {
		q.and("at >= ?", f.From)
	}
	if !f.To.IsZero() {
		q.and("at < ?", f.To)
	}
	if before > 0 {
		q.and("audit.id < ?", before)
	}
	rows, err := s.pool.Query(ctx, `SELECT audit.id, at, person, coalesce(p.name, ''), action, object, coalesce(o.name, ''), outcome, address, details
		FROM audit LEFT JOIN person p ON p.id::text = audit.person LEFT JOIN person o ON o.id::text = split_part(object, '/', 1)
		WHERE `+q.conditions()+` ORDER BY audit.id DESC LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e AuditEntry, err error) {
		err = row.Scan(&e.ID, instant{&e.At}, &e.Person, &e.Name, &e.Action, &e.Object, &e.To, &e.Outcome, &e.Address, &e.Details)
		return e, err
	})
	return list, classify(err)
}
