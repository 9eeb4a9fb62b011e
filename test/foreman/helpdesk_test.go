package foreman

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"roster/test/ldaptest"
	"roster/test/servertest"
)

// Whoever holds the shipped role Helpdesk resets passwords and unlocks accounts of people without roles, and nothing
// else.
func TestHelpdesk(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		in := object{"organization_ids": []int64{s.Organization("Acme")}, "location_ids": []int64{s.Location("Place")}}
		role := s.Find("SELECT id FROM roles WHERE name = 'Helpdesk' AND origin = 'roster'")
		desk := s.User("desk", in, object{"role_ids": []int64{role}})
		plain := s.User("plain", in)
		viewer := s.NewRole("looker", "view_users")
		direct := s.User("direct", in, object{"role_ids": []int64{viewer}})
		grouped := s.User("grouped", in)
		group := s.Group("lookers", false, usersOf(grouped.ID))
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"role_ids": []int64{viewer}}}).
			Expect(200)
		held := s.User("held", in)
		s.Admin().Put(memberPath(in["organization_ids"].([]int64)[0], held.ID), holdingRoles(viewer)).Expect(200)
		admin := s.User("ada", in, object{"admin": true})

		reset := object{"user": object{"password": "another secret", "password_confirmation": "another secret"}}
		s.By(desk).Put(plain.Path(""), reset).Expect(200)
		s.As("plain", "another secret").Get("/api/current_user").Expect(200)
		s.By(desk).Put(plain.Path(""), object{"user": object{"login": "plain", "password": "another secret"}}).Expect(200)
		s.By(desk).Put(plain.Path(""), object{"user": object{"login": "Plain", "password": "a third secret"}}).Expect(403)
		wantColumn(t, s.By(desk).Get("/api/users?order=login").Expect(200).Column("login"), "plain")
		for _, p := range []servertest.Account{direct, grouped, held, admin} {
			s.By(desk).Put(p.Path(""), reset).Expect(404)
			s.By(desk).Get(p.Path("")).Expect(404)
		}
		for _, more := range []object{{"firstname": "X"}, {"mail": "x@example.com"}, {"disabled": true},
			{"expires_at": "2035-01-01"}, {"admin": true}, {"login": "x"}, {"role_ids": []int64{}},
			{"organization_ids": []int64{}}, {"auth_source_id": 1}, {"description": ""}, {}, {"login": "plain"},
			{"password": ""}, {"must_change_password": true}, {"must_change_password": true, "disabled": false}} {
			s.By(desk).Put(plain.Path(""), object{"user": more}).Expect(403).
				Want([]any{"edit_users"}, "error", "missing_permissions")
		}
		s.By(desk).Delete(plain.Path("")).Expect(403)
		s.By(desk).Post("/api/users", object{"user": object{"login": "x", "auth_source_id": 1, "password": "x"}}).
			Expect(403)
		s.Admin().Put(plain.Path(""), object{"user": object{"disabled": true}}).Expect(200)
		s.By(desk).Put(plain.Path(""), object{"user": object{"disabled": false}}).Expect(200).Want(false, "disabled")
		s.Admin().Put(plain.Path(""), object{"user": object{"expires_at": "2020-01-01"}}).Expect(200)
		s.By(desk).Put(plain.Path(""), object{"user": object{"disabled": false}}).Expect(422)
		// Without a filter the permission still does not reach people who can do more.
		wide := s.User("wide", in, object{"role_ids": []int64{s.NewRole("wide", "view_users", "reset_passwords")}})
		boss := s.User("boss", in, object{"role_ids": []int64{s.NewRole("boss", "view_users", "edit_users")}})
		s.By(wide).Put(boss.Path(""), reset).Expect(422)
		s.By(wide).Put(admin.Path(""), reset).Expect(422)
		s.By(wide).Put(direct.Path(""), reset).Expect(200)
		s.By(boss).Put(wide.Path(""), reset).Expect(200)
	})
}

// Whoever resets passwords and views nobody learns nothing about people: a reset is of somebody whom one sees.
func TestHelpdesk_SeesWhomItResets(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		in := object{"organization_ids": []int64{s.Organization("Acme")}, "location_ids": []int64{s.Location("Place")}}
		blind := s.User("blind", in, object{"role_ids": []int64{s.NewRole("blind", "reset_passwords")}})
		role := s.NewRole("narrow", "reset_passwords")
		s.Filter(role, "login = seen", "view_users")
		narrow := s.User("narrow", in, object{"role_ids": []int64{role}})
		seen := s.User("seen", in)
		plain := s.User("plain", in, object{"mail": "plain@example.org"})
		for _, change := range []object{{}, {"password": "another secret"}, {"disabled": false},
			{"password": "another secret", "must_change_password": true}} {
			for _, by := range []account{blind, narrow} {
				a := s.By(by).Put(plain.Path(""), object{"user": change})
				if a.Status != 403 && a.Status != 404 {
					t.Errorf("%s changes %v: %s", by.Login, change, a)
				}
				a.Lacks("plain@example.org")
			}
		}
		s.By(narrow).Put(seen.Path(""), object{"user": object{"password": "another secret"}}).Expect(200)
		s.By(plain).Get("/api/current_user").Expect(200)
	})
}

// A password that an LDAP server keeps is not limited by what is said of one here, and nobody resets it here.
func TestHelpdesk_PasswordsKeptElsewhere(t *testing.T) {
	onLDAP(t, func(t *testing.T, s *server, _ *ldaptest.Server, source object) {
		acme := []int64{s.Organization("Acme")}
		place := []int64{s.Location("Place")}
		in := object{"organization_ids": acme, "location_ids": place}
		makeSource(s, source, in)
		as := s.As("ann", "ann secret")
		as.Get("/api/current_user").Expect(200)
		helpdesk := s.Find("SELECT id FROM roles WHERE name = 'Helpdesk' AND origin = 'roster'")
		desk := s.User("desk", in, object{"role_ids": []int64{helpdesk}})
		works := func(by *client) {
			t.Helper()
			by.Get("/api/users").Expect(403).Want([]any{"view_users"}, "error", "missing_permissions")
		}
		works(as)
		for _, change := range []object{{"password": "another secret"},
			{"password": "another secret", "must_change_password": true}} {
			s.By(desk).Put("/api/users/ann", object{"user": change}).Expect(422).
				Want([]any{"of this account is kept elsewhere, by its auth source"}, "error", "errors", "password")
		}
		// Clients of administrators may send both, as before. They do not lock ann out.
		s.Admin().Put("/api/users/ann", object{"user": object{"password": "another secret", "must_change_password": true}}).
			Expect(200)
		works(as)
		s.As("ann", "another secret").Get("/api/current_user").Expect(401)
		session := as.Get("/api/current_user").Expect(200).Header.Get("Set-Cookie")
		works(s.Nobody().With("Cookie", session))
		// Nor does the age of the hash that is left over.
		s.Admin().Put("/api/users/ann", object{"user": object{"must_change_password": false}}).Expect(200)
		s.Admin().Put("/api/settings/password_max_age", object{"setting": object{"value": 30}}).Expect(200)
		s.Clock.Advance(31 * 24 * time.Hour)
		works(as)
	})
}

// A helpdesk unlocks those alone whose password it may set: not people of organizations that it does not reach.
func TestHelpdesk_UnlocksWhomItMayReset(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		works := s.Organization("Works")
		net := s.Organization("Net", works)
		place := object{"location_ids": []int64{s.Location("Place")}}
		in := func(ids ...int64) object { return object{"organization_ids": ids} }
		role := s.Find("SELECT id FROM roles WHERE name = 'Helpdesk' AND origin = 'roster'")
		desk := s.User("desk", place, in(net), object{"role_ids": []int64{role}})
		off := object{"disabled": true}
		reset := object{"user": object{"password": "another secret"}}
		unlock := object{"user": object{"disabled": false}}
		here := s.User("here", place, in(net), off)
		for _, p := range []servertest.Account{s.User("above", place, in(works), off),
			s.User("both", place, in(net, s.Organization("Far")), off)} {
			s.By(desk).Get(p.Path("")).Expect(200)
			s.By(desk).Put(p.Path(""), reset).Expect(422)
			s.By(desk).Put(p.Path(""), unlock).Expect(422)
			s.Admin().Get(p.Path("")).Expect(200).Want(true, "disabled")
		}
		s.By(desk).Put(here.Path(""), reset).Expect(200)
		s.By(desk).Put(here.Path(""), unlock).Expect(200).Want(false, "disabled")
		explained := func(of account) *answer {
			return s.Admin().Get(desk.Path("/effective_permissions?permission=reset_passwords&user_id=")+
				fmt.Sprint(of.ID)).Expect(200).Want(int64(1), "subtotal")
		}
		explained(here).Want(true, "results", 0, "applies")
		boss := s.User("boss", place, in(net), object{"role_ids": []int64{role}})
		explained(boss).Want(false, "results", 0, "applies").Want("filter", "results", 0, "missing")
		far := s.User("far", place, in(s.Organization("Other")))
		explained(far).Want(false, "results", 0, "applies").Want("tenants", "results", 0, "missing")
	})
}

// any_role finds people by roles that they hold in any way, and role by their own alone. Nobody is found by the role
// that everybody has.
func TestSearch_AnyRole(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		acme := s.Organization("Acme")
		other := s.Organization("Other")
		in := object{"organization_ids": []int64{acme}, "location_ids": []int64{s.Location("Place")}}
		looker := s.NewRole("looker", "view_users", "view_roles")
		ann := s.User("ann", in, object{"role_ids": []int64{looker}})
		bob := s.User("bob", in)
		s.User("plain", in)
		far := s.User("far", in, object{"organization_ids": []int64{acme, other}})
		inner := s.Group("inner", false, usersOf(bob.ID))
		outer := s.Group("outer", false, usersOf())
		s.Admin().Put(fmt.Sprintf("/api/usergroups/%d", outer),
			object{"usergroup": object{"role_ids": []int64{looker}, "usergroup_ids": []int64{inner}}}).Expect(200)
		s.Admin().Put(memberPath(other, far.ID), holdingRoles(looker)).Expect(200)
		found := func(by *servertest.Client, search string, logins ...any) {
			t.Helper()
			a := by.Get("/api/users?order=login&search=" + url.QueryEscape(search+" and login != admin")).Expect(200)
			wantColumn(t, a.Column("login"), logins...)
		}
		found(s.Admin(), "role = looker", "ann")
		found(s.Admin(), "any_role = looker", "ann", "bob", "far")
		found(s.Admin(), "null? any_role", "plain")
		found(s.Admin(), "null? role", "bob", "far", "plain")
		found(s.Admin(), `role = "Default role"`)
		found(s.Admin(), `any_role = "Default role"`)
		found(s.By(ann), "any_role = looker", "ann", "bob") // of Other, ann knows nothing
		s.By(ann).Get("/api/users?order=any_role").Expect(200)
		s.By(ann).Get("/api/users/auto_complete_search?search=any_role+%3D+").Expect(200)
		s.Admin().Get("/api/users?order=any_role+DESC&search=any_role+%5E+(looker)").Expect(200)
	})
}
