package foreman

import (
	"fmt"
	"testing"
	"time"
)

// Whoever acts in a tenant until an end gives themselves nothing there, or below, that lasts longer: by no verb.
func TestEnds_NothingOutlivesTheOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		child := s.Organization("Child", acme)
		place := s.Location("Place")
		in := object{"organization_ids": []int64{acme}, "location_ids": []int64{place}}
		boss := s.NewRole("boss", "view_users", "edit_users", "view_organizations", "create_organizations",
			"edit_organizations", "assign_organizations", "view_locations", "assign_locations")
		tools := s.NewRole("tools", "view_usergroups", "create_usergroups", "edit_usergroups", "view_roles")
		eve := s.User("eve", in, object{"role_ids": []int64{tools}})
		bob := s.User("bob", in, object{"organization_ids": []int64{acme, child}})
		end := s.Clock.Now().Add(time.Hour)
		at := func(end any, roles ...int64) object {
			return object{"membership": object{"expires_at": end, "role_ids": roles}}
		}
		s.Admin().Put(memberPath(acme, eve.ID), at(end.Format(time.RFC3339), boss)).Expect(200)
		as := s.By(eve)
		crew := as.Post("/api/usergroups", object{"usergroup": object{"name": "crew", "user_ids": []int64{eve.ID}}}).
			Expect(201).Int("id")
		others := s.Group("others", false, usersOf(bob.ID))
		s.Admin().Put(groupPath(child, others), holdingRoles(boss)).Expect(200)
		later := end.Add(time.Second).Format(time.RFC3339)
		const words = "can't be changed for yourself"
		for path, body := range map[string]object{
			memberPath(child, eve.ID):                  holdingRoles(boss),
			groupPath(child, crew):                     holdingRoles(boss),
			groupPath(acme, crew):                      at(later, boss),
			eve.Path(""):                               {"user": object{"organization_ids": []int64{acme, child}}},
			fmt.Sprint("/api/organizations/", child):   {"organization": object{"user_ids": []int64{bob.ID, eve.ID}}},
			fmt.Sprint("/api/usergroups/", others):     {"usergroup": object{"user_ids": []int64{bob.ID, eve.ID}}},
			fmt.Sprintf("/api/usergroups/%d?", others): {"usergroup": object{"usergroup_ids": []int64{crew}}},
		} {
			as.Put(path, body).Expect(422).Want(words, "error", "errors", "expires_at", 0)
		}
		// A membership that somebody else has given without roles gets none that stay.
		s.Admin().Put(memberPath(child, eve.ID), holdingRoles()).Expect(200)
		as.Put(memberPath(child, eve.ID), holdingRoles(boss)).Expect(422)
		s.Admin().Delete(memberPath(child, eve.ID)).Expect(200)
		// Until the own end, and for others, everything goes.
		as.Put(memberPath(child, eve.ID), at(end.Format(time.RFC3339), boss)).Expect(200)
		as.Put(memberPath(child, bob.ID), holdingRoles(boss)).Expect(200)
		// Who founds something is in it until the end.
		made := as.Post("/api/organizations", object{"organization": object{"name": "New", "parent_id": acme}}).
			Expect(201).Int("id")
		if n := s.Find("SELECT COUNT(*) FROM memberships WHERE user_id = ? AND taxonomy_id = ? AND expires_at IS NOT NULL",
			eve.ID, made); n != 1 {
			t.Errorf("the founder's memberships that end: %d", n)
		}
		// What ends later, and gives less, extends nothing.
		weak := s.NewRole("weak", "view_users")
		late := s.Group("late", false, usersOf(eve.ID))
		s.Admin().Put(groupPath(acme, late), at("2039-12-31", weak)).Expect(200)
		as.Put(groupPath(acme, late), at("2039-12-31", weak, boss)).Expect(422).
			Want(words, "error", "errors", "expires_at", 0)
		s.Admin().Delete(groupPath(acme, late)).Expect(200)
		s.Clock.Advance(2 * time.Hour)
		as.Get("/api/users/bob").Expect(403)
		as.Get("/api/organizations").Expect(403)
	})
}

// A membership that ends, in the tenant around the one in which somebody is for good, takes nothing away there.
func TestEnds_AroundWhatLasts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		part := s.Organization("Part", acme)
		place := s.Location("Place")
		boss := s.NewRole("boss", "view_users", "edit_users", "view_organizations", "create_organizations",
			"edit_organizations", "assign_organizations")
		ann := s.User("ann", object{"organization_ids": []int64{acme, part}, "location_ids": []int64{place}})
		s.Admin().Put(memberPath(acme, ann.ID), object{"membership": object{"expires_at": "2030-01-01"}}).Expect(200)
		s.Admin().Put(memberPath(part, ann.ID), holdingRoles(boss)).Expect(200)
		as := s.By(ann)
		team := as.Post("/api/organizations", object{"organization": object{"name": "Team", "parent_id": part}}).
			Expect(201).Int("id")
		if n := s.Find("SELECT COUNT(*) FROM memberships WHERE taxonomy_id = ? AND expires_at IS NULL", team); n != 1 {
			t.Errorf("lasting memberships of the founder: %d", n)
		}
		other := s.Organization("Other", part)
		as.Put(memberPath(other, ann.ID), holdingRoles(boss)).Expect(200)
	})
}

// A suspended membership keeps from somebody what groups give: who does not hold that lifts it for nobody.
func TestAttackMemberships_SuspensionsThatMask(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		child := s.Organization("Child", acme)
		place := s.Location("Place")
		weak := s.NewRole("weak", "view_users", "edit_users", "view_organizations", "assign_organizations",
			"edit_organizations")
		in := object{"organization_ids": []int64{acme, child}, "location_ids": []int64{place}}
		eve := s.User("eve", in)
		bob := s.User("bob", in)
		s.Admin().Put(memberPath(acme, eve.ID), holdingRoles(weak)).Expect(200)
		full := s.NewRole("full", "view_users", "destroy_users")
		group := s.Group("group", false, usersOf(eve.ID, bob.ID))
		s.Admin().Put(groupPath(child, group), holdingRoles(full)).Expect(200)
		as := s.By(eve)
		for _, who := range []account{eve, bob} {
			path := memberPath(child, who.ID)
			for _, change := range []object{{"state": "suspended"}, {"expires_at": "2020-01-01"}} {
				s.Admin().Put(memberPath(child, eve.ID), object{"membership": object{"state": "suspended"}}).Expect(200)
				s.Admin().Put(path, object{"membership": change}).Expect(200)
				as.Put(path, object{"membership": object{"state": "active", "expires_at": nil}}).Expect(422)
				as.Put(path, object{"membership": object{"expires_at": "2040-01-01"}})
				as.Delete(path).Expect(422)
				if n := s.Find("SELECT COUNT(*) FROM memberships WHERE user_id = ? AND taxonomy_id = ? AND state = 'suspended'",
					who.ID, child); n != 1 {
					t.Errorf("%s is no longer suspended after %v", who.Login, change)
				}
			}
			s.Admin().Put(path, object{"membership": object{"state": "active", "expires_at": ""}}).Expect(200)
		}
		// Where the group holds no more than the caller, it is the caller's to do.
		s.Admin().Put(groupPath(child, group), holdingRoles(weak)).Expect(200)
		s.Admin().Put(memberPath(child, bob.ID), object{"membership": object{"state": "suspended"}}).Expect(200)
		as.Put(memberPath(child, bob.ID), object{"membership": object{"state": "active"}}).Expect(200)
	})
}

// An owner is not sent away by an end either.
func TestEnds_OwnersStay(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		place := s.Location("Place")
		owner := s.User("owner", object{"location_ids": []int64{place}})
		s.Group("user", false, usersOf(owner.ID))
		crew := s.By(owner).Post("/cvat/api/organizations", object{"slug": "crew"}).Expect(201).Int("id")
		role := s.NewRole("weak", "view_users", "edit_users", "create_users", "destroy_users", "view_organizations",
			"edit_organizations", "assign_organizations")
		in := object{"location_ids": []int64{place}, "organization_ids": []int64{crew}, "role_ids": []int64{role}}
		as := s.By(s.User("weak", in))
		path := memberPath(crew, owner.ID)
		for _, end := range []time.Time{s.Clock.Now().Add(-time.Hour), s.Clock.Now().Add(time.Minute)} {
			as.Put(path, object{"membership": object{"expires_at": end.Format(time.RFC3339)}}).Expect(422)
		}
		as.Put(path, object{"membership": object{"state": "suspended"}}).Expect(422)
		token := fmt.Sprint("/api/organizations/", crew, "/scim_tokens")
		as.Post(token, object{"scim_token": object{"name": "t"}}).Expect(403)
		as.Post(token, object{"scim_token": object{"name": "t", "read_only": true}}).Expect(201)
		s.By(owner).Get(fmt.Sprint("/cvat/api/organizations/", crew)).Expect(200)
		// Of an organization that nobody owns, such a token is theirs to make.
		free := s.Organization("Free")
		in["organization_ids"] = []int64{free}
		s.By(s.User("weak2", in)).Post(fmt.Sprint("/api/organizations/", free, "/scim_tokens"),
			object{"scim_token": object{"name": "t"}}).Expect(201)
	})
}

// What a group may come to hold again counts like what somebody may: nobody who can do less takes over the account.
func TestAttackMemberships_GroupsThatWait(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		in := object{"organization_ids": []int64{acme}, "location_ids": []int64{s.Location("Place")}}
		mia := s.User("mia", in)
		outer := s.Group("outer", false, membersOf(s.Group("inner", false, usersOf(mia.ID))))
		s.Admin().Put(groupPath(acme, outer), holdingRoles(s.Role("Manager"))).Expect(200)
		desk := s.User("desk", in, object{"role_ids": []int64{s.NewRole("desk", "view_users", "reset_passwords")}})
		clerk := s.User("clerk", in, object{"role_ids": []int64{s.NewRole("clerk", "view_users", "edit_users",
			"create_personal_access_tokens")}})
		for _, state := range []object{{"state": "suspended"}, {"expires_at": "2020-01-01"}, {"expires_at": nil}} {
			s.Admin().Put(groupPath(acme, outer), object{"membership": state}).Expect(200)
			s.By(desk).Put(mia.Path(""), object{"user": object{"password": "taken over"}}).Expect(422)
			s.By(clerk).Put(mia.Path(""), object{"user": object{"mail": "eve@example.com"}}).Expect(422)
			s.By(clerk).Post(mia.Path("/personal_access_tokens"), object{"name": "t"}).Expect(403)
		}
		s.Admin().Put(groupPath(acme, outer), holdingRoles()).Expect(200)
		s.By(desk).Put(mia.Path(""), object{"user": object{"password": "a new secret"}}).Expect(200)
	})
}
