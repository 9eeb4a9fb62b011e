package scopes

import (
	"cmp"

	"roster/models"
	"roster/scopes/search"
)

// Bounds of one query; see package search.
const (
	MaxConditions  = search.MaxConditions
	MaxComparisons = search.MaxComparisons
)

// Reading is how a query is understood, as far as it can be.
type Reading struct {
	// Tokens and Tree are in the notation of package search; nil where the query cannot be read so far.
	Tokens []any
	Tree   any
	// Dates are the stretches of time that the query names.
	Dates []search.Span
}

// Read parses a query by the rules of the language alone, with any field names. The error describes the mistake.
func Read(query string) (Reading, error) {
	var r Reading
	tokens, lexed := search.Tokens(query)
	if lexed == nil {
		r.Tokens = search.TokenNotation(tokens)
	}
	tree, parsed := search.Parse(query)
	if parsed == nil {
		r.Tree = search.Notation(tree)
	}
	return r, cmp.Or(parsed, lexed)
}

// Read parses a query of the caller's for rows of the noun.
func (n *Resource) Read(p *models.Principal, query string, env search.Env) (Reading, error) {
	r, err := Read(query)
	if err != nil {
		return r, err
	}
	tree, err := search.Parse(query)
	if err == nil {
		_, r.Dates, err = n.customized(p, env.Dialect).Search.Explain(tree, env)
	}
	return r, err
}
