package search

import "strings"

// Order is what to sort by: SQL for an ORDER BY, which the caller completes with the primary key to settle ties.
// By and Direction are the first two words as they were typed, for the answer's "sort".
type Order struct {
	SQL string
	// Args are the values of the "?" in SQL.
	Args      []any
	By        string
	Direction string
	// Desc says that the order is descending. Ties are best settled in the same direction: then an index of the column
	// and the key serves both ways.
	Desc bool
}

// OrderBy parses the text of "order=" (docs/spec/search.md, 13). A blank text returns an empty Order: the caller then
// uses DefaultOrder or the usual order of the resource.
func (d *Definition) OrderBy(order string, env Env) (Order, error) {
	if strings.TrimSpace(order) == "" {
		return Order{}, nil
	}
	name, rest := splitOrder(order)
	f := d.lookup(name)
	if f == nil || f.orderColumn(false) == "" {
		return Order{}, errUnknownOrder(name)
	}
	desc := strings.EqualFold(rest, "desc")
	out := Order{SQL: f.orderColumn(desc) + direction(f, desc, env), Args: f.Only.Args, By: name, Direction: "ASC",
		Desc: desc}
	if words := strings.Fields(order); len(words) > 1 {
		out.Direction = words[1]
	}
	return out, nil
}

// SortKey is one of several fields to sort by; internal ones are among them.
type SortKey struct {
	Field string
	Desc  bool
	// Path leads to the value in the JSON that the field holds; without one it is the field itself. Type is then that
	// of the value.
	Path []string
	Type Type
	// Exact sorts texts by the case of their letters.
	Exact bool
	// MissingLast puts rows without a value last in ascending and first in descending order.
	MissingLast bool
}

// key is the SQL to sort by, with its arguments.
func (k SortKey) key(f *Field, c *compiler) (string, []any) {
	if len(k.Path) == 0 && !k.Exact {
		return f.orderColumn(k.Desc), f.Only.Args
	}
	p := place{sql: f.Column, collated: true}
	if len(k.Path) > 0 {
		p = c.at(f.Column, k.Path, false)
	}
	text := p.sql
	switch {
	case k.Type.textual() && !k.Exact:
		text = p.ordered("fold(" + p.sql + ")")
	case k.Type.textual():
		text = p.ordered(p.sql)
	case k.Type.temporal() && len(k.Path) > 0 && c.env.Dialect == PostgreSQL:
		text = "CAST(" + p.sql + " AS TIMESTAMPTZ)"
	case k.Type.temporal() && len(k.Path) > 0:
		text = "julianday(" + p.sql + ")"
	case k.Type != Boolean && p.json != "":
		text = "CAST(" + p.sql + " AS DOUBLE PRECISION)"
	}
	if f.Relation != nil {
		text = strings.Replace(f.Relation.Order, "%s", "MIN("+text+")", 1)
	}
	return text, p.args
}

// SortBy sorts by several fields, the first one first. Without keys it returns an empty Order.
func (d *Definition) SortBy(keys []SortKey, env Env) (Order, error) {
	all := d.whole()
	var out Order
	for i, key := range keys {
		f := all.lookup(key.Field)
		if f == nil || f.orderColumn(false) == "" {
			return Order{}, errUnknownOrder(key.Field)
		}
		if i > 0 {
			out.SQL += ","
		}
		sql, args := key.key(f, &compiler{def: all, env: env})
		if key.MissingLast && (f.Nullable || f.Relation != nil || len(key.Path) > 0) {
			out.SQL += "(" + sql + ") IS NULL"
			if key.Desc {
				out.SQL += " DESC"
			}
			out.SQL += ","
			out.Args = append(out.Args, args...)
		}
		out.SQL += sql + direction(f, key.Desc, env)
		out.Args = append(out.Args, args...)
		out.Desc = key.Desc
	}
	return out, nil
}

// splitOrder cuts at the first blanks. Leading blanks so leave an empty name, which no field has.
func splitOrder(order string) (name, rest string) {
	i := strings.IndexFunc(order, func(r rune) bool { return r < 0x80 && isBlank(byte(r)) })
	if i < 0 {
		return order, ""
	}
	return order[:i], strings.TrimLeft(order[i:], " \t\n\v\f\r")
}

// direction sorts rows without a value first in ascending order and last in descending order. SQLite does so by itself.
// On PostgreSQL it is added only if such rows can exist, because a plain index could not be used with it.
func direction(f *Field, desc bool, env Env) string {
	nulls := (f.Nullable || f.Relation != nil || f.Only.SQL != "") && env.Dialect == PostgreSQL
	switch {
	case desc && nulls:
		return " DESC NULLS LAST"
	case desc:
		return " DESC"
	case nulls:
		return " ASC NULLS FIRST"
	}
	return " ASC"
}

// orderColumn is the value to sort by, or "" where there is none.
func (f *Field) orderColumn(desc bool) string {
	column := f.Column
	if f.Type.textual() && f.Column != "" {
		column = f.folded()
	}
	if f.Only.SQL != "" {
		column = "CASE WHEN " + f.Only.SQL + " THEN " + column + " END"
	}
	switch {
	case f.Relation == nil:
		return column
	case f.Relation.Order == "" || f.Column == "":
		return ""
	case desc:
		return strings.Replace(f.Relation.Order, "%s", "MAX("+column+")", 1)
	}
	return strings.Replace(f.Relation.Order, "%s", "MIN("+column+")", 1)
}
