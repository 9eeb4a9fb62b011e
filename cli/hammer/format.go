package hammer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"roster/cli/hammer/value"
)

// flatText is a value in one cell or line. Rich output is for people: a table or base output.
func (f field) flatText(v any, rich, showIDs bool) string {
	s, _ := f.flat(v, rich, showIDs).(string)
	return s
}

// flat is the value for CSV: nil is an empty cell, an empty text a quoted one.
func (f field) flat(v any, rich, showIDs bool) any {
	if _, gone := v.(value.Missing); gone {
		v = nil
	}
	switch f.kind {
	case boolean:
		if !rich {
			break
		}
		if truthy(v) {
			return "yes"
		}
		return "no"
	case date:
		return formatDate(value.Text(v))
	case joined:
		parts := []string{}
		items, isList := v.([]any)
		if !isList {
			return value.Text(v)
		}
		for _, item := range items {
			parts = append(parts, value.Text(item))
		}
		return strings.Join(parts, ", ")
	case longText:
		return strings.NewReplacer("\r", " ", "\n", " ").Replace(value.Text(v))
	case reference:
		return f.referenceText(value.AsObject(v), showIDs)
	case flatRef:
		o := value.AsObject(v)
		name := value.Text(o.Get(f.key + "_name"))
		if id := o.Get(f.key + "_id"); showIDs && id != nil {
			name += " (id: " + value.Text(id) + ")"
		}
		return name
	case keyValue:
		if o := value.AsObject(v); rich && o != nil {
			return value.Text(o.Get("name")) + " => " + value.Text(o.Get("value"))
		} else if rich {
			return ""
		}
	}
	if v == nil && !rich {
		return nil
	}
	return value.Text(v)
}

func (f field) referenceText(o *value.Object, showIDs bool) any {
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

// data is the value in JSON and YAML.
func (f field) data(v any) any {
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

// truthy is what counts as yes: anything but null, false, 0 and the empty text.
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

// formatDate shows a date without converting its zone; what is no date is shown as nothing.
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
