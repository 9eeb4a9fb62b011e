package test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestEscalation tries every way in which somebody might get more than was given (docs/spec/foreman.md, 8.5 and 12.6).
func TestEscalation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		organization, location := s.organization("Here"), s.location("Here")
		foreign := s.organization("There")
		inside := object{"organization_ids": []int64{organization}, "location_ids": []int64{location}}
		group := s.newRole("group keeper", "view_usergroups", "create_usergroups", "edit_usergroups", "view_users",
			"create_external_usergroups", "view_external_usergroups")
		keeper := s.user("keeper", inside, object{"role_ids": []int64{group}})
		manager := s.user("manager", inside, object{"role_ids": []int64{s.role("Manager")}})
		strong := s.role("System admin")

		s.run("nobody gives a group roles that the caller does not hold", func(t *testing.T, s *server) {
			s.by(keeper).post("/api/usergroups",
				object{"usergroup": object{"name": "strong", "role_ids": []int64{strong}}}).expect(422).
				want("you can't assign some of roles you selected", "error", "errors", "role_ids", 0)
			s.by(keeper).post("/api/usergroups",
				object{"usergroup": object{"name": "own", "role_ids": []int64{group}}}).expect(201)
		})
		s.run("nobody joins a group that confers more, directly or through the groups around it",
			func(t *testing.T, s *server) {
				admin := s.admin()
				around := admin.post("/api/usergroups",
					object{"usergroup": object{"name": "around", "role_ids": []int64{strong}}}).expect(201).int("id")
				inner := admin.post("/api/usergroups", object{"usergroup": object{"name": "inner"}}).expect(201).
					int("id")
				admin.put(fmt.Sprintf("/api/usergroups/%d", around),
					object{"usergroup": object{"usergroup_ids": []int64{inner}}}).expect(200)
				for _, id := range []int64{around, inner} {
					s.by(keeper).put(fmt.Sprintf("/api/usergroups/%d", id),
						object{"usergroup": object{"user_ids": []int64{keeper.id}}}).expect(422).
						want("you can't assign some of roles you selected", "error", "errors", "user_ids", 0)
					s.by(keeper).post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", id),
						object{"external_usergroup": object{"name": "x", "auth_source_id": 3}}).expect(422)
				}
				free := s.by(keeper).post("/api/usergroups",
					object{"usergroup": object{"name": "free", "user_ids": []int64{keeper.id}}}).expect(201).int("id")
				s.by(keeper).put(fmt.Sprintf("/api/usergroups/%d", inner),
					object{"usergroup": object{"usergroup_ids": []int64{free}}}).expect(422).
					want("you can't assign some of roles you selected", "error", "errors", "usergroup_ids", 0)
			})
		s.run("administrators alone make administrator groups and fill them", func(t *testing.T, s *server) {
			s.by(keeper).post("/api/usergroups", object{"usergroup": object{"name": "root", "admin": true}}).
				expect(422).
				want("admin flag can only be modified by admins", "error", "errors", "admin", 0)
			root := s.admin().post("/api/usergroups", object{"usergroup": object{"name": "root", "admin": true}}).
				expect(201).int("id")
			s.by(keeper).put(fmt.Sprintf("/api/usergroups/%d", root),
				object{"usergroup": object{"user_ids": []int64{keeper.id}}}).expect(422)
			s.by(keeper).put(fmt.Sprintf("/api/usergroups/%d", root), object{"usergroup": object{"admin": false}}).
				expect(422)
			s.by(keeper).put(fmt.Sprintf("/api/usergroups/%d", root), object{"usergroup": object{"name": "rooted"}}).
				expect(200)
		})
		s.run("nobody lets himself into a tenant", func(t *testing.T, s *server) {
			homeless := s.user("homeless", object{"role_ids": []int64{s.role("Manager")}})
			s.by(homeless).put(homeless.path(), object{"user": object{"organization_ids": []int64{foreign}}}).
				expect(422)
			s.by(manager).put(manager.path(),
				object{"user": object{"organization_ids": []int64{organization, foreign}}}).expect(422)
			s.by(manager).put(manager.path(), object{"user": object{"organization_ids": []int64{}}}).expect(422)
		})
		s.run("nobody puts a user where the caller may not assign", func(t *testing.T, s *server) {
			body := func(organizations ...int64) object {
				return object{"user": object{"login": "new", "auth_source_id": 3, "organization_ids": organizations,
					"location_ids": []int64{location}}}
			}
			s.by(manager).post("/api/users", body(foreign)).expect(422)
			s.by(manager).post("/api/users", body(organization, foreign)).expect(422)
			s.by(manager).post("/api/users", body()).expect(422)
			s.by(manager).post("/api/users", body(organization)).expect(201)
		})
		s.run("nobody opens a tenant to everybody's users", func(t *testing.T, s *server) {
			for _, path := range []string{fmt.Sprintf("/api/organizations/%d", organization),
				fmt.Sprintf("/api/locations/%d", location)} {
				root := map[bool]string{true: "organization",
					false: "location"}[strings.Contains(path, "organizations")]
				s.by(manager).put(path, object{root: object{"ignore_types": []string{"User"}}}).expect(422).
					want("can only be extended by admins", "error", "errors", "ignore_types", 0)
				s.admin().put(path, object{root: object{"ignore_types": []string{"Domain"}}}).expect(200)
				s.by(manager).put(path, object{root: object{"ignore_types": []string{"Domain"}, "description": "d"}}).
					expect(200)
			}
		})
		s.run("a search does not tell of tenants that no answer shows", func(t *testing.T, s *server) {
			s.user("dual", object{"organization_ids": []int64{organization, foreign},
				"location_ids": []int64{location}})
			for _, search := range []string{"organization ~ The", "organization = There",
				fmt.Sprintf("organization_id = %d", foreign)} {
				for _, path := range []string{"/api/users", "/api/audits", "/api/auth_source_ldaps"} {
					s.by(manager).get(path+"?search="+url.QueryEscape(search)).expect(200).want(0, "subtotal")
				}
			}
			s.by(manager).get("/api/users?search=organization+%3D+Here+and+login+%3D+dual").expect(200).want(1,
				"subtotal")
			s.by(manager).get("/api/users?order=organization").expect(200)
		})
		s.run("nobody makes a token for an administrator", func(t *testing.T, s *server) {
			root := s.user("root", inside, object{"admin": true})
			s.by(manager).post(root.path("/personal_access_tokens"), object{"name": "t"}).expect(403)
			s.admin().post(root.path("/personal_access_tokens"), object{"name": "t"}).expect(201)
		})
		s.run("a filter gives what its search and its tenants describe and no more", func(t *testing.T, s *server) {
			role := s.newRole("limited")
			s.filter(role, "login ~ lim", "view_users", "edit_users", "create_users", "destroy_users")
			limited := s.user("limited", inside, object{"role_ids": []int64{role}})
			for _, login := range []string{"limbo", "other"} {
				s.user(login, inside)
			}
			rows := s.by(limited).get("/api/users?order=login").expect(200)
			rows.want([]any{"limbo", "limited"}, "results", nil, "login")
			s.by(limited).get("/api/users/other").expect(404)
			s.by(limited).put("/api/users/other", object{"user": object{"firstname": "X"}}).expect(404)
			s.by(limited).put("/api/users/limbo", object{"user": object{"firstname": "X"}}).expect(200)
			// The record must still be covered after the change, and a new one as well.
			s.by(limited).put("/api/users/limbo", object{"user": object{"login": "gone"}}).expect(422)
			s.by(limited).post("/api/users",
				object{"user": merge(inside, object{"login": "gone", "auth_source_id": 3})}).expect(422)
		})
	})
}
