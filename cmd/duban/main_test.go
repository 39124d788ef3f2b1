package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"duban/internal/app"
)

// site makes an empty data folder, free ports and no other settings.
func site(t *testing.T) (data string) {
	t.Helper()
	above, err := os.MkdirTemp("", "duban")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(above, 0o711)) // PostgreSQL's account has to pass
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(above)) })
	for _, s := range app.Settings() {
		t.Setenv(s.Env, "")
	}
	data = filepath.Join(above, "data")
	t.Setenv("DUBAN_DATA", data)
	t.Setenv("DUBAN_LISTEN", "127.0.0.1:0")
	t.Setenv("DUBAN_POSTGRES_PORT", "0")
	t.Setenv("DUBAN_TEMPORAL_PORT", "0")
	return data
}

// command runs the program to its end.
func command(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), t.Context(), args, &o, &e)
	return code, o.String(), e.String()
}

// readyAt reads the line that says where to look.
var readyAt = regexp.MustCompile(`督办已就绪.*http://([0-9.:]+)`)

// up runs "duban up" until it says where to look; stop is its Ctrl-C and returns the exit code.
func up(t *testing.T) (said string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, write := io.Pipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		ended <- run(ctx, context.WithoutCancel(ctx), []string{"up"}, write, &errs)
		write.Close()
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if readyAt.MatchString(lines.Text()) {
			go io.Copy(io.Discard, out) //nolint:errcheck // ends with the pipe
			return lines.Text(), func() int { cancel(); return <-ended }
		}
	}
	cancel()
	require.Fail(t, "not ready", "exit code %d: %s", <-ended, errs.String())
	return "", nil
}

func TestUpDoctorAndUpAgain(t *testing.T) {
	data := site(t)
	code, out, errs := command(t, "doctor")
	require.Zero(t, code, out+errs)

	said, stop := up(t)
	address := readyAt.FindStringSubmatch(said)[1]
	config, err := app.Load("", os.Environ())
	require.NoError(t, err)
	at, err := app.ReadEndpoints(config)
	require.NoError(t, err)

	t.Run("a second one on the same data", func(t *testing.T) {
		for _, listen := range []string{"127.0.0.1:0", address} {
			t.Setenv("DUBAN_LISTEN", listen)
			code, _, errs := command(t, "up")
			require.Equal(t, 1, code)
			require.Contains(t, errs, "数据目录 "+data+" 正被另一个督办进程")
		}
	})
	t.Run("a port taken", func(t *testing.T) {
		t.Setenv("DUBAN_DATA", data+"-other")
		t.Setenv("DUBAN_LISTEN", address)
		code, _, errs := command(t, "up")
		require.Equal(t, 1, code)
		require.Contains(t, errs, "端口 "+address)
		require.NoDirExists(t, data+"-other")
	})
	t.Run("doctor refuses a database that does not wait for its disk", func(t *testing.T) {
		code, out, errs := command(t, "doctor")
		require.Zero(t, code, out+errs)
		require.Contains(t, out, "✓ 数据库设置：fsync = on")
		conn, err := pgx.Connect(t.Context(), at.DatabaseURL)
		require.NoError(t, err)
		defer conn.Close(t.Context())
		_, err = conn.Exec(t.Context(), "ALTER DATABASE duban SET synchronous_commit = off")
		require.NoError(t, err)
		code, out, _ = command(t, "doctor")
		require.Equal(t, 1, code)
		require.Contains(t, out, "✗ 数据库设置：synchronous_commit = off")
	})
	require.Zero(t, stop())

	_, stop = up(t)
	again, err := app.ReadEndpoints(config)
	require.NoError(t, err)
	found, err := app.ExamineDatabase(t.Context(), again.DatabaseURL)
	require.NoError(t, err)
	require.Contains(t, found, app.Finding{Subject: "setting", Found: "synchronous_commit = off"}, "everything is as it was left")
	require.Zero(t, stop())
}

func TestMistakesAreToldInChinese(t *testing.T) {
	site(t)
	t.Setenv("DUBAN_LOG_LEVEL", "loud")
	t.Setenv("DUBAN_LISTN", ":1")
	code, _, errs := command(t, "up")
	require.Equal(t, 1, code)
	require.Contains(t, errs, "配置项 DUBAN_LISTN 不存在。")
	require.Contains(t, errs, "配置项 DUBAN_LOG_LEVEL 的值“loud”无效")

	code, _, errs = command(t, "fly")
	require.Equal(t, 2, code)
	require.Contains(t, errs, "fly")
	code, out, _ := command(t, "version")
	require.Zero(t, code)
	require.Contains(t, out, "duban ")
	code, out, _ = command(t, "--help")
	require.Zero(t, code)
	require.Contains(t, out, "doctor")
}

// Both READMEs name every command there is.
func TestTheReadmesNameEveryCommand(t *testing.T) {
	parser, err := kong.New(&commands{})
	require.NoError(t, err)
	for _, readme := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(readme)
		require.NoError(t, err)
		row := regexp.MustCompile("(?m)^\\| `cmd/duban/` \\|.*$").FindString(string(text))
		for _, command := range parser.Model.Children {
			require.Contains(t, row, "`"+command.Name+"`", readme)
		}
	}
}
