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
