package output

import (
	"fmt"
	"slices"
	"strings"

	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// base prints a label and a value a line.
func (p *Printer) base(fields []Field, data any) {
	s := p.lines(fields, data)
	fmt.Fprintln(p.Out, s)
	fmt.Fprintln(p.Out)
}

// lines returns the lines of a record, without the last line break.
func (p *Printer) lines(fields []Field, data any) string {
	fields = displayed(fields, data, false)
	width := 0
	for _, f := range fields {
		width = max(width, len([]rune(f.label))+len(": "))
	}
	var b strings.Builder
	for _, f := range fields {
		v := f.value(data)
		label := ""
		if f.label != "" {
			label = f.label + ": " + strings.Repeat(" ", width-len([]rune(f.label))-len(": "))
		}
		if p.Bold {
			label = terminal.Bold(label)
		}
		b.WriteString(label)
		switch {
		case f.container():
			b.WriteString("\n" + p.nested(f, v))
		case f.kind == longText:
			b.WriteString("\n" + indent(wrap(p.escapedLines(value.Text(v)), 60), "    "))
		case f.kind == paragraph:
			b.WriteString("\n" + indentLines(p.escapedLines(value.Text(v)), "  "))
		default:
			b.WriteString(p.escaped(f.flatText(v, true, p.ShowIDs)))
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), " \n\t")
}

// indentLines puts by before each line of a text. Behind its last line break there is no line.
func indentLines(s, by string) string {
	text, ended := strings.CutSuffix(s, "\n")
	if ended {
		return indent(text, by) + "\n"
	}
	return indent(text, by)
}

// nested returns the lines of a container's members, indented.
func (p *Printer) nested(f Field, v any) string {
	var b strings.Builder
	for i, item := range f.members(v) {
		s := indent(p.lines(f.fields, item), "    ")
		if f.numbered {
			s = fmt.Sprintf(" %-3s", fmt.Sprintf("%d)", i+1)) + s[4:]
		}
		b.WriteString(s + "\n")
	}
	return strings.TrimRight(b.String(), " \n\t")
}

// wrap cuts a text into lines of a width, also in the middle of words.
func wrap(s string, width int) string {
	var lines []string
	for part := range slices.Chunk([]rune(s), width) {
		lines = append(lines, string(part))
	}
	return strings.Join(lines, "\n")
}

// warnDeprecated warns once of each deprecated field that is printed.
func (p *Printer) warnDeprecated(fields []Field, data any, above string) {
	for _, f := range displayed(fields, data, false) {
		name := above + f.label
		if f.deprecated != "" && !p.deprecated[name] {
			if p.deprecated == nil {
				p.deprecated = map[string]bool{}
			}
			p.deprecated[name] = true
			fmt.Fprintf(p.Err, "Warning: Field '%s' is deprecated. Consider using '%s' instead.\n", name, f.deprecated)
		}
		if f.kind == block {
			p.warnDeprecated(f.fields, f.value(data), name+"/")
		}
	}
}
