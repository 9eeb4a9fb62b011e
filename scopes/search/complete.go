package search

import (
	"slices"
	"strings"
)

// Completion is what is suggested for a field while a query is typed (docs/spec/search.md, 14).
type Completion int

// The kinds of completion.
const (
	NameOnly Completion = iota // the name, but no values
	Values                     // the name and values: labels, dates, or what the column holds
	Hidden                     // nothing; the field can be searched all the same
)

// Complete continues a half-typed query (docs/spec/search.md, 14). Each suggestion is a complete query of which the
// given one, less its unfinished last word, is the beginning.
//
// The finished part of the query is checked as a search would check it. The original checks the unfinished word too,
// and so answers "disabled = f" with an error in place of "false".
func (d *Definition) Complete(query string, env Env, values ValueLookup) ([]Suggestion, error) {
	if _, err := Parse(query); err != nil {
		return nil, err
	}
	tokens, err := Tokens(query)
	if err != nil {
		return nil, err
	}
	if closesTooMuch(tokens) {
		return nil, nil
	}
	c := newCompleter(d, query, tokens)
	if _, err := d.Where(c.done, env); err != nil {
		return nil, err
	}
	words, err := c.words(env, values)
	if err != nil {
		return nil, err
	}
	suggestions := make([]Suggestion, len(words))
	for i, w := range words {
		suggestions[i] = newSuggestion(c.done + " " + w)
	}
	return suggestions, nil
}

// closesTooMuch reports whether a parenthesis is closed that was never opened. Nothing can follow such a query.
func closesTooMuch(tokens []Token) bool {
	depth := 0
	for _, t := range tokens {
		switch t.Op {
		case opOpen:
			depth++
		case opClose:
			depth--
		}
		if depth < 0 {
			return true
		}
	}
	return false
}

// completer looks at the end of a query.
type completer struct {
	def    *Definition
	tokens []Token // without parentheses
	done   string  // the query up to the word that is being typed
	typed  string  // that word, "" where a new one begins
	open   bool    // a new word begins
}

func newCompleter(d *Definition, query string, tokens []Token) *completer {
	c := &completer{def: d, done: query}
	c.tokens = slices.DeleteFunc(slices.Clone(tokens), func(t Token) bool { return t.Op == opOpen || t.Op == opClose })
	if query == "" {
		c.open = true
		return c
	}
	end := query[len(query)-1]
	last := tokens[max(len(tokens)-1, 0):]
	c.open = len(last) == 0 || last[0].Op.opensWord() || isBlank(end) && !unclosed(query, last[0])
	if !c.open {
		c.typed = query[last[0].Pos:]
		c.done = query[:last[0].Pos]
		if last[0].IsWord() {
			c.typed = last[0].Text
		}
	}
	return c
}

// unclosed reports whether the last word is quoted and the quote still open, so that a blank at the end is part of it.
func unclosed(query string, last Token) bool {
	if query[last.Pos] != '"' {
		return false
	}
	lx := lexer{in: query + `"`, pos: last.Pos}
	lx.quoted()
	return lx.pos > len(query)
}

// opensWord says operators behind which a word begins, with or without a blank.
func (o Operator) opensWord() bool {
	return o.compares() || o.lists() || o == opOpen || o == opClose || o == opComma
}

// back is the nth token from the end, counted from 1; the zero Token, a word, where there is none.
func (c *completer) back(n int) Token {
	if n > len(c.tokens) {
		return Token{}
	}
	return c.tokens[len(c.tokens)-n]
}

// words finds the suggestions, each without the query in front of it.
func (c *completer) words(env Env, values ValueLookup) ([]string, error) {
	if name, ok := c.valueOf(); ok {
		f := c.def.lookup(strings.TrimSuffix(name, "!")) // "login!=b" compares the login, see attached
		switch {
		case f != nil:
		case c.open:
			return nil, nil // the comparison is not there yet
		default:
			return nil, errUnknownField(name)
		}
		return f.complete(c.typed, env, values)
	}
	return c.shortened(c.matching(c.syntax())), nil
}

// valueOf reports whether a value is being typed, and of the field with which name.
func (c *completer) valueOf() (name string, ok bool) {
	isComparison := func(t Token) bool { return t.Op.compares() || t.Op.lists() }
	switch {
	case isComparison(c.back(1)):
		return c.back(2).Text, true
	case isComparison(c.back(2)) && !c.open:
		return c.back(3).Text, true
	}
	return "", false
}

// syntax offers field names, operators or joining words, by what stands at the end (docs/spec/search.md, 14).
func (c *completer) syntax() []string {
	last := c.back(1)
	before := c.back(2)
	field := c.def.lookup(last.Text)
	isValue := before.Op.compares() || before.Op.lists()
	switch {
	case len(c.tokens) == 0:
		return append(c.def.completable(), "not", "has")
	case last.Op.prefixes():
		return c.def.completable()
	case last.IsWord() && field != nil && !isValue && !before.Op.tests():
		return field.operators()
	case len(c.tokens) == 1 || last.Op.joins() || before.Op.joins() || before.Op.prefixes():
		return append(c.def.completable(), "not", "has")
	}
	return []string{"and", "or"}
}

// tests says presence operators, prefixes those and negation: a field's name is expected behind them.
func (o Operator) tests() bool    { return o == OpSet || o == OpNull }
func (o Operator) prefixes() bool { return o.tests() || o == OpNot }

// completable lists the names that are offered, aliases included, each with the blank that follows it.
func (d *Definition) completable() []string {
	var names []string
	for i := range d.Fields {
		if f := &d.Fields[i]; f.Completion != Hidden {
			for _, name := range append([]string{f.Name}, f.Aliases...) {
				names = append(names, name+" ")
			}
		}
	}
	slices.Sort(names)
	return names
}

// matching keeps the suggestions that begin with the word being typed.
func (c *completer) matching(words []string) []string {
	if c.open {
		return words
	}
	return slices.DeleteFunc(words, func(w string) bool { return !beginsWith(w, c.typed) })
}

// beginsWith ignores letter case; a "*" in the beginning stands for anything.
func beginsWith(word, typed string) bool {
	word, typed = Fold(word), Fold(typed)
	for i, part := range strings.Split(typed, "*") {
		at := strings.Index(word, part)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		word = word[at+len(part):]
	}
	return true
}

// shortened cuts dotted names at the dot when there are too many suggestions to read.
func (c *completer) shortened(words []string) []string {
	const readable = 10
	if len(words) > readable && !strings.Contains(c.typed, ".") {
		for i, w := range words {
			if name, _, dotted := strings.Cut(w, "."); dotted {
				words[i] = name
			}
		}
	}
	return slices.Compact(words)
}

// operators lists what the field can be compared with, in the order that helps most.
func (f *Field) operators() []string {
	ops := f.Operators
	if ops == nil {
		ops = f.typeOperators()
	}
	words := make([]string, len(ops))
	for i, op := range ops {
		words[i] = string(op) + " "
	}
	return words
}

func (f *Field) typeOperators() []Operator {
	switch {
	case f.Virtual != nil:
		return []Operator{OpEq, OpNe, OpGt, OpLt, OpLe, OpGe, OpLike, OpNotLike, OpIn, OpNotIn}
	case len(f.Set) > 0 || f.Type == Boolean:
		return []Operator{OpEq, OpNe}
	case f.Type.textual():
		return []Operator{OpEq, OpNe, OpLike, OpNotLike, OpIn, OpNotIn}
	case f.Type.temporal():
		return []Operator{OpEq, OpGt, OpLt}
	}
	return []Operator{OpEq, OpGt, OpLt, OpLe, OpGe, OpNe, OpIn, OpNotIn}
}
