package foreman

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/handlers/foreman"
	"roster/models"
)

// callers are the columns of the matrix, from nobody to everybody.
var callers = []string{"anonymous", "roleless", "viewer", "stranger", "manager", "administrator"}

// world is what the matrix looks at: one tenant with one of everything, another one, and somebody of each kind.
type world struct {
	*server
	turn     int
	ids      map[string]int64
	login    string
	accounts map[string]account
	// last is what the database held when it was last looked at, nil after a change.
	last []string
}

// key is a public key that nobody has the other half of.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Xdp4mZQG1vZ0hN3Zc1yq0cJrX4b6m3m1gq7o9aV2k"

func newWorld(s *server) *world {
	w := &world{server: s, ids: map[string]int64{}, accounts: map[string]account{}}
	w.ids["here"] = s.Organization("Here")
	w.ids["hereLocation"] = s.Location("Here")
	w.ids["there"] = s.Organization("There")
	w.ids["thereLocation"] = s.Location("There")
	inHere := object{"organization_ids": []int64{w.ids["here"]}, "location_ids": []int64{w.ids["hereLocation"]}}
	inThere := object{"organization_ids": []int64{w.ids["there"]}, "location_ids": []int64{w.ids["thereLocation"]}}
	w.accounts["roleless"] = s.User("roleless", inHere)
	w.accounts["viewer"] = s.User("viewer", inHere, object{"role_ids": []int64{s.Role("Viewer")}})
	w.accounts["manager"] = s.User("manager", inHere, object{"role_ids": []int64{s.Role("Manager")}})
	w.accounts["stranger"] = s.User("stranger", inThere, object{"role_ids": []int64{s.Role("Manager")}})
	s.Admin().Put("/api/auth_source_externals/3", object{"auth_source_external": inHere}).Expect(200)
	w.renew()
	return w
}

func (w *world) client(caller string) *client {
	switch caller {
	case "anonymous":
		return w.Nobody()
	case "administrator":
		return w.Admin()
	}
	return w.By(w.accounts[caller])
}

// renew makes one of everything inside the first tenant, under new names.
func (w *world) renew() {
	w.turn++
	w.last = nil
	// What was made before is in nobody's way, but the whole database is read again and again.
	w.Execute("DELETE FROM users WHERE login LIKE 'thing%' OR login LIKE 'changed%'")
	for _, table := range []string{"usergroups", "auth_sources", "roles", "taxonomies"} {
		w.Execute("DELETE FROM " + table + " WHERE id > 3 AND (name LIKE 'thing%' OR name LIKE 'changed%')")
	}
	for _, table := range []string{"audit_taxonomies", "audits", "custom_fields"} {
		w.Execute("DELETE FROM " + table)
	}
	admin := w.Admin()
	name := fmt.Sprintf("thing%d", w.turn)
	tenants := object{"organization_ids": []int64{w.ids["here"]}, "location_ids": []int64{w.ids["hereLocation"]}}
	add := func(key, path, root string, attributes object) {
		body := any(object{root: attributes})
		if root == "" {
			body = attributes
		}
		w.ids[key] = admin.Post(path, body).Expect(201).Int("id")
	}
	w.login = name
	add("user", "/api/users", "user", merge(tenants, object{"login": name, "auth_source_id": 3}))
	add("member", "/api/usergroups", "usergroup", object{"name": name + "-member"})
	add("role", "/api/roles", "role", merge(tenants, object{"name": name}))
	add("usergroup", "/api/usergroups", "usergroup", object{"name": name + "-group", "user_ids": []int64{w.ids["user"]},
		"usergroup_ids": []int64{w.ids["member"]}})
	add("filter", "/api/filters", "filter",
		object{"role_id": w.ids["role"], "permission_names": []string{"view_users"}})
	admin.Put(fmt.Sprintf("/api/users/%d", w.ids["user"]), object{"user": object{"role_ids": []int64{w.ids["role"]}}}).
		Expect(200)
	add("placed", "/api/usergroups", "usergroup", object{"name": name + "-placed"})
	for _, tenant := range []string{
		fmt.Sprintf("organizations/%d", w.ids["here"]), fmt.Sprintf("locations/%d", w.ids["hereLocation"]),
	} {
		admin.Put(fmt.Sprintf("/api/%s/usergroup_memberships/%d", tenant, w.ids["placed"]), object{}).Expect(200)
	}
	add("ldap", "/api/auth_source_ldaps", "auth_source_ldap",
		merge(tenants, object{"name": name, "host": "ldap.example.com"}))
	add("ldapUser", "/api/users", "user",
		merge(tenants, object{"login": name + "-ldap", "auth_source_id": w.ids["ldap"]}))
	add("emptyLdap", "/api/auth_source_ldaps", "auth_source_ldap",
		merge(tenants, object{"name": name + "-empty", "host": "ldap.example.com"}))
	add("external", fmt.Sprintf("/api/usergroups/%d/external_usergroups", w.ids["usergroup"]), "external_usergroup",
		object{"name": name, "auth_source_id": 3})
	add("ldapGroup", fmt.Sprintf("/api/usergroups/%d/external_usergroups", w.ids["usergroup"]), "external_usergroup",
		object{"name": name, "auth_source_id": w.ids["ldap"]})
	mine := fmt.Sprintf("/api/users/%d/", w.ids["user"])
	add("token", mine+"personal_access_tokens", "", object{"name": name})
	add("key", mine+"ssh_keys", "", object{"name": name, "key": publicKey})
	w.Execute("UPDATE scim_tokens SET revoked = TRUE") // of which an organization may have a few
	add("scimToken", fmt.Sprintf("/api/organizations/%d/scim_tokens", w.ids["here"]), "scim_token", object{"name": name})
	deletedByProvider(w.server, w.ids["here"], w.ids["user"])
	admin.Post(mine+"mail_notifications", object{"mail_notification_id": 1, "interval": "daily"}).Expect(200)
	add("organization", "/api/organizations", "organization", object{"name": name, "parent_id": w.ids["here"],
		"location_ids": []int64{w.ids["hereLocation"]}})
	add("location", "/api/locations", "location", object{"name": name, "parent_id": w.ids["hereLocation"],
		"organization_ids": []int64{w.ids["here"]}})
	hidden := object{"name": name, "value": "secret of " + name, "hidden_value": true}
	add("organizationParameter", fmt.Sprintf("/api/organizations/%d/parameters", w.ids["organization"]), "parameter",
		hidden)
	add("locationParameter", fmt.Sprintf("/api/locations/%d/parameters", w.ids["location"]), "parameter", hidden)
	add("commonParameter", "/api/common_parameters", "common_parameter", hidden)
	add("bookmark", "/api/bookmarks", "bookmark", object{"name": name, "controller": "users", "query": "a",
		"public": true})
	add("customField", "/api/custom_fields", "custom_field", object{"name": name})
	w.ids["audit"] = w.Find("SELECT MAX(id) FROM audits WHERE auditable_type = 'User' AND auditable_id = ?",
		w.ids["user"])
}

// deletedByProvider makes a user one whom the identity provider of an organization has deleted.
func deletedByProvider(s *server, organization, user int64) {
	s.T.Helper()
	link := models.ScimLink{OrganizationID: organization, ResourceType: "User", UUID: fmt.Sprint("user ", user, " of ", organization),
		UserID: &user, Extra: "{}", Suspended: true, Version: 1, DeletedAt: new(time.Now())}
	if err := s.DB.Write.Create(&link).Error; err != nil {
		s.T.Fatal(err)
	}
	s.Execute("UPDATE users SET disabled = TRUE WHERE id = ?", user)
}

func merge(objects ...object) object {
	all := object{}
	for _, o := range objects {
		for k, v := range o {
			all[k] = v
		}
	}
	return all
}

// path fills a route with the ids of the world.
func (w *world) path(r foreman.Route) string {
	id := map[string]string{
		"users": "user", "usergroups": "usergroup", "roles": "role", "filters": "filter", "auth_source_ldaps": "ldap",
		"external_usergroups":    "external",
		"personal_access_tokens": "token", "ssh_keys": "key", "organizations": "organization", "locations": "location",
		"bookmarks": "bookmark", "audits": "audit", "common_parameters": "commonParameter",
		"custom_fields": "customField", "scim_tokens": "scimToken",
	}[r.Resource]
	params := map[string]any{
		":user_id": w.ids["user"], ":usergroup_id": w.ids["usergroup"], ":role_id": w.ids["role"],
		":filter_id": w.ids["filter"], ":auth_source_ldap_id": w.ids["ldap"],
		":auth_source_external_id": 3, ":auth_source_internal_id": 1, ":location_id": w.ids["hereLocation"],
		":organization_id":      w.ids["here"],
		":mail_notification_id": 1, ":id": w.ids[id],
	}
	// What is nested under something has to be inside it.
	switch path := r.Path; {
	case r.Resource == "parameters" && strings.HasPrefix(path, "/api/organizations"):
		params[":organization_id"] = w.ids["organization"]
		params[":id"] = w.ids["organizationParameter"]
	case r.Resource == "parameters":
		params[":location_id"] = w.ids["location"]
		params[":id"] = w.ids["locationParameter"]
	case r.Method == "DELETE" && path == "/api/auth_source_ldaps/:id":
		params[":id"] = w.ids["emptyLdap"]
	case r.Resource == "usergroup_memberships":
		params[":usergroup_id"] = w.ids["placed"]
	case strings.HasPrefix(path, "/api/usergroups/:usergroup_id/usergroups"):
		params[":id"] = w.ids["member"]
	case strings.HasPrefix(path, "/api/auth_source_ldaps/:auth_source_ldap_id/external_usergroups"):
		params[":id"] = w.ids["ldapGroup"]
	case strings.HasPrefix(path, "/api/auth_source_ldaps/:auth_source_ldap_id/users"):
		params[":id"] = w.ids["ldapUser"]
	case strings.HasPrefix(path, "/api/auth_source_internals/:auth_source_internal_id/users"):
		params[":id"] = w.accounts["roleless"].ID
	case strings.HasSuffix(path, "_id/auth_sources/:id"):
		params[":id"] = w.ids["ldap"]
	case r.Resource == "auth_sources", r.Resource == "auth_source_internals":
		params[":id"] = 1
	case r.Method == "GET" && (r.Resource == "locations" || r.Resource == "organizations") &&
		strings.Contains(path, "_id/"+r.Resource) &&
		!strings.HasPrefix(path, "/api/locations") && !strings.HasPrefix(path, "/api/organizations"):
		params[":id"] = map[string]int64{"locations": w.ids["hereLocation"], "organizations": w.ids["here"]}[r.Resource]
	case r.Resource == "auth_source_externals":
		params[":id"] = 3
	case r.Resource == "permissions", r.Resource == "mail_notifications":
		params[":id"] = 1
	case r.Resource == "settings":
		params[":id"] = "entries_per_page"
	case r.Resource == "table_preferences":
		params[":name"] = "hosts"
	}
	segments := strings.Split(r.Path, "/")
	for i, s := range segments {
		if v, ok := params[s]; ok {
			segments[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(segments, "/")
}

// body is a change that would go through if the caller were allowed.
func (w *world) body(r foreman.Route) any {
	name := fmt.Sprintf("changed%d-%d", w.turn, len(r.Path))
	switch r.Resource {
	case "users":
		if r.Action == "create" {
			return object{"user": object{"login": name, "auth_source_id": 3, "organization_ids": []int64{w.ids["here"]},
				"location_ids": []int64{w.ids["hereLocation"]}}}
		}
		return object{"user": object{"firstname": name}}
	case "filters":
		if r.Action == "create" {
			return object{"filter": object{"role_id": w.ids["role"], "permission_names": []string{"view_users"}}}
		}
		return object{"filter": object{"search": "login = " + name}}
	case "external_usergroups":
		attributes := object{"name": name}
		if r.Action == "create" {
			attributes = object{"name": name, "auth_source_id": 3, "usergroup_id": w.ids["usergroup"]}
		}
		return object{"external_usergroup": attributes}
	case "auth_source_ldaps":
		return object{"auth_source_ldap": object{"name": name, "host": "other.example.com",
			"organization_ids": []int64{w.ids["here"]}, "location_ids": []int64{w.ids["hereLocation"]}}}
	case "auth_source_externals":
		return object{"auth_source_external": object{"name": name}}
	case "settings":
		return object{"setting": object{"value": fmt.Sprint(20 + w.turn)}}
	case "mail_notifications":
		return object{"mail_notification_id": 3, "interval": "weekly"}
	case "table_preferences":
		return object{"name": name, "columns": []string{"a"}}
	case "ssh_keys":
		return object{"name": name, "key": strings.Replace(publicKey, "IJ7X", "IJ7Y", 1)}
	case "personal_access_tokens":
		return object{"name": name}
	case "memberships", "usergroup_memberships":
		return object{"membership": object{"state": "suspended"}}
	case "bookmarks":
		return object{"bookmark": object{"name": name, "controller": "users", "query": "b"}}
	}
	return object{strings.TrimSuffix(r.Resource, "s"): object{"name": name}}
}

// TestMatrix asks every route as everybody. A cell states the status; a refused request changes nothing at all, and one
// that goes through leaves audits of its own resource only.
func TestMatrix(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newWorld(s)
		routes := new(foreman.API).Routes()
		stated := map[string]bool{}
		for _, r := range routes {
			line := r.Method + " " + r.Path
			want, ok := matrix[line]
			if !ok && os.Getenv("ROSTER_PRINT_MATRIX") == "" {
				t.Errorf("nobody has thought about %s: give it a row in the matrix", line)
				continue
			}
			stated[line] = true
			w.row(r, strings.Fields(want))
		}
		for line := range matrix {
			if !stated[line] {
				t.Errorf("the matrix has a row for %s, which is no route", line)
			}
		}
	})
}

func (w *world) row(r foreman.Route, want []string) {
	w.T.Helper()
	var got []string
	for _, caller := range callers {
		got = append(got, w.cell(r, caller))
	}
	if os.Getenv("ROSTER_PRINT_MATRIX") != "" {
		fmt.Printf("\t%q: %q,\n", r.Method+" "+r.Path, strings.Join(got, " "))
		return
	}
	for i, caller := range callers {
		if i < len(want) && got[i] != want[i] {
			w.T.Errorf("%s %s as %s: got %s, want %s", r.Method, r.Path, caller, got[i], want[i])
		}
	}
}

// cell asks one route as one caller.
func (w *world) cell(r foreman.Route, caller string) string {
	w.T.Helper()
	if r.Method == "GET" {
		a := w.client(caller).Get(w.path(r))
		return fmt.Sprint(a.Status)
	}
	if w.last == nil {
		w.last = w.contents()
	}
	before := w.last
	audits := w.Find("SELECT COALESCE(MAX(id), 0) FROM audits")
	a := w.client(caller).Do(r.Method, w.path(r), w.body(r))
	if a.Status >= 300 {
		if after := w.contents(); !slices.Equal(before, after) {
			w.T.Errorf("%s as %s: a refused request changed something:\n%s", a, caller, firstDifference(before, after))
		}
		return fmt.Sprint(a.Status)
	}
	if r.Action != "refresh" && r.Action != "test" {
		w.expectAudits(r, caller, audits)
	}
	if keepsWorld(r) {
		w.turn++
		w.last = nil
	} else {
		w.renew()
	}
	return fmt.Sprint(a.Status)
}

// keepsWorld reports whether others can still ask a route when one has done so with success: names differ each time. A
// key and a membership have none.
func keepsWorld(r foreman.Route) bool {
	nameless := []string{"ssh_keys", "memberships", "usergroup_memberships"}
	return (r.Action == "create" || r.Action == "update") && !slices.Contains(nameless, r.Resource)
}

// expectAudits looks at the trail that one request left.
func (w *world) expectAudits(r foreman.Route, caller string, after int64) {
	w.T.Helper()
	var rows []models.Audit
	if err := w.DB.Read.Where("id > ?", after).Find(&rows).Error; err != nil {
		w.T.Fatal(err)
	}
	if len(rows) == 0 {
		w.T.Errorf("%s %s as %s left no audit", r.Method, r.Path, caller)
	}
	for _, row := range rows {
		if kind := auditedAs[r.Resource]; row.AuditableType != kind &&
			row.AuditableType != alsoAudited[r.Resource+"."+r.Action] {
			w.T.Errorf("%s %s as %s: got an audit of a %s, want only %ss", r.Method, r.Path, caller, row.AuditableType,
				kind)
		}
	}
}

// alsoAudited are the classes of what a change takes along.
var alsoAudited = map[string]string{
	"roles.clone": "Filter", "external_usergroups.update": "Usergroup", "external_usergroups.destroy": "Usergroup",
	"auth_source_externals.update": "Setting",
}

// auditedAs are the classes under which the resources' changes are audited.
var auditedAs = map[string]string{
	"users": "User", "usergroups": "Usergroup", "external_usergroups": "ExternalUsergroup", "roles": "Role",
	"filters":       "Filter",
	"organizations": "Organization", "locations": "Location", "auth_source_ldaps": "AuthSource",
	"auth_source_externals":  "AuthSource",
	"personal_access_tokens": "PersonalAccessToken", "ssh_keys": "SshKey", "table_preferences": "TablePreference",
	"mail_notifications": "UserMailNotification",
	"memberships":        "Membership", "usergroup_memberships": "Membership",
	"settings": "Setting", "bookmarks": "Bookmark", "parameters": "Parameter", "common_parameters": "Parameter",
	"custom_fields": "CustomField", "scim_tokens": "ScimToken",
}

// keptTables hold everything but what logging in moves.
var keptTables = []string{
	"auth_sources", "taxonomies", "taxonomy_closure", "locations_organizations", "roles", "permissions", "filters",
	"filter_permissions", "usergroups",
	"usergroup_users", "usergroup_usergroups", "usergroup_closure", "external_usergroups", "user_roles",
	"usergroup_roles", "memberships", "membership_roles", "role_taxonomies",
	"filter_taxonomies", "auth_source_taxonomies", "personal_access_tokens", "ssh_keys", "mail_notifications",
	"user_mail_notifications", "table_preferences",
	"settings", "bookmarks", "parameters", "audits", "audit_taxonomies", "custom_fields", "custom_values",
	"scim_tokens", "scim_links",
}

// contents reads every table, row by row.
func (w *world) contents() []string {
	w.T.Helper()
	var lines []string
	for _, table := range keptTables {
		lines = append(lines, w.table("SELECT * FROM "+table+" ORDER BY 1, 2")...)
	}
	return append(lines, w.table("SELECT id, login, firstname, lastname, mail, admin, disabled, password_hash, "+
		"default_location_id, updated_at FROM users ORDER BY id")...)
}

func (w *world) table(query string) []string {
	w.T.Helper()
	rows, err := w.DB.Read.Raw(query).Rows()
	if err != nil {
		w.T.Fatal(query, ": ", err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.T.Fatal(err)
	}
	values := make([]any, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var lines []string
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			w.T.Fatal(err)
		}
		lines = append(lines, query[14:30]+fmt.Sprint(values))
	}
	return lines
}

func firstDifference(before, after []string) string {
	for i := range before {
		if i >= len(after) || before[i] != after[i] {
			return "before: " + before[i] + "\nafter:  " + strings.Join(after[min(i, len(after)):min(i+1, len(after))],
				"")
		}
	}
	return "more rows"
}

func mustEncode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
