// Package dbtest gives tests real databases: a fresh, migrated one for each test on SQLite and on PostgreSQL.
//
// PostgreSQL runs privately, once per test process, from the binaries of the machine. It listens on a Unix socket in a
// temporary directory and disappears with the process, also when a test panics or the process is killed. Where
// ROSTER_TEST_POSTGRES names a server, that one is used instead.
package dbtest

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"roster/config"
	"roster/migrations"
)

// forTests matches the variables that are for the tests and not for the program.
var forTests = regexp.MustCompile(`^ROSTER_(TEST|BENCH|UPDATE|UPGRADE|TAKEOVER|PRINT)(_|$)`)

// Main runs a package's tests and stops the private PostgreSQL before it exits:
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// It also removes Roster's settings from the environment, which a program that a test starts would take over.
// A package without it loses nothing but the wait: the server goes when the process has gone.
func Main(m *testing.M) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "ROSTER_") && !forTests.MatchString(name) {
			os.Unsetenv(name)
		}
	}
	code := m.Run()
	stopCluster()
	stopMariaDB()
	os.Exit(code)
}

// Each runs a test as the subtests sqlite and postgres, each on its own freshly migrated database.
func Each(t *testing.T, test func(t *testing.T, db *config.Database)) {
	t.Helper()
	t.Run(config.SQLite, func(t *testing.T) { test(t, SQLite(t)) })
	t.Run(config.Postgres, func(t *testing.T) { test(t, Migrated(t)) })
}

// SQLite opens a migrated SQLite database of its own for the test.
func SQLite(t testing.TB) *config.Database {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatal("make the SQLite template: ", err)
	}
	path := filepath.Join(t.TempDir(), "roster.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(t, "sqlite://"+path)
}

// Migrated opens a migrated PostgreSQL database of its own for the test.
func Migrated(t testing.TB) *config.Database {
	t.Helper()
	server := needServer(t)
	template, err := server.template(PlainC)
	if err != nil {
		t.Fatal("make the PostgreSQL template: ", err)
	}
	return Open(t, newDatabase(t, server, template))
}

// Postgres makes an empty PostgreSQL database for the test and returns its URL.
func Postgres(t testing.TB) string {
	t.Helper()
	return newDatabase(t, needServer(t), "template0")
}

// Open opens a database as it is, by its URL, for the test.
func Open(t testing.TB, url string) *config.Database {
	t.Helper()
	cfg := config.Default()
	cfg.Database = url
	cfg.DatabaseConnections, cfg.SearchConnections = 4, 2
	cfg.SQLiteSynchronous = "normal" // no test cuts the power
	if !cfg.IsSQLite() && os.Getenv("ROSTER_TEST_REPLICAS") != "" {
		cfg.Replicas = []string{url} // which is a replica that is never behind
	}
	return OpenWith(t, cfg)
}

// OpenWith opens a database for the test.
func OpenWith(t testing.TB, cfg config.Config) *config.Database {
	t.Helper()
	db, err := config.Open(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error("close the database: ", err)
		}
	})
	return db
}

// sqliteTemplate is the content of a migrated database, made once per process.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "roster-sqlite-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite://" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closing has moved the write-ahead log into the file
})

func migrate(url string) error {
	cfg := config.Default()
	cfg.Database = url
	ctx := context.Background()
	db, err := config.Open(ctx, cfg, nil)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, db.SQL(), db.Dialect, func(string) {}); err != nil {
		db.Close()
		return err
	}
	return db.Close()
}

func execute(admin *sql.DB, statement string) error {
	_, err := admin.Exec(statement)
	return err
}
