package foreman

import "strings"

// Route is one line of the dialect's table of contents.
type Route struct {
	Method, Path string
	// Resource and Action name the operation in the documentation.
	Resource, Action string
	// Permissions are those of which a caller needs one; none means that any account may call.
	Permissions []string
	// Self exempts callers who ask about their own record, which the directory checks.
	Self bool
	// Public routes need no account.
	Public bool

	handler func(*call) error
}

// Routes lists every route once, without the prefixed and suffixed spellings that paths adds.
func (api *API) Routes() []Route {
	return []Route{
		{"GET", "/api/status", "home", "status", nil, false, false, api.status},

		{"GET", "/api/users", "users", "index", can("view_users"), false, false, api.usersIndex},
		{"GET", "/api/users/:id", "users", "show", can("view_users"), true, false, api.usersShow},
		{"GET", "/api/current_user", "users", "show_current", nil, false, false, api.usersShowCurrent},
		{"POST", "/api/users", "users", "create", can("create_users"), false, false, api.usersCreate},
		{"PUT", "/api/users/:id", "users", "update", can("edit_users"), true, false, api.usersUpdate},
		{"DELETE", "/api/users/:id", "users", "destroy", can("destroy_users"), false, false, api.usersDestroy},
	}
}

func can(permissions ...string) []string { return permissions }

// paths gives the spellings of a route: unversioned and under v2, and with the suffix .json where the last segment is
// no id that could hold a dot (spec, section 2.1).
func (r *Route) paths() []string {
	spellings := []string{r.Path, "/api/v2" + strings.TrimPrefix(r.Path, "/api")}
	if !strings.HasPrefix(r.Path[strings.LastIndexByte(r.Path, '/'):], "/:") {
		spellings = append(spellings, spellings[0]+".json", spellings[1]+".json")
	}
	return spellings
}
