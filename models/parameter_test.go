package models

import (
	"encoding/json"
	"strings"
	"testing"
)

// Values are read as their kind says; "" is none of it.
func TestParameterValue(t *testing.T) {
	for _, c := range []struct {
		kind string
		sent any
		want string
	}{
		{"string", "a <b>", `"a <b>"`}, {"string", nil, `""`}, {"string", json.Number("1.50"), `"1.50"`}, {"string", true, `"true"`}, {"string", []any{"a"}, `"[\"a\"]"`},
		{"boolean", "Yes", "true"}, {"boolean", "0", "false"}, {"boolean", true, "true"}, {"boolean", json.Number("1"), "true"}, {"boolean", "maybe", ""}, {"boolean", nil, ""},
		{"integer", " 42 ", "42"}, {"integer", json.Number("-1"), "-1"}, {"integer", "1.5", ""}, {"integer", "99999999999999999999", ""}, {"integer", true, ""},
		{"real", "1.50", "1.5"}, {"real", "7", "7"}, {"real", "NaN", ""}, {"real", "1e999", ""}, {"real", "x", ""},
		{"array", `["a", 1.50]`, `["a",1.50]`}, {"array", "a, b,,c", `["a","b","c"]`}, {"array", []any{json.Number("1")}, "[1]"}, {"array", `[1`, ""}, {"array", `{"a":1}`, ""},
		{"hash", `{"a": {"b": null}}`, `{"a":{"b":null}}`}, {"hash", map[string]any{"a": "b"}, `{"a":"b"}`}, {"hash", "[1]", ""}, {"hash", "a", ""}, {"hash", nil, ""},
		{"json", "null", "null"}, {"json", `"a"`, `"a"`}, {"json", "1 2", ""}, {"json", "", ""},
		{"yaml", "a: [1, {2: no}]", `{"a":[1,{"2":"no"}]}`}, {"yaml", "a: b: c", ""}, {"yaml", "x: .nan", ""}, {"yaml", "&a [*a]", ""},
		{"nosuch", "a", `"a"`},
	} {
		if got := ParameterValue(c.kind, c.sent); got != c.want {
			t.Errorf("%s %v: got %s, want %s", c.kind, c.sent, got, c.want)
		}
	}
}

func TestParameter_Validate(t *testing.T) {
	for want, p := range map[string]Parameter{
		"":                          {Name: "color", Value: `"x"`, ParameterType: "string"},
		"name can't be blank":       {Value: `"x"`, ParameterType: "string"},
		"name can't contain spaces": {Name: "a b", Value: `"x"`, ParameterType: "string"},
		"parameter_type is not included in the list":      {Name: "a", Value: `"x"`, ParameterType: "float"},
		"value is invalid":                                {Name: "a", ParameterType: "integer"},
		"value is too long (maximum is 65536 characters)": {Name: "a", Value: strings.Repeat("1", MaxParameterValue+1), ParameterType: "integer"},
	} {
		var got []string
		for _, e := range p.Validate() {
			got = append(got, e.Attr+" "+e.Message)
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("got %q, want %q", text, want)
		}
	}
}
