package hammer

import (
	"strings"
	"unicode"
)

// cellGuard begins a cell that a spreadsheet would run as a formula otherwise.
const cellGuard = "'"

// isFormula reports whether a spreadsheet might run a cell: it begins with one of = + - @, in any width, behind
// whatever spreadsheets pass over, or it has a tab or a line break there, which may begin another cell.
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

// guardCell makes a cell harmless. What was guarded before is a formula still, so that it gets one guard more, and
// unguardCell returns every text as it was.
func guardCell(s string) string {
	if isFormula(s) {
		return cellGuard + s
	}
	return s
}

// unguardCell takes away what guardCell added, and nothing else: 'tis stays.
func unguardCell(s string) string {
	if rest, guarded := strings.CutPrefix(s, cellGuard); guarded && isFormula(rest) {
		return rest
	}
	return s
}
