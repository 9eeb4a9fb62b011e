package models

import (
	"regexp"
	"strings"
)

// filterBlanks are the characters that may stand between the parts of an LDAP filter.
const filterBlanks = " \t\r\n\f\v"

// TidyFilter returns an LDAP filter as RFC 4515 has it, without the white space between its parts that people and other
// clients write, and whether it can be read that far. It takes != as well, and lets the outer parentheses be left out.
// It does not look at values.
func TidyFilter(text string) (tidy string, ok bool) {
	text = strings.Trim(text, filterBlanks)
	if text == "" {
		return "", true
	}
	if text[0] != '(' {
		text = "(" + text + ")"
	}
	f := &filterText{rest: text}
	ok = f.component() && f.rest == ""
	return f.tidy.String(), ok
}

// filterText is a filter that is read from its beginning, and what was read of it.
type filterText struct {
	rest string
	tidy strings.Builder
}

// take reads one of the characters, if it comes next, after white space.
func (f *filterText) take(characters string) (byte, bool) {
	f.rest = strings.TrimLeft(f.rest, filterBlanks)
	if f.rest == "" || strings.IndexByte(characters, f.rest[0]) < 0 {
		return 0, false
	}
	c := f.rest[0]
	f.rest = f.rest[1:]
	return c, true
}

// component reads a filter in parentheses, and the white space after it.
func (f *filterText) component() bool {
	if _, ok := f.take("("); !ok {
		return false
	}
	f.tidy.WriteByte('(')
	if !f.inside() {
		return false
	}
	f.tidy.WriteByte(')')
	f.rest = strings.TrimLeft(f.rest, filterBlanks)
	return true
}

// inside reads what is in parentheses, with the one that closes.
func (f *filterText) inside() bool {
	if operator, ok := f.take("&|!"); ok {
		f.tidy.WriteByte(operator)
		return f.components(operator == '!')
	}
	if strings.HasPrefix(f.rest, "(") {
		return f.wrapped()
	}
	condition, rest, closed := strings.Cut(f.rest, ")")
	f.rest = rest
	tidy, ok := tidyCondition(condition)
	f.tidy.WriteString(tidy)
	return closed && ok
}

// components reads any number of filters in parentheses, or one.
func (f *filterText) components(one bool) bool {
	n := 0
	for ; strings.HasPrefix(strings.TrimLeft(f.rest, filterBlanks), "("); n++ {
		if !f.component() {
			return false
		}
	}
	_, closed := f.take(")")
	return closed && (!one || n == 1)
}

// wrapped reads a filter that has parentheses around it without need, and leaves these out.
func (f *filterText) wrapped() bool {
	f.rest = f.rest[1:]
	if !f.inside() {
		return false
	}
	_, closed := f.take(")")
	return closed
}

// filterName is what stands before the sign of a comparison: an attribute, with options or matching rules.
var filterName = regexp.MustCompile(`^[-\w:.;]*\w$`)

// tidyCondition takes the white space around the name and the value out of a comparison.
func tidyCondition(condition string) (string, bool) {
	name, value, ok := strings.Cut(condition, "=")
	sign := "="
	if n := len(name); n > 0 && strings.IndexByte("<>~:!", name[n-1]) >= 0 {
		sign = name[n-1:] + sign
		name = name[:n-1]
	}
	name = strings.Trim(name, filterBlanks)
	ok = ok && filterName.MatchString(name)
	value = strings.Trim(value, filterBlanks)
	if sign == "!=" {
		return "!(" + name + "=" + value + ")", ok
	}
	return name + sign + value, ok
}
