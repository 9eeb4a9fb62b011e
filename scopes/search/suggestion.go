package search

import (
	"regexp"
	"strings"
)

// Suggestion is a completed query in the parts that a user interface shows (docs/spec/search.md, 14).
type Suggestion struct {
	Completed string `json:"completed"` // the query up to its last "and" or "or", escaped for HTML
	Part      string `json:"part"`      // the rest, escaped for HTML
	Label     string `json:"label"`     // the whole query
	Category  string `json:"category"`  // "Operators" for joining words, otherwise empty
}

var (
	lastJoiner   = regexp.MustCompile(`(?is)^(.*\b(?:and|or)\b)(.*\S.*)$`)
	operatorTail = regexp.MustCompile(`\b(?:and|or|not|has)$`)
	escapeHTML   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")
)

func newSuggestion(query string) Suggestion {
	s := Suggestion{Part: query, Label: query}
	if m := lastJoiner.FindStringSubmatch(query); m != nil {
		s.Completed = m[1]
		s.Part = m[2]
	}
	if operatorTail.MatchString(query) {
		s.Category = "Operators"
	}
	s.Completed, s.Part = escapeHTML.Replace(s.Completed), escapeHTML.Replace(s.Part)
	return s
}
