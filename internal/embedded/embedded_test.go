package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.temporal.io/server/common/primitives"

	"duban/internal/loopback"
)

// holdFolder makes this test program a duban that starts PostgreSQL in a folder and waits to be killed.
const holdFolder = "DUBAN_TEST_HOLD_FOLDER"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdFolder); path != "" {
		s, err := Start(context.Background(), Options{Data: path, TemporalAddress: "unused", Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.DatabaseURL)
		select {}
	}
	os.Exit(m.Run())
}

// dataFolder is a new folder that PostgreSQL's account can reach (a test's own folder is closed to others).
func dataFolder(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp("", "duban")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(path, 0o711))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(path)) })
	return filepath.Join(path, "data")
}

// databaseOnly are options that start PostgreSQL and no Temporal.
func databaseOnly(path string) Options {
	return Options{Data: path, TemporalAddress: "unused", Log: slog.New(slog.DiscardHandler)}
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	return s
}

func requireFault(t *testing.T, err error, code Code) *Fault {
	t.Helper()
	var f *Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, code, f.Code)
	return f
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	var value T
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&value))
	return value
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func echo(_ workflow.Context, said string) (string, error) { return said, nil }

func TestStartTwiceOnTheSameData(t *testing.T) {
	o := Options{Data: dataFolder(t), Log: slog.New(slog.DiscardHandler)}
	first := start(t, o)
	execute(t, first.DatabaseURL, "CREATE TABLE mark (n int)")

	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
		"server_encoding": "UTF8", "listen_addresses": loopback.Host, "wal_level": "replica", "is_superuser": "off",
	} {
		require.Equal(t, want, query[string](t, first.DatabaseURL, "SELECT current_setting('"+setting+"')"), setting)
	}
	require.Equal(t, "{改,革}", query[string](t, first.DatabaseURL, `SELECT regexp_split_to_array('改1革', '[^[:alpha:]]+')::text`),
		"Chinese characters are letters")

	_, err := Start(t.Context(), o)
	require.Equal(t, strconv.Itoa(os.Getpid()), requireFault(t, err, FolderInUse).Args["pid"])
	require.NoError(t, first.Stop(t.Context()))

	again := start(t, o)
	require.Zero(t, query[int](t, again.DatabaseURL, "SELECT count(*) FROM mark"))
	c, err := client.Dial(client.Options{HostPort: again.TemporalAddress, Namespace: applicationName, Logger: sdkLogger(quiet())})
	require.NoError(t, err)
	defer c.Close()
	w := worker.New(c, "echo", worker.Options{})
	w.RegisterWorkflow(echo)
	require.NoError(t, w.Start())
	defer w.Stop()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: "echo"}, echo, "督办")
	require.NoError(t, err)
	var said string
	require.NoError(t, run.Get(t.Context(), &said))
	require.Equal(t, "督办", said)
}

// The same PostgreSQL can carry Temporal when it is not ours: the databases are made, twice at once too.
func TestTemporalOnAnotherPostgres(t *testing.T) {
	database := start(t, databaseOnly(dataFolder(t)))
	superuser := database.postgres.url(superuser, database.folder.credentials.Superuser, "postgres")
	execute(t, superuser, "ALTER ROLE duban CREATEDB")
	execute(t, superuser, "DROP DATABASE temporal")
	main, visibility, err := stores(database.DatabaseURL)
	require.NoError(t, err)
	errs := make(chan error)
	for range 2 {
		go func() { errs <- prepareSchemas(t.Context(), database.DatabaseURL, main, visibility, quiet()) }()
	}
	require.NoError(t, errors.Join(<-errs, <-errs))

	s := start(t, Options{Data: dataFolder(t), DatabaseURL: database.DatabaseURL, Log: slog.New(slog.DiscardHandler)})
	require.Equal(t, database.DatabaseURL, s.DatabaseURL)
	require.NotEmpty(t, s.TemporalAddress)
}

func quiet() logger { return logger{to: slog.New(slog.DiscardHandler), fatal: newFatal()} }

func TestPostgresKilledIsReportedAndRecovers(t *testing.T) {
	o := databaseOnly(dataFolder(t))
	s := start(t, o)
	execute(t, s.DatabaseURL, "CREATE TABLE mark (n int)")
	require.NoError(t, s.postgres.cmd.Process.Kill())
	requireFault(t, <-s.Failed(), PostgresFailed)
	require.NoError(t, s.Stop(t.Context()))
	again := start(t, o)
	require.Zero(t, query[int](t, again.DatabaseURL, "SELECT count(*) FROM mark"))
}

// A duban killed outright leaves its PostgreSQL to the kernel and to the next start, whichever is faster.
func TestOwnerKilledThenStartedAgain(t *testing.T) {
	path := dataFolder(t)
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holdFolder+"="+path)
	out, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	execute(t, lines.Text(), "CREATE TABLE mark (n int)")
	session, err := pgx.Connect(t.Context(), lines.Text()) // an open session must not hold the shutdown up
	require.NoError(t, err)
	defer session.Close(context.WithoutCancel(t.Context()))

	_, err = Start(t.Context(), databaseOnly(path))
	require.Equal(t, strconv.Itoa(holder.Process.Pid), requireFault(t, err, FolderInUse).Args["pid"])

	require.NoError(t, holder.Process.Kill())
	require.Error(t, holder.Wait())
	again := start(t, databaseOnly(path))
	require.Zero(t, query[int](t, again.DatabaseURL, "SELECT count(*) FROM mark"))
}

// An orphan that the kernel did not tell (another system, or a thread that outlived us) is shut down by the next start.
func TestOrphanIsEnded(t *testing.T) {
	path := dataFolder(t)
	s := start(t, databaseOnly(path))
	orphans, err := processesIn(s.folder.cluster())
	require.NoError(t, err)
	require.Contains(t, orphans, s.postgres.cmd.Process.Pid)
	require.NoError(t, s.folder.close()) // as if the owner were gone

	again := start(t, databaseOnly(path))
	<-s.postgres.exited
	require.NotEqual(t, s.postgres.cmd.Process.Pid, again.postgres.cmd.Process.Pid)
	s.folder.lock, err = os.Open(os.DevNull) // for the first server's own Stop
	require.NoError(t, err)
}

// After a crash the noted process number may belong to a stranger of the same account.
func TestStalePostmasterFile(t *testing.T) {
	o := databaseOnly(dataFolder(t))
	s := start(t, o)
	noted := filepath.Join(s.folder.cluster(), "postmaster.pid")
	text, err := os.ReadFile(noted)
	require.NoError(t, err)
	require.NoError(t, s.Stop(t.Context()))

	account, err := chooseAccount()
	require.NoError(t, err)
	stranger := account.command("/", "sleep", "600")
	require.NoError(t, stranger.Start())
	defer func() {
		require.NoError(t, stranger.Process.Kill())
		require.Error(t, stranger.Wait())
	}()
	_, rest, _ := strings.Cut(string(text), "\n")
	require.NoError(t, os.WriteFile(noted, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"+rest), 0o600))
	if account.switched() {
		require.NoError(t, os.Lchown(noted, int(account.uid), int(account.gid)))
	}
	start(t, o)
}

func TestInterruptedFirstStart(t *testing.T) {
	path := dataFolder(t)
	half := filepath.Join(path, "postgres", "cluster.new")
	require.NoError(t, os.MkdirAll(half, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))
	start(t, databaseOnly(path))
}

func TestCancelledStartLeavesNothingRunning(t *testing.T) {
	path := dataFolder(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Start(ctx, databaseOnly(path))
	require.ErrorIs(t, err, context.Canceled)
	left, err := processesIn(filepath.Join(path, "postgres", "cluster"))
	require.NoError(t, err)
	require.Empty(t, left)
	start(t, databaseOnly(path))
}

// Told to end at once, PostgreSQL is down before Stop returns and loses nothing.
func TestStopAtOnce(t *testing.T) {
	o := databaseOnly(dataFolder(t))
	s := start(t, o)
	execute(t, s.DatabaseURL, "CREATE TABLE mark (n int)")
	now, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, s.Stop(now))
	again := start(t, o)
	require.Zero(t, query[int](t, again.DatabaseURL, "SELECT count(*) FROM mark"))
}

func TestRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", loopback.Host+":0")
	require.NoError(t, err)
	defer taken.Close()
	number := taken.Addr().(*net.TCPAddr).Port

	for name, test := range map[string]struct {
		code    Code
		prepare func(t *testing.T, o *Options)
	}{
		"port of PostgreSQL taken": {PortTaken, func(_ *testing.T, o *Options) { o.PostgresPort = number }},
		"no programs":              {PostgresMissing, func(t *testing.T, o *Options) { o.PostgresPrograms = t.TempDir() }},
		"disk full":                {DiskFull, func(_ *testing.T, o *Options) { o.Reserve = 1 << 60 }},
		"cluster of another version": {PostgresVersion, func(t *testing.T, o *Options) {
			cluster := filepath.Join(o.Data, "postgres", "cluster")
			require.NoError(t, os.MkdirAll(cluster, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(cluster, "PG_VERSION"), []byte("9.6\n"), 0o600))
		}},
		"folder of another layout": {FolderFormat, func(t *testing.T, o *Options) {
			require.NoError(t, os.MkdirAll(o.Data, 0o711))
			require.NoError(t, os.WriteFile(filepath.Join(o.Data, "format"), []byte("99\n"), 0o600))
		}},
		"database address of another kind": {DatabaseURLFormat, func(_ *testing.T, o *Options) {
			o.DatabaseURL, o.TemporalAddress = "mysql://a:b@c/d", ""
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := databaseOnly(dataFolder(t))
			test.prepare(t, &o)
			_, err := Start(t.Context(), o)
			requireFault(t, err, test.code)
		})
	}
}

// Only root lends PostgreSQL another account, which then has to get at the folder; by itself duban needs no such help.
func TestFolderAboveIsClosed(t *testing.T) {
	account, err := chooseAccount()
	require.NoError(t, err)
	above := dataFolder(t)
	require.NoError(t, os.Mkdir(above, 0o700))
	s, err := Start(t.Context(), databaseOnly(filepath.Join(above, "data")))
	if account.switched() {
		require.Equal(t, account.name, requireFault(t, err, FolderClosed).Args["account"])
		return
	}
	require.NoError(t, err)
	require.NoError(t, s.Stop(t.Context()))
}

func TestTakenTemporalPort(t *testing.T) {
	path := dataFolder(t)
	taken, err := net.Listen("tcp", loopback.Host+":0")
	require.NoError(t, err)
	defer taken.Close()
	number := taken.Addr().(*net.TCPAddr).Port
	_, err = Start(t.Context(), Options{Data: path, TemporalPort: number, Log: slog.New(slog.DiscardHandler)})
	require.Equal(t, number, requireFault(t, err, PortTaken).Args["port"])

	// Taken after the check: the server means to end the whole process then; here it only fails to start.
	database := start(t, databaseOnly(path))
	main, visibility, err := stores(database.DatabaseURL)
	require.NoError(t, err)
	ports, err := claimServicePorts(t.Context(), 0)
	require.NoError(t, err)
	ports[primitives.HistoryService].number = number
	server := &temporalServer{fatal: newFatal()}
	log := logger{to: slog.New(slog.DiscardHandler), fatal: server.fatal}
	requireFault(t, server.start(serverConfig(main, visibility, ports), ports, log), TemporalFailed)
}

func TestFatalEndsItsGoroutineOnly(t *testing.T) {
	l := quiet()
	ended := make(chan struct{})
	returned := false
	go func() {
		defer close(ended)
		l.Fatal("no listener")
		returned = true
	}()
	<-ended
	require.False(t, returned)
	<-l.fatal.struck
	requireFault(t, l.fatal.err(), TemporalFailed)
}

// "make up" refuses no machine the program would run on.
func TestTheMakefileLooksWhereTheProgramDoes(t *testing.T) {
	text, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(text), "\nPOSTGRES_PLACES := ")
	require.True(t, found)
	listed, _, _ := strings.Cut(strings.ReplaceAll(after, "\\\n", ""), "\n")
	require.Equal(t, places(), strings.Fields(listed))
}

func TestProgramsNewestFirst(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"initdb", "postgres"} {
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) 18beta1'\n"
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755))
	}
	p, err := inspect(t.Context(), folder)
	require.NoError(t, err)
	require.Equal(t, Programs{Folder: folder, Major: 18, Version: "18beta1"}, p)
	found, err := FindPrograms(t.Context(), "")
	require.NoError(t, err)
	require.NotEmpty(t, found)
	require.True(t, slices.IsSortedFunc(found, func(a, b Programs) int { return b.Major - a.Major }))
}
