package foreman

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/test/servertest"

	"github.com/google/go-cmp/cmp"
)

// sought makes the users that searches look for: ada is in two groups, bob holds two roles, and nobody is alike.
func sought(s *server) {
	s.T.Helper()
	north := s.Organization("North")
	south := s.Organization("South")
	// A location of the same name as an organization is none.
	place := s.Location("North")
	admin := s.Admin()
	s.User("ada", object{"firstname": "Ada", "lastname": "Smith", "mail": "ada@smith.example",
		"organization_ids": []int64{north, south}, "role_names": []string{"Viewer"}})
	s.User("Bob", object{"firstname": "Bob", "description": "100% of_all", "location_ids": []int64{place},
		"role_names": []string{"Viewer", "Manager"}})
	s.User("cleo", object{"lastname": "Smithson", "organization_ids": []int64{south}})
	s.User("dan", object{"firstname": "Dan", "mail": "dan@example.org"})
	admin.Put("/api/users/dan", object{"user": object{"disabled": true}}).Expect(200)
	id := func(login string) int64 { return s.Find("SELECT id FROM users WHERE login = ?", login) }
	ops := admin.Post("/api/usergroups",
		object{"usergroup": object{"name": "ops", "user_ids": []int64{id("ada")}, "role_names": []string{"Manager"}}}).
		Expect(201).Int("id")
	admin.Post("/api/usergroups",
		object{"usergroup": object{"name": "staff", "admin": true, "usergroup_ids": []int64{ops},
			"user_ids": []int64{id("cleo")}}}).Expect(201)
	admin.Post("/api/usergroups", object{"usergroup": object{"name": "lonely"}}).Expect(201)
	setLastLogin(s, "ada", servertest.SeedTime.Add(-2*time.Hour))
	setLastLogin(s, "Bob", servertest.SeedTime.AddDate(0, 0, -3))
	setLastLogin(s, "cleo", time.Date(2023, 3, 26, 0, 30, 0, 0, time.UTC))
}

func setLastLogin(s *server, login string, at time.Time) {
	s.T.Helper()
	if err := s.DB.Write.Exec("UPDATE users SET last_login_on = ? WHERE login = ?", at, login).Error; err != nil {
		s.T.Fatal(err)
	}
}

// foundLogins returns the logins of a list, without the administrator's, separated by blanks.
func foundLogins(a *answer) string {
	a.T.Helper()
	var logins []string
	for _, login := range a.Column("login") {
		if login != "admin" {
			logins = append(logins, login.(string))
		}
	}
	return strings.Join(logins, " ")
}

// What the fields of users mean (docs/spec/search.md, 15), each query also turned around.
func TestSearch_Users(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sought(s)
		for search, want := range map[string]string{
			"login = ada": "ada", "login = ADA": "", "login==ada": "ada", `login = "ada" or login = "dan"`: "ada dan",
			"login!=ada": "Bob cleo dan",
			"login ~ a":  "ada dan", "login ~ A*": "ada", "login ^ (ada, dan)": "ada dan",
			"login !^ (ada,dan)": "Bob cleo", "id > 0": "ada Bob cleo dan",
			"smith": "ada cleo", "Smith -cleo": "ada", "ops": "ada", "viewer": "ada Bob",
			"internal": "ada Bob cleo dan", "nosuchthing": "",
			`description = "100% of_all"`: "Bob", `description ~ "*0\\% of\\_a*"`: "Bob", "has description": "Bob",
			"null? mail": "Bob cleo", "not has firstname": "cleo",
			"firstname ~ a": "ada dan", "not firstname ~ a": "Bob cleo", "firstname !~ a": "Bob",
			"mail ~ @example.org": "dan",
			"disabled = true":     "dan", "disabled": "dan", "not disabled = true": "ada Bob cleo",
			"disabled != true": "ada Bob cleo",
			"role = Viewer":    "ada Bob", "role = Viewer and role = Manager": "Bob",
			"role ^ (Viewer, Manager)": "ada Bob", "not role = Viewer": "cleo dan", "role = Manager": "Bob",
			"usergroup = staff": "ada cleo", "usergroup = ops": "ada", "has usergroup": "ada cleo",
			"null? usergroup": "Bob dan", "usergroup = lonely": "",
			"admin = true": "ada cleo", "admin = false": "Bob dan", "not admin = true": "Bob dan",
			"admin = TRUE": "Bob dan", "admin != true": "Bob dan",
			"organization = North": "ada", "location = North": "Bob", "organization != North": "ada cleo",
			"null? organization": "Bob dan", "has location": "Bob",
			"auth_source = Internal":                                "ada Bob cleo dan",
			"auth_source_type = AuthSourceInternal and login = dan": "dan", "auth_source_type ~ hidden": "",
			`last_login_on > "7 days ago"`: "ada Bob", "last_login_on = today": "ada",
			`last_login_on < "1 month ago"`: "cleo", "null? last_login_on": "dan",
			"last_login_on = 2023": "cleo", "last_login_on = 2023-03": "cleo", `last_login_on = "March 2023"`: "cleo",
			"last_login_on >= 2024": "ada Bob",
			"login = ada or":        "ada", "login = ada and": "ada",
			"(login = ada or login = dan) and disabled": "dan",
			"login = ada or login = dan and disabled":   "ada dan", "login = dan and disabled or login = ada": "dan",
		} {
			a := s.Admin().Get(query("/api/users", "search", search, "order", "login")).Expect(200)
			if got := foundLogins(a); got != want {
				t.Errorf("%s: got %q, want %q", search, got, want)
			}
			whole := int64(len(a.Rows()))
			a.Want(whole, "subtotal").Want(5, "total")
			// Whoever meets it not is all the others.
			if search == "login = ada or" || search == "login = ada and" {
				continue
			}
			s.Admin().Get(query("/api/users", "search", "not ("+search+")")).Expect(200).Want(5-whole, "subtotal")
		}
	})
}

// What is refused, in the words that clients know (docs/spec/search.md, 3).
func TestSearch_Refusals(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for search, message := range map[string]string{
			"nosuch = 1":                         "Field 'nosuch' not recognized for searching!",
			"last_login_on > garbage":            "",
			"id = x":                             "",
			"disabled = maybe":                   "",
			"(login = a":                         "200",
			"login = a) or (login = b":           "Value expected but found :rparen",
			"login = ":                           "200",
			strings.Repeat("x", 9000):            "",
			strings.Repeat("(", 65) + "x":        "",
			strings.Repeat("login = a or ", 201): "",
		} {
			a := s.Admin().Get(query("/api/users", "search", search))
			if message == "200" {
				a.Expect(200)
				continue
			}
			a.Expect(400)
			if message != "" {
				a.Want(message, "error", "message")
			}
			if text := a.Text("error", "message"); text == "" || len(text) > 300 {
				t.Errorf("%.40q: got the message %q", search, text)
			}
		}
		// What was meant to limit a list and cannot be read does not vanish.
		for q, parameter := range map[string]any{"search[]=x": "search", "search[a]=x": "search",
			"search[a][]=x": "search", "order[a]=x": "order", "page[a]=1": "page", "per_page[]=1": "per_page"} {
			for _, path := range []string{"/api/users?", "/api/roles?", "/api/users?page=1&"} {
				s.Admin().Get(path+q).Expect(400).Want(parameter, "error", "parameter_name")
			}
		}
		for _, q := range []string{"search=login~a%", "search=%zz", "organization_id=1;search=x", "%", "page=1&;"} {
			s.Admin().Get("/api/users?" + q).Expect(400)
			s.Admin().Get("/api/users/auto_complete_search?" + q).Expect(400)
		}
		// The language's errors come before anything is read, in a filter as well.
		role := s.Admin().Post("/api/roles", object{"role": object{"name": "r"}}).Expect(201).Int("id")
		s.Admin().Post("/api/filters",
			object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
				"search": "nosuch = 1"}}).Expect(422)
	})
}

// Dates are those of the caller's time zone, whose days are not always 24 hours long.
func TestSearch_DatesInTheCallersZone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sought(s)
		inside := object{
			"organization_ids": []int64{s.Find("SELECT id FROM taxonomies WHERE title = 'South'")},
			"location_ids": []int64{s.Find(
				"SELECT id FROM taxonomies WHERE type = 'Location' AND title = 'North'")},
		}
		viewer := merge(inside, object{"role_names": []string{"Viewer"}})
		berlin := s.User("ber", viewer, object{"timezone": "Berlin"})
		auckland := s.User("akl", viewer, object{"timezone": "Auckland"})
		s.Admin().Put("/api/users/dan", object{"user": inside}).Expect(200)
		// 23:30 of a day of 23 hours in Berlin, the next day in Auckland
		setLastLogin(s, "dan", time.Date(2024, 3, 31, 21, 30, 0, 0, time.UTC))
		for search, want := range map[string][2]string{
			"last_login_on = 2024-03-31":             {"dan", ""},
			"last_login_on = 2024-04-01":             {"", "dan"},
			"last_login_on = 2024-04":                {"", "dan"},
			`last_login_on > "2024-03-31 23:00"`:     {"dan", "dan"},
			`last_login_on > "2024-03-31T22:00:00Z"`: {"", ""},
		} {
			for i, who := range []account{berlin, auckland} {
				if got := foundLogins(s.By(who).Get(query("/api/users", "search", search)).
					Expect(200)); got != want[i] {
					t.Errorf("%s as %s: got %q, want %q", search, who.Login, got, want[i])
				}
			}
		}
	})
}

// Any searchable field sorts, without a row twice or missing, and ties follow the id.
func TestSearch_Order(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sought(s)
		for order, want := range map[string]string{
			"login": "ada Bob cleo dan", "login DESC": "dan cleo Bob ada", "firstname": "cleo ada Bob dan",
			"firstname DESC": "dan Bob ada cleo",
			"mail":           "Bob cleo ada dan", "last_login_on": "dan cleo Bob ada",
			"last_login_on desc": "ada Bob cleo dan",
			"id":                 "ada Bob cleo dan",
			// The least role of each: Default role, Manager, ...; the greatest of each when descending.
			"role DESC": "Bob ada dan cleo", "usergroup": "Bob dan ada cleo", "organization": "Bob dan ada cleo",
			"admin":         "ada Bob cleo dan",
			"disabled DESC": "dan cleo Bob ada",
		} {
			var paged []string
			for page := 1; page <= 5; page++ {
				a := s.Admin().Get(query("/api/users", "order", order, "per_page", "1", "page", fmt.Sprint(page))).
					Expect(200).Want(5, "total")
				if login := a.Text("results", 0, "login"); login != "admin" {
					paged = append(paged, login)
				}
			}
			if diff := cmp.Diff(strings.Join(paged, " "), want); diff != "" {
				t.Errorf("order %s: got (-), want (+):\n%s", order, diff)
			}
		}
		for _, order := range []string{"nosuch", "users.login", "login,id", " login", "-login"} {
			s.Admin().Get(query("/api/users", "order", order)).Expect(400).
				Want("the field '"+strings.SplitN(order, " ", 2)[0]+
					"' in the order statement is not valid field for search", "error", "message")
		}
	})
}

// The index of parts of texts follows every change, and folds as the comparison does, whatever the script.
func TestSearch_PartsOfTexts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		s.User("kelvin", object{"description": "273 KELVIN \u212a degrees"})
		s.User("istanbul", object{"lastname": "İstanbullu"})
		s.User("omega", object{"lastname": "ΣΊΣΥΦΟΣ"})
		s.User("strasse", object{"lastname": "Große Straße"})
		s.User("quote", object{"description": `say "hello" * AND (x)`})
		s.User("cherokee", object{"description": "ᏣᎳᎩ ꭳꭴꭵ"})
		for search, want := range map[string]string{
			"description ~ kelvin": "kelvin", "description ~ \"vin k deg\"": "kelvin", "lastname ~ istan": "istanbul",
			"lastname ~ ίσυφ":        "omega",
			"lastname ~ \"SSE STR\"": "", "lastname ~ \"ßE STRAß\"": "strasse",
			`description ~ "*y \"hello\" * a*"`: "quote", `description ~ "(x)"`: "quote",
			"description ~ ꮳꮃꭹ":        "cherokee",
			"description ~ \"ᏣᎳᎩ ᎣᎤ\"": "cherokee", "description ~ ke_vin": "kelvin",
			"description ~ 273*degrees": "kelvin", "description ~ lo*hel": "",
			"hello": "quote", "login ~ el": "kelvin", "login ~ kelvin": "kelvin", `description ~ "' OR 1=1 --"`: "",
			`description ~ "NEAR(say hello)"`: "",
		} {
			if got := foundLogins(admin.Get(query("/api/users", "search", search)).Expect(200)); got != want {
				t.Errorf("%s: got %q, want %q", search, got, want)
			}
		}
		admin.Put("/api/users/kelvin", object{"user": object{"description": "celsius"}}).Expect(200)
		admin.Delete("/api/users/quote").Expect(200)
		for search, want := range map[string]string{"description ~ kelvin": "", "description ~ celsius": "kelvin",
			"hello": "", "kelvin": "kelvin"} {
			if got := foundLogins(admin.Get(query("/api/users", "search", search)).Expect(200)); got != want {
				t.Errorf("after changes, %s: got %q, want %q", search, got, want)
			}
		}
	})
}

// The same language searches every other list.
func TestSearch_OtherResources(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sought(s)
		names := func(path, search, column string) string {
			var list []string
			for _, v := range s.Admin().Get(query(path, "search", search, "per_page", "all")).Expect(200).
				Column(column) {
				list = append(list, fmt.Sprint(v))
			}
			slices.Sort(list)
			return strings.Join(list, ",")
		}
		for _, test := range []struct{ path, search, column, want string }{
			{"/api/usergroups", "name ~ s", "name", "ops,staff"},
			{"/api/usergroups", "role = Manager", "name", "ops"},
			{"/api/roles", "name = Viewer or builtin = true", "name", "Default role,Viewer"},
			{"/api/organizations", "name = North", "title", "North"},
			{"/api/locations", "title ~ North", "title", "North"},
			{"/api/auth_sources", "name = Internal", "name", "Internal"},
			{"/api/settings", "name = entries_per_page", "name", "entries_per_page"},
			{"/api/audits", "type = user and action = create and user = ada", "auditable_name", "ada"},
			{"/api/permissions", "name = view_users", "name", "view_users"},
			{"/api/mail_notifications", "name ~ nosuch", "name", ""},
		} {
			if got := names(test.path, test.search, test.column); got != test.want {
				t.Errorf("%s?search=%s: got %s, want %s", test.path, test.search, got, test.want)
			}
		}
		if got := names("/api/filters", "role = Viewer and resource = User", "id"); got == "" ||
			strings.Contains(got, ",") {
			t.Errorf("filters of Viewer on users: got %q, want one", got)
		}
	})
}
