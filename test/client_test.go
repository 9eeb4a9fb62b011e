package test

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

// client sends requests as somebody.
type client struct {
	s               *server
	login, password string
	anonymous       bool
	header          http.Header
}

// as returns a client that logs in with every request.
func (s *server) as(login, password string) *client {
	return &client{s: s, login: login, password: password, header: http.Header{}}
}

// by returns a client of an account.
func (s *server) by(a account) *client { return s.as(a.login, a.password) }

// admin returns a client of the seeded administrator.
func (s *server) admin() *client { return s.as("admin", adminPassword) }

// nobody returns a client without credentials.
func (s *server) nobody() *client { return &client{s: s, anonymous: true, header: http.Header{}} }

// with returns a client that sends one more header; an empty value leaves out a header that is sent otherwise.
func (c *client) with(name, value string) *client {
	more := *c
	more.header = c.header.Clone()
	more.header.Set(name, value)
	return &more
}

func (c *client) get(path string) *answer            { c.s.t.Helper(); return c.do("GET", path, nil) }
func (c *client) post(path string, body any) *answer { c.s.t.Helper(); return c.do("POST", path, body) }
func (c *client) put(path string, body any) *answer  { c.s.t.Helper(); return c.do("PUT", path, body) }
func (c *client) patch(path string, body any) *answer {
	c.s.t.Helper()
	return c.do("PATCH", path, body)
}
func (c *client) delete(path string) *answer { c.s.t.Helper(); return c.do("DELETE", path, nil) }

// do sends a request. A body of type string is sent as it is, nil is none, anything else becomes JSON. No answer may be
// a fault of the server.
func (c *client) do(method, path string, body any) *answer {
	c.s.t.Helper()
	a, err := c.try(method, path, body)
	if err != nil {
		c.s.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status >= 500 {
		c.s.t.Errorf("%s: got a fault of the server", a)
	}
	return a
}

// try is do for other goroutines than the test's own: it fails no test.
func (c *client) try(method, path string, body any) (*answer, error) {
	req, err := http.NewRequestWithContext(c.s.t.Context(), method, c.s.url+path, encoded(body))
	if err != nil {
		return nil, err
	}
	if body != nil || method == "POST" || method == "PUT" {
		req.Header.Set("Content-Type", "application/json")
	}
	if !c.anonymous {
		req.SetBasicAuth(c.login, c.password)
	}
	for name, values := range c.header {
		if req.Header.Del(name); values[0] != "" {
			req.Header[name] = values
		}
	}
	res, err := c.s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &answer{t: c.s.t, method: method, path: path, status: res.StatusCode, header: res.Header}
	a.body, err = io.ReadAll(res.Body)
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

// answer is what the server said.
type answer struct {
	t            *testing.T
	method, path string
	status       int
	header       http.Header
	body         []byte
}

// String shows enough of the answer to see what went wrong.
func (a *answer) String() string {
	body := a.body
	if len(body) > 2000 {
		body = append(body[:2000:2000], "..."...)
	}
	return fmt.Sprintf("%s %s: %d\n%s", a.method, a.path, a.status, body)
}

// expect ends the test unless the status is the wanted one.
func (a *answer) expect(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got status %d, want %d: %s", a.status, status, a)
	}
	return a
}

// json decodes the body; numbers stay as they are written.
func (a *answer) json() any {
	a.t.Helper()
	v, err := decode(a.body)
	if err != nil {
		a.t.Fatalf("the body is no JSON (%v): %s", err, a)
	}
	return v
}

func decode(text []byte) (any, error) {
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

// each is the step of a path that stands for every element of a list.
var each = struct{}{}

// at returns what stands at a path of names, indices and each, and whether anything does.
func (a *answer) at(path ...any) (any, bool) {
	a.t.Helper()
	return walk(a.json(), path)
}

func walk(v any, path []any) (any, bool) {
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
		return walk(next, path[1:])
	case int:
		list, _ := v.([]any)
		if step >= len(list) {
			return nil, false
		}
		return walk(list[step], path[1:])
	}
	list, ok := v.([]any)
	found := []any{}
	for _, element := range list {
		value, there := walk(element, path[1:])
		if !there {
			return nil, false
		}
		found = append(found, value)
	}
	return found, ok
}

// value is at, and ends the test when nothing stands there.
func (a *answer) value(path ...any) any {
	a.t.Helper()
	v, ok := a.at(path...)
	if !ok {
		a.t.Fatalf("there is no %v: %s", path, a)
	}
	return v
}

func (a *answer) int(path ...any) int64 {
	a.t.Helper()
	number, ok := a.value(path...).(json.Number)
	n, err := number.Int64()
	if !ok || err != nil {
		a.t.Fatalf("%v is no integer: %s", path, a)
	}
	return n
}

func (a *answer) text(path ...any) string {
	a.t.Helper()
	text, ok := a.value(path...).(string)
	if !ok {
		a.t.Fatalf("%v is no text: %s", path, a)
	}
	return text
}

// rows returns the rows of a list.
func (a *answer) rows() []any {
	a.t.Helper()
	rows, ok := a.value("results").([]any)
	if !ok {
		a.t.Fatalf("the results are no list: %s", a)
	}
	return rows
}

// column returns one attribute of every row of a list.
func (a *answer) column(name string) []any {
	a.t.Helper()
	return a.value("results", each, name).([]any)
}

// want compares what stands at a path with a value; without a path, the whole body.
func (a *answer) want(value any, path ...any) *answer {
	a.t.Helper()
	got, ok := a.at(path...)
	if !ok {
		a.t.Errorf("there is no %v: %s", path, a)
		return a
	}
	if diff := cmp.Diff(got, plain(value)); diff != "" {
		a.t.Errorf("%s %s %v: got (-), want (+):\n%s", a.method, a.path, path, diff)
	}
	return a
}

// plain turns a Go value into what decoding its JSON gives.
func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	v, err := decode(text)
	if err != nil {
		panic(err)
	}
	return v
}

// wantBody compares the body byte by byte.
func (a *answer) wantBody(want string) *answer {
	a.t.Helper()
	if diff := cmp.Diff(string(a.body), want); diff != "" {
		a.t.Errorf("%s %s: the body, got (-), want (+):\n%s", a.method, a.path, diff)
	}
	return a
}

// refuses expects a 422 with exactly these broken rules, attribute by attribute, and these sentences in any order.
func (a *answer) refuses(errors map[string][]string, sentences ...string) {
	a.t.Helper()
	a.expect(http.StatusUnprocessableEntity)
	a.want(errors, "error", "errors")
	less := cmp.Transformer("sorted", sorted)
	full, _ := a.value("error", "full_messages").([]any)
	if diff := cmp.Diff(full, plain(sentences), less); diff != "" {
		a.t.Errorf("%s %s: the sentences, got (-), want (+):\n%s", a.method, a.path, diff)
	}
}

// sorted counts the texts of a list, so that their order does not matter.
func sorted(list []any) map[string]int {
	count := map[string]int{}
	for _, v := range list {
		count[fmt.Sprint(v)]++
	}
	return count
}
