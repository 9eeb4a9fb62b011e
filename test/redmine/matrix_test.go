package redmine

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"roster/directory"
	"roster/handlers/redmine"
	"roster/models"
	"roster/test/servertest"
)

// callers are the columns of the matrix, from nobody to everybody. The manager may do everything to users, groups and
// memberships in one organization, and is no administrator.
var callers = []string{"anonymous", "roleless", "viewer", "manager", "administrator"}

// place is what the matrix looks at: an organization with one of everything.
type place struct {
	*server
	turn                                          int
	organization, user, spare, group, role, fresh int64
	membership                                    int64
	accounts                                      map[string]account
}

func newPlace(s *server) *place {
	w := &place{server: s, accounts: map[string]account{}}
	w.organization = s.Organization("Here")
	w.role = s.NewRole("Porter", "view_users")
	here := object{"organization_ids": []int64{w.organization}}
	w.accounts["roleless"] = s.User("roleless", here)
	w.accounts["viewer"] = s.User("viewer", here, object{"role_ids": []int64{s.Role("Viewer")}})
	w.accounts["manager"] = s.User("manager", here, object{"role_ids": []int64{s.Role("Manager"), w.role}})
	w.renew()
	return w
}

// renew makes one of everything, under new names.
func (w *place) renew() {
	w.turn++
	here := object{"organization_ids": []int64{w.organization}}
	w.user = w.User(fmt.Sprint("thing", w.turn), here, object{"firstname": "T", "lastname": "H",
		"mail": fmt.Sprintf("thing%d@example.org", w.turn)}).ID
	w.spare = w.User(fmt.Sprint("spare", w.turn), here).ID
	w.fresh = w.User(fmt.Sprint("fresh", w.turn), here).ID
	w.group = w.Group(fmt.Sprint("crew", w.turn), false, directory.UsergroupChange{Users: servertest.Refs(w.user)})
	m, err := w.Dir.SetMembership(w.T.Context(), w.Administrator(),
		directory.Parent{Class: string(models.OrganizationKind), ID: w.organization},
		directory.Member{User: directory.Ref{ID: w.user}},
		directory.MembershipChange{Roles: servertest.Refs(w.role)})
	w.membership = servertest.Made(w.T, m, err).ID
}

func (w *place) client(caller string) *client {
	switch caller {
	case "anonymous":
		return w.Nobody()
	case "administrator":
		return w.Admin()
	}
	return w.By(w.accounts[caller])
}

// path fills a route with numbers.
func (w *place) path(r redmine.Route) string {
	id := w.user
	switch {
	case strings.HasPrefix(r.Path, "/groups"):
		id = w.group
	case strings.HasPrefix(r.Path, "/roles"):
		id = w.role
	case strings.HasPrefix(r.Path, "/projects"):
		id = w.organization
	case strings.HasPrefix(r.Path, "/memberships"):
		id = w.membership
	}
	path := strings.NewReplacer(":id", fmt.Sprint(id), ":user_id", fmt.Sprint(w.user)).Replace(r.Path)
	return "/redmine" + path + ".json"
}

// body is a change that would go through if the caller were allowed.
func (w *place) body(r redmine.Route) any {
	name := fmt.Sprint("made", w.turn)
	switch r.Method + " " + r.Path {
	case "POST /users":
		return object{"user": object{"login": name, "firstname": "M", "lastname": "D", "mail": name + "@example.org",
			"password": "a long secret"}}
	case "PUT /users/:id", "PUT /my/account":
		return object{"user": object{"firstname": "Changed" + fmt.Sprint(w.turn)}}
	case "POST /groups", "PUT /groups/:id":
		return object{"group": object{"name": name}}
	case "POST /groups/:id/users":
		return object{"user_id": w.spare}
	case "DELETE /groups/:id/users":
		return object{"user_ids": []int64{w.user}}
	case "POST /projects/:id/memberships":
		return object{"membership": object{"user_id": w.fresh, "role_ids": []int64{w.role}}}
	case "PUT /memberships/:id":
		return object{"membership": object{"role_ids": []int64{w.role, w.Role("Viewer")}}}
	}
	return nil
}

// matrix has the statuses of every route, by caller. Where the original is for administrators, permissions of this
// server open nothing.
var matrix = map[string]string{
	"GET /users":                        "401 403 403 403 200",
	"POST /users":                       "401 403 403 403 201",
	"GET /users/new":                    "401 403 403 403 403",
	"GET /users/current":                "401 200 200 200 200",
	"GET /users/:id":                    "401 404 200 200 200",
	"PUT /users/:id":                    "401 403 403 403 204",
	"DELETE /users/:id":                 "401 403 403 403 204",
	"GET /users/:id/edit":               "401 403 403 403 403",
	"POST /users/:id/memberships":       "401 403 403 403 403",
	"GET /my/account":                   "401 200 200 200 200",
	"PUT /my/account":                   "401 204 204 204 204",
	"GET /my/api_key":                   "401 403 403 403 403",
	"GET /my/password":                  "401 403 403 403 403",
	"GET /groups":                       "401 403 403 403 200",
	"POST /groups":                      "401 403 403 403 201",
	"GET /groups/:id":                   "401 404 200 200 200",
	"PUT /groups/:id":                   "401 403 403 403 204",
	"DELETE /groups/:id":                "401 403 403 403 204",
	"POST /groups/:id/users":            "401 403 403 403 204",
	"DELETE /groups/:id/users":          "401 403 403 403 204",
	"DELETE /groups/:id/users/:user_id": "401 403 403 403 204",
	"GET /roles":                        "401 403 200 200 200",
	"GET /roles/:id":                    "401 404 200 200 200",
	"GET /projects":                     "401 403 200 200 200",
	"GET /projects/:id":                 "401 404 200 200 200",
	"GET /projects/:id/memberships":     "401 403 200 200 200",
	"POST /projects/:id/memberships":    "401 403 403 201 201",
	"GET /memberships/:id":              "401 403 200 200 200",
	"PUT /memberships/:id":              "401 403 403 204 204",
	"DELETE /memberships/:id":           "401 403 403 204 204",
	"GET /custom_fields":                "401 403 403 403 200",
}

// Every route is asked as everybody. A refused request changes nothing at all; one that goes through leaves audits.
func TestMatrix(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		stated := map[string]bool{}
		for _, r := range new(redmine.API).Routes() {
			line := r.Method + " " + r.Path
			want, ok := matrix[line]
			if !ok {
				t.Errorf("nobody has thought about %s: give it a row in the matrix", line)
			}
			stated[line] = true
			var got []string
			for _, caller := range callers {
				got = append(got, fmt.Sprint(w.cell(r, caller)))
			}
			if all := strings.Join(got, " "); all != want {
				t.Errorf("%s: got %s, want %s", line, all, want)
			}
			if os.Getenv("ROSTER_PRINT_MATRIX") != "" {
				fmt.Printf("\t%q: %q,\n", line, strings.Join(got, " "))
			}
		}
		for line := range matrix {
			if !stated[line] {
				t.Errorf("the matrix has a row for %s, which is no route", line)
			}
		}
	})
}

// cell asks one route as one caller and returns the status.
func (w *place) cell(r redmine.Route, caller string) int {
	w.T.Helper()
	before := w.contents()
	audits := w.Find("SELECT COUNT(*) FROM audits")
	a := w.client(caller).Do(r.Method, w.path(r), w.body(r))
	if r.Method == "GET" {
		return a.Status
	}
	if a.Status >= http.StatusMultipleChoices {
		if after := w.contents(); !slices.Equal(before, after) {
			w.T.Errorf("%s as %s: a refused request changed something", a, caller)
		}
		return a.Status
	}
	if w.Find("SELECT COUNT(*) FROM audits") == audits {
		w.T.Errorf("%s as %s left no audit", a, caller)
	}
	w.renew()
	return a.Status
}

// contents reads what changes could touch, row by row.
func (w *place) contents() []string {
	w.T.Helper()
	var lines []string
	for _, query := range []string{
		"SELECT id, login, firstname, lastname, mail, admin, disabled, password_hash, hide_mail, updated_at FROM users",
		"SELECT id, name, admin FROM usergroups", "SELECT usergroup_id, user_id FROM usergroup_users",
		"SELECT id, user_id, usergroup_id, taxonomy_id, state FROM memberships",
		"SELECT membership_id, role_id FROM membership_roles", "SELECT user_id, role_id FROM user_roles",
		"SELECT custom_field_id, user_id, usergroup_id, place, value FROM custom_values",
		"SELECT COUNT(*) FROM audits WHERE auditable_type <> 'ApiKey'",
	} {
		rows, err := w.DB.Read.Raw(query + " ORDER BY 1").Rows()
		if err != nil {
			w.T.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			w.T.Fatal(err)
		}
		values := make([]any, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(targets...); err != nil {
				w.T.Fatal(err)
			}
			lines = append(lines, fmt.Sprint(query[7:12], values))
		}
		rows.Close()
	}
	return lines
}

// Every route answers in both formats, under the prefix and with its suffix at the root, and with HEAD like with
// GET; no other method of a path is known, and no other suffix.
func TestRoutes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		known := map[string]bool{}
		routes := new(redmine.API).Routes()
		for _, r := range routes {
			known[r.Method+" "+r.Path] = true
		}
		for _, r := range routes {
			path := strings.TrimSuffix(w.path(r), ".json")
			root := strings.TrimPrefix(path, "/redmine")
			if r.Method == "GET" {
				want := s.Admin().Get(path + ".json").Status
				for _, other := range []string{root + ".json", root + ".xml", path + ".xml", path + "?format=json",
					path + "/?format=xml"} {
					if got := s.Admin().Get(other).Status; got != want {
						t.Errorf("%s: got %d, want %d", other, got, want)
					}
				}
				head := s.Admin().Do("HEAD", path+".json", nil).Expect(want)
				if len(head.Body) > 0 {
					t.Errorf("HEAD of %s has a body", path)
				}
				s.Admin().Get(path).Expect(http.StatusNotAcceptable)
				s.Admin().Get(path + ".txt").Expect(http.StatusNotAcceptable)
				s.Admin().Get(path + ".JSON").Expect(http.StatusNotAcceptable)
			}
			for _, method := range []string{"POST", "PUT", "DELETE"} {
				if !known[method+" "+r.Path] && r.Path != "/users/current" && r.Path != "/users/new" {
					s.Admin().Do(method, path+".json", nil).Expect(http.StatusNotFound)
				}
			}
		}
		s.Admin().Get("/users").Expect(http.StatusNotFound).Want("Not Found", "error") // not this dialect's
		s.Admin().Get("/redmine/nothing.json").Expect(http.StatusNotFound)
		s.Admin().Get("/redmine/users/5/x/y.json").Expect(http.StatusNotFound)
	})
}
