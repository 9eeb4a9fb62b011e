package search

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold lowers every letter on its own, so that the number of characters stays what it was. The databases' function fold
// does the same, whatever their locale.
func Fold(s string) string { return strings.Map(unicode.ToLower, s) }

// stringTest compares strings exactly as they are spelt (docs/spec/search.md, 6). Members of a list lose the blanks
// around them.
func stringTest(f *Field, op Operator, values []string) fragment {
	members := make([]any, len(values))
	beginnings := make([]any, len(values))
	for i, v := range values {
		if op.lists() {
			v = strings.TrimSpace(v)
		}
		members[i] = v
		beginnings[i] = beginning(v, f.Indexed)
	}
	test := f.either(op, members)
	if f.Indexed == 0 || op != OpEq && op != OpIn || len(members) == 0 {
		return test
	}
	index := *f
	index.Column = fmt.Sprintf("LEFT(%s, %d)", f.Column, f.Indexed)
	return join(OpAnd, []fragment{index.either(op, beginnings), test})
}

// either compares the column with a value, or with a list of them, as the operator says.
func (f *Field) either(op Operator, values []any) fragment {
	if op.lists() {
		return f.list(op, "?", values)
	}
	return f.binary(op, "?", values[0])
}

// beginning returns the first characters of a text.
func beginning(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// like compares with a pattern, ignoring letter case.
func (c *compiler) like(f *Field, op Operator, value string) fragment {
	return c.matches(f, op, Fold(likePattern(value)))
}

// matches compares the folded text of a field with a folded pattern of LIKE.
func (c *compiler) matches(f *Field, op Operator, pattern string) fragment {
	if c.env.Dialect == PostgreSQL {
		// No ESCAPE clause: the backslash is the default, and the clause would keep the planner from seeing a
		// plain pattern.
		test := sqlf(f.folded()+ifNot(op, OpNotLike)+" LIKE ?", pattern)
		test.selective = !op.negative() && hasTrigram(pattern)
		return test
	}
	test := sqlf(f.folded()+ifNot(op, OpNotLike)+` LIKE ? ESCAPE '\'`, pattern)
	if (len(pattern) > shortPattern || confused(pattern)) && !singles(pattern) {
		// LIKE compares the whole pattern again at each place of the text.
		test = sqlf(strings.TrimPrefix(ifNot(op, OpNotLike)+" ", " ")+"matches("+f.folded()+", ?)", pattern)
	}
	if op == OpNotLike || f.Narrow == nil {
		return test
	}
	return narrowed(test, f.Narrow(literalParts(pattern)))
}

// shortPattern is the length in bytes up to which a pattern is left to LIKE, which needs no call for each row.
const shortPattern = 10

// confused reports whether a pattern has a character that SQLite's LIKE takes for another one.
func confused(pattern string) bool { return strings.ContainsAny(pattern, "\uFFFD\uFFFE\uFFFF") }

// singles reports whether a pattern has a wildcard for a single character.
func singles(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '_':
			return true
		case '\\':
			i++
		}
	}
	return false
}

// ifNot is " NOT" when the operator is the negative one.
func ifNot(op, negative Operator) string {
	if op == negative {
		return " NOT"
	}
	return ""
}

func narrowed(test fragment, by Condition) fragment {
	if by.SQL == "" {
		return test
	}
	necessary := sqlf(by.SQL, by.Args...)
	necessary.selective = true
	return join(OpAnd, []fragment{necessary, test})
}

// hasTrigram reports whether a trigram index can help to find the pattern.
func hasTrigram(pattern string) bool {
	return slices.ContainsFunc(literalParts(pattern),
		func(part string) bool { return utf8.RuneCountInString(part) >= 3 })
}

// likePattern writes a value as a LIKE pattern with "\" as escape (docs/spec/search.md, 6). A value with a wildcard is
// a pattern as it stands, any other may be found anywhere in the text. "*" is a wildcard too, and "_" one for a single
// character.
//
// The databases disagree on backslashes, and PostgreSQL fails on a trailing one. Here, on both, a backslash takes the
// meaning from a wildcard or backslash that follows, and is an ordinary character elsewhere (docs/spec/search.md, 12,
// rows 7, 13).
func likePattern(value string) string {
	var b strings.Builder
	runes := []rune(value)
	wild := false
	for i := 0; i < len(runes); i++ {
		wasWild := wild
		wild = runes[i] == '*' || runes[i] == '%'
		switch r := runes[i]; {
		case wild && !wasWild:
			b.WriteByte('%')
		case wild: // several in a row are one
		case r == '\\' && i+1 < len(runes) && strings.ContainsRune(`\_%*`, runes[i+1]):
			i++
			writeLiteral(&b, runes[i])
		case r == '\\':
			writeLiteral(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	if strings.ContainsAny(value, "*%") {
		return b.String()
	}
	return "%" + b.String() + "%"
}

// writeLiteral writes a character that stands for itself.
func writeLiteral(b *strings.Builder, r rune) {
	if r == '\\' || r == '%' || r == '_' {
		b.WriteByte('\\')
	}
	b.WriteRune(r)
}

// literalParts are the pieces of a pattern between its wildcards.
func literalParts(pattern string) []string {
	var parts []string
	var part strings.Builder
	flush := func() {
		if part.Len() > 0 {
			parts = append(parts, part.String())
			part.Reset()
		}
	}
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; r {
		case '%', '_':
			flush()
		case '\\':
			i++
			part.WriteRune(runes[i])
		default:
			part.WriteRune(r)
		}
	}
	flush()
	return parts
}
