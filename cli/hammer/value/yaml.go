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
	var b strings.Builder
	b.WriteString("---")
	writeYAML(&b, v, 0, inDocument)
	return b.String()
}

// yamlPlace is where a value stands.
type yamlPlace int

const (
	inDocument yamlPlace = iota
	inMapping
	inSequence
)

const foldAt = 80

func writeYAML(b *strings.Builder, v any, depth int, place yamlPlace) {
	pad := strings.Repeat("  ", depth)
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			b.WriteString(" []\n")
			return
		}
		if place == inMapping {
			// A list in a mapping is not indented.
			pad = strings.Repeat("  ", depth-1)
			depth--
		}
		if place != inSequence {
			b.WriteString("\n")
		}
		for i, item := range v {
			if i > 0 || place != inSequence {
				b.WriteString(pad)
			} else {
				b.WriteString(" ")
			}
			b.WriteString("-")
			writeYAML(b, item, depth+1, inSequence)
		}
	case *Object:
		if len(v.Pairs) == 0 {
			b.WriteString(" {}\n")
			return
		}
		if place != inSequence {
			b.WriteString("\n")
		}
		for i, p := range v.Pairs {
			if i > 0 || place != inSequence {
				b.WriteString(pad)
			} else {
				b.WriteString(" ")
			}
			key := yamlScalar(p.Key, 0, depth, true)
			// Numbered lists have whole numbers as keys, messages have symbols.
			if isDigits(p.Key) || strings.HasPrefix(p.Key, ":") {
				key = p.Key
			}
			b.WriteString(key + ":")
			writeYAML(b, p.Value, depth+1, inMapping)
		}
	case string:
		column := utf8.RuneCountInString(b.String()[strings.LastIndexByte(b.String(), '\n')+1:])
		b.WriteString(" " + yamlScalar(v, column+1, max(depth, 1), false) + "\n")
	case nil, Missing:
		if place == inDocument {
			b.WriteString("\n")
			return
		}
		b.WriteString("\n")
	default:
		b.WriteString(" " + Text(v) + "\n")
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

// yamlScalar writes a text that starts at a column, with lines that follow indented by depth.
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
			column, breaks = len(pad), true
			continue
		}
		breaks = false
		b.WriteRune(r)
		column++
	}
	return b.String()
}

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
