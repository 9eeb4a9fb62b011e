package output

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// Widths of columns in tables.
const (
	maxColumn = 80
	minColumn = 5
)

// footnote prints which page the rows are if there are more.
func (p *Printer) footnote(page Page, rows int) error {
	subtotal := value.Int(page.Subtotal)
	if !page.complete() || p.Verbosity < Verbose || rows >= subtotal || p.printed >= subtotal {
		return nil
	}
	pages := math.Ceil(float64(subtotal) / float64(value.Int(page.PerPage)))
	if math.IsInf(pages, 0) {
		return errors.New("Infinity") // as hammer says it
	}
	fmt.Fprintf(p.messages(), "Page %d of %d (use --page and --per-page for navigation).\n", value.Int(page.Number),
		int(pages))
	return nil
}

// table prints rows as a table, without the fields of containers.
func (p *Printer) table(fields []Field, rows []any, c chunk) {
	fields = slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.container() })
	fields = displayed(fields, leader(rows), true)
	cells := p.tableCells(fields, rows)
	widths := p.widths(fields, cells)
	rules := make([]string, len(fields))
	head := make([]string, len(fields))
	for i, f := range fields {
		rules[i] = strings.Repeat("-", widths[i])
		head[i] = cell(strings.ToUpper(f.label), widths[i])
		if p.Bold {
			head[i] = terminal.Bold(head[i])
		}
	}
	rule := strings.Join(rules, "-|-") + "\n"
	var b strings.Builder
	if c.first && !p.NoHeaders {
		b.WriteString(rule + strings.Join(head, " | ") + "\n" + rule)
	}
	for _, row := range cells {
		for i := range row {
			row[i] = cell(row[i], widths[i])
		}
		b.WriteString(strings.Join(row, " | ") + "\n")
	}
	if c.last && !p.NoHeaders && len(rows) > 0 {
		b.WriteString(rule)
	}
	fmt.Fprint(p.Out, b.String())
	p.printed += len(rows)
}

// leader returns the row that decides which fields a table or CSV has: the first one, nil if there are none.
func leader(rows []any) any {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

func (p *Printer) tableCells(fields []Field, rows []any) [][]string {
	cells := make([][]string, len(rows))
	for r, row := range rows {
		cells[r] = make([]string, len(fields))
		for i, f := range fields {
			cells[r][i] = p.escaped(f.flatText(f.value(row), true, p.ShowIDs))
		}
	}
	return cells
}

// widths returns the widths of a table's columns.
func (p *Printer) widths(fields []Field, cells [][]string) []int {
	widths := make([]int, len(fields))
	for i, f := range fields {
		widths[i] = textWidth(f.label)
		for _, row := range cells {
			widths[i] = min(max(widths[i], textWidth(row[i])), maxColumn)
		}
	}
	if p.Width > 0 {
		fit(widths, p.Width)
	}
	return widths
}

// cell pads a text to a width of the screen, or cuts it and ends it with three dots.
func cell(s string, width int) string {
	if gap := width - textWidth(s); gap >= 0 {
		return s + strings.Repeat(" ", gap)
	}
	used := 0
	end := len(s)
	for i, r := range s {
		w := runeWidth(r)
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
