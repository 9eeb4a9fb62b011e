package output

import (
	"slices"
	"strings"

	"roster/cli/hammer/value"
)

// fieldKind is how a value is shown.
type fieldKind int

const (
	plain     fieldKind = iota
	identity            // shown with --show-ids only
	boolean             // yes or no for people, raw in data
	date                // 2006/01/02 15:04:05 in text, raw in data
	joined              // a list in one line
	longText            // a block of its own in base output, folded
	paragraph           // an indented block of its own in base output
	reference           // an object of which the name is shown
	flatRef             // a reference spelt as KEY_id and KEY_name in the record itself
	keyValue            // a parameter
	block               // fields of an object below one label
	many                // the same for each object of a list
)

// kinds are the words for kinds in the specification of columns.
var kinds = map[string]fieldKind{"id": identity, "bool": boolean, "date": date, "list": joined, "text": longText,
	"lines": paragraph, "ref": reference, "flat": flatRef}

// Field is one line, column or key of the output.
type Field struct {
	label string
	path  []string
	kind  fieldKind
	// key is the name of a reference within the object, or the prefix of a flat reference.
	key string
	// detail is shown behind the name of a reference.
	detail string
	fields []Field
	// numbered lists number their members.
	numbered bool
	// hideBlank leaves out a value that is null or empty.
	hideBlank bool
	// thin fields belong to the set THIN.
	thin bool
	// beyond fields belong to the set ALL, and not to DEFAULT.
	beyond bool
	// deprecated names the field to use instead.
	deprecated string
}

// splitPlace returns the keys of a path such as auth_source/name.
func splitPlace(place string) []string {
	if place == "" {
		return nil
	}
	return strings.Split(place, "/")
}

// Columns returns the fields of a list LABEL=place, LABEL=place:kind, ... A place is a path of keys with slashes. The
// kinds are id, bool, date, list, text, lines, ref (an object with a name) and flat (a reference spelt as KEY_id and
// KEY_name); without one a value is shown as it is.
func Columns(spec string) []Field {
	var fields []Field
	for item := range strings.SplitSeq(spec, ", ") {
		label, place, _ := strings.Cut(item, "=")
		place, kind, _ := strings.Cut(place, ":")
		f := Field{label: label, path: splitPlace(place), kind: kinds[kind]}
		switch f.kind {
		case reference:
			f.key = "name"
		case flatRef:
			f.key = place
			f.path = nil
		}
		f.thin = slices.Contains([]string{"id", "name", "login", "title"}, place)
		fields = append(fields, f)
	}
	return fields
}

// References returns a list of objects that are shown by one of their keys, for example users by login.
func References(label, place, key string) Field {
	return DetailedReferences(label, place, key, "")
}

// DetailedReferences returns a list of objects that are shown by one key, with another one in parentheses.
func DetailedReferences(label, place, key, detail string) Field {
	return Field{label: label, path: splitPlace(place), kind: many,
		fields: []Field{{kind: reference, key: key, detail: detail}}}
}

// Parameters returns a list of objects that are shown as name => value.
func Parameters(label, place string) Field {
	return Field{label: label, path: splitPlace(place), kind: many, fields: []Field{{kind: keyValue}}}
}

// Block returns the fields of an object, below a label.
func Block(label, place string, fields []Field) Field {
	return Field{label: label, path: splitPlace(place), kind: block, fields: fields}
}

// NumberedList returns the fields of each object of a list, below a label and numbered from 1. One field without a
// label stands for the members themselves.
func NumberedList(label, place string, fields []Field) Field {
	return Field{label: label, path: splitPlace(place), kind: many, numbered: true, fields: fields}
}

// HideBlank returns fields that are left out where their value is null or empty.
func HideBlank(fields ...Field) []Field {
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].hideBlank = true
	}
	return fields
}

// HideBlankLists returns fields of which the lists that a server lacks are left out where they are empty. The function
// lacks gets the place of a list in the record.
func HideBlankLists(fields []Field, lacks func(place string) bool) []Field {
	fields = slices.Clone(fields)
	for i, f := range fields {
		if f.kind == many && lacks(strings.Join(f.path, "/")) {
			fields[i].hideBlank = true
		}
	}
	return fields
}

// Beyond returns fields that are not shown unless they, or all fields, are asked for.
func Beyond(fields ...Field) []Field {
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].beyond = true
	}
	return fields
}

// Deprecate returns fields that warn, when they are printed, that another one should be used instead.
func Deprecate(instead string, fields ...Field) []Field {
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].deprecated = instead
	}
	return fields
}

// Join returns one list of fields. A part is a Field, a []Field or the specification of Columns.
func Join(parts ...any) []Field {
	var fields []Field
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			fields = append(fields, Columns(p)...)
		case Field:
			fields = append(fields, p)
		case []Field:
			fields = append(fields, p...)
		}
	}
	return fields
}

func (f Field) container() bool { return f.kind == block || f.kind == many }

// value returns what a record holds for the field: Missing if there is no such key, nil below anything that is not an
// object.
func (f Field) value(data any) any {
	for _, key := range f.path {
		o := value.AsObject(data)
		if o == nil {
			return nil
		}
		if !o.Has(key) {
			data = value.Missing{}
			continue
		}
		data = o.Get(key)
	}
	return data
}

// members returns the objects of a container: those of a list, or the one object.
func (f Field) members(v any) []any {
	if items, ok := v.([]any); ok {
		return items
	}
	if f.kind == many && v == nil {
		return nil
	}
	return []any{v}
}

// shown reports whether a value is worth a line (docs/spec/hammer.md, 5).
func (f Field) shown(v any) bool {
	if _, gone := v.(value.Missing); gone {
		return false
	}
	switch f.kind {
	case flatRef:
		o := value.AsObject(v)
		return o.Get(f.key+"_id") != nil && o.Get(f.key+"_name") != nil
	case block, many:
		return !f.hideBlank || !blank(v)
	}
	return v != nil || !f.hideBlank
}

func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case *value.Object:
		return len(v.Pairs) == 0
	}
	return false
}

// displayed returns the fields that have something to show in a record. In tables and CSV, where compact is set, a
// field stays if the key is there.
func displayed(fields []Field, data any, compact bool) []Field {
	var kept []Field
	for _, f := range fields {
		v := f.value(data)
		_, gone := v.(value.Missing)
		if compact && !gone || f.shown(v) {
			kept = append(kept, f)
		}
	}
	return kept
}
