package foreman

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/directory"
)

// A tenant that others opened to all users shows its own people to whoever names it, not everybody's.
func TestAttack_OpenTenantsAsContext(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		own := s.Organization("own")
		secret := s.Organization("secret")
		open := s.Organization("open")
		below := s.Organization("below", open)
		ownPlace := s.Location("own place")
		secretPlace := s.Location("secret place")
		openPlace := s.Location("open place")
		s.Admin().Put(fmt.Sprint("/api/organizations/", open),
			object{"organization": object{"ignore_types": []string{"User"}}}).Expect(200)
		s.Admin().Put(fmt.Sprint("/api/locations/", openPlace),
			object{"location": object{"ignore_types": []string{"User"}}}).Expect(200)
		looks := s.NewRole("looks", "view_users", "view_usergroups", "view_audit_logs", "view_organizations",
			"view_locations", "view_roles")
		bob := s.User("bob", object{"role_ids": []int64{looks}, "organization_ids": []int64{own},
			"location_ids": []int64{ownPlace}})
		nobody := s.User("nowhere", object{"role_ids": []int64{looks}})
		far := s.User("far", object{"organization_ids": []int64{secret}, "location_ids": []int64{secretPlace}})
		near := s.User("near", object{"organization_ids": []int64{secret}, "location_ids": []int64{ownPlace}})
		guest := s.User("guest", object{"organization_ids": []int64{below}, "location_ids": []int64{openPlace}})
		s.Group("gsec", false, directory.UsergroupChange{Users: refs(far.ID, guest.ID)})
		contexts := []string{
			"", fmt.Sprint("organization_id=", open), fmt.Sprint("location_id=", openPlace),
			fmt.Sprint("organization_id=", open, "&location_id=", openPlace),
			fmt.Sprint("organization_id=", below, "&location_id=", openPlace),
		}
		for _, caller := range []account{bob, nobody} {
			c := s.By(caller)
			for _, context := range contexts {
				for _, hidden := range []account{far, near} {
					c.Get(hidden.Path() + "?" + context).Expect(404)
				}
				c.Get("/api/usergroups/gsec?" + context).Expect(200).Lacks(`"far"`)
				c.Get("/api/users?per_page=all&" + context).Expect(200).Lacks(`"far"`)
				c.Get("/api/users/auto_complete_search?search=" + url.QueryEscape("login = ") + "&" + context).
					Expect(200).Lacks(`far\"`)
				c.Get("/api/audits?search=" + url.QueryEscape("username = admin") + "&" + context).Expect(200)
			}
		}
		s.By(nobody).Get(guest.Path() + "?" + contexts[3]).Expect(200)
		s.By(bob).Get(guest.Path() + "?" + contexts[4]).Expect(200)
	})
}

// What an alias of YAML repeats counts with all its letters.
func TestAttack_RepeatedTexts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		text := "- &a \"" + strings.Repeat("\u2028", 10000) + "\"\n- &b [" +
			strings.TrimSuffix(strings.Repeat("*a,", 200),
				",") + "]\n- [" + strings.TrimSuffix(strings.Repeat("*b,", 30), ",") + "]\n"
		path := fmt.Sprint("/api/organizations/", s.Organization("o"), "/parameters")
		for _, kind := range []string{"yaml", "array", "hash"} {
			s.Admin().Post(path, object{"parameter": object{"name": "bomb", "parameter_type": kind, "value": text}}).
				Expect(422)
		}
		s.Admin().Post(path, object{"parameter": object{"name": "ok", "parameter_type": "yaml",
			"value": "- &a \"" + strings.Repeat("x", 1000) + "\"\n- *a\n"}}).Expect(201)
	})
}

// A path means the same row for whoever looks and for whoever changes, below it as well.
func TestAttack_PathsThatBeginWithNumbers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		tenants := object{"organization_ids": []int64{s.Organization("o")}, "location_ids": []int64{s.Location("l")}}
		with := func(more object) object {
			for k, v := range tenants {
				more[k] = v
			}
			return more
		}
		looks := s.NewRole("looks", "view_users")
		half := s.NewRole("half", "view_users", "edit_users")
		bob := s.User("bob", with(object{"role_ids": []int64{looks}}))
		sibling := s.User(fmt.Sprintf("%d-sib", bob.ID), with(object{}))
		path := "/api/users/" + sibling.Login
		s.By(bob).Get(path).Expect(200).Want(sibling.ID, "id")
		if a := s.By(bob).Put(path, object{"user": object{"firstname": "Meant"}}); a.Status != 403 && a.Status != 404 {
			t.Errorf("got %s, want a refusal: the name means another user", a)
		}
		s.By(bob).Put(path, object{"user": object{"password": "brandnew123", "current_password": bob.Password}})
		s.By(bob).Get("/api/current_user").Expect(200).Want(nil, "firstname")
		s.Filter(half, "login = bob", "edit_users")
		// Who may change one and look at the other means the other, too.
		eve := s.User("eve", with(object{"role_ids": []int64{looks}}))
		only := s.NewRole("only")
		s.Filter(only, "login = bob", "edit_users")
		s.Admin().Put(eve.Path(), object{"user": object{"role_ids": []int64{looks, only}}}).Expect(200)
		s.By(eve).Put(bob.Path(), object{"user": object{"firstname": "Bob"}}).Expect(200)
		if a := s.By(eve).Put(path, object{"user": object{"firstname": "Meant"}}); a.Status < 400 {
			t.Errorf("got %s, want a refusal: the name means another user", a)
		}
		s.Admin().Get(bob.Path()).Expect(200).Want("Bob", "firstname")

		key := object{"personal_access_token": object{"name": "t"}}
		made := s.Admin().Post(path+"/personal_access_tokens", key).Expect(201)
		made.Want(sibling.ID, "user_id")
		s.Admin().Get(sibling.Path("/personal_access_tokens")).Expect(200).Want(1, "total")
		s.Admin().Get(bob.Path("/personal_access_tokens")).Expect(200).Want(0, "total")
		s.By(bob).Get("/api/users/bob/ssh_keys").Expect(200)
	})
}

// A setting takes what it can keep.
func TestAttack_ListsInSettings(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Admin().Put("/api/settings/login_text", object{"setting": object{"value": "hello"}}).Expect(200)
		for _, value := range []any{[]any{"a"}, []any{}, []any{object{"a": 1}}} {
			for _, name := range []string{"login_text", "smtp_password", "default_timezone", "entries_per_page",
				"authorize_login_delegation"} {
				s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(422)
			}
		}
		s.Admin().Get("/api/settings/login_text").Expect(200).Want("hello", "value")
	})
}
