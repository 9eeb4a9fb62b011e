package hammer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"roster/cli/hammer/spreadsheet"
	"roster/cli/hammer/terminal"
	"roster/cli/hammer/value"
)

func formatOption(about string) *option {
	o := textOption("format", about)
	o.values = []string{"csv", "json", "yaml"}
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
			textOption("search", "Search that selects the users"),
			textOption("order", "Field to sort by, such as 'login ASC'")},
			tenantOptions("organization"), tenantOptions("location"))}
}

func exportUsers(in *invocation) error {
	file := value.Text(orNil(in.values["file"]))
	format := value.Text(orNil(in.values["format"]))
	if format == "" && file == "" {
		format = first(strings.ReplaceAll(in.out.Form, "base", ""), "csv")
	}
	format, err := fileFormat(format, file)
	if err != nil {
		return &usageError{err.Error(), in.command.path(in.program)}
	}
	params := value.NewObject()
	for _, tenant := range []string{"location", "organization"} {
		id, err := in.identify(in.doc.Resource(tenant+"s"), tenant+"_", false)
		if err != nil {
			return err
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
	var users []any
	for number := 1; ; number++ {
		params.Set("page", number)
		params.Set("per_page", pageAll)
		answer, err := in.callMethod(in.method(), params)
		if err != nil {
			return err
		}
		rows, _, err := rowsOf(answer)
		if err != nil {
			return err
		}
		users = append(users, rows...)
		if len(rows) != pageAll {
			break
		}
	}
	if err := in.fillUsers(users); err != nil {
		return err
	}
	onTerminal := file == "" && terminal.Behind(in.out.Out) != nil
	data := formatUsers(users, format, func(cell string) string {
		if onTerminal {
			cell = terminal.Escape(cell)
		}
		if in.csvSafe() {
			cell = spreadsheet.Guard(cell)
		}
		return cell
	})
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

// fillUsers fetches the users one by one if the list does not tell their roles.
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

// exported is the value of a column: names instead of ids.
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

// formatUsers writes users; the texts of CSV go through cell.
func formatUsers(users []any, format string, cell func(string) string) []byte {
	columns := slices.DeleteFunc(slices.Clone(userColumns), func(c userColumn) bool { return c.secret })
	var b bytes.Buffer
	if format == "csv" {
		w := csv.NewWriter(&b)
		var head []string
		for _, c := range columns {
			head = append(head, c.name)
		}
		_ = w.Write(head)
		for _, u := range users {
			var row []string
			for _, c := range columns {
				row = append(row, cell(csvText(c.exported(value.AsObject(u)))))
			}
			_ = w.Write(row)
		}
		w.Flush()
		return b.Bytes()
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
		return []byte(value.FormatYAML(all))
	}
	return []byte(value.PrettyJSON(all) + "\n")
}

// csvText joins lists with commas; a name with a comma in it is quoted.
func csvText(v any) string {
	items, ok := v.([]any)
	if !ok {
		return value.Text(v)
	}
	var parts []string
	for _, item := range items {
		s := value.Text(item)
		if strings.ContainsAny(s, ",;\"'\\") {
			s = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ",")
}
