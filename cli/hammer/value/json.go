package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxDepth bounds how deeply the values that are read may be nested, since they come from outside.
const maxDepth = 200

// ParseJSON reads one JSON value. Objects keep the order of their keys, and numbers their digits. If a key is repeated,
// its last value counts. A value that something else follows is returned with the error.
func ParseJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := decode(d, 0)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return v, nil
		}
	}
	return v, fmt.Errorf("unexpected token at byte %d of JSON text", d.InputOffset())
}

// decode reads a value that stands so many levels deep.
func decode(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	switch t := token.(type) {
	case json.Number:
		return Number(t), nil
	case json.Delim:
		if t == '{' {
			return decodeObject(d, depth)
		}
		return decodeList(d, depth)
	}
	return token, nil
}

// decodeObject reads the members of an object up to its closing brace.
func decodeObject(d *json.Decoder, depth int) (any, error) {
	o := &Object{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		o.Set(key.(string), v)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	return o, nil
}

// decodeList reads the members of a list up to its closing bracket.
func decodeList(d *json.Decoder, depth int) (any, error) {
	items := []any{}
	for d.More() {
		v, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	return items, nil
}

// jsonWriter writes values: on one line if indent is empty, else as Ruby's pretty_generate does.
type jsonWriter struct {
	bytes.Buffer
	indent string
}

func (w *jsonWriter) value(v any, depth int) {
	switch v := v.(type) {
	case nil, Missing, Null:
		w.WriteString("null")
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case Number:
		w.WriteString(string(v))
	case int:
		w.WriteString(strconv.Itoa(v))
	case string:
		w.text(v)
	case []any:
		w.list(v, depth)
	case *Object:
		w.object(v, depth)
	default:
		w.text(fmt.Sprint(v))
	}
}

// newline begins a line at a depth, unless everything is on one.
func (w *jsonWriter) newline(depth int) {
	if w.indent != "" {
		w.WriteString("\n" + strings.Repeat(w.indent, depth))
	}
}

// list writes a list. As in Ruby, an indented empty list has an empty line in it.
func (w *jsonWriter) list(items []any, depth int) {
	w.WriteString("[")
	if len(items) == 0 && w.indent != "" {
		w.WriteString("\n")
	}
	for i, item := range items {
		if i > 0 {
			w.WriteString(",")
		}
		w.newline(depth + 1)
		w.value(item, depth+1)
	}
	w.newline(depth)
	w.WriteString("]")
}

// object writes an object. As in Ruby, an indented empty object has a line break in it.
func (w *jsonWriter) object(o *Object, depth int) {
	w.WriteString("{")
	for i, p := range o.Pairs {
		if i > 0 {
			w.WriteString(",")
		}
		w.newline(depth + 1)
		w.text(p.Key)
		w.WriteString(":")
		if w.indent != "" {
			w.WriteString(" ")
		}
		w.value(p.Value, depth+1)
	}
	w.newline(depth)
	w.WriteString("}")
}

// text writes a text. As in Ruby, it escapes only the characters that JSON requires to be escaped.
func (w *jsonWriter) text(s string) {
	w.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.WriteByte('\\')
			w.WriteRune(r)
		case r >= 0x20:
			w.WriteRune(r)
		default:
			if i := strings.IndexRune("\b\f\n\r\t", r); i >= 0 {
				w.WriteString(`\` + string("bfnrt"[i]))
			} else {
				fmt.Fprintf(w, `\u%04x`, r)
			}
		}
	}
	w.WriteByte('"')
}

// CompactJSON returns a value as JSON on one line, as requests send it.
func CompactJSON(v any) []byte {
	var w jsonWriter
	w.value(v, 0)
	return w.Bytes()
}

// PrettyJSON returns a value as indented JSON, as Ruby's pretty_generate prints it.
func PrettyJSON(v any) string {
	w := jsonWriter{indent: "  "}
	w.value(v, 0)
	return w.String()
}
