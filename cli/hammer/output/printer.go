// Package output prints records in hammer's forms: base, table, csv, json and yaml. A form prints the fields of a
// record that a command declares. The package knows nothing of commands or servers.
//
// The forms are hammer's to the byte. No writer of tables, CSV or YAML can be made to print them (chunks without
// borders, "" beside nothing, Ruby's folding), so the few lines for each are here.
package output

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// Printer prints the results of commands.
type Printer struct {
	// Out receives results, Messages what is said about them (Out if it is nil), Err mistakes and warnings.
	Out, Messages, Err io.Writer
	// Form is base, table, csv, json, yaml or silent.
	Form string
	// Fields are what --fields asks for: labels, or the sets DEFAULT, ALL and THIN. None is DEFAULT.
	Fields []string
	// WarnUnknown warns of names in Fields that no field has. hammer does not.
	WarnUnknown bool
	// ShowIDs prints the ids of associated objects, too.
	ShowIDs bool
	// NoHeaders leaves out the headers of tables and of CSV.
	NoHeaders bool
	// Separator stands between the values of CSV.
	Separator string
	// CSVSafe guards the cells of CSV against spreadsheets.
	CSVSafe bool
	// Verbosity is how much is printed.
	Verbosity Verbosity
	// Width is how many columns the terminal behind Out has, 0 if Out is not a terminal.
	Width int
	// Bold prints labels and headers in bold.
	Bold bool
	// Red prints mistakes in red.
	Red bool

	// printed counts the rows of tables.
	printed int
	// deprecated are the fields that were warned of.
	deprecated map[string]bool
	// told is set once unknown names were warned of.
	told bool
}

// Verbosity is how much is printed.
type Verbosity int

// Levels of verbosity. Each prints what those before it print, too.
const (
	// Quiet prints nothing.
	Quiet Verbosity = iota
	// ResultsOnly prints records and mistakes.
	ResultsOnly
	// Verbose prints messages.
	Verbose
)

// Page is what an answer says of the list that its rows belong to. Numbers that it does not give are nil.
type Page struct{ Total, Subtotal, Number, PerPage any }

func (p Page) complete() bool {
	return p.Total != nil && p.Subtotal != nil && p.Number != nil && p.PerPage != nil
}

// chunk is the place of some rows within a list that is fetched page by page.
type chunk struct{ first, last bool }

var whole = chunk{first: true, last: true}

// chunkOf follows hammer's arithmetic, in which absent numbers are 0: docs/spec/hammer.md, 5.
func chunkOf(page Page) chunk {
	return chunk{
		first: value.Int(page.Number) == 1,
		last:  value.Int(page.PerPage)*value.Int(page.Number) >= value.Int(page.Subtotal),
	}
}

// PagesByDefault reports whether the form is for people, who may want pages.
func (p *Printer) PagesByDefault() bool { return p.Form == "base" || p.Form == "table" }

// Restart forgets what was printed, so that a list can be printed again.
func (p *Printer) Restart() { p.printed = 0 }

// Record prints one object.
func (p *Printer) Record(fields []Field, data any) {
	if p.Verbosity < ResultsOnly {
		return
	}
	fields = p.choose(fields)
	switch p.Form {
	case "base":
		p.warnDeprecated(fields, data, "")
		p.base(fields, data)
	case "json":
		fmt.Fprintln(p.Out, value.PrettyJSON(tree(fields, data)))
	case "yaml":
		fmt.Fprint(p.Out, value.FormatYAML(tree(fields, data)))
	case "table":
		p.table(fields, []any{data}, whole)
	case "csv":
		p.csv(fields, []any{data}, whole)
	}
}

// List prints the rows of a list that is printed at once. An error can only come from the numbers of the page.
func (p *Printer) List(fields []Field, rows []any, page Page) error {
	return p.rows(fields, rows, page, whole)
}

// ListPart prints one page of a list that is printed page by page. An error can only come from the numbers of the page.
func (p *Printer) ListPart(fields []Field, rows []any, page Page) error {
	return p.rows(fields, rows, page, chunkOf(page))
}

func (p *Printer) rows(fields []Field, rows []any, page Page, c chunk) error {
	// After 1000 rows, or 2000, hammer asks for one page more and prints the empty one as half a list, which is not
	// JSON. An empty page after the first one prints nothing here.
	if p.Verbosity < ResultsOnly || len(rows) == 0 && !c.first {
		return nil
	}
	fields = p.choose(fields)
	switch p.Form {
	case "base":
		for _, row := range rows {
			p.warnDeprecated(fields, row, "")
			p.base(fields, row)
		}
	case "table":
		p.table(fields, rows, c)
		if c.last {
			return p.footnote(page, len(rows))
		}
	case "csv":
		p.csv(fields, rows, c)
	case "json", "yaml":
		p.data(fields, rows, c)
	}
	return nil
}

// Message prints the outcome of a command. %{key} stands for a value of the answer.
func (p *Printer) Message(format string, answer any) {
	if p.Verbosity < Verbose {
		return
	}
	message := format
	a := value.AsObject(answer)
	if a != nil {
		message = expand(format, a)
	}
	switch p.Form {
	case "json":
		fmt.Fprintln(p.messages(), value.PrettyJSON(outcome("message", "id", "name", message, a)))
	case "yaml":
		fmt.Fprint(p.messages(), value.FormatYAML(outcome(":message", ":id", ":name", message, a)))
	case "csv":
		var labels, values []any
		for _, pair := range outcome("Message", "Id", "Name", message, a).Pairs {
			labels = append(labels, pair.Key)
			values = append(values, pair.Value)
		}
		fmt.Fprint(p.messages(), p.csvLine(labels)+p.csvLine(values))
	case "silent":
	default:
		fmt.Fprintln(p.messages(), escapedFor(p.messages(), message))
	}
}

// outcome returns a message, and the id and the name of the object that it is about, under these keys.
func outcome(messageKey, idKey, nameKey, message string, about *value.Object) *value.Object {
	o := value.NewObject(messageKey, message)
	if id := about.Get("id"); id != nil {
		o.Set(idKey, id)
	}
	if name := about.Get("name"); name != nil {
		o.Set(nameKey, name)
	}
	return o
}

var placeholder = regexp.MustCompile(`%\{([^}]*)\}`)

func expand(format string, a *value.Object) string {
	return placeholder.ReplaceAllStringFunc(format, func(m string) string { return value.Text(a.Get(m[2 : len(m)-1])) })
}

// Failure prints a mistake, below its heading if there is one.
func (p *Printer) Failure(heading, message string) {
	if p.Verbosity < ResultsOnly || p.Form == "silent" {
		return
	}
	if heading != "" {
		message = heading + ":\n" + indent(message, "  ")
	}
	if p.Red {
		message = terminal.Red(message)
	}
	fmt.Fprintln(p.Err, strings.TrimRight(message, "\n"))
}

// indent puts by before each line of a text.
func indent(s, by string) string {
	return by + strings.ReplaceAll(s, "\n", "\n"+by)
}

// escaped returns a value as it may stand in a line of the output: on a terminal, without line breaks of its own.
func (p *Printer) escaped(s string) string { return escapedFor(p.Out, s) }

// escapedFor returns a text as it may stand in one line of what is written to w.
func escapedFor(w io.Writer, s string) string {
	if terminal.Behind(w) == nil {
		return s
	}
	return terminal.Escape(s)
}

// messages returns the writer for messages.
func (p *Printer) messages() io.Writer {
	if p.Messages == nil {
		return p.Out
	}
	return p.Messages
}

// escapedLines returns a value of several lines as it may stand in the output.
func (p *Printer) escapedLines(s string) string {
	if terminal.Behind(p.Out) == nil {
		return s
	}
	parts := strings.Split(s, "\n")
	for i, part := range parts {
		parts[i] = terminal.Escape(part)
	}
	return strings.Join(parts, "\n")
}
