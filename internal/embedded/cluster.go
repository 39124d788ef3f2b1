package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"duban/internal/memory"
)

// superuser owns the cluster. Duban itself works as an ordinary role.
const superuser = "postgres"

// SQLSTATE codes.
const (
	duplicateObject   = "42710"
	duplicateDatabase = "42P04"
	unknownDatabase   = "3D000"
	wrongPassword     = "28P01"
	wrongAccount      = "28000"
)

func hasCode(err error, codes ...string) bool {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return false
	}
	for _, code := range codes {
		if refused.Code == code {
			return true
		}
	}
	return false
}

// initCluster makes the cluster when there is none. It is made beside its place and moved there when complete, so an
// interrupted first start leaves nothing half made.
func initCluster(ctx context.Context, f *folder, a account, p Programs) error {
	if _, err := os.Stat(filepath.Join(f.cluster(), "PG_VERSION")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unfinished := f.cluster() + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	password := filepath.Join(f.postgres(), "password.new")
	if err := os.WriteFile(password, []byte(f.credentials.Superuser+"\n"), 0o600); err != nil {
		return err
	}
	if a.switched() {
		if err := os.Lchown(password, int(a.uid), int(a.gid)); err != nil {
			return err
		}
	}
	defer os.Remove(password)

	args := []string{
		"--pgdata=" + unfinished, "--username=" + superuser, "--pwfile=" + password, "--auth=scram-sha-256",
		"--encoding=UTF8", "--lc-messages=C", "--lc-collate=C", "--data-checksums",
	}
	// Order by code point, the same on every machine for ever; the character classes have to know Chinese all the same.
	if runtime.GOOS == "darwin" {
		args = append(args, "--lc-ctype=UTF-8")
	} else {
		args = append(args, "--lc-ctype=C.UTF-8")
	}
	args = append(args, "--lc-monetary=C", "--lc-numeric=C", "--lc-time=C", "--text-search-config=simple")
	cmd := a.command(f.postgres(), p.path("initdb"), args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := runUntil(ctx, cmd); err != nil {
		return fault(PostgresFailed, facts{"log": strings.TrimSpace(output.String())}, err,
			"initdb failed: %s", strings.TrimSpace(output.String()))
	}
	main, err := os.OpenFile(filepath.Join(unfinished, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = main.WriteString("\n# Settings of duban, written at every start. Your own belong into ALTER SYSTEM, which wins.\ninclude_if_exists = 'duban.conf'\n")
	if err = errors.Join(err, main.Sync(), main.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished, f.cluster())
}

// writeSettings sizes PostgreSQL for this machine.
func writeSettings(f *folder, a account) error {
	total := memory.Total()
	lines := []string{
		"max_connections = 200",
		"shared_buffers = " + megabytes(min(max(total/8, 128<<20), 2<<30)),
		"effective_cache_size = " + megabytes(total/2),
		"work_mem = 8MB",
		"maintenance_work_mem = 128MB",
		"random_page_cost = 1.1",
		"wal_level = replica", // a base backup with its log is one consistent cut of duban and Temporal
		"max_wal_size = 2GB",
		"checkpoint_timeout = 15min",
		"autovacuum_vacuum_scale_factor = 0.05",
		"jit = off", // short statements only; compiling them costs more than it gives
		"timezone = 'UTC'",
		"log_timezone = 'UTC'",
		"log_line_prefix = '%m [%p] %q%u@%d '",
		"log_min_duration_statement = 2s",
		"log_checkpoints = off",
	}
	name := filepath.Join(f.cluster(), "duban.conf")
	if err := writeFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	if !a.switched() {
		return nil
	}
	return os.Lchown(name, int(a.uid), int(a.gid))
}

func megabytes(bytes uint64) string { return strconv.FormatUint(bytes>>20, 10) + "MB" }

// provision makes the application's role and the databases, and does no harm when they are there.
func provision(ctx context.Context, p *postmaster, f *folder) error {
	conn, err := pgx.Connect(ctx, p.url(superuser, f.credentials.Superuser, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	role := pgx.Identifier{applicationRole}.Sanitize()
	if _, err := conn.Exec(ctx, "CREATE ROLE "+role+" LOGIN"); err != nil && !hasCode(err, duplicateObject) {
		return err
	}
	// A utility statement takes no parameters. The password is our own, of letters and digits.
	if _, err := conn.Exec(ctx, fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", role, f.credentials.Application)); err != nil {
		return err
	}
	for _, name := range []string{applicationName, temporalName, visibilityName} {
		statement := "CREATE DATABASE " + pgx.Identifier{name}.Sanitize() + " OWNER " + role
		if _, err := conn.Exec(ctx, statement); err != nil && !hasCode(err, duplicateDatabase) {
			return err
		}
	}
	return nil
}
