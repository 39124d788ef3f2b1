package store

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/identity"
	"duban/internal/procedure"
)

// NewHolding gives a person a post.
type NewHolding struct {
	Person string
	Post   procedure.Post
	From   time.Time
	To     time.Time // zero: open
}

// Assign gives a person a post for a time. ErrNotFound: no such person, or a disabled one. Refusals: unknown-post,
// bad-period, holding-overlaps (the person holds it then), system-post-conflict (one of the posts is the system's and
// would not be held alone, or its new holder deputises for somebody then).
func (s *Store) Assign(ctx context.Context, h NewHolding, by string, now time.Time) (id string, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if err := lockPerson(ctx, tx, h.Person); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
			INSERT INTO holding (person, post, from_at, to_at, assigned_by)
			SELECT $1::uuid, $2::text, $3::timestamptz, $4::timestamptz, $5
			WHERE NOT (starts_with($2, 'system/') AND EXISTS (
				SELECT FROM deputy WHERE person = $1 AND to_at > $3::timestamptz AND ($4::timestamptz IS NULL OR from_at < $4::timestamptz)))
			RETURNING id::text`, h.Person, h.Post, orNow(h.From, now), orNull(h.To), by).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return &procedure.Refusal{Code: "system-post-conflict", Input: true}
		}
		return err
	})
	return id, violated(err)
}

// hold is Assign for one just entered.
func hold(ctx context.Context, tx pgx.Tx, person string, post procedure.Post, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO holding (person, post, from_at) VALUES ($1, $2, $3)`, person, post, now)
	return err
}

// EndHolding ends a person's holding now, or, if it has not begun, before it does. ErrNotFound: there is none, or it has
// ended. Refusal: last-administrator.
func (s *Store) EndHolding(ctx context.Context, person, id, by string, now time.Time) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE holding SET to_at = greatest($3, from_at), ended_by = $4
			WHERE person = $1 AND id = $2 AND (to_at IS NULL OR to_at > greatest($3, from_at))`, uuidOf(person), uuidOf(id), now, by)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return leaveAdministered(ctx, tx, person, now)
	})
}

// leaveAdministered refuses, once a person has been barred or has left posts, to leave one of the two posts without
// anybody that let others in again: the administrator's and the security officer's. Who holds it until a day already set
// does not count, for nobody acts on that day: so somebody holds each of the two at any time to come. Of two who leave at
// once the second waits for the first and sees that there is nobody else.
func leaveAdministered(ctx context.Context, tx pgx.Tx, person string, now time.Time) error {
	rows, err := tx.Query(ctx, `
		SELECT post FROM post WHERE post = ANY($2) AND post IN (
			SELECT post FROM holding WHERE person = $1 AND from_at <= $3 AND (to_at IS NULL OR to_at >= $3))
		ORDER BY post FOR NO KEY UPDATE`, uuidOf(person), []procedure.Post{identity.PostAdministrator, identity.PostSecurity}, now)
	if err != nil {
		return err
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[procedure.Post])
	if err != nil {
		return err
	}
	for _, post := range left {
		var held bool
		err := tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM holding h JOIN person p ON p.id = h.person AND p.disabled_at IS NULL
				WHERE h.post = $1 AND h.from_at <= $2 AND h.to_at IS NULL)`, post, now).Scan(&held)
		if err != nil {
			return err
		}
		if !held {
			return &procedure.Refusal{Code: "last-administrator", Args: map[string]any{"post": string(post)}}
		}
	}
	return nil
}

// NewDeputy lets Person act for For in one of For's posts.
type NewDeputy struct {
	Person string
	For    string
	Post   procedure.Post
	From   time.Time
	To     time.Time
	Reason string
}

// SetDeputy lets one person act for another in a post for a time. ErrNotFound: no such person, or one disabled.
// Refusals: deputy-not-holder (for whom one acts does not hold the post then), bad-period, deputy-too-long (than a year),
// deputy-self, deputy-overlaps (there is another deputy then), system-post-no-deputy, system-post-conflict (who would act
// is an administrator then), unknown-post.
func (s *Store) SetDeputy(ctx context.Context, d NewDeputy, by string, now time.Time) (id string, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if err := lockPerson(ctx, tx, d.Person); err != nil {
			return err
		}
		var barred, holds bool
		err := tx.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM holding WHERE person = $1 AND starts_with(post, 'system/') AND `+overlaps+`),
				EXISTS (SELECT FROM holding WHERE person = $2 AND post = $3 AND `+overlaps+`)`,
			d.Person, uuidOf(d.For), d.Post, orNow(d.From, now), d.To).Scan(&barred, &holds)
		if err != nil {
			return err
		}
		if barred {
			return &procedure.Refusal{Code: "system-post-conflict", Input: true}
		}
		if !holds && !d.To.Before(orNow(d.From, now)) {
			return &procedure.Refusal{Code: "deputy-not-holder", Input: true}
		}
		return tx.QueryRow(ctx, `
			INSERT INTO deputy (person, post, for_person, from_at, to_at, reason, assigned_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
			RETURNING id::text`, d.Person, d.Post, d.For, orNow(d.From, now), d.To, d.Reason, by).Scan(&id)
	})
	return id, violated(err)
}

// overlaps is written without a range, which refuses to be made when its end lies before its start.
const overlaps = `from_at < $5::timestamptz AND (to_at IS NULL OR to_at > $4::timestamptz)`

// EndDeputy ends the time of a deputy of that person's now. ErrNotFound: there is none, or it has ended.
func (s *Store) EndDeputy(ctx context.Context, forPerson, id, by string, now time.Time) error {
	return s.one(ctx, `
		UPDATE deputy SET to_at = greatest($3, from_at), ended_by = $4
		WHERE for_person = $1 AND id = $2 AND to_at > greatest($3, from_at)`, uuidOf(forPerson), uuidOf(id), now, by)
}

// lockPerson keeps the posts of a person as they are until the transaction ends. ErrNotFound: no such person, or one
// disabled.
func lockPerson(ctx context.Context, tx pgx.Tx, person string) error {
	var id string
	return tx.QueryRow(ctx, `SELECT id::text FROM person WHERE id = $1 AND disabled_at IS NULL FOR NO KEY UPDATE`, uuidOf(person)).Scan(&id)
}

func orNow(t, now time.Time) time.Time {
	if t.IsZero() {
		return now
	}
	return t
}

// Holder is a person who may act for a post.
type Holder struct {
	Person string
	Login  string
	Name   string
	Email  string
	For    string // name of the person deputised for; empty: the holder's own post
}

// HoldersOf gives who may act for each of the posts at that time, deputies included, disabled persons not. As with
// [Store.Session], a term that begins or ends by itself is noticed within a moment, all else at once.
func (s *Store) HoldersOf(ctx context.Context, posts []procedure.Post, at time.Time) (map[procedure.Post][]Holder, error) {
	all := map[procedure.Post][]Holder{}
	var missing []procedure.Post
	asked := 0
	for _, post := range posts {
		known, turn, ok := s.holders.get(post, at)
		if !ok {
			missing, asked = append(missing, post), turn
		} else if len(known) > 0 {
			all[post] = known
		}
	}
	if len(missing) == 0 {
		return all, nil
	}
	found, err := s.holdersOf(ctx, missing, at)
	if err != nil {
		return nil, err
	}
	for _, post := range missing {
		s.holders.put(post, found[post], at, asked)
	}
	maps.Copy(all, found)
	return all, nil
}

func (s *Store) holdersOf(ctx context.Context, posts []procedure.Post, at time.Time) (map[procedure.Post][]Holder, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT asked.post, p.id::text, p.login, p.name, coalesce(p.email, ''), coalesce(f.name, '')
		FROM unnest($1::text[]) AS asked(post) CROSS JOIN LATERAL acting_for(asked.post, $2) a
		JOIN person p ON p.id = a.person LEFT JOIN person f ON f.id = a.for_person
		ORDER BY asked.post, a.for_person NULLS FIRST, p.login`, distinct(names(posts)), at)
	if err != nil {
		return nil, classify(err)
	}
	holders := map[procedure.Post][]Holder{}
	var post procedure.Post
	var h Holder
	_, err = pgx.ForEachRow(rows, []any{&post, &h.Person, &h.Login, &h.Name, &h.Email, &h.For}, func() error {
		holders[post] = append(holders[post], h)
		return nil
	})
	return holders, classify(err)
}

// HeldPost is a post a person may act for, with what is said of it.
type HeldPost struct {
	Post         procedure.Post
	Title        string
	Unit         string
	UnitName     string
	Organisation string
	Oversees     bool
	For          string    // person deputised for; empty: the person's own post
	ForName      string    // that person's name
	Until        time.Time // zero: open
}

// PostsOf gives the posts a person may act for at that time, own ones first; the system's are left out.
func (s *Store) PostsOf(ctx context.Context, person string, at time.Time) ([]HeldPost, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT a.post, o.title, o.unit, u.name, u.organisation, u.oversees, coalesce(a.for_person::text, ''), coalesce(f.name, ''),
			nullif(a.to_at, 'infinity')
		FROM acting a JOIN post o USING (post) JOIN unit u ON u.id = o.unit LEFT JOIN person f ON f.id = a.for_person
		WHERE a.person = $1 AND a.from_at <= $2 AND a.to_at > $2 AND u.organisation <> 'system'
		ORDER BY a.for_person NULLS FIRST, u.place, o.place, a.post`, uuidOf(person), at)
	if err != nil {
		return nil, classify(err)
	}
	posts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (HeldPost, error) {
		var p HeldPost
		err := row.Scan(&p.Post, &p.Title, &p.Unit, &p.UnitName, &p.Organisation, &p.Oversees, &p.For, &p.ForName, instant{&p.Until})
		return p, err
	})
	return posts, classify(err)
}
