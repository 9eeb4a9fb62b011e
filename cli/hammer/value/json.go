package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads one JSON value. The standard decoder sorts objects away; a document of 1 MB takes this one a few
// milliseconds. Nesting is limited, since the input comes from outside.
func ParseJSON(data []byte) (any, error) {
	p := &jsonParser{data: data}
	v, err := p.value(0)
	if err == nil {
		p.space()
		if p.at < len(data) {
			err = p.fail()
		}
	}
	return v, err
}

const maxDepth = 200

type jsonParser struct {
	data []byte
	at   int
}

func (p *jsonParser) fail() error {
	return fmt.Errorf("unexpected token at byte %d of JSON text", p.at)
}

func (p *jsonParser) space() {
	for p.at < len(p.data) && strings.IndexByte(" \t\r\n", p.data[p.at]) >= 0 {
		p.at++
	}
}

func (p *jsonParser) next(c byte) bool {
	p.space()
	if p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *jsonParser) value(depth int) (any, error) {
	p.space()
	if p.at >= len(p.data) || depth > maxDepth {
		return nil, p.fail()
	}
	switch c := p.data[p.at]; c {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		return p.string()
	default:
		return p.literal()
	}
}

func (p *jsonParser) object(depth int) (any, error) {
	p.at++
	o := &Object{}
	if p.next('}') {
		return o, nil
	}
	for {
		p.space()
		if p.at >= len(p.data) || p.data[p.at] != '"' {
			return nil, p.fail()
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if !p.next(':') {
			return nil, p.fail()
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o.Set(key, v)
		if p.next('}') {
			return o, nil
		}
		if !p.next(',') {
			return nil, p.fail()
		}
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	p.at++
	items := []any{}
	if p.next(']') {
		return items, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		if p.next(']') {
			return items, nil
		}
		if !p.next(',') {
			return nil, p.fail()
		}
	}
}

func (p *jsonParser) string() (string, error) {
	start := p.at
	plain := true
	for p.at++; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; {
		case c == '\\':
			plain = false
			p.at++
		case c < 0x20 || c >= utf8.RuneSelf:
			plain = false
		case c == '"':
			p.at++
			if plain {
				return string(p.data[start+1 : p.at-1]), nil
			}
			var s string
			if err := json.Unmarshal(p.data[start:p.at], &s); err != nil {
				return "", p.fail()
			}
			return s, nil
		}
	}
	return "", p.fail()
}

func (p *jsonParser) literal() (any, error) {
	start := p.at
	for p.at < len(p.data) && strings.IndexByte(" \t\r\n,]}", p.data[p.at]) < 0 {
		p.at++
	}
	switch word := p.data[start:p.at]; {
	case bytes.Equal(word, []byte("null")):
		return nil, nil
	case bytes.Equal(word, []byte("true")):
		return true, nil
	case bytes.Equal(word, []byte("false")):
		return false, nil
	case len(word) > 0 && (word[0] == '-' || word[0] >= '0' && word[0] <= '9') && json.Valid(word):
		return Number(word), nil
	}
	p.at = start
	return nil, p.fail()
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
