// Package metrics shows numbers of the server to Prometheus. Requests and statements are counted as they come; all
// other numbers are asked for at a scrape, so that they cost nothing in between.
//
// No label holds a text that a client chose, and the number of series is bounded.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"roster/config"
	"roster/handlers/web"
)

const (
	// maxVisits bounds the combinations of dialect, route, method and status that are told apart. There are some
	// hundred routes with a handful of statuses each.
	maxVisits = 5000
	// scrapeTimeout bounds a scrape, and scrapesAtOnce how many are answered at once.
	scrapeTimeout = 10 * time.Second
	scrapesAtOnce = 3
)

// Metrics are the numbers of one server. They are safe for concurrent use.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	inFlight   prometheus.Gauge
	statements map[string]statements

	mu     sync.RWMutex
	visits map[visited]series
}

// visited is a combination that has been seen.
type visited struct {
	web.Visit
	status int
}

// series are the metrics of one.
type series struct {
	count prometheus.Counter
	took  prometheus.Observer
}

// statements are the metrics of one pool.
type statements struct {
	took   prometheus.Observer
	failed prometheus.Counter
}

// New returns metrics without numbers from elsewhere; see Collect.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: httpRequests.Name, Help: httpRequests.Help},
			httpRequests.Labels),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: httpSeconds.Name, Help: httpSeconds.Help,
			Buckets: []float64{.005, .02, .1, .5, 2, 10}}, httpSeconds.Labels),
		inFlight:   prometheus.NewGauge(prometheus.GaugeOpts{Name: httpInFlight.Name, Help: httpInFlight.Help}),
		statements: map[string]statements{},
		visits:     map[visited]series{},
	}
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: statementSeconds.Name,
		Help: statementSeconds.Help, Buckets: []float64{.0005, .002, .01, .05, .2, 1, 5}}, statementSeconds.Labels)
	failed := prometheus.NewCounterVec(prometheus.CounterOpts{Name: statementFailures.Name,
		Help: statementFailures.Help}, statementFailures.Labels)
	for _, pool := range []string{config.PoolWrite, config.PoolRead, config.PoolSearch} {
		m.statements[pool] = statements{took.WithLabelValues(pool), failed.WithLabelValues(pool)}
	}
	m.registry.MustRegister(m.requests, m.durations, m.inFlight, took, failed, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Visit is a web.Watcher that counts requests.
func (m *Metrics) Visit(r *http.Request, _ web.Visit) (context.Context, func(web.Visited)) {
	m.inFlight.Inc()
	return r.Context(), m.visited
}

func (m *Metrics) visited(v web.Visited) {
	m.inFlight.Dec()
	s := m.seriesOf(visited{v.Visit, v.Status})
	s.count.Inc()
	s.took.Observe(v.Took.Seconds())
}

// seriesOf returns the metrics of a combination, those of all others where there are too many.
func (m *Metrics) seriesOf(v visited) series {
	m.mu.RLock()
	s, ok := m.visits[v]
	m.mu.RUnlock()
	if ok {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	full := len(m.visits) >= maxVisits
	if full {
		v = visited{web.Visit{Dialect: web.OtherMethod, Route: web.OtherMethod, Method: web.OtherMethod}, 0}
	}
	s = series{m.requests.WithLabelValues(v.Dialect, v.Route, v.Method, strconv.Itoa(v.status)),
		m.durations.WithLabelValues(v.Dialect, v.Route, v.Method)}
	if !full {
		m.visits[v] = s
	}
	return s
}

// Statement is a config.Watch that counts statements.
func (m *Metrics) Statement(_ context.Context, s config.Statement) {
	of := m.statements[s.Pool]
	of.took.Observe(time.Since(s.Began).Seconds())
	if s.Err != nil {
		of.failed.Inc()
	}
}

// Handler answers scrapes.
func (m *Metrics) Handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce, Timeout: scrapeTimeout,
	})
}
