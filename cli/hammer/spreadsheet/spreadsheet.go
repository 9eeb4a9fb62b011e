// Package spreadsheet reads and writes cells of CSV: it reads what spreadsheets write, keeps them from running cells as
// formulas, and writes lists of names and the word NIL so that they come back. It knows nothing of users.
package spreadsheet

import (
	"strings"
	"unicode"
)

// guard stands before a cell that a spreadsheet would run as a formula.
const guard = "'"

// isFormula reports whether a spreadsheet might run a cell: its first character is one of = + - @, in any width, or a
// tab or a line break, which may begin another cell. Characters in front that spreadsheets skip do not count.
func isFormula(s string) bool {
	for _, r := range s {
		switch {
		case r == '\t', r == '\r', r == '\n', strings.ContainsRune("=+-@＝＋－＠", r):
			return true
		case !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) && r != '"' && r != '\'':
			return false
		}
	}
	return false
}

// Guard returns a cell that spreadsheets take for text. A guarded cell counts as a formula and gets another guard, so
// that Unguard returns every text as it was.
func Guard(s string) string {
	if isFormula(s) {
		return guard + s
	}
	return s
}

// Unguard takes away what Guard added, and nothing else: 'tis stays.
func Unguard(s string) string {
	if rest, guarded := strings.CutPrefix(s, guard); guarded && isFormula(rest) {
		return rest
	}
	return s
}
