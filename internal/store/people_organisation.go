package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/rulebook"
)

// Organisation is an organisation with its own units and posts.
type Organisation struct {
	Key    string
	Title  string
	Within string // organisation it is part of
}

// Unit is a unit of an organisation.
type Unit struct {
	ID       string
	Name     string
	Kind     string
	Parent   string
	Oversees bool
	Ended    bool
}

// Post is a post and who holds it.
type Post struct {
	Post     procedure.Post
	Title    string
	Unit     string
	UnitName string
	Holders  []Holder // by their own right; deputies are left out
}

// loadOrganisations brings organisations, units and posts up to what their files say. What a file no longer names stays,
// for matters and holdings may speak of it.
func loadOrganisations(ctx context.Context, tx pgx.Tx, organisations []*rulebook.Organisation) error {
	batch := &pgx.Batch{}
	for place, o := range organisations {
		if o.Key == identity.SystemUnit {
			return fmt.Errorf("store: an organisation cannot be called %q", o.Key)
		}
		batch.Queue(`
			INSERT INTO organisation (key, title, within, place) VALUES ($1, $2, $3, $4)
			ON CONFLICT (key) DO UPDATE SET title = excluded.title, within = excluded.within, place = excluded.place`,
			o.Key, o.Title, o.Within, place+1)
	}
	for _, o := range organisations {
		for place, u := range o.Units {
			if u.ID == identity.SystemUnit {
				return fmt.Errorf("store: a unit cannot be called %q", u.ID)
			}
			batch.Queue(`
				INSERT INTO unit (id, organisation, name, kind, parent, oversees, ended, place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
				ON CONFLICT (id) DO UPDATE SET organisation = excluded.organisation, name = excluded.name, kind = excluded.kind,
					parent = excluded.parent, oversees = excluded.oversees, ended = excluded.ended, place = excluded.place`,
				u.ID, o.Key, u.Name, u.Kind, u.Parent, u.Oversees, u.Ended, place+1)
		}
	}
	for _, o := range organisations {
		for place, p := range o.Posts {
			batch.Queue(`
				INSERT INTO post (post, unit, role, title, place) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (post) DO UPDATE SET title = excluded.title, place = excluded.place`,
				p.Name(), p.Unit, p.Role, p.Title, place+1)
		}
	}
	return tx.SendBatch(ctx, batch).Close()
}

// Organisations lists the organisations.
func (s *Store) Organisations(ctx context.Context) ([]Organisation, error) {
	rows, err := s.pool.Query(ctx, `SELECT key, title, within FROM organisation WHERE key <> 'system' ORDER BY place, key`)
	if err != nil {
		return nil, classify(err)
	}
	organisations, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Organisation])
	return organisations, classify(err)
}

// Units lists an organisation's units, in its file's order. ErrNotFound: no such organisation.
func (s *Store) Units(ctx context.Context, organisation string) ([]Unit, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, name, kind, parent, oversees, ended FROM unit WHERE organisation = $1 ORDER BY place, id`, organisation)
	if err != nil {
		return nil, classify(err)
	}
	units, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Unit])
	if err == nil && len(units) == 0 {
		err = ErrNotFound
	}
	return units, classify(err)
}

// Posts lists an organisation's posts, or those of one of its units, with who holds them at that time; those of units that
// have ended are left out.
func (s *Store) Posts(ctx context.Context, organisation, unit string, at time.Time) ([]Post, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT o.post, o.title, u.id, u.name, coalesce(p.id::text, ''), coalesce(p.login, ''), coalesce(p.name, ''), coalesce(p.email, '')
		FROM post o JOIN unit u ON u.id = o.unit
		LEFT JOIN acting a ON a.post = o.post AND a.for_person IS NULL AND a.from_at <= $3 AND a.to_at > $3
		LEFT JOIN person p ON p.id = a.person
		WHERE u.organisation = $1 AND ($2 = '' OR u.id = $2) AND NOT u.ended
		ORDER BY u.place, o.place, o.post, p.login`, organisation, unit, at)
	if err != nil {
		return nil, classify(err)
	}
	posts := []Post{}
	var p Post
	var h Holder
	_, err = pgx.ForEachRow(rows, []any{&p.Post, &p.Title, &p.Unit, &p.UnitName, &h.Person, &h.Login, &h.Name, &h.Email}, func() error {
		if len(posts) == 0 || posts[len(posts)-1].Post != p.Post {
			posts = append(posts, p)
		}
		if h.Person != "" {
			last := &posts[len(posts)-1]
			last.Holders = append(last.Holders, h)
		}
		return nil
	})
	return posts, classify(err)
}

// LoadSample enters an invented person for every post that names a login, called as the post is, and the three
// administrators; all with the same password, given as its hash. With the organisations, in one go. Refusal:
// persons-exist: demonstrations are for empty databases.
func (s *Store) LoadSample(ctx context.Context, organisations []*rulebook.Organisation, hash string, now time.Time) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		empty, err := lockPersons(ctx, tx)
		if err != nil {
			return err
		}
		if !empty {
			return &procedure.Refusal{Code: "persons-exist"}
		}
		if err := loadOrganisations(ctx, tx, organisations); err != nil {
			return err
		}
		for _, first := range firstPersons {
			if err := enterFirst(ctx, tx, first.login, first.post, hash, now); err != nil {
				return err
			}
		}
		entered := map[string]string{}
		for _, o := range organisations {
			for _, p := range o.Posts {
				if p.Login == "" {
					continue
				}
				if entered[p.Login] == "" {
					if entered[p.Login], err = enter(ctx, tx, NewPerson{Login: p.Login, Name: p.Title}, "", hash, now); err != nil {
						return violated(err)
					}
				}
				if err := hold(ctx, tx, entered[p.Login], p.Name(), now); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// identityKept is how long the traces of log-ins are kept at least: half a year, as the cybersecurity law asks of logs.
const identityKept = 185 * 24 * time.Hour

// PurgeIdentity removes attempts, sessions and links that ended longer ago than logs must be kept.
func (s *Store) PurgeIdentity(ctx context.Context, now time.Time) error {
	before := now.Add(-identityKept)
	return s.transact(ctx, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`DELETE FROM login_failure WHERE at < $1`,
			`DELETE FROM session WHERE least(ended_at, expires_idle, expires_absolute) < $1`,
			`DELETE FROM activation WHERE least(used_at, ended_at, expires) < $1`,
		} {
			if _, err := tx.Exec(ctx, sql, before); err != nil {
				return err
			}
		}
		return nil
	})
}
