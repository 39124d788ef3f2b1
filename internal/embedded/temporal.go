package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // schedules name a zone, and the machine may have no table of them

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	sqlplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"

	"duban/internal/loopback"
)

// Each of the server's four services keeps its own two pools, so PostgreSQL may see four times these (112 of its 200
// connections; the rest is duban's).
const (
	mainConnections       = 20
	visibilityConnections = 8
)

type temporalServer struct {
	address string
	server  temporal.Server
	fatal   *fatal
}

// startTemporal prepares the two databases, starts the server and waits until duban's namespace can be used.
func startTemporal(ctx context.Context, o Options, databaseURL string) (_ *temporalServer, err error) {
	main, visibility, err := stores(databaseURL)
	if err != nil {
		return nil, err
	}
	t := &temporalServer{fatal: newFatal()}
	log := logger{to: o.Log.With(slog.String("part", "temporal")), fatal: t.fatal}
	if err := prepareSchemas(ctx, databaseURL, main, visibility, log); err != nil {
		return nil, err
	}
	ports, err := claimServicePorts(ctx, o.TemporalPort)
	if err != nil {
		return nil, err
	}
	t.address = ports[primitives.FrontendService].address()
	if err := t.start(serverConfig(main, visibility, ports), ports, log); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.stop(context.WithoutCancel(ctx)))
		}
	}()
	if err := prepareNamespace(ctx, t.address, o.Namespace, log); err != nil {
		return nil, err
	}
	o.Log.Info("Temporal is ready", slog.String("address", t.address), slog.String("namespace", o.Namespace))
	return t, nil
}

// start runs in a goroutine of its own, because the server ends the one it gives up in.
func (t *temporalServer) start(conf *config.Config, ports map[primitives.ServiceName]*port, log logger) error {
	done := make(chan error, 1)
	go func() {
		err := errors.New("the server gave up while starting")
		defer func() { done <- err }()
		if t.server, err = t.build(conf, ports, log); err != nil {
			return
		}
		if err = t.server.Start(); err != nil {
			err = errors.Join(err, t.server.Stop())
		}
	}()
	err := <-done
	select {
	case <-t.fatal.struck:
		return t.fatal.err()
	default:
	}
	if err != nil {
		return fault(TemporalFailed, facts{"reason": err.Error()}, err, "the Temporal server did not start")
	}
	return nil
}

func (t *temporalServer) build(conf *config.Config, ports map[primitives.ServiceName]*port, log logger) (_ temporal.Server, err error) {
	hosts := make(map[primitives.ServiceName]static.Hosts, len(ports))
	for name, p := range ports {
		hosts[name] = static.SingleLocalHost(p.address())
	}
	t.fatal.building.Store(true)
	defer func() {
		t.fatal.building.Store(false)
		switch stopped := recover().(type) {
		case nil:
		case gaveUp:
			err = t.fatal.err()
		default:
			panic(stopped)
		}
	}()
	return temporal.NewServer(
		temporal.WithConfig(conf),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts), // one process: no gossip, no membership ports
		temporal.WithLogger(log),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(tuning()),
	)
}

// stop ends the services in their order. They hand nothing over that the next start would miss: with ctx at its end the
// caller may go on to stop PostgreSQL.
func (t *temporalServer) stop(ctx context.Context) error {
	t.fatal.ending.Store(true)
	done := make(chan error, 1)
	go func() { done <- t.server.Stop() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stopping Temporal: %w", ctx.Err())
	}
}

func claimServicePorts(ctx context.Context, base int) (map[primitives.ServiceName]*port, error) {
	services := []primitives.ServiceName{
		primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService,
	}
	ports := make(map[primitives.ServiceName]*port, len(services))
	for i, name := range services {
		p := &port{use: "Temporal (" + string(name) + ")", setting: "DUBAN_TEMPORAL_PORT"}
		if base != 0 {
			p.number = base + i
		}
		ports[name] = p
	}
	return ports, claim(ctx, slices.Collect(maps.Values(ports))...)
}

// stores turns the address of duban's database into those of Temporal's two beside it.
func stores(databaseURL string) (main, visibility config.SQL, err error) {
	u, err := url.Parse(databaseURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.User == nil || u.Hostname() == "" {
		return main, visibility, fault(DatabaseURLFormat, nil, nil,
			"DATABASE_URL must look like postgres://user:password@host:port/database for the embedded Temporal server")
	}
	password, _ := u.User.Password()
	address := u.Host
	if u.Port() == "" {
		address += ":5432"
	}
	attributes := make(map[string]string)
	for key, values := range u.Query() {
		if !strings.HasPrefix(key, "pool_") { // those are pgxpool's, for duban's own pool
			attributes[key] = values[0]
		}
	}
	main = config.SQL{
		PluginName: sqlplugin.PluginNamePGX, ConnectProtocol: "tcp", ConnectAddr: address, ConnectAttributes: attributes,
		User: url.PathEscape(u.User.Username()), Password: password, DatabaseName: temporalName,
		// database/sql closes all but two idle connections unless told otherwise, and opening one costs milliseconds.
		MaxConns: mainConnections, MaxIdleConns: mainConnections, MaxConnLifetime: time.Hour,
	}
	visibility = main
	visibility.DatabaseName = visibilityName
	visibility.MaxConns, visibility.MaxIdleConns = visibilityConnections, visibilityConnections
	return main, visibility, nil
}

func serverConfig(main, visibility config.SQL, ports map[primitives.ServiceName]*port) *config.Config {
	frontend := ports[primitives.FrontendService].address()
	services := make(map[string]config.Service, len(ports))
	for name, p := range ports {
		services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: p.number, BindOnIP: loopback.Host}}
	}
	return &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback.Host},
		},
		Persistence: config.Persistence{
			DefaultStore: "main", VisibilityStore: "visibility", NumHistoryShards: ShardCount,
			DataStores: map[string]config.DataStore{"main": {SQL: &main}, "visibility": {SQL: &visibility}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: "active", CurrentClusterName: "active",
			ClusterInformation: map[string]cluster.ClusterInformation{
				"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		Archival: config.Archival{
			History: config.HistoryArchival{State: "disabled"}, Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		PublicClient: config.PublicClient{HostPort: frontend},
	}
}

// queueWorkers carry out what timers and queues hold, at once, twice what the shards write at once.
const queueWorkers = 64

// tuning is what measuring on two cores showed to matter (docs/operations.md), and what keeps the server to itself.
func tuning() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		dynamicconfig.MaxIDLengthLimit.Key():                    255,
		dynamicconfig.ShardIOConcurrency.Key():                  8, // writes of one shard at once; the default is one
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1, // four partitions of a queue only forward to each other here
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// Each waits for its shard's writes and gives up after seconds: of the usual 512 most did, in a burst, and began again.
		dynamicconfig.TimerProcessorSchedulerWorkerCount.Key():    queueWorkers,
		dynamicconfig.TransferProcessorSchedulerWorkerCount.Key(): queueWorkers,
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key():          8096,  // the default of 128,000 grows past 1.1 GB
		dynamicconfig.EnableServerVersionCheck.Key():              false, // it would call home
	}
}
