package schema

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of values (docs/spec/scim.md, 13).
const (
	// MaxText is the longest text, in characters; MaxBinary the longest binary value, in characters of base64.
	MaxText   = 2048
	MaxBinary = 64 << 10
	// MaxValues is how many values an attribute may have that is not changed by deltas.
	MaxValues = 1000
)

// Document holds the attributes of a resource by their names in the schema's spelling.
type Document = map[string]any

// Fold makes the names of an object those of a list of attributes; unknown ones stay. Two names that differ in the case
// of their letters alone are refused.
func Fold(object map[string]any, canonical func(name string) string) (map[string]any, error) {
	out := make(map[string]any, len(object))
	seen := make(map[string]bool, len(object))
	for name, value := range object {
		lower := strings.ToLower(name)
		if seen[lower] {
			return nil, Wrong(InvalidSyntax, "the attribute %s is there twice", clip(name))
		}
		seen[lower] = true
		out[canonical(name)] = value
	}
	return out, nil
}

func clip(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return text
}

// Read reads the document of a resource from a body. Attributes that no schema has, and those that clients cannot
// write, are left out, and so is what has no value (docs/spec/scim.md, 2 and 3).
func (rt *ResourceType) Read(body map[string]any) (Document, error) {
	folded, err := Fold(body, func(name string) string {
		if e := rt.Extension(name); e != nil {
			return e.ID
		}
		if a := rt.named(name); a != nil {
			return a.Name
		}
		return name
	})
	if err != nil {
		return nil, err
	}
	doc, err := readMembers(folded, rt.Attributes())
	if err != nil {
		return nil, err
	}
	delete(doc, "schemas")
	for i := range rt.Extensions {
		e := &rt.Extensions[i]
		value, there := folded[e.ID]
		if !there || value == nil {
			continue
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, Wrong(InvalidValue, "%s has to be an object", e.ID)
		}
		inner, err := readMembers(object, e.Attributes)
		if err != nil {
			return nil, err
		}
		doc[e.ID] = inner
	}
	return doc, nil
}

// Schemas checks the list of URIs in a body: it may not be empty.
func Schemas(body map[string]any) ([]string, error) {
	for name, value := range body {
		if !strings.EqualFold(name, "schemas") {
			continue
		}
		list, ok := value.([]any)
		if text, isText := value.(string); isText {
			list = []any{text}
			ok = true
		}
		var uris []string
		for _, v := range list {
			if uri, isText := v.(string); isText {
				uris = append(uris, uri)
			}
		}
		if ok && len(uris) == len(list) && len(uris) > 0 {
			return uris, nil
		}
	}
	return nil, Wrong(InvalidSyntax, "schemas is missing or empty")
}

// readMembers reads the members of an object that a list of attributes has.
func readMembers(object map[string]any, list []Attribute) (Document, error) {
	out := Document{}
	seen := map[string]bool{}
	for name, value := range object {
		a := named(list, name)
		if a == nil || a.ReadsOnly() && !a.Deltas {
			continue
		}
		if seen[a.Name] {
			return nil, Wrong(InvalidSyntax, "the attribute %s is there twice", a.Name)
		}
		seen[a.Name] = true
		v, err := a.Value(value)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out[a.Name] = v
		}
	}
	return out, nil
}

// Missing returns the name of a required attribute that a document lacks, "" for none.
func (rt *ResourceType) Missing(doc Document) string {
	for _, a := range rt.Schema.Attributes {
		if a.Required && doc[a.Name] == nil {
			return a.Name
		}
	}
	for _, e := range rt.Extensions {
		inner, there := doc[e.ID].(Document)
		for _, a := range e.Attributes {
			if a.Required && (there || e.Required) && inner[a.Name] == nil {
				return a.Name
			}
		}
	}
	return ""
}

// Value reads a value of the attribute; nil is none. A single value does for an attribute of several only in changes,
// see One.
func (a *Attribute) Value(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if !a.MultiValued {
		return a.one(v)
	}
	list, ok := v.([]any)
	if text, isText := v.(string); isText && a.Deltas && text != "" {
		list = []any{text}
		ok = true
	}
	if !ok {
		return nil, Wrong(InvalidValue, "%s has to be a list", a.Name)
	}
	return a.List(list)
}

// List reads the values of a multi-valued attribute. What is there twice counts once, and only one can be primary.
func (a *Attribute) List(list []any) (any, error) {
	if len(list) > MaxValues && !a.Deltas {
		return nil, Wrong(InvalidValue, "%s has more than %d values", a.Name, MaxValues)
	}
	var out []any
	primaries := 0
	for _, element := range list {
		v, err := a.one(element)
		if err != nil {
			return nil, err
		}
		if v == nil || !a.Deltas && contains(out, v) {
			continue
		}
		if object, ok := v.(Document); ok && object["primary"] == true {
			primaries++
		}
		out = append(out, v)
	}
	if primaries > 1 {
		return nil, Wrong(InvalidValue, "%s has more than one primary value", a.Name)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// Same reports whether two values of a list are the same one: the same value of the same type.
func Same(a, b any) bool {
	x, isObject := a.(Document)
	y, both := b.(Document)
	if isObject && both && x["value"] != nil {
		return reflect.DeepEqual(x["value"], y["value"]) && reflect.DeepEqual(x["type"], y["type"])
	}
	return reflect.DeepEqual(a, b)
}

func contains(list []any, v any) bool {
	for _, one := range list {
		if Same(one, v) {
			return true
		}
	}
	return false
}

// one reads a single value; what has nothing in it is none.
func (a *Attribute) one(v any) (any, error) {
	if list, ok := v.([]any); ok && len(list) == 1 && a.Type != Complex {
		v = list[0] // as some clients send
	} else if ok && len(list) == 0 {
		return nil, nil
	}
	if object, ok := v.(map[string]any); ok && a.Type != Complex {
		for name, inner := range object {
			if strings.EqualFold(name, "value") {
				v = inner
			}
		}
	}
	if v == nil {
		return nil, nil
	}
	if a.Type == Complex {
		return a.object(v)
	}
	return a.scalar(v)
}

func (a *Attribute) object(v any) (any, error) {
	if text, ok := v.(string); ok && a.SubOf("value") != nil && (a.Deltas || !a.MultiValued) {
		v = map[string]any{"value": text}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, Wrong(InvalidValue, "%s has to be an object", a.Name)
	}
	out, err := readMembers(object, a.Sub)
	if err != nil {
		return nil, err
	}
	if a.Deltas { // what the server says of the value is not the client's
		delete(out, "$ref")
	}
	if value := a.SubOf("value"); value != nil && value.Type != Boolean && out["value"] == "" {
		delete(out, "value")
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func (a *Attribute) scalar(v any) (any, error) {
	wrong := func() error { return Wrong(InvalidValue, "%s is no %s", a.Name, a.Type) }
	switch a.Type {
	case Boolean:
		if b, ok := Bool(v); ok {
			return b, nil
		}
		return nil, wrong()
	case Integer, Decimal:
		n, ok := v.(json.Number)
		if !ok {
			return nil, wrong()
		}
		f, err := n.Float64()
		if err != nil || math.IsInf(f, 0) || a.Type == Integer && f != math.Trunc(f) {
			return nil, wrong()
		}
		return n, nil
	}
	text, ok := v.(string)
	if !ok {
		return nil, wrong()
	}
	return a.text(text)
}

func (a *Attribute) text(text string) (any, error) {
	most := MaxText
	if a.Type == Binary {
		most = MaxBinary
	}
	if utf8.RuneCountInString(text) > most {
		return nil, Wrong(InvalidValue, "%s is longer than %d characters", a.Name, most)
	}
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return nil, Wrong(InvalidValue, "%s has characters that cannot be kept", a.Name)
	}
	switch {
	case text == "" && a.Type != Binary:
		return nil, nil
	case a.Type == DateTime:
		if _, ok := Time(text); !ok {
			return nil, Wrong(InvalidValue, "%s is no date and time", a.Name)
		}
	case a.Type == Binary:
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			return nil, Wrong(InvalidValue, "%s is not in base64", a.Name)
		}
	}
	return text, nil
}

// Bool reads what clients send for true and false.
func Bool(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		return strings.EqualFold(v, "true"), strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n == 1, err == nil && (n == 0 || n == 1)
	}
	return false, false
}

// Time reads a date and time.
func Time(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05.999999999", text)
	}
	return at, err == nil && at.UTC().Year() >= 1 && at.UTC().Year() <= 9999
}
