// Package replica tests a server that reads from replicas of its database.
package replica

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/config"
	"roster/migrations"
	"roster/test/dbtest"
	"roster/test/servertest"
)

type object = servertest.Object

func TestMain(m *testing.M) { dbtest.Main(m) }

// scene is a server over a database with a replica.
type scene struct {
	*servertest.Server
	pair *dbtest.Replicated
	// standby is a connection to the replica.
	standby *sql.DB
}

func start(t *testing.T) *scene {
	t.Helper()
	pair := dbtest.NewReplicated(t)
	cfg := config.Default()
	cfg.Database = pair.Primary
	cfg.Replicas = []string{pair.Replica}
	cfg.DatabaseConnections = 4
	cfg.SearchConnections = 2
	db := dbtest.OpenWith(t, cfg)
	if err := migrations.Up(t.Context(), db.SQL(), db.Dialect, func(string) {}); err != nil {
		t.Fatal(err)
	}
	standby, err := sql.Open("pgx", pair.Replica)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = standby.Close() })
	s := &scene{Server: servertest.Start(t, db), pair: pair, standby: standby}
	s.caughtUp()
	return s
}

// requests is how many requests the replica has served.
func (s *scene) requests() int64 { return s.Dir.Stats().Replicas[0].Requests }

// until repeats a request until a condition holds.
func (s *scene) until(what string, holds func() bool) {
	s.T.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		s.Admin().Get("/api/users?per_page=1").Expect(200)
		if holds() {
			return
		}
	}
	s.T.Fatal("in 30 s it did not happen that ", what)
}

// caughtUp waits until requests are read from the replica.
func (s *scene) caughtUp() {
	s.T.Helper()
	before := s.requests()
	s.until("the replica serves requests", func() bool { return s.requests() > before+2 })
}

// exec makes a statement on the replica.
func (s *scene) exec(statement string) {
	s.T.Helper()
	if _, err := s.standby.ExecContext(s.T.Context(), statement); err != nil {
		s.T.Fatal(statement, ": ", err)
	}
}

// readThere returns how many requests of fn were read from the replica.
func (s *scene) readThere(fn func()) int64 {
	before := s.requests()
	fn()
	return s.requests() - before
}

func (s *scene) total(path string) int {
	s.T.Helper()
	return int(s.Admin().Get(path).Expect(200).Int("subtotal"))
}

// Lists, searches and shows come from a replica that is at the caller's revision, in every dialect.
func TestReads(t *testing.T) {
	s := start(t)
	s.Admin().Post("/api/users", user("ann")).Expect(201)
	s.caughtUp()
	for _, path := range []string{"/api/users", "/api/users/ann", "/api/users?search=login+%3D+ann&per_page=5", "/api/roles",
		"/api/users?per_page=all", "/api/audits", "/api/usergroups", "/api/current_user", "/redmine/users.json",
		"/cvat/api/users"} {
		if n := s.readThere(func() { s.Admin().Get(path).Expect(200) }); n != 1 {
			t.Errorf("%s: %d requests were read from the replica", path, n)
		}
	}
	if n := s.readThere(func() { s.Admin().Put("/api/users/ann", object{"user": object{"firstname": "Ann"}}).Expect(200) }); n != 0 {
		t.Error("a change was read from the replica")
	}
	stats := s.Dir.Stats().Replicas[0]
	if stats.Failed != 0 || !stats.Up {
		t.Errorf("got %+v", stats)
	}
}

func user(login string) object {
	return object{"user": object{"login": login, "mail": login + "@example.com", "password": "first secret",
		"auth_source_id": 1}}
}

// A replica that stands still is seen by nobody: whatever was written is there at once, whatever was taken away is
// gone.
func TestReads_Behind(t *testing.T) {
	s := start(t)
	s.Admin().Post("/api/users", user("ann")).Expect(201)
	viewer := object{"user": object{"role_names": []string{"Viewer"}}}
	s.Admin().Put("/api/users/ann", viewer).Expect(200)
	s.caughtUp()
	ann := s.As("ann", "first secret")
	ann.Get("/api/users").Expect(200)
	s.exec("SELECT pg_wal_replay_pause()")
	had := s.total("/api/users")
	for i := range 5 {
		login := fmt.Sprint("new", i)
		s.Admin().Post("/api/users", user(login)).Expect(201)
		if n := s.total("/api/users"); n != had+i+1 {
			t.Errorf("the list has %d users after one more than %d", n, had+i)
		}
		if n := s.total("/api/users?search=login+%3D+" + login); n != 1 {
			t.Errorf("a search finds %d new users", n)
		}
		s.Admin().Get("/api/users/" + login).Expect(200)
	}
	s.Admin().Put("/api/users/ann", object{"user": object{"role_names": []string{}}}).Expect(200)
	ann.Get("/api/users").Expect(403)
	s.Admin().Delete("/api/users/new0").Expect(200)
	s.Admin().Get("/api/users/new0").Expect(404)
	if behind := s.Dir.Stats().Replicas[0].Behind; behind == 0 {
		t.Error("no request has found the replica behind")
	}
	s.exec("SELECT pg_wal_replay_resume()")
	s.caughtUp()
	s.Admin().Get("/api/users/new0").Expect(404)
	ann.Get("/api/users").Expect(403)
}

// A change that moves neither the users nor what they refer to is seen at once, too.
func TestReads_BehindByLittle(t *testing.T) {
	s := start(t)
	s.Admin().Post("/api/users", user("ann")).Expect(201)
	ann := s.As("ann", "first secret")
	for path, body := range map[string]object{
		"/api/users/ann/ssh_keys": {"ssh_key": object{"name": "laptop",
			"key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJkUJkUJkUJkUJkUJkUJkUJkUJkUJkUJkUJkUJkUJkUJ"}},
		"/api/users/ann/personal_access_tokens": {"personal_access_token": object{"name": "script"}},
		"/api/users/ann/table_preferences":      {"name": "users", "columns": []string{"login"}},
	} {
		s.caughtUp()
		s.exec("SELECT pg_wal_replay_pause()")
		ann.Post(path, body).Expect(201)
		reader := s.Admin()
		if strings.HasSuffix(path, "preferences") {
			reader = ann // nobody else may
		}
		if n := len(reader.Get(path).Expect(200).Rows()); n != 1 {
			t.Errorf("%s has %d new rows", path, n)
		}
		s.exec("SELECT pg_wal_replay_resume()")
	}
}

// Readers and a writer see what the writer has done, while the replica is behind now and then, is killed and comes
// back; no request fails.
func TestReads_ReplicaDies(t *testing.T) {
	s := start(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { s.readOn(ctx, i) })
	}
	had := s.total("/api/users")
	next := 0
	write := func(n int) {
		t.Helper()
		for range n {
			s.Admin().Post("/api/users", user(fmt.Sprint("u", next))).Expect(201)
			s.Admin().Get(fmt.Sprint("/api/users/u", next)).Expect(200)
			next++
			if n := s.total("/api/users"); n != had+next {
				t.Fatalf("the list has %d users, not %d", n, had+next)
			}
		}
	}
	for range 2 {
		write(10)
		s.pair.Kill()
		write(10)
		s.until("the replica is left out", func() bool { return !s.Dir.Stats().Replicas[0].Up })
		s.pair.Start()
		write(10)
		s.caughtUp()
	}
	stop()
	wg.Wait()
}

// readOn reads until the context ends, and fails the test where an answer is wrong.
func (s *scene) readOn(ctx context.Context, who int) {
	paths := []string{"/api/users?per_page=50&order=login", "/api/users/admin", "/api/users?search=mail+~+example",
		"/api/roles"}
	for i := who; ctx.Err() == nil; i++ {
		a, err := s.Admin().Try(http.MethodGet, paths[i%len(paths)], nil)
		if err != nil || a.Status != http.StatusOK {
			s.T.Errorf("%v, %v", a, err)
			return
		}
	}
}
