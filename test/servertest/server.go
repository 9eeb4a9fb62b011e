// Package servertest runs the whole server but for its main, over a database of the test's own. It is the harness of
// tests that look at Roster from outside, in whatever dialect. Only tests import it.
package servertest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/secret"
	"roster/directory/seed"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
)

// Server is the whole program but for its main: directory and dialects over a database of the test's own, behind a real
// listener. It is bound to one test; run and in bind it to a subtest.
type Server struct {
	T      *testing.T
	DB     *config.Database
	Dir    *directory.Service
	Logins *login.Service
	URL    string
	HTTP   *http.Client
	Log    *Logbook
	Clock  *Clock
	LDAP   directory.LDAP
	// handler answers without a listener.
	Handler http.Handler
}

// AnyLDAP is a server for tests that are not about LDAP: it has every group, with nobody in it, and lets nobody in.
type AnyLDAP struct{}

// Login lets nobody in.
func (AnyLDAP) Login(context.Context, *models.AuthSource, string, string, string) (*models.Identity, error) {
	return nil, nil
}

// Person knows nobody.
func (AnyLDAP) Person(context.Context, *models.AuthSource, string, string) (*models.Identity, error) {
	return nil, nil
}

// Members finds every group, without members.
func (AnyLDAP) Members(context.Context, *models.AuthSource, string, string) ([]string, bool, error) {
	return nil, true, nil
}

// Test succeeds.
func (AnyLDAP) Test(context.Context, *models.AuthSource, string) error { return nil }

// AdminPassword is the seeded administrator's.
const AdminPassword = "open sesame"

// cheapHash keeps tests from spending their time on passwords.
var cheapHash = secret.HashCost{Memory: 64, Passes: 1}

// SeedTime is what the servers' clock shows at first.
var SeedTime = time.Date(2024, 1, 10, 8, 0, 0, 0, time.UTC)

// Start seeds the database and serves it until the test ends. The test fails if the server ever logs an error.
func Start(t *testing.T, db *config.Database) *Server {
	t.Helper()
	return StartWith(t, db, AnyLDAP{}, handlers.Options{})
}

// StartWith does the same with an LDAP client and options of the test's own. Failed logins are not counted, since tests
// fail at will; the tests of the guard set the limit.
func StartWith(t *testing.T, db *config.Database, ldap directory.LDAP, o handlers.Options) *Server {
	t.Helper()
	s := Launch(t, db, NewClock(SeedTime), ldap, o)
	if _, err := seed.Apply(t.Context(), s.Dir, AdminPassword); err != nil {
		t.Fatal("seed: ", err)
	}
	s.Admin().Put("/api/settings/failed_login_attempts_limit", Object{"setting": Object{"value": 0}}).Expect(200)
	return s
}

// OnBoth runs a test against a fresh server on each database.
func OnBoth(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) { test(t, Start(t, db)) })
}

// Beside starts another server on the same database, as a second process would be.
func (s *Server) Beside() *Server {
	s.T.Helper()
	return Launch(s.T, s.DB, s.Clock, s.LDAP, handlers.Options{})
}

// Launch starts a server over a database as it is, without seeding it.
func Launch(t *testing.T, db *config.Database, c *Clock, ldap directory.LDAP, o handlers.Options) *Server {
	t.Helper()
	return LaunchHashing(t, db, c, ldap, o, cheapHash)
}

// LaunchHashing does the same with hashes that cost something.
func LaunchHashing(t *testing.T, db *config.Database, c *Clock, ldap directory.LDAP, o handlers.Options,
	cost secret.HashCost) *Server {
	t.Helper()
	s := &Server{T: t, DB: db, Clock: c, Log: &Logbook{}, LDAP: ldap}
	log := slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var replicas []directory.Replica
	for _, r := range db.Replicas {
		replicas = append(replicas, directory.Replica(r))
	}
	var err error
	s.Dir, err = directory.New(directory.Options{
		Write: db.Write, Read: db.Read, Search: db.Search, Dialect: db.Dialect,
		Now: c.Now, Log: log, SecretKey: bytes.Repeat([]byte{7}, 32), Hash: cost, LDAP: ldap,
		Unreachable: config.IsUnreachable, Damaged: config.IsDamaged,
		Replicas: replicas,
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	o.Log = log
	o.BodyLimit = cfg.BodyLimit
	o.RequestTimeout = cfg.RequestTimeout
	s.Logins = login.New(s.Dir)
	s.Handler = handlers.New(s.Dir, s.Logins, o)
	listener := httptest.NewUnstartedServer(s.Handler)
	listener.Config.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelError)
	listener.Start()
	s.URL = listener.URL
	s.HTTP = &http.Client{
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
	t.Cleanup(func() {
		s.HTTP.CloseIdleConnections()
		listener.Close()
		if errors := s.Log.Errors(); len(errors) > 0 {
			t.Errorf("the server logged errors:\n%s", strings.Join(errors, "\n"))
		}
	})
	return s
}

// In binds the server to a subtest.
func (s *Server) In(t *testing.T) *Server {
	bound := *s
	bound.T = t
	return &bound
}

// Run is a scenario of a test: a subtest whose name is a sentence.
func (s *Server) Run(sentence string, scenario func(t *testing.T, s *Server)) {
	s.T.Helper()
	s.T.Run(sentence, func(t *testing.T) { scenario(t, s.In(t)) })
}

// Clock is the servers' time; it stands still unless it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows a time.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now is for directory.Options.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Logbook keeps what a server logs.
type Logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
	// brief leaves out all but errors.
	brief bool
}

func (l *Logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.brief && !bytes.Contains(p, []byte(levelError)) {
		return len(p), nil
	}
	return l.text.Write(p)
}

func (l *Logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// levelError is how an error begins to be told from other lines.
const levelError = `"level":"ERROR"`

// ErrorsOnly keeps a long run from filling the memory with what went well.
func (l *Logbook) ErrorsOnly() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.brief = true
}

// Errors are the lines about errors.
func (l *Logbook) Errors() []string {
	var lines []string
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, levelError) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// Forget lets a test provoke an error.
func (l *Logbook) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}

// What follows prepares a scenario through the directory itself, acting as the administrator: things that are not the
// scenario's subject.

// Principal logs somebody in and returns who they are.
func (s *Server) Principal(user, password string) *models.Principal {
	s.T.Helper()
	l, err := s.Logins.Login(s.T.Context(), login.Credentials{Login: user, Password: password})
	if err != nil {
		s.T.Fatalf("log in as %s: %v", user, err)
	}
	return l.Principal
}

// Administrator is the principal of the seeded administrator.
func (s *Server) Administrator() *models.Principal {
	s.T.Helper()
	return s.Principal("admin", AdminPassword)
}

// Made fails the test unless the preparation worked.
func Made[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatalf("prepare the scenario: %v (%T)", err, err)
	}
	return v
}

// Location makes a location, below a parent if one is given.
func (s *Server) Location(name string, parent ...int64) int64 {
	s.T.Helper()
	return s.Tenant(models.LocationKind, name, parent...)
}

// Organization makes an organization, below a parent if one is given.
func (s *Server) Organization(name string, parent ...int64) int64 {
	s.T.Helper()
	return s.Tenant(models.OrganizationKind, name, parent...)
}

// Tenant makes a tenant, below a parent if one is given.
func (s *Server) Tenant(kind models.TenantKind, name string, parent ...int64) int64 {
	s.T.Helper()
	change := directory.TenantChange{Name: models.Some(name)}
	if len(parent) > 0 {
		change.ParentID = models.Some(&parent[0])
	}
	v, err := s.Dir.CreateTenant(s.T.Context(), s.Administrator(), kind, change)
	return Made(s.T, v, err).ID
}

// Group makes a user group.
func (s *Server) Group(name string, admin bool, members directory.UsergroupChange) int64 {
	s.T.Helper()
	members.Name = models.Some(name)
	members.Admin = models.Some(admin)
	v, err := s.Dir.CreateUsergroup(s.T.Context(), s.Administrator(), members)
	return Made(s.T, v, err).ID
}

// Refs are references by id, for the preparing verbs.
func Refs(ids ...int64) models.Opt[directory.Refs] { return models.Some(directory.ByIDs(ids...)) }

// Role finds a shipped role.
func (s *Server) Role(name string) int64 {
	s.T.Helper()
	return s.Find("SELECT id FROM roles WHERE name = ?", name)
}

// NewRole makes a role with one unlimited filter for each resource type of the permissions.
func (s *Server) NewRole(name string, permissions ...string) int64 {
	s.T.Helper()
	v, err := s.Dir.CreateRole(s.T.Context(), s.Administrator(), directory.RoleChange{Name: models.Some(name)})
	id := Made(s.T, v, err).ID
	for _, permission := range permissions {
		s.Filter(id, "", permission)
	}
	return id
}

// Filter returns a role permissions of one resource type on the records that a search describes; all when it is blank.
func (s *Server) Filter(role int64, search string, permissions ...string) int64 {
	s.T.Helper()
	change := directory.FilterChange{RoleID: models.Some(role),
		Permissions: models.Some(directory.ByNames(permissions...))}
	if search != "" {
		change.Search = models.Some(&search)
	}
	v, err := s.Dir.CreateFilter(s.T.Context(), s.Administrator(), change)
	return Made(s.T, v, err).ID
}

// Find reads one number from the database.
func (s *Server) Find(query string, args ...any) int64 {
	s.T.Helper()
	var numbers []int64
	if err := s.DB.Read.Raw(query, args...).Scan(&numbers).Error; err != nil {
		s.T.Fatal(err)
	}
	if len(numbers) != 1 {
		s.T.Fatalf("%s %v: got %d rows, want 1", query, args, len(numbers))
	}
	return numbers[0]
}

// Column is a column of the database.
type Column struct{ Table, Name, Kind string }

// Columns reads what the database knows of its tables, but for the migrations' own and for columns that it computes.
func (s *Server) Columns() []Column {
	s.T.Helper()
	query := "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = " +
		"'public' AND is_generated = 'NEVER' ORDER BY 1, ordinal_position"
	if s.DB.Dialect == config.SQLite {
		query = "SELECT m.name, c.Name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = " +
			"'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'users_trigrams%' ORDER BY 1, c.cid"
	}
	rows, err := s.DB.Read.Raw(query).Rows()
	if err != nil {
		s.T.Fatal(err)
	}
	defer rows.Close()
	var list []Column
	for rows.Next() {
		var c Column
		if err := rows.Scan(&c.Table, &c.Name, &c.Kind); err != nil {
			s.T.Fatal(err)
		}
		if !strings.HasPrefix(c.Table, "goose_") {
			list = append(list, c)
		}
	}
	return list
}

// Execute changes the database behind the server's back.
func (s *Server) Execute(statement string, args ...any) {
	s.T.Helper()
	if err := s.DB.Write.Exec(statement, args...).Error; err != nil {
		s.T.Fatal(err)
	}
}

// Account is somebody who can log in.
type Account struct {
	ID              int64
	Login, Password string
}

// Object is a JSON object.
type Object = map[string]any

// User makes a user of the internal source with further attributes, through the API as the administrator.
func (s *Server) User(login string, attributes ...Object) Account {
	s.T.Helper()
	a := Account{Login: login, Password: "secret of " + login}
	body := Object{"login": login, "password": a.Password, "auth_source_id": 1}
	for _, more := range attributes {
		for name, value := range more {
			body[name] = value
		}
	}
	a.ID = s.Admin().Post("/api/users", Object{"user": body}).Expect(http.StatusCreated).Int("id")
	return a
}

// Path is where the API has the account, with what follows.
func (a Account) Path(rest ...any) string {
	return fmt.Sprint(append([]any{"/api/users/", a.ID}, rest...)...)
}
