package app

import (
	"context"
	"log/slog"
)

// Backend is what duban stands on: a PostgreSQL and a Temporal, embedded or elsewhere.
type Backend struct {
	Endpoints
	Stop   func(context.Context) error // ends what was started for this process
	Failed <-chan error                // yields an error when that ends unasked
}

// Starter brings a backend up as the configuration asks.
type Starter func(ctx context.Context, c Config, log *slog.Logger) (Backend, error)

// Build makes the services of one process on a backend that is up, in the order in which they are to start.
type Build func(ctx context.Context, c Config, at Endpoints, log *slog.Logger) ([]Service, error)

// Up runs everything in one process until ctx ends: the backend first, then what build makes on it. While it runs, other
// commands find the backend by the data folder (ReadEndpoints).
func Up(ctx, hurry context.Context, c Config, log *slog.Logger, bringUp Starter, build Build) error {
	return Run(ctx, hurry, log, func(ctx context.Context, start func(...Service) error) error {
		var backend Backend
		err := start(
			Service{
				Name: "backend",
				Start: func(ctx context.Context) (err error) {
					backend, err = bringUp(ctx, c, log)
					return err
				},
				Stop:   func(ctx context.Context) error { return backend.Stop(ctx) },
				Failed: func() <-chan error { return backend.Failed },
			},
			Service{
				Name:  "endpoints",
				Start: func(context.Context) error { return writeEndpoints(c.Data, backend.Endpoints) },
				Stop:  func(context.Context) error { return removeEndpoints(c.Data) },
			},
		)
		if err != nil {
			return err
		}
		services, err := build(ctx, c, backend.Endpoints, log)
		if err != nil {
			return err
		}
		return start(services...)
	})
}
