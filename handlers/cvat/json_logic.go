package cvat

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster/scopes/search"
)

// Bounds of filters; what is beyond them is refused (docs/spec/cvat.md, 11).
const (
	// maxFilterText is how long a filter may be, in bytes.
	maxFilterText = 8 << 10
	// maxFilterDepth is how deep its nodes may be nested.
	maxFilterDepth = 32
	// maxFilterNodes is how many nodes it may have.
	maxFilterNodes = 100
	// maxFilterValues is how many values one list may have.
	maxFilterValues = 1000
	// maxJSONDepth bounds the nesting of the text: each node takes an object and a list.
	maxJSONDepth = 2*maxFilterDepth + 4
)

// logicObject is a JSON object whose members keep their order: only the first one counts.
type logicObject struct {
	names  []string
	values []any
}

// set adds a member; one of the same name is replaced.
func (o *logicObject) set(name string, value any) {
	for i, known := range o.names {
		if known == name {
			o.values[i] = value
			return
		}
	}
	o.names = append(o.names, name)
	o.values = append(o.values, value)
}

// get returns the member of a name.
func (o *logicObject) get(name string) (any, bool) {
	for i, known := range o.names {
		if known == name {
			return o.values[i], true
		}
	}
	return nil, false
}

var errNoLogic = errors.New("cvat: a filter is no JSON")

// decodeLogic reads JSON as *logicObject, []any, string, json.Number, bool and nil.
func decodeLogic(text string) (any, error) {
	if !utf8.ValidString(text) {
		return nil, errNoLogic
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	value, err := decodeValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoLogic
	}
	return value, nil
}

func decodeValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, refuseWith(tooDeep)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, errNoLogic
	}
	delim, isDelim := token.(json.Delim)
	switch {
	case !isDelim:
		return token, nil
	case delim == '{':
		return decodeObject(dec, depth)
	}
	list := []any{}
	for dec.More() {
		value, err := decodeValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNoLogic
	}
	return list, nil
}

func decodeObject(dec *json.Decoder, depth int) (any, error) {
	o := &logicObject{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, errNoLogic
		}
		name, _ := token.(string)
		value, err := decodeValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		o.set(name, value)
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNoLogic
	}
	return o, nil
}

// The sentences about filters.
const (
	noJSON    = "filter: Json syntax should be used"
	noFilter  = "filter shouldn't be empty"
	tooDeep   = "filter: the nesting is too deep"
	tooLong   = "filter: the text is too long"
	tooMany   = "filter: there are too many operations"
	longList  = "filter: a list has too many values"
	badFilter = "filter: an operation is expected, such as {\"==\": [{\"var\": \"id\"}, 1]}"
)

// parseLogic turns a filter in JSON Logic into a tree (docs/spec/cvat.md, 11); nil for a filter that is not there.
func parseLogic(text string, fields filterFields) (search.Node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if len(text) > maxFilterText {
		return nil, refuseWith(tooLong)
	}
	value, err := decodeLogic(text)
	if errors.Is(err, errNoLogic) {
		return nil, refuseWith(noJSON)
	}
	if err != nil {
		return nil, err
	}
	if isEmptyLogic(value) {
		return nil, refuseWith(noFilter)
	}
	p := &logicParser{fields: fields}
	return p.node(value, 1)
}

// isEmptyLogic reports whether a filter says nothing: everything that is not true.
func isEmptyLogic(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		f, err := v.Float64()
		return err == nil && f == 0
	case []any:
		return len(v) == 0
	case *logicObject:
		return len(v.names) == 0
	}
	return false
}

// logicParser counts the nodes of one filter.
type logicParser struct {
	fields filterFields
	nodes  int
}

// node reads the first member of an object.
func (p *logicParser) node(value any, depth int) (search.Node, error) {
	o, ok := value.(*logicObject)
	if !ok || len(o.names) == 0 {
		return nil, refuseWith(badFilter)
	}
	if depth > maxFilterDepth {
		return nil, refuseWith(tooDeep)
	}
	if p.nodes++; p.nodes > maxFilterNodes {
		return nil, refuseWith(tooMany)
	}
	op := o.names[0]
	args := o.values[0]
	switch op {
	case "and", "or":
		return p.group(op, args, depth)
	case "!", "!!":
		x, err := p.node(args, depth+1)
		if err != nil || op == "!!" {
			return x, err
		}
		return &search.Not{X: x}, nil
	case "var":
		field, err := p.named(args)
		if err != nil {
			return nil, err
		}
		return field.present(), nil
	}
	return p.comparison(op, args)
}

func (p *logicParser) group(op string, args any, depth int) (search.Node, error) {
	list, ok := args.([]any)
	if !ok || len(list) == 0 {
		return nil, unknownOperation(op, args)
	}
	nodes := make([]search.Node, len(list))
	for i, arg := range list {
		var err error
		if nodes[i], err = p.node(arg, depth+1); err != nil {
			return nil, err
		}
	}
	if op == "or" {
		return search.Or(nodes...), nil
	}
	return search.And(nodes...), nil
}

// comparison reads what compares a field with values.
func (p *logicParser) comparison(op string, args any) (search.Node, error) {
	list, ok := args.([]any)
	if !ok {
		return nil, unknownOperation(op, args)
	}
	compares := op == "==" || op == "<" || op == "<=" || op == ">" || op == ">="
	switch {
	case compares && len(list) == 2:
		field, err := p.variable(list[0])
		if err != nil {
			return nil, err
		}
		return field.compare(op, list[1])
	case op == "<=" && len(list) == 3:
		return p.between(list)
	case op == "in" && len(list) == 2:
		return p.in(list)
	}
	return nil, unknownOperation(op, args)
}

func (p *logicParser) between(list []any) (search.Node, error) {
	field, err := p.variable(list[1])
	if err != nil {
		return nil, err
	}
	low, err := field.compare(">=", list[0])
	if err != nil {
		return nil, err
	}
	high, err := field.compare("<=", list[2])
	if err != nil {
		return nil, err
	}
	return search.And(low, high), nil
}

// in is "one of" with the variable first, and "contains" with the variable last.
func (p *logicParser) in(list []any) (search.Node, error) {
	if _, first := list[0].(*logicObject); !first {
		field, err := p.variable(list[1])
		if err != nil {
			return nil, err
		}
		return field.contains(list[0])
	}
	field, err := p.variable(list[0])
	if err != nil {
		return nil, err
	}
	values, ok := list[1].([]any)
	if !ok {
		return nil, unknownOperation("in", list)
	}
	if len(values) > maxFilterValues {
		return nil, refuseWith(longList)
	}
	return field.oneOf(values)
}

// variable reads {"var": "name"}.
func (p *logicParser) variable(value any) (*filterField, error) {
	o, ok := value.(*logicObject)
	if !ok {
		return nil, refuseWith(`filter: a variable is expected, such as {"var": "id"}`)
	}
	name, ok := o.get("var")
	if !ok {
		return nil, refuseWith("filter: 'var' term is not supported")
	}
	return p.named(name)
}

func (p *logicParser) named(value any) (*filterField, error) {
	if name, ok := value.(string); ok {
		if f := p.fields.named(name); f != nil {
			return f, nil
		}
	}
	return nil, refuseWith("filter: " + printable(pythonText(value)) + " term is not supported")
}

func unknownOperation(op string, args any) error {
	return refuseWith("filter: " + printable(op) + " operation with " + printable(pythonText(args)) +
		" arguments is not implemented")
}

// pythonText writes a value as Python does: messages have such texts in them.
func pythonText(value any) string {
	var b bytes.Buffer
	writePython(&b, value)
	return b.String()
}

func writePython(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		if v {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case json.Number:
		b.WriteString(pythonNumber(v))
	case string:
		b.WriteString(pythonString(v))
	case []any:
		b.WriteByte('[')
		for i, one := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			writePython(b, one)
		}
		b.WriteByte(']')
	case *logicObject:
		b.WriteByte('{')
		for i, name := range v.names {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(pythonString(name) + ": ")
			writePython(b, v.values[i])
		}
		b.WriteByte('}')
	default:
		b.WriteString("{...}")
	}
}

// pythonNumber writes whole numbers as they are, and others with a point.
func pythonNumber(n json.Number) string {
	if !strings.ContainsAny(n.String(), ".eE") {
		return n.String()
	}
	f, err := n.Float64()
	if err != nil {
		return "inf"
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// pythonString quotes a text, with the other quotation marks where it has single ones only.
func pythonString(text string) string {
	quote := "'"
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = `"`
	}
	escaped := strings.NewReplacer(`\`, `\\`, quote, `\`+quote, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text)
	return quote + escaped + quote
}

// pythonType is what Python calls the type of a value.
func pythonType(value any) string {
	switch v := value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "float"
		}
		return "int"
	case []any:
		return "list"
	}
	return "dict"
}
