// Package traces sends traces of requests to an OpenTelemetry collector: the request, the verb of the directory, and
// its statements without their values. It is the only package that knows OpenTelemetry.
//
// A collector that is slow or gone costs nothing but its traces: spans wait in a bounded queue and are dropped beyond
// it, a batch is sent once, and failures are logged once a minute.
package traces

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"roster/config"
	"roster/directory"
	"roster/handlers/web"
	"roster/models"
)

const (
	// queue is how many ended spans wait to be sent, and batch how many are sent at once.
	queue = 2048
	batch = 512
	// sendEvery is how long a span waits for others, and sendTimeout how long the collector may take for a batch.
	sendEvery   = time.Second
	sendTimeout = 5 * time.Second
	// maxText bounds attributes, in bytes: statements with many conditions are long.
	maxText = 4096
	// complainEvery is how often failures to send are logged.
	complainEvery = time.Minute
)

// Options say where traces go.
type Options struct {
	// URL is the collector's. Without a path, the usual one is added.
	URL string
	// Ratio is the share of the requests that are traced, from 0 to 1. A request that names a trace goes by what that
	// says.
	Ratio float64
	// Version is that of the program, Database the kind of its database.
	Version, Database string
	Log               *slog.Logger
}

// Tracer makes traces. It is safe for concurrent use.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	sender   *sender
	database attribute.KeyValue
}

// New returns a Tracer. The collector need not be there.
func New(ctx context.Context, o Options) (*Tracer, error) {
	target, err := url.Parse(o.URL)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	if strings.Trim(target.Path, "/") == "" {
		target.Path = "/v1/traces"
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(target.String()),
		otlptracehttp.WithTimeout(sendTimeout), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}))
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	out := &sender{SpanExporter: exporter, log: o.Log}
	limits := sdktrace.NewSpanLimits()
	limits.AttributeValueLengthLimit = maxText
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(out, sdktrace.WithMaxQueueSize(queue), sdktrace.WithMaxExportBatchSize(batch),
			sdktrace.WithBatchTimeout(sendEvery), sdktrace.WithExportTimeout(sendTimeout)),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Ratio))),
		sdktrace.WithRawSpanLimits(limits),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "roster"),
			attribute.String("service.version", o.Version))))
	return &Tracer{provider: provider, tracer: provider.Tracer("roster"), sender: out,
		database: attribute.String("db.system.name", o.Database)}, nil
}

// Close sends what waits, as long as the context goes on.
func (t *Tracer) Close(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// Spans returns how many spans were sent, and how many could not be.
func (t *Tracer) Spans() (exported, failed int64) {
	return t.sender.exported.Load(), t.sender.failed.Load()
}

// sender keeps failures away from OpenTelemetry, which would log each of them.
type sender struct {
	sdktrace.SpanExporter
	log              *slog.Logger
	exported, failed atomic.Int64

	mu         sync.Mutex
	complained time.Time
}

// ExportSpans sends spans once. It returns no error.
func (s *sender) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := s.SpanExporter.ExportSpans(ctx, spans)
	if err == nil {
		s.exported.Add(int64(len(spans)))
		return nil
	}
	s.failed.Add(int64(len(spans)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.complained.IsZero() || time.Since(s.complained) >= complainEvery {
		s.complained = time.Now()
		s.log.Warn("traces cannot be sent", slog.String("error", err.Error()), slog.Int("spans", len(spans)))
	}
	return nil
}

// Visit is a web.Watcher that traces requests. A request may name the trace that it belongs to, by traceparent.
func (t *Tracer) Visit(r *http.Request, v web.Visit) (context.Context, func(web.Visited)) {
	ctx := r.Context()
	if r.Header.Get("traceparent") != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
		// What others note in a trace is not passed on.
		from := trace.SpanContextFromContext(ctx).WithTraceState(trace.TraceState{})
		ctx = trace.ContextWithRemoteSpanContext(ctx, from)
	}
	ctx, span := t.tracer.Start(ctx, v.Method+" "+v.Route, trace.WithSpanKind(trace.SpanKindServer))
	if !span.IsRecording() {
		return ctx, func(web.Visited) { span.End() }
	}
	return ctx, func(end web.Visited) {
		if end.Route != v.Route {
			span.SetName(end.Method + " " + end.Route)
		}
		span.SetAttributes(attribute.String("http.request.method", end.Method),
			attribute.String("http.route", end.Route), attribute.String("roster.dialect", end.Dialect),
			attribute.Int("http.response.status_code", end.Status))
		if end.Status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Directory watches the work of the directory.
func (t *Tracer) Directory() directory.Watch {
	return directory.Watch{
		Work: t.work,
		Statement: func(ctx context.Context, text string, began time.Time, err error) {
			t.Statement(ctx, config.Statement{Pool: config.PoolRead, Began: began, Err: err,
				Text: func() string { return text }})
		},
	}
}

// work traces a list or a change within a request that is traced.
func (t *Tracer) work(ctx context.Context, kind, noun string) (context.Context, func(error)) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, func(error) {}
	}
	name := kind + " " + noun
	if noun == "" {
		name = strings.TrimSpace(kind + " " + verb())
	}
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, func(err error) {
		fail(span, err)
		span.End()
	}
}

// fail marks a span. The text of an error is left out, since it may hold what somebody wrote.
func fail(span trace.Span, err error) {
	if err == nil {
		return
	}
	span.SetAttributes(attribute.String("error.type", models.KindOf(err).String()))
	span.SetStatus(codes.Error, "")
}

// verbs is how names of the directory's methods begin in a stack.
const verbs = "roster/directory.(*Service)."

// verb returns the method of the directory that was called from outside, "" where there is none.
func verb() string {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	name := ""
	for {
		frame, more := frames.Next()
		if method, ok := strings.CutPrefix(frame.Function, verbs); ok {
			method, _, _ = strings.Cut(method, ".")
			if method[0] >= 'A' && method[0] <= 'Z' {
				name = method
			}
		}
		if !more {
			return name
		}
	}
}

// Statement is a config.Watch that traces statements within a request that is traced.
func (t *Tracer) Statement(ctx context.Context, s config.Statement) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	text := s.Text()
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	_, span := t.tracer.Start(ctx, word, trace.WithTimestamp(s.Began), trace.WithSpanKind(trace.SpanKindClient))
	span.SetAttributes(t.database, attribute.String("db.query.text", text), attribute.String("roster.pool", s.Pool))
	fail(span, s.Err)
	span.End()
}

// Handler returns a handler of log lines that writes the trace of a line into it.
func Handler(inner slog.Handler) slog.Handler { return handler{inner} }

type handler struct{ slog.Handler }

// Handle writes a line, with the id of its trace.
func (h handler) Handle(ctx context.Context, line slog.Record) error {
	if at := trace.SpanContextFromContext(ctx); at.HasTraceID() {
		line = line.Clone()
		line.AddAttrs(slog.String("trace_id", at.TraceID().String()))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs keeps the trace in lines with further attributes.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the trace in lines of a group.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
