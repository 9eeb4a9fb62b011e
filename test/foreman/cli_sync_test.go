package foreman

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A nightly job brings users in, changes what differs from the file, says nothing of the rest, and disables who left.
func TestCommandLine_NightlySync(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		sh := shellOf(s, "admin", adminPassword)
		sh.says("Organization created.\n", "organization", "create", "--name", "Brno")
		file := filepath.Join(sh.home, "hr.csv")
		write := func(content string) {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		secrets := filepath.Join(sh.home, "passwords.csv")
		sync := func(more ...string) []string {
			return append([]string{"user", "import", file, "--upsert", "--map", "Vorname=firstname", "--map",
				"Organisation=organizations", "--map", "Abteilung=", "--generate-passwords", secrets, "--disable-missing",
				"organization = Brno"}, more...)
		}
		write("Login;Vorname;Mail;Organisation;auth_source;roles;Abteilung\n" +
			"p01;Žofie;p01@example.com;Brno;;Viewer;IT\np02;Ben;;Brno;External;;\np03;Cid;;Brno;External;Viewer;HR\n" +
			"p04;Dan;;Brno;;;\np05;Eva;;Brno;;;\n")
		out, errs, code := sh.try("user", "import", file, "--map", "Vorname=firstname", "--map",
			"Organisation=organizations", "--map", "Abteilung=", "--dry-run")
		want := "password is empty: a new user of the source Internal needs one; --generate-passwords FILE makes them\n"
		if code != 65 || !strings.HasPrefix(out, "line 2 (p01): "+want+"line 5 (p04): "+want) {
			t.Errorf("without passwords: exit %d, %q, %q", code, out, errs)
		}
		sh.says("5 created, 0 updated, 0 unchanged, 0 disabled, 0 refused.\n", sync()...)
		raw, err := os.ReadFile(secrets)
		lines := strings.Split(string(raw), "\n")
		if err != nil || len(lines) != 5 || lines[0] != "login,password" {
			t.Fatalf("the passwords: %v, %q", err, raw)
		}
		for _, line := range lines[1:4] {
			login, password, _ := strings.Cut(line, ",")
			shellOf(s, login, password).says("Successfully logged in as '"+login+"'.\n", "--config",
				sessionsOn(t), "auth", "login", "basic", "-u", login, "-p", password)
		}
		sh.says("0 created, 0 updated, 5 unchanged, 0 disabled, 0 refused.\n", sync()...)
		s.Admin().Put("/api/users/p03", object{"user": object{"firstname": "Changed", "role_ids": []int64{}}}).Expect(200)
		audits := s.Admin().Get("/api/audits").Int("total")
		sh.says("0 created, 1 updated, 4 unchanged, 0 disabled, 0 refused.\n", sync()...)
		if now := s.Admin().Get("/api/audits").Int("total"); now != audits+1 {
			t.Errorf("there were %d audits, and now are %d", audits, now)
		}
		s.Admin().Get("/api/users/p03").Expect(200).Want("Cid", "firstname").Want("Viewer", "roles", 0, "name")
		write("login,auth_source\np01,External\np02,\np03,\np04,\n")
		sh.refuses(65, "--disable-missing would disable 1 of 5 active users, which is more than 19 %", sync("--max-disable",
			"19")...)
		out, errs, code = sh.try(sync()...)
		if code != 65 || out != "p05 was disabled: not in the file\nline 2 (p01): auth_source is \"External\", and the "+
			"user has \"Internal\"; --change-auth-source changes it\n0 created, 0 updated, 3 unchanged, 1 disabled, "+
			"1 refused.\n" {
			t.Errorf("exit %d, %q, %q", code, out, errs)
		}
		s.Admin().Get("/api/users/p05").Expect(200).Want(true, "disabled")
	})
}

// sessionsOn returns a file with settings that keep sessions.
func sessionsOn(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sessions.yml")
	if err := os.WriteFile(file, []byte("roster:\n  use_sessions: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
