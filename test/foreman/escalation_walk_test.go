package foreman

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"roster/directory"
	"roster/handlers/foreman"
)

// verdicts say of every attribute that a change of something may carry what it can give: "free" ones give nobody
// anything, "guarded" ones do, and ask the rule of authority. An attribute that the documents have and this list does
// not fails TestAuthority_Walk, so that nobody adds one without an answer.
var verdicts = map[string]string{
	"user": "free: current_password custom_fields default_location_id default_organization_id description " +
		"firstname lastname locale mail_enabled timezone " +
		"guarded: admin auth_source_id disabled expires_at further_mails location_ids login mail must_change_password organization_ids " +
		"password revoke_tokens role_ids " +
		"auth_source_name location_names organization_names role_names",
	"usergroup": "free: custom_fields name guarded: admin role_ids user_ids usergroup_ids " +
		"role_names user_names usergroup_names",
	"external_usergroup": "guarded: auth_source_id name " +
		"auth_source_name",
	"membership": "guarded: expires_at role_ids state " +
		"role_names",
	"role": "free: description name guarded: location_ids organization_ids " +
		"location_names organization_names",
	"filter": "guarded: location_ids organization_ids override permission_ids role_id search " +
		"location_names organization_names permission_names role_name",
	"auth_source_external": "guarded: location_ids name organization_ids " +
		"location_names organization_names",
	"auth_source_ldap": "guarded: account account_password attr_firstname attr_lastname attr_login attr_mail " +
		"attr_photo base_dn groups_base host ldap_filter " +
		"location_ids name onthefly_register organization_ids port server_type tls use_netgroups usergroup_sync " +
		"location_names organization_names",
	"location": "free: description name guarded: ignore_types organization_ids parent_id user_ids " +
		"organization_names user_names",
	"organization": "free: description name slug guarded: ignore_types location_ids parent_id user_ids " +
		"location_names user_names",
	"parameter":        "free: hidden_value name parameter_type value",
	"common_parameter": "free: hidden_value name parameter_type value",
	"setting":          "guarded: value",
	"custom_field": "free: customized_type default_value description editable field_format is_filter is_required " +
		"max_length min_length multiple name position possible_values regexp searchable visible",
	"scim_token":            "free: expires_at networks read_only guarded: name",
	"bookmark":              "free: controller name public query",
	"personal_access_token": "free: expires_at guarded: name",
	"ssh_key":               "guarded: key name",
	"":                      "free: columns interval mail_notification_id mail_query name subscription",
}

// spellings are further ways to send some of the attributes, which the documents leave out.
var spellings = map[string][]string{
	"membership": {"role_names", "roles"},
	"user": {"role_names", "roles", "organization_names", "location_names", "organizations", "locations",
		"auth_source_name"},
	"role": {"organizations"}, "usergroup": {"user_names", "role_names", "users"},
	"filter":       {"permission_names", "role_name", "organizations", "unlimited"},
	"organization": {"user_names", "select_all_types"}, "location": {"user_names"},
}

// attributesOf reads the attributes of the bodies from the document: by the root key of the body.
func attributesOf(t *testing.T) map[string][]string {
	t.Helper()
	type schema struct {
		Ref   string `json:"$ref"`
		AllOf []struct {
			Ref string `json:"$ref"`
		}
		Properties map[string]json.RawMessage
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				In     string
				Schema schema
			}
		}
		Definitions map[string]schema
	}
	text, err := os.ReadFile("../../docs/swagger.json")
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	find := func(s schema) schema {
		if s.Ref == "" && len(s.AllOf) > 0 {
			s.Ref = s.AllOf[0].Ref
		}
		if s.Ref != "" {
			return doc.Definitions[strings.TrimPrefix(s.Ref, "#/definitions/")]
		}
		return s
	}
	found := map[string]map[string]bool{}
	add := func(root string, names map[string]json.RawMessage) {
		if found[root] == nil {
			found[root] = map[string]bool{}
		}
		for name := range names {
			found[root][name] = true
		}
	}
	for _, verbs := range doc.Paths {
		for _, operation := range verbs {
			for _, p := range operation.Parameters {
				if p.In != "body" {
					continue
				}
				for name, raw := range find(p.Schema).Properties {
					var inner schema
					if err := json.Unmarshal(raw, &inner); err != nil {
						t.Fatal(err)
					}
					if inner = find(inner); inner.Properties != nil {
						add(name, inner.Properties)
					} else {
						add("", map[string]json.RawMessage{name: nil})
					}
				}
			}
		}
	}
	all := map[string][]string{}
	for root, names := range found {
		all[root] = slices.Sorted(maps.Keys(names))
	}
	return all
}

// authorityWalk is one walk over all writing routes, as one caller.
type authorityWalk struct {
	*server
	twoTenants
	caller                                    account
	boss, chief, foreign, dual, strong, stray account
	ids                                       map[string][]int64 // targets by resource
	values                                    map[string][]any   // what is tried for an attribute
	turn, sent, passed                        int
	admins, beyond, grants                    string
}

// TestAuthority_Walk sends every attribute of every writing route, in every value that may give somebody something, as
// somebody who holds every permission, and as somebody who holds many. Whatever is answered: no effective
// administrator's way in changes, nobody becomes one, nothing of another tenant changes, and nobody gets a permission
// that the caller does not hold.
func TestAuthority_Walk(t *testing.T) {
	attributes := attributesOf(t)
	for root, names := range attributes {
		known := strings.Fields(verdicts[root])
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("%s[%s] has no verdict: say in verdicts whether it can give anybody anything", root, name)
			}
		}
	}
	for _, caller := range []string{"everything", "much"} {
		t.Run(caller, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *server) { newWalk(s).all(caller, attributes) })
		})
	}
}

// all walks over all writing routes, those that delete last.
func (w *authorityWalk) all(caller string, attributes map[string][]string) {
	w.caller = w.callerWith(caller)
	w.remember()
	routes := 0
	tried := map[string]bool{}
	for _, deleting := range []bool{false, true} {
		for _, r := range new(foreman.API).Routes() {
			if r.Method == "GET" || (r.Method == "DELETE") != deleting {
				continue
			}
			routes++
			for _, root := range rootsOf(r) {
				for _, name := range append(slices.Clone(attributes[root]), spellings[root]...) {
					tried[root+"."+name] = true
					w.try(r, root, name)
				}
			}
			if deleting || r.Action == "refresh" || r.Action == "test" {
				w.try(r, "", "")
			}
		}
	}
	w.T.Logf("%s: %d routes, %d attributes, %d requests, %d went through", caller, routes, len(tried), w.sent, w.passed)
	if w.passed < 300 {
		w.T.Error("too few changes went through to say anything")
	}
}

// rootsOf are the root keys of a route's body; "" stands for none.
func rootsOf(r foreman.Route) []string {
	if r.Method == "DELETE" {
		return nil
	}
	roots := map[string]string{
		"users": "user", "usergroups": "usergroup", "external_usergroups": "external_usergroup", "roles": "role",
		"filters":               "filter",
		"auth_source_externals": "auth_source_external", "auth_source_ldaps": "auth_source_ldap",
		"locations": "location", "organizations": "organization",
		"parameters": "parameter", "common_parameters": "common_parameter", "settings": "setting",
		"bookmarks":     "bookmark",
		"custom_fields": "custom_field", "scim_tokens": "scim_token",
		"personal_access_tokens": "personal_access_token", "ssh_keys": "ssh_key",
		"mail_notifications": "", "table_preferences": "", "memberships": "membership",
		"usergroup_memberships": "membership",
	}
	root, known := roots[r.Resource]
	if !known {
		panic("the walk does not know the bodies of " + r.Resource)
	}
	return []string{root}
}

func newWalk(s *server) *authorityWalk {
	w := &authorityWalk{server: s, twoTenants: makeTwoTenants(s)}
	admin := s.Admin()
	w.boss = s.User("boss", w.inside, object{"admin": true, "mail": "boss@example.com"})
	w.chief = s.User("chief", w.inside, object{"mail": "chief@example.com"})
	w.foreign = s.User("foreigner", w.outside(), object{"role_names": []string{"System admin"}})
	w.dual = s.User("dual", object{"organization_ids": []int64{w.here, w.there},
		"location_ids": []int64{w.hereLocation}, "role_names": []string{"Viewer"}})
	w.strong = s.User("strong", w.inside, object{"role_names": []string{"System admin"}})
	w.stray = s.User("stray", w.inside)
	weak := s.NewRole("weak", "view_users")
	admin.Put(w.stray.Path(), object{"user": object{"role_ids": []int64{weak}}}).Expect(200)
	limited := admin.Post("/api/roles",
		object{"role": object{"name": "limited", "organization_ids": []int64{w.there}, "location_ids": []int64{}}}).
		Expect(201).Int("id")
	s.Filter(limited, "", "edit_users")
	inner := s.Group("inner", false, directory.UsergroupChange{Users: refs(w.chief.ID)})
	chiefs := s.Group("chiefs", true, directory.UsergroupChange{Members: refs(inner)})
	team := s.Group("team", false, directory.UsergroupChange{Users: refs(w.stray.ID, w.boss.ID)})
	mighty := s.Group("mighty", false, directory.UsergroupChange{Roles: refs(s.Role("System admin"))})
	held := makeSource(s, merge(w.inside, object{"name": "held", "host": "ldap.example.com"}))
	admin.Post("/api/users",
		object{"user": merge(w.inside, object{"login": "ldapboss", "auth_source_id": held, "admin": true})}).Expect(201)
	free := makeSource(s, merge(w.inside, object{"name": "free", "host": "ldap.example.com"}))
	tie := admin.Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", inner),
		object{"external_usergroup": object{"name": "tied", "auth_source_id": held}}).
		Expect(201).Int("id")
	key := admin.Post(w.boss.Path("/ssh_keys"), object{"name": "k", "key": publicKey}).Expect(201).Int("id")
	custom := customField(s, "walked", "string", object{"editable": false})
	token := admin.Post(w.boss.Path("/personal_access_tokens"), object{"name": "t"}).Expect(201).Int("id")
	scimToken := func(organization int64) int64 {
		return admin.Post(fmt.Sprintf("/api/organizations/%d/scim_tokens", organization),
			object{"scim_token": object{"name": "walked"}}).Expect(201).Int("id")
	}
	scimTokens := []int64{scimToken(w.here), scimToken(w.there)}
	for _, a := range []account{w.boss, w.dual, w.stray, w.foreign} {
		deletedByProvider(s, w.here, a.ID)
	}
	deletedByProvider(s, w.there, w.stray.ID)
	w.ids = map[string][]int64{
		"users":      {w.boss.ID, w.chief.ID, w.foreign.ID, w.dual.ID, w.strong.ID, w.stray.ID},
		"usergroups": {chiefs, inner, team, mighty}, "external_usergroups": {tie},
		"roles": {weak, limited, s.Role("System admin")},
		"filters": {s.Find("SELECT MIN(id) FROM filters WHERE role_id = ?", weak),
			s.Find("SELECT MIN(id) FROM filters WHERE role_id = ?", limited)},
		"auth_source_ldaps": {held, free}, "auth_source_externals": {3}, "locations": {w.hereLocation, w.thereLocation},
		"organizations": {w.here, w.there},
		"ssh_keys":      {key}, "personal_access_tokens": {token}, "mail_notifications": {1}, "parameters": {1},
		"bookmarks": {1}, "common_parameters": {1}, "custom_fields": {custom},
		"scim_tokens": scimTokens,
	}
	permission := func(name string) int64 { return s.Find("SELECT id FROM permissions WHERE name = ?", name) }
	strongRole := s.Role("System admin")
	w.values = map[string][]any{
		"admin": {true, false}, "disabled": {true, false}, "expires_at": {"2020-01-01", "2099-01-01", nil}, "auth_source_id": {held, free, int64(3), int64(1)},
		"auth_source_name": {"held", "External"},
		"further_mails":    {[]string{"walker@example.com"}}, "password": {"taken over"}, "login": {"walked"}, "mail": {"walker@example.com"},
		"revoke_tokens": {true}, "must_change_password": {true, false},
		"role_ids":           {[]int64{strongRole}, []int64{weak, limited}, []int64{}},
		"role_names":         {[]string{"System admin"}},
		"roles":              {[]object{{"id": strongRole}}},
		"organization_ids":   {[]int64{w.here, w.there}, []int64{w.there}, []int64{w.here}, []int64{}},
		"organization_names": {[]string{"SecretOrg"}},
		"organizations":      {[]object{{"name": "SecretOrg"}}, []object{{"id": w.there}}},
		"locations":          {[]object{{"id": w.thereLocation}}},
		"location_ids":       {[]int64{w.thereLocation}, []int64{w.hereLocation}, []int64{}},
		"location_names":     {[]string{"SecretSpot"}},
		"user_ids": {[]int64{w.stray.ID}, []int64{w.boss.ID, w.stray.ID}, []int64{w.foreign.ID}, []int64{w.strong.ID},
			[]int64{}},
		"user_names": {[]string{"stray"}, []string{"foreigner"}}, "users": {[]object{{"id": w.stray.ID}}},
		"usergroup_ids": {[]int64{team}, []int64{chiefs}, []int64{mighty}, []int64{}},
		"parent_id":     {w.there, w.here, nil}, "ignore_types": {[]string{"User"}},
		"select_all_types": {[]string{"User"}},
		"search":           {"", nil, "login = boss"}, "override": {true, false}, "unlimited": {true},
		"role_id": {weak, limited, strongRole}, "role_name": {"System admin"},
		"permission_ids": {[]int64{permission("destroy_users")}, []int64{permission("edit_users")},
			[]int64{permission("escalate_roles")}},
		"permission_names": {[]string{"edit_settings"}}, "host": {"evil.example.com"}, "port": {int64(29389)},
		"tls": {true, false}, "account": {"cn=$login"},
		"onthefly_register": {true}, "value": {"true", "https://evil.example.com/keys"},
		"key":         {strings.Replace(publicKey, "IJ7X", "IJ7Z", 1)},
		"server_type": {"active_directory"}, "parameter_type": {"string"}, "interval": {"weekly"},
		"mail_notification_id": {int64(1)}, "columns": {[]string{"a"}},
		"state":    {"suspended", "active"},
		"networks": {[]string{"192.0.2.0/24"}}, "read_only": {true}, "timezone": {"Prague"}, "locale": {"de"}, "default_organization_id": {w.there, w.here},
		"default_location_id": {w.thereLocation},
	}
	return w
}

// callerWith makes somebody in the tenant who holds every permission, or those of an editor who may not escalate.
func (w *authorityWalk) callerWith(name string) account {
	w.T.Helper()
	var all []string
	if err := w.DB.Read.Raw("SELECT name FROM permissions WHERE resource_type IS NOT NULL AND resource_type <> 'Host'").
		Scan(&all).Error; err != nil {
		w.T.Fatal(err)
	}
	without := func(name string) bool {
		return strings.HasPrefix(name, "destroy_") || strings.Contains(name, "settings") ||
			strings.Contains(name, "audit")
	}
	if name == "much" {
		all = slices.DeleteFunc(all, without)
	} else {
		all = append(all, "escalate_roles", "access_dashboard", "view_plugins", "view_statuses")
	}
	return w.User("caller-"+name, w.inside, object{"role_ids": []int64{w.NewRole(name, all...)}})
}

// remember takes down what must not change.
func (w *authorityWalk) remember() {
	w.admins = w.administrators()
	w.beyond = w.elsewhere()
	w.grants = w.reach()
}

// administrators are the effective ones with everything by which they get in.
func (w *authorityWalk) administrators() string {
	var ids []int64
	query := `SELECT id FROM users WHERE NOT hidden AND (admin OR id IN (SELECT m.user_id FROM usergroups g JOIN usergroup_closure c ON c.ancestor_id = g.id
		JOIN usergroup_users m ON m.usergroup_id = c.descendant_id WHERE g.admin)) AND login <> 'admin' ORDER BY id`
	if err := w.DB.Read.Raw(query).Scan(&ids).Error; err != nil {
		w.T.Fatal(err)
	}
	var states []string
	for _, id := range ids {
		states = append(states, fmt.Sprint(id, accountState(w.server, id)))
	}
	states = append(states, w.text("SELECT host, port, base_dn, tls, attr_login, ldap_filter, onthefly_register FROM "+
		"auth_sources WHERE name = 'held'"))
	return strings.Join(states, "\n")
}

// elsewhere is what belongs to the other tenant.
func (w *authorityWalk) elsewhere() string {
	return w.text(fmt.Sprintf("SELECT user_id, taxonomy_id FROM memberships WHERE taxonomy_id IN (%d, %d) "+
		"ORDER BY 1, 2", w.there, w.thereLocation)) +
		"\n" + w.text(fmt.Sprintf("SELECT name, description, ignore_types FROM taxonomies WHERE id IN (%d, %d) "+
		"ORDER BY 1", w.there, w.thereLocation)) + "\n" + accountState(w.server, w.foreign.ID) +
		"\n" + w.text(fmt.Sprintf("SELECT id, revoked FROM scim_tokens WHERE organization_id = %d ORDER BY 1", w.there)) +
		"\n" + w.text(fmt.Sprintf("SELECT id, suspended FROM scim_links WHERE organization_id = %d ORDER BY 1", w.there))
}

// reach is who may do what, beyond what the caller may: a line for each.
func (w *authorityWalk) reach() string {
	holds := `SELECT h.user_id, h.role_id, p.name, COALESCE(f.search, '') AS search FROM (
		SELECT user_id, role_id FROM user_roles UNION SELECT m.user_id, gr.role_id FROM usergroup_users m
		JOIN usergroup_closure c ON c.descendant_id = m.usergroup_id
		JOIN usergroup_roles gr ON gr.usergroup_id = c.ancestor_id UNION
		SELECT COALESCE(o.user_id, m.user_id), -o.taxonomy_id * 1000 - mr.role_id FROM membership_roles mr
		JOIN memberships o ON o.id = mr.membership_id
		LEFT JOIN usergroup_closure c ON c.ancestor_id = o.usergroup_id
		LEFT JOIN usergroup_users m ON m.usergroup_id = c.descendant_id) h
		JOIN filters f ON f.role_id = CASE WHEN h.role_id < 0 THEN -h.role_id % 1000 ELSE h.role_id END
		JOIN filter_permissions fp ON fp.filter_id = f.id
		JOIN permissions p ON p.id = fp.permission_id AND (h.role_id > 0 OR
			p.resource_type IN ('User', 'AuthSource', 'Location', 'Organization'))
		WHERE NOT (f.organizations_limited AND NOT EXISTS (SELECT 1 FROM filter_taxonomies l
			JOIN taxonomies t ON t.id = l.taxonomy_id
			WHERE l.filter_id = f.id AND t.type = 'Organization'))`
	return w.text(
		fmt.Sprintf(
			`SELECT DISTINCT a.user_id, a.name FROM (%s) a WHERE a.name NOT IN (SELECT b.name FROM (%s) b WHERE b.user_id = %d)
		AND a.name <> 'escalate_roles' ORDER BY 1, 2`, holds, holds, w.caller.ID))
}

func (w *authorityWalk) text(query string) string {
	w.T.Helper()
	var rows []map[string]any
	if err := w.DB.Read.Raw(query).Scan(&rows).Error; err != nil {
		w.T.Fatal(err)
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = fmt.Sprint(row)
	}
	return strings.Join(lines, "\n")
}

// try sends one attribute of a route in all its values to all its targets.
func (w *authorityWalk) try(r foreman.Route, root, name string) {
	values := w.values[name]
	if values == nil {
		values = []any{fmt.Sprint("walked ", w.turn)}
	}
	for _, path := range w.paths(r) {
		for _, value := range values {
			w.turn++
			if name == "login" || name == "name" {
				value = fmt.Sprint("walked", w.turn)
			}
			body := object{name: value}
			if r.Action == "create" {
				body = merge(w.required(root), body)
			}
			if root != "" {
				body = object{root: body}
			}
			w.send(r.Method, path, body)
		}
	}
}

// required are the attributes without which nothing is created.
func (w *authorityWalk) required(root string) object {
	name := fmt.Sprint("made", w.turn)
	switch root {
	case "user":
		return merge(w.inside, object{"login": name, "auth_source_id": 1, "password": "p"})
	case "filter":
		return object{"role_id": w.ids["roles"][0], "permission_names": []string{"view_users"}}
	case "auth_source_ldap":
		return merge(w.inside, object{"name": name, "host": "h.example.com"})
	case "external_usergroup":
		return object{"name": name, "auth_source_id": w.ids["auth_source_ldaps"][1],
			"usergroup_id": w.ids["usergroups"][3]}
	case "ssh_key":
		return object{"name": name, "key": strings.Replace(publicKey, "IJ7X", "IJ7W", 1)}
	case "bookmark":
		return object{"name": name, "controller": "users", "query": "a"}
	}
	return object{"name": name}
}

// paths fills a route with its targets; of nested routes the first parent stands for all.
func (w *authorityWalk) paths(r foreman.Route) []string {
	parents := map[string][]int64{
		":user_id": {w.boss.ID, w.stray.ID, w.dual.ID}, ":usergroup_id": w.ids["usergroups"][:2],
		":role_id":   w.ids["roles"][:1],
		":filter_id": w.ids["filters"][:1], ":auth_source_ldap_id": w.ids["auth_source_ldaps"][:1],
		":auth_source_external_id": {3},
		":auth_source_internal_id": {1}, ":location_id": w.ids["locations"], ":organization_id": w.ids["organizations"],
		":mail_notification_id": {1}, ":id": w.ids[r.Resource],
	}
	paths := []string{""}
	for _, segment := range strings.Split(r.Path, "/")[1:] {
		choices := []string{segment}
		if ids, ok := parents[segment]; ok {
			choices = nil
			for _, id := range ids {
				choices = append(choices, fmt.Sprint(id))
			}
		}
		if segment == ":id" && r.Resource == "settings" {
			choices = []string{"oidc_jwks_url", "authorize_login_delegation"}
		}
		if segment == ":name" {
			choices = []string{"hosts"}
		}
		var longer []string
		for _, path := range paths {
			for _, choice := range choices {
				longer = append(longer, path+"/"+choice)
			}
		}
		paths = longer
	}
	return paths
}

// send makes one request and looks at what must not have changed.
func (w *authorityWalk) send(method, path string, body object) {
	w.T.Helper()
	a, err := w.By(w.caller).Try(method, path, body)
	if err != nil {
		w.T.Fatal(err)
	}
	w.sent++
	if a.Status >= 500 {
		w.T.Errorf("%s %s %s: got %d", method, path, mustEncode(body), a.Status)
	}
	if a.Status >= 300 {
		return // a refusal changes nothing at all, which the matrix looks at
	}
	w.passed++
	now := []struct{ what, before, after string }{
		{"an administrator", w.admins, w.administrators()}, {"another tenant", w.beyond, w.elsewhere()},
		{"permissions beyond the caller's", w.grants, w.reach()},
	}
	for _, n := range now {
		// Deletions take away: a role from its holders, an account from both of its tenants.
		if method == "DELETE" {
			n.before, n.after = lasting(n.before), lasting(n.after)
		}
		if !subset(n.after, n.before) || method != "DELETE" && n.what != now[2].what && n.before != n.after {
			w.T.Errorf("%s %s %s changed %s from\n%s\nto\n%s", method, path, mustEncode(body), n.what, n.before,
				n.after)
		}
	}
	w.remember()
}

// counts are how many roles and tenants somebody has.
var counts = regexp.MustCompile(`(roles|tenants):[0-9]+`)

// lasting leaves out what the deletion of a role or a tenant takes from everybody.
func lasting(text string) string { return counts.ReplaceAllString(text, "") }

// subset reports whether every line of a text is in another.
func subset(small, large string) bool {
	lines := strings.Split(large, "\n")
	return !slices.ContainsFunc(strings.Split(small, "\n"), func(line string) bool {
		return line != "" &&
			!slices.Contains(lines, line)
	})
}
