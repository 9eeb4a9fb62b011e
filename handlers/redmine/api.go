package redmine

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
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
}

// API is the dialect over one directory.
type API struct {
	dir     *directory.Service
	logins  *login.Service
	o       Options
	outages web.OutageLog
	routes  []Route
}

// Dialect is Redmine's language, for the server.
var Dialect = web.Dialect{Name: "redmine", Prefix: Prefix, Home: Prefix + "/roles.json", Owns: Owns,
	NotFound: noRoute, Fault: fault,
	Headers: headers}

// headers are those of every answer (docs/spec/redmine.md, 3.4).
func headers(h http.Header, took time.Duration) {
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-XSS-Protection", "1; mode=block")
	h.Set("X-Download-Options", "noopen")
	h.Set("X-Permitted-Cross-Domain-Policies", "none")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("X-Runtime", strconv.FormatFloat(took.Seconds(), 'f', 6, 64))
}

// serve answers a request: it finds out what is asked, in which format, by whom, and calls the route's handler
// (docs/spec/redmine.md, 1 and 2).
func (api *API) serve(ec echo.Context) error {
	c := &call{Context: ec, api: api}
	defer c.release()
	web.NoteRoute(ec, web.UnknownRoute)
	if !Owns(c.Request().URL.Path) {
		return echo.ErrNotFound
	}
	for _, step := range []func(*call) error{readTarget, readQuery, sameSite, admit, override, authorize} {
		if err := step(c); err != nil {
			return c.fail(err)
		}
	}
	if err := c.route.handler(c); err != nil {
		return c.fail(err)
	}
	return nil
}

// Refusals that have a shape of their own; see errors.go.
var (
	errNoRoute       = errors.New("redmine: no such route")
	errNoFormat      = errors.New("redmine: neither .json nor .xml was asked for")
	errUnknownFormat = errors.New("redmine: an unknown format was asked for")
	errNobody        = errors.New("redmine: nobody is logged in")
	errForbidden     = errors.New("redmine: not for this caller")
	errSwitchUser    = errors.New("redmine: there is nobody to switch to")
	errNoBody        = errors.New("redmine: the object is missing in the body")
)

// readTarget reads the path and the format: that of the suffix, or of the parameter. Whatever has no route in any
// method is not looked at further.
func readTarget(c *call) error {
	t, err := targetOf(c.Request().URL)
	if err != nil {
		return errNoRoute
	}
	c.target = t
	c.format = t.suffix
	if !t.suffixed {
		c.format = c.QueryParam("format")
	}
	if _, _, known := c.api.find("", t.parts); !known {
		return errNoRoute
	}
	web.NoteRoute(c, c.api.template(t.parts))
	switch {
	case c.format == "json", c.format == "xml":
		return nil
	case c.format == "csv" && slices.Equal(t.parts, []string{"users"}):
		return nil
	case c.format == "" && !t.suffixed:
		c.format = "json"
		return errNoFormat
	}
	c.format = "json"
	return errUnknownFormat
}

func readQuery(c *call) error { return web.CheckQuery(c.Request()) }

// override lets a POST stand for another method, and finds the route.
func override(c *call) error {
	method := c.Request().Method
	if method == http.MethodPost {
		kind, _ := kindOf(c.Request())
		wanted := c.Request().Header.Get("X-HTTP-Method-Override")
		if kind == "form" {
			wanted = cmp.Or(c.text("_method"), wanted)
		}
		if wanted = strings.ToUpper(wanted); slices.Contains([]string{"GET", "PUT", "PATCH", "DELETE"}, wanted) {
			method = wanted
		}
	}
	var known bool
	if c.route, c.params, known = c.api.find(method, c.target.parts); c.route == nil || !known {
		return errNoRoute
	}
	return nil
}

// sameSite refuses changes that a page of another site makes a browser send with credentials that the browser keeps.
// Programs send no such header.
func sameSite(c *call) error {
	switch c.Request().Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	if method := c.Request().Method; method == http.MethodGet || method == http.MethodHead {
		return nil
	}
	return errForbidden
}

// admit finds out who asks, and reads the body, which may say so, too. Whoever is not let in is nobody; whether that is
// enough, the route says (docs/spec/redmine.md, 2).
func admit(c *call) error {
	refused := c.identify()
	if refused != nil && !liftable(refused) {
		return refused
	}
	if err := c.readBody(); err != nil {
		return err
	}
	if key := c.text("key"); key != "" && c.QueryParam("key") == "" {
		refused = c.login(key) // a key goes before a password that does not do
	}
	if refused != nil {
		return refused
	}
	if c.p == nil {
		return c.beNobody()
	}
	return c.switchUser()
}

// identify finds the caller by the header and the query, and the settings of this moment. Those of a caller are at
// hand; where the dialect seems to be switched off, or nobody is let in, they are read before.
func (c *call) identify() error {
	known := c.api.dir.KnownSnapshot()
	tried := known != nil && known.SettingBool(apiEnabled)
	var refused error // which another key may lift
	if tried {
		if refused = c.login(c.key()); refused != nil && !liftable(refused) {
			return refused
		}
	}
	if c.p != nil {
		s, err := c.api.dir.SnapshotFor(c.ctx(), c.p)
		if err != nil {
			return err
		}
		if s.SettingBool(apiEnabled) {
			c.settings = s
			return refused
		}
	}
	s, err := c.api.dir.LatestSnapshot(c.ctx())
	if err != nil {
		return err
	}
	c.settings = s
	if c.disabled = !s.SettingBool(apiEnabled); c.disabled || !tried {
		return c.login(c.key()) // which lets nobody in where the dialect is switched off
	}
	return refused
}

// liftable reports whether a key in the body may let in whom a password did not.
func liftable(refused error) bool {
	return errors.Is(refused, errForbidden) || errors.Is(refused, login.ErrSecondFactor)
}

// apiEnabled is the setting that switches the dialect off.
const apiEnabled = "redmine_rest_api_enabled"

// key is the API key of a request, but for one in the body.
func (c *call) key() string {
	return cmp.Or(strings.TrimSpace(c.QueryParam("key")),
		strings.TrimSpace(c.Request().Header.Get("X-Redmine-API-Key")))
}

// keyForm is what API keys look like that this server makes.
var keyForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

// login finds the caller by a key or, without one, by a login with its password or a key in the place of the login.
// Wrong credentials leave the caller unknown.
func (c *call) login(key string) error {
	c.p = nil
	c.keyed = key != ""
	if c.disabled {
		return nil
	}
	name, password, basic := c.Request().BasicAuth()
	name = strings.TrimSpace(name)
	var tries []login.Credentials
	switch {
	case c.keyed:
		tries = []login.Credentials{{APIKey: key}}
	case basic && keyForm.MatchString(name):
		tries = []login.Credentials{{APIKey: name}, {Login: name, Password: password}}
	case basic && name != "":
		tries = []login.Credentials{{Login: name, Password: password}}
	}
	for _, a := range tries {
		a.RemoteAddress = c.RealIP()
		a.RequestID = web.RequestIDOf(c)
		l, err := c.api.logins.Login(c.ctx(), a)
		if errors.Is(err, login.ErrCredentials) || errors.Is(err, login.ErrDisabled) {
			continue
		}
		if err != nil {
			return err
		}
		c.p = l.Principal
		web.NoteLogin(c, c.p.Login)
		if c.p.MustChangePassword {
			return errForbidden
		}
		return nil
	}
	return nil
}

// beNobody lets somebody without an account go on, where the installation allows that.
func (c *call) beNobody() error {
	c.anonymous = true
	if c.settings.SettingBool("redmine_login_required") && !c.disabled {
		return errNobody
	}
	var err error
	c.p, err = c.api.logins.Anonymous(c.ctx(), c.RealIP(), web.RequestIDOf(c))
	return err
}

// switchUser lets an administrator act as somebody else.
func (c *call) switchUser() error {
	name := strings.TrimSpace(c.Request().Header.Get("X-Redmine-Switch-User"))
	if name == "" || !c.p.Admin {
		return nil
	}
	p, err := c.api.logins.SwitchUser(c.ctx(), c.p, name)
	if models.KindOf(err) == models.NotFound {
		return errSwitchUser
	}
	if err != nil {
		return err
	}
	c.p = p
	return nil
}

// authorize refuses callers whom the route is closed to, before anything is looked up.
func authorize(c *call) error {
	needsLogin := c.route.Access != forAnybody
	switch {
	case needsLogin && c.disabled:
		return errForbidden
	case needsLogin && c.anonymous:
		return errNobody
	case c.route.Access == forAdmins && !c.p.Admin:
		return errForbidden
	}
	return nil
}

// forbidden answers what people have in the original and programs have not.
func forbidden(*call) error { return errForbidden }
