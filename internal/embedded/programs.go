package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MinimumPostgres is the oldest major version supported by its makers when this was written.
const MinimumPostgres = 14

// Programs is one installation of PostgreSQL's server programs.
type Programs struct {
	Folder  string // holds initdb and postgres
	Major   int
	Version string // as PostgreSQL prints it, such as "15.14"
}

func (p Programs) path(name string) string { return filepath.Join(p.Folder, name) }

// places are where packages put them; the Makefile looks there too.
func places() []string {
	return []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"}
}

// FindPrograms lists the installations on this machine, newest first: the folder asked for and no other, or what is on
// the PATH and in the places packages use.
func FindPrograms(ctx context.Context, folder string) ([]Programs, error) {
	folders := []string{folder}
	if folder == "" {
		folders = nil
		if onPath, err := exec.LookPath("initdb"); err == nil {
			if real, err := filepath.EvalSymlinks(onPath); err == nil {
				folders = append(folders, filepath.Dir(real))
			}
		}
		for _, pattern := range places() {
			matches, err := filepath.Glob(pattern)
			if err != nil {
				return nil, err
			}
			folders = append(folders, matches...)
		}
	}
	slices.Sort(folders)
	var found []Programs
	for _, folder := range slices.Compact(folders) {
		p, err := inspect(ctx, folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	slices.SortStableFunc(found, func(a, b Programs) int { return cmp.Compare(b.Major, a.Major) })
	return found, nil
}

// versionLine reads "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)" and "… 18beta1".
var versionLine = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)

func inspect(ctx context.Context, folder string) (Programs, error) {
	p := Programs{Folder: folder}
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(p.path(name)); err != nil {
			return p, err
		}
	}
	out, err := exec.CommandContext(ctx, p.path("postgres"), "--version").Output()
	if err != nil {
		return p, fmt.Errorf("%s --version: %w", p.path("postgres"), err)
	}
	match := versionLine.FindStringSubmatch(string(out))
	if match == nil {
		return p, fmt.Errorf("%s --version says %q", p.path("postgres"), strings.TrimSpace(string(out)))
	}
	p.Version = match[1]
	p.Major, err = strconv.Atoi(match[2])
	return p, err
}

// programsFor chooses the newest programs for a new cluster, or the ones of the version an existing cluster was made by.
func programsFor(ctx context.Context, cluster, folder string) (Programs, error) {
	found, err := FindPrograms(ctx, folder)
	if err != nil {
		return Programs{}, err
	}
	if len(found) == 0 || found[0].Major < MinimumPostgres {
		return Programs{}, fault(PostgresMissing, facts{"minimum": MinimumPostgres}, nil,
			"no PostgreSQL server programs of version %d or later found; install them (Debian, Ubuntu: apt-get install postgresql; "+
				"Fedora, openEuler, RHEL: dnf install postgresql-server; macOS: brew install postgresql), or set DATABASE_URL", MinimumPostgres)
	}
	written, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return found[0], nil
	}
	if err != nil {
		return Programs{}, err
	}
	wanted := strings.TrimSpace(string(written))
	have := make([]string, len(found))
	for i, p := range found {
		if strconv.Itoa(p.Major) == wanted {
			return p, nil
		}
		have[i] = strconv.Itoa(p.Major)
	}
	installed := strings.Join(have, ", ")
	return Programs{}, fault(PostgresVersion, facts{"cluster": wanted, "installed": installed}, nil,
		"the data folder holds a cluster of PostgreSQL %s, installed is %s; install PostgreSQL %s, or move the cluster with pg_upgrade",
		wanted, installed, wanted)
}
