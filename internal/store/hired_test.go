package store_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"duban/internal/procedure"
	"duban/internal/store"
)

// hired makes a person who holds a post from long ago, and gives the id [by] gives for the post's actor.
func hired(t *testing.T, s *store.Store, post procedure.Post, email string) string {
	t.Helper()
	id := by(post).Person
	for _, sql := range []string{
		`INSERT INTO organisation (key, title, place) VALUES ('city', '市', 1) ON CONFLICT DO NOTHING`,
		`INSERT INTO unit (id, organisation, name, kind, oversees, place) VALUES (split_part($1, '/', 1), 'city', $1, 'bureau', false, 1) ON CONFLICT DO NOTHING`,
		`INSERT INTO post (post, unit, role, title, place) VALUES ($1, split_part($1, '/', 1), split_part($1, '/', 2), $1, 1) ON CONFLICT DO NOTHING`,
	} {
		args := []any{string(post)}
		if !strings.Contains(sql, "$1") {
			args = nil
		}
		_, err := s.Pool().Exec(t.Context(), sql, args...)
		require.NoError(t, err)
	}
	_, err := s.Pool().Exec(t.Context(), `INSERT INTO person (id, login, name, email, created_at) VALUES ($1, $2, $3, NULLIF($4, ''), now())`,
		id, "p"+strings.ReplaceAll(uuid.NewString(), "-", ""), string(post), email)
	require.NoError(t, err)
	_, err = s.Pool().Exec(t.Context(), `INSERT INTO holding (person, post, from_at) VALUES ($1, $2, now() - interval '1 year')`, id, string(post))
	require.NoError(t, err)
	return id
}
