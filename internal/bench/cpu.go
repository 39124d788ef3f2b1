package bench

import (
	"context"
	"syscall"
	"time"
)

// cpu is processor time: of this process (the server, Temporal and the load itself) and of PostgreSQL.
type cpu struct{ process, database time.Duration }

func (c cpu) minus(o cpu) cpu { return cpu{c.process - o.process, c.database - o.database} }

func (c cpu) plus(o cpu) cpu { return cpu{c.process + o.process, c.database + o.database} }

// usage is the processor time spent so far. What PostgreSQL's processes took, those that have ended too, is known on
// Linux only.
func (b *bench) usage(ctx context.Context) cpu {
	var own syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &own) != nil {
		return cpu{}
	}
	c := cpu{process: time.Duration(own.Utime.Nano() + own.Stime.Nano())}
	rows, err := b.Store.Pool().Query(ctx, `SELECT pid, pid = pg_backend_pid() FROM pg_stat_activity`)
	if err != nil {
		return c
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		var own bool
		if rows.Scan(&pid, &own) == nil {
			c.database += processTime(pid)
			if own {
				c.database += endedChildren(pid)
			}
		}
	}
	return c
}

// peak is the most memory this process has had so far, in MB; the unit in which it is told is Linux'.
func peak() int64 {
	var own syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &own) != nil {
		return 0
	}
	return own.Maxrss >> 10
}
