package foreman

import (
	"fmt"
	"strings"
	"testing"

	"roster/test/servertest"

	"github.com/google/go-cmp/cmp"
)

// Attributes may stand under the root key or, without that key, at the top (docs/spec/foreman.md, 3.1).
func TestUsers_WrappedAndUnwrapped(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		admin := s.Admin()
		s.Run("an unwrapped creation", func(t *testing.T, s *server) {
			location := s.Location("L")
			a := admin.Post("/api/users", object{"login": "flat", "firstname": "F", "lastname": "L",
				"mail": "f@example.com", "description": "d", "mail_enabled": true,
				"password": "pw", "password_confirmation": "pw", "timezone": "Berlin", "locale": "de",
				"disabled": false, "auth_source_name": "Internal",
				"role_names": []string{"Viewer"}, "location_ids": []int64{location}, "organizations": []any{}}).
				Expect(201)
			a.Want("flat", "login").Want("F", "firstname").Want("L", "lastname").Want("f@example.com", "mail").Want("d",
				"description").Want(true, "mail_enabled").
				Want("Berlin", "timezone").Want("de", "locale").Want("Viewer", "roles", 0, "name").Want(location,
				"locations", 0, "id").Want([]any{}, "organizations")
			s.As("flat", "pw").Get("/api/status").Expect(200)
		})
		s.Run("the administrator flag must be wrapped", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"admin": true}).Expect(200).Want(false, "admin")
			s.Admin().Put(bob.Path(), object{"user": object{"admin": true}}).Expect(200).Want(true, "admin")
			s.Admin().Put(bob.Path(), object{"user": object{"admin": false}}).Expect(200).Want(false, "admin")
		})
		s.Run("beside the root key nothing counts", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"firstname": "In"}, "firstname": "Out", "lastname": "Out"}).
				Expect(200).
				Want("In", "firstname").Want(nil, "lastname")
		})
		s.Run("a root key of null is no attributes", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": nil, "firstname": "Out"}).Expect(200).Want("In", "firstname")
		})
		s.Run("a root key of another shape is refused", func(t *testing.T, s *server) {
			for _, root := range []any{"text", 5, true, []any{}, []any{object{"firstname": "X"}}} {
				s.Admin().Put(bob.Path(), object{"user": root}).Expect(400).Want("user", "error", "parameter_name")
			}
		})
		s.Run("a body that is no object is no attributes", func(t *testing.T, s *server) {
			for _, body := range []string{"", " \n", "[]", `[{"firstname":"X"}]`, `"text"`, "5", "null", "true"} {
				s.Admin().Put(bob.Path(), body).Expect(200).Want("In", "firstname")
				s.Admin().Post("/api/users", body).Expect(422).Want([]string{"can't be blank"}, "error", "errors",
					"login")
			}
		})
		s.Run("the query holds no attributes", func(t *testing.T, s *server) {
			s.Admin().Post("/api/users?login=query&auth_source_id=1&password=x", object{}).Expect(422).
				Want([]string{"can't be blank"}, "error", "errors", "login")
			s.Admin().Put(bob.Path("?firstname=Query"), object{}).Expect(200).Want("In", "firstname")
		})
		s.Run("unknown attributes are ignored", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(),
				object{"user": object{"id": 1, "name": "", "created_at": "", "updated_at": "", "hidden": true,
					"password_hash": "x", "lower_login": "y",
					"effective_admin": true, "usergroup_ids": []int{1}, "nonsense": object{"deep": []any{}}}}).
				Expect(200).
				Want(bob.ID, "id").Want("bob", "login").Want(false, "effective_admin")
			s.By(bob).Get("/api/current_user").Expect(200).Want("bob", "login")
		})
	})
}

// Values are cast, not refused for their type (docs/spec/foreman.md, 3.3).
func TestUsers_Casts(t *testing.T) {
	tests := []struct {
		name string
		sent any
		want any
	}{
		{"disabled", true, true}, {"disabled", false, false}, {"disabled", 1, true}, {"disabled", 0, false},
		{"disabled", 2, true}, {"disabled", "true", true},
		{"disabled", "false", false}, {"disabled", "1", true}, {"disabled", "0", false}, {"disabled", "f", false},
		{"disabled", "F", false}, {"disabled", "FALSE", false},
		{"disabled", "off", false}, {"disabled", "OFF", false}, {"disabled", "no", true}, {"disabled", "yes", true},
		{"disabled", "", nil}, {"disabled", nil, nil},
		{"mail_enabled", "1", true}, {"mail_enabled", nil, nil}, {"mail_enabled", "0", false},
		{"admin", "true", true}, {"admin", 0, false}, {"admin", "1", true}, {"admin", "0", false}, {"admin", 1, true},
		{"admin", nil, true}, {"admin", "", true}, {"admin", false, false},
		{"firstname", 5, "5"}, {"firstname", true, "t"}, {"firstname", false, "f"}, {"firstname", 1.5, "1.5"},
		{"firstname", nil, nil}, {"firstname", "", ""},
		{"description", 12345678901234567, "12345678901234567"},
		{"firstname", "kept", "kept"}, {"firstname", []any{"x"}, "kept"}, {"firstname", object{"x": 1}, "kept"},
		{"disabled", true, true}, {"disabled", []any{}, true}, {"disabled", object{}, true}, {"disabled", false, false},
	}
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob", object{"mail": "bob@example.com"})
		for _, test := range tests {
			a := s.Admin().Put(bob.Path(), object{"user": object{test.name: test.sent}}).Expect(200)
			if got := a.Value(test.name); !cmp.Equal(got, servertest.Plain(test.want)) {
				t.Errorf("%s sent as %#v: got %v, want %v", test.name, test.sent, got, test.want)
			}
		}
		s.Run("ids", func(t *testing.T, s *server) {
			ldap := makeLDAPSource(s, "ldap")
			for _, sent := range []any{ldap, fmt.Sprint(ldap), fmt.Sprintf("%dabc", ldap), fmt.Sprintf(" %d ", ldap),
				float64(ldap)} {
				s.Admin().Put(bob.Path(), object{"user": object{"auth_source_id": 1}}).Expect(200)
				s.Admin().Put(bob.Path(), object{"user": object{"auth_source_id": sent}}).Expect(200).Want(ldap,
					"auth_source_id")
			}
			s.Admin().Put(bob.Path(), `{"user":{"auth_source_id":1e0}}`).Expect(200).Want(1, "auth_source_id")
			s.Admin().Put(bob.Path(), `{"user":{"auth_source_id":1.9}}`).Expect(200).Want(1, "auth_source_id")
			s.Admin().Put(bob.Path(), object{"user": object{"auth_source_id": true}}).Expect(200).Want(1,
				"auth_source_id")
			for _, sent := range []string{`"abc"`, "0", "false", "-1", "9999", "4294967296", "1e2",
				"99999999999999999999999", "1e400", "-99999999999999999999999"} {
				s.Admin().Put(bob.Path(), `{"user":{"auth_source_id":`+sent+`}}`).Expect(422)
			}
			for _, sent := range []any{nil, ""} {
				s.Admin().Put(bob.Path(), object{"user": object{"auth_source_id": sent}}).
					Refuses(errors{"auth_source_id": {"can't be blank"}}, "Auth source can't be blank")
			}
			for _, sent := range []any{[]any{1}, object{"id": 1}} {
				s.Admin().Put(bob.Path(), object{"user": object{"auth_source_id": sent}}).Expect(200).Want(1,
					"auth_source_id")
			}
		})
		s.Run("default tenants", func(t *testing.T, s *server) {
			location := s.Location("L")
			s.Admin().Put(bob.Path(),
				object{"user": object{"location_ids": []any{location}, "default_location_id": location}}).Expect(200).
				Want(location, "default_location", "id")
			for _, none := range []any{nil, "", 0, 9999, "abc", s.Organization("O")} {
				s.Admin().Put(bob.Path(), object{"user": object{"default_location_id": location}}).Expect(200)
				s.Admin().Put(bob.Path(), object{"user": object{"default_location_id": none}}).Expect(200).Want(nil,
					"default_location")
			}
		})
	})
}

// A set of references replaces the old one, in each of its spellings (docs/spec/foreman.md, 3.2 and 3.4).
func TestUsers_Associations(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		a := s.Location("A")
		b := s.Location("B")
		below := s.Location("below", a)
		organization := s.Organization("O")
		viewer := s.Role("Viewer")
		manager := s.Role("Manager")
		bob := s.User("bob", object{"location_ids": []any{}, "organization_ids": []any{}})
		type sent = object
		tests := []struct {
			what string
			sent sent
			list string
			want []int64
		}{
			{"ids", sent{"location_ids": []any{a, b}}, "locations", []int64{a, b}},
			{"fewer ids replace", sent{"location_ids": []any{b}}, "locations", []int64{b}},
			{"ids as texts", sent{"location_ids": []any{fmt.Sprint(a), fmt.Sprint(b)}}, "locations", []int64{a, b}},
			{"blanks are left out", sent{"location_ids": []any{"", nil, a}}, "locations", []int64{a}},
			{"repeats count once", sent{"location_ids": []any{b, b, fmt.Sprint(b)}}, "locations", []int64{b}},
			{"null leaves the set as it is", sent{"location_ids": nil}, "locations", []int64{b}},
			{"a scalar leaves the set as it is", sent{"location_ids": a}, "locations", []int64{b}},
			{"an object leaves the set as it is", sent{"location_ids": object{"id": a}}, "locations", []int64{b}},
			{"a list of objects as ids leaves the set as it is", sent{"location_ids": []any{object{"id": a}}},
				"locations", []int64{b}},
			{"an empty list clears", sent{"location_ids": []any{}}, "locations", []int64{}},
			{"titles", sent{"location_names": []any{"B", "A/below"}}, "locations", []int64{below, b}},
			{"objects with ids", sent{"locations": []any{object{"id": a, "name": "ignored"}}}, "locations", []int64{a}},
			{"objects with names", sent{"locations": []any{object{"name": "B"}}}, "locations", []int64{b}},
			{"objects with titles", sent{"locations": []any{object{"title": "A/below"}}}, "locations", []int64{below}},
			{"an empty list of objects clears", sent{"locations": []any{}}, "locations", []int64{}},
			{"organizations", sent{"organization_ids": []any{organization}}, "organizations", []int64{organization}},
			{"roles by id", sent{"role_ids": []any{viewer, manager}}, "roles", []int64{manager, viewer}},
			{"roles by name", sent{"role_names": []any{"Viewer"}}, "roles", []int64{viewer}},
			{"roles as objects", sent{"roles": []any{object{"id": manager}}}, "roles", []int64{manager}},
			{"roles as named objects", sent{"roles": []any{object{"name": "Viewer"}, object{"name": "Manager"}}},
				"roles", []int64{manager, viewer}},
			{"no roles", sent{"role_ids": []any{}}, "roles", []int64{}},
			{"the default role is no matter", sent{"role_names": []any{"Default role", "Viewer"}}, "roles",
				[]int64{viewer}},
		}
		for _, test := range tests {
			s.Run(test.what, func(t *testing.T, s *server) {
				s.Admin().Put(bob.Path(), object{"user": test.sent}).Expect(200).Want(test.want, test.list, each, "id")
				s.Admin().Get(bob.Path()).Expect(200).Want(test.want, test.list, each, "id")
			})
		}
		s.Run("the default role is always there", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"role_ids": []any{}}}).Expect(200)
			if got := rolesOf(s, bob); !cmp.Equal(got, []string{"Default role"}) {
				t.Errorf("got %v", got)
			}
			s.Execute("DELETE FROM user_roles WHERE user_id = ?", bob.ID)
			s.Admin().Put(bob.Path(), object{"user": object{"firstname": "Bob"}}).Expect(200)
			if got := rolesOf(s, bob); !cmp.Equal(got, []string{"Default role"}) {
				t.Errorf("after a change: got %v", got)
			}
			s.Execute("DELETE FROM user_roles WHERE user_id = ?", bob.ID)
			s.By(bob).Get("/api/status").Expect(200)
			if got := rolesOf(s, bob); !cmp.Equal(got, []string{"Default role"}) {
				t.Errorf("after a login: got %v", got)
			}
		})
		s.Run("members that are no objects are refused", func(t *testing.T, s *server) {
			for _, list := range []any{[]any{"A"}, []any{a}, []any{object{"id": a}, object{"name": "B"}},
				[]any{object{}}, []any{nil}} {
				s.Admin().Put(bob.Path(), object{"user": object{"locations": list}}).Expect(400).Want("locations",
					"error", "parameter_name")
			}
		})
		s.Run("several spellings at once: objects before ids before names for roles, ids before names before objects "+
			"for tenants", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"location_names": []any{"A"}, "location_ids": []any{b}}}).
				Expect(200).Want([]int64{a}, "locations", each, "id")
			s.Admin().Put(bob.Path(),
				object{"user": object{"locations": []any{object{"id": b}}, "location_names": []any{"A"}}}).Expect(200).
				Want([]int64{b}, "locations", each, "id")
			s.Admin().Put(bob.Path(),
				object{"user": object{"role_ids": []any{viewer}, "roles": []any{object{"id": manager}}}}).Expect(200).
				Want([]int64{viewer}, "roles", each, "id")
			s.Admin().Put(bob.Path(),
				object{"user": object{"role_names": []any{"Manager"}, "role_ids": []any{viewer}}}).Expect(200).
				Want([]int64{manager}, "roles", each, "id")
		})
		s.Run("references that lead nowhere", func(t *testing.T, s *server) {
			refused := func(attributes object, want string) {
				t.Helper()
				s.Admin().Put(bob.Path(), object{"user": attributes}).Expect(422).
					WantBody("{\n  \"error\": {\"message\":\"" + want + "\"}\n}\n")
			}
			refused(object{"role_ids": []any{9999}}, "Couldn't find Role with 'id'=9999")
			refused(object{"role_ids": []any{viewer, 9999}},
				fmt.Sprintf("Couldn't find all Roles with 'id': (%d, 9999) (found 1 results, but was looking for 2). "+
					"Couldn't find Role with id 9999.", viewer))
			refused(object{"role_ids": []any{viewer, 9999, 8888}},
				fmt.Sprintf("Couldn't find all Roles with 'id': (%d, 9999, 8888) (found 1 results, but was looking "+
					"for 3). Couldn't find Roles with ids 9999, 8888.", viewer))
			refused(object{"location_ids": []any{9999}}, "Couldn't find Taxonomy with 'id'=9999")
			refused(object{"location_ids": []any{organization}}, fmt.Sprintf("Couldn't find Taxonomy with 'id'=%d",
				organization))
			refused(object{"organization_ids": []any{a}}, fmt.Sprintf("Couldn't find Taxonomy with 'id'=%d", a))
			refused(object{"role_names": []any{"Nobody"}}, "Could not find Role with name: Nobody")
			refused(object{"location_names": []any{"below"}}, "Could not find Taxonomy with name: below")
			refused(object{"auth_source_name": "xyz"}, "Could not find auth_source with name: xyz")
			refused(object{"auth_source_id": 9999}, "Couldn't find AuthSource with 'id'=9999")
		})
	})
}

// A user of a fresh installation gets its only location and organization; lists that are given, and the tenant of the
// request, count as well (docs/spec/foreman.md, 3.7 and 12.6).
func TestUsers_TenantsOfNewUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		onlyLocation := s.Find("SELECT id FROM taxonomies WHERE type = 'Location'")
		onlyOrganization := s.Find("SELECT id FROM taxonomies WHERE type = 'Organization'")
		n := 0
		create := func(s *server, query string, attributes object, beside ...object) *answer {
			n++
			body := object{"login": fmt.Sprint("u", n), "password": "x", "auth_source_id": 1}
			for name, value := range attributes {
				body[name] = value
			}
			whole := object{"user": body}
			for _, more := range beside {
				for name, value := range more {
					whole[name] = value
				}
			}
			return s.Admin().Post("/api/users"+query, whole).Expect(201)
		}
		s.Run("the only ones", func(t *testing.T, s *server) {
			create(s, "", nil).Want([]int64{onlyLocation}, "locations", each, "id").Want([]int64{onlyOrganization},
				"organizations", each, "id")
		})
		s.Run("but not if a list is given", func(t *testing.T, s *server) {
			create(s, "", object{"location_ids": []any{}}).Want([]any{}, "locations").Want([]int64{onlyOrganization},
				"organizations", each, "id")
		})
		s.Run("not on changes", func(t *testing.T, s *server) {
			id := create(s, "", object{"location_ids": []any{}, "organization_ids": []any{}}).Int("id")
			s.Admin().Put(fmt.Sprint("/api/users/", id), object{"user": object{}}).Expect(200).Want([]any{},
				"locations").Want([]any{}, "organizations")
		})
		other := s.Location("Other")
		s.Run("of several none", func(t *testing.T, s *server) {
			create(s, "", nil).Want([]any{}, "locations").Want([]int64{onlyOrganization}, "organizations", each, "id")
		})
		s.Run("the request's", func(t *testing.T, s *server) {
			create(s, fmt.Sprint("?location_id=", other), nil).Want([]int64{other}, "locations", each, "id")
			create(s, "", nil, object{"location_id": other}).Want([]int64{other}, "locations", each, "id")
		})
		s.Run("the request's beside those that are given", func(t *testing.T, s *server) {
			create(s, fmt.Sprint("?location_id=", other), object{"location_ids": []any{onlyLocation}}).
				Want([]int64{onlyLocation, other}, "locations", each, "id")
			create(s, fmt.Sprint("?location_id=", other), object{"location_names": []any{"Default Location"}}).
				Want([]int64{onlyLocation, other}, "locations", each, "id")
		})
		s.Run("the request's once", func(t *testing.T, s *server) {
			create(s, fmt.Sprint("?location_id=", other), object{"location_ids": []any{other}}).Want([]int64{other},
				"locations", each, "id")
		})
	})
}

// Ids in paths (docs/spec/foreman.md, 2.9).
func TestUsers_PathIDs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob")
		five := s.User(fmt.Sprint(bob.ID, "star"))
		odd := s.User(`odd.name@realm+$#\x`)
		cyrillic := s.User("Жанна")
		for _, spelling := range []string{"%d", "%d-bob", "%dx", "%d.json"} {
			s.Admin().Get("/api/users/"+fmt.Sprintf(spelling, bob.ID)).Expect(200).Want("bob", "login")
		}
		s.Run("a login that begins with the digits of a user is found all the same", func(t *testing.T, s *server) {
			s.Admin().Get("/api/users/"+five.Login).Expect(200).Want(five.ID, "id")
		})
		s.Run("a login that begins with other digits", func(t *testing.T, s *server) {
			other := s.User("99999star")
			s.Admin().Get("/api/users/99999star").Expect(200).Want(other.ID, "id")
		})
		s.Run("a login of digits is only found by its id", func(t *testing.T, s *server) {
			s.User("777777")
			s.Admin().Get("/api/users/777777").Expect(404)
		})
		s.Run("escaped characters", func(t *testing.T, s *server) {
			for _, path := range []string{`odd.name@realm+$%23%5Cx`, `odd%2Ename%40realm%2B%24%23%5Cx`} {
				s.Admin().Get("/api/users/"+path).Expect(200).Want(odd.ID, "id")
				s.Admin().Put("/api/users/"+path, object{"user": object{"firstname": "Odd"}}).Expect(200).Want(odd.ID,
					"id")
			}
			s.Admin().Get("/api/users/%D0%96%D0%B0%D0%BD%D0%BD%D0%B0").Expect(200).Want(cyrillic.ID, "id")
			s.Admin().Get("/api/users/Жанна").Expect(200).Want(cyrillic.ID, "id")
		})
		s.Run("what leads nowhere is repeated", func(t *testing.T, s *server) {
			for path, shown := range map[string]string{"0": "0", "-1": "-1", "9999": "9999",
				"99999999999999999999": "99999999999999999999", "bob.json": "bob.json", "Bob": "Bob",
				"a%2Fb": "a/b", "a%20b": "a b", "%22%3Cb%3E": `\"<b>`, strings.Repeat("a", 300): strings.Repeat("a",
					300)} {
				s.Admin().Get("/api/users/" + path).Expect(404).
					WantBody("{\n  \"error\": {\"message\":\"Resource user not found by id '" + shown + "'\"}\n}\n")
			}
		})
	})
}
