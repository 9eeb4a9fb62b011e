package redmine

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"roster/handlers/rails"
	"roster/models"
)

// attributes are the members of an object in a body.
type attributes map[string]any

// text sets an attribute that is a text. Lists and objects are refused: no text says what they do.
func (a attributes) text(name string, set func(*string)) error {
	v, ok := a[name]
	if !ok {
		return nil
	}
	s, ok := rails.String(v)
	if !ok {
		return invalidAttribute(name)
	}
	set(s)
	return nil
}

// boolean sets an attribute that is true or false; null and a blank text are neither.
func (a attributes) boolean(name string, set func(bool)) error {
	v, ok := a[name]
	if !ok {
		return nil
	}
	b, ok := rails.Bool(v)
	if !ok {
		return invalidAttribute(name)
	}
	set(b != nil && *b)
	return nil
}

// numbers sets an attribute that lists numbers.
func (a attributes) numbers(name string, set func([]int64)) error {
	v, ok := a[name]
	if !ok {
		return nil
	}
	if names, isObject := v.(map[string]any); isObject {
		// A list whose element does not say that it is one.
		if len(names) != 1 {
			return invalidAttribute(name)
		}
		for _, inner := range names {
			v = inner
		}
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, one := range list {
		if _, ok := rails.String(one); !ok {
			return invalidAttribute(name)
		}
	}
	set(ids(texts(list)))
	return nil
}

// customs reads custom_fields and custom_field_values (docs/spec/redmine.md, 6.2).
func (a attributes) customs() ([]models.CustomInput, error) {
	var inputs []models.CustomInput
	if v, ok := a["custom_fields"]; ok && v != nil {
		list, err := listOf(v, "custom_field")
		if err != nil {
			return nil, err
		}
		for _, one := range list {
			names, ok := one.(map[string]any)
			if !ok {
				return nil, invalidAttribute("custom_fields")
			}
			value, set := names["value"]
			id, _ := rails.String(names["id"])
			if !set || id == nil {
				continue
			}
			input, err := customInput(leading(*id), value)
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, input)
		}
	}
	if v, ok := a["custom_field_values"]; ok && v != nil {
		names, ok := v.(map[string]any)
		if !ok {
			return nil, invalidAttribute("custom_field_values")
		}
		for id, value := range names {
			input, err := customInput(leading(id), value)
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, input)
		}
	}
	slices.SortStableFunc(inputs, func(a, b models.CustomInput) int { return cmp.Compare(a.FieldID, b.FieldID) })
	return inputs, nil
}

// listOf returns a list, also from an XML element that does not say that it is one.
func listOf(v any, item string) ([]any, error) {
	switch v := v.(type) {
	case []any:
		return v, nil
	case map[string]any:
		switch inner := v[item].(type) {
		case []any:
			return inner, nil
		case map[string]any:
			return []any{inner}, nil
		}
	}
	return nil, invalidAttribute(item + "s")
}

// customInput reads the value of a custom field: texts, numbers, true and false; null is an empty text.
func customInput(id int64, v any) (models.CustomInput, error) {
	input := models.CustomInput{FieldID: id}
	list, isList := v.([]any)
	input.List = isList
	if !isList {
		list = []any{v}
	}
	input.Values = []string{}
	for _, one := range list {
		text := ""
		switch one := one.(type) {
		case nil:
		case string:
			text = one
		case json.Number:
			text = one.String()
		case bool:
			text = strconv.FormatBool(one)
		default:
			return input, invalidAttribute("custom_fields")
		}
		input.Values = append(input.Values, text)
	}
	return input, nil
}
