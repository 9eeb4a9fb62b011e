package cli

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// flatText is a value in one cell or line. Rich output is for people: a table or base output.
func (f field) flatText(v any, rich, showIDs bool) string {
	s, _ := f.flat(v, rich, showIDs).(string)
	return s
}

// flat is the value for CSV: nil is an empty cell, an empty text a quoted one.
func (f field) flat(v any, rich, showIDs bool) any {
	if _, gone := v.(missing); gone {
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
		return formatDate(rubyText(v))
	case joined:
		parts := []string{}
		items, isList := v.([]any)
		if !isList {
			return rubyText(v)
		}
		for _, item := range items {
			parts = append(parts, rubyText(item))
		}
		return strings.Join(parts, ", ")
	case longText:
		return strings.NewReplacer("\r", " ", "\n", " ").Replace(rubyText(v))
	case reference:
		return f.referenceText(record(v), showIDs)
	case flatRef:
		o := record(v)
		name := rubyText(o.get(f.key + "_name"))
		if id := o.get(f.key + "_id"); showIDs && id != nil {
			name += " (id: " + rubyText(id) + ")"
		}
		return name
	case keyValue:
		if o := record(v); rich && o != nil {
			return rubyText(o.get("name")) + " => " + rubyText(o.get("value"))
		} else if rich {
			return ""
		}
	}
	if v == nil && !rich {
		return nil
	}
	return rubyText(v)
}

func (f field) referenceText(o *object, showIDs bool) any {
	if o == nil {
		return ""
	}
	name := o.get(f.key)
	if name == nil {
		return nil
	}
	var details []string
	if f.detail != "" {
		details = append(details, rubyText(o.get(f.detail)))
	}
	if showIDs {
		details = append(details, "id: "+rubyText(o.get("id")))
	}
	if len(details) == 0 {
		return rubyText(name)
	}
	return fmt.Sprintf("%s (%s)", rubyText(name), strings.Join(details, ", "))
}

// data is the value in JSON and YAML.
func (f field) data(v any) any {
	if _, gone := v.(missing); gone {
		v = nil
	}
	o := record(v)
	switch f.kind {
	case reference:
		if o == nil {
			return newObject()
		}
		out := newObject("Name", o.get(f.key))
		if f.detail != "" {
			out.set(titled(f.detail), o.get(f.detail))
		}
		out.set("Id", o.get("id"))
		return out
	case flatRef:
		return newObject("Name", o.get(f.key+"_name"), "Id", o.get(f.key+"_id"))
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
	return v != nil && v != false && v != number("0") && v != ""
}

// parseBool reads the words for yes and no (hammer.md 2, types).
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "t", "yes", "y", "1":
		return true, nil
	case "false", "f", "no", "n", "0":
		return false, nil
	}
	return false, complain("Value must be one of true/false, yes/no, 1/0.")
}

var (
	dateTime = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(?:Z|UTC|GMT|[A-Z]{3,4}|[-+]\d{2}:?\d{2})?$`)
	// looseDates are tried when a date is not in the form that Foreman writes.
	looseDates = []string{time.RFC1123, time.RFC1123Z, time.RFC850, time.ANSIC, time.UnixDate, "2006/01/02 15:04:05", "2006/01/02", "2 Jan 2006", "Jan 2, 2006", "20060102"}
)

// formatDate shows a date without converting its zone; what is no date is shown as nothing.
func formatDate(s string) string {
	s = strings.TrimSpace(s)
	if m := dateTime.FindStringSubmatch(s); m != nil {
		parts := make([]int, len(m))
		for i := 1; i < len(m); i++ {
			fmt.Sscanf(m[i], "%d", &parts[i])
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
