package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"duban/internal/app"
	"duban/internal/disk"
	"duban/internal/embedded"
	"duban/internal/fonts"
	"duban/internal/message"
)

type doctorCommand struct{}

// patience is how long doctor waits for anything that may not answer.
const patience = 5 * time.Second

// Run looks at everything, says what it found, and fails when something will not do.
func (doctorCommand) Run(p program) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	findings, err := examine(p.ctx, c)
	if err != nil {
		return err
	}
	bad := 0
	for _, f := range findings {
		mark := "✓"
		if !f.Good {
			mark = "✗"
			bad++
		}
		fmt.Fprintln(p.out, mark, message.Text("operate.doctor-"+f.Subject, map[string]any{"found": f.Found}))
	}
	if bad > 0 {
		return fmt.Errorf("doctor: %d of %d findings need attention", bad, len(findings))
	}
	return nil
}

// examine looks at a running platform where there is one, and otherwise at whether one could start here.
func examine(ctx context.Context, c app.Config) ([]app.Finding, error) {
	findings, err := space(c.Data)
	if err != nil {
		return nil, err
	}
	text, _, err := fonts.Find()
	switch {
	case errors.Is(err, fonts.ErrNone):
		findings = append(findings, app.Finding{Subject: "fonts", Found: err.Error()})
	case err != nil:
		return nil, err
	default:
		findings = append(findings, app.Finding{Subject: "fonts", Found: text, Good: true})
	}

	at, err := app.ReadEndpoints(c)
	if errors.Is(err, app.ErrNotUp) {
		return beforeStart(ctx, c, findings)
	}
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	database, err := app.ExamineDatabase(within, at.DatabaseURL)
	if err != nil {
		database = []app.Finding{{Subject: "database", Found: err.Error()}}
	}
	return append(append(findings, database...), reach(within, "temporal", at.TemporalAddress)), nil
}

// space looks at the disk the data folder is on, or will be.
func space(data string) ([]app.Finding, error) {
	for {
		_, err := os.Stat(data)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		data = filepath.Dir(data)
	}
	free, err := disk.Free(data)
	if err != nil {
		return nil, err
	}
	return []app.Finding{{Subject: "space", Found: fmt.Sprintf("%s: %d MiB", data, free>>20), Good: free >= embedded.Reserve}}, nil
}

// beforeStart looks at the programs and the ports that "duban up" will want.
func beforeStart(ctx context.Context, c app.Config, findings []app.Finding) ([]app.Finding, error) {
	if c.Database.URL == "" {
		programs, err := embedded.FindPrograms(ctx, c.Postgres.Programs)
		if err != nil {
			return nil, err
		}
		if len(programs) == 0 {
			findings = append(findings, app.Finding{Subject: "programs-missing"})
		}
		for i, p := range programs {
			findings = append(findings, app.Finding{Subject: "programs", Found: p.Version + " " + p.Folder, Good: i > 0 || p.Major >= embedded.MinimumPostgres})
		}
		findings = append(findings, free(ctx, fmt.Sprintf("127.0.0.1:%d", c.Postgres.Port)))
	}
	if c.Temporal.Address == "" {
		for i := range 4 {
			number := c.Temporal.Port + i
			if c.Temporal.Port == 0 {
				number = 0
			}
			findings = append(findings, free(ctx, fmt.Sprintf("127.0.0.1:%d", number)))
		}
	}
	return append(findings, free(ctx, c.Listen)), nil
}

// free tells whether a port can be listened on; port 0 always can.
func free(ctx context.Context, address string) app.Finding {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return app.Finding{Subject: "port-taken", Found: address}
	}
	return app.Finding{Subject: "port-free", Found: address, Good: listener.Close() == nil}
}

func reach(ctx context.Context, subject, address string) app.Finding {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return app.Finding{Subject: subject, Found: err.Error()}
	}
	return app.Finding{Subject: subject, Found: address, Good: conn.Close() == nil}
}
