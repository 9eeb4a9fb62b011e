package cvat

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"roster/handlers/cvat"
)

// callers are the columns of the matrix, from nobody to everybody: somebody outside the organization, a worker and a
// maintainer in it, its owner, and an administrator.
var callers = []string{"nobody", "outsider", "worker", "maintainer", "owner", "administrator"}

// place is what the matrix looks at: an organization with one of everything.
type place struct {
	*server
	turn                                         int
	organization, user, membership, token, spare int64
	invitation                                   string
	accounts                                     map[string]account
}

// userPassword is that of all accounts of the matrix.
const userPassword = "x7Kq-long"

// newAccount makes an account, and returns it.
func newAccount(s *server, login string) account {
	s.T.Helper()
	id := s.Admin().Post("/cvat/api/users", object{"username": login, "email": login + "@example.org",
		"password": userPassword}).Expect(http.StatusCreated).Int("id")
	return account{ID: id, Login: login, Password: userPassword}
}

func newPlace(s *server) *place {
	s.T.Helper()
	w := &place{server: s, accounts: map[string]account{}}
	for _, login := range []string{"outsider", "worker", "maintainer", "owner"} {
		w.accounts[login] = newAccount(s, "the_"+login)
	}
	w.found()
	w.renew()
	return w
}

// found makes the organization, with its people.
func (w *place) found() {
	w.T.Helper()
	w.organization = w.client("owner").Post("/cvat/api/organizations", object{"slug": "here", "name": "Here"}).
		Expect(http.StatusCreated).Int("id")
	for _, login := range []string{"worker", "maintainer"} {
		w.client("owner").Post("/cvat/api/invitations?org=here", object{"role": login,
			"email": "the_" + login + "@example.org"}).Expect(http.StatusCreated)
	}
}

// renew makes one of everything, under new names: a user who is a member, one who waits for an answer to an invitation,
// and a token of the outsider.
func (w *place) renew() {
	w.T.Helper()
	if w.Find("SELECT COUNT(*) FROM taxonomies WHERE slug = 'here'") == 0 {
		w.found()
	}
	w.turn++
	w.user = newAccount(w.server, fmt.Sprint("thing", w.turn)).ID
	w.spare = newAccount(w.server, fmt.Sprint("spare", w.turn)).ID
	made := w.client("owner").Post("/cvat/api/invitations?org=here", object{"role": "worker",
		"email": fmt.Sprintf("thing%d@example.org", w.turn)}).Expect(http.StatusCreated)
	w.invitation = made.Value("key").(string)
	w.membership = w.Find("SELECT id FROM memberships WHERE user_id = ? AND taxonomy_id = ?", w.user, w.organization)
	w.token = w.Admin().Post("/cvat/api/auth/access_tokens", object{"name": fmt.Sprint("t", w.turn)}).
		Expect(http.StatusCreated).Int("id")
}

func (w *place) client(caller string) *client {
	switch caller {
	case "nobody":
		return w.Nobody()
	case "administrator":
		return w.Admin()
	}
	return w.By(w.accounts[caller])
}

// path fills a route, in the name of the organization where it is about people.
func (w *place) path(r cvat.Route) string {
	id := w.user
	switch {
	case strings.HasPrefix(r.Path, "/api/organizations"):
		id = w.organization
	case strings.HasPrefix(r.Path, "/api/memberships"):
		id = w.membership
	case strings.HasPrefix(r.Path, "/api/auth/access_tokens"):
		id = w.token
	}
	path := "/cvat" + strings.NewReplacer(":id", fmt.Sprint(id), ":key", w.invitation).Replace(r.Path)
	if strings.HasPrefix(r.Path, "/api/organizations") || strings.HasPrefix(r.Path, "/api/auth") {
		return path
	}
	return path + "?org=here"
}

// body is a change that would go through if the caller were allowed.
func (w *place) body(r cvat.Route) any {
	name := fmt.Sprint("made", w.turn)
	switch r.Method + " " + r.Path {
	case "POST /api/users":
		return object{"username": name, "password": userPassword}
	case "PATCH /api/users/:id":
		return object{"first_name": name}
	case "POST /api/organizations":
		return object{"slug": name}
	case "PATCH /api/organizations/:id":
		return object{"description": name}
	case "PATCH /api/memberships/:id":
		return object{"role": "supervisor"}
	case "POST /api/invitations":
		return object{"role": "worker", "email": fmt.Sprintf("spare%d@example.org", w.turn)}
	case "POST /api/auth/access_tokens":
		return object{"name": name}
	case "PATCH /api/auth/access_tokens/:id":
		return object{"name": name}
	}
	return nil
}

// matrix has the statuses of every route, by caller. Those that need more than a caller and a body are 400 to all who
// get that far.
var matrix = map[string]string{
	"GET /api/users":                            "401 403 200 200 200 200",
	"POST /api/users":                           "401 403 403 403 403 201",
	"GET /api/users/self":                       "401 200 200 200 200 200",
	"GET /api/users/:id":                        "401 403 200 200 200 200",
	"PATCH /api/users/:id":                      "401 403 403 403 403 200",
	"DELETE /api/users/:id":                     "401 403 403 403 403 204",
	"GET /api/organizations":                    "401 200 200 200 200 200",
	"POST /api/organizations":                   "401 201 201 201 201 201",
	"GET /api/organizations/:id":                "401 403 200 200 200 200",
	"PATCH /api/organizations/:id":              "401 403 403 200 200 200",
	"DELETE /api/organizations/:id":             "401 403 403 403 204 204",
	"GET /api/memberships":                      "401 403 200 200 200 200",
	"GET /api/memberships/:id":                  "401 403 200 200 200 200",
	"PATCH /api/memberships/:id":                "401 403 403 200 200 200",
	"DELETE /api/memberships/:id":               "401 403 403 204 204 204",
	"GET /api/invitations":                      "401 403 200 200 200 200",
	"POST /api/invitations":                     "401 403 403 201 201 201",
	"GET /api/invitations/:key":                 "401 403 403 200 200 200",
	"DELETE /api/invitations/:key":              "401 403 403 204 204 204",
	"POST /api/invitations/:key/accept":         "401 403 403 403 403 400",
	"POST /api/invitations/:key/decline":        "401 403 403 403 403 204",
	"POST /api/invitations/:key/resend":         "401 403 403 400 400 400",
	"POST /api/auth/login":                      "400 400 400 400 400 400",
	"POST /api/auth/logout":                     "200 200 200 200 200 200",
	"POST /api/auth/register":                   "404 404 404 404 404 404",
	"GET /api/auth/account-confirm-email/:key/": "404 404 404 404 404 404",
	"POST /api/auth/password/change":            "401 400 400 400 400 400",
	"POST /api/auth/password/reset":             "400 400 400 400 400 400",
	"POST /api/auth/password/reset/confirm":     "400 400 400 400 400 400",
	"GET /api/auth/access_tokens":               "401 200 200 200 200 200",
	"POST /api/auth/access_tokens":              "401 201 201 201 201 201",
	"GET /api/auth/access_tokens/self":          "401 401 401 401 401 401",
	"GET /api/auth/access_tokens/:id":           "401 403 403 403 403 200",
	"PATCH /api/auth/access_tokens/:id":         "401 403 403 403 403 200",
	"DELETE /api/auth/access_tokens/:id":        "401 403 403 403 403 204",
	"GET /api/server/about":                     "200 200 200 200 200 200",
}

// Every route is asked as everybody. A refused request changes nothing at all; one that goes through leaves audits.
func TestMatrix(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		stated := map[string]bool{}
		for _, r := range new(cvat.API).Routes() {
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
		}
		for line := range matrix {
			if !stated[line] {
				t.Errorf("the matrix has a row for %s, which is no route", line)
			}
		}
	})
}

// cell asks one route as one caller and returns the status.
func (w *place) cell(r cvat.Route, caller string) int {
	w.T.Helper()
	before := w.contents()
	audits := w.Find("SELECT COUNT(*) FROM audits")
	a := w.client(caller).Do(r.Method, w.path(r), w.body(r))
	if r.Method == "GET" || strings.HasSuffix(r.Path, "/logout") {
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
		"SELECT id, login, firstname, lastname, mail, admin, disabled, password_hash, updated_at FROM users",
		"SELECT id, name FROM usergroups", "SELECT usergroup_id, user_id FROM usergroup_users",
		"SELECT id, name, slug, description, contact FROM taxonomies",
		"SELECT id, user_id, taxonomy_id, state FROM memberships",
		"SELECT membership_id, role_id FROM membership_roles", "SELECT user_id, role_id FROM user_roles",
		"SELECT id, name, revoked, read_only, expires_at FROM personal_access_tokens",
		"SELECT id, key, membership_id, owner_id, sent_at FROM invitations",
		"SELECT token_hash, user_id, purpose FROM account_tokens", "SELECT COUNT(*) FROM audits",
	} {
		var rows []map[string]any
		if err := w.DB.Read.Raw(query + " ORDER BY 1").Scan(&rows).Error; err != nil {
			w.T.Fatal(err)
		}
		for _, row := range rows {
			lines = append(lines, fmt.Sprint(row))
		}
	}
	return lines
}
