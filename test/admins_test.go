package test

import (
	"testing"

	"roster/directory"
)

// One administrator who can log in is always left (docs/spec/foreman.md, 9.9).
func TestAdmins_TheLastOneStays(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		cleaner := s.user("cleaner",
			object{"role_ids": []any{s.newRole("Cleaner", "view_users", "edit_users", "destroy_users")}})
		adminID := s.find("SELECT id FROM users WHERE login = 'admin'")
		s.tenantsOf(cleaner.id, adminID)
		s.run("keeps its flag", func(t *testing.T, s *server) {
			s.admin().put("/api/users/admin", object{"user": object{"admin": false}}).refuses(
				errors{"admin": {"cannot be removed from the last admin account"}},
				"Administrator cannot be removed from the last admin account")
			s.admin().get("/api/users/admin").expect(200).want(true, "admin")
		})
		s.run("is not disabled", func(t *testing.T, s *server) {
			s.by(cleaner).put("/api/users/admin", object{"user": object{"disabled": true}}).refuses(
				errors{"disabled": {"cannot be removed from the last admin account"}},
				"Disabled cannot be removed from the last admin account")
			s.by(cleaner).put("/api/users/admin", object{"user": object{"disabled": nil}}).expect(200)
		})
		s.run("is not deleted", func(t *testing.T, s *server) {
			a := s.by(cleaner).delete("/api/users/admin")
			a.refuses(errors{"base": {"Can't delete the last admin account"}}, "Can't delete the last admin account")
			a.want(adminID, "error", "id")
			s.admin().get("/api/users/admin").expect(200)
		})
		s.run("disabled administrators do not count", func(t *testing.T, s *server) {
			idle := s.user("idle", object{"admin": true, "disabled": true})
			s.admin().put("/api/users/admin", object{"user": object{"admin": false}}).expect(422)
			s.by(cleaner).delete("/api/users/admin").expect(422)
			s.admin().put(idle.path(), object{"user": object{"disabled": false}}).expect(200)
			s.admin().put("/api/users/admin", object{"user": object{"admin": false}}).expect(200)
			s.by(idle).put("/api/users/admin", object{"user": object{"admin": true}}).expect(200)
			s.admin().delete(idle.path()).expect(200)
		})
		s.run("hidden ones do not either", func(t *testing.T, s *server) {
			if n := s.find("SELECT COUNT(*) FROM users WHERE admin AND hidden"); n == 0 {
				t.Fatal("there are no hidden administrators")
			}
			s.admin().put("/api/users/admin", object{"user": object{"admin": false}}).expect(422)
		})
		s.run("a group's member is one", func(t *testing.T, s *server) {
			member := s.user("member")
			s.tenantsOf(cleaner.id, member.id)
			outer := s.group("outer", true, directory.UsergroupChange{})
			s.nest(outer, s.group("inner", false, directory.UsergroupChange{Users: refs(member.id)}))
			s.by(member).get("/api/users").expect(200)
			s.admin().put("/api/users/admin", object{"user": object{"admin": false}}).expect(200)
			s.by(cleaner).put(member.path(), object{"user": object{"disabled": true}}).expect(422)
			s.by(cleaner).delete(member.path()).expect(422)
			s.by(member).put("/api/users/admin", object{"user": object{"admin": true}}).expect(200)
			s.by(cleaner).delete(member.path()).expect(403)
			s.admin().delete(member.path()).expect(200)
		})
	})
}

// tenantsOf puts users into the default tenants, so that they see each other.
func (s *server) tenantsOf(users ...int64) {
	s.t.Helper()
	for _, id := range users {
		s.execute("INSERT INTO user_taxonomies (user_id, taxonomy_id) SELECT CAST(? AS BIGINT), id FROM taxonomies "+
			"WHERE name IN ('Default Location', 'Default Organization') ON CONFLICT DO NOTHING", id)
	}
	s.bump()
}
