// Package apipie holds the description of the API in the form that Foreman's clients read.
package apipie

import _ "embed"

//go:embed builtin.json
var builtin []byte

// Builtin is a copy of the Apipie v2 document, for a command line that cannot ask a server. The caller must not change
// it.
func Builtin() []byte { return builtin }
