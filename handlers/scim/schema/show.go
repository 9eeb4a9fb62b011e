package schema

import (
	"bytes"
	"encoding/json"
	"strings"
)

// View says which attributes an answer shows (docs/spec/scim.md, 5): only some, or all but some.
type View struct {
	rt       *ResourceType
	only     map[string]bool
	without  map[string]bool
	named    map[string]bool
	selected bool
}

// NewView reads the lists of names that a client asks for. Unknown names are ignored.
func NewView(rt *ResourceType, attributes, excluded []string) View {
	v := View{rt: rt, only: map[string]bool{}, without: map[string]bool{}, named: map[string]bool{}}
	v.selected = len(attributes) > 0
	note := func(into map[string]bool, list []string) {
		for _, text := range list {
			if i := strings.IndexByte(text, '['); i >= 0 {
				j := strings.LastIndexByte(text, ']')
				text = text[:i] + text[max(i, j)+min(1, max(0, j)):]
			}
			if t, ok := rt.Resolve(strings.TrimSpace(text)); ok {
				into[t.Name()] = true
			} else if strings.EqualFold(strings.TrimSpace(text), rt.Schema.ID) {
				for i := range rt.Schema.Attributes {
					into[rt.Schema.Attributes[i].Name] = true
				}
			}
		}
	}
	if v.selected {
		note(v.only, attributes)
		v.named = v.only
	} else {
		note(v.without, excluded)
	}
	return v
}

// Selected reports whether the client names the attributes that it wants.
func (v View) Selected() bool { return v.selected }

// Shows reports whether anything of an attribute of the core schema is shown.
func (v View) Shows(name string) bool {
	a := v.rt.named(name)
	return a != nil && v.shows(Target{Attribute: a})
}

func (v View) shows(t Target) bool {
	a := t.Last()
	name := t.Name()
	switch {
	case a.Returned == Never:
		return false
	case a.Returned == Always:
		return true
	case v.selected:
		return v.selects(t, name)
	case v.without[name] || t.Extension != nil && v.without[t.Extension.ID]:
		return false
	}
	return a.Returned != OnRequest
}

// selects reports whether a target, what it is part of, or a part of it is named.
func (v View) selects(t Target, name string) bool {
	if v.only[name] || t.Extension != nil && v.only[t.Extension.ID] {
		return true
	}
	if t.Sub != nil {
		whole := t
		whole.Sub = nil
		return v.only[whole.Name()]
	}
	for i := range t.Attribute.Sub {
		part := t
		part.Sub = &t.Attribute.Sub[i]
		if v.only[part.Name()] {
			return true
		}
	}
	return false
}

// Show writes a document as JSON: schemas, the common attributes, those of the schema in its order, the extensions, and
// meta (docs/spec/scim.md, 5).
func (v View) Show(doc Document) []byte {
	var b bytes.Buffer
	w := members{&b, true}
	uris := []any{v.rt.Schema.ID}
	for i := range v.rt.Extensions {
		if _, there := doc[v.rt.Extensions[i].ID]; there {
			uris = append(uris, v.rt.Extensions[i].ID)
		}
	}
	b.WriteByte('{')
	w.add("schemas", uris)
	for _, a := range v.rt.Attributes()[1:] {
		if shown := v.attribute(Target{Attribute: &a}, doc[a.Name]); shown != nil {
			w.add(a.Name, shown)
		}
	}
	for i := range v.rt.Extensions {
		e := &v.rt.Extensions[i]
		inner, _ := doc[e.ID].(Document)
		var object ordered
		for j := range e.Attributes {
			a := &e.Attributes[j]
			if shown := v.attribute(Target{Extension: e, Attribute: a}, inner[a.Name]); shown != nil {
				object = append(object, member{a.Name, shown})
			}
		}
		if len(object) > 0 {
			w.add(e.ID, object)
		}
	}
	meta := named(common, "meta")
	if shown := v.attribute(Target{Attribute: meta}, doc["meta"]); shown != nil {
		w.add("meta", shown)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// attribute is what is shown of a value; nil for nothing.
func (v View) attribute(t Target, value any) any {
	if value == nil || !v.shows(t) {
		return nil
	}
	if t.Attribute.Type != Complex {
		return value
	}
	if list, ok := value.([]any); ok {
		var out []any
		for _, element := range list {
			if object := v.object(t, element); len(object) > 0 {
				out = append(out, object)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	if object := v.object(t, value); len(object) > 0 {
		return object
	}
	return nil
}

func (v View) object(t Target, value any) ordered {
	var out ordered
	object, _ := value.(Document)
	for i := range t.Attribute.Sub {
		part := t
		part.Sub = &t.Attribute.Sub[i]
		if inner := object[part.Sub.Name]; inner != nil && v.shows(part) {
			out = append(out, member{part.Sub.Name, inner})
		}
	}
	return out
}

type member struct {
	name  string
	value any
}

// ordered is an object whose members keep their order.
type ordered []member

// MarshalJSON writes the object.
func (o ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	w := members{&b, true}
	b.WriteByte('{')
	for _, m := range o {
		w.add(m.name, m.value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

type members struct {
	*bytes.Buffer
	first bool
}

func (w *members) add(name string, value any) {
	if !w.first {
		w.WriteByte(',')
	}
	w.first = false
	w.Write(JSON(name))
	w.WriteByte(':')
	w.Write(JSON(value))
}

// JSON writes a value without escapes for pages.
func JSON(value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return []byte("null")
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
