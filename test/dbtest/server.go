package dbtest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the administrative connection
)

// server is a PostgreSQL server that databases can be made on.
type server struct {
	url   *url.URL // of its maintenance database
	admin *sql.DB
	// private servers vanish with all that is on them; a foreign one is tidied up after.
	private bool

	// templates are migrated databases by their locales.
	templates struct {
		sync.Mutex
		names map[Locale]string
	}
}

// counter makes names unique in this process, the process id makes them unique on a shared server.
var counter atomic.Int64

func uniqueName(kind string) string {
	return fmt.Sprintf("roster_%s_%d_%d", kind, os.Getpid(), counter.Add(1))
}

// needServer returns the server, or ends the test: with a failure where CI is set, else by skipping it.
func needServer(t testing.TB) *server {
	t.Helper()
	s, err := theServer()
	switch {
	case err == nil:
		return s
	case err != errNoBinaries:
		t.Fatal("start PostgreSQL: ", err)
	case os.Getenv("CI") != "":
		t.Fatal(err)
	}
	t.Skip(err)
	return nil
}

var started atomic.Bool

// serverStarted keeps stopCluster from starting a server only to stop it.
func serverStarted() bool { return started.Load() }

var theServer = sync.OnceValues(func() (*server, error) {
	started.Store(true)
	address := os.Getenv("ROSTER_TEST_POSTGRES")
	private := false
	if address == "" {
		var err error
		if address, err = startCluster(); err != nil {
			return nil, err
		}
		private = true
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("ROSTER_TEST_POSTGRES is no URL")
	}
	admin, err := sql.Open("pgx", address)
	if err != nil {
		return nil, err
	}
	admin.SetMaxIdleConns(4)
	return &server{url: u, admin: admin, private: private}, admin.Ping()
})

func (s *server) databaseURL(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

// template is the name of a migrated database of a locale, made once per process. It has no connections left, as
// PostgreSQL wants of a template.
func (s *server) template(locale Locale) (string, error) {
	s.templates.Lock()
	defer s.templates.Unlock()
	if name := s.templates.names[locale]; name != "" {
		return name, nil
	}
	if locale == TurkishC {
		if err := compileLocale(string(locale)); err != nil {
			return "", err
		}
	}
	name := uniqueName("template")
	if err := s.create(name, "template0", locale.clause()); err != nil {
		return "", err
	}
	if s.templates.names == nil {
		s.templates.names = map[Locale]string{}
	}
	s.templates.names[locale] = name
	return name, migrate(s.databaseURL(name))
}

// create copies files instead of writing pages to the log: with fsync off that is the faster strategy.
func (s *server) create(name, template, clauses string) error {
	return execute(s.admin, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, template)+clauses+s.strategy())
}

// strategy is a clause that PostgreSQL knows since version 15.
func (s *server) strategy() string {
	var version int
	if err := s.admin.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&version); err != nil ||
		version < 150000 {
		return ""
	}
	return " STRATEGY file_copy"
}

// newDatabase makes a database for the test and drops it afterwards. On a private server the test does not wait for
// that; nothing depends on it but the size of the temporary directory.
func newDatabase(t testing.TB, s *server, template string) string {
	t.Helper()
	name := uniqueName("test")
	if err := s.create(name, template, ""); err != nil {
		t.Fatal("create a database: ", err)
	}
	t.Cleanup(func() {
		drop := func() { execute(s.admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") }
		if s.private {
			go drop()
			return
		}
		drop()
	})
	return s.databaseURL(name)
}

// tidy removes what this process left on a foreign server.
func (s *server) tidy() {
	for _, name := range s.templates.names {
		if !s.private {
			execute(s.admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		}
	}
	s.admin.Close()
}
