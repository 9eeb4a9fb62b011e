package spreadsheet

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitNames(t *testing.T) {
	for cell, want := range map[string][]string{
		"": nil, " ": nil, ",": nil, "a": {"a"}, "a,b": {"a", "b"}, "a;b": {"a", "b"}, "x,y;z": {"x", "y;z"},
		`"a;b"`: {"a;b"}, `"a;b";c`: {"a;b", "c"}, `"Ops, Night"`: {"Ops, Night"}, ` a , "b" ,,`: {"a", "b"},
		`" a "`: {" a "}, `""`: {""}, `a\,b`: {"a,b"}, `a\;b`: {"a;b"}, `a"b`: {`a"b`}, "O'Brien": {"O'Brien"},
		`'a,b',c`: {"a,b", "c"}, `"a\"b"`: {`a"b`}, `c\\d`: {`c\d`}, "\u00a0a\u00a0": {"a"},
		`"open`: {"error"}, `a\`: {"error"}, `'a,b`: {"error"},
	} {
		names, err := SplitNames(cell)
		if err != nil {
			names = []string{"error"}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", cell, names, want)
		}
	}
}

// Names that are joined are split again, whatever they are.
func TestJoinNames_ComeBack(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", ",", ";", `"`, "'", `\`, " ", "\t", "\n", "\u00a0", "ž"})
	name := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(part, 0, 5), func(parts []string) string {
		return strings.Join(parts, "")
	}))
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(name, 0, 5).Draw(t, "names")
		got, err := SplitNames(JoinNames(names))
		if err != nil || !slices.Equal(got, names) {
			t.Fatalf("%q became %q, %v", names, got, err)
		}
	})
}

func TestEscapeNothing(t *testing.T) {
	for text, cell := range map[string]string{"NIL": `\NIL`, `\NIL`: `\\NIL`, `\\NIL`: `\\\NIL`, "nil": "nil", "": "",
		"NILS": "NILS", `\x`: `\x`, " NIL": " NIL"} {
		if got := EscapeNothing(text); got != cell || IsNothing(got) {
			t.Errorf("%q: %q, want %q", text, got, cell)
		}
		if got := UnescapeNothing(cell); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}
