package search_test

import (
	"cmp"
	"errors"
	"testing"

	"roster/scopes/search"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestMatch runs the queries of the fixtures on both databases. Where the specification's quirk register made us
// answer differently from the original, the difference is in the list of decisions.
func TestMatch(t *testing.T) {
	decided["foreman_user"] = readJSON[map[string]decision](t, "testdata/decided_foreman_user.json")
	each(t, func(t *testing.T, db database) {
		for _, f := range fixtures(t) {
			t.Run(f.Name, func(t *testing.T) {
				for name, table := range f.Tables {
					db.create(t, name, table)
				}
				asked := map[string]bool{}
				for _, c := range f.Cases {
					f.check(t, db, c)
					asked[c.label()] = true
				}
				for query := range decided[f.Name] {
					if !asked[query] {
						t.Errorf("%s: decided, but nobody asks", query)
					}
				}
			})
		}
	})
}

// check compares one answer with what is expected, or else with what was decided.
func (f fixture) check(t *testing.T, db database, c matchCase) {
	t.Helper()
	got := f.answer(t, db, c)
	want := c.answer
	if by, ok := c.ByDatabase[db.name]; ok {
		want = by
	}
	label := c.label()
	d, isDecided := decided[f.Name][label]
	same := gocmp.Equal(got, want, cmpopts.EquateEmpty()) || want.Fails
	switch {
	case same && isDecided && c.ByDatabase == nil:
		t.Errorf("%s: decided by row %d, but there is no difference", label, d.Row)
	case !same && !isDecided:
		t.Errorf("%s: got %+v, want %+v", label, got, want)
	case isDecided && !gocmp.Equal(got, d.answer, cmpopts.EquateEmpty()):
		t.Errorf("%s: got %+v, decided by row %d is %+v", label, got, d.Row, d.answer)
	}
}

func (c matchCase) label() string {
	if c.Order != nil {
		return c.Query + " order " + *c.Order
	}
	return c.Query
}

func (f fixture) answer(t *testing.T, db database, c matchCase) answer {
	t.Helper()
	def := definitions[f.Name]
	env := f.env(t, db, c)
	cond, err := def.Where(c.Query, env)
	order := search.Order{}
	if err == nil {
		order, err = def.OrderBy(f.order(c), env)
	}
	if e := new(search.Error); errors.As(err, &e) {
		return answer{Error: e.Message}
	} else if err != nil {
		t.Fatalf("%s: %v", c.Query, err)
	}
	by := f.Table + ".id"
	if sorted := cmp.Or(order.SQL, f.ScopeOrder); sorted != "" && c.Ordered {
		by = sorted + ", " + by
	}
	ids, err := db.ids(f.Table, cond, by)
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%v", c.Query, err, cond.SQL, cond.Args)
	}
	return answer{IDs: ids}
}

// order is what the case asks for, or the default order where nothing is said.
func (f fixture) order(c matchCase) string {
	if c.Order != nil {
		return *c.Order
	}
	return f.DefaultOrder
}
