package foreman

import (
	"fmt"
	"strings"
	"testing"

	"roster/test/ldaptest"
)

// A token opens the API without a user name, and a change of the own password asks for the old one.
func TestCommandLine_TokenAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		sh.says("User [eve] created.\n", "user", "create", "--login", "eve", "--mail", "eve@example.com",
			"--auth-source", "Internal", "--password", "first secret 1", "--roles", "Viewer")
		out, errs, code := sh.try("user", "access-token", "create", "--user", "eve", "--name", "ci")
		token := strings.TrimSpace(strings.TrimPrefix(out, "Personal access token [ci] created:\n"))
		if code != 0 || token == "" {
			t.Fatalf("exit %d, %q, %q", code, out, errs)
		}
		ci := &shell{s, t.TempDir(), []string{"HOME=" + t.TempDir(), "ROSTER_URL=" + s.URL, "ROSTER_TOKEN=" + token}}
		ci.says("Login\neve\n", "--csv", "user", "list", "--search", "login = eve", "--fields", "Login")
		if out, _, code := ci.try("auth", "status"); code != 0 || !strings.HasPrefix(out,
			"Using a personal access token without a user name (sent as Authorization: Bearer).\n") {
			t.Errorf("exit %d, %q", code, out)
		}
		ci.refuses(77, "create_roles", "role", "create", "--name", "x")
		sh.says("User [eve] updated.\n", "user", "update", "--login", "eve", "--disabled", "yes")
		if _, errs, code := ci.try("user", "list"); code != 129 || strings.Contains(errs, "username or password") {
			t.Errorf("disabled: exit %d, %q", code, errs)
		}
		eve := shellOf(s, "eve", "first secret 1")
		eve.refuses(129, "User account is disabled, please contact your administrator", "user", "list")
		if _, errs, _ := eve.try("user", "list"); strings.Count(errs, "\n") != 1 {
			t.Errorf("disabled: %q", errs)
		}
		nobody := &shell{s, t.TempDir(), []string{"HOME=" + t.TempDir(), "ROSTER_URL=" + s.URL}}
		nobody.refuses(129, "No user name is set. Use -u, ROSTER_USERNAME", "user", "list")
	})
}

// The command line tests a connection to LDAP, and knows an external group by its id.
func TestCommandLine_LDAP(t *testing.T) {
	onDirectories(t, func(t *testing.T, s *server, d ldaptest.Directory, source object) {
		ann := d.Person("cid", "Cid", "Cermak", "cid secret")
		d.Group("desk", ann)
		sh := shellOf(s, "admin", adminPassword)
		id := makeSource(s, source)
		sh.says("Test connection to LDAP server was successful.\n", "auth-source", "ldap", "test", "--name",
			"Headquarters")
		s.As("cid", "cid secret").Get("/api/current_user").Expect(200)
		sh.says("User group [desk] created.\n", "user-group", "create", "--name", "desk")
		sh.says("External user group created.\n", "user-group", "external", "create", "--user-group", "desk", "--name",
			"desk", "--auth-source", "Headquarters")
		sh.says("Name\ndesk\n", "--csv", "user-group", "external", "refresh", "--name", "desk", "--fields", "Name")
		sh.says("Login\ncid\n", "--csv", "user", "list", "--user-group", "desk", "--fields", "Login")
		s.Admin().Put(fmt.Sprint("/api/auth_source_ldaps/", id), object{"auth_source_ldap": object{"port": 1}}).Expect(200)
		sh.refuses(70, "The connection failed:\n  Error: Unable to connect to LDAP server (", "auth-source", "ldap", "test",
			"--id", fmt.Sprint(id))
	})
}

// Names that nothing has, parents by name, times by day: in Roster's words on both databases.
func TestCommandLine_NamesAndTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		sh.environ = append(sh.environ, "TZ=Europe/Prague")
		sh.refuses(70, `There is no role "Manger". Did you mean Manager?`, "user", "update", "--id", "4", "--roles",
			"Viewer,Manger")
		sh.says("Organization created.\n", "organization", "create", "--name", "Brno")
		sh.says("Organization created.\n", "organization", "create", "--name", "Sales", "--parent", "Brno")
		sh.says("Organization created.\n", "organization", "create", "--name", "North", "--parent", "Brno/Sales")
		sh.says("Title,Parent\nBrno/Sales/North,Brno/Sales\n", "--csv", "organization", "info", "--name", "North",
			"--fields", "Title,Parent")
		sh.says("Organization updated.\n", "organization", "update", "--name", "North", "--parent", "NIL")
		sh.says("Organization deleted.\n", "organization", "delete", "--title", "North")
		out, errs, code := sh.try("user", "access-token", "create", "--user", "admin", "--name", "ci", "--expires-at",
			"31.12.2030")
		if code != 0 {
			t.Fatalf("exit %d, %q, %q", code, out, errs)
		}
		sh.says("Expires at\n2030/12/31 22:59:59\n", "--csv", "user", "access-token", "list", "--user", "admin",
			"--fields", "Expires at")
	})
}
