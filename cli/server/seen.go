package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"roster/cli/server/metrics"
	"roster/cli/server/traces"
	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/handlers"
	"roster/handlers/web"
	"roster/migrations"
)

// flushTime bounds how long the end of the program waits for a collector of traces.
const flushTime = 3 * time.Second

// profileTime is how long an answer on the metrics listener may take: profiles of half a minute are usual.
const profileTime = time.Minute

// seen is what people who run the server see of it: health, metrics and traces.
type seen struct {
	log      *slog.Logger
	health   *web.Health
	watchers []web.Watcher
	// directory watches the directory's work, statements those of the database.
	directory  directory.Watch
	statements []config.Watch

	metrics  *metrics.Metrics // nil unless there is a listener
	listener net.Listener
	server   *http.Server
	traces   *traces.Tracer // nil where there are none
}

// newSeen prepares what the settings ask for, and listens where metrics are asked for.
func newSeen(ctx context.Context, cfg config.Config, log *slog.Logger) (*seen, error) {
	s := &seen{log: log}
	if cfg.Traces != "" {
		if err := s.trace(ctx, cfg); err != nil {
			return nil, err
		}
	}
	if cfg.MetricsListen != "" {
		if err := s.listen(ctx, cfg); err != nil {
			s.flush(ctx)
			return nil, err
		}
	}
	s.directory.Statement = s.direct()
	return s, nil
}

// trace starts to trace.
func (s *seen) trace(ctx context.Context, cfg config.Config) error {
	kind := map[bool]string{true: "sqlite", false: "postgresql"}
	var err error
	s.traces, err = traces.New(ctx, traces.Options{URL: cfg.Traces, Ratio: cfg.TracesRatio, Version: BuildVersion(),
		Database: kind[cfg.IsSQLite()], Log: s.log})
	if err != nil {
		return fmt.Errorf("--traces / ROSTER_TRACES: %w", err)
	}
	s.log = slog.New(traces.Handler(s.log.Handler()))
	s.watchers = append(s.watchers, s.traces.Visit)
	s.statements = append(s.statements, s.traces.Statement)
	s.directory = s.traces.Directory()
	return nil
}

// listen takes the address of the metrics.
func (s *seen) listen(ctx context.Context, cfg config.Config) error {
	var err error
	if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.MetricsListen); err != nil {
		return fmt.Errorf("listen on %s (--metrics-listen / ROSTER_METRICS_LISTEN): %w", cfg.MetricsListen, err)
	}
	address := s.listener.Addr().String()
	s.log.Info("metrics", "address", address)
	if addr, ok := s.listener.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() {
		s.log.Warn("metrics are open to other machines: whoever reaches this address can read them",
			"address", address, "profiles", cfg.MetricsPprof)
	}
	s.metrics = metrics.New()
	s.watchers = append(s.watchers, s.metrics.Visit)
	s.statements = append(s.statements, s.metrics.Statement)
	s.server = newServer(cfg, nil, s.log)
	s.server.WriteTimeout = profileTime
	if cfg.MetricsPprof {
		s.server.Handler = profiles()
	}
	return nil
}

// direct returns what is told of the directory's statements without GORM, nil where nobody watches.
func (s *seen) direct() func(ctx context.Context, text string, began time.Time, err error) {
	if len(s.statements) == 0 {
		return nil
	}
	return func(ctx context.Context, text string, began time.Time, err error) {
		s.statement(ctx, config.Statement{Pool: config.PoolRead, Began: began, Err: err,
			Text: func() string { return text }})
	}
}

// statement tells all of a statement.
func (s *seen) statement(ctx context.Context, made config.Statement) {
	for _, watch := range s.statements {
		watch(ctx, made)
	}
}

// begin watches the database, and answers on the metrics listener. certificate is nil where there is no TLS.
func (s *seen) begin(db *config.Database, svc *directory.Service, logins *login.Service,
	certificate *config.Certificate) {
	s.health = web.NewHealth(handlers.DatabaseCheck(svc), web.Check{Name: "schema",
		Run: func(ctx context.Context) error { return migrations.Check(ctx, db.Reads(), db.Dialect) }})
	if len(s.statements) > 0 {
		db.Watch(s.statement)
	}
	if s.server == nil {
		return
	}
	from := metrics.Sources{Database: db, Directory: svc, Logins: logins, Health: s.health, Version: BuildVersion()}
	if certificate != nil {
		from.CertificateEnds = func() time.Time { return certificate.Leaf().NotAfter }
	}
	if s.traces != nil {
		from.Spans = s.traces.Spans
	}
	s.metrics.Collect(from)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler(s.log))
	mux.HandleFunc("GET /healthz", s.health.Alive)
	mux.HandleFunc("GET /readyz", s.health.Ready)
	if s.server.Handler != nil {
		mux.Handle("GET /debug/pprof/", s.server.Handler)
	}
	s.server.Handler = mux
	go func() { _ = s.server.Serve(s.listener) }() // which ends with stop
}

// profiles answers with profiles of the program.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// stop ends the metrics listener.
func (s *seen) stop() {
	if s.server != nil {
		_ = s.server.Close()
	}
}

// flush sends the traces that wait, and gives up the listener if nobody has begun to serve on it.
func (s *seen) flush(ctx context.Context) {
	if s.listener != nil {
		_ = s.listener.Close()
	}
	if s.traces == nil {
		return
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()
	if err := s.traces.Close(limited); err != nil {
		s.log.Warn("the last traces were not sent", "error", err)
	}
}
