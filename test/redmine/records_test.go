package redmine

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster/directory"
	"roster/handlers/redmine"
	"roster/test/servertest"
)

// refused expects sentences in their order.
func refused(a *answer, sentences ...string) {
	a.T.Helper()
	a.Expect(http.StatusUnprocessableEntity).Want(object{"errors": sentences})
}

func TestUsers_Changes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		create := func(user object) *answer { return admin.Post("/redmine/users.json", object{"user": user}) }
		s.Run("all that is wrong is told in order", func(t *testing.T, s *server) {
			refused(create(object{"login": "a b", "firstname": strings.Repeat("f", 31),
				"lastname": strings.Repeat("l", 256),
				"mail":     "x", "status": 9, "mail_notification": "zz", "password": "short",
				"password_confirmation": "other"}),
				"Status is invalid", "Email is invalid", "Login is invalid",
				"First name is too long (maximum is 30 characters)",
				"Last name is too long (maximum is 255 characters)",
				"Email notifications is not included in the list", "Password is too short (minimum is 8 characters)",
				"Password doesn't match confirmation")
			refused(create(object{}), "Email cannot be blank", "Login cannot be blank", "First name cannot be blank",
				"Last name cannot be blank")
			refused(create(object{"login": "ADMIN", "firstname": "A", "lastname": "B", "mail": "a@example.org"}),
				"Login has already been taken")
			refused(create(object{"login": "x", "firstname": "A", "lastname": "B", "mail": "x@example.org",
				"password": 12345678}),
				"Password is invalid")
			refused(create(object{"login": "x", "firstname": "A", "lastname": "B", "mail": "x@example.org",
				"auth_source_id": 999}), "Authentication mode is invalid")
		})
		ann := person(s, "ann", nil)
		path := fmt.Sprintf("/redmine/users/%d.json", ann)
		s.Run("a change says nothing, or the record where that is preferred", func(t *testing.T, s *server) {
			admin.Put(path, object{"user": object{"firstname": "Anna"}}).Expect(204).WantBody("")
			admin.With("Prefer", "return=representation").Put(path, object{"user": object{"lastname": "Archer"}}).
				Expect(200).
				Want("Anna", "user", "firstname").Want("Archer", "user", "lastname")
			admin.Put(path, object{"user": object{}}).Expect(204)
		})
		s.Run("every state of an account", func(t *testing.T, s *server) {
			for _, status := range []int{3, 2, 1} {
				admin.Put(path, object{"user": object{"status": status}}).Expect(204)
				admin.Get(path).Want(status, "user", "status")
			}
			refused(admin.Put("/redmine/users/current.json", object{"user": object{"status": 3}}),
				"Status of one's own account cannot be changed")
		})
		s.Run("groups come and go with a user", func(t *testing.T, s *server) {
			group := s.Group("Crew", false, directory.UsergroupChange{})
			bob := person(s, "bob", object{"group_ids": []int64{group}})
			theirs := fmt.Sprintf("/redmine/users/%d.json?include=groups", bob)
			admin.Get(theirs).Want([]object{{"id": group, "name": "Crew"}}, "user", "groups")
			admin.Put(theirs, object{"user": object{"group_ids": []string{""}}}).Expect(204)
			admin.Get(theirs).Want([]object{}, "user", "groups")
			admin.Put(theirs, object{"user": object{"group_ids": []int64{999}}}).Expect(404).
				WantBody(`{"status":404,"error":"Not Found"}`)
		})
		s.Run("an account without a password lets nobody in until it gets one", func(t *testing.T, s *server) {
			id := person(s, "carl", object{"password": nil})
			theirs := fmt.Sprintf("/redmine/users/%d.json", id)
			admin.Get(theirs).Want(nil, "user", "passwd_changed_on")
			s.As("carl", "").Get("/redmine/users/current.json").Expect(401)
			admin.Put(theirs, object{"user": object{"password": "another secret"}}).Expect(204)
			s.As("carl", "another secret").Get("/redmine/users/current.json").Expect(200)
			admin.Put(theirs, object{"user": object{"password": ""}}).Expect(204)
			s.As("carl", "another secret").Get("/redmine/users/current.json").Expect(200)
			generated := person(s, "dora", object{"password": nil, "generate_password": true})
			a := admin.Get(fmt.Sprintf("/redmine/users/%d.json", generated))
			if a.Value("user", "passwd_changed_on") == nil {
				t.Error("no password was generated")
			}
			set(s, "redmine_password_required", true)
			refused(create(object{"login": "eve", "firstname": "E", "lastname": "E", "mail": "eve@example.org"}),
				"Password cannot be blank")
			set(s, "redmine_password_required", false)
		})
		s.Run("administrators change their own password with the one so far", func(t *testing.T, s *server) {
			person(s, "root2", object{"admin": true})
			own := s.As("root2", "a long secret")
			own.Put("/redmine/users/current.json", object{"user": object{"password": "a newer secret"}}).Expect(204)
			s.As("root2", "a newer secret").Get("/redmine/users.json").Expect(200)
			key := s.As("root2", "a newer secret").Get("/redmine/my/account.json").Text("user", "api_key")
			keyed(s, key).Put("/redmine/users/current.json", object{"user": object{"password": "stolen secret"}}).
				Expect(422)
		})
		s.Run("deletion, of others and of oneself", func(t *testing.T, s *server) {
			gone := person(s, "fred", nil)
			theirs := fmt.Sprintf("/redmine/users/%d.json", gone)
			admin.Delete(theirs + "?lock=1").Expect(204)
			admin.Get(theirs).Want(3, "user", "status")
			admin.Delete(theirs).Expect(204)
			admin.Delete(theirs).Expect(404).WantBody("")
			s.As("root2", "a newer secret").Delete("/redmine/users/current.json").Expect(204)
			admin.Delete("/redmine/users/current.json").Expect(422).WantBody("") // the last one
		})
	})
}

func TestAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		person(s, "ann", nil)
		ann := s.As("ann", "a long secret")
		a := ann.Get("/redmine/my/account.json").Expect(200).Want("ann@example.org", "user", "mail")
		a.Lacks("status").Lacks("updated_on")
		ann.Get("/redmine/users/current.json").Expect(200).Lacks("ann@example.org") // hidden, from oneself as well
		ann.Put("/redmine/my/account.json", object{"user": object{"firstname": "Anna", "login": "root", "admin": true,
			"status": 3, "password": "newer secret"}, "pref": object{"hide_mail": false}}).Expect(204)
		a = ann.Get("/redmine/my/account.json").Expect(200)
		a.Want("Anna", "user", "firstname").Want("ann", "user", "login").Want(false, "user", "admin")
		ann.Get("/redmine/users/current.json").Expect(200).Want("ann@example.org", "user", "mail")
		refused(ann.Put("/redmine/my/account.json", object{"user": object{"firstname": "", "mail": "x"}}),
			"Email is invalid", "First name cannot be blank")
		ann.Put("/redmine/my/account.json", object{"firstname": "x"}).Expect(204)
		ann.With("Content-Type", "application/xml").Put("/redmine/my/account.xml",
			"<user><lastname>Archer</lastname></user>").Expect(204)
		ann.Get("/redmine/my/account.json").Want("Archer", "user", "lastname")
	})
}

func TestGroups(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		ann := person(s, "ann", nil)
		bob := person(s, "bob", nil)
		id := admin.Post("/redmine/groups.json", object{"group": object{"name": "Crew", "user_ids": []int64{ann}}}).
			Expect(201).Int("group", "id")
		path := fmt.Sprintf("/redmine/groups/%d", id)
		users := func(want ...int64) {
			t.Helper()
			a := admin.Get(path + ".json?include=users")
			if got := fmt.Sprint(a.Value("group", "users", servertest.Each, "id")); got != fmt.Sprint(want) {
				t.Errorf("got %s, want %v", got, want)
			}
		}
		users(ann)
		for _, name := range []string{"", "  "} {
			refused(admin.Post("/redmine/groups.json", object{"group": object{"name": name}}), "Name cannot be blank")
		}
		refused(admin.Post("/redmine/groups.json", object{}), "Name cannot be blank")
		refused(admin.Post("/redmine/groups.json", object{"group": object{"name": "cREW"}}),
			"Name has already been taken")
		admin.Post("/redmine/groups.json", object{"group": object{"name": "x", "user_ids": []int64{999}}}).Expect(404).
			WantBody(`{"status":404,"error":"Not Found"}`)
		admin.Post(path+"/users.json", object{"user_id": bob}).Expect(204)
		users(ann, bob)
		for _, body := range []object{{"user_id": bob}, {"user_id": 999}, {}} {
			refused(admin.Post(path+"/users.json", body), "User is invalid")
		}
		admin.Delete(fmt.Sprintf("%s/users/%d.json", path, ann)).Expect(204)
		admin.Delete(fmt.Sprintf("%s/users/%d.json", path, ann)).Expect(204)
		admin.Delete(path + "/users/999.json").Expect(404).WantBody(`{"status":404,"error":"Not Found"}`)
		users(bob)
		admin.With("Content-Type", "application/xml").Post(path+"/users.xml",
			fmt.Sprintf("<user_id>%d</user_id>", ann)).
			Expect(204)
		users(ann, bob)
		admin.Delete(fmt.Sprintf("%s/users.json?user_ids[]=%d&user_ids[]=%d", path, ann, bob)).Expect(204)
		admin.Delete(fmt.Sprintf("%s/users.json?user_id=%d", path, ann)).Expect(404).WantBody("")
		users()
		admin.Put(path+".json", object{"group": object{"name": "Team", "user_ids": []int64{bob}}}).Expect(204)
		users(bob)
		set(s, "open_directory", "members")
		s.As("ann", "a long secret").Get(path+".json?include=users").Expect(200).Want("Bob Person", "group", "users", 0,
			"name")
		for format, want := range map[string]string{"lastname_comma_firstname": "Person, Bob", "username": "bob",
			"firstinitial_lastname": "B. Person", "lastnamefirstname": "PersonBob"} {
			set(s, "redmine_user_format", format)
			admin.Get(path+".json?include=users").Want(want, "group", "users", 0, "name")
		}
		admin.Get(fmt.Sprintf("/redmine/groups/%d.json", ann)).Expect(404)
		admin.Delete(path + ".json").Expect(204)
		admin.Get(path + ".json").Expect(404)
	})
}

func TestProjects(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		top := s.Organization("Harbour Works")
		below := s.Organization("Crane", top)
		lead := s.NewRole("Lead", "view_users")
		helper := s.NewRole("Helper", "view_users")
		ann := person(s, "ann", nil)
		bob := person(s, "bob", nil)
		crew := s.Group("Crew", false, directory.UsergroupChange{Users: servertest.Refs(bob)})
		a := admin.Get("/redmine/projects/harbour-works.json").Expect(200).Want(top, "project", "id")
		a.Want("Harbour Works", "project", "name").Lacks("parent")
		a.Want("", "project", "homepage").Want(false, "project", "is_public")
		s.Execute("UPDATE taxonomies SET ignore_types = '[\"User\"]' WHERE id = ?", top)
		s.Beside().Admin().Get("/redmine/projects/harbour-works.json").Expect(200).Want(true, "project", "is_public")
		admin.Get(fmt.Sprintf("/redmine/projects/%d.json", below)).
			Want(object{"id": top, "name": "Harbour Works"}, "project", "parent")
		admin.Get("/redmine/projects.json?limit=1&offset=1").Expect(200).Want(3, "total_count").Want(1, "offset")
		admin.Get("/redmine/projects/nothing.json").Expect(404)
		list := fmt.Sprintf("/redmine/projects/%d/memberships.json", top)
		member := func(body object) *answer { return admin.Post(list, object{"membership": body}) }
		made := member(object{"user_id": ann, "role_ids": []int64{lead}}).Expect(201)
		made.Want([]object{{"id": lead, "name": "Lead"}}, "membership", "roles")
		mine := fmt.Sprintf("/redmine/memberships/%d.json", made.Int("membership", "id"))
		refused(member(object{"user_id": ann, "role_ids": []int64{lead}}), "User has already been taken")
		refused(member(object{"role_ids": []int64{lead}}), "Principal cannot be blank")
		refused(member(object{"user_id": 999, "role_ids": []int64{lead}}), "Principal cannot be blank")
		refused(member(object{"user_id": bob}), "Role cannot be empty")
		group := member(object{"user_id": crew, "role_ids": []int64{helper}}).Expect(201)
		group.Want("Crew", "membership", "group", "name")
		admin.Get(list).Want(2, "total_count").Want(ann, "memberships", 0, "user", "id")
		// What holds above holds below, and what a group has its members have, without a membership of their own.
		admin.Get(fmt.Sprintf("/redmine/users/%d.json?include=memberships", bob)).Want([]object{{"id": 0,
			"project": object{"id": top, "name": "Harbour Works"},
			"roles":   []object{{"id": helper, "name": "Helper", "inherited": true}}}}, "user", "memberships")
		admin.Post(fmt.Sprintf("/redmine/projects/%d/memberships.json", below),
			object{"membership": object{"user_ids": []int64{ann}, "role_ids": []int64{helper}}}).Expect(201).
			Want([]object{{"id": helper, "name": "Helper"}, {"id": lead, "name": "Lead", "inherited": true}},
				"membership", "roles")
		refused(admin.Put(mine, object{"membership": object{"role_ids": []int64{}}}), "Role cannot be empty")
		admin.Put(mine, object{"membership": object{"role_ids": []int64{helper}}}).Expect(204)
		admin.Get(mine).Want([]object{{"id": helper, "name": "Helper"}}, "membership", "roles")
		inherited := s.Find("SELECT id FROM memberships WHERE user_id = ? AND taxonomy_id = ?", ann, below)
		admin.Delete(fmt.Sprintf("/redmine/memberships/%d.json", inherited)).Expect(422).WantBody("")
		admin.Delete(mine).Expect(204)
		admin.Get(mine).Expect(404)
		// An assignment without roles is no membership.
		s.User("carl", object{"organization_ids": []int64{top}})
		admin.Get(list).Want(1, "total_count")
		roles := admin.Get("/redmine/roles.json").Expect(200)
		roles.Lacks("Default role")
		admin.Get(fmt.Sprintf("/redmine/roles/%d.json", lead)).Want([]string{"view_users"}, "role", "permissions")
	})
}

// No value of any attribute is a fault of the server, and none gets in that the directory does not allow.
func TestOdd(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newPlace(s)
		admin := s.Admin()
		names := []string{"login", "firstname", "mail", "password", "password_confirmation", "status", "admin",
			"language",
			"mail_notification", "auth_source_id", "group_ids", "user_ids", "custom_fields", "custom_field_values",
			"name",
			"role_ids", "user_id", "generate_password", "pref", "key"}
		values := []any{nil, true, -1, 1e300, "9223372036854775808", "", " ", "\x00", strings.Repeat("x", 5000),
			[]any{},
			[]any{nil}, []any{-1, "x"}, []any{object{"id": 1}}, []any{[]any{}}, object{},
			object{"id": "x", "value": object{}},
			[]any{object{"id": 1, "value": object{}}}, "'; DROP TABLE users; --"}
		for _, r := range new(redmine.API).Routes() {
			if r.Method == "GET" || r.Method == "DELETE" {
				continue
			}
			by := admin
			if r.Path == "/my/account" { // which would change the administrator
				by = w.client("viewer")
			}
			for _, value := range values {
				all := object{}
				for _, name := range names {
					if name != "key" {
						all[name] = value
					}
				}
				for _, root := range []string{"user", "group", "membership"} {
					by.Do(r.Method, w.path(r), object{root: all})
				}
				by.Do(r.Method, w.path(r), all)
				for _, name := range names[:len(names)-1] {
					by.Do(r.Method, w.path(r), object{"user": object{name: value}, "group": object{name: value},
						name: value})
				}
			}
		}
		for _, query := range []string{"limit=%00", "offset=x&page=9223372036854775807", "page=-9223372036854775808",
			"sort=%00", "name=%00", "name=%FF", "login=%00", "login=~%FF", "cf_1=x", "cf_99999999999999999999=1",
			"group_id[]=1",
			"f[]=x&op[x]=y", "f[]=login&op[login]=zz&v[login][]=1",
			"f[]=created_on&op[created_on]=><&v[created_on][]=1",
			"created_on=><|", "include[]=groups&include=x", "name=" + strings.Repeat("a+", 2000), "status=|||",
			"admin=!",
			"login=" + strings.Repeat("a|", 200), "key=%00"} {
			if a := admin.Get("/redmine/users.json?" + query); a.Status >= 500 {
				t.Errorf("%s: %s", query, a)
			}
		}
		for _, id := range []string{"%00", "%FF", "-1", "0", "99999999999999999999", "..%2F..", "'", "%E2%80%AE"} {
			for _, noun := range []string{"users", "groups", "roles", "projects", "memberships"} {
				admin.Get("/redmine/" + noun + "/" + id + ".json").Expect(404)
			}
		}
	})
}

// Custom fields have the keys of 7.0, in its order.
func TestCustomFields_List(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Execute("INSERT INTO custom_fields (id, subject, name, format, description, editable, position, created_at, "+
			"updated_at) VALUES (1, 'user', 'Birthday', 'date', 'Of the person', ?, 1, ?, ?), "+
			"(2, 'usergroup', 'Room', 'string', NULL, ?, 1, ?, ?)", false, s.Clock.Now(), s.Clock.Now(), true, s.Clock.Now(),
			s.Clock.Now())
		s.Admin().Get("/redmine/custom_fields.json").Expect(200).WantBody(`{"custom_fields":[{"id":1,"name":"Birthday",` +
			`"description":"Of the person","customized_type":"user","field_format":"date","regexp":"","min_length":null,` +
			`"max_length":null,"is_required":false,"is_for_all":false,"is_filter":true,"searchable":false,` +
			`"multiple":false,"default_value":null,"default_value_mode":"fixed_date","visible":true,"editable":false},` +
			`{"id":2,"name":"Room","description":null,"customized_type":"group","field_format":"string","regexp":"",` +
			`"min_length":null,"max_length":null,"is_required":false,"is_for_all":false,"is_filter":true,` +
			`"searchable":false,"multiple":false,"default_value":null,"visible":true,"editable":true}]}`)
	})
}
