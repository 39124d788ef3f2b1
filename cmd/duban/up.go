package main

import (
	"context"
	"fmt"
	"log/slog"

	"duban/api"
	"duban/internal/app"
	"duban/internal/embedded"
	"duban/internal/message"
)

type upCommand struct {
	Demo   bool `help:"Play the rehearsal too."`
	Sample bool `help:"Enter invented persons, one for every post, when nobody is entered yet."`
}

// Run runs everything in this process until it is told to stop.
func (u upCommand) Run(p program) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	c.Demo = c.Demo || u.Demo
	c.Sample = c.Sample || u.Sample || c.Demo
	fmt.Fprintln(p.out, message.Text("operate.starting", map[string]any{"data": c.Data}))
	err = app.Up(p.ctx, p.hurry, c, c.Log.Logger(p.err), startEmbedded, func(_ context.Context, site app.Site) ([]app.Service, error) {
		platform, err := app.NewPlatform(site)
		if err != nil {
			return nil, err
		}
		services := append(platform.Database(), platform.Temporal())
		services = append(services, platform.Work()...)
		services = append(services, platform.Mail(), platform.Web(version), platform.Watch(true, true, version), p.welcome(platform))
		if c.Demo {
			services = append(services, platform.Rehearsal(p.out))
		}
		return services, nil
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

// welcome is the last service to start and the first to stop: it says where to look, how to log in, and that the end has
// begun.
func (p program) welcome(platform *app.Platform) app.Service {
	say := func(key string, args map[string]any) error {
		_, err := fmt.Fprintln(p.out, message.Text("operate."+key, args))
		return err
	}
	return app.Service{
		Name: "welcome",
		Start: func(ctx context.Context) error {
			at := platform.Address()
			welcome, err := platform.People(ctx)
			if err != nil {
				return err
			}
			for _, link := range welcome.Links {
				if err := say("activation", map[string]any{"login": link.Login, "address": at + api.ActivationPath(link.Token)}); err != nil {
					return err
				}
			}
			if welcome.Fresh {
				if err := say("sample-entered", nil); err != nil {
					return err
				}
			}
			if welcome.Password != "" {
				if err := say("sample-logins", map[string]any{"password": welcome.Password}); err != nil {
					return err
				}
			}
			return say("ready", map[string]any{"address": at, "temporal": platform.TemporalAddress})
		},
		Stop: func(context.Context) error { return say("stopping", nil) },
	}
}
