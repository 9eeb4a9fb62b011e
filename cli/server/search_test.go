package server

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/config"
	"roster/test/dbtest"
)

// explain runs "search explain" as the program that it is, with the queries as its input.
func explain(t *testing.T, database string, queries []string, flags ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"search", "explain"}, flags...)...)
	cmd.Env = append(os.Environ(), "ROSTER_TEST_MAIN=1", "ROSTER_DATABASE="+database)
	cmd.Stdin = strings.NewReader(strings.Join(queries, "\n"))
	var out, errs bytes.Buffer
	cmd.Stdout = &out
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	return out.String(), errs.String()
}

// The vectors, through the command: what the language's own package is tested with reaches the administrator unchanged.
func TestExplain_Syntax(t *testing.T) {
	var vectors []struct {
		Query  string `json:"query"`
		Tokens []any  `json:"tokens"`
	}
	text, err := os.ReadFile("../../scopes/search/testdata/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	var queries []string
	var want [][]any
	for _, v := range vectors {
		if !strings.Contains(v.Query, "\n") { // a line each
			queries = append(queries, v.Query)
			want = append(want, v.Tokens)
		}
	}
	none := "sqlite://" + filepath.Join(t.TempDir(), "none", "roster.db") // it reads no database
	out, _ := explain(t, none, append(queries, "= = a"), "--syntax", "--json")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != len(queries)+1 || len(queries) < 50 {
		t.Fatalf("got %d lines for %d queries", len(lines), len(queries))
	}
	for i, query := range queries {
		var got syntaxJSON
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[i], got.Tokens); diff != "" || got.Query != query {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	if want := `{"query":"= = a","tokens":[{"op":"="},{"op":"="},"a"],"ast":null,"error":"Value expected but found :eq"}`; lines[len(queries)] != want {
		t.Errorf("got %s, want %s", lines[len(queries)], want)
	}
}

func TestExplain(t *testing.T) {
	urls := map[string]string{config.SQLite: sqliteURL(t), config.Postgres: dbtest.Postgres(t)}
	for dialect, url := range urls {
		t.Run(dialect, func(t *testing.T) {
			if _, stderr, err := cli(t, []string{"ROSTER_DATABASE=" + url, "ROSTER_ADMIN_PASSWORD=open sesame"}, "seed",
				"--users", "10"); err != nil {
				t.Fatal(err, stderr)
			}
			out, _ := explain(t, url, []string{`login = "o'neil" and last_login_on = yesterday`, "nosuch = 1"},
				"--json", "--timezone", "Europe/Berlin", "--now", "2024-03-31T23:30:00Z")
			lines := strings.Split(out, "\n")
			var got explanationJSON
			if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
				t.Fatal(err)
			}
			// In Berlin it is 1 April, and the day before had 23 hours.
			wantDates := []any{map[string]any{"input": "yesterday", "date": "2024-03-31",
				"start": "2024-03-30T23:00:00Z", "end": "2024-03-31T22:00:00Z"}}
			if diff := cmp.Diff(wantDates, got.Dates); diff != "" {
				t.Errorf("dates (-want +got):\n%s", diff)
			}
			if got.SQL == nil || strings.Contains(*got.SQL, "neil") || !strings.Contains(*got.SQL, "users.login") ||
				len(got.Args) < 3 {
				t.Errorf("the statement: %s", lines[0])
			}
			if !strings.HasSuffix(lines[1],
				`"error":"Field 'nosuch' not recognized for searching!","sql":null,"args":[],"dates":[]}`) {
				t.Errorf("got %s", lines[1])
			}
			out, _ = explain(t, url, []string{"role = Viewer"}, "--order", "login DESC")
			for _, part := range []string{"search  role = Viewer\n", `tokens  "role" = "Viewer"`, "tree    (= ",
				"page    SELECT", "count   SELECT count(*)", "        | "} {
				if !strings.Contains(out, part) {
					t.Errorf("no %q in:\n%s", part, out)
				}
			}
		})
	}
}

// Explaining makes no database where there is none.
func TestExplain_WithoutDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "roster.db")
	out, stderr := explain(t, "sqlite://"+path, []string{"name ~ a"}, "--resource", "roles")
	if !strings.Contains(out, "| ") || !strings.Contains(stderr, "no database") {
		t.Errorf("got %s and %s", out, stderr)
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("a directory was made")
	}
}
