package cvat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"roster/config"
	"roster/handlers"
	"roster/handlers/web"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// caller sends requests to one server under the name of a host, as the administrator.
type caller struct {
	t      *testing.T
	s      *server
	host   string
	header http.Header
}

// ask sends a request and returns the answer, whose status has to be what is expected.
func (c caller) ask(method, path string, body any, status int) map[string]any {
	c.t.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.s.URL+path, bytes.NewReader(text))
	if err != nil {
		c.t.Error(err)
		return nil
	}
	r.Host = c.host
	r.Header = c.header.Clone()
	r.SetBasicAuth("admin", servertest.AdminPassword)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	a, err := c.s.HTTP.Do(r)
	if err != nil {
		c.t.Error(err)
		return nil
	}
	defer a.Body.Close()
	answer, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != status {
		c.t.Errorf("%s %s at %s: got %d, want %d: %s %v", method, path, c.host, a.StatusCode, status, answer, err)
	}
	var object map[string]any
	_ = json.Unmarshal(answer, &object)
	return object
}

// Programs of Foreman and of CVAT use one server at the same time, each at the root of a host of its own: both find
// their own answers under the same paths, and what one changes the other sees.
func TestHosts_TwoDialectsAtTheirRoots(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{Hosts: web.Hosts{"hosts.example.org": "foreman",
				"labels.example.org": "cvat", "issues.example.org": "redmine"}})
		foreman := caller{t, s, "hosts.example.org:3000", http.Header{"Accept": {"application/json;version=2"}}}
		cvat := caller{t, s, "LABELS.example.org", http.Header{"Accept": {"application/vnd.cvat+json"}}}
		const each = 8
		var all sync.WaitGroup
		for i := range each {
			all.Go(func() {
				login := fmt.Sprint("host", i)
				made := foreman.ask("POST", "/api/users", object{"user": object{"login": login, "mail": login +
					"@example.org", "password": "secret of " + login, "auth_source_id": 1}}, 201)
				seen := cvat.ask("GET", fmt.Sprintf("/api/users/%v", made["id"]), nil, 200)
				if seen["username"] != login || seen["url"] != fmt.Sprintf("http://%s/api/users/%v", cvat.host,
					made["id"]) {
					t.Errorf("got %v", seen)
				}
				cvat.ask("PATCH", fmt.Sprintf("/api/users/%v", made["id"]), object{"first_name": "By CVAT"}, 200)
				if changed := foreman.ask("GET", "/api/users/"+login, nil, 200); changed["firstname"] != "By CVAT" {
					t.Errorf("got %v", changed)
				}
			})
			all.Go(func() {
				slug := fmt.Sprint("label-", i)
				made := cvat.ask("POST", "/api/organizations", object{"slug": slug}, 201)
				seen := foreman.ask("GET", fmt.Sprintf("/api/organizations/%v", made["id"]), nil, 200)
				if seen["name"] != slug {
					t.Errorf("got %v", seen)
				}
				foreman.ask("GET", "/api/users?per_page=3", nil, 200)
				cvat.ask("GET", "/api/users?page_size=3", nil, 200)
			})
		}
		all.Wait()
		if n := cvat.ask("GET", "/api/users?search=host", nil, 200)["count"]; n != float64(each) {
			t.Errorf("got %v users", n)
		}
		// What belongs to another dialect is not there, and prefixes are the same on every host.
		foreman.ask("GET", "/users.json", nil, 404)
		foreman.ask("GET", "/cvat/api/users/self", nil, 406)
		caller{t, s, cvat.host, http.Header{}}.ask("GET", "/foreman/api/status", nil, 200)
		caller{t, s, "issues.example.org", http.Header{}}.ask("GET", "/users.json", nil, 200)
		caller{t, s, "other.example.org", http.Header{}}.ask("GET", "/api/status", nil, 200)
		caller{t, s, "other.example.org", http.Header{}}.ask("GET", "/foreman/users.json", nil, 404)
		for _, host := range []string{foreman.host, cvat.host, "other.example.org"} {
			caller{t, s, host, http.Header{}}.ask("GET", "/readyz", nil, 200)
		}
	})
}
