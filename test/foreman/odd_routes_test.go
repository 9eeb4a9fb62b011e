package foreman

import (
	"strings"
	"testing"

	"roster/handlers/foreman"
)

// oddValues are what no attribute expects.
func oddValues() []any {
	return []any{
		nil, true, -1, 0, 99999999999999999, "9223372036854775808", 1e300, 0.5, "", " ", "\x00", "a\x00b", "\xff\xfe",
		strings.Repeat("x", 5000), "ž" + strings.Repeat("語", 300),
		"'; DROP TABLE users; --", "%", "\\", "{}", "1 or 1=1", []any{}, []any{nil}, []any{-1, "x", 5},
		[]any{object{"id": 1}}, []any{object{"name": "nope"}}, []any{[]any{}},
		[]any{"\x00"}, []any{99999999999999999}, object{}, object{"id": "x"},
	}
}

// attributes are every name that some resource reads.
var attributes = []string{
	"name", "login", "firstname", "mail", "password", "description", "admin", "disabled", "timezone", "locale",
	"auth_source_id", "auth_source_name", "default_location_id",
	"role_ids", "role_names", "roles", "location_ids", "location_names", "locations", "organization_ids",
	"organizations", "user_ids", "user_names", "users", "usergroup_ids",
	"usergroups", "permission_ids", "permission_names", "permissions", "role_id", "role_name", "search", "unlimited",
	"override", "parent_id", "ignore_types", "select_all_types",
	"host", "port", "account", "account_password", "base_dn", "ldap_filter", "attr_login", "server_type", "tls",
	"onthefly_register", "usergroup_id", "expires_at", "key",
	"mail_notification_id", "interval", "subscription", "mail_query", "columns", "controller", "query", "public",
	"value", "page", "per_page", "order", "id",
}

// TestOdd_EveryRouteTakesEveryValue sends every odd value in every attribute to every route that changes something: no
// answer may be a fault of the server (the client sees to that), and nothing may make the rest unusable.
func TestOdd_EveryRouteTakesEveryValue(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newWorld(s)
		admin := s.Admin()
		for _, r := range new(foreman.API).Routes() {
			if r.Method == "GET" || r.Method == "DELETE" {
				continue
			}
			path := w.path(r)
			root := strings.TrimSuffix(r.Resource, "s")
			for _, value := range oddValues() {
				all := object{}
				for _, name := range attributes {
					all[name] = value
				}
				admin.Do(r.Method, path, object{root: all})
				admin.Do(r.Method, path, all)
				admin.Do(r.Method, path, object{root: value})
			}
			for _, body := range []string{"null", "[]", "1", `"x"`, "{}", `{"a":1}{"b":2}`, `{"a":`, "\x00",
				strings.Repeat("[", 100000)} {
				admin.Do(r.Method, path, body)
			}
		}
		admin.Get("/api/users?per_page=all").Expect(200)
	})
}

// TestOdd_EveryListTakesEveryParameter does the same with the parameters of lists.
func TestOdd_EveryListTakesEveryParameter(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newWorld(s)
		admin := s.Admin()
		for _, r := range new(foreman.API).Routes() {
			if r.Method != "GET" {
				continue
			}
			for _, query := range []string{
				"page=0", "page=-1", "page=x", "page=9223372036854775807", "page=99999999999999999999", "per_page=0",
				"per_page=-5", "per_page=9223372036854775807&page=2",
				"per_page=1e3", "order=%00", "order=id%20desc,name", "order=%27", "search=%00", "search=%FF",
				"search[]=a", "search[a]=b", "order[]=id", "page[]=1",
				"location_id=%00", "organization_id=%FF", "location_id[]=1", "root_name=%22",
				"root_name=" + strings.Repeat("x", 3000), "include_permissions", "search=((((((",
				"search=name%20%5E%20(", "user_id=%00", "role_id=x", "usergroup_id=%FF", "locale=%00",
				"search=last_login_on%20%3E%20garbage", "search=id%20%3D%2099999999999999999999",
			} {
				admin.Get(w.path(r) + "?" + query)
			}
		}
		for _, id := range []string{"%00", "%FF", "-1", "0", "99999999999999999999", "1%2F2", "..%2F..", "'", "5x",
			"5-", "-5", "%E2%80%AE", strings.Repeat("9", 400)} {
			for _, resource := range []string{"users", "usergroups", "roles", "filters", "locations", "organizations",
				"auth_sources", "auth_source_ldaps", "audits", "bookmarks", "common_parameters", "custom_fields",
				"settings", "permissions", "mail_notifications", "users/" + id + "/ssh_keys",
				"users/4/personal_access_tokens", "users/4/table_preferences", "usergroups/" + id + "/users"} {
				admin.Get("/api/" + resource + "/" + id)
			}
		}
	})
}
