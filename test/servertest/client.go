package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Client sends requests as somebody.
type Client struct {
	Server          *Server
	Login, Password string
	anonymous       bool
	Header          http.Header
}

// As returns a client that logs in with every request.
func (s *Server) As(login, password string) *Client {
	return &Client{Server: s, Login: login, Password: password, Header: http.Header{}}
}

// By returns a client of an account.
func (s *Server) By(a Account) *Client { return s.As(a.Login, a.Password) }

// Admin returns a client of the seeded administrator.
func (s *Server) Admin() *Client { return s.As("admin", AdminPassword) }

// Nobody returns a client without credentials.
func (s *Server) Nobody() *Client { return &Client{Server: s, anonymous: true, Header: http.Header{}} }

// With returns a client that sends one more header; an empty value leaves out a header that is sent otherwise.
func (c *Client) With(name, value string) *Client {
	more := *c
	more.Header = c.Header.Clone()
	more.Header.Set(name, value)
	return &more
}

// Get reads something.
func (c *Client) Get(path string) *Answer { c.Server.T.Helper(); return c.Do("GET", path, nil) }

// Post creates something.
func (c *Client) Post(path string, body any) *Answer {
	c.Server.T.Helper()
	return c.Do("POST", path, body)
}

// Put changes something.
func (c *Client) Put(path string, body any) *Answer {
	c.Server.T.Helper()
	return c.Do("PUT", path, body)
}

// Patch changes something, like Put.
func (c *Client) Patch(path string, body any) *Answer {
	c.Server.T.Helper()
	return c.Do("PATCH", path, body)
}

// Delete removes something.
func (c *Client) Delete(path string) *Answer { c.Server.T.Helper(); return c.Do("DELETE", path, nil) }

// Do sends a request. A body of type string is sent as it is, nil is none, anything else becomes JSON. No answer may be
// a fault of the server.
func (c *Client) Do(method, path string, body any) *Answer {
	c.Server.T.Helper()
	a, err := c.Try(method, path, body)
	if err != nil {
		c.Server.T.Fatalf("%s %s: %v", method, path, err)
	}
	if a.Status >= 500 {
		c.Server.T.Errorf("%s: got a fault of the server", a)
	}
	return a
}

// Try is do for other goroutines than the test's own: it fails no test.
func (c *Client) Try(method, path string, body any) (*Answer, error) {
	req, err := http.NewRequestWithContext(c.Server.T.Context(), method, c.Server.URL+path, encoded(body))
	if err != nil {
		return nil, err
	}
	if body != nil || method == "POST" || method == "PUT" {
		req.Header.Set("Content-Type", "application/json")
	}
	if !c.anonymous {
		req.SetBasicAuth(c.Login, c.Password)
	}
	for name, values := range c.Header {
		if req.Header.Del(name); values[0] != "" {
			req.Header[name] = values
		}
	}
	res, err := c.Server.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &Answer{T: c.Server.T, Method: method, Path: path, Status: res.StatusCode, Header: res.Header}
	a.Body, err = io.ReadAll(res.Body)
	return a, err
}

func encoded(body any) io.Reader {
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(text)
}

// Answer is what the server said.
type Answer struct {
	T            *testing.T
	Method, Path string
	Status       int
	Header       http.Header
	Body         []byte
}

// String shows enough of the answer to see what went wrong.
func (a *Answer) String() string {
	body := a.Body
	if len(body) > 2000 {
		body = append(body[:2000:2000], "..."...)
	}
	return fmt.Sprintf("%s %s: %d\n%s", a.Method, a.Path, a.Status, body)
}

// Expect ends the test unless the status is the wanted one.
func (a *Answer) Expect(status int) *Answer {
	a.T.Helper()
	if a.Status != status {
		a.T.Fatalf("got status %d, want %d: %s", a.Status, status, a)
	}
	return a
}

// Lacks reports an error if a text occurs in the body.
func (a *Answer) Lacks(text string) *Answer {
	a.T.Helper()
	if bytes.Contains(a.Body, []byte(text)) {
		a.T.Errorf("the answer holds %q: %s", text, a)
	}
	return a
}

// JSON decodes the body; numbers stay as they are written.
func (a *Answer) JSON() any {
	a.T.Helper()
	v, err := Decode(a.Body)
	if err != nil {
		a.T.Fatalf("the body is no JSON (%v): %s", err, a)
	}
	return v
}

// Decode reads JSON; numbers stay as they are written.
func Decode(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more after the value")
	}
	return v, nil
}

// Each is the step of a path that stands for every element of a list.
var Each = struct{}{}

// At returns what stands at a path of names, indices and each, and whether anything does.
func (a *Answer) At(path ...any) (any, bool) {
	a.T.Helper()
	return Walk(a.JSON(), path)
}

// Walk follows a path of names, indices and Each through decoded JSON, and reports whether anything stands there.
func Walk(v any, path []any) (any, bool) {
	if len(path) == 0 {
		return v, true
	}
	switch step := path[0].(type) {
	case string:
		members, _ := v.(map[string]any)
		next, ok := members[step]
		if !ok {
			return nil, false
		}
		return Walk(next, path[1:])
	case int:
		list, _ := v.([]any)
		if step >= len(list) {
			return nil, false
		}
		return Walk(list[step], path[1:])
	}
	list, ok := v.([]any)
	found := []any{}
	for _, element := range list {
		value, there := Walk(element, path[1:])
		if !there {
			return nil, false
		}
		found = append(found, value)
	}
	return found, ok
}

// Value is at, and ends the test when nothing stands there.
func (a *Answer) Value(path ...any) any {
	a.T.Helper()
	v, ok := a.At(path...)
	if !ok {
		a.T.Fatalf("there is no %v: %s", path, a)
	}
	return v
}

// Int is Value for a whole number.
func (a *Answer) Int(path ...any) int64 {
	a.T.Helper()
	number, ok := a.Value(path...).(json.Number)
	n, err := number.Int64()
	if !ok || err != nil {
		a.T.Fatalf("%v is no integer: %s", path, a)
	}
	return n
}

// Text is Value for a text.
func (a *Answer) Text(path ...any) string {
	a.T.Helper()
	text, ok := a.Value(path...).(string)
	if !ok {
		a.T.Fatalf("%v is no text: %s", path, a)
	}
	return text
}

// Rows returns the rows of a list.
func (a *Answer) Rows() []any {
	a.T.Helper()
	rows, ok := a.Value("results").([]any)
	if !ok {
		a.T.Fatalf("the results are no list: %s", a)
	}
	return rows
}

// Column returns one attribute of every row of a list.
func (a *Answer) Column(name string) []any {
	a.T.Helper()
	return a.Value("results", Each, name).([]any)
}

// Want compares what stands at a path with a value; without a path, the whole body.
func (a *Answer) Want(value any, path ...any) *Answer {
	a.T.Helper()
	got, ok := a.At(path...)
	if !ok {
		a.T.Errorf("there is no %v: %s", path, a)
		return a
	}
	if diff := cmp.Diff(got, Plain(value)); diff != "" {
		a.T.Errorf("%s %s %v: got (-), want (+):\n%s", a.Method, a.Path, path, diff)
	}
	return a
}

// Plain turns a Go value into what decoding its JSON gives.
func Plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	v, err := Decode(text)
	if err != nil {
		panic(err)
	}
	return v
}

// WantBody compares the body byte by byte.
func (a *Answer) WantBody(want string) *Answer {
	a.T.Helper()
	if diff := cmp.Diff(string(a.Body), want); diff != "" {
		a.T.Errorf("%s %s: the body, got (-), want (+):\n%s", a.Method, a.Path, diff)
	}
	return a
}

// Refuses expects a 422 with exactly these broken rules, attribute by attribute, and these sentences in any order.
func (a *Answer) Refuses(errors map[string][]string, sentences ...string) {
	a.T.Helper()
	a.Expect(http.StatusUnprocessableEntity)
	a.Want(errors, "error", "errors")
	less := cmp.Transformer("sorted", Sorted)
	full, _ := a.Value("error", "full_messages").([]any)
	if diff := cmp.Diff(full, Plain(sentences), less); diff != "" {
		a.T.Errorf("%s %s: the sentences, got (-), want (+):\n%s", a.Method, a.Path, diff)
	}
}

// Sorted counts the texts of a list, so that their order does not matter.
func Sorted(list []any) map[string]int {
	count := map[string]int{}
	for _, v := range list {
		count[fmt.Sprint(v)]++
	}
	return count
}
