// Package rails holds what two dialects share because the servers that they imitate are written with Ruby on Rails: how
// ids in paths are read, how values are cast, how attributes are called. It knows nothing of users.
package rails

import (
	"strconv"
	"strings"
)

// LeadingID returns the digits at the beginning of a text as an id: 5 of "5", "5-bob" and "5x". Without digits, or
// beyond 64 bits, it is 0, which is no id.
func LeadingID(text string) int64 {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	id, err := strconv.ParseInt(text[:end], 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// DashedID reads "5" and "5-bob", but not "5x".
func DashedID(text string) int64 {
	digits, _, dashed := strings.Cut(text, "-")
	if id := LeadingID(text); id > 0 && (IsID(digits) && dashed || IsID(text)) {
		return id
	}
	return 0
}

// IsID reports whether the text is an integer from 0 up, written the way integers are printed.
func IsID(text string) bool {
	id, err := strconv.ParseInt(text, 10, 64)
	return err == nil && id >= 0 && strconv.FormatInt(id, 10) == text
}
