package foreman

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
		one := s.User("one", object{"mail": "one@example.com"})
		two := s.User("two", object{"mail": "two@example.com"})
		viewer := s.User("viewer", object{"role_names": []string{"Viewer"}})
		location := s.Location("location1")
		ldap := makeLDAPSource(s, "directory.example.com")
		foo := 0
		newFoo := func(s *server, more ...object) account {
			foo++
			a := s.User(fmt.Sprintf("foo%d", foo), more...)
			s.Admin().Put(a.Path(), object{"user": object{"password": "123"}}).Expect(200)
			a.Password = "123"
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
			return s.Admin().Post("/api/users", object{"user": body})
		}

		s.Run("1 the list of users", func(t *testing.T, s *server) {
			if got := len(s.Admin().Get("/api/users").Expect(200).Rows()); got == 0 {
				t.Error("got no users")
			}
		})
		s.Run("2 a list in an organization that is not there", func(t *testing.T, s *server) {
			s.Admin().Get(fmt.Sprintf("/api/users?location_id=%d&organization_id=missing", location)).Expect(404).
				WantBody(`{"message":"Organization with id missing not found"}`)
		})
		s.Run("3 a user by number", func(t *testing.T, s *server) {
			s.Admin().Get(one.Path()).Expect(200).Want("one", "login")
		})
		s.Run("4 a user by login", func(t *testing.T, s *server) {
			s.Admin().Get("/api/users/one").Expect(200).Want(one.ID, "id")
		})
		s.Run("5 the current user", func(t *testing.T, s *server) {
			s.By(one).Get("/api/current_user").Expect(200).Want(one.ID, "id")
		})
		s.Run("6 the current user without credentials", func(t *testing.T, s *server) {
			s.Nobody().Get("/api/current_user").Expect(401)
		})
		s.Run("7 default tenants", func(t *testing.T, s *server) {
			s.Admin().Put(one.Path(),
				object{"user": object{"location_ids": []int64{location}, "default_location_id": location}}).Expect(200)
			s.Admin().Get(one.Path()).Expect(200).Want(location, "default_location", "id").Want(nil,
				"default_organization")
		})
		s.Run("8 an administrator through a group", func(t *testing.T, s *server) {
			s.Admin().Get(one.Path()).Expect(200).Want(false, "effective_admin")
			group := s.Group("admins", true, directory.UsergroupChange{Users: refs(one.ID)})
			s.Admin().Get(one.Path()).Expect(200).Want(true, "effective_admin").Want(false, "admin")
			removeGroup(s, group)
			s.Admin().Get(one.Path()).Expect(200).Want(false, "effective_admin")
		})
		s.Run("9 mail, source and password of another user", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.Admin().Put(a.Path(),
				object{"user": object{"mail": "foo@bar.com", "auth_source_id": 1, "password": "321"}}).Expect(200)
			s.Admin().Get(a.Path()).Want("foo@bar.com", "mail")
			s.As(a.Login, "321").Get("/api/status").Expect(200)
		})
		s.Run("10, 39 the administrator flag is given", func(t *testing.T, s *server) {
			s.Admin().Put(one.Path(), object{"user": object{"admin": true}}).Expect(200).Want(true, "admin")
			s.Admin().Get(one.Path()).Want(true, "admin").Want(true, "effective_admin")
			s.Admin().Put(one.Path(), object{"user": object{"admin": false}}).Expect(200)
		})
		s.Run("11 the default role stays", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.Admin().Put(a.Path(), object{"user": object{"mail": "kept@example.com"}}).Expect(200)
			if got := rolesOf(s, a); !cmp.Equal(got, []string{"Default role"}) {
				t.Errorf("got the roles %v, want the default role", got)
			}
		})
		s.Run("12 login and password with its confirmation", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.Admin().Put(a.Path(),
				object{"user": object{"login": "johnsmith", "password": "new", "password_confirmation": "new"}}).
				Expect(200).Want("johnsmith", "login")
			s.As("johnsmith", "new").Get("/api/status").Expect(200)
		})
		s.Run("13 another confirmation", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.Admin().Put(a.Path(), object{"user": object{"password": "new", "password_confirmation": "old"}}).Refuses(
				map[string][]string{"password_confirmation": {"doesn't match Password"}},
				"Password confirmation doesn't match Password")
			s.By(a).Get("/api/status").Expect(200)
		})
		s.Run("14 a user is deleted", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.Admin().Delete(a.Path()).Expect(200)
			s.Admin().Get(a.Path()).Expect(404)
		})
		s.Run("15 nobody deletes oneself", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.By(a).Delete(a.Path()).Expect(403).Want("Access denied", "error", "message").
				Want("You are trying to delete your own account", "error", "details")
			s.By(a).Get(a.Path()).Expect(200)
		})
		s.Run("16 a viewer changes nobody", func(t *testing.T, s *server) {
			s.By(viewer).Put(two.Path(), object{"user": object{"login": "other"}}).Expect(403)
		})
		s.Run("17 a viewer lists", func(t *testing.T, s *server) {
			s.By(viewer).Get("/api/users").Expect(200)
		})
		s.Run("18 an administrator of an LDAP source needs no password", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.By(a).Post("/api/users",
				object{"user": object{"admin": true, "login": "new_admin", "auth_source_id": ldap}}).
				Expect(201).Want(true, "admin").Want("directory.example.com", "auth_source_name").Want(ldap,
				"auth_source_ldap", "id")
		})
		s.Run("19 hidden users are in no list", func(t *testing.T, s *server) {
			s.Admin().Get("/api/users?search=login+%3D%3D+foreman_admin").Expect(200).Want([]any{}, "results").Want(0,
				"subtotal")
		})
		s.Run("20 hidden users are not shown", func(t *testing.T, s *server) {
			hidden := s.Find("SELECT id FROM users WHERE login = 'foreman_admin'")
			s.Admin().Get(fmt.Sprint("/api/users/", hidden)).Expect(404)
			s.Admin().Get("/api/users/foreman_admin").Expect(404)
		})
		s.Run("21 without a right nobody sees others", func(t *testing.T, s *server) {
			s.By(two).Get(one.Path()).Expect(403)
		})
		s.Run("22 everybody sees oneself", func(t *testing.T, s *server) {
			s.By(two).Get(two.Path()).Expect(200).Want("two", "login")
		})
		s.Run("23 without a right nobody changes others", func(t *testing.T, s *server) {
			s.By(two).Put(one.Path(), object{"user": object{"login": "other"}}).Expect(403).
				Want([]string{"edit_users"}, "error", "missing_permissions")
		})
		s.Run("24, 26 one's own password", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.By(a).Put(a.Path(),
				object{"user": object{"mail": "own@example.com", "auth_source_id": ldap, "password": "123456",
					"current_password": "123"}}).
				Expect(200).Want("own@example.com", "mail").Want(1, "auth_source_id")
			s.By(a).Get("/api/status").Expect(401)
			s.As(a.Login, "123456").Get("/api/status").Expect(200)
		})
		s.Run("25, 27 oneself without the password", func(t *testing.T, s *server) {
			a := newFoo(s)
			s.By(a).Put(a.Path(), object{"user": object{"mail": "again@example.com"}}).Expect(200).
				Want("again@example.com", "mail")
		})
		s.Run("28 no mail address", func(t *testing.T, s *server) {
			create(s, object{"mail": "foreman@"}).Refuses(map[string][]string{"mail": {"is invalid"}},
				"Email address is invalid")
		})
		s.Run("29 too long a first name", func(t *testing.T, s *server) {
			create(s, object{"firstname": strings.Repeat("a", 51)}).Refuses(
				map[string][]string{"firstname": {"is too long (maximum is 50 characters)"}},
				"First name is too long (maximum is 50 characters)")
		})
		s.Run("30 too long a last name", func(t *testing.T, s *server) {
			create(s, object{"lastname": strings.Repeat("a", 51)}).Refuses(
				map[string][]string{"lastname": {"is too long (maximum is 50 characters)"}},
				"Surname is too long (maximum is 50 characters)")
		})
		s.Run("31 no login", func(t *testing.T, s *server) {
			create(s, object{"login": ""}).Refuses(map[string][]string{"login": {"can't be blank"}},
				"Username can't be blank")
		})
		for name, value := range map[string]string{"description": "ŭnī čodé <b>&</b>", "mail": "good@example.com",
			"firstname": "Ålfrida", "lastname": "O'Neil-Smith"} {
			s.Run("32-35 a new user's "+name, func(t *testing.T, s *server) {
				create(s, object{name: value}).Expect(201).Want(value, name)
			})
		}
		s.Run("36 a new user's password", func(t *testing.T, s *server) {
			login := create(s, object{"password": "pa$$word"}).Expect(201).Text("login")
			s.As(login, "pa$$word").Get("/api/status").Expect(200)
		})
		s.Run("37 a new user's login", func(t *testing.T, s *server) {
			create(s, object{"login": "an.other@realm#1$+\\x"}).Expect(201).Want("an.other@realm#1$+\\x", "login")
		})
		s.Run("38 another administrator's login", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.Admin().Put(a.Path(), object{"user": object{"login": "renamed"}}).Expect(200).Want("renamed", "login")
		})
		s.Run("40 an administrator gives the flag away", func(t *testing.T, s *server) {
			a := newFoo(s, object{"admin": true})
			s.By(a).Put(a.Path(), object{"user": object{"admin": false}}).Expect(200).Want(false, "admin")
		})
		for name, value := range map[string]string{"description": "a text", "mail": "changed@example.com",
			"firstname": "Changed", "lastname": "Later"} {
			s.Run("41-44 a changed "+name, func(t *testing.T, s *server) {
				s.Admin().Put(one.Path(), object{"user": object{name: value}}).Expect(200).Want(value, name)
			})
		}
		roles := []int64{s.Role("Manager"), s.Role("Auditor")}
		s.Run("45 a new user's roles, by name and without the default role", func(t *testing.T, s *server) {
			create(s, object{"role_ids": roles}).Expect(201).Want([]int64{roles[1], roles[0]}, "roles", each, "id")
		})
		s.Run("46 changed roles", func(t *testing.T, s *server) {
			s.Admin().Put(two.Path(), object{"user": object{"role_ids": roles}}).Expect(200).
				Want([]int64{roles[1], roles[0]}, "roles", each, "id")
		})
		s.Run("47 who may escalate gives roles away that they do not hold", func(t *testing.T, s *server) {
			organization := s.Organization("organization1")
			tenants := object{"location_ids": []int64{location}, "organization_ids": []int64{organization}}
			boss := s.User("boss", object{"role_names": []string{"System admin"}}, tenants)
			s.By(boss).Post("/api/users",
				object{"user": object{"login": "promoted", "password": "x", "auth_source_id": 1, "role_ids": roles[:1],
					"location_ids": []int64{location}, "organization_ids": []int64{organization}}}).Expect(201).
				Want("Manager", "roles", 0, "name")
		})
		s.Run("48 disabled, at the top level", func(t *testing.T, s *server) {
			s.Admin().Put(one.Path(), object{"disabled": true}).Expect(200).Want(true, "disabled")
		})
		s.Run("49 nobody disables oneself", func(t *testing.T, s *server) {
			s.By(two).Put(two.Path(), object{"disabled": true}).Refuses(
				map[string][]string{"disabled": {"It is not possible to disable yourself"}},
				"Disabled It is not possible to disable yourself")
		})
	})
}

// makeLDAPSource makes an LDAP source that nobody ever asks.
func makeLDAPSource(s *server, host string) int64 {
	s.T.Helper()
	change := directory.AuthSourceChange{}
	change.Name.Set = true
	change.Name.Value = host
	change.Host.Set = true
	change.Host.Value = &host
	v, err := s.Dir.CreateLdapSource(s.T.Context(), s.Administrator(), change)
	return made(s.T, v, err).ID
}

func removeGroup(s *server, id int64) {
	s.T.Helper()
	v, err := s.Dir.DeleteUsergroup(s.T.Context(), s.Administrator(), directory.Ref{ID: id})
	made(s.T, v, err)
}

// rolesOf reads the roles that an account really has, by name.
func rolesOf(s *server, a account) []string {
	s.T.Helper()
	var names []string
	err := s.DB.Read.Raw("SELECT r.name FROM user_roles u JOIN roles r ON r.id = u.role_id WHERE u.user_id = ? ORDER "+
		"BY r.name", a.ID).Scan(&names).Error
	return made(s.T, names, err)
}
