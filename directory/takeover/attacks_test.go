package takeover_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/directory/takeover"
	"roster/test/servertest"
)

// spoil adds what no Redmine would write: to every kind of row, and what a kind of database allows besides.
func spoil(from *source) {
	from.insert(users, person(30, "ZOE", salted, salt, "Z", "Z", false, 1, "User"),
		person(31, " ", salted, salt, "Z", "Z", false, 1, "User"), person(32, "odd", "x", salt, "Z", "Z", true, 0, "User"),
		person(-5, "below", salted, salt, "Z", "Z", false, 1, "User"),
		person(33, "foreman_admin", salted, salt, "Z", "Z", false, 1, "User"),
		person(34, "", "", "", "", "", false, 1, "Group"), person(-6, "", "", "", "", "Below", false, 1, "Group"))
	from.insert("tokens (id, user_id, action, value)", "30, 8, 'api', '"+strings.Repeat("a", 40)+"'",
		"31, 32, 'api', 'no key!'", "32, 7, 'api', '"+strings.Repeat("d", 40)+"'")
	from.run("UPDATE projects SET parent_id = 6 WHERE id = 1")
	from.insert(projects, "40, '', NULL, NO, NULL, 1, 20, NO", "-7, 'Below', 'below', NO, NULL, 1, 21, NO")
	from.insert("roles (id, name, position, builtin)", "30, 'Default role', 3, 0", "31, NULL, 4, 0", "NULL, 'x', 5, 0")
	from.insert("members (id, user_id, project_id)", "30, 7, 1", "-8, 7, 5")
	from.insert("member_roles (id, member_id, role_id, inherited_from)", "30, 30, 4, NULL", "31, 20, 777, NULL")
	from.insert("auth_sources (id, type, name, host)", "30, 'AuthSourceLdap', '', NULL")
	from.insert(fields, "30, 'UserCustomField', '', 'list', '---\n- &a [x, x]\n- [*a, *a]\n- one\n', '', NO, YES, 9, NO, "+
		"'two', YES, YES, NO")
	switch from.kind {
	case "postgres":
		from.run("UPDATE users SET created_on = '4000-01-01 BC', last_login_on = 'infinity' WHERE id = 7")
	case "mariadb":
		from.SetMaxOpenConns(1)
		from.run("SET sql_mode = ''", "UPDATE users SET created_on = '0000-00-00', last_login_on = '0000-00-00' WHERE id = 7")
	case "sqlite":
		var long strings.Builder
		for i := range 100 {
			fmt.Fprintf(&long, "%x", sha256.Sum256([]byte{byte(i)}))
		}
		from.insert(users, person(35, "l"+long.String(), salted, salt, long.String(), long.String(), false, 1, "User"))
		from.run("UPDATE users SET created_on = '0000-00-00 00:00:00', last_login_on = '99999-01-01' WHERE id = 7",
			"UPDATE users SET lastname = CAST(X'41FF0042' AS TEXT) WHERE id = 8",
			"UPDATE users SET id = 9223372036854775807 WHERE id = 9")
	}
}

// What no Redmine would write ends no run, and makes nobody else's account or number wrong. It is kept as far as it can
// be, and the report tells of it.
func TestRedmine_Spoiled(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.Server, kind string) {
		from := filled(t, kind, false)
		spoil(from)
		report := takeOver(t, s, from, takeover.Options{})
		notes := make([]string, len(report.Notes))
		for i, n := range report.Notes {
			notes[i] = n.String()
		}
		want := []string{
			"user 30 (ZOE): another user has the login, in these or in other letters: it has become ZOE-redmine",
			"user 31: is left out: the login is empty", "user 32 (odd): has the state 0, which nobody knows: is locked",
			"user 32 (odd): the password is hashed in an unknown way: it lets nobody in",
			"user 32 (odd): the key is left out: it is not of letters and digits",
			"user -5: is left out: such a number cannot be kept", "usergroup -6: is left out: such a number cannot be kept",
			"user 33 (foreman_admin): another user has the login, in these or in other letters: it has become " +
				"foreman_admin-redmine",
			"user 7 (zoe): has several keys: the last one counts",
			"user 8 (Bob.B): the key is left out: somebody else has it, or the user has one here",
			"usergroup 34: has no name: it has become usergroup 34",
			"organization 1 (Shop): is below itself: here it is below nothing",
			"organization 40: has no name: it has become organization 40",
			"organization 40 (organization 40): has no identifier: it has become project-40",
			"organization -7: is left out: such a number cannot be kept",
			"role 30 (Default role): the name is taken: it has become Default role (Redmine)",
			"role 31: has no name: it has become role 31", "role: is left out: such a number cannot be kept",
			"membership 30 (of 7 in 1): is one more of the same member: it goes into 20",
			"membership -8: is left out: such a number cannot be kept", "auth_source 30: is left out: it names no server",
			"custom_field 30: has no name: it has become custom_field 30",
			"custom_field 30 (custom_field 30): the default value is left out: the field does not take it",
		}
		if kind == "sqlite" {
			want = append(want, "user 9223372036854775807: is left out: such a number cannot be kept",
				"text (lastname of users 8): has bytes that are no text: replacement characters stand for them")
		}
		for _, note := range want {
			if !slices.Contains(notes, note) {
				t.Errorf("the report lacks %q: %q", note, notes)
			}
		}
		if roles := query(t, s, "SELECT role_id FROM membership_roles WHERE membership_id = 20 ORDER BY role_id"); !slices.Equal(
			roles, []string{"3", "4"}) {
			t.Errorf("the membership that there was twice has the roles %q", roles)
		}
		if got := query(t, s, "SELECT possible_values FROM custom_fields WHERE id = 30"); got[0] != `["one"]` {
			t.Errorf("the list is %q", got)
		}
		if n := s.Find("SELECT COUNT(*) FROM users WHERE id = 7 AND (created_at < '1000-01-01' OR last_login_on IS NOT NULL)"); n != 0 {
			t.Error("a date that there is not was kept")
		}
		admin := s.As("admin", password)
		admin.Get("/api/users?per_page=all").Expect(200)
		made := admin.Post("/users.json", servertest.Object{"user": servertest.Object{"login": "later", "firstname": "L",
			"lastname": "L", "mail": "later@example.org"}}).Expect(201).Int("user", "id")
		if made < 36 || made > 1000 {
			t.Errorf("the next user has the number %d", made)
		}
		again := takeOver(t, s, from, takeover.Options{OnConflict: takeover.ConflictSkip})
		if again.Written["user"]+again.Written["membership"]+again.Written["role"] != 0 {
			t.Errorf("a second run wrote %v", again.Written)
		}
	})
}

// Whoever is called like an administrator of a used directory gets no key to that account.
func TestRedmine_KeysOfAdministrators(t *testing.T) {
	each(t, func(t *testing.T, s *servertest.Server, kind string) {
		err := s.DB.Write.Exec("INSERT INTO users (id, login, lower_login, admin, auth_source_id, created_at, updated_at) " +
			"VALUES (700, 'ZOE', 'zoe', TRUE, (SELECT MIN(id) FROM auth_sources), CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)").
			Error
		if err != nil {
			t.Fatal(err)
		}
		from := filled(t, kind, false)
		if _, err := try(t.Context(), t, s, from, takeover.Options{OnConflict: takeover.ConflictMerge}); err != nil {
			t.Fatal(err)
		}
		if got := query(t, s, "SELECT CAST(COUNT(*) AS TEXT) FROM api_keys WHERE user_id = 700"); got[0] != "0" {
			t.Errorf("%s keys open the account of an administrator", got[0])
		}
	})
}
