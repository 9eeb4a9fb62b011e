package hammer

import (
	"bytes"
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

// csvSafeOption is how exports are asked for plain cells, and imports are told of them.
func csvSafeOption(about string) *option {
	return &option{switches: []string{"--csv-safe"}, attribute: "csv_safe", metavar: "CSV_SAFE", about: about,
		parse: func(s string) (any, error) { return parseBool(s) }, values: []string{"yes", "no"}}
}

// csvSafe reports whether cells of users are guarded: unless the command's option says no, or else the global one.
func (in *invocation) csvSafe() bool {
	if on, said := in.values["csv_safe"].(bool); said {
		return on
	}
	on, said := in.flags["csv-safe"].(bool)
	return on || !said
}

// keepLineBreaks lets a CR before a line break stand in quoted cells: the reader takes one away.
func keepLineBreaks(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\r\n")) {
		return raw
	}
	kept := make([]byte, 0, len(raw))
	quoted := false
	for i, c := range raw {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && quoted && i > 0 && raw[i-1] == '\r' {
			kept = append(kept, '\r')
		}
		kept = append(kept, c)
	}
	return kept
}
