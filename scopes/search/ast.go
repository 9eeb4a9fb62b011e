package search

import (
	"slices"
	"strings"
)

// Node is an expression of the language (docs/spec/search.md, 2.1): one of *Word, *Compare, *Anywhere, *Presence, *Not,
// *Group or, in trees that no text can write, *Literal, *Exact, *Datum or *Some.
type Node interface {
	// notation renders the node as Notation describes.
	notation() any
}

// Word is a bare search term, or the name of a field that is either true or false.
type Word struct {
	Text string
}

// Compare tests a named field. Only OpIn and OpNotIn have other than one value.
type Compare struct {
	Op     Operator
	Field  string
	Values []string
}

// Anywhere tests all fields that are searched when none is named.
type Anywhere struct {
	Op    Operator
	Value string
}

// Literal compares a text of a named field with a value in which no character is special, whatever the case of the
// letters. No query text has such a comparison.
type Literal struct {
	Op    LiteralOp
	Field string
	Value string
}

// LiteralOp says where in the text the value stands.
type LiteralOp string

// The comparisons of a Literal.
const (
	Contains LiteralOp = "contains"
	Begins   LiteralOp = "begins"
	Ends     LiteralOp = "ends"
	Is       LiteralOp = "is"
)

// Exact compares a text of a named field with values by their very characters: the case of letters counts, and the
// order is that of code points. A row without a value counts as one with the empty text; a related row that is not
// there meets nothing. No query text has such a comparison.
type Exact struct {
	Op    ExactOp
	Field string
	// Values are the alternatives of ExactlyOneOf; all other comparisons have one.
	Values []string
}

// ExactOp is how an Exact compares.
type ExactOp string

// The comparisons of an Exact.
const (
	ExactlyOneOf    ExactOp = "exactly one of"
	ExactlyContains ExactOp = "exactly contains"
	ExactlyLess     ExactOp = "exactly <"
	ExactlyAtMost   ExactOp = "exactly <="
	ExactlyGreater  ExactOp = "exactly >"
	ExactlyAtLeast  ExactOp = "exactly >="
)

// Exactly is the comparison of a field with one text.
func Exactly(field, value string) *Exact {
	return &Exact{Op: ExactlyOneOf, Field: field, Values: []string{value}}
}

// Presence tests whether a field has a value: Op is OpSet or OpNull.
type Presence struct {
	Op    Operator
	Field string
}

// Not negates. Where its operand is neither true nor false, because a value is missing, the negation is true.
type Not struct {
	X Node
}

// Group joins expressions: Op is OpAnd or OpOr. An empty conjunction restricts nothing, an empty disjunction is never
// met.
type Group struct {
	Op Operator
	X  []Node
}

// And joins trees into one that requires all of them. Nil operands are left out. Trees are joined, never texts, because
// a text can close a parenthesis that it did not open.
func And(nodes ...Node) Node { return newGroup(OpAnd, nodes) }

// Or joins trees into one that requires any of them. Without operands it matches nothing.
func Or(nodes ...Node) Node { return newGroup(OpOr, nodes) }

// newGroup builds the simplest equivalent of a group (docs/spec/search.md, 2.3): groups of the same kind are merged
// into it, and a group of one is that one.
func newGroup(op Operator, nodes []Node) Node {
	flat := make([]Node, 0, len(nodes))
	for _, n := range nodes {
		if g, ok := n.(*Group); ok && g.Op == op {
			flat = append(flat, g.X...)
		} else if n != nil {
			flat = append(flat, n)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &Group{Op: op, X: flat}
}

// Notation renders a tree for people and for JSON: a word is a string, everything else a list that starts with the
// operator, and the values of a list operator are one string joined by commas.
func Notation(n Node) any { return n.notation() }

func (n *Word) notation() any     { return n.Text }
func (n *Anywhere) notation() any { return []any{string(n.Op), n.Value} }
func (n *Presence) notation() any { return []any{string(n.Op), n.Field} }
func (n *Not) notation() any      { return []any{string(OpNot), n.X.notation()} }

func (n *Literal) notation() any { return []any{string(n.Op), n.Field, n.Value} }

// notation has the values one by one, so that no value is taken for two.
func (n *Exact) notation() any {
	out := []any{string(n.Op), n.Field}
	for _, v := range n.Values {
		out = append(out, v)
	}
	return out
}

func (n *Compare) notation() any {
	return []any{string(n.Op), n.Field, n.text()}
}

func (n *Group) notation() any {
	out := make([]any, 1, len(n.X)+1)
	out[0] = string(n.Op)
	for _, x := range n.X {
		out = append(out, x.notation())
	}
	return out
}

// text is the value as one string, for messages and for virtual fields.
func (n *Compare) text() string { return strings.Join(n.Values, ",") }

// Excludes reports whether a tree leaves rows out by a field that leads has, so that a row of which less is known is
// found more easily. Bare words stand for the fields that they are compared with, which anywhere answers for.
func Excludes(n Node, leads func(field string) bool, anywhere bool) bool {
	return excludes(n, leads, anywhere, false)
}

// Names reports whether a tree compares a field that is holds for. Bare words stand for the fields that they are
// compared with, which anywhere answers for.
func Names(n Node, is func(field string) bool, anywhere bool) bool {
	// Every comparison leaves rows out, as it stands or the other way round.
	return excludes(n, is, anywhere, false) || excludes(n, is, anywhere, true)
}

func excludes(n Node, leads func(field string) bool, anywhere, negated bool) bool {
	switch n := n.(type) {
	case *Word:
		return negated && (anywhere || leads(n.Text))
	case *Anywhere:
		return anywhere && n.Op.negative() != negated
	case *Compare:
		return leads(n.Field) && n.Op.negative() != negated
	case *Literal:
		return leads(n.Field) && negated
	case *Exact:
		// Less than something is also who has no value.
		below := n.Op == ExactlyLess || n.Op == ExactlyAtMost
		return leads(n.Field) && (negated || below)
	case *Datum:
		return leads(n.Field) && negated
	case *Some:
		return leads(n.Field) && negated
	case *Presence:
		return leads(n.Field) && (n.Op == OpNull) != negated
	case *Not:
		return excludes(n.X, leads, anywhere, !negated)
	case *Group:
		return slices.ContainsFunc(n.X, func(x Node) bool { return excludes(x, leads, anywhere, negated) })
	}
	return false
}
