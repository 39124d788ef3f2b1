// Package disk asks how much room is left, and tells of an error whether there was none.
package disk

import (
	"errors"
	"syscall"
)

// Free is what an unprivileged process may still write on the disk that holds path, in bytes.
func Free(path string) (uint64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return 0, err
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}

// Full reports whether an error says that there was no room: the disk is full, or the account's quota is used up.
func Full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
