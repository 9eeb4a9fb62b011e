package search_test

import (
	"strings"
	"testing"

	"roster/scopes/search"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	type vector struct {
		Query  string `json:"query"`
		Tokens []any  `json:"tokens"`
	}
	for _, v := range readJSON[[]vector](t, "testdata/tokens.json") {
		tokens, err := search.Tokens(v.Query)
		if err != nil {
			t.Errorf("%q: %v", v.Query, err)
		}
		if diff := cmp.Diff(v.Tokens, search.TokenNotation(tokens)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", v.Query, diff)
		}
	}
}

// treesDecided lists queries that the original reads otherwise, by the row that says how they are read here
// (docs/spec/search.md, 12).
var treesDecided = map[int][]string{
	9: { // what follows an unmatched ")" is not ignored but refused
		") a", "(a)) b", "a = b)(c = d", "w=plain)or(w=x", "a ) b", "a ^ (b (c d) e) f",
		")ANDnot ", "x.y,a)a", "set?ac d)c d <before", `and?and\')??*`, ")<ahas ", "ANDb)b&< set?(", `&set?\)"*and!`,
		"x.y)bora%",
	},
	11: { // superfluous commas separate, an operator before a ")" lacks its value
		"not ) a", "(a and )b", "(a or ) b", "(a not ) b", "a,,, b", ",, a", "a and ,, b",
	},
}

func TestParse(t *testing.T) {
	type vector struct {
		Query string `json:"query"`
		AST   any    `json:"ast"`
		Error string `json:"error"`
	}
	decided := map[string]bool{}
	for _, queries := range treesDecided {
		for _, q := range queries {
			decided[q] = true
		}
	}
	for _, v := range readJSON[[]vector](t, "testdata/trees.json") {
		got := vector{Query: v.Query}
		if n, err := search.Parse(v.Query); err != nil {
			got.Error = err.Error()
		} else {
			got.AST = search.Notation(n)
		}
		if diff := cmp.Diff(v, got); (diff == "") == decided[v.Query] {
			t.Errorf("%q, decided %v (-want +got):\n%s", v.Query, decided[v.Query], diff)
		}
		delete(decided, v.Query)
	}
	if len(decided) > 0 {
		t.Errorf("decided, but in no vector: %v", decided)
	}
}

// TestParse_Ours covers what is decided otherwise than in the original, and the limits.
func TestParse_Ours(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	rparen := "Value expected but found :rparen"
	for _, c := range []struct {
		query string
		want  any
		err   string
	}{
		{query: "a ) b", err: rparen},
		{query: ") a", err: rparen},
		{query: "x = y) or (z = z", err: rparen},
		{query: "(a and )b", err: rparen},
		{query: "not ) a", err: rparen},
		{query: "! ) = a", err: "Value expected but found :eq"},
		{query: "a )", want: "a"},
		{query: "(a, ) b", want: []any{"and", "a", "b"}},
		{query: ",, a", want: "a"},
		{query: "a,,, b", want: []any{"and", "a", "b"}},
		{query: "a and ,, b", want: []any{"and", "a", "b"}},
		{query: "a = b, or c = d", want: []any{"or", []any{"=", "a", "b"}, []any{"=", "c", "d"}}},
		{query: "a = b, (c = d)", want: []any{"and", []any{"=", "a", "b"}, []any{"=", "c", "d"}}},
		{query: "a, not (b)", want: []any{"and", "a", []any{"not", "b"}}},
		{query: "(, ) a", err: "Empty list of operands"},
		{query: "a and b or c or d and e", want: []any{"and", "a", []any{"or", "b", "c", []any{"and", "d", "e"}}}},
		{query: deep(search.MaxDepth), want: "a"},
		{query: deep(search.MaxDepth + 1), err: "The search is nested deeper than 64 levels"},
		{query: strings.Repeat("not ", search.MaxDepth+1) + "a", err: "The search is nested deeper than 64 levels"},
		{query: strings.Repeat("(", 5000), want: []any{"and"}},
		{query: strings.Repeat("& ", 4000) + "a", want: "a"},
		{query: strings.Repeat("a ", search.MaxConditions+1), err: "The search has more than 200 conditions"},
		{query: "^ " + strings.Repeat("a ", search.MaxConditions+1), err: "The search has more than 200 conditions"},
		{query: strings.Repeat("a", search.MaxBytes+1), err: "The search is longer than 8192 bytes"},
		{query: "a = \"\x00\"", err: "The search contains characters that are not valid text"},
		{query: "a\xff", err: "The search contains characters that are not valid text"},
	} {
		n, err := search.Parse(c.query)
		if got := errorText(err); got != c.err {
			t.Errorf("%.40q: error %q, want %q", c.query, got, c.err)
		} else if err == nil && !cmp.Equal(search.Notation(n), c.want) {
			t.Errorf("%.40q: got %v, want %v", c.query, search.Notation(n), c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestParse_AcceptsTheLimits(t *testing.T) {
	many := strings.Repeat("a ", search.MaxConditions)
	long := strings.Repeat("a", search.MaxBytes)
	for _, query := range []string{many, long} {
		if _, err := search.Parse(query); err != nil {
			t.Errorf("%.20q: %v", query, err)
		}
	}
}

func TestAnd_CombinesTrees(t *testing.T) {
	parse := func(query string) search.Node {
		n, err := search.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	got := search.Notation(search.And(parse("a or b"), nil, parse("c d"), parse("")))
	want := []any{"and", []any{"or", "a", "b"}, "c", "d"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("And (-want +got):\n" + diff)
	}
	got = search.Notation(search.Or(parse("a or b"), parse("c d")))
	want = []any{"or", "a", "b", []any{"and", "c", "d"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("Or (-want +got):\n" + diff)
	}
}
