package cvat

import (
	"errors"
	"strings"
	"testing"

	"roster/scopes"
	"roster/scopes/search"
)

// Whatever is sent as a filter is a tree that the database understands, or one of the dialect's refusals.
func FuzzJSONLogic(f *testing.F) {
	for _, text := range []string{
		`{"and":[{"==":[{"var":"username"},"ann"]},{"!":{"in":["x",{"var":"last_name"}]}}]}`,
		`{"<=":[1,{"var":"id"},5]}`, `{"in":[{"var":"is_active"},[true,"false"]]}`, `{"var":"first_name"}`, `{}`, `[[`,
		`{"==":[{"var":"id"},1e400]}`, `{"==":[{"var":"id"},"0x10"]}`, `{"":{}}`, "\xff", `{"in":[{"var":"id"},[null]]}`,
		strings.Repeat(`{"!!":`, 30) + `{"var":"id"}` + strings.Repeat("}", 30),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		node, err := parseLogic(text, userFields)
		var refused refusal
		if err != nil {
			ok := errors.As(err, &refused)
			if sentences, isList := refused.body.([]string); !ok || !isList || len(sentences) != 1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if node == nil {
			return
		}
		for _, dialect := range []search.Dialect{search.SQLite, search.PostgreSQL} {
			if _, err := scopes.Users.Search.WhereTree(node, search.Env{Dialect: dialect}); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

// Terms are split as clients know it.
func TestSearchTerms(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a b": "a|b", "a,b ,c": "a|b|c", `"a b" c`: "a b|c", `it's`: "it's", `"open a`: `"open|a`, `'a,b'`: "a,b",
	} {
		if got := strings.Join(searchTerms(text), "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
