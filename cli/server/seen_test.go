package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"roster/config"
)

const seenPassword = "correct horse"

// watched is a server with a metrics listener.
type watched struct {
	*server
	t       *testing.T
	metrics string
}

func startWatched(t *testing.T, database string, environ ...string) watched {
	t.Helper()
	s := startServer(t, database, append(environ, "ROSTER_ADMIN_PASSWORD="+seenPassword,
		"ROSTER_METRICS_LISTEN=:0")...)
	return watched{s, t, "http://" + s.log.waitFor(t, `"msg":"metrics","address":"([^"]+)"`)}
}

// ask makes a request and returns its status and body. A password goes with a login.
func ask(t *testing.T, method, url, login, password, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if login != "" {
		req.SetBasicAuth(login, password)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := trusting.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func (s watched) admin(method, path, body string, want int) string {
	s.t.Helper()
	status, text := ask(s.t, method, s.url+path, "admin", seenPassword, body)
	if status != want {
		s.t.Fatalf("%s %s: got %d, want %d: %s", method, path, status, want, text)
	}
	return text
}

// scrape returns all samples, by name and labels as Prometheus writes them.
func (s watched) scrape() map[string]float64 {
	s.t.Helper()
	status, text := ask(s.t, "GET", s.metrics+"/metrics", "", "", "")
	if status != http.StatusOK {
		s.t.Fatal(status, text)
	}
	samples := map[string]float64{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndex(line, " ")
		n, err := strconv.ParseFloat(strings.TrimSpace(line[at:]), 64)
		if err != nil {
			s.t.Fatal(line, err)
		}
		samples[line[:at]] = n
	}
	return samples
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestSeen_RequestsAndLoginsAreCounted(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := startWatched(t, database)
		before := s.scrape()
		for range 3 {
			s.admin("GET", "/api/users?search=login=admin", "", 200)
		}
		s.admin("GET", "/api/users/admin", "", 200)
		s.admin("POST", "/api/users", `{"user":{"login":"zelenka","auth_source_id":1,"password":"long enough"}}`, 201)
		ask(t, "GET", s.url+"/api/users", "mallory", "wrong", "")
		ask(t, "GET", s.url+"/api/users", "", "", "")
		for i := range 5 {
			ask(t, "GET", s.url+"/odd-path-"+strconv.Itoa(i), "", "", "")
		}
		ask(t, "BREW", s.url+"/api/users", "", "", "")
		for _, path := range []string{"/cvat/api/users/self", "/redmine/users/current.json", "/users/77.json",
			"/scim/v2/Schemas", "/scim/v2/organizations/acme/users/x-y", "/cvat/strange", "/redmine/strange.json"} {
			ask(t, "GET", s.url+path, "admin", seenPassword, "")
		}
		after := s.scrape()
		for sample, want := range map[string]float64{
			`roster_http_requests_total{dialect="foreman",method="GET",route="/api/users",status="200"}`:                                  3,
			`roster_http_requests_total{dialect="foreman",method="GET",route="/api/users",status="401"}`:                                  2,
			`roster_http_requests_total{dialect="foreman",method="GET",route="/api/users/:id",status="200"}`:                              1,
			`roster_http_requests_total{dialect="foreman",method="POST",route="/api/users",status="201"}`:                                 1,
			`roster_http_requests_total{dialect="foreman",method="GET",route="unknown",status="404"}`:                                     5,
			`roster_http_requests_total{dialect="foreman",method="other",route="/api/users",status="404"}`:                                1,
			`roster_http_requests_total{dialect="cvat",method="GET",route="/cvat/api/users/self",status="200"}`:                           1,
			`roster_http_requests_total{dialect="redmine",method="GET",route="/redmine/users/current",status="200"}`:                      1,
			`roster_http_requests_total{dialect="redmine",method="GET",route="/redmine/users/:id",status="404"}`:                          1,
			`roster_http_requests_total{dialect="redmine",method="GET",route="unknown",status="404"}`:                                     1,
			`roster_http_requests_total{dialect="cvat",method="GET",route="unknown",status="404"}`:                                        1,
			`roster_http_requests_total{dialect="scim",method="GET",route="/scim/v2/Schemas",status="200"}`:                               1,
			`roster_http_requests_total{dialect="scim",method="GET",route="/scim/v2/organizations/:organization/Users/:id",status="404"}`: 1,
			`roster_http_request_seconds_count{dialect="foreman",method="GET",route="/api/users"}`:                                        5,
			`roster_http_request_seconds_bucket{dialect="foreman",method="GET",route="/api/users",le="+Inf"}`:                             5,
			`roster_logins_total{proof="password",result="accepted"}`:                                                                     9,
			`roster_logins_total{proof="password",result="wrong_credentials"}`:                                                            1,
			`roster_logins_total{proof="none",result="wrong_credentials"}`:                                                                1,
		} {
			if got := after[sample] - before[sample]; got != want {
				t.Errorf("%s rose by %v, want %v", sample, got, want)
			}
		}
		for _, sample := range []string{
			`roster_statement_seconds_count{pool="read"}`, `roster_statement_seconds_count{pool="write"}`,
			`roster_statement_seconds_count{pool="search"}`, `roster_cache_hits_total{cache="passwords"}`,
			`roster_cache_hits_total{cache="counts"}`, `roster_changes_total`,
		} {
			if after[sample] <= before[sample] {
				t.Errorf("%s stays at %v", sample, after[sample])
			}
		}
		for sample := range after {
			if regexp.MustCompile(`mallory|odd-path|zelenka|acme|x-y|strange|77|BREW|status="0"`).MatchString(sample) {
				t.Errorf("a label holds what a client wrote: %s", sample)
			}
		}
		if after[`roster_statement_failures_total{pool="read"}`] != 0 {
			t.Error("a row that was not found counts as a failure")
		}
	})
}

func TestSeen_AddressesWithTooManyFailures(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := startWatched(t, database)
		const blocked = `roster_logins_total{proof="password",result="blocked"}`
		until(t, "the throttle counts", func() bool {
			ask(t, "GET", s.url+"/api/users", "admin", "wrong", "")
			return s.scrape()[blocked] > 0
		})
	})
}

// readiness asks both listeners, which agree.
func (s watched) readiness() (status int, parts map[string]string) {
	s.t.Helper()
	status, text := ask(s.t, "GET", s.metrics+"/readyz", "", "", "")
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		s.t.Fatal(text, err)
	}
	return status, parts
}

func TestSeen_ReadyByPart(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := startWatched(t, database)
		for _, base := range []string{s.url, s.metrics} {
			status, text := ask(t, "GET", base+"/readyz", "", "", "")
			const want = `{"database":"ok","draining":"no","schema":"ok","status":"ok"}`
			if status != 200 || strings.TrimSpace(text) != want {
				t.Errorf("got %d %s, want %s", status, text, want)
			}
			if status, text := ask(t, "GET", base+"/healthz", "", "", ""); status != 200 ||
				strings.TrimSpace(text) != `{"status":"ok"}` {
				t.Errorf("got %d %s", status, text)
			}
		}
		db := openBeside(t, database)
		change := func(statement string) {
			t.Helper()
			if err := db.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		schema := func(want string) {
			t.Helper()
			until(t, "the schema is "+want, func() bool {
				status, parts := s.readiness()
				return parts["schema"] == want && parts["database"] == "ok" && (status == 200) == (want == "ok")
			})
		}
		change("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
		schema("not ok")
		if got := s.scrape()[`roster_part_works{part="schema"}`]; got != 0 {
			t.Errorf("the metric says %v", got)
		}
		// A release that has only added something does not keep this one from serving.
		change("UPDATE goose_db_version SET version_id = 999 WHERE version_id = 9999")
		schema("ok")
		change("UPDATE goose_db_version SET version_id = 9998 WHERE version_id = 3")
		schema("not ok")
	})
}

func openBeside(t *testing.T, database string) *config.Database {
	t.Helper()
	cfg := config.Default()
	cfg.Database = database
	db, err := config.Open(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A database that is gone: PostgreSQL takes no connections, and of SQLite's a table is missing.
func TestSeen_NotReadyWithoutADatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		s := startWatched(t, database)
		if status, parts := s.readiness(); status != 200 {
			t.Fatal(parts)
		}
		restore := takeAway(t, database)
		until(t, "the server is not ready", func() bool {
			status, parts := s.readiness()
			return status == 503 && parts["database"] == "not ok" && parts["status"] == "unavailable"
		})
		if status, text := ask(t, "GET", s.url+"/readyz", "", "", ""); status != 503 ||
			regexp.MustCompile(`(?i)sql|table|connect|/`).MatchString(text) {
			t.Errorf("got %d %s", status, text)
		}
		if status, _ := ask(t, "GET", s.url+"/healthz", "", "", ""); status != 200 {
			t.Error("the process is not alive:", status)
		}
		samples := s.scrape()
		if got, ok := samples[`roster_part_works{part="database"}`]; got != 0 || !ok {
			t.Errorf("the metric says %v", got)
		}
		restore()
		until(t, "the server is ready again", func() bool {
			status, _ := s.readiness()
			return status == 200
		})
	})
}

// takeAway takes the database from all servers; restore undoes that.
func takeAway(t *testing.T, database string) (restore func()) {
	t.Helper()
	if strings.HasPrefix(database, "sqlite://") {
		db := openBeside(t, database)
		rename := func(from, to string) {
			if err := db.Write.Exec("ALTER TABLE " + from + " RENAME TO " + to).Error; err != nil {
				t.Fatal(err)
			}
		}
		rename("tallies", "gone")
		return func() { rename("gone", "tallies") }
	}
	cfg, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	name := cfg.Database
	cfg.Database = "postgres"
	beside, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = beside.Close(context.Background()) })
	do := func(statement string) {
		t.Helper()
		if _, err := beside.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	do(`ALTER DATABASE "` + name + `" ALLOW_CONNECTIONS false`)
	do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'")
	return func() { do(`ALTER DATABASE "` + name + `" ALLOW_CONNECTIONS true`) }
}

// After SIGTERM a server says that it is not ready, and goes on serving for a while.
func TestSeen_Draining(t *testing.T) {
	s := startWatched(t, sqliteURL(t), "ROSTER_DRAIN_DELAY=3s")
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	until(t, "the server drains", func() bool {
		status, text := ask(t, "GET", s.url+"/readyz", "", "", "")
		return status == 503 && strings.Contains(text, `"draining":"yes"`) && strings.Contains(text, `"database":"ok"`)
	})
	s.admin("GET", "/api/users", "", 200)
	if got := s.scrape()["roster_draining"]; got != 1 {
		t.Errorf("the metric says %v", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(s.metrics + "/healthz"); err == nil {
		t.Error("the metrics listener goes on")
	}
}

func TestSeen_ProfilesAreOff(t *testing.T) {
	for _, want := range []int{404, 200} {
		environ := "ROSTER_METRICS_PPROF=" + fmt.Sprint(want == 200)
		s := startWatched(t, sqliteURL(t), environ)
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1"} {
			if status, text := ask(t, "GET", s.metrics+path, "", "", ""); status != want {
				t.Errorf("%s, %s: got %d, want %d: %.100s", environ, path, status, want, text)
			}
		}
		for _, path := range []string{"/debug/pprof/", "/metrics"} {
			if status, _ := ask(t, "GET", s.url+path, "", "", ""); status != 404 {
				t.Errorf("%s on the main listener: got %d, want 404", path, status)
			}
		}
	}
}

func TestSeen_OpenMetricsAreWarnedOf(t *testing.T) {
	const warning = "metrics are open to other machines"
	if s := startWatched(t, sqliteURL(t)); strings.Contains(s.log.String(), warning) {
		t.Error("loopback is warned of")
	}
	s := launch(t, sqliteURL(t), "ROSTER_METRICS_LISTEN=0.0.0.0:0")
	s.log.waitFor(t, warning)
	s.out.waitFor(t, `address +(\S+)`)
	off := startServer(t, sqliteURL(t))
	if strings.Contains(off.log.String(), `"metrics"`) {
		t.Error("there is a metrics listener that nobody asked for")
	}
}
