// Package filter reads filters and the paths of changes (docs/spec/scim.md, 6 and 8). It knows of no schema.
package filter

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Bounds of a filter.
const (
	MaxBytes       = 8 << 10
	MaxDepth       = 20
	MaxComparisons = 100
)

// Node is an expression: *Logic, *Not, *Compare or *Within.
type Node interface{ node() }

// Logic joins expressions: all of them have to hold or, with Any, one of them.
type Logic struct {
	Any bool
	X   []Node
}

// Not negates.
type Not struct{ X Node }

// Compare compares an attribute. Op is in lower case; Value is a string, a bool, a json.Number or nil, and nothing for
// "pr".
type Compare struct {
	Path  string
	Op    string
	Value any
}

// Within asks for a value of a list that meets X and, where Then is set, whose sub-attribute meets Then.
type Within struct {
	Path string
	X    Node
	Then *Compare
}

// Size is how many comparisons an expression has.
func Size(x Node) int { return SizeOf(x, func(string) bool { return true }) }

// SizeOf is how many comparisons an expression has whose paths count. What is asked of one value of a list counts by
// the path of the list.
func SizeOf(x Node, counts func(path string) bool) int {
	switch x := x.(type) {
	case *Not:
		return SizeOf(x.X, counts)
	case *Logic:
		n := 0
		for _, one := range x.X {
			n += SizeOf(one, counts)
		}
		return n
	case *Within:
		if !counts(x.Path) {
			return 0
		}
		n := Size(x.X)
		if x.Then != nil {
			n++
		}
		return n
	case *Compare:
		if counts(x.Path) {
			return 1
		}
	}
	return 0
}

func (*Logic) node()   {}
func (*Not) node()     {}
func (*Compare) node() {}
func (*Within) node()  {}

// Errors of what cannot be read.
var (
	errEnd       = errors.New("the filter ends too early")
	errRest      = errors.New("there is something left after the filter")
	errTooLong   = errors.New("the filter is too long")
	errTooDeep   = errors.New("the filter is nested too deeply")
	errTooMany   = errors.New("the filter has too many comparisons")
	errPath      = errors.New("an attribute is expected")
	errOperator  = errors.New("an operator is expected: eq, ne, co, sw, ew, gt, ge, lt, le, pr")
	errValue     = errors.New("a value is expected: a text in double quotes, a number, true, false or null")
	errBrackets  = errors.New("brackets are not closed, or stand inside brackets")
	errBadTarget = errors.New("the path cannot be read")
)

type parser struct {
	text               string
	at                 int
	depth, comparisons int
	inside             bool // of brackets
}

// Parse reads a filter.
func Parse(text string) (Node, error) {
	if len(text) > MaxBytes || !utf8.ValidString(text) {
		return nil, errTooLong
	}
	p := &parser{text: text}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.at < len(p.text) {
		return nil, errRest
	}
	return n, nil
}

// Target is the path of a change: an attribute, or the values of a list that meet a filter, with or without a
// sub-attribute behind it.
type Target struct {
	Path   string
	Filter Node
	Sub    string
}

// FilterError is a wrong filter inside a path.
type FilterError struct{ Err error }

// Error returns the text for people.
func (e *FilterError) Error() string { return e.Err.Error() }

// ParsePath reads the path of a change. A filter in it that cannot be read is a *FilterError.
func ParsePath(text string) (Target, error) {
	if len(text) > MaxBytes || !utf8.ValidString(text) {
		return Target{}, errTooLong
	}
	p := &parser{text: strings.TrimSpace(text)}
	var t Target
	if t.Path = p.name(); t.Path == "" {
		return t, errBadTarget
	}
	if p.at == len(p.text) {
		return t, nil
	}
	if p.text[p.at] != '[' {
		return t, errBadTarget
	}
	var err error
	if t.Filter, err = p.brackets(); err != nil {
		return t, &FilterError{err}
	}
	if strings.HasPrefix(p.text[p.at:], ".") {
		p.at++
		if t.Sub = p.name(); t.Sub == "" {
			return t, errBadTarget
		}
	}
	if p.at < len(p.text) {
		return t, errBadTarget
	}
	return t, nil
}

func (p *parser) blanks() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

// word looks whether a keyword follows, which ends where no letter does.
func (p *parser) word(word string) bool {
	p.blanks()
	end := p.at + len(word)
	if end > len(p.text) || !strings.EqualFold(p.text[p.at:end], word) {
		return false
	}
	if end < len(p.text) && isName(p.text[end]) {
		return false
	}
	p.at = end
	return true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isName(c byte) bool {
	return isLetter(c) || '0' <= c && c <= '9' || strings.IndexByte("-_:.$", c) >= 0
}

func (p *parser) or() (Node, error)  { return p.list("or", true, p.and) }
func (p *parser) and() (Node, error) { return p.list("and", false, p.not) }

func (p *parser) list(word string, any bool, next func() (Node, error)) (Node, error) {
	first, err := next()
	if err != nil {
		return nil, err
	}
	all := []Node{first}
	for p.word(word) {
		n, err := next()
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if len(all) == 1 {
		return first, nil
	}
	return &Logic{Any: any, X: all}, nil
}

func (p *parser) not() (Node, error) {
	start := p.at
	negated := p.word("not")
	p.blanks()
	if p.at < len(p.text) && p.text[p.at] == '(' {
		p.at++
		if p.depth++; p.depth > MaxDepth {
			return nil, errTooDeep
		}
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		p.depth--
		if p.blanks(); p.at == len(p.text) || p.text[p.at] != ')' {
			return nil, errEnd
		}
		p.at++
		if negated {
			return &Not{n}, nil
		}
		return n, nil
	}
	p.at = start
	return p.compare()
}

// name reads the path of an attribute, with its URI.
func (p *parser) name() string {
	start := p.at
	for p.at < len(p.text) && isName(p.text[p.at]) {
		p.at++
	}
	name := p.text[start:p.at]
	if name == "" || !isLetter(name[0]) && name != "$ref" || strings.Contains(name, "..") ||
		strings.HasSuffix(name, ".") || strings.HasSuffix(name, ":") {
		return ""
	}
	return name
}

func (p *parser) compare() (Node, error) {
	p.blanks()
	path := p.name()
	if path == "" {
		if p.at == len(p.text) {
			return nil, errEnd
		}
		return nil, errPath
	}
	if p.at < len(p.text) && p.text[p.at] == '[' {
		return p.within(path)
	}
	return p.operation(path)
}

func (p *parser) within(path string) (Node, error) {
	x, err := p.brackets()
	if err != nil {
		return nil, err
	}
	n := &Within{Path: path, X: x}
	if strings.HasPrefix(p.text[p.at:], ".") {
		p.at++
		sub := p.name()
		if sub == "" {
			return nil, errPath
		}
		if n.Then, err = p.operation(sub); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (p *parser) brackets() (Node, error) {
	if p.inside {
		return nil, errBrackets
	}
	p.at++
	p.inside = true
	x, err := p.or()
	p.inside = false
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.at == len(p.text) || p.text[p.at] != ']' {
		return nil, errBrackets
	}
	p.at++
	return x, nil
}

// operators are those that take a value.
const operators = " eq ne co sw ew gt ge lt le "

func (p *parser) operation(path string) (*Compare, error) {
	if p.comparisons++; p.comparisons > MaxComparisons {
		return nil, errTooMany
	}
	p.blanks()
	start := p.at
	for p.at < len(p.text) && isLetter(p.text[p.at]) {
		p.at++
	}
	op := strings.ToLower(p.text[start:p.at])
	if op == "pr" {
		return &Compare{Path: path, Op: op}, nil
	}
	if len(op) != 2 || !strings.Contains(operators, " "+op+" ") {
		return nil, errOperator
	}
	p.blanks()
	value, err := p.value()
	return &Compare{Path: path, Op: op, Value: value}, err
}

func (p *parser) value() (any, error) {
	if p.at == len(p.text) {
		return nil, errEnd
	}
	if p.text[p.at] == '"' {
		return p.quoted()
	}
	start := p.at
	for p.at < len(p.text) && (isName(p.text[p.at]) || p.text[p.at] == '@' || p.text[p.at] == '+' ||
		p.text[p.at] >= utf8.RuneSelf) {
		p.at++
	}
	word := p.text[start:p.at]
	switch strings.ToLower(word) {
	case "":
		return nil, errValue
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	if json.Valid([]byte(word)) {
		return json.Number(word), nil
	}
	return word, nil
}

func (p *parser) quoted() (any, error) {
	end := p.at + 1
	for end < len(p.text) && p.text[end] != '"' {
		if p.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.text) {
		return nil, errEnd
	}
	var text string
	if err := json.Unmarshal([]byte(p.text[p.at:end+1]), &text); err != nil {
		return nil, errValue
	}
	p.at = end + 1
	return text, nil
}
