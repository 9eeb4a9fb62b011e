package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// exact compares a text with values as they are. A value that no text can hold is found nowhere.
func (c *compiler) exact(n *Exact) (fragment, error) {
	f := c.def.lookup(n.Field)
	if f == nil {
		return fragment{}, errUnknownField(n.Field)
	}
	if c.comparisons++; c.comparisons > MaxComparisons {
		return fragment{}, errTooCostly()
	}
	if !f.Type.textual() || f.Column == "" {
		return fragment{}, errTypeOperator(OpLike, f)
	}
	test := f.limited(c.exactTest(f, n))
	if f.Relation == nil {
		return test, nil
	}
	test.selective = true
	return c.related(f, test)
}

func (c *compiler) exactTest(f *Field, n *Exact) fragment {
	values := slices.DeleteFunc(slices.Clone(n.Values), func(v string) bool { return !holdable(v) })
	if len(values) == 0 {
		return never
	}
	switch n.Op {
	case ExactlyOneOf:
		return f.exactlyOneOf(values)
	case ExactlyContains:
		return c.exactlyContains(f, values[0])
	}
	operator := map[ExactOp]string{
		ExactlyLess: "<", ExactlyAtMost: "<=", ExactlyGreater: ">", ExactlyAtLeast: ">=",
	}[n.Op]
	collation := ""
	if c.env.Dialect == PostgreSQL {
		collation = ` COLLATE "C"` // SQLite compares code points anyway
	}
	test := sqlf(f.orEmpty()+collation+" "+operator+" ?", values[0])
	test.known = true
	return test
}

// holdable reports whether a database can hold the text.
func holdable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// orEmpty is the column, or the empty text where it has no value.
func (f *Field) orEmpty() string {
	if !f.Nullable {
		return f.Column
	}
	return "COALESCE(" + f.Column + ", '')"
}

// exactlyOneOf asks for the plain column where it can, so that an index of it serves.
func (f *Field) exactlyOneOf(values []string) fragment {
	members := make([]any, len(values))
	for i, v := range values {
		members[i] = v
	}
	var test fragment
	if len(members) == 1 {
		test = f.binary(OpEq, "?", members[0])
	} else {
		test = f.list(OpIn, "?", members)
	}
	if f.Nullable && f.Relation == nil && slices.Contains(values, "") {
		test = join(OpOr, []fragment{test, sqlf(f.Column + " IS NULL")})
	}
	return test
}

// exactlyContains narrows the rows down as a comparison in any case would, by its index, and then looks closely.
func (c *compiler) exactlyContains(f *Field, value string) fragment {
	if value == "" {
		return always
	}
	find := "strpos"
	if c.env.Dialect == SQLite {
		find = "instr"
	}
	near := c.exactly(f, Contains, Fold(value))
	return join(OpAnd, []fragment{near, sqlf(find+"("+f.Column+", ?) > 0", value)})
}
