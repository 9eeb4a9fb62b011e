package foreman

import (
	"context"
	goerrors "errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"roster/test/servertest"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/handlers"
	"roster/models"
	"roster/test/dbtest"
)

// What a second look found: what groups and tenants are around administrators, and what a rename or a link takes along.

// An administrator group and a group with administrators stay where an administrator put them.
func TestAttack15_GroupsAroundAdministrators(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		chiefs := s.Group("chiefs", true, directory.UsergroupChange{})
		boss := s.User("boss", w.inside, object{"admin": true})
		bosses := s.Group("bosses", false, directory.UsergroupChange{Users: refs(boss.ID)})
		around := s.Group("around", false, directory.UsergroupChange{Members: refs(bosses)})
		plain := s.Group("plain", false, directory.UsergroupChange{})
		m := s.By(w.manager)
		nest := func(group int64, status int, members ...int64) {
			t.Helper()
			got := m.Put(fmt.Sprint("/api/usergroups/", group),
				object{"usergroup": object{"usergroup_ids": append([]int64{}, members...)}}).Expect(status)
			if status == 422 {
				got.Want("cannot be changed by a non-admin user", "error", "errors", "usergroup_ids", 0)
			}
		}
		top := m.Post("/api/usergroups", object{"usergroup": object{"name": "top"}}).Expect(201).Int("id")
		for _, inner := range []int64{chiefs, bosses, around} {
			nest(top, 422, inner)
			m.Post("/api/usergroups",
				object{"usergroup": object{"name": fmt.Sprint("new", inner), "usergroup_ids": []int64{inner}}}).
				Expect(422)
		}
		nest(around, 422)
		nest(top, 200, plain)
		nest(top, 200)
		m.Delete(fmt.Sprint("/api/usergroups/", around)).Expect(422)
		m.Delete(fmt.Sprint("/api/usergroups/", top)).Expect(200)
	})
}

// Deleting a tenant takes nobody out of it whom the caller could not take out of it.
func TestAttack15_TenantsOfAdministrators(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		held := s.Organization("Held", w.here)
		free := s.Organization("Free", w.here)
		spot := s.Location("HeldSpot", w.hereLocation)
		s.User("boss", object{"organization_ids": []int64{held}, "location_ids": []int64{spot}, "admin": true})
		s.User("plain", object{"organization_ids": []int64{free}, "location_ids": []int64{w.hereLocation}})
		m := s.By(w.manager)
		m.Delete(fmt.Sprint("/api/organizations/", held)).Expect(422).Want("cannot be changed by a non-admin user",
			"error", "errors", "user_ids", 0)
		m.Delete(fmt.Sprint("/api/locations/", spot)).Expect(422)
		m.Delete(fmt.Sprint("/api/organizations/", free)).Expect(200)
		s.Admin().Delete(fmt.Sprint("/api/organizations/", held)).Expect(200)
	})
}

// However groups are nested, a change concerns a bounded number of them.
func TestAttack02_NestingIsBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		nest := func(group int64, status int, members ...int64) *answer {
			t.Helper()
			return admin.Put(fmt.Sprint("/api/usergroups/", group),
				object{"usergroup": object{"usergroup_ids": append([]int64{}, members...)}}).Expect(status)
		}
		groups := func(prefix string, n int) []int64 {
			s.Execute(
				`INSERT INTO usergroups (name, created_at, updated_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
				SELECT ? || CAST(i AS TEXT), '2024-01-01', '2024-01-01' FROM n`, n, prefix)
			s.Execute("INSERT INTO usergroup_closure (ancestor_id, descendant_id) SELECT id, id FROM usergroups "+
				"WHERE name LIKE ?", prefix+"%")
			first := s.Find("SELECT MIN(id) FROM usergroups WHERE name LIKE ?", prefix+"%")
			ids := make([]int64, n)
			for i := range ids {
				ids[i] = first + int64(i)
			}
			return ids
		}
		mid := s.Group("mid", false, directory.UsergroupChange{})
		bottoms := groups("bottom", directory.MaxGroupsInside)
		nest(mid, 200, bottoms...)
		one := s.Group("one more", false, directory.UsergroupChange{})
		const many, deep = "at most 1000 groups can be inside a group", "a group can be inside at most 50 groups"
		nest(mid, 422, append(bottoms, one)...).Want(many, "error", "errors", "usergroup_ids", 0)
		nest(bottoms[0], 422, one).Want(many, "error", "errors", "usergroup_ids", 0)
		nest(mid, 200, bottoms[1:]...)
		tops := groups("top", directory.MaxGroupsAround)
		last := len(tops) - 2
		for _, top := range tops[1:last] { // with mid and the last two, fifty around each bottom
			s.Execute("INSERT INTO usergroup_usergroups (usergroup_id, member_id) VALUES (?, ?)", top, mid)
			s.Execute("INSERT INTO usergroup_closure (ancestor_id, descendant_id) SELECT ?, descendant_id "+
				"FROM usergroup_closure WHERE ancestor_id = ?", top, mid)
		}
		for _, top := range tops[last:] {
			nest(top, 200, mid)
		}
		nest(tops[0], 422, mid).Want(deep, "error", "errors", "usergroup_ids", 0)
		nest(bottoms[1], 422, one).Want(deep, "error", "errors", "usergroup_ids", 0)
		admin.Post("/api/usergroups", object{"usergroup": object{"name": "new", "usergroup_ids": []int64{mid}}}).
			Expect(422)
		admin.Post("/api/usergroups",
			object{"usergroup": object{"name": "new", "usergroup_ids": append(bottoms, one)}}).Expect(422)
		nest(tops[1], 200)
		nest(tops[0], 200, mid)
		if n := s.Find("SELECT COUNT(*) FROM usergroup_closure WHERE ancestor_id <> descendant_id"); n != 50*1000-1 {
			t.Errorf("%d pairs are in the closure, want %d", n, 50*1000-1)
		}
	})
}

// The setting that names the source of people from outside goes along when the source is renamed.
func TestAttack09_RenamingTheSourceOfStrangers(t *testing.T) {
	onProxied(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		s.Nobody().With("Remote-User", "first").Get("/api/current_user").Expect(200)
		s.By(w.manager).Put("/api/auth_source_externals/3", object{"auth_source_external": object{"name": "Renamed"}}).
			Expect(200)
		s.Nobody().With("Remote-User", "second").Get("/api/current_user").Expect(200)
		const setting = "/api/settings/authorize_login_delegation_auth_source_user_autocreate"
		s.Admin().Get(setting).Expect(200).Want("Renamed", "value")
		s.Admin().Get("/api/audits?search="+url.QueryEscape("type = setting and username = manager")).Expect(200).
			Want(1, "subtotal")
		// One that names another source stays.
		s.Admin().Put(setting, object{"setting": object{"value": "Elsewhere"}}).Expect(200)
		s.Admin().Put("/api/auth_source_externals/3", object{"auth_source_external": object{"name": "External"}}).
			Expect(200)
		s.Admin().Get(setting).Expect(200).Want("Elsewhere", "value")
	})
}

// onProxied runs a test on each database with a proxy that says who asks.
func onProxied(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, servertest.AnyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		for _, name := range []string{"authorize_login_delegation", "authorize_login_delegation_api"} {
			s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": true}}).Expect(200)
		}
		test(t, s)
	})
}

// Who came into a group by a tie leaves it with the tie.
func TestAttack09_UntyingTakesMembersOut(t *testing.T) {
	onProxied(t, func(t *testing.T, s *server) {
		inside := s.User("inside")
		group := s.Group("helpers", false, directory.UsergroupChange{Users: refs(inside.ID),
			Roles: refs(s.Role("Viewer"))})
		ties := fmt.Sprintf("/api/usergroups/%d/external_usergroups", group)
		tie := func(name string) string {
			body := object{"external_usergroup": object{"name": name, "auth_source_id": 3}}
			return fmt.Sprint(ties, "/", s.Admin().Post(ties, body).Expect(201).Int("id"))
		}
		ann := s.Nobody().With("Remote-User", "ann").With("Remote-User-Groups", "staff,more")
		members := func(want ...string) {
			t.Helper()
			s.Admin().Get(fmt.Sprint("/api/usergroups/", group)).Expect(200).Want(want, "users", each, "login")
		}
		at := tie("staff")
		ann.Get("/api/users").Expect(200)
		members("inside", "ann")
		s.Admin().Put(at, object{"external_usergroup": object{"name": "others"}}).Expect(200)
		members("inside")
		ann.Get("/api/users").Expect(403)
		s.Admin().Put(at, object{"external_usergroup": object{"name": "staff"}}).Expect(200)
		s.Admin().Delete(at).Expect(200)
		members("inside")
		// One of two ties is enough to come back.
		at = tie("staff")
		tie("more")
		ann.Get("/api/users").Expect(200)
		s.Admin().Delete(at).Expect(200)
		ann.Get("/api/users").Expect(200)
		members("inside", "ann")
	})
}

// What answers leave out of changes, searches do not find.
func TestAttack24b_SearchesOfChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		role := s.NewRole("limited", "view_users")
		s.Admin().Put(fmt.Sprint("/api/roles/", role),
			object{"role": object{"organization_ids": []int64{w.here, w.there}}}).Expect(200)
		reader := s.By(s.User("reader", w.inside, object{"role_names": []string{"System admin", "Auditor"}}))
		for _, c := range []struct {
			as    *client
			query string
			finds bool
		}{
			{s.Admin(), fmt.Sprintf("changes ~ %d]", w.there), true}, {reader, fmt.Sprintf("changes ~ %d]", w.there),
				false},
			{reader, "changes ~ \"organization_id ^\"", false}, {reader, "type = role and changes ~ limited", true},
			{reader, "type = role and null? changes", true},
		} {
			n := c.as.Get("/api/audits?search=" + url.QueryEscape(c.query)).Expect(200).Int("subtotal")
			if (n > 0) != c.finds {
				t.Errorf("%q by %s finds %d", c.query, c.as.Login, n)
			}
		}
		filter := s.Find("SELECT id FROM filters WHERE role_id = ?", role)
		reader.Delete(fmt.Sprint("/api/filters/", filter)).Expect(200).Want(nil, "taxonomy_search")
	})
}

// noServer is an LDAP server that cannot be reached.
type noServer struct{ servertest.AnyLDAP }

func (noServer) Test(context.Context, *models.AuthSource, string) error {
	return models.Fail(models.Unavailable, models.RuleLDAPUnreachable,
		"dial tcp 127.0.0.1:22: connect: connection refused")
}

func (l noServer) Members(context.Context, *models.AuthSource, string, string) ([]string, bool, error) {
	return nil, false, l.Test(context.Background(), nil, "")
}

// Whoever may try the connection of a source does not learn by it what listens in the network of the server.
func TestAttack09_TriedConnectionsTellNoPorts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := servertest.StartWith(t, db, noServer{}, handlers.Options{})
		w := makeTwoTenants(s)
		test := fmt.Sprintf("/api/auth_source_ldaps/%d/test",
			makeSource(s, merge(w.inside, object{"name": "s", "host": "h"})))
		told := func(as *client) bool {
			return strings.Contains(as.Put(test, nil).Expect(200).Want(false, "success").Text("message"), "refused")
		}
		if !told(s.Admin()) {
			t.Error("an administrator is not told why")
		}
		s.Log.Forget()
		ties := fmt.Sprintf("/api/usergroups/%d/external_usergroups",
			s.Group("tied", false, directory.UsergroupChange{}))
		source := s.Find("SELECT id FROM auth_sources WHERE name = 's'")
		tie := object{"external_usergroup": object{"name": "x", "auth_source_id": source}}
		for as, tells := range map[*client]bool{s.Admin(): true, s.By(w.manager): false} {
			if text := string(as.Post(ties, tie).Expect(422).Body); strings.Contains(text, "refused") != tells {
				t.Errorf("tying a group tells %s", text)
			}
			s.Execute("DELETE FROM external_usergroups")
			s.Execute("INSERT INTO external_usergroups (name, usergroup_id, auth_source_id) SELECT 'y', id, ? FROM "+
				"usergroups WHERE name = 'tied'", source)
			path := fmt.Sprint(ties, "/", s.Find("SELECT id FROM external_usergroups"), "/refresh")
			if text := string(as.Put(path, nil).Expect(422).Body); strings.Contains(text, "refused") != tells {
				t.Errorf("a refresh tells %s", text)
			}
			s.Execute("DELETE FROM external_usergroups")
		}
		if told(s.By(w.manager)) || !strings.Contains(s.Log.String(), "connection refused") {
			t.Errorf("a manager is told why, or the log is not: %s", s.Log)
		}
	})
}

// Whoever ends what opens an account ends what is being made by it at that moment.
func TestAttack12_TokensMadeWhileTheyAreRevoked(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for round := range 3 {
			victim := s.User(fmt.Sprint("victim", round), object{"password": "known to others"})
			var working sync.WaitGroup
			stop := make(chan struct{})
			for i := range 4 {
				c := s.As(victim.Login, "known to others")
				working.Go(func() {
					for n := 0; ; n++ {
						select {
						case <-stop:
							return
						default:
						}
						name := object{"name": fmt.Sprint("t", i, "-", n)}
						if _, err := c.Try("POST", victim.Path("/personal_access_tokens"),
							object{"personal_access_token": name}); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			eventually(t, "tokens are made", func() bool {
				return s.Find("SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = ?", victim.ID) > 3
			})
			s.Admin().Put(victim.Path(), object{"user": object{"password": "a new secret", "revoke_tokens": true}}).
				Expect(200)
			close(stop)
			working.Wait()
			if n := s.Find("SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = ? AND NOT revoked",
				victim.ID); n != 0 {
				t.Errorf("%d tokens still open the account", n)
			}
		}
		// Nor is anything else changed by whoever came in by a proof that has gone.
		p := s.Principal("admin", adminPassword)
		s.Execute("UPDATE users SET password_hash = password_hash || 'x' WHERE id = ?", p.UserID)
		if _, err := s.Dir.CreateRole(t.Context(), p, directory.RoleChange{Name: models.Some("late")}); !goerrors.Is(
			err, login.ErrCredentials) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

// What the search of a filter leaves out stays out, also for holders who do not know of what it is left out by; and
// nobody finds out by such a filter who is where.
func TestAttack05_FiltersThatExclude(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		both := object{"organization_ids": []int64{w.here, w.there}, "location_ids": []int64{w.hereLocation}}
		s.User("one", w.inside)
		two := s.User("two", both)
		for i, query := range []string{
			"not organization = SecretOrg", fmt.Sprintf("not organization_id = %d", w.there),
			"not (login = x or organization ~ Secret)",
		} {
			role := s.NewRole(fmt.Sprint("helping", i))
			s.Filter(role, query, "view_users", "edit_users")
			for name, tenants := range map[string]object{"inner": w.inside, "outer": both} {
				c := s.By(s.User(fmt.Sprint(name, i), tenants, object{"role_ids": []int64{role}}))
				c.Get("/api/users?search=login+^+(one,two)").Expect(200).Want([]string{"one"}, "results", each, "login")
				c.Put(two.Path(), object{"user": object{"firstname": "X"}}).Expect(404)
			}
		}
		m := s.By(s.User("writer", w.inside, object{"role_names": []string{"System admin", "Auditor"}}))
		write := func(resource, query string, status int) {
			t.Helper()
			role := m.Post("/api/roles", object{"role": object{"name": query}}).Expect(201).Int("id")
			body := object{"role_id": role, "permission_names": []string{resource}, "search": query}
			m.Post("/api/filters", object{"filter": body}).Expect(status)
		}
		write("view_users", "not organization ~ Secret", 422)
		write("view_users", "null? location", 422)
		write("view_users", "not login = x", 201)
		write("view_users", "not ann", 201)
		write("view_users", "organization ~ Here", 201)
		write("view_audit_logs", "not boss", 422)
		write("view_audit_logs", "username !~ boss", 422)
		write("view_audit_logs", "not type = user", 201)
	})
}

// A source that other tenants share goes to no other server because of a manager of one of them, whether or not anybody
// has an account there.
func TestAttack09_SharedSources(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		shared := makeSource(s, object{"name": "shared", "host": "h", "organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}})
		own := makeSource(s, merge(w.inside, object{"name": "own", "host": "h"}))
		m := s.By(w.manager)
		path := func(id int64) string { return fmt.Sprint("/api/auth_source_ldaps/", id) }
		for attr, value := range map[string]any{"port": 4289, "host": "evil", "attr_login": "description",
			"ldap_filter": "(cn=*)", "groups_base": "dc=x"} {
			change := object{"auth_source_ldap": object{attr: value}}
			m.Put(path(shared), change).Expect(422).Want("cannot be changed by a user who is not in all its "+
				"organizations and locations", "error", "errors", attr, 0)
			m.Put(path(own), change).Expect(200)
		}
		m.Put(path(shared), object{"auth_source_ldap": object{"name": "renamed", "location_ids": []int64{}}}).
			Expect(422)
		m.Put(path(shared), object{"auth_source_ldap": object{"name": "renamed"}}).Expect(200)
		m.Delete(path(shared)).Expect(403)
		m.Delete(path(own)).Expect(200)
		registering := makeSource(s,
			merge(w.inside, object{"name": "registering", "host": "h", "onthefly_register": true}))
		for attr, value := range map[string]any{"attr_login": "description", "ldap_filter": "(cn=*)"} {
			m.Put(path(registering), object{"auth_source_ldap": object{attr: value}}).Expect(422)
		}
		m.Put(path(registering), object{"auth_source_ldap": object{"attr_photo": "photo"}}).Expect(200)
	})
}

// An account that another source checks from now on is somebody else's: what the former owner holds ends.
func TestAttack01_TokensEndWithTheSource(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		source := makeSource(s, object{"name": "corp", "host": "h"})
		u := s.User("early")
		secret := s.By(u).Post(u.Path("/personal_access_tokens"), object{"personal_access_token": object{"name": "t"}}).
			Expect(201).Text("token_value")
		s.As("early", secret).Get("/api/status").Expect(200)
		s.Admin().Put(u.Path(), object{"user": object{"auth_source_id": source}}).Expect(200)
		s.As("early", secret).Get("/api/status").Expect(401)
		if n := s.Find("SELECT COUNT(*) FROM personal_access_tokens WHERE NOT revoked"); n != 0 {
			t.Errorf("%d tokens are open", n)
		}
	})
}

// Settings that decide who gets in, and for how long, are administrators' only; a page is never the whole table.
func TestAttack24_SettingsOfTheInstallation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		c := s.By(s.User("setter", w.inside, object{"role_names": []string{"System admin"}}))
		for name, value := range map[string]int{"failed_login_attempts_limit": 1, "idle_timeout": 1,
			"session_lifetime": 1} {
			c.Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(422)
		}
		for value, status := range map[any]int{1000: 200, 1001: 422, "9223372036854775807": 422, 0: 422, 20: 200} {
			c.Put("/api/settings/entries_per_page", object{"setting": object{"value": value}}).Expect(status)
		}
	})
}

// No tenant takes the place of another one by its name: neither by a slash in it, nor by the digits of an id.
func TestAttack19_NamesThatMeanOtherTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := makeTwoTenants(s)
		admin := s.Admin()
		acme := s.Organization("Acme")
		sales := s.Organization("Sales", acme)
		m := s.By(w.manager)
		name := func(c *client, id int64, name string, status int) *answer {
			t.Helper()
			return c.Put(fmt.Sprint("/api/organizations/", id), object{"organization": object{"name": name}}).
				Expect(status)
		}
		name(m, w.here, "Acme/Sales", 422).Want("has already been taken", "error", "errors", "title", 0)
		name(m, w.here, "acme/sales", 422)
		m.Post("/api/organizations", object{"organization": object{"name": "Acme/Sales"}}).Expect(422)
		other := s.Organization("Other")
		s.Organization("Acme/Leads/Two", other) // a place of its own
		taken := s.Organization("Taken/Sales")
		name(admin, acme, "Taken", 422) // what is below would come to the same title
		name(admin, taken, "Free", 200)
		name(admin, acme, "Taken", 200)
		name(admin, acme, "Acme", 200)
		// Titles that two have from before mean neither.
		s.Execute("UPDATE taxonomies SET title = 'Acme/Sales' WHERE id = ?", taken)
		s.Execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
		body := object{"login": "hire", "organization_names": []string{"Acme/Sales"}, "auth_source_id": 3}
		admin.Post("/api/users", object{"user": body}).Expect(422)
		admin.Get("/api/organizations/Acme%2FSales").Expect(404)
		admin.Get("/api/users?organization_id=Acme%2FSales").Expect(404)
		s.Execute("UPDATE taxonomies SET title = 'Free' WHERE id = ?", taken)
		s.Execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
		admin.Get("/api/organizations/Acme%2FSales").Expect(200).Want(sales, "id")

		// An id goes before a name.
		there := s.By(s.User("honest", w.outside(), object{"role_names": []string{"Manager"}}))
		for _, digits := range []string{fmt.Sprint(w.there), fmt.Sprint(w.there, "-x")} {
			name(m, w.here, digits, 200)
			admin.Get("/api/users?per_page=all&organization_id="+digits).Expect(200).Want([]string{"honest"}, "results",
				each, "login")
			there.Get("/api/users?organization_id=" + digits).Expect(200)
			there.Get(fmt.Sprintf("/api/organizations/%s/users", digits)).Expect(200)
			there.Get(fmt.Sprintf("/api/organizations/%s/parameters", digits)).Expect(200)
		}
	})
}

// Looking for a long text in a long text takes no longer than reading both.
func TestAttack04_LongPatterns(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.User("long", object{"description": strings.Repeat("a", 60_000) + "b"})
		s.User("other", object{"description": strings.Repeat("a", 60_000)})
		for query, want := range map[string][]string{
			"description ~ " + strings.Repeat("a", 1800) + "b":                                  {"long"},
			"description ~ *" + strings.Repeat("a", 900) + "*" + strings.Repeat("a", 900) + "b": {"long"},
			"description ~ " + strings.Repeat("A", 1800):                                        {"long", "other"},
			"description !~ " + strings.Repeat("a", 1800) + "b and login ^ (long,other)":        {"other"},
		} {
			s.Admin().Get("/api/users?order=login&search="+url.QueryEscape(query)).Expect(200).Want(want, "results",
				each, "login")
		}
		many := strings.TrimSuffix(strings.Repeat("description ~ "+strings.Repeat("a_", 60)+" and ", 20), " and ")
		s.Admin().Get("/api/users?search="+url.QueryEscape(many)).Expect(400).
			Want("The patterns with _ are longer than 2000 bytes together", "error", "message")
	})
}
