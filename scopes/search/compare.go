package search

import (
	"slices"
	"strings"
)

// field compares one field, in the fixed order of checks (docs/spec/search.md, 3): validator, virtual, then by kind of
// column.
func (c *compiler) field(f *Field, name string, op Operator, values []string) (fragment, error) {
	if c.comparisons++; c.comparisons > MaxComparisons {
		return fragment{}, errTooCostly()
	}
	if op == OpLike || op == OpNotLike {
		if pattern := likePattern(values[0]); singles(pattern) {
			if c.singles += len(pattern); c.singles > MaxSingles {
				return fragment{}, errTooManySingles()
			}
		}
	}
	if err := f.validate(values); err != nil {
		return fragment{}, err
	}
	if f.Virtual != nil || f.Method != "" {
		return c.virtual(f, name, op, values)
	}
	values, err := f.translate(values, c.env)
	if err != nil {
		return fragment{}, err
	}
	if f.Exclusive && op.negative() {
		test, err := c.field(f, name, op.positive(), values)
		return not(test), err
	}
	test, err := c.column(f, op, values)
	if err != nil {
		return test, err
	}
	test = f.limited(test)
	if f.Relation == nil {
		return test, nil
	}
	test.selective = !op.negative()
	return c.related(f, test)
}

// limited is a condition on the field's column where the caller may compare it.
func (f *Field) limited(test fragment) fragment {
	if f.Only.SQL == "" {
		return test
	}
	return fragment{
		sql: "(" + f.Only.SQL + " AND " + test.sql + ")", args: slices.Concat(f.Only.Args, test.args),
		selective: test.selective,
	}
}

// related asks for a related row that meets the condition. Whether that is selective depends on the operator alone:
// the tables at the other end are small, so that even reading one of them whole is cheap.
//
// PostgreSQL plans EXISTS well, also in reverse. SQLite runs it for every row, 240 ms for one role among 100,000 users,
// but collects a list of keys only once, and then looks up its members: 3 ms.
func (c *compiler) related(f *Field, test fragment) (fragment, error) {
	out := fragment{sql: f.Relation.sql(f.Relation.SQL, test), args: test.args, known: true, selective: test.selective}
	if f.Relation.Keys != "" && c.def.Key != "" {
		keys := f.Relation.sql(f.Relation.Keys, test)
		if c.env.Dialect == SQLite && !f.Relation.One {
			out.sql = c.def.Key + " IN (" + keys + ")"
		}
		if out.selective {
			out.keys = []string{keys}
		}
	}
	return c.reaching(out, tablesIn(f.Relation.SQL)+f.Tables)
}

// maxJoins is how many conditions PostgreSQL may plan as joins: it took seconds for 100 of them, and for 50 that look
// into several tables each. Those beyond it are asked of each row that the others leave.
const maxJoins = 20

// reaching charges a condition for the tables that it looks into.
func (c *compiler) reaching(f fragment, tables int) (fragment, error) {
	if tables == 0 {
		return f, nil
	}
	if c.tables += tables; c.tables > MaxTables {
		return f, errTooManyTables()
	}
	if c.joins++; c.joins > maxJoins && c.env.Dialect == PostgreSQL {
		f.sql = "(" + f.sql + ") IS TRUE" // what is no plain EXISTS or IN is not made a join
	}
	return f, nil
}

// tablesIn is how many tables a condition looks into.
func tablesIn(sql string) int { return strings.Count(sql, "FROM ") + strings.Count(sql, "JOIN ") }

// sql puts the condition on related rows into its place.
func (*Relation) sql(template string, test fragment) string {
	return strings.Replace(template, "%s", test.sql, 1)
}

func (f *Field) validate(values []string) error {
	if f.Valid == nil {
		return nil
	}
	for _, v := range values {
		if !slices.Contains(f.Special, v) && !f.Valid(v) {
			return errInvalidValue(v, f)
		}
	}
	return nil
}

func (f *Field) translate(values []string, env Env) ([]string, error) {
	if f.Translate == nil {
		return values, nil
	}
	out := make([]string, len(values))
	for i, v := range values {
		var ok bool
		if out[i], ok = f.Translate(v, env); !ok {
			return nil, errTranslation(v)
		}
	}
	return out, nil
}

// virtual lets the field's own code compare. A condition without SQL would select everything, so it counts as a
// failure of that code.
func (c *compiler) virtual(f *Field, name string, op Operator, values []string) (fragment, error) {
	if f.Virtual == nil {
		return fragment{}, errNoMethod(c.def.Model, f.Method)
	}
	joined := (&Compare{Values: values}).text()
	cond, err := f.Virtual(Call{Name: name, Op: op, Value: joined, Values: values, Env: c.env})
	switch {
	case err != nil:
		return fragment{}, errMethodFailed(f.Method, err)
	case cond.SQL == "":
		return fragment{}, errMethodResult(f.Method)
	}
	return c.reaching(sqlf("("+cond.SQL+")", cond.Args...), tablesIn(cond.SQL))
}

// column compares the field's column with values, on a row of the table that the column is in.
func (c *compiler) column(f *Field, op Operator, values []string) (fragment, error) {
	switch {
	case f.Type.temporal():
		return c.temporal(f, op, values)
	case len(f.Set) > 0:
		return setTest(f, op, values)
	case op == OpLike || op == OpNotLike:
		if !f.Type.textual() {
			return fragment{}, errTypeOperator(op, f)
		}
		return c.like(f, op, values[0]), nil
	case f.Type == Integer:
		return c.integers(f, op, values)
	case f.Type == Decimal:
		return c.decimals(f, op, values)
	case f.Type == Boolean:
		return booleans(f, op, values)
	}
	return stringTest(f, op, values), nil
}

// sqlOperators are the comparisons that SQL spells (almost) as the language does.
var sqlOperators = map[Operator]string{
	OpEq: "=", OpNe: "<>", OpGt: ">", OpGe: ">=", OpLt: "<", OpLe: "<=", OpIn: "IN", OpNotIn: "NOT IN",
}

// binary compares the column with one value.
func (f *Field) binary(op Operator, placeholder string, value any) fragment {
	test := sqlf(f.Column+" "+sqlOperators[op]+" "+placeholder, value)
	test.selective = !op.negative()
	return test
}

// list compares the column with a list. No member means that nothing is in the list (docs/spec/search.md, 12, row 4):
// SQL has no way to write that, and NULL is not in an empty list either.
func (f *Field) list(op Operator, placeholder string, values []any) fragment {
	if len(values) == 0 {
		if op == OpIn {
			return never
		}
		return always
	}
	marks := make([]byte, 0, len(values)*(len(placeholder)+1))
	for range values {
		marks = append(append(marks, ','), placeholder...)
	}
	test := sqlf(f.Column+" "+sqlOperators[op]+" ("+string(marks[1:])+")", values...)
	test.selective = !op.negative()
	return test
}
