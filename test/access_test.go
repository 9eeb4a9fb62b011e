package test

import (
	"fmt"
	"strings"
	"testing"
)

func TestUsergroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.admin()
		ann := s.user("ann")
		s.run("a group has users, groups and roles, by ids or names", func(t *testing.T, s *server) {
			inner := admin.post("/api/usergroups", object{"usergroup": object{"name": "inner"}}).expect(201).int("id")
			g := admin.post("/api/usergroups",
				object{"usergroup": object{"name": "outer", "user_ids": []int64{ann.id},
					"usergroup_names": []string{"inner"}, "roles": []object{{"name": "Viewer"}}}}).expect(201)
			g.want("ann", "users", 0, "login").want(inner, "usergroups", 0, "id").want("Viewer", "roles", 0, "name")
			admin.get("/api/usergroups/outer").expect(200).want("outer", "name")
			admin.get(fmt.Sprintf("/api/usergroups/%d-outer", g.int("id"))).expect(200)
			// The members of a group, and the groups of a user.
			admin.get("/api/usergroups/outer/usergroups").expect(200).want([]any{"inner"}, "results", nil, "name")
			admin.get("/api/users/ann/usergroups").expect(200).want([]any{"outer"}, "results", nil, "name")
			admin.get("/api/usergroups/outer/users").expect(200).want([]any{"ann"}, "results", nil, "login")
			admin.get("/api/users/ann").expect(200).want("Viewer", "cached_usergroups", 0, "roles", 0, "name")
		})
		s.run("names are unique and no logins", func(t *testing.T, s *server) {
			admin.post("/api/usergroups", object{"usergroup": object{"name": " "}}).
				refuses(map[string][]string{"name": {"can't be blank"}}, "Name can't be blank")
			admin.post("/api/usergroups", object{"usergroup": object{"name": "inner"}}).
				refuses(map[string][]string{"name": {"has already been taken"}}, "Name has already been taken")
			admin.post("/api/usergroups", object{"usergroup": object{"name": "ann"}}).
				refuses(map[string][]string{"name": {"is already used by a user account"}},
					"Name is already used by a user account")
			admin.post("/api/users", object{"user": object{"login": "inner", "auth_source_id": 3}}).expect(422).
				want("A user group already exists with this name", "error", "errors", "base", 0)
		})
		s.run("unknown members are 422", func(t *testing.T, s *server) {
			admin.post("/api/usergroups", object{"usergroup": object{"name": "x", "user_ids": []int64{9999}}}).
				expect(422).want("Couldn't find User with 'id'=9999", "error", "message")
			admin.post("/api/usergroups", object{"usergroup": object{"name": "x", "role_names": []string{"Nope"}}}).
				expect(422)
		})
		s.run("the last administrators' group stays", func(t *testing.T, s *server) {
			g := admin.post("/api/usergroups",
				object{"usergroup": object{"name": "root", "admin": true, "user_ids": []int64{ann.id}}}).expect(201).
				int("id")
			s.by(ann).put("/api/users/admin", object{"user": object{"admin": false}}).expect(200)
			path := fmt.Sprintf("/api/usergroups/%d", g)
			s.by(ann).put(path, object{"usergroup": object{"admin": false}}).expect(422)
			s.by(ann).put(path, object{"usergroup": object{"user_ids": []int64{}}}).expect(422)
			s.by(ann).delete(path).expect(422).want("Can't delete the last admin user group", "error", "errors", "base",
				0)
			s.by(ann).get("/api/users/ann").expect(200).want(true, "effective_admin").want(false, "admin")
			s.by(ann).put("/api/users/admin", object{"user": object{"admin": true}}).expect(200)
			s.by(ann).delete(path).expect(200).want("root", "name")
		})
	})
}

func TestRolesAndFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.admin()
		here, there := s.organization("Here"), s.organization("There")
		location := s.location("Spot")
		s.run("roles come by name and say so", func(t *testing.T, s *server) {
			list := admin.get("/api/roles?per_page=all").expect(200).want(object{"by": "name", "order": "ASC"}, "sort")
			if list.column("name")[0] != "Auditor" {
				t.Errorf("got %v first", list.column("name")[0])
			}
		})
		s.run("shipped roles are locked, may be cloned, and the default role stays", func(t *testing.T, s *server) {
			admin.put("/api/roles/Viewer", object{"role": object{"name": "Seer"}}).
				refuses(map[string][]string{"base": {"This role is locked from being modified by users."}},
					"This role is locked from being modified by users.")
			admin.put("/api/roles/Viewer", object{"role": object{"name": "Viewer"}}).expect(200)
			clone := admin.post("/api/roles/Manager/clone", object{"name": "My manager"}).expect(201).want(nil,
				"origin").want(s.role("Manager"), "cloned_from_id")
			if !strings.HasPrefix(clone.header.Get("Location"), "/api/roles/") {
				t.Errorf("got the Location %q", clone.header.Get("Location"))
			}
			count := func(role string) int64 {
				return s.find("SELECT COUNT(*) FROM filter_permissions fp JOIN filters f ON f.id = fp.filter_id JOIN "+
					"roles r ON r.id = f.role_id WHERE r.name = ?", role)
			}
			if got, want := count("My manager"), count("Manager"); got != want {
				t.Errorf("the clone gives %d permissions, want %d", got, want)
			}
			admin.post("/api/roles/Manager/clone", object{}).expect(422).want("can't be blank", "error", "errors",
				"name", 0)
			admin.delete("/api/roles/Default%20role").expect(422).want("Cannot delete built-in role", "error", "errors",
				"base", 0)
			filter := admin.get("/api/roles/Viewer/filters").expect(200).int("results", 0, "id")
			admin.delete(fmt.Sprintf("/api/filters/%d", filter)).expect(422).want("is locked for user modifications.",
				"error", "errors", "role_id", 0)
			admin.get(fmt.Sprintf("/api/filters/%d", filter)).expect(200)
		})
		s.run("a filter follows its role's tenants unless it overrides", func(t *testing.T, s *server) {
			role := admin.post("/api/roles",
				object{"role": object{"name": "keeper", "organization_ids": []int64{here},
					"location_ids": []int64{location}}}).expect(201).int("id")
			follow := admin.post("/api/filters",
				object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
					"organization_ids": []int64{there}}}).expect(201)
			follow.want(false, "override?").want([]any{here}, "organizations", nil, "id").want(true, "unlimited?").
				want("User", "resource_type")
			own := admin.post("/api/filters",
				object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
					"organization_ids": []int64{there}, "override": true}}).expect(201)
			own.want(true, "override?").want([]any{there}, "organizations", nil, "id").want(false, "unlimited?")
			admin.put(fmt.Sprintf("/api/roles/%d", role), object{"role": object{"organization_ids": []int64{there}}}).
				expect(200)
			admin.get(fmt.Sprintf("/api/filters/%d", follow.int("id"))).expect(200).want([]any{there}, "organizations",
				nil, "id")
			admin.put(fmt.Sprintf("/api/filters/%d", own.int("id")), object{"filter": object{"override": false}}).
				expect(200).want([]any{location}, "locations", nil, "id")
			// The filters of a role are that role's, and its show lists them.
			admin.get(fmt.Sprintf("/api/roles/%d/filters", role)).expect(200).want(2, "total")
			admin.get(fmt.Sprintf("/api/roles/%d", role)).expect(200).want("User", "filters", 0, "resource_type")
		})
		s.run("broken filters are told what is wrong", func(t *testing.T, s *server) {
			role := s.newRole("other")
			post := func(attributes object) *answer {
				return admin.post("/api/filters", object{"filter": merge(object{"role_id": role}, attributes)})
			}
			post(object{}).expect(422).want("You must select at least one permission", "error", "errors", "permissions",
				0)
			post(object{"permission_names": []string{"view_users", "view_roles"}}).expect(422).
				want("must be of same resource type (Role,User) - Role (other)", "error", "errors", "permissions", 0)
			post(object{"permission_names": []string{"view_users"}, "search": "nope = 1"}).expect(422).
				want("invalid search query: Field 'nope' not recognized for searching!", "error", "errors", "search", 0)
			post(object{"permission_names": []string{"view_roles"}, "override": true, "organization_ids": []int64{here},
				"location_ids": []int64{location}}).refuses(
				map[string][]string{"organization_ids": {"You can't assign organizations to this resource"},
					"location_ids": {"You can't assign locations to this resource"}},
				"Organization ids You can't assign organizations to this resource",
				"Location ids You can't assign locations to this resource")
			admin.post("/api/filters", object{"filter": object{"permission_ids": []int64{1}}}).expect(422).
				want("can't be blank", "error", "errors", "role", 0)
			post(object{"permission_names": []string{"view_users"}, "search": ""}).expect(201).want(nil, "search")
		})
		s.run("a filter whose tenants are gone gives nothing", func(t *testing.T, s *server) {
			doomed := s.organization("Doomed")
			role := s.newRole("tied")
			admin.post("/api/filters",
				object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
					"organization_ids": []int64{doomed}, "override": true}}).expect(201)
			tied := s.user("tied", object{"role_ids": []int64{role}, "organization_ids": []int64{doomed, here},
				"location_ids": []int64{location}})
			s.user("mate", object{"organization_ids": []int64{doomed, here}, "location_ids": []int64{location}})
			s.by(tied).get("/api/users").expect(200).want(2, "total")
			admin.delete(fmt.Sprintf("/api/organizations/%d", doomed)).expect(200)
			s.by(tied).get("/api/users").expect(403)
		})
	})
}

func TestTenantTrees(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.admin()
		s.run("titles follow names and places, down the tree", func(t *testing.T, s *server) {
			a, b := s.organization("A"), s.organization("B")
			c := s.organization("C", a)
			d := s.organization("D", c)
			path := func(id int64) string { return fmt.Sprintf("/api/organizations/%d", id) }
			admin.get(path(d)).expect(200).want("A/C/D", "title").want(fmt.Sprintf("%d/%d", a, c), "ancestry").
				want("A/C", "parent_name")
			admin.put(path(c), object{"organization": object{"name": "C2", "parent_id": b}}).expect(200).want("B/C2",
				"title")
			admin.get(path(d)).expect(200).want("B/C2/D", "title").want(fmt.Sprintf("%d/%d", b, c), "ancestry")
			admin.get("/api/organizations/B%2FC2%2FD").expect(200).want(d, "id")
			admin.put(path(b), object{"organization": object{"parent_id": d}}).expect(422).
				want("Organization cannot be a descendant of itself.", "error", "errors", "base", 0)
			admin.put(path(d), object{"organization": object{"parent_id": nil}}).expect(200).want("D", "title").
				want(nil, "ancestry")
			admin.delete(path(b)).expect(422).want("Cannot delete B because it has nested organization.", "error",
				"message")
			admin.post("/api/organizations", object{"organization": object{"name": "b"}}).expect(422).
				want("has already been taken", "error", "errors", "name", 0)
			admin.post("/api/organizations", object{"organization": object{"name": "Any Organization"}}).expect(422).
				want("Name Any Organization is reserved.", "error", "full_messages", 0)
			admin.post("/api/organizations", object{"organization": object{"name": "x", "parent_id": 9999}}).
				expect(422).want("Couldn't find Taxonomy with 'id'=9999", "error", "message")
		})
		s.run("the context is announced, and unknown tenants are 404", func(t *testing.T, s *server) {
			id := s.organization("Context")
			for _, ref := range []string{fmt.Sprint(id), fmt.Sprintf("%d-context", id), "Context"} {
				a := admin.get("/api/users?organization_id=" + ref).expect(200)
				if got, want := strings.Join(a.header["Foreman_current_organization"], ""), fmt.Sprintf("%d; Context",
					id); got != want {
					t.Errorf("got the organization %q, want %q", got, want)
				}
			}
			admin.get("/api/users?location_id=42&organization_id=43").expect(404).
				wantBody(`{"message":"Location with id 42 not found"}`)
			admin.get("/api/roles/99/users").expect(404).wantBody(`{"message":"Role not found by id '99'"}`)
		})
		s.run("users of a tenant are its own and those of the tenants above", func(t *testing.T, s *server) {
			top := s.location("Top")
			low := s.location("Low", top)
			s.user("high", object{"location_ids": []int64{top}})
			s.user("deep", object{"location_ids": []int64{low}})
			v := admin.get(fmt.Sprintf("/api/locations/%d", low)).expect(200)
			v.want([]any{"high", "deep"}, "users", nil, "login").want([]any{true, false}, "users", nil, "inherited")
			admin.get(fmt.Sprintf("/api/locations/%d/users", low)).expect(200).want([]any{"deep"}, "results", nil,
				"login")
		})
		s.run("a tenant open to all users shows everybody", func(t *testing.T, s *server) {
			organization, location := s.organization("Mine"), s.location("Mine")
			viewer := s.user("viewer", object{"role_ids": []int64{s.role("Viewer")},
				"organization_ids": []int64{organization}, "location_ids": []int64{location}})
			s.by(viewer).get("/api/users").expect(200).want(1, "total")
			admin.put(fmt.Sprintf("/api/organizations/%d", organization),
				object{"organization": object{"ignore_types": []any{"User", "User", "0"}}}).expect(200).
				want([]any{"User"}, "select_all_types")
			admin.put(fmt.Sprintf("/api/locations/%d", location),
				object{"location": object{"ignore_types": []string{"User"}}}).expect(200)
			if n := s.by(viewer).get("/api/users").expect(200).int("total"); n < 4 {
				t.Errorf("got %d users, want all", n)
			}
		})
	})
}
