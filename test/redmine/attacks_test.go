package redmine

import (
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
