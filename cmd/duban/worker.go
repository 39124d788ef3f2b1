package main

import (
	"context"

	"duban/internal/app"
)

type workerCommand struct{}

// Run runs the matters against a database and a Temporal elsewhere, beside as many others as one likes.
func (workerCommand) Run(p program) error {
	return serve(p, func(ctx context.Context, platform *app.Platform, start func(...app.Service) error) error {
		if err := start(platform.Database()...); err != nil {
			return err
		}
		if err := start(platform.Temporal()); err != nil {
			return err
		}
		return start(append(platform.Work(), platform.Mail(), platform.Watch(true, false, version))...)
	})
}
