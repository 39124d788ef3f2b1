package app

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/message"
)

func TestLoadDefaults(t *testing.T) {
	c, err := Load("", nil)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8080", c.Listen)
	require.Equal(t, 15432, c.Postgres.Port)
	require.Equal(t, 7233, c.Temporal.Port)
	require.True(t, filepath.IsAbs(c.Data))
	require.True(t, c.Metrics)
	require.False(t, c.Temporal.TLS.Enabled)
}

// The environment wins over the file, the file over the defaults; an empty variable says nothing.
func TestLoadPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "duban.yaml")
	require.NoError(t, os.WriteFile(file, []byte("listen: :9000\nsmtp: {host: mail, from: a@b.cn, port: 25}\ntemporal: {tls: {server-name: t}}\n"), 0o600))
	c, err := Load(file, []string{
		"DUBAN_LISTEN=:9001", "DUBAN_SMTP_HOST=", "DUBAN_POSTGRES_PORT=0", "DUBAN_DEMO=1", "DUBAN_METRICS=false",
		"DATABASE_URL=postgres://u:p@h:5/d", "TEMPORAL_ADDRESS=t:7233", "DUBAN_TEST_ANYTHING=x", "HOME=/",
	})
	require.NoError(t, err)
	require.Equal(t, ":9001", c.Listen)
	require.Equal(t, SMTP{Host: "mail", From: "a@b.cn", Port: 25, TLS: "starttls"}, c.SMTP)
	require.Zero(t, c.Postgres.Port)
	require.True(t, c.Demo)
	require.False(t, c.Metrics)
	require.Equal(t, "postgres://u:p@h:5/d", c.Database.URL)
	require.Equal(t, "t:7233", c.Temporal.Address)
	require.True(t, c.Temporal.TLS.Enabled)
}

// Every mistake is told at once, each with its setting's name and a Chinese text, and no secret is repeated.
func TestLoadTellsEveryMistake(t *testing.T) {
	file := filepath.Join(t.TempDir(), "duban.yaml")
	require.NoError(t, os.WriteFile(file, []byte("smpt: {host: mail}\n"), 0o600))
	_, err := Load(file, []string{
		"DUBAN_LISTN=:1", "DUBAN_DEMO_PACE=1", "DUBAN_DISK_RESERVE=-1", "DUBAN_LISTEN=8080", "DUBAN_URL=ftp://x", "DUBAN_PROFILE=none", "DATABASE_URL=mysql://u:secret@h/d",
		"DUBAN_POSTGRES_PORT=70000", "TEMPORAL_ADDRESS=here", "DUBAN_TEMPORAL_PORT=65533", "TEMPORAL_TLS_CERT=c.pem",
		"DUBAN_SMTP_HOST=mail", "DUBAN_SMTP_PORT=0", "DUBAN_SMTP_FROM=nobody", "DUBAN_SMTP_TLS=yes", "DUBAN_LOG_LEVEL=loud", "DUBAN_LOG_FORMAT=xml",
	})
	var wrong Problems
	require.ErrorAs(t, err, &wrong)
	text := err.Error()
	for _, name := range []string{
		"smpt.host", "DUBAN_LISTN", "DUBAN_DEMO_PACE", "DUBAN_DISK_RESERVE", "DUBAN_LISTEN", "DUBAN_URL", "DUBAN_PROFILE", "DATABASE_URL", "DUBAN_POSTGRES_PORT", "TEMPORAL_ADDRESS",
		"DUBAN_TEMPORAL_PORT", "TEMPORAL_TLS_CERT", "DUBAN_SMTP_PORT", "DUBAN_SMTP_FROM", "DUBAN_SMTP_TLS", "DUBAN_LOG_LEVEL", "DUBAN_LOG_FORMAT",
	} {
		require.Contains(t, text, name)
	}
	require.Len(t, wrong, 17)
	require.NotContains(t, text, "secret")
	for _, p := range wrong {
		key, args := p.Message()
		require.True(t, message.Has(key), key)
		require.NotContains(t, message.Text(key, args), "{")
		require.NotContains(t, message.Text(key, args), "operate.")
	}
}

func TestLoadWrongTypeAndMissingFile(t *testing.T) {
	_, err := Load("", []string{"DUBAN_POSTGRES_PORT=many"})
	var wrong Problems
	require.ErrorAs(t, err, &wrong)
	_, err = Load(filepath.Join(t.TempDir(), "none.yaml"), nil)
	require.ErrorAs(t, err, &wrong)
	require.ErrorContains(t, err, "none.yaml")
}

// The table and the struct have the same settings.
func TestSettingsAreComplete(t *testing.T) {
	var fields []string
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			key := prefix + typ.Field(i).Tag.Get("koanf")
			if typ.Field(i).Type.Kind() == reflect.Struct {
				walk(key+".", typ.Field(i).Type)
			} else {
				fields = append(fields, key)
			}
		}
	}
	walk("", reflect.TypeFor[Config]())
	var keys []string
	for _, s := range Settings() {
		keys = append(keys, s.Key)
	}
	slices.Sort(fields)
	slices.Sort(keys)
	require.Equal(t, fields, keys)
}

// The documented table is the one in the code.
func TestSettingsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	for _, s := range Settings() {
		value := fmt.Sprint(s.Default)
		if value != "" {
			value = "`" + value + "`"
		}
		line := fmt.Sprintf("| `%s` | `%s` | %s | %s |", s.Env, s.Key, value, s.Meaning)
		require.Truef(t, strings.Contains(string(text), line+"\n"), "docs/operations.md lacks the line\n%s", line)
	}
}
