package test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"roster/config"
	"roster/directory"
	"roster/models"
)

// What an attacker found, by the numbers of the report: who was no administrator became one, or got more than was
// given.

// twoTenants are an organization and a location with a manager, and another pair that the manager cannot see.
type twoTenants struct {
	here, hereLocation, there, thereLocation int64
	inside                                   object
	manager                                  account
}

func (s *server) twoTenants() twoTenants {
	s.t.Helper()
	w := twoTenants{
		here: s.organization("Here"), hereLocation: s.location("HereSpot"), there: s.organization("SecretOrg"),
		thereLocation: s.location("SecretSpot"),
	}
	w.inside = object{"organization_ids": []int64{w.here}, "location_ids": []int64{w.hereLocation}}
	w.manager = s.user("manager", w.inside, object{"role_ids": []int64{s.role("Manager")}})
	return w
}

// outside are the attributes of somebody whom the manager cannot see.
func (w twoTenants) outside() object {
	return object{"organization_ids": []int64{w.there}, "location_ids": []int64{w.thereLocation}}
}

func TestAttack01_NothingOfAnAdministratorChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		boss := s.user("boss", w.inside, object{"admin": true, "mail": "boss@example.com"})
		member := s.user("member", w.inside, object{"mail": "member@example.com"})
		s.group("chiefs", true, directory.UsergroupChange{Users: refs(member.id)})
		mine := s.by(w.manager).post("/api/auth_source_ldaps",
			object{"auth_source_ldap": merge(w.inside, object{"name": "mine", "host": "h.example.com"})}).
			expect(201).int("id")
		editor := s.user("editor", w.inside,
			object{"role_ids": []int64{s.newRole("editing", "view_users", "edit_users")}})
		changes := map[string]any{
			"auth_source_id": mine, "auth_source_name": "External", "login": "renamed", "mail": "mine@example.com",
			"password": "taken over",
			"disabled": true, "role_names": []string{"Viewer"}, "organization_ids": []int64{}, "admin": false,
		}
		for _, caller := range []account{w.manager, editor} {
			for _, victim := range []account{boss, member} {
				before := s.state(victim.id)
				for attr, value := range changes {
					if a := s.by(caller).put(victim.path(), object{"user": object{attr: value}}); a.status != 422 &&
						attr != "admin" {
						t.Errorf("%s of %s by %s: got %d, want 422", attr, victim.login, caller.login, a.status)
					}
					if after := s.state(victim.id); after != before {
						t.Fatalf("%s of %s by %s: the account changed from\n%s to\n%s", attr, victim.login,
							caller.login, before, after)
					}
				}
				s.by(caller).put(victim.path(), object{"user": object{"firstname": "Fine", "description": "fine"}}).
					expect(200)
				s.by(caller).put(victim.path(), object{"user": object{"disabled": nil, "login": victim.login}}).
					expect(200)
			}
		}
		s.by(w.manager).put(boss.path(), object{"user": object{"auth_source_id": mine}}).
			refuses(errors{"auth_source_id": {"cannot be changed by a non-admin user"}},
				"Auth source cannot be changed by a non-admin user")
		s.as("boss", "anything").get("/api/settings").expect(401)
		s.by(boss).get("/api/settings").expect(200)
	})
}

// state is what decides who gets into an account and what it may do, as text.
func (s *server) state(user int64) string {
	s.t.Helper()
	var rows []map[string]any
	query := `SELECT login, mail, admin, COALESCE(disabled, FALSE) AS disabled, auth_source_id, password_hash,
		(SELECT COUNT(*) FROM user_roles WHERE user_id = users.id) AS roles,
		(SELECT COUNT(*) FROM user_taxonomies WHERE user_id = users.id) AS tenants,
		(SELECT COUNT(*) FROM usergroup_users WHERE user_id = users.id) AS usergroups,
		(SELECT COUNT(*) FROM ssh_keys WHERE user_id = users.id) AS ssh,
		(SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = users.id AND NOT revoked) AS tokens
		FROM users WHERE id = ?`
	if err := s.db.Read.Raw(query, user).Scan(&rows).Error; err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprint(rows)
}

func TestAttack05_DeletingATenantWidensNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		limit := s.organization("Limit")
		role := s.newRole("limited")
		admin.post("/api/filters",
			object{"filter": object{"role_id": role, "permission_names": []string{"view_users", "edit_users"},
				"override":         true,
				"organization_ids": []int64{limit}, "location_ids": []int64{w.hereLocation}}}).expect(201)
		u := s.user("u", w.inside, object{"role_ids": []int64{role}})
		s.user("both", object{"organization_ids": []int64{w.here, limit}, "location_ids": []int64{w.hereLocation}})
		plain := s.user("plain", w.inside)
		s.by(u).get("/api/users").expect(200).want([]any{"both"}, "results", nil, "login")
		admin.delete(fmt.Sprint("/api/organizations/", limit)).expect(200)
		s.by(u).get("/api/users").expect(403)
		s.by(u).put(plain.path(), object{"user": object{"password": "x"}}).expect(403)
	})
}

func TestAttack06_LimitsOfRoles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		child := s.organization("Child", w.here)
		limited := admin.post("/api/roles",
			object{"role": object{"name": "limited", "organization_ids": []int64{child, w.there},
				"location_ids": []int64{}}}).
			expect(201).int("id")
		admin.post("/api/filters",
			object{"filter": object{"role_id": limited, "permission_names": []string{"view_users", "edit_users"}}}).
			expect(201)
		editing := s.newRole("editing roles", "view_roles", "edit_roles", "view_organizations")
		roled := s.user("roled", w.inside, object{"role_ids": []int64{editing, limited}})
		path := fmt.Sprint("/api/roles/", limited)
		tenants := func() []any { return admin.get(path).expect(200).value("organizations", nil, "title").([]any) }
		s.by(roled).put(path, object{"role": object{"organization_ids": []int64{child}}}).expect(200)
		if got := fmt.Sprint(tenants()); got != "[Here/Child SecretOrg]" {
			t.Errorf("got %s, want the tenant that the caller cannot see to stay", got)
		}
		s.by(roled).put(path, object{"role": object{"organization_ids": []int64{}}}).expect(200)
		if got := fmt.Sprint(tenants()); got != "[SecretOrg]" {
			t.Errorf("got %s, want what the caller cannot see", got)
		}
		admin.put(path, object{"role": object{"organization_ids": []int64{child}}}).expect(200)
		s.by(roled).put(path, object{"role": object{"organization_ids": []int64{}}}).expect(422).
			want("you can't give permissions that you don't have", "error", "errors", "base", 0)
		s.by(roled).put(path, object{"role": object{"organization_ids": []int64{w.here}}}).expect(422)
		s.by(roled).put(path, object{"role": object{"organization_ids": []int64{child}, "description": "fine"}}).
			expect(200)
		admin.put(path, object{"role": object{"organization_ids": []int64{}}}).expect(200)

		// The locations of an organization, and filters that override, keep what the caller cannot see as well.
		admin.put(fmt.Sprint("/api/organizations/", w.here),
			object{"organization": object{"location_ids": []int64{w.hereLocation, w.thereLocation}}}).expect(200)
		s.by(w.manager).put(fmt.Sprint("/api/organizations/", w.here),
			object{"organization": object{"location_ids": []int64{w.hereLocation}}}).expect(200)
		admin.get(fmt.Sprint("/api/organizations/", w.here)).expect(200).want([]any{"HereSpot", "SecretSpot"},
			"locations", nil, "title")
	})
}

func TestAttack06_FiltersGiveWhatTheCallerHolds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		held, other := s.newRole("held"), s.newRole("other")
		s.filter(held, "login ~ lim", "view_users", "edit_users")
		s.filter(held, "", "view_roles")
		s.filter(held, "", "view_filters", "create_filters", "edit_filters")
		keeper := s.user("keeper", w.inside, object{"role_ids": []int64{held}})
		dual := s.user("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}})
		post := func(attributes object) *answer {
			return s.by(keeper).post("/api/filters", object{"filter": merge(object{"role_id": other}, attributes)})
		}
		post(object{"permission_names": []string{"destroy_users"}}).expect(422).
			want("you can't give permissions that you don't have", "error", "errors", "base", 0)
		post(object{"permission_names": []string{"edit_users"}}).expect(422)
		post(object{"permission_names": []string{"edit_users"}, "search": "login ~ li"}).expect(422)
		post(object{"permission_names": []string{"edit_users"}, "role_id": held}).expect(422)
		id := post(object{"permission_names": []string{"edit_users"}, "search": "login ~ lim"}).expect(201).int("id")
		path := fmt.Sprint("/api/filters/", id)
		s.by(keeper).put(path, object{"filter": object{"search": ""}}).expect(422)
		s.by(keeper).put(path, object{"filter": object{"unlimited": true}}).expect(422)
		s.by(keeper).put(path, object{"filter": object{"permission_names": []string{"edit_users", "create_users"}}}).
			expect(422)
		s.by(keeper).put(path, object{"filter": object{"override": true, "organization_ids": []int64{w.here}}}).
			expect(200)
		s.by(keeper).put(path, object{"filter": object{"override": false}}).expect(200)

		// A role that somebody in another tenant holds gives its permissions there.
		admin.put(dual.path(), object{"user": object{"role_ids": []int64{other}}}).expect(200)
		admin.put(path, object{"filter": object{"permission_names": []string{"view_users"}}}).expect(200)
		s.by(keeper).put(path, object{"filter": object{"permission_names": []string{"view_users", "edit_users"}}}).
			expect(422)
		// escalate_roles is the way out where roles are handed out, and nowhere else.
		s.filter(held, "", "escalate_roles")
		s.by(keeper).put(path, object{"filter": object{"permission_names": []string{"view_users", "edit_users"}}}).
			expect(422)
	})
}

func TestAttack07_AnOpenTenantLetsLookNotWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		open, openSpot := s.organization("OpenOrg"), s.location("OpenSpot")
		for path, root := range map[string]string{fmt.Sprint("/api/organizations/", open): "organization",
			fmt.Sprint("/api/locations/", openSpot): "location"} {
			admin.put(path, object{root: object{"ignore_types": []string{"User", "AuthSource"}}}).expect(200)
		}
		role := s.newRole("all of users", "view_users", "create_users", "edit_users", "destroy_users",
			"create_personal_access_tokens", "create_ssh_keys",
			"assign_organizations", "assign_locations", "view_organizations", "edit_organizations", "create_usergroups",
			"view_usergroups")
		located := s.user("located", object{"location_ids": []int64{w.hereLocation}, "organization_ids": []int64{},
			"role_ids": []int64{role}})
		homeless := s.user("homeless", object{"location_ids": []int64{}, "organization_ids": []int64{},
			"role_ids": []int64{role}})
		victim := s.user("victim", object{"organization_ids": []int64{w.there},
			"location_ids": []int64{w.hereLocation}})
		context := fmt.Sprintf("?organization_id=%d", open)
		both := fmt.Sprintf("?organization_id=%d&location_id=%d", open, openSpot)
		s.by(located).get(victim.path() + context).expect(200)
		mole := object{"login": "mole", "auth_source_id": 1, "password": "p", "organization_ids": []int64{w.there},
			"location_ids": []int64{w.hereLocation}}
		for c, query := range map[*client]string{s.by(located): context, s.by(homeless): both} {
			c.post("/api/users"+query, object{"user": mole}).expect(422)
			c.post("/api/users"+query, object{"user": merge(mole, object{"organization_ids": []int64{open}})}).
				expect(422)
			for _, attributes := range []object{{"password": "x"}, {"firstname": "x"},
				{"organization_ids": []int64{open}}, {"disabled": true}} {
				c.put(victim.path()+query, object{"user": attributes}).expect(404)
			}
			c.delete(victim.path() + query).expect(404)
			c.post(victim.path("/personal_access_tokens")+query, object{"name": "t"}).expect(422)
			c.post(victim.path("/ssh_keys")+query, object{"name": "k", "key": publicKey}).expect(422)
			c.put(fmt.Sprint("/api/organizations/", open)+query, object{"organization": object{"description": "mine"}}).
				expect(404)
			c.post("/api/usergroups"+query,
				object{"usergroup": object{"name": "gathered", "user_ids": []int64{victim.id}}}).expect(422)
			c.post("/api/usergroups"+query,
				object{"usergroup": object{"name": "gathered", "user_names": []string{"victim"}}}).expect(422)
		}
		if n := s.find("SELECT COUNT(*) FROM users WHERE login = 'mole'"); n != 0 {
			t.Error("the mole was made")
		}
	})
}

// answersAlike fails when an answer about something foreign differs from one about something unknown but for what was
// asked.
func answersAlike(c *client, method, path string, body func(id, name any) any, id, name any) {
	c.s.t.Helper()
	foreign, unknown := c.do(method, path, body(id, name)), c.do(method, path, body(98765, "NoSuchThing"))
	wash := func(a *answer) string {
		text := strings.NewReplacer(fmt.Sprint(name), "NAME", "NoSuchThing", "NAME", "98765", "ID").
			Replace(string(a.body))
		return strings.ReplaceAll(text, fmt.Sprint(id)+"\"", "ID\"")
	}
	if foreign.status != unknown.status || wash(foreign) != wash(unknown) {
		c.s.t.Errorf("%s %s tells foreign from unknown:\n%s\n%s", method, path, foreign, unknown)
	}
}

func TestAttack08_ForeignAndUnknownAnswerAlike(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		plain := s.user("plain", w.inside)
		stranger := s.user("stranger", w.outside())
		secretLdap := s.source(merge(w.outside(), object{"name": "SecretLdap", "host": "h.example.com"}))
		user := func(attribute string) func(id, _ any) any {
			return func(id, _ any) any { return object{"user": object{attribute: []any{id}}} }
		}
		named := func(attribute string) func(_, name any) any {
			return func(_, name any) any { return object{"user": object{attribute: []any{name}}} }
		}
		for _, c := range []*client{s.by(plain), s.by(w.manager)} {
			answersAlike(c, "PUT", plain.path(), user("organization_ids"), w.there, "SecretOrg")
			answersAlike(c, "PUT", plain.path(), user("location_ids"), w.thereLocation, "SecretSpot")
			answersAlike(c, "PUT", plain.path(), named("organization_names"), w.there, "SecretOrg")
			answersAlike(c, "PUT", plain.path(), named("location_names"), w.thereLocation, "SecretSpot")
			answersAlike(c, "PUT", plain.path(),
				func(id, _ any) any { return object{"user": object{"default_organization_id": id}} }, w.there,
				"SecretOrg")
		}
		m := s.by(w.manager)
		ldap := func(id, _ any) any {
			return object{"auth_source_ldap": object{"name": "new", "host": "h.example.com",
				"organization_ids": []any{w.here, id}, "location_ids": []any{w.hereLocation}}}
		}
		answersAlike(m, "POST", "/api/auth_source_ldaps", ldap, w.there, "SecretOrg")
		groups := fmt.Sprintf("/api/usergroups/%d", s.group("group", false, directory.UsergroupChange{}))
		answersAlike(m, "PUT", groups,
			func(id, _ any) any { return object{"usergroup": object{"user_ids": []any{id}}} }, stranger.id, "stranger")
		answersAlike(m, "PUT", groups,
			func(_, name any) any { return object{"usergroup": object{"user_names": []any{name}}} }, stranger.id,
			"stranger")
		for path, id := range map[string]any{
			"/api/users/%v": stranger.id, "/api/organizations/%v": w.there, "/api/auth_source_ldaps/%v": secretLdap,
			"/api/users?organization_id=%v": w.there,
		} {
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				foreign, unknown := m.do(method, fmt.Sprintf(path, id), nil),
					m.do(method, fmt.Sprintf(path, 98765), nil)
				if foreign.status != unknown.status {
					t.Errorf("%s %s: got %d for a foreign one, %d for an unknown one", method, path, foreign.status,
						unknown.status)
				}
			}
		}
	})
}

func TestAttack19_NamesOfForeignSourcesAndLogins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		secretLdap := s.source(merge(w.outside(), object{"name": "SecretLdap", "host": "h.example.com"}))
		plain := s.user("plain", w.inside)
		s.user("stranger", w.outside())
		m := s.by(w.manager)
		answersAlike(m, "PUT", plain.path(),
			func(id, _ any) any { return object{"user": object{"auth_source_id": id}} }, secretLdap, "SecretLdap")
		answersAlike(m, "PUT", plain.path(),
			func(_, name any) any { return object{"user": object{"auth_source_name": name}} }, secretLdap, "SecretLdap")
		external := fmt.Sprintf("/api/usergroups/%d/external_usergroups",
			s.group("group", false, directory.UsergroupChange{}))
		answersAlike(m, "POST", external,
			func(id, _ any) any { return object{"external_usergroup": object{"name": "x", "auth_source_id": id}} },
			secretLdap, "SecretLdap")
		answersAlike(m, "POST", external, func(_, name any) any {
			return object{"external_usergroup": object{"name": "x", "auth_source_name": name}}
		}, secretLdap, "SecretLdap")
		// A group may have the name of somebody whom the caller cannot see.
		m.post("/api/usergroups", object{"usergroup": object{"name": "stranger"}}).expect(201)
		m.post("/api/usergroups", object{"usergroup": object{"name": "plain"}}).expect(422)
	})
}

func TestAttack09_SourcesOfAdministrators(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		source := func(name string) int64 {
			return s.source(merge(w.inside, object{"name": name, "host": "old.example.com", "account": "cn=svc",
				"account_password": "bind-secret", "base_dn": "dc=x"}))
		}
		path := func(id int64) string { return fmt.Sprint("/api/auth_source_ldaps/", id) }
		sealed := func(id int64) int64 {
			return s.find("SELECT COUNT(*) FROM auth_sources WHERE id = ? AND account_password IS NOT NULL", id)
		}
		s.run("the bind password stays where it was given for", func(t *testing.T, s *server) {
			for i, change := range []object{{"host": "evil.example.com"}, {"port": 29389}, {"base_dn": "dc=evil"}} {
				id := source(fmt.Sprint("plain", i))
				s.by(w.manager).put(path(id), object{"auth_source_ldap": change}).expect(200)
				if sealed(id) != 0 {
					t.Errorf("%v keeps the bind password", change)
				}
				s.by(w.manager).put(path(id),
					object{"auth_source_ldap": merge(change,
						object{"host": "x.example.com", "account_password": "new"})}).expect(200)
				s.by(w.manager).put(path(id), object{"auth_source_ldap": object{"ldap_filter": "(a=b)"}}).expect(200)
				if sealed(id) != 1 {
					t.Errorf("%v loses a bind password that was sent", change)
				}
			}
			id := source("secure")
			admin.put(path(id), object{"auth_source_ldap": object{"tls": true}}).expect(200)
			admin.put(path(id), object{"auth_source_ldap": object{"tls": false}}).expect(200)
			if sealed(id) != 0 {
				t.Error("the bind password would be sent in the clear")
			}
		})
		s.run("a source with an administrator is changed by administrators", func(t *testing.T, s *server) {
			id := source("holds")
			admin.post("/api/users",
				object{"user": merge(w.inside, object{"login": "ldapadmin", "auth_source_id": id, "admin": true})}).
				expect(201)
			for _, change := range []object{{"host": "evil.example.com"}, {"attr_login": "description"},
				{"ldap_filter": "(a=b)"}, {"name": "mine"}, {"usergroup_sync": false}} {
				s.by(w.manager).put(path(id), object{"auth_source_ldap": change}).expect(422)
			}
			s.by(w.manager).put(path(id), object{"auth_source_ldap": object{"name": "holds"}}).expect(200)
			if sealed(id) != 1 {
				t.Error("the source changed")
			}
		})
		s.run("so is one whose groups lead to administrators", func(t *testing.T, s *server) {
			id := source("leads")
			chiefs := s.group("chiefs", true, directory.UsergroupChange{})
			inner := s.group("inner", false, directory.UsergroupChange{})
			s.nest(chiefs, inner)
			admin.post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", inner),
				object{"external_usergroup": object{"name": "admins", "auth_source_id": id}}).expect(201)
			s.by(w.manager).put(path(id), object{"auth_source_ldap": object{"host": "evil.example.com"}}).expect(422)
			s.by(w.manager).delete(path(id)).expect(403)
			tie := s.find("SELECT id FROM external_usergroups WHERE name = 'admins'")
			s.by(w.manager).delete(fmt.Sprintf("/api/usergroups/%d/external_usergroups/%d", inner, tie)).expect(422)
		})
		s.run("and one whose people may do more than the caller, or are in other tenants",
			func(t *testing.T, s *server) {
				id := source("strong")
				admin.post("/api/users",
					object{"user": merge(w.inside, object{"login": "strong", "auth_source_id": id,
						"role_names": []string{"System admin"}})}).expect(201)
				s.by(w.manager).put(path(id), object{"auth_source_ldap": object{"host": "evil.example.com"}}).
					refuses(errors{"host": {"cannot be changed by a user with fewer permissions"}},
						"Server cannot be changed by a user with fewer permissions")
				id = source("shared")
				admin.post("/api/users",
					object{"user": merge(w.outside(), object{"login": "elsewhere", "auth_source_id": id,
						"role_names": []string{"Viewer"}})}).expect(201)
				s.by(w.manager).put(path(id), object{"auth_source_ldap": object{"host": "evil.example.com"}}).
					expect(422)
				s.by(w.manager).put(path(id), object{"auth_source_ldap": object{"attr_photo": "photo"}}).expect(200)
			})
		s.run("who may vouch for people is decided by administrators", func(t *testing.T, s *server) {
			set := func(name string, value any, status int) {
				s.by(w.manager).put("/api/settings/"+name, object{"setting": object{"value": value}}).expect(status)
			}
			set("oidc_issuer", "https://evil.example.com", 422)
			set("oidc_jwks_url", "https://evil.example.com/keys", 422)
			set("authorize_login_delegation", true, 422)
			set("entries_per_page", 30, 200)
		})
	})
}

// Whoever may set the password of somebody who may do more, or who is in another tenant as well, acts as that person.
func TestAttack09_StrongerPeople(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		editing := s.newRole("helping", "view_users", "edit_users", "create_personal_access_tokens", "create_ssh_keys",
			"assign_organizations", "assign_locations")
		helper := s.user("helper", w.inside, object{"role_ids": []int64{editing}})
		colleague := s.user("colleague", w.inside, object{"role_names": []string{"Viewer"}})
		strong := s.user("strong", w.inside, object{"role_names": []string{"System admin"}})
		dual := s.user("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}, "role_names": []string{"Viewer"}})
		child := s.organization("Child", w.here)
		c := s.by(helper)
		c.put(colleague.path(), object{"user": object{"password": "new one"}}).expect(200)
		c.put(colleague.path(), object{"user": object{"organization_ids": []int64{w.here, child}}}).expect(422)
		for _, victim := range []account{strong, dual} {
			for attr, value := range map[string]any{"password": "x", "mail": "me@example.com", "login": "renamed",
				"auth_source_id": 3} {
				c.put(victim.path(), object{"user": object{attr: value}}).expect(422).
					want("cannot be changed by a user with fewer permissions", "error", "errors", attr, 0)
			}
			c.post(victim.path("/personal_access_tokens"), object{"name": "t"}).expect(403)
			c.post(victim.path("/ssh_keys"), object{"name": "k", "key": publicKey}).expect(403)
			c.put(victim.path(), object{"user": object{"firstname": "Fine"}}).expect(200)
		}
		// Who holds a role gives it to people of the own tenants only.
		s.by(w.manager).put(colleague.path(), object{"user": object{"role_names": []string{"Manager"}}}).expect(200)
		s.by(w.manager).put(dual.path(), object{"user": object{"role_names": []string{"Manager"}}}).expect(422).
			want("you can't assign some of roles you selected", "error", "errors", "role_ids", 0)
	})
}

func TestAttack12_RightsAreReadAgainWhereTheyAreUsed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		role := s.newRole("editing", "view_users", "edit_users", "create_users")
		editor := s.user("editor", w.inside, object{"role_ids": []int64{role}})
		victim := s.user("victim", w.inside)
		let := s.principal(editor.login, editor.password)
		takeAway := func(db *gorm.DB) {
			t.Helper()
			for _, statement := range []string{
				fmt.Sprintf("DELETE FROM user_roles WHERE user_id = %d AND role_id = %d", editor.id, role),
				"UPDATE tallies SET epoch = epoch + 7 WHERE slot = 0",
			} {
				if err := db.Exec(statement).Error; err != nil {
					t.Error(err)
				}
			}
		}
		change := directory.UserChange{Password: models.Some("taken over")}
		update := func() error {
			_, err := s.dir.UpdateUser(t.Context(), let, directory.Ref{ID: victim.id}, change)
			return err
		}
		// The right goes while the change waits for the row or the writer.
		waiting := make(chan error, 1)
		err := s.db.Write.Transaction(func(db *gorm.DB) error {
			if err := db.Exec("UPDATE users SET firstname = 'held' WHERE id = ?", victim.id).Error; err != nil {
				return err
			}
			go func() { waiting <- update() }()
			s.waitsForLock()
			takeAway(db)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-waiting; models.KindOf(err) != models.Forbidden && models.KindOf(err) != models.NotFound {
			t.Errorf("the change that waited: got %v, want it to be refused", err)
		}
		// And with the old principal nothing is written any more.
		if err := update(); err == nil {
			t.Error("a right that is gone still writes")
		}
		if _, err := s.dir.CreateUser(t.Context(), let, directory.UserChange{Login: models.Some("new"),
			AuthSourceID: models.Some(int64(3))}); err == nil {
			t.Error("a right that is gone still creates")
		}
		s.as(victim.login, "taken over").get("/api/current_user").expect(401)
		s.execute("UPDATE users SET disabled = ? WHERE id = ?", true, w.manager.id)
		s.bump()
	})
}

// waitsForLock returns when a statement waits for a lock, or a transaction for the one connection that writes.
func (s *server) waitsForLock() {
	s.t.Helper()
	pool, err := s.db.Write.DB()
	if err != nil {
		s.t.Fatal(err)
	}
	before := pool.Stats().WaitCount
	eventually(s.t, "the change waits", func() bool {
		if s.db.Dialect == "sqlite" {
			return pool.Stats().WaitCount > before || pool.Stats().WaitCount > 0
		}
		return s.find("SELECT COUNT(*) FROM pg_locks WHERE NOT granted") > 0
	})
}

func TestAttack13_ADatabaseThatWentBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		role := s.newRole("role", "view_users")
		holder, victim := s.user("holder", w.inside, object{"role_ids": []int64{role}}), s.user("victim", w.inside)
		s.by(holder).get("/api/users").expect(200)
		var backup []models.Tally
		if err := s.db.Read.Find(&backup).Error; err != nil {
			t.Fatal(err)
		}
		filters := s.find("SELECT MAX(id) FROM filters")
		s.filter(role, "", "edit_users")
		for i := range 5 {
			s.newRole(fmt.Sprint("more", i))
		}
		edit := func(status int) {
			t.Helper()
			s.by(holder).put(victim.path(), object{"user": object{"firstname": "X"}}).expect(status)
		}
		edit(200)
		// The backup is restored while the server runs.
		s.execute("DELETE FROM filters WHERE id > ?", filters)
		s.execute("DELETE FROM roles WHERE name LIKE 'more%'")
		for _, row := range backup {
			s.execute("UPDATE tallies SET epoch = ?, total = ? WHERE name = ? AND slot = ?", row.Epoch, row.Total,
				row.Name, row.Slot)
		}
		edit(403)
		// Other changes do not lead to a revision that the server has seen.
		for i := range 6 {
			s.newRole(fmt.Sprint("other", i))
			edit(403)
		}
	})
}

func TestAttack14_ALostLimitStaysALimit(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		limit := s.organization("Limit2")
		role := admin.post("/api/roles",
			object{"role": object{"name": "tied", "organization_ids": []int64{limit}, "location_ids": []int64{}}}).
			expect(201).int("id")
		filter := admin.post("/api/filters",
			object{"filter": object{"role_id": role, "permission_names": []string{"view_users", "edit_users"}}}).
			expect(201).int("id")
		cloner := s.newRole("cloning", "view_roles", "create_roles", "edit_roles", "view_filters", "create_filters",
			"edit_filters")
		holder := s.user("holder", w.inside, object{"role_ids": []int64{role, cloner}})
		s.user("mate", w.inside)
		admin.delete(fmt.Sprint("/api/organizations/", limit)).expect(200)
		c := s.by(holder)
		c.get("/api/users").expect(403)
		for _, body := range []object{{}, {"search": nil}, {"override": false}, {"role_id": role}} {
			admin.put(fmt.Sprint("/api/filters/", filter), object{"filter": body}).expect(200)
			c.get("/api/users").expect(403)
		}
		admin.put(fmt.Sprint("/api/roles/", role), object{"role": object{"description": "saved"}}).expect(200)
		c.get("/api/users").expect(403)
		clone := admin.post(fmt.Sprintf("/api/roles/%d/clone", role), object{"role": object{"name": "c"}}).expect(201).
			int("id")
		admin.put(holder.path(), object{"user": object{"role_ids": []int64{clone, cloner}}}).expect(200)
		c.get("/api/users").expect(403)
		admin.post("/api/filters",
			object{"filter": object{"role_id": clone, "permission_names": []string{"view_users"}}}).expect(201)
		c.get("/api/users").expect(403)
		// Nobody but who may give that much sets it anew.
		c.put(fmt.Sprint("/api/roles/", clone), object{"role": object{"organization_ids": []int64{}}}).expect(422)
		c.post("/api/roles/Manager/clone", object{"role": object{"name": "strong"}}).expect(422)
		admin.put(fmt.Sprint("/api/roles/", clone), object{"role": object{"organization_ids": []int64{}}}).expect(200)
		c.get("/api/users").expect(200)
	})
}

func TestAttack15_WhatAdministratorsHold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		boss := s.user("boss", w.inside, object{"admin": true})
		key := admin.post(boss.path("/ssh_keys"), object{"name": "k", "key": publicKey}).expect(201).int("id")
		token := admin.post(boss.path("/personal_access_tokens"), object{"name": "t"}).expect(201).int("id")
		m := s.by(w.manager)
		before := s.state(boss.id)
		m.delete(boss.path()).expect(403)
		m.post(boss.path("/ssh_keys"), object{"name": "mine", "key": strings.Replace(publicKey, "AAAAI", "AAAAI", 1)}).
			expect(403)
		m.delete(boss.path("/ssh_keys/", key)).expect(403)
		m.delete(boss.path("/personal_access_tokens/", token)).expect(403)
		group := s.group("chiefs", true, directory.UsergroupChange{})
		inner := s.group("inner", false, directory.UsergroupChange{Users: refs(s.user("chief", w.outside()).id)})
		s.nest(group, inner)
		for _, id := range []int64{group, inner} {
			path := fmt.Sprint("/api/usergroups/", id)
			m.delete(path).expect(422).want("admin flag can only be modified by admins", "error", "errors", "admin", 0)
			for _, change := range []object{{"user_ids": []int64{w.manager.id}}, {"usergroup_ids": []int64{}},
				{"role_ids": []int64{s.role("Manager")}}} {
				if id == inner && change["usergroup_ids"] != nil {
					continue // which changes nothing
				}
				m.put(path, object{"usergroup": change}).expect(422)
			}
			m.put(path, object{"usergroup": object{"name": fmt.Sprint("renamed", id)}}).expect(200)
		}
		team := s.group("team", false, directory.UsergroupChange{Users: refs(boss.id)})
		m.put(fmt.Sprint("/api/usergroups/", team), object{"usergroup": object{"user_ids": []int64{}}}).expect(422).
			want("cannot be changed by a non-admin user", "error", "errors", "user_ids", 0)
		if after := s.state(boss.id); after != strings.Replace(before, "usergroups:0", "usergroups:1", 1) {
			t.Errorf("the administrator changed from\n%s to\n%s", before, after)
		}
	})
}

func TestAttack24a_AuditsTellNobodyOfForeignActors(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		stranger := s.user("stranger", w.outside(), object{"role_ids": []int64{s.role("System admin")}})
		s.by(stranger).post("/api/roles", object{"role": object{"name": "theirs"}}).expect(201)
		s.by(stranger).post("/api/usergroups",
			object{"usergroup": object{"name": "their group", "user_ids": []int64{stranger.id}}}).expect(201)
		s.by(w.manager).post("/api/usergroups", object{"usergroup": object{"name": "our group"}}).expect(201)
		m := s.by(w.manager)
		for _, search := range []string{"", "username = stranger", "username ~ strang", "stranger",
			"authored_by_user = stranger", fmt.Sprint("authored_by_user.id = ", stranger.id)} {
			a := m.get("/api/audits?per_page=all&search=" + url.QueryEscape(search)).expect(200)
			if search != "" {
				a.want(0, "subtotal")
			}
			if text := strings.ReplaceAll(string(a.body), `"search":"`+search, ""); strings.Contains(text, "stranger") {
				t.Errorf("%q: the audits name a stranger:\n%.400s", search, text)
			}
		}
		m.get("/api/audits?search="+url.QueryEscape("username = manager")).expect(200).want("manager", "results", 0,
			"user_name")
		m.get("/api/audits/auto_complete_search?search=" + url.QueryEscape("username = ")).expect(200)
		a := m.get("/api/audits?per_page=all&search=" + url.QueryEscape("type = usergroup")).expect(200)
		if strings.Contains(string(a.body), fmt.Sprintf("[%d]", stranger.id)) {
			t.Errorf("the audits tell the id of a stranger: %s", a)
		}
	})
}

func TestAttack24b_AnswersHoldNoForeignTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		dual := s.user("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}, "default_organization_id": w.there})
		m := s.by(w.manager)
		// The default that the caller is not shown stays when the record is sent back.
		m.put(dual.path(), object{"user": object{"default_organization_id": nil, "firstname": "X"}}).expect(200).
			want(nil, "default_organization")
		s.admin().get(dual.path()).expect(200).want(w.there, "default_organization", "id")
		for _, row := range m.get("/api/audits?per_page=all").expect(200).rows() {
			changes := string(mustEncode(row.(object)["audited_changes"]))
			for _, id := range []int64{w.there, w.thereLocation} {
				for _, form := range []string{"[%d]", "[%d,", ",%d]", ",%d,", ":%d,", ":%d}"} {
					if where := fmt.Sprintf(form, id); strings.Contains(changes, `_ids":`+where) ||
						strings.Contains(changes, `default_organization_id":`+where) {
						t.Errorf("an audit tells of a foreign tenant: %s", changes)
					}
				}
			}
		}
		m.delete(dual.path()).expect(200).want(nil, "default_organization_id")
	})
}

// The rows of a file that has been damaged cannot be read; the server says so wherever it is asked.
func TestAttack24i_ADamagedFileIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.nobody().get("/readyz").expect(http.StatusOK).want("ok", "status")
		s.nobody().get("/healthz").expect(http.StatusOK)
		if err := s.dir.Failure(damagedError(t, s)); models.KindOf(err) != models.Unavailable {
			t.Errorf("got %v, want the database to be unavailable", err)
		}
		for path, want := range map[string]string{
			"/readyz": `"database":"The database is damaged; restore a backup"`, "/api/ping": `"active":false`,
		} {
			a, err := s.nobody().try("GET", path, nil)
			if err != nil || a.status != 503 || !strings.Contains(string(a.body), want) {
				t.Errorf("%s: got %v %v, want 503 with %s", path, a, err, want)
			}
		}
	})
}

// damagedError is what the database says of a damaged file.
func damagedError(t *testing.T, s *server) error {
	t.Helper()
	if s.db.Dialect == config.Postgres {
		return &pgconn.PgError{Code: "XX001", Message: "invalid page in block 3"}
	}
	path := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("nonsense"), 1024), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return db.Ping()
}

// A tie of an external group makes members of whoever is in the group out there: the people of the source count, not
// those who are members now.
func TestAttack09_TiesGiveNothingToOtherTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		own := s.source(merge(w.inside, object{"name": "own", "host": "h.example.com"}))
		shared := s.source(object{"name": "shared", "host": "h.example.com",
			"organization_ids": []int64{w.here, w.there}, "location_ids": []int64{w.hereLocation}})
		inhabited := s.source(merge(w.inside, object{"name": "inhabited", "host": "h.example.com"}))
		s.admin().post("/api/users",
			object{"user": merge(w.outside(), object{"login": "elsewhere", "auth_source_id": inhabited})}).expect(201)
		m := s.by(w.manager)
		tie := func(group, source int64, status int) {
			t.Helper()
			m.post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
				object{"external_usergroup": object{"name": fmt.Sprint("staff", group, source),
					"auth_source_id": source}}).
				expect(status)
		}
		strong := m.post("/api/usergroups",
			object{"usergroup": object{"name": "strong", "role_ids": []int64{s.role("Manager")}}}).expect(201).int("id")
		plain := m.post("/api/usergroups", object{"usergroup": object{"name": "plain"}}).expect(201).int("id")
		tie(strong, own, 201)
		for _, source := range []int64{shared, inhabited, 3} {
			tie(strong, source, 422)
			tie(plain, source, 201)
		}
		// Nor are roles given to a group afterwards that others are tied to.
		m.put(fmt.Sprint("/api/usergroups/", plain),
			object{"usergroup": object{"role_ids": []int64{s.role("Manager")}}}).expect(422).
			want("you can't assign some of roles you selected", "error", "errors", "role_ids", 0)
		m.put(fmt.Sprint("/api/usergroups/", strong), object{"usergroup": object{"usergroup_ids": []int64{plain}}}).
			expect(422)
		// Nor does a source get tenants beyond those of the people whom its groups serve.
		s.admin().put(fmt.Sprint("/api/auth_source_ldaps/", own), object{"auth_source_ldap": object{"name": "own2"}}).
			expect(200)
	})
}

// Moving a tenant under another one gives the people of each the rows of the other.
func TestAttack06_MovedTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		left, right := s.organization("Left", w.here), s.organization("Right", w.here)
		m := s.by(w.manager)
		move := func(tenant, parent int64, status int) {
			t.Helper()
			m.put(fmt.Sprint("/api/organizations/", tenant), object{"organization": object{"parent_id": parent}}).
				expect(status)
		}
		move(left, right, 200)
		move(left, w.here, 200)
		s.user("strong", object{"organization_ids": []int64{right}, "location_ids": []int64{w.hereLocation},
			"role_names": []string{"System admin"}})
		move(left, right, 422)
		move(right, left, 422)
		s.user("boss", object{"organization_ids": []int64{left}, "admin": true})
		m.post("/api/organizations", object{"organization": object{"name": "New", "parent_id": right}}).expect(201)
	})
}

// An account in a source whose groups are tied gets what those groups give when its person comes by: whoever gets into
// the account before that, by a token, a key, a login or a source, gets it too.
func TestAttack01_WhatTiesPromise(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		source := s.source(merge(w.inside, object{"name": "corp", "host": "h.example.com"}))
		chiefs := s.group("chiefs", true, directory.UsergroupChange{})
		ties := fmt.Sprintf("/api/usergroups/%d/external_usergroups", chiefs)
		tie := admin.post(ties, object{"external_usergroup": object{"name": "admins", "auth_source_id": source}}).
			expect(201).int("id")
		m := s.by(w.manager)
		made := m.post("/api/users", object{"user": merge(w.inside, object{"login": "ceo", "auth_source_id": source})})
		id := int64(0)
		if made.status == 201 {
			id = made.int("id")
		} else {
			made.expect(422)
			id = admin.post("/api/users",
				object{"user": merge(w.inside, object{"login": "ceo", "auth_source_id": source})}).expect(201).int("id")
		}
		at := fmt.Sprint("/api/users/", id)
		m.post(at+"/personal_access_tokens", object{"personal_access_token": object{"name": "t"}}).expect(403)
		m.post(at+"/ssh_keys", object{"ssh_key": object{"name": "k", "key": publicKey}}).expect(403)
		m.put(at, object{"user": object{"login": "cfo"}}).expect(422)
		m.put(fmt.Sprintf("%s/%d/refresh", ties, tie), nil).expect(422)
		accomplice := s.user("accomplice", w.inside)
		m.put(accomplice.path(), object{"user": object{"auth_source_id": source}}).expect(422)
		m.put(accomplice.path(), object{"user": object{"login": "cto", "auth_source_id": source}}).expect(422)
		if n := s.find("SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = ?", id); n != 0 {
			t.Errorf("%d tokens were made", n)
		}
	})
}

// A disabled account has what it had: enabling it gives that back. An account of two tenants shows the other one.
func TestAttack06_EnabledAccountsAndOnesOfOtherTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		helping := s.newRole("helping", "view_users", "edit_users", "create_personal_access_tokens")
		c := s.by(s.user("helper", w.inside, object{"role_ids": []int64{helping}}))
		strong := s.user("strong", w.inside, object{"role_names": []string{"System admin"}, "disabled": true})
		weak := s.user("weak", w.inside, object{"disabled": true})
		dual := s.user("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}})
		c.put(strong.path(), object{"user": object{"disabled": false}}).expect(422)
		c.put(weak.path(), object{"user": object{"disabled": false}}).expect(200)
		c.put(dual.path(), object{"user": object{"password": "taken over"}}).expect(422)
		c.post(dual.path("/personal_access_tokens"), object{"personal_access_token": object{"name": "t"}}).expect(403)
		c.put(dual.path(), object{"user": object{"lastname": "Fine"}}).expect(200)
	})
}

// A limit of one kind of tenant leaves the other kind open: people in both get rows of the tenant that the caller
// cannot see.
func TestAttack06_LimitsOfOneKindReachTheOther(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		m := s.by(w.manager)
		limited := func(name string, limits object) int64 {
			role := s.newRole(name, "view_users", "edit_users")
			s.admin().put(fmt.Sprint("/api/roles/", role), object{"role": limits}).expect(200)
			return role
		}
		half := limited("half", object{"organization_ids": []int64{w.here}})
		whole := limited("whole", object{"organization_ids": []int64{w.here}, "location_ids": []int64{w.hereLocation}})
		far := s.user("far", object{"organization_ids": []int64{w.here},
			"location_ids": []int64{w.hereLocation, w.thereLocation}})
		near := s.user("near", w.inside)
		give := func(to account, role int64, status int) {
			t.Helper()
			s.execute("DELETE FROM user_roles WHERE user_id = ? AND role_id = ?", w.manager.id, role)
			// one hands out what one holds
			s.execute("INSERT INTO user_roles (user_id, role_id) VALUES (?, ?)", w.manager.id, role)
			s.bump()
			m.put(to.path(), object{"user": object{"role_ids": []int64{role}}}).expect(status)
		}
		give(far, half, 422)
		give(near, half, 200)
		give(near, whole, 200)
		give(far, whole, 200) // both kinds are inside: nothing of other tenants is reached
	})
}

// Hidden values are for who may change them, not for everybody who sees the tenant because it is open.
func TestAttack07_HiddenValuesOfOpenTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		at := fmt.Sprintf("/api/organizations/%d/parameters", w.there)
		s.admin().put(fmt.Sprint("/api/organizations/", w.there),
			object{"organization": object{"ignore_types": []string{"User"}}}).expect(200)
		s.admin().post(at, object{"parameter": object{"name": "key", "value": "s3cret", "hidden_value": true}}).
			expect(201)
		own := fmt.Sprintf("/api/organizations/%d/parameters", w.here)
		s.admin().post(own, object{"parameter": object{"name": "key", "value": "mine", "hidden_value": true}}).
			expect(201)
		m := s.by(w.manager)
		if answer := m.get(at + "?show_hidden=true"); bytes.Contains(answer.body, []byte("s3cret")) {
			t.Errorf("another tenant's secret is shown: %s", answer.body)
		}
		if answer := m.get(own + "?show_hidden=true").expect(200); !bytes.Contains(answer.body, []byte("mine")) {
			t.Errorf("the own one is not: %s", answer.body)
		}
	})
}

// Somebody who may change an LDAP source would read what its people type, so people of other tenants count even without
// a role.
func TestAttack09_SourcesOfPeopleElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		source := s.source(object{"name": "both", "host": "h.example.com", "organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}})
		s.admin().post("/api/users",
			object{"user": merge(w.outside(), object{"login": "elsewhere", "auth_source_id": source})}).expect(201)
		s.by(w.manager).put(fmt.Sprint("/api/auth_source_ldaps/", source),
			object{"auth_source_ldap": object{"host": "evil.example.com"}}).expect(422)
	})
}
