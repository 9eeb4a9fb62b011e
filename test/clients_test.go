package test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"
)

// The sequences of requests that real clients were seen to send (docs/spec/foreman.md, 21; docs/spec/hammer.md, 2 to
// 4). Each is played in order with the client's own headers, and what the client reads of the answers is checked.

// ansible is a client like apypie, which every module of the Ansible collection uses.
func ansible(s *server) *client {
	return s.admin().with("Accept", "application/json;version=2").with("User-Agent",
		"apypie (https://github.com/Apipie/apypie)")
}

// found returns the id of the one record that a search by a quoted value finds.
func (c *client) find(path, search string) int64 {
	c.s.t.Helper()
	a := c.get(query(path, "search", search, "per_page", "4294967296")).expect(200)
	if rows := a.rows(); len(rows) != 1 {
		c.s.t.Fatalf("%s?search=%s: got %d rows, want 1: %s", path, search, len(rows), a)
	}
	return a.int("results", 0, "id")
}

func TestClients_Ansible(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := ansible(s)
		doc := c.get("/apidoc/v2.json").expect(200)
		doc.want("update", "docs", "resources", "hosts", "methods", 0, "name")
		for _, plugin := range []string{"subscriptions", "remote_execution_features", "templates", "snapshots",
			"scap_contents", "discovery_rules", "ansible_roles", "scc_accounts"} {
			if _, there := doc.at("docs", "resources", plugin); there {
				t.Errorf("%s is listed, so clients take the plug-in for installed", plugin)
			}
		}
		c.get("/api/status").expect(200).text("version")
		s.run("user: look up, create, change what differs, again, delete", func(t *testing.T, s *server) {
			c := ansible(s)
			if rows := c.get(query("/api/users", "search", `login="ann"`, "per_page", "4294967296")).expect(200).
				rows(); len(rows) != 0 {
				t.Fatalf("got %d rows", len(rows))
			}
			role, source := c.find("/api/roles", `name="Manager"`), c.find("/api/auth_sources", `name="Internal"`)
			organization, location := c.find("/api/organizations", `name="Default Organization"`),
				c.find("/api/locations", `title="Default Location"`)
			a := c.post("/api/users",
				object{"user": object{"login": "ann", "firstname": "Ann", "mail": "ann@example.com",
					"password": "first secret", "auth_source_id": source,
					"timezone": "Stockholm", "locale": "sv_SE", "role_ids": []int64{role},
					"organization_ids": []int64{organization}, "location_ids": []int64{location}}}).expect(201)
			id := a.int("id")
			show := c.get(fmt.Sprintf("/api/users/%d", c.find("/api/users", `login="ann"`))).expect(200)
			show.want("ann@example.com", "mail").want([]int64{role}, "roles", each, "id").want([]int64{organization},
				"organizations", each, "id").want(nil, "default_location")
			c.put(fmt.Sprintf("/api/users/%d", id), object{"user": object{"lastname": "Smith"}}).expect(200).
				want("Smith", "lastname")
			own := s.as("ann", "first secret")
			own.put(fmt.Sprintf("/api/users/%d", id),
				object{"user": object{"password": "second secret", "current_password": "first secret"}}).expect(200)
			s.as("ann", "second secret").get(fmt.Sprintf("/api/organizations/%d/users?per_page=4294967296",
				organization)).expect(200)
			gone := c.delete(fmt.Sprintf("/api/users/%d", id)).expect(200)
			if _, failed := gone.at("error"); failed {
				t.Errorf("the module takes this for a failure: %s", gone)
			}
			c.get(fmt.Sprintf("/api/users/%d", id)).expect(404)
		})
		s.run("usergroup, role with filters, organization, location", func(t *testing.T, s *server) {
			c := ansible(s)
			group := c.post("/api/usergroups",
				object{"usergroup": object{"name": "Linux Admins", "admin": false,
					"user_ids": []int64{c.find("/api/users", `login="admin"`)}}}).expect(201).int("id")
			c.get(fmt.Sprintf("/api/usergroups/%d", group)).expect(200).want(false, "admin").want([]string{"admin"},
				"users", each, "login")
			c.put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"name": "Unix Admins"}}).
				expect(200)
			c.delete(fmt.Sprintf("/api/usergroups/%d", c.find("/api/usergroups", `name="Unix Admins"`))).expect(200)

			role := c.post("/api/roles", object{"role": object{"name": "helpdesk"}}).expect(201).int("id")
			permission := c.find("/api/permissions", `name="view_users"`)
			filter := c.post("/api/filters",
				object{"filter": object{"role_id": role, "permission_ids": []int64{permission}}}).expect(201).int("id")
			c.get(fmt.Sprintf("/api/roles/%d", role)).expect(200).want([]int64{filter}, "filters", each, "id")
			c.get(fmt.Sprintf("/api/filters/%d", filter)).expect(200).want(nil, "search").want([]string{"view_users"},
				"permissions", each, "name")
			c.delete(fmt.Sprintf("/api/filters/%d", filter)).expect(200)

			parent := c.post("/api/locations", object{"location": object{"name": "A"}}).expect(201).int("id")
			child := c.post("/api/locations", object{"location": object{"name": "B", "parent_id": parent}}).expect(201).
				int("id")
			if got := c.find("/api/locations", `title="A/B"`); got != child {
				t.Errorf("A/B is %d, want %d", got, child)
			}
			if a := c.delete(fmt.Sprintf("/api/locations/%d", parent)); a.status < 400 {
				if _, failed := a.at("error"); !failed {
					t.Errorf("a tenant with others below it went: %s", a)
				}
			}
		})
		s.run("settings and bookmarks", func(t *testing.T, s *server) {
			c := ansible(s)
			c.get(query("/api/settings", "search", `name="entries_per_page"`, "per_page", "4294967296")).expect(200).
				want("entries_per_page", "results", 0, "id")
			c.put("/api/settings/entries_per_page", object{"setting": object{"value": "25"}}).expect(200).want(25,
				"value")
			id := c.post("/api/bookmarks",
				object{"bookmark": object{"name": "n", "controller": "users", "query": "login ~ a"}}).expect(201).
				int("id")
			if got := c.find("/api/bookmarks", `name="n",controller="users"`); got != id {
				t.Errorf("got %d", got)
			}
		})
	})
}

func TestClients_Terraform(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.admin().with("Accept", "application/json,version=2").with("User-Agent", "terraform-provider-foreman").
			with("Content-Type", "application/json")
		organization, location := s.find("SELECT id FROM taxonomies WHERE type = 'Organization'"),
			s.find("SELECT id FROM taxonomies WHERE type = 'Location'")
		user := object{"id": 0, "name": "", "created_at": "", "updated_at": "", "login": "tf", "auth_source_id": 1,
			"mail": "tf@example.com", "password": "a secret", "admin": true}
		a := c.post("/api/users", object{"user": user, "location_id": location, "organization_id": organization}).
			expect(201).want("tf", "login").want(true, "admin")
		id := a.int("id")
		user["id"], user["description"] = id, "changed"
		c.put(fmt.Sprintf("/api/users/%d", id), object{"user": user}).expect(200).want(id, "id").want("changed",
			"description").want("tf", "login")
		c.get(query("/api/users", "search", `firstname="tf"`)).expect(200).want(0, "subtotal")
		c.get(query("/api/users", "search", `login="tf"`)).expect(200).want(1, "subtotal").want(id, "results", 0, "id")
		c.post("/api/users", object{"user": object{"login": "x"}, "location_id": 0, "organization_id": 0}).expect(404).
			want("Location with id 0 not found", "message")
		group := c.post("/api/usergroups", object{"usergroup": object{"name": "x", "admin": false},
			"location_id": location, "organization_id": organization}).expect(201).int("id")
		c.put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"name": "y", "admin": true}}).
			expect(200).want("y", "name").want(true, "admin")
		c.get(query("/api/usergroups", "search", `name="y"`)).expect(200).want(1, "subtotal")
		c.get(query("/api/usergroups", "search", "name=Linux Admins")).expect(200).want(0, "subtotal")
		c.delete(fmt.Sprintf("/api/usergroups/%d", group)).expect(200)
		c.delete(fmt.Sprintf("/api/users/%d", id)).expect(200)
		c.get(fmt.Sprintf("/api/users/%d", id)).expect(404)
	})
}

// hammer keeps the documentation by its checksum, and a session by its cookie.
func TestClients_Hammer(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		s.http = &http.Client{Transport: s.http.Transport, Jar: jar}
		h := func(c *client) *client {
			return c.with("Accept", "application/json;version=2").with("Content-Type", "application/json").
				with("Accept-Language", "en")
		}
		sum := h(s.nobody()).get("/apidoc/apipie_checksum").expect(200).text("checksum")
		h(s.nobody()).get("/apidoc/v2.en.json").expect(200)
		// auth login basic: credentials once, and the cookie from then on, for changes as well.
		login := h(s.admin()).get("/api/status").expect(200)
		if login.header.Get("Apipie-Checksum") != sum {
			t.Error("the header is not the checksum")
		}
		if !strings.Contains(login.header.Get("Set-Cookie"), "_session_id=") {
			t.Fatalf("no session: %v", login.header)
		}
		c := h(s.nobody())
		c.get(query("/api/users", "page", "1", "per_page", "1000")).expect(200).want(1, "subtotal")
		id := c.post("/api/users",
			object{"user": object{"login": "ham", "mail": "ham@example.com", "auth_source_id": "1",
				"password": "a secret", "role_ids": []string{}}}).expect(201).int("id")
		// user add-role reads the roles and sends all of them back.
		c.get(query("/api/users", "search", `login = "ham"`)).expect(200).want(id, "results", 0, "id")
		viewer := c.get(query("/api/roles", "search", `name = "Viewer"`)).expect(200).int("results", 0, "id")
		c.get(fmt.Sprintf("/api/users/%d", id)).expect(200).want([]any{}, "roles")
		c.put(fmt.Sprintf("/api/users/%d", id),
			object{"id": fmt.Sprint(id), "user": object{"role_ids": []any{fmt.Sprint(viewer)}}}).expect(200).
			want([]int64{viewer}, "roles", each, "id")
		c.get(query("/api/filters", "search", fmt.Sprintf(`role_id = "%d"`, viewer), "per_page", "1000")).expect(200)
		c.get(query("/api/users", "search", `login = "a"b"`)) // whatever comes of it, it is no fault
		c.get("/api/users/ham").expect(200).want(id, "id")
		c.delete(fmt.Sprintf("/api/users/%d?id=%d", id, id)).expect(200).want("ham", "login")
		// The session goes; the next request says so in a way that makes hammer log in again.
		s.clock.advance(2 * time.Hour)
		c.get("/api/users").expect(401)
		h(s.admin()).get("/api/users/extlogin").expect(204)
		c.get("/api/users").expect(200)
	})
}
