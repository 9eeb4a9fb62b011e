package hammer

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
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

// parseBool reads the words for yes and no (docs/spec/hammer.md, 2).
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

// ---- values

func (p param) parser() func(string) (any, error) {
	switch p.Type {
	case "numeric":
		return parseNumber
	case "boolean":
		return func(s string) (any, error) { return parseBool(s) }
	case "array":
		if len(p.Params) > 0 {
			return parseObjects
		}
		return parseList
	}
	words := p.enum()
	if words == nil {
		return parseText
	}
	return func(s string) (any, error) {
		if slices.Contains(words, s) {
			return s, nil
		}
		if len(words) == 1 {
			return nil, complain("Value must be '%s'.", words[0])
		}
		return nil, complain("Value must be one of '%s'.", strings.Join(words, "', '"))
	}
}

func parseText(s string) (any, error) { return s, nil }

var wholeNumber = regexp.MustCompile(`^\s*([-+]?)(?:0[xX]([0-9a-fA-F]+)|(\d+(?:_\d+)*))\s*$`)

func parseNumber(s string) (any, error) {
	m := wholeNumber.FindStringSubmatch(s)
	if m == nil || m[2] != "" {
		return nil, complain("Numeric value is required.")
	}
	digits := strings.TrimLeft(strings.ReplaceAll(m[3], "_", ""), "0")
	if digits == "" {
		return number("0"), nil
	}
	return number(strings.TrimPrefix(m[1], "+") + digits), nil
}

// parseList reads a list a,b or a JSON value: 2 is a number then, and 2,9 are texts (docs/spec/hammer.md, 2).
func parseList(s string) (any, error) {
	if s == "" {
		return []any{}, nil
	}
	if v, err := parseJSON([]byte(s)); err == nil {
		if items, ok := v.([]any); ok {
			return items, nil
		}
		return []any{v}, nil
	}
	return splitList(s)
}

// splitList splits at commas. Quotes keep commas together, a backslash takes the next character as it is.
func splitList(s string) (any, error) {
	if !utf8.ValidString(s) {
		return nil, complain("Value is not UTF-8")
	}
	items := []any{}
	var item strings.Builder
	var quote rune
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			item.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\'') && item.Len() == 0:
			quote = r
		case quote == 0 && r == ',':
			items = append(items, item.String())
			item.Reset()
		default:
			item.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, complain("Illegal quoting in %s", s)
	}
	return append(items, item.String()), nil
}

// parseObjects reads a JSON list, or a list whose members are key=value pairs: k=v\,k=v,...
func parseObjects(s string) (any, error) {
	if s == "" {
		return []any{}, nil
	}
	if v, err := parseJSON([]byte(s)); err == nil {
		return v, nil
	}
	items, err := splitList(s)
	if err != nil {
		return nil, err
	}
	objects := []any{}
	for _, item := range items.([]any) {
		o, err := parsePairs(item.(string))
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

var pairPattern = regexp.MustCompile(`([^,=]+)=([^,{\[]+|[{\[][^{}\[\]]*[}\]])`)

// parsePairs reads key=value,key=[a,b] or a JSON object.
func parsePairs(s string) (any, error) {
	if strings.Trim(pairPattern.ReplaceAllString(s, ""), ",") == "" && s != "" {
		o := newObject()
		for _, m := range pairPattern.FindAllStringSubmatch(s, -1) {
			o.set(strings.TrimSpace(m[1]), pairValue(strings.TrimSpace(m[2])))
		}
		return o, nil
	}
	if v, err := parseJSON([]byte(s)); err == nil {
		return v, nil
	}
	return nil, complain("Value must be defined as a comma-separated list of key=value or valid JSON.")
}

func pairValue(s string) any {
	bare := func(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }
	switch s[0] {
	case '[':
		items := []any{}
		for _, item := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",[]", r) }) {
			items = append(items, bare(item))
		}
		return items
	case '{':
		o := newObject()
		for _, m := range pairPattern.FindAllStringSubmatch(s[1:len(s)-1], -1) {
			o.set(bare(m[1]), bare(m[2]))
		}
		return o
	}
	return bare(s)
}

func parseFile(s string) (any, error) {
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		s = filepath.Join(home, rest)
	}
	raw, err := os.ReadFile(s)
	return string(raw), err
}

func parseSeconds(s string) (any, error) {
	n, err := parseNumber(s)
	if err == nil && toInt(n) < 1 {
		err = complain("At least one second is required")
	}
	return n, err
}
