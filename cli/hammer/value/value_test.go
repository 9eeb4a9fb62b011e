package value

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParseJSON(t *testing.T) {
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	for in, want := range map[string]string{
		`{"b":1.50,"a":[null,true,"x"]}`: `{"b":1.50,"a":[null,true,"x"]}`,
		`{"a":1,"b":2,"a":3}`:            `{"a":3,"b":2}`,
		` 9007199254740993 `:             `9007199254740993`,
		"\"\xff\"":                       "\"\ufffd\"",
		nested(maxDepth + 1):             nested(maxDepth + 1),
		nested(maxDepth + 2):             `error`,
		`{} x`:                           `error`,
		`1]`:                             `error`,
		``:                               `error`,
	} {
		v, err := ParseJSON([]byte(in))
		got := string(CompactJSON(v))
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%.40s: got %.40s, want %.40s", in, got, want)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,-3e4,null,true,"\u00e9\n"]}`, `[`, `{"a"}`, `"\ud800"`, `01`, `[1,]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		v, err := ParseJSON([]byte(in))
		if valid := json.Valid([]byte(in)); (err == nil) != valid && !strings.Contains(in, strings.Repeat("[", 20)) &&
			!strings.Contains(in, strings.Repeat("{", 20)) {
			t.Fatalf("%q: %v, but encoding/json says %v", in, err, valid)
		}
		if err == nil && !json.Valid(CompactJSON(v)) {
			t.Fatalf("%q is written as %q", in, CompactJSON(v))
		}
	})
}

func TestYAML_QuotesAndFolds(t *testing.T) {
	for in, want := range map[string]string{
		"a":                         "a",
		"":                          "''",
		"John ":                     "'John '",
		"12":                        "'12'",
		"1.5":                       "'1.5'",
		"1e3":                       "1e3",
		"yes":                       "'yes'",
		"y":                         `"y"`,
		"~":                         `"~"`,
		"null":                      "'null'",
		"2026-01-02 03:04:05 UTC":   "2026-01-02 03:04:05 UTC",
		"2026-01-02 03:04:05 +0100": "'2026-01-02 03:04:05 +0100'",
		"2026-01-02":                "'2026-01-02'",
		"(Miscellaneous)":           `"(Miscellaneous)"`,
		"a: b":                      "'a: b'",
		"it's":                      "it's",
		"- x":                       `"- x"`,
		"a\nb":                      "|-\n  a\n  b",
		"a\n":                       "'a\n\n  '",
		"Žluť":                      "Žluť",
		strings.Repeat("word ", 20): "'" + strings.TrimSuffix(strings.Repeat("word ", 16), " ") + "\n  " +
			strings.Repeat("word ", 4) + "'",
	} {
		if got := FormatYAML(NewObject("k", in)); got != "---\nk: "+want+"\n" {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
