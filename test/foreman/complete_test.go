package foreman

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/scopes"
)

// completeSearch asks for the continuations of a half-typed search.
func completeSearch(c *client, resource, text string) *answer {
	c.Server.T.Helper()
	return c.Get("/api/" + resource + "/auto_complete_search?search=" + url.QueryEscape(text)).Expect(200)
}

// wantLabels wants the continuations, in order.
func wantLabels(a *answer, want ...string) {
	a.T.Helper()
	if want == nil {
		want = []string{}
	}
	a.Want(want, each, "label")
}

// Names, operators and values while a search is typed (docs/spec/search.md, 14).
func TestComplete(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		north := s.Organization("North")
		south := s.Organization("South")
		s.Role("Viewer")
		s.User("bea", object{"firstname": "Bea", "organization_ids": []int64{north}, "role_names": []string{"Viewer"}})
		s.User("Bob", object{"firstname": "Änne", "organization_ids": []int64{south}})
		s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": `unused "x"`}}).Expect(201)
		staff := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "staff"}}).Expect(201).Int("id")
		s.Admin().Post("/api/usergroups",
			object{"usergroup": object{"name": "ops",
				"user_ids": []int64{s.Find("SELECT id FROM users WHERE login = 'bea'")}}}).Expect(201)
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", staff),
			object{"usergroup": object{"usergroup_ids": []int64{s.Find(
				"SELECT id FROM usergroups WHERE name = 'ops'")}}}).Expect(200)
		c := s.Admin()
		tests := []struct {
			resource, text string
			want           []string
		}{
			{"users", "log", []string{" login "}},
			{"users", "login ", []string{"login  = ", "login  != ", "login  ~ ", "login  !~ ", "login  ^ ",
				"login  !^ "}},
			{"users", "login = b", []string{`login =  "Bob"`, `login =  "bea"`}},
			{"users", "firstname = ", []string{`firstname =  "Admin"`, `firstname =  "Bea"`, `firstname =  "Änne"`}},
			{"users", "firstname = ä", []string{`firstname =  "Änne"`}},
			{"users", "disabled = f", []string{"disabled =  false"}},
			{"users", "description = ", nil},
			{"users", "id = ", nil},
			{"users", "role = V", []string{`role =  "Viewer"`}},
			{"users", "role = M", nil}, // nobody is a Manager
			{"users", "usergroup = ", []string{`usergroup =  "ops"`, `usergroup =  "staff"`}},
			{"users", "auth_source = ", []string{`auth_source =  "Internal"`}},
			{"users", "login = bob and organization = ",
				[]string{`login = bob and organization =  "Default Organization"`,
					`login = bob and organization =  "North"`, `login = bob and organization =  "South"`}},
			{"users", "login = bob ", []string{"login = bob  and", "login = bob  or"}},
			{"organizations", "title = ", []string{`title =  "Default Organization"`, `title =  "North"`,
				`title =  "South"`}},
			{"usergroups", "name = u", []string{`name =  "unused \"x\""`}},
			{"audits", "user = current", []string{"user =  current_user"}},
			{"audits", "user = be", []string{`user =  "bea"`}},
			{"settings", "category = Gen", []string{`category =  "General"`}},
			{"filters", "resource = Usergroup", []string{`resource =  "Usergroup"`}},
		}
		for _, test := range tests {
			s.Run(test.resource+" "+test.text, func(t *testing.T, s *server) {
				wantLabels(completeSearch(s.Admin(), test.resource, test.text), test.want...)
			})
		}
		s.Run("the parts that pages show", func(t *testing.T, s *server) {
			completeSearch(s.Admin(), "users", `login = "<a>" and login = Bo`).Want([]object{{
				"completed": "login = &quot;&lt;a&gt;&quot; and", "part": " login =  &quot;Bob&quot;",
				"label": `login = "<a>" and login =  "Bob"`, "category": "",
			}})
		})
		s.Run("what cannot be read", func(t *testing.T, s *server) {
			completeSearch(s.Admin(), "users", "nosuch = 1 ").
				Want([]object{{"error": "Field 'nosuch' not recognized for searching!"}})
			s.Admin().Get("/api/users/auto_complete_search?search[]=1").Expect(400)
		})
		completeSearch(c, "users", "login = \x00").
			Want([]object{{"error": "The search contains characters that are not valid text"}})
	})
}

// Nobody is offered what no list of theirs would show.
func TestComplete_StaysInTheTenant(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		left, right := twins(s)
		subscribe := fmt.Sprintf("/api/users/%d/mail_notifications", right.ids["users"])
		s.Admin().Post(subscribe, object{"mail_notification_id": 1, "interval": "daily"}).Expect(200)
		c := s.By(left.manager)
		offered := 0
		for _, resource := range scopes.Names() {
			if resource == "permissions" { // which take an administrator
				continue
			}
			for _, f := range scopes.Named(resource).Search.Fields {
				for _, begun := range []string{"", right.name[:1], right.name} {
					a := completeSearch(c, resource, f.Name+" = "+begun)
					wantWithout(a, right)
					offered += len(a.JSON().([]any))
				}
			}
		}
		wantLabels(completeSearch(c, "users", "organization = "), `organization =  "walnut"`)
		wantLabels(completeSearch(c, "mail_notifications", "user = "))
		for _, search := range []string{"user ~ " + right.name, "user = " + right.name + "-alice or name = nosuch",
			"user ^ (x, " + right.name + "-alice)"} {
			path := "/api/mail_notifications?search=" + url.QueryEscape(search)
			c.Get(path).Expect(200).Want(0, "subtotal")
			s.Admin().Get(path).Expect(200).Want(1, "subtotal")
		}
		if offered < 20 {
			t.Errorf("only %d values were offered, so this shows little", offered)
		}
	})
}

// wantWithout fails when a suggestion holds a word of a tenant.
func wantWithout(a *answer, other *estate) {
	a.T.Helper()
	for _, element := range a.JSON().([]any) {
		label, _ := element.(map[string]any)["label"].(string)
		for _, secret := range other.secrets {
			if containsFold(label, secret) {
				a.T.Errorf("%s offers %q, of another tenant", a.Path, label)
			}
		}
	}
}

// A filter's limit holds for the values, too.
func TestComplete_ObeysFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		role := admin.Post("/api/roles", object{"role": object{"name": "Seer of a"}}).Expect(201).Int("id")
		admin.Post("/api/filters", object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
			"search": "login ~ a*"}}).Expect(201)
		s.User("abe", object{"firstname": "Abe"})
		s.User("zoe", object{"firstname": "Zoe"})
		seer := s.By(s.User("aseer", object{"role_ids": []int64{role}}))
		wantLabels(completeSearch(seer, "users", "firstname = "), `firstname =  "Abe"`, `firstname =  "Admin"`)
		wantLabels(completeSearch(seer, "users", "firstname = Z"))
		s.By(s.User("blind")).Get("/api/users/auto_complete_search?search=login").Expect(403)
	})
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
