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
	// JSON tells whether the request says that its body is JSON.
	JSON bool
	// Object holds the members of a top-level object; nil for every other body.
	Object map[string]any
}

// ErrTooLarge is what reading a body beyond the limit gives.
var ErrTooLarge = errors.New("web: request body too large")

// SyntaxError is a body that is not JSON although it says so.
type SyntaxError struct{ Err error }

// Error tells where the JSON is broken; it never repeats the body.
func (e *SyntaxError) Error() string { return e.Err.Error() }

// maxDepth bounds how deep a body may be nested, in levels.
const maxDepth = 64

// ReadBody reads a JSON body of up to limit bytes. Numbers stay json.Number, so that 64-bit ids survive. Bodies of
// other types are not read.
func ReadBody(r *http.Request, limit int64) (Body, error) {
	var b Body
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	b.JSON = err == nil && kind == "application/json"
	if r.ContentLength > limit {
		return b, ErrTooLarge
	}
	if !b.JSON || r.Body == nil {
		return b, nil
	}
	data, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return b, ErrTooLarge
		}
		return b, &SyntaxError{errors.New("the body ended early")}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return b, nil
	}
	value, err := decode(data)
	if err != nil {
		return b, &SyntaxError{err}
	}
	b.Object, _ = value.(map[string]any)
	return b, nil
}

func decode(data []byte) (any, error) {
	if err := checkDepth(data); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("unexpected text after the JSON value")
	}
	return value, nil
}

// checkDepth counts brackets outside strings, before anything is built from them.
func checkDepth(data []byte) error {
	depth, text := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return errors.New("nesting is too deep")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
