package search

import "strings"

// MaxBytes bounds the length of a query (docs/spec/search.md, 2.5). Longer ones are refused before anything looks at
// them.
const MaxBytes = 8 << 10

// Tokens splits a query into words and operators (docs/spec/search.md, 1). Every text has tokens, unless it is too
// long.
func Tokens(query string) ([]Token, error) {
	if len(query) > MaxBytes {
		return nil, errTooLong()
	}
	lx := lexer{in: query}
	var tokens []Token
	for {
		token, ok := lx.next()
		if !ok {
			return tokens, nil
		}
		tokens = append(tokens, token)
	}
}

// lexer walks over the bytes of a query. All characters with a meaning are ASCII, so bytes of longer UTF-8
// sequences are simply part of words.
type lexer struct {
	in  string
	pos int
}

func (lx *lexer) next() (Token, bool) {
	for lx.pos < len(lx.in) && isBlank(lx.in[lx.pos]) {
		lx.pos++
	}
	if lx.pos == len(lx.in) {
		return Token{}, false
	}
	start := lx.pos
	token := lx.token(lx.in[lx.pos])
	token.Pos = start
	return token, true
}

// token reads what begins with the character.
func (lx *lexer) token(c byte) Token {
	switch {
	case c == '(' || c == ')' || c == ',':
		lx.pos++
		return Token{Op: Operator(c)}
	case c == '"':
		return lx.quoted()
	case strings.IndexByte("&|=<>^!~-", c) >= 0:
		return lx.operator()
	}
	return lx.bare()
}

// isBlank reports whether a byte is white space (docs/spec/search.md, 1.1). Only ASCII counts: a no-break space is a
// letter like any other.
func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// symbols maps spellings to operators (docs/spec/search.md, 1.2).
var symbols = map[string]Operator{
	"&": OpAnd, "&&": OpAnd, "|": OpOr, "||": OpOr, "!": OpNot, "-": OpNot,
	"=": OpEq, "==": OpEq, "!=": OpNe, "<>": OpNe, ">": OpGt, ">=": OpGe, "<": OpLt, "<=": OpLe,
	"~": OpLike, "!~": OpNotLike, "^": OpIn, "!^": OpNotIn,
}

// operator takes two characters when they form an operator, otherwise one.
func (lx *lexer) operator() Token {
	if end := lx.pos + 2; end <= len(lx.in) {
		if op, ok := symbols[lx.in[lx.pos:end]]; ok {
			lx.pos = end
			return Token{Op: op}
		}
	}
	op := symbols[lx.in[lx.pos:lx.pos+1]]
	lx.pos++
	return Token{Op: op}
}

// quoted reads a word in double quotes (docs/spec/search.md, 1.3): a backslash makes the next character literal, and
// the end of the query closes a quote that was left open.
func (lx *lexer) quoted() Token {
	var word strings.Builder
	for lx.pos++; lx.pos < len(lx.in); lx.pos++ {
		switch c := lx.in[lx.pos]; c {
		case '"':
			lx.pos++
			return Token{Text: word.String()}
		case '\\':
			if lx.pos++; lx.pos < len(lx.in) {
				word.WriteByte(lx.in[lx.pos])
			}
		default:
			word.WriteByte(c)
		}
	}
	lx.pos = len(lx.in)
	return Token{Text: word.String()}
}

// bare reads a word without quotes (docs/spec/search.md, 1.4), which may turn out to be a keyword.
func (lx *lexer) bare() Token {
	start := lx.pos
	for lx.pos < len(lx.in) && !endsWord(lx.in[lx.pos]) {
		lx.pos++
	}
	word := lx.in[start:lx.pos]
	if op, ok := keyword(word); ok {
		return Token{Op: op}
	}
	return Token{Text: word}
}

// IsName reports whether a text is one word of the language, which needs no quotes and is no keyword.
func IsName(text string) bool {
	tokens, err := Tokens(text)
	return err == nil && len(tokens) == 1 && tokens[0] == Token{Text: text} && text != "" &&
		text[0] != '"' && !strings.HasSuffix(text, "!")
}

func endsWord(c byte) bool { return isBlank(c) || strings.IndexByte("=~<>&|(),", c) >= 0 }

// keywords are recognised in any letter case, but only outside quotes (docs/spec/search.md, 1.5).
var keywords = map[string]Operator{
	"and": OpAnd, "or": OpOr, "not": OpNot, "has": OpSet, "set?": OpSet, "null?": OpNull,
	"before": OpLt, "after": OpGt, "at": OpEq,
}

func keyword(word string) (Operator, bool) {
	if len(word) > len("before") {
		return "", false
	}
	op, ok := keywords[lowerASCII(word)]
	return op, ok
}

// lowerASCII lowers A to Z and nothing else, so that no exotic letter spells a keyword.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}
