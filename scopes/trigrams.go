package scopes

import (
	"strings"

	"roster/scopes/search"
)

// userText is a text of a user, of which SQLite keeps the trigrams; PostgreSQL has an index that needs no mention.
func userText(f search.Field) search.Field {
	column := strings.TrimPrefix(f.Column, "users.")
	f.Narrow = func(parts []string) search.Condition {
		match := trigrams(parts)
		if match == "" {
			return search.Condition{}
		}
		return search.Condition{
			SQL:  "users.id IN (SELECT rowid FROM users_trigrams WHERE users_trigrams MATCH ?)",
			Args: []any{column + " : (" + match + ")"},
		}
	}
	return f
}

// maxTrigrams are enough to distinguish texts; each further one costs a look-up.
const maxTrigrams = 12

// trigrams returns the trigrams of the parts of a pattern in the language of FTS5, where consecutive phrases must all
// match. It returns "" for parts that are too short to have any.
func trigrams(parts []string) string {
	var phrases []string
	for _, part := range parts {
		runes := []rune(part)
		for i := 0; i+3 <= len(runes) && len(phrases) < maxTrigrams; i++ {
			phrases = append(phrases, `"`+strings.ReplaceAll(string(runes[i:i+3]), `"`, `""`)+`"`)
		}
	}
	return strings.Join(phrases, " ")
}
