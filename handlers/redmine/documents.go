package redmine

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A document is what an answer says, in the order in which it says it. The same document is rendered to JSON and to XML
// (docs/spec/redmine.md, 3).
type document struct {
	// root is the name of the value.
	root string
	// value is an object or an array.
	value any
	// meta goes with an array: beside it in JSON, as attributes of the root in XML.
	meta object
}

// object is a record. Values are nil, string, int64, bool, time.Time, *string, *time.Time, object, array.
type object []member

// member is a named value of an object. Attributes stand in the tag in XML.
type member struct {
	name      string
	value     any
	attribute bool
}

// array is a list of values; item is the name of each of them in XML.
type array struct {
	item   string
	values []any
}

func field(name string, value any) member { return member{name: name, value: value} }

func attribute(name string, value any) member {
	return member{name: name, value: value, attribute: true}
}

// reference is how records name others: by number and name.
func reference(id int64, name string) object {
	return object{attribute("id", id), attribute("name", name)}
}

// errorDocument lists sentences.
func errorDocument(sentences []string) document {
	list := array{item: "error", values: make([]any, len(sentences))}
	for i, s := range sentences {
		list.values[i] = s
	}
	return document{root: "errors", value: list}
}

// stamp is a point in time as answers write it: in UTC, to the second.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// scalar returns a value without pointers: nil, string, int64, bool, object or array.
func scalar(v any) any {
	switch v := v.(type) {
	case *string:
		if v == nil {
			return nil
		}
		return *v
	case *int64:
		if v == nil {
			return nil
		}
		return *v
	case *time.Time:
		if v == nil {
			return nil
		}
		return stamp(*v)
	case time.Time:
		return stamp(v)
	}
	return v
}

// JSON renders the document in one line. Letters that could end a script are escaped.
func (d document) JSON() []byte {
	var b bytes.Buffer
	writeJSON(&b, append(object{field(d.root, d.value)}, d.meta...))
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, v any) {
	switch v := scalar(v).(type) {
	case object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeString(b, m.name)
			b.WriteByte(':')
			writeJSON(b, m.value)
		}
		b.WriteByte('}')
	case array:
		b.WriteByte('[')
		for i, value := range v.values {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, value)
		}
		b.WriteByte(']')
	case string:
		writeString(b, v)
	case int64:
		b.Write(strconv.AppendInt(b.AvailableBuffer(), v, 10))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case nil:
		b.WriteString("null")
	default:
		// Numbers always can be written.
		text, _ := json.Marshal(v)
		b.Write(text)
	}
}

// writeString writes a text. Most hold nothing that has to be escaped.
func writeString(b *bytes.Buffer, text string) {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			escaped, _ := json.Marshal(text)
			b.Write(escaped)
			return
		}
	}
	b.WriteByte('"')
	b.WriteString(text)
	b.WriteByte('"')
}

// XML renders the document in one line, with the declaration.
func (d document) XML() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	writeElement(&b, d.root, d.value, d.meta)
	return b.Bytes()
}

// writeElement writes a value as an element; meta are attributes of an array.
func writeElement(b *bytes.Buffer, name string, v any, meta object) {
	b.WriteByte('<')
	b.WriteString(name)
	switch v := scalar(v).(type) {
	case nil:
		b.WriteString("/>")
		return
	case array:
		writeAttributes(b, meta)
		b.WriteString(` type="array">`)
		for _, value := range v.values {
			writeElement(b, v.item, value, nil)
		}
	case object:
		if writeMembers(b, v) {
			return
		}
	default:
		b.WriteByte('>')
		b.WriteString(textEscapes.Replace(printable(plain(v))))
	}
	b.WriteString("</")
	b.WriteString(name)
	b.WriteByte('>')
}

// writeMembers writes the rest of an object's tag and what is in it, and reports whether nothing is.
func writeMembers(b *bytes.Buffer, v object) (closed bool) {
	var children object
	var attributes object
	for _, m := range v {
		if m.attribute {
			attributes = append(attributes, m)
		} else {
			children = append(children, m)
		}
	}
	writeAttributes(b, attributes)
	if len(children) == 0 {
		b.WriteString("/>")
		return true
	}
	b.WriteByte('>')
	for _, m := range children {
		writeElement(b, m.name, m.value, nil)
	}
	return false
}

func writeAttributes(b *bytes.Buffer, attributes object) {
	for _, m := range attributes {
		b.WriteByte(' ')
		b.WriteString(m.name)
		b.WriteString(`="`)
		b.WriteString(attributeEscapes.Replace(printable(plain(scalar(m.value)))))
		b.WriteByte('"')
	}
}

var (
	textEscapes      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attributeEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;",
		"\t", "&#9;", "\r", "&#13;")
)

// plain is a scalar as text.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// printable replaces what cannot stand in XML at all: control characters, and bytes that are no text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		odd := r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
		if odd || r == utf8.RuneError {
			return utf8.RuneError
		}
		return r
	}, s)
}
