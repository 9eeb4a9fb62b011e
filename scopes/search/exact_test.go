package search_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"roster/scopes/search"
)

// An exact comparison finds what Go's own functions find, on either database: the case of letters counts, the order is
// that of code points, and who has no value has the empty text.
func TestExact_MeansWhatItSays(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		texts := []string{"Ann", "ann_b", "annxb", "50%", "50 percent", `a\b`, "O'Neil", "ÅNES", "ånes", "*", "%", "_", "",
			"ann smith", "Smith Ann", "ǅ", "İ", "i", strings.Repeat("long text ", 5), `\`, `\%`, "Zed", "zed", "Éa"}
		db.run(t, "CREATE TABLE things (id "+db.kept("INTEGER")+", name "+db.kept("TEXT")+")")
		for i, text := range texts {
			db.run(t, "INSERT INTO things (id, name) VALUES (?, ?)", i, text)
		}
		db.run(t, "INSERT INTO things (id, name) VALUES (?, NULL)", len(texts))
		texts = append(texts, "") // what has no value
		d := &search.Definition{Model: "Thing", Table: "things", Key: "things.id", Internal: []search.Field{
			{Name: "name", Type: search.Text, Column: "things.name", Nullable: true}}}
		finds := map[search.ExactOp]func(text string, values []string) bool{
			search.ExactlyOneOf:    func(text string, values []string) bool { return slices.Contains(values, text) },
			search.ExactlyContains: func(text string, v []string) bool { return strings.Contains(text, v[0]) },
			search.ExactlyLess:     func(text string, v []string) bool { return text < v[0] },
			search.ExactlyAtMost:   func(text string, v []string) bool { return text <= v[0] },
			search.ExactlyGreater:  func(text string, v []string) bool { return text > v[0] },
			search.ExactlyAtLeast:  func(text string, v []string) bool { return text >= v[0] },
		}
		ops := []search.ExactOp{search.ExactlyOneOf, search.ExactlyContains, search.ExactlyLess, search.ExactlyAtMost,
			search.ExactlyGreater, search.ExactlyAtLeast}
		rapid.Check(t, func(t *rapid.T) {
			part := func(label string) string {
				text := []rune(rapid.SampledFrom(texts).Draw(t, label))
				from := rapid.IntRange(0, len(text)).Draw(t, "from")
				return string(text[from:rapid.IntRange(from, len(text)).Draw(t, "to")])
			}
			op := rapid.SampledFrom(ops).Draw(t, "op")
			values := []string{part("value")}
			if op == search.ExactlyOneOf {
				values = append(values, part("other"))
			}
			negated := rapid.Bool().Draw(t, "not")
			var want []int64
			for i, text := range texts {
				if finds[op](text, values) != negated {
					want = append(want, int64(i))
				}
			}
			var tree search.Node = &search.Exact{Op: op, Field: "name", Values: values}
			if negated {
				tree = &search.Not{X: tree}
			}
			cond, err := d.WhereTree(tree, search.Env{Dialect: db.dialect})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := db.ids("things", cond, "id"); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s %q: got %v, want %v (%s, %v)", op, values, got, want, cond.SQL, err)
			}
		})
	})
}

// What no text can hold is found nowhere, and no two trees have the same notation.
func TestExact_OddValues(t *testing.T) {
	d := &search.Definition{Model: "Thing", Table: "things", Key: "things.id", Internal: []search.Field{
		{Name: "name", Type: search.Text, Column: "things.name"},
		{Name: "id", Type: search.Integer, Column: "things.id"}}}
	for _, odd := range []string{"\xff", "a\x00b"} {
		for _, op := range []search.ExactOp{search.ExactlyOneOf, search.ExactlyContains, search.ExactlyLess} {
			cond, err := d.WhereTree(&search.Exact{Op: op, Field: "name", Values: []string{odd}}, search.Env{})
			if err != nil || cond.SQL != "1 = 0" {
				t.Errorf("%s %q: got %s, %v", op, odd, cond.SQL, err)
			}
		}
	}
	for _, field := range []string{"id", "nothing"} {
		if _, err := d.WhereTree(search.Exactly(field, "1"), search.Env{}); err == nil {
			t.Errorf("the field %s is no text, and is compared", field)
		}
	}
	one := search.Notation(&search.Exact{Op: search.ExactlyOneOf, Field: "name", Values: []string{"a,b"}})
	two := search.Notation(&search.Exact{Op: search.ExactlyOneOf, Field: "name", Values: []string{"a", "b"}})
	if slices.Equal(one.([]any), two.([]any)) {
		t.Error("one value has the notation of two")
	}
}
