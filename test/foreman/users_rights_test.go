package foreman

import (
	"fmt"
	"testing"

	"roster/directory"
)

// What everybody may do with the own account, and what nobody may (docs/spec/foreman.md, 8.2, 9.4 and 19).
func TestUsers_Oneself(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Location("Second")
		s.Organization("Second")
		ldap := makeLDAPSource(s, "ldap")
		viewer := s.Role("Viewer")
		n := 0
		plain := func(s *server) account { n++; return s.User(fmt.Sprint("plain", n)) }
		s.Run("sees itself by id, login and name of its own", func(t *testing.T, s *server) {
			a := plain(s)
			for _, path := range []string{a.Path(), "/api/users/" + a.Login, "/api/current_user", a.Path("-anything")} {
				s.By(a).Get(path).Expect(200).Want(a.ID, "id")
			}
		})
		s.Run("changes its login, names, mail, language, zone and description", func(t *testing.T, s *server) {
			a := plain(s)
			s.By(a).Put(a.Path(),
				object{"user": object{"login": "renamed", "firstname": "F", "lastname": "L", "mail": "m@example.com",
					"locale": "de", "timezone": "Berlin",
					"description": "D", "mail_enabled": true}}).Expect(200).Want("renamed", "login").Want("F",
				"firstname").
				Want("L", "lastname").Want("m@example.com", "mail").
				Want("de", "locale").Want("Berlin", "timezone").Want("D", "description").Want(true, "mail_enabled")
			s.As("renamed", a.Password).Get("/api/users/renamed").Expect(200)
		})
		s.Run("may send its own disabled flag of false", func(t *testing.T, s *server) {
			a := plain(s)
			s.By(a).Put(a.Path(), object{"user": object{"disabled": false}}).Expect(200)
			s.By(a).Put(a.Path(), object{"user": object{"disabled": nil}}).Expect(200).Want(nil, "disabled")
		})
		s.Run("cannot disable itself, whoever it is", func(t *testing.T, s *server) {
			s.Admin().Put("/api/users/admin", object{"user": object{"disabled": true}}).Refuses(
				errors{"disabled": {"It is not possible to disable yourself"}},
				"Disabled It is not possible to disable yourself")
		})
		s.Run("its roles, source and administrator flag are ignored without a word", func(t *testing.T, s *server) {
			a := plain(s)
			s.By(a).Put(a.Path(),
				object{"user": object{"admin": true, "role_ids": []any{viewer}, "role_names": []any{"Manager"},
					"roles":          []any{object{"id": viewer}},
					"auth_source_id": ldap, "auth_source_name": "ldap", "firstname": "X"}}).Expect(200).Want(false,
				"admin").Want([]any{}, "roles").Want(1, "auth_source_id").Want("X", "firstname")
			s.By(a).Put(a.Path(),
				object{"user": object{"role_ids": []any{9999}, "auth_source_id": 9999, "auth_source_name": "none"}}).
				Expect(200)
		})
		s.Run("so are an administrator's own roles and source, but not the flag", func(t *testing.T, s *server) {
			boss := s.User("boss", object{"admin": true, "role_names": []any{"Viewer"}})
			s.By(boss).Put(boss.Path(), object{"user": object{"role_ids": []any{}, "auth_source_id": ldap}}).
				Expect(200).Want("Viewer", "roles", 0, "name").Want(1, "auth_source_id")
			s.By(boss).Put(boss.Path(), object{"user": object{"admin": false}}).Expect(200).Want(false, "admin")
		})
		s.Run("needs the present password for another one", func(t *testing.T, s *server) {
			a := plain(s)
			wrong := errors{"current_password": {"Incorrect password"}}
			s.By(a).Put(a.Path(), object{"user": object{"password": "new"}}).Refuses(wrong,
				"Current password Incorrect password")
			s.By(a).Put(a.Path(), object{"user": object{"password": "new", "current_password": nil}}).Refuses(wrong,
				"Current password Incorrect password")
			s.By(a).Put(a.Path(), object{"user": object{"password": "new", "current_password": "wrong"}}).Refuses(wrong,
				"Current password Incorrect password")
			s.By(a).Put(a.Path(), object{"password": "new", "current_password": a.Password}).Expect(200)
			s.By(a).Get("/api/status").Expect(401)
			s.As(a.Login, "new").Get("/api/status").Expect(200)
		})
		s.Run("needs it as an administrator too, but not for others", func(t *testing.T, s *server) {
			boss := s.User("boss2", object{"admin": true})
			a := plain(s)
			s.By(boss).Put(boss.Path(), object{"user": object{"password": "new"}}).Expect(422)
			s.By(boss).Put(a.Path(), object{"user": object{"password": "new", "current_password": "wrong"}}).Expect(200)
			s.As(a.Login, "new").Get("/api/status").Expect(200)
		})
		s.Run("an empty password is no change", func(t *testing.T, s *server) {
			a := plain(s)
			for _, none := range []any{"", nil} {
				s.By(a).Put(a.Path(), object{"user": object{"password": none, "password_confirmation": "other"}}).
					Expect(200)
				s.By(a).Get("/api/status").Expect(200)
			}
		})
		s.Run("cannot delete itself, with or without the permission", func(t *testing.T, s *server) {
			a := plain(s)
			s.By(a).Delete(a.Path()).Expect(403).Want([]string{"destroy_users"}, "error", "missing_permissions")
			cleaner := s.User("cleaner", object{"role_ids": []any{s.NewRole("Cleaner", "destroy_users")}})
			s.By(cleaner).Delete("/api/users/cleaner").Expect(403).Want("You are trying to delete your own account",
				"error", "details")
		})
		s.Run("sees nobody else", func(t *testing.T, s *server) {
			a := plain(s)
			for _, path := range []string{"/api/users", "/api/users/admin", "/api/users/1", "/api/users/4711"} {
				s.By(a).Get(path).Expect(403)
			}
		})
	})
}

// Who may make whom more powerful (docs/spec/foreman.md, 8.5).
func TestUsers_Escalation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location := s.Location("L")
		organization := s.Organization("O")
		tenants := object{"location_ids": []any{location}, "organization_ids": []any{organization}}
		manager := s.Role("Manager")
		viewer := s.Role("Viewer")
		auditor := s.Role("Auditor")
		staff := s.User("staff", tenants, object{"role_ids": []any{manager, viewer}})
		target := s.User("target", tenants)
		boss := s.User("boss", tenants, object{"admin": true})
		groupBoss := s.User("groupboss", tenants)
		s.Group("bosses", true, directory.UsergroupChange{Users: refs(groupBoss.ID)})
		refusedRoles := errors{"role_ids": {"you can't assign some of roles you selected"}}
		const refusedRolesText = "Role ids you can't assign some of roles you selected"
		n := 0
		fresh := func() object {
			n++
			return object{"login": fmt.Sprint("made", n), "password": "x", "auth_source_id": 1,
				"location_ids": []any{location}, "organization_ids": []any{organization}}
		}
		withRoles := func(ids ...any) object {
			o := fresh()
			o["role_ids"] = ids
			return object{"user": o}
		}
		s.Run("the flag of others is ignored unless an administrator sets it", func(t *testing.T, s *server) {
			s.By(staff).Put(target.Path(), object{"user": object{"admin": true}}).Expect(200).Want(false, "admin")
			o := fresh()
			o["admin"] = true
			s.By(staff).Post("/api/users", object{"user": o}).Expect(201).Want(false, "admin")
			s.By(staff).Put(boss.Path(), object{"user": object{"admin": false}}).Expect(200).Want(true, "admin")
			s.By(groupBoss).Put(target.Path(), object{"user": object{"admin": true}}).Expect(200).Want(true, "admin")
			s.By(groupBoss).Put(target.Path(), object{"user": object{"admin": false}}).Expect(200).Want(false, "admin")
		})
		s.Run("roles that one holds may be given", func(t *testing.T, s *server) {
			s.By(staff).Post("/api/users", withRoles(viewer)).Expect(201).Want([]int64{viewer}, "roles", each, "id")
			s.By(staff).Put(target.Path(), object{"user": object{"role_ids": []any{viewer, manager}}}).Expect(200)
			s.By(staff).Put(target.Path(), object{"user": object{"role_ids": []any{viewer}}}).Expect(200)
			s.By(staff).Put(target.Path(), object{"user": object{"role_ids": []any{}}}).Expect(200)
		})
		s.Run("others may not, neither on creation nor later", func(t *testing.T, s *server) {
			s.By(staff).Post("/api/users", withRoles(auditor)).Refuses(refusedRoles, refusedRolesText)
			s.By(staff).Post("/api/users", withRoles(viewer, auditor)).Refuses(refusedRoles, refusedRolesText)
			s.By(staff).Put(target.Path(), object{"user": object{"role_ids": []any{auditor}}}).Refuses(refusedRoles,
				refusedRolesText)
			s.By(staff).Put(target.Path(), object{"user": object{"role_names": []any{"Auditor"}}}).Refuses(refusedRoles,
				refusedRolesText)
			s.By(staff).Put(target.Path(), object{"user": object{"roles": []any{object{"name": "Auditor"}}}}).
				Refuses(refusedRoles, refusedRolesText)
		})
		s.Run("a role that one does not hold may not stay when the set changes, but may when it does not",
			func(t *testing.T, s *server) {
				s.Admin().Put(target.Path(), object{"user": object{"role_ids": []any{auditor, viewer}}}).Expect(200)
				s.By(staff).Put(target.Path(), object{"user": object{"role_ids": []any{auditor}}}).Refuses(refusedRoles,
					refusedRolesText)
				s.By(staff).Put(target.Path(),
					object{"user": object{"role_ids": []any{viewer, auditor}, "firstname": "Same"}}).Expect(200).
					Want("Same", "firstname")
				s.Admin().Put(target.Path(), object{"user": object{"role_ids": []any{}}}).Expect(200)
			})
		s.Run("a role inherited from a group is none that one may give", func(t *testing.T, s *server) {
			s.Group("auditors", false, directory.UsergroupChange{Users: refs(staff.ID), Roles: refs(auditor)})
			s.By(staff).Put(target.Path(), object{"user": object{"role_ids": []any{auditor}}}).Refuses(refusedRoles,
				refusedRolesText)
		})
		s.Run("who may escalate gives any", func(t *testing.T, s *server) {
			lifter := s.User("lifter", tenants,
				object{"role_ids": []any{manager, s.NewRole("Lifter", "escalate_roles")}})
			s.By(lifter).Put(target.Path(), object{"user": object{"role_ids": []any{auditor, viewer}}}).Expect(200)
			s.By(boss).Put(target.Path(), object{"user": object{"role_ids": []any{}}}).Expect(200)
			// Not to people who are in tenants beyond their own.
			elsewhere := s.Organization("Beyond")
			had := s.Find("SELECT taxonomy_id FROM memberships JOIN taxonomies t ON t.id = taxonomy_id WHERE "+
				"user_id = ? AND t.type = 'Organization'", target.ID)
			s.By(boss).Put(target.Path(), object{"user": object{"organization_ids": []int64{had, elsewhere}}}).
				Expect(200)
			s.By(lifter).Put(target.Path(), object{"user": object{"role_ids": []any{manager}}}).Refuses(refusedRoles,
				refusedRolesText)
			s.By(boss).Put(target.Path(), object{"user": object{"organization_ids": []int64{had}}}).Expect(200)
		})
		s.Run("an administrator's password is an administrator's business", func(t *testing.T, s *server) {
			refused := errors{"password": {"cannot be changed by a non-admin user"}}
			const text = "Password cannot be changed by a non-admin user"
			s.By(staff).Put(boss.Path(), object{"user": object{"password": "taken over"}}).Refuses(refused, text)
			s.By(staff).Put(groupBoss.Path(), object{"user": object{"password": "taken over"}}).Refuses(refused, text)
			s.By(staff).Put(boss.Path(), object{"user": object{"firstname": "Fine"}}).Expect(200)
			s.By(staff).Put(target.Path(), object{"user": object{"password": "fine"}}).Expect(200)
			s.By(groupBoss).Put(boss.Path(), object{"user": object{"password": "fine"}}).Expect(200)
			s.As("boss", "fine").Get("/api/status").Expect(200)
		})
		s.Run("a hidden account is out of everybody's reach", func(t *testing.T, s *server) {
			id := s.Find("SELECT id FROM users WHERE login = 'foreman_admin'")
			for _, path := range []string{fmt.Sprint("/api/users/", id), "/api/users/foreman_admin"} {
				s.Admin().Get(path).Expect(404)
				s.Admin().Put(path, object{"user": object{"password": "x", "auth_source_id": 1}}).Expect(404)
				s.Admin().Delete(path).Expect(404)
			}
			s.Admin().Get("/api/users?per_page=all&search=login+~+foreman").Expect(200).Want(0, "subtotal")
		})
		s.Run("a role's limits hold for what is written, too", func(t *testing.T, s *server) {
			limited := s.NewRole("Limited")
			s.Filter(limited, "login ~ made", "view_users", "create_users", "edit_users", "destroy_users")
			s.Filter(limited, "", "assign_locations")
			s.Filter(limited, "", "assign_organizations")
			keeper := s.User("keeper", tenants, object{"role_ids": []any{limited}})
			s.By(keeper).Post("/api/users", object{"user": fresh()}).Expect(201)
			outside := fresh()
			outside["login"] = "other"
			s.By(keeper).Post("/api/users", object{"user": outside}).
				Refuses(errors{"base": {"You don't have permission create_users with attributes that you have " +
					"specified " +
					"or you don't have access to specified organizations or locations"}},
					"You don't have permission create_users with attributes that you have specified or you don't have "+
						"access to specified organizations or locations")
			s.Admin().Get("/api/users/other").Expect(404)
			s.By(keeper).Put("/api/users/made1", object{"user": object{"login": "other"}}).Expect(422)
			s.By(keeper).Put(target.Path(), object{"user": object{"firstname": "X"}}).Expect(404)
			s.By(keeper).Get(target.Path()).Expect(404)
			s.By(keeper).Delete(target.Path()).Expect(404)
			s.By(keeper).Delete("/api/users/made1").Expect(200)
		})
	})
}

// Callers who are no administrators assign their own tenants only (docs/spec/foreman.md, 12.6).
func TestUsers_AssigningTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		mine := s.Location("Mine")
		also := s.Location("Also")
		foreign := s.Location("Foreign")
		organization := s.Organization("O")
		assigner := s.NewRole("Assigner", "assign_locations", "assign_organizations")
		editor := s.NewRole("Editor", "view_users", "create_users", "edit_users")
		tenants := object{"location_ids": []any{mine, also}, "organization_ids": []any{organization}}
		staff := s.User("staff", tenants, object{"role_ids": []any{assigner, editor}})
		weak := s.User("weak", tenants, object{"role_ids": []any{editor}})
		target := s.User("target", tenants)
		refused := errors{"location_ids": {"Invalid locations selection, you must select at least one of yours and " +
			"have 'assign_locations' permission."}}
		const text = "Location ids Invalid locations selection, you must select at least one of yours and have " +
			"'assign_locations' permission."
		set := func(c *client, ids ...any) *answer {
			return c.Put(target.Path(), object{"user": object{"location_ids": append([]any{}, ids...)}})
		}
		s.Run("some of one's own", func(t *testing.T, s *server) {
			set(s.By(staff), mine).Expect(200).Want([]int64{mine}, "locations", each, "id")
			set(s.By(staff), mine, also).Expect(200)
		})
		s.Run("none at all is refused", func(t *testing.T, s *server) { set(s.By(staff)).Refuses(refused, text) })
		s.Run("a foreign one is refused",
			func(t *testing.T, s *server) { set(s.By(staff), mine, foreign).Refuses(refused, text) })
		s.Run("a foreign one that is there may stay", func(t *testing.T, s *server) {
			set(s.Admin(), mine, foreign).Expect(200)
			set(s.By(staff), mine, foreign).Expect(200)
			set(s.By(staff), also, foreign).Expect(200)
			set(s.Admin(), mine, also).Expect(200)
		})
		s.Run("without the permission nothing is added", func(t *testing.T, s *server) {
			set(s.By(weak), mine).Expect(200)
			set(s.By(weak), mine, also).Refuses(refused, text)
			set(s.By(weak), mine).Expect(200)
		})
		s.Run("a new user needs one of one's own", func(t *testing.T, s *server) {
			body := object{"login": "new", "password": "x", "auth_source_id": 1,
				"organization_ids": []any{organization}}
			s.By(staff).Post("/api/users", object{"user": body}).Refuses(refused, text)
			body["location_ids"] = []any{foreign}
			s.By(staff).Post("/api/users", object{"user": body}).Expect(422)
			body["location_ids"] = []any{mine}
			s.By(staff).Post("/api/users", object{"user": body}).Expect(201)
		})
		s.Run("an administrator assigns any, and none", func(t *testing.T, s *server) {
			set(s.Admin(), foreign).Expect(200)
			set(s.Admin()).Expect(200)
		})
	})
}

// Default tenants are among one's own, those below them, and those open to all users (docs/spec/foreman.md, 9.1).
func TestUsers_DefaultTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		own := s.Location("Own")
		below := s.Location("Below", own)
		above := int64(0)
		above = s.Location("Above")
		inside := s.Location("Inside", above)
		open := s.Location("Open")
		s.Execute(`UPDATE taxonomies SET ignore_types = '["User"]' WHERE id = ?`, open)
		bumpRevisions(s)
		bob := s.User("bob", object{"location_ids": []any{own, inside}})
		set := func(id any, more ...object) *answer {
			o := object{"default_location_id": id}
			for _, m := range more {
				for k, v := range m {
					o[k] = v
				}
			}
			return s.Admin().Put(bob.Path(), object{"user": o})
		}
		for _, good := range []int64{own, below, inside, open} {
			set(good).Expect(200).Want(good, "default_location", "id")
		}
		set(above).Refuses(errors{"default_location": {"default locations need to be user locations first"}},
			"Default location default locations need to be user locations first")
		s.Run("with the assignment in the same change", func(t *testing.T, s *server) {
			set(above, object{"location_ids": []any{above}}).Expect(200).Want(above, "default_location", "id")
			set(own).Expect(422)
			set(inside).Expect(200)
		})
		s.Run("an assignment that the default needs cannot go alone", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"location_ids": []any{own}}}).Expect(422)
			s.Admin().Put(bob.Path(), object{"user": object{"location_ids": []any{own}, "default_location_id": nil}}).
				Expect(200).Want(nil, "default_location")
		})
		s.Run("administrators may have any", func(t *testing.T, s *server) {
			set(above, object{"admin": true}).Expect(200).Want(above, "default_location", "id")
			set(above, object{"admin": false}).Expect(422)
		})
		s.Run("one that is not there is none", func(t *testing.T, s *server) {
			set(4711).Expect(200).Want(nil, "default_location")
		})
		s.Run("they do not decide about the tenant of requests", func(t *testing.T, s *server) {
			a := s.Admin().Get("/api/users").Expect(200)
			if got := a.Header["Foreman_current_location"]; len(got) != 1 || got[0] != "; ANY" {
				t.Errorf("got %q", got)
			}
		})
	})
}
