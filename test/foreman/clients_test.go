package foreman

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
	return s.Admin().With("Accept", "application/json;version=2").With("User-Agent",
		"apypie (https://github.com/Apipie/apypie)")
}

// findOne returns the id of the one record that a search by a quoted value finds.
func findOne(c *client, path, search string) int64 {
	c.Server.T.Helper()
	a := c.Get(query(path, "search", search, "per_page", "4294967296")).Expect(200)
	if rows := a.Rows(); len(rows) != 1 {
		c.Server.T.Fatalf("%s?search=%s: got %d rows, want 1: %s", path, search, len(rows), a)
	}
	return a.Int("results", 0, "id")
}

func TestClients_Ansible(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := ansible(s)
		doc := c.Get("/apidoc/v2.json").Expect(200)
		doc.Want("update", "docs", "resources", "hosts", "methods", 1, "name")
		for _, plugin := range []string{"subscriptions", "remote_execution_features", "templates", "snapshots",
			"scap_contents", "discovery_rules", "ansible_roles", "scc_accounts"} {
			if _, there := doc.At("docs", "resources", plugin); there {
				t.Errorf("%s is listed, so clients take the plug-in for installed", plugin)
			}
		}
		c.Get("/api/status").Expect(200).Text("version")
		s.Run("user: look up, create, change what differs, again, delete", func(t *testing.T, s *server) {
			c := ansible(s)
			if rows := c.Get(query("/api/users", "search", `login="ann"`, "per_page", "4294967296")).Expect(200).
				Rows(); len(rows) != 0 {
				t.Fatalf("got %d rows", len(rows))
			}
			role := findOne(c, "/api/roles", `name="Manager"`)
			source := findOne(c, "/api/auth_sources", `name="Internal"`)
			organization := findOne(c, "/api/organizations", `name="Default Organization"`)
			location := findOne(c, "/api/locations", `title="Default Location"`)
			a := c.Post("/api/users",
				object{"user": object{"login": "ann", "firstname": "Ann", "mail": "ann@example.com",
					"password": "first secret", "auth_source_id": source,
					"timezone": "Stockholm", "locale": "sv_SE", "role_ids": []int64{role},
					"organization_ids": []int64{organization}, "location_ids": []int64{location}}}).Expect(201)
			id := a.Int("id")
			show := c.Get(fmt.Sprintf("/api/users/%d", findOne(c, "/api/users", `login="ann"`))).Expect(200)
			show.Want("ann@example.com", "mail").Want([]int64{role}, "roles", each, "id").Want([]int64{organization},
				"organizations", each, "id").Want(nil, "default_location")
			c.Put(fmt.Sprintf("/api/users/%d", id), object{"user": object{"lastname": "Smith"}}).Expect(200).
				Want("Smith", "lastname")
			own := s.As("ann", "first secret")
			own.Put(fmt.Sprintf("/api/users/%d", id),
				object{"user": object{"password": "second secret", "current_password": "first secret"}}).Expect(200)
			s.As("ann", "second secret").Get(fmt.Sprintf("/api/organizations/%d/users?per_page=4294967296",
				organization)).Expect(200)
			gone := c.Delete(fmt.Sprintf("/api/users/%d", id)).Expect(200)
			if _, failed := gone.At("error"); failed {
				t.Errorf("the module takes this for a failure: %s", gone)
			}
			c.Get(fmt.Sprintf("/api/users/%d", id)).Expect(404)
		})
		s.Run("usergroup, role with filters, organization, location", func(t *testing.T, s *server) {
			c := ansible(s)
			group := c.Post("/api/usergroups",
				object{"usergroup": object{"name": "Linux Admins", "admin": false,
					"user_ids": []int64{findOne(c, "/api/users", `login="admin"`)}}}).Expect(201).Int("id")
			c.Get(fmt.Sprintf("/api/usergroups/%d", group)).Expect(200).Want(false, "admin").Want([]string{"admin"},
				"users", each, "login")
			c.Put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"name": "Unix Admins"}}).
				Expect(200)
			c.Delete(fmt.Sprintf("/api/usergroups/%d", findOne(c, "/api/usergroups", `name="Unix Admins"`))).Expect(200)

			role := c.Post("/api/roles", object{"role": object{"name": "helpdesk"}}).Expect(201).Int("id")
			permission := findOne(c, "/api/permissions", `name="view_users"`)
			filter := c.Post("/api/filters",
				object{"filter": object{"role_id": role, "permission_ids": []int64{permission}}}).Expect(201).Int("id")
			c.Get(fmt.Sprintf("/api/roles/%d", role)).Expect(200).Want([]int64{filter}, "filters", each, "id")
			c.Get(fmt.Sprintf("/api/filters/%d", filter)).Expect(200).Want(nil, "search").Want([]string{"view_users"},
				"permissions", each, "name")
			c.Delete(fmt.Sprintf("/api/filters/%d", filter)).Expect(200)

			parent := c.Post("/api/locations", object{"location": object{"name": "A"}}).Expect(201).Int("id")
			child := c.Post("/api/locations", object{"location": object{"name": "B", "parent_id": parent}}).Expect(201).
				Int("id")
			if got := findOne(c, "/api/locations", `title="A/B"`); got != child {
				t.Errorf("A/B is %d, want %d", got, child)
			}
			if a := c.Delete(fmt.Sprintf("/api/locations/%d", parent)); a.Status < 400 {
				if _, failed := a.At("error"); !failed {
					t.Errorf("a tenant with others below it went: %s", a)
				}
			}
		})
		s.Run("settings and bookmarks", func(t *testing.T, s *server) {
			c := ansible(s)
			c.Get(query("/api/settings", "search", `name="entries_per_page"`, "per_page", "4294967296")).Expect(200).
				Want("entries_per_page", "results", 0, "id")
			c.Put("/api/settings/entries_per_page", object{"setting": object{"value": "25"}}).Expect(200).Want(25,
				"value")
			id := c.Post("/api/bookmarks",
				object{"bookmark": object{"name": "n", "controller": "users", "query": "login ~ a"}}).Expect(201).
				Int("id")
			if got := findOne(c, "/api/bookmarks", `name="n",controller="users"`); got != id {
				t.Errorf("got %d", got)
			}
		})
	})
}

func TestClients_Terraform(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.Admin().With("Accept", "application/json,version=2").With("User-Agent", "terraform-provider-foreman").
			With("Content-Type", "application/json")
		organization := s.Find("SELECT id FROM taxonomies WHERE type = 'Organization'")
		location := s.Find("SELECT id FROM taxonomies WHERE type = 'Location'")
		user := object{"id": 0, "name": "", "created_at": "", "updated_at": "", "login": "tf", "auth_source_id": 1,
			"mail": "tf@example.com", "password": "a secret", "admin": true}
		a := c.Post("/api/users", object{"user": user, "location_id": location, "organization_id": organization}).
			Expect(201).Want("tf", "login").Want(true, "admin")
		id := a.Int("id")
		user["id"] = id
		user["description"] = "changed"
		c.Put(fmt.Sprintf("/api/users/%d", id), object{"user": user}).Expect(200).Want(id, "id").Want("changed",
			"description").Want("tf", "login")
		c.Get(query("/api/users", "search", `firstname="tf"`)).Expect(200).Want(0, "subtotal")
		c.Get(query("/api/users", "search", `login="tf"`)).Expect(200).Want(1, "subtotal").Want(id, "results", 0, "id")
		c.Post("/api/users", object{"user": object{"login": "x"}, "location_id": 0, "organization_id": 0}).Expect(404).
			Want("Location with id 0 not found", "message")
		group := c.Post("/api/usergroups", object{"usergroup": object{"name": "x", "admin": false},
			"location_id": location, "organization_id": organization}).Expect(201).Int("id")
		c.Put(fmt.Sprintf("/api/usergroups/%d", group), object{"usergroup": object{"name": "y", "admin": true}}).
			Expect(200).Want("y", "name").Want(true, "admin")
		c.Get(query("/api/usergroups", "search", `name="y"`)).Expect(200).Want(1, "subtotal")
		c.Get(query("/api/usergroups", "search", "name=Linux Admins")).Expect(200).Want(0, "subtotal")
		c.Delete(fmt.Sprintf("/api/usergroups/%d", group)).Expect(200)
		c.Delete(fmt.Sprintf("/api/users/%d", id)).Expect(200)
		c.Get(fmt.Sprintf("/api/users/%d", id)).Expect(404)
	})
}

// hammer keeps the documentation by its checksum, and a session by its cookie.
func TestClients_Hammer(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		s.HTTP = &http.Client{Transport: s.HTTP.Transport, Jar: jar}
		h := func(c *client) *client {
			return c.With("Accept", "application/json;version=2").With("Content-Type", "application/json").
				With("Accept-Language", "en")
		}
		sum := h(s.Nobody()).Get("/apidoc/apipie_checksum").Expect(200).Text("checksum")
		h(s.Nobody()).Get("/apidoc/v2.en.json").Expect(200)
		// auth login basic: credentials once, and the cookie from then on, for changes as well.
		login := h(s.Admin()).Get("/api/status").Expect(200)
		if login.Header.Get("Apipie-Checksum") != sum {
			t.Error("the header is not the checksum")
		}
		if !strings.Contains(login.Header.Get("Set-Cookie"), "_session_id=") {
			t.Fatalf("no session: %v", login.Header)
		}
		c := h(s.Nobody())
		c.Get(query("/api/users", "page", "1", "per_page", "1000")).Expect(200).Want(1, "subtotal")
		id := c.Post("/api/users",
			object{"user": object{"login": "ham", "mail": "ham@example.com", "auth_source_id": "1",
				"password": "a secret", "role_ids": []string{}}}).Expect(201).Int("id")
		// user add-role reads the roles and sends all of them back.
		c.Get(query("/api/users", "search", `login = "ham"`)).Expect(200).Want(id, "results", 0, "id")
		viewer := c.Get(query("/api/roles", "search", `name = "Viewer"`)).Expect(200).Int("results", 0, "id")
		c.Get(fmt.Sprintf("/api/users/%d", id)).Expect(200).Want([]any{}, "roles")
		c.Put(fmt.Sprintf("/api/users/%d", id),
			object{"id": fmt.Sprint(id), "user": object{"role_ids": []any{fmt.Sprint(viewer)}}}).Expect(200).
			Want([]int64{viewer}, "roles", each, "id")
		c.Get(query("/api/filters", "search", fmt.Sprintf(`role_id = "%d"`, viewer), "per_page", "1000")).Expect(200)
		c.Get(query("/api/users", "search", `login = "a"b"`)) // whatever comes of it, it is no fault
		c.Get("/api/users/ham").Expect(200).Want(id, "id")
		c.Delete(fmt.Sprintf("/api/users/%d?id=%d", id, id)).Expect(200).Want("ham", "login")
		// The session goes; the next request says so in a way that makes hammer log in again.
		s.Clock.Advance(2 * time.Hour)
		c.Get("/api/users").Expect(401)
		h(s.Admin()).Get("/api/users/extlogin").Expect(204)
		c.Get("/api/users").Expect(200)
	})
}
