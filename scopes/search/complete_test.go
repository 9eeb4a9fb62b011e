package search_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/scopes/search"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestComplete compares the suggestions with those of the fixtures, on both databases. The values come from the
// tables that the fields' columns are in.
func TestComplete(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		for _, f := range fixtures(t) {
			if f.Complete == nil {
				continue
			}
			for name, table := range f.Tables {
				db.create(t, name, table)
			}
			for _, c := range f.Complete {
				f.checkCompletion(t, db, c)
			}
		}
	})
}

func (f fixture) checkCompletion(t *testing.T, db database, c completeCase) {
	t.Helper()
	got, err := definitions[f.Name].Complete(c.Query, f.env(t, db, matchCase{}), db.values)
	if errorText(err) != c.Error {
		t.Errorf("%q: error %q, want %q", c.Query, errorText(err), c.Error)
	}
	var labels []string
	for _, s := range got {
		labels = append(labels, s.Label)
	}
	if diff := cmp.Diff(c.Suggestions, labels, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%q (-want +got):\n%s", c.Query, diff)
	}
}

// sources are the tables that the aliases in columns stand for.
var sources = map[string]string{"r": "roles r", "g": "usergroups g", "a": "auth_sources a", "t": "taxonomies t"}

// values looks up values as a server does that may show everything.
func (db database) values(q search.ValueQuery) ([]string, error) {
	table, _, _ := strings.Cut(q.Field.Column, ".")
	if source, ok := sources[table]; ok {
		table = source
	}
	return db.strings(fmt.Sprintf("SELECT CAST(v AS TEXT) FROM (SELECT DISTINCT %s AS v FROM %s WHERE %s ORDER BY v "+
		"LIMIT %d) AS found",
		q.Field.Column, table, q.Where.SQL, q.Limit), q.Where.Args...)
}

// TestComplete_More covers what the fixtures leave out: half-typed words at every place, and special values.
func TestComplete_More(t *testing.T) {
	def := &search.Definition{Table: "audits", Fields: []search.Field{
		{Name: "user", Type: search.Text, Column: "audits.username", Completion: search.Values,
			Special: []string{"current_user"}},
		{Name: "time", Type: search.Datetime, Column: "audits.created_at", Completion: search.Values},
		{Name: "disabled", Type: search.Boolean, Column: "audits.disabled", Set: search.Switch()},
		{Name: "locked", Type: search.Boolean, Set: search.Switch(), Virtual: double,
			Operators: []search.Operator{search.OpEq}},
		{Name: "raw", Type: search.Boolean, Column: "audits.raw"},
	}}
	lookup := func(q search.ValueQuery) ([]string, error) {
		return []string{`C:\bob`, `say "hi"`}, nil
	}
	env := search.Env{Now: time.Date(2024, 5, 15, 13, 45, 30, 0, time.UTC)}
	for query, want := range map[string][]string{
		"disabled = f":      {"disabled =  false"},
		"disabled = x":      nil,
		"not disabled = ":   {"not disabled =  true", "not disabled =  false"},
		"user = ":           {"user =  current_user", `user =  "C:\\bob"`, `user =  "say \"hi\""`},
		"locked ":           {"locked  = "},
		"raw ":              {"raw  = ", "raw  != "},
		`time > "1 `:        {`time >  "1 hour ago"`},
		"time > tod":        {"time >  Today"},
		"user!=":            {"user!= current_user", `user!= "C:\\bob"`, `user!= "say \"hi\""`},
		"user!=c":           {"user!= current_user", `user!= "C:\\bob"`, `user!= "say \"hi\""`},
		"user = user ":      {"user = user  and", "user = user  or"},
		"user = x a":        {"user = x  and"},
		"(user = x) or dis": {"(user = x) or  disabled "},
		"t*e":               {" time "},
		"has ":              {"has  disabled ", "has  locked ", "has  raw ", "has  time ", "has  user "},
	} {
		got, err := def.Complete(query, env, lookup)
		if err != nil {
			t.Errorf("%q: %v", query, err)
		}
		var labels []string
		for _, s := range got {
			labels = append(labels, s.Label)
		}
		if diff := cmp.Diff(want, labels); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
}

func TestComplete_RefusesWhatSearchRefuses(t *testing.T) {
	def := definitions["trees"]
	for query, want := range map[string]string{
		"nosuch = 1":       "Field 'nosuch' not recognized for searching!",
		"nosuch = 1 ":      "Field 'nosuch' not recognized for searching!",
		"() a":             "Empty list of operands",
		"name = = a":       "Value expected but found :eq",
		"name = a) or ":    "",
		"name = a) or b":   "Value expected but found :rparen",
		"name = \x00":      "The search contains characters that are not valid text",
		"nosuch = 1 and n": "Field 'nosuch' not recognized for searching!",
	} {
		_, err := def.Complete(query, search.Env{}, nil)
		if errorText(err) != want {
			t.Errorf("%q: got %q, want %q", query, errorText(err), want)
		}
	}
}

func TestSuggestion_Parts(t *testing.T) {
	got, err := definitions["trees"].Complete(`name = "<a>" and name ~ b and `, search.Env{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	first := got[0]
	last := got[len(got)-1]
	want := search.Suggestion{
		Completed: "name = &quot;&lt;a&gt;&quot; and name ~ b and", Part: "  label ",
		Label: `name = "<a>" and name ~ b and  label `,
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error("first (-want +got):\n" + diff)
	}
	if last.Category != "Operators" || last.Part != "  has" {
		t.Errorf("last: got %+v, want the operator has", last)
	}
}
