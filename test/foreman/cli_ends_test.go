package foreman

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The names and the titles of tenants serve alike, in options, files and searches; bodies take titles, as in Foreman.
func TestCommandLine_NamesAndTitles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		works := s.Organization("Works")
		s.Organization("Net", works)
		other := s.Organization("Other")
		s.Organization("Twin", works)
		s.Organization("Twin", other)
		sh := shellOf(s, "admin", adminPassword)
		for i, name := range []string{"Net", "Works/Net"} {
			login := "u" + string(rune('0'+i))
			sh.says("User ["+login+"] created.\n", "user", "create", "--login", login, "--mail", login+"@example.com",
				"--auth-source", "External", "--organizations", name)
			sh.says("Works/Net\n", "--csv", "--no-headers", "organization", "info", "--name", name, "--fields", "Title")
			found := s.Admin().Get("/api/users?search=" + url.QueryEscape("organization_title = Works/Net")).Expect(200)
			if len(found.Rows()) != i+1 {
				t.Errorf("organization_title = Works/Net finds %s", found)
			}
		}
		none := s.Admin().Get("/api/users?search=" + url.QueryEscape("organization_title != Works/Net")).Expect(200)
		for _, login := range none.Column("login") {
			if login == "u0" || login == "u1" {
				t.Errorf("organization_title != Works/Net finds %v", login)
			}
		}
		sh.refuses(70, "Found more than one organization: use --id ", "organization", "info", "--name", "Twin")
		named := func(title string) object {
			return object{"user": object{"login": "x", "auth_source_id": 3, "organization_names": []string{title}}}
		}
		s.Admin().Post("/api/users", named("Net")).Expect(422).
			Want("Could not find Taxonomy with name: Net", "error", "message")
		s.Admin().Post("/api/users", named("Works/Net")).Expect(201).Want("Works/Net", "organizations", 0, "title")
		file := filepath.Join(sh.home, "hr.csv")
		write(t, file, "login,auth_source,organizations,expires_at\nf0,External,Net,\nf1,External,Works/Net,31.12.2098\n")
		out, errs, code := sh.try("user", "import", file)
		if code != 0 || !strings.Contains(out, "2 created") {
			t.Fatalf("exit %d: %s%s", code, out, errs)
		}
		s.Admin().Get("/api/users/f0").Expect(200).Want("Works/Net", "organizations", 0, "title")
		write(t, file+".twin.csv", "login,auth_source,organizations\nf2,External,Twin\n")
		if out, _, code := sh.try("user", "import", file+".twin.csv"); code != 65 ||
			!strings.Contains(out, `there is more than one organization "Twin": use the title`) {
			t.Errorf("an ambiguous name: exit %d: %s", code, out)
		}
		// A second run finds everything as it is.
		if out, _, _ := sh.try("user", "import", file, "--upsert", "--restart"); !strings.Contains(out, "2 unchanged") {
			t.Errorf("the second run says: %s", out)
		}
	})
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The ends of accounts and memberships are set and shown by the command line, and warnings of the server are told.
func TestCommandLine_Ends(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Organization("Acme")
		sh := shellOf(s, "admin", adminPassword)
		sh.environ = append(sh.environ, "TZ=Europe/Prague")
		sh.says("User [ann] created.\n", "user", "create", "--login", "ann", "--mail", "ann@example.com", "--auth-source",
			"External", "--expires-at", "31.12.2098")
		s.Admin().Get("/api/users/ann").Expect(200).Want("2098-12-31 22:59:59 UTC", "expires_at")
		sh.says("2098/12/31 22:59:59\n", "--csv", "--no-headers", "user", "info", "--login", "ann", "--fields",
			"Expires at")
		sh.says("User is active in the organization.\n", "organization", "membership", "set", "--organization", "Acme",
			"--user", "ann", "--expires-at", "2098-06-30")
		sh.says("ann,active,2098/06/30 21:59:59\n", "--csv", "--no-headers", "organization", "membership", "list",
			"--organization", "Acme", "--fields", "User,State,Expires at")
		_, errs, code := sh.try("auth-source", "ldap", "create", "--name", "lone", "--host", "localhost", "--attr-login",
			"uid", "--attr-firstname", "cn", "--attr-lastname", "sn", "--attr-mail", "mail", "--onthefly-register", "yes")
		if code != 0 {
			t.Fatal(errs)
		}
		if errs != "" { // the only organization and location are its own
			t.Errorf("a source with tenants warns: %s", errs)
		}
		_, errs, _ = sh.try("auth-source", "ldap", "update", "--name", "lone", "--organization-ids", "", "--location-ids",
			"")
		const want = "Warning: the source has no organization or location: users whom it creates belong to none.\n"
		if errs != want {
			t.Errorf("got %q, want %q", errs, want)
		}
	})
}

// A password that has to be changed opens the own account alone, until it is another one.
func TestCommandLine_PasswordsToBeChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		file := filepath.Join(sh.home, "hr.csv")
		secrets := filepath.Join(sh.home, "passwords.csv")
		write(t, file, "login,password\nann,\nbob,Own-words-1\n")
		if out, errs, code := sh.try("user", "import", file, "--generate-passwords", secrets, "--must-change-passwords"); code != 0 {
			t.Fatal(out, errs)
		}
		rows, err := os.ReadFile(secrets)
		if err != nil {
			t.Fatal(err)
		}
		_, generated, ok := strings.Cut(strings.TrimSpace(string(rows)), "\nann,")
		if !ok {
			t.Fatalf("the passwords are %q", rows)
		}
		s.Admin().Get("/api/users/bob").Expect(200).Lacks("must_change_password")
		s.Admin().Get("/api/users/ann").Expect(200).Want(true, "must_change_password")
		s.Admin().Get("/api/users?search=login+%3D+ann").Expect(200).Want(true, "results", 0, "must_change_password")
		ann := s.As("ann", generated)
		ann.Get("/api/users").Expect(403).Want("The password has to be changed before anything else", "error", "details")
		ann.Put("/api/users/ann", object{"user": object{"must_change_password": false}}).Expect(200)
		ann.Get("/api/users").Expect(403).Want("The password has to be changed before anything else", "error", "details")
		own := shellOf(s, "ann", generated)
		own.says("User [ann] updated.\n", "user", "update", "--login", "ann", "--password", "Nine-tin-cups-2")
		s.As("ann", "Nine-tin-cups-2").Get("/api/users").Expect(403).Want([]any{"view_users"}, "error",
			"missing_permissions")
		sh.says("User [ann] updated.\n", "user", "update", "--login", "ann", "--must-change-password", "yes")
		sh.says("true\n", "--csv", "--no-headers", "user", "info", "--login", "ann", "--fields", "Must change password")
	})
}

// Filters are saved whole: what a search takes while it is typed is refused there.
func TestFilters_FinishedSearches(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		role := s.NewRole("desk")
		add := func(search string) object {
			return object{"filter": object{"role_id": role, "permission_names": []string{"view_users"}, "search": search}}
		}
		for search, want := range map[string]string{
			"admin = false and (role = Manager": "invalid search query: a parenthesis ( is not closed",
			"usergroup = it and":                "invalid search query: a value is missing after and",
			`login = "ann`:                      `invalid search query: a quote " is not closed`,
		} {
			s.Admin().Post("/api/filters", add(search)).Expect(422).Want(want, "error", "errors", "search", 0)
			s.Admin().Get("/api/users?search=" + url.QueryEscape(search)).Expect(200)
		}
		s.Admin().Post("/api/filters", add("admin = false and (role = Manager)")).Expect(201)
	})
}

// An action without attributes needs no media type where it has no body.
func TestMediaType_OfActionsWithoutABody(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		source := s.Admin().Post("/api/auth_source_ldaps", object{"auth_source_ldap": object{"name": "x",
			"host": "localhost", "attr_login": "uid"}}).Expect(201).Int("id")
		bare := s.Admin().With("Content-Type", "")
		bare.Put(fmt.Sprintf("/api/auth_source_ldaps/%d/test", source), nil).Expect(200)
		bare.Put(fmt.Sprintf("/api/auth_source_ldaps/%d", source), nil).Expect(415)
	})
}

// People without any role look at their own account and change their password by their login.
func TestCommandLine_OwnAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.User("otto")
		s.User("eva")
		sh := shellOf(s, "otto", "secret of otto")
		sh.says("otto\n", "--csv", "--no-headers", "user", "info", "--login", "otto", "--fields", "Login")
		if _, errs, code := sh.try("user", "access-token", "create", "--user", "otto", "--name", "laptop"); code != 0 {
			t.Error(errs)
		}
		if _, errs, code := sh.try("user", "explain", "--login", "otto"); code != 0 {
			t.Error(errs)
		}
		sh.says("User [otto] updated.\n", "user", "update", "--login", "otto", "--password", "another one",
			"--current-password", "secret of otto")
		s.As("otto", "another one").Get("/api/current_user").Expect(200)
		eva := shellOf(s, "otto", "another one")
		eva.refuses(77, "", "user", "info", "--login", "eva")
	})
}
