package foreman

import (
	"log/slog"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/handlers/web"
)

// Options are what the dialect needs besides the directory.
type Options struct {
	Log *slog.Logger
	// BodyLimit bounds request bodies, in bytes.
	BodyLimit int64
	// IdentityProxies are the networks whose proxies may assert who is asking; none by default.
	IdentityProxies []netip.Prefix
	// Version is what Foreman_version and /api/status tell. Clients parse it and adapt to it.
	Version string
}

// API is the dialect over one directory.
type API struct {
	dir *directory.Service
	o   Options
}

// Mount registers every route of the dialect.
func Mount(e *echo.Echo, dir *directory.Service, o Options) *API {
	api := &API{dir: dir, o: o}
	for _, r := range api.Routes() {
		handler := api.serve(&r)
		for _, path := range r.paths() {
			e.Add(r.Method, path, handler)
			if r.Method == "GET" {
				e.Add("HEAD", path, handler)
			}
			if r.Method == "PUT" {
				e.Add("PATCH", path, handler)
			}
		}
	}
	return api
}

// Owns tells whether a path belongs to the dialect, so that unknown ones get its kind of 404.
func Owns(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// serve wraps a handler in the checks that come before every action, in the order of the spec's section 1.
func (api *API) serve(r *Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := &call{Context: ec, api: api, route: r}
		for _, step := range []func(*call) error{readQuery, readBody, authenticate, authorize, setContext, checkMediaType} {
			if err := step(c); err != nil {
				return c.fail(err)
			}
		}
		if err := r.handler(c); err != nil {
			return c.fail(err)
		}
		return nil
	}
}

// readQuery refuses queries of which a part cannot be read. Left out, a limit that somebody wrote would be none.
func readQuery(c *call) error {
	if _, err := url.ParseQuery(c.Request().URL.RawQuery); err != nil {
		return parameterError{message: "The query of the request cannot be read: " + printable(err.Error())}
	}
	return nil
}

func readBody(c *call) error {
	var err error
	c.body, err = web.ReadBody(c.Request(), c.api.o.BodyLimit)
	return err
}
