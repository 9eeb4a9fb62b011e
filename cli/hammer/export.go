package hammer

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/spreadsheet"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

func formatOption(about string) *option {
	o := textOption("format", about)
	o.values = []string{"csv", "json", "yaml"}
	return o
}

func separatorOption(about string) *option {
	o := textOption("csv-separator", about).showAs("SEPARATOR")
	o.switches = []string{"--separator", "--csv-separator"}
	return o
}

func exportCommand() *command {
	return &command{name: "export", kind: isLocal, needsDoc: true, resource: "users", action: "index",
		about:   "Write users in the form that import reads, without passwords",
		failure: "Could not export the users", run: exportUsers,
		extra: slices.Concat([]*option{formatOption("csv, json or yaml (csv, or what the name of the file says)"),
			textOption("file", "File to write"),
			yesNoOption("csv-safe",
				"Keep spreadsheets from running cells of CSV, by an apostrophe that imports take away (yes)"),
			separatorOption("Character that separates the cells of CSV, or tab (,)"),
			textOption("search", "Search that selects the users"),
			textOption("order", "Field to sort by, such as 'login ASC'")},
			tenantOptions("organization"), tenantOptions("location"))}
}

// exportUsers writes the users that the options select to a file or to the standard output.
func exportUsers(in *invocation) error {
	file := value.Text(nullToNil(in.values["file"]))
	format := value.Text(nullToNil(in.values["format"]))
	if format == "" && file == "" {
		format = cmp.Or(strings.ReplaceAll(in.out.Form, "base", ""), "csv")
	}
	format, err := fileFormat(format, file)
	if err != nil {
		return &usageError{err.Error(), in.command.path(in.program)}
	}
	form, err := in.csvForm()
	if err != nil {
		return err
	}
	form.shown = file == "" && terminal.Behind(in.out.Out) != nil
	params, err := in.exportParams()
	if err != nil {
		return err
	}
	users, err := in.allRows(in.method(), params)
	if err != nil {
		return err
	}
	if err := in.fillUsers(users); err != nil {
		return err
	}
	data := formatUsers(users, format, form)
	if file == "" {
		_, err = in.out.Out.Write(data)
		return err
	}
	if err := writePrivate(file, data); err != nil {
		return err
	}
	in.out.Message(fmt.Sprintf("%d users written to %s.", len(users), file), nil)
	return nil
}

// exportParams returns the parameters that select the users.
func (in *invocation) exportParams() (*value.Object, error) {
	params := value.NewObject()
	for _, tenant := range []string{"location", "organization"} {
		id, err := in.identify(in.doc.Resource(tenant+"s"), tenant+"_", false)
		if err != nil {
			return nil, err
		}
		if id != nil {
			params.Set(tenant+"_id", id)
		}
	}
	for _, key := range []string{"search", "order"} {
		if v := in.values[key]; v != nil {
			params.Set(key, v)
		}
	}
	return params, nil
}

// allRows fetches the whole list that parameters select.
func (in *invocation) allRows(index *apidoc.Method, params *value.Object) ([]any, error) {
	var all []any
	for number := 1; ; number++ {
		params.Set("page", number)
		params.Set("per_page", pageAll)
		answer, err := in.callMethod(index, params)
		if err != nil {
			return nil, err
		}
		rows, _, err := rowsOf(answer)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if len(rows) != pageAll {
			return all, nil
		}
	}
}

// fillUsers fetches the users one by one if the list lacks their roles.
func (in *invocation) fillUsers(users []any) error {
	if len(users) == 0 || value.AsObject(users[0]).Has("roles") {
		return nil
	}
	var mu sync.Mutex
	var failed error
	show := in.resource().Method("show")
	parallel(importWorkers, len(users), func() bool {
		mu.Lock()
		defer mu.Unlock()
		return failed != nil || in.ctx.Err() != nil
	}, func(i int) {
		answer, err := in.callMethod(show, value.NewObject("id", value.AsObject(users[i]).Get("id")))
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = err
			return
		}
		users[i] = unwrap(answer)
	})
	return errors.Join(failed, in.ctx.Err())
}

// exported returns the value of a column: names instead of ids.
func (c userColumn) exported(o *value.Object) any {
	switch {
	case c.many:
		names := []any{}
		for _, item := range value.AsList(o.Get(c.name)) {
			names = append(names, value.AsObject(item).Get(c.nameKey()))
		}
		return names
	case c.name == "auth_source":
		return o.Get("auth_source_name")
	case c.refers != "":
		return value.AsObject(o.Get(c.name)).Get(c.nameKey())
	}
	return o.Get(c.key)
}

// formatUsers returns users in a format of files.
func formatUsers(users []any, format string, form csvForm) []byte {
	columns := slices.DeleteFunc(slices.Clone(userColumns), func(c userColumn) bool { return c.secret })
	if format == "csv" {
		return usersCSV(users, columns, form)
	}
	all := make([]any, len(users))
	for i, u := range users {
		o := value.NewObject()
		for _, c := range columns {
			o.Set(c.name, c.exported(value.AsObject(u)))
		}
		all[i] = o
	}
	if format == "yaml" {
		return []byte(value.SureYAML(all))
	}
	return []byte(value.PrettyJSON(all) + "\n")
}

func usersCSV(users []any, columns []userColumn, form csvForm) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b) // whose errors are the buffer's, which has none
	w.Comma = cmp.Or(form.separator, form.global, w.Comma)
	var head []string
	for _, c := range columns {
		head = append(head, c.name)
	}
	_ = w.Write(head)
	for _, u := range users {
		var row []string
		for _, c := range columns {
			row = append(row, form.cell(c.exported(value.AsObject(u))))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

// cell returns a value as a cell that an import gives back.
func (f csvForm) cell(v any) string {
	cell := spreadsheet.EscapeNothing(csvText(v))
	if f.shown {
		cell = terminal.Escape(cell)
	}
	if f.safe {
		cell = spreadsheet.Guard(cell)
	}
	return cell
}

// csvText returns a value as text, and a list as the names in it.
func csvText(v any) string {
	items, ok := v.([]any)
	if !ok {
		return value.Text(v)
	}
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = value.Text(item)
	}
	return spreadsheet.JoinNames(names)
}
