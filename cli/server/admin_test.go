package server

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"roster/config"
	"roster/directory"
	"roster/models"
	"roster/test/dbtest"
)

// onBothURLs runs a test on an empty database of each kind.
func onBothURLs(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run(config.SQLite, func(t *testing.T) { test(t, sqliteURL(t)) })
	t.Run(config.Postgres, func(t *testing.T) { test(t, dbtest.Postgres(t)) })
}

// A password is reset on the server: the account gets in with the new one alone, is enabled, and its tokens end.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	onBothURLs(t, func(t *testing.T, url string) {
		at := []string{"ROSTER_DATABASE=" + url}
		if _, _, err := cli(t, append(at, "ROSTER_ADMIN_PASSWORD=open sesame"), "seed", "--users", "1"); err != nil {
			t.Fatal(err)
		}
		db := dbtest.Open(t, url)
		for _, statement := range []string{"UPDATE users SET disabled = TRUE WHERE login = 'admin'",
			"INSERT INTO personal_access_tokens (user_id, name, token_hash, created_at, updated_at) SELECT id, 't', 'h', " +
				"CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM users WHERE login = 'admin'"} {
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		out, _, err := cli(t, at, "admin", "reset-password")
		match := regexp.MustCompile(`password  (\S+)`).FindStringSubmatch(out)
		if err != nil || match == nil || strings.Contains(out, "not an administrator") {
			t.Fatal(out, err)
		}
		svc, err := directory.New(directory.Options{Write: db.Write, Read: db.Read, Search: db.Search,
			Dialect: db.Dialect})
		if err != nil {
			t.Fatal(err)
		}
		admin, err := svc.AccountNamed(t.Context(), "admin")
		if err != nil || admin.IsDisabled() {
			t.Fatal("the account is not enabled:", err)
		}
		for password, want := range map[string]bool{match[1]: true, "open sesame": false} {
			got, err := svc.Passwords.Verify(t.Context(), "test", "admin", models.Deref(admin.PasswordHash), password)
			if err != nil || got != want {
				t.Errorf("%q opens the account: %v, %v", password, got, err)
			}
		}
		var live int64
		if err := db.Read.Raw("SELECT COUNT(*) FROM personal_access_tokens WHERE NOT revoked").Row().Scan(&live); err != nil ||
			live != 0 {
			t.Errorf("%d tokens are left, %v", live, err)
		}
		file := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(file, []byte("a password of my own\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, _, err := cli(t, at, "admin", "reset-password", "--password-file", file); err != nil ||
			strings.Contains(out, "a password of my own") {
			t.Error(out, err)
		}
		for login, want := range map[string]string{"nobody": "nobody has this login", "foreman_admin": "nobody has"} {
			if _, _, err := cli(t, at, "admin", "reset-password", "--login", login); err == nil ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v", login, err)
			}
		}
	})
}

// What is set without effect is said, and so is a key that opens no secret.
func TestSeed_Warns(t *testing.T) {
	t.Parallel()
	onBothURLs(t, func(t *testing.T, url string) {
		at := []string{"ROSTER_DATABASE=" + url, "ROSTER_ADMIN_PASSWORD=open sesame",
			"ROSTER_SECRET_KEY=" + strings.Repeat("0", 64)}
		if _, log, err := cli(t, at, "seed"); err != nil || strings.Contains(log, "ignored") {
			t.Fatal(log, err)
		}
		if err := dbtest.Open(t, url).Write.Exec("INSERT INTO auth_sources (type, name, host, account_password, created_at, " +
			"updated_at) VALUES ('AuthSourceLdap', 'Works', 'ldap', 'AAAA', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)").
			Error; err != nil {
			t.Fatal(err)
		}
		_, log, err := cli(t, at, "seed")
		if err != nil || !strings.Contains(log, "ROSTER_ADMIN_PASSWORD is ignored") ||
			!strings.Contains(log, "cannot be decrypted") || !strings.Contains(log, "Works") {
			t.Error(log, err)
		}
	})
}
