// Package api is duban over HTTP: the contract in openapi.yaml, and what stands behind it.
package api

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml openapi.yaml

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"duban/internal/document"
	"duban/internal/engine"
	"duban/internal/identity"
	"duban/internal/procedure"
	"duban/internal/public"
	"duban/internal/rulebook"
	"duban/internal/rules"
	"duban/internal/store"
)

// Config is what the server stands on.
type Config struct {
	Store *store.Store
	Hub   *store.Hub // whoever runs it stops it
	Rules *rulebook.Shelf
	// Keeper keeps what is on the shelf: it amends organisations.
	Keeper *rules.Keeper
	// Carry takes an accepted command to its matter and to the record: engine.Carry with its store.
	Carry func(ctx context.Context, e store.Entry) (store.Entry, error)
	// History reads a matter's workflow history; Replan tells the matters that wait for a year's special days; Workflow asks
	// whether the workflow server answers.
	History  func(ctx context.Context, matter string) ([]engine.HistoryEvent, error)
	Replan   func(ctx context.Context) error
	Workflow func(ctx context.Context) error

	// MailServer is where mail goes, as host and port; empty: nowhere. TryMail sends one now and says what went wrong, by
	// the codes a mail's record has; empty: the server took it over.
	MailServer string
	TryMail    func(ctx context.Context, name, address, subject, text string) (fault string)
	Engine     *engine.Engine // how matters run, and their repairs; nil: neither

	Blobs     *store.Blobs                                                        // attachments' bytes
	Web       fs.FS                                                               // the built web application; nil: none
	Fonts     document.Fonts                                                      // empty: slips as docx only
	Voters    *identity.VoterKeys                                                 // keys of votes' rounds
	Voted     func(ctx context.Context, matter string, vote procedure.Vote) error // tells a matter that a unit has voted; nil: nobody does
	SignOn    *public.SignOn                                                      // nil: codes tell who votes
	Send      public.Sender                                                       // one-time codes to voters; nil: to the log
	Profile   identity.Profile
	Hasher    *identity.Hasher
	Full      func() bool // whether the disk has no room to spare; nil: never
	BaseURL   string      // as people type it; https makes the cookie secure
	Proxied   bool        // behind a proxy of one's own: X-Forwarded-For is believed
	Rehearse  bool        // matters may be given a pace
	Demo      bool        // the organisation is an invented one
	Version   string
	Metrics   prometheus.Gatherer // nil: /metrics gives the api's own only
	Token     string              // for /metrics from elsewhere than loopback; empty: loopback only
	NoMetrics bool                // /metrics is not there
	Log       *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Server answers requests. Its methods are the contract's operations.
type Server struct {
	Config
	store   *store.Store
	words   *words
	log     *slog.Logger
	now     func() time.Time
	secure  bool
	metrics *metrics
	logIns  *logIns
	box     *store.BallotBox
	handler *echo.Echo
	stop    context.CancelFunc
	stopped context.Context
	ending  sync.Mutex // of streams: none begins once the server stops
	streams sync.WaitGroup
}

// library is what is in force now; a handler with several questions takes it once.
func (s *Server) library() *rulebook.Library { return s.Rules.Library() }

// waitMost is how long a request waits for the outcome of its action.
const waitMost = 5 * time.Second

// New makes the server. Its handler serves the API, the web application and the operations' addresses.
func New(c Config) (*Server, error) {
	if c.Store == nil || c.Rules == nil || c.Keeper == nil || c.Carry == nil || c.Hasher == nil || c.Voters == nil || c.Log == nil {
		return nil, errors.New("api: Store, Rules, Keeper, Carry, Hasher, Voters and Log are needed")
	}
	base, err := url.Parse(c.BaseURL)
	if err != nil {
		return nil, err
	}
	s := &Server{Config: c, store: c.Store, words: newWords(c.Rules), log: c.Log, now: c.Now,
		secure: base.Scheme == "https"}
	if s.now == nil {
		s.now = time.Now
	}
	s.logIns = &logIns{by: map[string]*rate.Limiter{}, now: s.now}
	s.stopped, s.stop = context.WithCancel(context.Background())
	s.box = s.store.NewBallotBox(s.stopped)
	if s.Send == nil {
		s.Send = public.ToLog(s.log)
	}
	s.metrics = newMetrics(s)
	doc, err := Contract(s.stopped)
	if err != nil {
		return nil, err
	}
	return s, s.route(doc, base)
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Stop ends the streams, which would else keep the process from stopping, and waits until they have ended or ctx does.
// Call it as the http.Server's Shutdown begins.
func (s *Server) Stop(ctx context.Context) {
	s.ending.Lock()
	s.stop()
	s.ending.Unlock()
	ended := make(chan struct{})
	go func() {
		s.streams.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// streaming counts a stream in, unless the server is stopping; whoever was counted in calls ended.
func (s *Server) streaming() (ended func(), ok bool) {
	s.ending.Lock()
	defer s.ending.Unlock()
	if s.stopped.Err() != nil {
		return nil, false
	}
	s.streams.Add(1)
	s.metrics.streams.Inc()
	return func() {
		s.metrics.streams.Dec()
		s.streams.Done()
	}, true
}
