package search

import "fmt"

// Error is a mistake in the query, to be shown to its author. Every mistake that this package finds in a query is an
// *Error; any other error is a fault of the program.
type Error struct {
	Message string
}

// Error returns the message, which is meant for people.
func (e *Error) Error() string { return e.Message }

// The numbers in the following names are those of the table of errors (docs/spec/search.md, 3); its wording is relied
// upon by clients.

func errEmptyList() error { // E1
	return &Error{Message: "Empty list of operands"}
}

func errValueExpected(found Operator) error { // E2
	return &Error{Message: "Value expected but found :" + found.Name()}
}

func errUnknownField(name string) error { // E3
	return &Error{Message: fmt.Sprintf("Field '%s' not recognized for searching!", name)}
}

func errInvalidValue(value string, f *Field) error { // E4
	return &Error{Message: fmt.Sprintf("Value '%s' is not valid for field '%s'", value, f.columnName())}
}

func errNotInSet(value string, f *Field) error { // E5
	return &Error{Message: fmt.Sprintf("'%s' should be one of '%s', but the query was '%s'",
		f.columnName(), joinLabels(f.Set), value)}
}

func errSetOperator(op Operator, f *Field) error { // E6
	return &Error{Message: fmt.Sprintf("Operator '%s' not supported for '%s'", op.Name(), f.columnName())}
}

func errTypeOperator(op Operator, f *Field) error { // E7
	return &Error{Message: fmt.Sprintf("the operator '%s' is not supported for field type '%s'", op.Name(), f.Type)}
}

func errUnknownOrder(name string) error { // E8
	return &Error{Message: fmt.Sprintf("the field '%s' in the order statement is not valid field for search", name)}
}

func errTranslation(value string) error { // E9
	return &Error{Message: fmt.Sprintf("Translation from any value to nil is not allowed, translated '%s'", value)}
}

func errNoMethod(model, method string) error { // E10
	return &Error{Message: fmt.Sprintf("'%s' doesn't respond to '%s'", model, method)}
}

func errMethodFailed(method string, cause error) error { // E10
	return &Error{Message: fmt.Sprintf("external method '%s' failed with error: %s", method, cause)}
}

func errMethodResult(method string) error { // E10
	return &Error{Message: fmt.Sprintf("external method '%s' should return hash", method)}
}

// errNothingToNegate refuses the negation of a comparison that no field can take. Alone such a comparison matches
// nothing (docs/spec/search.md, 12, row 1); its negation would match everything, which cannot be meant
// (docs/spec/search.md, 12, row 2).
func errNothingToNegate(text string) error {
	return &Error{Message: fmt.Sprintf("No field can be compared with '%s', so the comparison cannot be negated", text)}
}

func errTooLong() error {
	return &Error{Message: fmt.Sprintf("The search is longer than %d bytes", MaxBytes)}
}

func errTooDeep() error {
	return &Error{Message: fmt.Sprintf("The search is nested deeper than %d levels", MaxDepth)}
}

func errTooMany() error {
	return &Error{Message: fmt.Sprintf("The search has more than %d conditions", MaxConditions)}
}

func errTooCostly() error {
	return &Error{Message: fmt.Sprintf("The search makes more than %d comparisons; name the fields that its words "+
		"are about", MaxComparisons)}
}

func errTooManyTables() error {
	return &Error{Message: "The search has too many conditions on fields that are looked up in other tables"}
}

func errTooManySingles() error {
	return &Error{Message: fmt.Sprintf("The patterns with _ are longer than %d bytes together", MaxSingles)}
}

func errNotText() error {
	return &Error{Message: "The search contains characters that are not valid text"}
}
