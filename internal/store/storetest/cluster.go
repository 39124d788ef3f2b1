package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL of our own in a temporary folder, on a socket in it. It does without fsync: it is made to be
// thrown away, and for that only.
type cluster struct {
	folder  string
	url     string
	process *exec.Cmd
	ended   chan error
	lock    *os.File // held as long as this process lives
}

const folderPrefix = "duban-test-"

// lock marks a folder as in use by this process; it is nil when another process has it.
func lock(folder string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = nil
	}
	return nil, errors.Join(err, file.Close())
}

// sweep removes the folders of test binaries that were killed. One just made may not be locked yet.
func sweep() error {
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if errors.Is(err, fs.ErrNotExist) || err == nil && time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if err != nil {
			return err
		}
		held, err := lock(folder)
		if held == nil {
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
				return err
			}
			continue
		}
		if err := errors.Join(os.RemoveAll(folder), held.Close()); err != nil {
			return err
		}
	}
	return nil
}

const port = "5432" // names the socket's file; nothing listens on the network

func startCluster(ctx context.Context) (*cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	credential, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if err := sweep(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return nil, err
	}
	c := &cluster{folder: folder, ended: make(chan error, 1)}
	if c.lock, err = lock(folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := c.run(ctx, bin, credential); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *cluster) run(ctx context.Context, bin string, credential *syscall.Credential) error {
	if credential != nil {
		if err := os.Chown(c.folder, int(credential.Uid), int(credential.Gid)); err != nil {
			return err
		}
	}
	prepare := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = c.folder
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
		cmd.SysProcAttr = childAttributes()
		cmd.SysProcAttr.Credential = credential
		return cmd
	}
	data := filepath.Join(c.folder, "data")
	if out, err := prepare("initdb", "--pgdata="+data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
		"--lc-collate=C", "--lc-ctype=C.UTF-8", "--no-sync").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	c.process = prepare("postgres", "-D", data, "-k", c.folder, "-p", port, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "shared_buffers=128MB",
		"-c", "autovacuum=off", "-c", "jit=off", "-c", "max_wal_size=2GB", "-c", "log_min_messages=fatal")
	var log bytes.Buffer
	c.process.Stdout, c.process.Stderr = &log, &log
	if err := c.process.Start(); err != nil {
		c.process = nil
		return err
	}
	go func() { c.ended <- c.process.Wait() }()
	c.url = "postgres://postgres@/postgres?host=" + url.QueryEscape(c.folder) + "&port=" + port
	return c.ready(ctx)
}

// ready waits until the server answers, asking again each time it refuses.
func (c *cluster) ready(ctx context.Context) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case ended := <-c.ended:
			c.ended <- ended
			return fmt.Errorf("postgres ended: %w", ended)
		case <-again.C:
		}
	}
}

// stop ends the server at once and removes its folder.
func (c *cluster) stop() {
	if c.process != nil {
		if err := c.process.Process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			fmt.Fprintln(os.Stderr, err)
		}
		select {
		case <-c.ended: //nolint:errcheck // it was told to end
		case <-time.After(10 * time.Second):
			fmt.Fprintln(os.Stderr, c.process.Process.Kill())
			<-c.ended //nolint:errcheck // it was told to end
		}
	}
	if err := errors.Join(os.RemoveAll(c.folder), c.lock.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// programs is the folder of the newest PostgreSQL's programs on this machine.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb"} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		found = append(found, matches...)
	}
	if len(found) == 0 {
		return "", errors.New("no PostgreSQL programs found; install them or set DUBAN_TEST_DATABASE_URL")
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int {
		return version(a) - version(b)
	})), nil
}

func version(path string) int {
	major := 0
	for _, r := range path {
		if r >= '0' && r <= '9' {
			major = 10*major + int(r-'0')
		}
	}
	return major
}

// unprivileged is whom the server runs as when we are root, which it refuses to be.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither an account postgres nor nobody")
}
