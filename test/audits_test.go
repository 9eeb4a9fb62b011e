package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
)

// audit is a row of the trail.
type audit struct {
	action, changes, username, address, request string
	version, user                               int64
}

// audits reads the trail of a record, oldest first.
func (s *server) audits(kind string, id int64) []audit {
	s.t.Helper()
	rows, err := s.db.Read.Raw("SELECT action, audited_changes, COALESCE(username, ''), COALESCE(remote_address, "+
		"''), COALESCE(request_uuid, ''), version, COALESCE(user_id, 0)"+
		" FROM audits WHERE auditable_type = ? AND auditable_id = ? ORDER BY id", kind, id).Rows()
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	var list []audit
	for rows.Next() {
		var a audit
		if err := rows.Scan(&a.action, &a.changes, &a.username, &a.address, &a.request, &a.version,
			&a.user); err != nil {
			s.t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

// column is a column of the database.
type column struct{ table, name, kind string }

// columns reads what the database knows of its tables, but for the migrations' own.
func (s *server) columns() []column {
	s.t.Helper()
	query := "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = " +
		"'public' ORDER BY 1, ordinal_position"
	if s.db.Dialect == config.SQLite {
		query = "SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = " +
			"'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'users_trigrams%' ORDER BY 1, c.cid"
	}
	rows, err := s.db.Read.Raw(query).Rows()
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	var list []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.table, &c.name, &c.kind); err != nil {
			s.t.Fatal(err)
		}
		if !strings.HasPrefix(c.table, "goose_") {
			list = append(list, c)
		}
	}
	return list
}

// textColumns are those that could hold a secret.
func (s *server) textColumns() []column {
	s.t.Helper()
	var list []column
	for _, c := range s.columns() {
		if strings.EqualFold(c.kind, "text") {
			list = append(list, c)
		}
	}
	if len(list) < 20 {
		s.t.Fatalf("got %d columns of text only", len(list))
	}
	return list
}

// Every change of a user leaves one audit, what changes nothing and what fails leaves none (docs/spec/foreman.md, 15).
func TestAudits_OfUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		viewer, defaultRole := s.role("Viewer"), s.role("Default role")
		location, organization := s.location("L"), s.organization("O")
		admin := s.find("SELECT id FROM users WHERE login = 'admin'")
		count := func() int64 { return s.find("SELECT COUNT(*) FROM audits") }
		before := count()
		bob := s.admin().with("X-Request-Id", "request-1").post("/api/users",
			object{"user": object{"login": "bob", "password": "x", "auth_source_id": 1, "firstname": "Böb",
				"location_ids": []any{location}, "role_ids": []any{viewer}}}).expect(201).int("id")
		path := fmt.Sprint("/api/users/", bob)
		// after returns the audits of bob, and expects that there are so many new ones in all.
		expectNew := func(t *testing.T, n int64) {
			t.Helper()
			if got := count() - before; got != n {
				t.Errorf("got %d new audits, want %d", got, n)
			}
			before = count()
		}
		last := func() audit { list := s.audits("User", bob); return list[len(list)-1] }
		wantChanges := func(t *testing.T, want string) {
			t.Helper()
			if diff := cmp.Diff(last().changes, want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
		}
		s.run("creation", func(t *testing.T, s *server) {
			expectNew(t, 1)
			wantChanges(t,
				fmt.Sprintf(
					`{"login":"bob","firstname":"Böb","lastname":null,"mail":null,"admin":false,"auth_source_id":1,"locale":null,"default_organization_id":null,`+
						`"default_location_id":null,"mail_enabled":false,"timezone":null,"description":null,"disabled":false,"password":"[redacted]","role_ids":[%d,%d],"location_ids":[%d],"organization_ids":[]}`,
					min(viewer, defaultRole), max(viewer, defaultRole), location))
			got := last()
			want := audit{action: "create", username: "admin", user: admin, version: 1, request: "request-1",
				address: "127.0.0.1", changes: got.changes}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			tenants := s.find("SELECT COUNT(*) FROM audit_taxonomies t JOIN audits a ON a.id = t.audit_id WHERE "+
				"a.auditable_type = 'User' AND a.auditable_id = ? AND t.taxonomy_id = ?", bob, location)
			if tenants != 1 {
				t.Error("the audit does not belong to the user's location")
			}
		})
		s.run("a change", func(t *testing.T, s *server) {
			s.admin().put(path, object{"user": object{"firstname": "Bob", "mail": "b@example.com", "disabled": nil}}).
				expect(200)
			expectNew(t, 1)
			wantChanges(t, `{"firstname":["Böb","Bob"],"mail":[null,"b@example.com"],"disabled":[false,null]}`)
			if got := last(); got.action != "update" || got.version != 2 {
				t.Errorf("got %+v", got)
			}
		})
		s.run("a change of references", func(t *testing.T, s *server) {
			s.admin().put(path,
				object{"user": object{"role_ids": []any{}, "location_ids": []any{},
					"organization_ids": []any{organization}}}).expect(200)
			expectNew(t, 1)
			wantChanges(t,
				fmt.Sprintf(`{"role_ids":[[%d,%d],[%d]],"location_ids":[[%d],[]],"organization_ids":[[],[%d]]}`,
					min(viewer, defaultRole), max(viewer, defaultRole), defaultRole, location, organization))
		})
		s.run("a password", func(t *testing.T, s *server) {
			s.admin().put(path, object{"user": object{"password": "y"}}).expect(200)
			expectNew(t, 1)
			wantChanges(t, `{"password":[null,"[redacted]"]}`)
		})
		s.run("nothing changed", func(t *testing.T, s *server) {
			for _, body := range []object{{}, {"user": object{}}, {"user": object{"firstname": " Bob "}},
				{"user": object{"role_ids": []any{}}},
				{"user": object{"organization_ids": []any{organization, organization}}}} {
				s.admin().put(path, body).expect(200)
			}
			expectNew(t, 0)
		})
		s.run("refused", func(t *testing.T, s *server) {
			s.admin().put(path, object{"user": object{"firstname": "?"}}).expect(422)
			s.admin().put(path, object{"user": object{"role_ids": []any{9999}}}).expect(422)
			s.admin().put("/api/users/4711", object{"user": object{"firstname": "X"}}).expect(404)
			s.admin().post("/api/users", object{"user": object{"login": "bob", "password": "x", "auth_source_id": 1}}).
				expect(422)
			s.admin().put("/api/users/admin", object{"user": object{"admin": false}}).expect(422)
			s.admin().delete("/api/users/admin").expect(403)
			s.nobody().delete(path).expect(401)
			s.admin().get(path).expect(200)
			expectNew(t, 0)
		})
		s.run("a login", func(t *testing.T, s *server) {
			s.as("bob", "y").get("/api/current_user").expect(200)
			expectNew(t, 0)
		})
		s.run("what one changes oneself", func(t *testing.T, s *server) {
			s.as("bob", "y").put(path, object{"user": object{"lastname": "Own"}}).expect(200)
			expectNew(t, 1)
			if got := last(); got.username != "bob" || got.user != bob {
				t.Errorf("got %+v", got)
			}
		})
		s.run("deletion", func(t *testing.T, s *server) {
			s.admin().delete(path).expect(200)
			expectNew(t, 1)
			got := last()
			var changes map[string]any
			if err := json.Unmarshal([]byte(got.changes), &changes); err != nil || got.action != "destroy" ||
				changes["login"] != "bob" || changes["lastname"] != "Own" {
				t.Errorf("got %+v", got)
			}
		})
		s.run("versions count from 1 without a gap", func(t *testing.T, s *server) {
			for i, a := range s.audits("User", bob) {
				if a.version != int64(i)+1 {
					t.Errorf("got version %d at place %d", a.version, i)
				}
			}
		})
	})
}
