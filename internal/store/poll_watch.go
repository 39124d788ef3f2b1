package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/poll"
)

// AnomalyKind is what some ballots have in common.
type AnomalyKind string

const (
	FromAddress AnomalyKind = "address" // one network address
	FromSegment AnomalyKind = "segment" // one segment of telephone numbers
	InMinute    AnomalyKind = "minute"  // one minute
)

// Anomaly is ballots that have more in common than chance would have it. It says nothing of for whom they are: who decides
// about them must not know.
type Anomaly struct {
	Kind    AnomalyKind
	Tag     string // names what they share, without telling it: hexadecimal, or the minute in RFC 3339
	Ballots int
	First   time.Time
	Last    time.Time
}

// shared is what a voter's ballot has in common with others, as text, by the kind in an argument.
const shared = `CASE $2 WHEN 'address' THEN encode(address, 'hex') WHEN 'segment' THEN encode(segment, 'hex')
	ELSE to_char(cast_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI":00Z"') END`

// Anomalies lists what at least so many of the public's ballots have in common that are not excluded, the most first.
func (s *Store) Anomalies(ctx context.Context, round string, kind AnomalyKind, least, limit int) ([]Anomaly, error) {
	rows, err := s.pool.Query(ctx, `SELECT tag, count(*), min(cast_at), max(cast_at) FROM (
			SELECT `+shared+` AS tag, cast_at FROM poll_voter WHERE round = $1 AND class = 'public' AND exclusion IS NULL) v
		WHERE tag <> '' GROUP BY tag HAVING count(*) >= $3 ORDER BY count(*) DESC, tag LIMIT $4`, round, kind, least, limit)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Anomaly, error) {
		a := Anomaly{Kind: kind}
		err := row.Scan(&a.Tag, &a.Ballots, instant{&a.First}, instant{&a.Last})
		return a, err
	})
	return list, classify(err)
}

// Exclusion is ballots left out of the count by a person's decision.
type Exclusion struct {
	ID      int
	Kind    AnomalyKind
	Tag     string
	Reason  string
	Post    string
	Person  string
	At      time.Time
	Ballots int
}

// ExcludeBallots leaves out of the count, by a person's decision, the public's voters so far whose ballots share something:
// their later ballots too. It is audited, and published with its reason. It may happen until the round is counted, so that
// what came in the last minutes can be looked into. ErrRoundCounted: it is too late. ErrNotFound: nothing to exclude.
func (s *Store) ExcludeBallots(ctx context.Context, round string, e Exclusion, address string) (Exclusion, error) {
	err := s.transact(ctx, func(tx pgx.Tx) error {
		var counted bool
		if err := tx.QueryRow(ctx, `SELECT result IS NOT NULL OR void FROM poll_round WHERE id = $1 FOR SHARE`, round).Scan(&counted); err != nil {
			return err
		}
		if counted {
			return ErrRoundCounted
		}
		if _, err := tx.Exec(ctx, `SELECT FROM poll_log WHERE round = $1 FOR UPDATE`, round); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT COALESCE(max(id), 0) + 1 FROM poll_exclusion WHERE round = $1`, round).Scan(&e.ID); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `WITH left_out AS (UPDATE poll_voter SET exclusion = $4 WHERE round = $1 AND class = 'public' AND exclusion IS NULL
				AND `+shared+` = $3 RETURNING leaf)
			UPDATE poll_ballot b SET exclusion = $4 FROM left_out WHERE b.round = $1 AND b.leaf = left_out.leaf`, round, e.Kind, e.Tag, e.ID)
		if err != nil {
			return err
		}
		if e.Ballots = int(tag.RowsAffected()); e.Ballots == 0 {
			return ErrNotFound
		}
		if err := tx.QueryRow(ctx, `INSERT INTO poll_exclusion (round, id, kind, tag, reason, post, person, ballots)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING at`, round, e.ID, e.Kind, []byte(e.Tag), e.Reason, e.Post, e.Person, e.Ballots).
			Scan(instant{&e.At}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO audit (person, action, object, outcome, address, details)
			VALUES ($1, 'excludeBallots', $2, 'done', $3, jsonb_build_object('exclusion', $4::int, 'kind', $5::text, 'ballots', $6::int, 'reason', $7::text))`,
			e.Person, round, address, e.ID, e.Kind, e.Ballots, e.Reason)
		return err
	})
	return e, err
}

// Exclusions lists what was left out of a round's count.
func (s *Store) Exclusions(ctx context.Context, round string) ([]Exclusion, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, kind, convert_from(tag, 'UTF8'), reason, post, person, at, ballots FROM poll_exclusion
		WHERE round = $1 ORDER BY id`, round)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Exclusion, err error) {
		err = row.Scan(&e.ID, &e.Kind, &e.Tag, &e.Reason, &e.Post, &e.Person, instant{&e.At}, &e.Ballots)
		return e, err
	})
	return list, classify(err)
}

// Forgettable lists counted and void rounds whose objection period is over and of which it is still known who voted.
func (s *Store) Forgettable(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT id FROM poll_round WHERE (result IS NOT NULL OR void) AND forgotten IS NULL
		AND closed + make_interval(days => COALESCE((definition::json->>'objections')::int, 0)) <= now() ORDER BY id`)
	if err != nil {
		return nil, classify(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, classify(err)
}

// ForgetVoters deletes who voted in a counted or void round; its ballots stay. The key of the round is destroyed by who has it.
// ErrRoundOpen: it is not counted yet.
func (s *Store) ForgetVoters(ctx context.Context, round string) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		var counted bool
		if err := tx.QueryRow(ctx, `SELECT result IS NOT NULL OR void FROM poll_round WHERE id = $1 FOR UPDATE`, round).Scan(&counted); err != nil {
			return err
		}
		if !counted {
			return ErrRoundOpen
		}
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM poll_voter WHERE round = $1`, round); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE poll_round SET forgotten = COALESCE(forgotten, now()) WHERE id = $1`, round)
		return err
	})
}

// PublishDraw gives a draw as it is published. Its words and lists are the caller's; what it is committed to is filled in,
// and when. Once its seed is revealed it is carried out and signed, the same again for the same lists; until then, and
// without lists, text is empty, and so is the seed. ErrNotFound: nothing was committed to. An error that is [poll.ErrDraw] says
// the lists cannot be drawn from.
func (s *Store) PublishDraw(ctx context.Context, d poll.Drawn) (drawn poll.Drawn, text string, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		var revealed bool
		if err := tx.QueryRow(ctx, `SELECT commitment, committed, seed, revealed IS NOT NULL FROM draw WHERE id = $1`, d.ID).
			Scan(&d.Commitment, instant{&d.Committed}, &d.Seed, &revealed); err != nil {
			return err
		}
		if !revealed || len(d.Groups) == 0 {
			d.Seed = ""
			return nil
		}
		if err := d.Draw(); err != nil {
			return err
		}
		signer, err := pollSigner(ctx, tx.Conn())
		if err != nil {
			return err
		}
		var key string
		if err := tx.QueryRow(ctx, `SELECT verifier FROM poll_key`).Scan(&key); err != nil {
			return err
		}
		text, err = d.Sign(signer, key)
		return err
	})
	return d, text, err
}
