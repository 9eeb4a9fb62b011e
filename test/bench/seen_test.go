package bench

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"roster/cli/server/metrics"
	"roster/cli/server/traces"
	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/handlers"
	"roster/handlers/web"
)

// The kinds of servers that are watched.
const (
	kindMetrics = "metrics"
	kindTraces  = "traces"
	// collectorVar names the collector of traces.
	collectorVar = "ROSTER_BENCH_COLLECTOR"
)

const (
	// scrapeEvery is how often metrics are fetched meanwhile, which is more often than usual.
	scrapeEvery = time.Second
	seenRounds  = 15
)

// BenchmarkSeen returns what metrics and traces of every request add to the processor time of a list of 20 users, in
// per cent of the same list without them. The servers take turns; each figure is the median of the ratios of its
// rounds. The control is a second server without them: what it shows is noise. What a server does beside the requests,
// such as sending traces and answering scrapes, is part of it.
func BenchmarkSeen(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer collector.Close()
	b.Setenv(collectorVar, collector.URL)
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			dsn, db := filled(b, dialect, 10_000)
			list := get(func(int64) string { return "/api/users?per_page=20" })
			kinds := []string{"bare", "control", kindMetrics, kindTraces} // the control is a second bare one
			servers := map[string]server{}
			for _, kind := range kinds {
				servers[kind] = start(b, kind, dsn)
				load(b, servers[kind], db, list) // to warm up
			}
			cost := map[string][]float64{}
			for i := range seenRounds {
				took := map[string]float64{}
				for j := range kinds { // in another order each round
					kind := kinds[(i+j)%len(kinds)]
					f := load(b, servers[kind], db, list)
					took[kind] = f.serverCPU + f.databaseCPU
				}
				for _, kind := range kinds {
					cost[kind] = append(cost[kind], took[kind])
				}
			}
			more := func(kind string) float64 {
				var ratios []float64
				for i, bare := range cost["bare"] {
					ratios = append(ratios, cost[kind][i]/bare)
				}
				slices.Sort(ratios)
				return 100 * (ratios[len(ratios)/2] - 1)
			}
			slices.Sort(cost["bare"])
			b.ReportMetric(cost["bare"][seenRounds/2], "CPU-µs/req")
			b.ReportMetric(more("control"), "control-%")
			b.ReportMetric(more(kindMetrics), "metrics-%")
			b.ReportMetric(more(kindTraces), "traces-%")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// watchedHandler returns a server with metrics or traces, as serve wires it.
func watchedHandler(kind string, cfg config.Config) (http.Handler, error) {
	db, err := config.Open(context.Background(), cfg, nil)
	if err != nil {
		return nil, err
	}
	options := handlers.Options{BodyLimit: 1 << 20, RequestTimeout: time.Minute}
	o := directoryOptions(db)
	if kind == kindTraces {
		t, err := traces.New(context.Background(), traces.Options{URL: os.Getenv(collectorVar), Ratio: 1,
			Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return nil, err
		}
		options.Watchers = []web.Watcher{t.Visit}
		o.Watch = t.Directory()
		db.Watch(t.Statement)
		return newHandler(o, options)
	}
	m := metrics.New()
	options.Watchers = []web.Watcher{m.Visit}
	o.Watch.Statement = func(ctx context.Context, text string, began time.Time, err error) {
		m.Statement(ctx, config.Statement{Pool: config.PoolRead, Began: began, Err: err})
	}
	db.Watch(m.Statement)
	svc, err := directory.New(o)
	if err != nil {
		return nil, err
	}
	logins := login.New(svc)
	options.Health = web.NewHealth(handlers.DatabaseCheck(svc))
	m.Collect(metrics.Sources{Database: db, Directory: svc, Logins: logins, Health: options.Health})
	scrape := m.Handler(slog.New(slog.DiscardHandler))
	go func() {
		for range time.Tick(scrapeEvery) {
			scrape.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/metrics", nil))
		}
	}()
	return handlers.New(svc, logins, options), nil
}

func newHandler(o directory.Options, options handlers.Options) (http.Handler, error) {
	svc, err := directory.New(o)
	if err != nil {
		return nil, err
	}
	return handlers.New(svc, login.New(svc), options), nil
}

// BenchmarkSeenRequest returns what metrics and traces add to the time of one such request, in per cent: the medians of
// many, request by request in turns, so that the state of the machine counts little. What is done beside the requests
// is not part of it; BenchmarkSeen has that.
func BenchmarkSeenRequest(b *testing.B) {
	const requests = 4000
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer collector.Close()
	b.Setenv(collectorVar, collector.URL)
	for _, dialect := range []string{config.SQLite, config.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			dsn, _ := filled(b, dialect, 10_000)
			kinds := []string{"bare", "control", kindMetrics, kindTraces}
			took := map[string][]time.Duration{}
			all := map[string]http.Handler{}
			for _, kind := range kinds {
				var err error
				if all[kind], err = handlerOf(kind, dsn); err != nil {
					b.Fatal(err)
				}
			}
			for i := range requests {
				for j := range kinds {
					kind := kinds[(i+j)%len(kinds)]
					r := httptest.NewRequest("GET", "/api/users?per_page=20", nil)
					r.SetBasicAuth("admin", password)
					took[kind] = append(took[kind], medianOf(1, func() {
						w := httptest.NewRecorder()
						if all[kind].ServeHTTP(w, r); w.Code != http.StatusOK {
							b.Fatal(w.Code, w.Body)
						}
					}))
				}
			}
			half := func(kind string) float64 {
				slices.Sort(took[kind])
				return float64(took[kind][requests/2].Nanoseconds())
			}
			b.ReportMetric(half("bare")/1000, "µs/req")
			for _, kind := range kinds[1:] {
				b.ReportMetric(100*(half(kind)/half("bare")-1), kind+"-%")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
