package server

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"roster/test/dbtest"
)

// run runs a command of the server with a password for the first administrator.
func run(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	return runIn(t, []string{"ROSTER_ADMIN_PASSWORD=open sesame"}, stdin, args...)
}

// runWith does the same with an environment.
func runWith(t *testing.T, environ []string, args ...string) (string, error) {
	t.Helper()
	return runIn(t, environ, "", args...)
}

func runIn(t *testing.T, environ []string, stdin string, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	p := &program{environ: environ, stdout: &out, stderr: &errs}
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(stdin))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// A backup moves a directory from SQLite to PostgreSQL and back, with the key that seals its secrets.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	db := "sqlite://" + at("a/roster.db")
	must := func(want string, args ...string) string {
		t.Helper()
		out, err := run(t, "", args...)
		if err != nil || !strings.Contains(out, want) {
			t.Fatalf("%q: got %v with %s", args, err, out)
		}
		return out
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("key.txt"), []byte(key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must("Created 50 users", "seed", "--users", "50", "--database", db)
	must("among them 5", "backup", at("one.backup"), "--database", db, "--recipient", key.Recipient().String(),
		"--with-secret-key")
	if info, err := os.Stat(at("one.backup")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("others can read the backup:", info, err)
	}
	must("The backup is whole", "restore", at("one.backup"), "--identity", at("key.txt"), "--check")
	postgres := dbtest.Postgres(t)
	must("is not the one of the backup", "restore", at("one.backup"), "--identity", at("key.txt"), "--database", postgres)
	must("is not encrypted", "backup", at("two.backup"), "--database", postgres)
	out := must("Restored", "restore", at("one.backup"), "--identity", at("key.txt"), "--database",
		"sqlite://"+at("b/roster.db"))
	if !strings.Contains(out, at("b/secret.key")) {
		t.Error("the key is not where the server finds it:", out)
	}
	old, err := os.ReadFile(at("a/secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(at("b/secret.key")); err != nil || string(now) != string(old) {
		t.Error("the key has changed", err)
	}
	must("Restored", "restore", at("two.backup"), "--database", "sqlite://"+at("c/roster.db"))
	piped := must("", "backup", "-", "--database", db)
	if out, err := run(t, piped, "restore", "-", "--database", "sqlite://"+at("d/roster.db")); err != nil {
		t.Error(out, err)
	}
}

// What cannot be done says why, and leaves everything as it was.
func TestBackup_Refused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	db := "sqlite://" + at("roster.db")
	if out, err := run(t, "", "seed", "--users", "5", "--database", db); err != nil {
		t.Fatal(out, err)
	}
	if out, err := run(t, "", "backup", at("one.backup"), "--database", db); err != nil {
		t.Fatal(out, err)
	}
	whole, err := os.ReadFile(at("one.backup"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("half.backup"), whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	empty := "sqlite://" + at("new/roster.db")
	for want, args := range map[string][]string{
		"backups are not overwritten":         {"backup", at("one.backup"), "--database", db},
		"no such file":                        {"backup", at("two.backup"), "--database", "sqlite://" + at("none.db")},
		"--with-secret-key needs a recipient": {"backup", at("two.backup"), "--database", db, "--with-secret-key"},
		"is no public key of age or SSH":      {"backup", at("two.backup"), "--database", db, "--recipient", "age1nothing"},
		"the database is not empty":           {"restore", at("one.backup"), "--database", db},
		"the backup is damaged":               {"restore", at("half.backup"), "--database", empty},
		"no such file or directory":           {"restore", at("none.backup"), "--database", empty},
		"it is none that roster has written":  {"restore", at("roster.db"), "--database", empty},
		"key.txt: no such file or directory":  {"restore", at("one.backup"), "--identity", at("key.txt")},
		"accepts 1 arg(s), received 0":        {"restore"},
		"two.backup/x/":                       {"backup", at("two.backup/x/y"), "--database", db},
	} {
		if out, err := run(t, "", args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v with %s, want %s", args, err, out, want)
		}
	}
	for _, name := range []string{"new", "two.backup"} {
		if _, err := os.Stat(at(name)); err == nil {
			t.Errorf("%s was made all the same", name)
		}
	}
}

// An organization goes into another directory and back into its own, and nothing is left of it on the way.
func TestBackup_Organization(t *testing.T) {
	postgres := dbtest.Postgres(t)
	dir := t.TempDir()
	aside := t.TempDir()
	t.Setenv("TMPDIR", aside)
	at := func(name string) string { return filepath.Join(dir, name) }
	db := "sqlite://" + at("a/roster.db")
	must := func(want string, args ...string) {
		t.Helper()
		out, err := run(t, "", args...)
		if err != nil || !strings.Contains(out, want) {
			t.Fatalf("%q: got %v with %s", args, err, out)
		}
	}
	must("Created 60 users", "seed", "--users", "60", "--organizations", "2", "--database", db)
	must("Backed up the organization Acme 1", "backup", at("one.backup"), "--organization", "acme-1", "--database", db)
	must("Backed up", "backup", at("all.backup"), "--database", db)
	must("The backup is whole: the organization Acme 1 with", "restore", at("one.backup"), "--check")
	must("this was a dry run", "restore", at("one.backup"), "--dry-run", "--database", postgres)
	must("Restored the organization Acme 1", "restore", at("one.backup"), "--database", postgres)
	must("Restored the organization Acme 1", "restore", at("one.backup"), "--on-conflict", "merge", "--database",
		"sqlite://"+at("b/roster.db"))
	must("Backed up the organization Acme 1", "backup", at("two.backup"), "--organization", "Acme 1", "--database",
		postgres)
	whole, err := os.ReadFile(at("one.backup"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		half := whole[:len(whole)*i/20]
		if out, err := run(t, string(half), "restore", "-", "--database", "sqlite://"+at("new/roster.db")); err == nil {
			t.Fatalf("%d of %d bytes were restored: %s", len(half), len(whole), out)
		}
	}
	if err := os.WriteFile(at("damaged.backup"), append(whole[:len(whole)/2:len(whole)/2], whole[len(whole)/2+1:]...),
		0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"the backup is damaged":                 {"restore", at("damaged.backup"), "--database", "sqlite://" + at("new/roster.db")},
		"the organization exists here":          {"restore", at("one.backup"), "--database", db},
		"goes into an empty database as it is":  {"restore", at("all.backup"), "--dry-run", "--database", postgres},
		"none has the number, slug, title or":   {"backup", at("no.backup"), "--organization", "Nobody", "--database", db},
		"the key is the whole directory's":      {"backup", at("no.backup"), "--organization", "3", "--with-secret-key", "--recipient", someKey, "--database", db},
		"is none of skip, merge and rename":     {"restore", at("one.backup"), "--on-conflict", "overwrite", "--database", db},
		"are for one of an organization":        {"restore", at("all.backup"), "--with-roles", "--check"},
		"the database is not empty (--database": {"restore", at("all.backup"), "--database", db},
	} {
		if out, err := run(t, "", args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v with %s, want %s", args, err, out, want)
		}
	}
	for _, name := range []string{at("new"), at("no.backup")} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s was made all the same", name)
		}
	}
	if left, err := os.ReadDir(aside); err != nil || len(left) > 0 {
		t.Error("something is left aside:", left, err)
	}
}

// someKey is a public key of age.
const someKey = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
