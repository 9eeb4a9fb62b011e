package foreman

import (
	"fmt"
	"net/url"
	"testing"
)

// Where the original surprises, and this server does better (docs/spec/foreman.md, 19).
func TestUsers_DoneBetter(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location := s.Location("L")
		ldap := makeLDAPSource(s, "directory.example.com")
		bob := s.User("bob", object{"location_ids": []any{location}})
		s.Run("24 the current user in a location", func(t *testing.T, s *server) {
			s.By(bob).Get(fmt.Sprint("/api/current_user?location_id=", location)).Expect(200).Want("bob", "login")
			s.Admin().Get(fmt.Sprint("/api/users/bob?location_id=", location)).Expect(200)
		})
		s.Run("25 unknown names and ids of sources", func(t *testing.T, s *server) {
			for _, attributes := range []object{{"auth_source_id": 9999}, {"auth_source_name": "none"},
				{"role_names": []any{"none"}}, {"location_names": []any{"none"}},
				{"organization_names": []any{"none"}}} {
				s.Admin().Put(bob.Path(), object{"user": attributes}).Expect(422)
			}
		})
		s.Run("38 a default location in the same change as its assignment", func(t *testing.T, s *server) {
			other := s.Location("Other")
			s.Admin().Put(bob.Path(),
				object{"user": object{"location_ids": []any{location, other}, "default_location_id": other}}).
				Expect(200).Want(other, "default_location", "id")
		})
		s.Run("51 an unwrapped source is an attribute, no parent", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"auth_source_id": ldap}).Expect(200).Want(ldap, "auth_source_id")
			s.Admin().Put(bob.Path(), object{"auth_source_id": 1}).Expect(200).Want(1, "auth_source_id")
		})
		s.Run("the tenant of another kind is refused, not mixed up", func(t *testing.T, s *server) {
			s.Admin().Put(bob.Path(), object{"user": object{"location_ids": []any{s.Organization("O")}}}).Expect(422)
		})
	})
}

// What clients are known to send, to the letter.
func TestUsers_KnownClients(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location := s.Location("Test Location")
		organization := s.Organization("Test Organization")
		s.Run("a client that sends the whole record back", func(t *testing.T, s *server) {
			c := s.Admin().With("Accept", "application/json,version=2")
			a := c.Post("/api/users",
				object{"user": object{"id": 0, "name": "", "created_at": "", "updated_at": "", "login": "tf",
					"auth_source_id": 1, "password": "x", "firstname": "T"},
					"location_id": location, "organization_id": organization}).Expect(201)
			a.Want([]int64{location}, "locations", each, "id").Want([]int64{organization}, "organizations", each, "id")
			id := a.Int("id")
			path := fmt.Sprint("/api/users/", id)
			c.With("Content-Type", "application/json").Get(path).Expect(200)
			c.Put(path, object{"user": object{"id": id, "name": "T", "created_at": a.Text("created_at"),
				"updated_at": a.Text("updated_at"), "login": "tf", "auth_source_id": 1, "password": "y",
				"firstname": "U"}}).
				Expect(200).Want("U", "firstname").Want(id, "id")
			s.As("tf", "y").Get("/api/status").Expect(200)
			c.With("Content-Type", "application/json").Delete(path).Expect(200).Want("tf", "login")
		})
		s.Run("a location of 0 is one that is not there", func(t *testing.T, s *server) {
			s.Admin().Post("/api/users", object{"user": object{"login": "zero"}, "location_id": 0,
				"organization_id": 0}).Expect(404).WantBody(`{"message":"Location with id 0 not found"}`)
		})
		s.Run("a client that looks up, shows and changes what differs", func(t *testing.T, s *server) {
			c := s.Admin().With("Accept", "application/json;version=2").With("User-Agent",
				"apypie (https://github.com/Apipie/apypie)")
			c.Get("/api/status").Expect(200)
			lookup := func(login string) *answer {
				return c.Get("/api/users?" + url.Values{"search": {`login="` + login + `"`},
					"per_page": {"4294967296"}}.Encode()).Expect(200)
			}
			lookup("play").Want([]any{}, "results")
			id := c.Post("/api/users",
				object{"user": object{"login": "play", "mail": "play@example.com", "auth_source_id": 1, "password": "x",
					"admin": false, "timezone": "Stockholm", "locale": "sv_SE",
					"role_ids": []any{s.Role("Manager")}, "location_ids": []any{location},
					"organization_ids": []any{organization}, "default_location_id": location,
					"default_organization_id": organization}}).Expect(201).Int("id")
			a := lookup("play").Want(1, "subtotal")
			if a.Int("results", 0, "id") != id {
				t.Errorf("got %s", a)
			}
			a = c.Get(fmt.Sprint("/api/users/", id)).Expect(200)
			for _, key := range []string{"mail", "auth_source_id", "timezone", "locale", "admin", "description",
				"firstname", "lastname"} {
				a.Value(key)
			}
			a.Want(location, "default_location", "id").Want(organization, "default_organization", "id").
				Want([]int64{s.Role("Manager")}, "roles", each, "id")
			// As a manager the user looks at and changes itself, with the password that is known.
			own := s.As("play", "x").With("Accept", "application/json;version=2")
			if got := own.Get("/api/users?search=login%3D%22play%22&per_page=4294967296").Expect(200).Want(1,
				"subtotal").Text("results", 0, "created_at"); got != "2024-01-10 09:00:00 +0100" {
				t.Errorf("got %s, want the time in the caller's zone", got)
			}
			own.Put(fmt.Sprint("/api/users/", id),
				object{"user": object{"password": "y", "current_password": "x", "description": "D"}}).Expect(200).
				Want("D", "description")
			c.Delete(fmt.Sprint("/api/users/", id)).Expect(200)
			lookup("play").Want([]any{}, "results")
		})
		s.Run("ten creations at once, as of a plan that is applied", func(t *testing.T, s *server) {
			var requests []func() (*answer, error)
			for i := range 10 {
				body := object{"user": object{"login": fmt.Sprint("plan", i), "auth_source_id": 1, "password": "x"},
					"location_id": location, "organization_id": organization}
				requests = append(requests,
					func() (*answer, error) { return s.Admin().Try("POST", "/api/users", body) })
			}
			if got := statuses(together(t, requests...)); got[201] != 10 {
				t.Errorf("got the statuses %v, want 10 times 201", got)
			}
		})
		s.Run("duplicate mail addresses are nobody's business", func(t *testing.T, s *server) {
			for _, login := range []string{"mail1", "mail2"} {
				s.User(login, object{"mail": "same@example.com"})
			}
		})
	})
}
