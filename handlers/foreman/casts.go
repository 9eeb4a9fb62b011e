package foreman

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"roster/directory"
	"roster/handlers/rails"
	"roster/models"
)

// attrs are the attributes of a record as the body carries them.
type attrs map[string]any

// root returns the attributes of a request: the object under the root key or, without that key, those top-level members
// that the resource lets stand unwrapped (docs/spec/foreman.md, 3.1).
func (c *call) root(key string, unwrapped []string) (attrs, error) {
	if v, ok := c.body.Object[key]; ok {
		switch x := v.(type) {
		case map[string]any:
			c.tellIgnored(key, x, unwrapped)
			return x, nil
		case nil:
			return attrs{}, nil
		}
		return nil, parameterError{key, "Parameter '" + key + "' must be a Hash"}
	}
	a := attrs{}
	for _, name := range unwrapped {
		if v, ok := c.body.Object[name]; ok {
			a[name] = v
		}
	}
	return a, nil
}

// str reads a text attribute that may be null.
func (a attrs) str(name string, to *models.Opt[*string]) {
	if v, sent := a[name]; sent {
		if s, ok := rails.String(v); ok {
			*to = models.Some(s)
		}
	}
}

// limit reads a text attribute that restricts access. Unlike str it refuses values that are not text: ignoring one
// would remove the restriction.
func (a attrs) limit(name string, to *models.Opt[*string]) error {
	v, sent := a[name]
	if a.str(name, to); sent && v != nil && !to.Set {
		return models.Refuse(name, models.RuleInvalid)
	}
	return nil
}

// word reads a text attribute for which null means empty.
func (a attrs) word(name string, to *models.Opt[string]) {
	var s models.Opt[*string]
	if a.str(name, &s); s.Set {
		*to = models.Some(models.Deref(s.Value))
	}
}

// flag reads a switch that may be null.
func (a attrs) flag(name string, to *models.Opt[*bool]) {
	if v, sent := a[name]; sent {
		if b, ok := rails.Bool(v); ok {
			*to = models.Some(b)
		}
	}
}

// firmFlag reads a switch that is never null: null leaves it as it is.
func (a attrs) firmFlag(name string, to *models.Opt[bool]) {
	var b models.Opt[*bool]
	if a.flag(name, &b); b.Value != nil {
		*to = models.Some(*b.Value)
	}
}

// num reads an integer that may be null.
func (a attrs) num(name string, to *models.Opt[*int64]) {
	if v, sent := a[name]; sent {
		if n, ok := rails.Int(v); ok {
			*to = models.Some(n)
		}
	}
}

// firmNum reads an integer for which null means 0, which is no id.
func (a attrs) firmNum(name string, to *models.Opt[int64]) {
	var n models.Opt[*int64]
	if a.num(name, &n); n.Set {
		*to = models.Some(int64(0))
		if n.Value != nil {
			to.Value = *n.Value
		}
	}
}

// ids reads a list of ids: blanks are left out; a scalar, null, or a list that holds anything but scalars is dropped
// whole, so that null does not clear an association while [] does (docs/spec/foreman.md, 3.2).
func (a attrs) ids(name string) (directory models.Opt[[]int64]) {
	list, ok := a[name].([]any)
	if !ok {
		return directory
	}
	ids := []int64{}
	for _, v := range list {
		n, ok := rails.Int(v)
		if !ok {
			return directory
		}
		if n != nil {
			ids = append(ids, *n)
		}
	}
	return models.Some(ids)
}

// names reads a list of names in the same way.
func (a attrs) names(name string) (names models.Opt[[]string]) {
	list, ok := a[name].([]any)
	if !ok {
		return names
	}
	words := []string{}
	for _, v := range list {
		s, ok := rails.String(v)
		if !ok {
			return names
		}
		if s != nil && *s != "" {
			words = append(words, *s)
		}
	}
	return models.Some(words)
}

// objects reads the third spelling of an association: a list of objects that all have an id or all have a label.
func (a attrs) objects(name, label string) (ids models.Opt[[]int64], names models.Opt[[]string], err error) {
	list, ok := a[name].([]any)
	if !ok {
		return ids, names, nil
	}
	gather := func(key string) (attrs, bool) {
		values := make([]any, len(list))
		for i, v := range list {
			object, _ := v.(map[string]any)
			value, ok := object[key]
			if !ok {
				return nil, false
			}
			values[i] = value
		}
		return attrs{name: values}, true
	}
	if by, ok := gather("id"); ok {
		return by.ids(name), names, nil
	}
	for _, key := range []string{"name", label} {
		if by, ok := gather(key); ok {
			return ids, by.names(name), nil
		}
	}
	return ids, names, parameterError{name, "Parameter '" + name + "' must be a list of objects that all have an id " +
		"or all have a name"}
}

// nestedList reads the attributes of records inside a record: a list, or an object of them by number. It reports
// whether there are any, be it none.
func (a attrs) nestedList(name string) (list []attrs, ok bool) {
	items, isList := a[name].([]any)
	if object, isObject := a[name].(map[string]any); isObject {
		for _, key := range slices.SortedFunc(maps.Keys(object), byNumber) {
			items = append(items, object[key])
		}
		isList = true
	}
	for _, item := range items {
		object, isObject := item.(map[string]any)
		if !isObject {
			return nil, false
		}
		list = append(list, attrs(object))
	}
	return list, isList
}

// byNumber orders "2" before "10".
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }

// association reads the three spellings of a list of references: things_ids, thing_names and things. The one that is
// read last wins: the objects of tenants, the names of everything else (docs/spec/foreman.md, 3.4).
func (a attrs) association(singular, plural, label string) (models.Opt[directory.Refs], error) {
	var refs models.Opt[directory.Refs]
	take := func(ids models.Opt[[]int64], names models.Opt[[]string]) {
		if ids.Set {
			refs = models.Some(directory.Refs{IDs: ids.Value})
		}
		if names.Set {
			refs = models.Some(directory.Refs{Names: names.Value})
		}
	}
	ids, names, err := a.objects(plural, label)
	if err != nil {
		return refs, err
	}
	if label != "title" {
		take(ids, names)
	}
	take(a.ids(singular+"_ids"), a.names(singular+"_names"))
	if label == "title" {
		take(ids, names)
	}
	return refs, nil
}
