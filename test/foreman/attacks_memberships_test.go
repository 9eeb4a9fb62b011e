package foreman

import (
	"fmt"
	"strings"
	"testing"

	"roster/test/servertest"
)

// What an attacker tried with memberships, and what holds.

// tenantPath is the path of an organization.
func tenantPath(organization int64) string { return fmt.Sprintf("/api/organizations/%d", organization) }

// inState is the body of a membership in a state, with roles.
func inState(state string, roles ...int64) object {
	return object{"membership": object{"state": state, "role_ids": append([]int64{}, roles...)}}
}

// setUsers is the body that makes users the active members of an organization.
func setUsers(users ...int64) object { return object{"organization": object{"user_ids": users}} }

// Roles of a membership that is not active are given as much as those of an active one: it may become active later.
func TestAttackMemberships_RolesOfSuspendedMembersAreGiven(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		below := s.Organization("Below", acme)
		place := object{"location_ids": []int64{s.Location("Place")}}
		keeper := s.NewRole("keeper", "view_users", "edit_users", "view_organizations", "edit_organizations",
			"assign_organizations", "view_usergroups", "edit_usergroups")
		strong := s.NewRole("strong", "view_users", "destroy_users")
		ann := s.User("ann", place, object{"organization_ids": []int64{acme}, "role_ids": []int64{keeper}})
		bob := s.User("bob", place, object{"organization_ids": []int64{acme}})
		as := s.By(ann)
		group := s.Group("group", false, usersOf(bob.ID))
		for _, state := range []string{"suspended", "invited"} {
			as.Put(memberPath(acme, bob.ID), inState(state, strong)).Expect(422)
			as.Put(memberPath(below, ann.ID), inState(state, strong)).Expect(422)
			as.Put(groupPath(acme, group), inState(state, strong)).Expect(422)
			as.Put(memberPath(acme, bob.ID), inState(state, keeper)).Expect(200)
		}
		// What an administrator gave and took away stays away.
		s.Admin().Put(memberPath(acme, bob.ID), inState("suspended", strong)).Expect(200)
		s.Admin().Put(memberPath(below, ann.ID), inState("suspended", strong)).Expect(200)
		as.Put(memberPath(acme, bob.ID), inState("active", strong)).Expect(422)
		as.Put(memberPath(below, ann.ID), inState("active", strong)).Expect(422)
		as.Put(tenantPath(acme), setUsers(ann.ID, bob.ID)).Expect(422)
		as.Put(tenantPath(below), setUsers(ann.ID)).Expect(422)
		home := object{"user": object{"organization_ids": []int64{acme, below}}}
		as.Put(bob.Path(), home).Expect(422)
		as.Put(ann.Path(), home).Expect(422)
		as.Put(bob.Path(), object{"user": object{"password": "taken over"}}).Expect(422)
		if n := s.Find("SELECT COUNT(*) FROM memberships WHERE state = 'suspended'"); n != 2 {
			t.Errorf("%d memberships are suspended, want 2", n)
		}
		as.Put(memberPath(acme, bob.ID), inState("active")).Expect(200)
		as.Put(memberPath(below, ann.ID), inState("active")).Expect(200)
	})
}

// Nobody comes into a group that is to get more than the caller has.
func TestAttackMemberships_GroupsWithSuspendedMemberships(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		place := object{"location_ids": []int64{s.Location("Place")}}
		strong := s.NewRole("strong", "view_users", "destroy_users")
		keeper := s.NewRole("keeper", "view_users", "edit_users", "view_usergroups", "edit_usergroups")
		ann := s.User("ann", place, object{"organization_ids": []int64{acme}, "role_ids": []int64{keeper}})
		group := s.Group("group", false, usersOf())
		s.Admin().Put(groupPath(acme, group), inState("suspended", strong)).Expect(200)
		s.By(ann).Put(fmt.Sprint("/api/usergroups/", group), object{"usergroup": object{"user_ids": []int64{ann.ID}}}).
			Expect(422)
	})
}

// Suspended members stay suspended when a record is sent back as it was shown, and when it is changed elsewhere.
func TestAttackMemberships_SuspendedMembersStaySuspended(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		place := s.Location("Place")
		bob := s.User("bob", object{"location_ids": []int64{place}, "organization_ids": []int64{acme, other}})
		admin := s.Admin()
		admin.Put(memberPath(acme, bob.ID), inState("suspended")).Expect(200)
		state := func(want string) {
			t.Helper()
			got := ""
			if err := s.DB.Read.Raw("SELECT state FROM memberships WHERE user_id = ? AND taxonomy_id = ?", bob.ID, acme).
				Scan(&got).Error; err != nil || got != want {
				t.Errorf("the membership is %q (%v), want %q", got, err, want)
			}
		}
		users := admin.Get(tenantPath(acme)).Expect(200).Value("users").([]any)
		shown := make([]int64, len(users))
		for i := range users {
			shown[i] = admin.Get(tenantPath(acme)).Int("users", i, "id")
		}
		admin.Put(tenantPath(acme), setUsers(shown...)).Expect(200)
		state("suspended")
		// The user's own list holds what it shows, and nothing else.
		admin.Put(bob.Path(), object{"user": object{"organization_ids": []int64{other}}}).Expect(200)
		state("suspended")
		audits := s.Find("SELECT COUNT(*) FROM audits WHERE auditable_type = 'User'")
		admin.Put(bob.Path(), object{"user": object{"organization_ids": []int64{other}}}).Expect(200)
		if n := s.Find("SELECT COUNT(*) FROM audits WHERE auditable_type = 'User'"); n != audits {
			t.Errorf("a change of nothing left %d audits", n-audits)
		}
		admin.Put(bob.Path(), object{"user": object{"organization_ids": []int64{}}}).Expect(200)
		state("suspended")
		// Who is not active in a tenant has no default there.
		admin.Put(bob.Path(), object{"user": object{"default_organization_id": acme}}).Expect(422)
		// An assignment, such as that of a nightly import, does not undo a suspension.
		admin.Put(bob.Path(), object{"user": object{"organization_ids": []int64{acme}}}).Expect(422)
		state("suspended")
		admin.Put(memberPath(acme, bob.ID), inState("active")).Expect(200)
		admin.Get(bob.Path()).Expect(200).Want("Acme", "organizations", 0, "name")
		state("active")
	})
}

// What a membership may be asked for.
func TestAttackMemberships_OddRequests(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		place := s.Location("Place")
		bob := s.User("bob", object{"organization_ids": []int64{acme}, "location_ids": []int64{place}})
		group := s.Group("group", false, usersOf())
		admin := s.Admin()
		role := s.NewRole("r", "view_users")
		for _, m := range []any{
			object{"state": ""}, object{"state": nil}, object{"state": 5}, object{"state": []string{"active"}},
			object{"state": "ACTIVE"}, object{"state": "active\x00"}, object{"state": object{}},
			object{"role_ids": nil}, object{"role_ids": "x"}, object{"role_ids": []any{"x", nil, -1, 1 << 62}},
			object{"role_ids": object{}}, object{"roles": []object{{}}}, object{"role_names": []string{"none", "\x00"}},
			object{"role_ids": []int64{role, role, role}}, nil, []int{}, "text", 5, object{},
			object{"user_id": 1, "usergroup_id": group, "taxonomy_id": other, "id": 9, "source": "ldap"},
		} {
			for _, path := range []string{memberPath(acme, bob.ID), groupPath(acme, group)} {
				for _, body := range []any{object{"membership": m}, m} {
					if a := admin.Put(path, body); a.Status >= 500 {
						t.Errorf("%v: %s", body, a)
					}
				}
			}
		}
		for _, suffix := range []string{
			"?per_page=0", "?per_page=-1", "?per_page=all", "?per_page=1e9", "?page=0", "?page=-5", "?page=99999999999999999999",
			"?order=login", "?order=role+DESC", "?order=usergroup", "?order=state", "?order=nothing", "?search=login+~+b",
			"?search=role+%3D+r", "?search=usergroup+%3D+group", "?search=id+%3D+x", "?search=%27", "?search=bob",
			"?search=user_id+%3D+99999999999999999999", "?search=state+%3D+%22", "?order=user_id", "?search=null%3F+role",
			"?search=joined_at+%3E+1", "?location_id=1&organization_id=2", "?search=not+role+%3D+r", "?search=set%3F+usergroup",
		} {
			for _, path := range []string{tenantPath(acme) + "/memberships", fmt.Sprint("/api/locations/", place, "/memberships"),
				bob.Path("/effective_permissions"), "/api/users/-1/effective_permissions"} {
				if a := admin.Get(path + suffix); a.Status >= 500 {
					t.Errorf("%s", a)
				}
			}
		}
		// The path says whose membership it is, and where.
		path := memberPath(acme, bob.ID)
		made := s.Find("SELECT COUNT(*) FROM memberships")
		admin.Put(fmt.Sprintf("%s?organization_id=%d&location_id=%d&usergroup_id=%d&user_id=1", path, other, place, group),
			object{"organization_id": other, "location_id": place, "usergroup_id": group,
				"membership": object{"state": "invited"}}).Expect(200).
			Want("bob", "user", "login").Want("Acme", "organization", "name").Want("invited", "state")
		if n := s.Find("SELECT COUNT(*) FROM memberships"); n != made {
			t.Errorf("%d memberships, want %d", n, made)
		}
		for _, bad := range []string{"/api/organizations/0/memberships/1", "/api/organizations/-1/memberships/1",
			"/api/organizations//memberships/1", fmt.Sprintf("/api/locations/%d/memberships/%d", acme, bob.ID),
			fmt.Sprintf("/api/organizations/%d/memberships/%d", place, bob.ID),
			memberPath(acme, s.Find("SELECT MIN(id) FROM users WHERE hidden")), memberPath(acme, 0),
			tenantPath(acme) + "/memberships/foreman_admin"} {
			if a := admin.Put(bad, object{"membership": object{}}); a.Status != 404 {
				t.Errorf("%s", a)
			}
		}
		for _, slug := range []any{"Česká", "a b", "", "  ", nil, 5, []int{}, "a\n", "-a", "a/b", "..", "\x00", "acme"} {
			if a := admin.Put(tenantPath(other), object{"organization": object{"slug": slug}}); a.Status >= 500 {
				t.Errorf("%v: %s", slug, a)
			}
			if a := admin.Put(fmt.Sprint("/api/locations/", place), object{"location": object{"slug": slug}}); a.Status >= 500 {
				t.Errorf("%v: %s", slug, a)
			}
		}
	})
}

const counting = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "

// addPeople adds users who are in an organization and hold all roles there.
func addPeople(s *server, n int, organization int64) {
	s.Execute("INSERT INTO users (login, lower_login, admin, auth_source_id, created_at, updated_at) "+counting+
		"SELECT 'many' || CAST(i AS TEXT), 'many' || CAST(i AS TEXT), FALSE, 1, '2024-01-01', '2024-01-01' FROM n", n)
	s.Execute("INSERT INTO memberships (user_id, taxonomy_id) SELECT id, CAST(? AS BIGINT) FROM users "+
		"WHERE login LIKE 'many%'", organization)
	s.Execute("INSERT INTO membership_roles (membership_id, role_id) SELECT m.id, r.id FROM memberships m, roles r "+
		"WHERE m.taxonomy_id = ? AND r.builtin = 0", organization)
}

// A group of very many people who hold roles in tenants comes into a tenant, and leaves it, at once.
func TestAttackMemberships_LargeGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		home := object{"organization_ids": []int64{acme}, "location_ids": []int64{s.Location("Place")}}
		manager := s.By(s.User("manager", home, object{"role_ids": []int64{s.Role("System admin")}}))
		addPeople(s, 20_000, acme)
		group := s.Group("group", false, usersOf())
		s.Execute("INSERT INTO usergroup_users (usergroup_id, user_id) SELECT CAST(? AS BIGINT), id FROM users "+
			"WHERE login LIKE 'many%'", group)
		manager.Put(groupPath(acme, group), holdingRoles(s.Role("Viewer"))).Expect(200)
		manager.Delete(groupPath(acme, group)).Expect(200)
		s.Admin().Get(tenantPath(acme)+"/memberships?per_page=1000").Expect(200).Want(int64(20_001), "total")
	})
}

// Whoever holds roles in very many tenants, by memberships of the own or of groups, sees what they are for.
func TestAttackMemberships_RolesInManyTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		other := s.Organization("Other")
		place := object{"location_ids": []int64{s.Location("Place")}}
		ann := s.User("ann", place)
		viewing := s.NewRole("viewing", "view_users", "edit_users", "view_organizations")
		s.Execute("INSERT INTO taxonomies (type, name, lower_name, title, created_at, updated_at) "+counting+
			"SELECT 'Organization', 'org' || CAST(i AS TEXT), 'org' || CAST(i AS TEXT), 'org' || CAST(i AS TEXT), "+
			"'2024-01-01', '2024-01-01' FROM n", 1500)
		s.Execute("INSERT INTO taxonomy_closure (ancestor_id, descendant_id) SELECT id, id FROM taxonomies " +
			"WHERE title LIKE 'org%'")
		s.Execute("INSERT INTO memberships (user_id, taxonomy_id) SELECT CAST(? AS BIGINT), id FROM taxonomies "+
			"WHERE title LIKE 'org%'", ann.ID)
		s.Execute("INSERT INTO membership_roles (membership_id, role_id) SELECT id, CAST(? AS BIGINT) FROM memberships "+
			"WHERE user_id = ? AND taxonomy_id IN (SELECT id FROM taxonomies WHERE title LIKE 'org%')", viewing, ann.ID)
		s.Execute("UPDATE tallies SET epoch = epoch + 1")
		last := s.Find("SELECT id FROM taxonomies WHERE title = 'org1500'")
		bob := s.User("bob", place, object{"organization_ids": []int64{last}})
		s.User("eve", place, object{"organization_ids": []int64{other}})
		as := s.By(ann)
		for _, query := range []string{"", "?search=login+~+b", "?order=mail", "?per_page=all"} {
			as.Get("/api/users" + query).Expect(200).Lacks("eve")
		}
		as.Get("/api/users").Expect(200).Want(int64(2), "total")
		as.Get("/api/organizations").Expect(200).Want(int64(1500), "total")
		as.Get(tenantPath(last)).Expect(200)
		as.Get(bob.Path()).Expect(200)
		as.Put(bob.Path(), object{"user": object{"description": "x"}}).Expect(200)
		as.Get("/api/users/ann/effective_permissions?user_id=bob&permission=edit_users").Expect(200).
			Want(int64(1500), "total")
	})
}

// Nobody acts as somebody who comes into another tenant, by a group of the auth source, with the next login.
func TestAttackMemberships_TiedGroupsElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		manager := s.By(w.manager)
		source := makeSource(s, merge(w.inside, object{"name": "ldap", "host": "ldap.example.com"}))
		user := s.Admin().Post("/api/users", object{"user": merge(w.inside,
			object{"login": "person", "auth_source_id": source})}).Expect(201).Int("id")
		group := s.Group("group", false, usersOf())
		s.Admin().Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
			object{"external_usergroup": object{"name": "tied", "auth_source_id": source}}).Expect(201)
		token := func(name string, status int) {
			t.Helper()
			manager.Post(fmt.Sprintf("/api/users/%d/personal_access_tokens", user), object{"name": name}).Expect(status)
		}
		token("before", 201)
		s.Admin().Put(groupPath(w.here, group), holdingRoles()).Expect(200)
		token("here", 201)
		s.Admin().Put(groupPath(w.there, group), holdingRoles()).Expect(200)
		token("there", 403)
		manager.Put(fmt.Sprint("/api/users/", user), object{"user": object{"description": "fine"}}).Expect(200)
	})
}

// Whoever is no longer active in their default organization can still be changed, and locked above all: the default
// stays what it was, and nobody is given one anew.
func TestMemberships_LeftDefaultStopsNoChange(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		other := s.Organization("Other")
		place := s.Location("Place")
		for name, leave := range map[string]func(acme int64, bob servertest.Account){
			"suspended": func(acme int64, bob servertest.Account) {
				admin.Put(memberPath(acme, bob.ID), inState("suspended")).Expect(200)
			},
			"ended": func(acme int64, bob servertest.Account) {
				admin.Put(memberPath(acme, bob.ID), object{"membership": object{"expires_at": "2001-01-01"}}).Expect(200)
			},
			"removed": func(acme int64, bob servertest.Account) { admin.Delete(memberPath(acme, bob.ID)).Expect(200) },
			"taken out": func(acme int64, bob servertest.Account) {
				admin.Put(tenantPath(acme), object{"organization": object{"user_ids": []int64{}}}).Expect(200)
			},
		} {
			acme := s.Organization("Acme " + name)
			bob := s.User("bob-"+strings.ReplaceAll(name, " ", "-"), object{"location_ids": []int64{place},
				"organization_ids": []int64{acme, other}, "default_organization_id": acme})
			leave(acme, bob)
			for _, change := range []object{{"firstname": "Bob"}, {"default_organization_id": acme, "lastname": "B"},
				{"organization_ids": []int64{other}}, {"organization_ids": []int64{}}, {"disabled": true}} {
				if got := admin.Put(bob.Path(), object{"user": change}); got.Status != 200 {
					t.Errorf("%s, %v: %d %s", name, change, got.Status, got.Body)
				}
			}
			admin.Put(bob.Path(), object{"user": object{"default_organization_id": nil}}).Expect(200)
			admin.Put(bob.Path(), object{"user": object{"default_organization_id": acme}}).Expect(422)
		}
		// A change that takes the default organization away is refused as before.
		kept := s.User("kept", object{"location_ids": []int64{place}, "organization_ids": []int64{other},
			"default_organization_id": other})
		admin.Put(kept.Path(), object{"user": object{"organization_ids": []int64{}}}).Expect(422)
	})
}
