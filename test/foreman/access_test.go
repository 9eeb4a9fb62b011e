package foreman

import (
	"fmt"
	"strings"
	"testing"
)

func TestUsergroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		ann := s.User("ann")
		s.Run("a group has users, groups and roles, by ids or names", func(t *testing.T, s *server) {
			inner := admin.Post("/api/usergroups", object{"usergroup": object{"name": "inner"}}).Expect(201).Int("id")
			g := admin.Post("/api/usergroups",
				object{"usergroup": object{"name": "outer", "user_ids": []int64{ann.ID},
					"usergroup_names": []string{"inner"}, "roles": []object{{"name": "Viewer"}}}}).Expect(201)
			g.Want("ann", "users", 0, "login").Want(inner, "usergroups", 0, "id").Want("Viewer", "roles", 0, "name")
			admin.Get("/api/usergroups/outer").Expect(200).Want("outer", "name")
			admin.Get(fmt.Sprintf("/api/usergroups/%d-outer", g.Int("id"))).Expect(200)
			// The members of a group, and the groups of a user.
			admin.Get("/api/usergroups/outer/usergroups").Expect(200).Want([]any{"inner"}, "results", nil, "name")
			admin.Get("/api/users/ann/usergroups").Expect(200).Want([]any{"outer"}, "results", nil, "name")
			admin.Get("/api/usergroups/outer/users").Expect(200).Want([]any{"ann"}, "results", nil, "login")
			admin.Get("/api/users/ann").Expect(200).Want("Viewer", "cached_usergroups", 0, "roles", 0, "name")
		})
		s.Run("names are unique and no logins", func(t *testing.T, s *server) {
			admin.Post("/api/usergroups", object{"usergroup": object{"name": " "}}).
				Refuses(map[string][]string{"name": {"can't be blank"}}, "Name can't be blank")
			admin.Post("/api/usergroups", object{"usergroup": object{"name": "inner"}}).
				Refuses(map[string][]string{"name": {"has already been taken"}}, "Name has already been taken")
			admin.Post("/api/usergroups", object{"usergroup": object{"name": "ann"}}).
				Refuses(map[string][]string{"name": {"is already used by a user account"}},
					"Name is already used by a user account")
			admin.Post("/api/users", object{"user": object{"login": "inner", "auth_source_id": 3}}).Expect(422).
				Want("A user group already exists with this name", "error", "errors", "base", 0)
		})
		s.Run("unknown members are 422", func(t *testing.T, s *server) {
			admin.Post("/api/usergroups", object{"usergroup": object{"name": "x", "user_ids": []int64{9999}}}).
				Expect(422).Want("Couldn't find User with 'id'=9999", "error", "message")
			admin.Post("/api/usergroups", object{"usergroup": object{"name": "x", "role_names": []string{"Nope"}}}).
				Expect(422)
		})
		s.Run("the last administrators' group stays", func(t *testing.T, s *server) {
			g := admin.Post("/api/usergroups",
				object{"usergroup": object{"name": "root", "admin": true, "user_ids": []int64{ann.ID}}}).Expect(201).
				Int("id")
			s.By(ann).Put("/api/users/admin", object{"user": object{"admin": false}}).Expect(200)
			path := fmt.Sprintf("/api/usergroups/%d", g)
			s.By(ann).Put(path, object{"usergroup": object{"admin": false}}).Expect(422)
			s.By(ann).Put(path, object{"usergroup": object{"user_ids": []int64{}}}).Expect(422)
			s.By(ann).Delete(path).Expect(422).Want("Can't delete the last admin user group", "error", "errors", "base",
				0)
			s.By(ann).Get("/api/users/ann").Expect(200).Want(true, "effective_admin").Want(false, "admin")
			s.By(ann).Put("/api/users/admin", object{"user": object{"admin": true}}).Expect(200)
			s.By(ann).Delete(path).Expect(200).Want("root", "name")
		})
	})
}

func TestRolesAndFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		here := s.Organization("Here")
		there := s.Organization("There")
		location := s.Location("Spot")
		s.Run("roles come by name and say so", func(t *testing.T, s *server) {
			list := admin.Get("/api/roles?per_page=all").Expect(200).Want(object{"by": "name", "order": "ASC"}, "sort")
			if list.Column("name")[0] != "Auditor" {
				t.Errorf("got %v first", list.Column("name")[0])
			}
		})
		s.Run("shipped roles are locked, may be cloned, and the default role stays", func(t *testing.T, s *server) {
			admin.Put("/api/roles/Viewer", object{"role": object{"name": "Seer"}}).
				Refuses(map[string][]string{"base": {"This role is locked from being modified by users."}},
					"This role is locked from being modified by users.")
			admin.Put("/api/roles/Viewer", object{"role": object{"name": "Viewer"}}).Expect(200)
			clone := admin.Post("/api/roles/Manager/clone", object{"name": "My manager"}).Expect(201).Want(nil,
				"origin").Want(s.Role("Manager"), "cloned_from_id")
			if !strings.HasPrefix(clone.Header.Get("Location"), "/api/roles/") {
				t.Errorf("got the Location %q", clone.Header.Get("Location"))
			}
			count := func(role string) int64 {
				return s.Find("SELECT COUNT(*) FROM filter_permissions fp JOIN filters f ON f.id = fp.filter_id JOIN "+
					"roles r ON r.id = f.role_id WHERE r.name = ?", role)
			}
			if got, want := count("My manager"), count("Manager"); got != want {
				t.Errorf("the clone gives %d permissions, want %d", got, want)
			}
			admin.Post("/api/roles/Manager/clone", object{}).Expect(422).Want("can't be blank", "error", "errors",
				"name", 0)
			admin.Delete("/api/roles/Default%20role").Expect(422).Want("Cannot delete built-in role", "error", "errors",
				"base", 0)
			filter := admin.Get("/api/roles/Viewer/filters").Expect(200).Int("results", 0, "id")
			admin.Delete(fmt.Sprintf("/api/filters/%d", filter)).Expect(422).Want("is locked for user modifications.",
				"error", "errors", "role_id", 0)
			admin.Get(fmt.Sprintf("/api/filters/%d", filter)).Expect(200)
		})
		s.Run("a filter follows its role's tenants unless it overrides", func(t *testing.T, s *server) {
			role := admin.Post("/api/roles",
				object{"role": object{"name": "keeper", "organization_ids": []int64{here},
					"location_ids": []int64{location}}}).Expect(201).Int("id")
			follow := admin.Post("/api/filters",
				object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
					"organization_ids": []int64{there}}}).Expect(201)
			follow.Want(false, "override?").Want([]any{here}, "organizations", nil, "id").Want(true, "unlimited?").
				Want("User", "resource_type")
			own := admin.Post("/api/filters",
				object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
					"organization_ids": []int64{there}, "override": true}}).Expect(201)
			own.Want(true, "override?").Want([]any{there}, "organizations", nil, "id").Want(false, "unlimited?")
			admin.Put(fmt.Sprintf("/api/roles/%d", role), object{"role": object{"organization_ids": []int64{there}}}).
				Expect(200)
			admin.Get(fmt.Sprintf("/api/filters/%d", follow.Int("id"))).Expect(200).Want([]any{there}, "organizations",
				nil, "id")
			admin.Put(fmt.Sprintf("/api/filters/%d", own.Int("id")), object{"filter": object{"override": false}}).
				Expect(200).Want([]any{location}, "locations", nil, "id")
			// The filters of a role are that role's, and its show lists them.
			admin.Get(fmt.Sprintf("/api/roles/%d/filters", role)).Expect(200).Want(2, "total")
			admin.Get(fmt.Sprintf("/api/roles/%d", role)).Expect(200).Want("User", "filters", 0, "resource_type")
		})
		s.Run("broken filters are told what is wrong", func(t *testing.T, s *server) {
			role := s.NewRole("other")
			post := func(attributes object) *answer {
				return admin.Post("/api/filters", object{"filter": merge(object{"role_id": role}, attributes)})
			}
			post(object{}).Expect(422).Want("You must select at least one permission", "error", "errors", "permissions",
				0)
			post(object{"permission_names": []string{"view_users", "view_roles"}}).Expect(422).
				Want("must be of same resource type (Role,User) - Role (other)", "error", "errors", "permissions", 0)
			post(object{"permission_names": []string{"view_users"}, "search": "nope = 1"}).Expect(422).
				Want("invalid search query: Field 'nope' not recognized for searching!", "error", "errors", "search", 0)
			post(object{"permission_names": []string{"view_roles"}, "override": true, "organization_ids": []int64{here},
				"location_ids": []int64{location}}).Refuses(
				map[string][]string{"organization_ids": {"You can't assign organizations to this resource"},
					"location_ids": {"You can't assign locations to this resource"}},
				"Organization ids You can't assign organizations to this resource",
				"Location ids You can't assign locations to this resource")
			admin.Post("/api/filters", object{"filter": object{"permission_ids": []int64{1}}}).Expect(422).
				Want("can't be blank", "error", "errors", "role", 0)
			post(object{"permission_names": []string{"view_users"}, "search": ""}).Expect(201).Want(nil, "search")
		})
		s.Run("a filter whose tenants are gone gives nothing", func(t *testing.T, s *server) {
			doomed := s.Organization("Doomed")
			role := s.NewRole("tied")
			admin.Post("/api/filters",
				object{"filter": object{"role_id": role, "permission_names": []string{"view_users"},
					"organization_ids": []int64{doomed}, "override": true}}).Expect(201)
			tied := s.User("tied", object{"role_ids": []int64{role}, "organization_ids": []int64{doomed, here},
				"location_ids": []int64{location}})
			s.User("mate", object{"organization_ids": []int64{doomed, here}, "location_ids": []int64{location}})
			s.By(tied).Get("/api/users").Expect(200).Want(2, "total")
			admin.Delete(fmt.Sprintf("/api/organizations/%d", doomed)).Expect(200)
			s.By(tied).Get("/api/users").Expect(403)
		})
	})
}

func TestTenantTrees(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		s.Run("titles follow names and places, down the tree", func(t *testing.T, s *server) {
			a := s.Organization("A")
			b := s.Organization("B")
			c := s.Organization("C", a)
			d := s.Organization("D", c)
			path := func(id int64) string { return fmt.Sprintf("/api/organizations/%d", id) }
			admin.Get(path(d)).Expect(200).Want("A/C/D", "title").Want(fmt.Sprintf("%d/%d", a, c), "ancestry").
				Want("A/C", "parent_name")
			admin.Put(path(c), object{"organization": object{"name": "C2", "parent_id": b}}).Expect(200).Want("B/C2",
				"title")
			admin.Get(path(d)).Expect(200).Want("B/C2/D", "title").Want(fmt.Sprintf("%d/%d", b, c), "ancestry")
			admin.Get("/api/organizations/B%2FC2%2FD").Expect(200).Want(d, "id")
			admin.Put(path(b), object{"organization": object{"parent_id": d}}).Expect(422).
				Want("Organization cannot be a descendant of itself.", "error", "errors", "base", 0)
			admin.Put(path(d), object{"organization": object{"parent_id": nil}}).Expect(200).Want("D", "title").
				Want(nil, "ancestry")
			admin.Delete(path(b)).Expect(422).Want("Cannot delete B because it has nested organization.", "error",
				"message")
			admin.Post("/api/organizations", object{"organization": object{"name": "b"}}).Expect(422).
				Want("has already been taken", "error", "errors", "name", 0)
			admin.Post("/api/organizations", object{"organization": object{"name": "Any Organization"}}).Expect(422).
				Want("Name Any Organization is reserved.", "error", "full_messages", 0)
			admin.Post("/api/organizations", object{"organization": object{"name": "x", "parent_id": 9999}}).
				Expect(422).Want("Couldn't find Taxonomy with 'id'=9999", "error", "message")
		})
		s.Run("the context is announced, and unknown tenants are 404", func(t *testing.T, s *server) {
			id := s.Organization("Context")
			for _, ref := range []string{fmt.Sprint(id), fmt.Sprintf("%d-context", id), "Context"} {
				a := admin.Get("/api/users?organization_id=" + ref).Expect(200)
				if got, want := strings.Join(a.Header["Foreman_current_organization"], ""), fmt.Sprintf("%d; Context",
					id); got != want {
					t.Errorf("got the organization %q, want %q", got, want)
				}
			}
			admin.Get("/api/users?location_id=42&organization_id=43").Expect(404).
				WantBody(`{"message":"Location with id 42 not found"}`)
			admin.Get("/api/roles/99/users").Expect(404).WantBody(`{"message":"Role not found by id '99'"}`)
		})
		s.Run("users of a tenant are its own and those of the tenants above", func(t *testing.T, s *server) {
			top := s.Location("Top")
			low := s.Location("Low", top)
			s.User("high", object{"location_ids": []int64{top}})
			s.User("deep", object{"location_ids": []int64{low}})
			v := admin.Get(fmt.Sprintf("/api/locations/%d", low)).Expect(200)
			v.Want([]any{"high", "deep"}, "users", nil, "login").Want([]any{true, false}, "users", nil, "inherited")
			admin.Get(fmt.Sprintf("/api/locations/%d/users", low)).Expect(200).Want([]any{"deep"}, "results", nil,
				"login")
		})
		s.Run("a tenant open to all users shows everybody", func(t *testing.T, s *server) {
			organization := s.Organization("Mine")
			location := s.Location("Mine")
			viewer := s.User("viewer", object{"role_ids": []int64{s.Role("Viewer")},
				"organization_ids": []int64{organization}, "location_ids": []int64{location}})
			s.By(viewer).Get("/api/users").Expect(200).Want(1, "total")
			admin.Put(fmt.Sprintf("/api/organizations/%d", organization),
				object{"organization": object{"ignore_types": []any{"User", "User", "0"}}}).Expect(200).
				Want([]any{"User"}, "select_all_types")
			admin.Put(fmt.Sprintf("/api/locations/%d", location),
				object{"location": object{"ignore_types": []string{"User"}}}).Expect(200)
			if n := s.By(viewer).Get("/api/users").Expect(200).Int("total"); n < 4 {
				t.Errorf("got %d users, want all", n)
			}
		})
	})
}
