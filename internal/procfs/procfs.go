// Package procfs asks Linux about the processes of this machine.
package procfs

import (
	"os"
	"path/filepath"
	"strconv"
)

// WorkingIn lists the processes whose working folder is the given one. All of PostgreSQL's have their cluster as theirs,
// so this tells a PostgreSQL left by an earlier run from a stranger that was given the same number.
func WorkingIn(folder string) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		// A process of somebody else, or one that has just ended, cannot be read and is none of ours.
		if where, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd")); err == nil && where == folder {
			found = append(found, pid)
		}
	}
	return found, nil
}
