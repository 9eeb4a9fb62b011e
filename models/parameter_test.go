package models

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Values are read as their kind says; "" is none of it.
func TestParameterValue(t *testing.T) {
	for _, c := range []struct {
		kind string
		sent any
		want string
	}{
		{"string", "a <b>", `"a <b>"`}, {"string", nil, `""`}, {"string", json.Number("1.50"), "1.50"},
		{"string", true, "true"}, {"string", []any{"a"}, `"[\"a\"]"`},
		{"boolean", "Yes", "true"}, {"boolean", "0", "false"}, {"boolean", true, "true"},
		{"boolean", json.Number("1"), "true"}, {"boolean", "maybe", ""}, {"boolean", nil, ""},
		{"integer", " 42 ", "42"}, {"integer", json.Number("-1"), "-1"}, {"integer", "1.5", ""},
		{"integer", "99999999999999999999", ""}, {"integer", true, ""},
		{"real", "1.50", "1.5"}, {"real", "7", "7"}, {"real", "NaN", ""}, {"real", "1e999", ""}, {"real", "x", ""},
		{"array", `["a", 1.50]`, `["a",1.50]`}, {"array", "a, b,,c", ""}, {"array", "[a, b]", `["a","b"]`}, {"array", "- a\n- 1", `["a",1]`},
		{"array", "x", ""}, {"array", "", "[]"}, {"array", "a: b", ""}, {"hash", "a: [1]", `{"a":[1]}`},
		{"array", []any{json.Number("1")}, "[1]"}, {"array", `[1`, ""}, {"array", `{"a":1}`, ""},
		{"hash", `{"a": {"b": null}}`, `{"a":{"b":null}}`}, {"hash", map[string]any{"a": "b"}, `{"a":"b"}`},
		{"hash", "[1]", ""}, {"hash", "a", ""}, {"hash", nil, ""},
		{"json", "null", "null"}, {"json", `"a"`, `"a"`}, {"json", "1 2", ""}, {"json", "", ""},
		{"yaml", "a: [1, {2: no}]", `{"a":[1,{"2":"no"}]}`}, {"yaml", "a: b: c", ""}, {"yaml", "x: .nan", ""},
		{"yaml", "&a [*a]", ""},
		{"yaml", "", "null"}, {"yaml", "# nothing", "null"}, {"yaml", "{a: 1, a: 2}", ""}, {"yaml", "? [1]\n: 2", ""},
		{"yaml", `{'"q"': 1, 2: [3], true: ~}`, `{"\"q\"":1,"2":[3],"true":null}`},
		{"yaml", "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{z: 4}, *a]}",
			`{"a":{"x":1,"y":2},"b":{"x":1,"y":3},"c":{"x":1,"y":2,"z":4}}`}, {"yaml", "<<: 1", ""},
		{"json", "[1]]", ""}, {"hash", `{"a":1}}`, ""}, {"json", nested(64), nested(64)}, {"json", nested(65), ""},
		{"yaml", nested(65), ""}, {"array", nested(65), ""},
		{"yaml", strings.Repeat("- ", 9000) + nested(9000), ""}, {"json", []any{[]any{}}, "[[]]"},
		{"nosuch", "a", `"a"`},
	} {
		if got := ParameterValue(c.kind, c.sent); got != c.want {
			t.Errorf("%s %v: got %s, want %s", c.kind, c.sent, got, c.want)
		}
	}
}

func TestParameter_Validate(t *testing.T) {
	for want, p := range map[string]Parameter{
		"":                            {Name: "color", Value: `"x"`, ParameterType: "string"},
		"name blank":                  {Value: `"x"`, ParameterType: "string"},
		"name blanks":                 {Name: "a b", Value: `"x"`, ParameterType: "string"},
		"parameter_type not_included": {Name: "a", Value: `"x"`, ParameterType: "float"},
		"value invalid":               {Name: "a", ParameterType: "integer"},
		"value too_long 65536": {Name: "a", Value: strings.Repeat("1", MaxParameterValue+1),
			ParameterType: "integer"},
	} {
		var got []string
		for _, e := range p.Validate() {
			got = append(got, e.Attr+" "+e.Broken.String())
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("got %q, want %q", text, want)
		}
	}
}

func nested(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

// However a value of a few kilobytes is written, reading it is the work of a moment.
func TestParameterValue_Bounds(t *testing.T) {
	numbered := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "k%d: 1,", i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"one key again and again": "{" + strings.Repeat("a,", 30_000) + "}",
		"many keys":               "{" + numbered(6000) + "}",
		"aliases of aliases":      "- &a [1,1,1,1,1,1,1,1]\n" + strings.Repeat("- &a [*a,*a,*a,*a,*a,*a,*a,*a]\n", 30),
		"one object merged": "- &a {" + numbered(1000) + "}\n" +
			strings.Repeat("- {<<: [*a,*a,*a,*a,*a,*a,*a,*a]}\n", 1000),
		"a text of megabytes": "{" + strings.Repeat("a,", 1_000_000) + "}",
	} {
		began := time.Now()
		p := Parameter{Name: "a", Value: ParameterValue("yaml", text), ParameterType: "yaml"}
		if errs := p.Validate(); name != "many keys" && len(errs) == 0 {
			t.Errorf("%s: it is taken", name)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: it took %s", name, took)
		}
	}
}
