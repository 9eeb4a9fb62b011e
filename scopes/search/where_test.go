package search_test

import (
	"errors"
	"testing"
	"time"

	"roster/scopes/search"

	"github.com/google/go-cmp/cmp"
)

// audits is a definition with what the fixtures do not have: special values, translation, narrowing, long texts.
var audits = &search.Definition{Model: "Audit", Table: "audits", Key: "audits.id", Fields: []search.Field{
	{Name: "id", Type: search.Integer, Column: "audits.id"},
	{Name: "user", Type: search.Text, Column: "audits.username", Explicit: true, Special: []string{"current_user"},
		Translate: func(value string, env search.Env) (string, bool) {
			if value == "current_user" {
				return env.Login, true
			}
			return value, value != "nobody"
		}},
	{Name: "user.id", Type: search.Integer, Column: "audits.user_id", Explicit: true, Valid: search.IsInteger,
		Special: []string{"me"}, Translate: func(value string, env search.Env) (string, bool) {
			if value == "me" {
				return "7", true
			}
			return value, true
		}},
	{Name: "comment", Type: search.LongText, Column: "audits.comment", Narrow: func(parts []string) search.Condition {
		if len(parts) == 0 || len(parts[0]) < 3 {
			return search.Condition{}
		}
		return search.Condition{SQL: "audits.id IN (SELECT rowid FROM words WHERE words MATCH ?)",
			Args: []any{parts[0]}}
	}},
	{Name: "time", Type: search.Datetime, Column: "audits.created_at"},
	{Name: "hidden", Type: search.Boolean, Set: search.Switch(), Method: "search_hidden", Explicit: true,
		Virtual: func(search.Call) (search.Condition, error) { return search.Condition{}, errors.New("out of order") }},
}}

func TestWhere_SQL(t *testing.T) {
	env := search.Env{Login: "bob", Now: time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC)}
	for query, want := range map[string]search.Condition{
		"":                            {},
		"  ":                          {},
		"and (":                       {},
		"user = current_user":         {SQL: "audits.username = ?", Args: []any{"bob"}},
		"user!=bob":                   {SQL: "audits.username <> ?", Args: []any{"bob"}},
		"user!~bob":                   {SQL: `fold(audits.username) NOT LIKE ? ESCAPE '\'`, Args: []any{"%bob%"}},
		"user ^ (current_user, x, y)": {SQL: "audits.username IN (?,?,?)", Args: []any{"bob", "x", "y"}},
		"user ^ () and user !^ () x": {SQL: "(1 = 0 AND 1 = 1 AND fold(audits.comment) LIKE ? ESCAPE '\\')",
			Args: []any{"%x%"}},
		"user.id = me":                       {SQL: "audits.user_id = ?", Args: []any{int64(7)}},
		"user.id > 9223372036854775808":      {SQL: "1 = 0"},
		"user.id < 9223372036854775808":      {SQL: "audits.user_id IS NOT NULL"},
		`user.id >= "-9223372036854775809"`:  {SQL: "audits.user_id IS NOT NULL"},
		"user.id != 9223372036854775808":     {SQL: "audits.user_id IS NOT NULL"},
		"user.id ^ (1, 9223372036854775808)": {SQL: "audits.user_id IN (?)", Args: []any{int64(1)}},
		"user.id ^ 9223372036854775808":      {SQL: "1 = 0"},
		"comment ~ Tru*":                     {SQL: `(audits.id IN (SELECT rowid FROM words WHERE words MATCH ?) AND fold(audits.comment) LIKE ? ESCAPE '\')`, Args: []any{"tru", "tru%"}},
		"comment !~ true":                    {SQL: `fold(audits.comment) NOT LIKE ? ESCAPE '\'`, Args: []any{"%true%"}},
		"comment ~ ab":                       {SQL: `fold(audits.comment) LIKE ? ESCAPE '\'`, Args: []any{"%ab%"}},
		"not comment = x":                    {SQL: "NOT (COALESCE(audits.comment = ?, FALSE))", Args: []any{"x"}},
		"not has comment":                    {SQL: "NOT (audits.comment IS NOT NULL)"},
		"time ^ (today, yesterday)": {
			SQL: "((audits.created_at >= ? AND audits.created_at < ?) OR (audits.created_at >= ? AND " +
				"audits.created_at < ?))",
			Args: []any{"2024-05-15 00:00:00+00:00", "2024-05-16 00:00:00+00:00", "2024-05-14 00:00:00+00:00",
				"2024-05-15 00:00:00+00:00"},
		},
		"time !^ (today)": {
			SQL:  "NOT (audits.created_at >= ? AND audits.created_at < ?)",
			Args: []any{"2024-05-15 00:00:00+00:00", "2024-05-16 00:00:00+00:00"},
		},
		"> 12": {SQL: "(audits.id > ? OR audits.created_at >= ?)", Args: []any{int64(12), "2024-05-13 00:00:00+00:00"}},
	} {
		got, err := audits.Where(query, env)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestWhere_SQLOnPostgreSQL(t *testing.T) {
	env := search.Env{Dialect: search.PostgreSQL, Now: time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC),
		Zone: location(t, "Asia/Tokyo")}
	for query, want := range map[string]search.Condition{
		"comment ~ x":    {SQL: "fold(audits.comment) LIKE ?", Args: []any{"%x%"}},
		"comment ~ true": {SQL: "fold(audits.comment) LIKE ?", Args: []any{"%true%"}},
		"id ^ (1, 2)":    {SQL: "audits.id IN (CAST(? AS BIGINT),CAST(? AS BIGINT))", Args: []any{int64(1), int64(2)}},
		"time >= today":  {SQL: "audits.created_at >= ?", Args: []any{time.Date(2024, 5, 14, 15, 0, 0, 0, time.UTC)}},
		"time = \"2 May\"": {
			SQL:  "(audits.created_at >= ? AND audits.created_at < ?)",
			Args: []any{time.Date(2024, 5, 1, 15, 0, 0, 0, time.UTC), time.Date(2024, 5, 2, 15, 0, 0, 0, time.UTC)},
		},
	} {
		got, err := audits.Where(query, env)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// TestWhere_Mistakes lists what is refused, and which of two mistakes is reported.
func TestWhere_Mistakes(t *testing.T) {
	for query, want := range map[string]string{
		"nosuch = 1":          "Field 'nosuch' not recognized for searching!",
		"nosuch!=1":           "Field 'nosuch!' not recognized for searching!",
		"user! > x":           "Field 'user!' not recognized for searching!",
		`"" = 1`:              "Field '' not recognized for searching!",
		"has nosuch":          "Field 'nosuch' not recognized for searching!",
		"User = x":            "Field 'User' not recognized for searching!",
		"nosuch = 1 or = =":   "Field 'nosuch' not recognized for searching!",
		"nosuch = = 1":        "Value expected but found :eq",
		"a = 1 or b = 2":      "Field 'a' not recognized for searching!",
		"user.id = x":         "Value 'x' is not valid for field 'user_id'",
		"user.id ~ x":         "Value 'x' is not valid for field 'user_id'",
		"user.id ~ 5":         "the operator 'like' is not supported for field type 'integer'",
		`user.id ^ ("3 ", 4)`: "Value '3 ' is not valid for field 'user_id'",
		"id = +-5":            "Value '+-5' is not valid for field 'id'",
		"user = nobody":       "Translation from any value to nil is not allowed, translated 'nobody'",
		"time ~ garbage":      "Value 'garbage' is not valid for field 'created_at'",
		"time !~ today":       "the operator 'unlike' is not supported for field type 'datetime'",
		"~ 12":                "the operator 'like' is not supported for field type 'integer'",
		"hidden":              "external method 'search_hidden' failed with error: out of order",
		"hidden = maybe":      "external method 'search_hidden' failed with error: out of order",
		"has hidden":          "Operator 'notnull' not supported for 'hidden'",
		"not > a":             "No field can be compared with 'a', so the comparison cannot be negated",
		"not (id = 1 or > a)": "No field can be compared with 'a', so the comparison cannot be negated",
		"not and a":           "No field can be compared with 'a', so the comparison cannot be negated",
	} {
		_, err := audits.Where(query, search.Env{})
		if got := errorText(err); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
		if e := new(search.Error); !errors.As(err, &e) {
			t.Errorf("%s: %T is not a mistake of the query", query, err)
		}
	}
}

func TestExplain_Dates(t *testing.T) {
	n, err := search.Parse(`time > yesterday and (12 or time ^ (2009, "Jan 2009"))`)
	if err != nil {
		t.Fatal(err)
	}
	_, dates, err := audits.Explain(n, search.Env{Now: time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range dates {
		got = append(got, d.Input+" "+d.Date)
	}
	want := []string{"yesterday 2024-05-14", "12 2024-05-12", "2009 2009-01-01", "Jan 2009 2009-01-01"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

func TestNames(t *testing.T) {
	want := []search.FieldDoc{
		{Name: "comment", Type: "text"}, {Name: "hidden", Values: []string{"true", "false"}},
		{Name: "id", Type: "integer"},
		{Name: "time", Type: "datetime"}, {Name: "user", Type: "string"}, {Name: "user.id", Type: "integer"},
	}
	if diff := cmp.Diff(want, audits.Names()); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

func TestOrderBy(t *testing.T) {
	postgres := search.Env{Dialect: search.PostgreSQL}
	for _, c := range []struct {
		order string
		env   search.Env
		want  search.Order
	}{
		{"", search.Env{}, search.Order{}},
		{" \t", search.Env{}, search.Order{}},
		{"login", search.Env{}, search.Order{SQL: `users."login_fold" ASC`, By: "login", Direction: "ASC"}},
		{"login Desc", search.Env{}, search.Order{SQL: `users."login_fold" DESC`, By: "login", Direction: "Desc",
			Desc: true}},
		{"login  bogus x", search.Env{}, search.Order{SQL: `users."login_fold" ASC`, By: "login", Direction: "bogus"}},
		{"login DESC ", search.Env{}, search.Order{SQL: `users."login_fold" ASC`, By: "login", Direction: "DESC"}},
		{"id DESC", postgres, search.Order{SQL: "users.id DESC", By: "id", Direction: "DESC", Desc: true}},
		{"login", postgres, search.Order{SQL: `users."login_fold" ASC NULLS FIRST`, By: "login", Direction: "ASC"}},
		{"auth_source desc", postgres, search.Order{
			SQL: "(SELECT MAX(fold(a.name)) FROM users u JOIN auth_sources a ON a.id = u.auth_source_id WHERE u.id = " +
				"users.id) DESC NULLS LAST",
			By: "auth_source", Direction: "desc", Desc: true,
		}},
	} {
		got, err := users.OrderBy(c.order, c.env)
		if err != nil {
			t.Errorf("%q: %v", c.order, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.order, diff)
		}
	}
	if _, err := audits.OrderBy("hidden", search.Env{}); errorText(
		err) != "the field 'hidden' in the order statement is not valid field for search" {
		t.Errorf("a field without a column: got %v", err)
	}
}

// TestWhereNode_Combined covers trees that no query parses to, but callers build.
func TestWhereNode_Combined(t *testing.T) {
	everything, err := search.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	one := &search.Compare{Op: search.OpEq, Field: "id", Values: []string{"1"}}
	for want, n := range map[string]search.Node{
		"":                                     search.And(),
		"1 = 0":                                search.Or(),
		"(audits.id = ? OR 1 = 1)":             search.Or(one, everything),
		"NOT (1 = 1)":                          &search.Not{X: everything},
		"NOT (COALESCE(audits.id = ?, FALSE))": &search.Not{X: search.And(everything, one, nil)},
	} {
		got, err := audits.WhereNode(n, search.Env{})
		if err != nil || got.SQL != want {
			t.Errorf("%v: got %q, %v, want %q", search.Notation(n), got.SQL, err, want)
		}
	}
}
