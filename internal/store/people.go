package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"duban/internal/identity"
	"duban/internal/procedure"
)

// Person is somebody known to duban.
type Person struct {
	ID          string
	Login       string
	Name        string
	Email       string
	Phone       string
	Created     time.Time
	PasswordSet time.Time // zero: has not used the activation link yet
	Disabled    time.Time // zero: is not
	Holdings    []Holding // past ones included, latest first
	Deputies    []Deputy  // who act for this person, likewise
}

// Active says whether the person can log in.
func (p Person) Active() bool { return !p.PasswordSet.IsZero() && p.Disabled.IsZero() }

// Holding is a post a person holds from a time on, and until one, if it is known.
type Holding struct {
	ID    string
	Post  procedure.Post
	Title string
	From  time.Time
	To    time.Time // zero: open
}

// At says whether the holding stands at that time.
func (h Holding) At(t time.Time) bool {
	return !t.Before(h.From) && (h.To.IsZero() || t.Before(h.To))
}

// Ends reports whether the holding would end later than at that time: it stands, or is still to come.
func (h Holding) Ends(t time.Time) bool { return h.To.IsZero() || h.To.After(t) && h.To.After(h.From) }

// Deputy acts for a person in one of that person's posts for a time.
type Deputy struct {
	ID     string
	Post   procedure.Post
	Title  string
	Person string // who acts
	Name   string
	For    string // who holds the post
	From   time.Time
	To     time.Time
	Reason string
}

// NewPerson is a person to enter.
type NewPerson struct {
	Login string
	Name  string
	Email string
	Phone string
}

// CreatePerson enters a person and gives the link by which that person sets a password. Refusals: login-taken,
// login-form.
func (s *Store) CreatePerson(ctx context.Context, p NewPerson, by string, now time.Time) (a Activation, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		person, err := enter(ctx, tx, p, by, "", now)
		if err != nil {
			return err
		}
		a, err = createActivation(ctx, tx, person, by, now)
		return err
	})
	return a, violated(err)
}

func enter(ctx context.Context, tx pgx.Tx, p NewPerson, by, hash string, now time.Time) (id string, err error) {
	err = tx.QueryRow(ctx, `
		WITH entered AS (
			INSERT INTO person (login, name, email, phone, created_at, created_by, password, password_set_at)
			VALUES ($1, $2, nullif($3, ''), nullif($4, ''), $5::timestamptz, $6, nullif($7, ''), CASE WHEN $7 <> '' THEN $5::timestamptz END)
			RETURNING id, password
		), remembered AS (
			INSERT INTO password_history (person, set_at, password) SELECT id, $5::timestamptz, password FROM entered WHERE password IS NOT NULL
		)
		SELECT id::text FROM entered`, p.Login, p.Name, p.Email, p.Phone, now, by, hash).Scan(&id)
	return id, err
}

// SetDisabled bars a person from now on, which ends the sessions, or lets the person in again. Posts stay as they are,
// and the security administrators, whose they are, are told of them. ErrNotFound: no such person. Refusal: last-administrator.
func (s *Store) SetDisabled(ctx context.Context, person string, disabled bool, by string, now time.Time) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE person SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, $3) END, disabled_by = $4 WHERE id = $1`,
			uuidOf(person), disabled, now, by)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		if !disabled {
			return nil
		}
		if err := leaveAdministered(ctx, tx, person, now); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, person, "", now); err != nil {
			return err
		}
		return tellDisabled(ctx, tx, person, by, now)
	})
}

// Person gives a person. ErrNotFound: there is none.
func (s *Store) Person(ctx context.Context, id string) (Person, error) {
	persons, err := s.persons(ctx, `WHERE p.id = $1`, uuidOf(id))
	if err == nil && len(persons) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Person{}, err
	}
	return persons[0], nil
}

// Persons lists persons by login, after that login (empty: from the start), whose name or login contains the text.
func (s *Store) Persons(ctx context.Context, text, after string, limit int) ([]Person, error) {
	return s.persons(ctx, `
		WHERE p.login > $1 AND ($2 = '' OR strpos(p.login, lower($2)) > 0 OR strpos(p.name, $2) > 0)
		ORDER BY p.login LIMIT $3`, after, text, limit)
}

func (s *Store) persons(ctx context.Context, where string, args ...any) (persons []Person, err error) {
	err = s.transact(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT p.id::text, p.login, p.name, coalesce(p.email, ''), coalesce(p.phone, ''), p.created_at, p.password_set_at, p.disabled_at
			FROM person p `+where, args...)
		if err != nil {
			return err
		}
		persons, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Person, error) {
			var p Person
			err := row.Scan(&p.ID, &p.Login, &p.Name, &p.Email, &p.Phone, &p.Created, instant{&p.PasswordSet}, instant{&p.Disabled})
			return p, err
		})
		if err != nil {
			return err
		}
		return stand(ctx, tx, persons)
	})
	return persons, err
}

// stand fills in the persons' posts and deputies.
func stand(ctx context.Context, tx pgx.Tx, persons []Person) error {
	ids := make([]string, len(persons))
	at := map[string]*Person{}
	for i := range persons {
		ids[i] = persons[i].ID
		at[ids[i]] = &persons[i]
	}
	rows, err := tx.Query(ctx, `
		SELECT h.person::text, h.id::text, h.post, o.title, h.from_at, h.to_at FROM holding h JOIN post o USING (post)
		WHERE h.person = ANY($1::uuid[]) ORDER BY h.from_at DESC, h.post`, ids)
	if err != nil {
		return err
	}
	var person string
	var h Holding
	_, err = pgx.ForEachRow(rows, []any{&person, &h.ID, &h.Post, &h.Title, &h.From, instant{&h.To}}, func() error {
		if h.Post.Unit() == identity.SystemUnit {
			h.Title = systemTitle(h.Post)
		}
		at[person].Holdings = append(at[person].Holdings, h)
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `
		SELECT d.id::text, d.post, o.title, d.person::text, p.name, d.for_person::text, d.from_at, d.to_at, d.reason
		FROM deputy d JOIN post o USING (post) JOIN person p ON p.id = d.person
		WHERE d.for_person = ANY($1::uuid[]) ORDER BY d.from_at DESC, d.post`, ids)
	if err != nil {
		return err
	}
	var d Deputy
	_, err = pgx.ForEachRow(rows, []any{&d.ID, &d.Post, &d.Title, &d.Person, &d.Name, &d.For, &d.From, &d.To, &d.Reason}, func() error {
		at[d.For].Deputies = append(at[d.For].Deputies, d)
		return nil
	})
	return err
}

// uuidOf gives an id as the database takes it: one that is none is like one nobody has.
func uuidOf(id string) any {
	if parsed, err := uuid.Parse(id); err == nil {
		return parsed.String()
	}
	return nil
}

// one executes what must change exactly one row, after which who bears a session is asked again. ErrNotFound: it changed
// none.
func (s *Store) one(ctx context.Context, sql string, args ...any) error {
	defer s.forgetPeople()
	tag, err := s.pool.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	return classify(err)
}

// violated turns the violation of a constraint that speaks of people into the answer it stands for.
func violated(err error) error {
	var violation *pgconn.PgError
	if !errors.As(err, &violation) {
		return err
	}
	code, ok := map[string]string{
		"person_login":      "login-taken",
		"person_login_form": "login-form",
		"holding_post":      "unknown-post",
		"holding_term":      "bad-period",
		"holding_once":      "holding-overlaps",
		"holding_alone":     "system-post-conflict",
		"deputy_post":       "unknown-post",
		"deputy_term":       "bad-period",
		"deputy_bounded":    "deputy-too-long",
		"deputy_other":      "deputy-self",
		"deputy_no_system":  "system-post-no-deputy",
		"deputy_once":       "deputy-overlaps",
	}[violation.ConstraintName]
	if !ok {
		return err
	}
	return &procedure.Refusal{Code: code, Input: true}
}
