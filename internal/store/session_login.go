package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/identity"
	"duban/internal/procedure"
)

// Credentials are what somebody who logs in gives, and where from.
type Credentials struct {
	Login    string
	Password string
	Address  string // of the network, as far as it can be trusted
	Agent    string
}

// LogIn opens a session. It is two transactions around one hash, so that no connection waits for a processor: the first
// counts the attempt, the second clears it. Refusals: identity.Locked, or wrong-credentials, which does not tell which of login
// and password was wrong, whether the person was disabled, or never activated.
func (s *Store) LogIn(ctx context.Context, hasher *identity.Hasher, profile identity.Profile, c Credentials, now time.Time) (token string, session Session, err error) {
	account, err := s.attempt(ctx, c.Login, c.Address, now)
	if err != nil {
		return "", Session{}, err
	}
	right, err := hasher.Verify(ctx, account.hash, c.Password)
	if err != nil {
		return "", Session{}, err
	}
	if !right {
		return "", Session{}, &procedure.Refusal{Code: "wrong-credentials"}
	}
	err = s.transact(ctx, func(tx pgx.Tx) error {
		if err := clearFailures(ctx, tx, c.Login, c.Address, now); err != nil {
			return err
		}
		token, session, err = createSession(ctx, tx, account.person, c, profile, now)
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	return token, session, nil
}

// account is what a login leads to; without a hash nobody can log in by it.
type account struct {
	person string
	hash   string
}

// attempt counts an attempt to prove who one is, before it is checked: of many at once each is counted. identity.Locked:
// it is too soon, and not counted.
func (s *Store) attempt(ctx context.Context, login, address string, now time.Time) (account, error) {
	var a account
	var locked *identity.Locked
	err := s.transact(ctx, func(tx pgx.Tx) error {
		// One attempt on an account at a time; the text and not the row, for there may be no row.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 7))`, login); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT id::text, coalesce(password, '') FROM person WHERE login = $1 AND disabled_at IS NULL`, login).
			Scan(&a.person, &a.hash)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		failures, err := failuresOf(ctx, tx, a.person, login, address, now)
		if err != nil {
			return err
		}
		if until := failures.LockedUntil(now); !until.IsZero() {
			locked = &identity.Locked{Until: until}
			return nil
		}
		_, err = tx.Exec(ctx, `INSERT INTO login_failure (login, address, known, at) VALUES ($1, $2, $3, $4)`, login, address, failures.Known, now)
		return err
	})
	if err == nil && locked != nil {
		err = locked
	}
	return a, err
}

func failuresOf(ctx context.Context, tx pgx.Tx, person, login, address string, now time.Time) (identity.Failures, error) {
	var f identity.Failures
	var pairLast, accountLast *time.Time
	err := tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE address = $2), max(at) FILTER (WHERE address = $2),
			count(*) FILTER (WHERE NOT known AND at > $4), max(at) FILTER (WHERE NOT known AND at > $4),
			EXISTS (SELECT FROM session WHERE person = $5 AND address = $2 AND created > $6)
		FROM login_failure WHERE login = $1 AND at > $3 AND cleared_at IS NULL`,
		login, address, now.Add(-identity.FailuresForget), now.Add(-identity.FailuresHour), uuidOf(person), now.Add(-identity.AddressKnown)).
		Scan(&f.Pair, &pairLast, &f.Account, &accountLast, &f.Known)
	if pairLast != nil {
		f.PairLast = *pairLast
	}
	if accountLast != nil {
		f.AccountLast = *accountLast
	}
	return f, err
}

func clearFailures(ctx context.Context, tx pgx.Tx, login, address string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE login_failure SET cleared_at = $3 WHERE login = $1 AND address = $2 AND cleared_at IS NULL`, login, address, now)
	return err
}

// Unlock hears a person's attempts again at once, from everywhere.
func (s *Store) Unlock(ctx context.Context, person string, now time.Time) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE login_failure f SET cleared_at = $2 FROM person p
		WHERE p.id = $1 AND f.login = p.login AND f.cleared_at IS NULL`, uuidOf(person), now)
	return classify(err)
}

// PasswordChange is a person's change of password: Session is the one it is made in, which stays; all others end.
type PasswordChange struct {
	Person   string
	Session  string
	Address  string
	Current  string
	Password string
}

// ChangePassword changes a person's password. Refusals: identity.Locked, password-wrong, and the profile's own.
func (s *Store) ChangePassword(ctx context.Context, hasher *identity.Hasher, profile identity.Profile, c PasswordChange, now time.Time) error {
	var login string
	err := s.pool.QueryRow(ctx, `SELECT login FROM person WHERE id = $1`, uuidOf(c.Person)).Scan(&login)
	if err != nil {
		return classify(err)
	}
	before, err := s.attempt(ctx, login, c.Address, now)
	if err != nil {
		return err
	}
	right, err := hasher.Verify(ctx, before.hash, c.Current)
	if err != nil {
		return err
	}
	if !right {
		return &procedure.Refusal{Code: "password-wrong", Input: true}
	}
	err = s.transact(ctx, func(tx pgx.Tx) error { return clearFailures(ctx, tx, login, c.Address, now) })
	if err != nil {
		return err
	}
	hash, err := s.newHash(ctx, hasher, profile, c.Person, login, c.Password)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := setPassword(ctx, tx, c.Person, before.hash, hash, now); err != nil {
			return err
		}
		return endSessions(ctx, tx, c.Person, c.Session, now)
	})
}

// newHash hashes a new password if the profile and the person's last ones let it be.
func (s *Store) newHash(ctx context.Context, hasher *identity.Hasher, profile identity.Profile, person, login, password string) (string, error) {
	if refusal := profile.Check(password, login); refusal != nil {
		return "", refusal
	}
	rows, err := s.pool.Query(ctx, `SELECT password FROM password_history WHERE person = $1 ORDER BY set_at DESC LIMIT $2`,
		uuidOf(person), profile.History)
	if err != nil {
		return "", classify(err)
	}
	last, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", classify(err)
	}
	for _, hash := range last {
		same, err := hasher.Verify(ctx, hash, password)
		if err != nil {
			return "", err
		}
		if same {
			return "", &procedure.Refusal{Code: "password-used", Args: map[string]any{"history": profile.History}, Input: true}
		}
	}
	return hasher.Hash(ctx, password)
}

// setPassword sets a person's password, unless it changed since before was read: request-in-progress.
func setPassword(ctx context.Context, tx pgx.Tx, person, before, hash string, now time.Time) error {
	tag, err := tx.Exec(ctx, `
		UPDATE person SET password = $3, password_set_at = $4
		WHERE id = $1 AND coalesce(password, '') = $2 AND disabled_at IS NULL`, uuidOf(person), before, hash, now)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return &procedure.Refusal{Code: "request-in-progress"}
	}
	_, err = tx.Exec(ctx, `INSERT INTO password_history (person, set_at, password) VALUES ($1, $2, $3)`, uuidOf(person), now, hash)
	return err
}
