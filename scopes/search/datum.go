package search

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Datum compares one value of a named field with a constant in which nothing is special: the field itself or, with a
// path, what stands there in the JSON that the field holds. In the tree of a Some, a blank field is the element. A
// missing value meets no comparison. No query text has such a comparison.
type Datum struct {
	Field string
	// Path leads through the members of objects; a number is a place in a list. It is bound, and never part of the SQL.
	Path []string
	Op   DatumOp
	// Type is Text, Decimal, Boolean or Datetime.
	Type Type
	// Exact compares texts with the case of their letters, and times to more than the millisecond.
	Exact bool
	// Value is a string, a float64, a bool or a time.Time, as the type says; Has takes none.
	Value any
}

// DatumOp is a comparison of a Datum.
type DatumOp string

// The comparisons of a Datum. Texts are ordered by the code points of their characters. Booleans are compared by Equals
// and Has alone, and only texts by the three in the middle.
const (
	Equals     DatumOp = "equals"
	HasWithin  DatumOp = "has within"
	StartsWith DatumOp = "starts with"
	EndsWith   DatumOp = "ends with"
	After      DatumOp = "after"
	FromOn     DatumOp = "from on"
	Before     DatumOp = "before"
	UpTo       DatumOp = "up to"
	// Has asks for a value that is not the empty text.
	Has DatumOp = "has"
)

// Some asks for an element of a list that meets a tree. The list stands at a path in the JSON that a field holds;
// without a path it is the related rows of the field, whose Columns the tree compares. The tree consists of Datums of
// the element, of Not and of groups. No query text has such a condition.
type Some struct {
	Field string
	Path  []string
	X     Node
}

func (n *Datum) notation() any {
	value := n.Value
	if t, ok := value.(time.Time); ok {
		value = t.UTC().Format(time.RFC3339Nano)
	}
	return []any{string(n.Op), n.Field, strings.Join(n.Path, "\x00"), string(n.Type), n.Exact, value}
}

func (n *Some) notation() any {
	return []any{"some", n.Field, strings.Join(n.Path, "\x00"), n.X.notation()}
}

// place is where a compared value stands.
type place struct {
	sql string
	// args are those of sql.
	args []any
	// collated says that a text there is ordered by its code points.
	collated bool
	// json is the value as JSON on PostgreSQL, with the same arguments; empty for a column.
	json string
}

// element is how the SQL calls the element of a list.
const element = "element.value"

// at returns the place of a path in the JSON of an expression, which is an element or a column.
func (c *compiler) at(sql string, path []string, ofElement bool) place {
	if c.env.Dialect == PostgreSQL {
		if !ofElement {
			sql = "CAST(" + sql + " AS JSONB)"
		}
		arg := []any{arrayText(path)}
		return place{sql: "(" + sql + " #>> CAST(? AS TEXT[]))", json: "(" + sql + " #> CAST(? AS TEXT[]))", args: arg}
	}
	switch {
	case !ofElement:
		return place{sql: "json_extract(" + sql + ", ?)", args: []any{jsonPath(path)}, collated: true}
	case len(path) == 0:
		return place{sql: sql, collated: true}
	}
	return place{sql: "CASE WHEN element.type = 'object' THEN json_extract(" + sql + ", ?) END",
		args: []any{jsonPath(path)}, collated: true}
}

// jsonPath writes a path as SQLite reads it.
func jsonPath(path []string) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, step := range path {
		if n, err := strconv.Atoi(step); err == nil {
			b.WriteString("[" + strconv.Itoa(n) + "]")
		} else {
			b.WriteString(`."` + step + `"`)
		}
	}
	return b.String()
}

// arrayText writes a path as an array of PostgreSQL.
func arrayText(path []string) string {
	quoted := make([]string, len(path))
	for i, step := range path {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(step) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

// value compiles a Datum.
func (c *compiler) value(n *Datum) (fragment, error) {
	if c.comparisons++; c.comparisons > MaxComparisons {
		return fragment{}, errTooCostly()
	}
	if text, ok := n.Value.(string); ok && (!utf8.ValidString(text) || strings.ContainsRune(text, 0)) {
		return never, nil
	}
	if n.Field == "" && c.columns != nil {
		column, ok := c.columns[strings.Join(n.Path, ".")]
		if !ok {
			return fragment{}, errUnknownField(strings.Join(n.Path, "."))
		}
		return c.compared(n, nil, place{sql: column, collated: true}), nil
	}
	if n.Field == "" {
		return c.compared(n, nil, c.at(element, n.Path, true)), nil
	}
	f := c.def.lookup(n.Field)
	if f == nil {
		return fragment{}, errUnknownField(n.Field)
	}
	if f.Column == "" {
		return fragment{}, errTypeOperator(OpEq, f)
	}
	p := place{sql: f.Column, collated: true}
	if len(n.Path) > 0 {
		p = c.at(f.Column, n.Path, false)
	}
	test := f.limited(c.compared(n, f, p))
	if f.Relation == nil {
		test.selective = n.Op == Equals && len(n.Path) == 0 && n.Type.textual()
		return test, nil
	}
	test.selective = true
	return c.related(f, test)
}

// compared compares what stands at a place.
func (c *compiler) compared(n *Datum, f *Field, p place) fragment {
	if n.Op == Has {
		if n.Type.textual() {
			return twice(p, p.sql+" IS NOT NULL AND "+p.sql+" <> ''")
		}
		return fragment{sql: p.sql + " IS NOT NULL", args: p.args, known: true}
	}
	switch n.Type {
	case Boolean:
		return c.comparedSwitch(n, p)
	case Decimal, Integer:
		return c.comparedNumber(n, p)
	case Datetime, Date:
		return c.comparedTime(n, p)
	}
	if n.Exact {
		return c.comparedExactly(n, p)
	}
	return c.comparedFolded(n, f, p)
}

// twice is a condition that names the place two times.
func twice(p place, sql string, args ...any) fragment {
	out := fragment{sql: "(" + sql + ")"}
	out.args = append(append(append(out.args, p.args...), p.args...), args...)
	return out
}

// once is a condition that names the place one time, before the other arguments.
func once(p place, sql string, args ...any) fragment {
	return fragment{sql: sql, args: append(append([]any{}, p.args...), args...)}
}

// datumOperators are those comparisons that SQL spells.
var datumOperators = map[DatumOp]string{Equals: " = ", After: " > ", FromOn: " >= ", Before: " < ", UpTo: " <= "}

func (c *compiler) comparedSwitch(n *Datum, p place) fragment {
	yes, _ := n.Value.(bool)
	if p.json != "" {
		return once(p, p.sql+" = ?", strconv.FormatBool(yes))
	}
	return once(p, p.sql+" = ?", yes)
}

func (c *compiler) comparedNumber(n *Datum, p place) fragment {
	op := datumOperators[n.Op]
	if p.json != "" {
		return twice(p, "CASE WHEN jsonb_typeof("+p.json+") = 'number' THEN CAST("+p.sql+" AS DOUBLE PRECISION) END"+op+
			"CAST(? AS DOUBLE PRECISION)", n.Value)
	}
	if c.env.Dialect == PostgreSQL {
		return once(p, p.sql+op+"CAST(? AS DOUBLE PRECISION)", n.Value)
	}
	return twice(p, "typeof("+p.sql+") IN ('integer', 'real') AND "+p.sql+op+"?", n.Value)
}

// comparedTime compares instants: to the millisecond, which is what clients are shown, or as they are.
func (c *compiler) comparedTime(n *Datum, p place) fragment {
	at, _ := n.Value.(time.Time)
	bound := "?"
	bind := c.bindTime
	if isText := len(n.Path) > 0 || n.Field == ""; isText && c.env.Dialect == PostgreSQL {
		p.sql = "CAST(" + p.sql + " AS TIMESTAMPTZ)"
	} else if isText {
		p.sql = "julianday(" + p.sql + ")"
		bound = "julianday(?)"
		bind = func(t time.Time) any { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
	}
	if n.Exact {
		return once(p, p.sql+datumOperators[n.Op]+bound, bind(at))
	}
	start := at.UTC().Truncate(time.Millisecond)
	end := start.Add(time.Millisecond)
	switch n.Op {
	case After:
		return once(p, p.sql+" >= "+bound, bind(end))
	case FromOn:
		return once(p, p.sql+" >= "+bound, bind(start))
	case Before:
		return once(p, p.sql+" < "+bound, bind(start))
	case UpTo:
		return once(p, p.sql+" < "+bound, bind(end))
	}
	return fragment{sql: "(" + p.sql + " >= " + bound + " AND " + p.sql + " < " + bound + ")",
		args: append(append(append(append([]any{}, p.args...), bind(start)), p.args...), bind(end))}
}

// ordered is the text at a place as it is ordered.
func (p place) ordered(text string) string {
	if p.collated {
		return text
	}
	return text + ` COLLATE "C"`
}

func (c *compiler) comparedExactly(n *Datum, p place) fragment {
	text, _ := n.Value.(string)
	value := "?"
	find := "instr"
	left := "substr(" + p.sql + ", 1, length(?)) = ?"
	right := "substr(" + p.sql + ", -length(?)) = ?"
	if c.env.Dialect == PostgreSQL {
		value = "CAST(? AS TEXT)"
		find = "strpos"
		left = "LEFT(" + p.sql + ", length(CAST(? AS TEXT))) = ?"
		right = "RIGHT(" + p.sql + ", length(CAST(? AS TEXT))) = ?"
	}
	if within := n.Op == HasWithin || n.Op == StartsWith || n.Op == EndsWith; within && text == "" {
		return once(p, p.sql+" IS NOT NULL")
	}
	switch n.Op {
	case HasWithin:
		return once(p, find+"("+p.sql+", "+value+") > 0", text)
	case StartsWith:
		return once(p, left, text, text)
	case EndsWith:
		return once(p, right, text, text)
	case Equals:
		return once(p, p.sql+" = ?", text)
	}
	return once(p, p.ordered(p.sql)+datumOperators[n.Op]+"?", text)
}

func (c *compiler) comparedFolded(n *Datum, f *Field, p place) fragment {
	text, _ := n.Value.(string)
	text = Fold(text)
	column := Field{Column: p.sql}
	if f != nil && len(n.Path) == 0 {
		column = *f
	}
	literals := map[DatumOp]LiteralOp{HasWithin: Contains, StartsWith: Begins, EndsWith: Ends, Equals: Is}
	if op, ok := literals[n.Op]; ok {
		test := c.exactly(&column, op, text)
		test.args = append(append([]any{}, p.args...), test.args...)
		return test
	}
	return once(p, p.ordered(column.folded())+datumOperators[n.Op]+"?", text)
}

// some compiles a Some.
func (c *compiler) some(n *Some) (fragment, error) {
	f := c.def.lookup(n.Field)
	if f == nil {
		return fragment{}, errUnknownField(n.Field)
	}
	if len(n.Path) == 0 {
		c.columns = f.Columns
	}
	x, err := c.node(n.X)
	c.columns = nil
	if err != nil {
		return fragment{}, err
	}
	if x.sql == "" {
		x = always
	}
	if len(n.Path) == 0 {
		x.selective = true
		return c.related(f, f.limited(x))
	}
	list := "json_each(" + f.Column + ", ?) AS element"
	args := []any{jsonPath(n.Path)}
	if c.env.Dialect == PostgreSQL {
		p := c.at(f.Column, n.Path, false)
		list = "jsonb_array_elements(CASE WHEN jsonb_typeof(" + p.json + ") = 'array' THEN " + p.json +
			" ELSE '[]' END) AS element(value)"
		args = append(append([]any{}, p.args...), p.args...)
	}
	test := fragment{sql: "EXISTS (SELECT 1 FROM " + list + " WHERE " + x.sql + ")", args: append(args, x.args...),
		known: true}
	if c.env.Dialect == SQLite { // whose json_each takes a single value for a list of one
		test.sql = "(json_type(" + f.Column + ", ?) IS 'array' AND " + test.sql + ")"
		test.args = append([]any{jsonPath(n.Path)}, test.args...)
	}
	test = f.limited(test)
	if f.Relation == nil {
		return test, nil
	}
	test.selective = true
	return c.related(f, test)
}
