package test

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

func TestMain(m *testing.M) { dbtest.Main(m) }

// server is the whole program but for its main: directory and dialects over a database of the test's own, behind a real
// listener. It is bound to one test; run and in bind it to a subtest.
type server struct {
	t      *testing.T
	db     *config.Database
	dir    *directory.Service
	logins *login.Service
	url    string
	http   *http.Client
	log    *logbook
	clock  *clock
	ldap   directory.LDAP
	// handler answers without a listener.
	handler http.Handler
}

// anyLDAP is a server for tests that are not about LDAP: it has every group, with nobody in it, and lets nobody in.
type anyLDAP struct{}

func (anyLDAP) Login(context.Context, *models.AuthSource, string, string, string) (*models.Identity, error) {
	return nil, nil
}
func (anyLDAP) Person(context.Context, *models.AuthSource, string, string) (*models.Identity, error) {
	return nil, nil
}
func (anyLDAP) Members(context.Context, *models.AuthSource, string, string) ([]string, bool, error) {
	return nil, true, nil
}
func (anyLDAP) Test(context.Context, *models.AuthSource, string) error { return nil }

// adminPassword is the seeded administrator's.
const adminPassword = "open sesame"

// cheapHash keeps tests from spending their time on passwords.
var cheapHash = secret.HashCost{Memory: 64, Passes: 1}

// seedTime is what the servers' clock shows at first.
var seedTime = time.Date(2024, 1, 10, 8, 0, 0, 0, time.UTC)

// start seeds the database and serves it until the test ends. The test fails if the server ever logs an error.
func start(t *testing.T, db *config.Database) *server {
	t.Helper()
	return startWith(t, db, anyLDAP{}, handlers.Options{})
}

// startWith does the same with an LDAP client and options of the test's own. Failed logins are not counted, since tests
// fail at will; the tests of the guard set the limit.
func startWith(t *testing.T, db *config.Database, ldap directory.LDAP, o handlers.Options) *server {
	t.Helper()
	s := launch(t, db, &clock{now: seedTime}, ldap, o)
	if _, err := seed.Apply(t.Context(), s.dir, adminPassword); err != nil {
		t.Fatal("seed: ", err)
	}
	s.admin().put("/api/settings/failed_login_attempts_limit", object{"setting": object{"value": 0}}).expect(200)
	return s
}

// onBoth runs a test against a fresh server on each database.
func onBoth(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) { test(t, start(t, db)) })
}

// beside starts another server on the same database, as a second process would be.
func (s *server) beside() *server {
	s.t.Helper()
	return launch(s.t, s.db, s.clock, s.ldap, handlers.Options{})
}

func launch(t *testing.T, db *config.Database, c *clock, ldap directory.LDAP, o handlers.Options) *server {
	t.Helper()
	return launchHashing(t, db, c, ldap, o, cheapHash)
}

// launchHashing does the same with hashes that cost something.
func launchHashing(t *testing.T, db *config.Database, c *clock, ldap directory.LDAP, o handlers.Options,
	cost secret.HashCost) *server {
	t.Helper()
	s := &server{t: t, db: db, clock: c, log: &logbook{}, ldap: ldap}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	s.dir, err = directory.New(directory.Options{
		Write: db.Write, Read: db.Read, Search: db.Search, Dialect: db.Dialect,
		Now: c.Now, Log: log, SecretKey: bytes.Repeat([]byte{7}, 32), Hash: cost, LDAP: ldap,
		Unreachable: config.IsUnreachable, Damaged: config.IsDamaged,
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	o.Log, o.BodyLimit, o.RequestTimeout = log, cfg.BodyLimit, cfg.RequestTimeout
	s.logins = login.New(s.dir)
	s.handler = handlers.New(s.dir, s.logins, o)
	listener := httptest.NewUnstartedServer(s.handler)
	listener.Config.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelError)
	listener.Start()
	s.url = listener.URL
	s.http = &http.Client{
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
	t.Cleanup(func() {
		s.http.CloseIdleConnections()
		listener.Close()
		if errors := s.log.errors(); len(errors) > 0 {
			t.Errorf("the server logged errors:\n%s", strings.Join(errors, "\n"))
		}
	})
	return s
}

// in binds the server to a subtest.
func (s *server) in(t *testing.T) *server {
	bound := *s
	bound.t = t
	return &bound
}

// run is a scenario of a test: a subtest whose name is a sentence.
func (s *server) run(sentence string, scenario func(t *testing.T, s *server)) {
	s.t.Helper()
	s.t.Run(sentence, func(t *testing.T) { scenario(t, s.in(t)) })
}

// clock is the servers' time; it stands still unless it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is for directory.Options.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logbook keeps what a server logs.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
	// brief leaves out all but errors.
	brief bool
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.brief && !bytes.Contains(p, []byte(levelError)) {
		return len(p), nil
	}
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// levelError is how an error begins to be told from other lines.
const levelError = `"level":"ERROR"`

// errorsOnly keeps a long run from filling the memory with what went well.
func (l *logbook) errorsOnly() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.brief = true
}

func (l *logbook) errors() []string {
	var lines []string
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, levelError) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// forget lets a test provoke an error.
func (l *logbook) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}

// What follows prepares a scenario through the directory itself, acting as the administrator: things that are not the
// scenario's subject.

func (s *server) principal(user, password string) *models.Principal {
	s.t.Helper()
	l, err := s.logins.Login(s.t.Context(), login.Credentials{Login: user, Password: password})
	if err != nil {
		s.t.Fatalf("log in as %s: %v", user, err)
	}
	return l.Principal
}

func (s *server) administrator() *models.Principal {
	s.t.Helper()
	return s.principal("admin", adminPassword)
}

// made fails the test unless the preparation worked.
func made[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatalf("prepare the scenario: %v (%T)", err, err)
	}
	return v
}

// location makes a location, below a parent if one is given.
func (s *server) location(name string, parent ...int64) int64 {
	s.t.Helper()
	return s.tenant(models.LocationKind, name, parent...)
}

// organization makes an organization, below a parent if one is given.
func (s *server) organization(name string, parent ...int64) int64 {
	s.t.Helper()
	return s.tenant(models.OrganizationKind, name, parent...)
}

func (s *server) tenant(kind models.TenantKind, name string, parent ...int64) int64 {
	s.t.Helper()
	change := directory.TenantChange{Name: models.Some(name)}
	if len(parent) > 0 {
		change.ParentID = models.Some(&parent[0])
	}
	v, err := s.dir.CreateTenant(s.t.Context(), s.administrator(), kind, change)
	return made(s.t, v, err).ID
}

// group makes a user group.
func (s *server) group(name string, admin bool, members directory.UsergroupChange) int64 {
	s.t.Helper()
	members.Name, members.Admin = models.Some(name), models.Some(admin)
	v, err := s.dir.CreateUsergroup(s.t.Context(), s.administrator(), members)
	return made(s.t, v, err).ID
}

// refs are references by id, for the preparing verbs.
func refs(ids ...int64) models.Opt[directory.Refs] { return models.Some(directory.ByIDs(ids...)) }

// role finds a shipped role.
func (s *server) role(name string) int64 {
	s.t.Helper()
	return s.find("SELECT id FROM roles WHERE name = ?", name)
}

// newRole makes a role with one unlimited filter for each resource type of the permissions.
func (s *server) newRole(name string, permissions ...string) int64 {
	s.t.Helper()
	v, err := s.dir.CreateRole(s.t.Context(), s.administrator(), directory.RoleChange{Name: models.Some(name)})
	id := made(s.t, v, err).ID
	for _, permission := range permissions {
		s.filter(id, "", permission)
	}
	return id
}

// filter returns a role permissions of one resource type on the records that a search describes; all when it is blank.
func (s *server) filter(role int64, search string, permissions ...string) int64 {
	s.t.Helper()
	change := directory.FilterChange{RoleID: models.Some(role),
		Permissions: models.Some(directory.ByNames(permissions...))}
	if search != "" {
		change.Search = models.Some(&search)
	}
	v, err := s.dir.CreateFilter(s.t.Context(), s.administrator(), change)
	return made(s.t, v, err).ID
}

// find reads one number from the database.
func (s *server) find(query string, args ...any) int64 {
	s.t.Helper()
	var numbers []int64
	if err := s.db.Read.Raw(query, args...).Scan(&numbers).Error; err != nil {
		s.t.Fatal(err)
	}
	if len(numbers) != 1 {
		s.t.Fatalf("%s %v: got %d rows, want 1", query, args, len(numbers))
	}
	return numbers[0]
}

// execute changes the database behind the server's back.
func (s *server) execute(statement string, args ...any) {
	s.t.Helper()
	if err := s.db.Write.Exec(statement, args...).Error; err != nil {
		s.t.Fatal(err)
	}
}

// account is somebody who can log in.
type account struct {
	id              int64
	login, password string
}

// object is a JSON object.
type object = map[string]any

// user makes a user of the internal source with further attributes, through the API as the administrator.
func (s *server) user(login string, attributes ...object) account {
	s.t.Helper()
	a := account{login: login, password: "secret of " + login}
	body := object{"login": login, "password": a.password, "auth_source_id": 1}
	for _, more := range attributes {
		for name, value := range more {
			body[name] = value
		}
	}
	a.id = s.admin().post("/api/users", object{"user": body}).expect(http.StatusCreated).int("id")
	return a
}

// path is where the API has the account, with what follows.
func (a account) path(rest ...any) string {
	return fmt.Sprint(append([]any{"/api/users/", a.id}, rest...)...)
}

// The harness itself: a server starts on both databases, knows its administrator, and stands beside another.
func TestHarness(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.admin().get("/api/status").expect(200).want("ok", "result")
		bob := s.user("bob", object{"firstname": "Bob"})
		s.by(bob).get("/api/current_user").expect(200).want(bob.id, "id").want("Bob", "firstname")
		s.beside().by(bob).get("/api/current_user").expect(200).want("bob", "login")
		s.nobody().get("/api/status").expect(401)
	})
}
