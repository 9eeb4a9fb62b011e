package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/spec"
	"github.com/swaggo/swag/gen"

	"roster/models"
	"roster/scopes"
)

// swagger reads the comments and completes what they leave out.
func swagger() ([]byte, error) {
	dir, err := os.MkdirTemp("", "swagger-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	err = gen.New().Build(&gen.Config{
		SearchDir: "handlers/foreman,scopes/search", MainAPIFile: "doc.go", OutputDir: dir, OutputTypes: []string{"json"}, PropNamingStrategy: "snakecase",
		ParseDependency: 1, Debugger: log.New(io.Discard, "", 0), ParseGoList: true, Strict: true,
	})
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, "swagger.json"))
	if err != nil {
		return nil, err
	}
	var s spec.Swagger
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	examples, err := readExamples()
	if err != nil {
		return nil, err
	}
	for path, item := range s.Paths.Paths {
		for _, op := range []*spec.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op != nil {
				complete(path, op)
				illustrate(path, op, examples)
			}
		}
	}
	nullable, err := nullableFields("handlers/foreman")
	if err != nil {
		return nil, err
	}
	for name, d := range s.Definitions {
		for attr, p := range d.Properties {
			p.Enum = allowed(p.Extensions)
			if nullable[attr] && !inputs.MatchString(name) {
				if p.Ref.String() != "" { // beside which nothing may stand
					p = spec.Schema{SchemaProps: spec.SchemaProps{Type: spec.StringOrArray{"object"}, Description: "null, or as " + strings.TrimPrefix(p.Ref.String(), "#/definitions/")}}
				}
				p.AddExtension("x-nullable", true)
			}
			d.Properties[attr] = p
		}
		s.Definitions[name] = d
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err = enc.Encode(s)
	return out.Bytes(), err
}

// readExamples gives the exchanges that a test has had with a server, by resource and method.
func readExamples() (map[string]string, error) {
	text, err := os.ReadFile("docs/examples.json")
	if err != nil {
		return nil, err
	}
	examples := map[string]string{}
	return examples, json.Unmarshal(text, &examples)
}

// illustrate adds the example of a method to its first path.
func illustrate(path string, op *spec.Operation, examples map[string]string) {
	about, _ := op.Extensions["x-apipie"].(map[string]any)
	paths, _ := about["paths"].([]any)
	text := examples[op.Tags[0]+"."+fmt.Sprint(about["method"])]
	if text == "" || len(paths) == 0 || paths[0] != path {
		return
	}
	op.AddExtension("x-examples", []string{text})
	m := answered.FindStringSubmatch(text)
	if m == nil {
		return
	}
	code, _ := strconv.Atoi(m[1])
	var body any
	if res, ok := op.Responses.StatusCodeResponses[code]; ok && json.Unmarshal([]byte(m[2]), &body) == nil {
		res.Examples = map[string]any{"application/json": body}
		op.Responses.StatusCodeResponses[code] = res
	}
}

// answered is the part of an example from the status on.
var answered = regexp.MustCompile(`(?s)\n(\d{3})\n(.*)$`)

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// context are the parameters that every request may have (spec, section 12.3).
var context = map[string]string{"location_id": "Location in whose name the request is made, by id", "organization_id": "Organization in whose name the request is made, by id"}

// complete makes the parameters those of one path, since a comment speaks of all paths of an action, and names the fields
// that a list can be searched by.
func complete(path string, op *spec.Operation) {
	var inPath []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		inPath = append(inPath, m[1])
	}
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p spec.Parameter) bool { return p.In == "path" && !slices.Contains(inPath, p.Name) })
	named := func(name string) *spec.Parameter {
		for i := range op.Parameters {
			if op.Parameters[i].Name == name {
				return &op.Parameters[i]
			}
		}
		return nil
	}
	for _, name := range inPath {
		p := named(name)
		if p == nil {
			op.Parameters = append(op.Parameters, *spec.PathParam(name).Typed("string", "").WithDescription("What it is nested in, by id"))
			continue
		}
		if p.In != "path" && !p.Required {
			p.AddExtension("x-optional", true) // on the paths that do not have it
		}
		p.In, p.Required = "path", true
	}
	for _, name := range []string{"location_id", "organization_id"} {
		if named(name) == nil {
			op.Parameters = append(op.Parameters, *spec.QueryParam(name).Typed("integer", "").WithDescription(context[name]))
		}
	}
	if noun := scopes.Named(op.Tags[0]); noun != nil && named("search") != nil && named("order") != nil {
		op.AddExtension("x-search", noun.Search.Names())
	}
}

// allowed lists the values of a rule that is an enumeration.
func allowed(x spec.Extensions) []any {
	rule, _ := x.GetString("x-rule")
	var names []string
	switch rule {
	case "timezones":
		names = models.TimezoneNames
	case "locales":
		names = models.Locales
	case "server_types":
		names = models.ServerTypes
	}
	var values []any
	for _, name := range names {
		values = append(values, name)
	}
	return values
}
