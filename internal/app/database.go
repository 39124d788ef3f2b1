package app

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Finding is one thing looked at: what it is, as found, and whether it will do.
type Finding struct {
	Subject string // names a text of the catalogue, "operate.doctor-<subject>"
	Found   string
	Good    bool
}

// minimumPostgres is the oldest supported server, as PostgreSQL counts versions.
const minimumPostgres = 140000

// ExamineDatabase looks at the settings of the database that safety depends on. An acknowledged action must be on the
// disk, so a PostgreSQL that does not wait for it is no good, however fast.
func ExamineDatabase(ctx context.Context, url string) ([]Finding, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	setting := func(name string) (value string, err error) {
		if err := conn.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		return value, nil
	}
	var findings []Finding
	for _, look := range []struct {
		name string
		good func(string) bool
	}{
		{"server_version", nil},
		{"fsync", isOn},
		{"full_page_writes", isOn},
		// Anything but off and remote_… less than on waits for our own disk; local does too.
		{"synchronous_commit", func(v string) bool { return v == "on" || v == "local" || v == "remote_apply" }},
		{"data_checksums", isOn},
		{"server_encoding", func(v string) bool { return v == "UTF8" }},
	} {
		value, err := setting(look.name)
		if err != nil {
			return nil, err
		}
		good := look.good == nil || look.good(value)
		findings = append(findings, Finding{Subject: "setting", Found: look.name + " = " + value, Good: good})
	}
	var version int
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, err
	}
	findings[0].Good = version >= minimumPostgres
	return findings, nil
}

func isOn(value string) bool { return value == "on" }
