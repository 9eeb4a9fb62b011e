package foreman

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/config"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// What a search finds, and in which order, is the same on every database and in every locale: filters of roles are
// searches.
func TestLocales_FindTheSame(t *testing.T) {
	found := map[string][]string{}
	dbtest.EachLocale(t, func(t *testing.T, db *config.Database) {
		s := servertest.Start(t, db)
		admin := s.Admin()
		for i, name := range []string{"IRIS", "iris", "ırmak", "İZMİR", "izmir", "ΟΔΟΣ", "οδος", "Ångström", "ÉCOLE",
			"straße",
			"STRASSE", "\U0001d49cnna", "zeta", "Zeta", "a\ufffeb", "a\uffffb", "a\ufffdb", "K", "Å", "Ǆ", "ǅ", "_x",
			"ЖУК"} {
			admin.Post("/api/usergroups", object{"usergroup": object{"name": fmt.Sprint("repro ", name, "A", i)}}).
				Expect(201)
			admin.Post("/api/organizations", object{"organization": object{"name": fmt.Sprint(name, " ", i)}}).
				Expect(201)
			user := object{
				"login": fmt.Sprint("ADMINISTRATIVE", i), "mail": fmt.Sprint("I", i, "@EXAMPLE.com"),
				"auth_source_id": 1,
				"password":       "secret123", "description": name,
			}
			if !strings.ContainsAny(name, "_\ufffd\ufffe\uffff") {
				user["firstname"] = name
			}
			admin.Post("/api/users", object{"user": user}).Expect(201)
		}
		ask := func(path, param, query string) {
			a := admin.Get(path + "?per_page=100&" + param + "=" + url.QueryEscape(query)).Expect(200)
			key := "name"
			if path == "/api/users" {
				key = "login"
			}
			found[path+" "+param+" "+query] = append(found[path+" "+param+" "+query],
				strings.Trim(fmt.Sprint(a.Column(key), " ", a.Value("subtotal")), " "))
		}
		for _, path := range []string{"/api/organizations", "/api/usergroups"} {
			for _, query := range []string{"name ~ IRIS", "name !~ IRIS", "name ~ izmir", "name ~ ΟΔΟΣ", "name ~ ος",
				"name ~ ıRMAK",
				"name ~ école", "name ~ ss", "name ~ ß", "name ~ k", "name ~ å", "name ~ ǆ", "name ~ _x", "name ~ жук",
				"iris",
				"name ~ \"a\ufffe\"", "name ~ \"a\uffff\"", "name ~ \"a\ufffd\"", "name ~ ZETA", `name = "Zeta 13"`,
				`name ~ "*zeta*1*"`} {
				ask(path, "search", query)
			}
			for _, op := range []string{"<", ">", "<=", ">="} {
				ask(path, "search", "name "+op+" \"\U0001d49cnna 11\"")
				ask(path, "search", "name "+op+" iris")
			}
			ask(path, "order", "name")
			ask(path, "order", "name DESC")
		}
		for _, query := range []string{"ADMIN", "administrative", "login ~ ADMINI", "login !~ ADMIN",
			"login = administrative1", "mail ~ EXAMPLE.COM",
			"mail ~ I2@", "firstname ~ IRI", "firstname > i", "lastname ~ i", "firstname ~ οδοσ"} {
			ask("/api/users", "search", query)
		}
		for _, order := range []string{"", "firstname", "firstname DESC", "login", "mail DESC", "lastname"} {
			ask("/api/users", "order", order)
		}
		completed := admin.Get("/api/users/auto_complete_search?search=" + url.QueryEscape("role = DEF")).Expect(200)
		found["completion"] = append(found["completion"], string(completed.Body))
	})
	for query, answers := range found {
		for _, answer := range answers[1:] {
			if answer != answers[0] {
				t.Errorf("%s: got %s, want %s as on SQLite", query, answer, answers[0])
			}
		}
	}
	for query, want := range map[string]string{
		"/api/organizations search name ~ IRIS":        "[IRIS 0 iris 1] 2",
		"/api/organizations search name ~ izmir":       "[İZMİR 3 izmir 4] 2",
		"/api/usergroups search name ~ ΟΔΟΣ":           "[repro ΟΔΟΣA5] 1",
		"/api/organizations search name ~ \"a\ufffe\"": "[a\ufffeb 14] 1",
	} {
		if !slices.Contains(found[query], want) {
			t.Errorf("%s: got %s, want %s", query, found[query], want)
		}
	}
	if len(found["/api/users search login !~ ADMIN"]) == 0 ||
		strings.Contains(found["/api/users search login !~ ADMIN"][0], "admin") {
		t.Errorf("login !~ ADMIN: got %s, want nobody of that name", found["/api/users search login !~ ADMIN"])
	}
}

// A name that is taken is refused before a number is taken for the row.
func TestLocales_RefusedNamesTakeNoNumbers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		admin := s.Admin()
		original := s.NewRole("original")
		for _, at := range []struct {
			path, noun string
			body       object
		}{
			{"/api/roles", "role", object{"name": "Reader"}},
			{fmt.Sprintf("/api/roles/%d/clone", original), "role", object{"name": "Copy"}},
			{"/api/usergroups", "usergroup", object{"name": "readers"}},
			{"/api/bookmarks", "bookmark", object{"name": "mine", "controller": "users", "query": "a"}},
			{"/api/auth_source_ldaps", "auth_source_ldap", object{"name": "l", "host": "ldap.example.com"}},
			{"/api/organizations", "organization", object{"name": "o"}},
			{fmt.Sprintf("/api/users/%d/personal_access_tokens", admin.Get("/api/current_user").Int("id")),
				"personal_access_token", object{"name": "t"}},
		} {
			body := object{at.noun: at.body}
			last := admin.Post(at.path, body).Expect(201).Int("id")
			for range 3 {
				admin.Post(at.path, body).Expect(422)
			}
			at.body["name"] = fmt.Sprint(at.body["name"], "2")
			if next := admin.Post(at.path, body).Expect(201).Int("id"); next != last+1 {
				t.Errorf("%s: got id %d after refusals, want %d", at.path, next, last+1)
			}
		}
	})
}
