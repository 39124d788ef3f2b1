package store

import (
	"syscall"
	"time"
)

// userTimeout is TCP_USER_TIMEOUT, which the package syscall has no name for.
const userTimeout = 0x12

// endUnanswered ends a connection that leaves what was sent unacknowledged for so long; the kernel's own limit is a quarter
// of an hour.
func endUnanswered(fd uintptr, after time.Duration) error {
	return syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, userTimeout, int(after.Milliseconds()))
}
