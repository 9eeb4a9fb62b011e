package redmine

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/directory"
	"roster/directory/login"
	"roster/handlers/web"
)

// access says whom a route is open to (docs/spec/redmine.md, 1 and 2). What they may see and change is the directory's
// business.
type access int

// The zero value is the narrowest.
const (
	forAdmins access = iota
	forMembers
	forAnybody
)

// Route is one line of the dialect's table of contents. Paths are without prefix and suffix.
type Route struct {
	Method, Path string
	Access       access
	handler      func(*call) error
	// document is the name of the object that a body carries, for documents and tests; empty where none does.
	document string
}

// Routes lists every route once. What can be read can be asked about with HEAD, and PATCH is PUT.
func (api *API) Routes() []Route {
	return []Route{
		{"GET", "/users", forMembers, api.usersIndex, ""},
		{"POST", "/users", forAdmins, api.usersCreate, "user"},
		{"GET", "/users/new", forAdmins, forbidden, ""},
		{"GET", "/users/current", forMembers, api.usersShow, ""},
		{"GET", "/users/:id", forAnybody, api.usersShow, ""},
		{"PUT", "/users/:id", forAdmins, api.usersUpdate, "user"},
		{"DELETE", "/users/:id", forAdmins, api.usersDestroy, ""},
		{"GET", "/users/:id/edit", forAdmins, forbidden, ""},
		{"POST", "/users/:id/memberships", forAdmins, forbidden, ""},
		{"GET", "/my/account", forMembers, api.accountShow, ""},
		{"PUT", "/my/account", forMembers, api.accountUpdate, "user"},
		{"GET", "/my/api_key", forMembers, forbidden, ""},
		{"GET", "/my/password", forMembers, forbidden, ""},
		{"GET", "/groups", forAdmins, api.groupsIndex, ""},
		{"POST", "/groups", forAdmins, api.groupsCreate, "group"},
		{"GET", "/groups/:id", forAnybody, api.groupsShow, ""},
		{"PUT", "/groups/:id", forAdmins, api.groupsUpdate, "group"},
		{"DELETE", "/groups/:id", forAdmins, api.groupsDestroy, ""},
		{"POST", "/groups/:id/users", forAdmins, api.groupUsersAdd, ""},
		{"DELETE", "/groups/:id/users", forAdmins, api.groupUsersRemoveAll, ""},
		{"DELETE", "/groups/:id/users/:user_id", forAdmins, api.groupUsersRemove, ""},
		{"GET", "/roles", forAnybody, api.rolesIndex, ""},
		{"GET", "/roles/:id", forAnybody, api.rolesShow, ""},
		{"GET", "/projects", forAnybody, api.projectsIndex, ""},
		{"GET", "/projects/:id", forAnybody, api.projectsShow, ""},
		{"GET", "/projects/:id/memberships", forAnybody, api.membershipsIndex, ""},
		{"POST", "/projects/:id/memberships", forMembers, api.membershipsCreate, "membership"},
		{"GET", "/memberships/:id", forMembers, api.membershipsShow, ""},
		{"PUT", "/memberships/:id", forMembers, api.membershipsUpdate, "membership"},
		{"DELETE", "/memberships/:id", forMembers, api.membershipsDestroy, ""},
		{"GET", "/custom_fields", forAdmins, api.customFieldsIndex, ""},
	}
}

// Prefix is where the whole dialect answers. At the root it answers paths with a suffix.
const Prefix = "/redmine"

// nouns are the first parts of paths.
var nouns = []string{"users", "my", "groups", "roles", "projects", "memberships", "custom_fields"}

// Owns reports whether a path belongs to the dialect: everything under the prefix, and at the root what begins with one
// of its nouns and ends in a suffix.
func Owns(path string) bool {
	if path == Prefix || strings.HasPrefix(path, Prefix+"/") {
		return true
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	last := parts[len(parts)-1]
	noun := parts[0]
	if len(parts) == 1 {
		noun, _, _ = strings.Cut(noun, ".")
	}
	return strings.Contains(last, ".") && slices.Contains(nouns, noun)
}

// Mount registers the dialect.
func Mount(e *echo.Echo, dir *directory.Service, logins *login.Service, o Options) *API {
	api := &API{dir: dir, logins: logins, o: o}
	api.routes = api.Routes()
	paths := []string{Prefix, Prefix + "/*"}
	for _, noun := range nouns {
		paths = append(paths, "/"+noun+".*", "/"+noun+"/*")
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
			e.Add(method, path, api.serve)
		}
	}
	return api
}

// target is what the path of a request names.
type target struct {
	// base is the prefix, if it was asked for there.
	base string
	// parts are those of the path, without the suffix of the last one.
	parts []string
	// suffix follows the last dot; suffixed says whether there is one.
	suffix   string
	suffixed bool
}

// targetOf takes a path apart. The suffix is what follows the last dot of the last part.
func targetOf(u *url.URL) (target, error) {
	var t target
	path := u.EscapedPath()
	if path == Prefix || strings.HasPrefix(path, Prefix+"/") {
		t.base = Prefix
		path = strings.TrimPrefix(path, Prefix)
	}
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return t, err
		}
		t.parts = append(t.parts, plain)
	}
	last := &t.parts[len(t.parts)-1]
	if dot := strings.LastIndexByte(*last, '.'); dot >= 0 {
		t.suffix = (*last)[dot+1:]
		t.suffixed = true
		*last = (*last)[:dot]
	}
	return t, nil
}

// find returns the route of a method and a path with the parts that the path names, nil without one. known says
// whether any method has the path.
func (api *API) find(method string, parts []string) (route *Route, params map[string]string, known bool) {
	switch method {
	case http.MethodHead:
		method = http.MethodGet
	case http.MethodPatch:
		method = http.MethodPut
	}
	for i := range api.routes {
		r := &api.routes[i]
		found, ok := match(r.Path, parts)
		known = known || ok
		if ok && r.Method == method {
			return r, found, true
		}
	}
	return nil, nil, known
}

// template returns the pattern of a path that a route has, as it is below the prefix.
func (api *API) template(parts []string) string {
	for i := range api.routes {
		if _, ok := match(api.routes[i].Path, parts); ok {
			return Prefix + api.routes[i].Path
		}
	}
	return web.UnknownRoute
}

// match compares the parts of a path with a pattern and returns those that the pattern names.
func match(pattern string, parts []string) (map[string]string, bool) {
	steps := strings.Split(pattern[1:], "/")
	if len(steps) != len(parts) {
		return nil, false
	}
	var params map[string]string
	for i, step := range steps {
		name, named := strings.CutPrefix(step, ":")
		if !named && step != parts[i] || parts[i] == "" {
			return nil, false
		}
		if named {
			if params == nil {
				params = map[string]string{}
			}
			params[name] = parts[i]
		}
	}
	return params, true
}
