package redmine

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// Whatever operator a filter is asked for with, and whatever it is compared with, is answered.
func TestAttack_Filters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "redmine_list_visible_users", true)
		viewer := s.By(s.User("viewer", object{"role_ids": []int64{s.NewRole("Looker", "view_users")}}))
		for _, name := range []string{"status", "name", "login", "created_on", "admin", "group_id", "twofa", "\xff"} {
			for _, op := range []string{"=", "!", "*~", "*", "!*", "><", ">t-", "t", "[]", "\x00"} {
				for _, value := range []string{"", "+999999", "99999999999999999999", "0000-00-00", "\x00", "\xff"} {
					q := url.Values{"f[]": {name}, "op[" + name + "]": {op}}
					if value != "" {
						q["v["+name+"][]"] = []string{value}
					}
					s.Admin().Get("/redmine/users.json?" + q.Encode())
					s.Admin().Get("/redmine/users.json?" + url.Values{name: {op + value}}.Encode())
					viewer.Get("/users.json?" + q.Encode())
				}
			}
		}
		list := func(query string) *answer { return s.Admin().Get("/users.json?" + query) }
		list("f[]=name&op[name]=*").Expect(422).Want("Name is invalid", "errors", 0)
		list("f[]=login&op[login]=t").Expect(422).Want("Login cannot be blank", "errors", 0)
		list("f[]=created_on&op[created_on]=t").Expect(200)
		list(strings.Repeat("f[]=mail&", 1000) + "op[mail]=~&v[mail][]=a+b+c+d+e+f+g+h+i+j").Expect(400)
	})
}

// Where others than administrators list users, no filter tells them who is in which group.
func TestAttack_GroupsOfOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set(s, "redmine_list_visible_users", true)
		viewer := s.By(s.User("viewer", object{"role_ids": []int64{s.NewRole("Looker", "view_users")}}))
		ann := person(s, "ann", nil)
		group := s.Admin().Post("/groups.json", object{"group": object{"name": "Secret", "user_ids": []int64{ann}}}).
			Expect(201).Int("group", "id")
		all := logins(viewer.Get("/users.json"))
		for _, query := range []string{"group_id=%d", "group_id=!%d", "is_member_of_group=%d",
			"f[]=status&op[status]==&v[status][]=1&f[]=group_id&op[group_id]==&v[group_id][]=%d"} {
			if got := logins(viewer.Get("/users.json?" + fmt.Sprintf(query, group))); got != all {
				t.Errorf("%s: got %q, want %q", query, got, all)
			}
		}
		if got := logins(s.Admin().Get(fmt.Sprintf("/users.json?group_id=%d", group))); got != "ann" {
			t.Errorf("the administrator finds %q", got)
		}
	})
}

// A key in the body goes before the password beside it, also where that has to be changed first.
func TestAttack_KeyBesideAPassword(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := person(s, "ann", nil)
		key := keyOf(s, ann)
		path := fmt.Sprintf("/users/%d.json", ann)
		s.Admin().Put(path, object{"user": object{"must_change_passwd": true}}).Expect(204)
		c := s.As("ann", "a long secret")
		body := object{"key": key, "user": object{"firstname": "Anna"}}
		c.Put("/my/account.json", object{"user": object{"firstname": "No"}}).Expect(403)
		c.Put("/my/account.json", body).Expect(204)
		s.Admin().Get(path).Want("Anna", "user", "firstname")
		body["key"] = "wrong"
		c.Put("/my/account.json", body).Expect(401)
		if err := s.DB.Write.Exec("UPDATE users SET second_factor = 'totp' WHERE id = ?", ann).Error; err != nil {
			t.Fatal(err)
		}
		c.Put("/my/account.json", body).Expect(401)
		body["key"] = key
		c.Put("/my/account.json", body).Expect(204)
	})
}
