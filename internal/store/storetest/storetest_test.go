package storetest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	abandoned, err := os.MkdirTemp("", "duban-test-")
	require.NoError(t, err)
	defer os.RemoveAll(abandoned)
	require.NoError(t, os.WriteFile(filepath.Join(abandoned, "lock"), nil, 0o600))
	require.NoError(t, os.Chtimes(abandoned, time.Time{}, time.Now().Add(-time.Hour)))

	one, other := storetest.New(t), storetest.New(t)
	_, err = one.Pool().Exec(t.Context(), `INSERT INTO audit (person, action, object, outcome, address, details) VALUES ('', 'x', '', '', '', '{}')`)
	require.NoError(t, err)
	var count int
	require.NoError(t, other.Pool().QueryRow(t.Context(), `SELECT count(*) FROM audit`).Scan(&count))
	assert.Zero(t, count)
	have, need, err := other.SchemaVersion(t.Context())
	require.NoError(t, err)
	assert.Equal(t, need, have)

	if os.Getenv("DUBAN_TEST_DATABASE_URL") == "" {
		_, err = os.Stat(abandoned)
		assert.ErrorIs(t, err, os.ErrNotExist, "what a killed test left behind is removed")
	}
}
