package search_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"roster/scopes/search"
)

// fixture is one file testdata/match_*.json: a small database, and queries with the rows they find.
type fixture struct {
	Name         string                  `json:"name"`
	Table        string                  `json:"table"`
	Now          *time.Time              `json:"now"`
	Timezone     string                  `json:"timezone"`
	DefaultOrder string                  `json:"default_order"`
	ScopeOrder   string                  `json:"scope_order"` // SQL that sorts where no order is asked for
	Tables       map[string]fixtureTable `json:"tables"`
	Cases        []matchCase             `json:"cases"`
	Complete     []completeCase          `json:"complete"`
}

type fixtureTable struct {
	Columns map[string]string `json:"columns"`
	Rows    []map[string]any  `json:"rows"`
}

type matchCase struct {
	Query      string            `json:"query"`
	Order      *string           `json:"order"`
	Ordered    bool              `json:"ordered"`
	Timezone   string            `json:"timezone"`
	Now        *time.Time        `json:"now"`
	ByDatabase map[string]answer `json:"by_database"`
	answer
}

// answer is what a query gives: the rows found or an error text. Fails marks what the original answered with an
// internal error; any orderly answer is an improvement on that (docs/spec/search.md, 12, rows 2 to 7).
type answer struct {
	IDs   []int64 `json:"ids"`
	Error string  `json:"error"`
	Fails bool    `json:"fails"`
}

type completeCase struct {
	Query       string   `json:"query"`
	Suggestions []string `json:"suggestions"`
	Error       string   `json:"error"`
}

func readJSON[T any](t testing.TB, path string) T {
	t.Helper()
	var v T
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	paths, err := filepath.Glob("testdata/match_*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures: ", err)
	}
	var out []fixture
	for _, path := range paths {
		out = append(out, readJSON[fixture](t, path))
	}
	return out
}

// stored converts a value of a fixture to what is bound for a column.
func stored(t testing.TB, kind string, v any) any {
	t.Helper()
	switch v := v.(type) {
	case string:
		if kind == "datetime" {
			at, err := time.Parse(time.DateTime, v)
			if err != nil {
				t.Fatal(err)
			}
			return at.UTC()
		}
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return v
}

// env is the environment that the fixture, or one of its cases, asks for.
func (f fixture) env(t testing.TB, db database, c matchCase) search.Env {
	t.Helper()
	env := search.Env{Dialect: db.dialect, Now: time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC)}
	zone := f.Timezone
	if c.Timezone != "" {
		zone = c.Timezone
	}
	if zone != "" && zone != "none" {
		env.Zone = location(t, zone)
	}
	for _, now := range []*time.Time{f.Now, c.Now} {
		if now != nil {
			env.Now = *now
		}
	}
	return env
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
