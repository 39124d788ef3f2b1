package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Rulebook is one version of a rulebook. It never changes.
type Rulebook struct {
	Key     string
	Version string // digest of its text and of those it derives from
	Parent  string // version of the rulebook it derives from; empty: none
	Title   string
	Text    string
}

// Cause is why a version came in force.
type Cause string

// The causes: it came with the program, a matter changed it, the rulebook it derives from was changed.
const (
	CauseShipped Cause = "shipped"
	CauseChange  Cause = "change"
	CauseParent  Cause = "parent"
)

// Enactment says that a version is in force, from Since until the next one.
type Enactment struct {
	Rulebook string
	Number   int64 // counts from 1; the last is in force
	Version  string
	Since    time.Time
	Cause    Cause
	Matter   string // that changed it, or the rulebook it derives from; empty: shipped
	Change   string
}

// Shipped is a text the program brings along.
type Shipped struct {
	Text string
	Seen time.Time // when a program first brought it
}

// What may stand in the way of a change of the rules.
var (
	// ErrStaleBase says that the version a change was made from is no longer in force.
	ErrStaleBase = errors.New("the base is not in force")
	// ErrRulesMoved says that rules changed while one's own change of them was looked at.
	ErrRulesMoved = errors.New("the rules have changed meanwhile")
)

const inForce = `SELECT DISTINCT ON (rulebook) rulebook, number, version FROM enactment ORDER BY rulebook, number DESC`

// RulesInForce gives the rulebooks in force, by key.
func (s *Store) RulesInForce(ctx context.Context) ([]Rulebook, error) {
	rows, err := s.pool.Query(ctx, `SELECT r.key, r.version, r.parent, r.title, r.text
		FROM (`+inForce+`) e JOIN rulebook r ON r.key = e.rulebook AND r.version = e.version ORDER BY r.key`)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Rulebook])
	return list, classify(err)
}

// Ship notes the texts the program brings along, by key, and puts in force those of rulebooks that have none in force
// yet, as given. What is in force stays so.
func (s *Store) Ship(ctx context.Context, texts map[string]string, first []Rulebook) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for key, text := range texts {
			batch.Queue(`INSERT INTO rulebook_shipped (key, text, seen) VALUES ($1, $2, now())
				ON CONFLICT (key) DO UPDATE SET text = EXCLUDED.text, seen = now() WHERE rulebook_shipped.text <> EXCLUDED.text`, key, text)
		}
		for _, r := range first {
			batch.Queue(insertRulebook, r.Key, r.Version, r.Parent, r.Title, r.Text)
			batch.Queue(`INSERT INTO enactment (rulebook, number, version, since, cause) VALUES ($1, 1, $2, now(), 'shipped') ON CONFLICT DO NOTHING`,
				r.Key, r.Version)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}

const insertRulebook = `INSERT INTO rulebook (key, version, parent, title, text) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`

// ShippedRulebook gives the text of a rulebook the program brings along. ErrNotFound: it brings none.
func (s *Store) ShippedRulebook(ctx context.Context, key string) (shipped Shipped, err error) {
	err = s.pool.QueryRow(ctx, `SELECT text, seen FROM rulebook_shipped WHERE key = $1`, key).Scan(&shipped.Text, instant{&shipped.Seen})
	return shipped, classify(err)
}

// NewRules are versions that are to come in force together, by one change of one rulebook.
type NewRules struct {
	Matter   string
	Change   string            // of the matter; the two together take effect once
	Rulebook string            // that is changed
	Base     string            // version of it that the change was made from
	Among    map[string]string // versions in force, by rulebook, that the new ones were checked against
	Versions []Rulebook        // the changed one, and those that derive from it
}

// Enact puts versions in force and gives the one of the changed rulebook: at the second call as at the first.
// ErrStaleBase: another change took effect before. ErrRulesMoved: look again.
func (s *Store) Enact(ctx context.Context, n NewRules) (version string, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `LOCK TABLE enactment IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT version FROM enactment WHERE matter = $1 AND change = $2 AND rulebook = $3`,
			n.Matter, n.Change, n.Rulebook).Scan(&version)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err // done before, or not to be found out
		}
		numbers, err := n.check(ctx, tx)
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		for _, r := range n.Versions {
			cause := CauseParent
			if r.Key == n.Rulebook {
				version, cause = r.Version, CauseChange
			}
			batch.Queue(insertRulebook, r.Key, r.Version, r.Parent, r.Title, r.Text)
			batch.Queue(`INSERT INTO enactment (rulebook, number, version, since, cause, matter, change) VALUES ($1, $2, $3, now(), $4, $5, $6)`,
				r.Key, numbers[r.Key]+1, r.Version, cause, n.Matter, n.Change)
		}
		batch.Queue(notify, `{"rules":true}`)
		return tx.SendBatch(ctx, batch).Close()
	})
	return version, err
}

// check holds a change against what is in force, and gives the numbers of that.
func (n NewRules) check(ctx context.Context, tx pgx.Tx) (map[string]int64, error) {
	rows, err := tx.Query(ctx, inForce)
	if err != nil {
		return nil, err
	}
	numbers := map[string]int64{}
	var key, version string
	var number int64
	moved := false
	_, err = pgx.ForEachRow(rows, []any{&key, &number, &version}, func() error {
		numbers[key] = number
		if key == n.Rulebook && version != n.Base {
			return ErrStaleBase
		}
		moved = moved || n.Among[key] != version
		return nil
	})
	if err == nil && (moved || len(numbers) != len(n.Among)) {
		err = ErrRulesMoved
	}
	return numbers, err
}

// RulebookVersion gives one version of a rulebook. ErrNotFound: it never was in force.
func (s *Store) RulebookVersion(ctx context.Context, key, version string) (r Rulebook, err error) {
	err = s.pool.QueryRow(ctx, `SELECT key, version, parent, title, text FROM rulebook WHERE key = $1 AND version = $2`, key, version).
		Scan(&r.Key, &r.Version, &r.Parent, &r.Title, &r.Text)
	return r, classify(err)
}

// History is an enactment with what there is to say of it.
type History struct {
	Enactment
	MatterTitle string
	Starter     string // name of the person who started the matter
	Running     int    // matters that run under the version
}

// RulebookHistory lists what was in force, the latest first. A version that was in force twice has its running matters
// with each.
func (s *Store) RulebookHistory(ctx context.Context, key string) ([]History, error) {
	rows, err := s.pool.Query(ctx, `SELECT e.rulebook, e.number, e.version, e.since, e.cause, coalesce(e.matter::text, ''), e.change,
			coalesce(m.title, ''), coalesce(m.starter_name, ''),
			(SELECT count(*) FROM matter r WHERE r.rulebook = e.rulebook AND r.version = e.version AND r.closed IS NULL)
		FROM enactment e LEFT JOIN matter m ON m.id = e.matter
		WHERE e.rulebook = $1 ORDER BY e.number DESC`, key)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h History, err error) {
		err = row.Scan(&h.Rulebook, &h.Number, &h.Version, instant{&h.Since}, &h.Cause, &h.Matter, &h.Change, &h.MatterTitle, &h.Starter, &h.Running)
		return h, err
	})
	return list, classify(err)
}

// Running counts matters under way by the version they run under, and by procedure.
type Running struct {
	Version   string
	Procedure string
	Matters   int
}

// RunningByVersion counts the matters under way of a rulebook.
func (s *Store) RunningByVersion(ctx context.Context, key string) ([]Running, error) {
	rows, err := s.pool.Query(ctx, `SELECT version, procedure, count(*) FROM matter WHERE rulebook = $1 AND closed IS NULL
		GROUP BY version, procedure ORDER BY version, procedure`, key)
	if err != nil {
		return nil, classify(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Running])
	return list, classify(err)
}
