package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Where compiles a query into a condition on the definition's table. A blank query restricts nothing.
func (d *Definition) Where(query string, env Env) (Condition, error) {
	n, err := Parse(query)
	if err != nil {
		return Condition{}, err
	}
	return d.WhereNode(n, env)
}

// WhereNode compiles a tree, for callers that combine trees.
func (d *Definition) WhereNode(n Node, env Env) (Condition, error) {
	cond, _, err := d.Explain(n, env)
	return cond, err
}

// WhereTree compiles a tree that no text was parsed into: internal fields are fields like any other in it.
func (d *Definition) WhereTree(n Node, env Env) (Condition, error) {
	return d.whole().WhereNode(n, env)
}

// whole is the definition with the internal fields among the others.
func (d *Definition) whole() *Definition {
	if len(d.Internal) == 0 {
		return d
	}
	all := *d
	all.Fields = slices.Concat(d.Fields, d.Internal)
	return &all
}

// Temporal reports whether a tree of WhereTree compares a point in time, so that it may mean something else a moment
// later.
func (d *Definition) Temporal(n Node) bool {
	all := d.whole()
	named := func(name string) bool {
		f := all.lookup(name)
		return f != nil && f.Type.temporal()
	}
	switch n := n.(type) {
	case *Compare:
		return named(n.Field)
	case *Not:
		return d.Temporal(n.X)
	case *Group:
		return slices.ContainsFunc(n.X, d.Temporal)
	case *Word, *Anywhere:
		return slices.ContainsFunc(all.Fields, func(f Field) bool { return f.Type.temporal() })
	}
	return false
}

// Explain compiles a tree and also returns the dates in it, in the order of the tree.
func (d *Definition) Explain(n Node, env Env) (Condition, []Span, error) {
	c := compiler{def: d, env: env}
	f, err := c.node(n)
	if err != nil {
		return Condition{}, nil, err
	}
	return Condition{SQL: f.sql, Args: f.args}, c.dates, nil
}

// compiler turns one tree into SQL.
type compiler struct {
	def     *Definition
	env     Env
	negated bool // inside a Not
	unions  int  // written so far
	// columns are those of a Some over related rows, while its tree is compiled.
	columns map[string]string
	// comparisons counts the fields that are compared so far.
	comparisons int
	// tables counts the tables that conditions look into so far, and joins these conditions.
	tables, joins int
	// singles counts the bytes of patterns with "_" so far.
	singles int
	dates   []Span
}

func (c *compiler) node(n Node) (fragment, error) {
	switch n := n.(type) {
	case *Word:
		return c.word(n)
	case *Anywhere:
		return c.anywhere(n.Op, n.Value)
	case *Compare:
		return c.compare(n)
	case *Literal:
		return c.literal(n)
	case *Exact:
		return c.exact(n)
	case *Datum:
		return c.value(n)
	case *Some:
		return c.some(n)
	case *Presence:
		return c.presence(n)
	case *Not:
		return c.not(n)
	}
	return c.group(n.(*Group))
}

func (c *compiler) group(n *Group) (fragment, error) {
	switch {
	case len(n.X) == 0 && n.Op == OpOr:
		return never, nil
	case len(n.X) == 0:
		return fragment{}, nil
	}
	var parts []fragment
	asked := map[any]bool{}
	for _, x := range n.X {
		if key := wordKey(x); key != nil {
			if asked[key] {
				continue
			}
			asked[key] = true
		}
		part, err := c.node(x)
		if err != nil {
			return fragment{}, err
		}
		if part.sql == "" {
			part = always
		}
		parts = append(parts, part)
	}
	if n.Op == OpOr {
		return c.or(parts), nil
	}
	return join(OpAnd, parts), nil
}

// wordKey identifies a word without a field, negated or not, which means the same however often it stands in a group;
// nil for any other node.
func wordKey(n Node) any {
	switch n := n.(type) {
	case *Word:
		return *n
	case *Anywhere:
		return *n
	case *Not:
		if key := wordKey(n.X); key != nil {
			return [2]any{"not", key}
		}
	}
	return nil
}

func (c *compiler) not(n *Not) (fragment, error) {
	outer := c.negated
	c.negated = true
	x, err := c.node(n.X)
	c.negated = outer
	if err != nil {
		return fragment{}, err
	}
	if x.sql == "" {
		x = always
	}
	return not(x), nil
}

// word is the name of a field that is true or false, or a word to look for.
func (c *compiler) word(n *Word) (fragment, error) {
	if f := c.def.lookup(n.Text); f != nil {
		if v, ok := f.trueValue(); ok {
			return c.field(f, n.Text, OpEq, []string{v.Label})
		}
	}
	return c.anywhere("", n.Text)
}

// anywhere asks all fields that the word can be compared with. Without an operator each uses its own.
func (c *compiler) anywhere(op Operator, word string) (fragment, error) {
	var parts []fragment
	for i := range c.def.Fields {
		f := &c.def.Fields[i]
		if !c.takes(f, op, word) {
			continue
		}
		fieldOp := op
		if op == "" {
			fieldOp = f.defaultOperator()
		}
		part, err := c.field(f, f.Name, fieldOp, []string{word})
		if err != nil {
			return fragment{}, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return c.nothing(word)
	}
	return c.or(parts), nil
}

// nothing answers a comparison that no field takes part in. The original drops it, and so selects everything; here it
// fails closed (docs/spec/search.md, 12, rows 1 and 2).
func (c *compiler) nothing(word string) (fragment, error) {
	if c.negated {
		return fragment{}, errNothingToNegate(word)
	}
	return never, nil
}

// takes selects the default fields for a word (docs/spec/search.md, 5).
func (c *compiler) takes(f *Field, op Operator, word string) bool {
	if f.Explicit || len(f.Set) > 0 {
		return false
	}
	if op != "" && !op.compares() {
		return false
	}
	if f.Virtual != nil {
		return true
	}
	switch f.Type {
	case Text, LongText:
		return op == "" || op == OpLike || op == OpNotLike || op == OpEq || op == OpNe
	case Integer:
		return IsInteger(word)
	case Decimal:
		return IsNumeric(word)
	case Datetime, Date:
		_, ok := parseSpan(word, c.env)
		return ok
	}
	return false
}

func (c *compiler) compare(n *Compare) (fragment, error) {
	f := c.def.lookup(n.Field)
	op := n.Op
	if f == nil {
		f, op = c.attached(n)
	}
	if f == nil {
		return fragment{}, errUnknownField(n.Field)
	}
	return c.field(f, n.Field, op, n.Values)
}

// literal compares a text with a value as it is. A value that no text can hold is found nowhere.
func (c *compiler) literal(n *Literal) (fragment, error) {
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
	if !utf8.ValidString(n.Value) || strings.ContainsRune(n.Value, 0) {
		return never, nil
	}
	test := f.limited(c.exactly(f, n.Op, Fold(n.Value)))
	if f.Relation == nil {
		return test, nil
	}
	test.selective = true
	return c.related(f, test)
}

// exactly compares the folded text of a field with a folded value.
func (c *compiler) exactly(f *Field, op LiteralOp, value string) fragment {
	if op == Is {
		test := sqlf(f.folded()+" = ?", value)
		test.selective = true
		return test
	}
	var pattern strings.Builder
	for _, r := range value {
		writeLiteral(&pattern, r)
	}
	text := pattern.String()
	if op != Begins {
		text = "%" + text
	}
	if op != Ends {
		text += "%"
	}
	return c.matches(f, OpLike, text)
}

// attached understands "login!=bob", which lexes as a field called "login!". No field's name ends like that, so nothing
// else can be meant (docs/spec/search.md, 12, row 10).
func (c *compiler) attached(n *Compare) (*Field, Operator) {
	name, ok := strings.CutSuffix(n.Field, "!")
	if !ok {
		return nil, ""
	}
	switch n.Op {
	case OpEq:
		return c.def.lookup(name), OpNe
	case OpLike:
		return c.def.lookup(name), OpNotLike
	}
	return nil, ""
}

// presence tests for a value. Values are not validated here, and sets and virtual fields use their plain column. For
// related rows "null?" means that none has a value, the exact opposite of "set?" (docs/spec/search.md, 12, row 15).
func (c *compiler) presence(n *Presence) (fragment, error) {
	f := c.def.lookup(n.Field)
	if f == nil {
		return fragment{}, errUnknownField(n.Field)
	}
	if f.Column == "" {
		return fragment{}, errSetOperator(n.Op, f)
	}
	test := f.limited(fragment{sql: f.Column + " IS NOT NULL", known: true})
	if f.Relation != nil || f.Only.SQL != "" {
		var err error
		if f.Relation != nil {
			test, err = c.related(f, test)
		}
		if n.Op == OpNull {
			test = not(test)
		}
		return test, err
	}
	if n.Op == OpNull {
		test.sql = f.Column + " IS NULL"
	}
	return test, nil
}
