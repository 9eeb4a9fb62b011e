package test

import (
	"fmt"
	"net/url"
	"testing"
)

// Where the original surprises, and this server does better (docs/spec/foreman.md, 19).
func TestUsers_DoneBetter(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location := s.location("L")
		ldap := s.ldapSource("directory.example.com")
		bob := s.user("bob", object{"location_ids": []any{location}})
		s.run("24 the current user in a location", func(t *testing.T, s *server) {
			s.by(bob).get(fmt.Sprint("/api/current_user?location_id=", location)).expect(200).want("bob", "login")
			s.admin().get(fmt.Sprint("/api/users/bob?location_id=", location)).expect(200)
		})
		s.run("25 unknown names and ids of sources", func(t *testing.T, s *server) {
			for _, attributes := range []object{{"auth_source_id": 9999}, {"auth_source_name": "none"},
				{"role_names": []any{"none"}}, {"location_names": []any{"none"}},
				{"organization_names": []any{"none"}}} {
				s.admin().put(bob.path(), object{"user": attributes}).expect(422)
			}
		})
		s.run("38 a default location in the same change as its assignment", func(t *testing.T, s *server) {
			other := s.location("Other")
			s.admin().put(bob.path(),
				object{"user": object{"location_ids": []any{location, other}, "default_location_id": other}}).
				expect(200).want(other, "default_location", "id")
		})
		s.run("51 an unwrapped source is an attribute, no parent", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"auth_source_id": ldap}).expect(200).want(ldap, "auth_source_id")
			s.admin().put(bob.path(), object{"auth_source_id": 1}).expect(200).want(1, "auth_source_id")
		})
		s.run("the tenant of another kind is refused, not mixed up", func(t *testing.T, s *server) {
			s.admin().put(bob.path(), object{"user": object{"location_ids": []any{s.organization("O")}}}).expect(422)
		})
	})
}

// What clients are known to send, to the letter.
func TestUsers_KnownClients(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		location, organization := s.location("Test Location"), s.organization("Test Organization")
		s.run("a client that sends the whole record back", func(t *testing.T, s *server) {
			c := s.admin().with("Accept", "application/json,version=2")
			a := c.post("/api/users",
				object{"user": object{"id": 0, "name": "", "created_at": "", "updated_at": "", "login": "tf",
					"auth_source_id": 1, "password": "x", "firstname": "T"},
					"location_id": location, "organization_id": organization}).expect(201)
			a.want([]int64{location}, "locations", each, "id").want([]int64{organization}, "organizations", each, "id")
			id := a.int("id")
			path := fmt.Sprint("/api/users/", id)
			c.with("Content-Type", "application/json").get(path).expect(200)
			c.put(path, object{"user": object{"id": id, "name": "T", "created_at": a.text("created_at"),
				"updated_at": a.text("updated_at"), "login": "tf", "auth_source_id": 1, "password": "y",
				"firstname": "U"}}).
				expect(200).want("U", "firstname").want(id, "id")
			s.as("tf", "y").get("/api/status").expect(200)
			c.with("Content-Type", "application/json").delete(path).expect(200).want("tf", "login")
		})
		s.run("a location of 0 is one that is not there", func(t *testing.T, s *server) {
			s.admin().post("/api/users", object{"user": object{"login": "zero"}, "location_id": 0,
				"organization_id": 0}).expect(404).wantBody(`{"message":"Location with id 0 not found"}`)
		})
		s.run("a client that looks up, shows and changes what differs", func(t *testing.T, s *server) {
			c := s.admin().with("Accept", "application/json;version=2").with("User-Agent",
				"apypie (https://github.com/Apipie/apypie)")
			c.get("/api/status").expect(200)
			lookup := func(login string) *answer {
				return c.get("/api/users?" + url.Values{"search": {`login="` + login + `"`},
					"per_page": {"4294967296"}}.Encode()).expect(200)
			}
			lookup("play").want([]any{}, "results")
			id := c.post("/api/users",
				object{"user": object{"login": "play", "mail": "play@example.com", "auth_source_id": 1, "password": "x",
					"admin": false, "timezone": "Stockholm", "locale": "sv_SE",
					"role_ids": []any{s.role("Manager")}, "location_ids": []any{location},
					"organization_ids": []any{organization}, "default_location_id": location,
					"default_organization_id": organization}}).expect(201).int("id")
			a := lookup("play").want(1, "subtotal")
			if a.int("results", 0, "id") != id {
				t.Errorf("got %s", a)
			}
			a = c.get(fmt.Sprint("/api/users/", id)).expect(200)
			for _, key := range []string{"mail", "auth_source_id", "timezone", "locale", "admin", "description",
				"firstname", "lastname"} {
				a.value(key)
			}
			a.want(location, "default_location", "id").want(organization, "default_organization", "id").
				want([]int64{s.role("Manager")}, "roles", each, "id")
			// As a manager the user looks at and changes itself, with the password that is known.
			own := s.as("play", "x").with("Accept", "application/json;version=2")
			if got := own.get("/api/users?search=login%3D%22play%22&per_page=4294967296").expect(200).want(1,
				"subtotal").text("results", 0, "created_at"); got != "2024-01-10 09:00:00 +0100" {
				t.Errorf("got %s, want the time in the caller's zone", got)
			}
			own.put(fmt.Sprint("/api/users/", id),
				object{"user": object{"password": "y", "current_password": "x", "description": "D"}}).expect(200).
				want("D", "description")
			c.delete(fmt.Sprint("/api/users/", id)).expect(200)
			lookup("play").want([]any{}, "results")
		})
		s.run("ten creations at once, as of a plan that is applied", func(t *testing.T, s *server) {
			var requests []func() (*answer, error)
			for i := range 10 {
				body := object{"user": object{"login": fmt.Sprint("plan", i), "auth_source_id": 1, "password": "x"},
					"location_id": location, "organization_id": organization}
				requests = append(requests,
					func() (*answer, error) { return s.admin().try("POST", "/api/users", body) })
			}
			if got := statuses(together(t, requests...)); got[201] != 10 {
				t.Errorf("got the statuses %v, want 10 times 201", got)
			}
		})
		s.run("duplicate mail addresses are nobody's business", func(t *testing.T, s *server) {
			for _, login := range []string{"mail1", "mail2"} {
				s.user(login, object{"mail": "same@example.com"})
			}
		})
	})
}
