package config

import (
	"database/sql/driver"
	"strings"
	"sync"
	"unicode"

	"modernc.org/sqlite"
)

// registerFold gives SQLite the function fold(text): lower case for every script, where its own lower() and LIKE know
// ASCII only. It folds as scopes/search folds patterns. The driver keeps functions for the whole process.
var registerFold = sync.OnceFunc(func() {
	sqlite.MustRegisterDeterministicScalarFunction("fold", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		if text, ok := args[0].(string); ok {
			return strings.Map(unicode.ToLower, text), nil
		}
		return args[0], nil
	})
})
