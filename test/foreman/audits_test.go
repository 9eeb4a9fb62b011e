package foreman

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"roster/test/servertest"

	"github.com/google/go-cmp/cmp"
)

// audit is a row of the trail.
type audit struct {
	action, changes, username, address, request string
	version, user                               int64
}

// auditsOf reads the trail of a record, oldest first.
func auditsOf(s *server, kind string, id int64) []audit {
	s.T.Helper()
	rows, err := s.DB.Read.Raw("SELECT action, audited_changes, COALESCE(username, ''), COALESCE(remote_address, "+
		"''), COALESCE(request_uuid, ''), version, COALESCE(user_id, 0)"+
		" FROM audits WHERE auditable_type = ? AND auditable_id = ? ORDER BY id", kind, id).Rows()
	if err != nil {
		s.T.Fatal(err)
	}
	defer rows.Close()
	var list []audit
	for rows.Next() {
		var a audit
		if err := rows.Scan(&a.action, &a.changes, &a.username, &a.address, &a.request, &a.version,
			&a.user); err != nil {
			s.T.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

// textColumnsOf are those that could hold a secret.
func textColumnsOf(s *server) []servertest.Column {
	s.T.Helper()
	var list []servertest.Column
	for _, c := range s.Columns() {
		if strings.EqualFold(c.Kind, "text") {
			list = append(list, c)
		}
	}
	if len(list) < 20 {
		s.T.Fatalf("got %d columns of text only", len(list))
	}
	return list
}

// Every change of a user leaves one audit, what changes nothing and what fails leaves none (docs/spec/foreman.md, 15).
func TestAudits_OfUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		viewer := s.Role("Viewer")
		defaultRole := s.Role("Default role")
		location := s.Location("L")
		organization := s.Organization("O")
		admin := s.Find("SELECT id FROM users WHERE login = 'admin'")
		count := func() int64 { return s.Find("SELECT COUNT(*) FROM audits") }
		before := count()
		bob := s.Admin().With("X-Request-Id", "request-1").Post("/api/users",
			object{"user": object{"login": "bob", "password": "x", "auth_source_id": 1, "firstname": "Böb",
				"location_ids": []any{location}, "role_ids": []any{viewer}}}).Expect(201).Int("id")
		path := fmt.Sprint("/api/users/", bob)
		// after returns the audits of bob, and expects that there are so many new ones in all.
		expectNew := func(t *testing.T, n int64) {
			t.Helper()
			if got := count() - before; got != n {
				t.Errorf("got %d new audits, want %d", got, n)
			}
			before = count()
		}
		last := func() audit { list := auditsOf(s, "User", bob); return list[len(list)-1] }
		wantChanges := func(t *testing.T, want string) {
			t.Helper()
			if diff := cmp.Diff(last().changes, want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
		}
		s.Run("creation", func(t *testing.T, s *server) {
			expectNew(t, 1)
			wantChanges(t,
				fmt.Sprintf(
					`{"login":"bob","firstname":"Böb","lastname":null,"mail":null,"admin":false,"auth_source_id":1,"locale":null,"default_organization_id":null,`+
						`"default_location_id":null,"mail_enabled":false,"timezone":null,"description":null,"disabled":false,"password":"[redacted]","role_ids":[%d],"location_ids":[%d],"organization_ids":[]}`,
					viewer, location))
			got := last()
			want := audit{action: "create", username: "admin", user: admin, version: 1, request: "request-1",
				address: "127.0.0.1", changes: got.changes}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			tenants := s.Find("SELECT COUNT(*) FROM audit_taxonomies t JOIN audits a ON a.id = t.audit_id WHERE "+
				"a.auditable_type = 'User' AND a.auditable_id = ? AND t.taxonomy_id = ?", bob, location)
			if tenants != 1 {
				t.Error("the audit does not belong to the user's location")
			}
		})
		s.Run("a change", func(t *testing.T, s *server) {
			s.Admin().Put(path, object{"user": object{"firstname": "Bob", "mail": "b@example.com", "disabled": nil}}).
				Expect(200)
			expectNew(t, 1)
			wantChanges(t, `{"firstname":["Böb","Bob"],"mail":[null,"b@example.com"],"disabled":[false,null]}`)
			if got := last(); got.action != "update" || got.version != 2 {
				t.Errorf("got %+v", got)
			}
		})
		s.Run("a change of references", func(t *testing.T, s *server) {
			s.Admin().Put(path,
				object{"user": object{"role_ids": []any{}, "location_ids": []any{},
					"organization_ids": []any{organization}}}).Expect(200)
			expectNew(t, 1)
			wantChanges(t,
				fmt.Sprintf(`{"role_ids":[[%d,%d],[]],"location_ids":[[%d],[]],"organization_ids":[[],[%d]]}`,
					min(viewer, defaultRole), max(viewer, defaultRole), location, organization))
		})
		s.Run("a password", func(t *testing.T, s *server) {
			s.Admin().Put(path, object{"user": object{"password": "y"}}).Expect(200)
			expectNew(t, 1)
			wantChanges(t, `{"password":["[redacted]","[redacted]"]}`)
		})
		s.Run("nothing changed", func(t *testing.T, s *server) {
			for _, body := range []object{{}, {"user": object{}}, {"user": object{"firstname": " Bob "}},
				{"user": object{"role_ids": []any{}}},
				{"user": object{"organization_ids": []any{organization, organization}}}} {
				s.Admin().Put(path, body).Expect(200)
			}
			expectNew(t, 0)
		})
		s.Run("refused", func(t *testing.T, s *server) {
			s.Admin().Put(path, object{"user": object{"firstname": "?"}}).Expect(422)
			s.Admin().Put(path, object{"user": object{"role_ids": []any{9999}}}).Expect(422)
			s.Admin().Put("/api/users/4711", object{"user": object{"firstname": "X"}}).Expect(404)
			s.Admin().Post("/api/users", object{"user": object{"login": "bob", "password": "x", "auth_source_id": 1}}).
				Expect(422)
			s.Admin().Put("/api/users/admin", object{"user": object{"admin": false}}).Expect(422)
			s.Admin().Delete("/api/users/admin").Expect(403)
			s.Nobody().Delete(path).Expect(401)
			s.Admin().Get(path).Expect(200)
			expectNew(t, 0)
		})
		s.Run("a login", func(t *testing.T, s *server) {
			s.As("bob", "y").Get("/api/current_user").Expect(200)
			expectNew(t, 0)
		})
		s.Run("what one changes oneself", func(t *testing.T, s *server) {
			s.As("bob", "y").Put(path, object{"user": object{"lastname": "Own"}}).Expect(200)
			expectNew(t, 1)
			if got := last(); got.username != "bob" || got.user != bob {
				t.Errorf("got %+v", got)
			}
		})
		s.Run("deletion", func(t *testing.T, s *server) {
			s.Admin().Delete(path).Expect(200)
			expectNew(t, 1)
			got := last()
			var changes map[string]any
			if err := json.Unmarshal([]byte(got.changes), &changes); err != nil || got.action != "destroy" ||
				changes["login"] != "bob" || changes["lastname"] != "Own" {
				t.Errorf("got %+v", got)
			}
		})
		s.Run("versions count from 1 without a gap", func(t *testing.T, s *server) {
			for i, a := range auditsOf(s, "User", bob) {
				if a.version != int64(i)+1 {
					t.Errorf("got version %d at place %d", a.version, i)
				}
			}
		})
	})
}

// The roles that somebody held in an organization end with the assignment to it, and an audit says which.
func TestAudits_OfRolesLostWithAnAssignment(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		viewer := s.Role("Viewer")
		member := object{"membership": object{"role_ids": []int64{viewer}}}
		for _, end := range []func(id int64) (path string, body object){
			func(id int64) (string, object) {
				return fmt.Sprint("/api/users/", id), object{"user": object{"organization_ids": []int64{other}}}
			},
			func(int64) (string, object) { return tenantPath(acme), setUsers([]int64{}...) },
		} {
			ann := s.User("ann", object{"organization_ids": []int64{acme, other}})
			s.Admin().Put(memberPath(acme, ann.ID), member).Expect(200)
			path, body := end(ann.ID)
			s.Admin().Put(path, body).Expect(200)
			lost := s.Admin().Get("/api/audits?search=type+%3D+membership+and+action+%3D+destroy").Expect(200)
			lost.Want(int64(1), "subtotal").Want("ann in Acme", "results", 0, "auditable_name").
				Want([]int64{viewer}, "results", 0, "audited_changes", "role_ids").
				Want([]int64{acme}, "results", 0, "organizations", each, "id")
			s.Admin().Delete(ann.Path("")).Expect(200)
			s.Execute("DELETE FROM audits")
		}
		// Plain assignments are in the audit of the user, or of the organization, alone.
		bob := s.User("bob", object{"organization_ids": []int64{acme}})
		s.Admin().Put(bob.Path(""), object{"user": object{"organization_ids": []int64{other}}}).Expect(200)
		s.Admin().Get("/api/audits?search=type+%3D+membership").Expect(200).Want(int64(0), "subtotal")
	})
}
