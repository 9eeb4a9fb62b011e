// Package patch changes documents by the operations of the protocol (docs/spec/scim.md, 8). It knows of no resource
// type.
package patch

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"roster/handlers/scim/filter"
	"roster/handlers/scim/schema"
)

// MessageURI is the schema of the body of a change.
const MessageURI = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// MaxOperations is how many operations a change may have.
const MaxOperations = 1000

// Operation is one step of a change.
type Operation struct {
	// Op is add, replace or remove.
	Op, Path string
	Value    any
	// Valued says that there is a value, be it null.
	Valued bool
}

// Delta is what an operation does to an attribute whose values are kept apart: they are added, taken away or replaced.
type Delta struct {
	Op     string
	Values []schema.Document
	// Filter says which values are taken away; nil for those of Values.
	Filter filter.Node
}

// Result is what a change makes of a document.
type Result struct {
	Document schema.Document
	Deltas   []Delta
	// Written are the names of the attributes of the core schema that operations were about.
	Written map[string]bool
}

// Read reads the operations of a body.
func Read(body map[string]any) ([]Operation, error) {
	uris, err := schema.Schemas(body)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(uris, func(uri string) bool { return strings.EqualFold(uri, MessageURI) }) {
		return nil, schema.Wrong(schema.InvalidSyntax, "schemas lacks %s", MessageURI)
	}
	var list []any
	for name, value := range body {
		if strings.EqualFold(name, "Operations") {
			list, _ = value.([]any)
		}
	}
	if len(list) == 0 {
		return nil, schema.Wrong(schema.InvalidSyntax, "Operations is missing or empty")
	}
	if len(list) > MaxOperations {
		return nil, schema.Wrong(schema.InvalidValue, "there are more than %d operations", MaxOperations)
	}
	ops := make([]Operation, len(list))
	for i, one := range list {
		if ops[i], err = readOne(one); err != nil {
			return nil, err
		}
	}
	return ops, nil
}

func readOne(v any) (Operation, error) {
	var o Operation
	object, ok := v.(map[string]any)
	if !ok {
		return o, schema.Wrong(schema.InvalidSyntax, "an operation has to be an object")
	}
	for name, value := range object {
		switch strings.ToLower(name) {
		case "op":
			text, _ := value.(string)
			o.Op = strings.ToLower(text)
		case "path":
			text, isText := value.(string)
			if !isText && value != nil {
				return o, schema.Wrong(schema.InvalidPath, "the path has to be a text")
			}
			o.Path = strings.TrimSpace(text)
		case "value":
			o.Value = value
			o.Valued = true
		}
	}
	if o.Op != "add" && o.Op != "replace" && o.Op != "remove" {
		return o, schema.Wrong(schema.InvalidSyntax, "op has to be add, replace or remove")
	}
	return o, nil
}

// Apply makes the operations, in their order, on a copy of a document. An error leaves everything as it was.
func Apply(rt *schema.ResourceType, doc schema.Document, ops []Operation) (Result, error) {
	c := &change{rt: rt, Result: Result{Document: clone(doc).(schema.Document), Written: map[string]bool{}}}
	for _, o := range ops {
		if err := c.apply(o); err != nil {
			return Result{}, err
		}
	}
	for _, e := range rt.Extensions {
		if inner, ok := c.Document[e.ID].(schema.Document); ok && len(inner) == 0 {
			delete(c.Document, e.ID)
		}
	}
	if name := rt.Missing(c.Document); name != "" {
		return Result{}, schema.Wrong(schema.InvalidValue, "%s is required", name)
	}
	return c.Result, nil
}

func clone(v any) any {
	switch v := v.(type) {
	case schema.Document:
		out := make(schema.Document, len(v))
		for name, inner := range v {
			out[name] = clone(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = clone(inner)
		}
		return out
	}
	return v
}

// change is a document on its way through the operations.
type change struct {
	Result
	rt *schema.ResourceType
	// visited counts how often values of lists were looked at.
	visited int
}

// maxVisits bounds how often a change looks at values of lists: many operations on long lists take long.
const maxVisits = 200_000

// cheap is how many times faster values are compared with others than changed by a filter.
const cheap = 10

// visit counts that some values are looked at.
func (c *change) visit(values int) error {
	if c.visited += values; c.visited > maxVisits {
		return schema.Wrong(schema.InvalidValue, "the operations look at too many values; send fewer at once")
	}
	return nil
}

func (c *change) apply(o Operation) error {
	if o.Path == "" {
		return c.withoutPath(o)
	}
	path, err := filter.ParsePath(o.Path)
	var wrong *filter.FilterError
	if errors.As(err, &wrong) {
		return schema.Wrong(schema.InvalidFilter, "%s", wrong)
	}
	if err != nil {
		return schema.Wrong(schema.InvalidPath, "%s", err)
	}
	t, ok := c.resolve(path)
	if !ok {
		return schema.Wrong(schema.InvalidPath, "there is no attribute %s", o.Path)
	}
	return c.at(o, t, path.Filter)
}

func (c *change) resolve(path filter.Target) (schema.Target, bool) {
	t, ok := c.rt.Resolve(path.Path)
	if !ok || path.Filter == nil {
		return t, ok
	}
	if t.Attribute == nil || t.Sub != nil || !t.Attribute.MultiValued {
		return t, false
	}
	if path.Sub != "" {
		t.Sub = t.Attribute.SubOf(path.Sub)
		return t, t.Sub != nil
	}
	return t, true
}

// withoutPath takes each member of the value for an operation of its own. What clients cannot write is left out.
func (c *change) withoutPath(o Operation) error {
	if o.Op == "remove" {
		return schema.Wrong(schema.NoTarget, "remove needs a path")
	}
	object, ok := o.Value.(map[string]any)
	if !ok {
		return schema.Wrong(schema.InvalidValue, "without a path, the value has to be an object")
	}
	return c.members(o.Op, "", object)
}

// members makes an operation of each member of an object; prefix is the URI of the extension that they belong to.
func (c *change) members(op, prefix string, object map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		path, err := filter.ParsePath(prefix + name)
		if err != nil {
			continue
		}
		t, ok := c.resolve(path)
		if !ok || t.Attribute != nil &&
			(t.Attribute.ReadsOnly() || t.Last().ReadsOnly() || t.Attribute.Name == "schemas") {
			continue
		}
		if err := c.at(Operation{Op: op, Value: object[name], Valued: true}, t, path.Filter); err != nil {
			return err
		}
	}
	return nil
}

// at makes an operation at a target.
func (c *change) at(o Operation, t schema.Target, x filter.Node) error {
	if t.Attribute == nil {
		return c.extension(o, t.Extension)
	}
	if t.Extension == nil {
		c.Written[t.Attribute.Name] = true
	}
	if t.Attribute.ReadsOnly() || t.Last().ReadsOnly() {
		return schema.Wrong(schema.Mutability, "%s cannot be written", t.Name())
	}
	if t.Attribute.Name == "schemas" && t.Extension == nil {
		return nil // follows from what there is
	}
	if o.Op == "add" && !o.Valued || o.Op == "replace" && !o.Valued {
		return schema.Wrong(schema.InvalidValue, "%s needs a value", o.Op)
	}
	if t.Attribute.Deltas {
		return c.delta(o, t, x)
	}
	in := c.container(t.Extension)
	switch {
	case x != nil:
		return c.filtered(o, t, x, in)
	case t.Sub != nil && t.Attribute.MultiValued:
		return c.everyValue(o, t, in)
	case t.Sub != nil:
		return c.part(o, t, in)
	case o.Op == "remove":
		return c.remove(o, t, in)
	case t.Attribute.MultiValued:
		return c.list(o, t, in)
	case t.Attribute.Type == schema.Complex:
		return c.complex(o, t, in)
	}
	return c.single(o, t, in)
}

// container is the object that holds the attributes of an extension, or the document.
func (c *change) container(e *schema.Extension) schema.Document {
	if e == nil {
		return c.Document
	}
	inner, ok := c.Document[e.ID].(schema.Document)
	if !ok {
		inner = schema.Document{}
		c.Document[e.ID] = inner
	}
	return inner
}

func (c *change) extension(o Operation, e *schema.Extension) error {
	if o.Op == "remove" || o.Value == nil {
		delete(c.Document, e.ID)
		return nil
	}
	object, ok := o.Value.(map[string]any)
	if !ok {
		return schema.Wrong(schema.InvalidValue, "%s has to be an object", e.ID)
	}
	return c.members(o.Op, e.ID+":", object)
}

// write sets a value, or takes it away where it is nil.
func write(in schema.Document, a *schema.Attribute, value any) error {
	before := in[a.Name]
	switch {
	case reflect.DeepEqual(before, value):
		return nil
	case a.Mutability == schema.Immutable && before != nil:
		return schema.Wrong(schema.Mutability, "%s cannot be changed", a.Name)
	case value == nil && (a.Required || a.Firm):
		return schema.Wrong(schema.Mutability, "%s cannot be taken away", a.Name)
	case value == nil:
		delete(in, a.Name)
	default:
		in[a.Name] = value
	}
	return nil
}

func (c *change) single(o Operation, t schema.Target, in schema.Document) error {
	v, err := t.Attribute.Value(o.Value)
	if err != nil {
		return err
	}
	if v == nil && (o.Op == "add" || t.Attribute.Required || t.Attribute.Firm) {
		if o.Op == "add" && !t.Attribute.Required {
			return nil
		}
		return schema.Wrong(schema.InvalidValue, "%s needs a value", t.Name())
	}
	return write(in, t.Attribute, v)
}

// complex changes the parts that are given.
func (c *change) complex(o Operation, t schema.Target, in schema.Document) error {
	value := o.Value
	if list, ok := value.([]any); ok && len(list) == 1 {
		value = list[0]
	}
	if text, ok := value.(string); ok && t.Attribute.SubOf("value") != nil {
		value = map[string]any{"value": text}
	}
	if value == nil || value == "" {
		return write(in, t.Attribute, nil)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return schema.Wrong(schema.InvalidValue, "%s has to be an object", t.Name())
	}
	return c.merge(t, in, object)
}

func (c *change) merge(t schema.Target, in schema.Document, object map[string]any) error {
	inner, _ := clone(in[t.Attribute.Name]).(schema.Document)
	if inner == nil {
		inner = schema.Document{}
	}
	if err := mergeInto(inner, t.Attribute, object); err != nil {
		return err
	}
	if value := t.Attribute.SubOf("value"); len(inner) == 0 || value != nil && inner["value"] == nil {
		return write(in, t.Attribute, nil)
	}
	in[t.Attribute.Name] = inner
	return nil
}

// mergeInto writes the members of an object into a complex value.
func mergeInto(value schema.Document, a *schema.Attribute, object map[string]any) error {
	for name, v := range object {
		sub := a.SubOf(name)
		if sub == nil || sub.ReadsOnly() {
			continue
		}
		read, err := sub.Value(v)
		if err != nil {
			return err
		}
		if err := write(value, sub, read); err != nil {
			return err
		}
	}
	return nil
}

// part changes a sub-attribute of a single value.
func (c *change) part(o Operation, t schema.Target, in schema.Document) error {
	if o.Op == "remove" {
		if in[t.Attribute.Name] == nil {
			return nil
		}
		return c.merge(t, in, map[string]any{t.Sub.Name: nil})
	}
	return c.merge(t, in, map[string]any{t.Sub.Name: o.Value})
}

func (c *change) remove(o Operation, t schema.Target, in schema.Document) error {
	have, isList := in[t.Attribute.Name].([]any)
	if !isList || o.Value == nil {
		if t.Attribute.Required || t.Attribute.Firm {
			return schema.Wrong(schema.Mutability, "%s cannot be taken away", t.Name())
		}
		return write(in, t.Attribute, nil)
	}
	gone, err := values(t.Attribute, o.Value)
	if err != nil {
		return err
	}
	if err := c.visit(len(have) * len(gone) / cheap); err != nil {
		return err
	}
	kept := slices.DeleteFunc(slices.Clone(have), func(v any) bool {
		return slices.ContainsFunc(gone, func(g any) bool { return meant(v, g) })
	})
	return write(in, t.Attribute, some(kept))
}

// meant reports whether a value is what a client names: all that it names is the same.
func meant(v, named any) bool {
	have, ok := v.(schema.Document)
	want, both := named.(schema.Document)
	if !ok || !both {
		return reflect.DeepEqual(v, named)
	}
	for name, part := range want {
		if !reflect.DeepEqual(have[name], part) {
			return false
		}
	}
	return true
}

// some is a list; nil for an empty one.
func some(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// values reads the values of a list, or the one that a client sends instead.
func values(a *schema.Attribute, v any) ([]any, error) {
	list, ok := v.([]any)
	if !ok && v != nil {
		if text, isText := v.(string); isText && a.Type == schema.Complex && a.SubOf("value") != nil {
			v = map[string]any{"value": text}
		}
		list = []any{v}
	}
	read, err := a.List(list)
	out, _ := read.([]any)
	return out, err
}

func (c *change) list(o Operation, t schema.Target, in schema.Document) error {
	given, err := values(t.Attribute, o.Value)
	if err != nil {
		return err
	}
	if o.Op == "replace" {
		return write(in, t.Attribute, some(given))
	}
	have, _ := in[t.Attribute.Name].([]any)
	if err := c.visit(len(have) * len(given) / cheap); err != nil {
		return err
	}
	all := slices.Clone(have)
	for _, v := range given {
		if slices.ContainsFunc(have, func(h any) bool { return schema.Same(h, v) }) {
			continue
		}
		if isPrimary(v) {
			all = demoted(all)
		}
		all = append(all, v)
	}
	if len(all) > schema.MaxValues {
		return schema.Wrong(schema.InvalidValue, "%s has more than %d values", t.Name(), schema.MaxValues)
	}
	return write(in, t.Attribute, some(all))
}

func isPrimary(v any) bool {
	object, ok := v.(schema.Document)
	return ok && object["primary"] == true
}

// demoted are the values of a list, none of them primary any more.
func demoted(list []any) []any {
	out := slices.Clone(list)
	for i, v := range out {
		if isPrimary(v) {
			plain := clone(v).(schema.Document)
			plain["primary"] = false
			out[i] = plain
		}
	}
	return out
}
