package hammer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"roster/cli/hammer/value"
)

// oddValue is a text with the signs of CSV, of lists, of YAML and of spreadsheets, line ends, blanks and the word NIL.
func oddValue() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{"NIL", `\`, `"`, "'", ",", ";", "\t", "|", "\r", "\n", "\r\n", " ", "\u00a0",
		"\ufeff", "\u0085", "\u2028", "=", "-", "#", ": ", "~", "null", "yes", "1", "1e3", "0x1F", "2026-01-02", "sep=;",
		"{", "[", "&", "*", "!", "%", "@", "`", "?", "ž", "शर्मा", "😀", "x", "word word", "\x00", "\x1b", "\x7f"})
	joined := rapid.Map(rapid.SliceOfN(part, 1, 6), func(parts []string) string { return strings.Join(parts, "") })
	long := rapid.Map(rapid.SliceOfN(part, 20, 60), func(parts []string) string { return strings.Join(parts, " ") })
	return rapid.Map(rapid.OneOf(joined, joined, rapid.String(), long), func(s string) string {
		return strings.ToValidUTF8(s, "")
	})
}

// oddUser is a user as a server shows it, and what an import should make of each column.
func oddUser(t *rapid.T) *value.Object {
	u := value.NewObject("login", "u"+oddValue().Draw(t, "login"))
	for _, name := range []string{"firstname", "lastname", "mail", "description", "timezone", "locale"} {
		if u.Set(name, nil); rapid.Bool().Draw(t, "has "+name) {
			u.Set(name, oddValue().Draw(t, name))
		}
	}
	for _, name := range []string{"admin", "disabled", "mail_enabled"} {
		u.Set(name, rapid.Bool().Draw(t, name))
	}
	reference := func(label, key string) *value.Object {
		name := oddValue().Filter(func(s string) bool { return strings.TrimSpace(s) != "" }).Draw(t, label)
		return value.NewObject("id", 1, key, name)
	}
	u.Set("auth_source_name", reference("source", "name").Get("name"))
	u.Set("default_organization", reference("default organization", "title"))
	u.Set("default_location", nil)
	for name, key := range map[string]string{"organizations": "title", "locations": "title", "roles": "name"} {
		items := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "number of "+name) {
			items = append(items, reference(name, key))
		}
		u.Set(name, items)
	}
	return u
}

// cameBack returns what is wrong with a column that was read again.
func cameBack(c userColumn, want any, row userRow, format string) string {
	got, there := row.values[c.name]
	items, isList := want.([]any)
	empty := want == nil || want == "" || isList && len(items) == 0
	switch {
	case format == "csv" && empty && !there, format != "csv" && want == nil && got == value.Null{}:
		return ""
	case c.refers != "":
		names, err := c.names(got)
		wanted, _ := c.names(want)
		if err != nil || !slices.Equal(names, wanted) {
			return fmt.Sprintf("%q, %v instead of %q", names, err, wanted)
		}
	case c.name == "login":
		if row.login() != strings.TrimSpace(value.Text(want)) {
			return fmt.Sprintf("%q instead of %q", row.login(), want)
		}
	case got != value.Text(want):
		return fmt.Sprintf("%q instead of %q", got, want)
	}
	return ""
}

// Whatever users are called, an import reads what an export wrote: in every format, with every separator, guarded or
// not.
func TestExport_ReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var users []any
		for range rapid.IntRange(1, 3).Draw(t, "users") {
			users = append(users, oddUser(t))
		}
		for _, format := range []string{"csv", "json", "yaml"} {
			form := csvForm{safe: rapid.Bool().Draw(t, "safe"),
				separator: rapid.SampledFrom([]rune{0, ',', ';', '\t', '|', ':', '§'}).Draw(t, "separator")}
			file := formatUsers(users, format, form)
			if slices.Contains([]rune{',', ';', '\t', '|'}, form.separator) {
				form.separator = 0 // the header shows it
			}
			rows, err := readUsers(file, format, form)
			if err != nil || len(rows) != len(users) {
				t.Fatalf("%s: %d rows, %v\n%s", format, len(rows), err, file)
			}
			for i, row := range rows {
				for _, c := range userColumns {
					if c.secret {
						continue
					}
					if wrong := cameBack(c, c.exported(value.AsObject(users[i])), row, format); wrong != "" {
						t.Fatalf("%s: %s is %s\n%s", format, c.name, wrong, file)
					}
				}
			}
			if !utf8.Valid(file) {
				t.Fatalf("%s: no UTF-8", format)
			}
		}
	})
}
