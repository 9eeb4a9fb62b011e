package search

import "strings"

// setTest compares a field that takes a few named values (docs/spec/search.md, 8.1): only "=" and "!=", only its
// labels.
func setTest(f *Field, op Operator, values []string) (fragment, error) {
	label := strings.Join(values, ",")
	v, ok := f.labelled(label)
	if !ok {
		return fragment{}, errNotInSet(label, f)
	}
	switch op {
	case OpEq:
		return f.equals(v), nil
	case OpNe:
		return f.differs(v), nil
	}
	return fragment{}, errSetOperator(op, f)
}

func (f *Field) labelled(label string) (Value, bool) {
	for _, v := range f.Set {
		if v.Label == label {
			return v, true
		}
	}
	return Value{}, false
}

// equals tests for a member of the set. True is "not false", so that a number above zero counts as true.
func (f *Field) equals(v Value) fragment {
	switch {
	case v.Value == true && f.Type == Integer:
		return sqlf(f.Column + " > 0")
	case v.Value == false && f.Type == Integer:
		return sqlf(f.Column + " = 0")
	case v.Value == true:
		return sqlf(f.Column + " <> FALSE")
	case v.Value == false:
		return sqlf(f.Column + " = FALSE")
	}
	return f.binary(OpEq, "?", v.Value)
}

// differs excludes rows without a value, as every "!=" does.
func (f *Field) differs(v Value) fragment {
	if _, isBool := v.Value.(bool); isBool {
		return sqlf("NOT (" + f.equals(v).sql + ")")
	}
	return f.binary(OpNe, "?", v.Value)
}

// booleans compares a column that is true or false and has no labels (docs/spec/search.md, 8.2), with the words that
// PostgreSQL takes.
func booleans(f *Field, op Operator, values []string) (fragment, error) {
	members := make([]any, len(values))
	for i, v := range values {
		b, ok := parseBool(v)
		if !ok {
			return fragment{}, errInvalidValue(v, f)
		}
		members[i] = b
	}
	if op.lists() {
		return f.list(op, "?", members), nil
	}
	return f.binary(op, "?", members[0]), nil
}

// parseBool accepts unambiguous beginnings, so "o" alone, which begins both "on" and "off", is refused.
func parseBool(text string) (value, ok bool) {
	text = lowerASCII(strings.TrimSpace(text))
	switch {
	case text == "":
		return false, false
	case text == "1", text == "on", strings.HasPrefix("true", text), strings.HasPrefix("yes", text):
		return true, true
	case text == "0", text == "of", text == "off", strings.HasPrefix("false", text), strings.HasPrefix("no", text):
		return false, true
	}
	return false, false
}
