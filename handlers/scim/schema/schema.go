// Package schema describes resource types as data, and reads and shows documents as their schemas say
// (docs/spec/scim.md, 3). It knows of no resource type by itself.
package schema

import (
	"fmt"
	"strings"
)

// Type is the type of an attribute's values.
type Type string

// The types.
const (
	String    Type = "string"
	Boolean   Type = "boolean"
	Decimal   Type = "decimal"
	Integer   Type = "integer"
	DateTime  Type = "dateTime"
	Binary    Type = "binary"
	Reference Type = "reference"
	Complex   Type = "complex"
)

// Words of characteristics.
const (
	ReadOnly   = "readOnly"
	ReadWrite  = "readWrite"
	Immutable  = "immutable"
	WriteOnly  = "writeOnly"
	Always     = "always"
	Never      = "never"
	OnRequest  = "request"
	ByDefault  = "default"
	NotUnique  = "none"
	OnceHere   = "server"
	OnceOnEach = "global"
)

// Attribute is an attribute of a schema, or a sub-attribute. Blank characteristics have their defaults.
type Attribute struct {
	Name        string
	Type        Type
	MultiValued bool
	Description string
	Required    bool
	CaseExact   bool
	Mutability  string
	Returned    string
	Uniqueness  string
	Canonical   []string
	References  []string
	Sub         []Attribute
	// Deltas says that the values are kept apart from the document, and changed by what comes and goes.
	Deltas bool
	// Firm attributes keep a value: one cannot take it away, and a replacement without it leaves it.
	Firm bool
	// Makes are the types for which a replacement of part of a value makes the value where there is none.
	Makes []string
}

// ReadsOnly reports whether clients cannot write the attribute.
func (a *Attribute) ReadsOnly() bool { return a.Mutability == ReadOnly }

// SubOf returns a sub-attribute by its name in any case, nil without one.
func (a *Attribute) SubOf(name string) *Attribute { return named(a.Sub, name) }

func named(list []Attribute, name string) *Attribute {
	for i := range list {
		if strings.EqualFold(list[i].Name, name) {
			return &list[i]
		}
	}
	return nil
}

// Schema is a schema with its attributes.
type Schema struct {
	ID, Name, Description string
	Attributes            []Attribute
}

// Extension is a schema that resources of a type may have beside their own.
type Extension struct {
	Schema
	Required bool
	// Aliases are further URIs that mean it.
	Aliases []string
}

// ResourceType is a kind of resources.
type ResourceType struct {
	Name, Endpoint, Description string
	Schema                      Schema
	Extensions                  []Extension
}

// common are the attributes that every resource has (docs/spec/scim.md, 3).
var common = []Attribute{
	{Name: "schemas", Type: Reference, MultiValued: true, CaseExact: true, Returned: Always,
		References: []string{"uri"}},
	{Name: "id", Type: String, CaseExact: true, Mutability: ReadOnly, Returned: Always, Uniqueness: OnceHere},
	{Name: "externalId", Type: String, CaseExact: true},
	{Name: "meta", Type: Complex, Mutability: ReadOnly, Sub: []Attribute{
		{Name: "resourceType", Type: String, CaseExact: true, Mutability: ReadOnly},
		{Name: "created", Type: DateTime, Mutability: ReadOnly},
		{Name: "lastModified", Type: DateTime, Mutability: ReadOnly},
		{Name: "location", Type: Reference, CaseExact: true, Mutability: ReadOnly},
		{Name: "version", Type: String, CaseExact: true, Mutability: ReadOnly},
	}},
}

// Attributes are those of the core schema with the common ones.
func (rt *ResourceType) Attributes() []Attribute {
	all := append([]Attribute{}, common[:3]...)
	for _, a := range rt.Schema.Attributes {
		if named(common, a.Name) == nil {
			all = append(all, a)
		}
	}
	return all
}

// named finds an attribute of the core schema or a common one.
func (rt *ResourceType) named(name string) *Attribute {
	if a := named(rt.Schema.Attributes, name); a != nil {
		return a
	}
	return named(common, name)
}

// Extension returns the extension that a URI means, in any case; nil without one.
func (rt *ResourceType) Extension(uri string) *Extension {
	for i := range rt.Extensions {
		e := &rt.Extensions[i]
		if strings.EqualFold(e.ID, uri) {
			return e
		}
		for _, alias := range e.Aliases {
			if strings.EqualFold(alias, uri) {
				return e
			}
		}
	}
	return nil
}

// Target is what a path leads to: an attribute of the core schema or of an extension, with or without a sub-attribute;
// or a whole extension, where Attribute is nil.
type Target struct {
	Extension *Extension
	Attribute *Attribute
	Sub       *Attribute
}

// Keys are the members of a document on the way to the target.
func (t Target) Keys() []string {
	var keys []string
	if t.Extension != nil {
		keys = append(keys, t.Extension.ID)
	}
	if t.Attribute != nil {
		keys = append(keys, t.Attribute.Name)
	}
	if t.Sub != nil {
		keys = append(keys, t.Sub.Name)
	}
	return keys
}

// Last is the attribute that is meant: the sub-attribute, where there is one.
func (t Target) Last() *Attribute {
	if t.Sub != nil {
		return t.Sub
	}
	return t.Attribute
}

// Name is the path in the spelling of the schema.
func (t Target) Name() string {
	keys := t.Keys()
	if t.Extension != nil && len(keys) > 1 {
		return keys[0] + ":" + strings.Join(keys[1:], ".")
	}
	return strings.Join(keys, ".")
}

// Resolve finds what a path means: "name.familyName", "urn:...:User:department", or the URI of an extension.
func (rt *ResourceType) Resolve(path string) (Target, bool) {
	if e := rt.Extension(path); e != nil {
		return Target{Extension: e}, true
	}
	var t Target
	rest := path
	list := rt.named
	if i := strings.LastIndexByte(path, ':'); i >= 0 {
		rest = path[i+1:]
		if e := rt.Extension(path[:i]); e != nil {
			t.Extension = e
			list = func(name string) *Attribute { return named(e.Attributes, name) }
		} else if !strings.EqualFold(path[:i], rt.Schema.ID) {
			return t, false
		}
	}
	name, sub, dotted := strings.Cut(rest, ".")
	if t.Attribute = list(name); t.Attribute == nil {
		return t, false
	}
	if dotted {
		t.Sub = t.Attribute.SubOf(sub)
	}
	return t, !dotted || t.Sub != nil
}

// Error is what is wrong with a request, by the words of the protocol.
type Error struct{ Type, Detail string }

// Error returns the text for people.
func (e *Error) Error() string { return e.Detail }

// Kinds of errors (docs/spec/scim.md, 12).
const (
	InvalidSyntax = "invalidSyntax"
	InvalidValue  = "invalidValue"
	InvalidFilter = "invalidFilter"
	InvalidPath   = "invalidPath"
	NoTarget      = "noTarget"
	Mutability    = "mutability"
	Uniqueness    = "uniqueness"
)

// Wrong returns an Error.
func Wrong(kind, format string, args ...any) error { return &Error{kind, fmt.Sprintf(format, args...)} }
