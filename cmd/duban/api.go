package main

import (
	"context"

	"duban/internal/app"
)

type apiCommand struct{}

// Run serves the web and the API against a database and a Temporal elsewhere, beside as many others as one likes.
func (apiCommand) Run(p program) error {
	return serve(p, func(ctx context.Context, platform *app.Platform, start func(...app.Service) error) error {
		if err := start(platform.Database()...); err != nil {
			return err
		}
		return start(platform.Temporal(), platform.Web(version), platform.Watch(false, true, version), p.welcome(platform))
	})
}

// serve runs services on the backend that the settings or a running "duban up" name.
func serve(p program, plan func(context.Context, *app.Platform, func(...app.Service) error) error) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	at, err := app.ReadEndpoints(c)
	if err != nil {
		return err
	}
	log := c.Log.Logger(p.err)
	return app.Run(p.ctx, p.hurry, log, func(ctx context.Context, start func(...app.Service) error) error {
		platform, err := app.NewPlatform(app.Site{Config: c, Endpoints: at, Logger: log})
		if err != nil {
			return err
		}
		return plan(ctx, platform, start)
	})
}
