package search

import "fmt"

// Finished returns an error for a query that ends too early: a parenthesis or a quote is not closed, or nothing follows
// an operator. Parse takes such queries, so that one can be searched while it is typed. One that is saved, such as that
// of a filter, has to be finished.
func Finished(query string) error {
	tokens, err := Tokens(query)
	if err != nil || len(tokens) == 0 {
		return err
	}
	depth := 0
	for _, t := range tokens {
		switch t.Op {
		case opOpen:
			depth++
		case opClose:
			depth--
		}
	}
	last := tokens[len(tokens)-1]
	switch {
	case last.IsWord() && unclosed(query, last):
		return &Error{Message: `a quote " is not closed`}
	case depth > 0:
		return &Error{Message: "a parenthesis ( is not closed"}
	case !last.IsWord() && last.Op != opClose && last.Op != opComma:
		return &Error{Message: fmt.Sprintf("a value is missing after %s", last.Op)}
	}
	return nil
}
