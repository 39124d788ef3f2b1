package main

import (
	"fmt"

	"duban/internal/app"
	"duban/internal/message"
)

type backendCommand struct{}

// Run runs PostgreSQL and Temporal and nothing on them: workers and APIs of this machine find them by the data folder.
func (backendCommand) Run(p program) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	return app.Stand(p.ctx, p.hurry, c, c.Log.Logger(p.err), startEmbedded, func(at app.Endpoints) error {
		_, err := fmt.Fprintln(p.out, message.Text("operate.backend-ready", map[string]any{"data": c.Data, "temporal": at.TemporalAddress}))
		return err
	})
}
