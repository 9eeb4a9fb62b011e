package models

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Opt is an attribute that a change may contain or leave out. A plain pointer cannot distinguish "set it to nothing"
// from "leave it".
type Opt[T any] struct {
	Set   bool
	Value T
}

// Some returns an attribute that is set.
func Some[T any](v T) Opt[T] { return Opt[T]{Set: true, Value: v} }

// Apply writes the value to target if it is set.
func (o Opt[T]) Apply(target *T) {
	if o.Set {
		*target = o.Value
	}
}

// Distinct returns the elements of a list without repeats, in the order of their first.
func Distinct[L ~[]T, T comparable](list L) L {
	seen := make(map[T]bool, len(list))
	kept := make(L, 0, len(list))
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			kept = append(kept, v)
		}
	}
	return kept
}

// StringList is a list of words stored as one JSON text column.
type StringList []string

// Value implements driver.Valuer.
func (l StringList) Value() (driver.Value, error) {
	if l == nil {
		return "[]", nil
	}
	text, err := json.Marshal([]string(l))
	return string(text), err
}

// Scan implements sql.Scanner.
func (l *StringList) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), (*[]string)(l))
	case []byte:
		return json.Unmarshal(v, (*[]string)(l))
	case nil:
		*l = nil
		return nil
	}
	return fmt.Errorf("models: cannot read a string list from %T", src)
}

// Deref returns what is pointed at, or the zero value: of a text "", of a number 0.
func Deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// Trimmed returns the text without surrounding blanks, keeping nil.
func Trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	t := strings.TrimSpace(*s)
	return &t
}

// Blank reports whether a text is missing or holds nothing but blanks.
func Blank(s *string) bool { return s == nil || strings.TrimSpace(*s) == "" }

// BlankToNil turns a blank text into a missing one.
func BlankToNil(s *string) *string {
	if Blank(s) {
		return nil
	}
	return s
}

// TooLong reports whether a text has more than limit characters.
func TooLong(s string, limit int) bool { return len(s) > limit && utf8.RuneCountInString(s) > limit }

// Storable reports whether both databases can hold the text: valid UTF-8 without NUL, which PostgreSQL refuses.
func Storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// NilIfEmpty returns a text by its address, nil for an empty one.
func NilIfEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
