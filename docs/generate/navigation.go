package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/go-openapi/spec"

	"roster/docs/apipie"
)

// navigate gives a document what readers and programs find their way by: tags in the order of the pages, the routes
// that are nested in others marked, and an id for every operation. swag cannot take the ids from the comments, because
// a comment may be about several routes.
func navigate(s *spec.Swagger, groups []apipie.TopicGroup) error {
	tags := map[string]string{} // what the document calls a resource
	seen := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(s.Paths.Paths)) {
		for _, verb := range verbs {
			op := operationOf(s.Paths.Paths[path], verb)
			if op == nil {
				continue
			}
			op.ID = operationID(path, op)
			if other := seen[op.ID]; other != "" {
				return fmt.Errorf("%s and %s %s have the same id %s", other, verb, path, op.ID)
			}
			seen[op.ID] = verb + " " + path
			tags[strings.ReplaceAll(op.Tags[0], " ", "_")] = op.Tags[0]
			if paths := mainPaths(op); len(paths) > 0 && paths[0] != path {
				op.AddExtension("x-nested", true)
			}
		}
	}
	s.Tags = nil
	for _, g := range groups {
		for _, t := range g.Topics {
			if tag := tags[t.ID]; tag != "" {
				s.Tags = append(s.Tags, spec.NewTag(tag, g.Name+" · "+t.Title+". "+t.Text, nil))
				delete(tags, t.ID)
			}
		}
	}
	if len(tags) > 0 {
		return fmt.Errorf("these resources are in no group: %v", tags)
	}
	return nil
}

var verbs = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func operationOf(item spec.PathItem, verb string) *spec.Operation {
	return map[string]*spec.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete}[verb]
}

// mainPaths are the paths of a method without those that are nested in others.
func mainPaths(op *spec.Operation) []any {
	about, _ := op.Extensions["x-apipie"].(map[string]any)
	paths, _ := about["paths"].([]any)
	return paths
}

// operationID is made of the resource, the method and, for routes that are nested in others, the parents:
// users_index_of_role.
func operationID(path string, op *spec.Operation) string {
	if rest, ok := strings.CutSuffix(path, "/auto_complete_search"); ok {
		return "completion_" + rest[strings.LastIndexByte(rest, '/')+1:]
	}
	about, _ := op.Extensions["x-apipie"].(map[string]any)
	method, _ := about["method"].(string)
	if method == "" { // of a method that only the Swagger document has
		method = "index"
		if strings.HasSuffix(path, "}") {
			method = "show"
		}
	}
	id := strings.ReplaceAll(op.Tags[0], " ", "_") + "_" + method
	var parents []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		if parent, ok := strings.CutSuffix(m[1], "_id"); ok {
			parents = append(parents, parent)
		}
	}
	paths := mainPaths(op)
	if len(parents) == 0 || len(paths) > 0 && paths[0] == path {
		return id
	}
	return id + "_of_" + strings.Join(parents, "_and_")
}

// sendable gives each body the example of its method, so that it can be sent as it is.
func sendable(s *spec.Swagger, examples map[string]string) error {
	for _, path := range slices.Sorted(maps.Keys(s.Paths.Paths)) {
		for _, verb := range verbs {
			op := operationOf(s.Paths.Paths[path], verb)
			if op == nil {
				continue
			}
			body := slices.IndexFunc(op.Parameters, func(p spec.Parameter) bool { return p.In == "body" })
			if body < 0 || op.Parameters[body].Schema == nil {
				continue
			}
			name := definitionOf(op.Parameters[body].Schema)
			about, _ := op.Extensions["x-apipie"].(map[string]any)
			key := strings.ReplaceAll(op.Tags[0], " ", "_") + "." + fmt.Sprint(about["method"])
			definition, there := s.Definitions[name]
			m := requested.FindStringSubmatch(examples[key])
			if m == nil || !there || definition.Example != nil {
				continue
			}
			var example any
			if err := json.Unmarshal([]byte(m[1]), &example); err != nil {
				return fmt.Errorf("the example of %s: %w", key, err)
			}
			definition.Example = example
			s.Definitions[name] = definition
		}
	}
	return nil
}

// requested is the body in an example.
var requested = regexp.MustCompile(`(?s)^[A-Z]+ \S+\n(\{.*?\n?\})\n\d{3}\n`)

// onFreshServer are examples of the Foreman dialect that name records of a new server, where the recorded one names
// what other examples have made.
var onFreshServer = map[string]string{
	"users.create": `POST /api/users
{"user": {"login": "ann", "firstname": "Ann", "lastname": "Novak", "mail": "ann@example.com",
 "password": "first secret", "auth_source_id": 1, "admin": false, "disabled": false, "timezone": "Prague",
 "role_names": ["Viewer"], "organization_names": ["Default Organization"], "location_names": ["Default Location"]}}
201
`,
}

// byName are lists of references by name that stand beside those by id, and single ones.
var byName = map[string]string{
	"role":         "Roles by name, in place of role_ids",
	"user":         "Users by login, in place of user_ids",
	"usergroup":    "User groups by name, in place of usergroup_ids",
	"permission":   "Permissions by name, in place of permission_ids",
	"location":     "Locations by title such as Brno/Office, in place of location_ids",
	"organization": "Organizations by title such as Brno/Sales, in place of organization_ids",
}

// singleByName are single references by name.
var singleByName = map[string][]string{
	"auth_source_id": {"auth_source_name", "Auth source by name, in place of auth_source_id"},
	"role_id":        {"role_name", "Role by name, in place of role_id"},
}

// addNames documents that references may be by name. Clients make no options of these attributes: they have their own.
func addNames(definitions spec.Definitions) {
	for name, d := range definitions {
		if !inputs.MatchString(name) || !strings.HasSuffix(name, "Attributes") {
			continue
		}
		for attr := range maps.Clone(d.Properties) {
			if stem, ok := strings.CutSuffix(attr, "_ids"); ok && byName[stem] != "" {
				p := spec.ArrayProperty(spec.StringProperty()).WithDescription(byName[stem])
				p.AddExtension("x-for-people", true)
				d.Properties[stem+"_names"] = *p
			}
			if by, ok := singleByName[attr]; ok {
				p := spec.StringProperty().WithDescription(by[1])
				p.AddExtension("x-for-people", true)
				d.Properties[by[0]] = *p
			}
		}
	}
}
