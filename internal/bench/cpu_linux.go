package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor time in /proc: Linux shows hundredths of a second on every architecture.
const tick = 10 * time.Millisecond

// processTime is the processor time a process took so far; zero when it is gone.
func processTime(pid int) time.Duration {
	return sum(statOf(pid), 11)
}

// endedChildren is what those children of a process took that have ended: of the server's, sessions that are over.
func endedChildren(session int) time.Duration {
	fields := statOf(session)
	if len(fields) < 2 {
		return 0
	}
	server, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return sum(statOf(server), 13)
}

// statOf are a process' figures, from its state on; none when it is gone.
func statOf(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	// The name stands in parentheses and may hold anything; user and system time are the 12th and 13th after it, and those
	// of its children that have ended the next two.
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}

func sum(fields []string, at int) time.Duration {
	if len(fields) < at+2 {
		return 0
	}
	user, errUser := strconv.Atoi(fields[at])
	system, errSystem := strconv.Atoi(fields[at+1])
	if errUser != nil || errSystem != nil {
		return 0
	}
	return time.Duration(user+system) * tick
}

// memoryOf is the most memory a process has had so far, in MB; zero when it is gone.
func memoryOf(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes >> 10
}
