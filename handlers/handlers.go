// Package handlers puts the server together: which dialect answers under which path, and what happens around every
// request. It is a table of contents and holds no rule of its own.
package handlers

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"roster/directory"
	"roster/directory/login"
	"roster/handlers/cvat"
	"roster/handlers/foreman"
	"roster/handlers/pages"
	"roster/handlers/redmine"
	"roster/handlers/scim"
	"roster/handlers/scim/schema"
	"roster/handlers/web"
)

// Options are what the server needs besides the directory.
type Options struct {
	Log *slog.Logger
	// Version is that of the program, for the pages.
	Version string
	// BodyLimit bounds request bodies, in bytes.
	BodyLimit int64
	// RequestTimeout bounds the work on one request; 0 does not.
	RequestTimeout time.Duration
	// TrustedProxies are the networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []netip.Prefix
	// IdentityProxies are the networks whose proxies may assert who is asking.
	IdentityProxies []netip.Prefix
	// Hosts are names of hosts at whose root a dialect answers.
	Hosts web.Hosts
	// Health answers /healthz and /readyz; nil means one that asks the database alone.
	Health *web.Health
	// Watchers see every request.
	Watchers []web.Watcher
	// ScimTypes are further types of resources of the SCIM dialect; tests have one.
	ScimTypes []schema.ResourceType
}

// Dialects are the languages that a server speaks. What none of them owns is answered by the first.
func Dialects() web.Dialects {
	return web.Dialects{foreman.Dialect, redmine.Dialect, cvat.Dialect, scim.Dialect}
}

// New returns the handler of all dialects.
func New(dir *directory.Service, logins *login.Service, o Options) *echo.Echo {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	dialects := Dialects()
	e := echo.New()
	documents := newApidoc(o)
	e.HideBanner = true
	e.HidePort = true
	e.IPExtractor = web.ClientAddress(o.TrustedProxies)
	e.HTTPErrorHandler = fallback(o.Log, dialects)
	e.Pre(o.Hosts.Route(dialects, o.TrustedProxies, ofServer), withoutSlash(dialects))
	if len(o.Watchers) > 0 {
		e.Use(web.Watching(dialects, ofServer, o.Watchers))
	}
	e.Use(onlyReading(dir), web.RequestID, web.AccessLog(o.Log), web.DialectHeaders(dialects),
		middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: logPanic(o.Log)}),
		web.SecurityHeaders, web.Secure(o.TrustedProxies), web.Timeout(o.RequestTimeout), documents.announce,
		dialects.Keep(ofServer), noOptions(dialects))
	bodies := web.NewBodies(o.BodyLimit)
	foreman.Mount(e, dir, logins, foreman.Options{Log: o.Log, Bodies: bodies, IdentityProxies: o.IdentityProxies})
	redmine.Mount(e, dir, logins, redmine.Options{Log: o.Log, Bodies: bodies})
	cvat.Mount(e, dir, logins, cvat.Options{Log: o.Log, Bodies: bodies, Strangers: web.NewLimiter(time.Minute),
		Resends: web.NewLimiter(time.Hour)})
	scim.Mount(e, dir, logins, scim.Options{Log: o.Log, Bodies: bodies, Types: o.ScimTypes})
	documents.mount(e)
	if o.Health == nil {
		o.Health = web.NewHealth(DatabaseCheck(dir))
	}
	e.GET("/healthz", echo.WrapHandler(http.HandlerFunc(o.Health.Alive)))
	e.GET("/readyz", echo.WrapHandler(http.HandlerFunc(o.Health.Ready)))
	return e
}

// onlyReading lets the answers to requests that only read come from replicas of the database.
func onlyReading(dir *directory.Service) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if r := c.Request(); r.Method == http.MethodGet || r.Method == http.MethodHead {
				if ctx := dir.Reading(r.Context()); ctx != r.Context() {
					c.SetRequest(r.WithContext(ctx))
				}
			}
			return next(c)
		}
	}
}

// DatabaseCheck asks whether the database works.
func DatabaseCheck(dir *directory.Service) web.Check {
	return web.Check{Name: "database", Run: dir.Ping}
}

// ofServer reports whether a path is answered by the server itself, and by no dialect: the same for every host.
func ofServer(path string) bool { return path == "/healthz" || path == "/readyz" || pages.Own(path) }

// noOptions answers OPTIONS, which Echo would answer by itself although no route has it.
func noOptions(dialects web.Dialects) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			dialect := dialects.For(c)
			if c.Request().Method == http.MethodOptions && !dialect.Verbatim {
				return dialect.NotFound(c)
			}
			return next(c)
		}
	}
}

// withoutSlash forgives a slash at the end of a path, but where a dialect tells such paths from others.
func withoutSlash(dialects web.Dialects) echo.MiddlewareFunc {
	return middleware.RemoveTrailingSlashWithConfig(middleware.TrailingSlashConfig{
		Skipper: func(c echo.Context) bool { return dialects.For(c).Verbatim },
	})
}

func logPanic(log *slog.Logger) middleware.LogErrorFunc {
	return func(c echo.Context, err error, stack []byte) error {
		log.LogAttrs(c.Request().Context(), slog.LevelError, "panic", slog.String("error", err.Error()),
			slog.String("request_id", web.RequestIDOf(c)), slog.String("stack", string(stack)))
		return err
	}
}

// fallback answers requests without an answer: unknown paths and verbs, and panics.
func fallback(log *slog.Logger, dialects web.Dialects) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		var he *echo.HTTPError
		if errors.As(err, &he) && (he.Code == http.StatusNotFound || he.Code == http.StatusMethodNotAllowed) {
			_ = dialects.For(c).NotFound(c)
			return
		}
		log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed", slog.String("error", err.Error()),
			slog.String("request_id", web.RequestIDOf(c)))
		_ = dialects.For(c).Fault(c)
	}
}
