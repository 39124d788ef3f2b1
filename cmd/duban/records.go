package main

import (
	"context"
	"errors"
	"fmt"

	"duban/internal/app"
	"duban/internal/message"
	"duban/internal/store"
)

// onStore runs something on the store that the settings or a running "duban up" name.
func onStore(p program, work func(context.Context, *store.Store) error) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	at, err := app.ReadEndpoints(c)
	if err != nil {
		return err
	}
	s, err := store.Open(p.ctx, at.DatabaseURL)
	if err != nil {
		return err
	}
	defer s.Close()
	return work(p.ctx, s)
}

type migrateCommand struct{}

// Run brings the database's schema up to date.
func (migrateCommand) Run(p program) error {
	return onStore(p, func(ctx context.Context, s *store.Store) error {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
		have, _, err := s.SchemaVersion(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, message.Text("operate.migrated", map[string]any{"version": have}))
		return nil
	})
}

type verifyRecordCommand struct{}

// Run recomputes every matter's chain of events and names the first broken link.
func (verifyRecordCommand) Run(p program) error {
	return onStore(p, func(ctx context.Context, s *store.Store) error {
		broken, err := s.Verify(ctx)
		if err != nil {
			return err
		}
		if broken != nil {
			fmt.Fprintln(p.out, message.Text("operate.verify-broken", map[string]any{
				"matter": broken.Matter, "seq": broken.Seq, "why": message.Text("operate.verify-"+string(broken.Why), nil)}))
			return errors.New("the record was tampered with or damaged")
		}
		fmt.Fprintln(p.out, message.Text("operate.verified", nil))
		return nil
	})
}

type reprojectCommand struct {
	Matter string `arg:"" optional:"" help:"Matter; without one, all."`
}

// Run builds what is shown of matters anew from their events.
func (r reprojectCommand) Run(p program) error {
	return onStore(p, func(ctx context.Context, s *store.Store) error {
		matters := 1
		var err error
		if r.Matter != "" {
			err = s.Reproject(ctx, r.Matter)
		} else {
			matters, err = s.ReprojectAll(ctx)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, message.Text("operate.reprojected", map[string]any{"count": matters}))
		return nil
	})
}
