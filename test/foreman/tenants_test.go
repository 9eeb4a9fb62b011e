package foreman

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/handlers/foreman"
)

// estate is one of two tenants that have everything alike, down to the names where names are not unique.
type estate struct {
	name                   string
	organization, location int64
	secrets                []string // texts that only this tenant may ever see
	ids                    map[string]int64
	manager                account
}

// twins makes two tenants. Whatever carries a name of its own carries the tenant's word in it, so that a leak shows.
func twins(s *server) (left, right *estate) {
	manager := s.Role("Manager")
	for _, word := range []string{"walnut", "quince"} {
		e := &estate{name: word, ids: map[string]int64{}}
		admin := s.Admin()
		e.organization = s.Organization(word)
		e.location = s.Location(word)
		inside := object{"organization_ids": []int64{e.organization}, "location_ids": []int64{e.location}}
		e.manager = s.User(word+"-manager", inside, object{"role_ids": []int64{manager}})
		add := func(key, path, root string, attributes object) {
			body := any(object{root: attributes})
			if root == "" {
				body = attributes
			}
			e.ids[key] = admin.Post(path, body).Expect(201).Int("id")
		}
		// Children of equal names, equal people, equal tokens and keys.
		add("organizations", "/api/organizations", "organization", object{"name": "Sales", "parent_id": e.organization,
			"description": word})
		add("locations", "/api/locations", "location", object{"name": "Sales", "parent_id": e.location,
			"description": word})
		add("users", "/api/users", "user",
			merge(inside, object{"login": word + "-alice", "firstname": "Alice", "lastname": "Smith",
				"mail":        "alice@example.com",
				"description": word, "auth_source_id": 3}))
		mine := fmt.Sprintf("/api/users/%d/", e.ids["users"])
		add("personal_access_tokens", mine+"personal_access_tokens", "", object{"name": "laptop " + word})
		add("ssh_keys", mine+"ssh_keys", "", object{"name": "laptop " + word, "key": publicKey})
		add("auth_source_ldaps", "/api/auth_source_ldaps", "auth_source_ldap",
			merge(inside, object{"name": word + "-ldap", "host": "ldap.example.com"}))
		add("usergroups", "/api/usergroups", "usergroup",
			object{"name": "group-of-" + word[:1], "user_ids": []int64{e.ids["users"]}})
		add("external_usergroups", fmt.Sprintf("/api/usergroups/%d/external_usergroups", e.ids["usergroups"]),
			"external_usergroup",
			object{"name": word + "-external", "auth_source_id": e.ids["auth_source_ldaps"]})
		e.ids["audits"] = s.Find("SELECT MAX(id) FROM audits WHERE auditable_type = 'User' AND auditable_id = ?",
			e.ids["users"])
		e.secrets = []string{word}
		if left == nil {
			left = e
		} else {
			right = e
		}
	}
	return left, right
}

// path fills a route with the ids of a tenant.
func (e *estate) path(r foreman.Route) string {
	params := map[string]any{
		":user_id": e.ids["users"], ":usergroup_id": e.ids["usergroups"], ":role_id": 3, ":filter_id": 1,
		":auth_source_ldap_id":     e.ids["auth_source_ldaps"],
		":auth_source_external_id": 3, ":auth_source_internal_id": 1, ":location_id": e.location,
		":organization_id":      e.organization,
		":mail_notification_id": 1, ":id": e.ids[r.Resource], ":name": "hosts",
	}
	segments := strings.Split(r.Path, "/")
	for i, s := range segments {
		if v, ok := params[s]; ok {
			segments[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(segments, "/")
}

// foreignParameters are what a curious caller adds to a request.
func foreignParameters(other *estate) []string {
	return []string{
		"", "per_page=all", "per_page=4294967296", "include_permissions=true", "include=users,roles",
		"full_result=true", "root_name=users", "thin=false",
		fmt.Sprintf("organization_id=%d", other.organization), fmt.Sprintf("location_id=%d", other.location),
		"organization_id=" + other.name,
		fmt.Sprintf("organization_id=%d&location_id=%d", other.organization, other.location),
		"organization_id=&location_id=",
		fmt.Sprintf("usergroup_id=%d", other.ids["usergroups"]),
		fmt.Sprintf("auth_source_ldap_id=%d", other.ids["auth_source_ldaps"]),
		fmt.Sprintf("user_id=%d", other.ids["users"]), "show_hidden_parameters=true", "locale=de",
		"order=id%20DESC&per_page=all",
	}
}

// foreignSearches look for what belongs to the other tenant.
func foreignSearches(other *estate) []string {
	id := func(key string) string { return fmt.Sprint(other.ids[key]) }
	return []string{
		other.name, "login ~ " + other.name, "description ~ " + other.name, "name ~ " + other.name,
		"title ~ " + other.name, "mail = alice@example.com",
		"organization = " + other.name, fmt.Sprintf("organization_id = %d", other.organization),
		"location = " + other.name, "usergroup ~ group-of",
		"auth_source ~ " + other.name, "user = " + other.name + "-alice", "changes ~ " + other.name,
		"id = " + id("users"), "not id = 0", "id > 0",
		"login ~ alice or description ~ " + other.name, "not login = x", "-nothing", "user_id = " + id("users"),
		"a) or (1=1", "login = x' OR '1'='1",
	}
}

// TestTenants_NothingIsReadAcross walks every route that answers GET, with every parameter and search a caller may
// think of, as the manager of one tenant, and looks for a word of the other one.
func TestTenants_NothingIsReadAcross(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		left, right := twins(s)
		c := s.By(left.manager)
		for _, r := range new(foreman.API).Routes() {
			if r.Method != "GET" {
				continue
			}
			// The other tenant's own paths, bare and in its own context.
			for _, parameter := range foreignParameters(right)[:10] {
				mustNotLeak(c.Get(right.path(r)+"?"+parameter), left, right)
			}
			if strings.HasSuffix(r.Path, ":id") {
				continue
			}
			for _, parameter := range foreignParameters(right) {
				mustNotLeak(c.Get(left.path(r)+"?"+parameter), left, right)
			}
			for _, search := range foreignSearches(right) {
				mustNotLeak(c.Get(left.path(r)+"?per_page=all&search="+url.QueryEscape(search)), left, right)
			}
		}
	})
}

// mustNotLeak fails when an answer holds a word of the other tenant that the caller did not send.
func mustNotLeak(a *answer, me, other *estate) {
	a.T.Helper()
	text := string(a.Body)
	if a.Status == 200 { // the envelope repeats the search
		if v, ok := a.At("search"); ok {
			text = strings.ReplaceAll(text, strings.Trim(string(mustEncode(v)), `"`), "")
		}
		for _, secret := range other.secrets {
			if strings.Contains(text, secret) {
				a.T.Errorf("%s %s as %s: the answer tells of %s:\n%.600s", a.Method, a.Path, me.name, other.name, text)
			}
		}
	}
}

// TestTenants_NothingIsWrittenAcross sends every change to every record of the other tenant.
func TestTenants_NothingIsWrittenAcross(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		left, right := twins(s)
		w := &world{server: s, ids: left.ids, accounts: map[string]account{}}
		w.ids["here"] = left.organization
		w.ids["hereLocation"] = left.location
		c := s.By(left.manager)
		for _, r := range new(foreman.API).Routes() {
			// Groups, roles, filters, settings, bookmarks, custom fields and global parameters belong to no tenant.
			if r.Method == "GET" ||
				slices.Contains([]string{"usergroups", "roles", "filters", "settings", "bookmarks",
					"common_parameters", "custom_fields", "auth_source_externals"}, r.Resource) {
				continue
			}
			for _, body := range []any{w.body(r), object{strings.TrimSuffix(r.Resource, "s"): right.claims()}} {
				before := w.table("SELECT * FROM memberships WHERE taxonomy_id IN (SELECT id FROM taxonomies " +
					"WHERE title LIKE '" + right.name + "%') ORDER BY 1, 2")
				mine := w.foreign(right)
				a := c.Do(r.Method, right.path(r), body)
				// A new record under a group or the external source, which belong to nobody, is nobody else's record.
				own := r.Action == "create" && (strings.HasPrefix(r.Path, "/api/usergroups/") ||
					strings.HasPrefix(r.Path, "/api/auth_source_externals/"))
				if a.Status < 300 && strings.Contains(r.Path, ":") && !own {
					t.Errorf("%s as %s: got %d for a record of %s", a, left.name, a.Status, right.name)
				}
				if after := w.foreign(right); !slices.Equal(mine, after) {
					t.Errorf("%s as %s changed something of %s:\n%s", a, left.name, right.name,
						firstDifference(mine, after))
				}
				after := w.table("SELECT * FROM memberships WHERE taxonomy_id IN (SELECT id FROM taxonomies " +
					"WHERE title LIKE '" + right.name + "%') ORDER BY 1, 2")
				if !slices.Equal(before, after) {
					t.Errorf("%s as %s changed who belongs to %s", a, left.name, right.name)
				}
			}
		}
	})
}

// claims is a body that reaches for the other tenant's records.
func (e *estate) claims() object {
	return object{
		"name": "claimed", "login": "claimed", "auth_source_id": 3, "host": "h.example.com",
		"organization_ids": []int64{e.organization}, "location_ids": []int64{e.location},
		"user_ids": []int64{e.ids["users"]}, "usergroup_ids": []int64{e.ids["usergroups"]}, "parent_id": e.organization,
		"default_organization_id": e.organization, "usergroup_id": e.ids["usergroups"],
	}
}

// foreign reads everything that belongs to a tenant.
func (w *world) foreign(e *estate) []string {
	var lines []string
	for _, query := range []string{
		fmt.Sprintf("SELECT id, login, firstname, description, auth_source_id, updated_at FROM users WHERE "+
			"description = '%s' OR login LIKE '%s%%' ORDER BY id", e.name, e.name),
		fmt.Sprintf("SELECT * FROM taxonomies WHERE title LIKE '%s%%' ORDER BY id", e.name),
		fmt.Sprintf("SELECT * FROM personal_access_tokens WHERE user_id = %d ORDER BY id", e.ids["users"]),
		fmt.Sprintf("SELECT * FROM ssh_keys WHERE user_id = %d ORDER BY id", e.ids["users"]),
		fmt.Sprintf("SELECT * FROM user_mail_notifications WHERE user_id = %d ORDER BY id", e.ids["users"]),
		fmt.Sprintf("SELECT * FROM auth_sources WHERE id = %d ORDER BY id", e.ids["auth_source_ldaps"]),
		fmt.Sprintf("SELECT * FROM external_usergroups WHERE id = %d ORDER BY id", e.ids["external_usergroups"]),
	} {
		lines = append(lines, w.table(query)...)
	}
	return lines
}
