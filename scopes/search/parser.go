package search

import (
	"strings"
	"unicode/utf8"
)

// Limits on what one query may ask for (docs/spec/search.md, 2.5). They keep the work bounded on our side, and the SQL
// within what both databases accept.
const (
	MaxDepth      = 64
	MaxConditions = 200
	// MaxComparisons bounds the fields that are compared: a word without a field is compared with every text that a row
	// has.
	MaxComparisons = 400
	// MaxTables bounds the tables that conditions look into besides that of the rows: databases plan each of them
	// before they begin, and take more than twice as long for twice as many.
	MaxTables = 500
	// MaxSingles bounds the bytes of all patterns with "_", once for each field that is compared: they are compared
	// again at each place of a text.
	MaxSingles = 2000
)

// Parse reads a query into a tree (docs/spec/search.md, 2). A blank query gives an empty conjunction.
func Parse(query string) (Node, error) {
	if !storable(query) {
		return nil, errNotText()
	}
	tokens, err := Tokens(query)
	if err != nil {
		return nil, err
	}
	p := parser{tokens: withoutTail(tokens)}
	n, err := p.sequence()
	if err != nil {
		return nil, err
	}
	// Only an unmatched ")" stops the sequence early. The original drops the rest of the query there, so that a
	// filter's closing parenthesis can be smuggled in; we refuse (docs/spec/search.md, 12, row 9).
	if !p.done() {
		return nil, errValueExpected(opClose)
	}
	return n, nil
}

// storable reports whether a text can be a value in a database: both refuse invalid UTF-8, and PostgreSQL the NUL
// character (docs/spec/search.md, 12, row 6).
func storable(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// withoutTail drops whatever follows the last word (docs/spec/search.md, 2.2), so that a query may be searched while it
// is typed.
func withoutTail(tokens []Token) []Token {
	for len(tokens) > 0 && !tokens[len(tokens)-1].IsWord() {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}

// parser is a recursive descent with one token of lookahead; each method is a rule of the grammar (docs/spec/search.md,
// 2.3). Since the last token is always a word, the token after an operator always exists.
type parser struct {
	tokens []Token
	pos    int
	depth  int
	count  int
}

func (p *parser) done() bool { return p.pos == len(p.tokens) }

// at reports whether the next token is the operator.
func (p *parser) at(op Operator) bool { return !p.done() && p.tokens[p.pos].Op == op }

func (p *parser) atWord() bool { return !p.done() && p.tokens[p.pos].IsWord() }

// take consumes the next token if it is the operator.
func (p *parser) take(op Operator) bool {
	if !p.at(op) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) next() Token {
	t := p.tokens[p.pos]
	p.pos++
	return t
}

// word consumes the word that has to come next.
func (p *parser) word() (string, error) {
	t := p.next()
	if !t.IsWord() {
		return "", errValueExpected(t.Op)
	}
	return t.Text, nil
}

// skipCommas treats commas as separators, however many there are (docs/spec/search.md, 12, row 11).
func (p *parser) skipCommas() {
	for p.take(opComma) {
	}
}

// counted charges conditions to the limit.
func (p *parser) counted(n int) error {
	if p.count += n; p.count > MaxConditions {
		return errTooMany()
	}
	return nil
}

// nested runs a rule one level deeper.
func (p *parser) nested(rule func() (Node, error)) (Node, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, errTooDeep()
	}
	defer func() { p.depth-- }()
	return rule()
}

// sequence reads expressions up to a ")" or the end: neighbours are joined by "and".
func (p *parser) sequence() (Node, error) {
	var nodes []Node
	for p.skipCommas(); !p.done() && !p.at(opClose); p.skipCommas() {
		n, err := p.logical()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return newGroup(OpAnd, nodes), nil
}

// logical reads one expression and what "and" or "or" tie to it. Both bind alike and group to the right, which
// surprises, and which saved searches rely on (docs/spec/search.md, 12, row 8).
func (p *parser) logical() (Node, error) {
	var nodes []Node
	var ops []Operator
	for {
		n, err := p.operand()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		op := p.joiner()
		if op == "" {
			return foldRight(nodes, ops), nil
		}
		ops = append(ops, op)
	}
}

// joiner consumes "and" or "or", and a comma in front of it: in "a, or b" the word says more than the comma.
func (p *parser) joiner() Operator {
	start := p.pos
	p.skipCommas()
	if p.done() || !p.tokens[p.pos].Op.joins() {
		p.pos = start
		return ""
	}
	return p.next().Op
}

// skipJoiners passes over operators that have no left operand; they are harmless (docs/spec/search.md, 2.4). In "a or
// and b" the first one counts.
func (p *parser) skipJoiners() {
	for p.skipCommas(); !p.done() && p.tokens[p.pos].Op.joins(); p.skipCommas() {
		p.pos++
	}
}

// foldRight groups operands from the right: a and (b or (c and d)).
func foldRight(nodes []Node, ops []Operator) Node {
	n := nodes[len(nodes)-1]
	for i := len(ops) - 1; i >= 0; i-- {
		n = newGroup(ops[i], []Node{nodes[i], n})
	}
	return n
}

// operand reads a group, a negation or a comparison.
func (p *parser) operand() (Node, error) {
	p.skipJoiners()
	switch {
	case p.at(opOpen):
		return p.nested(p.group)
	case p.at(OpNot):
		return p.nested(p.negation)
	}
	return p.comparison()
}

func (p *parser) group() (Node, error) {
	p.next()
	n, err := p.sequence()
	if err != nil {
		return nil, err
	}
	p.take(opClose)
	if g, ok := n.(*Group); ok && len(g.X) == 0 {
		return nil, errEmptyList()
	}
	return n, nil
}

// negation reads "not" and the single comparison, group or negation that it applies to.
func (p *parser) negation() (Node, error) {
	p.next()
	p.skipCommas()
	rule := p.comparison
	if p.at(OpNot) || p.at(opOpen) {
		rule = p.operand
	}
	n, err := rule()
	if err != nil {
		return nil, err
	}
	return &Not{X: n}, nil
}

func (p *parser) comparison() (Node, error) {
	if p.atWord() {
		return p.infix()
	}
	return p.prefix()
}

// infix reads what starts with a word: a comparison with the field of that name, or just the word.
func (p *parser) infix() (Node, error) {
	word := p.next().Text
	if err := p.counted(1); err != nil {
		return nil, err
	}
	switch {
	case p.at(OpIn) || p.at(OpNotIn):
		return &Compare{Op: p.next().Op, Field: word, Values: p.members()}, nil
	case !p.done() && p.tokens[p.pos].Op.compares():
		op := p.next().Op
		value, err := p.word()
		if err != nil {
			return nil, err
		}
		return &Compare{Op: op, Field: word, Values: []string{value}}, nil
	}
	return &Word{Text: word}, nil
}

// members reads the values of a list operator behind a field: one word, or a list.
func (p *parser) members() []string {
	if p.atWord() {
		return []string{p.next().Text}
	}
	return p.list()
}

// list collects the words up to a ")" or the end, with or without a "(" in front; other tokens only separate.
func (p *parser) list() []string {
	var words []string
	for p.take(opOpen); !p.done() && !p.take(opClose); {
		if t := p.next(); t.IsWord() {
			words = append(words, t.Text)
		}
	}
	return words
}

// prefix reads what starts with an operator: a presence test, or a comparison without a field.
func (p *parser) prefix() (Node, error) {
	op := p.next().Op
	if op.lists() {
		return p.prefixList(op)
	}
	word, err := p.word()
	if err != nil {
		return nil, err
	}
	switch {
	case op == opClose: // the original makes a node of it that matches everything (docs/spec/search.md, 12, row 11)
		return nil, errValueExpected(op)
	case op == OpSet || op == OpNull:
		return &Presence{Op: op, Field: word}, p.counted(1)
	}
	return &Anywhere{Op: op, Value: word}, p.counted(1)
}

// prefixList reads a list without a field: "^" asks for any of its words, "!^" for none of them.
func (p *parser) prefixList(op Operator) (Node, error) {
	words := p.list()
	if len(words) == 0 {
		return nil, errEmptyList()
	}
	join := OpOr
	each := OpEq
	if op == OpNotIn {
		join = OpAnd
		each = OpNe
	}
	nodes := make([]Node, len(words))
	for i, w := range words {
		nodes[i] = &Anywhere{Op: each, Value: w}
	}
	return newGroup(join, nodes), p.counted(len(nodes))
}
