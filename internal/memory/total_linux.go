package memory

import (
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Total is what this process may use in bytes: the machine's, or a container's limit when that is less.
func Total() uint64 {
	total := uint64(math.MaxUint64)
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err == nil {
		total = uint64(info.Totalram) * uint64(info.Unit) //nolint:unconvert // 32 bits wide on some machines
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
			total = min(total, limit)
		}
	}
	return min(total, 1<<40)
}
