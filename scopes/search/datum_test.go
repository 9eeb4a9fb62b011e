package search_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/scopes/search"
)

// thing is a row of the tests of what stands in JSON.
type thing struct {
	Title  *string           `json:"title,omitempty"`
	Size   *float64          `json:"size,omitempty"`
	On     *bool             `json:"on,omitempty"`
	At     string            `json:"at,omitempty"`
	Inner  map[string]string `json:"urn:x:2.0:T,omitempty"`
	Emails []map[string]any  `json:"emails,omitempty"`
	Tags   []string          `json:"tags,omitempty"`
}

var someThings = []thing{
	{},
	{Title: new("Ann"), Size: new(5.0), On: new(true), At: "2020-01-01T00:00:00Z", Inner: map[string]string{"a.b": "X"},
		Emails: []map[string]any{{"value": "A@x.org", "type": "work", "primary": true}, {"value": "b@y.org", "type": "home"}},
		Tags:   []string{"Red", "blue"}},
	{Title: new("ann_50%"), Size: new(-2.5), On: new(false), At: "2020-01-01T02:00:00.0004567+02:00",
		Emails: []map[string]any{{"value": "b@y.org", "type": "work"}}, Tags: []string{"green"}},
	{Title: new(`Q"u\o'te`), Size: new(10.0), At: "2020-01-01T00:00:00.001Z", Inner: map[string]string{"a.b": "x"}},
}

// What stands in JSON is compared on both databases by what it means, and nothing in a value is special.
func TestDatum(t *testing.T) {
	instant := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(path ...string) search.Datum { return search.Datum{Field: "doc", Path: path, Type: search.Text} }
	text := func(path, value string, op search.DatumOp, exact bool) search.Node {
		d := at(strings.Split(path, "|")...)
		d.Op = op
		d.Value = value
		d.Exact = exact
		return &d
	}
	typed := func(path string, kind search.Type, op search.DatumOp, value any) search.Node {
		return &search.Datum{Field: "doc", Path: []string{path}, Type: kind, Op: op, Value: value}
	}
	some := func(list string, x search.Node) search.Node {
		return &search.Some{Field: "doc", Path: []string{list}, X: x}
	}
	of := func(sub, value string, exact bool) search.Node {
		d := &search.Datum{Type: search.Text, Op: search.Equals, Value: value, Exact: exact}
		if sub != "" {
			d.Path = []string{sub}
		}
		return d
	}
	cases := []struct {
		name string
		node search.Node
		want []int64
	}{
		{"folded", text("title", "ANN", search.Equals, false), []int64{1}},
		{"exactly, another case", text("title", "ann", search.Equals, true), nil},
		{"exactly", text("title", "Ann", search.Equals, true), []int64{1}},
		{"within", text("title", "NN_5", search.HasWithin, false), []int64{2}},
		{"a wildcard is none", text("title", "a%", search.StartsWith, false), nil},
		{"begins", text("title", "a", search.StartsWith, false), []int64{1, 2}},
		{"begins exactly", text("title", "a", search.StartsWith, true), []int64{2}},
		{"ends exactly", text("title", "50%", search.EndsWith, true), []int64{2}},
		{"within exactly", text("title", `"u\o'`, search.HasWithin, true), []int64{3}},
		{"quotes", text("title", `q"U\O'TE`, search.Equals, false), []int64{3}},
		{"nothing within", text("title", "", search.HasWithin, true), []int64{1, 2, 3}},
		{"after", text("title", "ann", search.After, false), []int64{2, 3}},
		{"up to, exactly", text("title", "Q", search.UpTo, true), []int64{1}},
		{"a key with a dot and colons", text("urn:x:2.0:T|a.b", "x", search.Equals, false), []int64{1, 3}},
		{"a key exactly", text("urn:x:2.0:T|a.b", "x", search.Equals, true), []int64{3}},
		{"there", &search.Datum{Field: "doc", Path: []string{"title"}, Type: search.Text, Op: search.Has}, []int64{1, 2, 3}},
		{"a list is there", &search.Datum{Field: "doc", Path: []string{"tags"}, Type: search.LongText, Op: search.Has},
			[]int64{1, 2}},
		{"not", &search.Not{X: text("title", "ann", search.Equals, false)}, []int64{0, 2, 3}},
		{"number", typed("size", search.Decimal, search.Equals, 5.0), []int64{1}},
		{"greater number", typed("size", search.Decimal, search.After, -2.5), []int64{1, 3}},
		{"number of a text", typed("title", search.Decimal, search.After, 0.0), nil},
		{"true", typed("on", search.Boolean, search.Equals, true), []int64{1}},
		{"false", typed("on", search.Boolean, search.Equals, false), []int64{2}},
		{"instant, to the millisecond", typed("at", search.Datetime, search.Equals, instant), []int64{1, 2}},
		{"later", typed("at", search.Datetime, search.After, instant), []int64{3}},
		{"up to", typed("at", search.Datetime, search.UpTo, instant), []int64{1, 2}},
		{"from on", typed("at", search.Datetime, search.FromOn, instant), []int64{1, 2, 3}},
		{"before", typed("at", search.Datetime, search.Before, instant), nil},
		{"of one element", some("emails", search.And(of("value", "b@Y.org", false), of("type", "work", false))), []int64{2}},
		{"of another element", some("emails", search.And(of("value", "a@x.org", false), of("type", "work", false))),
			[]int64{1}},
		{"of an element exactly", some("emails", of("value", "a@x.org", true)), nil},
		{"not of an element", some("emails", &search.Not{X: of("type", "work", false)}), []int64{1}},
		{"a plain element", some("tags", of("", "RED", false)), []int64{1}},
		{"a plain element exactly", some("tags", of("", "RED", true)), nil},
		{"a member of a plain element", some("tags", of("value", "x", false)), nil},
		{"no list", some("title", of("", "Ann", false)), nil},
		{"injected", text("title", "' OR 1=1 --", search.Equals, false), nil},
	}
	each(t, func(t *testing.T, db database) {
		db.run(t, "CREATE TABLE things (id "+db.kept("INTEGER")+", doc "+db.kept("TEXT")+")")
		for i, row := range someThings {
			doc, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			db.run(t, "INSERT INTO things (id, doc) VALUES (?, ?)", i, string(doc))
		}
		d := &search.Definition{Model: "Thing", Table: "things", Key: "things.id", Internal: []search.Field{
			{Name: "doc", Type: search.Text, Column: "things.doc"}}}
		for _, x := range cases {
			cond, err := d.WhereTree(x.node, search.Env{Dialect: db.dialect})
			if err != nil {
				t.Fatal(x.name, err)
			}
			if got, err := db.ids("things", cond, "id"); err != nil || !slices.Equal(got, x.want) {
				t.Errorf("%s: got %v, want %v (%s, %v)", x.name, got, x.want, cond.SQL, err)
			}
		}
		for desc, want := range map[bool]string{false: "[2 1 3 0]", true: "[0 3 1 2]"} {
			o, err := d.SortBy([]search.SortKey{{Field: "doc", Path: []string{"size"}, Type: search.Decimal, Desc: desc,
				MissingLast: true}}, search.Env{Dialect: db.dialect})
			if err != nil {
				t.Fatal(err)
			}
			got, err := db.ids("things", search.Condition{SQL: "1 = 1", Args: o.Args}, o.SQL)
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("sorted: got %v, want %s (%s, %v)", got, want, o.SQL, err)
			}
		}
	})
}
