package cvat

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"roster/handlers/cvat"
)

// Whoever sends every attribute of a user as the own account gets nothing by it: neither rights, nor another way in.
func TestAuthority_OwnAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		strong := s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "Strong", "admin": true}}).
			Expect(201).Int("id")
		sent := map[string]any{"username": "root", "password": "y8Lr-longer", "groups": []string{"admin", "Strong"},
			"is_staff": true, "is_superuser": true, "is_active": false, "email": "root@example.org", "first_name": "R",
			"last_name": "T"}
		attributes := reflect.TypeOf(cvat.Documented()["newUserBody"])
		for _, caller := range []string{"outsider", "worker", "maintainer", "owner"} {
			self := w.accounts[caller]
			path := fmt.Sprintf("/cvat/api/users/%d", self.ID)
			for i := range attributes.NumField() {
				name := attributes.Field(i).Tag.Get("json")
				value, known := sent[name]
				if !known {
					t.Errorf("nobody has thought about %s", name)
				}
				if name == "username" {
					value = self.Login // which may be another one, and would be in the way of the others
				}
				for _, query := range []string{"", "?org=here"} {
					w.client(caller).Patch(path+query, object{name: value})
				}
				is := w.Find("SELECT COUNT(*) FROM users WHERE id = ? AND login = ? AND NOT admin AND mail = ? AND "+
					"auth_source_id = 1 AND NOT COALESCE(disabled, FALSE)", self.ID, self.Login, self.Login+"@example.org")
				if is != 1 || w.Find("SELECT COUNT(*) FROM usergroup_users WHERE user_id = ? AND usergroup_id = ?", self.ID,
					strong) != 0 {
					t.Errorf("%s has changed something by %s", caller, name)
				}
				w.client(caller).Get("/cvat/api/users/self").Expect(200) // the password is the same
			}
		}
	})
}

// Who manages an organization gives nobody more than their own place in it, and takes it from nobody above.
func TestAuthority_Organizations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		membership := func(caller string) int64 {
			return w.Find("SELECT id FROM memberships WHERE user_id = ? AND taxonomy_id = ?", w.accounts[caller].ID,
				w.organization)
		}
		before := w.contents()
		for caller, roles := range map[string][]string{
			"maintainer": {"maintainer", "owner"}, "worker": {"worker", "supervisor", "maintainer", "owner"},
			"outsider": {"worker", "owner"}, "owner": {"owner"},
		} {
			for _, role := range roles {
				w.client(caller).Post("/cvat/api/invitations?org=here", object{"role": role,
					"email": fmt.Sprintf("spare%d@example.org", w.turn)}).Expect(403)
				w.client(caller).Patch(fmt.Sprint("/cvat/api/memberships/", w.membership), object{"role": role}).Expect(403)
			}
			for _, role := range []string{"worker", "owner"} {
				if caller != "outsider" {
					w.client(caller).Patch(fmt.Sprint("/cvat/api/memberships/", membership(caller)), object{"role": role}).
						Expect(403)
				}
				w.client(caller).Patch(fmt.Sprint("/cvat/api/memberships/", membership("owner")), object{"role": role}).
					Expect(403)
			}
			if caller != "owner" {
				w.client(caller).Delete(fmt.Sprint("/cvat/api/memberships/", membership("owner"))).Expect(403)
				w.client(caller).Delete(fmt.Sprint("/cvat/api/organizations/", w.organization)).Expect(403)
			}
		}
		if after := w.contents(); !slices.Equal(before, after) {
			t.Error("a refused change changed something")
		}
	})
}

// The user groups that stand for system groups give what these are for. Nobody makes them, joins them, or acts as
// somebody in them, who is not as much already.
func TestAuthority_SystemGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		in := object{"organization_ids": []int64{s.Organization("Acme")}, "location_ids": []int64{s.Location("Place")}}
		role := s.NewRole("groups", "view_usergroups", "create_usergroups", "edit_usergroups", "destroy_usergroups",
			"view_users", "edit_users")
		ann := s.User("ann", in, object{"role_ids": []int64{role}})
		bob := s.User("bob", in)
		eve := s.User("eve", in)
		group := func(by *client, attributes object) *answer {
			return by.Post("/api/usergroups", object{"usergroup": attributes})
		}
		change := func(by *client, id int64, attributes object) *answer {
			return by.Put(fmt.Sprint("/api/usergroups/", id), object{"usergroup": attributes})
		}
		founds := func(who account, slug string, status int) {
			t.Helper()
			s.By(who).Post("/cvat/api/organizations", object{"slug": slug}).Expect(status)
		}
		only := func(ids ...int64) object { return object{"user_ids": append([]int64{}, ids...)} }
		set(s, "cvat_default_group", "worker")
		founds(ann, "first", 403)
		group(s.By(ann), object{"name": "user", "user_ids": []int64{ann.ID}}).Expect(422)
		group(s.By(ann), object{"name": "user"}).Expect(422)
		mine := group(s.By(ann), object{"name": "mine", "user_ids": []int64{ann.ID}}).Expect(201).Int("id")
		change(s.By(ann), mine, object{"name": "user"}).Expect(422)
		group(s.By(ann), object{"name": "worker", "user_ids": []int64{bob.ID}}).Expect(201)
		founders := group(s.Admin(), object{"name": "user", "user_ids": []int64{eve.ID}}).Expect(201).Int("id")
		change(s.By(ann), founders, only(eve.ID, ann.ID)).Expect(422)
		change(s.By(ann), founders, object{"usergroup_ids": []int64{mine}}).Expect(422)
		inside := group(s.Admin(), object{"name": "inside"}).Expect(201).Int("id")
		change(s.Admin(), founders, object{"usergroup_ids": []int64{inside}}).Expect(200)
		change(s.By(ann), inside, only(ann.ID)).Expect(422)
		change(s.By(ann), inside, object{"usergroup_ids": []int64{mine}}).Expect(422)
		founds(ann, "second", 403)
		// Whoever sets a password acts as the person.
		password := object{"user": object{"password": "another secret"}}
		s.By(ann).Put(eve.Path(""), password).Expect(422)
		s.By(ann).Put(eve.Path(""), object{"user": object{"firstname": "Eve"}}).Expect(200)
		s.By(ann).Put(bob.Path(""), password).Expect(200)
		change(s.By(ann), founders, only()).Expect(200)
		change(s.Admin(), founders, only(ann.ID)).Expect(200)
		change(s.By(ann), founders, only(ann.ID, bob.ID)).Expect(200)
		founds(ann, "third", 201)

		set(s, "cvat_default_group", "user")
		workers := s.Find("SELECT id FROM usergroups WHERE name = 'worker'")
		change(s.Admin(), founders, only()).Expect(200)
		change(s.Admin(), workers, only(ann.ID, bob.ID)).Expect(200)
		founds(ann, "fourth", 403)
		change(s.By(ann), workers, only(bob.ID)).Expect(422)
		change(s.By(ann), workers, object{"name": "others"}).Expect(422)
		s.By(ann).Delete(fmt.Sprint("/api/usergroups/", workers)).Expect(422)
		founds(ann, "fifth", 403)
		change(s.Admin(), workers, only()).Expect(200)
		founds(ann, "sixth", 201)
		change(s.By(ann), founders, only(ann.ID, eve.ID)).Expect(200)
	})
}
