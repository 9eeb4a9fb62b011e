package config

import (
	"database/sql/driver"
	"strings"
	"sync"
	"unicode"

	"modernc.org/sqlite"
)

// RegisterFunctions adds two functions to SQLite. The driver keeps functions for the whole process.
//
// fold(text) is the text in lower case for every script, where SQLite's own lower() and LIKE know ASCII only. It folds
// as scopes/search folds patterns.
//
// matches(text, pattern) is what text LIKE pattern ESCAPE '\' is of folded texts, in time that grows with the text,
// where LIKE takes the text times the pattern.
var RegisterFunctions = sync.OnceFunc(func() {
	sqlite.MustRegisterDeterministicScalarFunction("fold", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			if text, ok := args[0].(string); ok {
				return strings.Map(unicode.ToLower, text), nil
			}
			return args[0], nil
		})
	sqlite.MustRegisterDeterministicScalarFunction("matches", 2,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			text, isText := args[0].(string)
			pattern, isPattern := args[1].(string)
			if !isText || !isPattern {
				return nil, nil
			}
			return matches(text, pattern), nil
		})
})

// matches reports whether a text is what a pattern describes. "%" is any text, a backslash makes what follows an
// ordinary character. Patterns with "_" are left to LIKE.
func matches(text, pattern string) bool {
	parts := literals(pattern)
	last := len(parts) - 1
	if last == 0 {
		return text == parts[0]
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1:last] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, parts[last])
}

// literals are the texts between the "%" of a pattern, blank ones included.
func literals(pattern string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '%':
			parts = append(parts, part.String())
			part.Reset()
		case c == '\\' && i+1 < len(pattern):
			i++
			part.WriteByte(pattern[i])
		default:
			part.WriteByte(c)
		}
	}
	return append(parts, part.String())
}
