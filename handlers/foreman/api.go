package foreman

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/directory/login"
	"roster/handlers/web"
	"roster/models"
)

// Options are what the dialect needs besides the directory.
type Options struct {
	Log *slog.Logger
	// Bodies reads request bodies.
	Bodies *web.Bodies
	// IdentityProxies are the networks whose proxies may assert who is asking; none by default.
	IdentityProxies []netip.Prefix
}

// Version is the version of the API that the dialect speaks, as Foreman_version and /api/status say it. Clients parse
// it and adapt to it.
const Version = "3.13.0-develop"

// Dialect is Foreman's language, for the server.
var Dialect = web.Dialect{Name: "foreman", Prefix: "/foreman", AtRoot: true, Home: "/api", Owns: Owns,
	NotFound: NotFound,
	Fault:    fault, Headers: headers}

// fault answers what went wrong outside of any action.
func fault(c echo.Context) error {
	return c.Blob(http.StatusInternalServerError, contentType, []byte(`{"status":500,"error":"Internal Server Error"}`))
}

// headers are those that Rails sends with every answer (docs/spec/foreman.md, 17).
func headers(h http.Header, took time.Duration) {
	h.Set("X-XSS-Protection", "1; mode=block")
	h.Set("X-Download-Options", "noopen")
	h.Set("X-Permitted-Cross-Domain-Policies", "none")
	h.Set("X-Runtime", strconv.FormatFloat(took.Seconds(), 'f', 6, 64))
}

// API is the dialect over one directory.
type API struct {
	dir     *directory.Service
	logins  *login.Service
	o       Options
	outages web.OutageLog
}

// Mount registers every route of the dialect.
func Mount(e *echo.Echo, dir *directory.Service, logins *login.Service, o Options) *API {
	api := &API{dir: dir, logins: logins, o: o}
	for _, r := range api.Routes() {
		handler := api.serve(&r)
		for _, path := range r.paths() {
			web.Add(e, r.Method, path, handler)
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

func readQuery(c *call) error { return web.CheckQuery(c.Request()) }

// admit authenticates the caller, and then reads the body. Of an unauthenticated caller only the syntax of the body is
// checked, because broken JSON is answered before a refused login (docs/spec/foreman.md, 1).
func admit(c *call) error {
	if err := authenticate(c); err != nil || c.route.Access.Anybody {
		return cmp.Or(c.api.o.Bodies.CheckStranger(c.Request()), err)
	}
	return readBody(c)
}

func readBody(c *call) error {
	body, leave, err := c.api.o.Bodies.Read(c, c.p.UserID)
	c.body = body
	c.held = append(c.held, leave)
	return err
}

// sessionCookie carries the secret of a session, in 32 hexadecimal digits (docs/spec/foreman.md, 7.3).
const sessionCookie = "_session_id"

// csrfHeader is where a browser's pages find the token of their session, and show it again.
const csrfHeader = "X-Csrf-Token"

// inZone gives a caller without a time zone that of the browser, which clients send as a cookie (docs/spec/foreman.md,
// 7.8). An unknown name counts as none.
func (c *call) inZone(p *models.Principal) *models.Principal {
	cookie, err := c.Cookie("timezone")
	if err != nil || p.ZoneChosen {
		return p
	}
	name, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		name = cookie.Value
	}
	zone, err := models.LoadZone(name)
	if err != nil {
		return p
	}
	moved := *p
	moved.Zone = zone
	return &moved
}

// authenticate authenticates the caller, and starts a session for one that sent credentials (docs/spec/foreman.md, 7.1
// to 7.3).
func authenticate(c *call) error {
	if c.route.Access.Anybody {
		return nil
	}
	a := c.credentials()
	l, err := c.api.logins.Login(c.ctx(), a)
	switch {
	case errors.Is(err, login.ErrTooManyTries):
		return login.ErrTooManyTries
	case errors.Is(err, login.ErrCredentials):
		// Without a login the message ends with a blank, which is part of the wording that clients know.
		return models.Fail(models.Unauthenticated, models.RuleLoginRefused, printable(a.Login)).Because(err)
	case err != nil:
		return err
	}
	c.p = c.inZone(l.Principal)
	web.NoteLogin(c, c.p.Login)
	session, csrf, err := c.api.logins.StartSession(c.ctx(), l)
	if err != nil {
		return err
	}
	if session != "" {
		c.SetCookie(&http.Cookie{Name: sessionCookie, Value: session, Path: "/", HttpOnly: true,
			SameSite: http.SameSiteLaxMode, Secure: web.IsSecure(c)})
	}
	if csrf != "" {
		c.Response().Header().Set(csrfHeader, csrf)
	}
	return nil
}

// credentials collects everything in a request that may authenticate its sender.
func (c *call) credentials() login.Credentials {
	r := c.Request()
	a := login.Credentials{
		RemoteAddress: c.RealIP(), RequestID: web.RequestIDOf(c),
		Asserted: web.AssertedIdentity(r, c.api.o.IdentityProxies),
		// Browsers say where their requests come from, and scripts do not.
		Browser:  r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != "",
		Changing: r.Method != http.MethodGet && r.Method != http.MethodHead, CSRF: r.Header.Get(csrfHeader),
	}
	a.Login, a.Password, _ = r.BasicAuth()
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		a.Bearer = strings.TrimSpace(token)
	}
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		a.Session = cookie.Value
	}
	return a
}

// extLogin answers an authenticated caller without a body: clients call it for the session alone (docs/spec/foreman.md,
// 2.3).
func extLogin(c *call) error { return c.NoContent(http.StatusNoContent) }
