package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"duban/internal/app"
	"duban/internal/embedded"
	"duban/internal/message"
)

type upCommand struct {
	Demo bool `help:"Play the rehearsal too."`
}

func (u upCommand) Run(p program) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	c.Demo = c.Demo || u.Demo
	fmt.Fprintln(p.out, message.Text("operate.starting", map[string]any{"data": c.Data}))
	err = app.Up(p.ctx, p.hurry, c, c.Log.Logger(p.err), startEmbedded, func(ctx context.Context, s app.Site) ([]app.Service, error) {
		return []app.Service{announcement(p.out, s)}, nil
	})
	if err == nil {
		fmt.Fprintln(p.out, message.Text("operate.stopped", nil))
	}
	return err
}

// startEmbedded starts PostgreSQL and Temporal in this process where the settings name none elsewhere.
func startEmbedded(ctx context.Context, c app.Config, log *slog.Logger) (app.Backend, error) {
	s, err := embedded.Start(ctx, embedded.Options{
		Data:             c.Data,
		PostgresPort:     c.Postgres.Port,
		PostgresPrograms: c.Postgres.Programs,
		TemporalPort:     c.Temporal.Port,
		Namespace:        c.Temporal.Namespace,
		DatabaseURL:      c.Database.URL,
		TemporalAddress:  c.Temporal.Address,
		Log:              log,
	})
	if err != nil {
		return app.Backend{}, err
	}
	return app.Backend{
		Endpoints: app.Endpoints{DatabaseURL: s.DatabaseURL, TemporalAddress: s.TemporalAddress},
		Stop:      s.Stop,
		Failed:    s.Failed(),
	}, nil
}

// announcement is the last service to start and the first to stop: it says where to look, and that the end has begun.
func announcement(to io.Writer, s app.Site) app.Service {
	return app.Service{
		Name: "announcement",
		Start: func(context.Context) error {
			_, err := fmt.Fprintln(to, message.Text("operate.ready", map[string]any{"address": s.Address(), "temporal": s.TemporalAddress}))
			return err
		},
		Stop: func(context.Context) error {
			_, err := fmt.Fprintln(to, message.Text("operate.stopping", nil))
			return err
		},
	}
}
