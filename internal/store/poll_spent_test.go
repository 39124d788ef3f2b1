package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"duban/internal/store/storetest"
)

// What is used is counted, each by itself, until some time after it ended.
func TestUsesAreCounted(t *testing.T) {
	s := storetest.New(t)
	spend := func(mark string, ends time.Duration, want int) {
		t.Helper()
		times, err := s.Spend(ctx, []byte(mark), time.Now().Add(ends))
		require.NoError(t, err)
		assert.Equal(t, want, times)
	}
	spend("a", time.Minute, 1)
	spend("a", time.Minute, 2)
	spend("b", -2*time.Hour, 1)
	spend("c", -time.Minute, 1)
	require.NoError(t, s.ForgetSpent(ctx))
	spend("a", time.Minute, 3)
	spend("b", time.Minute, 1)
	spend("c", time.Minute, 2)
}
