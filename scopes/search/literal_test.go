package search_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roster/scopes/search"
)

// No character of a literal is special, on either database, whatever the case of the letters: each comparison finds
// what Go's own functions find.
func TestLiteral_MeansWhatItSays(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		texts := []string{"Ann", "ann_b", "annxb", "50%", "50 percent", `a\b`, "O'Neil", "ÅNES", "ånes", "*", "%", "_", "",
			"ann smith", "Smith Ann", "ǅ", "İ", strings.Repeat("long text ", 5), `\`, `\%`}
		db.run(t, "CREATE TABLE things (id "+db.kept("INTEGER")+", name "+db.kept("TEXT")+")")
		for i, text := range texts {
			db.run(t, "INSERT INTO things (id, name) VALUES (?, ?)", i, text)
		}
		d := &search.Definition{Model: "Thing", Table: "things", Key: "things.id", Internal: []search.Field{
			{Name: "name", Type: search.Text, Column: "things.name"}}}
		finds := map[search.LiteralOp]func(text, value string) bool{
			search.Contains: strings.Contains, search.Begins: strings.HasPrefix, search.Ends: strings.HasSuffix,
			search.Is: func(text, value string) bool { return text == value },
		}
		rapid.Check(t, func(t *rapid.T) {
			text := []rune(rapid.SampledFrom(texts).Draw(t, "text"))
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			value := string(text[from:rapid.IntRange(from, len(text)).Draw(t, "to")])
			if rapid.Bool().Draw(t, "upper") {
				value = strings.ToUpper(value)
			}
			ops := []search.LiteralOp{search.Contains, search.Begins, search.Ends, search.Is}
			op := rapid.SampledFrom(ops).Draw(t, "op")
			var want []int64
			for i, text := range texts {
				if finds[op](search.Fold(text), search.Fold(value)) {
					want = append(want, int64(i))
				}
			}
			tree := &search.Literal{Op: op, Field: "name", Value: value}
			cond, err := d.WhereTree(tree, search.Env{Dialect: db.dialect})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := db.ids("things", cond, "id"); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s %q: got %v, want %v (%s, %v)", op, value, got, want, cond.SQL, err)
			}
		})
	})
}

// Internal fields are for trees alone: no text names them, in a query, in an order, or by a bare word.
func TestInternalFields(t *testing.T) {
	d := &search.Definition{Model: "Thing", Table: "things", Key: "things.id",
		Fields:   []search.Field{{Name: "name", Type: search.Text, Column: "things.name"}},
		Internal: []search.Field{{Name: "secret", Type: search.Text, Column: "things.secret"}}}
	if _, err := d.Where("secret = x", search.Env{}); err == nil {
		t.Error("a query names an internal field")
	}
	if cond, err := d.Where("x", search.Env{}); err != nil || strings.Contains(cond.SQL, "secret") {
		t.Errorf("a bare word looks into %s, %v", cond.SQL, err)
	}
	if _, err := d.OrderBy("secret", search.Env{}); err == nil {
		t.Error("an order names an internal field")
	}
	if len(d.Names()) != 1 {
		t.Error("the names of fields tell of an internal one")
	}
	if _, err := d.WhereTree(&search.Compare{Op: search.OpEq, Field: "secret", Values: []string{"x"}},
		search.Env{}); err != nil {
		t.Error("a tree: ", err)
	}
	o, err := d.SortBy([]search.SortKey{{Field: "secret", Desc: true}, {Field: "name"}}, search.Env{})
	if err != nil || o.SQL != "fold(things.secret) DESC,fold(things.name) ASC" || o.Desc {
		t.Errorf("an order by keys: %q, %v", o.SQL, err)
	}
	for _, odd := range []string{"\xff", "a\x00b"} {
		cond, err := d.WhereTree(&search.Literal{Op: search.Contains, Field: "name", Value: odd}, search.Env{})
		if err != nil || cond.SQL != "1 = 0" {
			t.Errorf("%q: got %s, %v", odd, cond.SQL, err)
		}
	}
}
