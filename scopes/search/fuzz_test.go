package search_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/scopes/search"
)

// seeds starts a fuzz test with every query there is a vector for.
func seeds(f *testing.F) {
	f.Helper()
	type vector struct {
		Query string `json:"query"`
	}
	for _, path := range []string{"testdata/tokens.json", "testdata/trees.json"} {
		for _, v := range readJSON[[]vector](f, path) {
			f.Add(v.Query)
		}
	}
	for _, x := range fixtures(f) {
		for _, c := range x.Cases {
			f.Add(c.Query)
		}
	}
	for _, d := range readJSON[[]dateVector](f, "testdata/dates.json") {
		f.Add(`last_login_on > "` + d.Input + `"`)
	}
}

// mistake fails unless an error is one that the author of a query can mend.
func mistake(t *testing.T, query string, err error) {
	t.Helper()
	if e := new(search.Error); !errors.As(err, &e) || e.Message == "" {
		t.Fatalf("%q: %v", query, err)
	}
}

// FuzzLex checks that tokens lie in the query in order, that operators have names, and that reading a query again
// from its tokens gives the same tokens.
func FuzzLex(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, query string) {
		tokens, err := search.Tokens(query)
		if err != nil {
			mistake(t, query, err)
			return
		}
		next := 0
		for _, token := range tokens {
			if token.Pos < next || token.Pos >= len(query) {
				t.Fatalf("%q: token %+v, after position %d", query, token, next)
			}
			if !token.IsWord() && token.Op.Name() == "" {
				t.Fatalf("%q: operator %q without a name", query, token.Op)
			}
			next = token.Pos + 1
		}
		again, err := search.Tokens(written(tokens))
		if err == nil && notation(t, search.TokenNotation(again)) != notation(t, search.TokenNotation(tokens)) {
			t.Fatalf("%q: written again as %q", query, written(tokens))
		}
	})
}

// written spells tokens so that each is read back as itself.
func written(tokens []search.Token) string {
	var b strings.Builder
	for _, token := range tokens {
		if token.IsWord() {
			b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(token.Text) + `" `)
		} else {
			b.WriteString(string(token.Op) + " ")
		}
	}
	return b.String()
}

func notation(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// FuzzParse checks that a tree comes within the limits, or a mistake, and that the tree of what was written from
// the tokens is the same.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, query string) {
		n, err := search.Parse(query)
		if err != nil {
			mistake(t, query, err)
			return
		}
		if leaves(n) > search.MaxConditions {
			t.Fatalf("%q: %d conditions", query, leaves(n))
		}
		tokens, _ := search.Tokens(query)
		again, err := search.Parse(written(tokens))
		if err == nil && notation(t, search.Notation(again)) != notation(t, search.Notation(n)) {
			t.Fatalf("%q: written again as %q", query, written(tokens))
		}
	})
}

func leaves(n search.Node) int {
	switch n := n.(type) {
	case *search.Not:
		return leaves(n.X)
	case *search.Group:
		total := 0
		for _, x := range n.X {
			total += leaves(x)
		}
		return total
	}
	return 1
}

// FuzzRender runs whatever compiles on real databases: any query gives rows or a mistake. PostgreSQL takes part where
// there is one.
func FuzzRender(f *testing.F) {
	seeds(f)
	databases := []database{openSQLite(f)}
	if hasPostgres() {
		databases = append(databases, openPostgres(f))
	}
	names := []string{"foreman_user", "numbers", "sets", "events"}
	tables := map[string]string{}
	for _, name := range names {
		for _, db := range databases {
			tables[name] = loaded(f, db, name).Table
		}
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, db := range databases {
			env := search.Env{Dialect: db.dialect, Now: time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC)}
			for _, name := range names {
				render(t, db, definitions[name], tables[name], query, env)
			}
		}
	})
}

func hasPostgres() bool {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	return len(found) > 0 || os.Getenv("ROSTER_TEST_POSTGRES") != "" || os.Getenv("CI") != ""
}

func render(t *testing.T, db database, def *search.Definition, table, query string, env search.Env) {
	t.Helper()
	cond, err := def.Where(query, env)
	if err != nil {
		mistake(t, query, err)
	} else if _, err := db.ids(table, cond, table+".id"); err != nil {
		t.Fatalf("%q: %v\n%s\n%v", query, err, cond.SQL, cond.Args)
	}
	order, err := def.OrderBy(query, env)
	if err != nil {
		mistake(t, query, err)
	} else if order.SQL != "" {
		if _, err := db.ids(table, search.Condition{}, order.SQL); err != nil {
			t.Fatalf("order %q: %v\n%s", query, err, order.SQL)
		}
	}
	if _, err := def.Complete(query, env, db.values); err != nil {
		mistake(t, query, err)
	}
}
