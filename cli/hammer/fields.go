package hammer

import (
	"path"
	"slices"
	"strings"

	"roster/cli/hammer/value"
)

// fieldKind is how a value is shown.
type fieldKind int

const (
	plain     fieldKind = iota
	identity            // shown with --show-ids only
	boolean             // yes or no on a screen, raw in data
	date                // 2006/01/02 15:04:05 in text, raw in data
	joined              // a list in one line
	longText            // a block of its own in base output
	reference           // an object of which the name is shown
	flatRef             // a reference spelt as KEY_id and KEY_name in the record itself
	keyValue            // a parameter
	block               // fields of an object below one label
	many                // the same for each object of a list
)

// field is one line, column or key of the output. The tables of fields are the only knowledge of resources here.
type field struct {
	label string
	path  []string
	kind  fieldKind
	// key is the name of a reference within the object, or the prefix of a flat reference.
	key string
	// detail is shown behind the name of a reference.
	detail string
	fields []field
	// numbered lists number their members; hideBlank leaves out what is null or empty.
	numbered, hideBlank bool
	// thin fields belong to the set THIN.
	thin bool
	// deprecated names the field to use instead.
	deprecated string
}

func at(p string) []string {
	if p == "" {
		return nil
	}
	return strings.Split(p, "/")
}

// of makes a field of a kind. The place is a path of keys with slashes.
func of(kind fieldKind, label, place string) field {
	return field{label: label, path: at(place), kind: kind}
}

// columns makes fields of a list LABEL=place, LABEL=place:kind, ...
func columns(spec string) []field {
	kinds := map[string]fieldKind{"id": identity, "bool": boolean, "date": date, "list": joined, "text": longText,
		"ref": reference, "flat": flatRef}
	var fields []field
	for item := range strings.SplitSeq(spec, ", ") {
		label, place, _ := strings.Cut(item, "=")
		place, kind, _ := strings.Cut(place, ":")
		f := of(kinds[kind], label, place)
		switch {
		case f.kind == reference:
			f.key = "name"
		case f.kind == flatRef:
			f.key, f.path = place, nil
		}
		f.thin = slices.Contains([]string{"id", "name", "login", "title"}, place)
		fields = append(fields, f)
	}
	return fields
}

// references is a list of objects of which the name is shown, for example users by login.
func references(label, place, key string) field {
	return field{label: label, path: at(place), kind: many, fields: []field{{kind: reference, key: key}}}
}

func join(parts ...any) []field {
	var fields []field
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			fields = append(fields, columns(p)...)
		case field:
			fields = append(fields, p)
		case []field:
			fields = append(fields, p...)
		}
	}
	return fields
}

func (f field) container() bool { return f.kind == block || f.kind == many }

// value is what a record holds for the field: missing if there is no such key, nil below something that is no object.
func (f field) value(data any) any {
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

// shown decides whether a value is worth a line (hammer.md 5, records).
func (f field) shown(v any) bool {
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

// selection is what --fields and --show-ids ask for.
type selection struct {
	names   []string
	showIDs bool
}

// choose keeps the fields that are asked for: DEFAULT, ALL and THIN are sets, all else are labels, with the labels of
// containers in front and * for anything.
func (s selection) choose(fields []field) []field {
	sets, labels := map[string]bool{}, []string{}
	for _, name := range s.names {
		if strings.ToUpper(name) == name {
			sets[name] = true
		} else {
			labels = append(labels, strings.ToLower(name))
		}
	}
	if len(s.names) == 0 {
		sets["DEFAULT"] = true
	}
	return s.filter(fields, "", sets, labels, false)
}

func (s selection) filter(fields []field, above string, sets map[string]bool, labels []string, thin bool) []field {
	var kept []field
	for _, f := range fields {
		if f.kind == identity && !s.showIDs {
			continue
		}
		label := strings.ToLower(path.Join(above, f.label))
		// path.Join cleans a label away that is empty: the fields of a list of references have none.
		if f.label == "" && above != "" {
			label = above + "/"
		}
		inThin := thin || f.thin
		if !sets["DEFAULT"] && !sets["ALL"] && !(sets["THIN"] && inThin) && !wanted(label, labels) {
			continue
		}
		if f.container() {
			f.fields = s.filter(f.fields, strings.TrimSuffix(label, "/"), sets, labels, inThin)
		}
		kept = append(kept, f)
	}
	return kept
}

// wanted reports whether a label is asked for: by itself, by a label above it, below it, or by a pattern.
func wanted(label string, labels []string) bool {
	for _, l := range labels {
		if strings.HasPrefix(l, label+"/") || l == label {
			return true
		}
		for part := label; part != "." && part != "/"; part = path.Dir(part) {
			if globMatch(l, part) {
				return true
			}
		}
	}
	return false
}

// globMatch matches with * for any text.
func globMatch(pattern, s string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, head) {
		return false
	}
	for i := len(head); i <= len(s); i++ {
		if globMatch(rest, s[i:]) {
			return true
		}
	}
	return false
}

// displayed are the fields that have something to show in a record. On tables and CSV, where compact is set, a field
// stays if the key is there.
func displayed(fields []field, data any, compact bool) []field {
	var kept []field
	for _, f := range fields {
		v := f.value(data)
		_, gone := v.(value.Missing)
		if compact && !gone || f.shown(v) {
			kept = append(kept, f)
		}
	}
	return kept
}
