package schema

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
	"unicode"
)

// Operand reads the value that a filter compares an attribute with: a string, a float64, a bool or a time.Time; nil for
// null (docs/spec/scim.md, 6).
func (a *Attribute) Operand(op string, value any) (any, error) {
	wrong := func() error { return Wrong(InvalidFilter, "%s cannot be compared like this", a.Name) }
	ordering := op == "gt" || op == "ge" || op == "lt" || op == "le"
	within := op == "co" || op == "sw" || op == "ew"
	if a.Returned == Never || a.Type == Complex {
		return nil, wrong()
	}
	if op == "pr" {
		return nil, nil
	}
	if value == nil {
		if op == "eq" || op == "ne" {
			return nil, nil
		}
		return nil, wrong()
	}
	switch a.Type {
	case Boolean:
		text, isText := value.(string)
		b, ok := value.(bool)
		if isText {
			b, ok = Bool(text)
		}
		if !ok || ordering || within {
			return nil, wrong()
		}
		return b, nil
	case Integer, Decimal:
		n, ok := value.(json.Number)
		f, err := n.Float64()
		if !ok || err != nil || within {
			return nil, wrong()
		}
		return f, nil
	}
	text, ok := value.(string)
	if !ok || a.Type == Binary && ordering {
		return nil, wrong()
	}
	if a.Type == DateTime {
		at, ok := Time(text)
		if !ok || within {
			return nil, wrong()
		}
		return at, nil
	}
	return text, nil
}

// Holds reports whether a value of the attribute meets a comparison with an operand. A missing value meets none but
// "ne", and "eq" with null.
func (a *Attribute) Holds(op string, value, operand any) bool {
	if value == "" {
		value = nil
	}
	switch {
	case op == "pr":
		return value != nil
	case op == "ne":
		return !a.Holds("eq", value, operand)
	case operand == nil:
		return value == nil
	case value == nil:
		return false
	}
	switch want := operand.(type) {
	case bool:
		return value == want
	case float64:
		n, _ := value.(json.Number)
		f, err := n.Float64()
		return err == nil && inOrder(op, cmp.Compare(f, want))
	case time.Time:
		text, _ := value.(string)
		at, ok := Time(text)
		return ok && inOrder(op, at.Truncate(time.Millisecond).Compare(want.Truncate(time.Millisecond)))
	case string:
		text, _ := value.(string)
		if !a.CaseExact {
			text = strings.Map(unicode.ToLower, text)
			want = strings.Map(unicode.ToLower, want)
		}
		switch op {
		case "co":
			return strings.Contains(text, want)
		case "sw":
			return strings.HasPrefix(text, want)
		case "ew":
			return strings.HasSuffix(text, want)
		}
		return inOrder(op, strings.Compare(text, want))
	}
	return false
}

// inOrder reports whether the order of two values is what an operator asks for.
func inOrder(op string, order int) bool {
	switch op {
	case "eq":
		return order == 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	}
	return order <= 0
}
