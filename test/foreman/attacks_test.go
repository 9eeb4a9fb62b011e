package foreman

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

func makeTwoTenants(s *server) twoTenants {
	s.T.Helper()
	w := twoTenants{
		here: s.Organization("Here"), hereLocation: s.Location("HereSpot"), there: s.Organization("SecretOrg"),
		thereLocation: s.Location("SecretSpot"),
	}
	w.inside = object{"organization_ids": []int64{w.here}, "location_ids": []int64{w.hereLocation}}
	w.manager = s.User("manager", w.inside, object{"role_ids": []int64{s.Role("Manager")}})
	return w
}

// outside are the attributes of somebody whom the manager cannot see.
func (w twoTenants) outside() object {
	return object{"organization_ids": []int64{w.there}, "location_ids": []int64{w.thereLocation}}
}

func TestAttack01_NothingOfAnAdministratorChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		boss := s.User("boss", w.inside, object{"admin": true, "mail": "boss@example.com"})
		member := s.User("member", w.inside, object{"mail": "member@example.com"})
		s.Group("chiefs", true, directory.UsergroupChange{Users: refs(member.ID)})
		mine := s.By(w.manager).Post("/api/auth_source_ldaps",
			object{"auth_source_ldap": merge(w.inside, object{"name": "mine", "host": "h.example.com"})}).
			Expect(201).Int("id")
		editor := s.User("editor", w.inside,
			object{"role_ids": []int64{s.NewRole("editing", "view_users", "edit_users")}})
		changes := map[string]any{
			"auth_source_id": mine, "auth_source_name": "External", "login": "renamed", "mail": "mine@example.com",
			"password": "taken over",
			"disabled": true, "role_names": []string{"Viewer"}, "organization_ids": []int64{}, "admin": false,
		}
		for _, caller := range []account{w.manager, editor} {
			for _, victim := range []account{boss, member} {
				before := accountState(s, victim.ID)
				for attr, value := range changes {
					if a := s.By(caller).Put(victim.Path(), object{"user": object{attr: value}}); a.Status != 422 &&
						attr != "admin" {
						t.Errorf("%s of %s by %s: got %d, want 422", attr, victim.Login, caller.Login, a.Status)
					}
					if after := accountState(s, victim.ID); after != before {
						t.Fatalf("%s of %s by %s: the account changed from\n%s to\n%s", attr, victim.Login,
							caller.Login, before, after)
					}
				}
				s.By(caller).Put(victim.Path(), object{"user": object{"firstname": "Fine", "description": "fine"}}).
					Expect(200)
				s.By(caller).Put(victim.Path(), object{"user": object{"disabled": nil, "login": victim.Login}}).
					Expect(200)
			}
		}
		s.By(w.manager).Put(boss.Path(), object{"user": object{"auth_source_id": mine}}).
			Refuses(errors{"auth_source_id": {"cannot be changed by a non-admin user"}},
				"Auth source cannot be changed by a non-admin user")
		s.As("boss", "anything").Get("/api/settings").Expect(401)
		s.By(boss).Get("/api/settings").Expect(200)
	})
}

// accountState is what decides who gets into an account and what it may do, as text.
func accountState(s *server, user int64) string {
	s.T.Helper()
	var rows []map[string]any
	query := `SELECT login, mail, admin, COALESCE(disabled, FALSE) AS disabled, auth_source_id, password_hash,
		(SELECT COUNT(*) FROM user_roles WHERE user_id = users.id) AS roles,
		(SELECT COUNT(*) FROM memberships WHERE user_id = users.id) AS tenants,
		(SELECT COUNT(*) FROM usergroup_users WHERE user_id = users.id) AS usergroups,
		(SELECT COUNT(*) FROM ssh_keys WHERE user_id = users.id) AS ssh,
		(SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = users.id AND NOT revoked) AS tokens
		FROM users WHERE id = ?`
	if err := s.DB.Read.Raw(query, user).Scan(&rows).Error; err != nil {
		s.T.Fatal(err)
	}
	return fmt.Sprint(rows)
}

func TestAttack05_DeletingATenantWidensNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		limit := s.Organization("Limit")
		role := s.NewRole("limited")
		admin.Post("/api/filters",
			object{"filter": object{"role_id": role, "permission_names": []string{"view_users", "edit_users"},
				"override":         true,
				"organization_ids": []int64{limit}, "location_ids": []int64{w.hereLocation}}}).Expect(201)
		u := s.User("u", w.inside, object{"role_ids": []int64{role}})
		s.User("both", object{"organization_ids": []int64{w.here, limit}, "location_ids": []int64{w.hereLocation}})
		plain := s.User("plain", w.inside)
		s.By(u).Get("/api/users").Expect(200).Want([]any{"both"}, "results", nil, "login")
		admin.Delete(fmt.Sprint("/api/organizations/", limit)).Expect(200)
		s.By(u).Get("/api/users").Expect(403)
		s.By(u).Put(plain.Path(), object{"user": object{"password": "x"}}).Expect(403)
	})
}

func TestAttack06_LimitsOfRoles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		child := s.Organization("Child", w.here)
		limited := admin.Post("/api/roles",
			object{"role": object{"name": "limited", "organization_ids": []int64{child, w.there},
				"location_ids": []int64{}}}).
			Expect(201).Int("id")
		admin.Post("/api/filters",
			object{"filter": object{"role_id": limited, "permission_names": []string{"view_users", "edit_users"}}}).
			Expect(201)
		editing := s.NewRole("editing roles", "view_roles", "edit_roles", "view_organizations")
		roled := s.User("roled", w.inside, object{"role_ids": []int64{editing, limited}})
		path := fmt.Sprint("/api/roles/", limited)
		tenants := func() []any { return admin.Get(path).Expect(200).Value("organizations", nil, "title").([]any) }
		s.By(roled).Put(path, object{"role": object{"organization_ids": []int64{child}}}).Expect(200)
		if got := fmt.Sprint(tenants()); got != "[Here/Child SecretOrg]" {
			t.Errorf("got %s, want the tenant that the caller cannot see to stay", got)
		}
		s.By(roled).Put(path, object{"role": object{"organization_ids": []int64{}}}).Expect(200)
		if got := fmt.Sprint(tenants()); got != "[SecretOrg]" {
			t.Errorf("got %s, want what the caller cannot see", got)
		}
		admin.Put(path, object{"role": object{"organization_ids": []int64{child}}}).Expect(200)
		s.By(roled).Put(path, object{"role": object{"organization_ids": []int64{}}}).Expect(422).
			Want("you can't give permissions that you don't have", "error", "errors", "base", 0)
		s.By(roled).Put(path, object{"role": object{"organization_ids": []int64{w.here}}}).Expect(422)
		s.By(roled).Put(path, object{"role": object{"organization_ids": []int64{child}, "description": "fine"}}).
			Expect(200)
		admin.Put(path, object{"role": object{"organization_ids": []int64{}}}).Expect(200)

		// The locations of an organization, and filters that override, keep what the caller cannot see as well.
		admin.Put(fmt.Sprint("/api/organizations/", w.here),
			object{"organization": object{"location_ids": []int64{w.hereLocation, w.thereLocation}}}).Expect(200)
		s.By(w.manager).Put(fmt.Sprint("/api/organizations/", w.here),
			object{"organization": object{"location_ids": []int64{w.hereLocation}}}).Expect(200)
		admin.Get(fmt.Sprint("/api/organizations/", w.here)).Expect(200).Want([]any{"HereSpot", "SecretSpot"},
			"locations", nil, "title")
	})
}

func TestAttack06_FiltersGiveWhatTheCallerHolds(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		held := s.NewRole("held")
		other := s.NewRole("other")
		s.Filter(held, "login ~ lim", "view_users", "edit_users")
		s.Filter(held, "", "view_roles")
		s.Filter(held, "", "view_filters", "create_filters", "edit_filters")
		keeper := s.User("keeper", w.inside, object{"role_ids": []int64{held}})
		dual := s.User("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}})
		post := func(attributes object) *answer {
			return s.By(keeper).Post("/api/filters", object{"filter": merge(object{"role_id": other}, attributes)})
		}
		post(object{"permission_names": []string{"destroy_users"}}).Expect(422).
			Want("you can't give permissions that you don't have", "error", "errors", "base", 0)
		post(object{"permission_names": []string{"edit_users"}}).Expect(422)
		post(object{"permission_names": []string{"edit_users"}, "search": "login ~ li"}).Expect(422)
		post(object{"permission_names": []string{"edit_users"}, "role_id": held}).Expect(422)
		id := post(object{"permission_names": []string{"edit_users"}, "search": "login ~ lim"}).Expect(201).Int("id")
		path := fmt.Sprint("/api/filters/", id)
		s.By(keeper).Put(path, object{"filter": object{"search": ""}}).Expect(422)
		s.By(keeper).Put(path, object{"filter": object{"unlimited": true}}).Expect(422)
		s.By(keeper).Put(path, object{"filter": object{"permission_names": []string{"edit_users", "create_users"}}}).
			Expect(422)
		s.By(keeper).Put(path, object{"filter": object{"override": true, "organization_ids": []int64{w.here}}}).
			Expect(200)
		s.By(keeper).Put(path, object{"filter": object{"override": false}}).Expect(200)

		// A role that somebody in another tenant holds gives its permissions there.
		admin.Put(dual.Path(), object{"user": object{"role_ids": []int64{other}}}).Expect(200)
		admin.Put(path, object{"filter": object{"permission_names": []string{"view_users"}}}).Expect(200)
		s.By(keeper).Put(path, object{"filter": object{"permission_names": []string{"view_users", "edit_users"}}}).
			Expect(422)
		// escalate_roles is the way out where roles are handed out, and nowhere else.
		s.Filter(held, "", "escalate_roles")
		s.By(keeper).Put(path, object{"filter": object{"permission_names": []string{"view_users", "edit_users"}}}).
			Expect(422)
	})
}

func TestAttack07_AnOpenTenantLetsLookNotWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		open := s.Organization("OpenOrg")
		openSpot := s.Location("OpenSpot")
		for path, root := range map[string]string{fmt.Sprint("/api/organizations/", open): "organization",
			fmt.Sprint("/api/locations/", openSpot): "location"} {
			admin.Put(path, object{root: object{"ignore_types": []string{"User", "AuthSource"}}}).Expect(200)
		}
		role := s.NewRole("all of users", "view_users", "create_users", "edit_users", "destroy_users",
			"create_personal_access_tokens", "create_ssh_keys",
			"assign_organizations", "assign_locations", "view_organizations", "edit_organizations", "create_usergroups",
			"view_usergroups")
		located := s.User("located", object{"location_ids": []int64{w.hereLocation}, "organization_ids": []int64{},
			"role_ids": []int64{role}})
		homeless := s.User("homeless", object{"location_ids": []int64{}, "organization_ids": []int64{},
			"role_ids": []int64{role}})
		victim := s.User("victim", object{"organization_ids": []int64{w.there},
			"location_ids": []int64{w.hereLocation}})
		context := fmt.Sprintf("?organization_id=%d", open)
		both := fmt.Sprintf("?organization_id=%d&location_id=%d", open, openSpot)
		// The people of the open tenant are there to be seen, those of others are not.
		s.By(located).Get(victim.Path() + context).Expect(404)
		resident := s.User("resident", object{"organization_ids": []int64{open},
			"location_ids": []int64{w.hereLocation}})
		s.By(located).Get(resident.Path() + context).Expect(200)
		mole := object{"login": "mole", "auth_source_id": 1, "password": "p", "organization_ids": []int64{w.there},
			"location_ids": []int64{w.hereLocation}}
		for c, query := range map[*client]string{s.By(located): context, s.By(homeless): both} {
			c.Post("/api/users"+query, object{"user": mole}).Expect(422)
			c.Post("/api/users"+query, object{"user": merge(mole, object{"organization_ids": []int64{open}})}).
				Expect(422)
			for _, attributes := range []object{{"password": "x"}, {"firstname": "x"},
				{"organization_ids": []int64{open}}, {"disabled": true}} {
				c.Put(victim.Path()+query, object{"user": attributes}).Expect(404)
			}
			c.Delete(victim.Path() + query).Expect(404)
			c.Post(victim.Path("/personal_access_tokens")+query, object{"name": "t"}).Expect(422)
			c.Post(victim.Path("/ssh_keys")+query, object{"name": "k", "key": publicKey}).Expect(422)
			c.Put(fmt.Sprint("/api/organizations/", open)+query, object{"organization": object{"description": "mine"}}).
				Expect(404)
			c.Post("/api/usergroups"+query,
				object{"usergroup": object{"name": "gathered", "user_ids": []int64{victim.ID}}}).Expect(422)
			c.Post("/api/usergroups"+query,
				object{"usergroup": object{"name": "gathered", "user_names": []string{"victim"}}}).Expect(422)
		}
		if n := s.Find("SELECT COUNT(*) FROM users WHERE login = 'mole'"); n != 0 {
			t.Error("the mole was made")
		}
	})
}

// answersAlike fails when an answer about something foreign differs from one about something unknown but for what was
// asked.
func answersAlike(c *client, method, path string, body func(id, name any) any, id, name any) {
	c.Server.T.Helper()
	foreign := c.Do(method, path, body(id, name))
	unknown := c.Do(method, path, body(98765, "NoSuchThing"))
	wash := func(a *answer) string {
		text := strings.NewReplacer(fmt.Sprint(name), "NAME", "NoSuchThing", "NAME", "98765", "ID").
			Replace(string(a.Body))
		return strings.ReplaceAll(text, fmt.Sprint(id)+"\"", "ID\"")
	}
	if foreign.Status != unknown.Status || wash(foreign) != wash(unknown) {
		c.Server.T.Errorf("%s %s tells foreign from unknown:\n%s\n%s", method, path, foreign, unknown)
	}
}

func TestAttack08_ForeignAndUnknownAnswerAlike(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		plain := s.User("plain", w.inside)
		stranger := s.User("stranger", w.outside())
		secretLdap := makeSource(s, merge(w.outside(), object{"name": "SecretLdap", "host": "h.example.com"}))
		user := func(attribute string) func(id, _ any) any {
			return func(id, _ any) any { return object{"user": object{attribute: []any{id}}} }
		}
		named := func(attribute string) func(_, name any) any {
			return func(_, name any) any { return object{"user": object{attribute: []any{name}}} }
		}
		for _, c := range []*client{s.By(plain), s.By(w.manager)} {
			answersAlike(c, "PUT", plain.Path(), user("organization_ids"), w.there, "SecretOrg")
			answersAlike(c, "PUT", plain.Path(), user("location_ids"), w.thereLocation, "SecretSpot")
			answersAlike(c, "PUT", plain.Path(), named("organization_names"), w.there, "SecretOrg")
			answersAlike(c, "PUT", plain.Path(), named("location_names"), w.thereLocation, "SecretSpot")
			answersAlike(c, "PUT", plain.Path(),
				func(id, _ any) any {
					return object{"user": object{"default_organization_id": id}}
				}, w.there,
				"SecretOrg")
		}
		m := s.By(w.manager)
		ldap := func(id, _ any) any {
			return object{"auth_source_ldap": object{"name": "new", "host": "h.example.com",
				"organization_ids": []any{w.here, id}, "location_ids": []any{w.hereLocation}}}
		}
		answersAlike(m, "POST", "/api/auth_source_ldaps", ldap, w.there, "SecretOrg")
		groups := fmt.Sprintf("/api/usergroups/%d", s.Group("group", false, directory.UsergroupChange{}))
		answersAlike(m, "PUT", groups,
			func(id, _ any) any { return object{"usergroup": object{"user_ids": []any{id}}} }, stranger.ID, "stranger")
		answersAlike(m, "PUT", groups,
			func(_, name any) any {
				return object{"usergroup": object{"user_names": []any{name}}}
			}, stranger.ID,
			"stranger")
		for path, id := range map[string]any{
			"/api/users/%v": stranger.ID, "/api/organizations/%v": w.there, "/api/auth_source_ldaps/%v": secretLdap,
			"/api/users?organization_id=%v": w.there,
		} {
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				foreign := m.Do(method, fmt.Sprintf(path, id), nil)
				unknown := m.Do(method, fmt.Sprintf(path, 98765), nil)
				if foreign.Status != unknown.Status {
					t.Errorf("%s %s: got %d for a foreign one, %d for an unknown one", method, path, foreign.Status,
						unknown.Status)
				}
			}
		}
	})
}

func TestAttack19_NamesOfForeignSourcesAndLogins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		secretLdap := makeSource(s, merge(w.outside(), object{"name": "SecretLdap", "host": "h.example.com"}))
		plain := s.User("plain", w.inside)
		s.User("stranger", w.outside())
		m := s.By(w.manager)
		answersAlike(m, "PUT", plain.Path(),
			func(id, _ any) any { return object{"user": object{"auth_source_id": id}} }, secretLdap, "SecretLdap")
		answersAlike(m, "PUT", plain.Path(),
			func(_, name any) any { return object{"user": object{"auth_source_name": name}} }, secretLdap, "SecretLdap")
		external := fmt.Sprintf("/api/usergroups/%d/external_usergroups",
			s.Group("group", false, directory.UsergroupChange{}))
		answersAlike(m, "POST", external,
			func(id, _ any) any {
				return object{"external_usergroup": object{"name": "x", "auth_source_id": id}}
			},
			secretLdap, "SecretLdap")
		answersAlike(m, "POST", external, func(_, name any) any {
			return object{"external_usergroup": object{"name": "x", "auth_source_name": name}}
		}, secretLdap, "SecretLdap")
		// A group may have the name of somebody whom the caller cannot see.
		m.Post("/api/usergroups", object{"usergroup": object{"name": "stranger"}}).Expect(201)
		m.Post("/api/usergroups", object{"usergroup": object{"name": "plain"}}).Expect(422)
	})
}

func TestAttack09_SourcesOfAdministrators(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		source := func(name string) int64 {
			return makeSource(s, merge(w.inside, object{"name": name, "host": "old.example.com", "account": "cn=svc",
				"account_password": "bind-secret", "base_dn": "dc=x"}))
		}
		path := func(id int64) string { return fmt.Sprint("/api/auth_source_ldaps/", id) }
		sealed := func(id int64) int64 {
			return s.Find("SELECT COUNT(*) FROM auth_sources WHERE id = ? AND account_password IS NOT NULL", id)
		}
		s.Run("the bind password stays where it was given for", func(t *testing.T, s *server) {
			for i, change := range []object{{"host": "evil.example.com"}, {"port": 29389}, {"base_dn": "dc=evil"}} {
				id := source(fmt.Sprint("plain", i))
				s.By(w.manager).Put(path(id), object{"auth_source_ldap": change}).Expect(200)
				if sealed(id) != 0 {
					t.Errorf("%v keeps the bind password", change)
				}
				s.By(w.manager).Put(path(id),
					object{"auth_source_ldap": merge(change,
						object{"host": "x.example.com", "account_password": "new"})}).Expect(200)
				s.By(w.manager).Put(path(id), object{"auth_source_ldap": object{"ldap_filter": "(a=b)"}}).Expect(200)
				if sealed(id) != 1 {
					t.Errorf("%v loses a bind password that was sent", change)
				}
			}
			id := source("secure")
			admin.Put(path(id), object{"auth_source_ldap": object{"tls": true}}).Expect(200)
			admin.Put(path(id), object{"auth_source_ldap": object{"tls": false}}).Expect(200)
			if sealed(id) != 0 {
				t.Error("the bind password would be sent in the clear")
			}
		})
		s.Run("a source with an administrator is changed by administrators", func(t *testing.T, s *server) {
			id := source("holds")
			admin.Post("/api/users",
				object{"user": merge(w.inside, object{"login": "ldapadmin", "auth_source_id": id, "admin": true})}).
				Expect(201)
			for _, change := range []object{{"host": "evil.example.com"}, {"attr_login": "description"},
				{"ldap_filter": "(a=b)"}, {"name": "mine"}, {"usergroup_sync": false}} {
				s.By(w.manager).Put(path(id), object{"auth_source_ldap": change}).Expect(422)
			}
			s.By(w.manager).Put(path(id), object{"auth_source_ldap": object{"name": "holds"}}).Expect(200)
			if sealed(id) != 1 {
				t.Error("the source changed")
			}
		})
		s.Run("so is one whose groups lead to administrators", func(t *testing.T, s *server) {
			id := source("leads")
			chiefs := s.Group("chiefs", true, directory.UsergroupChange{})
			inner := s.Group("inner", false, directory.UsergroupChange{})
			nestGroups(s, chiefs, inner)
			admin.Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", inner),
				object{"external_usergroup": object{"name": "admins", "auth_source_id": id}}).Expect(201)
			s.By(w.manager).Put(path(id), object{"auth_source_ldap": object{"host": "evil.example.com"}}).Expect(422)
			s.By(w.manager).Delete(path(id)).Expect(403)
			tie := s.Find("SELECT id FROM external_usergroups WHERE name = 'admins'")
			s.By(w.manager).Delete(fmt.Sprintf("/api/usergroups/%d/external_usergroups/%d", inner, tie)).Expect(422)
		})
		s.Run("and one whose people may do more than the caller, or are in other tenants",
			func(t *testing.T, s *server) {
				id := source("strong")
				admin.Post("/api/users",
					object{"user": merge(w.inside, object{"login": "strong", "auth_source_id": id,
						"role_names": []string{"System admin"}})}).Expect(201)
				s.By(w.manager).Put(path(id), object{"auth_source_ldap": object{"host": "evil.example.com"}}).
					Refuses(errors{"host": {"cannot be changed by a user with fewer permissions"}},
						"Server cannot be changed by a user with fewer permissions")
				id = source("shared")
				admin.Post("/api/users",
					object{"user": merge(w.outside(), object{"login": "elsewhere", "auth_source_id": id,
						"role_names": []string{"Viewer"}})}).Expect(201)
				s.By(w.manager).Put(path(id), object{"auth_source_ldap": object{"host": "evil.example.com"}}).
					Expect(422)
				s.By(w.manager).Put(path(id), object{"auth_source_ldap": object{"attr_photo": "photo"}}).Expect(200)
			})
		s.Run("who may vouch for people is decided by administrators", func(t *testing.T, s *server) {
			set := func(name string, value any, status int) {
				s.By(w.manager).Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(status)
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
		w := makeTwoTenants(s)
		editing := s.NewRole("helping", "view_users", "edit_users", "create_personal_access_tokens", "create_ssh_keys",
			"assign_organizations", "assign_locations")
		helper := s.User("helper", w.inside, object{"role_ids": []int64{editing}})
		colleague := s.User("colleague", w.inside, object{"role_names": []string{"Viewer"}})
		strong := s.User("strong", w.inside, object{"role_names": []string{"System admin"}})
		dual := s.User("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}, "role_names": []string{"Viewer"}})
		child := s.Organization("Child", w.here)
		c := s.By(helper)
		c.Put(colleague.Path(), object{"user": object{"password": "new one"}}).Expect(200)
		c.Put(colleague.Path(), object{"user": object{"organization_ids": []int64{w.here, child}}}).Expect(422)
		for _, victim := range []account{strong, dual} {
			for attr, value := range map[string]any{"password": "x", "mail": "me@example.com", "login": "renamed",
				"auth_source_id": 3} {
				c.Put(victim.Path(), object{"user": object{attr: value}}).Expect(422).
					Want("cannot be changed by a user with fewer permissions", "error", "errors", attr, 0)
			}
			c.Post(victim.Path("/personal_access_tokens"), object{"name": "t"}).Expect(403)
			c.Post(victim.Path("/ssh_keys"), object{"name": "k", "key": publicKey}).Expect(403)
			c.Put(victim.Path(), object{"user": object{"firstname": "Fine"}}).Expect(200)
		}
		// Who holds a role gives it to people of the own tenants only.
		s.By(w.manager).Put(colleague.Path(), object{"user": object{"role_names": []string{"Manager"}}}).Expect(200)
		s.By(w.manager).Put(dual.Path(), object{"user": object{"role_names": []string{"Manager"}}}).Expect(422).
			Want("you can't assign some of roles you selected", "error", "errors", "role_ids", 0)
	})
}

func TestAttack12_RightsAreReadAgainWhereTheyAreUsed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		role := s.NewRole("editing", "view_users", "edit_users", "create_users")
		editor := s.User("editor", w.inside, object{"role_ids": []int64{role}})
		victim := s.User("victim", w.inside)
		let := s.Principal(editor.Login, editor.Password)
		takeAway := func(db *gorm.DB) {
			t.Helper()
			for _, statement := range []string{
				fmt.Sprintf("DELETE FROM user_roles WHERE user_id = %d AND role_id = %d", editor.ID, role),
				"UPDATE tallies SET epoch = epoch + 7 WHERE slot = 0",
			} {
				if err := db.Exec(statement).Error; err != nil {
					t.Error(err)
				}
			}
		}
		change := directory.UserChange{Password: models.Some("taken over")}
		update := func() error {
			_, err := s.Dir.UpdateUser(t.Context(), let, directory.Ref{ID: victim.ID}, change)
			return err
		}
		// The right goes while the change waits for the row or the writer.
		waiting := make(chan error, 1)
		err := s.DB.Write.Transaction(func(db *gorm.DB) error {
			if err := db.Exec("UPDATE users SET firstname = 'held' WHERE id = ?", victim.ID).Error; err != nil {
				return err
			}
			go func() { waiting <- update() }()
			waitForLock(s)
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
		if _, err := s.Dir.CreateUser(t.Context(), let, directory.UserChange{Login: models.Some("new"),
			AuthSourceID: models.Some(int64(3))}); err == nil {
			t.Error("a right that is gone still creates")
		}
		s.As(victim.Login, "taken over").Get("/api/current_user").Expect(401)
		s.Execute("UPDATE users SET disabled = ? WHERE id = ?", true, w.manager.ID)
		bumpRevisions(s)
	})
}

// waitForLock returns when a statement waits for a lock, or a transaction for the one connection that writes.
func waitForLock(s *server) {
	s.T.Helper()
	pool, err := s.DB.Write.DB()
	if err != nil {
		s.T.Fatal(err)
	}
	before := pool.Stats().WaitCount
	eventually(s.T, "the change waits", func() bool {
		if s.DB.Dialect == "sqlite" {
			return pool.Stats().WaitCount > before || pool.Stats().WaitCount > 0
		}
		return s.Find("SELECT COUNT(*) FROM pg_locks WHERE NOT granted") > 0
	})
}

func TestAttack13_ADatabaseThatWentBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		role := s.NewRole("role", "view_users")
		holder := s.User("holder", w.inside, object{"role_ids": []int64{role}})
		victim := s.User("victim", w.inside)
		s.By(holder).Get("/api/users").Expect(200)
		var backup []models.Tally
		if err := s.DB.Read.Find(&backup).Error; err != nil {
			t.Fatal(err)
		}
		filters := s.Find("SELECT MAX(id) FROM filters")
		s.Filter(role, "", "edit_users")
		for i := range 5 {
			s.NewRole(fmt.Sprint("more", i))
		}
		edit := func(status int) {
			t.Helper()
			s.By(holder).Put(victim.Path(), object{"user": object{"firstname": "X"}}).Expect(status)
		}
		edit(200)
		// The backup is restored while the server runs.
		s.Execute("DELETE FROM filters WHERE id > ?", filters)
		s.Execute("DELETE FROM roles WHERE name LIKE 'more%'")
		for _, row := range backup {
			s.Execute("UPDATE tallies SET epoch = ?, total = ? WHERE name = ? AND slot = ?", row.Epoch, row.Total,
				row.Name, row.Slot)
		}
		edit(403)
		// Other changes do not lead to a revision that the server has seen.
		for i := range 6 {
			s.NewRole(fmt.Sprint("other", i))
			edit(403)
		}
	})
}

func TestAttack14_ALostLimitStaysALimit(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		limit := s.Organization("Limit2")
		role := admin.Post("/api/roles",
			object{"role": object{"name": "tied", "organization_ids": []int64{limit}, "location_ids": []int64{}}}).
			Expect(201).Int("id")
		filter := admin.Post("/api/filters",
			object{"filter": object{"role_id": role, "permission_names": []string{"view_users", "edit_users"}}}).
			Expect(201).Int("id")
		cloner := s.NewRole("cloning", "view_roles", "create_roles", "edit_roles", "view_filters", "create_filters",
			"edit_filters")
		holder := s.User("holder", w.inside, object{"role_ids": []int64{role, cloner}})
		s.User("mate", w.inside)
		admin.Delete(fmt.Sprint("/api/organizations/", limit)).Expect(200)
		c := s.By(holder)
		c.Get("/api/users").Expect(403)
		for _, body := range []object{{}, {"search": nil}, {"override": false}, {"role_id": role}} {
			admin.Put(fmt.Sprint("/api/filters/", filter), object{"filter": body}).Expect(200)
			c.Get("/api/users").Expect(403)
		}
		admin.Put(fmt.Sprint("/api/roles/", role), object{"role": object{"description": "saved"}}).Expect(200)
		c.Get("/api/users").Expect(403)
		clone := admin.Post(fmt.Sprintf("/api/roles/%d/clone", role), object{"role": object{"name": "c"}}).Expect(201).
			Int("id")
		admin.Put(holder.Path(), object{"user": object{"role_ids": []int64{clone, cloner}}}).Expect(200)
		c.Get("/api/users").Expect(403)
		admin.Post("/api/filters",
			object{"filter": object{"role_id": clone, "permission_names": []string{"view_users"}}}).Expect(201)
		c.Get("/api/users").Expect(403)
		// Nobody but who may give that much sets it anew.
		c.Put(fmt.Sprint("/api/roles/", clone), object{"role": object{"organization_ids": []int64{}}}).Expect(422)
		c.Post("/api/roles/Manager/clone", object{"role": object{"name": "strong"}}).Expect(422)
		admin.Put(fmt.Sprint("/api/roles/", clone), object{"role": object{"organization_ids": []int64{}}}).Expect(200)
		c.Get("/api/users").Expect(200)
	})
}

func TestAttack15_WhatAdministratorsHold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		boss := s.User("boss", w.inside, object{"admin": true})
		key := admin.Post(boss.Path("/ssh_keys"), object{"name": "k", "key": publicKey}).Expect(201).Int("id")
		token := admin.Post(boss.Path("/personal_access_tokens"), object{"name": "t"}).Expect(201).Int("id")
		m := s.By(w.manager)
		before := accountState(s, boss.ID)
		m.Delete(boss.Path()).Expect(403)
		m.Post(boss.Path("/ssh_keys"), object{"name": "mine", "key": strings.Replace(publicKey, "AAAAI", "AAAAI", 1)}).
			Expect(403)
		m.Delete(boss.Path("/ssh_keys/", key)).Expect(403)
		m.Delete(boss.Path("/personal_access_tokens/", token)).Expect(403)
		group := s.Group("chiefs", true, directory.UsergroupChange{})
		inner := s.Group("inner", false, directory.UsergroupChange{Users: refs(s.User("chief", w.outside()).ID)})
		nestGroups(s, group, inner)
		for _, id := range []int64{group, inner} {
			path := fmt.Sprint("/api/usergroups/", id)
			m.Delete(path).Expect(422).Want("admin flag can only be modified by admins", "error", "errors", "admin", 0)
			for _, change := range []object{{"user_ids": []int64{w.manager.ID}}, {"usergroup_ids": []int64{}},
				{"role_ids": []int64{s.Role("Manager")}}} {
				if id == inner && change["usergroup_ids"] != nil {
					continue // which changes nothing
				}
				m.Put(path, object{"usergroup": change}).Expect(422)
			}
			m.Put(path, object{"usergroup": object{"name": fmt.Sprint("renamed", id)}}).Expect(200)
		}
		team := s.Group("team", false, directory.UsergroupChange{Users: refs(boss.ID)})
		m.Put(fmt.Sprint("/api/usergroups/", team), object{"usergroup": object{"user_ids": []int64{}}}).Expect(422).
			Want("cannot be changed by a non-admin user", "error", "errors", "user_ids", 0)
		if after := accountState(s, boss.ID); after != strings.Replace(before, "usergroups:0", "usergroups:1", 1) {
			t.Errorf("the administrator changed from\n%s to\n%s", before, after)
		}
	})
}

func TestAttack24a_AuditsTellNobodyOfForeignActors(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		stranger := s.User("stranger", w.outside(), object{"role_ids": []int64{s.Role("System admin")}})
		s.By(stranger).Post("/api/roles", object{"role": object{"name": "theirs"}}).Expect(201)
		s.By(stranger).Post("/api/usergroups",
			object{"usergroup": object{"name": "their group", "user_ids": []int64{stranger.ID}}}).Expect(201)
		s.By(w.manager).Post("/api/usergroups", object{"usergroup": object{"name": "our group"}}).Expect(201)
		m := s.By(w.manager)
		for _, search := range []string{"", "username = stranger", "username ~ strang", "stranger",
			"authored_by_user = stranger", fmt.Sprint("authored_by_user.id = ", stranger.ID)} {
			a := m.Get("/api/audits?per_page=all&search=" + url.QueryEscape(search)).Expect(200)
			if search != "" {
				a.Want(0, "subtotal")
			}
			if text := strings.ReplaceAll(string(a.Body), `"search":"`+search, ""); strings.Contains(text, "stranger") {
				t.Errorf("%q: the audits name a stranger:\n%.400s", search, text)
			}
		}
		m.Get("/api/audits?search="+url.QueryEscape("username = manager")).Expect(200).Want("manager", "results", 0,
			"user_name")
		m.Get("/api/audits/auto_complete_search?search=" + url.QueryEscape("username = ")).Expect(200)
		a := m.Get("/api/audits?per_page=all&search=" + url.QueryEscape("type = usergroup")).Expect(200)
		if strings.Contains(string(a.Body), fmt.Sprintf("[%d]", stranger.ID)) {
			t.Errorf("the audits tell the id of a stranger: %s", a)
		}
	})
}

func TestAttack24b_AnswersHoldNoForeignTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		dual := s.User("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}, "default_organization_id": w.there})
		m := s.By(w.manager)
		// The default that the caller is not shown stays when the record is sent back.
		m.Put(dual.Path(), object{"user": object{"default_organization_id": nil, "firstname": "X"}}).Expect(200).
			Want(nil, "default_organization")
		s.Admin().Get(dual.Path()).Expect(200).Want(w.there, "default_organization", "id")
		for _, row := range m.Get("/api/audits?per_page=all").Expect(200).Rows() {
			changes := string(mustEncode(row.(object)["audited_changes"]))
			for _, id := range []int64{w.there, w.thereLocation} {
				for _, form := range []string{"[%d]", "[%d,", ",%d]", ",%d,", ":%d,", ":%d}"} {
					if where := fmt.Sprintf(form, id); strings.Contains(changes, `location_ids":`+where) ||
						strings.Contains(changes, `organization_ids":`+where) ||
						strings.Contains(changes, `default_organization_id":`+where) {
						t.Errorf("an audit tells of a foreign tenant: %s", changes)
					}
				}
			}
		}
		m.Delete(dual.Path()).Expect(200).Want(nil, "default_organization_id")
	})
}

// The rows of a file that has been damaged cannot be read; the server says so wherever it is asked.
func TestAttack24i_ADamagedFileIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.Nobody().Get("/readyz").Expect(http.StatusOK).Want("ok", "status")
		s.Nobody().Get("/healthz").Expect(http.StatusOK)
		if err := s.Dir.Failure(damagedError(t, s)); models.KindOf(err) != models.Unavailable {
			t.Errorf("got %v, want the database to be unavailable", err)
		}
		for path, want := range map[string]string{"/readyz": `"database":"not ok"`, "/api/ping": `"active":false`} {
			eventually(t, path+" is 503 with "+want, func() bool {
				a, err := s.Nobody().Try("GET", path, nil)
				return err == nil && a.Status == 503 && strings.Contains(string(a.Body), want)
			})
		}
	})
}

// damagedError is what the database says of a damaged file.
func damagedError(t *testing.T, s *server) error {
	t.Helper()
	if s.DB.Dialect == config.Postgres {
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
		w := makeTwoTenants(s)
		own := makeSource(s, merge(w.inside, object{"name": "own", "host": "h.example.com"}))
		shared := makeSource(s, object{"name": "shared", "host": "h.example.com",
			"organization_ids": []int64{w.here, w.there}, "location_ids": []int64{w.hereLocation}})
		inhabited := makeSource(s, merge(w.inside, object{"name": "inhabited", "host": "h.example.com"}))
		s.Admin().Post("/api/users",
			object{"user": merge(w.outside(), object{"login": "elsewhere", "auth_source_id": inhabited})}).Expect(201)
		m := s.By(w.manager)
		tie := func(group, source int64, status int) {
			t.Helper()
			m.Post(fmt.Sprintf("/api/usergroups/%d/external_usergroups", group),
				object{"external_usergroup": object{"name": fmt.Sprint("staff", group, source),
					"auth_source_id": source}}).
				Expect(status)
		}
		strong := m.Post("/api/usergroups",
			object{"usergroup": object{"name": "strong", "role_ids": []int64{s.Role("Manager")}}}).Expect(201).Int("id")
		plain := m.Post("/api/usergroups", object{"usergroup": object{"name": "plain"}}).Expect(201).Int("id")
		tie(strong, own, 201)
		for _, source := range []int64{shared, inhabited, 3} {
			tie(strong, source, 422)
			tie(plain, source, 201)
		}
		// Nor are roles given to a group afterwards that others are tied to.
		m.Put(fmt.Sprint("/api/usergroups/", plain),
			object{"usergroup": object{"role_ids": []int64{s.Role("Manager")}}}).Expect(422).
			Want("you can't assign some of roles you selected", "error", "errors", "role_ids", 0)
		m.Put(fmt.Sprint("/api/usergroups/", strong), object{"usergroup": object{"usergroup_ids": []int64{plain}}}).
			Expect(422)
		// Nor does a source get tenants beyond those of the people whom its groups serve.
		s.Admin().Put(fmt.Sprint("/api/auth_source_ldaps/", own), object{"auth_source_ldap": object{"name": "own2"}}).
			Expect(200)
	})
}

// Moving a tenant under another one gives the people of each the rows of the other.
func TestAttack06_MovedTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		left := s.Organization("Left", w.here)
		right := s.Organization("Right", w.here)
		m := s.By(w.manager)
		move := func(tenant, parent int64, status int) {
			t.Helper()
			m.Put(fmt.Sprint("/api/organizations/", tenant), object{"organization": object{"parent_id": parent}}).
				Expect(status)
		}
		move(left, right, 200)
		move(left, w.here, 200)
		s.User("strong", object{"organization_ids": []int64{right}, "location_ids": []int64{w.hereLocation},
			"role_names": []string{"System admin"}})
		move(left, right, 422)
		move(right, left, 422)
		s.User("boss", object{"organization_ids": []int64{left}, "admin": true})
		m.Post("/api/organizations", object{"organization": object{"name": "New", "parent_id": right}}).Expect(201)
	})
}

// An account in a source whose groups are tied gets what those groups give when its person comes by: whoever gets into
// the account before that, by a token, a key, a login or a source, gets it too.
func TestAttack01_WhatTiesPromise(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		source := makeSource(s, merge(w.inside, object{"name": "corp", "host": "h.example.com"}))
		chiefs := s.Group("chiefs", true, directory.UsergroupChange{})
		ties := fmt.Sprintf("/api/usergroups/%d/external_usergroups", chiefs)
		tie := admin.Post(ties, object{"external_usergroup": object{"name": "admins", "auth_source_id": source}}).
			Expect(201).Int("id")
		m := s.By(w.manager)
		made := m.Post("/api/users", object{"user": merge(w.inside, object{"login": "ceo", "auth_source_id": source})})
		id := int64(0)
		if made.Status == 201 {
			id = made.Int("id")
		} else {
			made.Expect(422)
			id = admin.Post("/api/users",
				object{"user": merge(w.inside, object{"login": "ceo", "auth_source_id": source})}).Expect(201).Int("id")
		}
		at := fmt.Sprint("/api/users/", id)
		m.Post(at+"/personal_access_tokens", object{"personal_access_token": object{"name": "t"}}).Expect(403)
		m.Post(at+"/ssh_keys", object{"ssh_key": object{"name": "k", "key": publicKey}}).Expect(403)
		m.Put(at, object{"user": object{"login": "cfo"}}).Expect(422)
		m.Put(fmt.Sprintf("%s/%d/refresh", ties, tie), nil).Expect(422)
		accomplice := s.User("accomplice", w.inside)
		m.Put(accomplice.Path(), object{"user": object{"auth_source_id": source}}).Expect(422)
		m.Put(accomplice.Path(), object{"user": object{"login": "cto", "auth_source_id": source}}).Expect(422)
		if n := s.Find("SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = ?", id); n != 0 {
			t.Errorf("%d tokens were made", n)
		}
	})
}

// A disabled account has what it had: enabling it gives that back. An account of two tenants shows the other one.
func TestAttack06_EnabledAccountsAndOnesOfOtherTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		helping := s.NewRole("helping", "view_users", "edit_users", "create_personal_access_tokens")
		c := s.By(s.User("helper", w.inside, object{"role_ids": []int64{helping}}))
		strong := s.User("strong", w.inside, object{"role_names": []string{"System admin"}, "disabled": true})
		weak := s.User("weak", w.inside, object{"disabled": true})
		dual := s.User("dual", object{"organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}})
		c.Put(strong.Path(), object{"user": object{"disabled": false}}).Expect(422)
		c.Put(weak.Path(), object{"user": object{"disabled": false}}).Expect(200)
		c.Put(dual.Path(), object{"user": object{"password": "taken over"}}).Expect(422)
		c.Post(dual.Path("/personal_access_tokens"), object{"personal_access_token": object{"name": "t"}}).Expect(403)
		c.Put(dual.Path(), object{"user": object{"lastname": "Fine"}}).Expect(200)
	})
}

// A limit of one kind of tenant leaves the other kind open: people in both get rows of the tenant that the caller
// cannot see.
func TestAttack06_LimitsOfOneKindReachTheOther(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		m := s.By(w.manager)
		limited := func(name string, limits object) int64 {
			role := s.NewRole(name, "view_users", "edit_users")
			s.Admin().Put(fmt.Sprint("/api/roles/", role), object{"role": limits}).Expect(200)
			return role
		}
		half := limited("half", object{"organization_ids": []int64{w.here}})
		whole := limited("whole", object{"organization_ids": []int64{w.here}, "location_ids": []int64{w.hereLocation}})
		far := s.User("far", object{"organization_ids": []int64{w.here},
			"location_ids": []int64{w.hereLocation, w.thereLocation}})
		near := s.User("near", w.inside)
		give := func(to account, role int64, status int) {
			t.Helper()
			s.Execute("DELETE FROM user_roles WHERE user_id = ? AND role_id = ?", w.manager.ID, role)
			// one hands out what one holds
			s.Execute("INSERT INTO user_roles (user_id, role_id) VALUES (?, ?)", w.manager.ID, role)
			bumpRevisions(s)
			m.Put(to.Path(), object{"user": object{"role_ids": []int64{role}}}).Expect(status)
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
		w := makeTwoTenants(s)
		at := fmt.Sprintf("/api/organizations/%d/parameters", w.there)
		s.Admin().Put(fmt.Sprint("/api/organizations/", w.there),
			object{"organization": object{"ignore_types": []string{"User"}}}).Expect(200)
		s.Admin().Post(at, object{"parameter": object{"name": "key", "value": "s3cret", "hidden_value": true}}).
			Expect(201)
		own := fmt.Sprintf("/api/organizations/%d/parameters", w.here)
		s.Admin().Post(own, object{"parameter": object{"name": "key", "value": "mine", "hidden_value": true}}).
			Expect(201)
		m := s.By(w.manager)
		if answer := m.Get(at + "?show_hidden=true"); bytes.Contains(answer.Body, []byte("s3cret")) {
			t.Errorf("another tenant's secret is shown: %s", answer.Body)
		}
		if answer := m.Get(own + "?show_hidden=true").Expect(200); !bytes.Contains(answer.Body, []byte("mine")) {
			t.Errorf("the own one is not: %s", answer.Body)
		}
	})
}

// Somebody who may change an LDAP source would read what its people type, so people of other tenants count even without
// a role.
func TestAttack09_SourcesOfPeopleElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		source := makeSource(s, object{"name": "both", "host": "h.example.com",
			"organization_ids": []int64{w.here, w.there},
			"location_ids":     []int64{w.hereLocation}})
		s.Admin().Post("/api/users",
			object{"user": merge(w.outside(), object{"login": "elsewhere", "auth_source_id": source})}).Expect(201)
		s.By(w.manager).Put(fmt.Sprint("/api/auth_source_ldaps/", source),
			object{"auth_source_ldap": object{"host": "evil.example.com"}}).Expect(422)
	})
}
