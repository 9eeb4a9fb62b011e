package hammer

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

// output prints what commands have to say, in one of hammer's forms. The forms are hammer's to the byte, which no
// writer of tables, CSV or YAML can be made to print (chunks without borders, "" beside nothing, Ruby's folding), so
// the few lines for each are here.
type output struct {
	out, err io.Writer
	// file is what was written to instead of the standard output, until it is closed.
	file      io.Closer
	form      string
	selection selection
	noHeaders bool
	separator string
	// csvSafe cells are guarded against spreadsheets.
	csvSafe   bool
	verbosity int
	terminal  bool
	width     int
	colour    bool
	// errTerminal and errColour are about where mistakes and progress go.
	errTerminal, errColour bool
	printed                int
	deprecated             map[string]bool
}

// watched remembers whether something could not be written: a full disk must not look like a success.
type watched struct {
	io.Writer
	err error
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// Unwrap returns the writer behind.
func (w *watched) Unwrap() io.Writer { return w.Writer }

// Levels of verbosity: errors only, results, messages as well.
const (
	quiet = iota
	unix
	verbose
)

// page is what an answer says of the whole list; absent numbers are nil.
type page struct{ total, subtotal, page, perPage any }

func (p page) complete() bool {
	return p.total != nil && p.subtotal != nil && p.page != nil && p.perPage != nil
}

// chunk is the place of some rows within a list that is fetched page by page.
type chunk struct{ first, last bool }

var whole = chunk{true, true}

// chunkOf follows hammer's arithmetic with what is absent as 0: hammer.md 5, envelope.
func chunkOf(p page) chunk {
	return chunk{first: value.Int(p.page) == 1, last: value.Int(p.perPage)*value.Int(p.page) >= value.Int(p.subtotal)}
}

// pagesByDefault reports whether the form is for people, who may want pages.
func (o *output) pagesByDefault() bool { return o.form == "base" || o.form == "table" }

// record prints one object.
func (o *output) record(fields []field, data any) {
	if o.verbosity < unix {
		return
	}
	fields = o.selection.choose(fields)
	switch o.form {
	case "base":
		o.warnDeprecated(fields, data, "")
		o.base(fields, data)
	case "json":
		fmt.Fprintln(o.out, value.PrettyJSON(tree(fields, data)))
	case "yaml":
		fmt.Fprint(o.out, value.FormatYAML(tree(fields, data)))
	case "table":
		_ = o.table(fields, []any{data}, page{}, whole, nil) // only pages of lists can be wrong
	case "csv":
		o.csv(fields, []any{data}, whole)
	}
}

// collection prints rows. An error can only come from what the server says of the pages.
func (o *output) collection(fields []field, rows []any, p page, c chunk) error {
	// After 1000 rows, or 2000, hammer asks for one page more and prints the empty one as half a list, which is no
	// JSON. What follows a list is empty here.
	if o.verbosity < unix || len(rows) == 0 && !c.first {
		return nil
	}
	fields = o.selection.choose(fields)
	switch o.form {
	case "base":
		for _, row := range rows {
			o.warnDeprecated(fields, row, "")
			o.base(fields, row)
		}
	case "table":
		return o.table(fields, rows, p, c, o.footnote)
	case "csv":
		o.csv(fields, rows, c)
	case "json", "yaml":
		o.data(fields, rows, c)
	}
	return nil
}

// data prints rows as one list, even if they come in chunks.
func (o *output) data(fields []field, rows []any, c chunk) {
	trees := make([]any, len(rows))
	for i, row := range rows {
		trees[i] = tree(fields, row)
	}
	if o.form == "yaml" {
		s := value.FormatYAML(trees)
		if !c.first {
			s = s[len("---\n"):]
		}
		fmt.Fprint(o.out, s)
		return
	}
	s := value.PrettyJSON(trees)
	if !c.last {
		s = s[:len(s)-2] + ","
	}
	if !c.first {
		s = s[2:]
	}
	fmt.Fprintln(o.out, s)
}

// message prints the outcome of a command. %{key} stands for a value of the answer.
func (o *output) message(format string, answer any) {
	if o.verbosity < verbose {
		return
	}
	a := value.AsObject(answer)
	msg := format
	if a != nil {
		msg = expand(format, a)
	}
	var id, name any
	if a != nil {
		id, name = a.Get("id"), a.Get("name")
	}
	switch o.form {
	case "json", "yaml":
		prefix := ""
		if o.form == "yaml" {
			prefix = ":"
		}
		result := value.NewObject(prefix+"message", msg)
		if id != nil {
			result.Set(prefix+"id", id)
		}
		if name != nil {
			result.Set(prefix+"name", name)
		}
		if o.form == "yaml" {
			fmt.Fprint(o.out, value.FormatYAML(result))
		} else {
			fmt.Fprintln(o.out, value.PrettyJSON(result))
		}
	case "csv":
		labels, values := []any{"Message"}, []any{msg}
		if id != nil {
			labels, values = append(labels, "Id"), append(values, id)
		}
		if name != nil {
			labels, values = append(labels, "Name"), append(values, name)
		}
		fmt.Fprint(o.out, o.csvLine(labels)+o.csvLine(values))
	case "silent":
	default:
		fmt.Fprintln(o.out, o.shown(msg))
	}
}

var placeholder = regexp.MustCompile(`%\{([^}]*)\}`)

func expand(format string, a *value.Object) string {
	return placeholder.ReplaceAllStringFunc(format, func(m string) string { return value.Text(a.Get(m[2 : len(m)-1])) })
}

// failure prints a mistake, below its heading if there is one.
func (o *output) failure(heading, message string) {
	if o.verbosity < unix || o.form == "silent" {
		return
	}
	if heading != "" {
		message = heading + ":\n" + indent(message, "  ")
	}
	if o.errColour {
		message = terminal.Red(message)
	}
	fmt.Fprintln(o.err, strings.TrimRight(message, "\n"))
}

func indent(s, by string) string {
	return by + strings.ReplaceAll(s, "\n", "\n"+by)
}

// ---- base: a label and a value per line

func (o *output) base(fields []field, data any) {
	s := o.lines(fields, data)
	fmt.Fprintln(o.out, s)
	fmt.Fprintln(o.out)
}

func (o *output) lines(fields []field, data any) string {
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
		if o.colour {
			label = terminal.Bold(label)
		}
		b.WriteString(label)
		switch {
		case f.container():
			b.WriteString("\n" + o.nested(f, v))
		case f.kind == longText:
			b.WriteString("\n" + indent(wrap(o.shownLines(value.Text(v)), 60), "    "))
		default:
			b.WriteString(o.shown(f.flatText(v, true, o.selection.showIDs)))
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), " \n\t")
}

func (o *output) nested(f field, v any) string {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
		if f.kind == many && v == nil {
			items = nil
		}
	}
	var b strings.Builder
	for i, item := range items {
		s := indent(o.lines(f.fields, item), "    ")
		if f.numbered {
			s = fmt.Sprintf(" %-3s", fmt.Sprintf("%d)", i+1)) + s[4:]
		}
		b.WriteString(s + "\n")
	}
	return strings.TrimRight(b.String(), " \n\t")
}

// wrap cuts a text into lines of a width, wherever that falls.
func wrap(s string, width int) string {
	var lines []string
	for part := range slices.Chunk([]rune(s), width) {
		lines = append(lines, string(part))
	}
	return strings.Join(lines, "\n")
}

func (o *output) warnDeprecated(fields []field, data any, above string) {
	for _, f := range displayed(fields, data, false) {
		name := above + f.label
		if f.deprecated != "" && !o.deprecated[name] {
			if o.deprecated == nil {
				o.deprecated = map[string]bool{}
			}
			o.deprecated[name] = true
			fmt.Fprintf(o.err, "Warning: Field '%s' is deprecated. Consider using '%s' instead.\n", name, f.deprecated)
		}
		if f.kind == block {
			o.warnDeprecated(f.fields, f.value(data), name+"/")
		}
	}
}

// ---- json and yaml: a tree of labels

func tree(fields []field, data any) any {
	fields = displayed(fields, data, false)
	out := value.NewObject()
	for _, f := range fields {
		v := f.value(data)
		if !f.container() {
			out.Set(f.label, f.data(v))
			continue
		}
		items, ok := v.([]any)
		if !ok {
			items = []any{v}
			if f.kind == many && v == nil {
				items = nil
			}
		}
		members := make([]any, 0, len(items))
		numbered := value.NewObject()
		for i, item := range items {
			member := tree(f.fields, item)
			if o := value.AsObject(member); len(f.fields) == 1 && f.fields[0].label == "" && len(o.Pairs) == 1 {
				member = o.Pairs[0].Value
			}
			members = append(members, member)
			numbered.Set(fmt.Sprint(i+1), member)
		}
		switch {
		case f.kind == block && len(members) > 0:
			out.Set(f.label, members[0])
		case f.numbered:
			out.Set(f.label, numbered)
		default:
			out.Set(f.label, members)
		}
	}
	return out
}

// shown is a value as it may stand in a line of the output: on a terminal, without line breaks of its own.
func (o *output) shown(s string) string {
	if terminal.Behind(o.out) == nil {
		return s
	}
	return terminal.Escape(s)
}

// shownLines is a value of several lines as it may stand in the output.
func (o *output) shownLines(s string) string {
	if terminal.Behind(o.out) == nil {
		return s
	}
	parts := strings.Split(s, "\n")
	for i, part := range parts {
		parts[i] = terminal.Escape(part)
	}
	return strings.Join(parts, "\n")
}
