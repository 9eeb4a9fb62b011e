// Package apidoc reads the Apipie document that a server describes its API with, as far as commands are built from it
// (docs/spec/hammer.md, 2), and caches it.
package apidoc

import (
	"encoding/json"
	"errors"
	"html"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"roster/docs/apipie"
)

// Method is one thing that can be done with a resource.
type Method struct {
	Name string `json:"name"`
	// APIs are the routes of the method.
	APIs     []Route `json:"apis"`
	Params   []Param `json:"params"`
	Metadata *struct {
		// Search are the fields that lists are searched and ordered by.
		Search []SearchField `json:"search"`
	} `json:"metadata,omitempty"`
}

// Route is a verb and a path of a method. Segments such as :id stand for parameters.
type Route struct {
	Path        string `json:"api_url"`
	Verb        string `json:"http_method"`
	Description string `json:"short_description,omitempty"`
}

// Param is a parameter of a method.
type Param struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Type is numeric, boolean, string, array or hash.
	Type string `json:"expected_type"`
	// Validator is a sentence on the values that are allowed.
	Validator string `json:"validator,omitempty"`
	Required  bool   `json:"required,omitempty"`
	Show      *bool  `json:"show,omitempty"`
	// Params are the members of a hash.
	Params []Param `json:"params,omitempty"`
}

// SearchField is a field that lists are searched and ordered by.
type SearchField struct {
	Name   string `json:"name"`
	Type   string `json:"type,omitempty"`
	Values any    `json:"values,omitempty"`
}

// Resource is a kind of object, such as users, and what can be done with it.
type Resource struct {
	Name    string   `json:"-"`
	Methods []Method `json:"methods"`
}

// Hidden reports whether the parameter is not offered as an option.
func (p Param) Hidden() bool { return p.Show != nil && !*p.Show }

// Method returns a method by name, nil if the server does not offer it.
func (r *Resource) Method(name string) *Method {
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.Methods, func(m Method) bool { return m.Name == name }); i >= 0 {
		return &r.Methods[i]
	}
	return nil
}

// Singular returns the name of the resource in the singular.
func (r *Resource) Singular() string { return Singular(r.Name) }

// Param returns the first parameter of that name at the top level, or nil.
func (m *Method) Param(name string) *Param { return FindParam(m.Params, name) }

// FindParam returns the first parameter of that name, or nil.
func FindParam(params []Param, name string) *Param {
	if i := slices.IndexFunc(params, func(p Param) bool { return p.Name == name }); i >= 0 {
		return &params[i]
	}
	return nil
}

// Flatten returns the parameters of one level before those below it, which is the order in which names are resolved.
func Flatten(params []Param) []Param {
	all := slices.Clone(params)
	for _, p := range params {
		all = append(all, Flatten(p.Params)...)
	}
	return all
}

// Document is a document whose resources are decoded when they are asked for: most commands need one or two. It may be
// used from several goroutines.
type Document struct {
	names   map[string]bool
	read    func(name string) ([]byte, error)
	mu      sync.Mutex
	decoded map[string]*Resource
}

// Resource returns a resource by name, nil if the document has none of that name.
func (d *Document) Resource(name string) *Resource {
	if d == nil || !d.names[name] {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.decoded[name]; ok {
		return r
	}
	r := &Resource{}
	if raw, err := d.read(name); err != nil || json.Unmarshal(raw, r) != nil {
		return nil
	}
	r.Name = name
	d.decoded[name] = r
	return r
}

// OfParam returns the resource that a parameter such as role_id or role_ids points to, or nil.
func (d *Document) OfParam(name string) *Resource {
	base := strings.TrimSuffix(strings.TrimSuffix(name, "s"), "_id")
	if base == name || base == strings.TrimSuffix(name, "s") {
		return nil
	}
	return d.Resource(Plural(base))
}

// newDocument returns a document of resources by these names. It calls read for the JSON of each.
func newDocument(names iter.Seq[string], read func(name string) ([]byte, error)) *Document {
	d := &Document{names: map[string]bool{}, read: read, decoded: map[string]*Resource{}}
	for name := range names {
		d.names[name] = true
	}
	return d
}

// Parse reads a document as servers send it.
func Parse(raw []byte) (*Document, error) {
	var doc struct {
		Docs struct {
			Resources map[string]json.RawMessage `json:"resources"`
		} `json:"docs"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	resources := doc.Docs.Resources
	if resources == nil {
		return nil, errors.New("the document has no resources")
	}
	return newDocument(maps.Keys(resources), func(name string) ([]byte, error) { return resources[name], nil }), nil
}

// Builtin returns the copy that was built in. Help works with it when no server can be asked.
func Builtin() (*Document, error) { return Parse(apipie.Builtin()) }

var tags = regexp.MustCompile(`<[^>]*>`)

// PlainText returns a description without its HTML.
func PlainText(s string) string {
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(s, "")))
}

var codes = regexp.MustCompile(`<code>([^<]*)</code>`)

// Enum returns the words that a parameter allows, nil if it is not an enumeration. The form of the validator's sentence
// is the contract (docs/spec/hammer.md, 2).
func (p Param) Enum() []string {
	if p.Type != "string" || !strings.HasPrefix(p.Validator, "Must be one of: <code>") ||
		!strings.HasSuffix(strings.TrimSpace(p.Validator), ".") {
		return nil
	}
	var words []string
	for _, m := range codes.FindAllStringSubmatch(p.Validator, -1) {
		words = append(words, html.UnescapeString(m[1]))
	}
	return words
}
