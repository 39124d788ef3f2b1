package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/worker"

	"duban/activities"
	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/incident"
	"duban/internal/memory"
	"duban/internal/procedure"
	"duban/internal/rulebook"
	"duban/internal/rules"
	"duban/internal/store"
	"duban/rulebooks"
)

const (
	sweepEvery  = 2 * time.Second
	replanEvery = 10 * time.Second
	// scheduleEvery is how soon after a change of the rules the schedules follow it.
	scheduleEvery = 2 * time.Second
	purgeEvery    = 24 * time.Hour
	startWithin   = 2 * time.Minute // for what may have to wait for a database or a Temporal that is starting beside us
)

// Platform is what the services of a process share. Its fields are set as the services start, in their order.
type Platform struct {
	Site
	Rules   *rulebook.Shelf
	Store   *store.Store
	Hub     *store.Hub
	Engine  *engine.Engine
	Metrics *prometheus.Registry
	Hasher  *identity.Hasher
	Profile identity.Profile

	worker worker.Worker
	keeper *rules.Keeper
}

// hashesAtOnce bounds what passwords may take of the processors.
const hashesAtOnce = 2

// NewPlatform reads the rulebooks and prepares what does not need a backend.
func NewPlatform(s Site) (*Platform, error) {
	library, err := rulebook.Load(rulebooks.FS)
	if err != nil {
		return nil, err
	}
	profile, ok := identity.ProfileOf(s.Profile)
	if !ok {
		return nil, fmt.Errorf("app: no security profile is called %q", s.Profile)
	}
	return &Platform{Site: s, Rules: rulebook.NewShelf(library), Metrics: prometheus.NewRegistry(), Hasher: identity.NewHasher(hashesAtOnce), Profile: profile}, nil
}

// Database opens the store, brings its schema, its organisations and its rules up to date and listens to its announcements.
func (p *Platform) Database() []Service {
	return []Service{
		{
			Name: "store",
			Start: func(ctx context.Context) (err error) {
				ctx, cancel := context.WithTimeout(ctx, startWithin)
				defer cancel()
				if p.Store, err = store.Open(ctx, p.DatabaseURL); err != nil {
					return err
				}
				return p.Store.Migrate(ctx)
			},
			Stop: func(context.Context) error { p.Store.Close(); return nil },
		},
		p.loop("hub", func(ctx context.Context) {
			p.Hub.Run(ctx)
		}, func() { p.Hub = p.Store.NewHub(p.Logger) }),
		p.loop("pulse", func(ctx context.Context) { p.Store.Feel(ctx) }, nil),
		{
			Name: "rules",
			Start: func(ctx context.Context) error {
				p.keeper = rules.NewKeeper(p.Store, p.Rules, p.Logger)
				if err := p.keeper.Furnish(ctx); err != nil {
					return err
				}
				return p.keeper.Open(ctx)
			},
			Stop: func(context.Context) error { return nil },
		},
		p.loop("rules watch", func(ctx context.Context) { p.keeper.Run(ctx, p.Hub) }, nil),
	}
}

// Temporal connects to Temporal.
func (p *Platform) Temporal() Service {
	return Service{
		Name: "engine",
		Start: func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeout(ctx, startWithin)
			defer cancel()
			secure, err := p.Site.Temporal.tls()
			if err != nil {
				return err
			}
			p.Engine, err = engine.Dial(ctx, engine.Config{Address: p.TemporalAddress, Namespace: p.Site.Temporal.Namespace,
				TLS: secure, APIKey: p.Site.Temporal.APIKey, Log: p.Logger, Metrics: p.Metrics})
			return err
		},
		Stop: func(context.Context) error { p.Engine.Close(); return nil },
	}
}

// Work runs the matters, and sees to what requests left open.
func (p *Platform) Work() []Service {
	return []Service{
		{
			Name: "worker",
			Start: func(context.Context) error {
				worker.SetStickyWorkflowCacheSize(memory.Matters())
				p.worker = p.Engine.Worker(&activities.Activities{Store: p.Store, Opener: p.open, Enacter: p.enact, Beginner: p.begin})
				return p.worker.Start()
			},
			Stop: func(context.Context) error { p.worker.Stop(); return nil },
		},
		p.loop("sweeper", func(ctx context.Context) { p.Engine.Sweep(ctx, p.Store, sweepEvery) }, nil),
		p.loop("begin", func(ctx context.Context) { p.Engine.KeepSchedules(ctx, p.beginnings, scheduleEvery) }, nil),
		p.loop("replan", func(ctx context.Context) { p.Engine.KeepReplanning(ctx, p.Store, replanEvery) }, nil),
		p.loop("purge", p.purge, nil),
	}
}

// open makes the specification of a matter another one starts, by the rulebook in force.
func (p *Platform) open(ctx context.Context, r activities.OpenRequest) (procedure.Spec, error) {
	days, err := p.Store.Calendar(ctx)
	if err != nil {
		return procedure.Spec{}, err
	}
	return p.Rules.Library().Open(rulebook.Request{Matter: r.Requested.Child, Rulebook: r.Requested.Rulebook, Procedure: r.Requested.Procedure,
		Title: r.Requested.Title, Form: r.Requested.Form, Unit: r.Requested.Unit, Parent: &r.Parent, At: r.At, Clock: r.Clock, Calendar: days})
}

// enact puts a change of the rules in force.
func (p *Platform) enact(ctx context.Context, r activities.EnactRequest) (procedure.Enacted, error) {
	return p.keeper.Enact(ctx, r.Matter, r.Rulebook, r.Change, r.Rehearsal)
}

// Watch says that this process is there, and finds what is stuck while it is its turn. Works and serves say what the
// process does.
func (p *Platform) Watch(works, serves bool, version string) Service {
	var watcher *incident.Watcher
	return p.loop("watch", func(ctx context.Context) { watcher.Run(ctx) }, func() {
		host, _ := os.Hostname() // empty where there is none: the process's number tells it well enough
		watcher = &incident.Watcher{Store: p.Store, Engine: p.Engine, Log: p.Logger, Part: store.Part{
			ID: fmt.Sprintf("%s/%d", host, os.Getpid()), Works: works, Serves: serves, Version: version, Started: time.Now()}}
	})
}

// purge forgets, once a day, sessions, links, failures and kept answers that ended long ago.
func (p *Platform) purge(ctx context.Context) {
	next := time.NewTicker(purgeEvery)
	defer next.Stop()
	for {
		now := time.Now()
		if err := errors.Join(p.Store.PurgeIdentity(ctx, now), p.Store.PurgeAnswers(ctx, now)); err != nil && ctx.Err() == nil {
			p.Logger.Warn("what ended long ago cannot be forgotten", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
	}
}

// loop is a service that runs until it is stopped. Prepare, where there is one, comes first.
func (p *Platform) loop(name string, run func(context.Context), prepare func()) Service {
	var stop context.CancelFunc
	var ended sync.WaitGroup
	return Service{
		Name: name,
		Start: func(context.Context) error {
			if prepare != nil {
				prepare()
			}
			var ctx context.Context
			ctx, stop = context.WithCancel(context.Background()) // beyond the start, until Stop
			ended.Go(func() { run(ctx) })
			return nil
		},
		Stop: func(context.Context) error {
			stop()
			ended.Wait()
			return nil
		},
	}
}

// tls reads the files named in the settings; nil where TLS is off.
func (t Temporal) tls() (*tls.Config, error) {
	if !t.TLS.Enabled {
		return nil, nil
	}
	config := &tls.Config{ServerName: t.TLS.ServerName, MinVersion: tls.VersionTLS12}
	if t.TLS.CA != "" {
		text, err := os.ReadFile(t.TLS.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("app: %s holds no certificate", t.TLS.CA)
		}
	}
	if t.TLS.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.TLS.Cert, t.TLS.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
