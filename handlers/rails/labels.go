package rails

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Humanize turns a column's name into words: "auth_source_id" into "Auth source".
func Humanize(attr string) string {
	words := strings.ReplaceAll(strings.TrimSuffix(attr, "_id"), "_", " ")
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
