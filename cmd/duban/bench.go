package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"time"

	"duban/internal/app"
	"duban/internal/bench"
	"duban/internal/embedded"
	"duban/internal/identity"
)

type benchCommand struct {
	Clients int           `help:"Clients, each of whom waits for an answer before asking again." default:"32"`
	Slice   time.Duration `help:"Length of one kind of load before the next has its turn." default:"10s"`
	Rounds  int           `help:"Turns of each kind of load." default:"3"`
	Timers  int           `help:"Matters whose alarms fall together; 0 leaves them out." default:"10000"`
	Spread  time.Duration `help:"Time over which those alarms fall." default:"1s"`
	Matters int           `help:"Matters the lists are read from; 0 leaves them out." default:"1000000"`
	Skip    bool          `help:"Leave out the proposals."`
	Votes   bool          `help:"Ballots through the public's page beside the same INSERT by pgbench." default:"true" negatable:""`
	Ballots []int         `help:"Say what a vote costs to close, publish, download and verify with so many ballots; 0 leaves it out." default:"1000,100000"`
	Profile string        `help:"Write a CPU profile of the whole run." placeholder:"FILE"`
}

// Run measures a duban of its own, on a data folder that is made for it and removed.
func (b benchCommand) Run(p program) (err error) {
	c, err := p.config()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "duban-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if err := os.Chmod(scratch, 0o755); err != nil { // PostgreSQL's account has to pass
		return err
	}
	c.Data, c.Sample, c.Demo = filepath.Join(scratch, "data"), true, false
	c.Listen, c.Postgres.Port, c.Temporal.Port = "127.0.0.1:0", 0, 0
	c.Database.URL, c.Temporal.Address, c.SMTP.Host = "", "", ""
	if b.Profile != "" {
		file, err := os.Create(b.Profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Fprintln(p.out, "duban", version, "is started on a scratch data folder and measured; this takes minutes.")
	ctx, finish := context.WithCancel(p.ctx)
	defer finish()
	return app.Up(ctx, p.hurry, c, slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: slog.LevelWarn})), startEmbedded,
		func(_ context.Context, site app.Site) ([]app.Service, error) {
			platform, err := app.NewPlatform(site)
			if err != nil {
				return nil, err
			}
			services := append(platform.Database(), platform.Temporal())
			services = append(services, platform.Work()...)
			return append(services, platform.Web(version), app.Service{
				Name: "bench",
				Start: func(ctx context.Context) error {
					defer finish()
					return b.measure(ctx, platform, p.out)
				},
				Stop: func(context.Context) error { return nil },
			}), nil
		})
}

func (b benchCommand) measure(ctx context.Context, platform *app.Platform, out io.Writer) error {
	welcome, err := platform.People(ctx)
	if err != nil {
		return err
	}
	return bench.Run(ctx, bench.Options{Clients: b.Clients, Slice: b.Slice, Rounds: b.Rounds, Timers: b.Timers, Spread: b.Spread,
		Matters: b.Matters, Skip: b.Skip, Votes: b.Votes, Ballots: b.Ballots,
	}, bench.Target{Voters: identity.NewVoterKeys(filepath.Join(platform.Data, "polls")), PGBench: pgbench(ctx, platform.Postgres.Programs),
		URL: platform.Address(), Password: welcome.Password, DatabaseURL: platform.DatabaseURL,
		Temporal: platform.TemporalAddress, Namespace: platform.Site.Temporal.Namespace,
		Store: platform.Store, Engine: platform.Engine, Library: platform.Rules.Library()}, out)
}

// pgbench is the program of that name beside PostgreSQL's others, or on the PATH; empty: there is none.
func pgbench(ctx context.Context, folder string) string {
	found, err := embedded.FindPrograms(ctx, folder)
	if err == nil && len(found) > 0 {
		if name, err := exec.LookPath(filepath.Join(found[0].Folder, "pgbench")); err == nil {
			return name
		}
	}
	name, err := exec.LookPath("pgbench")
	if err != nil {
		return ""
	}
	return name
}
