//go:build !linux

package storetest

import "syscall"

// childAttributes keeps the terminal's signals from the server: this process stops it.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
