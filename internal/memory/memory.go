// Package memory fits what duban keeps in memory to what the machine has.
package memory

import (
	"math"
	"os"
	"runtime/debug"
)

const (
	// garbage is the percentage of the memory in use that may become garbage before it is collected. At the usual 100,
	// collecting took a quarter of the processor time; memory is cheaper, as long as there is some.
	garbage = 300
	share   = 2 // one in so many parts of the machine's memory is duban's; PostgreSQL and the page cache have the rest

	matter     = 1 << 20 // bytes that one matter in a worker's memory takes, with its stacks and the garbage beside it
	mattersMax = 10_000
)

// Tune bounds what this process takes: garbage is collected late while there is memory, and in time when duban's share of
// it runs out. What the environment says (GOGC, GOMEMLIMIT) stays as it is.
func Tune() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(garbage)
	}
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(int64(min(Total()/share, math.MaxInt64))) //nolint:gosec // bounded in the same line
	}
}

// Matters is how many matters a worker keeps in memory. One that is not there has its history read again when it stirs.
func Matters() int { return fitting(Total()) }

func fitting(total uint64) int {
	return int(min(total/share/matter, mattersMax)) //nolint:gosec // bounded in the same line
}
