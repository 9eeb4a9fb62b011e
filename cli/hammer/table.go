package hammer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"roster/cli/hammer/spreadsheet"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

const maxColumn, minColumn = 80, 5

// footnote says which page it is if there are more.
func (o *output) footnote(p page, rows int) error {
	if !p.complete() || o.verbosity < verbose || rows >= value.Int(p.subtotal) || o.printed >= value.Int(p.subtotal) {
		return nil
	}
	pages := math.Ceil(float64(value.Int(p.subtotal)) / float64(value.Int(p.perPage)))
	if math.IsInf(pages, 0) {
		return softwareError("Infinity")
	}
	fmt.Fprintf(o.out, "Page %d of %d (use --page and --per-page for navigation).\n", value.Int(p.page), int(pages))
	return nil
}

func (o *output) table(fields []field, rows []any, p page, c chunk, footnote func(page, int) error) error {
	fields = slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.container() })
	var leader any
	if len(rows) > 0 {
		leader = rows[0]
	}
	fields = displayed(fields, leader, true)
	cells := make([][]string, len(rows))
	widths := make([]int, len(fields))
	for i, f := range fields {
		widths[i] = text.StringWidthWithoutEscSequences(f.label)
	}
	for r, row := range rows {
		cells[r] = make([]string, len(fields))
		for i, f := range fields {
			cells[r][i] = o.shown(f.flatText(f.value(row), true, o.selection.showIDs))
			widths[i] = min(max(widths[i], text.StringWidthWithoutEscSequences(cells[r][i])), maxColumn)
		}
	}
	if o.terminal {
		fit(widths, o.width)
	}
	rule := make([]string, len(fields))
	head := make([]string, len(fields))
	for i, f := range fields {
		rule[i] = strings.Repeat("-", widths[i])
		head[i] = cell(strings.ToUpper(f.label), widths[i])
		if o.colour {
			head[i] = terminal.Bold(head[i])
		}
	}
	line := strings.Join(rule, "-|-") + "\n"
	var b strings.Builder
	if c.first && !o.noHeaders {
		b.WriteString(line + strings.Join(head, " | ") + "\n" + line)
	}
	for _, row := range cells {
		for i := range row {
			if i > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(cell(row[i], widths[i]))
		}
		b.WriteString("\n")
	}
	if c.last && !o.noHeaders && len(rows) > 0 {
		b.WriteString(line)
	}
	fmt.Fprint(o.out, b.String())
	o.printed += len(rows)
	if footnote != nil && c.last {
		return footnote(p, len(rows))
	}
	return nil
}

// cell pads a text to a width of the screen, or cuts it and says so with three dots.
func cell(s string, width int) string {
	if gap := width - text.StringWidthWithoutEscSequences(s); gap >= 0 {
		return s + strings.Repeat(" ", gap)
	}
	used, end := 0, len(s)
	for i, r := range s {
		w := text.RuneWidth(r)
		if used+w > max(width-3, 0) {
			end = i
			break
		}
		used += w
	}
	dots := min(3, width)
	return s[:end] + strings.Repeat(".", dots) + strings.Repeat(" ", width-used-dots)
}

// fit narrows the widest columns until a row fits into the window.
func fit(widths []int, window int) {
	total := 3 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for total > window && len(widths) > 0 {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= minColumn {
			return
		}
		widths[widest]--
		total--
	}
}

// ---- csv

type csvCell struct {
	name  string
	value any
}

func (o *output) csv(fields []field, rows []any, c chunk) {
	var leader any
	if len(rows) > 0 {
		leader = rows[0]
	}
	fields = displayed(fields, leader, true)
	var headers []any
	all := make([][]csvCell, len(rows))
	for i, row := range rows {
		all[i] = o.cells(fields, row, "", "")
		if len(all[i]) > len(headers) {
			headers = headers[:0]
			for _, cell := range all[i] {
				headers = append(headers, cell.name)
			}
		}
	}
	if len(rows) == 0 {
		for _, f := range fields {
			headers = append(headers, f.label)
		}
	}
	var b strings.Builder
	if c.first && !o.noHeaders {
		b.WriteString(o.csvLine(headers))
	}
	for _, row := range all {
		line := make([]any, len(headers))
		for i, h := range headers {
			line[i] = ""
			if at := slices.IndexFunc(row, func(k csvCell) bool { return k.name == h }); at >= 0 {
				line[i] = row[at].value
			}
		}
		b.WriteString(o.csvLine(line))
	}
	fmt.Fprint(o.out, b.String())
}

// cells spreads containers over columns: Label::Field, and Label::Field::N for the members of a list.
func (o *output) cells(fields []field, data any, prefix, suffix string) []csvCell {
	var cells []csvCell
	for _, f := range fields {
		v := f.value(data)
		switch {
		case f.kind == many && suffix == "":
			for i, item := range value.AsList(v) {
				cells = append(cells, o.cells(f.fields, item, joinLabels(prefix, f.label), fmt.Sprint(i+1))...)
			}
		case f.kind == block && suffix == "":
			cells = append(cells, o.cells(f.fields, v, joinLabels(prefix, f.label), "")...)
		case f.container():
			cells = append(cells, csvCell{joinLabels(prefix, f.label, suffix), value.Text(v)})
		default:
			cells = append(cells, csvCell{joinLabels(prefix, f.label, suffix), f.flat(v, false, o.selection.showIDs)})
		}
	}
	return cells
}

func joinLabels(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "::")
}

// csvLine writes nothing for nil and "" for the empty text, and quotes where it must.
func (o *output) csvLine(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		s := o.shown(value.Text(v))
		if o.csvSafe {
			s = spreadsheet.Guard(s)
		}
		if s == "" || strings.ContainsAny(s, "\r\n\""+o.separator) {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		parts[i] = s
	}
	return strings.Join(parts, o.separator) + "\n"
}
