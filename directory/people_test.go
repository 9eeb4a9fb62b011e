package directory_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/directory"
	"roster/directory/login"
	"roster/directory/seed"
	"roster/models"
	"roster/test/dbtest"
)

// Of several servers that seed one empty database at once, one makes the administrator and knows the password.
func TestSeed_ManyAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) {
		w := &world{t: t, db: db}
		results := make([]seed.Applied, 4)
		failures := make([]error, len(results))
		var all sync.WaitGroup
		for i := range results {
			s := w.beside()
			all.Go(func() { results[i], failures[i] = seed.Apply(t.Context(), s, "") })
		}
		all.Wait()
		password := ""
		for i, r := range results {
			if failures[i] != nil || r.AdminLogin != "admin" {
				t.Errorf("got %+v, %v", r, failures[i])
			}
			if r.GeneratedPassword != "" {
				if password != "" {
					t.Error("two made a password")
				}
				password = r.GeneratedPassword
			}
		}
		if len(password) < 16 {
			t.Fatalf("got the password %q", password)
		}
		if _, err := admit(t.Context(), w.beside(), login.Credentials{Login: "admin", Password: password}); err != nil {
			t.Error(err)
		}
	})
}

// Seeding again changes nothing that is there, and brings nothing back that an administrator took away.
func TestSeed_Again(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		dump := func() map[string]int64 {
			t.Helper()
			count := w.everything()
			for _, table := range []string{"roles", "filters", "filter_permissions", "permissions", "taxonomies",
				"taxonomy_closure", "auth_sources", "mail_notifications", "settings"} {
				count[table] = w.number("SELECT COUNT(*) FROM " + table)
			}
			count["all epochs"] = w.number("SELECT CAST(SUM(epoch) AS BIGINT) FROM tallies")
			return count
		}
		again := func(what string) {
			t.Helper()
			before := dump()
			done, err := seed.Apply(t.Context(), w.beside(), "another password")
			if err != nil || done.GeneratedPassword != "" {
				t.Fatalf("%s: got %+v, %v", what, done, err)
			}
			if diff := cmp.Diff(dump(), before); diff != "" {
				t.Errorf("%s: something changed (-):\n%s", what, diff)
			}
		}
		again("at once")
		w.root() // the first password still counts

		w.user("boss", func(c *directory.UserChange) { c.Admin = models.Some(true) })
		boss := w.login("boss", "boss")
		if _, err := w.UpdateUser(t.Context(), boss, directory.Ref{Name: "admin"},
			directory.UserChange{Login: models.Some("renamed")}); err != nil {
			t.Fatal(err)
		}
		again("with the administrator renamed")
		if _, err := w.DeleteUser(t.Context(), boss, directory.Ref{Name: "renamed"}); err != nil {
			t.Fatal(err)
		}
		again("with the administrator gone")
		boss = w.login("boss", "boss")
		for _, kind := range []models.TenantKind{models.LocationKind, models.OrganizationKind} {
			if _, err := w.DeleteTenant(t.Context(), boss, kind,
				directory.Ref{Name: "Default " + string(kind)}); err != nil {
				t.Fatal(err)
			}
		}
		again("with the first tenants gone")
	})
}

// What every installation begins with (docs/spec/foreman.md, 22).
func TestSeed_Shipped(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		texts := func(query string) []string {
			t.Helper()
			var list []string
			if err := w.db.Read.Raw(query).Scan(&list).Error; err != nil {
				t.Fatal(err)
			}
			return list
		}
		for query, want := range map[string][]string{
			"SELECT login FROM users ORDER BY id": {"foreman_admin",
				"foreman_console_admin", "foreman_api_admin", "admin"},
			"SELECT login FROM users WHERE NOT hidden": {"admin"},
			"SELECT name FROM auth_sources ORDER BY id": {"Internal", "Hidden",
				"External"},
			"SELECT title FROM taxonomies ORDER BY id":                 {"Default Organization", "Default Location"},
			"SELECT name FROM roles WHERE builtin = 2":                 {"Default role"},
			"SELECT name FROM roles WHERE origin = 'cvat' ORDER BY id": {"owner", "maintainer", "supervisor", "worker"},
			"SELECT name FROM roles WHERE builtin = 0 AND origin = 'foreman' AND name NOT LIKE '%hosts' ORDER BY name": {"Auditor",
				"Bookmarks manager", "Manager", "Organization admin", "Site manager", "System admin", "Viewer"},
			"SELECT r.name FROM user_roles u JOIN roles r ON r.id = u.role_id JOIN users x ON x.id = u.user_id WHERE " +
				"x.login = 'admin'": {"Default role"},
			"SELECT DISTINCT p.name FROM filters f JOIN roles r ON r.id = f.role_id JOIN filter_permissions x ON " +
				"x.filter_id = f.id JOIN permissions p ON p.id = x.permission_id WHERE r.name = 'Auditor'": {"view_audit_logs"},
			"SELECT DISTINCT p.name FROM filters f JOIN roles r ON r.id = f.role_id JOIN filter_permissions x ON " +
				"x.filter_id = f.id JOIN permissions p ON p.id = x.permission_id WHERE r.name = 'Viewer' AND p.name " +
				"NOT LIKE 'view_%'": nil,
			"SELECT p.name FROM filters f JOIN roles r ON r.id = f.role_id JOIN filter_permissions x ON x.filter_id " +
				"= f.id JOIN permissions p ON p.id = x.permission_id WHERE r.name = 'Manager' AND p.name IN " +
				"('create_roles', 'edit_filters', 'escalate_roles', 'create_users') ORDER BY 1": {"create_users"},
		} {
			if diff := cmp.Diff(texts(query), append([]string{}, want...)); diff != "" &&
				len(want)+len(texts(query)) > 0 {
				t.Errorf("%s: got (-), want (+):\n%s", query, diff)
			}
		}
		// One filter for each resource type of a role, without limits, but for the one of the helpdesk.
		if n := w.number("SELECT COUNT(*) FROM filters f JOIN roles r ON r.id = f.role_id WHERE r.name <> 'Helpdesk' " +
			"AND (f.search IS NOT NULL OR f.taxonomy_search IS NOT NULL) OR f.override"); n != 0 {
			t.Errorf("%d shipped filters are limited", n)
		}
		const helpdesk = "SELECT f.search FROM filters f JOIN roles r ON r.id = f.role_id WHERE r.name = 'Helpdesk'"
		if diff := cmp.Diff([]string{"null? any_role and admin = false"}, texts(helpdesk)); diff != "" {
			t.Errorf("the filters of the helpdesk: want (-), got (+):\n%s", diff)
		}
		if n := w.number("SELECT COUNT(*) FROM (SELECT f.id FROM filters f JOIN filter_permissions x ON x.filter_id " +
			"= f.id JOIN permissions p ON p.id = x.permission_id GROUP BY f.id HAVING COUNT(DISTINCT " +
			"COALESCE(p.resource_type, '')) > 1) mixed"); n != 0 {
			t.Errorf("%d shipped filters mix resource types", n)
		}
	})
}

// Making people up again adds more; nothing collides, not even with people who were made by hand between.
func TestSeedPeople_MoreAndMore(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		o := seed.SampleOptions{Users: 60, Organizations: 3, Locations: 3, Usergroups: 3, RandomSeed: 1}
		for round := range 3 {
			if err := seed.Sample(t.Context(), w.Service, o); err != nil {
				t.Fatal("round ", round, ": ", err)
			}
			w.user([]string{"one", "two", "three"}[round])
		}
		if got, want := w.everything(), int64(3*61+1); got["total"] != want || got["users"] != want+3 {
			t.Errorf("got %v, want a total of %d", got, want)
		}
	})
}

// Nothing asked for is nothing made, and who stops waiting gets an error.
func TestSeedPeople_NothingAndNobody(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		before := w.everything()
		if err := seed.Sample(t.Context(), w.Service, seed.SampleOptions{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(w.everything(), before); diff != "" {
			t.Errorf("something was made:\n%s", diff)
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := seed.Sample(over, w.Service, seed.SampleOptions{Users: 10}); err == nil {
			t.Error("people were made for nobody")
		}
		if diff := cmp.Diff(w.everything(), before); diff != "" {
			t.Errorf("something is left:\n%s", diff)
		}
	})
}
