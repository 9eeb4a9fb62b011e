// Package search is the query language of every list: the text of "search=" and "order=".
//
// It owns the path from that text to a condition: characters to tokens (lexer.go), tokens to a tree (parser.go,
// ast.go), the tree against a Definition of what may be searched (definition.go), and from there to SQL with bound
// values for SQLite and for PostgreSQL (compile.go and its neighbours, one file per kind of column). Dates in words
// are understood in dates*.go, half-typed queries are continued in complete*.go.
//
// It refuses to know a database, a request or one of our nouns: a Definition is data handed in by its author, a
// Condition is handed back. No character of a query ever becomes part of the SQL text; values travel as arguments.
//
// Of the original's kinds of fields, those that none of our nouns has are left out: key/value pairs, bits of a number,
// native UUIDs, full-text columns and profiles (docs/spec/search.md, 4, 10.11, 11).
//
// The behaviour follows the specification of scoped_search as Foreman's users know it; comments cite its sections
// (docs/spec/search.md, 1 to 16). Where that original misbehaves, its table of decisions counts (docs/spec/search.md,
// 12), and the comment names the row.
package search
