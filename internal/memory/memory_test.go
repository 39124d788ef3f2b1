package memory

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTotal(t *testing.T) {
	require.Greater(t, Total(), uint64(64<<20))
}

func TestTuneLeavesWhatTheEnvironmentSays(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) })
	for _, c := range []struct {
		name    string
		env     map[string]string
		percent int
		limit   int64
	}{
		{"nothing said", nil, garbage, int64(Total() / share)},
		{"both said", map[string]string{"GOGC": "50", "GOMEMLIMIT": "1GiB"}, 100, math.MaxInt64},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			debug.SetGCPercent(100)
			debug.SetMemoryLimit(math.MaxInt64)
			Tune()
			require.Equal(t, c.percent, debug.SetGCPercent(100))
			require.Equal(t, c.limit, debug.SetMemoryLimit(-1))
		})
	}
}

func TestFitting(t *testing.T) {
	for total, want := range map[uint64]int{1 << 30: 512, 8 << 30: 4096, 64 << 30: mattersMax} {
		require.Equal(t, want, fitting(total))
	}
}
