package spreadsheet

import (
	"fmt"
	"strings"
	"unicode"
)

// JoinNames returns names as one cell, with commas between them. A name that SplitNames would not give back as it is
// stands in quotation marks.
func JoinNames(names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = name
		if name == "" || strings.TrimSpace(name) != name || strings.ContainsAny(name, ",;\"'\\") {
			parts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
		}
	}
	return strings.Join(parts, ",")
}

// SplitNames returns the names in a cell: a,b, or a;b where there is no comma outside of quotation marks. Blanks around
// a name do not count, and neither does a name that is missing. A backslash takes the next character as it is.
func SplitNames(cell string) ([]string, error) {
	names, several, err := splitNames(cell, ',')
	if !several && err == nil {
		names, _, err = splitNames(cell, ';')
	}
	return names, err
}

// splitNames splits at a separator, and reports whether it was there.
func splitNames(cell string, separator rune) (names []string, several bool, err error) {
	s := &nameSplitter{}
	for _, r := range cell {
		if s.quote == 0 && !s.escaped && r == separator {
			s.end()
			several = true
			continue
		}
		s.next(r)
	}
	if s.quote != 0 || s.escaped {
		return nil, false, fmt.Errorf("illegal quoting in %s", cell)
	}
	s.end()
	return s.names, several, nil
}

// nameSplitter collects the characters of names.
type nameSplitter struct {
	names []string
	name  []rune
	// quote is the open quotation mark, 0 if there is none.
	quote   rune
	escaped bool
	// fixed is how many characters, of those there are, were quoted: blanks up to there belong to the name.
	fixed int
	// given is whether the name was quoted, and so may be empty.
	given bool
}

func (s *nameSplitter) next(r rune) {
	switch {
	case s.escaped:
		s.escaped = false
		s.keep(r)
	case r == '\\':
		s.escaped = true
	case s.quote != 0 && r == s.quote:
		s.quote = 0
	case s.quote != 0:
		s.keep(r)
	case (r == '"' || r == '\'') && len(s.name) == 0 && !s.given:
		s.quote = r
		s.given = true
	case unicode.IsSpace(r) && len(s.name) == 0 && !s.given:
	default:
		s.name = append(s.name, r)
	}
}

// keep adds a character that is meant as it is.
func (s *nameSplitter) keep(r rune) {
	s.name = append(s.name, r)
	s.fixed = len(s.name)
	s.given = true
}

// end ends a name.
func (s *nameSplitter) end() {
	name := string(s.name[:s.fixed]) + strings.TrimRightFunc(string(s.name[s.fixed:]), unicode.IsSpace)
	if name != "" || s.given {
		s.names = append(s.names, name)
	}
	*s = nameSplitter{names: s.names}
}

// nothing is the cell that clears an attribute, whereas an empty one leaves it alone.
const nothing = "NIL"

// IsNothing reports whether a cell clears an attribute.
func IsNothing(cell string) bool { return cell == nothing }

// EscapeNothing returns a cell for a text, which may be the word that clears an attribute: it gets a backslash, and one
// more where it has some.
func EscapeNothing(text string) string {
	if strings.TrimLeft(text, `\`) == nothing {
		return `\` + text
	}
	return text
}

// UnescapeNothing takes away what EscapeNothing added.
func UnescapeNothing(cell string) string {
	if strings.TrimLeft(cell, `\`) == nothing {
		return strings.TrimPrefix(cell, `\`)
	}
	return cell
}
