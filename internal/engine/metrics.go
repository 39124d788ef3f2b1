package engine

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
)

// metrics collects what the Temporal SDK measures. The SDK names metrics as it goes and gives one name different sets of
// labels, so every series is its own metric and none is described beforehand.
type metrics struct {
	mu     sync.RWMutex
	series map[string]prometheus.Metric
}

func newMetrics() *metrics { return &metrics{series: map[string]prometheus.Metric{}} }

// Describe describes nothing: to Prometheus this makes an unchecked collector.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect gives every series.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, one := range m.series {
		to <- one
	}
}

func (m *metrics) handler() client.MetricsHandler { return tagged{metrics: m} }

// buckets reach from a workflow task's milliseconds to the end-to-end minutes of a retried activity.
var buckets = []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30, 60, 600}

func series[M prometheus.Metric](t tagged, name string, create func(prometheus.Labels) M) M {
	key := name + t.key
	t.mu.RLock()
	found, ok := t.series[key]
	t.mu.RUnlock()
	if !ok {
		labels := prometheus.Labels{}
		for label, value := range t.tags {
			labels[label] = strings.ToValidUTF8(value, "")
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if found, ok = t.series[key]; !ok {
			found = create(labels)
			t.series[key] = found
		}
	}
	return found.(M)
}

// tagged is the SDK's handler for one set of tags.
type tagged struct {
	*metrics
	tags map[string]string
	key  string
}

func (t tagged) WithTags(more map[string]string) client.MetricsHandler {
	tags := make(map[string]string, len(t.tags)+len(more))
	maps.Copy(tags, t.tags)
	maps.Copy(tags, more)
	var key strings.Builder
	for _, label := range slices.Sorted(maps.Keys(tags)) {
		key.WriteString("\x00" + label + "\x01" + tags[label])
	}
	return tagged{metrics: t.metrics, tags: tags, key: key.String()}
}

func (t tagged) Counter(name string) client.MetricsCounter {
	return counter{series(t, name, func(labels prometheus.Labels) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, ConstLabels: labels})
	})}
}

func (t tagged) Gauge(name string) client.MetricsGauge {
	return gauge{series(t, name, func(labels prometheus.Labels) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, ConstLabels: labels})
	})}
}

func (t tagged) Timer(name string) client.MetricsTimer {
	name += "_seconds"
	return timer{series(t, name, func(labels prometheus.Labels) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, ConstLabels: labels, Buckets: buckets})
	})}
}

type counter struct{ prometheus.Counter }

func (c counter) Inc(n int64) { c.Add(float64(n)) }

type gauge struct{ prometheus.Gauge }

func (g gauge) Update(value float64) { g.Set(value) }

type timer struct{ prometheus.Histogram }

func (t timer) Record(d time.Duration) { t.Observe(d.Seconds()) }
