package test

import (
	"fmt"
	"testing"

	"roster/directory"
)

// What everybody may do with the own account, and what nobody may (docs/spec/foreman.md, 8.2, 9.4 and 19).
func TestUsers_Oneself(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.location("Second")
		s.organization("Second")
		ldap := s.ldapSource("ldap")
		viewer := s.role("Viewer")
		n := 0
		plain := func(s *server) account { n++; return s.user(fmt.Sprint("plain", n)) }
		s.run("sees itself by id, login and name of its own", func(t *testing.T, s *server) {
			a := plain(s)
			for _, path := range []string{a.path(), "/api/users/" + a.login, "/api/current_user", a.path("-anything")} {
				s.by(a).get(path).expect(200).want(a.id, "id")
			}
		})
		s.run("changes its login, names, mail, language, zone and description", func(t *testing.T, s *server) {
			a := plain(s)
			s.by(a).put(a.path(),
				object{"user": object{"login": "renamed", "firstname": "F", "lastname": "L", "mail": "m@example.com",
					"locale": "de", "timezone": "Berlin",
					"description": "D", "mail_enabled": true}}).expect(200).want("renamed", "login").want("F",
				"firstname").
				want("L", "lastname").want("m@example.com", "mail").
				want("de", "locale").want("Berlin", "timezone").want("D", "description").want(true, "mail_enabled")
			s.as("renamed", a.password).get("/api/users/renamed").expect(200)
		})
		s.run("may send its own disabled flag of false", func(t *testing.T, s *server) {
			a := plain(s)
			s.by(a).put(a.path(), object{"user": object{"disabled": false}}).expect(200)
			s.by(a).put(a.path(), object{"user": object{"disabled": nil}}).expect(200).want(nil, "disabled")
		})
		s.run("cannot disable itself, whoever it is", func(t *testing.T, s *server) {
			s.admin().put("/api/users/admin", object{"user": object{"disabled": true}}).refuses(
				errors{"disabled": {"It is not possible to disable yourself"}},
				"Disabled It is not possible to disable yourself")
		})
		s.run("its roles, source and administrator flag are ignored without a word", func(t *testing.T, s *server) {
			a := plain(s)
			s.by(a).put(a.path(),
				object{"user": object{"admin": true, "role_ids": []any{viewer}, "role_names": []any{"Manager"},
					"roles":          []any{object{"id": viewer}},
					"auth_source_id": ldap, "auth_source_name": "ldap", "firstname": "X"}}).expect(200).want(false,
				"admin").want([]any{}, "roles").want(1, "auth_source_id").want("X", "firstname")
			s.by(a).put(a.path(),
				object{"user": object{"role_ids": []any{9999}, "auth_source_id": 9999, "auth_source_name": "none"}}).
				expect(200)
		})
		s.run("so are an administrator's own roles and source, but not the flag", func(t *testing.T, s *server) {
			boss := s.user("boss", object{"admin": true, "role_names": []any{"Viewer"}})
			s.by(boss).put(boss.path(), object{"user": object{"role_ids": []any{}, "auth_source_id": ldap}}).
				expect(200).want("Viewer", "roles", 0, "name").want(1, "auth_source_id")
			s.by(boss).put(boss.path(), object{"user": object{"admin": false}}).expect(200).want(false, "admin")
		})
		s.run("needs the present password for another one", func(t *testing.T, s *server) {
			a := plain(s)
			wrong := errors{"current_password": {"Incorrect password"}}
			s.by(a).put(a.path(), object{"user": object{"password": "new"}}).refuses(wrong,
				"Current password Incorrect password")
			s.by(a).put(a.path(), object{"user": object{"password": "new", "current_password": nil}}).refuses(wrong,
				"Current password Incorrect password")
			s.by(a).put(a.path(), object{"user": object{"password": "new", "current_password": "wrong"}}).refuses(wrong,
				"Current password Incorrect password")
			s.by(a).put(a.path(), object{"password": "new", "current_password": a.password}).expect(200)
			s.by(a).get("/api/status").expect(401)
			s.as(a.login, "new").get("/api/status").expect(200)
		})
		s.run("needs it as an administrator too, but not for others", func(t *testing.T, s *server) {
			boss, a := s.user("boss2", object{"admin": true}), plain(s)
			s.by(boss).put(boss.path(), object{"user": object{"password": "new"}}).expect(422)
			s.by(boss).put(a.path(), object{"user": object{"password": "new", "current_password": "wrong"}}).expect(200)
			s.as(a.login, "new").get("/api/status").expect(200)
		})
		s.run("an empty password is no change", func(t *testing.T, s *server) {
			a := plain(s)
			for _, none := range []any{"", nil} {
				s.by(a).put(a.path(), object{"user": object{"password": none, "password_confirmation": "other"}}).
					expect(200)
				s.by(a).get("/api/status").expect(200)
			}
		})
		s.run("cannot delete itself, with or without the permission", func(t *testing.T, s *server) {
			a := plain(s)
			s.by(a).delete(a.path()).expect(403).want([]string{"destroy_users"}, "error", "missing_permissions")
			cleaner := s.user("cleaner", object{"role_ids": []any{s.newRole("Cleaner", "destroy_users")}})
			s.by(cleaner).delete("/api/users/cleaner").expect(403).want("You are trying to delete your own account",
				"error", "details")
		})
		s.run("sees nobody else", func(t *testing.T, s *server) {
			a := plain(s)
			for _, path := range []string{"/api/users", "/api/users/admin", "/api/users/1", "/api/users/4711"} {
				s.by(a).get(path).expect(403)
			}
		})
	})
}

// Who may make whom more powerful (docs/spec/foreman.md, 8.5).
func TestUsers_Escalation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location, organization := s.location("L"), s.organization("O")
		tenants := object{"location_ids": []any{location}, "organization_ids": []any{organization}}
		manager, viewer, auditor := s.role("Manager"), s.role("Viewer"), s.role("Auditor")
		staff := s.user("staff", tenants, object{"role_ids": []any{manager, viewer}})
		target := s.user("target", tenants)
		boss := s.user("boss", tenants, object{"admin": true})
		groupBoss := s.user("groupboss", tenants)
		s.group("bosses", true, directory.UsergroupChange{Users: refs(groupBoss.id)})
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
		s.run("the flag of others is ignored unless an administrator sets it", func(t *testing.T, s *server) {
			s.by(staff).put(target.path(), object{"user": object{"admin": true}}).expect(200).want(false, "admin")
			o := fresh()
			o["admin"] = true
			s.by(staff).post("/api/users", object{"user": o}).expect(201).want(false, "admin")
			s.by(staff).put(boss.path(), object{"user": object{"admin": false}}).expect(200).want(true, "admin")
			s.by(groupBoss).put(target.path(), object{"user": object{"admin": true}}).expect(200).want(true, "admin")
			s.by(groupBoss).put(target.path(), object{"user": object{"admin": false}}).expect(200).want(false, "admin")
		})
		s.run("roles that one holds may be given", func(t *testing.T, s *server) {
			s.by(staff).post("/api/users", withRoles(viewer)).expect(201).want([]int64{viewer}, "roles", each, "id")
			s.by(staff).put(target.path(), object{"user": object{"role_ids": []any{viewer, manager}}}).expect(200)
			s.by(staff).put(target.path(), object{"user": object{"role_ids": []any{viewer}}}).expect(200)
			s.by(staff).put(target.path(), object{"user": object{"role_ids": []any{}}}).expect(200)
		})
		s.run("others may not, neither on creation nor later", func(t *testing.T, s *server) {
			s.by(staff).post("/api/users", withRoles(auditor)).refuses(refusedRoles, refusedRolesText)
			s.by(staff).post("/api/users", withRoles(viewer, auditor)).refuses(refusedRoles, refusedRolesText)
			s.by(staff).put(target.path(), object{"user": object{"role_ids": []any{auditor}}}).refuses(refusedRoles,
				refusedRolesText)
			s.by(staff).put(target.path(), object{"user": object{"role_names": []any{"Auditor"}}}).refuses(refusedRoles,
				refusedRolesText)
			s.by(staff).put(target.path(), object{"user": object{"roles": []any{object{"name": "Auditor"}}}}).
				refuses(refusedRoles, refusedRolesText)
		})
		s.run("a role that one does not hold may not stay when the set changes, but may when it does not",
			func(t *testing.T, s *server) {
				s.admin().put(target.path(), object{"user": object{"role_ids": []any{auditor, viewer}}}).expect(200)
				s.by(staff).put(target.path(), object{"user": object{"role_ids": []any{auditor}}}).refuses(refusedRoles,
					refusedRolesText)
				s.by(staff).put(target.path(),
					object{"user": object{"role_ids": []any{viewer, auditor}, "firstname": "Same"}}).expect(200).
					want("Same", "firstname")
				s.admin().put(target.path(), object{"user": object{"role_ids": []any{}}}).expect(200)
			})
		s.run("a role inherited from a group is none that one may give", func(t *testing.T, s *server) {
			s.group("auditors", false, directory.UsergroupChange{Users: refs(staff.id), Roles: refs(auditor)})
			s.by(staff).put(target.path(), object{"user": object{"role_ids": []any{auditor}}}).refuses(refusedRoles,
				refusedRolesText)
		})
		s.run("who may escalate gives any", func(t *testing.T, s *server) {
			lifter := s.user("lifter", tenants,
				object{"role_ids": []any{manager, s.newRole("Lifter", "escalate_roles")}})
			s.by(lifter).put(target.path(), object{"user": object{"role_ids": []any{auditor, viewer}}}).expect(200)
			s.by(boss).put(target.path(), object{"user": object{"role_ids": []any{}}}).expect(200)
			// Not to people who are in tenants beyond their own.
			elsewhere := s.organization("Beyond")
			had := s.find("SELECT taxonomy_id FROM user_taxonomies JOIN taxonomies t ON t.id = taxonomy_id WHERE "+
				"user_id = ? AND t.type = 'Organization'", target.id)
			s.by(boss).put(target.path(), object{"user": object{"organization_ids": []int64{had, elsewhere}}}).
				expect(200)
			s.by(lifter).put(target.path(), object{"user": object{"role_ids": []any{manager}}}).refuses(refusedRoles,
				refusedRolesText)
			s.by(boss).put(target.path(), object{"user": object{"organization_ids": []int64{had}}}).expect(200)
		})
		s.run("an administrator's password is an administrator's business", func(t *testing.T, s *server) {
			refused := errors{"password": {"cannot be changed by a non-admin user"}}
			const text = "Password cannot be changed by a non-admin user"
			s.by(staff).put(boss.path(), object{"user": object{"password": "taken over"}}).refuses(refused, text)
			s.by(staff).put(groupBoss.path(), object{"user": object{"password": "taken over"}}).refuses(refused, text)
			s.by(staff).put(boss.path(), object{"user": object{"firstname": "Fine"}}).expect(200)
			s.by(staff).put(target.path(), object{"user": object{"password": "fine"}}).expect(200)
			s.by(groupBoss).put(boss.path(), object{"user": object{"password": "fine"}}).expect(200)
			s.as("boss", "fine").get("/api/status").expect(200)
		})
		s.run("a hidden account is out of everybody's reach", func(t *testing.T, s *server) {
			id := s.find("SELECT id FROM users WHERE login = 'foreman_admin'")
			for _, path := range []string{fmt.Sprint("/api/users/", id), "/api/users/foreman_admin"} {
				s.admin().get(path).expect(404)
				s.admin().put(path, object{"user": object{"password": "x", "auth_source_id": 1}}).expect(404)
				s.admin().delete(path).expect(404)
			}
			s.admin().get("/api/users?per_page=all&search=login+~+foreman").expect(200).want(0, "subtotal")
		})
		s.run("a role's limits hold for what is written, too", func(t *testing.T, s *server) {
			limited := s.newRole("Limited")
			s.filter(limited, "login ~ made", "view_users", "create_users", "edit_users", "destroy_users")
			s.filter(limited, "", "assign_locations")
			s.filter(limited, "", "assign_organizations")
			keeper := s.user("keeper", tenants, object{"role_ids": []any{limited}})
			s.by(keeper).post("/api/users", object{"user": fresh()}).expect(201)
			outside := fresh()
			outside["login"] = "other"
			s.by(keeper).post("/api/users", object{"user": outside}).
				refuses(errors{"base": {"You don't have permission create_users with attributes that you have " +
					"specified " +
					"or you don't have access to specified organizations or locations"}},
					"You don't have permission create_users with attributes that you have specified or you don't have "+
						"access to specified organizations or locations")
			s.admin().get("/api/users/other").expect(404)
			s.by(keeper).put("/api/users/made1", object{"user": object{"login": "other"}}).expect(422)
			s.by(keeper).put(target.path(), object{"user": object{"firstname": "X"}}).expect(404)
			s.by(keeper).get(target.path()).expect(404)
			s.by(keeper).delete(target.path()).expect(404)
			s.by(keeper).delete("/api/users/made1").expect(200)
		})
	})
}

// Callers who are no administrators assign their own tenants only (docs/spec/foreman.md, 12.6).
func TestUsers_AssigningTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		mine, also, foreign := s.location("Mine"), s.location("Also"), s.location("Foreign")
		organization := s.organization("O")
		assigner := s.newRole("Assigner", "assign_locations", "assign_organizations")
		editor := s.newRole("Editor", "view_users", "create_users", "edit_users")
		tenants := object{"location_ids": []any{mine, also}, "organization_ids": []any{organization}}
		staff := s.user("staff", tenants, object{"role_ids": []any{assigner, editor}})
		weak := s.user("weak", tenants, object{"role_ids": []any{editor}})
		target := s.user("target", tenants)
		refused := errors{"location_ids": {"Invalid locations selection, you must select at least one of yours and " +
			"have 'assign_locations' permission."}}
		const text = "Location ids Invalid locations selection, you must select at least one of yours and have " +
			"'assign_locations' permission."
		set := func(c *client, ids ...any) *answer {
			return c.put(target.path(), object{"user": object{"location_ids": append([]any{}, ids...)}})
		}
		s.run("some of one's own", func(t *testing.T, s *server) {
			set(s.by(staff), mine).expect(200).want([]int64{mine}, "locations", each, "id")
			set(s.by(staff), mine, also).expect(200)
		})
		s.run("none at all is refused", func(t *testing.T, s *server) { set(s.by(staff)).refuses(refused, text) })
		s.run("a foreign one is refused",
			func(t *testing.T, s *server) { set(s.by(staff), mine, foreign).refuses(refused, text) })
		s.run("a foreign one that is there may stay", func(t *testing.T, s *server) {
			set(s.admin(), mine, foreign).expect(200)
			set(s.by(staff), mine, foreign).expect(200)
			set(s.by(staff), also, foreign).expect(200)
			set(s.admin(), mine, also).expect(200)
		})
		s.run("without the permission nothing is added", func(t *testing.T, s *server) {
			set(s.by(weak), mine).expect(200)
			set(s.by(weak), mine, also).refuses(refused, text)
			set(s.by(weak), mine).expect(200)
		})
		s.run("a new user needs one of one's own", func(t *testing.T, s *server) {
			body := object{"login": "new", "password": "x", "auth_source_id": 1,
				"organization_ids": []any{organization}}
			s.by(staff).post("/api/users", object{"user": body}).refuses(refused, text)
			body["location_ids"] = []any{foreign}
			s.by(staff).post("/api/users", object{"user": body}).expect(422)
			body["location_ids"] = []any{mine}
			s.by(staff).post("/api/users", object{"user": body}).expect(201)
		})
		s.run("an administrator assigns any, and none", func(t *testing.T, s *server) {
			set(s.admin(), foreign).expect(200)
			set(s.admin()).expect(200)
		})
	})
}

// Default tenants are among one's own, those below them, and those open to all users (docs/spec/foreman.md, 9.1).
func TestUsers_DefaultTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		own := s.location("Own")
		below, above := s.location("Below", own), int64(0)
		above = s.location("Above")
		inside := s.location("Inside", above)
		open := s.location("Open")
		s.execute(`UPDATE taxonomies SET ignore_types = '["User"]' WHERE id = ?`, open)
		s.bump()
		bob := s.user("bob", object{"location_ids": []any{own, inside}})
		set := func(id any, more ...object) *answer {
			o := object{"default_location_id": id}
			for _, m := range more {
				for k, v := range m {
					o[k] = v
				}
			}
			return s.admin().put(bob.path(), object{"user": o})
		}
		for _, good := range []int64{own, below, inside, open} {
			set(good).expect(200).want(good, "default_location", "id")
		}
		set(above).refuses(errors{"default_location": {"default locations need to be user locations first"}},
			"Default location default locations need to be user locations first")
		s.run("with the assignment in the same change", func(t *testing.T, s *server) {
			set(above, object{"location_ids": []any{above}}).expect(200).want(above, "default_location", "id")
			set(own).expect(422)
			set(inside).expect(200)
		})
		s.run("an assignment that the default needs cannot go alone", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"user": object{"location_ids": []any{own}}}).expect(422)
			s.admin().put(bob.path(), object{"user": object{"location_ids": []any{own}, "default_location_id": nil}}).
				expect(200).want(nil, "default_location")
		})
		s.run("administrators may have any", func(t *testing.T, s *server) {
			set(above, object{"admin": true}).expect(200).want(above, "default_location", "id")
			set(above, object{"admin": false}).expect(422)
		})
		s.run("one that is not there is none", func(t *testing.T, s *server) {
			set(4711).expect(200).want(nil, "default_location")
		})
		s.run("they do not decide about the tenant of requests", func(t *testing.T, s *server) {
			a := s.admin().get("/api/users").expect(200)
			if got := a.header["Foreman_current_location"]; len(got) != 1 || got[0] != "; ANY" {
				t.Errorf("got %q", got)
			}
		})
	})
}
