package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"duban/internal/public"
)

// votes are the pages of the public's votes. They need no session and stand beside the contract: what they publish is
// specified in docs/verify.md.
func (s *Server) votes(from echo.IPExtractor) (echo.HandlerFunc, error) {
	site, err := public.New(public.Config{Store: s.store, Box: s.box, Voters: s.Voters, Blobs: s.Blobs, Send: s.Send, SignOn: s.SignOn, Rehearsals: s.Rehearse, Log: s.log,
		Base: func() string { return s.BaseURL }, From: func(r *http.Request) string { return from(r) }, Now: s.now})
	if err != nil {
		return nil, err
	}
	return echo.WrapHandler(site), nil
}

// forgetEvery is how often it is looked whether who voted is to be forgotten.
const forgetEvery = time.Hour

// ForgetVoters forgets challenges and tokens that have ended, destroys the keys of rounds whose objection period is over and deletes who voted in them, now and every
// hour until the context ends.
func (s *Server) ForgetVoters(ctx context.Context) {
	again := time.NewTicker(forgetEvery)
	defer again.Stop()
	for {
		if err := s.forget(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "Voters could not be forgotten", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

func (s *Server) forget(ctx context.Context) error {
	if err := s.store.ForgetSpent(ctx); err != nil {
		return err
	}
	rounds, err := s.store.Forgettable(ctx)
	if err != nil {
		return err
	}
	for _, round := range rounds {
		if err := s.Voters.Destroy(round); err != nil { // first: without it the tags tell nothing
			return err
		}
		if err := s.store.ForgetVoters(ctx, round); err != nil {
			return err
		}
	}
	return nil
}
