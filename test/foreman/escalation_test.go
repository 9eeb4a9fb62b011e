package foreman

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestEscalation tries every way in which somebody might get more than was given (docs/spec/foreman.md, 8.5 and 12.6).
func TestEscalation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		organization := s.Organization("Here")
		location := s.Location("Here")
		foreign := s.Organization("There")
		inside := object{"organization_ids": []int64{organization}, "location_ids": []int64{location}}
		group := s.NewRole("group keeper", "view_usergroups", "create_usergroups", "edit_usergroups", "view_users",
			"create_external_usergroups", "view_external_usergroups")
		keeper := s.User("keeper", inside, object{"role_ids": []int64{group}})
		manager := s.User("manager", inside, object{"role_ids": []int64{s.Role("Manager")}})
		strong := s.Role("System admin")

		s.Run("nobody gives a group roles that the caller does not hold", func(t *testing.T, s *server) {
			s.By(keeper).Post("/api/usergroups",
				object{"usergroup": object{"name": "strong", "role_ids": []int64{strong}}}).Expect(422).
				Want("you can't assign some of roles you selected", "error", "errors", "role_ids", 0)
			s.By(keeper).Post("/api/usergroups",
				object{"usergroup": object{"name": "own", "role_ids": []int64{group}}}).Expect(201)
		})
		s.Run("nobody joins a group that confers more, directly or through the groups around it",
			func(t *testing.T, s *server) {
				admin := s.Admin()
				around := admin.Post("/api/usergroups",
					object{"usergroup": object{"name": "around", "role_ids": []int64{strong}}}).Expect(201).Int("id")
				inner := admin.Post("/api/usergroups", object{"usergroup": object{"name": "inner"}}).Expect(201).
					Int("id")
				admin.Put(fmt.Sprintf("/api/usergroups/%d", around),
					object{"usergroup": object{"usergroup_ids": []int64{inner}}}).Expect(200)
				for _, id := range []int64{around, inner} {
					s.By(keeper).Put(fmt.Sprintf("/api/usergroups/%d", id),
						object{"usergroup": object{"user_ids": []int64{keeper.ID}}}).Expect(422).
						Want("you can't assign some of roles you selected", "error", "errors", "user_ids", 0)
					s.By(keeper).Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", id),
						object{"external_usergroup": object{"name": "x", "auth_source_id": 3}}).Expect(422)
				}
				free := s.By(keeper).Post("/api/usergroups",
					object{"usergroup": object{"name": "free", "user_ids": []int64{keeper.ID}}}).Expect(201).Int("id")
				s.By(keeper).Put(fmt.Sprintf("/api/usergroups/%d", inner),
					object{"usergroup": object{"usergroup_ids": []int64{free}}}).Expect(422).
					Want("you can't assign some of roles you selected", "error", "errors", "usergroup_ids", 0)
			})
		s.Run("administrators alone make administrator groups and fill them", func(t *testing.T, s *server) {
			s.By(keeper).Post("/api/usergroups", object{"usergroup": object{"name": "root", "admin": true}}).
				Expect(422).
				Want("admin flag can only be modified by admins", "error", "errors", "admin", 0)
			root := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "root", "admin": true}}).
				Expect(201).Int("id")
			s.By(keeper).Put(fmt.Sprintf("/api/usergroups/%d", root),
				object{"usergroup": object{"user_ids": []int64{keeper.ID}}}).Expect(422)
			s.By(keeper).Put(fmt.Sprintf("/api/usergroups/%d", root), object{"usergroup": object{"admin": false}}).
				Expect(422)
			s.By(keeper).Put(fmt.Sprintf("/api/usergroups/%d", root), object{"usergroup": object{"name": "rooted"}}).
				Expect(200)
		})
		s.Run("nobody lets himself into a tenant", func(t *testing.T, s *server) {
			homeless := s.User("homeless", object{"role_ids": []int64{s.Role("Manager")}})
			s.By(homeless).Put(homeless.Path(), object{"user": object{"organization_ids": []int64{foreign}}}).
				Expect(422)
			s.By(manager).Put(manager.Path(),
				object{"user": object{"organization_ids": []int64{organization, foreign}}}).Expect(422)
			s.By(manager).Put(manager.Path(), object{"user": object{"organization_ids": []int64{}}}).Expect(422)
		})
		s.Run("nobody puts a user where the caller may not assign", func(t *testing.T, s *server) {
			body := func(organizations ...int64) object {
				return object{"user": object{"login": "new", "auth_source_id": 3, "organization_ids": organizations,
					"location_ids": []int64{location}}}
			}
			s.By(manager).Post("/api/users", body(foreign)).Expect(422)
			s.By(manager).Post("/api/users", body(organization, foreign)).Expect(422)
			s.By(manager).Post("/api/users", body()).Expect(422)
			s.By(manager).Post("/api/users", body(organization)).Expect(201)
		})
		s.Run("nobody opens a tenant to everybody's users", func(t *testing.T, s *server) {
			for _, path := range []string{fmt.Sprintf("/api/organizations/%d", organization),
				fmt.Sprintf("/api/locations/%d", location)} {
				root := map[bool]string{true: "organization",
					false: "location"}[strings.Contains(path, "organizations")]
				s.By(manager).Put(path, object{root: object{"ignore_types": []string{"User"}}}).Expect(422).
					Want("can only be extended by admins", "error", "errors", "ignore_types", 0)
				s.Admin().Put(path, object{root: object{"ignore_types": []string{"Domain"}}}).Expect(200)
				s.By(manager).Put(path, object{root: object{"ignore_types": []string{"Domain"}, "description": "d"}}).
					Expect(200)
			}
		})
		s.Run("a search does not tell of tenants that no answer shows", func(t *testing.T, s *server) {
			s.User("dual", object{"organization_ids": []int64{organization, foreign},
				"location_ids": []int64{location}})
			for _, search := range []string{"organization ~ The", "organization = There",
				fmt.Sprintf("organization_id = %d", foreign)} {
				for _, path := range []string{"/api/users", "/api/audits", "/api/auth_source_ldaps"} {
					s.By(manager).Get(path+"?search="+url.QueryEscape(search)).Expect(200).Want(0, "subtotal")
				}
			}
			s.By(manager).Get("/api/users?search=organization+%3D+Here+and+login+%3D+dual").Expect(200).Want(1,
				"subtotal")
			s.By(manager).Get("/api/users?order=organization").Expect(200)
		})
		s.Run("nobody makes a token for an administrator", func(t *testing.T, s *server) {
			root := s.User("root", inside, object{"admin": true})
			s.By(manager).Post(root.Path("/personal_access_tokens"), object{"name": "t"}).Expect(403)
			s.Admin().Post(root.Path("/personal_access_tokens"), object{"name": "t"}).Expect(201)
		})
		s.Run("a filter gives what its search and its tenants describe and no more", func(t *testing.T, s *server) {
			role := s.NewRole("limited")
			s.Filter(role, "login ~ lim", "view_users", "edit_users", "create_users", "destroy_users")
			limited := s.User("limited", inside, object{"role_ids": []int64{role}})
			for _, login := range []string{"limbo", "other"} {
				s.User(login, inside)
			}
			rows := s.By(limited).Get("/api/users?order=login").Expect(200)
			rows.Want([]any{"limbo", "limited"}, "results", nil, "login")
			s.By(limited).Get("/api/users/other").Expect(404)
			s.By(limited).Put("/api/users/other", object{"user": object{"firstname": "X"}}).Expect(404)
			s.By(limited).Put("/api/users/limbo", object{"user": object{"firstname": "X"}}).Expect(200)
			// The record must still be covered after the change, and a new one as well.
			s.By(limited).Put("/api/users/limbo", object{"user": object{"login": "gone"}}).Expect(422)
			s.By(limited).Post("/api/users",
				object{"user": merge(inside, object{"login": "gone", "auth_source_id": 3})}).Expect(422)
		})
	})
}
