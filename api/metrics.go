package api

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crypto/subtle"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"duban/internal/store"
)

// metrics are the api's figures.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	streams  prometheus.Gauge
	handler  http.Handler
}

// scrapeMost is how long the database may take to count.
const scrapeMost = 2 * time.Second

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "duban_http_requests_total", Help: "Requests answered."},
			[]string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duban_http_request_seconds", Help: "Time to answer.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"method", "route"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "duban_streams", Help: "Open streams of server-sent events."}),
	}
	m.registry.MustRegister(m.requests, m.took, m.streams, &counted{s: s,
		open:   prometheus.NewDesc("duban_journal_open", "Commands accepted and not settled.", nil, nil),
		oldest: prometheus.NewDesc("duban_projection_lag_seconds", "Age of the oldest command accepted and not recorded.", nil, nil),
		early:  prometheus.NewDesc("duban_projection_waiting_matters", "Matters with recorded events that wait for earlier ones.", nil, nil),
		mail:   prometheus.NewDesc("duban_mail_waiting", "Mails due and not accepted by the mail server.", nil, nil),
		failed: prometheus.NewDesc("duban_mail_failing", "Mails tried in vain so far.", nil, nil),
		posted: prometheus.NewDesc("duban_mail_oldest_seconds", "Age of the oldest mail due and not accepted.", nil, nil),
		stuck:  prometheus.NewDesc("duban_incidents", "What is stuck, by kind.", []string{"kind"}, nil),
		up:     prometheus.NewDesc("duban_database_up", "Whether the database could be asked for the figures above.", nil, nil),
	})
	gather := prometheus.Gatherers{m.registry}
	if s.Metrics != nil {
		gather = append(gather, s.Metrics)
	}
	m.handler = promhttp.HandlerFor(gather, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) observe(c echo.Context, took time.Duration) {
	route := c.Path()
	if route == "" {
		route = "none"
	}
	method := c.Request().Method
	m.requests.WithLabelValues(method, route, strconv.Itoa(c.Response().Status)).Inc()
	if !strings.HasSuffix(route, "/stream") {
		m.took.WithLabelValues(method, route).Observe(took.Seconds())
	}
}

// counted are figures the database is asked for when somebody asks for them.
type counted struct {
	s                                                    *Server
	open, oldest, early, mail, failed, posted, up, stuck *prometheus.Desc
}

// Describe names the figures.
func (c *counted) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{c.open, c.oldest, c.early, c.mail, c.failed, c.posted, c.up, c.stuck} {
		ch <- desc
	}
}

// Collect asks for them. Of a database that does not answer only that is said: absent figures are no zeros.
func (c *counted) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(c.s.stopped, scrapeMost)
	defer cancel()
	gauge := func(desc *prometheus.Desc, value float64) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	open, oldest, err := c.s.store.JournalOpen(ctx)
	early, earlyErr := c.s.store.Early(ctx)
	waiting, failing, posted, mailErr := c.s.store.MailFigures(ctx)
	stuck, stuckErr := c.s.store.OpenIncidents(ctx)
	if errors.Join(err, earlyErr, mailErr, stuckErr) != nil {
		gauge(c.up, 0)
		return
	}
	gauge(c.open, float64(open))
	gauge(c.oldest, oldest)
	gauge(c.early, float64(early))
	gauge(c.mail, float64(waiting))
	gauge(c.failed, float64(failing))
	gauge(c.posted, posted)
	for _, kind := range store.IncidentKinds {
		ch <- prometheus.MustNewConstMetric(c.stuck, prometheus.GaugeValue, float64(stuck[kind]), kind)
	}
	gauge(c.up, 1)
}

// GetMetrics gives the figures to who may have them: whoever asks from this machine, or bears the token.
func (s *Server) GetMetrics(ctx context.Context, _ GetMetricsRequestObject) (GetMetricsResponseObject, error) {
	who := callerOf(ctx)
	address := net.ParseIP(who.address)
	bearer, _ := strings.CutPrefix(who.authorization, "Bearer ")
	byToken := s.Token != "" && subtle.ConstantTimeCompare([]byte(bearer), []byte(s.Token)) == 1
	if s.NoMetrics || !byToken && (address == nil || !address.IsLoopback()) {
		return nil, &fault{code: "not-found"}
	}
	return figures{s.metrics.handler, ctx}, nil
}

// figures are written by Prometheus's own handler.
type figures struct {
	handler http.Handler
	ctx     context.Context
}

// VisitGetMetricsResponse writes them as plain text.
func (f figures) VisitGetMetricsResponse(w http.ResponseWriter) error {
	r, err := http.NewRequestWithContext(f.ctx, http.MethodGet, "/metrics", nil)
	if err != nil {
		return err
	}
	f.handler.ServeHTTP(w, r)
	return nil
}

// GetHealth says that the process is alive, nothing more.
func (s *Server) GetHealth(context.Context, GetHealthRequestObject) (GetHealthResponseObject, error) {
	return GetHealth200JSONResponse{Status: HealthStatusOk, Version: s.Version}, nil
}

// readyMost is how long a dependency may take to answer.
const readyMost = 2 * time.Second

// GetReadiness says whether the process can serve. Without Temporal it can: actions are accepted and carried out later.
func (s *Server) GetReadiness(ctx context.Context, _ GetReadinessRequestObject) (GetReadinessResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, readyMost)
	defer cancel()
	health := Health{Status: HealthStatusOk, Version: s.Version}
	if s.Workflow != nil && s.Workflow(ctx) != nil {
		health.Missing = append(health.Missing, "workflow")
	}
	if s.store.Ping(ctx) != nil {
		health.Missing = append(health.Missing, "database")
		health.Status = HealthStatusUnavailable
	}
	if s.stopped.Err() != nil {
		health.Missing = append(health.Missing, "stopping")
		health.Status = HealthStatusUnavailable
	}
	if health.Status == HealthStatusUnavailable {
		return GetReadiness503JSONResponse(health), nil
	}
	return GetReadiness200JSONResponse(health), nil
}
