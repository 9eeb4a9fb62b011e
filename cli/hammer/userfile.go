package hammer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

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
	// secret columns are read, but never written.
	secret bool
}

var userColumns = []userColumn{
	{name: "login", key: "login"}, {name: "firstname", key: "firstname"}, {name: "lastname", key: "lastname"},
	{name: "mail", key: "mail"},
	{name: "description", key: "description"}, {name: "admin", key: "admin", boolean: true},
	{name: "disabled", key: "disabled", boolean: true},
	{name: "mail_enabled", key: "mail_enabled", boolean: true}, {name: "timezone", key: "timezone"},
	{name: "locale", key: "locale"},
	{name: "auth_source", key: "auth_source_id", refers: "auth_sources"},
	{name: "default_organization", key: "default_organization_id", refers: "organizations"},
	{name: "default_location", key: "default_location_id", refers: "locations"},
	{name: "organizations", key: "organization_ids", refers: "organizations", many: true},
	{name: "locations", key: "location_ids", refers: "locations", many: true},
	{name: "roles", key: "role_ids", refers: "roles", many: true}, {name: "password", key: "password", secret: true},
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

func (r userRow) login() string {
	s, _ := r.values["login"].(string)
	return s
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

// readUsers reads a file of users. Unknown columns are an error, so that no misspelt one is lost silently. If safe is
// set, the cells of CSV are guarded against spreadsheets.
func readUsers(raw []byte, format string, safe bool) ([]userRow, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("line %d is not UTF-8", 1+bytes.Count(raw[:invalidUTF8(raw)], []byte("\n")))
	}
	var rows []userRow
	var err error
	switch format {
	case "csv":
		rows, err = readCSV(raw, safe)
	case "json":
		var v any
		if v, err = value.ParseJSON(raw); err == nil {
			rows, err = rowsFrom(v)
		}
	case "yaml":
		var v any
		if v, err = value.ParseYAML(raw); err == nil {
			rows, err = rowsFrom(v)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		for name := range row.values {
			if !slices.ContainsFunc(userColumns, func(c userColumn) bool { return c.name == name }) {
				return nil, fmt.Errorf("row %d: there is no column %q; known are %s", row.line, name, columnNames())
			}
		}
	}
	return rows, nil
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

func columnNames() string {
	var names []string
	for _, c := range userColumns {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

func readCSV(raw []byte, safe bool) ([]userRow, error) {
	r := csv.NewReader(bytes.NewReader(keepLineBreaks(raw)))
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i, name := range head {
		head[i] = strings.TrimSpace(name)
		if slices.Contains(head[:i], head[i]) {
			return nil, fmt.Errorf("the column %q is there twice", head[i])
		}
	}
	var rows []userRow
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row := userRow{line: len(rows) + 1, values: map[string]any{}}
		for i, name := range head {
			text := record[i]
			// Passwords are never exported, and so were never guarded.
			if safe && name != "password" {
				text = spreadsheet.Unguard(text)
			}
			// An empty cell leaves the attribute alone; NIL clears it.
			if text != "" {
				row.values[name] = text
			}
		}
		rows = append(rows, row)
	}
}

// rowsFrom returns the rows of a list of objects, or of an object with the list as "users" or "results".
func rowsFrom(v any) ([]userRow, error) {
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
		o := value.AsObject(item)
		if o == nil {
			return nil, fmt.Errorf("row %d is no object", i+1)
		}
		row := userRow{line: i + 1, values: map[string]any{}}
		for _, p := range o.Pairs {
			switch v := p.Value.(type) {
			case nil:
				row.values[p.Key] = "NIL"
			case []any:
				row.values[p.Key] = v
			default:
				row.values[p.Key] = value.Text(v)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// members returns the names in a cell: a list, or a text a,b or a;b.
func members(v any) ([]string, error) {
	items, ok := v.([]any)
	if !ok {
		s := value.Text(v)
		if s == "" {
			return nil, nil
		}
		if !strings.Contains(s, ",") {
			s = strings.ReplaceAll(s, ";", ",")
		}
		split, err := splitList(s)
		if err != nil {
			return nil, err
		}
		items = split.([]any)
	}
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = strings.TrimSpace(value.Text(item))
	}
	return names, nil
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

// csvSafe reports whether cells of users are guarded: as the command's option says, else the global one, else yes.
func (in *invocation) csvSafe() bool {
	if on, said := in.values["csv_safe"].(bool); said {
		return on
	}
	on, said := in.flags["csv-safe"].(bool)
	return on || !said
}

// keepLineBreaks doubles a CR before a line break in quoted cells, because the reader of CSV drops one.
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
