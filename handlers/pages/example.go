package pages

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"roster/handlers/web"
)

// exchange is a recorded request with its answer.
type exchange struct {
	method, path, body string
	status             int
	answer             string
}

// readExchange reads an example of a document: a line with method and path, a body, a line with the status, and the
// body of the answer.
func readExchange(text string) *exchange {
	head, rest, _ := strings.Cut(text, "\n")
	method, path, _ := strings.Cut(head, " ")
	var body []string
	lines := strings.Split(rest, "\n")
	for i, line := range lines {
		if status, err := strconv.Atoi(line); err == nil && len(line) == 3 {
			return &exchange{method: method, path: path, status: status,
				body:   shortLists(ordered(strings.Join(body, "\n"))),
				answer: shortLists(strings.TrimSpace(strings.Join(lines[i+1:], "\n")))}
		}
		body = append(body, line)
	}
	return nil
}

// ordered writes the attributes of a body in the order in which people look for them.
func ordered(body string) string {
	var outer map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &outer) != nil || len(outer) == 0 {
		return body
	}
	var out bytes.Buffer
	if json.Indent(&out, inOrder(outer), "", "  ") != nil {
		return body
	}
	return out.String()
}

func inOrder(object map[string]json.RawMessage) []byte {
	names := slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(cmp.Compare(placeOf(a), placeOf(b)), strings.Compare(a, b))
	})
	var out bytes.Buffer
	for _, name := range names {
		value := object[name]
		var inner map[string]json.RawMessage
		if json.Unmarshal(value, &inner) == nil && inner != nil {
			value = inOrder(inner)
		}
		key, _ := json.Marshal(name)
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.Write(append(append(key, ':'), value...))
	}
	return append(append([]byte{'{'}, out.Bytes()...), '}')
}

var (
	flatList  = regexp.MustCompile(`\[\n[^\[\]{}]*\]`)
	lineBreak = regexp.MustCompile(`\n\s*`)
)

// shortLists writes lists of numbers and words in one line.
func shortLists(text string) string {
	return flatList.ReplaceAllStringFunc(text, func(list string) string {
		short := lineBreak.ReplaceAllString(list, " ")
		if len(short) > 60 {
			return list
		}
		return strings.Replace(strings.Replace(short, "[ ", "[", 1), " ]", "]", 1)
	})
}

// exampleView is an example on a page.
type exampleView struct {
	Forms      []exampleForm
	Status     int
	StatusText string
	Answer     template.HTML
}

// exampleForm is a way to write the request down.
type exampleForm struct {
	Number int
	Name   string
	Text   template.HTML
}

// example returns the example of a method as commands for a server.
func (a *API) example(m *methodView, base string) *exampleView {
	x := m.example
	if x == nil {
		return nil
	}
	view := &exampleView{Status: x.status, StatusText: http.StatusText(x.status), Answer: coloured(x.answer)}
	view.add("curl", escaped(curl(x, base, a.Login)))
	if command := Commands[m.ID]; command != "" && a.Home == "/apidoc" {
		view.add("roster", escaped("roster "+command))
	}
	body := x.method + " " + x.path
	if x.body != "" {
		view.add("JSON", escaped(body+"\n\n")+coloured(x.body))
	} else {
		view.add("HTTP", escaped(body))
	}
	return view
}

func (v *exampleView) add(name string, text template.HTML) {
	v.Forms = append(v.Forms, exampleForm{len(v.Forms) + 1, name, text})
}

func escaped(text string) template.HTML { return template.HTML(template.HTMLEscapeString(text)) }

// curl writes a request as a command for a shell.
func curl(x *exchange, base, login string) string {
	words := []string{"curl " + login}
	if x.method != http.MethodGet && (x.method != http.MethodPost || x.body == "") {
		words[0] += " -X " + x.method
	}
	if x.body != "" {
		words = append(words, "-H 'Content-Type: application/json'")
	}
	words = append(words, quoted(base+x.path))
	if x.body != "" {
		words = append(words, "-d "+quoted(x.body))
	}
	return strings.Join(words, " \\\n  ")
}

// quoted is a text as one word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

var jsonToken = regexp.MustCompile(`("(?:[^"\\]|\\.)*")(\s*:)?|-?\b\d[\d.eE+-]*\b|\b(?:true|false|null)\b`)

// coloured marks the names, texts and numbers of a JSON text.
func coloured(text string) template.HTML {
	if !json.Valid([]byte(text)) {
		return escaped(text)
	}
	var b strings.Builder
	at := 0
	for _, m := range jsonToken.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(template.HTMLEscapeString(text[at:m[0]]))
		at = m[1]
		class := "n"
		end := m[1]
		switch {
		case m[4] >= 0:
			class = "k"
			end = m[3]
		case m[2] >= 0:
			class = "s"
		}
		b.WriteString(`<span class="` + class + `">` + template.HTMLEscapeString(text[m[0]:end]) + `</span>` +
			text[end:m[1]])
	}
	b.WriteString(template.HTMLEscapeString(text[at:]))
	return template.HTML(b.String())
}

// story is how the examples begin, and the first of them.
func (a *API) story(c echo.Context) (*exampleView, []step) {
	v := a.views()
	var steps []step
	var first *exampleView
	for _, part := range []struct{ id, text string }{
		{"organizations.create", "Brno"}, {"roles.create", "Brno helpdesk"},
		{"filters.create", "what the role may do, and for whom"}, {"users.create", "Ann, in Brno, with that role"},
		{"users.show", "what the server knows about Ann"},
	} {
		if m := v.methods[part.id]; m != nil {
			steps = append(steps, step{m.Title, m.URL, part.text})
			if part.id == "users.create" {
				first = a.example(m, web.BaseURL(c))
			}
		}
	}
	return first, steps
}
