package foreman

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"roster/docs"
	"roster/docs/apipie"
	"roster/handlers/foreman"
	"roster/test/servertest"
)

// examples are one request after the other on a new server, at least one for each method that is documented. They tell
// one story: the organization Brno, its role Brno helpdesk, and Ann, who holds it. What they were answered with is in
// docs/examples.json, from where it gets into the documentation.
func examples(s *server) []exampleRequest {
	viewer := s.Find("SELECT id FROM roles WHERE name = 'Viewer'")
	user := "/api/users/ann"
	group := "/api/usergroups/6"
	brno := "/api/organizations/{Brno}"
	member := brno + "/memberships"
	groupMember := brno + "/usergroup_memberships/6"
	ldap := "/api/auth_source_ldaps/4"
	return []exampleRequest{
		{"GET", "/api", nil}, {"GET", "/api/status", nil}, {"GET", "/api/ping", nil}, {"GET", "/api/statuses", nil},
		{"GET", "/api/plugins", nil},
		{"POST", "/api/organizations",
			object{"organization": object{"name": "Brno", "description": "The office in Brno"}}},
		{"GET", "/api/organizations?search=name+=+Brno", nil}, {"GET", "/api/organizations/Brno", nil},
		{"POST", "/api/roles",
			object{"role": object{"name": "Brno helpdesk", "description": "Helps people with their accounts"}}},
		{"POST", "/api/filters",
			object{"filter": object{"role_id": "{Helpdesk}", "permission_names": []string{"view_users", "reset_passwords"},
				"search": "null? any_role and admin = false"}}}, {"GET", "/api/filters?search=role+=+%22Brno+helpdesk%22", nil},
		{"GET", "/api/filters/{filter}", nil},
		{"GET", "/api/roles?search=name+=+%22Brno+helpdesk%22", nil}, {"GET", "/api/roles/{Helpdesk}", nil},
		{"POST", "/api/users",
			object{"user": object{"login": "ann", "firstname": "Ann", "lastname": "Novak", "mail": "ann@example.com",
				"password": "first secret", "auth_source_id": 1,
				"organization_names": []string{"Brno"}, "role_names": []string{"Brno helpdesk"}}}},
		{"GET", "/api/users?search=lastname+~+nov&order=login&per_page=2", nil}, {"GET", user, nil},
		{"PUT", user, object{"user": object{"role_names": []string{"Brno helpdesk", "Viewer"}, "timezone": "Prague"}}},
		{"GET", "/api/current_user", nil}, {"GET", "/api/users/extlogin", nil},
		{"POST", user + "/personal_access_tokens",
			object{"personal_access_token": object{"name": "backup", "expires_at": "2030-01-01T00:00:00Z"}}},
		{"GET", user + "/personal_access_tokens", nil},
		{"GET", user + "/personal_access_tokens/1", nil}, {"DELETE", user + "/personal_access_tokens/1", nil},
		{"POST", user + "/ssh_keys", object{"ssh_key": object{"name": "laptop", "key": publicKey}}},
		{"GET", user + "/ssh_keys", nil}, {"GET", user + "/ssh_keys/1", nil}, {"DELETE", user + "/ssh_keys/1", nil},
		{"GET", "/api/mail_notifications?per_page=1", nil}, {"GET", "/api/mail_notifications/1", nil},
		{"POST", user + "/mail_notifications", object{"mail_notification_id": 1, "interval": "Daily"}},
		{"GET", user + "/mail_notifications", nil},
		{"PUT", user + "/mail_notifications/1", object{"interval": "Weekly"}},
		{"DELETE", user + "/mail_notifications/1", nil},
		{"POST", "/api/users/4/table_preferences", object{"name": "users", "columns": []string{"login", "mail"}}},
		{"GET", "/api/users/4/table_preferences", nil}, {"GET", "/api/users/4/table_preferences/users", nil},
		{"PUT", "/api/users/4/table_preferences/users", object{"columns": []string{"login"}}},
		{"DELETE", "/api/users/4/table_preferences/users", nil},
		{"POST", "/api/usergroups", object{"usergroup": object{"name": "Support", "user_names": []string{"ann"}}}},
		{"GET", "/api/usergroups", nil}, {"GET", group, nil},
		{"PUT", group, object{"usergroup": object{"role_names": []string{"Brno helpdesk"}}}},
		{"PUT", member + "/ann", object{"membership": object{"role_names": []string{"Manager"}}}},
		{"GET", member, nil},
		{"GET", user + "/effective_permissions?permission=reset_passwords&user_id=4", nil},
		{"PUT", groupMember, object{"membership": object{"state": "invited"}}}, {"DELETE", groupMember, nil},
		{"DELETE", member + "/ann", nil},
		{"POST", "/api/auth_source_ldaps",
			object{"auth_source_ldap": object{"name": "Headquarters", "host": "ldap.example.com",
				"base_dn": "dc=example,dc=com"}}},
		{"GET", "/api/auth_source_ldaps", nil}, {"GET", ldap, nil},
		{"PUT", ldap, object{"auth_source_ldap": object{"tls": true, "port": 636}}}, {"PUT", ldap + "/test", nil},
		{"GET", "/api/auth_sources?per_page=1", nil}, {"GET", "/api/auth_sources/1", nil},
		{"GET", "/api/auth_source_internals", nil}, {"GET", "/api/auth_source_internals/1", nil},
		{"GET", "/api/auth_source_externals", nil}, {"GET", "/api/auth_source_externals/3", nil},
		{"PUT", "/api/auth_source_externals/3", object{"auth_source_external": object{"name": "Proxy"}}},
		{"POST", group + "/external_usergroups",
			object{"external_usergroup": object{"name": "support", "auth_source_id": 4}}},
		{"GET", group + "/external_usergroups", nil},
		{"GET", group + "/external_usergroups/1", nil}, {"PUT", group + "/external_usergroups/1",
			object{"external_usergroup": object{"name": "support-brno"}}},
		{"PUT", group + "/external_usergroups/1/refresh", nil}, {"DELETE", group + "/external_usergroups/1", nil},
		{"DELETE", ldap, nil},
		{"POST", fmt.Sprintf("/api/roles/%d/clone", viewer), object{"role": object{"name": "Onlooker"}}},
		{"PUT", "/api/roles/{Helpdesk}", object{"role": object{"description": "Helps people in Brno"}}},
		{"PUT", "/api/filters/{filter}", object{"filter": object{"search": "null? any_role and admin = false and disabled = false"}}},
		{"DELETE", "/api/filters/{filter}", nil},
		{"GET", "/api/permissions?search=name+=+view_users", nil}, {"GET", "/api/permissions/1", nil},
		{"GET", "/api/permissions/resource_types?per_page=2", nil}, {"GET", "/api/permissions/current_permissions",
			nil},
		{"PUT", "/api/organizations/Brno",
			object{"organization": object{"description": "The office in Brno and Olomouc"}}},
		{"POST", "/api/locations", object{"location": object{"name": "Building A"}}},
		{"GET", "/api/locations?order=title", nil}, {"GET", "/api/locations/Building%20A", nil},
		{"PUT", "/api/locations/Building%20A", object{"location": object{"name": "Building B"}}},
		{"DELETE", "/api/locations/Building%20B", nil},
		{"POST", brno + "/parameters", object{"parameter": object{"name": "color", "value": "blue"}}},
		{"GET", brno + "/parameters", nil}, {"GET", brno + "/parameters/color", nil},
		{"PUT", brno + "/parameters/color", object{"parameter": object{"value": "7", "parameter_type": "integer"}}},
		{"DELETE", brno + "/parameters/color", nil}, {"DELETE", brno + "/parameters", nil},
		{"POST", "/api/common_parameters",
			object{"common_parameter": object{"name": "region", "value": "north"}}},
		{"GET", "/api/common_parameters", nil}, {"GET", "/api/common_parameters/region", nil},
		{"PUT", "/api/common_parameters/region",
			object{"common_parameter": object{"value": "hush", "hidden_value": true}}},
		{"DELETE", "/api/common_parameters/region", nil},
		{"GET", "/api/settings?search=name+=+entries_per_page", nil}, {"GET", "/api/settings/idle_timeout", nil},
		{"PUT", "/api/settings/entries_per_page", object{"setting": object{"value": "50"}}},
		{"POST", "/api/bookmarks",
			object{"bookmark": object{"name": "locked", "controller": "users", "query": "disabled = true",
				"public": true}}}, {"GET", "/api/bookmarks", nil},
		{"GET", "/api/bookmarks/1", nil}, {"PUT", "/api/bookmarks/1", object{"bookmark": object{"public": false}}},
		{"DELETE", "/api/bookmarks/1", nil},
		{"POST", "/api/custom_fields",
			object{"custom_field": object{"name": "Phone number", "regexp": "^[0-9 ]*$", "searchable": true}}},
		{"GET", "/api/custom_fields", nil}, {"GET", "/api/custom_fields/1", nil},
		{"PUT", user, object{"user": object{"custom_fields": object{"Phone number": "555"}}}},
		{"GET", "/api/users?search=phone_number+~+55&per_page=1", nil},
		{"PUT", "/api/custom_fields/1", object{"custom_field": object{"max_length": 20}}},
		{"DELETE", "/api/custom_fields/1", nil},
		{"POST", brno + "/scim_tokens", object{"scim_token": object{
			"name": "entra", "expires_at": "2030-01-01T00:00:00Z",
			"networks": []string{"192.0.2.0/24", "127.0.0.0/8"}}}},
		{"GET", brno + "/scim_tokens", nil}, {"GET", brno + "/scim_tokens/1", nil},
		{"DELETE", brno + "/scim_tokens/1", nil},
		{"PUT", "/api/users/5/restore", nil},
		{"GET", "/api/audits?search=type+=+user&per_page=1", nil}, {"GET", "/api/audits/1", nil},
		{"GET", "/api/users/auto_complete_search?search=login+=+a", nil},
		{"DELETE", group, nil}, {"DELETE", user, nil}, {"DELETE", "/api/roles/{Helpdesk}", nil},
		{"DELETE", "/api/organizations/Brno", nil},
	}
}

type exampleRequest struct {
	method, path string
	body         object
}

// volatile is what differs from run to run, or between the databases: secrets, and how long things took.
var volatile = regexp.MustCompile(`("token_value":|"duration_ms":|"request_uuid":)\s*"[^"]*"`)

const examplesFile = "../../docs/examples.json"

// The worked examples of the documentation are what a server answers.
func TestDocs_Examples(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		announced := newContract(t)
		got := map[string]string{}
		ids := map[string]int64{}
		named := regexp.MustCompile(`\{(\w+)\}`)
		fill := func(text string) string {
			return named.ReplaceAllStringFunc(text,
				func(name string) string { return fmt.Sprint(ids[strings.Trim(name, "{}")]) })
		}
		for _, e := range examples(s) {
			path := fill(e.path)
			var body any
			if e.body != nil {
				body = fill(string(mustEncode(e.body)))
			}
			if strings.HasSuffix(path, "/restore") {
				deletedByProvider(s, ids["Brno"], 5)
			}
			a := s.Admin().Do(e.method, path, body)
			if a.Status >= 300 {
				t.Errorf("%s", a)
				continue
			}
			announced.check(t, a)
			key := actionOf(e.method, path)
			switch {
			case key == "organizations.create":
				ids["Brno"] = a.Int("id")
			case key == "roles.create":
				ids["Helpdesk"] = a.Int("id")
			case key == "filters.create":
				ids["filter"] = a.Int("id")
			}
			if got[key] == "" {
				got[key] = written(e.method, path, body, a)
			}
		}
		doc, err := apipie.FromSwagger(docs.Swagger)
		if err != nil {
			t.Fatal(err)
		}
		for id, r := range doc.Resources {
			for _, m := range r.Methods {
				if got[id+"."+m.Name] == "" && id != "hosts" {
					t.Errorf("%s.%s has no example", id, m.Name)
				}
			}
		}
		servertest.CompareExamples(t, examplesFile, "docs/examples.json", got)
	})
}

// actionOf finds whose example a request is.
func actionOf(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	best := ""
	fixed := -1
	for _, r := range new(foreman.API).Routes() {
		pattern := strings.Split(r.Path, "/")
		if r.Method != method || len(pattern) != len(segments) {
			continue
		}
		same := 0
		matches := true
		for i, p := range pattern {
			if p == segments[i] {
				same++
			} else if !strings.HasPrefix(p, ":") {
				matches = false
			}
		}
		if matches && same > fixed {
			best = r.Resource + "." + r.Action
			fixed = same
		}
	}
	return best
}

// written is an exchange as people read it.
func written(method, path string, body any, a *answer) string {
	text := method + " " + path + "\n"
	if body != nil {
		text += indented([]byte(body.(string)))
	}
	return text + fmt.Sprintln(a.Status) + indented(volatile.ReplaceAll(a.Body, []byte(`$1"..."`)))
}

func indented(text []byte) string {
	var b bytes.Buffer
	if len(text) == 0 {
		return ""
	}
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return string(text)
	}
	return strings.TrimSpace(b.String()) + "\n"
}
