package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/identity"
	"duban/internal/procedure"
)

// sessionTouch is how exactly a session's last use is kept: writing it at every request would cost more than it tells.
const sessionTouch = time.Minute

// Session is a person's time at duban, from one place.
type Session struct {
	ID       string
	Person   string
	Created  time.Time
	LastSeen time.Time // to the minute
	Expires  time.Time // unless it is used again before
	Absolute time.Time // however it is used
	Address  string
	Agent    string
}

// Bearer is the person a session's token stands for, with what that person may act for at that moment.
type Bearer struct {
	identity.Actor
	Login       string
	PasswordSet time.Time
	Session     Session
}

const sessionColumns = `s.id::text, s.person::text, s.created, s.last_seen, s.expires_idle, s.expires_absolute, s.address, s.agent`

func (s *Session) columns() []any {
	return []any{&s.ID, &s.Person, &s.Created, &s.LastSeen, &s.Expires, &s.Absolute, &s.Address, &s.Agent}
}

// Session gives who bears the token now, in at most one query. ErrNotFound: nobody; it is unknown or has ended, or its
// person was disabled. A term of a post that begins or ends by itself is noticed within a moment, all else at once. The
// bearer is others' too: nobody changes its lists and maps.
func (s *Store) Session(ctx context.Context, token string, now time.Time) (Bearer, error) {
	digest, ok := identity.TokenDigest(token)
	if !ok {
		return Bearer{}, ErrNotFound
	}
	b, turn, ok := s.bearers.get(string(digest), now)
	if ok && now.Before(b.Session.Expires) && now.Before(b.Session.Absolute) {
		return b, nil
	}
	b, err := s.bearer(ctx, digest, now)
	if err == nil {
		s.bearers.put(string(digest), b, now, turn)
	}
	return b, err
}

func (s *Store) bearer(ctx context.Context, digest []byte, now time.Time) (Bearer, error) {
	rows, err := s.pool.Query(ctx, `
		WITH touched AS (
			UPDATE session SET last_seen = $2, expires_idle = least($2::timestamptz + idle, expires_absolute)
			WHERE token_hash = $1 AND ended_at IS NULL AND expires_idle > $2 AND expires_absolute > $2 AND last_seen <= $2::timestamptz - $3::interval
		)
		SELECT `+sessionColumns+`, p.login, p.name, p.password_set_at,
			coalesce(a.post, ''), coalesce(u.organisation, ''), coalesce(u.oversees, false), coalesce(f.name, '')
		FROM session s
		JOIN person p ON p.id = s.person AND p.disabled_at IS NULL
		LEFT JOIN LATERAL ( -- with the fence, this person's posts are looked up instead of everybody's being worked out
			SELECT post, for_person FROM acting WHERE person = s.person AND from_at <= $2 AND to_at > $2 OFFSET 0
		) a ON true
		LEFT JOIN post o ON o.post = a.post
		LEFT JOIN unit u ON u.id = o.unit
		LEFT JOIN person f ON f.id = a.for_person
		WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_idle > $2 AND s.expires_absolute > $2
		ORDER BY a.for_person NULLS FIRST, u.place, o.place, a.post`, digest, now, sessionTouch)
	if err != nil {
		return Bearer{}, classify(err)
	}
	var b Bearer
	var who procedure.Actor
	overseen := map[string]string{}
	var passwordSet *time.Time
	var post procedure.Post
	var organisation, deputised string
	var oversees bool
	into := append(b.Session.columns(), &b.Login, &who.Name, &passwordSet, &post, &organisation, &oversees, &deputised)
	_, err = pgx.ForEachRow(rows, into, func() error {
		if post == "" || who.Holds(post) { // held by oneself goes before deputised
			return nil
		}
		who.Posts = append(who.Posts, post)
		if deputised != "" {
			if who.Deputises == nil {
				who.Deputises = map[procedure.Post]string{}
			}
			who.Deputises[post] = deputised
		}
		if oversees {
			overseen[post.Unit()] = organisation
		}
		return nil
	})
	if err != nil {
		return Bearer{}, classify(err)
	}
	if b.Session.ID == "" {
		return Bearer{}, ErrNotFound
	}
	if passwordSet != nil {
		b.PasswordSet = *passwordSet
	}
	who.Person = b.Session.Person
	b.Actor = identity.NewActor(who, func(unit string) (string, bool) {
		organisation, ok := overseen[unit]
		return organisation, ok
	})
	return b, nil
}

// createSession opens a session under the profile's terms and gives its token, which is kept nowhere.
func createSession(ctx context.Context, tx pgx.Tx, person string, c Credentials, profile identity.Profile, now time.Time) (string, Session, error) {
	token, digest := identity.NewToken()
	var session Session
	err := tx.QueryRow(ctx, `
		INSERT INTO session AS s (token_hash, person, created, last_seen, idle, expires_idle, expires_absolute, address, agent)
		VALUES ($1, $2, $3::timestamptz, $3::timestamptz, $4::interval, $3::timestamptz + least($4::interval, $5::interval),
			$3::timestamptz + $5::interval, $6, left($7, 400))
		RETURNING `+sessionColumns,
		digest, person, now, profile.Idle, profile.Absolute, c.Address, c.Agent).Scan(session.columns()...)
	return token, session, err
}

// Sessions lists a person's sessions that are still good, latest first.
func (s *Store) Sessions(ctx context.Context, person string, now time.Time) ([]Session, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT `+sessionColumns+` FROM session s
		WHERE s.person = $1 AND s.ended_at IS NULL AND s.expires_idle > $2 AND s.expires_absolute > $2
		ORDER BY s.created DESC, s.id`, uuidOf(person), now)
	if err != nil {
		return nil, classify(err)
	}
	sessions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Session, error) {
		var session Session
		err := row.Scan(session.columns()...)
		return session, err
	})
	return sessions, classify(err)
}

// EndSession ends one of a person's sessions. ErrNotFound: the person has no such session that still runs.
func (s *Store) EndSession(ctx context.Context, person, id string, now time.Time) error {
	return s.one(ctx, `UPDATE session SET ended_at = $3 WHERE person = $1 AND id = $2 AND ended_at IS NULL`,
		uuidOf(person), uuidOf(id), now)
}

// endSessions ends all of a person's sessions but one (empty: all).
func endSessions(ctx context.Context, tx pgx.Tx, person, except string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE session SET ended_at = $3 WHERE person = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL`,
		uuidOf(person), uuidOf(except), now)
	return err
}
