package server

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/config"
	"roster/test/dbtest"
	"roster/test/ldaptest"
)

// The doctor finds nothing in a new installation, and each fault that is put into it, with what to do.
func TestDoctor(t *testing.T) {
	t.Parallel()
	for dialect, url := range map[string]string{
		config.SQLite:   "sqlite://" + filepath.Join(t.TempDir(), "roster.db"),
		config.Postgres: dbtest.Postgres(t),
	} {
		t.Run(dialect, func(t *testing.T) {
			environ := []string{"ROSTER_ADMIN_PASSWORD=open sesame", "ROSTER_SECRET_KEY=" + strings.Repeat("0", 64)}
			if out, err := runWith(t, environ, "seed", "--users", "3", "--database", url); err != nil {
				t.Fatal(out, err)
			}
			out, err := runWith(t, environ[1:], "doctor", "--database", url)
			broken := 0
			if dialect == config.Postgres {
				broken = 2 // fsync and full_page_writes are off in tests
			}
			if (err == nil) != (broken == 0) || !strings.Contains(out, fmt.Sprintf(" %d broken.", broken)) ||
				!strings.Contains(out, "administrators") {
				t.Fatalf("got %v with\n%s", err, out)
			}
			if out, _ := runWith(t, environ[1:], "doctor", "--database", url, "--only-trouble"); strings.Contains(out, " ok ") {
				t.Error("what is in order shows:", out)
			}
			if dialect == config.SQLite { // seeded with a key of its own, it has none beside it
				out, _ := runWith(t, nil, "doctor", "--database", url)
				beside := filepath.Join(filepath.Dir(strings.TrimPrefix(url, "sqlite://")), "secret.key")
				if _, err := os.Stat(beside); err == nil || !strings.Contains(out, "the next start makes a new one") {
					t.Errorf("a doctor without a key: %v\n%s", err, out)
				}
			}
			breakIt(t, dialect, url)
			args := []string{"doctor", "--database", url, "--sqlite-synchronous", "normal"}
			out, err = runWith(t, append(environ, "ROSTER_LISTN=x"), args...)
			if err == nil || ExitCode(err) != exitFailure {
				t.Error("got", err)
			}
			wanted := []string{"this variable is no setting", "no administrator can log in", "LDAP Far away", "LDAP Sealed",
				"another secret key", "the token okta of the organization", "the access token t of", "which is to come",
				"ROSTER_ADMIN_PASSWORD is set", "nobody has to wait", "for 48h0m0s"}
			if dialect == config.SQLite {
				wanted = append(wanted, "may lose the last writes")
			} else {
				wanted = append(wanted, "may lose writes that were acknowledged", "never been analyzed: bookmarks", "pg_trgm")
			}
			for _, want := range wanted {
				if !strings.Contains(out, want) {
					t.Errorf("the doctor does not say %q:\n%s", want, out)
				}
			}
			if _, err := runWith(t, nil, "doctor", "--database", "sqlite://"+t.TempDir()+"/none.db"); ExitCode(err) != exitFailure {
				t.Error("got", err)
			}
		})
	}
}

// breakIt puts faults into an installation.
func breakIt(t *testing.T, dialect, url string) {
	t.Helper()
	db := dbtest.Open(t, url)
	end := time.Now().UTC().AddDate(0, 0, 3).Format("2006-01-02 15:04:05.000000+00:00")
	before := time.Now().UTC().AddDate(0, 0, -2).Format("2006-01-02 15:04:05.000000+00:00")
	statements := []string{
		"UPDATE users SET disabled = TRUE WHERE login = 'admin'",
		"DELETE FROM settings WHERE name = 'failed_login_attempts_limit'",
		"INSERT INTO settings (name, value, created_at, updated_at) VALUES ('failed_login_attempts_limit', '0', 'NOW', 'NOW')",
		"UPDATE tallies SET epoch = epoch + 1 WHERE name = 'refs' AND slot = 0",
		"INSERT INTO taxonomies (id, type, name, lower_name, title, created_at, updated_at) VALUES (900, 'Organization', " +
			"'Acme', 'acme', 'Acme', 'NOW', 'NOW')",
		"INSERT INTO scim_tokens (organization_id, name, token_hash, expires_at, created_at, updated_at) VALUES " +
			"(900, 'okta', 'h', 'END', 'NOW', 'NOW')",
		"INSERT INTO personal_access_tokens (user_id, name, token_hash, expires_at, created_at, updated_at) SELECT MAX(id), " +
			"'t', 'h', 'END', 'NOW', 'NOW' FROM users",
		"INSERT INTO auth_sources (type, name, host, port, created_at, updated_at) VALUES ('AuthSourceLdap', 'Far away', " +
			"'127.0.0.1', 1, 'NOW', 'NOW')",
		"INSERT INTO auth_sources (type, name, host, port, account, account_password, created_at, updated_at) VALUES " +
			"('AuthSourceLdap', 'Sealed', '127.0.0.1', 1, 'cn=a', 'AAAA', 'NOW', 'NOW')",
		"INSERT INTO audits (auditable_id, auditable_type, action, version, created_at) VALUES (1, 'User', 'create', 99, 'END')",
		"INSERT INTO outgoing_mails (user_id, kind, recipient, sealed, created_at, due_at) SELECT MAX(id), 'welcome', 'a@b', " +
			"'s', 'NOW', 'NOW' FROM users",
	}
	if dialect == config.Postgres {
		statements = append(statements, "ALTER DATABASE "+filepath.Base(strings.Split(url, "?")[0])+" SET synchronous_commit = off",
			"INSERT INTO bookmarks (name, controller, query, created_at, updated_at) SELECT 'b' || n, 'users', 'q', 'NOW', 'NOW' "+
				"FROM generate_series(1, 2000) n", "DROP EXTENSION pg_trgm CASCADE", "SELECT pg_stat_force_next_flush()")
	}
	for _, s := range statements {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "'NOW'", "'"+before+"'"), "'END'", "'"+end+"'")
		if err := db.Write.Exec(s).Error; err != nil {
			t.Fatal(s, err)
		}
	}
}

// The doctor names LDAP servers whose certificates end soon.
func TestDoctor_LDAPCertificate(t *testing.T) {
	t.Parallel()
	slapd := ldaptest.Start(t)
	for dialect, url := range map[string]string{
		config.SQLite:   "sqlite://" + filepath.Join(t.TempDir(), "roster.db"),
		config.Postgres: dbtest.Postgres(t),
	} {
		t.Run(dialect, func(t *testing.T) {
			if out, err := runWith(t, nil, "seed", "--database", url); err != nil {
				t.Fatal(out, err)
			}
			db := dbtest.Open(t, url)
			for name, port := range map[string]int64{"By TLS": slapd.TLSPort, "Plain": slapd.Port} {
				if err := db.Write.Exec("INSERT INTO auth_sources (type, name, host, port, tls, base_dn, created_at, updated_at) "+
					"VALUES ('AuthSourceLdap', ?, '127.0.0.1', ?, ?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)", name, port,
					name != "Plain", ldaptest.Base).Error; err != nil {
					t.Fatal(err)
				}
			}
			out, _ := runWith(t, nil, "doctor", "--database", url, "--ldap-authorities", slapd.Authority)
			if !strings.Contains(out, "LDAP By TLS") || strings.Count(out, "its certificate ends on") != 1 {
				t.Errorf("got\n%s", out)
			}
		})
	}
}

// The doctor looks at replicas: one that follows, one that is gone, and a server that is none.
func TestDoctor_Replicas(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewReplicated(t)
	if out, err := runWith(t, nil, "seed", "--database", pair.Primary); err != nil {
		t.Fatal(out, err)
	}
	doctor := func(replica string) string {
		out, _ := runWith(t, nil, "doctor", "--database", pair.Primary, "--replica", replica)
		return out
	}
	for replica, want := range map[string]string{
		pair.Replica: "follows, and is", pair.Primary: "is a primary itself", dbtest.Postgres(t): "holds another database",
		"postgres://roster@127.0.0.1:1/roster": "does not answer",
	} {
		if out := doctor(replica); !strings.Contains(out, want) {
			t.Errorf("the doctor does not say %q:\n%s", want, out)
		}
	}
}

// Tables that autovacuum has given up are named. PostgreSQL cannot be told when it analyzed a table, so that a view
// stands before its own one.
func TestDoctor_StaleStatistics(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	if out, err := runWith(t, nil, "seed", "--database", url); err != nil {
		t.Fatal(out, err)
	}
	name := filepath.Base(strings.Split(url, "?")[0])
	db := dbtest.Open(t, url)
	for _, s := range []string{"ALTER DATABASE " + name + " SET search_path = public, pg_catalog",
		"CREATE VIEW public.pg_stat_user_tables AS SELECT n.relname, changed AS n_mod_since_analyze, 2000 AS n_live_tup, " +
			"NULL::timestamptz AS last_analyze, now() - age AS last_autoanalyze FROM (VALUES ('stale', 2001, INTERVAL '2 hours'), " +
			"('calm', 2000, INTERVAL '2 hours'), ('fresh', 2001, INTERVAL '5 minutes')) n(relname, changed, age)"} {
		if err := db.Write.Exec(s).Error; err != nil {
			t.Fatal(s, err)
		}
	}
	out, _ := runWith(t, nil, "doctor", "--database", url)
	if !regexp.MustCompile(`changed by more than half since they were analyzed: stale\s`).MatchString(out) {
		t.Error(out)
	}
}
