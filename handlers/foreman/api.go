package foreman

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/directory/login"
	"roster/gate"
	"roster/handlers/web"
	"roster/models"
)

// Options are what the dialect needs besides the directory.
type Options struct {
	Log *slog.Logger
	// BodyLimit bounds request bodies, in bytes.
	BodyLimit int64
	// IdentityProxies are the networks whose proxies may assert who is asking; none by default.
	IdentityProxies []netip.Prefix
}

// Version is the version of the API that the dialect speaks, as Foreman_version and /api/status say it. Clients parse
// it and adapt to it.
const Version = "3.13.0-develop"

// Dialect is Foreman's language, for the server.
var Dialect = web.Dialect{Name: "foreman", Owns: Owns, NotFound: NotFound}

// API is the dialect over one directory.
type API struct {
	dir         *directory.Service
	logins      *login.Service
	o           Options
	strangers   chan struct{}
	largeBodies *gate.Gate[int64]
	outages     web.OutageLog
}

// Mount registers every route of the dialect.
func Mount(e *echo.Echo, dir *directory.Service, logins *login.Service, o Options) *API {
	api := &API{dir: dir, logins: logins, o: o, strangers: make(chan struct{}, maxStrangers),
		largeBodies: gate.New[int64](maxLargeBodies, maxLargeBodiesEach, time.Now)}
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

// Owns reports whether a path belongs to the dialect, so that unknown ones get its kind of 404.
func Owns(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// serve wraps a handler in the checks that come before every action, in their order (docs/spec/foreman.md, 1).
func (api *API) serve(r *Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := &call{Context: ec, api: api, route: r}
		defer c.release()
		for _, step := range []func(*call) error{readQuery, admit, authorize, setContext, checkMediaType} {
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

// readQuery refuses a query string of which a part cannot be parsed. Ignoring the part could drop a limit.
func readQuery(c *call) error {
	if _, err := url.ParseQuery(c.Request().URL.RawQuery); err != nil {
		return parameterError{message: "The query of the request cannot be read: " + printable(err.Error())}
	}
	return nil
}

// admit authenticates the caller, and then reads the body. Of an unauthenticated caller only the syntax of the body is
// checked, because broken JSON is answered before a refused login (docs/spec/foreman.md, 1).
func admit(c *call) error {
	if err := authenticate(c); err != nil || c.route.Access.Anybody {
		return cmp.Or(c.api.checkStranger(c.Request()), err)
	}
	return readBody(c)
}

// maxStrangers is how many bodies of unauthenticated callers are checked at once. Beyond them, the check is skipped.
const maxStrangers = 16

func (api *API) checkStranger(r *http.Request) error {
	select {
	case api.strangers <- struct{}{}:
	default:
		return nil
	}
	defer func() { <-api.strangers }()
	return web.CheckBody(r, api.o.BodyLimit)
}

const (
	// maxLargeBodies is how many requests with large bodies are under way at once, and maxLargeBodiesEach how many of
	// one caller: each may take twenty times its size in memory.
	maxLargeBodies     = 8
	maxLargeBodiesEach = 2
	// largeBodyPatience is how long a large body may take to arrive.
	largeBodyPatience = 10 * time.Second
)

func readBody(c *call) error {
	if size := c.Request().ContentLength; size < 0 || size > web.LargeBody {
		leave, err := c.api.largeBodies.Enter(c.ctx(), c.p.UserID)
		if err != nil {
			return models.Fail(models.Unavailable, models.RuleBusyWithBodies).Because(err)
		}
		c.held = append(c.held, leave)
		// A request that holds a place must send in time, or loses it.
		control := http.NewResponseController(c.Response())
		_ = control.SetReadDeadline(time.Now().Add(largeBodyPatience))
		defer func() { _ = control.SetReadDeadline(time.Time{}) }()
	}
	var err error
	c.body, err = web.ReadBody(c.Request(), c.api.o.BodyLimit)
	return err
}
