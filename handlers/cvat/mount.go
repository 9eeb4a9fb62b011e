package cvat

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/directory/login"
)

// access says whom a route is open to. What they may see and change is the directory's business.
type access int

// The zero value is the narrowest.
const (
	forMembers access = iota
	forAnybody
)

// Route is one line of the dialect's table of contents. Paths are without prefix.
type Route struct {
	Method, Path string
	// Model is what answers call a record that is not there; empty where none is looked up.
	Model   string
	Access  access
	handler func(*call) error
}

// Routes lists every route once. What can be read can be asked about with HEAD, and every path with OPTIONS.
func (api *API) Routes() []Route {
	return []Route{
		{"GET", "/api/users", "User", forMembers, api.usersList},
		{"POST", "/api/users", "User", forMembers, api.usersCreate},
		{"GET", "/api/users/self", "User", forMembers, api.usersSelf},
		{"GET", "/api/users/:id", "User", forMembers, api.usersRetrieve},
		{"PATCH", "/api/users/:id", "User", forMembers, api.usersUpdate},
		{"DELETE", "/api/users/:id", "User", forMembers, api.usersDestroy},
		{"GET", "/api/organizations", "Organization", forMembers, api.organizationsList},
		{"POST", "/api/organizations", "Organization", forMembers, api.organizationsCreate},
		{"GET", "/api/organizations/:id", "Organization", forMembers, api.organizationsRetrieve},
		{"PATCH", "/api/organizations/:id", "Organization", forMembers, api.organizationsUpdate},
		{"DELETE", "/api/organizations/:id", "Organization", forMembers, api.organizationsDestroy},
		{"GET", "/api/memberships", "Membership", forMembers, api.membershipsList},
		{"GET", "/api/memberships/:id", "Membership", forMembers, api.membershipsRetrieve},
		{"PATCH", "/api/memberships/:id", "Membership", forMembers, api.membershipsUpdate},
		{"DELETE", "/api/memberships/:id", "Membership", forMembers, api.membershipsDestroy},
		{"GET", "/api/invitations", "Invitation", forMembers, api.invitationsList},
		{"POST", "/api/invitations", "Invitation", forMembers, api.invitationsCreate},
		{"GET", "/api/invitations/:key", "Invitation", forMembers, api.invitationsRetrieve},
		{"DELETE", "/api/invitations/:key", "Invitation", forMembers, api.invitationsDestroy},
		{"POST", "/api/invitations/:key/accept", "Invitation", forMembers, api.invitationsAccept},
		{"POST", "/api/invitations/:key/decline", "Invitation", forMembers, api.invitationsDecline},
		{"POST", "/api/invitations/:key/resend", "Invitation", forMembers, api.invitationsResend},
		{"POST", "/api/auth/login", "", forAnybody, api.login},
		{"POST", "/api/auth/logout", "", forAnybody, api.logout},
		{"POST", "/api/auth/register", "", forAnybody, api.register},
		{"GET", "/api/auth/account-confirm-email/:key/", "", forAnybody, api.confirmMail},
		{"POST", "/api/auth/password/change", "", forMembers, api.passwordChange},
		{"POST", "/api/auth/password/reset", "", forAnybody, api.passwordReset},
		{"POST", "/api/auth/password/reset/confirm", "", forAnybody, api.passwordResetConfirm},
		{"GET", "/api/auth/access_tokens", "AccessToken", forMembers, api.tokensList},
		{"POST", "/api/auth/access_tokens", "AccessToken", forMembers, api.tokensCreate},
		{"GET", "/api/auth/access_tokens/self", "AccessToken", forMembers, api.tokensSelf},
		{"GET", "/api/auth/access_tokens/:id", "AccessToken", forMembers, api.tokensRetrieve},
		{"PATCH", "/api/auth/access_tokens/:id", "AccessToken", forMembers, api.tokensUpdate},
		{"DELETE", "/api/auth/access_tokens/:id", "AccessToken", forMembers, api.tokensDestroy},
		{"GET", "/api/server/about", "", forAnybody, api.about},
	}
}

// Prefix is where the whole dialect answers.
const Prefix = "/cvat"

// Owns reports whether a path belongs to the dialect.
func Owns(path string) bool { return path == Prefix || strings.HasPrefix(path, Prefix+"/") }

// Mount registers the dialect.
func Mount(e *echo.Echo, dir *directory.Service, logins *login.Service, o Options) *API {
	api := &API{dir: dir, logins: logins, o: o}
	api.routes = api.Routes()
	for _, path := range []string{Prefix, Prefix + "/*"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			e.Add(method, path, api.serve)
		}
	}
	return api
}

// target is what a request is for: the routes of its path, by their methods, and what the path names.
type target struct {
	path   string
	routes []*Route
	params map[string]string
}

// find returns what a path is for, nil for a path that no route has. A path may end in ".json", which chooses nothing:
// there is one format.
func (api *API) find(u *url.URL) *target {
	path := strings.TrimPrefix(u.EscapedPath(), Prefix)
	path, _ = strings.CutSuffix(path, ".json")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || strings.ContainsAny(plain, "/.") {
			return nil
		}
		parts[i] = plain
	}
	var t *target
	for i := range api.routes {
		r := &api.routes[i]
		if t != nil && r.Path != t.path {
			continue
		}
		params, ok := match(r.Path, parts)
		if !ok {
			continue
		}
		if t == nil {
			t = &target{path: r.Path, params: params}
		}
		t.routes = append(t.routes, r)
	}
	return t
}

// match compares the parts of a path with a pattern and returns those that the pattern names.
func match(pattern string, parts []string) (map[string]string, bool) {
	steps := strings.Split(pattern, "/")
	if len(steps) != len(parts) {
		return nil, false
	}
	params := map[string]string{}
	for i, step := range steps {
		name, named := strings.CutPrefix(step, ":")
		if !named && step != parts[i] || named && parts[i] == "" {
			return nil, false
		}
		if named {
			params[name] = parts[i]
		}
	}
	return params, true
}

// route returns the route of a method, nil where the path has none.
func (t *target) route(method string) *Route {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, r := range t.routes {
		if r.Method == method {
			return r
		}
	}
	return nil
}

// methods are those of the path, in the order in which answers list them.
func (t *target) methods() []string {
	var list []string
	for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
		if t.route(method) != nil {
			list = append(list, method)
		}
	}
	if slices.Contains(list, "GET") {
		list = append(list, "HEAD")
	}
	return append(list, "OPTIONS")
}
