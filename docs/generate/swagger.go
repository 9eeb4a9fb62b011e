package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/spec"
	"github.com/swaggo/swag/gen"

	"roster/docs/apipie"
	"roster/models"
	"roster/scopes"
)

// swagger reads the comments and completes what they leave out.
func swagger() ([]byte, error) {
	s, err := read(&gen.Config{SearchDir: "handlers/foreman,scopes/search", ParseDependency: 1}, foremanExamples,
		func(path string, op *spec.Operation) {
			complete(path, op)
			refusals(path, op)
		})
	if err != nil {
		return nil, err
	}
	s.Definitions[unreadable] = *new(spec.Schema).Typed("object", "").
		SetProperty("status", *spec.Int64Property()).
		SetProperty("error", *new(spec.Schema).WithDescription("An object with a message or, for a body that is no " +
			"JSON, a text"))
	addNames(s.Definitions)
	if err := separateUpdates(s); err != nil {
		return nil, err
	}
	types, err := readStructs("handlers/foreman")
	if err != nil {
		return nil, err
	}
	s.Definitions = described(s.Definitions, types)
	return finished(s, apipie.Foreman, foremanExamples)
}

// foremanExamples is the file with the examples of the Foreman dialect.
const foremanExamples = "docs/examples.json"

// redmineSwagger reads the comments of the Redmine dialect, and adds examples and what refusals mean.
func redmineSwagger() ([]byte, error) {
	s, err := read(&gen.Config{SearchDir: "handlers/redmine"}, "docs/redmine-examples.json",
		func(_ string, op *spec.Operation) { explain(op, redmineReasons) })
	if err != nil {
		return nil, err
	}
	return finished(s, apipie.Redmine, "docs/redmine-examples.json")
}

// cvatSwagger reads the comments of the CVAT dialect in the same way.
func cvatSwagger() ([]byte, error) {
	s, err := read(&gen.Config{SearchDir: "handlers/cvat"}, "docs/cvat-examples.json",
		func(_ string, op *spec.Operation) { explain(op, cvatReasons) })
	if err != nil {
		return nil, err
	}
	return finished(s, apipie.CVAT, "docs/cvat-examples.json")
}

// scimSwagger reads the comments of the SCIM dialect, and adds what refusals mean.
func scimSwagger() ([]byte, error) {
	s, err := read(&gen.Config{SearchDir: "handlers/scim"}, "docs/scim-examples.json",
		func(_ string, op *spec.Operation) { explain(op, scimReasons) })
	if err != nil {
		return nil, err
	}
	return finished(s, apipie.SCIM, "docs/scim-examples.json")
}

// scimReasons are what the statuses of refusals mean in the SCIM dialect.
var scimReasons = map[int]string{
	400: "The request is not valid. scimType has the kind of the error.",
	401: "Not authenticated: wrong or missing token.",
	403: "The token is read-only, the account is protected, or provisioning is switched off.",
	404: "The organization has no such resource.",
	409: "The name is already used.",
	412: "The resource has another version.",
	413: "The request is too large.",
	415: "The body has another media type.",
	429: "Too many requests. Retry-After has the number of seconds to wait.",
	501: "The token belongs to an organization, not to a person.",
}

// read makes a document of the comments in some directories, and adds what each says of an operation and the examples
// that a file keeps.
func read(c *gen.Config, examplesFile string, each func(path string, op *spec.Operation)) (*spec.Swagger, error) {
	dir, err := os.MkdirTemp("", "swagger-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c.MainAPIFile = "doc.go"
	c.OutputDir = dir
	c.OutputTypes = []string{"json"}
	c.PropNamingStrategy = "snakecase"
	c.Debugger = log.New(io.Discard, "", 0)
	c.ParseGoList = true
	c.Strict = true
	if err := gen.New().Build(c); err != nil {
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
	examples, err := readExamples(examplesFile)
	if err != nil {
		return nil, err
	}
	for path, item := range s.Paths.Paths {
		for _, op := range []*spec.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				each(path, op)
				for i := range op.Parameters {
					op.Parameters[i].Description = closed(op.Parameters[i].Description)
				}
				illustrate(path, op, examples)
			}
		}
	}
	return &s, nil
}

// finished is a document as it is kept, with what readers find their way by.
func finished(s *spec.Swagger, groups []apipie.TopicGroup, examplesFile string) ([]byte, error) {
	if err := navigate(s, groups); err != nil {
		return nil, err
	}
	examples, err := readExamples(examplesFile)
	if err != nil {
		return nil, err
	}
	if examplesFile == foremanExamples {
		maps.Copy(examples, onFreshServer)
	}
	if err := sendable(s, examples); err != nil {
		return nil, err
	}
	return encoded(s)
}

// encoded is a document as it is written.
func encoded(s *spec.Swagger) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(s)
	return out.Bytes(), err
}

// closed ends a description with a full stop if it has more than one sentence.
func closed(text string) string {
	text = strings.TrimSuffix(text, ".")
	if sentences.MatchString(text) {
		return text + "."
	}
	return text
}

var sentences = regexp.MustCompile(`[.:] +(?:[A-Z$]|\w+: )`)

// described completes the attributes of all definitions: the values that are allowed, and whether null is one.
func described(definitions spec.Definitions, types structs) spec.Definitions {
	for name, d := range definitions {
		nullable := types.nullable(name)
		for attr, p := range d.Properties {
			p.Description = closed(strings.ReplaceAll(p.Description, "\n", " ")) // a comment of several lines
			p.Enum = allowed(p.Extensions)
			if nullable[attr] && (!inputs.MatchString(name) || slices.Contains(outputs, name)) {
				if p.Ref.String() != "" { // beside which nothing may stand
					p = spec.Schema{SchemaProps: spec.SchemaProps{Type: spec.StringOrArray{"object"},
						Description: "null, or as " + strings.TrimPrefix(p.Ref.String(), "#/definitions/")}}
				}
				p.AddExtension("x-nullable", true)
			}
			d.Properties[attr] = p
		}
		definitions[name] = d
	}
	return definitions
}

// readExamples returns the exchanges that a test has had with a server, by resource and method.
func readExamples(file string) (map[string]string, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
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
	text := examples[strings.ReplaceAll(op.Tags[0], " ", "_")+"."+fmt.Sprint(about["method"])]
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

// context are the parameters that every request may have (docs/spec/foreman.md, 12.3).
var context = map[string]string{"location_id": inTenant("location"), "organization_id": inTenant("organization")}

func inTenant(kind string) string {
	return "Work in this " + kind + " (id): lists show only its records, and new users and LDAP sources are assigned " +
		"to it. Not to be confused with `" + kind + "_ids`."
}

// complete makes the parameters those of one path, since a comment speaks of all paths of an action, and names the
// fields that a list can be searched by.
func complete(path string, op *spec.Operation) {
	var inPath []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		inPath = append(inPath, m[1])
	}
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p spec.Parameter) bool {
		return p.In == "path" &&
			!slices.Contains(inPath, p.Name)
	})
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
			op.Parameters = append(op.Parameters, *spec.PathParam(name).Typed("string", "").
				WithDescription("Id of the parent"))
			continue
		}
		if p.In != "path" && !p.Required {
			p.AddExtension("x-optional", true) // on the paths that do not have it
		}
		p.In = "path"
		p.Required = true
	}
	for _, name := range []string{"location_id", "organization_id"} {
		if named(name) == nil {
			op.Parameters = append(op.Parameters, *spec.QueryParam(name).Typed("integer", "").
				WithDescription(context[name]))
		}
	}
	op.Summary = summaryAt(op.Summary, inPath, path)
	noun := scopes.Named(op.Tags[0])
	for _, other := range []*scopes.Resource{scopes.Memberships, scopes.ScimTokens} { // which no permission names
		if op.Tags[0] == other.Name {
			noun = other
		}
	}
	if noun != nil && named("search") != nil && named("order") != nil {
		op.AddExtension("x-search", noun.Search.Names())
	}
}

// parents are how summaries name what a path is nested in.
var parents = map[string]string{
	"user_id": "a user", "usergroup_id": "a user group", "role_id": "a role", "filter_id": "a filter",
	"location_id": "a location", "organization_id": "an organization",
	"auth_source_ldap_id": "an LDAP source", "auth_source_external_id": "an external source",
	"auth_source_internal_id": "the internal source",
}

var alwaysNested = regexp.MustCompile(
	`^/api/(users|usergroups)/\{\w+\}/` +
		`(personal_access_tokens|ssh_keys|table_preferences|mail_notifications|external_usergroups)`)

// summaryAt returns the summary of an action for one of its routes.
func summaryAt(summary string, inPath []string, path string) string {
	const both = "an organization or a location"
	if strings.Contains(summary, both) {
		one := "an organization"
		if strings.HasPrefix(path, "/api/locations/") {
			one = "a location"
		}
		return strings.Replace(summary, both, one, 1)
	}
	within := among(inPath, path)
	if within != "" && summary == "Delete a user" {
		// Not to be taken for an end of the membership.
		summary = "Delete the account of a user"
	}
	return summary + within
}

// among distinguishes the routes of an action in the summary: " of a user group". The first route of a resource that is
// always nested says so in its comment.
func among(inPath []string, path string) string {
	if alwaysNested.MatchString(path) {
		return ""
	}
	var words []string
	for _, name := range inPath {
		if word, ok := parents[name]; ok {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return " of " + strings.Join(words, " and ")
}

// reasons are what the statuses of refusals mean, in every answer.
var reasons = map[int]string{
	400: "A parameter, the search, the order or the body cannot be read.",
	401: "Not authenticated: wrong or missing credentials, disabled account, or too many failed attempts from this " +
		"address.",
	403: "You lack a permission. `missing_permissions` names it.",
	404: "The record, its parent, or the tenant of the request does not exist, or you may not see it.",
	415: "The body was not sent as application/json.",
	422: "Validation failed. `errors` lists problems by field, `full_messages` as text.",
}

// unreadable is the answer to a request with a body that cannot be read. Its error has one of two shapes, which this
// version of Swagger cannot say.
const unreadable = "foreman.unreadableAnswer"

// refusals completes the answers to requests that are refused: what every request can be refused for needs no comment.
func refusals(path string, op *spec.Operation) {
	answers := op.Responses.StatusCodeResponses
	add := func(status int, answer string) {
		if _, there := answers[status]; !there {
			answers[status] = *spec.NewResponse().WithSchema(spec.RefSchema("#/definitions/foreman." + answer))
		}
	}
	if path != "/api/ping" {
		add(404, "errorAnswer")
	}
	if slices.ContainsFunc(op.Parameters, func(p spec.Parameter) bool { return p.In == "body" }) {
		answers[400] = *spec.NewResponse().WithSchema(spec.RefSchema("#/definitions/" + unreadable))
		add(415, "errorAnswer")
	}
	explain(op, reasons)
}

// explain says what the refusals of a method mean.
func explain(op *spec.Operation, reasons map[int]string) {
	answers := op.Responses.StatusCodeResponses
	for status, reason := range reasons {
		if res, ok := answers[status]; ok {
			res.Description = reason
			answers[status] = res
		}
	}
}

// redmineReasons are what the statuses of refusals mean in the Redmine dialect.
var redmineReasons = map[int]string{
	400: "The body cannot be read.",
	401: "Not authenticated: wrong or missing credentials, or the account is not active.",
	403: "You are not an administrator, you lack a permission, or you must change your password first.",
	404: "The record, or one that the change refers to, does not exist, or you may not see it.",
	422: "Validation failed. `errors` lists problems as text. Without a body: the record cannot be deleted.",
}

// cvatReasons are what the statuses of refusals mean in the CVAT dialect.
var cvatReasons = map[int]string{
	400: "The body, a parameter or a filter cannot be read, or validation failed: an object of texts by attribute, a " +
		"list of texts or, for invitations, one text.",
	401: "Not authenticated: wrong or missing credentials, or the account is disabled.",
	403: "You may not do this, or a change with a session cookie lacks the CSRF token.",
	404: "The record, the organization of the request or the page does not exist.",
	429: "Too many requests. Retry-After has the number of seconds to wait.",
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
	case "parameter_types":
		names = models.ParameterTypes
	}
	var values []any
	for _, name := range names {
		values = append(values, name)
	}
	return values
}
