package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// Body is a request's body as JSON.
type Body struct {
	// JSON reports whether the request says that its body is JSON.
	JSON bool
	// Object holds the members of a top-level object; nil for every other body.
	Object map[string]any
}

// ErrTooLarge is the error of a body beyond the limit, ErrTooMany that of a body with more than MaxValues values.
var (
	ErrTooLarge = errors.New("web: request body too large")
	ErrTooMany  = errors.New("web: request body holds too many values")
)

// SyntaxError is a body that is not JSON although it says so.
type SyntaxError struct{ Err error }

// Error says where the JSON is broken; it never repeats the body.
func (e *SyntaxError) Error() string { return e.Err.Error() }

const (
	// maxDepth bounds how deep a body may be nested, in levels.
	maxDepth = 64
	// MaxValues bounds how many values a body may hold: each takes up to a hundred bytes of memory, however short it
	// is. A list or an object counts twice.
	MaxValues = 150_000
	// MaxStrangerBody is how many bytes of a body are looked at before its sender has been let in.
	MaxStrangerBody = 64 << 10
	// LargeBody is the size from which bodies are read a few at a time, in bytes.
	LargeBody = MaxStrangerBody
)

// ReadBody reads a JSON body of up to limit bytes. Numbers stay json.Number, so that 64-bit ids survive. Bodies of
// other types are not read.
func ReadBody(r *http.Request, limit int64) (Body, error) {
	b := Body{JSON: isJSON(r)}
	if r.ContentLength > limit {
		return b, ErrTooLarge
	}
	if !b.JSON || r.Body == nil {
		return b, nil
	}
	data, err := readAll(r, limit)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return b, err
	}
	value, err := decode(data)
	if err != nil {
		return b, err
	}
	b.Object, _ = value.(map[string]any)
	return b, nil
}

// CheckBody checks the syntax of the body of an unauthenticated request. It builds no values and skips bodies of more
// than MaxStrangerBody bytes. A declared length beyond the limit is ErrTooLarge.
func CheckBody(r *http.Request, limit int64) error {
	if r.ContentLength > limit {
		return ErrTooLarge
	}
	if !isJSON(r) || r.Body == nil || r.ContentLength > MaxStrangerBody {
		return nil
	}
	data, err := readAll(r, MaxStrangerBody)
	if errors.Is(err, ErrTooLarge) {
		return nil
	}
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return err
	}
	if err := checkNesting(data); err != nil {
		return err
	}
	var raw json.RawMessage // is checked, and not taken apart
	if err := json.Unmarshal(data, &raw); err != nil {
		return &SyntaxError{err}
	}
	return nil
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

func readAll(r *http.Request, limit int64) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, ErrTooLarge
	}
	if err != nil {
		return nil, &SyntaxError{errors.New("the body ended early")}
	}
	return data, nil
}

// DecodeJSON reads a JSON value whose nesting and number of values are bounded. Numbers stay json.Number.
func DecodeJSON(data []byte) (any, error) { return decode(data) }

func decode(data []byte) (any, error) {
	if err := checkNesting(data); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, &SyntaxError{err}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &SyntaxError{errors.New("unexpected text after the JSON value")}
	}
	return value, nil
}

// checkNesting counts brackets and values outside strings, before anything is built from them.
func checkNesting(data []byte) error {
	var depth, values int
	var text bool
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			values++
			if depth++; depth > maxDepth {
				return &SyntaxError{errors.New("nesting is too deep")}
			}
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
	}
	if values > MaxValues {
		return ErrTooMany
	}
	return nil
}
