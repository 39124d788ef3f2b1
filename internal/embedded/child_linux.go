package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// childAttributes: a group of its own, and a fast shutdown (SIGINT) from the kernel should we be killed. The kernel
// sends it when the thread that made the child ends, so postmaster.run keeps that thread.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// processesIn lists the processes whose working folder is dir. All of PostgreSQL's have the cluster as theirs, so this
// tells a PostgreSQL left by an earlier run from a stranger that was given the same number.
func processesIn(dir string) ([]int, error) {
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
		if where, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd")); err == nil && where == dir {
			found = append(found, pid)
		}
	}
	return found, nil
}
