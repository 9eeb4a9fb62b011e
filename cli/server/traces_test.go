package server

import (
	"bytes"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// sink is a collector of traces.
type sink struct {
	*httptest.Server
	mu    sync.Mutex
	raw   []byte
	paths map[string]bool
	spans []*otlp.Span
}

func newSink(t *testing.T) *sink {
	s := &sink{paths: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var export collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(body, &export)
		}
		if err != nil {
			t.Error("no trace:", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.raw = append(s.raw, body...)
		s.paths[r.URL.Path] = true
		for _, resource := range export.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				s.spans = append(s.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// of returns the spans of a trace.
func (s *sink) of(trace string) []*otlp.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*otlp.Span
	for _, span := range s.spans {
		if hex.EncodeToString(span.TraceId) == trace {
			list = append(list, span)
		}
	}
	return list
}

func attribute(span *otlp.Span, key string) string {
	for _, a := range span.Attributes {
		if a.Key == key {
			return strings.Trim(a.Value.String(), ` `)
		}
	}
	return ""
}

// named returns the span of a name, and its parent's name.
func named(t *testing.T, spans []*otlp.Span, name string) (span *otlp.Span, parent string) {
	t.Helper()
	for _, s := range spans {
		if s.Name == name {
			span = s
		}
	}
	if span == nil {
		t.Fatalf("there is no span %q in %v", name, names(spans))
	}
	for _, s := range spans {
		if bytes.Equal(s.SpanId, span.ParentSpanId) {
			parent = s.Name
		}
	}
	return span, parent
}

func names(spans []*otlp.Span) []string {
	var list []string
	for _, s := range spans {
		list = append(list, s.Name)
	}
	return list
}

func TestTraces_RequestVerbAndStatements(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		to := newSink(t)
		s := startWatched(t, database, "ROSTER_TRACES="+to.URL)
		const mine = "0af7651916cd43dd8448eb211c80319c"
		header := []string{"traceparent", "00-" + mine + "-b7ad6b7169203331-01", "tracestate", "vendor=tracestatevalue"}
		status, text := ask(t, "POST", s.url+"/api/users", "admin", seenPassword,
			`{"user":{"login":"zelenka","firstname":"Zarathustra","auth_source_id":1,"password":"hunter2hunter2"}}`,
			header...)
		if status != 201 {
			t.Fatal(status, text)
		}
		s.admin("GET", "/api/users?search=firstname=Zarathustra", "", 200)
		ask(t, "GET", s.url+"/api/users", "mallory", "swordfish", "")
		ask(t, "POST", s.url+"/api/users", "admin", seenPassword,
			`{"user":{"login":"zelenka","auth_source_id":1,"password":"hunter2hunter2"}}`) // which is taken
		s.admin("GET", "/api/users?search=oddfield=oddvalue", "", 400)
		listed := s.log.waitFor(t, `"msg":"request","method":"GET","path":"/api/users","status":200[^\n]*"trace_id":"(\w+)"`)
		refused := s.log.waitFor(t, `"msg":"a login was refused"[^\n]*"trace_id":"(\w+)"`)
		s.log.waitFor(t, `"msg":"request","method":"POST","path":"/api/users","status":201[^\n]*"trace_id":"`+mine+`"`)
		for _, trace := range []string{mine, listed, refused} {
			until(t, "the trace "+trace+" has come", func() bool {
				for _, span := range to.of(trace) {
					if span.Kind == otlp.Span_SPAN_KIND_SERVER {
						return true
					}
				}
				return false
			})
		}

		created := to.of(mine)
		request, _ := named(t, created, "POST /api/users")
		if got := hex.EncodeToString(request.ParentSpanId); got != "b7ad6b7169203331" {
			t.Errorf("the parent is %s", got)
		}
		if got := attribute(request, "http.response.status_code"); !strings.Contains(got, "201") {
			t.Errorf("the status is %s", got)
		}
		if got := attribute(request, "roster.dialect"); !strings.Contains(got, "foreman") {
			t.Errorf("the dialect is %s", got)
		}
		if _, parent := named(t, created, "change CreateUser"); parent != "POST /api/users" {
			t.Errorf("the verb belongs to %q", parent)
		}
		insert, parent := named(t, created, "INSERT")
		text = attribute(insert, "db.query.text")
		if parent != "change CreateUser" || !strings.Contains(text, "INSERT INTO") {
			t.Errorf("the statement %s belongs to %q", text, parent)
		}
		searched := to.of(listed)
		if _, parent := named(t, searched, "list users"); parent != "GET /api/users" {
			t.Errorf("the list belongs to %q", parent)
		}
		if n := len(searched); n < 4 {
			t.Errorf("only %d spans: %v", n, names(searched))
		}
		if !to.paths["/v1/traces"] {
			t.Error("spans go to", to.paths)
		}

		if err := s.stop(); err != nil { // which sends the last ones
			t.Fatal(err)
		}
		to.mu.Lock()
		defer to.mu.Unlock()
		for _, value := range []string{"zelenka", "Zarathustra", "hunter2", "mallory", "swordfish", seenPassword,
			"tracestatevalue", "argon2", "oddfield", "oddvalue"} {
			if bytes.Contains(to.raw, []byte(value)) {
				t.Errorf("the value %q is in a trace", value)
			}
		}
	})
}

func TestTraces_Ratio(t *testing.T) {
	to := newSink(t)
	s := startWatched(t, sqliteURL(t), "ROSTER_TRACES="+to.URL, "ROSTER_TRACES_RATIO=0")
	s.admin("GET", "/api/users", "", 200)
	ask(t, "GET", s.url+"/api/users", "admin", seenPassword, "", "traceparent",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	for _, span := range to.spans {
		if hex.EncodeToString(span.TraceId) != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("the span %s was sent", span.Name)
		}
	}
	if len(to.spans) == 0 {
		t.Error("the trace of a caller who wants it was not sent")
	}
}

// A collector that is gone, or that does not answer, delays nobody and fills no log.
func TestTraces_WithoutACollector(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, url := range map[string]string{"gone": gone.URL, "silent": "http://" + silent.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			s := startWatched(t, sqliteURL(t), "ROSTER_TRACES="+url)
			const failed = `roster_trace_spans_total{result="failed"}`
			for failures, last := 0, 0.0; failures < 2; {
				s.admin("GET", "/api/users", "", 200)
				if now := s.scrape()[failed]; now > last {
					last = now
					failures++
				}
				time.Sleep(time.Millisecond)
			}
			began := time.Now()
			if err := s.stop(); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 3*flushTime {
				t.Errorf("the end took %s", took)
			}
			if n := strings.Count(s.log.String(), "traces cannot be sent"); n != 1 {
				t.Errorf("%d complaints, want 1", n)
			}
		})
	}
}

func TestTraces_OffLeavesNoTrace(t *testing.T) {
	s := startWatched(t, sqliteURL(t))
	s.admin("GET", "/api/users", "", 200)
	if strings.Contains(s.log.String(), "trace_id") {
		t.Error("a line names a trace")
	}
}
