package foreman

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"

	"roster/docs"
)

// contract checks answers and bodies against the Swagger document.
type contract struct{ doc *openapi3.T }

func newContract(t *testing.T) contract {
	t.Helper()
	var old openapi2.T
	if err := json.Unmarshal(docs.Swagger, &old); err != nil {
		t.Fatal(err)
	}
	v3, err := openapi2conv.ToV3(&old)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range v3.Components.Schemas {
		for _, p := range s.Value.Properties {
			if nullable, _ := p.Extensions["x-nullable"].(bool); nullable && p.Value != nil {
				p.Value.Nullable = true
			}
			if p.Value != nil {
				if nullable, _ := p.Value.Extensions["x-nullable"].(bool); nullable {
					p.Value.Nullable = true
				}
			}
		}
	}
	return contract{v3}
}

// operation finds what the document says of a request.
func (c contract) operation(method, path string) *openapi3.Operation {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	var best *openapi3.Operation
	fixed := -1
	for pattern, item := range c.doc.Paths.Map() {
		parts := strings.Split(pattern, "/")
		op := item.GetOperation(method)
		if op == nil || len(parts) != len(segments) {
			continue
		}
		same := 0
		matches := true
		for i, p := range parts {
			switch {
			case p == segments[i]:
				same++
			case !strings.HasPrefix(p, "{"):
				matches = false
			}
		}
		if matches && same > fixed {
			best = op
			fixed = same
		}
	}
	return best
}

// check fails unless an answer is one that the document announces.
func (c contract) check(t *testing.T, a *answer) {
	t.Helper()
	op := c.operation(a.Method, a.Path)
	if op == nil {
		t.Errorf("%s %s is not in the document", a.Method, a.Path)
		return
	}
	res := op.Responses.Status(a.Status)
	if res == nil {
		t.Errorf("%s %s: the document has no answer with %d", a.Method, a.Path, a.Status)
		return
	}
	content := res.Value.Content.Get("application/json")
	if content == nil || content.Schema == nil || len(a.Body) == 0 {
		return
	}
	var body any
	if err := json.Unmarshal(a.Body, &body); err != nil {
		t.Errorf("%s: %v", a, err)
		return
	}
	if err := content.Schema.Value.VisitJSON(body, openapi3.MultiErrors()); err != nil {
		t.Errorf("%s\nis not what the document says: %v", a, err)
	}
}

// Answers are what the document announces, refusals above all: generated clients read them by it.
func TestDocs_AnswersAreDocumented(t *testing.T) {
	onBoth(t, func(t *testing.T, s *server) {
		c := newContract(t)
		bob := s.User("bob")
		for _, r := range []struct {
			by           *client
			method, path string
			body         any
			status       int
		}{
			{s.Admin(), "POST", "/api/users", object{"user": object{"login": "x y"}}, 422},
			{s.Admin(), "PUT", bob.Path(), object{"user": object{"mail": "no mail"}}, 422},
			{s.Admin(), "POST", "/api/users", "{", 400},
			{s.Admin(), "GET", "/api/users?search=nosuch+%3D+1", nil, 400},
			{s.Admin(), "GET", "/api/users/nobody", nil, 404},
			{s.Nobody(), "GET", "/api/users", nil, 401},
			{s.By(bob), "GET", "/api/users", nil, 403},
			{s.By(bob), "DELETE", "/api/users/admin", nil, 403},
			{s.Admin(), "POST", "/api/roles", object{"role": object{"name": ""}}, 422},
			{s.Admin(), "POST", "/api/filters", object{"filter": object{"role_id": s.Role("Viewer")}}, 422},
			{s.Admin(), "POST", "/api/usergroups", object{"usergroup": object{"name": "bob"}}, 422},
			{s.Admin(), "POST", "/api/organizations", object{"organization": object{"name": ""}}, 422},
			{s.Admin(), "POST", "/api/auth_source_ldaps", object{"auth_source_ldap": object{"name": ""}}, 422},
			{s.Admin(), "PUT", "/api/settings/entries_per_page", object{"setting": object{"value": "x"}}, 422},
			{s.Admin(), "POST", bob.Path("/ssh_keys"), object{"ssh_key": object{"name": "k", "key": "x"}}, 422},
			{s.Admin(), "POST", bob.Path("/personal_access_tokens"),
				object{"personal_access_token": object{"name": ""}}, 422},
			{s.Admin(), "GET", "/api/users?per_page=2", nil, 200},
			{s.Admin(), "GET", bob.Path(), nil, 200},
		} {
			a := r.by.Do(r.method, r.path, r.body).Expect(r.status)
			c.check(t, a)
		}
	})
}

// An update needs nothing of what creating demands: a client that is made from the document can change one field.
func TestDocs_UpdatesDemandNothing(t *testing.T) {
	c := newContract(t)
	looked := 0
	for path, item := range c.doc.Paths.Map() {
		if item.Put == nil || item.Put.RequestBody == nil {
			continue
		}
		body := item.Put.RequestBody.Value.Content.Get("application/json").Schema
		for name, p := range body.Value.Properties {
			looked++
			if len(p.Value.Required) > 0 {
				t.Errorf("PUT %s: %s demands %v", path, name, p.Value.Required)
			}
			if err := p.Value.VisitJSON(map[string]any{}); err != nil && p.Value.Type.Is("object") {
				t.Errorf("PUT %s: %s without anything: %v", path, name, err)
			}
		}
		if item.Post != nil && fmt.Sprint(item.Post.RequestBody) == fmt.Sprint(item.Put.RequestBody) {
			t.Errorf("%s: creating and changing have one body", path)
		}
	}
	if looked < 10 {
		t.Errorf("only %d bodies were looked at", looked)
	}
	if required := c.doc.Components.Schemas["foreman.userAttributes"].Value.Required; len(required) == 0 {
		t.Error("creating a user demands nothing")
	}
}
