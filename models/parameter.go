package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parameter is a key with a value that applies to a tenant and the tenants below it, or everywhere
// (docs/spec/foreman.md, 2.7 and 5.8).
type Parameter struct {
	ID int64 `gorm:"primaryKey"`
	// TaxonomyID is the tenant; nil for global parameters.
	TaxonomyID *int64
	// Name has no blanks and is unique within the tenant, or among the global ones.
	Name string
	// Value is JSON of the type ParameterType.
	Value         string
	ParameterType string
	// HiddenValue hides the value from callers, except those who may edit parameters and ask for it.
	HiddenValue bool
	// SearchableValue is what searches compare: the value as a text, nil of a hidden one.
	SearchableValue *string
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// TableName names the table.
func (Parameter) TableName() string { return "parameters" }

// ParameterTypes are the kinds of values.
var ParameterTypes = []string{"string", "boolean", "integer", "real", "array", "hash", "yaml", "json"}

// DefaultParameterType is the type of values that are sent without one.
const DefaultParameterType = "string"

// MaxParameterValue bounds a value, in bytes of JSON.
const MaxParameterValue = 64 << 10

// maxParameterLevels bounds the nesting of a value, so that no client chokes on it.
const maxParameterLevels = 64

// Validate reports the rules that the parameter breaks by itself. A value that could not be read is "".
func (p *Parameter) Validate() FieldErrors {
	var errs FieldErrors
	validateLabel(&errs, p.Name, MaxLabel)
	errs.Check(!strings.ContainsAny(p.Name, " \t\r\n\f\v"), "name", RuleBlanks)
	errs.Check(slices.Contains(ParameterTypes, p.ParameterType), "parameter_type", RuleNotIncluded)
	errs.Check(p.Value != "" && Storable(p.Value), "value", RuleInvalid)
	errs.Check(len(p.Value) <= MaxParameterValue, "value", RuleTooLong, MaxParameterValue)
	return errs
}

// Decoded is the value as it was sent, with json.Number for numbers.
func (p *Parameter) Decoded() any {
	v, _ := fromJSON(p.Value)
	return v
}

// Text is the value as a text: a text as it is, anything else as JSON.
func (p *Parameter) Text() string {
	if text, ok := p.Decoded().(string); ok {
		return text
	}
	return p.Value
}

// Searchable is the value for searches.
func (p *Parameter) Searchable() *string {
	text := p.Text()
	switch {
	case p.HiddenValue:
		return nil
	case !Storable(text):
		text = p.Value
	}
	return &text
}

// ParameterValue converts a sent value to a parameter type and returns it as JSON, "" if it cannot be converted. Texts
// are parsed as the type says; other values must have the type, except that numbers, true and false are strings, too. A
// text that is too long for any value is not parsed: it
// stays a text, for Validate to refuse.
func ParameterValue(kind string, sent any) string {
	text, isText := sent.(string)
	if len(text) > MaxParameterValue {
		kind = DefaultParameterType
	}
	switch kind {
	case "boolean":
		return parameterFlag(sent)
	case "integer", "real":
		return parameterNumber(kind, sent)
	case "array", "hash", "json", "yaml":
		readable := true
		switch {
		case isText && kind == "yaml":
			sent, readable = fromYAML(text)
		case isText && kind == "array" && strings.TrimSpace(text) == "":
			sent = []any{}
		case isText:
			sent, readable = fromJSON(text)
			if !readable && kind != "json" { // a list or an object may be written as YAML, too
				sent, readable = fromYAML(text)
			}
		}
		_, isList := sent.([]any)
		_, isObject := sent.(map[string]any)
		if !readable || deeper(sent, maxParameterLevels) || kind == "array" && !isList || kind == "hash" && !isObject {
			return ""
		}
		return parameterJSON(sent)
	}
	switch sent.(type) {
	case bool, json.Number: // clients compare what they sent with what is there
		return parameterJSON(sent)
	case []any, map[string]any:
		text = parameterJSON(sent)
	}
	return parameterJSON(text) // null is an empty text
}

func parameterJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func parameterFlag(sent any) string {
	switch v := sent.(type) {
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		sent = v.String()
	}
	text, _ := sent.(string)
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "t", "yes", "y", "on", "1":
		return "true"
	case "false", "f", "no", "n", "off", "0":
		return "false"
	}
	return ""
}

func parameterNumber(kind string, sent any) string {
	text, ok := sent.(string)
	if n, isNumber := sent.(json.Number); isNumber {
		text = n.String()
		ok = true
	}
	if text = strings.TrimSpace(text); !ok {
		return ""
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	f, err := strconv.ParseFloat(text, 64)
	if kind == "integer" || err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return ""
	}
	return parameterJSON(f)
}

// fromJSON reads a text that holds one value.
func fromJSON(text string) (v any, ok bool) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil, false
	}
	_, err := dec.Token()
	return v, errors.Is(err, io.EOF)
}

// deeper reports whether a value has more than so many levels of lists and objects.
func deeper(v any, levels int) bool {
	inside := func(x any) bool { return deeper(x, levels-1) }
	switch v := v.(type) {
	case []any:
		return levels == 0 || slices.ContainsFunc(v, inside)
	case map[string]any:
		return levels == 0 || slices.ContainsFunc(slices.Collect(maps.Values(v)), inside)
	}
	return false
}
