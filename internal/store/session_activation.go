package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/identity"
	"duban/internal/message"
	"duban/internal/procedure"
)

// activationTerm is how long a link waits to be used.
const activationTerm = 72 * time.Hour

// Activation is a one-time link by which a person sets a password: the token is told here and kept nowhere.
type Activation struct {
	Person  string
	Login   string
	Name    string
	Token   string
	Expires time.Time
}

// CreateActivation gives a person a link; one given before ends. ErrNotFound: no such person, or a disabled one.
func (s *Store) CreateActivation(ctx context.Context, person, by string, now time.Time) (a Activation, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		a, err = createActivation(ctx, tx, person, by, now)
		return err
	})
	return a, err
}

func createActivation(ctx context.Context, tx pgx.Tx, person, by string, now time.Time) (Activation, error) {
	a := Activation{Expires: now.Add(activationTerm)}
	var digest []byte
	a.Token, digest = identity.NewToken()
	// The person's row is locked, so that of two at once the second ends the first.
	err := tx.QueryRow(ctx, `SELECT id::text, login, name FROM person WHERE id = $1 AND disabled_at IS NULL FOR UPDATE`, uuidOf(person)).
		Scan(&a.Person, &a.Login, &a.Name)
	if err != nil {
		return Activation{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE activation SET ended_at = $2 WHERE person = $1 AND used_at IS NULL AND ended_at IS NULL`,
		a.Person, now); err != nil {
		return Activation{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO activation (token_hash, person, created, created_by, expires) VALUES ($1, $2, $3, $4, $5)`,
		digest, a.Person, now, by, a.Expires)
	return a, err
}

// Activate sets a person's password by a link, which is then used up, and ends the person's sessions. Refusals:
// activation-invalid, activation-expired, and the profile's own, after which the link is still good.
func (s *Store) Activate(ctx context.Context, hasher *identity.Hasher, profile identity.Profile, token, password string, now time.Time) error {
	invalid := &procedure.Refusal{Code: "activation-invalid"}
	digest, ok := identity.TokenDigest(token)
	if !ok {
		return invalid
	}
	var person, login, before string
	var expired bool
	err := s.pool.QueryRow(ctx, `
		SELECT p.id::text, p.login, coalesce(p.password, ''), a.expires <= $2 FROM activation a JOIN person p ON p.id = a.person
		WHERE a.token_hash = $1 AND a.used_at IS NULL AND a.ended_at IS NULL AND p.disabled_at IS NULL`,
		digest, now).Scan(&person, &login, &before, &expired)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return invalid
	case err != nil:
		return classify(err)
	case expired:
		return &procedure.Refusal{Code: "activation-expired"}
	}
	hash, err := s.newHash(ctx, hasher, profile, person, login, password)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(tx pgx.Tx) error {
		// The update decides who of two was first; the other finds the link used.
		tag, err := tx.Exec(ctx, `
			UPDATE activation SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND ended_at IS NULL`, digest, now)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return invalid
		}
		if err := setPassword(ctx, tx, person, before, hash, now); err != nil {
			return err
		}
		return endSessions(ctx, tx, person, "", now)
	})
}

// firstPersons are there from the first start on, one for each of the system's posts.
var firstPersons = []struct {
	login string
	post  procedure.Post
}{
	{"sysadmin", identity.PostAdministrator},
	{"secadmin", identity.PostSecurity},
	{"auditor", identity.PostAuditor},
}

// FirstStart enters the three administrators when nobody is entered yet, and gives links to those of them who never set
// a password: at every start, until each has used one, for the last ones may have been lost.
func (s *Store) FirstStart(ctx context.Context, now time.Time) ([]Activation, error) {
	var links []Activation
	err := s.transact(ctx, func(tx pgx.Tx) error {
		empty, err := lockPersons(ctx, tx)
		if err != nil {
			return err
		}
		for _, first := range firstPersons {
			if empty {
				if err := enterFirst(ctx, tx, first.login, first.post, "", now); err != nil {
					return err
				}
			}
			var person string
			err := tx.QueryRow(ctx, `
				SELECT p.id::text FROM person p JOIN acting a ON a.person = p.id
				WHERE p.login = $1 AND p.password IS NULL AND a.post = $2 AND a.from_at <= $3 AND a.to_at > $3`,
				first.login, first.post, now).Scan(&person)
			if errors.Is(err, pgx.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			link, err := createActivation(ctx, tx, person, "", now)
			if err != nil {
				return err
			}
			links = append(links, link)
		}
		return nil
	})
	return links, err
}

// lockPersons keeps others from entering persons until the transaction ends, and says whether there are none.
func lockPersons(ctx context.Context, tx pgx.Tx) (empty bool, err error) {
	if _, err := tx.Exec(ctx, `LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return false, err
	}
	err = tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM person)`).Scan(&empty)
	return empty, err
}

func enterFirst(ctx context.Context, tx pgx.Tx, login string, post procedure.Post, hash string, now time.Time) error {
	person, err := enter(ctx, tx, NewPerson{Login: login, Name: systemTitle(post)}, "", hash, now)
	if err != nil {
		return err
	}
	return hold(ctx, tx, person, post, now)
}

func systemTitle(post procedure.Post) string { return message.Text("identity."+post.Role(), nil) }
