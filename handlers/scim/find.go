package scim

import (
	"strings"

	"roster/handlers/scim/filter"
	"roster/handlers/scim/schema"
	"roster/scopes/search"
)

// finder turns filters and orders into trees of the directory (docs/spec/scim.md, 5 and 6).
type finder struct {
	rt *schema.ResourceType
	fields
}

var (
	everything = search.And()
	nothing    = search.Or()
)

func constant(holds bool) search.Node {
	if holds {
		return everything
	}
	return nothing
}

func cannot(name string) error {
	return schema.Wrong(schema.InvalidFilter, "%s cannot be compared", name)
}

// maxRelated is how many comparisons of a filter may look at the groups of users, or at the members of groups: each
// reads other tables.
const maxRelated = 20

// findBounded returns the tree of a whole filter.
func (f finder) findBounded(x filter.Node) (search.Node, error) {
	related := func(path string) bool {
		t, ok := f.rt.Resolve(path)
		return ok && t.Attribute != nil && f.lists[t.Attribute.Name] != nil
	}
	if filter.SizeOf(x, related) > maxRelated {
		return nil, schema.Wrong(schema.InvalidFilter, "the filter compares groups or members too often")
	}
	return f.find(x)
}

// find returns the tree of a filter.
func (f finder) find(x filter.Node) (search.Node, error) {
	switch x := x.(type) {
	case *filter.Not:
		inner, err := f.find(x.X)
		return &search.Not{X: inner}, err
	case *filter.Logic:
		return logic(x, f.find)
	case *filter.Within:
		return f.within(x)
	case *filter.Compare:
		return f.compare(x)
	}
	return nothing, nil
}

func logic(x *filter.Logic, each func(filter.Node) (search.Node, error)) (search.Node, error) {
	nodes := make([]search.Node, len(x.X))
	for i, one := range x.X {
		var err error
		if nodes[i], err = each(one); err != nil {
			return nil, err
		}
	}
	if x.Any {
		return search.Or(nodes...), nil
	}
	return search.And(nodes...), nil
}

func (f finder) compare(x *filter.Compare) (search.Node, error) {
	t, ok := f.rt.Resolve(x.Path)
	if !ok {
		return nil, schema.Wrong(schema.InvalidFilter, "there is no attribute %s", x.Path)
	}
	if t.Attribute == nil {
		if x.Op != "pr" {
			return nil, cannot(x.Path)
		}
		return f.there(t), nil
	}
	if t.Attribute.Name == "schemas" {
		return f.schemas(x, t.Attribute)
	}
	if t.Sub == nil && t.Attribute.Type == schema.Complex {
		if x.Op == "pr" {
			return f.has(t)
		}
		if t.Sub = t.Attribute.SubOf("value"); t.Sub == nil {
			return nil, cannot(x.Path)
		}
	}
	operand, err := t.Last().Operand(x.Op, x.Value)
	if err != nil {
		return nil, err
	}
	if t.Attribute.MultiValued {
		if x.Op == "ne" || x.Op == "eq" && operand == nil {
			positive := &filter.Compare{Path: x.Path, Op: "eq", Value: x.Value}
			if operand == nil && x.Op == "eq" {
				positive.Op = "pr"
			}
			inner, err := f.compare(positive)
			return &search.Not{X: inner}, err
		}
		return f.some(t, func(leaf leaf) (search.Node, error) { return leaf(t.Last(), x.Op, operand), nil })
	}
	return f.single(t, x.Op, operand), nil
}

// single compares an attribute with one value.
func (f finder) single(t schema.Target, op string, operand any) search.Node {
	a := t.Last()
	switch name := strings.ToLower(t.Name()); name {
	case "meta.resourcetype":
		return constant(a.Holds(op, f.rt.Name, operand))
	case "meta.location", "meta.version":
		return nothing
	default:
		if column, ok := f.columns[name]; ok {
			return compared(a, op, operand, column, nil)
		}
		if column, ok := f.switches[name]; ok {
			return switched(column, op, operand)
		}
	}
	return compared(a, op, operand, "extra", t.Keys())
}

func switched(column, op string, operand any) search.Node {
	yes, given := operand.(bool)
	switch {
	case !given:
		return constant(op != "eq")
	case yes == (op == "eq"):
		return &search.Compare{Op: search.OpEq, Field: column, Values: []string{"true"}}
	}
	return &search.Compare{Op: search.OpEq, Field: column, Values: []string{"false"}}
}

// types are those of the directory for those of the protocol; all others are texts.
var types = map[schema.Type]search.Type{schema.Boolean: search.Boolean, schema.Integer: search.Decimal,
	schema.Decimal: search.Decimal, schema.DateTime: search.Datetime, schema.Complex: search.LongText}

func typeOf(a *schema.Attribute) search.Type {
	if t, ok := types[a.Type]; ok {
		return t
	}
	return search.Text
}

var operators = map[string]search.DatumOp{"eq": search.Equals, "co": search.HasWithin, "sw": search.StartsWith,
	"ew": search.EndsWith, "gt": search.After, "ge": search.FromOn, "lt": search.Before, "le": search.UpTo,
	"pr": search.Has}

// compared compares what stands in a field, or at a path in it. Without a field it is the element of a list.
func compared(a *schema.Attribute, op string, operand any, column string, path []string) search.Node {
	switch {
	case op == "ne":
		return &search.Not{X: compared(a, "eq", operand, column, path)}
	case op == "eq" && operand == nil:
		return &search.Not{X: compared(a, "pr", nil, column, path)}
	}
	exact := a.CaseExact && a.Type != schema.DateTime
	return &search.Datum{Field: column, Path: path, Op: operators[op], Type: typeOf(a), Exact: exact, Value: operand}
}

// there asks for anything at all at a target.
func (f finder) there(t schema.Target) search.Node {
	return &search.Datum{Field: "extra", Path: t.Keys(), Op: search.Has, Type: search.LongText}
}

// has asks whether a complex attribute has a value.
func (f finder) has(t schema.Target) (search.Node, error) {
	if t.Attribute.MultiValued {
		return f.some(t, func(leaf leaf) (search.Node, error) { return leaf(nil, "pr", nil), nil })
	}
	var parts []search.Node
	for i := range t.Attribute.Sub {
		part := t
		part.Sub = &t.Attribute.Sub[i]
		if part.Sub.Returned != schema.Never {
			parts = append(parts, f.single(part, "pr", nil))
		}
	}
	return search.Or(parts...), nil
}

// schemas compares the URIs of a resource: its own always, those of extensions where these have something.
func (f finder) schemas(x *filter.Compare, a *schema.Attribute) (search.Node, error) {
	operand, err := a.Operand(x.Op, x.Value)
	if err != nil {
		return nil, err
	}
	op := x.Op
	if op == "ne" {
		op = "eq"
	}
	parts := []search.Node{constant(a.Holds(op, f.rt.Schema.ID, operand))}
	for i := range f.rt.Extensions {
		if e := &f.rt.Extensions[i]; a.Holds(op, e.ID, operand) {
			parts = append(parts, f.there(schema.Target{Extension: e}))
		}
	}
	found := search.Or(parts...)
	if x.Op == "ne" {
		return &search.Not{X: found}, nil
	}
	return found, nil
}

// leaf compares a sub-attribute of the value of a list; without one it asks for any value.
type leaf func(sub *schema.Attribute, op string, operand any) search.Node

// some asks for a value of a list; tree says what it has to meet, in terms of what it is made of.
func (f finder) some(t schema.Target, tree func(leaf) (search.Node, error)) (search.Node, error) {
	t.Sub = nil
	name := strings.ToLower(t.Name())
	if columns, ok := f.lists[name]; ok {
		return f.related(columns, tree)
	}
	inner, err := tree(elementLeaf)
	if err != nil {
		return nil, err
	}
	kept := search.Node(&search.Some{Field: "extra", Path: t.Keys(), X: inner})
	values, ok := f.implied[name]
	if !ok {
		return kept, nil
	}
	instead, err := tree(impliedLeaf(values))
	if err != nil {
		return nil, err
	}
	there := &search.Datum{Field: string(values["value"].(field)), Op: search.Has, Type: search.Text}
	return search.Or(kept, search.And(there, &search.Not{X: f.there(t)}, instead)), nil
}

func (f finder) related(columns []string, tree func(leaf) (search.Node, error)) (search.Node, error) {
	var parts []search.Node
	for _, column := range columns {
		inner, err := tree(elementLeaf)
		if err != nil {
			return nil, err
		}
		parts = append(parts, &search.Some{Field: column, X: inner})
	}
	return search.Or(parts...), nil
}

func elementLeaf(sub *schema.Attribute, op string, operand any) search.Node {
	switch {
	case sub == nil:
		return everything
	case sub.Type == schema.Complex || sub.MultiValued:
		return compared(sub, op, operand, "", nil)
	}
	return compared(sub, op, operand, "", []string{sub.Name})
}

func impliedLeaf(values map[string]any) leaf {
	return func(sub *schema.Attribute, op string, operand any) search.Node {
		if sub == nil {
			return everything
		}
		if column, ok := values[sub.Name].(field); ok {
			return compared(sub, op, operand, string(column), nil)
		}
		return constant(sub.Holds(op, values[sub.Name], operand))
	}
}

// within asks for a value of a list that meets a filter of its own.
func (f finder) within(x *filter.Within) (search.Node, error) {
	t, ok := f.rt.Resolve(x.Path)
	if !ok || t.Attribute == nil || t.Sub != nil || !t.Attribute.MultiValued {
		return nil, schema.Wrong(schema.InvalidFilter, "there is no list %s", x.Path)
	}
	inner := x.X
	if x.Then != nil {
		inner = &filter.Logic{X: []filter.Node{x.X, x.Then}}
	}
	return f.some(t, func(leaf leaf) (search.Node, error) { return element(t.Attribute, inner, leaf) })
}

// element is the tree of a filter about the sub-attributes of a value.
func element(a *schema.Attribute, x filter.Node, leaf leaf) (search.Node, error) {
	switch x := x.(type) {
	case *filter.Not:
		inner, err := element(a, x.X, leaf)
		return &search.Not{X: inner}, err
	case *filter.Logic:
		return logic(x, func(one filter.Node) (search.Node, error) { return element(a, one, leaf) })
	case *filter.Compare:
		sub := a.SubOf(x.Path)
		if sub == nil && a.Type != schema.Complex && strings.EqualFold(x.Path, "value") {
			sub = a
		}
		if sub == nil {
			return nil, schema.Wrong(schema.InvalidFilter, "%s has no %s", a.Name, x.Path)
		}
		operand, err := sub.Operand(x.Op, x.Value)
		if err != nil {
			return nil, err
		}
		return leaf(sub, x.Op, operand), nil
	}
	return nil, schema.Wrong(schema.InvalidFilter, "brackets stand inside brackets")
}

// order is what a list is sorted by; no key leaves it to the numbers of the rows.
type order struct {
	key search.SortKey
	at  *schema.Attribute
	// target is where the value stands in documents.
	target schema.Target
	// name is the field that has the value; blank for what is kept as JSON.
	name string
}

// order reads the attribute that a list is sorted by.
func (f finder) order(sortBy string, desc bool) (order, error) {
	var o order
	t, ok := f.rt.Resolve(sortBy)
	if ok && t.Attribute != nil && t.Sub == nil && t.Attribute.Type == schema.Complex {
		t.Sub = t.Attribute.SubOf("value")
		ok = t.Sub != nil
	}
	if !ok || t.Attribute == nil || t.Last().Returned == schema.Never || t.Attribute.Name == "schemas" {
		return o, schema.Wrong(schema.InvalidValue, "the list cannot be sorted by %s", sortBy)
	}
	o.at = t.Last()
	o.target = t
	o.key = search.SortKey{Desc: desc, Type: typeOf(o.at), Exact: o.at.CaseExact, MissingLast: true}
	whole := t
	whole.Sub = nil
	name := strings.ToLower(t.Name())
	if values, implied := f.implied[strings.ToLower(whole.Name())]; implied && t.Sub != nil {
		column, _ := values[t.Sub.Name].(field)
		o.name = string(column)
	} else if column, known := f.columns[name]; known {
		o.name = column
	} else if column, known := f.switches[name]; known {
		o.name = column
	}
	_, related := f.lists[strings.ToLower(whole.Name())]
	if related || t.Attribute.Name == "meta" && o.name == "" {
		return o, schema.Wrong(schema.InvalidValue, "the list cannot be sorted by %s", sortBy)
	}
	if o.key.Field = o.name; o.name != "" {
		return o, nil
	}
	o.key.Field = "extra"
	o.key.Path = t.Keys()
	if t.Attribute.MultiValued {
		o.key.Path = whole.Keys()
		o.key.Path = append(o.key.Path, "0")
		if t.Sub != nil {
			o.key.Path = append(o.key.Path, t.Sub.Name)
		}
	}
	return o, nil
}
