package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/scopes/search"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// loaded is a fixture with its tables in the database.
func loaded(t testing.TB, db database, name string) fixture {
	t.Helper()
	f := readJSON[fixture](t, "testdata/match_"+name+".json")
	for table, rows := range f.Tables {
		db.create(t, table, rows)
	}
	return f
}

// conditions draws single conditions on users that are no mistakes.
var conditions = rapid.Custom(func(t *rapid.T) string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	word := pick("word", "alice", "bob", "ali", "Paris", "Viewer", "ops", "e_x", "view*", "LDAP", "corp.test", "a",
		`""`, "%", "3", `\`)
	switch pick("kind", "bare", "text", "text", "list", "number", "date", "flag", "presence") {
	case "bare":
		return pick("op", "", "", "~ ", "= ", "!= ", "!~ ") + word
	case "text":
		field := pick("field", "login", "firstname", "description", "role", "usergroup", "location", "organization",
			"auth_source")
		return field + pick("op", " = ", " != ", " ~ ", " !~ ", " < ", " >= ") + word
	case "list":
		return pick("field", "login", "role", "usergroup") + pick("op", " ^ ", " !^ ") + "(" + word + ", " +
			pick("other", "bob", "Manager", "staff") + ")"
	case "number":
		return pick("field", "id", "role_id", "location_id") + pick("op", " = ", " != ", " > ", " <= ") + pick("number",
			"1", "3", "99999999999999999999")
	case "date":
		return "last_login_on" + pick("op", " = ", " != ", " > ", " >= ", " < ", " <= ") +
			pick("date", "today", "yesterday", "2024", "2024-05-14", `"3 hours ago"`, "January", `"2024-05-15 10:00"`)
	case "flag":
		return pick("flag", "admin", "disabled", "admin = false", "disabled != true", "disabled = false")
	}
	return pick("op", "has ", "null? ") + pick("field", "firstname", "role", "usergroup", "location", "disabled",
		"last_login_on")
})

// TestWhere_IsAnAlgebra checks on random queries that both databases agree, that "not" gives exactly the other rows,
// that "and" and "or" are intersection and union, and that unions of keys find what conditions on rows find.
func TestWhere_IsAnAlgebra(t *testing.T) {
	sqlite := openSQLite(t)
	postgres := openPostgres(t)
	f := loaded(t, sqlite, "foreman_user")
	loaded(t, postgres, "foreman_user")
	ask := func(t *rapid.T, db database, def *search.Definition, query string) []int64 {
		cond, err := def.Where(query, search.Env{Dialect: db.dialect, Now: *f.Now})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		ids, err := db.ids("users", cond, "users.id")
		if err != nil {
			t.Fatalf("%s: %v\n%s", query, err, cond.SQL)
		}
		return ids
	}
	rapid.Check(t, func(t *rapid.T) {
		a := "(" + conditions.Draw(t, "a") + ")"
		b := "(" + conditions.Draw(t, "b") + ")"
		rows := map[string][]int64{}
		for _, query := range []string{a, b, "not " + a, a + " or " + b, a + " " + b, "not (" + a + " or " + b + ")"} {
			rows[query] = ask(t, sqlite, users, query)
			for name, again := range map[string][]int64{
				"on PostgreSQL":              ask(t, postgres, users, query),
				"without keys":               ask(t, sqlite, withoutKeys(users), query),
				"on PostgreSQL without keys": ask(t, postgres, withoutKeys(users), query),
			} {
				same(t, query+" "+name, again, rows[query])
			}
		}
		in := func(query string, id int64) bool { return slices.Contains(rows[query], id) }
		for id := int64(1); id <= 6; id++ {
			want := map[string]bool{
				"not " + a:                     !in(a, id),
				a + " or " + b:                 in(a, id) || in(b, id),
				a + " " + b:                    in(a, id) && in(b, id),
				"not (" + a + " or " + b + ")": !in(a, id) && !in(b, id),
			}
			for query, expected := range want {
				if in(query, id) != expected {
					t.Fatalf("%s: found %v, but %s finds %v and %s finds %v", query, rows[query], a, rows[a], b,
						rows[b])
				}
			}
		}
	})
}

func same(t *rapid.T, what string, got, want []int64) {
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// TestWhere_Unions shows when alternatives become a union of keys.
func TestWhere_Unions(t *testing.T) {
	for query, want := range map[string]bool{
		"alice":                             true,
		"login = a or role = b":             true,
		"login = a or login = b":            false, // one table, one index
		"role = b":                          false, // no alternatives
		"not (login = a or role = b)":       false, // asked of each row
		"login != a or role = b":            false, // reads the whole table anyway
		"al":                                false, // too short for a trigram
		"disabled or role = b":              false,
		"(role = a or login = b) and admin": true,
	} {
		cond, err := users.Where(query, search.Env{Dialect: search.PostgreSQL})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(cond.SQL, "UNION ALL"); got != want {
			t.Errorf("%s: union %v, want %v\n%s", query, got, want, cond.SQL)
		}
	}
}

// TestWhere_ManyAlternatives keeps within what SQLite takes in one union, and in one expression.
func TestWhere_ManyAlternatives(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		f := loaded(t, db, "foreman_user")
		for _, query := range []string{
			strings.Repeat("alice or ", 100) + "bob",
			"alice" + strings.Repeat(" or role = x", search.MaxConditions-1),
			strings.Repeat("alice ", search.MaxConditions),
			strings.Repeat("a and b or ", search.MaxComparisons/20) + "c",
			strings.Repeat("login ~ a and mail ~ b or ", search.MaxConditions/2-1) + "c",
			strings.Repeat("not (", search.MaxDepth/2) + "alice" + strings.Repeat(")", search.MaxDepth/2),
			"login ^ (" + strings.Repeat("a ", 3000) + ")",
			"last_login_on ^ (" + strings.Repeat("today ", search.MaxConditions) + ")",
		} {
			cond, err := users.Where(query, f.env(t, db, matchCase{}))
			if err != nil {
				t.Fatalf("%.30s: %v", query, err)
			}
			if _, err := db.ids("users", cond, "users.id"); err != nil {
				t.Errorf("%.30s: %v", query, err)
			}
		}
	})
}

// Words without fields are compared with all texts of a row, so that fewer of them are taken; each counts once.
func TestWhere_Comparisons(t *testing.T) {
	words := func(n int, format string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(list, " and ")
	}
	for query, refused := range map[string]bool{
		words(20, "word%d"): false, words(195, "word%d"): true, words(195, "not qz%d"): true,
		words(195, "login ~ qz%d"):                    false,
		strings.Repeat("not qz and ", 190) + "not qz": false, words(99, "x%d or y"): true,
	} {
		_, err := users.Where(query, search.Env{Dialect: search.SQLite})
		if got := err != nil; got != refused {
			t.Errorf("%.40s: got the error %v, want one: %v", query, err, refused)
		}
	}
}
