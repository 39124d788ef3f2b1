package embedded

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"duban/internal/loopback"
)

// maxSocketPath is what a socket's address holds on every system (104 bytes on the smallest), less PostgreSQL's file name.
const maxSocketPath = 104 - len("/.s.PGSQL.65535") - 1

// postmaster is the running PostgreSQL.
type postmaster struct {
	port   int
	socket string // folder of the socket; empty when its path is too long, then loopback TCP is used
	cmd    *exec.Cmd
	log    string
	logged int64 // length of the log before this start
	exited chan struct{}
	ended  error // how it ended; to be read after exited
}

// startPostgres brings the cluster in the folder up, making it first if need be.
func startPostgres(ctx context.Context, o Options, f *folder, a account) (_ *postmaster, err error) {
	for _, path := range []string{f.postgres(), f.socket(), filepath.Dir(f.logFile())} {
		if err := a.own(path); err != nil {
			return nil, err
		}
	}
	programs, err := programsFor(ctx, f.cluster(), o.PostgresPrograms)
	if err != nil {
		return nil, err
	}
	if err := a.reaches(f.postgres(), programs.path("postgres")); err != nil {
		return nil, err
	}
	if err := endOrphan(ctx, f.cluster(), o.Log); err != nil {
		return nil, err
	}
	listen := &port{use: "PostgreSQL", setting: "DUBAN_POSTGRES_PORT", number: o.PostgresPort}
	if err := claim(ctx, listen); err != nil {
		return nil, err
	}
	if err := initCluster(ctx, f, a, programs); err != nil {
		return nil, err
	}
	if err := a.adopt(f.cluster()); err != nil {
		return nil, err
	}
	if err := writeSettings(f, a); err != nil {
		return nil, err
	}

	p := &postmaster{port: listen.number, log: f.logFile(), exited: make(chan struct{})}
	if len(f.socket()) <= maxSocketPath {
		p.socket = f.socket()
	}
	p.cmd = a.command(f.cluster(), programs.path("postgres"), "-D", f.cluster(),
		"-c", "listen_addresses="+loopback.Host, "-c", "port="+strconv.Itoa(p.port),
		"-c", "unix_socket_directories="+p.socket, "-c", "unix_socket_permissions=0700",
		// Safety is not for tuning: an acknowledged action is on the disk.
		"-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on")
	if err := p.run(a); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.stop(context.WithoutCancel(ctx)))
		}
	}()
	if err := p.ready(ctx, f, o); err != nil {
		return nil, err
	}
	if err := provision(ctx, p, f); err != nil {
		return nil, err
	}
	o.Log.Info("PostgreSQL is ready", slog.String("version", programs.Version), slog.Int("port", p.port))
	return p, nil
}

// url is a connection string for one of the cluster's databases. The socket saves a tenth to a fifth of the time of a
// short statement; the address stays in the string for whoever wants TCP.
func (p *postmaster) url(role, password, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, password),
		Host: loopback.Address(p.port), Path: "/" + database,
	}
	query := url.Values{"sslmode": {"disable"}}
	if p.socket != "" {
		query.Set("host", p.socket)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// run starts the program and keeps the thread that started it until it has ended (see childAttributes).
func (p *postmaster) run(a account) error {
	log, err := openLog(p.log, a)
	if err != nil {
		return err
	}
	defer log.Close()
	if p.logged, err = log.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.ended = p.cmd.Wait()
			close(p.exited)
		}
	}()
	return <-started
}

// openLog appends to the server's log and puts a long one aside.
func openLog(name string, a account) (*os.File, error) {
	if info, err := os.Stat(name); err == nil && info.Size() > 16<<20 {
		if err := os.Rename(name, name+".old"); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if a.switched() {
		err = file.Chown(int(a.uid), int(a.gid))
	}
	return file, err
}

// ready waits until the server takes connections: at once as a rule, longer when it recovers after a crash.
func (p *postmaster) ready(ctx context.Context, f *folder, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, postgresStartLimit)
	defer cancel()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := pgx.Connect(ctx, p.url(superuser, f.credentials.Superuser, "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		if hasCode(err, wrongPassword, wrongAccount) {
			return fault(PostgresPassword, facts{"path": f.path}, err,
				"the cluster in %s does not accept the password in its credentials.json", f.path)
		}
		select {
		case <-p.exited:
			return p.exitFault(f.path, o.Reserve)
		case <-ctx.Done():
			return fault(PostgresFailed, facts{"log": p.lastWords()}, errors.Join(ctx.Err(), err),
				"PostgreSQL did not become ready; its log %s ends: %s", p.log, p.lastWords())
		case <-again.C:
		}
	}
}

// exitFault says why the server ended, once it has: a full disk by the disk, everything else by its own last words.
func (p *postmaster) exitFault(path string, reserve uint64) error {
	// PostgreSQL stops when it cannot write its log ahead (16 MiB at a time).
	if err := checkSpace(path, min(reserve, 32<<20)); err != nil {
		return err
	}
	return fault(PostgresFailed, facts{"log": p.lastWords()}, p.ended,
		"PostgreSQL ended by itself; its log %s ends: %s", p.log, p.lastWords())
}

// lastWords are the last lines this run wrote to the log.
func (p *postmaster) lastWords() string {
	text, err := os.ReadFile(p.log)
	if err != nil || int64(len(text)) < p.logged {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text[p.logged:])), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// stop asks for a fast shutdown, which ends sessions and writes a checkpoint, and when ctx ends first for an immediate
// one, after which the next start replays the log.
func (p *postmaster) stop(ctx context.Context) error {
	select {
	case <-p.exited:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
	}
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.exited // an immediate shutdown kills its own stragglers after five seconds
	return nil
}

// recordedPID is the process PostgreSQL noted as the one that serves the cluster.
func recordedPID(cluster string) (int, error) {
	text, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

// endOrphan shuts down a PostgreSQL that outlived the duban that started it. We hold the folder's lock, so no other
// duban uses it. With nothing left that serves the cluster, a leftover postmaster.pid is removed: PostgreSQL would
// otherwise refuse to start when its number has since gone to another process of the same account.
func endOrphan(ctx context.Context, cluster string, log *slog.Logger) error {
	for _, step := range []struct {
		signal  syscall.Signal
		patient time.Duration
	}{
		{syscall.SIGINT, 60 * time.Second},  // fast: may still be writing its checkpoint
		{syscall.SIGQUIT, 10 * time.Second}, // immediate: safe too, recovery follows
	} {
		left, err := processesIn(cluster)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			break
		}
		log.Warn("ending a PostgreSQL left by an earlier run", slog.Any("processes", left))
		if err := signalPostmaster(cluster, left, step.signal); err != nil {
			return err
		}
		if err := awaitNone(ctx, cluster, step.patient); err != nil {
			return err
		}
	}
	left, err := processesIn(cluster)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fault(PostgresOrphan, facts{"processes": left}, nil,
			"a PostgreSQL of an earlier run does not end (processes %v)", left)
	}
	if err := os.Remove(filepath.Join(cluster, "postmaster.pid")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// signalPostmaster tells the parent of the processes. When it is gone already its children notice and end by themselves.
func signalPostmaster(cluster string, processes []int, s syscall.Signal) error {
	pid, err := recordedPID(cluster)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range processes {
		if p == pid {
			if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
		}
	}
	return nil
}

// awaitNone returns when no process serves the cluster any more, or when patience is at its end.
func awaitNone(ctx context.Context, cluster string, patience time.Duration) error {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		left, err := processesIn(cluster)
		if err != nil || len(left) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit.C:
			return nil
		case <-again.C:
		}
	}
}

// runUntil runs a program to its end, or asks it to end when ctx does.
func runUntil(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		// The program's whole group: initdb has children. It may have ended meanwhile, which is as well.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
	})
	defer stop()
	return errors.Join(cmd.Wait(), ctx.Err())
}
