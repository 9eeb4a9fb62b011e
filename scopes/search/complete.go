package search

// Completion says what is offered for a field while a query is typed (S14).
type Completion int

// The kinds of completion.
const (
	NameOnly Completion = iota // the name, but no values
	Values                     // the name and values: labels, dates, or what the column holds
	Hidden                     // nothing; the field can be searched all the same
)
