package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/procedure"
)

// LeftPost is a post a person would leave, and what waits on it.
type LeftPost struct {
	Post    procedure.Post
	Title   string
	Waiting int
	Overdue int
	Claimed int      // of those waiting, by the person
	Others  []Holder // who hold it too
}

// Departure is what a person would leave behind.
type Departure struct {
	Posts    []LeftPost
	Deputies []LeftDeputy // of and by the person, whose time has not ended
}

// LeftDeputy is a deputy whose time would end.
type LeftDeputy struct {
	Title   string // of the post
	Person  string // who acts
	Name    string
	For     string // who holds the post
	ForName string
	To      time.Time
}

// Departure says what a person would leave behind if all posts ended now. ErrNotFound: no such person.
func (s *Store) Departure(ctx context.Context, person string, now time.Time) (d Departure, err error) {
	p, err := s.Person(ctx, person)
	if err != nil {
		return d, err
	}
	for _, h := range p.Holdings {
		if h.Ends(now) {
			d.Posts = append(d.Posts, LeftPost{Post: h.Post, Title: h.Title})
		}
	}
	posts := make([]procedure.Post, len(d.Posts))
	for i, left := range d.Posts {
		posts[i] = left.Post
	}
	err = s.transact(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT post, count(*), count(*) FILTER (WHERE red_at <= now()), count(*) FILTER (WHERE claimed = $2) FROM assignment
			WHERE post = ANY($1) AND closed IS NULL AND NOT waits GROUP BY post`, names(posts), person)
		if err != nil {
			return err
		}
		var post procedure.Post
		var waiting, overdue, claimed int
		_, err = pgx.ForEachRow(rows, []any{&post, &waiting, &overdue, &claimed}, func() error {
			i := slices.Index(posts, post)
			d.Posts[i].Waiting, d.Posts[i].Overdue, d.Posts[i].Claimed = waiting, overdue, claimed
			return nil
		})
		if err != nil {
			return err
		}
		d.Deputies, err = deputiesAround(ctx, tx, person, now)
		return err
	})
	if err != nil {
		return d, err
	}
	holders, err := s.HoldersOf(ctx, posts, now)
	for i := range d.Posts {
		d.Posts[i].Others = slices.DeleteFunc(holders[d.Posts[i].Post], func(h Holder) bool { return h.Person == person || h.For != "" })
	}
	return d, err
}

// deputiesAround lists who acts for a person, and for whom the person acts, from now on.
func deputiesAround(ctx context.Context, tx pgx.Tx, person string, now time.Time) ([]LeftDeputy, error) {
	rows, err := tx.Query(ctx, `
		SELECT o.title, d.person::text, p.name, d.for_person::text, f.name, d.to_at
		FROM deputy d JOIN post o USING (post) JOIN person p ON p.id = d.person JOIN person f ON f.id = d.for_person
		WHERE $1::uuid IN (d.person, d.for_person) AND d.to_at > greatest($2::timestamptz, d.from_at) ORDER BY d.from_at, d.post`, uuidOf(person), now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[LeftDeputy])
}

// Depart ends all of a person's posts now and gives each to its successor, by post; a post without one is left to who
// holds it too, or vacant. To-dos wait on posts, so they go along. Deputies of and by the person end. The system
// administrators, whose the account is, are told. ErrNotFound: no such person. Refusals: departure-no-posts,
// successor-self, successor-not-left, last-administrator, and those of [Store.Assign].
func (s *Store) Depart(ctx context.Context, person string, successors map[procedure.Post]string, by string, now time.Time) error {
	err := s.transact(ctx, func(tx pgx.Tx) error {
		var id string
		if err := tx.QueryRow(ctx, `SELECT id::text FROM person WHERE id = $1 FOR NO KEY UPDATE`, uuidOf(person)).Scan(&id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			UPDATE holding SET to_at = greatest($2::timestamptz, from_at), ended_by = $3
			WHERE person = $1 AND (to_at IS NULL OR to_at > greatest($2::timestamptz, from_at)) RETURNING post`, id, now, by)
		if err != nil {
			return err
		}
		left, err := pgx.CollectRows(rows, pgx.RowTo[procedure.Post])
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return &procedure.Refusal{Code: "departure-no-posts"}
		}
		if _, err := tx.Exec(ctx, `
			UPDATE deputy SET to_at = greatest($2::timestamptz, from_at), ended_by = $3
			WHERE $1::uuid IN (person, for_person) AND to_at > greatest($2::timestamptz, from_at)`, id, now, by); err != nil {
			return err
		}
		for _, post := range slices.Sorted(maps.Keys(successors)) { // always in one order, lest two at once wait on each other
			successor := successors[post]
			if !slices.Contains(left, post) {
				return &procedure.Refusal{Code: "successor-not-left", Input: true, Args: map[string]any{"post": string(post)}}
			}
			if err := succeed(ctx, tx, id, successor, post, by, now); err != nil {
				return err
			}
		}
		if err := leaveAdministered(ctx, tx, id, now); err != nil {
			return err
		}
		return tellDeparted(ctx, tx, id, by, now)
	})
	return violated(err)
}

// succeed gives a left post to who follows, unless that person holds it already.
func succeed(ctx context.Context, tx pgx.Tx, left, successor string, post procedure.Post, by string, now time.Time) error {
	if left == successor {
		return &procedure.Refusal{Code: "successor-self", Input: true}
	}
	if err := lockPerson(ctx, tx, successor); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO holding (person, post, from_at, assigned_by) SELECT $1::uuid, $2::text, $3::timestamptz, $4
		WHERE NOT EXISTS (SELECT FROM holding WHERE person = $1 AND post = $2 AND from_at <= $3 AND (to_at IS NULL OR to_at > $3))`,
		successor, post, now, by)
	return err
}

// UpdatePerson corrects a person's name and mail address. ErrNotFound: no such person.
func (s *Store) UpdatePerson(ctx context.Context, person, name, email string) error {
	return s.one(ctx, `UPDATE person SET name = $2, email = nullif($3, '') WHERE id = $1`, uuidOf(person), name, email)
}
