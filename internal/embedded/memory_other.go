//go:build !linux

package embedded

// totalMemory is a modest guess: PostgreSQL works well with little.
func totalMemory() uint64 { return 4 << 30 }
