package foreman

import (
	"crypto/dsa" //nolint:staticcheck // keys of this kind are kept, not used
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"roster/config"
	"roster/directory"
	"roster/handlers"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// authorizedKey is a public key as people send it.
func authorizedKey(t *testing.T, key any) string {
	t.Helper()
	public, err := ssh.NewPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))) + " ann@example.com"
}

// Keys: old kinds are kept with a warning, damaged ones refused, and everything that is wrong is said at once.
func TestSSHKeys_Kinds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		path := s.User("ann").Path("/ssh_keys")
		add := func(name, key string) *answer {
			return s.Admin().Post(path, object{"ssh_key": object{"name": name, "key": key}})
		}
		old := &dsa.PrivateKey{}
		if err := dsa.GenerateParameters(&old.Parameters, rand.Reader, dsa.L1024N160); err != nil {
			t.Fatal(err)
		}
		if err := dsa.GenerateKey(old, rand.Reader); err != nil {
			t.Fatal(err)
		}
		a := add("dsa", authorizedKey(t, &old.PublicKey)).Expect(201).Want(1024, "length")
		if !strings.HasPrefix(a.Header.Get("Warning"), "299 ") {
			t.Errorf("a key of an old kind is taken without a warning: %v", a.Header)
		}
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		good := authorizedKey(t, &private.PublicKey)
		if got := add("rsa", good).Expect(201).Want(2048, "length").Header.Get("Warning"); got != "" {
			t.Errorf("a key of a good kind is taken with the warning %s", got)
		}
		length := map[string][]string{"length": {"could not be calculated"}}
		curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		add("damaged", damaged(t, authorizedKey(t, &curve.PublicKey))).Refuses(length, "Length could not be calculated")
		unreadable := map[string][]string{"key": {"is not a valid public ssh key"},
			"fingerprint": {"could not be generated"}, "length": {"could not be calculated"}}
		sentences := []string{"Key is not a valid public ssh key", "Fingerprint could not be generated",
			"Length could not be calculated"}
		add("k", "ssh-rsa nonsense").Refuses(unreadable, sentences...)
		add("k", "ecdsa-sha2-nistp256 AAAA").Refuses(unreadable, sentences...)
		unreadable["key"] = append(unreadable["key"], "must be in OpenSSH public key format")
		add("k", "nonsense").Refuses(unreadable, append(sentences, "Key must be in OpenSSH public key format")...)
	})
}

// damaged changes the bits of a key's last character that decoding leaves out.
func damaged(t *testing.T, key string) string {
	t.Helper()
	fields := strings.Fields(key)
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(blob)%3 == 0 {
		t.Fatalf("%d bytes, %v", len(blob), err)
	}
	end := strings.IndexByte(fields[1], '=')
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(letters, fields[1][end-1])
	fields[1] = fields[1][:end-1] + string(letters[last+1]) + fields[1][end:]
	return strings.Join(fields, " ")
}

// Settings that clients read and write exist, with the types that they know, and are checked.
func TestSettings_OfClients(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := s.Admin()
		for name, kind := range map[string]string{
			"login_text": "string", "email_reply_address": "string", "email_subject_prefix": "string",
			"delivery_method": "string", "smtp_port": "integer", "smtp_enable_starttls_auto": "boolean",
			"token_duration": "integer", "excluded_facts": "array", "destroy_vm_on_host_delete": "boolean",
			"clean_up_failed_deployment": "boolean", "http_proxy": "string", "outofsync_interval": "integer",
			"host_owner": "string", "rss_enable": "boolean", "rss_url": "string", "oidc_audience": "array",
		} {
			c.Get("/api/settings?per_page=4294967296&search=name%3D%22"+name+"%22").Expect(200).Want(1, "subtotal").
				Want(kind, "results", 0, "settings_type")
		}
		put := func(name string, value any) *answer {
			return c.Put("/api/settings/"+name, object{"setting": object{"value": value}})
		}
		c.Get("/api/settings/login_text").Expect(200).Want("Version $VERSION", "default").Want("Version $VERSION", "value")
		put("login_text", "Welcome!").Expect(200).Want("Welcome!", "value")
		c.Get("/api/settings/login_text").Expect(200).Want("Welcome!", "value")
		// An empty text is how clients reset what has no default, and what is off by default.
		put("login_text", "").Expect(200).Want("", "value")
		put("http_proxy", "").Expect(200).Want("", "value").Want(nil, "default")
		put("default_locale", "").Expect(200).Want("", "value")
		put("destroy_vm_on_host_delete", "true").Expect(200).Want(true, "value")
		put("destroy_vm_on_host_delete", "").Expect(200).Want(false, "value")
		put("login_text", "Welcome!").Expect(200)
		for _, list := range []any{[]any{"a", "b"}, `["a", "b"]`, "[a, b]", "['a','b']"} {
			put("oidc_audience", list).Expect(200).Want([]any{"a", "b"}, "value")
		}
		put("oidc_audience", []any{}).Expect(200).Want([]any{}, "value")
		for _, odd := range []any{"a", object{"a": 1}, []any{[]any{"a"}}, []any{"\x00"}} {
			if a := put("oidc_audience", odd); a.Status != 422 && a.Status != 400 {
				t.Errorf("%v: %s", odd, a)
			}
		}
		put("entries_per_page", 123456789).
			Refuses(map[string][]string{"value": {"is too long (maximum is 8 characters)"}},
				"Value is too long (maximum is 8 characters)")
		put("idle_timeout", "123456789").Expect(422)
		put("token_duration", 99999999).Expect(200)
		for _, name := range []string{"administrator", "email_reply_address"} {
			put(name, "no mail").Expect(422)
			put(name, "").Expect(422)
			put(name, "root@example.com").Expect(200)
		}
		put("delivery_method", "pigeon").Expect(422)
		put("delivery_method", "smtp").Expect(200)
		put("smtp_port", 70000).Expect(422)
		// A password goes in and never comes out.
		put("smtp_password", "hush hush").Expect(200).Want("*****", "value").Want(true, "encrypted")
		c.Get("/api/settings/smtp_password").Expect(200).Want("*****", "value")
		if n := s.Find("SELECT COUNT(*) FROM settings WHERE value LIKE '%hush%'") +
			s.Find("SELECT COUNT(*) FROM audits WHERE audited_changes LIKE '%hush%'"); n != 0 {
			t.Errorf("the password stands in %d places", n)
		}
		// A list that was kept as a text, as it used to be, is the list of its words.
		s.Execute("DELETE FROM settings WHERE name = 'oidc_audience'")
		s.Execute("INSERT INTO settings (name, value, created_at, updated_at) VALUES "+
			"('oidc_audience', '\"roster, other\"', ?, ?)", s.Clock.Now(), s.Clock.Now())
		c.Get("/api/settings/oidc_audience").Expect(200).Want([]any{"roster", "other"}, "value")
	})
}

// Bookmarks are for lists that exist here or elsewhere, and public or not.
func TestBookmarks_Rules(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		post := func(attributes object) *answer {
			bookmark := object{"name": fmt.Sprint("b", len(attributes)), "controller": "users", "query": "a"}
			for name, value := range attributes {
				bookmark[name] = value
			}
			return s.Admin().Post("/api/bookmarks", object{"bookmark": bookmark})
		}
		post(object{"public": nil}).Refuses(map[string][]string{"public": {"is not included in the list"}},
			"Public is not included in the list")
		for _, name := range []string{"nosuch", "foo bar", "User", "users "} {
			a := post(object{"controller": name})
			if trimmed := strings.TrimSpace(name); trimmed == "users" {
				a.Expect(201)
				continue
			}
			a.Refuses(map[string][]string{"controller": {name + " is not a valid controller"}},
				"Controller "+name+" is not a valid controller")
		}
		for i, name := range []string{"dashboard", "hosts", "common_parameters", "auth_source_ldaps", "audits"} {
			post(object{"controller": name, "name": fmt.Sprint("c", i)}).Expect(201).Want(false, "public")
		}
		id := post(object{"name": "mine", "public": true}).Expect(201).Int("id")
		s.Admin().Put(fmt.Sprint("/api/bookmarks/", id), object{"bookmark": object{"public": nil}}).Expect(422)
		s.Admin().Put(fmt.Sprint("/api/bookmarks/", id), object{"bookmark": object{"public": false}}).Expect(200)
	})
}

// What an LDAP source may be: no text is longer than its column, and a port is a number.
func TestLdapSources_Limits(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		post := func(name string, value any) *answer {
			return s.Admin().Post("/api/auth_source_ldaps",
				object{"auth_source_ldap": object{"name": name, "host": "ldap.example.com", name: value}})
		}
		for _, name := range []string{"account", "base_dn", "groups_base", "attr_photo"} {
			post(name, strings.Repeat("x", 256)).Expect(422).
				Want(map[string][]string{name: {"is too long (maximum is 255 characters)"}}, "error", "errors")
			post(name, "x="+strings.Repeat("x", 253)).Expect(201)
		}
		for value, rules := range map[any][]string{
			"1.5": {"must be an integer"}, 1.5: {"must be an integer"}, "abc": {"is not a number"},
			"": {"can't be blank", "is not a number"}, nil: {"can't be blank", "is not a number"},
			0: {"must be between 1 and 65535"}, "70000": {"must be between 1 and 65535"},
		} {
			post("port", value).Expect(422).Want(rules, "error", "errors", "port")
		}
		post("port", "0636").Expect(201).Want(636, "port")
		post("server_type", "").Expect(422).Want([]any{"can't be blank", "is not included in the list"}, "error",
			"errors", "server_type")
	})
}

// A role's permissions are compared as a whole: "is not" finds the roles that do not have one.
func TestSearch_RolesByPermission(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.NewRole("With", "view_roles", "view_users")
		s.NewRole("Without", "view_users")
		names := func(query string) string {
			a := s.Admin().Get("/api/roles?per_page=all&search=" +
				url.QueryEscape(query+" and name ^ (With,Without,Viewer)"))
			return fmt.Sprint(a.Expect(200).Column("name"))
		}
		for query, want := range map[string]string{
			"permission = view_roles": "[Viewer With]", "permission != view_roles": "[Without]",
			"permission ~ w_role": "[Viewer With]", "permission !~ w_role": "[Without]",
			"permission ^ (view_roles, nosuch)": "[Viewer With]", "permission !^ (view_roles, nosuch)": "[Without]",
			"not permission = view_roles": "[Without]", "not permission != view_roles": "[Viewer With]",
			"permission != nosuch": "[Viewer With Without]",
		} {
			if got := names(query); got != want {
				t.Errorf("%s: got %s, want %s", query, got, want)
			}
		}
	})
}

// A filter says that it is limited when it is, be it by its role's tenants.
func TestFilters_LimitedByTheirRole(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		role := s.NewRole("limited", "view_users")
		s.Admin().Put(fmt.Sprint("/api/roles/", role),
			object{"role": object{"organization_ids": []any{}, "location_ids": []any{}}}).Expect(200)
		path := fmt.Sprint("/api/filters?search=role_id+=+", role)
		s.Admin().Get(path).Expect(200).Want(true, "results", 0, "unlimited?")
		s.Admin().Put(fmt.Sprint("/api/roles/", role),
			object{"role": object{"organization_ids": []any{s.Organization("O")}}}).Expect(200)
		s.Admin().Get(path).Expect(200).Want(false, "results", 0, "unlimited?")
		for query, found := range map[string]int{"limited = true": 1, "unlimited = true": 0, "limited = false": 0} {
			s.Admin().Get(path+url.QueryEscape(" and "+query)).Expect(200).Want(found, "subtotal")
		}
	})
}

// What belongs to a tenant that is open to all users is seen by everybody, and changed by its own people alone.
func TestTenants_OpenToUsers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		here := s.Organization("Here")
		place := s.Location("Place")
		open := s.Organization("Open")
		below := s.Organization("Below", open)
		s.Admin().Put(fmt.Sprint("/api/organizations/", open),
			object{"organization": object{"ignore_types": []any{"User"}}}).Expect(200)
		closed := s.Organization("Closed")
		in := func(login string, organization int64) account {
			return s.User(login, object{"organization_ids": []any{organization}, "location_ids": []any{place}})
		}
		role := s.NewRole("viewing", "view_users", "edit_users", "view_audit_logs")
		v := s.By(s.User("v", object{"organization_ids": []any{here}, "location_ids": []any{place},
			"role_ids": []any{role}}))
		seen := in("seen", open)
		lower := in("lower", below)
		hidden := in("hidden", closed)
		v.Get("/api/users?order=login").Expect(200).Want([]any{"lower", "seen", "v"}, "results", each, "login")
		for _, u := range []account{seen, lower} {
			v.Get(u.Path()).Expect(200)
			v.Put(u.Path(), object{"user": object{"firstname": "X"}}).Expect(404)
			v.Get(fmt.Sprint("/api/audits?search=type+=+user+and+auditable_id+=+", u.ID)).Expect(200).Want(1,
				"subtotal")
		}
		v.Get(hidden.Path()).Expect(404)
		v.Get(fmt.Sprint("/api/audits?search=type+=+user+and+auditable_id+=+", hidden.ID)).Expect(200).
			Want(0, "subtotal")
	})
}

// The browser's time zone is that of users without one.
func TestTimezone_OfTheBrowser(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		ann := s.User("ann")
		bob := s.User("bob", object{"timezone": "Prague"})
		for cookie, want := range map[string]string{
			"Australia/Sydney": "2024-01-10 19:00:00 +1100", "America%2FNew_York": "2024-01-10 03:00:00 -0500",
			"Mars/Base": "2024-01-10 08:00:00 UTC", "GMT+5": "2024-01-10 08:00:00 UTC", "": "2024-01-10 08:00:00 UTC",
		} {
			c := s.By(ann).With("Cookie", "timezone="+cookie)
			c.Get("/api/current_user").Expect(200).Want(want, "created_at")
		}
		s.By(bob).With("Cookie", "timezone=Australia/Sydney").Get("/api/current_user").Expect(200).
			Want("2024-01-10 09:00:00 +0100", "created_at")
	})
}

// The links of the API's home are what the documentation calls the actions.
func TestHome_Links(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		a := s.Admin().Get("/api").Expect(200)
		a.Want("/api/users", "links", "users", "List all users")
		a.Want("/api/users/:id", "links", "users", "Show a user")
		a.Want("/api/organizations/:id", "links", "organizations", "Show an organization")
		a.Want("/api/auth_source_ldaps", "links", "auth_source_ldaps", "Create an LDAP authentication source")
		a.Want("/api/roles/:id/clone", "links", "roles", "Clone a role")
		for resource, actions := range a.Value("links").(object) {
			for text, path := range actions.(object) {
				if !strings.HasPrefix(path.(string), "/api") || strings.HasSuffix(text, ".") || text == "" {
					t.Errorf("%s: %q leads to %v", resource, text, path)
				}
			}
		}
	})
}

// Audits of users tell that a password was replaced, and the roles that a caller gave, without the one that all have.
func TestAudits_PasswordsAndRoles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		viewer := s.Role("Viewer")
		everybody := s.Role("Default role")
		ann := s.User("ann", object{"role_ids": []any{viewer}})
		changes := func(attr string) any {
			a := s.Admin().Get(fmt.Sprint("/api/audits?per_page=1&search=type+=+user+and+auditable_id+=+", ann.ID))
			got, _ := a.Expect(200).At("results", 0, "audited_changes", attr)
			return got
		}
		want := func(attr string, value any) {
			t.Helper()
			if diff := cmp.Diff(changes(attr), servertest.Plain(value)); diff != "" {
				t.Errorf("%s, got (-), want (+):\n%s", attr, diff)
			}
		}
		want("role_ids", []any{viewer})
		want("password", "[redacted]")
		put := func(attributes object) { s.Admin().Put(ann.Path(), object{"user": attributes}).Expect(200) }
		put(object{"password": "another secret"})
		want("password", []any{"[redacted]", "[redacted]"})
		want("role_ids", nil)
		put(object{"role_ids": []any{}})
		want("role_ids", []any{[]any{min(viewer, everybody), max(viewer, everybody)}, []any{}})
		put(object{"role_ids": []any{viewer}})
		want("role_ids", []any{[]any{everybody}, []any{viewer}})
		put(object{"role_ids": []any{viewer}, "firstname": "A"})
		want("role_ids", nil)
		put(object{"role_ids": []any{viewer, everybody}, "firstname": "B"})
		want("role_ids", nil)
	})
}

// A deleted parameter answers with the columns that clients know.
func TestParameters_DeletionBody(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		path := fmt.Sprint("/api/organizations/", s.Organization("O"), "/parameters")
		for name, p := range map[string]object{
			"list":   {"value": `["x"]`, "parameter_type": "array"},
			"text":   {"value": "blue"},
			"hidden": {"value": "secret", "hidden_value": true},
		} {
			p["name"] = name
			s.Admin().Post(path, object{"parameter": p}).Expect(201)
		}
		s.Admin().Delete(path+"/list").Expect(200).Want("*****", "hidden_value").Want("array", "key_type").
			Want(`["x"]`, "searchable_value")
		s.Admin().Delete(path+"/text").Expect(200).Want("*****", "hidden_value").Want("blue", "searchable_value")
		a := s.Admin().Delete(path + "/hidden").Expect(200)
		if strings.Contains(string(a.Body), "secret") {
			t.Errorf("the hidden value is told: %s", a)
		}
		if _, there := a.At("parameter_type"); there {
			t.Errorf("there is a parameter_type: %s", a)
		}
	})
}

// The shipped sources belong to the first tenants.
func TestSeed_SourcesBelongToTheFirstTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		a := s.Admin().Get("/api/auth_source_externals").Expect(200)
		a.Want("Default Location", "results", 0, "locations", 0, "name")
		a.Want("Default Organization", "results", 0, "organizations", 0, "name")
	})
}

// Nothing continues a query that closes more than it opens, since nothing would make it readable.
func TestComplete_AfterAParenthesisTooMany(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for _, query := range []string{"login = adm)", "login = adm) ", "(login = adm))", ") "} {
			a := s.Admin().Get("/api/users/auto_complete_search?search=" + url.QueryEscape(query)).Expect(200)
			a.Want([]any{})
		}
		a := s.Admin().Get("/api/users/auto_complete_search?search=" + url.QueryEscape("(login = adm) ")).Expect(200)
		if len(a.JSON().([]any)) == 0 {
			t.Error("nothing continues a query whose parentheses are in order")
		}
	})
}

// The exact name wins over a number at its beginning, in every action, for every caller.
func TestPaths_TheNameWins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		bob := s.User("bob", object{"role_names": []any{"Manager"}})
		star := s.User(fmt.Sprint(bob.ID, "star"))
		dashed := s.User(fmt.Sprint(bob.ID, "-eleven"))
		for _, u := range []account{star, dashed} {
			s.Admin().Get("/api/users/"+u.Login).Expect(200).Want(u.ID, "id")
			s.By(bob).Get("/api/users/"+u.Login).Expect(200).Want(u.ID, "id")
			s.Admin().Put("/api/users/"+u.Login, object{"user": object{"firstname": "Star"}}).Expect(200).Want(u.ID,
				"id")
		}
		s.Admin().Get(fmt.Sprint("/api/users/", bob.ID, "-bob")).Expect(200).Want(bob.ID, "id")
		s.Admin().Get(fmt.Sprint("/api/users/", bob.ID, "nobody")).Expect(200).Want(bob.ID, "id")
		s.Admin().Delete("/api/users/"+star.Login).Expect(200).Want(star.ID, "id")
		s.Admin().Get(bob.Path()).Expect(200)
		group := s.Group("ops", false, directory.UsergroupChange{})
		named := s.Group(fmt.Sprint(group, "-staff"), false, directory.UsergroupChange{})
		s.Admin().Get(fmt.Sprint("/api/usergroups/", group, "-staff")).Expect(200).Want(named, "id")
		s.Admin().Get(fmt.Sprint("/api/usergroups/", group, "-ops")).Expect(200).Want(group, "id")
	})
}

// A session lives while it is used, also with the shortest time-out, and follows a time-out that is made shorter.
func TestSessions_LiveWhileUsed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		set := func(minutes int) {
			s.Admin().Put("/api/settings/idle_timeout", object{"setting": object{"value": minutes}}).Expect(200)
		}
		who := s.User("ann")
		set(1)
		cookie := newSession(s.By(who))
		for range 60 {
			s.Clock.Advance(10 * time.Second)
			holding(s, cookie).Get("/api/status").Expect(200)
		}
		s.Clock.Advance(2*time.Minute + time.Second)
		holding(s, cookie).Get("/api/status").Expect(401)
		set(60)
		cookie = newSession(s.By(who))
		set(1)
		holding(s, cookie).Get("/api/status").Expect(200)
		s.Clock.Advance(2*time.Minute + time.Second)
		holding(s, cookie).Get("/api/status").Expect(401)
	})
}

// References to what does not exist here are refused, like any that lead nowhere; that there are none can be said.
func TestTenants_ForeignReferences(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for i, attribute := range []string{"domain_ids", "hostgroup_ids", "subnet_ids", "smart_proxy_ids",
			"medium_ids"} {
			name := fmt.Sprint("l", i)
			for _, list := range []any{[]any{99999}, []any{"1"}} {
				s.Admin().Post("/api/locations", object{"location": object{"name": name, attribute: list}}).Expect(422)
			}
			s.Admin().Post("/api/locations", object{"location": object{"name": name, attribute: []any{}}}).Expect(201)
			s.Admin().Put("/api/organizations/1", object{"organization": object{attribute: []any{1}}}).Expect(422)
			s.Admin().Put("/api/organizations/1", object{"organization": object{attribute: []any{}}}).Expect(200)
		}
		s.Admin().Put("/api/organizations/1",
			object{"organization": object{"domain_names": []any{"example.com"}}}).Expect(422)
	})
}

// A proxy's groups may be joined by colons, and what Apache writes for nothing is nothing.
func TestIdentity_OfApache(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		for _, name := range []string{"authorize_login_delegation", "authorize_login_delegation_api"} {
			s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": true}}).Expect(200)
		}
		for name, external := range map[string]string{"six": "sat6users@lab.example.com",
			"domain": "domain users@lab.example.com", "dn": "cn=a,ou=b"} {
			group := s.Group(name, false, directory.UsergroupChange{})
			s.Admin().Post(fmt.Sprint("/api/usergroups/", group, "/external_usergroups"),
				object{"external_usergroup": object{"name": external, "auth_source_id": 3}}).Expect(201)
		}
		ann := s.Nobody().With("Remote-User", "ann").With("Remote-User-Firstname", "Real")
		groups := func(header string, want ...string) {
			t.Helper()
			ann.With("Remote-User-Groups", header).Get("/api/current_user").Expect(200).
				Want(want, "usergroups", each, "name")
		}
		groups("sat6users@lab.example.com:domain users@lab.example.com", "domain", "six")
		groups("cn=a,ou=b:sat6users@lab.example.com", "dn", "six")
		groups("domain users@lab.example.com, sat6users@lab.example.com", "domain", "six")
		groups("(null)", []string{}...) // of somebody who is in no group any more
		groups("sat6users@lab.example.com", "six")
		ann.Get("/api/current_user").Expect(200).Want([]any{"six"}, "usergroups", each, "name") // nothing is told
		for _, header := range []string{"Remote-User-Firstname", "Remote-User-Lastname", "Remote-User-Email"} {
			ann.With(header, "(null)").Get("/api/current_user").Expect(200).Want("Real", "firstname").
				Want(nil, "lastname")
		}
		s.Nobody().With("Remote-User", "(null)").Get("/api/current_user").Expect(401)
		if n := s.Find("SELECT COUNT(*) FROM users WHERE login LIKE '%null%'"); n != 0 {
			t.Error("somebody is called (null)")
		}
	})
}

// A user group can be tied to groups of auth sources while it is made or changed: all or nothing.
func TestUsergroups_NestedExternals(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		external := func(name string) object { return object{"name": name, "auth_source_name": "External"} }
		const key = "external_usergroups_attributes"
		a := s.Admin().Post("/api/usergroups",
			object{"usergroup": object{"name": "g", key: []any{external("admins"), external("ops")}}}).Expect(201)
		a.Want([]any{"admins", "ops"}, "external_usergroups", each, "name")
		path := fmt.Sprint("/api/usergroups/", a.Int("id"))
		s.Admin().Put(path, object{"usergroup": object{key: object{"0": external("third")}}}).Expect(200).
			Want([]any{"admins", "ops", "third"}, "external_usergroups", each, "name")
		s.Admin().Put(path, object{key: []any{external("fourth")}}).Expect(200).
			Want([]any{"admins", "ops", "third", "fourth"}, "external_usergroups", each, "name")
		for _, odd := range []object{{"name": ""}, {"name": "x"}, {"name": "x", "auth_source_id": 1},
			external("admins"), {"name": "x", "auth_source_id": 999}} {
			s.Admin().Post("/api/usergroups", object{"usergroup": object{"name": "other", key: []any{odd}}}).Expect(422).
				Want([]any{"is invalid"}, "error", "errors", "external_usergroups")
		}
		if n := s.Find("SELECT COUNT(*) FROM usergroups WHERE name = 'other'"); n != 0 {
			t.Error("a group was made whose external groups were refused")
		}
		// Tying takes the permission for that, and the right to hand out what the group gives.
		editor := s.By(s.User("editor", object{"role_ids": []any{s.NewRole("groups", "view_usergroups",
			"create_usergroups", "edit_usergroups")}}))
		editor.Post("/api/usergroups", object{"usergroup": object{"name": "e", key: []any{external("x")}}}).Expect(403)
		editor.Put(path, object{"usergroup": object{key: []any{external("x")}}}).Expect(403)
		tier := s.By(s.User("tier", object{"role_ids": []any{s.NewRole("ties", "view_usergroups", "create_usergroups",
			"edit_usergroups", "create_external_usergroups")}}))
		boss := s.Group("boss", true, directory.UsergroupChange{})
		tier.Put(fmt.Sprint("/api/usergroups/", boss), object{"usergroup": object{key: []any{external("x")}}}).Expect(422)
		if n := s.Find("SELECT COUNT(*) FROM external_usergroups WHERE usergroup_id = ?", boss); n != 0 {
			t.Error("somebody tied a group of administrators")
		}
	})
}
