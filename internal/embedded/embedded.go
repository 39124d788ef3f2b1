// Package embedded runs PostgreSQL and a Temporal server for the single-machine mode: PostgreSQL from the machine's own
// programs as a child process on a cluster in the data folder, the Temporal server inside this process on that
// PostgreSQL. It is the only package that imports the Temporal server.
//
// Everything listens on the loopback interface or on a socket inside the data folder. Whoever can open a loopback port
// of this machine can administer the embedded Temporal server; a machine with untrusted local users should run Temporal
// apart, with authentication.
package embedded

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	// ShardCount is the number of history shards. Temporal fixes it for ever in the database at the first start, so it
	// is no setting. Four served two to sixteen cores best in trials (docs/operations.md).
	ShardCount = 4
	// Retention is how long Temporal keeps a closed workflow's history. Nothing a user sees depends on it.
	Retention = 90 * 24 * time.Hour
	// Reserve is the free space, in bytes, below which nothing is started.
	Reserve = 512 << 20

	applicationRole    = "duban"
	applicationName    = "duban"
	temporalName       = "temporal"
	visibilityName     = "temporal_visibility"
	postgresStartLimit = 60 * time.Second
)

// Options say what to run and where.
type Options struct {
	Data             string       // the data folder; made when missing
	PostgresPort     int          // loopback port of PostgreSQL; 0 takes a free one
	PostgresPrograms string       // folder of initdb and postgres; empty searches the usual places
	TemporalPort     int          // first of four loopback ports, the client's one; 0 takes free ones
	Namespace        string       // Temporal namespace; empty means "duban"
	DatabaseURL      string       // set: use this PostgreSQL and start none
	TemporalAddress  string       // set: use this Temporal and start none
	Reserve          uint64       // refuse to start with fewer free bytes on the data folder's disk; 0 means 512 MiB
	Log              *slog.Logger // nil means slog.Default()
}

// Server is what runs. DatabaseURL and TemporalAddress are where to reach it.
type Server struct {
	DatabaseURL     string
	TemporalAddress string

	folder   *folder
	postgres *postmaster
	temporal *temporalServer
	failed   chan error
	stopping chan struct{}
	once     sync.Once
}

// Start brings up what the options ask for and returns when it can be used: PostgreSQL accepts connections and holds the
// databases, Temporal has its schema, its namespace and its search attributes. What went wrong is, wherever a person can
// do something about it, a *Fault. On an error nothing is left running.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Namespace == "" {
		o.Namespace = applicationName
	}
	if o.Reserve == 0 {
		o.Reserve = Reserve
	}
	s := &Server{
		DatabaseURL: o.DatabaseURL, TemporalAddress: o.TemporalAddress,
		failed: make(chan error, 1), stopping: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			// The caller's context may be why we are here; what was started is stopped in order all the same.
			err = errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
		}
	}()

	account, err := chooseAccount()
	if err != nil {
		return nil, err
	}
	if s.folder, err = openFolder(o.Data, account); err != nil {
		return nil, err
	}
	if err := checkSpace(s.folder.path, o.Reserve); err != nil {
		return nil, err
	}
	if o.DatabaseURL == "" {
		if s.postgres, err = startPostgres(ctx, o, s.folder, account); err != nil {
			return nil, err
		}
		s.DatabaseURL = s.postgres.url(applicationRole, s.folder.credentials.Application, applicationName)
		go s.watch(s.postgres.exited, func() error { return s.postgres.exitFault(s.folder.path, o.Reserve) })
	}
	if o.TemporalAddress == "" {
		if s.temporal, err = startTemporal(ctx, o, s.DatabaseURL); err != nil {
			return nil, err
		}
		s.TemporalAddress = s.temporal.address
		go s.watch(s.temporal.fatal.struck, s.temporal.fatal.err)
	}
	return s, nil
}

// Failed yields one error when PostgreSQL or Temporal ends without having been asked to.
func (s *Server) Failed() <-chan error { return s.failed }

func (s *Server) watch(ended <-chan struct{}, cause func() error) {
	select {
	case <-ended:
	case <-s.stopping:
		return
	}
	select {
	case <-s.stopping: // it ended because it was told to
	case s.failed <- cause():
	default: // an earlier failure is already reported
	}
}

// Stop ends Temporal, then PostgreSQL, then lets go of the data folder. When ctx ends first, PostgreSQL is told to end at
// once; it recovers from its log at the next start and loses nothing.
func (s *Server) Stop(ctx context.Context) (err error) {
	s.once.Do(func() {
		close(s.stopping)
		if s.temporal != nil {
			err = errors.Join(err, s.temporal.stop(ctx))
		}
		if s.postgres != nil {
			err = errors.Join(err, s.postgres.stop(ctx))
		}
		if s.folder != nil {
			err = errors.Join(err, s.folder.close())
		}
	})
	return err
}
