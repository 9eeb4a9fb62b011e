package scim

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/directory/login"
	"roster/handlers/scim/schema"
	"roster/handlers/web"
	"roster/models"
)

// Options are what the dialect needs besides the directory.
type Options struct {
	Log *slog.Logger
	// Bodies reads request bodies.
	Bodies *web.Bodies
	// Types are further types of resources, whose documents are kept as they are.
	Types []schema.ResourceType
}

// API is the dialect over one directory.
type API struct {
	dir     *directory.Service
	logins  *login.Service
	o       Options
	outages web.OutageLog
	stores  []store
	cursors sealer
	limiter *web.Limiter
}

// Prefix is where the dialect answers, version and all below it.
const Prefix = "/scim"

const base = Prefix + "/v2"

// Owns reports whether a path belongs to the dialect.
func Owns(path string) bool { return path == Prefix || strings.HasPrefix(path, Prefix+"/") }

// Dialect is the language, for the server.
var Dialect = web.Dialect{Name: "scim", Prefix: Prefix, Home: base + "/ServiceProviderConfig", Owns: Owns,
	Open: true, NotFound: notFound, Fault: fault}

// burst is how many seconds' worth of requests a token may make at once.
const burst = 4 * time.Second

// Mount registers the dialect.
func Mount(e *echo.Echo, dir *directory.Service, logins *login.Service, o Options) *API {
	api := &API{dir: dir, logins: logins, o: o, limiter: web.NewLimiter(burst),
		cursors: newSealer(dir.DerivedKey("scim cursors"))}
	api.stores = []store{users{api}, groups{api}}
	for i := range o.Types {
		api.stores = append(api.stores, documents{api, &o.Types[i]})
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		e.Add(method, base, api.serve)
		e.Add(method, base+"/*", api.serve)
	}
	return api
}

// serve answers a request.
func (api *API) serve(ec echo.Context) error {
	c := &call{Context: ec, api: api}
	defer c.release()
	web.NoteRoute(ec, web.UnknownRoute)
	if err := c.answer(); err != nil {
		return c.fail(err)
	}
	return nil
}

// Refusals with a shape of their own.
var (
	errNoPath       = errors.New("there is nothing under this path")
	errPrecondition = errors.New("the resource has another version")
	errMe           = errors.New("a token of an organization is no person")
	errMediaType    = errors.New("the body has to be application/scim+json or application/json, in UTF-8")
	errSwitchedOff  = errors.New("provisioning is switched off for this organization")
	errCredentials  = errors.New("the token is not valid")
	errNobody       = errors.New("a token is needed")
	errOwn          = errors.New("people change only the name, the mail, the password and the zone of their account")
	errNotProvider  = errors.New("only tokens of the organization and administrators may do this")
)

// verbError says which methods a path has.
type verbError struct{ allow string }

func (verbError) Error() string { return "the method is not supported here" }

// limitError says how long a client has to wait.
type limitError struct{ wait time.Duration }

func (limitError) Error() string { return "too many requests, please wait" }

// answer finds out what is asked, by whom, and does it (docs/spec/scim.md, 1 and 2).
func (c *call) answer() error {
	if err := web.CheckQuery(c.Request()); err != nil {
		return schema.Wrong(schema.InvalidSyntax, "the query cannot be read")
	}
	c.readPath()
	r := c.route()
	if r == nil {
		if err := c.identify(); err != nil {
			return err
		}
		return errNoPath
	}
	web.NoteRoute(c, c.template())
	action, ok := r.actions[c.method()]
	if r.open {
		if !ok {
			return verbError{r.allow()}
		}
		return action(c)
	}
	if err := c.identify(); err != nil {
		return err
	}
	if !ok {
		return verbError{r.allow()}
	}
	if err := c.admit(r); err != nil {
		return err
	}
	return action(c)
}

func (c *call) method() string {
	if m := c.Request().Method; m != http.MethodHead {
		return m
	}
	return http.MethodGet
}

// readPath takes the path apart: the organization, if it is named, and what follows.
func (c *call) readPath() {
	path := strings.Trim(strings.TrimPrefix(c.Request().URL.Path, base), "/")
	c.base = base
	if path != "" {
		c.parts = strings.Split(path, "/")
	}
	if len(c.parts) > 1 && strings.EqualFold(c.parts[0], "organizations") {
		c.organization = c.parts[1]
		c.base = base + "/" + c.parts[0] + "/" + c.parts[1]
		c.parts = c.parts[2:]
	}
	c.base = web.BaseURL(c) + web.Mounted(c, Prefix) + strings.TrimPrefix(c.base, Prefix)
}

// bearer is the token of a request: after Bearer, which some clients send twice and others leave out, or as the
// password of anybody.
func (c *call) bearer() (token, user string) {
	header := strings.TrimSpace(c.Request().Header.Get("Authorization"))
	if name, password, ok := c.Request().BasicAuth(); ok {
		if strings.HasPrefix(password, directory.ScimTokenPrefix) {
			return password, ""
		}
		return password, name
	}
	if strings.HasPrefix(header, directory.ScimTokenPrefix) {
		return header, ""
	}
	for range 2 {
		if scheme, rest, ok := strings.Cut(header, " "); ok && strings.EqualFold(scheme, "Bearer") {
			token = strings.TrimSpace(rest)
			header = token
		}
	}
	return token, ""
}

// identify finds out who asks, and for which organization.
func (c *call) identify() error {
	token, user := c.bearer()
	var err error
	switch {
	case token == "" && user == "":
		return errNobody
	case strings.HasPrefix(token, directory.ScimTokenPrefix) && user == "":
		c.p, err = c.api.logins.Provisioner(c.ctx(), token, c.RealIP(), web.RequestIDOf(c))
	default:
		err = c.login(token, user)
	}
	if errors.Is(err, login.ErrTooManyTries) {
		return limitError{login.BlockedFor}
	}
	if models.KindOf(err) == models.Unauthenticated || errors.Is(err, login.ErrCredentials) ||
		errors.Is(err, login.ErrDisabled) || errors.Is(err, login.ErrSecondFactor) {
		return errCredentials
	}
	if err != nil {
		return err
	}
	web.NoteLogin(c, c.p.Login)
	return c.limit()
}

// login lets a person in, by a password or by a token of their own.
func (c *call) login(token, user string) error {
	credentials := login.Credentials{Login: user, Password: token, RemoteAddress: c.RealIP(),
		RequestID: web.RequestIDOf(c)}
	if user == "" {
		credentials = login.Credentials{Bearer: token, RemoteAddress: c.RealIP(), RequestID: web.RequestIDOf(c)}
	}
	l, err := c.api.logins.Login(c.ctx(), credentials)
	if err != nil {
		return err
	}
	if l.MustChangePassword {
		return errCredentials
	}
	c.p = l.Principal
	return nil
}

// limit bounds how often a caller asks.
func (c *call) limit() error {
	s, err := c.api.dir.SnapshotFor(c.ctx(), c.p)
	if err != nil {
		return err
	}
	most := int(s.SettingInt("scim_rate")) * int(burst/time.Second)
	if wait, ok := c.api.limiter.Allow(strconv.FormatInt(c.p.Turn(), 10), most); !ok {
		return limitError{wait}
	}
	return nil
}

// admit lets in who may ask for this: the organization's token, and administrators; persons for themselves alone.
func (c *call) admit(r *route) error {
	s, err := c.api.dir.LatestSnapshot(c.ctx())
	if err != nil {
		return err
	}
	id := int64(0)
	if c.organization != "" {
		if id, err = strconv.ParseInt(c.organization, 10, 64); err != nil {
			id = s.TenantOfSlug(c.organization)
		}
	}
	c.person = c.p
	switch {
	case c.p.Provisioner != nil:
		if c.organization != "" && id != c.p.Provisioner.OrganizationID {
			return errNoPath
		}
		id = c.p.Provisioner.OrganizationID
	case id == 0:
		return errNoPath
	default:
		if err := c.act(r, id); err != nil {
			return err
		}
	}
	c.tenant = id
	on, err := c.api.dir.ScimEnabled(c.ctx(), c.p, id)
	if err == nil && !on {
		err = errSwitchedOff
	}
	return err
}

// act lets a person act for an organization.
func (c *call) act(r *route, id int64) error {
	acting, err := c.api.dir.ProvisionerFor(c.ctx(), c.p, directory.Ref{ID: id})
	if err == nil {
		c.p = acting
		return nil
	}
	if c.p.Admin {
		return err
	}
	if r.own {
		return nil // the verb says whether the person is a member
	}
	for _, member := range c.p.Organizations {
		if member == id {
			return errNotProvider
		}
	}
	return errNoPath
}

// seconds rounds a time up.
func seconds(d time.Duration) string { return strconv.Itoa(max(1, int(math.Ceil(d.Seconds())))) }
