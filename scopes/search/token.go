package search

// Operator is an operator or keyword of the language, spelt in its shortest form (docs/spec/search.md, 1.2, 1.5).
type Operator string

// All operators. Those from OpEq to OpNotIn compare; the rest join, test presence or punctuate.
const (
	OpEq      Operator = "="
	OpNe      Operator = "!="
	OpGt      Operator = ">"
	OpGe      Operator = ">="
	OpLt      Operator = "<"
	OpLe      Operator = "<="
	OpLike    Operator = "~"
	OpNotLike Operator = "!~"
	OpIn      Operator = "^"
	OpNotIn   Operator = "!^"

	OpAnd  Operator = "and"
	OpOr   Operator = "or"
	OpNot  Operator = "not"
	OpSet  Operator = "set?"
	OpNull Operator = "null?"

	opOpen  Operator = "("
	opClose Operator = ")"
	opComma Operator = ","
)

// operatorNames are the names that error texts use.
var operatorNames = map[Operator]string{
	OpEq: "eq", OpNe: "ne", OpGt: "gt", OpGe: "gte", OpLt: "lt", OpLe: "lte",
	OpLike: "like", OpNotLike: "unlike", OpIn: "in", OpNotIn: "notin",
	OpAnd: "and", OpOr: "or", OpNot: "not", OpSet: "notnull", OpNull: "null",
	opOpen: "lparen", opClose: "rparen", opComma: "comma",
}

// Name returns the operator's name in error texts, for example "gte".
func (o Operator) Name() string { return operatorNames[o] }

// compares reports whether the operator stands between a field and one value.
func (o Operator) compares() bool {
	switch o {
	case OpEq, OpNe, OpGt, OpGe, OpLt, OpLe, OpLike, OpNotLike:
		return true
	}
	return false
}

// lists reports whether the operator takes a list of values.
func (o Operator) lists() bool { return o == OpIn || o == OpNotIn }

// positive returns the comparison of which a negative one is the opposite.
func (o Operator) positive() Operator {
	switch o {
	case OpNe:
		return OpEq
	case OpNotLike:
		return OpLike
	case OpNotIn:
		return OpIn
	}
	return o
}

// negative says the comparisons that most values meet.
func (o Operator) negative() bool { return o == OpNe || o == OpNotLike || o == OpNotIn }

// joins reports whether the operator joins two expressions.
func (o Operator) joins() bool { return o == OpAnd || o == OpOr }

// Token is a word when Op is empty, otherwise the operator or keyword Op.
type Token struct {
	Text string // the word; empty for operators, and for the quoted word ""
	Op   Operator
	Pos  int // where it begins in the query, in bytes
}

// IsWord says words, the empty one included, from operators.
func (t Token) IsWord() bool { return t.Op == "" }

// TokenNotation renders tokens for people and for JSON: a word is a string, an operator an object {"op": "and"}.
func TokenNotation(tokens []Token) []any {
	out := make([]any, len(tokens))
	for i, t := range tokens {
		if t.IsWord() {
			out[i] = t.Text
		} else {
			out[i] = map[string]any{"op": string(t.Op)}
		}
	}
	return out
}
