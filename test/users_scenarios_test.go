package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/directory"
)

// The scenarios that the original server's own tests tell about users, in their order (docs/spec/foreman.md, 20.1).
func TestUsers_Scenarios(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		one, two := s.user("one", object{"mail": "one@example.com"}), s.user("two", object{"mail": "two@example.com"})
		viewer := s.user("viewer", object{"role_names": []string{"Viewer"}})
		location := s.location("location1")
		ldap := s.ldapSource("directory.example.com")
		foo := 0
		newFoo := func(s *server, more ...object) account {
			foo++
			a := s.user(fmt.Sprintf("foo%d", foo), more...)
			s.admin().put(a.path(), object{"user": object{"password": "123"}}).expect(200)
			a.password = "123"
			return a
		}
		created := 0
		// create posts attributes beside those that every account needs.
		create := func(s *server, attributes object) *answer {
			created++
			body := object{"login": fmt.Sprintf("created%d", created), "mail": "created@example.com",
				"auth_source_id": 1, "password": "xyz"}
			for name, value := range attributes {
				body[name] = value
			}
			return s.admin().post("/api/users", object{"user": body})
		}

		s.run("1 the list of users", func(t *testing.T, s *server) {
			if got := len(s.admin().get("/api/users").expect(200).rows()); got == 0 {
				t.Error("got no users")
			}
		})
		s.run("2 a list in an organization that is not there", func(t *testing.T, s *server) {
			s.admin().get(fmt.Sprintf("/api/users?location_id=%d&organization_id=missing", location)).expect(404).
				wantBody(`{"message":"Organization with id missing not found"}`)
		})
		s.run("3 a user by number", func(t *testing.T, s *server) {
			s.admin().get(one.path()).expect(200).want("one", "login")
		})
		s.run("4 a user by login", func(t *testing.T, s *server) {
			s.admin().get("/api/users/one").expect(200).want(one.id, "id")
		})
		s.run("5 the current user", func(t *testing.T, s *server) {
			s.by(one).get("/api/current_user").expect(200).want(one.id, "id")
		})
		s.run("6 the current user without credentials", func(t *testing.T, s *server) {
			s.nobody().get("/api/current_user").expect(401)
		})
		s.run("7 default tenants", func(t *testing.T, s *server) {
			s.admin().put(one.path(),
				object{"user": object{"location_ids": []int64{location}, "default_location_id": location}}).expect(200)
			s.admin().get(one.path()).expect(200).want(location, "default_location", "id").want(nil,
				"default_organization")
		})
		s.run("8 an administrator through a group", func(t *testing.T, s *server) {
			s.admin().get(one.path()).expect(200).want(false, "effective_admin")
			group := s.group("admins", true, directory.UsergroupChange{Users: refs(one.id)})
			s.admin().get(one.path()).expect(200).want(true, "effective_admin").want(false, "admin")
			s.removeGroup(group)
			s.admin().get(one.path()).expect(200).want(false, "effective_admin")
		})
		s.run("9 mail, source and password of another user", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.admin().put(a.path(),
				object{"user": object{"mail": "foo@bar.com", "auth_source_id": 1, "password": "321"}}).expect(200)
			s.admin().get(a.path()).want("foo@bar.com", "mail")
			s.as(a.login, "321").get("/api/status").expect(200)
		})
		s.run("10, 39 the administrator flag is given", func(t *testing.T, s *server) {
			s.admin().put(one.path(), object{"user": object{"admin": true}}).expect(200).want(true, "admin")
			s.admin().get(one.path()).want(true, "admin").want(true, "effective_admin")
			s.admin().put(one.path(), object{"user": object{"admin": false}}).expect(200)
		})
		s.run("11 the default role stays", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.admin().put(a.path(), object{"user": object{"mail": "kept@example.com"}}).expect(200)
			if got := s.rolesOf(a); !cmp.Equal(got, []string{"Default role"}) {
				t.Errorf("got the roles %v, want the default role", got)
			}
		})
		s.run("12 login and password with its confirmation", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.admin().put(a.path(),
				object{"user": object{"login": "johnsmith", "password": "new", "password_confirmation": "new"}}).
				expect(200).want("johnsmith", "login")
			s.as("johnsmith", "new").get("/api/status").expect(200)
		})
		s.run("13 another confirmation", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.admin().put(a.path(), object{"user": object{"password": "new", "password_confirmation": "old"}}).refuses(
				map[string][]string{"password_confirmation": {"doesn't match Password"}},
				"Password confirmation doesn't match Password")
			s.by(a).get("/api/status").expect(200)
		})
		s.run("14 a user is deleted", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.admin().delete(a.path()).expect(200)
			s.admin().get(a.path()).expect(404)
		})
		s.run("15 nobody deletes oneself", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.by(a).delete(a.path()).expect(403).want("Access denied", "error", "message").
				want("You are trying to delete your own account", "error", "details")
			s.by(a).get(a.path()).expect(200)
		})
		s.run("16 a viewer changes nobody", func(t *testing.T, s *server) {
			s.by(viewer).put(two.path(), object{"user": object{"login": "other"}}).expect(403)
		})
		s.run("17 a viewer lists", func(t *testing.T, s *server) {
			s.by(viewer).get("/api/users").expect(200)
		})
		s.run("18 an administrator of an LDAP source needs no password", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.by(a).post("/api/users",
				object{"user": object{"admin": true, "login": "new_admin", "auth_source_id": ldap}}).
				expect(201).want(true, "admin").want("directory.example.com", "auth_source_name").want(ldap,
				"auth_source_ldap", "id")
		})
		s.run("19 hidden users are in no list", func(t *testing.T, s *server) {
			s.admin().get("/api/users?search=login+%3D%3D+foreman_admin").expect(200).want([]any{}, "results").want(0,
				"subtotal")
		})
		s.run("20 hidden users are not shown", func(t *testing.T, s *server) {
			hidden := s.find("SELECT id FROM users WHERE login = 'foreman_admin'")
			s.admin().get(fmt.Sprint("/api/users/", hidden)).expect(404)
			s.admin().get("/api/users/foreman_admin").expect(404)
		})
		s.run("21 without a right nobody sees others", func(t *testing.T, s *server) {
			s.by(two).get(one.path()).expect(403)
		})
		s.run("22 everybody sees oneself", func(t *testing.T, s *server) {
			s.by(two).get(two.path()).expect(200).want("two", "login")
		})
		s.run("23 without a right nobody changes others", func(t *testing.T, s *server) {
			s.by(two).put(one.path(), object{"user": object{"login": "other"}}).expect(403).
				want([]string{"edit_users"}, "error", "missing_permissions")
		})
		s.run("24, 26 one's own password", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.by(a).put(a.path(),
				object{"user": object{"mail": "own@example.com", "auth_source_id": ldap, "password": "123456",
					"current_password": "123"}}).
				expect(200).want("own@example.com", "mail").want(1, "auth_source_id")
			s.by(a).get("/api/status").expect(401)
			s.as(a.login, "123456").get("/api/status").expect(200)
		})
		s.run("25, 27 oneself without the password", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.by(a).put(a.path(), object{"user": object{"mail": "again@example.com"}}).expect(200).
				want("again@example.com", "mail")
		})
		s.run("28 no mail address", func(t *testing.T, s *server) {
			create(s, object{"mail": "foreman@"}).refuses(map[string][]string{"mail": {"is invalid"}},
				"Email address is invalid")
		})
		s.run("29 too long a first name", func(t *testing.T, s *server) {
			create(s, object{"firstname": strings.Repeat("a", 51)}).refuses(
				map[string][]string{"firstname": {"is too long (maximum is 50 characters)"}},
				"First name is too long (maximum is 50 characters)")
		})
		s.run("30 too long a last name", func(t *testing.T, s *server) {
			create(s, object{"lastname": strings.Repeat("a", 51)}).refuses(
				map[string][]string{"lastname": {"is too long (maximum is 50 characters)"}},
				"Surname is too long (maximum is 50 characters)")
		})
		s.run("31 no login", func(t *testing.T, s *server) {
			create(s, object{"login": ""}).refuses(map[string][]string{"login": {"can't be blank"}},
				"Username can't be blank")
		})
		for name, value := range map[string]string{"description": "ŭnī čodé <b>&</b>", "mail": "good@example.com",
			"firstname": "Ålfrida", "lastname": "O'Neil-Smith"} {
			s.run("32-35 a new user's "+name, func(t *testing.T, s *server) {
				create(s, object{name: value}).expect(201).want(value, name)
			})
		}
		s.run("36 a new user's password", func(t *testing.T, s *server) {
			login := create(s, object{"password": "pa$$word"}).expect(201).text("login")
			s.as(login, "pa$$word").get("/api/status").expect(200)
		})
		s.run("37 a new user's login", func(t *testing.T, s *server) {
			create(s, object{"login": "an.other@realm#1$+\\x"}).expect(201).want("an.other@realm#1$+\\x", "login")
		})
		s.run("38 another administrator's login", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.admin().put(a.path(), object{"user": object{"login": "renamed"}}).expect(200).want("renamed", "login")
		})
		s.run("40 an administrator gives the flag away", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.by(a).put(a.path(), object{"user": object{"admin": false}}).expect(200).want(false, "admin")
		})
		for name, value := range map[string]string{"description": "a text", "mail": "changed@example.com",
			"firstname": "Changed", "lastname": "Later"} {
			s.run("41-44 a changed "+name, func(t *testing.T, s *server) {
				s.admin().put(one.path(), object{"user": object{name: value}}).expect(200).want(value, name)
			})
		}
		roles := []int64{s.role("Manager"), s.role("Auditor")}
		s.run("45 a new user's roles, by name and without the default role", func(t *testing.T, s *server) {
			create(s, object{"role_ids": roles}).expect(201).want([]int64{roles[1], roles[0]}, "roles", each, "id")
		})
		s.run("46 changed roles", func(t *testing.T, s *server) {
			s.admin().put(two.path(), object{"user": object{"role_ids": roles}}).expect(200).
				want([]int64{roles[1], roles[0]}, "roles", each, "id")
		})
		s.run("47 who may escalate gives roles away that they do not hold", func(t *testing.T, s *server) {
			organization := s.organization("organization1")
			tenants := object{"location_ids": []int64{location}, "organization_ids": []int64{organization}}
			boss := s.user("boss", object{"role_names": []string{"System admin"}}, tenants)
			s.by(boss).post("/api/users",
				object{"user": object{"login": "promoted", "password": "x", "auth_source_id": 1, "role_ids": roles[:1],
					"location_ids": []int64{location}, "organization_ids": []int64{organization}}}).expect(201).
				want("Manager", "roles", 0, "name")
		})
		s.run("48 disabled, at the top level", func(t *testing.T, s *server) {
			s.admin().put(one.path(), object{"disabled": true}).expect(200).want(true, "disabled")
		})
		s.run("49 nobody disables oneself", func(t *testing.T, s *server) {
			s.by(two).put(two.path(), object{"disabled": true}).refuses(
				map[string][]string{"disabled": {"It is not possible to disable yourself"}},
				"Disabled It is not possible to disable yourself")
		})
	})
}

// ldapSource makes an LDAP source that nobody ever asks.
func (s *server) ldapSource(host string) int64 {
	s.t.Helper()
	change := directory.AuthSourceChange{}
	change.Name.Set, change.Name.Value = true, host
	change.Host.Set, change.Host.Value = true, &host
	v, err := s.dir.CreateLdapSource(s.t.Context(), s.administrator(), change)
	return made(s.t, v, err).ID
}

func (s *server) removeGroup(id int64) {
	s.t.Helper()
	v, err := s.dir.DeleteUsergroup(s.t.Context(), s.administrator(), directory.Ref{ID: id})
	made(s.t, v, err)
}

// rolesOf reads the roles that an account really has, by name.
func (s *server) rolesOf(a account) []string {
	s.t.Helper()
	var names []string
	err := s.db.Read.Raw("SELECT r.name FROM user_roles u JOIN roles r ON r.id = u.role_id WHERE u.user_id = ? ORDER "+
		"BY r.name", a.id).Scan(&names).Error
	return made(s.t, names, err)
}
