package output

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"roster/cli/hammer/value"
)

// flatText returns a value as text for one cell or line. Rich text is for people: in tables and base output.
func (f Field) flatText(v any, rich, showIDs bool) string {
	s, _ := f.flat(v, rich, showIDs).(string)
	return s
}

// flat returns a value for one cell: nil for an empty cell, else a text. CSV quotes an empty text.
func (f Field) flat(v any, rich, showIDs bool) any {
	if _, gone := v.(value.Missing); gone {
		v = nil
	}
	switch f.kind {
	case date:
		return formatDate(value.Text(v))
	case joined:
		return joinedText(v)
	case longText:
		return strings.NewReplacer("\r", " ", "\n", " ").Replace(value.Text(v))
	case reference:
		return f.referenceText(value.AsObject(v), showIDs)
	case flatRef:
		return f.flatReferenceText(value.AsObject(v), showIDs)
	}
	if rich {
		return f.richText(v)
	}
	if v == nil {
		return nil
	}
	return value.Text(v)
}

// richText returns a value as people read it.
func (f Field) richText(v any) string {
	switch f.kind {
	case boolean:
		if truthy(v) {
			return "yes"
		}
		return "no"
	case keyValue:
		o := value.AsObject(v)
		if o == nil {
			return ""
		}
		return value.Text(o.Get("name")) + " => " + value.Text(o.Get("value"))
	}
	return value.Text(v)
}

// joinedText returns the members of a list in one line.
func joinedText(v any) string {
	items, isList := v.([]any)
	if !isList {
		return value.Text(v)
	}
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = value.Text(item)
	}
	return strings.Join(parts, ", ")
}

// flatReferenceText returns the name of a reference that is spelt as KEY_id and KEY_name; nil if it has no name.
func (f Field) flatReferenceText(o *value.Object, showIDs bool) any {
	if o != nil && o.Get(f.key+"_name") == nil {
		return nil
	}
	name := value.Text(o.Get(f.key + "_name"))
	if id := o.Get(f.key + "_id"); showIDs && id != nil {
		name += " (id: " + value.Text(id) + ")"
	}
	return name
}

// referenceText returns the name of an object, with details in parentheses; nil if it has no name.
func (f Field) referenceText(o *value.Object, showIDs bool) any {
	if o == nil {
		return ""
	}
	name := o.Get(f.key)
	if name == nil {
		return nil
	}
	var details []string
	if f.detail != "" {
		details = append(details, value.Text(o.Get(f.detail)))
	}
	if showIDs {
		details = append(details, "id: "+value.Text(o.Get("id")))
	}
	if len(details) == 0 {
		return value.Text(name)
	}
	return fmt.Sprintf("%s (%s)", value.Text(name), strings.Join(details, ", "))
}

// data returns a value as JSON and YAML show it.
func (f Field) data(v any) any {
	if _, gone := v.(value.Missing); gone {
		v = nil
	}
	o := value.AsObject(v)
	switch f.kind {
	case reference:
		if o == nil {
			return value.NewObject()
		}
		out := value.NewObject("Name", o.Get(f.key))
		if f.detail != "" {
			out.Set(titled(f.detail), o.Get(f.detail))
		}
		out.Set("Id", o.Get("id"))
		return out
	case flatRef:
		return value.NewObject("Name", o.Get(f.key+"_name"), "Id", o.Get(f.key+"_id"))
	}
	return v
}

// titled turns network_address into Network address.
func titled(key string) string {
	s := strings.ReplaceAll(key, "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// truthy reports whether a value counts as yes: anything but null, false, 0 and the empty text.
func truthy(v any) bool {
	return v != nil && v != false && v != value.Number("0") && v != ""
}

var (
	dateTime = regexp.MustCompile(
		`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*` +
			`(?:Z|UTC|GMT|[A-Z]{3,4}|[-+]\d{2}:?\d{2})?$`)
	// looseDates are tried when a date is not in the form that Foreman writes.
	looseDates = []string{time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC, time.UnixDate, "2006/01/02 15:04:05",
		"2006/01/02", "2 Jan 2006", "Jan 2, 2006", "20060102"}
)

// formatDate returns a date without converting its zone, and nothing for a text that is not a date.
func formatDate(s string) string {
	s = strings.TrimSpace(s)
	if m := dateTime.FindStringSubmatch(s); m != nil {
		parts := make([]int, len(m))
		for i := 1; i < len(m); i++ {
			parts[i], _ = strconv.Atoi(m[i])
		}
		t := time.Date(parts[1], time.Month(parts[2]), parts[3], parts[4], parts[5], parts[6], 0, time.UTC)
		if int(t.Month()) == parts[2] && t.Day() == parts[3] && parts[4] <= 24 && parts[5] < 60 && parts[6] < 61 {
			return t.Format("2006/01/02 15:04:05")
		}
		return ""
	}
	for _, layout := range looseDates {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("2006/01/02 15:04:05")
		}
	}
	return ""
}
