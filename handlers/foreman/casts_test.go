package foreman

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"roster/directory"
	"roster/handlers/rails"
	"roster/models"
)

func ptr[T any](v T) *T { return &v }

// parse returns a value as the body of a request carries it.
func parse(t *testing.T, text string) any {
	t.Helper()
	return parseAttrs(t, `{"v":`+text+`}`)["v"]
}

func parseAttrs(t *testing.T, text string) attrs {
	t.Helper()
	var a attrs
	dec := json.NewDecoder(jsonReader(text))
	dec.UseNumber()
	if err := dec.Decode(&a); err != nil {
		t.Fatal(text, ": ", err)
	}
	return a
}

func TestCastString(t *testing.T) {
	for text, want := range map[string]*string{`"x"`: ptr("x"), `""`: ptr(""), `" x "`: ptr(" x "), `5`: ptr("5"),
		`1.50`: ptr("1.50"), `1e3`: ptr("1e3"), `true`: ptr("t"), `false`: ptr("f"), `null`: nil} {
		got, ok := rails.String(parse(t, text))
		if diff := cmp.Diff(got, want); diff != "" || !ok {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	wantDropped(t, func(v any) bool { _, ok := rails.String(v); return ok })
}

// wantDropped expects that lists and objects are no scalars.
func wantDropped(t *testing.T, cast func(any) bool) {
	t.Helper()
	for _, text := range []string{`[]`, `[1]`, `{}`, `{"a":1}`} {
		if cast(parse(t, text)) {
			t.Errorf("%s was cast", text)
		}
	}
}

func TestCastBool(t *testing.T) {
	for text, want := range map[string]*bool{
		`true`: ptr(true), `false`: ptr(false), `0`: ptr(false), `1`: ptr(true), `2`: ptr(true), `-1`: ptr(true),
		`0.0`: ptr(false), `0.1`: ptr(true), `1e999`: ptr(true), `null`: nil, `""`: nil,
		`"0"`: ptr(false), `"1"`: ptr(true), `"f"`: ptr(false), `"F"`: ptr(false), `"false"`: ptr(false),
		`"FALSE"`: ptr(false), `"off"`: ptr(false), `"OFF"`: ptr(false),
		`"t"`: ptr(true), `"no"`: ptr(true), `"yes"`: ptr(true), `"False"`: ptr(true), `" "`: ptr(true),
		`"nil"`: ptr(true),
	} {
		got, ok := rails.Bool(parse(t, text))
		if diff := cmp.Diff(got, want); diff != "" || !ok {
			t.Errorf("%s: got (-), want (+): %s", text, diff)
		}
	}
	wantDropped(t, func(v any) bool { _, ok := rails.Bool(v); return ok })
}

func TestCastInt(t *testing.T) {
	for text, want := range map[string]*int64{
		`5`: ptr[int64](5), `-5`: ptr[int64](-5), `0`: ptr[int64](0), `1.9`: ptr[int64](1), `-1.9`: ptr[int64](-1),
		`1e2`: ptr[int64](100), `1E2`: ptr[int64](100), `1e400`: ptr[int64](math.MaxInt64),
		`9223372036854775807`: ptr[int64](math.MaxInt64), `9223372036854775808`: ptr[int64](math.MaxInt64),
		`-9223372036854775809`: ptr[int64](-math.MaxInt64), `1e30`: ptr[int64](math.MaxInt64),
		`"5"`: ptr[int64](5), `"12abc"`: ptr[int64](12), `"abc"`: ptr[int64](0), `" 7 "`: ptr[int64](7),
		`"-7"`: ptr[int64](-7), `"+7"`: ptr[int64](7), `"+-7"`: ptr[int64](0), `"1e2"`: ptr[int64](1),
		`"٥"`:  ptr[int64](0),
		`true`: ptr[int64](1), `false`: ptr[int64](0), `null`: nil, `""`: nil, `"  "`: nil,
	} {
		got, ok := rails.Int(parse(t, text))
		if diff := cmp.Diff(got, want); diff != "" || !ok {
			t.Errorf("%s: got (-), want (+): %s", text, diff)
		}
	}
	wantDropped(t, func(v any) bool { _, ok := rails.Int(v); return ok })
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		for _, v := range []any{json.Number(fmt.Sprint(n)), fmt.Sprint(n), fmt.Sprint(n, "x")} {
			if got, _ := rails.Int(v); *got != n && n != math.MinInt64 {
				t.Fatalf("%v: got %d", v, *got)
			}
		}
	})
}

func TestAttrs(t *testing.T) {
	a := parseAttrs(t, `{"text":"x","null":null,"list":["x"],"yes":"1","five":"5","object":{}}`)
	var s models.Opt[*string]
	if a.str("missing", &s); s.Set {
		t.Error("what is missing was set")
	}
	if a.str("list", &s); s.Set {
		t.Error("a list was taken for a text")
	}
	if a.str("null", &s); !s.Set || s.Value != nil {
		t.Error("null was not carried")
	}
	var w models.Opt[string]
	if a.word("null", &w); !w.Set || w.Value != "" {
		t.Error("null is no empty word")
	}
	var b models.Opt[bool]
	if a.firmFlag("null", &b); b.Set {
		t.Error("null changed a switch that is never null")
	}
	if a.firmFlag("yes", &b); !b.Set || !b.Value {
		t.Error("yes was not carried")
	}
	var n models.Opt[int64]
	if a.firmNum("null", &n); !n.Set || n.Value != 0 {
		t.Error("null is no id of nobody")
	}
	if a.firmNum("five", &n); n.Value != 5 {
		t.Errorf("got %d", n.Value)
	}
	if a.firmNum("object", &n); n.Value != 5 {
		t.Errorf("an object was taken for a number: got %d", n.Value)
	}
}

func TestAttrs_Association(t *testing.T) {
	none := models.Opt[directory.Refs]{}
	ids := func(list ...int64) models.Opt[directory.Refs] {
		return models.Some(directory.Refs{IDs: append([]int64{}, list...)})
	}
	names := func(list ...string) models.Opt[directory.Refs] { return models.Some(directory.Refs{Names: list}) }
	for text, want := range map[string]models.Opt[directory.Refs]{
		`{}`: none, `{"role_ids":[1,"2",null,""]}`: ids(1, 2), `{"role_ids":[]}`: ids(), `{"role_ids":null}`: none,
		`{"role_ids":5}`: none, `{"role_ids":[[1]]}`: none, `{"role_ids":[{"id":1}]}`: none,
		`{"role_names":["a",5,""]}`: names("a", "5"), `{"role_names":"a"}`: none, `{"roles":[]}`: ids(),
		`{"roles":[{"id":1,"x":2},{"id":"3"}]}`: ids(1, 3), `{"roles":[{"name":"a"},{"name":"b"}]}`: names("a", "b"),
		`{"roles":[{"id":1,"name":"a"},{"id":2}]}`: ids(1, 2), `{"roles":null}`: none, `{"roles":"x"}`: none,
		`{"roles":[{"id":1}],"role_ids":[2]}`: ids(2), `{"role_ids":[2],"role_names":["a"]}`: names("a"),
	} {
		got, err := parseAttrs(t, text).association("role", "roles", "name")
		if diff := cmp.Diff(got, want); diff != "" || err != nil {
			t.Errorf("%s: %v, got (-), want (+):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{`{"roles":[1]}`, `{"roles":["a"]}`, `{"roles":[{"id":1},{"name":"a"}]}`,
		`{"roles":[{}]}`, `{"roles":[null]}`, `{"roles":[[]]}`} {
		if got, err := parseAttrs(t, text).association("role", "roles", "name"); err == nil {
			t.Errorf("%s: got %v, want an error", text, got)
		}
	}
	got, err := parseAttrs(t, `{"locations":[{"title":"A/B"}]}`).association("location", "locations", "title")
	if diff := cmp.Diff(got, names("A/B")); diff != "" || err != nil {
		t.Errorf("titles: %v\n%s", err, diff)
	}
}
