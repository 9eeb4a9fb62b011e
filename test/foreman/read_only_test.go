package foreman

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/handlers/foreman"
	"roster/handlers/redmine"
)

// A token of an administrator that may only read changes nothing by any route, nor as somebody else, and shows no key
// that may do more.
func TestReadOnlyToken_EveryRoute(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		w := newWorld(s)
		admin := s.Find("SELECT id FROM users WHERE login = 'admin'")
		token := s.Admin().Post("/api/users/admin/personal_access_tokens", object{"name": "t"}).Expect(201).
			Text("token_value")
		key := s.Admin().Get("/redmine/users/current.json").Expect(200).Text("user", "api_key")
		s.Execute("UPDATE personal_access_tokens SET read_only = TRUE WHERE user_id = ?", admin)
		reader := s.As("admin", token)
		reader.Get("/api/users").Expect(200)
		before := w.contents()
		for _, r := range new(foreman.API).Routes() {
			if r.Method != "GET" {
				reader.Do(r.Method, w.path(r), w.body(r)).Expect(403)
			}
		}
		user := fmt.Sprint(w.ids["user"])
		for _, r := range new(redmine.API).Routes() {
			path := "/redmine" + strings.NewReplacer(":user_id", user, ":id", user).Replace(r.Path) + ".json"
			for _, who := range []string{"", "admin", "viewer"} {
				c := s.Nobody().With("X-Redmine-API-Key", token).With("X-Redmine-Switch-User", who)
				if r.Method != "GET" {
					a := c.Do(r.Method, path, object{"user": object{"login": "new", "firstname": "New", "lastname": "N",
						"mail": "n@example.com", "password": "a secret"}, "group": object{"name": "New"}})
					if a.Status < 400 {
						t.Errorf("%s as %q goes through", a, who)
					}
				} else {
					c.Get(path).Lacks(key).Lacks(`"api_key"`)
				}
			}
		}
		if after := w.contents(); !slices.Equal(before, after) {
			t.Errorf("something has changed: %s", firstDifference(before, after))
		}
		s.Nobody().With("X-Redmine-API-Key", token).Get("/redmine/users/current.json").Expect(200)
	})
}
