package foreman

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roster/directory"
	"roster/models"
)

func usersOf(ids ...int64) directory.UsergroupChange {
	return directory.UsergroupChange{Users: models.Some(directory.ByIDs(ids...))}
}

func membersOf(ids ...int64) directory.UsergroupChange {
	return directory.UsergroupChange{Members: models.Some(directory.ByIDs(ids...))}
}

func wantColumn(t *testing.T, got []any, want ...any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

// memberPath is the path of a user's membership in an organization.
func memberPath(organization, user int64) string {
	return fmt.Sprintf("/api/organizations/%d/memberships/%d", organization, user)
}

func groupPath(organization, group int64) string {
	return fmt.Sprintf("/api/organizations/%d/usergroup_memberships/%d", organization, group)
}

func holdingRoles(roles ...int64) object {
	return object{"membership": object{"role_ids": append([]int64{}, roles...)}}
}

// A role that is held in an organization holds for its people and for those below it, and nowhere else.
func TestMemberships_RolesHoldInTheirTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		below := s.Organization("Below", acme)
		place := object{"location_ids": []int64{s.Location("Place")}}
		role := s.NewRole("keeper", "view_users", "edit_users", "view_organizations", "edit_organizations",
			"view_roles",
			"view_usergroups", "view_audit_logs", "escalate_roles")
		ann := s.User("ann", place, object{"organization_ids": []int64{acme, other}})
		bob := s.User("bob", place, object{"organization_ids": []int64{acme}})
		deep := s.User("deep", place, object{"organization_ids": []int64{below}})
		eve := s.User("eve", place, object{"organization_ids": []int64{other}})
		as := s.By(ann)
		as.Get("/api/users").Expect(403)
		made := s.Admin().Put(memberPath(acme, ann.ID), holdingRoles(role)).Expect(200).
			Want("active", "state").Want("ann", "user", "login").Want("keeper", "roles", 0, "name").
			Want("acme", "organization", "slug")
		list := as.Get("/api/users").Expect(200).Want(int64(3), "total")
		wantColumn(t, list.Column("login"), "ann", "bob", "deep")
		as.Get("/api/users?order=login+DESC").Expect(200).Want(int64(3), "subtotal")
		as.Get("/api/users?search=login+~+e").Expect(200).Want(int64(1), "subtotal")
		as.Get(fmt.Sprintf("/api/users?organization_id=%d", below)).Expect(200).Want(int64(1), "total")
		as.Get(fmt.Sprintf("/api/users?organization_id=%d", other)).Expect(404)
		for user, status := range map[int64]int{bob.ID: 200, deep.ID: 200, eve.ID: 404} {
			as.Get(fmt.Sprintf("/api/users/%d", user)).Expect(status)
			as.Put(fmt.Sprintf("/api/users/%d", user), object{"user": object{"description": "x"}}).Expect(status)
		}
		// Unfiltered lists and single tenants.
		wantColumn(t, as.Get("/api/organizations").Expect(200).Column("name"), "Acme", "Below")
		as.Get(fmt.Sprintf("/api/organizations/%d", other)).Expect(404)
		as.Put(fmt.Sprintf("/api/organizations/%d", other), object{"organization": object{"name": "x"}}).Expect(404)
		as.Put(fmt.Sprintf("/api/organizations/%d", below), object{"organization": object{"name": "Beneath"}}).
			Expect(200)
		// Nothing for nouns without tenants.
		for _, path := range []string{"/api/roles", "/api/usergroups", "/api/audits"} {
			as.Get(path).Expect(403)
		}
		// A suspended membership gives nothing, and the member is still seen there.
		s.Admin().Put(memberPath(acme, ann.ID), object{"membership": object{"state": "suspended"}}).Expect(200).
			Want("keeper", "roles", 0, "name")
		as.Get("/api/users").Expect(403)
		s.Admin().Get(fmt.Sprintf("/api/organizations/%d/memberships", acme)).Expect(200).
			Want(int64(2), "total").Want("suspended", "results", 0, "state").Want("bob", "results", 1, "user", "login")
		s.Admin().Get(fmt.Sprintf("/api/organizations/%d/memberships?search=state+%%3D+suspended", acme)).Expect(200).
			Want(int64(1), "subtotal").Want(made.Int("id"), "results", 0, "id")
		s.Admin().Put(memberPath(acme, ann.ID), object{"membership": object{"state": "active"}}).Expect(200)
		as.Get("/api/users").Expect(200).Want(int64(3), "total")
		s.Admin().Delete(memberPath(acme, ann.ID)).Expect(200).Want(made.Int("id"), "id")
		as.Get("/api/users").Expect(403)
		s.Admin().Delete(memberPath(acme, ann.ID)).Expect(404)
		wantColumn(t, s.Admin().Get("/api/audits?search=type+%3D+membership&order=id").Expect(200).Column("action"),
			"update", "update", "update", "destroy")
	})
}

// Whoever is in a group reaches what the group belongs to, with the roles that it holds there.
func TestMemberships_GroupsBringTheirMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		place := object{"location_ids": []int64{s.Location("Place")}}
		role := s.NewRole("keeper", "view_users", "edit_users")
		ann := s.User("ann", place, object{"organization_ids": []int64{other}})
		s.User("bob", place, object{"organization_ids": []int64{acme}})
		inner := s.Group("inner", false, usersOf(ann.ID))
		outer := s.Group("outer", false, membersOf(inner))
		as := s.By(ann)
		s.Admin().Put(groupPath(acme, outer), holdingRoles(role)).Expect(200).Want("outer", "usergroup", "name").
			Want(nil, "user")
		wantColumn(t, s.Admin().Get("/api/audits?search=type+%3D+membership").Expect(200).Column("action"), "create")
		wantColumn(t, as.Get("/api/users").Expect(200).Column("login"), "bob")
		wantColumn(t, s.Admin().Get(fmt.Sprintf("/api/organizations/%d/memberships?order=id", acme)).Expect(200).
			Column("state"), "active", "active")
		s.Admin().Put(groupPath(acme, outer), object{"membership": object{"state": "invited"}}).Expect(200)
		as.Get("/api/users").Expect(403)
		s.Admin().Put(groupPath(acme, outer), object{"membership": object{"state": "active"}}).Expect(200)
		as.Get("/api/users").Expect(200).Want(int64(1), "total")
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", inner), object{"usergroup": object{"user_ids": []int64{}}}).
			Expect(200)
		as.Get("/api/users").Expect(403)
	})
}

// Nobody gives more in a tenant than the own roles hold there, nor beyond it.
func TestMemberships_PowerNeverFlowsUpwards(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		below := s.Organization("Below", acme)
		place := object{"location_ids": []int64{s.Location("Place")}}
		keeper := s.NewRole("keeper", "view_users", "edit_users", "view_organizations", "edit_organizations",
			"assign_organizations")
		strong := s.NewRole("strong", "view_users", "destroy_users")
		groups := s.NewRole("groups", "view_usergroups", "edit_usergroups", "create_usergroups")
		ann := s.User("ann", place, object{"organization_ids": []int64{acme, other}, "role_ids": []int64{groups}})
		bob := s.User("bob", place, object{"organization_ids": []int64{acme}})
		free := s.User("free", place, object{"organization_ids": []int64{other}})
		boss := s.User("boss", place, object{"organization_ids": []int64{acme}, "admin": true})
		as := s.By(ann)
		as.Put(memberPath(acme, ann.ID), holdingRoles(keeper)).Expect(403)
		s.Admin().Put(memberPath(acme, ann.ID), holdingRoles(keeper)).Expect(200)
		// What she holds in Acme she may give there and below, and nowhere else.
		as.Put(memberPath(acme, bob.ID), holdingRoles(keeper)).Expect(200)
		as.Put(memberPath(below, bob.ID), holdingRoles(keeper)).Expect(200)
		as.Put(memberPath(other, bob.ID), holdingRoles(keeper)).Expect(404)
		as.Put(memberPath(acme, bob.ID), holdingRoles(strong)).Expect(422)
		as.Put(memberPath(acme, ann.ID), holdingRoles(keeper, strong)).Expect(422)
		as.Put(memberPath(acme, free.ID), holdingRoles()).Expect(404)
		as.Put(memberPath(acme, boss.ID), holdingRoles(keeper)).Expect(422)
		as.Delete(memberPath(acme, boss.ID)).Expect(422)
		// Not by a role for everywhere, and not by a filter.
		as.Put(fmt.Sprintf("/api/users/%d", bob.ID), object{"user": object{"role_ids": []int64{keeper}}}).Expect(422)
		// Not by the account of somebody who may do more.
		s.Admin().Put(memberPath(acme, bob.ID), holdingRoles(strong)).Expect(200)
		as.Put(fmt.Sprintf("/api/users/%d", bob.ID), object{"user": object{"password": "taken over"}}).Expect(422)
		as.Put(memberPath(below, bob.ID), object{"membership": object{"state": "suspended"}}).Expect(200)
		as.Put(memberPath(below, bob.ID), object{"membership": object{"state": "active"}}).Expect(200)
		// Not by assigning somebody whose membership was suspended with its roles.
		s.Admin().Put(memberPath(acme, bob.ID), object{"membership": object{"state": "suspended"}}).Expect(200)
		for path, body := range map[string]object{
			fmt.Sprintf("/api/users/%d", bob.ID): {"user": object{"organization_ids": []int64{acme, below}}},
			fmt.Sprintf("/api/organizations/%d",
				acme): {"organization": object{"user_ids": []int64{ann.ID, boss.ID, bob.ID}}},
			memberPath(acme, bob.ID): {"membership": object{"state": "active"}},
		} {
			as.Put(path, body).Expect(422)
		}
		s.Admin().Put(memberPath(acme, bob.ID), object{"membership": object{"state": "active"}}).Expect(200)
		// Not by a group: whoever comes into it gets what it holds, and reaches where it belongs.
		far := s.Group("far", false, usersOf())
		near := s.Group("near", false, usersOf())
		s.Admin().Put(groupPath(other, far), holdingRoles()).Expect(200)
		s.Admin().Put(groupPath(acme, near), holdingRoles(strong)).Expect(200)
		for _, group := range []int64{far, near} {
			as.Put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"user_ids": []int64{bob.ID}}}).
				Expect(map[int64]int{far: 200, near: 422}[group])
		}
		as.Put(groupPath(other, near), holdingRoles(keeper)).Expect(404)
		as.Put(groupPath(acme, far), holdingRoles(strong)).Expect(422)
		as.Put(groupPath(acme, far), holdingRoles(keeper)).Expect(200)
		s.Admin().Delete(memberPath(other, ann.ID)).Expect(200)
		as.Put(fmt.Sprintf("/api/usergroups/%d", far),
			object{"usergroup": object{"user_ids": []int64{ann.ID, bob.ID}}}).
			Expect(422)
		// Not by moving another tenant under the one where she holds the role.
		mine := s.Organization("Mine")
		mover := s.NewRole("mover", "view_organizations", "edit_organizations")
		s.Admin().Put(memberPath(mine, ann.ID), holdingRoles(mover)).Expect(200)
		as.Put(fmt.Sprintf("/api/organizations/%d", mine), object{"organization": object{"parent_id": acme}}).Expect(422)
	})
}

// Counts of searches that are remembered for a tenant follow who comes into groups and leaves them.
func TestMemberships_CountsFollowGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		home := object{"organization_ids": []int64{s.Organization("Acme")},
			"location_ids": []int64{s.Location("Place")}}
		viewer := s.By(s.User("viewer", home, object{"role_ids": []int64{s.NewRole("viewing", "view_users")}}))
		ann := s.User("ann", home)
		ops := s.Group("ops", false, usersOf())
		boss := s.Group("boss", true, usersOf())
		for _, group := range []int64{ops, boss} {
			search := map[int64]string{ops: "/api/users?search=usergroup+%3D+ops",
				boss: "/api/users?search=admin+%3D+true"}
			for _, users := range [][]int64{{}, {ann.ID}, {}, {ann.ID}} {
				s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"user_ids": users}}).
					Expect(200)
				viewer.Get(search[group]).Expect(200).Want(int64(len(users)), "subtotal")
			}
		}
	})
}

// A suspended membership is no assignment: assigning the user makes it active again, and nothing else touches it.
func TestMemberships_Suspended(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		ann := s.User("ann", object{"organization_ids": []int64{acme}})
		path := fmt.Sprintf("/api/users/%d", ann.ID)
		state := func(want ...any) {
			t.Helper()
			list := fmt.Sprintf("/api/organizations/%d/memberships", acme)
			wantColumn(t, s.Admin().Get(list).Expect(200).Column("state"), want...)
		}
		suspend := object{"membership": object{"state": "suspended"}}
		s.Admin().Put(memberPath(acme, ann.ID), suspend).Expect(200)
		s.Admin().Get(path).Expect(200).Want([]any{}, "organizations")
		s.Admin().Get(path+"/organizations").Expect(200).Want([]any{}, "results")
		s.Admin().Put(path, object{"user": object{"organization_ids": []int64{other}}}).Expect(200)
		state("suspended")
		// An import that knows nothing of it does not make it active again.
		s.Admin().Put(path, object{"user": object{"organization_ids": []int64{acme}}}).Expect(422)
		state("suspended")
		s.Admin().Put(memberPath(acme, ann.ID), object{"membership": object{"state": "active"}}).Expect(200)
		s.Admin().Get(path).Expect(200).Want(acme, "organizations", 0, "id")
		state("active")
		s.Admin().Put(path, object{"user": object{"organization_ids": []int64{}}}).Expect(200)
		state()
	})
}

// Totals that are remembered follow every change of a membership, on every server.
func TestMemberships_TotalsFollow(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		place := object{"location_ids": []int64{s.Location("Place")}}
		in := func(tenants ...int64) object { return object{"organization_ids": tenants} }
		role := s.NewRole("viewing", "view_users")
		viewer := s.User("viewer", place, in(acme), object{"role_ids": []int64{role}})
		member := s.User("member", place, in(acme))
		free := s.User("free", place, in())
		s.User("far", place, in(other))
		group := s.Group("group", false, usersOf(viewer.ID, member.ID))
		servers := []*server{s, s.Beside()}
		totals := func(want ...int64) {
			t.Helper()
			for _, server := range servers {
				for i, a := range []account{viewer, member} {
					got := server.By(a).Get("/api/users?per_page=2")
					if want[i] == 0 {
						got.Expect(403)
						continue
					}
					got.Expect(200).Want(want[i], "total").Want(want[i], "subtotal")
				}
			}
		}
		totals(2, 0)
		steps := []struct {
			method, path string
			body         any
			viewer       int64
			member       int64
		}{
			{"PUT", memberPath(acme, free.ID), holdingRoles(), 3, 0},
			{"PUT", memberPath(acme, member.ID), holdingRoles(role), 3, 3},
			{"DELETE", memberPath(acme, free.ID), nil, 2, 2},
			{"PUT", groupPath(other, group), holdingRoles(), 3, 2},
			{"PUT", groupPath(other, group), holdingRoles(role), 3, 3},
			{"PUT", memberPath(acme, member.ID), holdingRoles(), 3, 1},
			{"PUT", groupPath(other, group), object{"membership": object{"state": "suspended"}}, 2, 0},
			{"PUT", groupPath(other, group), object{"membership": object{"state": "active"}}, 3, 1},
			{"DELETE", groupPath(other, group), nil, 2, 0},
		}
		for i, step := range steps {
			servers[i%2].Admin().Do(step.method, step.path, step.body).Expect(200)
			totals(step.viewer, step.member)
		}
	})
}

// What a user may do is explained with the way by which the user may do it.
func TestMemberships_EffectivePermissions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		place := object{"location_ids": []int64{s.Location("Place")}}
		keeper := s.NewRole("keeper", "view_users", "edit_users", "view_roles")
		narrow := s.NewRole("narrow")
		s.Filter(narrow, "login ~ x", "edit_users")
		inner := s.Group("inner", false, usersOf())
		outer := s.Group("outer", false, membersOf(inner))
		ann := s.User("ann", place, object{"organization_ids": []int64{other}, "role_ids": []int64{narrow}})
		bob := s.User("bob", place, object{"organization_ids": []int64{acme}})
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", inner),
			object{"usergroup": object{"user_ids": []int64{ann.ID}}}).
			Expect(200)
		s.Admin().Put(groupPath(acme, outer), holdingRoles(keeper)).Expect(200)
		path := fmt.Sprintf("/api/users/%d/effective_permissions", ann.ID)
		a := s.Admin().Get(path+"?permission=edit_users&user_id=bob").Expect(200).Want(int64(2), "total").
			Want("narrow", "results", 0, "role", "name").Want("login ~ x", "results", 0, "filter", "search").
			Want(nil, "results", 0, "tenant").Want(false, "results", 0, "applies").
			Want("filter", "results", 0, "missing").
			Want("keeper", "results", 1, "role", "name").Want("Acme", "results", 1, "tenant", "title").
			Want("inner", "results", 1, "usergroups", 0, "name").Want("outer", "results", 1, "usergroups", 1, "name").
			Want(true, "results", 1, "applies")
		wantColumn(t, a.Column("permission"), "edit_users", "edit_users")
		// Of a role that is held in a tenant, nothing without tenants is there.
		s.Admin().Get(path + "?per_page=all").Expect(200).Lacks("view_roles")
		// Everybody about the own account; what narrows filters is for those who may view filters.
		s.By(ann).Get("/api/users/ann/effective_permissions?permission=edit_users").Expect(200).
			Want(int64(2), "total").Want(nil, "results", 0, "filter", "search")
		s.By(bob).Get(path).Expect(403)
		// Others are not told what is held where they know of nothing.
		role := s.NewRole("viewer", "view_users")
		eve := s.By(s.User("eve", place, object{"organization_ids": []int64{other}, "role_ids": []int64{role}}))
		eve.Get(path+"?permission=edit_users").Expect(200).Want(int64(1), "total").Lacks("Acme").Lacks("outer")
		eve.Get(path + "?user_id=bob").Expect(404)
		s.Admin().Get("/api/users/admin/effective_permissions?permission=edit_users&user_id=bob").Expect(200).
			Want(true, "results", 0, "admin").Want(true, "results", 0, "applies").Want(nil, "results", 0, "permission")
		s.Admin().Get(path+"?per_page=2&page=2").Expect(200).Want(int64(2), "page")
		s.Admin().Get(path+"?page=400000000").Expect(200).Want([]any{}, "results")
	})
}

// What another dialect or an import may have made longer than this one allows can be changed beside it.
func TestUsers_LongerThanTheDialect(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := s.User("ann")
		long := strings.Repeat("x", 255)
		s.Execute("UPDATE users SET login = ?, lower_login = ?, firstname = ? WHERE id = ?", long, long, long, ann.ID)
		path := fmt.Sprintf("/api/users/%d", ann.ID)
		s.Admin().Put(path, object{"user": object{"lastname": "Smith"}}).Expect(200).Want(long, "firstname")
		s.Admin().Put(path, object{"user": object{"firstname": strings.Repeat("y", 51)}}).Expect(422).
			Want([]any{"is too long (maximum is 50 characters)"}, "error", "errors", "firstname")
		s.Admin().Get("/api/users/" + long).Expect(200)
	})
}

// Who may assign an organization takes people out of it, without the permission to edit the organization itself.
func TestMemberships_WhoMayAssignMayRemove(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		place := object{"location_ids": []int64{s.Location("Place")}}
		in := object{"organization_ids": []int64{acme}}
		keeper := s.NewRole("keeper", "view_users", "edit_users", "view_organizations", "assign_organizations")
		blind := s.NewRole("blind", "view_users", "edit_users", "assign_organizations")
		bob := s.User("bob", place, in)
		ann := s.User("ann", place, in, object{"role_ids": []int64{keeper}})
		dan := s.User("dan", place, in, object{"role_ids": []int64{blind}})
		s.By(dan).Delete(memberPath(acme, bob.ID)).Expect(404).
			Want(fmt.Sprintf("Organization not found by id '%d'", acme), "message")
		s.By(ann).Delete(memberPath(acme, bob.ID)).Expect(200).Want(bob.ID, "user_id")
		if n := s.Find("SELECT COUNT(*) FROM memberships WHERE user_id = ?", bob.ID); n != 1 { // the location is left
			t.Errorf("%d memberships are left, want 1", n)
		}
	})
}
