package models

import (
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fromYAML reads a text as what JSON has: keys become texts, and times what JSON writes of them.
func fromYAML(text string) (v any, ok bool) {
	var root yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(text))
	if err := dec.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		return nil, false
	}
	// What follows the first document has to be readable, too.
	if err := dec.Decode(new(yaml.Node)); err != nil && !errors.Is(err, io.EOF) {
		return nil, false
	}
	if root.Kind == 0 {
		return nil, true // nothing but comments
	}
	r := yamlReader{left: MaxParameterValue}
	return r.value(&root)
}

// yamlReader turns the nodes of a document into values. The library's own way compares every key with all others and
// remembers each pair that is alike, which for a few kilobytes takes minutes and gigabytes; this one looks at each node
// once, and at what an alias repeats as long as there is something left of what the longest value can have. Each node
// and each byte of a text counts.
type yamlReader struct{ left int }

func (r *yamlReader) value(n *yaml.Node) (v any, ok bool) {
	if r.left -= 1 + len(n.Value); r.left < 0 {
		return nil, false
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.value(n.Content[0])
	case yaml.AliasNode:
		return r.value(n.Alias)
	case yaml.SequenceNode:
		return r.list(n)
	case yaml.MappingNode:
		return r.object(n)
	}
	return v, n.Decode(&v) == nil
}

func (r *yamlReader) list(n *yaml.Node) (any, bool) {
	list := make([]any, len(n.Content))
	for i, item := range n.Content {
		var ok bool
		if list[i], ok = r.value(item); !ok {
			return nil, false
		}
	}
	return list, true
}

// object reads keys and values; the same key twice is a mistake, as in the library.
func (r *yamlReader) object(n *yaml.Node) (any, bool) {
	object := make(map[string]any, len(n.Content)/2)
	merged := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		value := n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			if !r.merge(merged, value) {
				return nil, false
			}
			continue
		}
		name, ok := r.key(key)
		if _, twice := object[name]; !ok || twice {
			return nil, false
		}
		if object[name], ok = r.value(value); !ok {
			return nil, false
		}
	}
	for name, v := range merged {
		if _, own := object[name]; !own {
			object[name] = v
		}
	}
	return object, true
}

// merge adds the keys of an object, or of a list of objects of which the first that has a key counts.
func (r *yamlReader) merge(into map[string]any, n *yaml.Node) bool {
	v, ok := r.value(n)
	objects, isList := v.([]any)
	if !isList {
		objects = []any{v}
	}
	for _, one := range objects {
		object, isObject := one.(map[string]any)
		if !isObject {
			return false
		}
		for name, v := range object {
			if _, has := into[name]; !has {
				into[name] = v
			}
		}
	}
	return ok
}

// key returns the text that JSON has in place of a key, which cannot be a list or an object.
func (r *yamlReader) key(n *yaml.Node) (string, bool) {
	v, ok := r.value(n)
	switch v := v.(type) {
	case string:
		return v, ok
	case []any, map[string]any:
		return "", false
	}
	text := strings.Trim(parameterJSON(v), `"`)
	return text, ok && text != ""
}
