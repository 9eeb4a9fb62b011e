package web

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"roster/models"
)

// serve sends one request through a middleware to a handler.
func serve(req *http.Request, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) *httptest.ResponseRecorder {
	e := echo.New()
	e.Use(middleware...)
	e.Any("/*", handler)
	res := httptest.NewRecorder()
	e.ServeHTTP(res, req)
	return res
}

func ok(c echo.Context) error { return c.String(http.StatusOK, RequestIDOf(c)) }

func TestRequestID(t *testing.T) {
	for sent, kept := range map[string]bool{"abc-123": true, strings.Repeat("x", 255): true, "": false,
		strings.Repeat("x", 256): false, "a b": false, "a\nb": false, "é": false, "a/b": false} {
		req := httptest.NewRequest("GET", "/", nil)
		req.Header.Set("X-Request-Id", sent)
		got := serve(req, ok, RequestID)
		if id := got.Header().Get("X-Request-Id"); (id == sent) != kept || id == "" || id != got.Body.String() {
			t.Errorf("%.20q: got %q and the handler %q", sent, id, got.Body)
		}
	}
}

func TestAccessLog(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	req := httptest.NewRequest("POST", "/api/users?password=hunter2", strings.NewReader("hunter2"))
	req.SetBasicAuth("bob", "hunter2")
	res := serve(req, func(c echo.Context) error {
		NoteLogin(c, "bob")
		return c.NoContent(http.StatusTeapot)
	}, RequestID, AccessLog(log))
	for _, want := range []string{`"method":"POST"`, `"path":"/api/users"`, `"status":418`, `"login":"bob"`,
		`"request_id":"` + res.Header().Get("X-Request-Id")} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %s: %s", want, &out)
		}
	}
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("the log has a secret: %s", &out)
	}
	out.Reset()
	serve(httptest.NewRequest("GET", "/", nil),
		func(c echo.Context) error { return echo.NewHTTPError(http.StatusNotFound) }, AccessLog(log))
	if !strings.Contains(out.String(), `"status":404`) {
		t.Errorf("the status of an error is not logged: %s", &out)
	}
}

func TestTimeout(t *testing.T) {
	look := func(d time.Duration) (bounded, streamBounded bool) {
		serve(httptest.NewRequest("GET", "/", nil), func(c echo.Context) error {
			_, bounded = c.Request().Context().Deadline()
			_, streamBounded = Unbounded(c).Deadline()
			return nil
		}, Timeout(d))
		return bounded, streamBounded
	}
	if bounded, stream := look(time.Minute); !bounded || stream {
		t.Errorf("with a time-out: got %t for requests and %t for streams", bounded, stream)
	}
	if bounded, stream := look(0); bounded || stream {
		t.Errorf("without: got %t for requests and %t for streams", bounded, stream)
	}
}

// Each dialect's answers carry its headers and nobody else's. What none owns is the first one's.
func TestDialectHeaders(t *testing.T) {
	named := func(name string, owns string) Dialect {
		return Dialect{Name: name, Owns: func(path string) bool { return strings.HasPrefix(path, owns) },
			Headers: func(h http.Header, took time.Duration) { h.Set("X-Dialect", name) }}
	}
	dialects := Dialects{named("one", "/one"), named("two", "/two")}
	for path, want := range map[string]string{"/one/users": "one", "/two/users": "two", "/": "one"} {
		res := serve(httptest.NewRequest("GET", path, nil),
			func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }, SecurityHeaders,
			DialectHeaders(dialects))
		if got := res.Header().Get("X-Dialect"); got != want {
			t.Errorf("%s: got the headers of %q, want those of %q", path, got, want)
		}
		policy := res.Header().Get("Content-Security-Policy")
		if policy == "" || strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "script-src") {
			t.Errorf("%s: pages may run other scripts than the server's: %q", path, policy)
		}
	}
}

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, test := range []struct {
		what, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "1.2.3.4:5", nil, "1.2.3.4"},
		{"a stranger's word is nothing", "1.2.3.4:5", []string{"9.9.9.9"}, "1.2.3.4"},
		{"a proxy's word", "10.0.0.1:5", []string{"9.9.9.9"}, "9.9.9.9"},
		{"the last that is no proxy", "10.0.0.1:5", []string{"6.6.6.6, 9.9.9.9, 10.0.0.2"}, "9.9.9.9"},
		{"over several headers", "10.0.0.1:5", []string{"6.6.6.6", "9.9.9.9", "10.0.0.2"}, "9.9.9.9"},
		{"proxies all the way", "10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"nonsense ends the trail", "10.0.0.1:5", []string{"9.9.9.9, nonsense, 10.0.0.2"}, "10.0.0.2"},
		{"nothing said", "10.0.0.1:5", nil, "10.0.0.1"},
		{"IPv6", "[::1]:5", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv4 as IPv6", "[::ffff:10.0.0.1]:5", []string{"9.9.9.9"}, "9.9.9.9"},
		{"no port", "1.2.3.4", nil, "1.2.3.4"},
	} {
		req := httptest.NewRequest("GET", "/", nil)
		req.RemoteAddr = test.peer
		req.Header["X-Forwarded-For"] = test.forwarded
		if got := ClientAddress(trusted)(req); got != test.want {
			t.Errorf("%s: got %s, want %s", test.what, got, test.want)
		}
	}
}

func TestSecure(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		what, peer string
		forwarded  []string
		tls, want  bool
	}{
		{"plain", "1.2.3.4:5", nil, false, false},
		{"TLS", "1.2.3.4:5", nil, true, true},
		{"TLS, whatever a stranger says", "1.2.3.4:5", []string{"http"}, true, true},
		{"a stranger's word is nothing", "1.2.3.4:5", []string{"https"}, false, false},
		{"a proxy's word", "10.0.0.1:5", []string{"https"}, false, true},
		{"in capitals", "10.0.0.1:5", []string{" HTTPS "}, false, true},
		{"a proxy with a plain client", "10.0.0.1:5", []string{"http"}, false, false},
		{"the first of two proxies", "10.0.0.1:5", []string{"https, http"}, false, true},
		{"the first of two proxies with a plain client", "10.0.0.1:5", []string{"http, https"}, false, false},
		{"nonsense", "10.0.0.1:5", []string{"httpsx"}, false, false},
		{"IPv4 as IPv6", "[::ffff:10.0.0.1]:5", []string{"https"}, false, true},
		{"no port", "10.0.0.1", []string{"https"}, false, false},
	} {
		req := httptest.NewRequest("GET", "/", nil)
		req.RemoteAddr = test.peer
		req.Header["X-Forwarded-Proto"] = test.forwarded
		if test.tls {
			req.TLS = &tls.ConnectionState{}
		}
		var secure bool
		res := serve(req, func(c echo.Context) error { secure = IsSecure(c); return nil }, Secure(trusted))
		header := res.Header().Get("Strict-Transport-Security")
		if secure != test.want || (header == "max-age=631139040; includeSubdomains") != test.want ||
			(header == "") == test.want {
			t.Errorf("%s: got %t and %q", test.what, secure, header)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	res := serve(httptest.NewRequest("GET", "/", nil), ok, SecurityHeaders)
	for name, want := range map[string]string{"X-Frame-Options": "sameorigin", "X-Content-Type-Options": "nosniff"} {
		if got := res.Header().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	for kind, want := range map[models.Kind]int{
		models.Internal: 500, models.Invalid: 422, models.Unauthenticated: 401, models.Forbidden: 403,
		models.NotFound: 404, models.Conflict: 409, models.Unavailable: 503, models.BadRequest: 400, 99: 500,
	} {
		if got := Status(kind); got != want {
			t.Errorf("%v: got %d, want %d", kind, got, want)
		}
	}
}
