package embedded

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// account is whom PostgreSQL runs as. It refuses to run as root, so root lends its child another account.
type account struct {
	name     string
	uid, gid uint32
	lend     bool
}

func (a account) switched() bool { return a.lend }

// chooseAccount is ourselves, or when we are root the account PostgreSQL's packages make, or failing that "nobody".
func chooseAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: strconv.Itoa(os.Geteuid())}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return account{}, err
		}
		return account{name: name, uid: uint32(uid), gid: uint32(gid), lend: true}, nil
	}
	return account{}, fault(PostgresAccount, nil, nil,
		"PostgreSQL does not run as root, and this machine has neither an account postgres nor nobody")
}

// own makes a folder that this account alone can enter, and gives it what is inside.
func (a account) own(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	if !a.lend {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// adopt gives a whole tree to the account: the folder may come from another machine, where the account had another
// number.
func (a account) adopt(path string) error {
	if !a.lend {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid == a.uid {
		return nil
	}
	return filepath.WalkDir(path, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, int(a.uid), int(a.gid)) //nolint:gosec // the tree is closed to everybody but root and this account
	})
}

// command prepares a program to run as the account, in a process group of its own: a Ctrl-C in the terminal is for us,
// and we stop the child when its turn comes.
func (a account) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...) //nolint:noctx // PostgreSQL outlives the context of its start
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	// PostgreSQL's programs take settings from PG…, which are meant for some other server.
	cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "PG") })
	cmd.SysProcAttr = childAttributes()
	if a.lend {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// reaches tells whether the account can enter the folder: each of its parents has to let it through.
func (a account) reaches(dir, program string) error {
	if err := a.command(dir, program, "--version").Run(); err != nil {
		return fault(FolderClosed, facts{"path": dir, "account": a.name}, err,
			"the account %s cannot enter %s; let it pass through the folders above, or choose another data folder", a.name, dir)
	}
	return nil
}
