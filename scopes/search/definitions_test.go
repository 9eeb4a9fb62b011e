package search_test

import (
	"fmt"
	"strconv"

	"roster/scopes/search"
)

// definitions say what can be searched in the fixtures.
var definitions = map[string]*search.Definition{
	"trees": {Table: "trees", DefaultOrder: "label DESC", Fields: []search.Field{
		text("trees", "name"),
		with(text("trees", "label"), func(f *search.Field) {
			f.Aliases = []string{"tag"}
			f.Default = search.OpEq
		}),
		explicit(text("trees", "secret")),
		text("trees", "note"),
	}},
	"wildcards": {Table: "words", Fields: []search.Field{text("words", "w"), text("words", "t")}},
	"numbers": {Table: "nums", Fields: []search.Field{
		column("nums", "int", search.Integer), column("nums", "big", search.Integer),
		column("nums", "dec", search.Decimal), column("nums", "flo", search.Decimal), text("nums", "txt"),
		with(explicit(column("nums", "int", search.Integer)), func(f *search.Field) {
			f.Name = "checked"
			f.Valid = search.IsInteger
		}),
		with(explicit(column("nums", "dec", search.Decimal)), func(f *search.Field) {
			f.Name = "numeric"
			f.Valid = search.IsNumeric
		}),
	}},
	"sets": {Table: "flags", Fields: []search.Field{
		set("flags", "bool", search.Boolean, search.Value{Label: "yes", Value: true},
			search.Value{Label: "no", Value: false}),
		set("flags", "status", search.Integer, search.Value{Label: "unknown", Value: int64(0)},
			search.Value{Label: "up", Value: int64(1)}, search.Value{Label: "down", Value: int64(2)}),
		named("bool2", set("flags", "bool", search.Boolean, search.Switch()...)),
		named("any", set("flags", "count", search.Integer, search.Switch()...)),
		named("raw", column("flags", "bool", search.Boolean)),
	}},
	"virtual": {Model: "Alpha", Table: "alphas", Fields: []search.Field{
		virtual("alpha", "ext_alpha", double),
		explicit(virtual("beta", "ext_beta", depot)),
		explicit(virtual("boom", "ext_boom", func(search.Call) (search.Condition, error) {
			return search.Condition{}, fmt.Errorf("kaboom")
		})),
		explicit(virtual("nothash", "ext_nothash",
			func(search.Call) (search.Condition, error) { return search.Condition{}, nil })),
		explicit(virtual("missing", "ext_missing", nil)),
		with(explicit(virtual("echo", "ext_echo", echo)), func(f *search.Field) { f.Valid = search.IsInteger }),
		with(explicit(virtual("flag", "ext_echo", echo)), func(f *search.Field) { f.Set = search.Switch() }),
		text("alphas", "txt"),
	}},
	"events": {Table: "events", Fields: []search.Field{
		column("events", "ts", search.Datetime), explicit(column("events", "d", search.Date)), text("events", "txt"),
	}},
	"recent": {Table: "visits", Fields: []search.Field{
		column("visits", "ts", search.Datetime), explicit(column("visits", "d", search.Date)),
	}},
	"belongs_to": {Table: "books", Fields: []search.Field{
		related("aname", "authors.aname", search.Text, "authors WHERE authors.id = books.author_id"),
	}},
	"has_many": {Table: "folders", Fields: []search.Field{
		text("folders", "fname"),
		related("label", "files.label", search.Text, files),
		explicit(related("size", "files.size", search.Integer, files)),
		with(explicit(related("kind", "files.kind", search.Integer, files)), func(f *search.Field) {
			f.Set = []search.Value{{Label: "a", Value: int64(0)}, {Label: "b", Value: int64(1)}}
		}),
		explicit(related("made", "files.made", search.Datetime, files)),
	}},
	"has_one": {Table: "owners", Fields: []search.Field{
		text("owners", "oname"),
		related("model", "cars.model", search.Text, "cars WHERE cars.owner_id = owners.id"),
	}},
	"has_many_through": {Table: "clubs", Fields: []search.Field{
		related("pname", "people.pname", search.Text,
			"memberships JOIN people ON people.id = memberships.person_id WHERE memberships.club_id = clubs.id"),
	}},
	"through_belongs_to": {Table: "zoos", Fields: []search.Field{
		related("cn", "countries.cn", search.Text,
			"regions JOIN countries ON countries.id = regions.country_id WHERE regions.id = zoos.region_id"),
	}},
	"sorting": {Table: "staffs", DefaultOrder: "code ASC", Fields: []search.Field{
		text("staffs", "code"),
		with(text("staffs", "nick"), func(f *search.Field) { f.Aliases = []string{"handle"} }),
		column("staffs", "rank", search.Integer), text("staffs", "descr"),
		related("dept", "depts.dname", search.Text, "depts WHERE depts.id = staffs.dept_id"),
		related("dept.name", "depts.dname", search.Text, "depts WHERE depts.id = staffs.dept_id"),
	}},
	"completion": {Table: "widgets", Fields: []search.Field{
		text("widgets", "title"), column("widgets", "day", search.Date), text("widgets", "uuid"),
		offered(column("widgets", "amount", search.Integer)),
		with(offered(text("widgets", "nick")), func(f *search.Field) {
			f.Aliases = []string{"alias"}
			f.Default = search.OpEq
		}),
		offered(explicit(text("widgets", "code"))),
		with(text("widgets", "legacy"), func(f *search.Field) { f.Completion = search.Hidden }),
		part("label"), part("x_a"), part("x_b"), part("x_c"),
	}},
	"foreman_user": users,
}

const files = "files WHERE files.folder_id = folders.id"

func column(table, name string, kind search.Type) search.Field {
	return search.Field{Name: name, Column: table + "." + quoted(name), Type: kind, Nullable: true}
}

func text(table, name string) search.Field {
	f := column(table, name, search.Text)
	f.FoldColumn = table + "." + quoted(name+"_fold")
	return f
}

func set(table, name string, kind search.Type, values ...search.Value) search.Field {
	f := column(table, name, kind)
	f.Set = values
	return f
}

func virtual(name, method string, code func(search.Call) (search.Condition, error)) search.Field {
	return search.Field{Name: name, Type: search.Integer, Column: "alphas.alpha", Nullable: true, Virtual: code,
		Method: method}
}

// related is a field of another table, reached by a FROM and WHERE clause.
func related(name, column string, kind search.Type, from string) search.Field {
	return search.Field{Name: name, Type: kind, Column: column, Relation: &search.Relation{
		SQL:   "EXISTS (SELECT 1 FROM " + from + " AND %s)",
		Order: "(SELECT %s FROM " + from + ")",
	}}
}

func part(name string) search.Field {
	return related("parts."+name, "parts."+name, search.Text, "parts WHERE parts.widget_id = widgets.id")
}

func with(f search.Field, change func(*search.Field)) search.Field {
	change(&f)
	return f
}

func explicit(f search.Field) search.Field {
	return with(f, func(f *search.Field) { f.Explicit = true })
}

func offered(f search.Field) search.Field {
	return with(f, func(f *search.Field) { f.Completion = search.Values })
}

func named(name string, f search.Field) search.Field {
	return with(f, func(f *search.Field) { f.Name = name })
}

// double compares the column with twice the number in the text, 0 if there is none, whatever the operator.
func double(c search.Call) (search.Condition, error) {
	n, _ := strconv.Atoi(c.Value)
	return search.Condition{SQL: "alphas.alpha = ?", Args: []any{int64(2 * n)}}, nil
}

func depot(c search.Call) (search.Condition, error) {
	n, _ := strconv.Atoi(c.Value)
	return search.Condition{
		SQL:  "EXISTS (SELECT 1 FROM depots WHERE depots.id = alphas.beta_id AND depots.int = ?)",
		Args: []any{int64(n)},
	}, nil
}

// echo fails with what it was called with.
func echo(c search.Call) (search.Condition, error) {
	return search.Condition{}, fmt.Errorf("[%q, %q, %q]", c.Name, c.SQLOperator(), c.Value)
}
