//go:build !linux

package bench

import "time"

// processTime is not known here.
func processTime(int) time.Duration { return 0 }

// endedChildren is not known here.
func endedChildren(int) time.Duration { return 0 }

// memoryOf is not known here.
func memoryOf(int) int64 { return 0 }
