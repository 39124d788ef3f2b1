package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/identity"
	"duban/internal/procedure"
)

// tellAdministrators tells, once for a cause, whoever holds an administrator's post of what another began and is theirs to
// finish: in the application, and by mail if there is an address. Args get by, the other's name.
func tellAdministrators(ctx context.Context, tx pgx.Tx, post procedure.Post, kind, cause, by string, args map[string]any) error {
	told, err := json.Marshal(args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO notification (cause, person, channel, kind, args)
		SELECT $1, a.person, c.channel, $2, $3::jsonb || jsonb_build_object('by', COALESCE((SELECT name FROM person WHERE id::text = $5), ''))
		FROM acting_for($4, now()) a JOIN person p ON p.id = a.person CROSS JOIN (VALUES ('inapp'), ('mail')) c(channel)
		WHERE a.person::text <> $5 AND (c.channel = 'inapp' OR p.email <> '') ON CONFLICT DO NOTHING`,
		cause, kind, told, string(post), by)
	return err
}

// tellDeparted tells the system administrators of a person who has left all posts and may still log in.
func tellDeparted(ctx context.Context, tx pgx.Tx, person, by string, now time.Time) error {
	var name string
	err := tx.QueryRow(ctx, `SELECT name FROM person WHERE id = $1 AND disabled_at IS NULL`, person).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return tellAdministrators(ctx, tx, identity.PostAdministrator, TellDeparted, "departed/"+person+"/"+now.UTC().Format(time.RFC3339Nano), by,
		map[string]any{"name": name})
}

// tellDisabled tells the security administrators, once for each time a person is barred, of one who still holds posts.
func tellDisabled(ctx context.Context, tx pgx.Tx, person, by string, now time.Time) error {
	var name string
	var since time.Time
	var posts int
	err := tx.QueryRow(ctx, `SELECT name, disabled_at, (SELECT count(*) FROM holding WHERE person = p.id AND (to_at IS NULL OR to_at > $2))
		FROM person p WHERE id = $1`, person, now).Scan(&name, &since, &posts)
	if err != nil || posts == 0 {
		return err
	}
	return tellAdministrators(ctx, tx, identity.PostSecurity, TellDisabled, "disabled/"+person+"/"+since.UTC().Format(time.RFC3339Nano), by,
		map[string]any{"name": name, "posts": posts})
}
