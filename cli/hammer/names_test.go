package hammer

import (
	"strings"
	"testing"

	"roster/cli/hammer/value"
)

// named gives a resource these names besides those that it has: rows from id 50 on.
func (s *stage) named(resource string, names ...string) {
	key := "name"
	if resource == "users" {
		key = "login"
	}
	for i, name := range names {
		s.peer.rows[resource] = append(s.peer.rows[resource], value.NewObject("id", 50+i, key, name, "title", name,
			"usergroups", []any{}, "roles", []any{}, "users", []any{}, "firstname", "", "lastname", ""))
	}
}

// A name with a backslash is not that of the record without it.
func TestNames_AreExactlyThose(t *testing.T) {
	const notFound = " not found."
	for _, c := range []struct{ resource, near, line, want string }{
		{"users", "corpjoe", `user delete --login 'corp\joe'`, "user" + notFound},
		{"users", "corpjoe", `user update --login 'corp\joe' --description x`, "user" + notFound},
		{"users", "corpjoe", `user add-role --login 'corp\joe' --role Viewer`, "user" + notFound},
		{"users", "corpjoe", `user access-token list --user 'corp\joe'`, "user" + notFound},
		{"users", "corpjoe", `user-group create --name x --users 'admin,corp\\joe'`, "one of users" + notFound},
		{"users", "corpjoe", `user-group add-user --name devs --user 'corp\joe'`, "user" + notFound},
		{"roles", "CORPadmins", `role delete --name 'CORP\admins'`, "role" + notFound},
		{"roles", "CORPadmins", `user update --id 1 --roles 'CORP\\admins'`, "one of roles" + notFound},
		{"roles", "CORPadmins", `user add-role --id 1 --role 'CORP\admins'`, "role" + notFound},
		{"roles", "CORPadmins", `role filters --name 'CORP\admins'`, "role" + notFound},
		{"roles", "CORPadmins", `filter create --role 'CORP\admins' --permissions view_users`, "role" + notFound},
		{"roles", "CORPadmins", `user list --role 'CORP\admins'`, "role" + notFound},
		{"roles", "viewer", `user list --role VIEWER`, "role" + notFound},
		{"usergroups", "ab", `user-group delete --name 'a\b'`, "usergroup" + notFound},
		{"usergroups", "ab", `user-group external list --user-group 'a\b'`, "usergroup" + notFound},
		{"organizations", "R&D West", `organization delete --name 'R&D \West'`, "organization" + notFound},
		{"organizations", "R&D West", `user list --organization 'R&D \West'`, "organization" + notFound},
		{"organizations", "R&D West", `user list --organization-title 'R&D \West'`, "organization" + notFound},
		{"organizations", "ab", `user update --id 1 --default-organization 'a\b'`, "organization" + notFound},
		{"organizations", "ab", `user export --organization 'a\b'`, "organization" + notFound},
		{"locations", "ab", `user update --id 1 --locations 'ACME,a\\b'`, "one of locations" + notFound},
		{"auth_sources", "ab", `user create --login x --mail y --auth-source 'a\b'`, "auth_source" + notFound},
		{"bookmarks", "ab", `bookmark delete --name 'a\b'`, "bookmark" + notFound},
		{"settings", "ab", `settings set --name 'a\b' --value 1`, "setting" + notFound},
	} {
		s := newStage(t)
		s.named(c.resource, c.near)
		got := s.run(c.line)
		if got.code != exitSoftware || !strings.Contains(got.err, c.want) || got.out != "" {
			t.Errorf("%s: exit %d, %q, %q; want %q", c.line, got.code, got.err, got.out, c.want)
		}
		for _, r := range got.requests {
			if !strings.HasPrefix(r, "GET ") {
				t.Errorf("%s: sent %s", c.line, r)
			}
		}
	}
}

// A record that is really called so is found, beside one that is called nearly so; what hammer asks is asked first.
func TestNames_WithSignsOfTheLanguage(t *testing.T) {
	for _, name := range []string{`c\d`, `a"b`, `\`, `"`, `x" or name = "Viewer`, `a\\b`, `a\"b`} {
		s := newStage(t)
		for _, resource := range []string{"users", "roles", "usergroups", "organizations"} {
			s.named(resource, strings.NewReplacer(`\`, "", `"`, "").Replace(name), name)
		}
		run := func(want string, args ...string) {
			t.Helper()
			got := s.runArgs(args...)
			if got.code != 0 || len(got.requests) == 0 || got.requests[len(got.requests)-1] != want {
				t.Errorf("%q: exit %d, %q, %q, want %s", args, got.code, got.err, got.requests, want)
			}
		}
		listed := string(value.CompactJSON([]any{name, "jdoe"}))
		run("GET /api/users/51", "user", "info", "--login", name)
		run("GET /api/roles/51", "role", "info", "--name", name)
		run("GET /api/usergroups/51", "user-group", "info", "--name", name)
		run("GET /api/organizations/51", "organization", "info", "--title", name)
		run(`PUT /api/users/1 {"user":{"role_ids":["9","51"]}}`, "user", "add-role", "--id", "1", "--role", name)
		run(`PUT /api/usergroups/1 {"usergroup":{"user_ids":[4,51]}}`, "user-group", "update", "--id", "1", "--users",
			listed)
	}
	s := newStage(t)
	s.named("users", `c\d`)
	s.expect(`user delete --login 'C\D'`, 0, "User [c\\d] deleted.\n",
		`GET /api/users?search=login+%3D+%22C%5CD%22&per_page=1000&page=1`,
		`GET /api/users?search=login+%3D+%22C%5C%5CD%22&per_page=1000&page=1`, "DELETE /api/users/50")
}

// A server that takes no notice of a search, or says no names, changes nothing for those who ask by name.
func TestNames_OfAServerThatDoesNotSearch(t *testing.T) {
	s := newStage(t)
	s.named("roles", "viewer")
	rows := s.peer.rows["roles"]
	if found := (searchable{name: "name"}).exactly([]string{"viewer"}, []any{rows[0], rows[2]}); len(found) != 1 {
		t.Errorf("found %v", found)
	}
	unnamed := []any{value.NewObject("id", 1)}
	if got := (searchable{name: "name"}).exactly([]string{"x"}, unnamed); len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

// The defaults that a server provides are those of the user who asks, however the name is written.
func TestDefaults_OfExactlyThatUser(t *testing.T) {
	s := newStage(t)
	s.named("users", "corpann", `corp\ann`)
	for i, row := range s.peer.rows["users"] {
		row.Set("default_organization", value.NewObject("id", 100+i))
	}
	in := &invocation{app: newApp(Options{Environ: s.environ}), ctx: t.Context()}
	if err := in.configure(); err != nil {
		t.Fatal(err)
	}
	if err := in.connect(); err != nil {
		t.Fatal(err)
	}
	for login, want := range map[string]string{"admin": "100", "corpann": "102", `Corp\Ann`: "103"} {
		if got, err := in.defaultOf("organization_id", login); value.Text(got) != want || err != nil {
			t.Errorf("%s: %v, %v, want %s", login, got, err, want)
		}
	}
}
