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

// writeJSON appends a value: on one line as requests send it if indent is empty, else as Ruby's pretty_generate
// prints it, with its open lists.
func writeJSON(b *bytes.Buffer, v any, indent, prefix string) {
	newline, inner := "", ""
	if indent != "" {
		newline, inner = "\n", prefix+indent
	}
	switch v := v.(type) {
	case nil, Missing, Null:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case Number:
		b.WriteString(string(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case string:
		writeJSONString(b, v)
	case []any:
		b.WriteString("[" + newline)
		for i, item := range v {
			if i > 0 {
				b.WriteString("," + newline)
			}
			b.WriteString(inner)
			writeJSON(b, item, indent, inner)
		}
		b.WriteString(newline + prefix + "]")
	case *Object:
		b.WriteString("{")
		for i, p := range v.Pairs {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(newline + inner)
			writeJSONString(b, p.Key)
			b.WriteString(":")
			if indent != "" {
				b.WriteString(" ")
			}
			writeJSON(b, p.Value, indent, inner)
		}
		b.WriteString(newline + prefix + "}")
	default:
		writeJSONString(b, fmt.Sprint(v))
	}
}

// writeJSONString escapes what JSON demands and nothing else, as Ruby does.
func writeJSONString(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= 0x20:
			b.WriteRune(r)
		default:
			if i := strings.IndexRune("\b\f\n\r\t", r); i >= 0 {
				b.WriteString(`\` + string("bfnrt"[i]))
			} else {
				fmt.Fprintf(b, `\u%04x`, r)
			}
		}
	}
	b.WriteByte('"')
}

// CompactJSON returns a value as JSON on one line, as requests send it.
func CompactJSON(v any) []byte {
	var b bytes.Buffer
	writeJSON(&b, v, "", "")
	return b.Bytes()
}

// PrettyJSON returns a value as indented JSON, as Ruby's pretty_generate prints it.
func PrettyJSON(v any) string {
	var b bytes.Buffer
	writeJSON(&b, v, "  ", "")
	return b.String()
}
