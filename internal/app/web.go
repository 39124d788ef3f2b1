package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"duban/api"
	"duban/internal/disk"
	"duban/internal/document"
	"duban/internal/fonts"
	"duban/internal/identity"
	"duban/internal/public"
	"duban/internal/store"
	"duban/web"
)

const (
	headerWithin  = 10 * time.Second
	requestWithin = 2 * time.Minute // an attachment over a slow line
	idleFor       = 2 * time.Minute
)

// Web serves the web application and the API.
func (p *Platform) Web(version string) Service {
	var handler *api.Server
	var server *http.Server
	var stopForgetting context.CancelFunc
	failed := make(chan error, 1)
	return Service{
		Name: "web",
		Start: func(ctx context.Context) error {
			listener := p.Listener
			if listener == nil {
				var err error
				if listener, err = listen(ctx, p.Config); err != nil {
					return err
				}
				p.Listener = listener
			}
			var err error
			if handler, err = p.handler(version); err != nil {
				return err
			}
			forgetting, stop := context.WithCancel(context.WithoutCancel(ctx))
			stopForgetting = stop
			go handler.ForgetVoters(forgetting)
			server = &http.Server{Handler: handler, ReadHeaderTimeout: headerWithin, ReadTimeout: requestWithin, IdleTimeout: idleFor}
			go func() {
				if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
					failed <- err
				}
			}()
			return nil
		},
		Stop: func(ctx context.Context) error {
			stopForgetting()
			handler.Stop(ctx)
			return ignore(server.Shutdown(ctx), net.ErrClosed)
		},
		Failed: func() <-chan error { return failed },
	}
}

func (p *Platform) handler(version string) (*api.Server, error) {
	text, bold, err := fonts.Find()
	if errors.Is(err, fonts.ErrNone) {
		p.Logger.Warn("slips are to be had as docx only", "reason", err)
	} else if err != nil {
		return nil, err
	}
	blobs, err := store.OpenBlobs(filepath.Join(p.Data, "attachments"))
	if err != nil {
		return nil, err
	}
	send := public.ToLog(p.Logger)
	if p.SMS.URL != "" {
		send = public.ToGateway(p.SMS.URL, p.SMS.Token)
	}
	var signOn *public.SignOn
	if p.OIDC.Issuer != "" {
		signOn = &public.SignOn{Issuer: p.OIDC.Issuer, Client: p.OIDC.Client, Secret: p.OIDC.Secret}
	}
	return api.New(api.Config{
		Send: send, SignOn: signOn,
		Store: p.Store, Hub: p.Hub, Rules: p.Rules, Keeper: p.keeper, Hasher: p.Hasher, Profile: p.Profile, Log: p.Logger, Metrics: p.Metrics,
		Carry:      func(ctx context.Context, e store.Entry) (store.Entry, error) { return p.Engine.Carry(ctx, p.Store, e) },
		History:    p.Engine.History,
		Replan:     func(ctx context.Context) error { return p.Engine.Replan(ctx, p.Store) },
		MailServer: p.SMTP.server(),
		TryMail: func(ctx context.Context, name, address, subject, text string) string {
			return TryMail(ctx, p.SMTP, name, address, subject, text, p.Logger)
		},
		Workflow: p.Engine.Check, Engine: p.Engine,
		Blobs: blobs, Voters: identity.NewVoterKeys(filepath.Join(p.Data, "polls")), Web: web.Files(), Fonts: document.Fonts{Text: text, Bold: bold}, Full: p.full, Proxied: p.Proxied, Token: p.Token, NoMetrics: !p.Config.Metrics, BaseURL: p.base(), Rehearse: p.Sample, Demo: p.Sample, Version: version,
	})
}

// Mail sends what persons are told to their addresses.
func (p *Platform) Mail() Service {
	var inner Service
	return Service{
		Name: "courier",
		Start: func(ctx context.Context) error {
			inner = Courier(p.Store, p.SMTP, api.NewMailText(p.Rules, p.base()), p.Logger)
			return inner.Start(ctx)
		},
		Stop: func(ctx context.Context) error { return inner.Stop(ctx) },
	}
}

// full reports whether the data folder's disk has less room than is to be kept.
func (p *Platform) full() bool {
	free, err := disk.Free(p.Data)
	return err == nil && free>>20 < uint64(p.Reserve)
}

// base is the address people use.
func (p *Platform) base() string {
	if p.URL != "" || p.Listener == nil {
		return p.URL
	}
	return p.Address()
}
