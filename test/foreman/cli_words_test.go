package foreman

import (
	"strings"
	"testing"
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
