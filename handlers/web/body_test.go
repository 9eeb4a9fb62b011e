package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, media, body string) (Body, error) {
	t.Helper()
	req := httptest.NewRequest("POST", "/", strings.NewReader(body))
	req.Header.Set("Content-Type", media)
	return ReadBody(req, 1000)
}

func TestReadBody(t *testing.T) {
	n := func(text string) json.Number { return json.Number(text) }
	for body, want := range map[string]map[string]any{
		`{}`: {}, `{"a":1,"b":[true,null,"x"]}`: {"a": n("1"), "b": []any{true, nil, "x"}},
		`{"big":12345678901234567890}`: {"big": n("12345678901234567890")},
		`{"a":1,"a":2}`:                {"a": n("2")}, ``: nil, " \n\t ": nil, `[]`: nil, `"text"`: nil, `5`: nil,
		`null`:                   nil,
		"\n{\"a\":\"\\u0000\"} ": {"a": "\x00"},
	} {
		got, err := read(t, "application/json; charset=utf-8", body)
		if err != nil {
			t.Errorf("%q: %v", body, err)
		}
		if diff := cmp.Diff(got, Body{JSON: true, Object: want}); diff != "" {
			t.Errorf("%q: got (-), want (+):\n%s", body, diff)
		}
	}
}

func TestReadBody_MediaTypes(t *testing.T) {
	for media, want := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "APPLICATION/JSON": true,
		" application/json ;x=y": true,
		"":                       false, "text/json": false, "application/vnd.api+json": false,
		"application/x-www-form-urlencoded": false,
		"application/json2":                 false, "application": false, ";": false, "application/json; x": false,
	} {
		got, err := read(t, media, "not json")
		var syntax *SyntaxError
		if got.JSON != want || errors.As(err, &syntax) != want {
			t.Errorf("%q: got %v, %v, want it taken for JSON: %t", media, got, err, want)
		}
	}
}

func TestReadBody_BrokenJSON(t *testing.T) {
	secret := "hunter2"
	for _, body := range []string{`{`, `{"password":"` + secret, `{"password":"` + secret + `",}`, `{} {}`, `{}x`,
		`{"a"}`, `'x'`, "\x00", strings.Repeat("[", 65) + strings.Repeat("]", 65),
		`{"a":` + strings.Repeat(`{"a":`, 100)} {
		_, err := read(t, "application/json", body)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got %v, want a syntax error", body, err)
			continue
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the error repeats the body: %v", body, err)
		}
	}
	for _, body := range []string{strings.Repeat("[", 64) + strings.Repeat("]", 64), `"` + strings.Repeat("[", 900) +
		`"`, `{"a":"\"[[[[\\"}`} {
		if _, err := read(t, "application/json", body); err != nil {
			t.Errorf("%.70q: %v", body, err)
		}
	}
}

// endless has more to give than any limit, and says nothing of its length.
type endless struct{ given int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.given += len(p)
	return len(p), nil
}

func TestReadBody_TheLimit(t *testing.T) {
	exactly := `"` + strings.Repeat("x", 998) + `"`
	if _, err := read(t, "application/json", exactly); err != nil {
		t.Errorf("a body as large as the limit: %v", err)
	}
	if _, err := read(t, "application/json", exactly+" "); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a byte more: got %v", err)
	}
	if _, err := read(t, "text/plain", exactly+" "); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a byte more of something else: got %v", err)
	}
	source := &endless{}
	req := httptest.NewRequest("POST", "/", io.NopCloser(source))
	req.ContentLength = -1
	req.Header.Set("Content-Type", "application/json")
	if _, err := ReadBody(req, 1000); !errors.Is(err, ErrTooLarge) {
		t.Errorf("without a length: got %v", err)
	}
	if source.given > 100_000 {
		t.Errorf("%d bytes were read", source.given)
	}
}

func TestReadBody_EndsEarly(t *testing.T) {
	req := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(`{"a":`), failing{}))
	req.Header.Set("Content-Type", "application/json")
	_, err := ReadBody(req, 1000)
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Whatever the decoder takes, the count of brackets takes too, within the depth.
func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,"]"]}`, `"\\\""`, `[[["x"]]]`, "\xff", `{"a":1}{`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := decode([]byte(text))
		if json.Valid([]byte(text)) != (err == nil) && !strings.Contains(fmt.Sprint(err), "deep") {
			t.Errorf("%q: got %v", text, err)
		}
	})
}
