package patch

import (
	"slices"
	"strings"

	"roster/handlers/scim/filter"
	"roster/handlers/scim/schema"
)

// Match reports whether a value of an attribute meets a filter about its sub-attributes.
func Match(x filter.Node, a *schema.Attribute, value any) (bool, error) {
	switch x := x.(type) {
	case *filter.Not:
		ok, err := Match(x.X, a, value)
		return !ok, err
	case *filter.Logic:
		any := false
		all := true
		for _, one := range x.X {
			ok, err := Match(one, a, value)
			if err != nil {
				return false, err
			}
			any = any || ok
			all = all && ok
		}
		return x.Any && any || !x.Any && all, nil
	case *filter.Compare:
		sub := a.SubOf(x.Path)
		if sub == nil && a.Type != schema.Complex && strings.EqualFold(x.Path, "value") {
			sub = a
		}
		if sub == nil {
			return false, schema.Wrong(schema.InvalidFilter, "%s has no %s", a.Name, x.Path)
		}
		operand, err := sub.Operand(x.Op, x.Value)
		if err != nil {
			return false, err
		}
		if object, ok := value.(schema.Document); ok {
			value = object[sub.Name]
		}
		return sub.Holds(x.Op, value, operand), nil
	}
	return false, schema.Wrong(schema.InvalidFilter, "brackets stand inside brackets")
}

// filtered makes an operation on the values of a list that meet a filter.
func (c *change) filtered(o Operation, t schema.Target, x filter.Node, in schema.Document) error {
	have, _ := in[t.Attribute.Name].([]any)
	if err := c.visit(len(have) * (1 + filter.Size(x))); err != nil {
		return err
	}
	var found []int
	for i, v := range have {
		ok, err := Match(x, t.Attribute, v)
		if err != nil {
			return err
		}
		if ok {
			found = append(found, i)
		}
	}
	if _, err := Match(x, t.Attribute, schema.Document{}); err != nil {
		return err
	}
	switch {
	case o.Op == "remove":
		return c.removeFound(t, in, have, found)
	case len(found) > 0:
		return c.writeFound(o, t, in, have, found)
	case o.Op == "replace" && (t.Sub == nil || !makes(t.Attribute, x)):
		return schema.Wrong(schema.NoTarget, "no value of %s meets the filter", t.Name())
	}
	fresh := schema.Document{}
	terms(x, t.Attribute, fresh)
	if err := mergeInto(fresh, t.Attribute, given(o, t)); err != nil {
		return err
	}
	if len(have) >= schema.MaxValues {
		return schema.Wrong(schema.InvalidValue, "%s has more than %d values", t.Name(), schema.MaxValues)
	}
	if isPrimary(fresh) {
		have = demoted(have)
	}
	return write(in, t.Attribute, append(slices.Clone(have), fresh))
}

// given are the parts of a value that an operation writes.
func given(o Operation, t schema.Target) map[string]any {
	if t.Sub != nil {
		return map[string]any{t.Sub.Name: o.Value}
	}
	value := o.Value
	if list, ok := value.([]any); ok && len(list) == 1 {
		value = list[0]
	}
	if object, ok := value.(map[string]any); ok {
		return object
	}
	return map[string]any{"value": value}
}

// makes reports whether a filter names a kind of value that may be made where there is none (docs/spec/scim.md, 8.4).
func makes(a *schema.Attribute, x filter.Node) bool {
	one, ok := x.(*filter.Compare)
	if !ok || one.Op != "eq" {
		return false
	}
	if strings.EqualFold(one.Path, "primary") {
		return one.Value == true && len(a.Makes) > 0
	}
	text, _ := one.Value.(string)
	return strings.EqualFold(one.Path, "type") &&
		slices.ContainsFunc(a.Makes, func(known string) bool { return strings.EqualFold(known, text) })
}

// terms writes what a filter says that a value is.
func terms(x filter.Node, a *schema.Attribute, value schema.Document) {
	switch x := x.(type) {
	case *filter.Logic:
		if !x.Any {
			for _, one := range x.X {
				terms(one, a, value)
			}
		}
	case *filter.Compare:
		sub := a.SubOf(x.Path)
		if sub == nil || x.Op != "eq" || sub.ReadsOnly() {
			return
		}
		if v, err := sub.Value(x.Value); err == nil && v != nil {
			value[sub.Name] = v
		}
	}
}

func (c *change) removeFound(t schema.Target, in schema.Document, have []any, found []int) error {
	if len(found) == 0 {
		return nil
	}
	var kept []any
	for i, v := range have {
		if _, meant := slices.BinarySearch(found, i); !meant {
			kept = append(kept, v)
			continue
		}
		if t.Sub == nil {
			continue
		}
		part, _ := clone(v).(schema.Document)
		if err := write(part, t.Sub, nil); err != nil {
			return err
		}
		if len(part) > 0 {
			kept = append(kept, part)
		}
	}
	return write(in, t.Attribute, some(kept))
}

// writeFound writes into some values of a list. One of them that becomes primary makes the others plain.
func (c *change) writeFound(o Operation, t schema.Target, in schema.Document, have []any, found []int) error {
	all := slices.Clone(have)
	primary := -1
	for _, i := range found {
		object, ok := clone(all[i]).(schema.Document)
		if !ok { // a list of plain values
			v, err := values(t.Attribute, o.Value)
			if err != nil || len(v) != 1 {
				return schema.Wrong(schema.InvalidValue, "%s needs one value", t.Name())
			}
			all[i] = v[0]
			continue
		}
		was := isPrimary(object)
		if err := mergeInto(object, t.Attribute, given(o, t)); err != nil {
			return err
		}
		if isPrimary(object) && !was {
			if primary >= 0 {
				return schema.Wrong(schema.InvalidValue, "%s has more than one primary value", t.Attribute.Name)
			}
			primary = i
		}
		all[i] = object
	}
	return write(in, t.Attribute, some(settled(all, primary)))
}

// settled is a list in which one value, if any, has become primary, without empty ones.
func settled(all []any, primary int) []any {
	if primary >= 0 {
		chosen := all[primary]
		all = demoted(all)
		all[primary] = chosen
	}
	return slices.DeleteFunc(all, func(v any) bool {
		object, ok := v.(schema.Document)
		return ok && len(object) == 0
	})
}

// everyValue makes an operation on a sub-attribute of all values of a list. Without any, one is made.
func (c *change) everyValue(o Operation, t schema.Target, in schema.Document) error {
	have, _ := in[t.Attribute.Name].([]any)
	if err := c.visit(len(have)); err != nil {
		return err
	}
	found := make([]int, len(have))
	for i := range found {
		found[i] = i
	}
	if o.Op == "remove" {
		return c.removeFound(t, in, have, found)
	}
	if len(have) > 0 {
		return c.writeFound(o, t, in, have, found)
	}
	fresh := schema.Document{}
	if err := mergeInto(fresh, t.Attribute, given(o, t)); err != nil || len(fresh) == 0 {
		return err
	}
	return write(in, t.Attribute, []any{fresh})
}

// delta notes what an operation does to an attribute whose values are kept apart (docs/spec/scim.md, 8.6).
func (c *change) delta(o Operation, t schema.Target, x filter.Node) error {
	if t.Sub != nil || x != nil && o.Op == "replace" {
		return schema.Wrong(schema.Mutability, "%s cannot be changed", t.Name())
	}
	if x != nil {
		if o.Op == "add" {
			return schema.Wrong(schema.NoTarget, "a filter makes no values of %s", t.Name())
		}
		if _, err := Match(x, t.Attribute, schema.Document{}); err != nil {
			return err
		}
		c.Deltas = append(c.Deltas, Delta{Op: o.Op, Filter: x})
		return nil
	}
	if o.Op == "remove" && o.Value == nil {
		c.Deltas = append(c.Deltas, Delta{Op: "replace"})
		return nil
	}
	list, err := values(t.Attribute, o.Value)
	if err != nil {
		return err
	}
	d := Delta{Op: o.Op}
	for _, v := range list {
		if object, ok := v.(schema.Document); ok {
			d.Values = append(d.Values, object)
		}
	}
	c.Deltas = append(c.Deltas, d)
	return nil
}
