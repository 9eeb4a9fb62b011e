package redmine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roster/directory"
	"roster/handlers/redmine"
)

// Whoever sends every attribute of a user as the own account gets nothing by it: neither rights, nor another way in.
func TestAuthority_OwnAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		strong := s.Group("Strong", true, directory.UsergroupChange{})
		powers := func() []string {
			return slices.DeleteFunc(w.contents(), func(line string) bool { return strings.Contains(line, "COUNT") })
		}
		before := len(powers())
		sent := map[string]any{"login": "root", "password": "a newer secret", "password_confirmation": "a newer secret",
			"generate_password": true, "must_change_passwd": true, "auth_source_id": 3, "admin": true, "status": 3,
			"group_ids": []int64{strong}}
		attributes := reflect.TypeOf(redmine.Documented()["userBody"]).Field(0).Type
		for _, caller := range []string{"roleless", "viewer", "manager"} {
			self := w.accounts[caller]
			was := w.Find("SELECT COUNT(*) FROM users WHERE id = ? AND login = ? AND NOT admin AND "+
				"auth_source_id = 1 AND "+
				"NOT must_change_password", self.ID, caller)
			for i := range attributes.NumField() {
				name := attributes.Field(i).Tag.Get("json")
				value, ok := sent[name]
				if !ok {
					continue
				}
				w.client(caller).Put("/redmine/my/account.json", object{"user": object{name: value}}).Expect(204)
				is := w.Find("SELECT COUNT(*) FROM users WHERE id = ? AND login = ? AND NOT admin AND "+
					"auth_source_id = 1 AND "+
					"NOT must_change_password AND NOT COALESCE(disabled, FALSE)", self.ID, caller)
				if was != 1 || is != 1 || w.Find("SELECT COUNT(*) FROM usergroup_users WHERE user_id = ?",
					self.ID) != 0 {
					t.Errorf("%s has changed something by %s", caller, name)
				}
				w.client(caller).Get("/redmine/users/current.json").Expect(200) // the password is the same
			}
		}
		if after := len(powers()); after != before {
			t.Errorf("there were %d rows, and now %d", before, after)
		}
	})
}

// Who may manage members gives no role beyond the own rights, to nobody: not by a membership of a user, of a group, of
// several, or by a change of one.
func TestAuthority_Memberships(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		strong := s.NewRole("Strong", "destroy_users", "edit_settings")
		weak := s.User("weak", object{"organization_ids": []int64{w.organization},
			"role_ids": []int64{w.role, s.NewRole("Members", "edit_users", "edit_usergroups", "view_usergroups",
				"view_organizations", "assign_organizations")}})
		list := fmt.Sprintf("/redmine/projects/%d/memberships.json", w.organization)
		elsewhere := s.Organization("Elsewhere")
		there := fmt.Sprintf("/redmine/projects/%d/memberships.json", elsewhere)
		before := w.contents()
		for _, member := range []any{w.fresh, w.group, weak.ID} {
			for _, roles := range [][]int64{{strong}, {w.role, strong}} {
				a := s.By(weak).Post(list, object{"membership": object{"user_id": member, "role_ids": roles}})
				if a.Status < 400 {
					t.Errorf("a role beyond the own rights was given: %s", a)
				}
				s.By(weak).Post(there, object{"membership": object{"user_id": member, "role_ids": roles}}).Expect(404)
			}
		}
		a := s.By(weak).Post(list, object{"membership": object{"user_ids": []int64{w.fresh, w.spare},
			"role_ids": []int64{strong}}})
		if a.Status < 400 {
			t.Errorf("several at once: %s", a)
		}
		a = s.By(weak).Put(fmt.Sprintf("/redmine/memberships/%d.json", w.membership),
			object{"membership": object{"role_ids": []int64{strong}}})
		if a.Status < 400 {
			t.Errorf("a change: %s", a)
		}
		if after := w.contents(); !slices.Equal(before, after) {
			t.Error("a refused change changed something")
		}
		// Of several, all come in or none.
		s.By(weak).Post(list,
			object{"membership": object{"user_ids": []int64{w.fresh, 999}, "role_ids": []int64{w.role}}}).
			Expect(422)
		if n := w.Find("SELECT COUNT(*) FROM membership_roles h JOIN memberships m ON m.id = h.membership_id WHERE "+
			"m.user_id = ?", w.fresh); n != 0 {
			t.Error("one of several came in although another could not")
		}
		s.By(weak).Post(list, object{"membership": object{"user_id": w.fresh, "role_ids": []int64{w.role}}}).Expect(201)
	})
}
