package value

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FormatYAML returns a value as a YAML document, written as Ruby's Psych with libyaml writes it: its choice of quotes,
// its folding at 80 columns, and lists at the column of their key. No Go library folds or quotes the same way.
func FormatYAML(v any) string {
	var w yamlWriter
	w.WriteString("---")
	w.value(v, 0, inDocument)
	return w.String()
}

// SureYAML returns a value as a YAML document that every reader gives back, whatever texts are in it. Texts of one line
// look as FormatYAML writes them; others stand in double quotes, with escape sequences.
func SureYAML(v any) string {
	w := yamlWriter{sure: true}
	w.WriteString("---")
	w.value(v, 0, inDocument)
	return w.String()
}

// yamlPlace is where a value stands.
type yamlPlace int

const (
	inDocument yamlPlace = iota
	inMapping
	inSequence
)

// foldAt is the column behind which lines are folded.
const foldAt = 80

// yamlWriter writes values behind what is there: "---", "key:" or "-".
type yamlWriter struct {
	strings.Builder
	// sure is whether texts of several lines, long ones and those with control characters are quoted.
	sure bool
}

func (w *yamlWriter) value(v any, depth int, place yamlPlace) {
	switch v := v.(type) {
	case []any:
		w.sequence(v, depth, place)
	case *Object:
		w.mapping(v, depth, place)
	case string:
		if w.sure && !isEasy(v) {
			w.WriteString(" " + yamlQuoted(v) + "\n")
			return
		}
		w.WriteString(" " + yamlScalar(v, w.column()+1, max(depth, 1), false) + "\n")
	case nil, Missing:
		w.WriteString("\n")
	default:
		w.WriteString(" " + Text(v) + "\n")
	}
}

// column returns how many characters the last line has.
func (w *yamlWriter) column() int {
	return utf8.RuneCountInString(w.String()[strings.LastIndexByte(w.String(), '\n')+1:])
}

// begin begins the next member of a sequence or of a mapping. The first member in a sequence stands behind its dash.
func (w *yamlWriter) begin(first bool, depth int, place yamlPlace) {
	switch {
	case first && place == inSequence:
		w.WriteString(" ")
		return
	case first:
		w.WriteString("\n")
	}
	w.WriteString(strings.Repeat("  ", depth))
}

func (w *yamlWriter) sequence(items []any, depth int, place yamlPlace) {
	if len(items) == 0 {
		w.WriteString(" []\n")
		return
	}
	if place == inMapping {
		depth-- // a list in a mapping is not indented
	}
	for i, item := range items {
		w.begin(i == 0, depth, place)
		w.WriteString("-")
		w.value(item, depth+1, inSequence)
	}
}

func (w *yamlWriter) mapping(o *Object, depth int, place yamlPlace) {
	if len(o.Pairs) == 0 {
		w.WriteString(" {}\n")
		return
	}
	for i, p := range o.Pairs {
		w.begin(i == 0, depth, place)
		key := yamlScalar(p.Key, 0, depth, true)
		// Numbered lists have whole numbers as keys, messages have symbols.
		if isDigits(p.Key) || strings.HasPrefix(p.Key, ":") {
			key = p.Key
		}
		w.WriteString(key + ":")
		w.value(p.Value, depth+1, inMapping)
	}
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

var (
	yamlInnerBreak = regexp.MustCompile(`\n(?:[^\n]|\n[\s\S])`)
	yamlOddStart   = regexp.MustCompile(`(?m)^[^\p{L}\p{M}\p{N}_][^"]*$`)
	yamlNotText    = regexp.MustCompile(`^(?:` + strings.Join([]string{
		`|~|null|Null|NULL`,
		`(?i:yes|true|on|no|false|off)`,
		`[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)`,
		`[-+]?0b[01_,]+|[-+]?0[0-9_,]+|[-+]?0x[0-9a-fA-F_,]+`,
		`[-+]?(?:\d[\d,_]*)?\.[\d_]*(?:[eE][-+]?\d+)?`,
		`[-+]?\d[\d,_]*\.[\d_]*(?:[eE][-+]?\d+)?`,
		`[-+]?\.(?i:inf)|\.(?i:nan)`,
		`\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)`,
		`-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?`,
		`[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(?:\.[0-9_]*)?`,
	}, "|") + `)$`)
)

// yamlScalar returns a text that starts at a column. Further lines are indented by depth. A key is never a block of
// lines.
func yamlScalar(s string, column, depth int, key bool) string {
	pad := strings.Repeat("  ", depth)
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) || strings.Contains(s, "\t") &&
		!yamlInnerBreak.MatchString(s):
		return yamlDouble(s, column, pad)
	case yamlInnerBreak.MatchString(s) && !key:
		return yamlLiteral(s, pad)
	case s == "y" || s == "n" || yamlOddStart.MatchString(s):
		return yamlDouble(s, column, pad)
	case yamlNotText.MatchString(s) || !yamlPlain(s):
		return yamlFolded("'"+strings.ReplaceAll(s, "'", "''")+"'", column, pad, true)
	}
	return yamlFolded(s, column, pad, false)
}

// unprintable reports whether a character is only written as an escape sequence.
func unprintable(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\ufeff' || r == utf8.RuneError)
}

// yamlPlain reports whether a text may stand without quotes.
func yamlPlain(s string) bool {
	return !strings.ContainsAny(s, "\n\t") && !strings.HasPrefix(s, " ") && !strings.HasSuffix(s, " ") &&
		!strings.Contains(s, ": ") && !strings.HasSuffix(s, ":") && !strings.Contains(s, " #") &&
		!strings.ContainsAny(s[:1], "-?:,[]{}#&*!|>'\"%@`")
}

// yamlFolded breaks a line at single spaces behind column 80.
func yamlFolded(s string, column int, pad string, quoted bool) string {
	runes := []rune(s)
	var b strings.Builder
	breaks := false
	for i, r := range runes {
		inner := i > 0 && i+1 < len(runes)
		if quoted {
			inner = i > 1 && i+2 < len(runes)
		}
		switch {
		case r == ' ' && column > foldAt && inner && runes[i+1] != ' ' && runes[i-1] != ' ':
			b.WriteString("\n" + pad)
			column = len(pad)
			continue
		case r == '\n':
			if !breaks {
				b.WriteString("\n")
			}
			b.WriteString("\n" + pad)
			column = len(pad)
			breaks = true
			continue
		}
		breaks = false
		b.WriteRune(r)
		column++
	}
	return b.String()
}

// yamlLiteral returns a text as a block of lines.
func yamlLiteral(s, pad string) string {
	head := "|"
	if strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\n") {
		head += "2"
	}
	switch {
	case !strings.HasSuffix(s, "\n"):
		head += "-"
	case strings.HasSuffix(s, "\n\n"):
		head += "+"
	}
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = pad + line
		}
	}
	return head + "\n" + strings.Join(lines, "\n")
}

var yamlEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\t': `\t`, '\r': `\r`, 0: `\0`, 7: `\a`, 8: `\b`,
	11: `\v`, 12: `\f`, 27: `\e`, 0x85: `\N`, 0xa0: `\_`, 0x2028: `\L`, 0x2029: `\P`}

// yamlDouble returns a text in double quotes, with escape sequences, folded at spaces.
func yamlDouble(s string, column int, pad string) string {
	var b strings.Builder
	b.WriteString(`"`)
	column++
	runes := []rune(s)
	spaces := false
	for i, r := range runes {
		if r == ' ' && !spaces && column > foldAt && i > 0 && i+1 < len(runes) {
			b.WriteString("\n" + pad)
			column = len(pad)
			if runes[i+1] == ' ' {
				b.WriteString(`\`)
				column++
			}
			spaces = true
			continue
		}
		spaces = r == ' '
		out := string(r)
		if e, ok := yamlEscapes[r]; ok && r != 0xa0 {
			out = e
		} else if unprintable(r) {
			out = fmt.Sprintf(`\x%02X`, r)
			if r > 0xff {
				out = fmt.Sprintf(`\u%04X`, r)
			}
		}
		b.WriteString(out)
		column += utf8.RuneCountInString(out)
	}
	return b.String() + `"`
}

// longest is how many bytes a text has at most that is never folded.
const longest = 40

// isEasy reports whether a text is short, and only has characters that YAML knows as printable.
func isEasy(s string) bool {
	return len(s) <= longest && !strings.ContainsFunc(s, needsEscape)
}

// needsEscape reports whether readers of YAML refuse a character, or take it for the end of a line.
func needsEscape(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }

// yamlQuoted returns a text in double quotes, on one line.
func yamlQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == utf8.RuneError || !needsEscape(r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02X`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	return b.String() + `"`
}
