package foreman

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"roster/test/servertest"

	"roster/config"
	"roster/handlers"
	"roster/handlers/foreman"
	"roster/test/dbtest"
)

// A parent that the path leaves out is not found, like an unknown one: neither a panic nor the list of everything.
func TestAttack18_AnEmptyParentIsNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newWorld(s)
		admin := s.Admin()
		asked := 0
		for _, r := range new(foreman.API).Routes() {
			for _, parent := range parentsIn(r.Path) {
				ask := func(id string) *answer {
					nested := r
					nested.Path = strings.ReplaceAll(r.Path, parent, id)
					return admin.Do(r.Method, w.path(nested), object{})
				}
				got := ask("")
				if strings.HasSuffix(r.Path, "/"+parent) {
					got.Expect(404) // without the record itself, there is no such path
					continue
				}
				if parent == ":role_id" && strings.Contains(r.Path, ":filter_id") {
					got.Expect(404) // the filter's own id decides there, so that any other role does
					continue
				}
				want := ask("0")
				text := strings.NewReplacer("'0'", "''", "id 0 ", "id  ").Replace(string(want.Body))
				if got.Status != want.Status || string(got.Body) != text {
					t.Errorf("%s %s without %s: got %s, want the answer to an unknown one: %s", r.Method, r.Path,
						parent, got, text)
				}
				if got.Status < 400 {
					t.Errorf("%s %s without %s: got %s", r.Method, r.Path, parent, got)
				}
				asked++
			}
		}
		if asked < 100 {
			t.Errorf("%d routes have a parent, which are too few to be true", asked)
		}
		// Neither the query nor the body stands in for what the path leaves out.
		admin.Get(fmt.Sprintf("/api/usergroups//users?usergroup_id=%d", w.ids["usergroup"])).Expect(404)
		tenant := object{"organization_id": w.ids["organization"]}
		admin.Do("DELETE", "/api/organizations//parameters", tenant).Expect(404)
		admin.Get(fmt.Sprintf("/api/organizations/%d/parameters", w.ids["organization"])).Expect(200).Want(1, "total")
	})
}

// parentsIn lists the parameters of a path before its last one.
func parentsIn(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, ":") && strings.HasSuffix(part, "_id") && part != ":mail_notification_id" {
			names = append(names, part)
		}
	}
	return names
}

// A session's cookie and the demand for TLS follow the connection, or the word of a trusted proxy, and nobody else's.
func TestAttack24d_TLSIsBelievedOfTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		stranger := servertest.Launch(t, db, s.Clock, servertest.AnyLDAP{},
			handlers.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
		paths := map[string]int{"/api/status": 200, "/api/users/nobody": 404, "/nowhere": 404, "/apidoc": 200,
			"/swagger/index.html": 200, "/api/ping": 200}
		look := func(c *client, secure bool) {
			t.Helper()
			for path, status := range paths {
				a := c.Get(path).Expect(status)
				want := map[bool]string{true: "max-age=631139040; includeSubdomains"}[secure]
				if got := a.Header.Get("Strict-Transport-Security"); got != want {
					t.Errorf("%s: got Strict-Transport-Security %q, want %q", path, got, want)
				}
				if cookie := a.Header.Get("Set-Cookie"); cookie != "" && strings.Contains(cookie, "Secure") != secure {
					t.Errorf("%s: got the cookie %q", path, cookie)
				}
			}
		}
		look(s.Admin().With("X-Forwarded-Proto", "https"), true)
		look(s.Admin().With("X-Forwarded-Proto", "http"), false)
		look(s.Admin(), false)
		look(stranger.Admin().With("X-Forwarded-Proto", "https").With("X-Forwarded-For", "192.0.2.1"), false)
		look(stranger.Admin().With("X-Forwarded-Ssl", "on").With("X-Url-Scheme", "https"), false)
		cookie := s.Admin().With("X-Forwarded-Proto", "https").Get("/api/status").Header.Get("Set-Cookie")
		if !strings.Contains(cookie, "; Secure") {
			t.Errorf("behind TLS, got the cookie %q", cookie)
		}
	})
}

// The page forgets credentials when it is closed.
func TestAttack24c_SwaggerUIKeepsNoCredentials(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		page := string(s.Nobody().Get("/swagger/index.html").Expect(200).Body)
		script := regexp.MustCompile(`src="(/docs/assets/\w+/swagger\.js)"`).FindStringSubmatch(page)
		if script == nil {
			t.Fatalf("the page has no script: %s", page)
		}
		page = string(s.Nobody().Get(script[1]).Expect(200).Body)
		if kept := regexp.MustCompile(`persistAuthorization: *(\w+)`).FindStringSubmatch(page); kept == nil ||
			kept[1] != "false" {
			t.Errorf("the page says %q", kept)
		}
	})
}

// What people write about themselves does not run in the spreadsheet of whoever exports it, and comes back as it was.
func TestAttack23_ExportsDoNotRunInSpreadsheets(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		texts := map[string]string{"formula": "=cmd|' /C calc'!A0", "guarded": "'=1+1", "blank": "\" @SUM(A1)",
			"lines": "a\r\nb", "apostrophe": "'tis", "phone": "+420 123"}
		for login, text := range texts {
			s.User(login, object{"description": text, "mail": login + "@example.com"})
		}
		sh := shellOf(s, "admin", adminPassword)
		file := filepath.Join(sh.home, "users.csv")
		sh.says("7 users written to "+file+".\n", "user", "export", "--file", file)
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.IndexAny(strings.TrimLeft(cell, " \""), "=+-@\t") == 0 {
					t.Errorf("a spreadsheet would run %q", cell)
				}
			}
		}
		for login := range texts {
			s.Admin().Put("/api/users/"+login, object{"user": object{"description": "changed"}}).Expect(200)
		}
		sh.says("0 created, 6 updated, 1 unchanged, 0 refused.\n", "user", "import", "--upsert", file)
		for login, text := range texts {
			s.Admin().Get("/api/users/"+login).Expect(200).Want(text, "description")
		}
	})
}
