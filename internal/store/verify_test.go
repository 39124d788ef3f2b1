package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/internal/store/storetest"
)

// forge changes the record as only somebody with the database's own power can.
func forge(t *testing.T, s *store.Store, sql string, args ...any) {
	t.Helper()
	require.NoError(t, pgx.BeginFunc(t.Context(), s.Pool(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		tag, err := tx.Exec(t.Context(), sql, args...)
		assert.NotZero(t, tag.RowsAffected())
		return err
	}))
}

func TestVerifyNamesTheFirstBrokenLink(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want func(matter string, end int64) store.Break
	}{
		"one byte of an event": {`UPDATE event SET body = overlay(body::text placing '9' from strpos(body::text, '"at":"2') + 6 for 1)::json
			WHERE matter = $1 AND seq = 5`, func(m string, _ int64) store.Break { return store.Break{Matter: m, Seq: 5, Why: store.BreakChanged} }},
		"an event and its own hash": {`UPDATE event SET body = '{}', hash = sha256(hash) WHERE matter = $1 AND seq = 7`,
			func(m string, _ int64) store.Break { return store.Break{Matter: m, Seq: 7, Why: store.BreakChanged} }},
		"an event taken out": {`DELETE FROM event WHERE matter = $1 AND seq = 4`,
			func(m string, _ int64) store.Break { return store.Break{Matter: m, Seq: 4, Why: store.BreakMissing} }},
		"the first one taken out": {`DELETE FROM event WHERE matter = $1 AND seq = 1`,
			func(m string, _ int64) store.Break { return store.Break{Matter: m, Seq: 1, Why: store.BreakMissing} }},
		"the last ones taken out": {`DELETE FROM event WHERE matter = $1 AND seq > 8`,
			func(m string, _ int64) store.Break { return store.Break{Matter: m, Seq: 9, Why: store.BreakMissing} }},
		"all taken out": {`DELETE FROM event WHERE matter = $1`,
			func(m string, _ int64) store.Break { return store.Break{Matter: m, Seq: 1, Why: store.BreakMissing} }},
		"the end another": {`UPDATE matter SET hash = sha256(hash) WHERE id = $1`,
			func(m string, end int64) store.Break { return store.Break{Matter: m, Seq: end, Why: store.BreakEnd} }},
		"the specification": {`UPDATE matter SET spec = replace(spec::text, '起草中', '起草完')::json WHERE id = $1`,
			func(m string, _ int64) store.Break { return store.Break{Matter: m, Seq: 0, Why: store.BreakChanged} }},
	} {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(t)
			var stories []*story
			for range 3 {
				told := finished(t, newSpec("核验"))
				_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
				require.NoError(t, err)
				stories = append(stories, told)
			}
			broken, err := s.Verify(t.Context())
			require.NoError(t, err)
			require.Nil(t, broken)
			told := stories[1]
			forge(t, s, c.sql, told.spec.Matter)
			broken, err = s.Verify(t.Context())
			require.NoError(t, err)
			require.NotNil(t, broken)
			assert.Equal(t, c.want(told.spec.Matter, told.state.Seq), *broken)
		})
	}
}

func TestRecordsAreForEver(t *testing.T) {
	s := storetest.New(t)
	told := finished(t, newSpec("不改"))
	_, err := s.Record(t.Context(), store.Batch{Matter: told.spec.Matter, Spec: &told.spec, Events: told.events})
	require.NoError(t, err)
	require.NoError(t, s.Audit(t.Context(), store.AuditEntry{Action: "login"}))
	for _, table := range []string{"event", "audit"} {
		for _, sql := range []string{"DELETE FROM " + table, "TRUNCATE " + table, "UPDATE " + table + " SET " + map[string]string{"event": "seq = seq", "audit": "action = ''"}[table]} {
			_, err := s.Pool().Exec(t.Context(), sql)
			var refused *pgconn.PgError
			require.ErrorAs(t, err, &refused, sql)
			assert.Equal(t, "23001", refused.Code, sql)
		}
	}
}
