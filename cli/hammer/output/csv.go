package output

import (
	"fmt"
	"slices"
	"strings"

	"roster/cli/hammer/spreadsheet"
	"roster/cli/hammer/value"
)

// csvCell is a value and the header of its column.
type csvCell struct {
	name  string
	value any
}

// csv prints rows as CSV.
func (p *Printer) csv(fields []Field, rows []any, c chunk) {
	fields = displayed(fields, leader(rows), true)
	all := make([][]csvCell, len(rows))
	for i, row := range rows {
		all[i] = p.cells(fields, row, "", "")
	}
	headers := csvHeaders(fields, all)
	var b strings.Builder
	if c.first && !p.NoHeaders {
		b.WriteString(p.csvLine(headers))
	}
	for _, row := range all {
		line := make([]any, len(headers))
		for i, h := range headers {
			line[i] = ""
			if at := slices.IndexFunc(row, func(k csvCell) bool { return k.name == h }); at >= 0 {
				line[i] = row[at].value
			}
		}
		b.WriteString(p.csvLine(line))
	}
	fmt.Fprint(p.Out, b.String())
}

// csvHeaders returns the names of the columns: those of the first of the longest rows.
func csvHeaders(fields []Field, rows [][]csvCell) []any {
	var headers []any
	for _, row := range rows {
		if len(row) <= len(headers) {
			continue
		}
		headers = headers[:0]
		for _, cell := range row {
			headers = append(headers, cell.name)
		}
	}
	if len(rows) == 0 {
		for _, f := range fields {
			headers = append(headers, f.label)
		}
	}
	return headers
}

// cells spreads containers over columns: Label::Field, and Label::Field::N for the members of a list.
func (p *Printer) cells(fields []Field, data any, prefix, suffix string) []csvCell {
	var cells []csvCell
	for _, f := range fields {
		v := f.value(data)
		switch {
		case f.kind == many && suffix == "":
			for i, item := range value.AsList(v) {
				cells = append(cells, p.cells(f.fields, item, joinLabels(prefix, f.label), fmt.Sprint(i+1))...)
			}
		case f.kind == block && suffix == "":
			cells = append(cells, p.cells(f.fields, v, joinLabels(prefix, f.label), "")...)
		case f.container():
			cells = append(cells, csvCell{joinLabels(prefix, f.label, suffix), value.Text(v)})
		default:
			cells = append(cells, csvCell{joinLabels(prefix, f.label, suffix), f.csvValue(v, p.ShowIDs)})
		}
	}
	return cells
}

// csvValue returns a value for a cell. A key that the record lacks is the empty text, which is written as "", whereas
// null is nothing.
func (f Field) csvValue(v any, showIDs bool) any {
	flat := f.flat(v, false, showIDs)
	if _, gone := v.(value.Missing); gone && flat == nil {
		return ""
	}
	return flat
}

func joinLabels(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "::")
}

// csvLine returns a line of CSV, with nothing for nil and "" for the empty text. It quotes only where it must.
func (p *Printer) csvLine(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		s := p.escaped(value.Text(v))
		if p.CSVSafe {
			s = spreadsheet.Guard(s)
		}
		if s == "" || strings.ContainsAny(s, "\r\n\""+p.Separator) {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		parts[i] = s
	}
	return strings.Join(parts, p.Separator) + "\n"
}
