package search_test

import (
	"errors"
	"strings"
	"testing"

	"roster/scopes/search"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestWhere_Extremes asks for values at and beyond what the databases can hold. The fixture's numbers are 9, 10, -5
// and none (int), 1.23, 10, 0 and none (dec), 1.5, -2.25, 0 and none (flo).
func TestWhere_Extremes(t *testing.T) {
	zeros := strings.Repeat("0", 400)
	cases := map[string][]int64{
		"int = 99999999999": nil, "int != 99999999999": {1, 2, 3}, "int < 99999999999": {1, 2, 3},
		`int > "-99999999999"`:      {1, 2, 3},
		"int = 9223372036854775807": nil, "int <= 9223372036854775807": {1, 2, 3}, "int >= 9223372036854775808": nil,
		`int < "-9223372036854775809"`: nil, "int !^ (9, 9223372036854775808)": {2, 3}, "int = +9": {1},
		"int = 000" + zeros + "9":       {1},
		"not int = 9223372036854775808": {1, 2, 3, 4},
		"dec = 1e400":                   nil, "dec < 1e400": {1, 2, 3}, `dec > "-1e400"`: {1, 2, 3},
		"dec != 1e400": {1, 2, 3},
		"dec = 1e-400": {3}, "dec = 0." + zeros + "1": {3}, "dec = 12.3e-1": {1}, "dec ^ (1.230, 1e1, 1e999)": {1, 2},
		"flo = 1.5": {1}, "flo > 1e300": nil, "flo < 1e308": {1, 2, 3}, `flo = "-2.25"`: {2}, "flo = 1e-320": {3},
		"dec = .0": {3},
	}
	each(t, func(t *testing.T, db database) {
		loaded(t, db, "numbers")
		for query, want := range cases {
			cond, err := definitions["numbers"].Where(query, search.Env{Dialect: db.dialect})
			if err != nil {
				t.Fatalf("%.60s: %v", query, err)
			}
			got, err := db.ids("nums", cond, "nums.id")
			if err != nil {
				t.Fatalf("%.60s: %v", query, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%.60s (-want +got):\n%s", query, diff)
			}
		}
	})
}

func TestWhere_NoNumbers(t *testing.T) {
	for _, text := range []string{"abc", `""`, "1e", "0x10", "1_000", "NaN", "Inf", "--1", "1,5", ".", "e5", "٣"} {
		for _, field := range []string{"dec", "flo", "int"} {
			if strings.Contains(text, ",") {
				text = `"` + text + `"`
			}
			query := field + " = " + text
			if strings.HasPrefix(text, "-") {
				query = field + ` = "` + text + `"`
			}
			_, err := definitions["numbers"].Where(query, search.Env{})
			if e := new(search.Error); !errors.As(err, &e) {
				t.Errorf("%s: got %v, want a mistake", query, err)
			}
		}
	}
}

// TestWhere_Dates runs every date there is a vector for on both databases, with the first and last years they hold.
func TestWhere_Dates(t *testing.T) {
	vectors := readJSON[[]dateVector](t, "testdata/dates.json")
	for _, text := range []string{"0001-01-01", "9999-12-31", "9999", "0001-01-01 00:00 +14:00",
		"9999-12-31 23:59 -12:00"} {
		vectors = append(vectors, dateVector{Input: text, Timezone: "UTC"})
	}
	each(t, func(t *testing.T, db database) {
		f := loaded(t, db, "events")
		for _, v := range vectors {
			for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
				query := "ts " + op + ` "` + strings.ReplaceAll(v.Input, `"`, `\"`) + `" or d ` + op + ` "` +
					strings.ReplaceAll(v.Input, `"`, `\"`) + `"`
				env := f.env(t, db, matchCase{Timezone: v.Timezone})
				cond, err := definitions["events"].Where(query, env)
				if err != nil {
					continue // no date; which texts are dates is tested elsewhere
				}
				if _, err := db.ids("events", cond, "events.id"); err != nil {
					t.Errorf("%s: %v", query, err)
				}
			}
		}
	})
}
