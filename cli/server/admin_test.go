package server

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

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

// The block of an address is listed and ended on the server, and nothing else's is.
func TestUnblock(t *testing.T) {
	t.Parallel()
	onBothURLs(t, func(t *testing.T, url string) {
		at := []string{"ROSTER_DATABASE=" + url, "TZ=UTC"}
		if _, _, err := cli(t, at, "seed", "--users", "1"); err != nil {
			t.Fatal(err)
		}
		says := func(want string, args ...string) {
			t.Helper()
			if out, _, err := cli(t, at, append([]string{"admin", "unblock"}, args...)...); err != nil || out != want {
				t.Errorf("%v: got %q, %v, want %q", args, out, err, want)
			}
		}
		says("No address is blocked.\n")
		db := dbtest.Open(t, url)
		until := time.Date(2100, 1, 2, 3, 4, 5, 0, time.UTC)
		for address, failures := range map[string]int{"192.0.2.7": 30, "2001:db8::/64": 31, "192.0.2.8": 29} {
			err := db.Write.Exec("INSERT INTO login_failures (address, failures, expires_at) VALUES (?, ?, ?)", address,
				failures, until).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		local := until.Local().Format(time.DateTime)
		const line = "192.0.2.7  30 failed logins, blocked until "
		says("2001:db8::/64  31 failed logins, blocked until " + local + "\n" + line + local + "\n")
		says("2001:db8::5 can log in again.\n", "2001:db8::5")
		says(line + local + "\n")
		says("192.0.2.7 can log in again.\n", "192.0.2.7")
		says("No address is blocked.\n")
		_, _, err := cli(t, at, "admin", "unblock", "192.0.2.7")
		if err == nil || err.Error() != "192.0.2.7 has no failed logins that count" {
			t.Errorf("an address that is not blocked: %v", err)
		}
		var left int64
		if err := db.Read.Raw("SELECT COUNT(*) FROM login_failures").Row().Scan(&left); err != nil || left != 1 {
			t.Errorf("%d addresses with failures are left (%v), want 1", left, err)
		}
	})
}

// seeded fills a database with an administrator, whose password is "open sesame", and other users. It returns the
// environment of the commands, and the database.
func seeded(t *testing.T, url, users string) ([]string, *config.Database) {
	t.Helper()
	at := []string{"ROSTER_DATABASE=" + url}
	if _, _, err := cli(t, append(at, "ROSTER_ADMIN_PASSWORD=open sesame"), "seed", "--users", users); err != nil {
		t.Fatal(err)
	}
	return at, dbtest.Open(t, url)
}

// A password is reset on the server: the account gets in with the new one alone, is enabled, and its tokens end.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	onBothURLs(t, func(t *testing.T, url string) {
		at, db := seeded(t, url, "1")
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
		for login, want := range map[string]string{"foreman_admin": "nobody has",
			"nobody": "nobody has this login: nobody. Administrators whose passwords are kept here: admin"} {
			if _, _, err := cli(t, at, "admin", "reset-password", "--login", login); err == nil ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v", login, err)
			}
		}
	})
}

// An end that is to come stays, one that has passed is taken away; both are said. Where no administrator is left, an
// account is made one.
func TestResetPassword_EndsAndAdministrators(t *testing.T) {
	t.Parallel()
	onBothURLs(t, func(t *testing.T, url string) {
		at, db := seeded(t, url, "2")
		var logins []string
		err := db.Read.Raw("SELECT login FROM users WHERE NOT hidden AND login <> 'admin' ORDER BY id").Scan(&logins).Error
		if err != nil || len(logins) != 2 {
			t.Fatal(logins, err)
		}
		soon := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
		internal := "auth_source_id = (SELECT id FROM auth_sources WHERE type = 'AuthSourceInternal')"
		for login, end := range map[string]time.Time{logins[0]: soon, logins[1]: time.Now().Add(-time.Hour).UTC()} {
			if err := db.Write.Exec("UPDATE users SET expires_at = ?, "+internal+" WHERE login = ?", end, login).Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Write.Exec("UPDATE users SET disabled = TRUE WHERE login = 'admin'").Error; err != nil {
			t.Fatal(err)
		}
		short := filepath.Join(t.TempDir(), "password")
		if err := errors.Join(os.WriteFile(short, []byte("short\n"), 0o600), db.Write.Exec("INSERT INTO settings "+
			"(name, value, created_at, updated_at) VALUES ('password_min_length', '10', ?, ?)", soon, soon).Error); err != nil {
			t.Fatal(err)
		}
		if _, _, err := cli(t, at, "admin", "reset-password", "--password-file", short); err == nil ||
			!strings.Contains(err.Error(), "the password is too short: it needs 10 characters at least") {
			t.Error(err)
		}
		out, _, err := cli(t, at, "admin", "reset-password", "--login", logins[0])
		if err != nil || !strings.Contains(out, "It still ends at "+soon.Format(time.RFC3339)) {
			t.Error(out, err)
		}
		if _, _, err = cli(t, at, "admin", "reset-password", "--login", "nobody"); err == nil ||
			!strings.Contains(err.Error(), "add --make-administrator") {
			t.Error(err)
		}
		out, _, err = cli(t, at, "admin", "reset-password", "--login", logins[1], "--make-administrator")
		if err != nil || !strings.Contains(out, "and has no end any more.") || strings.Contains(out, "not an administrator") {
			t.Error(out, err)
		}
		var ends []string
		err = db.Read.Raw("SELECT login FROM users WHERE expires_at IS NOT NULL").Scan(&ends).Error
		if err != nil || !slices.Equal(ends, logins[:1]) {
			t.Errorf("%v have an end, %v; want %v", ends, err, logins[:1])
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
