// Package engine is the only user of the Temporal client: it starts matters, carries actions to them, runs their worker
// and reads their histories.
package engine

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// Config says which Temporal to use.
type Config struct {
	Address   string // host:port
	Namespace string
	TLS       *tls.Config           // nil: none
	APIKey    string                // for Temporal Cloud
	Identity  string                // what histories call this process; empty: its number and host
	Wait      time.Duration         // longest wait for an answer to an action; 0 means 8 s
	Log       *slog.Logger          // nil means slog.Default()
	Metrics   prometheus.Registerer // nil: no metrics
}

const (
	defaultWait = 8 * time.Second // below the usual limits of proxies, above the slowest answer of a loaded worker
	dialRetry   = 500 * time.Millisecond
)

// Engine is a connection to Temporal. It may be used by many goroutines.
type Engine struct {
	client    client.Client
	namespace string
	wait      time.Duration
	log       *slog.Logger
}

// Dial connects, trying again until ctx ends: Temporal may be starting beside us.
func Dial(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Wait == 0 {
		cfg.Wait = defaultWait
	}
	options, err := options(cfg)
	if err != nil {
		return nil, err
	}
	again := time.NewTicker(dialRetry)
	defer again.Stop()
	for {
		c, err := client.DialContext(ctx, options)
		if err == nil {
			return &Engine{client: c, namespace: cfg.Namespace, wait: cfg.Wait, log: cfg.Log}, nil
		}
		cfg.Log.Debug("Temporal does not answer yet", slog.String("address", cfg.Address), slog.Any("error", err))
		select {
		case <-ctx.Done():
			return nil, err
		case <-again.C:
		}
	}
}

// options are the one place where a client is described: whoever reads what the worker wrote must read it the same way.
func options(cfg Config) (client.Options, error) {
	o := client.Options{
		HostPort:          cfg.Address,
		Namespace:         cfg.Namespace,
		Identity:          cfg.Identity,
		Logger:            log.NewStructuredLogger(cfg.Log),
		ConnectionOptions: Connection(cfg.TLS),
	}
	if cfg.APIKey != "" {
		o.Credentials = client.NewAPIKeyStaticCredentials(cfg.APIKey)
	}
	if cfg.Metrics != nil {
		m := newMetrics()
		if err := cfg.Metrics.Register(m); err != nil {
			return o, err
		}
		o.MetricsHandler = m.handler()
	}
	return o, nil
}

// Connection is how duban speaks to Temporal. Compressing every message cost a twelfth of an action's processor time.
func Connection(secure *tls.Config) client.ConnectionOptions {
	return client.ConnectionOptions{TLS: secure, GrpcCompression: &client.GrpcCompressionNone{}}
}

// Close ends the connection. Workers are stopped before.
func (e *Engine) Close() { e.client.Close() }

// Check reports whether Temporal answers.
func (e *Engine) Check(ctx context.Context) error {
	_, err := e.client.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}
