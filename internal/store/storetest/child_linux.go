package storetest

import "syscall"

// childAttributes ties the server to this process: it ends with it even when this is killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT}
}
