package embedded

import (
	"syscall"

	"duban/internal/procfs"
)

// childAttributes: a group of its own, and a fast shutdown (SIGINT) from the kernel should we be killed. The kernel
// sends it when the thread that made the child ends, so postmaster.run keeps that thread.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// processesIn lists the processes that run on a cluster.
func processesIn(cluster string) ([]int, error) { return procfs.WorkingIn(cluster) }
