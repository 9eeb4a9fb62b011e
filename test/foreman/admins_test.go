package foreman

import (
	"testing"

	"roster/directory"
)

// One administrator who can log in is always left (docs/spec/foreman.md, 9.9).
func TestAdmins_TheLastOneStays(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		cleaner := s.User("cleaner",
			object{"role_ids": []any{s.NewRole("Cleaner", "view_users", "edit_users", "destroy_users")}})
		adminID := s.Find("SELECT id FROM users WHERE login = 'admin'")
		assignDefaults(s, cleaner.ID, adminID)
		s.Run("keeps its flag", func(t *testing.T, s *server) {
			s.Admin().Put("/api/users/admin", object{"user": object{"admin": false}}).Refuses(
				errors{"admin": {"cannot be removed from the last admin account"}},
				"Administrator cannot be removed from the last admin account")
			s.Admin().Get("/api/users/admin").Expect(200).Want(true, "admin")
		})
		s.Run("is not disabled", func(t *testing.T, s *server) {
			s.By(cleaner).Put("/api/users/admin", object{"user": object{"disabled": true}}).Refuses(
				errors{"disabled": {"cannot be removed from the last admin account"}},
				"Disabled cannot be removed from the last admin account")
			s.By(cleaner).Put("/api/users/admin", object{"user": object{"disabled": nil}}).Expect(200)
		})
		s.Run("is not deleted", func(t *testing.T, s *server) {
			a := s.By(cleaner).Delete("/api/users/admin")
			a.Refuses(errors{"base": {"Can't delete the last admin account"}}, "Can't delete the last admin account")
			a.Want(adminID, "error", "id")
			s.Admin().Get("/api/users/admin").Expect(200)
		})
		s.Run("disabled administrators do not count", func(t *testing.T, s *server) {
			idle := s.User("idle", object{"admin": true, "disabled": true})
			s.Admin().Put("/api/users/admin", object{"user": object{"admin": false}}).Expect(422)
			s.By(cleaner).Delete("/api/users/admin").Expect(422)
			s.Admin().Put(idle.Path(), object{"user": object{"disabled": false}}).Expect(200)
			s.Admin().Put("/api/users/admin", object{"user": object{"admin": false}}).Expect(200)
			s.By(idle).Put("/api/users/admin", object{"user": object{"admin": true}}).Expect(200)
			s.Admin().Delete(idle.Path()).Expect(200)
		})
		s.Run("hidden ones do not either", func(t *testing.T, s *server) {
			if n := s.Find("SELECT COUNT(*) FROM users WHERE admin AND hidden"); n == 0 {
				t.Fatal("there are no hidden administrators")
			}
			s.Admin().Put("/api/users/admin", object{"user": object{"admin": false}}).Expect(422)
		})
		s.Run("a group's member is one", func(t *testing.T, s *server) {
			member := s.User("member")
			assignDefaults(s, cleaner.ID, member.ID)
			outer := s.Group("outer", true, directory.UsergroupChange{})
			nestGroups(s, outer, s.Group("inner", false, directory.UsergroupChange{Users: refs(member.ID)}))
			s.By(member).Get("/api/users").Expect(200)
			s.Admin().Put("/api/users/admin", object{"user": object{"admin": false}}).Expect(200)
			s.By(cleaner).Put(member.Path(), object{"user": object{"disabled": true}}).Expect(422)
			s.By(cleaner).Delete(member.Path()).Expect(422)
			s.By(member).Put("/api/users/admin", object{"user": object{"admin": true}}).Expect(200)
			s.By(cleaner).Delete(member.Path()).Expect(403)
			s.Admin().Delete(member.Path()).Expect(200)
		})
	})
}

// assignDefaults puts users into the default tenants, so that they see each other.
func assignDefaults(s *server, users ...int64) {
	s.T.Helper()
	for _, id := range users {
		s.Execute("INSERT INTO memberships (user_id, taxonomy_id) SELECT CAST(? AS BIGINT), id FROM taxonomies "+
			"WHERE name IN ('Default Location', 'Default Organization') ON CONFLICT DO NOTHING", id)
	}
	bumpRevisions(s)
}
