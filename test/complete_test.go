package test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/scopes"
)

// complete asks for the continuations of a half-typed search.
func (c *client) complete(resource, text string) *answer {
	c.s.t.Helper()
	return c.get("/api/" + resource + "/auto_complete_search?search=" + url.QueryEscape(text)).expect(200)
}

// labels wants the continuations, in order.
func (a *answer) labels(want ...string) {
	a.t.Helper()
	if want == nil {
		want = []string{}
	}
	a.want(want, each, "label")
}

// Names, operators and values while a search is typed (docs/spec/search.md, 14).
func TestComplete(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		north, south := s.organization("North"), s.organization("South")
		s.role("Viewer")
		s.user("bea", object{"firstname": "Bea", "organization_ids": []int64{north}, "role_names": []string{"Viewer"}})
		s.user("Bob", object{"firstname": "Änne", "organization_ids": []int64{south}})
		s.admin().post("/api/usergroups", object{"usergroup": object{"name": `unused "x"`}}).expect(201)
		staff := s.admin().post("/api/usergroups", object{"usergroup": object{"name": "staff"}}).expect(201).int("id")
		s.admin().post("/api/usergroups",
			object{"usergroup": object{"name": "ops",
				"user_ids": []int64{s.find("SELECT id FROM users WHERE login = 'bea'")}}}).expect(201)
		s.admin().put(fmt.Sprintf("/api/usergroups/%d", staff),
			object{"usergroup": object{"usergroup_ids": []int64{s.find(
				"SELECT id FROM usergroups WHERE name = 'ops'")}}}).expect(200)
		c := s.admin()
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
			s.run(test.resource+" "+test.text, func(t *testing.T, s *server) {
				s.admin().complete(test.resource, test.text).labels(test.want...)
			})
		}
		s.run("the parts that pages show", func(t *testing.T, s *server) {
			s.admin().complete("users", `login = "<a>" and login = Bo`).want([]object{{
				"completed": "login = &quot;&lt;a&gt;&quot; and", "part": " login =  &quot;Bob&quot;",
				"label": `login = "<a>" and login =  "Bob"`, "category": "",
			}})
		})
		s.run("what cannot be read", func(t *testing.T, s *server) {
			s.admin().complete("users", "nosuch = 1 ").
				want([]object{{"error": "Field 'nosuch' not recognized for searching!"}})
			s.admin().get("/api/users/auto_complete_search?search[]=1").expect(400)
		})
		c.complete("users", "login = \x00").
			want([]object{{"error": "The search contains characters that are not valid text"}})
	})
}

// Nobody is offered what no list of theirs would show.
func TestComplete_StaysInTheTenant(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		left, right := twins(s)
		subscribe := fmt.Sprintf("/api/users/%d/mail_notifications", right.ids["users"])
		s.admin().post(subscribe, object{"mail_notification_id": 1, "interval": "daily"}).expect(200)
		c := s.by(left.manager)
		offered := 0
		for _, resource := range scopes.Names() {
			if resource == "permissions" { // which take an administrator
				continue
			}
			for _, f := range scopes.Named(resource).Search.Fields {
				for _, begun := range []string{"", right.name[:1], right.name} {
					a := c.complete(resource, f.Name+" = "+begun)
					a.without(right)
					offered += len(a.json().([]any))
				}
			}
		}
		c.complete("users", "organization = ").labels(`organization =  "walnut"`)
		c.complete("mail_notifications", "user = ").labels()
		for _, search := range []string{"user ~ " + right.name, "user = " + right.name + "-alice or name = nosuch",
			"user ^ (x, " + right.name + "-alice)"} {
			path := "/api/mail_notifications?search=" + url.QueryEscape(search)
			c.get(path).expect(200).want(0, "subtotal")
			s.admin().get(path).expect(200).want(1, "subtotal")
		}
		if offered < 20 {
			t.Errorf("only %d values were offered, so this shows little", offered)
		}
	})
}

// without fails when a suggestion holds a word of a tenant.
func (a *answer) without(other *estate) {
	a.t.Helper()
	for _, element := range a.json().([]any) {
		label, _ := element.(map[string]any)["label"].(string)
		for _, secret := range other.secrets {
			if containsFold(label, secret) {
				a.t.Errorf("%s offers %q, of another tenant", a.path, label)
			}
		}
	}
}

// A filter's limit holds for the values, too.
func TestComplete_ObeysFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.admin()
		role := admin.post("/api/roles", object{"role": object{"name": "Seer of a"}}).expect(201).int("id")
		admin.post("/api/filters", object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
			"search": "login ~ a*"}}).expect(201)
		s.user("abe", object{"firstname": "Abe"})
		s.user("zoe", object{"firstname": "Zoe"})
		seer := s.by(s.user("aseer", object{"role_ids": []int64{role}}))
		seer.complete("users", "firstname = ").labels(`firstname =  "Abe"`, `firstname =  "Admin"`)
		seer.complete("users", "firstname = Z").labels()
		s.by(s.user("blind")).get("/api/users/auto_complete_search?search=login").expect(403)
	})
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
