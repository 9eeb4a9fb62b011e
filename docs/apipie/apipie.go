// Package apipie makes the Apipie document of the API, from which Foreman's clients configure themselves, out of the
// Swagger document. It knows nothing of the server, so that the command line can use it, too.
//
// The structure and the texts of validators are facts that clients rely on (docs/spec/foreman.md, 18.2 and 18.3).
package apipie

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
)

//go:embed v2.json
var builtin []byte

// Builtin is the document of this version of the program, for clients that have not asked a server yet.
func Builtin() []byte { return builtin }

// Doc is the whole document.
type Doc struct {
	Name      string               `json:"name"`
	Info      string               `json:"info"`
	Copyright string               `json:"copyright"`
	DocURL    string               `json:"doc_url"`
	APIURL    string               `json:"api_url"`
	Resources map[string]*Resource `json:"resources"`
	// forPeople says that the document has the parameters that no client makes options of.
	forPeople bool
}

// Resource is a kind of records.
type Resource struct {
	DocURL           string    `json:"doc_url"`
	ID               string    `json:"id"`
	APIURL           string    `json:"api_url"`
	Name             string    `json:"name"`
	ShortDescription *string   `json:"short_description"`
	FullDescription  string    `json:"full_description"`
	Version          string    `json:"version"`
	Formats          *[]string `json:"formats"`
	Metadata         any       `json:"metadata"`
	Methods          []*Method `json:"methods"`
	Headers          *[]string `json:"headers"`
	Deprecated       *bool     `json:"deprecated"`
	// Tag is what the Swagger document calls the resource.
	Tag string `json:"-"`
}

// Method is something that can be done with a resource.
type Method struct {
	DocURL          string    `json:"doc_url"`
	Name            string    `json:"name"`
	APIs            []API     `json:"apis"`
	Formats         *[]string `json:"formats"`
	FullDescription string    `json:"full_description"`
	Errors          []Failure `json:"errors"`
	Params          []*Param  `json:"params"`
	Returns         []any     `json:"returns"`
	Examples        []string  `json:"examples"`
	Metadata        *Metadata `json:"metadata"`
	See             []string  `json:"see"`
	Headers         []string  `json:"headers"`
	Show            bool      `json:"show"`
}

// API is one route of a method.
type API struct {
	APIURL           string `json:"api_url"`
	HTTPMethod       string `json:"http_method"`
	ShortDescription string `json:"short_description"`
	Deprecated       *bool  `json:"deprecated"`
}

// Failure is a way in which a request may be refused.
type Failure struct {
	Code        int    `json:"code"`
	Description string `json:"description"`
	Metadata    any    `json:"metadata"`
}

// Metadata says the fields that a list can be searched by.
type Metadata struct {
	Search []SearchField `json:"search"`
}

// SearchField is a field with either the type of its values or the values.
type SearchField struct {
	Name   string   `json:"name"`
	Type   string   `json:"type,omitempty"`
	Values []string `json:"values,omitempty"`
}

// Param is a parameter; those of a hash are inside it.
type Param struct {
	Name         string   `json:"name"`
	FullName     string   `json:"full_name"`
	Description  string   `json:"description"`
	Required     bool     `json:"required"`
	AllowNil     bool     `json:"allow_nil"`
	AllowBlank   bool     `json:"allow_blank"`
	Validator    string   `json:"validator"`
	ExpectedType string   `json:"expected_type"`
	Metadata     any      `json:"metadata"`
	Show         bool     `json:"show"`
	Validations  []string `json:"validations"`
	Deprecated   bool     `json:"deprecated"`
	Params       []*Param `json:"params,omitempty"`
	// The rest is for pages. In is where the parameter stands: path, query, header or body. Kind is its type in the
	// words of JSON, such as string or integer[], and Enum are the values that are allowed.
	In   string   `json:"-"`
	Kind string   `json:"-"`
	Enum []string `json:"-"`
}

// JSON is the document as clients read it.
func (d *Doc) JSON() []byte { return encode(map[string]*Doc{"docs": d}) }

// Part is the document with one resource, or one method of it where method is not empty, with a list in place of the
// object (docs/spec/foreman.md, 18.1). It is nil when there is no such thing.
func (d *Doc) Part(resource, method string) []byte {
	r, m := d.Find(resource, method)
	if r == nil || method != "" && m == nil {
		return nil
	}
	one := *r
	if m != nil {
		one.Methods = []*Method{m}
	}
	return encode(map[string]any{"docs": struct {
		*Doc
		Resources []*Resource `json:"resources"`
	}{d, []*Resource{&one}}})
}

// Find returns a resource and, if method is not empty, a method of it; nil if there is none.
func (d *Doc) Find(resource, method string) (*Resource, *Method) {
	r := d.Resources[resource]
	if r == nil {
		return nil, nil
	}
	for _, m := range r.Methods {
		if m.Name == method {
			return r, m
		}
	}
	return r, nil
}

// Checksum names the document: it changes whenever the document does (docs/spec/foreman.md, 18.5).
func (d *Doc) Checksum() string {
	sum := sha1.Sum(d.JSON())
	return hex.EncodeToString(sum[:])
}

func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // texts and numbers only
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// compatibility are the resources that clients' start-up names although this server has none of them: they look for the
// resources, not for methods. The Ansible collection looks for the one method, which the server answers with 404.
var compatibility = []string{"architectures", "compute_resources", "domains", "hostgroups", "media", "operatingsystems",
	"provisioning_templates", "ptables", "smart_proxies", "subnets"}

// swaggerDoc are the parts of a Swagger document that are used.
type swaggerDoc struct {
	Info        struct{ Description string } `json:"info"`
	Paths       map[string]map[string]operation
	Definitions map[string]schema
	forPeople   bool
}

type operation struct {
	Summary, Description string
	Tags                 []string
	Parameters           []parameter
	Responses            map[string]struct {
		Description string
	}
	Apipie *struct {
		Method string
		Paths  []string
	} `json:"x-apipie"`
	Search   []SearchField `json:"x-search"`
	Examples []string      `json:"x-examples"`
}

type parameter struct {
	Name, In, Description string
	Required              bool `json:"required"`
	Optional              bool `json:"x-optional"`
	Schema                *schema
	schema
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        any
	Description string
	Enum        []any
	Items       *schema
	Properties  map[string]schema
	AllOf       []schema `json:"allOf"`
	Required    any      `json:"required"`
	Rule        string   `json:"x-rule"`
	Only        string   `json:"x-only"`
	NeverNull   bool     `json:"x-never-null"`
	Format      string   `json:"format"`
	// ForPeople says that the pages have the attribute, and the document of clients does not.
	ForPeople bool `json:"x-for-people"`
}

// FromSwagger makes the document of Foreman's clients.
func FromSwagger(raw []byte) (*Doc, error) { return fromSwagger(raw, false) }

// ForPages makes the same document for pages. It also has the parameters of which clients must not make options,
// because they have some of their own for the same thing.
func ForPages(raw []byte) (*Doc, error) { return fromSwagger(raw, true) }

func fromSwagger(raw []byte, forPeople bool) (*Doc, error) {
	d := &Doc{
		forPeople: forPeople,
		Name:      "Foreman", Info: paragraph("The API of Foreman, version 2, for users, groups, roles and tenants, " +
			"as Roster speaks it."),
		DocURL: "/apidoc/v2", APIURL: "/api", Resources: map[string]*Resource{},
	}
	if err := d.read(raw); err != nil {
		return nil, err
	}
	for _, id := range compatibility {
		d.resource(id)
	}
	d.addHosts()
	return d, nil
}

// ForPeople makes the document of an API whose clients read none, for pages at docURL. Its paths begin with apiURL.
func ForPeople(raw []byte, name, docURL, apiURL string) (*Doc, error) {
	d := &Doc{Name: name, DocURL: docURL, APIURL: apiURL, Resources: map[string]*Resource{}, forPeople: true}
	if err := d.read(raw); err != nil {
		return nil, err
	}
	for _, r := range d.Resources {
		for _, m := range r.Methods {
			reword(m.Params)
		}
	}
	return d, nil
}

// plainWords are what people are told in place of the texts that Foreman's clients know.
var plainWords = map[string]string{"Must be a String": "Text", "Must be a Integer": "Number",
	"Must be a Hash": "Object", "Must be an array of any type": "List"}

// reword describes parameters in plain words.
func reword(params []*Param) {
	for _, p := range params {
		p.Validator = cmp.Or(plainWords[p.Validator], p.Validator)
		p.AllowNil = false
		reword(p.Params)
	}
}

// read takes the methods of a Swagger document. Operations without x-apipie, and paths that it does not list, are in
// the Swagger document only.
func (d *Doc) read(raw []byte) error {
	var s swaggerDoc
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("apipie: %w", err)
	}
	s.forPeople = d.forPeople
	for _, path := range slices.Sorted(maps.Keys(s.Paths)) {
		for _, verb := range slices.Sorted(maps.Keys(s.Paths[path])) {
			op := s.Paths[path][verb]
			if op.Apipie != nil && len(op.Tags) == 1 && op.Apipie.Paths[0] == path {
				m, err := s.method(verb, op)
				if err != nil {
					return fmt.Errorf("apipie: %s %s: %w", verb, path, err)
				}
				r := d.resource(op.Tags[0])
				m.DocURL = r.DocURL + "/" + m.Name
				r.Methods = append(r.Methods, m)
			}
		}
	}
	for _, r := range d.Resources {
		slices.SortFunc(r.Methods, func(a, b *Method) int {
			return cmp.Or(cmp.Compare(rank(a.Name), rank(b.Name)), strings.Compare(a.Name, b.Name))
		})
	}
	return nil
}

// resource returns the resource of a tag, and makes it if it is missing.
func (d *Doc) resource(tag string) *Resource {
	id := strings.ReplaceAll(tag, " ", "_")
	if d.Resources[id] == nil {
		d.Resources[id] = &Resource{DocURL: d.DocURL + "/" + id, ID: id, APIURL: d.APIURL,
			Name: strings.ToUpper(tag[:1]) + tag[1:], Tag: tag, Version: "v2", Methods: []*Method{}}
	}
	return d.Resources[id]
}

// addHosts lists the methods of hosts from which clients make their commands. There are no hosts: the answers are 404.
func (d *Doc) addHosts() {
	r := d.resource("hosts")
	r.Methods = []*Method{
		r.hostMethod("create", "POST", "/api/hosts", "Creates a host; there are none"),
		r.hostMethod("update", "PUT", "/api/hosts/:id", "Changes a host; there are none", &Param{
			Name: "id", FullName: "id", Description: noHosts, Required: true,
			Validator: "Must be an identifier, string from 1 to 128 " +
				"characters containing only alphanumeric characters, space, underscore(_), hypen(-) with no " +
				"leading or trailing space.", ExpectedType: "string", Show: true, Validations: []string{},
		}),
	}
}

// noHosts describes all that is said of hosts.
const noHosts = "<p>For compatibility only: there are no hosts</p>"

func (r *Resource) hostMethod(name, verb, url, summary string, params ...*Param) *Method {
	attribute := func(attr, kind string, inner ...*Param) *Param {
		return &Param{
			Name: attr, FullName: "host[host_parameters_attributes][" + attr + "]", Description: noHosts,
			ExpectedType: kind,
			Validator:    "Must be a " + strings.ToUpper(kind[:1]) + kind[1:], Show: true, Validations: []string{},
			Params: inner,
		}
	}
	list := attribute("host_parameters_attributes", "array", attribute("name", "string"), attribute("value", "string"),
		attribute("parameter_type", "string"), attribute("hidden_value", "boolean"))
	list.FullName = "host[host_parameters_attributes]"
	host := &Param{
		Name: "host", FullName: "host", Description: noHosts, Required: true, ExpectedType: "hash",
		Validator: "Must be a Hash", Show: true,
		Validations: []string{}, Params: []*Param{list},
	}
	return &Method{
		DocURL: r.DocURL + "/" + name, Name: name,
		FullDescription: paragraph("For compatibility only: there are no hosts, and the answer is 404."),
		APIs:            []API{{APIURL: url, HTTPMethod: verb, ShortDescription: summary}},
		Errors:          []Failure{{Code: 404, Description: "There are no hosts"}}, Params: append(params, host),
		Returns: []any{}, Examples: []string{}, See: []string{}, Headers: []string{}, Show: true,
	}
}

// rank puts the standard actions first.
func rank(method string) int {
	if i := slices.Index([]string{"index", "show", "show_current", "create", "update", "destroy"}, method); i >= 0 {
		return i
	}
	return 10
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

func (s *swaggerDoc) method(verb string, op operation) (*Method, error) {
	m := &Method{
		Name: op.Apipie.Method, FullDescription: s.paragraph(op.Description), Errors: []Failure{}, Returns: []any{},
		Examples: append([]string{}, op.Examples...),
		See:      []string{}, Headers: []string{}, Show: true, Params: []*Param{},
	}
	for _, path := range op.Apipie.Paths {
		route, there := s.Paths[path][verb]
		if !there {
			return nil, fmt.Errorf("there is no route %s", path)
		}
		m.APIs = append(m.APIs, API{APIURL: placeholder.ReplaceAllString(path, ":$1"),
			HTTPMethod: strings.ToUpper(verb), ShortDescription: route.Summary})
	}
	for _, code := range slices.Sorted(maps.Keys(op.Responses)) {
		var n int
		if _, err := fmt.Sscan(code, &n); err == nil && n >= 400 {
			m.Errors = append(m.Errors, Failure{Code: n, Description: s.plain(op.Responses[code].Description)})
		}
	}
	if op.Search != nil {
		m.Metadata = &Metadata{op.Search}
	}
	var err error
	m.Params, err = s.params(op)
	return m, err
}

// params are those of the tenant first, as in every method, then the others in the order of the comments, then the
// body's.
func (s *swaggerDoc) params(op operation) ([]*Param, error) {
	list := []*Param{}
	for _, p := range op.Parameters {
		if p.In == "body" {
			if p.Schema == nil {
				return nil, fmt.Errorf("the body has no schema")
			}
			root, err := s.resolve(*p.Schema)
			if err != nil {
				return nil, err
			}
			attributes, err := s.attributes("", root, op.Apipie.Method, false)
			if err != nil {
				return nil, err
			}
			list = append(list, attributes...)
			continue
		}
		param, err := s.param("", p.Name, p.schema, p.Required && !p.Optional)
		if err != nil {
			return nil, err
		}
		param.Description = s.paragraph(p.Description)
		param.In = p.In
		list = append(list, param)
	}
	isTenant := func(p *Param) int {
		return slices.Index([]string{"organization_id", "location_id"}, p.Name)
	}
	slices.SortStableFunc(list, func(a, b *Param) int { return cmp.Compare(isTenant(b), isTenant(a)) })
	return list, nil
}

// attributes are the parameters inside a hash. Only creating demands those that are declared as required, and those
// that are not may be null (docs/spec/foreman.md, 18.2).
func (s *swaggerDoc) attributes(parent string, of schema, method string, nested bool) ([]*Param, error) {
	var list []*Param
	required := of.required()
	for _, name := range slices.Sorted(maps.Keys(of.Properties)) {
		property := of.Properties[name]
		if property.Only != "" && property.Only != method || property.ForPeople && !s.forPeople {
			continue
		}
		param, err := s.param(parent, name, property, slices.Contains(required, name))
		if err != nil {
			return nil, err
		}
		if nested {
			param.AllowNil = !param.Required && !property.NeverNull
			param.Required = param.Required && method == "create"
		}
		if param.ExpectedType == "hash" {
			inner, err := s.resolve(property)
			if err != nil {
				return nil, err
			}
			if param.Params, err = s.attributes(param.FullName, inner, method, true); err != nil {
				return nil, err
			}
		}
		list = append(list, param)
	}
	slices.SortStableFunc(list, func(a, b *Param) int {
		if a.Required == b.Required {
			return 0
		}
		if a.Required {
			return -1
		}
		return 1
	})
	return list, nil
}

func (s *swaggerDoc) resolve(x schema) (schema, error) {
	for _, part := range x.AllOf {
		x.Ref = cmp.Or(x.Ref, part.Ref)
	}
	if x.Ref == "" {
		return x, nil
	}
	name := strings.TrimPrefix(x.Ref, "#/definitions/")
	found, ok := s.Definitions[name]
	if !ok {
		return x, fmt.Errorf("there is no definition %s", name)
	}
	return found, nil
}

func (x schema) required() []string {
	var names []string
	list, _ := x.Required.([]any)
	for _, v := range list {
		if name, ok := v.(string); ok {
			names = append(names, name)
		}
	}
	return names
}

func (s *swaggerDoc) param(parent, name string, x schema, required bool) (*Param, error) {
	p := &Param{Name: name, FullName: name, Description: s.paragraph(x.Description), Required: required, Show: true,
		Validations: []string{}, In: "body", Kind: kind(x)}
	for _, v := range x.Enum {
		p.Enum = append(p.Enum, fmt.Sprint(v))
	}
	if parent != "" {
		p.FullName = parent + "[" + name + "]"
	}
	var err error
	p.ExpectedType, p.Validator, err = rule(x)
	if err != nil {
		err = fmt.Errorf("%s: %w", p.FullName, err)
	}
	return p, err
}

// kind is the type of a parameter in the words of JSON.
func kind(x schema) string {
	switch {
	case x.Ref != "" || len(x.AllOf) > 0:
		return "object"
	case x.Type == "array" && x.Items != nil:
		return kind(*x.Items) + "[]"
	case x.Type == nil:
		return "any"
	}
	return fmt.Sprint(x.Type)
}

// rules that a type alone does not show.
var rules = map[string][2]string{
	"number":   {"numeric", "Must be a number."},
	"DateTime": {"string", "Must be a DateTime"},
	"per_page": {"string", `Must match regular expression <code>/\A([1-9]\d*|all)\Z$/</code>.`},
	"identifier": {"string", "Must be an identifier, string from 1 to 128 characters containing only alphanumeric " +
		"characters, space, underscore(_), hypen(-) with no leading or trailing space."},
}

// rule returns the expected type and the text of the validator (docs/spec/foreman.md, 18.3).
func rule(x schema) (expected, validator string, err error) {
	if r, ok := rules[x.Rule]; ok {
		return r[0], r[1], nil
	}
	if len(x.Enum) > 0 {
		return "string", "Must be one of: " + codes(x.Enum) + ".", nil
	}
	if x.Ref != "" || len(x.AllOf) > 0 {
		return "hash", "Must be a Hash", nil
	}
	switch x.Type {
	case "string":
		return "string", "Must be a String", nil
	case "integer":
		return "numeric", "Must be a Integer", nil
	case "boolean":
		return "boolean", "Must be one of: " + codes([]any{true, false, 1, 0}) + ".", nil
	case "array":
		return "array", "Must be an array of any type", nil
	}
	return "", "", fmt.Errorf("the type %v is not one that Apipie knows", x.Type)
}

func codes(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = "<code>" + escape(fmt.Sprint(v)) + "</code>"
	}
	return strings.Join(texts, ", ")
}

func escape(text string) string { return html.EscapeString(text) }

// paragraph renders a description as Apipie does; an empty one stays empty, never null.
func paragraph(text string) string {
	if text == "" {
		return ""
	}
	return "\n<p>" + escape(text) + "</p>\n"
}

var marked = regexp.MustCompile("`([^`]*)`")

// paragraph renders a description of the Swagger document, which is in Markdown. Clients show it as it is, so that
// theirs has no marks.
func (s *swaggerDoc) paragraph(text string) string {
	if s.forPeople {
		return marked.ReplaceAllString(paragraph(text), "<code>$1</code>")
	}
	return paragraph(s.plain(text))
}

// plain is a description without marks.
func (s *swaggerDoc) plain(text string) string { return marked.ReplaceAllString(text, "$1") }
