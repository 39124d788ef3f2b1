//go:build !linux

package store

import "time"

// endUnanswered leaves it to the kernel's own limit.
func endUnanswered(uintptr, time.Duration) error { return nil }
