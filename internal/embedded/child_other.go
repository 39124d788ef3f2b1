//go:build !linux

package embedded

import (
	"errors"
	"io/fs"
	"syscall"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// processesIn knows here only what PostgreSQL itself wrote down, and believes it while such a process lives.
func processesIn(dir string) ([]int, error) {
	pid, err := recordedPID(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if syscall.Kill(pid, 0) != nil {
		return nil, nil
	}
	return []int{pid}, nil
}
