package redmine

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"roster/handlers/web"
)

// Bounds of bodies, besides those of package web.
const (
	// maxDepth is how deep elements and names of form fields may be nested.
	maxDepth = 32
	// maxElements is how many elements and attributes an XML body may have.
	maxElements = 50_000
	// maxExpansion is how many bytes all entities of an XML body may become.
	maxExpansion = 64 << 10
	// maxEntities is how many entities a body may declare.
	maxEntities = 100
	// maxFormFields is how many fields a form may have.
	maxFormFields = 10_000
)

// kindOf says how a body is written, by what its sender says: "json", "xml", "form", or "" for what is not read
// (docs/spec/redmine.md, 3.3).
func kindOf(r *http.Request) (kind, charset string) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return "", ""
	}
	switch media {
	case "application/json":
		kind = "json"
	case "application/xml", "text/xml":
		kind = "xml"
	case "application/x-www-form-urlencoded":
		kind = "form"
	}
	return kind, params["charset"]
}

// decode reads a body as names with values: text, json.Number, bool, nil, []any and map[string]any. A body that has no
// names gives none.
func decode(r *http.Request, data []byte) (map[string]any, error) {
	kind, charset := kindOf(r)
	switch kind {
	case "json":
		if len(bytes.TrimSpace(data)) == 0 {
			return nil, nil
		}
		if !utf8.Valid(data) {
			return nil, &web.SyntaxError{Err: errors.New("the body is not UTF-8")}
		}
		value, err := web.DecodeJSON(data)
		if err != nil {
			return nil, err
		}
		names, _ := value.(map[string]any)
		return names, nil
	case "xml":
		if len(bytes.TrimSpace(data)) == 0 {
			return nil, nil
		}
		names, err := decodeXML(data, charset)
		if err != nil && !errors.Is(err, web.ErrTooMany) {
			err = &web.SyntaxError{Err: err}
		}
		return names, err
	case "form":
		return decodeForm(string(data))
	}
	return nil, nil
}

var (
	declared = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)
	entity   = regexp.MustCompile(`<!ENTITY\s+([A-Za-z_][A-Za-z0-9._-]*)\s+("[^"]*"|'[^']*')\s*>`)
	use      = regexp.MustCompile(`&([A-Za-z_][A-Za-z0-9._-]*);`)
)

// byteOrderMark may stand before an XML document in UTF-8, and is no part of it.
var byteOrderMark = []byte("\uFEFF")

// toUTF8 rewrites a body in the encoding that it declares, or else that its sender says.
func toUTF8(data []byte, charset string) ([]byte, error) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	head := data[:min(len(data), 256)]
	if m := declared.FindSubmatch(head); m != nil {
		charset = string(m[1])
	}
	if charset == "" || strings.EqualFold(charset, "utf-8") {
		if !utf8.Valid(data) {
			return nil, errors.New("the body is not UTF-8")
		}
		return data, nil
	}
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return enc.NewDecoder().Bytes(data)
}

// entitiesOf returns the internal entities that a body declares, with those inside them replaced. External ones are
// unknown. It fails if all that the body uses become too much.
func entitiesOf(data []byte) (map[string]string, error) {
	if !bytes.Contains(data, []byte("<!ENTITY")) {
		return nil, nil
	}
	found := map[string]string{}
	all := entity.FindAllSubmatch(data, maxEntities+1)
	if len(all) > maxEntities {
		return nil, errors.New("too many entities")
	}
	for _, m := range all {
		value := string(m[2][1 : len(m[2])-1])
		value, err := expanded(value, found)
		if err != nil {
			return nil, err
		}
		if _, known := found[string(m[1])]; !known { // the first declaration counts
			found[string(m[1])] = value
		}
	}
	size := 0
	for _, m := range use.FindAllSubmatch(data, -1) {
		if size += len(found[string(m[1])]); size > maxExpansion {
			return nil, errors.New("the entities become too much")
		}
	}
	return found, nil
}

// expanded replaces the entities in the value of another one; only those that were declared before are known.
func expanded(value string, known map[string]string) (string, error) {
	size := len(value)
	for _, m := range use.FindAllStringSubmatch(value, -1) {
		if size += len(known[m[1]]); size > maxExpansion {
			return "", errors.New("the entities become too much")
		}
	}
	text := use.ReplaceAllStringFunc(value, func(name string) string {
		if v, ok := known[name[1:len(name)-1]]; ok {
			return v
		}
		if v, ok := predefined[name]; ok {
			return v
		}
		return name
	})
	return text, nil
}

var predefined = map[string]string{"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": `"`, "&apos;": "'"}

// element is an XML element while it is read.
type element struct {
	name       string
	attributes map[string]string
	text       strings.Builder
	// children keep the order in which names came first.
	names    []string
	children map[string][]any
}

// xmlReader reads elements within bounds.
type xmlReader struct {
	dec      *xml.Decoder
	elements int
}

// decodeXML reads a document: its root with its value.
func decodeXML(data []byte, charset string) (map[string]any, error) {
	data, err := toUTF8(data, charset)
	if err != nil {
		return nil, err
	}
	entities, err := entitiesOf(data)
	if err != nil {
		return nil, err
	}
	r := &xmlReader{dec: xml.NewDecoder(bytes.NewReader(data))}
	r.dec.Entity = entities
	r.dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	var root map[string]any
	for {
		token, err := r.dec.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the document is empty")
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, errors.New("there is a second root")
			}
			value, err := r.element(token, 1)
			if err != nil {
				return nil, err
			}
			root = map[string]any{underscored(token.Name.Local): value}
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				return nil, errors.New("there is text outside of the root")
			}
		}
	}
}

func underscored(name string) string { return strings.ReplaceAll(name, "-", "_") }

// element reads what is inside an element that has begun, up to its end.
func (r *xmlReader) element(start xml.StartElement, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nesting is too deep")
	}
	if r.elements += 1 + len(start.Attr); r.elements > maxElements {
		return nil, web.ErrTooMany
	}
	e := element{name: underscored(start.Name.Local), attributes: map[string]string{}, children: map[string][]any{}}
	for _, a := range start.Attr {
		e.attributes[underscored(a.Name.Local)] = a.Value
	}
	for {
		token, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			value, err := r.element(token, depth+1)
			if err != nil {
				return nil, err
			}
			name := underscored(token.Name.Local)
			if _, known := e.children[name]; !known {
				e.names = append(e.names, name)
			}
			e.children[name] = append(e.children[name], value)
		case xml.CharData:
			e.text.Write(token)
		case xml.EndElement:
			return e.value(), nil
		}
	}
}

// value is what an element says (docs/spec/redmine.md, 3.3).
func (e *element) value() any {
	kind := e.attributes["type"]
	text := e.text.String()
	switch {
	case e.attributes["nil"] == "true":
		return nil
	case kind == "array":
		list := []any{}
		for _, name := range e.names {
			list = append(list, e.children[name]...)
		}
		return list
	case len(e.names) > 0:
		return e.object()
	case strings.TrimSpace(text) != "":
		return typed(kind, text)
	case text != "" && (kind == "string" || kind == ""):
		return text
	case kind == "string":
		return ""
	}
	delete(e.attributes, "type")
	if len(e.attributes) > 0 {
		return e.object()
	}
	return nil
}

// object is the children by name, those of one name as a list, and the attributes.
func (e *element) object() map[string]any {
	names := map[string]any{}
	for name, value := range e.attributes {
		if name != "type" {
			names[name] = value
		}
	}
	for name, values := range e.children {
		names[name] = values
		if len(values) == 1 {
			names[name] = values[0]
		}
	}
	return names
}

// typed reads the text of an element that says what it is. What it cannot be stays a text.
func typed(kind, text string) any {
	trimmed := strings.TrimSpace(text)
	switch kind {
	case "integer":
		if _, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
			return json.Number(trimmed)
		}
	case "float", "decimal":
		if _, err := strconv.ParseFloat(trimmed, 64); err == nil {
			return json.Number(trimmed)
		}
	case "boolean":
		return trimmed == "1" || strings.EqualFold(trimmed, "true")
	}
	return text
}

// decodeForm reads the fields of a form: user[login]=x, user[group_ids][]=1, user[custom_fields][][id]=1.
func decodeForm(text string) (map[string]any, error) {
	if strings.Count(text, "&") >= maxFormFields {
		return nil, web.ErrTooMany
	}
	names := map[string]any{}
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return nil, &web.SyntaxError{Err: err}
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil || !utf8.ValidString(value) || !utf8.ValidString(name) {
			return nil, &web.SyntaxError{Err: errors.New("a field is not UTF-8")}
		}
		path := pathOf(name)
		if len(path) > maxDepth {
			return nil, &web.SyntaxError{Err: errors.New("a name is nested too deep")}
		}
		put(names, path, value)
	}
	return names, nil
}

// pathOf takes the name of a form field apart: "user[group_ids][]" is user, group_ids, "".
func pathOf(name string) []string {
	first, rest, _ := strings.Cut(name, "[")
	if rest == "" {
		return []string{name}
	}
	return append([]string{first}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
}

// put stores a value under a path. An empty step is one more element of a list; steps behind it go into the last
// element, until that has one of the same name.
func put(names map[string]any, path []string, value string) {
	name := path[0]
	rest := path[1:]
	switch {
	case len(rest) == 0:
		names[name] = value
	case rest[0] != "":
		inner, ok := names[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			names[name] = inner
		}
		put(inner, rest, value)
	case len(rest) == 1:
		list, _ := names[name].([]any)
		names[name] = append(list, value)
	default:
		list, _ := names[name].([]any)
		var last map[string]any
		if len(list) > 0 {
			last, _ = list[len(list)-1].(map[string]any)
		}
		_, has := last[rest[1]]
		if isList := len(rest) > 2 && rest[2] == ""; last == nil || has && !isList {
			last = map[string]any{}
			list = append(list, last)
		}
		put(last, rest[1:], value)
		names[name] = list
	}
}
