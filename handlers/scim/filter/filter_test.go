package filter

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	eq := func(path string, value any) Node { return &Compare{Path: path, Op: "eq", Value: value} }
	for text, want := range map[string]Node{
		`userName eq "bjensen"`:  eq("userName", "bjensen"),
		`userName EQ"b\"\u00e4"`: eq("userName", `b"ä`),
		`a eq 1 or b eq 2 and not (c pr)`: &Logic{Any: true, X: []Node{eq("a", json.Number("1")),
			&Logic{X: []Node{eq("b", json.Number("2")), &Not{&Compare{Path: "c", Op: "pr"}}}}}},
		`(a eq True or b eq null)`: &Logic{Any: true, X: []Node{eq("a", true), eq("b", nil)}},
		`emails[type eq "work"]`:   &Within{Path: "emails", X: eq("type", "work")},
		`emails[type eq "work"].value eq "x"`: &Within{Path: "emails", X: eq("type", "work"),
			Then: &Compare{Path: "value", Op: "eq", Value: "x"}},
		`urn:x:2.0:User:name.first eq a@b.c+d`:      eq("urn:x:2.0:User:name.first", "a@b.c+d"),
		`meta.created eq 2015-10-10T14:38:21-07:00`: eq("meta.created", "2015-10-10T14:38:21-07:00"),
		`not eq "x"`: eq("not", "x"),
	} {
		got, err := Parse(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v", text, got, err)
		}
	}
	for _, text := range []string{``, ` `, `a`, `a eq`, `a eq 'x'`, `a xx "b"`, `a eq "b" and`, `(a eq "b"`, `a eq "b")`,
		`emails[] pr`, `emails[type eq "x"`, `a[b[c pr]]`, `a eq "\x"`, `a eq "b`, `.a pr`, `a. pr`, `a..b pr`, `"a" pr`,
		`1a pr`, `a eq {}`, strings.Repeat("(", MaxDepth+1) + "a pr" + strings.Repeat(")", MaxDepth+1),
		strings.Repeat("a pr or ", MaxComparisons) + "a pr", `a eq "` + strings.Repeat("x", MaxBytes) + `"`} {
		if n, err := Parse(text); err == nil {
			t.Errorf("%.60s: got %#v", text, n)
		}
	}
}

func TestParsePath(t *testing.T) {
	for text, want := range map[string]Target{
		`name.familyName`: {Path: "name.familyName"},
		`emails[type eq "work"].value`: {Path: "emails", Filter: &Compare{Path: "type", Op: "eq", Value: "work"},
			Sub: "value"},
		`urn:x:2.0:User:manager`: {Path: "urn:x:2.0:User:manager"},
	} {
		if got, err := ParsePath(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v", text, got, err)
		}
	}
	for _, text := range []string{``, `a b`, `a[`, `a[type eq "x"]b`, `a[type eq "x"].`, `a.`, `a[x]`} {
		if got, err := ParsePath(text); err == nil {
			t.Errorf("%s: got %#v", text, got)
		}
	}
}

// text writes a filter, so that reading it again has to give the same.
func write(n Node) string {
	switch n := n.(type) {
	case *Not:
		return "not (" + write(n.X) + ")"
	case *Logic:
		word := " and "
		if n.Any {
			word = " or "
		}
		parts := make([]string, len(n.X))
		for i, x := range n.X {
			parts[i] = write(x)
			if _, nested := x.(*Logic); nested {
				parts[i] = "(" + parts[i] + ")"
			}
		}
		return strings.Join(parts, word)
	case *Within:
		text := n.Path + "[" + write(n.X) + "]"
		if n.Then != nil {
			text += "." + write(n.Then)
		}
		return text
	case *Compare:
		if n.Op == "pr" {
			return n.Path + " pr"
		}
		value, _ := json.Marshal(n.Value)
		return n.Path + " " + n.Op + " " + string(value)
	}
	return ""
}

// No text makes the parser fail, and what it has read means the same when it is written and read again.
func FuzzParse(f *testing.F) {
	for _, text := range []string{`userName eq "x"`, `a[b eq 1 or not (c pr)].d co "e" and (f le -1.5e3)`, `a eq "\ud800"`,
		`not(not(a pr))`, `urn:a:b.c eq true`, `a sw ä`, "a eq \"\\", `$ref eq null`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(write(n))
		if len(write(n)) > MaxBytes {
			return
		}
		if err != nil || !reflect.DeepEqual(flat(again), flat(n)) {
			t.Errorf("%q is read as %q, which is read as %q, %v", text, write(n), write(again), err)
		}
	})
}

// flat is a tree without what parentheses alone make.
func flat(n Node) string { return write(n) }

// No path makes the parser fail, nor do its parts leave anything out.
func FuzzParsePath(f *testing.F) {
	for _, text := range []string{`a.b`, `a[b eq "]"].c`, `urn:a:b:c.d`, `a[b pr]`, `a[`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		if p.Path == "" || p.Filter == nil && p.Sub != "" || p.Filter == nil && p.Path != strings.TrimSpace(text) {
			t.Errorf("%q: got %#v", text, p)
		}
	})
}
