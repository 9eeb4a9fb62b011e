package hammer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	encoding "golang.org/x/text/encoding/unicode"

	"roster/cli/hammer/spreadsheet"
	"roster/cli/hammer/value"
)

// userColumn is one column of a file of users.
type userColumn struct {
	name string
	// key is what the API calls it; the values of references are names, resolved to ids.
	key, refers string
	many        bool
	boolean     bool
	// end says that the value is the time at which something ends. Records without one lack it.
	end bool
	// secret columns are read, but never written.
	secret bool
	// about says what the column means, and example is a value of it.
	about, example string
}

// column returns the column of a text that the API calls by the same name.
func column(name, example, about string) userColumn {
	return userColumn{name: name, key: name, about: about, example: example}
}

// flagColumn returns the column of a yes or no.
func flagColumn(name, example, about string) userColumn {
	c := column(name, example, about)
	c.boolean = true
	return c
}

// nameColumn returns the column of names of other objects, of which the API wants the ids as key.
func nameColumn(name, key, refers, example, about string) userColumn {
	c := column(name, example, about)
	c.key = key
	c.refers = refers
	c.many = strings.HasSuffix(key, "_ids")
	return c
}

// internalSource is the auth source of users whose row names none.
const internalSource = "Internal"

// userColumns are the columns in the order of exports. Only the login is required.
var userColumns = []userColumn{
	column("login", "ann", "Name that the user logs in with; identifies the row"),
	column("firstname", "Ann", "First name"), column("lastname", "Novak", "Last name"),
	column("mail", "ann@example.com", "Mail address"),
	column("description", "since spring", "Any text"),
	flagColumn("admin", "no", "Whether the user is an administrator: yes or no (no)"),
	flagColumn("disabled", "no", "Whether the account is disabled: yes or no (no)"),
	flagColumn("mail_enabled", "yes", "Whether the user gets mail: yes or no"),
	column("timezone", "Prague", "Time zone; user create --timezone '?' lists them"),
	column("locale", "de", "Language of messages and times"),
	nameColumn("auth_source", "auth_source_id", "auth_sources", "External",
		"Name of the source that checks the password (Internal for a new user)"),
	nameColumn("default_organization", "default_organization_id", "organizations", "Brno",
		"Title of the organization that the user works in after a login"),
	nameColumn("default_location", "default_location_id", "locations", "Building A",
		"Title of the location that the user works in after a login"),
	nameColumn("organizations", "organization_ids", "organizations", "Brno;Brno/Sales", "Titles of organizations"),
	nameColumn("locations", "location_ids", "locations", "Building A", "Titles of locations"),
	nameColumn("roles", "role_ids", "roles", "Viewer;Helpdesk", "Names of roles"),
	{name: "expires_at", key: "expires_at", end: true, example: "2026-12-31",
		about: "When the account ends; a date means the end of that day"},
	{name: "password", key: "password", secret: true, example: "Xk3-blue-fish",
		about: "Password; a new user of the source Internal needs one"},
}

// nameKey returns the field that names a reference. Tenants are named by title, since tenants below different parents
// may have the same name.
func (c userColumn) nameKey() string {
	if c.refers == "organizations" || c.refers == "locations" {
		return "title"
	}
	return "name"
}

// userRow is one user of a file: column to value, which is a text or a list of texts.
type userRow struct {
	line   int
	values map[string]any
}

// login returns the login, without blanks around it, as servers store it.
func (r userRow) login() string {
	s, _ := r.values["login"].(string)
	return strings.TrimSpace(s)
}

// sameBut reports whether two rows have the same values, but for one column.
func (r userRow) sameBut(other userRow, column string) bool {
	a := maps.Clone(r.values)
	b := maps.Clone(other.values)
	delete(a, column)
	delete(b, column)
	return reflect.DeepEqual(a, b)
}

// csvForm is how a file of CSV is written.
type csvForm struct {
	// separator stands between the cells. 0 is the global one; in a file that is read, what the header shows.
	separator, global rune
	// safe is whether cells are guarded against spreadsheets.
	safe bool
	// shown is whether control characters are shown, for a terminal.
	shown bool
	// columns are the columns that other names of a file stand for. The column "" is left out.
	columns map[string]string
}

// fileFormat returns the format of a file: the one that --format names, or that of the file's extension.
func fileFormat(wish, file string) (string, error) {
	format := wish
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), ".")
	}
	switch format {
	case "csv", "json", "yaml":
		return format, nil
	case "yml":
		return "yaml", nil
	}
	if wish != "" || file == "" {
		return "", fmt.Errorf("the format %q is not known: csv, json and yaml are", wish)
	}
	return "", fmt.Errorf("the format of %q is not known: --format says csv, json or yaml", file)
}

// readUsers reads a file of users. Unknown columns are an error, so that no misspelt one is lost silently.
func readUsers(raw []byte, format string, form csvForm) ([]userRow, error) {
	raw = fromUTF16(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("line %d is not UTF-8", 1+bytes.Count(raw[:invalidUTF8(raw)], []byte("\n")))
	}
	var rows []userRow
	var err error
	switch format {
	case "csv":
		rows, err = readCSV(raw, form)
	case "json":
		var v any
		if v, err = value.ParseJSON(raw); err == nil {
			rows, err = rowsFrom(v, linesOfJSON(raw), form)
		}
	case "yaml":
		var v any
		if v, err = value.ParseYAML(raw); err == nil {
			rows, err = rowsFrom(v, linesOfYAML(raw), form)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		for name := range row.values {
			if !isColumn(name) {
				return nil, fmt.Errorf("line %d: %w", row.line, unknownColumn(name))
			}
		}
	}
	return rows, nil
}

// fromUTF16 returns a text that begins as UTF-16 in UTF-8, and any other as it is. Spreadsheets call it Unicode text.
func fromUTF16(raw []byte) []byte {
	if !bytes.HasPrefix(raw, []byte("\xff\xfe")) && !bytes.HasPrefix(raw, []byte("\xfe\xff")) {
		return raw
	}
	decoder := encoding.UTF16(encoding.LittleEndian, encoding.ExpectBOM).NewDecoder()
	text, err := decoder.Bytes(raw)
	if err != nil {
		return raw
	}
	return text
}

// invalidUTF8 returns the index of the first byte that is not UTF-8.
func invalidUTF8(raw []byte) int {
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(raw)
}

// readCSV reads rows of CSV. An empty cell leaves its attribute alone, and NIL clears it.
func readCSV(raw []byte, form csvForm) ([]userRow, error) {
	table, err := spreadsheet.Read(raw, form.separator, isColumn, form.global, form.rename)
	if err != nil {
		return nil, err
	}
	for _, name := range table.Head {
		if name != "" && !isColumn(name) && !strings.HasPrefix(name, leftOut) {
			return nil, unknownColumn(name)
		}
	}
	if !slices.Contains(table.Head, "login") {
		return nil, errors.New(`there is no column "login"`)
	}
	var rows []userRow
	for _, record := range table.Rows {
		row := userRow{line: record.Line, values: map[string]any{}}
		for i, name := range table.Head {
			cell := record.Cells[i]
			// Passwords are never exported, and so were never guarded.
			if form.safe && name != "password" {
				cell = spreadsheet.Unguard(cell)
			}
			switch {
			case strings.HasPrefix(name, leftOut):
			case spreadsheet.IsNothing(cell):
				row.values[name] = value.Null{}
			case cell != "" && name != "":
				row.values[name] = spreadsheet.UnescapeNothing(cell)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// isColumn reports whether users have a column of this name.
func isColumn(name string) bool {
	return slices.ContainsFunc(userColumns, func(c userColumn) bool { return c.name == name })
}

// unknownColumn returns the error for a column that users do not have. It may be a whole header, if that has another
// separator.
func unknownColumn(name string) error {
	var names []string
	for _, c := range userColumns {
		names = append(names, c.name)
	}
	hint := ""
	odd := func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	if strings.ContainsFunc(name, odd) {
		hint = "; if another character separates the columns, --csv-separator says which"
	}
	return fmt.Errorf("there is no column %q%s Known are %s. --map %s=COLUMN says which one it is%s", name,
		didYouMean(name, names), strings.Join(names, ", "), shellWord(name), hint)
}

// shellWord returns a name as a word of a shell, for examples.
func shellWord(name string) string {
	if strings.ContainsAny(name, " ;&|\t'\"()") {
		return "'" + name + "'"
	}
	return name
}

// leftOut begins the names of columns that are not read.
const leftOut = "\x00"

// rename returns the column for a name in a file: what --map says, or else the column of that name in small letters.
func (f csvForm) rename(name string) string {
	column, mapped := f.columns[name]
	switch {
	case mapped && column == "":
		return leftOut + name
	case mapped:
		return column
	}
	if small := strings.ToLower(name); isColumn(small) {
		return small
	}
	return name
}

// rowsFrom returns the rows of a list of objects, or of an object with the list as "users" or "results". The lines are
// those in which the objects begin.
func rowsFrom(v any, lines []int, form csvForm) ([]userRow, error) {
	if o := value.AsObject(v); o != nil {
		v = o.Get("users")
		if v == nil {
			v = o.Get("results")
		}
	}
	items, ok := v.([]any)
	if !ok {
		return nil, errors.New("the file is no list of users")
	}
	var rows []userRow
	for i, item := range items {
		line := i + 1
		if len(lines) == len(items) {
			line = lines[i]
		}
		o := value.AsObject(item)
		if o == nil {
			return nil, fmt.Errorf("line %d: this is no object", line)
		}
		row := userRow{line: line, values: map[string]any{}}
		for _, p := range o.Pairs {
			name := form.rename(p.Key)
			if strings.HasPrefix(name, leftOut) {
				continue
			}
			if _, known := row.values[name]; known {
				return nil, fmt.Errorf("line %d: %q is there twice", line, name)
			}
			switch v := p.Value.(type) {
			case nil:
				row.values[name] = value.Null{}
			case []any:
				row.values[name] = v
			default:
				row.values[name] = value.Text(v)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// linesOfJSON returns the lines in which the objects of a list of users begin.
func linesOfJSON(raw []byte) []int {
	d := json.NewDecoder(bytes.NewReader(raw))
	first, err := d.Token()
	for err == nil && first == json.Delim('{') && d.More() {
		var key json.Token
		if key, err = d.Token(); key == "users" || key == "results" {
			first, err = d.Token()
			continue
		}
		var skipped json.RawMessage
		err = errors.Join(err, d.Decode(&skipped))
	}
	var lines []int
	for err == nil && first == json.Delim('[') && d.More() {
		start := int(d.InputOffset())
		for start < len(raw) && bytes.IndexByte([]byte(", \t\r\n"), raw[start]) >= 0 {
			start++
		}
		lines = append(lines, 1+bytes.Count(raw[:start], []byte("\n")))
		var skipped json.RawMessage
		err = d.Decode(&skipped)
	}
	return lines
}

// linesOfYAML is linesOfJSON for YAML.
func linesOfYAML(raw []byte) []int {
	var document yaml.Node
	if yaml.Unmarshal(raw, &document) != nil || len(document.Content) == 0 {
		return nil
	}
	list := document.Content[0]
	for i := 0; list.Kind == yaml.MappingNode && i+1 < len(list.Content); i += 2 {
		if key := list.Content[i].Value; key == "users" || key == "results" {
			list = list.Content[i+1]
		}
	}
	var lines []int
	for _, item := range list.Content {
		lines = append(lines, item.Line)
	}
	return lines
}

// names returns the names in the value of a reference: those of a list, those in a cell of a column that holds
// several, else the one that the cell is.
func (c userColumn) names(v any) ([]string, error) {
	switch v := v.(type) {
	case nil, value.Null:
		return nil, nil
	case []any:
		names := make([]string, len(v))
		for i, item := range v {
			names[i] = value.Text(item)
		}
		if !c.many && len(names) > 1 {
			return nil, errors.New("there is more than one name")
		}
		return names, nil
	}
	text := value.Text(v)
	switch {
	case strings.TrimSpace(text) == "":
		return nil, nil
	case c.many:
		return spreadsheet.SplitNames(text)
	}
	return []string{text}, nil
}

// parallel runs work for 0 to n-1 on several goroutines. It hands out no more work once stop returns true.
func parallel(workers, n int, stop func() bool, work func(i int)) {
	next := make(chan int)
	var group sync.WaitGroup
	for range min(workers, n) {
		group.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := 0; i < n && !stop(); i++ {
		next <- i
	}
	close(next)
	group.Wait()
}

// fileArgument turns the first argument that is not an option into --file ARGUMENT.
func fileArgument(args []string, options []*option) []string {
	for i := 0; i < len(args); i++ {
		if args[i] == "-" || !strings.HasPrefix(args[i], "-") {
			return slices.Insert(slices.Clone(args), i, "--file")
		}
		name, _, attached := strings.Cut(args[i], "=")
		if o, _ := findOption(options, name); o != nil && o.metavar != "" && !attached {
			i++
		}
	}
	return args
}

func openFile(name string, stdin *os.File) ([]byte, error) {
	if name == "-" && stdin != nil {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

// csvForm returns how the command reads and writes CSV. The global option is about the output, so that a file that is
// read need not follow it.
func (in *invocation) csvForm() (csvForm, error) {
	var named [2]rune
	for i, word := range []any{in.values["csv_separator"], in.flags["csv-separator"]} {
		if word = nullToNil(word); word == nil {
			continue
		}
		separator, err := spreadsheet.Separator(value.Text(word))
		if err != nil {
			return csvForm{}, &usageError{err.Error(), in.command.path(in.program)}
		}
		named[i] = separator
	}
	return csvForm{safe: in.csvSafe(), separator: named[0], global: named[1], columns: in.columnNames()}, nil
}

// csvSafe reports whether cells of users are guarded: as the command's option says, else the global one, else yes.
func (in *invocation) csvSafe() bool {
	if on, said := in.values["csv_safe"].(bool); said {
		return on
	}
	on, said := in.flags["csv-safe"].(bool)
	return on || !said
}
