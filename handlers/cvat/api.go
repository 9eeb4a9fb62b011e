package cvat

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

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
	// Strangers counts the requests of those who are not logged in.
	Strangers *web.Limiter
	// Resends counts how often somebody has invitations sent again.
	Resends *web.Limiter
}

// API is the dialect over one directory.
type API struct {
	dir     *directory.Service
	logins  *login.Service
	o       Options
	outages web.OutageLog
	routes  []Route
}

// Dialect is CVAT's language, for the server.
var Dialect = web.Dialect{Name: "cvat", Prefix: Prefix, Home: Prefix + "/api/users/self", Owns: Owns, Verbatim: true,
	NotFound: noRoute, Fault: fault}

// serve answers a request: it finds out what is asked, in which media type, by whom, in which organization, and calls
// the route's handler (docs/spec/cvat.md, 2).
func (api *API) serve(ec echo.Context) error {
	c := &call{Context: ec, api: api}
	defer c.release()
	web.NoteRoute(ec, web.UnknownRoute)
	steps := []func(*call) error{readTarget, negotiate, enabled, identify, countStrangers, admit, setContext, readRoute,
		mayChange, readBody}
	for _, step := range steps {
		if err := step(c); err != nil {
			return c.fail(err)
		}
	}
	if c.Request().Method == http.MethodOptions {
		return c.describe()
	}
	if err := c.route.handler(c); err != nil {
		return c.fail(err)
	}
	return nil
}

// readTarget finds the routes of the path. Whatever has none is not looked at further.
func readTarget(c *call) error {
	c.Response().Header().Set("Vary", "Accept")
	if c.target = c.api.find(c.Request().URL); c.target == nil {
		return errNoRoute
	}
	web.NoteRoute(c, Prefix+c.target.path)
	c.Response().Header().Set("Allow", strings.Join(c.target.methods(), ", "))
	if err := web.CheckQuery(c.Request()); err != nil {
		return refuseWith("The query of the address cannot be read.")
	}
	return nil
}

// apiEnabled is the setting that switches the dialect off: no path answers then.
const apiEnabled = "cvat_api_enabled"

// enabled reads the settings of this moment.
func enabled(c *call) error {
	s, err := c.api.dir.LatestSnapshot(c.ctx())
	if err != nil {
		return err
	}
	c.settings = s
	if !s.SettingBool(apiEnabled) {
		return errNoRoute
	}
	return nil
}

// open reports whether the path is one that anybody may ask.
func (t *target) open() bool { return t.routes[0].Access == forAnybody }

// countStrangers counts a request of somebody who is not logged in. Where the path is closed to them they are told so;
// elsewhere too many requests have to wait.
func countStrangers(c *call) error {
	if c.p != nil {
		return nil
	}
	most := int(c.settings.SettingInt("cvat_anonymous_rate"))
	wait, ok := c.api.o.Strangers.Allow("cvat "+web.Network(c.RealIP()), most)
	if !ok && c.target.open() {
		return throttled{wait}
	}
	return nil
}

// admit refuses callers whom the path is closed to, before anything is looked up.
func admit(c *call) error {
	switch {
	case c.p == nil && !c.target.open():
		return errNobody
	case c.p != nil && c.p.MustChangePassword && !changesPassword[c.target.path]:
		return refusal{http.StatusForbidden, detail{"The password has to be changed before anything else."}}
	}
	return nil
}

// changesPassword are the paths of those whose password has to be changed.
var changesPassword = map[string]bool{
	"/api/users/self": true, "/api/auth/password/change": true, "/api/auth/login": true, "/api/auth/logout": true,
	"/api/server/about": true,
}

// readRoute finds the route of the method.
func readRoute(c *call) error {
	method := c.Request().Method
	if c.route = c.target.route(method); c.route == nil && method != http.MethodOptions {
		return refusal{http.StatusMethodNotAllowed, detail{`Method "` + method + `" not allowed.`}}
	}
	return nil
}

// changes reports whether the method is one that may change something.
func (c *call) changes() bool {
	switch c.Request().Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return true
}

// mayChange refuses changes by a token that only lets its holder look.
func mayChange(c *call) error {
	if c.p != nil && c.p.ReadOnly && c.changes() {
		return errForbidden
	}
	return nil
}

// Refusals that have no words of their own; see errors.go.
var (
	errNoRoute   = errors.New("cvat: no such route")
	errNobody    = errors.New("cvat: nobody is logged in")
	errForbidden = models.DeniedBecause(models.RuleNoPermission)
)
