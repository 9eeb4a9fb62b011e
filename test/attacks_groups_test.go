package test

import (
	"context"
	goerrors "errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

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
		w := s.twoTenants()
		chiefs := s.group("chiefs", true, directory.UsergroupChange{})
		boss := s.user("boss", w.inside, object{"admin": true})
		bosses := s.group("bosses", false, directory.UsergroupChange{Users: refs(boss.id)})
		around := s.group("around", false, directory.UsergroupChange{Members: refs(bosses)})
		plain := s.group("plain", false, directory.UsergroupChange{})
		m := s.by(w.manager)
		nest := func(group int64, status int, members ...int64) {
			t.Helper()
			got := m.put(fmt.Sprint("/api/usergroups/", group),
				object{"usergroup": object{"usergroup_ids": append([]int64{}, members...)}}).expect(status)
			if status == 422 {
				got.want("cannot be changed by a non-admin user", "error", "errors", "usergroup_ids", 0)
			}
		}
		top := m.post("/api/usergroups", object{"usergroup": object{"name": "top"}}).expect(201).int("id")
		for _, inner := range []int64{chiefs, bosses, around} {
			nest(top, 422, inner)
			m.post("/api/usergroups",
				object{"usergroup": object{"name": fmt.Sprint("new", inner), "usergroup_ids": []int64{inner}}}).
				expect(422)
		}
		nest(around, 422)
		nest(top, 200, plain)
		nest(top, 200)
		m.delete(fmt.Sprint("/api/usergroups/", around)).expect(422)
		m.delete(fmt.Sprint("/api/usergroups/", top)).expect(200)
	})
}

// Deleting a tenant takes nobody out of it whom the caller could not take out of it.
func TestAttack15_TenantsOfAdministrators(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		held, free := s.organization("Held", w.here), s.organization("Free", w.here)
		spot := s.location("HeldSpot", w.hereLocation)
		s.user("boss", object{"organization_ids": []int64{held}, "location_ids": []int64{spot}, "admin": true})
		s.user("plain", object{"organization_ids": []int64{free}, "location_ids": []int64{w.hereLocation}})
		m := s.by(w.manager)
		m.delete(fmt.Sprint("/api/organizations/", held)).expect(422).want("cannot be changed by a non-admin user",
			"error", "errors", "user_ids", 0)
		m.delete(fmt.Sprint("/api/locations/", spot)).expect(422)
		m.delete(fmt.Sprint("/api/organizations/", free)).expect(200)
		s.admin().delete(fmt.Sprint("/api/organizations/", held)).expect(200)
	})
}

// However groups are nested, a change concerns a bounded number of them.
func TestAttack02_NestingIsBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.admin()
		nest := func(group int64, status int, members ...int64) *answer {
			t.Helper()
			return admin.put(fmt.Sprint("/api/usergroups/", group),
				object{"usergroup": object{"usergroup_ids": append([]int64{}, members...)}}).expect(status)
		}
		groups := func(prefix string, n int) []int64 {
			s.execute(
				`INSERT INTO usergroups (name, created_at, updated_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
				SELECT ? || CAST(i AS TEXT), '2024-01-01', '2024-01-01' FROM n`, n, prefix)
			s.execute("INSERT INTO usergroup_closure (ancestor_id, descendant_id) SELECT id, id FROM usergroups "+
				"WHERE name LIKE ?", prefix+"%")
			first := s.find("SELECT MIN(id) FROM usergroups WHERE name LIKE ?", prefix+"%")
			ids := make([]int64, n)
			for i := range ids {
				ids[i] = first + int64(i)
			}
			return ids
		}
		mid := s.group("mid", false, directory.UsergroupChange{})
		bottoms := groups("bottom", directory.MaxGroupsInside)
		nest(mid, 200, bottoms...)
		one := s.group("one more", false, directory.UsergroupChange{})
		const many, deep = "at most 1000 groups can be inside a group", "a group can be inside at most 50 groups"
		nest(mid, 422, append(bottoms, one)...).want(many, "error", "errors", "usergroup_ids", 0)
		nest(bottoms[0], 422, one).want(many, "error", "errors", "usergroup_ids", 0)
		nest(mid, 200, bottoms[1:]...)
		tops := groups("top", directory.MaxGroupsAround)
		for _, top := range tops[1:] {
			nest(top, 200, mid) // with mid, fifty around each bottom
		}
		nest(tops[0], 422, mid).want(deep, "error", "errors", "usergroup_ids", 0)
		nest(bottoms[1], 422, one).want(deep, "error", "errors", "usergroup_ids", 0)
		admin.post("/api/usergroups", object{"usergroup": object{"name": "new", "usergroup_ids": []int64{mid}}}).
			expect(422)
		admin.post("/api/usergroups",
			object{"usergroup": object{"name": "new", "usergroup_ids": append(bottoms, one)}}).expect(422)
		nest(tops[1], 200)
		nest(tops[0], 200, mid)
		if n := s.find("SELECT COUNT(*) FROM usergroup_closure WHERE ancestor_id <> descendant_id"); n != 50*1000-1 {
			t.Errorf("%d pairs are in the closure, want %d", n, 50*1000-1)
		}
	})
}

// The setting that names the source of people from outside goes along when the source is renamed.
func TestAttack09_RenamingTheSourceOfStrangers(t *testing.T) {
	onProxied(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		s.nobody().with("Remote-User", "first").get("/api/current_user").expect(200)
		s.by(w.manager).put("/api/auth_source_externals/3", object{"auth_source_external": object{"name": "Renamed"}}).
			expect(200)
		s.nobody().with("Remote-User", "second").get("/api/current_user").expect(200)
		const setting = "/api/settings/authorize_login_delegation_auth_source_user_autocreate"
		s.admin().get(setting).expect(200).want("Renamed", "value")
		s.admin().get("/api/audits?search="+url.QueryEscape("type = setting and username = manager")).expect(200).
			want(1, "subtotal")
		// One that names another source stays.
		s.admin().put(setting, object{"setting": object{"value": "Elsewhere"}}).expect(200)
		s.admin().put("/api/auth_source_externals/3", object{"auth_source_external": object{"name": "External"}}).
			expect(200)
		s.admin().get(setting).expect(200).want("Elsewhere", "value")
	})
}

// onProxied runs a test on each database with a proxy that says who asks.
func onProxied(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		s := startWith(t, db, anyLDAP{},
			handlers.Options{IdentityProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
		for _, name := range []string{"authorize_login_delegation", "authorize_login_delegation_api"} {
			s.admin().put("/api/settings/"+name, object{"setting": object{"value": true}}).expect(200)
		}
		test(t, s)
	})
}

// Who came into a group by a tie leaves it with the tie.
func TestAttack09_UntyingTakesMembersOut(t *testing.T) {
	onProxied(t, func(t *testing.T, s *server) {
		inside := s.user("inside")
		group := s.group("helpers", false, directory.UsergroupChange{Users: refs(inside.id),
			Roles: refs(s.role("Viewer"))})
		ties := fmt.Sprintf("/api/usergroups/%d/external_usergroups", group)
		tie := func(name string) string {
			body := object{"external_usergroup": object{"name": name, "auth_source_id": 3}}
			return fmt.Sprint(ties, "/", s.admin().post(ties, body).expect(201).int("id"))
		}
		ann := s.nobody().with("Remote-User", "ann").with("Remote-User-Groups", "staff,more")
		members := func(want ...string) {
			t.Helper()
			s.admin().get(fmt.Sprint("/api/usergroups/", group)).expect(200).want(want, "users", each, "login")
		}
		at := tie("staff")
		ann.get("/api/users").expect(200)
		members("inside", "ann")
		s.admin().put(at, object{"external_usergroup": object{"name": "others"}}).expect(200)
		members("inside")
		ann.get("/api/users").expect(403)
		s.admin().put(at, object{"external_usergroup": object{"name": "staff"}}).expect(200)
		s.admin().delete(at).expect(200)
		members("inside")
		// One of two ties is enough to come back.
		at = tie("staff")
		tie("more")
		ann.get("/api/users").expect(200)
		s.admin().delete(at).expect(200)
		ann.get("/api/users").expect(200)
		members("inside", "ann")
	})
}

// What answers leave out of changes, searches do not find.
func TestAttack24b_SearchesOfChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		role := s.newRole("limited", "view_users")
		s.admin().put(fmt.Sprint("/api/roles/", role),
			object{"role": object{"organization_ids": []int64{w.here, w.there}}}).expect(200)
		reader := s.by(s.user("reader", w.inside, object{"role_names": []string{"System admin", "Auditor"}}))
		for _, c := range []struct {
			as    *client
			query string
			finds bool
		}{
			{s.admin(), fmt.Sprintf("changes ~ %d]", w.there), true}, {reader, fmt.Sprintf("changes ~ %d]", w.there),
				false},
			{reader, "changes ~ \"organization_id ^\"", false}, {reader, "type = role and changes ~ limited", true},
			{reader, "type = role and null? changes", true},
		} {
			n := c.as.get("/api/audits?search=" + url.QueryEscape(c.query)).expect(200).int("subtotal")
			if (n > 0) != c.finds {
				t.Errorf("%q by %s finds %d", c.query, c.as.login, n)
			}
		}
		filter := s.find("SELECT id FROM filters WHERE role_id = ?", role)
		reader.delete(fmt.Sprint("/api/filters/", filter)).expect(200).want(nil, "taxonomy_search")
	})
}

// noServer is an LDAP server that cannot be reached.
type noServer struct{ anyLDAP }

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
		s := startWith(t, db, noServer{}, handlers.Options{})
		w := s.twoTenants()
		test := fmt.Sprintf("/api/auth_source_ldaps/%d/test",
			s.source(merge(w.inside, object{"name": "s", "host": "h"})))
		told := func(as *client) bool {
			return strings.Contains(as.put(test, nil).expect(200).want(false, "success").text("message"), "refused")
		}
		if !told(s.admin()) {
			t.Error("an administrator is not told why")
		}
		s.log.forget()
		ties := fmt.Sprintf("/api/usergroups/%d/external_usergroups",
			s.group("tied", false, directory.UsergroupChange{}))
		source := s.find("SELECT id FROM auth_sources WHERE name = 's'")
		tie := object{"external_usergroup": object{"name": "x", "auth_source_id": source}}
		for as, tells := range map[*client]bool{s.admin(): true, s.by(w.manager): false} {
			if text := string(as.post(ties, tie).expect(422).body); strings.Contains(text, "refused") != tells {
				t.Errorf("tying a group tells %s", text)
			}
			s.execute("DELETE FROM external_usergroups")
			s.execute("INSERT INTO external_usergroups (name, usergroup_id, auth_source_id) SELECT 'y', id, ? FROM "+
				"usergroups WHERE name = 'tied'", source)
			path := fmt.Sprint(ties, "/", s.find("SELECT id FROM external_usergroups"), "/refresh")
			if text := string(as.put(path, nil).expect(422).body); strings.Contains(text, "refused") != tells {
				t.Errorf("a refresh tells %s", text)
			}
			s.execute("DELETE FROM external_usergroups")
		}
		if told(s.by(w.manager)) || !strings.Contains(s.log.String(), "connection refused") {
			t.Errorf("a manager is told why, or the log is not: %s", s.log)
		}
	})
}

// Whoever ends what opens an account ends what is being made by it at that moment.
func TestAttack12_TokensMadeWhileTheyAreRevoked(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		for round := range 3 {
			victim := s.user(fmt.Sprint("victim", round), object{"password": "known to others"})
			var working sync.WaitGroup
			stop := make(chan struct{})
			for i := range 4 {
				c := s.as(victim.login, "known to others")
				working.Go(func() {
					for n := 0; ; n++ {
						select {
						case <-stop:
							return
						default:
						}
						name := object{"name": fmt.Sprint("t", i, "-", n)}
						if _, err := c.try("POST", victim.path("/personal_access_tokens"),
							object{"personal_access_token": name}); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			eventually(t, "tokens are made", func() bool {
				return s.find("SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = ?", victim.id) > 3
			})
			s.admin().put(victim.path(), object{"user": object{"password": "a new secret", "revoke_tokens": true}}).
				expect(200)
			close(stop)
			working.Wait()
			if n := s.find("SELECT COUNT(*) FROM personal_access_tokens WHERE user_id = ? AND NOT revoked",
				victim.id); n != 0 {
				t.Errorf("%d tokens still open the account", n)
			}
		}
		// Nor is anything else changed by whoever came in by a proof that has gone.
		p := s.principal("admin", adminPassword)
		s.execute("UPDATE users SET password_hash = password_hash || 'x' WHERE id = ?", p.UserID)
		if _, err := s.dir.CreateRole(t.Context(), p, directory.RoleChange{Name: models.Some("late")}); !goerrors.Is(
			err, login.ErrCredentials) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

// What the search of a filter leaves out stays out, also for holders who do not know of what it is left out by; and
// nobody finds out by such a filter who is where.
func TestAttack05_FiltersThatExclude(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		both := object{"organization_ids": []int64{w.here, w.there}, "location_ids": []int64{w.hereLocation}}
		s.user("one", w.inside)
		two := s.user("two", both)
		for i, query := range []string{
			"not organization = SecretOrg", fmt.Sprintf("not organization_id = %d", w.there),
			"not (login = x or organization ~ Secret)",
		} {
			role := s.newRole(fmt.Sprint("helping", i))
			s.filter(role, query, "view_users", "edit_users")
			for name, tenants := range map[string]object{"inner": w.inside, "outer": both} {
				c := s.by(s.user(fmt.Sprint(name, i), tenants, object{"role_ids": []int64{role}}))
				c.get("/api/users?search=login+^+(one,two)").expect(200).want([]string{"one"}, "results", each, "login")
				c.put(two.path(), object{"user": object{"firstname": "X"}}).expect(404)
			}
		}
		m := s.by(s.user("writer", w.inside, object{"role_names": []string{"System admin", "Auditor"}}))
		write := func(resource, query string, status int) {
			t.Helper()
			role := m.post("/api/roles", object{"role": object{"name": query}}).expect(201).int("id")
			body := object{"role_id": role, "permission_names": []string{resource}, "search": query}
			m.post("/api/filters", object{"filter": body}).expect(status)
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
		w := s.twoTenants()
		shared := s.source(object{"name": "shared", "host": "h", "organization_ids": []int64{w.here, w.there},
			"location_ids": []int64{w.hereLocation}})
		own := s.source(merge(w.inside, object{"name": "own", "host": "h"}))
		m := s.by(w.manager)
		path := func(id int64) string { return fmt.Sprint("/api/auth_source_ldaps/", id) }
		for attr, value := range map[string]any{"port": 4289, "host": "evil", "attr_login": "description",
			"ldap_filter": "(cn=*)", "groups_base": "dc=x"} {
			change := object{"auth_source_ldap": object{attr: value}}
			m.put(path(shared), change).expect(422).want("cannot be changed by a user who is not in all its "+
				"organizations and locations", "error", "errors", attr, 0)
			m.put(path(own), change).expect(200)
		}
		m.put(path(shared), object{"auth_source_ldap": object{"name": "renamed", "location_ids": []int64{}}}).
			expect(422)
		m.put(path(shared), object{"auth_source_ldap": object{"name": "renamed"}}).expect(200)
		m.delete(path(shared)).expect(403)
		m.delete(path(own)).expect(200)
		registering := s.source(merge(w.inside, object{"name": "registering", "host": "h", "onthefly_register": true}))
		for attr, value := range map[string]any{"attr_login": "description", "ldap_filter": "(cn=*)"} {
			m.put(path(registering), object{"auth_source_ldap": object{attr: value}}).expect(422)
		}
		m.put(path(registering), object{"auth_source_ldap": object{"attr_photo": "photo"}}).expect(200)
	})
}

// An account that another source checks from now on is somebody else's: what the former owner holds ends.
func TestAttack01_TokensEndWithTheSource(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		source := s.source(object{"name": "corp", "host": "h"})
		u := s.user("early")
		secret := s.by(u).post(u.path("/personal_access_tokens"), object{"personal_access_token": object{"name": "t"}}).
			expect(201).text("token_value")
		s.as("early", secret).get("/api/status").expect(200)
		s.admin().put(u.path(), object{"user": object{"auth_source_id": source}}).expect(200)
		s.as("early", secret).get("/api/status").expect(401)
		if n := s.find("SELECT COUNT(*) FROM personal_access_tokens WHERE NOT revoked"); n != 0 {
			t.Errorf("%d tokens are open", n)
		}
	})
}

// Settings that decide who gets in, and for how long, are administrators' only; a page is never the whole table.
func TestAttack24_SettingsOfTheInstallation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := s.twoTenants()
		c := s.by(s.user("setter", w.inside, object{"role_names": []string{"System admin"}}))
		for name, value := range map[string]int{"failed_login_attempts_limit": 1, "idle_timeout": 1,
			"session_lifetime": 1} {
			c.put("/api/settings/"+name, object{"setting": object{"value": value}}).expect(422)
		}
		for value, status := range map[any]int{1000: 200, 1001: 422, "9223372036854775807": 422, 0: 422, 20: 200} {
			c.put("/api/settings/entries_per_page", object{"setting": object{"value": value}}).expect(status)
		}
	})
}

// No tenant takes the place of another one by its name: neither by a slash in it, nor by the digits of an id.
func TestAttack19_NamesThatMeanOtherTenants(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w, admin := s.twoTenants(), s.admin()
		acme := s.organization("Acme")
		sales := s.organization("Sales", acme)
		m := s.by(w.manager)
		name := func(c *client, id int64, name string, status int) *answer {
			t.Helper()
			return c.put(fmt.Sprint("/api/organizations/", id), object{"organization": object{"name": name}}).
				expect(status)
		}
		name(m, w.here, "Acme/Sales", 422).want("has already been taken", "error", "errors", "title", 0)
		name(m, w.here, "acme/sales", 422)
		m.post("/api/organizations", object{"organization": object{"name": "Acme/Sales"}}).expect(422)
		other := s.organization("Other")
		s.organization("Acme/Leads/Two", other) // a place of its own
		taken := s.organization("Taken/Sales")
		name(admin, acme, "Taken", 422) // what is below would come to the same title
		name(admin, taken, "Free", 200)
		name(admin, acme, "Taken", 200)
		name(admin, acme, "Acme", 200)
		// Titles that two have from before mean neither.
		s.execute("UPDATE taxonomies SET title = 'Acme/Sales' WHERE id = ?", taken)
		s.execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
		body := object{"login": "hire", "organization_names": []string{"Acme/Sales"}, "auth_source_id": 3}
		admin.post("/api/users", object{"user": body}).expect(422)
		admin.get("/api/organizations/Acme%2FSales").expect(404)
		admin.get("/api/users?organization_id=Acme%2FSales").expect(404)
		s.execute("UPDATE taxonomies SET title = 'Free' WHERE id = ?", taken)
		s.execute("UPDATE tallies SET epoch = epoch + 1 WHERE slot = 0")
		admin.get("/api/organizations/Acme%2FSales").expect(200).want(sales, "id")

		// An id goes before a name.
		there := s.by(s.user("honest", w.outside(), object{"role_names": []string{"Manager"}}))
		for _, digits := range []string{fmt.Sprint(w.there), fmt.Sprint(w.there, "-x")} {
			name(m, w.here, digits, 200)
			admin.get("/api/users?per_page=all&organization_id="+digits).expect(200).want([]string{"honest"}, "results",
				each, "login")
			there.get("/api/users?organization_id=" + digits).expect(200)
			there.get(fmt.Sprintf("/api/organizations/%s/users", digits)).expect(200)
			there.get(fmt.Sprintf("/api/organizations/%s/parameters", digits)).expect(200)
		}
	})
}

// Looking for a long text in a long text takes no longer than reading both.
func TestAttack04_LongPatterns(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		s.user("long", object{"description": strings.Repeat("a", 60_000) + "b"})
		s.user("other", object{"description": strings.Repeat("a", 60_000)})
		for query, want := range map[string][]string{
			"description ~ " + strings.Repeat("a", 1800) + "b":                                  {"long"},
			"description ~ *" + strings.Repeat("a", 900) + "*" + strings.Repeat("a", 900) + "b": {"long"},
			"description ~ " + strings.Repeat("A", 1800):                                        {"long", "other"},
			"description !~ " + strings.Repeat("a", 1800) + "b and login ^ (long,other)":        {"other"},
		} {
			s.admin().get("/api/users?order=login&search="+url.QueryEscape(query)).expect(200).want(want, "results",
				each, "login")
		}
		many := strings.TrimSuffix(strings.Repeat("description ~ "+strings.Repeat("a_", 60)+" and ", 20), " and ")
		s.admin().get("/api/users?search="+url.QueryEscape(many)).expect(400).
			want("The patterns with _ are longer than 2000 bytes together", "error", "message")
	})
}
