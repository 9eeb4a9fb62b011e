package hammer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Values of JSON answers are nil, bool, number, string, []any and *object. Objects keep the order of their keys, since
// that is the order in which they are sent and shown.
type (
	// number is a JSON number as it was written, so that no digit is lost.
	number string
	pair   struct {
		key   string
		value any
	}
	object struct{ pairs []pair }
	// missing stands for a key that a record does not have, which is not the same as null.
	missing struct{}
)

// newObject makes an object of keys and values in turn.
func newObject(pairs ...any) *object {
	o := &object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (o *object) index(key string) int {
	if o == nil {
		return -1
	}
	return slices.IndexFunc(o.pairs, func(p pair) bool { return p.key == key })
}

func (o *object) has(key string) bool { return o.index(key) >= 0 }

// get is the value of a key, nil if there is none.
func (o *object) get(key string) any {
	if i := o.index(key); i >= 0 {
		return o.pairs[i].value
	}
	return nil
}

func (o *object) set(key string, value any) {
	if i := o.index(key); i >= 0 {
		o.pairs[i].value = value
		return
	}
	o.pairs = append(o.pairs, pair{key, value})
}

func (o *object) remove(key string) {
	if i := o.index(key); i >= 0 {
		o.pairs = slices.Delete(o.pairs, i, i+1)
	}
}

// list is a value as a list, empty if it is none.
func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// record is a value as an object, nil if it is none.
func record(v any) *object {
	o, _ := v.(*object)
	return o
}

// mapTexts returns a value with every text of it, but for keys, through change. A nil change changes nothing.
func mapTexts(v any, change func(string) string) any {
	if change == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return change(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = mapTexts(item, change)
		}
		return items
	case *object:
		o := newObject()
		for _, p := range v.pairs {
			o.set(p.key, mapTexts(p.value, change))
		}
		return o
	}
	return v
}

// toInt reads a whole number as Ruby's to_i does: 0 for what is none.
func toInt(v any) int {
	s := rubyText(v)
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(s, 64)
	return int(f)
}

// rubyText is a value as hammer prints it where it has no better idea: Ruby's to_s.
func rubyText(v any) string {
	switch v := v.(type) {
	case nil, missing, null:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	return inspect(v)
}

// inspect is Ruby's notation of a value: hashes that have no formatter are shown in it.
func inspect(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		return strconv.FormatBool(v)
	case number:
		return string(v)
	case string:
		return rubyQuote(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = inspect(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *object:
		parts := make([]string, len(v.pairs))
		for i, p := range v.pairs {
			parts[i] = rubyQuote(p.key) + "=>" + inspect(p.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func rubyQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "#{", `\#{`).Replace(s) +
		`"`
}

// parseJSON reads one JSON value. The standard decoder sorts objects away; a document of 1 MB takes this one a few
// milliseconds. Nesting is limited, since the input comes from outside.
func parseJSON(data []byte) (any, error) {
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
	o := &object{}
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
		o.set(key, v)
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
		return number(word), nil
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
	case nil, missing, null:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case number:
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
	case *object:
		b.WriteString("{")
		for i, p := range v.pairs {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(newline + inner)
			writeJSONString(b, p.key)
			b.WriteString(":")
			if indent != "" {
				b.WriteString(" ")
			}
			writeJSON(b, p.value, indent, inner)
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

func compactJSON(v any) []byte {
	var b bytes.Buffer
	writeJSON(&b, v, "", "")
	return b.Bytes()
}

func prettyJSON(v any) string {
	var b bytes.Buffer
	writeJSON(&b, v, "  ", "")
	return b.String()
}
