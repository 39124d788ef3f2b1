package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Part is a running process of the platform, by its own word.
type Part struct {
	ID      string
	Works   bool // runs matters
	Serves  bool // answers requests
	Version string
	Started time.Time
	Seen    time.Time     // by the database's clock
	Drift   time.Duration // its clock ahead of the database's
}

const (
	partGone   = 25 * time.Second // after this without a word a process is taken to have ended
	partForget = time.Hour
)

// Beat says that a process is there, and gives the database's time.
func (s *Store) Beat(ctx context.Context, p Part) (now time.Time, err error) {
	err = s.pool.QueryRow(ctx, `
		WITH forgotten AS (DELETE FROM part WHERE seen < now() - $7::interval)
		INSERT INTO part (id, works, serves, version, started, drift) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET works = EXCLUDED.works, serves = EXCLUDED.serves, version = EXCLUDED.version,
			started = EXCLUDED.started, drift = EXCLUDED.drift, seen = now()
		RETURNING clock_timestamp()`, p.ID, p.Works, p.Serves, p.Version, p.Started, p.Drift, partForget).Scan(&now)
	return now, classify(err)
}

// Leave says that a process ends.
func (s *Store) Leave(ctx context.Context, id string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM part WHERE id = $1`, id)
	return classify(err)
}

// Parts lists the processes that are there.
func (s *Store) Parts(ctx context.Context) ([]Part, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, works, serves, version, started, seen, drift FROM part
		WHERE seen > now() - $1::interval ORDER BY started, id`, partGone)
	if err != nil {
		return nil, classify(err)
	}
	parts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Part, err error) {
		err = row.Scan(&p.ID, &p.Works, &p.Serves, &p.Version, instant{&p.Started}, instant{&p.Seen}, &p.Drift)
		return p, err
	})
	return parts, classify(err)
}

// WorkerGone gives the time at which the last process that ran matters was heard of; zero where none is known.
func (s *Store) WorkerGone(ctx context.Context) (at time.Time, err error) {
	err = s.pool.QueryRow(ctx, `SELECT max(seen) FROM part WHERE works`).Scan(instant{&at})
	return at, classify(err)
}

// Watch makes one of the processes the watcher for the given time; it reports whether that is the holder.
func (s *Store) Watch(ctx context.Context, holder string, lasts time.Duration) (bool, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE watch SET holder = $1, until = now() + $2 WHERE holder = $1 OR until <= now()`, holder, lasts)
	return tag.RowsAffected() > 0, classify(err)
}

// EndWatch lets another process watch at once.
func (s *Store) EndWatch(ctx context.Context, holder string) error {
	_, err := s.pool.Exec(ctx, `UPDATE watch SET until = '-infinity' WHERE holder = $1`, holder)
	return classify(err)
}

// Suspect is a matter something may be wrong with, as far as the record shows.
type Suspect struct {
	Matter string
	Seq    int64
	Late   time.Time // the instant its clock should have brought something about; zero: it is not late
	Open   time.Time // the oldest command accepted and not settled; zero: there is none
	Early  bool      // events came whose predecessors are missing
	Known  bool      // an incident is open
	Over   bool      // nothing more can happen to it
}

// Suspects lists the matters whose clock is late by the given time, that have a command open for so long, that wait for
// earlier events, or that have an open incident; at most so many.
func (s *Store) Suspects(ctx context.Context, late time.Duration, limit int) ([]Suspect, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT m.matter::text, COALESCE(max(matter.seq), 0), max(m.late), min(m.open), bool_or(m.early), bool_or(m.known),
			COALESCE(bool_or(matter.closed IS NOT NULL AND matter.wake = 'infinity' AND NOT EXISTS (
				SELECT FROM assignment a WHERE a.matter = matter.id AND a.closed IS NULL)), false) FROM (
			(SELECT id AS matter, wake AS late, NULL::timestamptz AS open, false AS early, false AS known FROM matter
				WHERE `+runs+` AND wake > '-infinity' AND wake < now() - $1::interval ORDER BY wake LIMIT $2)
			UNION ALL
			(SELECT matter, NULL, at, false, false FROM journal WHERE state = 'open' AND at < now() - $1::interval ORDER BY at LIMIT $2)
			UNION ALL
			(SELECT DISTINCT matter, NULL::timestamptz, NULL::timestamptz, true, false FROM event_early LIMIT $2)
			UNION ALL
			(SELECT matter, NULL, NULL, false, true FROM incident WHERE closed IS NULL AND matter IS NOT NULL LIMIT $2)
		) m LEFT JOIN matter ON matter.id = m.matter GROUP BY m.matter ORDER BY bool_or(m.known) DESC, m.matter LIMIT $2`, late, limit)
	if err != nil {
		return nil, classify(err)
	}
	suspects, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x Suspect, err error) {
		err = row.Scan(&x.Matter, &x.Seq, instant{&x.Late}, instant{&x.Open}, &x.Early, &x.Known, &x.Over)
		return x, err
	})
	return suspects, classify(err)
}

// FailingMail is the mail that was tried in vain, by fault.
type FailingMail struct {
	Fault    string
	Waiting  int
	Attempts int       // most
	Since    time.Time // the oldest was written
	Next     time.Time // try
}

// FailingMails sums up the mail that was tried in vain.
func (s *Store) FailingMails(ctx context.Context) ([]FailingMail, error) {
	rows, err := s.pool.Query(ctx, `SELECT fault, count(*), max(attempts), min(created), min(not_before) FROM notification
		WHERE channel = 'mail' AND accepted IS NULL AND attempts > 0 GROUP BY fault ORDER BY fault`)
	if err != nil {
		return nil, classify(err)
	}
	mails, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m FailingMail, err error) {
		err = row.Scan(&m.Fault, &m.Waiting, &m.Attempts, instant{&m.Since}, instant{&m.Next})
		return m, err
	})
	return mails, classify(err)
}

// RetryMail makes the mail that was tried in vain due now, and counts it.
func (s *Store) RetryMail(ctx context.Context) (int, error) {
	tag, err := s.pool.Exec(ctx, `UPDATE notification SET not_before = now()
		WHERE channel = 'mail' AND accepted IS NULL AND attempts > 0`)
	return int(tag.RowsAffected()), classify(err)
}
