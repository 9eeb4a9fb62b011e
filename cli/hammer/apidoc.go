package hammer

import (
	"encoding/json"
	"errors"
	"html"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"roster/docs/apipie"
)

// The parts of an Apipie v2 document that commands are built from (docs/spec/hammer.md, 2).
type (
	method struct {
		Name     string  `json:"name"`
		APIs     []route `json:"apis"`
		Params   []param `json:"params"`
		Metadata *struct {
			Search []searchField `json:"search"`
		} `json:"metadata,omitempty"`
	}
	route struct {
		Path        string `json:"api_url"`
		Verb        string `json:"http_method"`
		Description string `json:"short_description,omitempty"`
	}
	param struct {
		Name        string  `json:"name"`
		Description string  `json:"description,omitempty"`
		Type        string  `json:"expected_type"`
		Validator   string  `json:"validator,omitempty"`
		Required    bool    `json:"required,omitempty"`
		Show        *bool   `json:"show,omitempty"`
		Params      []param `json:"params,omitempty"`
	}
	searchField struct {
		Name   string `json:"name"`
		Type   string `json:"type,omitempty"`
		Values any    `json:"values,omitempty"`
	}
	resource struct {
		name    string
		Methods []method `json:"methods"`
	}
)

func (p param) hidden() bool { return p.Show != nil && !*p.Show }

// method is nil if the server does not offer it.
func (r *resource) method(name string) *method {
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.Methods, func(m method) bool { return m.Name == name }); i >= 0 {
		return &r.Methods[i]
	}
	return nil
}

func (r *resource) singular() string { return singular(r.name) }

// param is the first parameter of that name at the top level, or nil.
func (m *method) param(name string) *param { return findParam(m.Params, name) }

func findParam(params []param, name string) *param {
	if i := slices.IndexFunc(params, func(p param) bool { return p.Name == name }); i >= 0 {
		return &params[i]
	}
	return nil
}

// flatten lists the parameters of one level before those below it, which is the order in which names are resolved.
func flatten(params []param) []param {
	all := slices.Clone(params)
	for _, p := range params {
		all = append(all, flatten(p.Params)...)
	}
	return all
}

// document is an Apipie document whose resources are decoded when they are asked for: most commands need one or two.
type document struct {
	names    map[string]bool
	read     func(name string) ([]byte, error)
	mu       sync.Mutex
	decoded  map[string]*resource
	checksum string
}

// resource is nil if the document has none of that name.
func (d *document) resource(name string) *resource {
	if d == nil || !d.names[name] {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r, ok := d.decoded[name]; ok {
		return r
	}
	r := &resource{}
	if raw, err := d.read(name); err != nil || json.Unmarshal(raw, r) != nil {
		return nil
	}
	r.name = name
	d.decoded[name] = r
	return r
}

// ofParam is the resource that a parameter such as role_id or role_ids points to, or nil.
func (d *document) ofParam(name string) *resource {
	base := strings.TrimSuffix(strings.TrimSuffix(name, "s"), "_id")
	if base == name || base == strings.TrimSuffix(name, "s") {
		return nil
	}
	return d.resource(plural(base))
}

// splitDocument takes a document apart into its resources without decoding these.
func splitDocument(raw []byte) (map[string]json.RawMessage, error) {
	var doc struct {
		Docs struct {
			Resources map[string]json.RawMessage `json:"resources"`
		} `json:"docs"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	if doc.Docs.Resources == nil {
		return nil, errors.New("the document has no resources")
	}
	return doc.Docs.Resources, nil
}

func newDocument(parts map[string]json.RawMessage, checksum string) *document {
	d := &document{names: map[string]bool{}, decoded: map[string]*resource{}, checksum: checksum}
	for name := range parts {
		d.names[name] = true
	}
	d.read = func(name string) ([]byte, error) { return parts[name], nil }
	return d
}

// builtinDocument is the copy that was built in: help works with it when no server can be asked.
func builtinDocument() (*document, error) {
	parts, err := splitDocument(apipie.Builtin())
	if err != nil {
		return nil, err
	}
	return newDocument(parts, ""), nil
}

// docCache keeps documents by checksum, one file per resource, so that a run reads only what it uses.
type docCache struct {
	dir string
	// loaded is the checksum of the document in use.
	loaded string
}

var validChecksum = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

const indexFile = "resources"

func (c *docCache) load(checksum string) (*document, error) {
	if c.dir == "" || !validChecksum.MatchString(checksum) {
		return nil, fs.ErrNotExist
	}
	dir := filepath.Join(c.dir, checksum)
	index, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		return nil, err
	}
	d := &document{names: map[string]bool{}, decoded: map[string]*resource{}, checksum: checksum}
	for name := range strings.FieldsSeq(string(index)) {
		d.names[name] = true
	}
	d.read = func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name+".json")) }
	return d, nil
}

// store replaces what is cached for this server. Other processes see the old document or the new one, nothing between.
func (c *docCache) store(checksum string, parts map[string]json.RawMessage) error {
	if c.dir == "" || !validChecksum.MatchString(checksum) {
		return nil
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(c.dir, ".new")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	names := slices.Sorted(maps.Keys(parts))
	for _, name := range names {
		if !validChecksum.MatchString(name) || name == indexFile {
			return errors.New("a resource has an odd name")
		}
		var r resource
		// Only what is read is kept: the examples and texts of a document are most of its size.
		if err := json.Unmarshal(parts[name], &r); err != nil {
			return err
		}
		small, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(fresh, name+".json"), small, 0o600); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(fresh, indexFile), []byte(strings.Join(names, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	c.drop()
	return os.Rename(fresh, filepath.Join(c.dir, checksum))
}

// drop forgets every document of this server.
func (c *docCache) drop() {
	entries, _ := os.ReadDir(c.dir)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".new") {
			os.RemoveAll(filepath.Join(c.dir, e.Name()))
		}
	}
}

// irregular are the plurals that no rule gives; the others follow its rules (docs/spec/hammer.md, 2).
var irregular = map[string]string{"medium": "media", "ping": "ping", "home": "home"}

func plural(word string) string {
	if p, ok := irregular[word]; ok {
		return p
	}
	switch {
	case strings.HasSuffix(word, "y") && !strings.HasSuffix(word, "ey"):
		return strings.TrimSuffix(word, "y") + "ies"
	case hasAnySuffix(word, "s", "x", "z", "ch", "sh"):
		return word + "es"
	}
	return word + "s"
}

func singular(word string) string {
	for one, many := range irregular {
		if many == word {
			return one
		}
	}
	switch {
	case strings.HasSuffix(word, "ies"):
		return strings.TrimSuffix(word, "ies") + "y"
	case hasAnySuffix(word, "ses", "xes", "zes", "ches", "shes"):
		return strings.TrimSuffix(word, "es")
	}
	return strings.TrimSuffix(word, "s")
}

func hasAnySuffix(s string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(s, suffix) })
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plainText is a description without its HTML.
func plainText(s string) string {
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(s, "")))
}

var codes = regexp.MustCompile(`<code>([^<]*)</code>`)

// enum lists the words that a parameter allows; nil if it is no enumeration. The form of the sentence is the contract
// (docs/spec/hammer.md, 2).
func (p param) enum() []string {
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
