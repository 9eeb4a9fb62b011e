// Package scim looks at the SCIM dialect from outside: scenarios over HTTP, and vectors, on both databases.
package scim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"roster/config"
	"roster/directory"
	"roster/handlers"
	"roster/handlers/scim/schema"
	"roster/models"
	"roster/test/dbtest"
	"roster/test/servertest"
)

// The harness, by short names.
type (
	server = servertest.Server
	client = servertest.Client
	answer = servertest.Answer
	object = servertest.Object
	list   = []any
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// The schemas and messages that tests send.
const (
	userURI       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURI      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURI = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	patchURI      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	bulkURI       = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	searchURI     = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
)

// onBoth runs a test against a fresh server on each database, with a type of resources that is but data.
func onBoth(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db *config.Database) { test(t, start(t, db)) })
}

func start(t *testing.T, db *config.Database) *server {
	s := servertest.StartWith(t, db, servertest.AnyLDAP{},
		handlers.Options{ScimTypes: []schema.ResourceType{testResource}})
	setting(s, "scim_rate", 0)
	return s
}

func setting(s *server, name string, value any) {
	s.T.Helper()
	s.Admin().Put("/api/settings/"+name, object{"setting": object{"value": value}}).Expect(http.StatusOK)
}

// provider is the identity provider of an organization.
type provider struct {
	*client
	id    int64
	token string
}

// provider makes an organization with a token.
func newProvider(s *server, slug string) *provider {
	s.T.Helper()
	return tokenOf(s, s.Organization(slug), directory.ScimTokenChange{})
}

// tokenOf makes a token of an organization.
func tokenOf(s *server, id int64, c directory.ScimTokenChange) *provider {
	s.T.Helper()
	c.Name = models.Some("okta")
	_, token, err := s.Dir.CreateScimToken(s.T.Context(), s.Administrator(), directory.Ref{ID: id}, c)
	if err != nil {
		s.T.Fatal(err)
	}
	return &provider{s.Nobody().With("Authorization", "Bearer "+token), id, token}
}

// at is a path of the provider's organization.
func (p *provider) at(path string) string {
	return fmt.Sprintf("/scim/v2/organizations/%d%s", p.id, path)
}

// user brings somebody in and returns the id.
func (p *provider) user(login string, more ...object) string {
	p.Server.T.Helper()
	body := object{"schemas": list{userURI}, "userName": login}
	for _, m := range more {
		for name, value := range m {
			body[name] = value
		}
	}
	return text(p.Post(p.at("/Users"), body).Expect(http.StatusCreated), "id")
}

// group makes a group and returns the id.
func (p *provider) group(name string, members ...string) string {
	p.Server.T.Helper()
	var who list
	for _, id := range members {
		who = append(who, object{"value": id})
	}
	body := object{"schemas": list{groupURI}, "displayName": name, "members": who}
	return text(p.Post(p.at("/Groups"), body).Expect(http.StatusCreated), "id")
}

// patch sends operations.
func (p *provider) patch(path string, ops ...any) *answer {
	p.Server.T.Helper()
	return p.Patch(p.at(path), object{"schemas": list{patchURI}, "Operations": ops})
}

// op is an operation.
func op(name, path string, value any) object {
	o := object{"op": name, "value": value}
	if path != "" {
		o["path"] = path
	}
	return o
}

// testResource is a type of resources with an attribute of every kind. It is data, and nothing else knows it.
var testResource = schema.ResourceType{
	Name: "TestResource", Endpoint: "/TestResources", Description: "A resource for tests",
	Schema: schema.Schema{ID: "urn:ietf:params:scim:schemas:test:2.0:TestResource", Name: "TestResource",
		Description: "A resource for tests", Attributes: []schema.Attribute{
			{Name: "identifier", Type: schema.String, Required: true, Uniqueness: schema.OnceHere},
			{Name: "caseExactString", Type: schema.String, CaseExact: true},
			{Name: "caseInsensitiveString", Type: schema.String}, {Name: "integerAttr", Type: schema.Integer},
			{Name: "booleanAttr", Type: schema.Boolean}, {Name: "dateTimeAttr", Type: schema.DateTime},
			{Name: "binaryAttr", Type: schema.Binary, CaseExact: true},
			{Name: "referenceAttr", Type: schema.Reference, CaseExact: true, References: []string{"uri"}},
			{Name: "readOnlyAttr", Type: schema.String, Mutability: schema.ReadOnly},
			{Name: "immutableAttr", Type: schema.String, Mutability: schema.Immutable},
			{Name: "writeOnlyAttr", Type: schema.String, Mutability: schema.WriteOnly, Returned: schema.Never},
			{Name: "requestOnlyAttr", Type: schema.String, Returned: schema.OnRequest},
			{Name: "alwaysReturnedAttr", Type: schema.String, Returned: schema.Always},
			{Name: "multiStrings", Type: schema.String, MultiValued: true},
			{Name: "complexAttr", Type: schema.Complex, Sub: []schema.Attribute{{Name: "sub1", Type: schema.String},
				{Name: "sub2", Type: schema.Integer}, {Name: "sub3", Type: schema.Boolean}}},
			{Name: "multiComplex", Type: schema.Complex, MultiValued: true, Sub: []schema.Attribute{
				{Name: "value", Type: schema.String}, {Name: "type", Type: schema.String},
				{Name: "primary", Type: schema.Boolean}}},
			{Name: "uniqueString", Type: schema.String, Uniqueness: schema.OnceHere},
		}},
	Extensions: []schema.Extension{{Required: true, Schema: schema.Schema{
		ID: "urn:ietf:params:scim:schemas:extension:test:2.0:TestResource", Name: "TestExtension",
		Description: "An extension for tests", Attributes: []schema.Attribute{{Name: "extString", Type: schema.String},
			{Name: "extRequired", Type: schema.String, Required: true}, {Name: "extInteger", Type: schema.Integer}}}}},
}

// text is a text at a path of an answer.
func text(a *answer, path string) string {
	a.T.Helper()
	s, ok := at(parsed(a), path).(string)
	if !ok {
		a.T.Fatalf("no text %s: %s", path, a)
	}
	return s
}

// parsed is the body of an answer.
func parsed(a *answer) any {
	a.T.Helper()
	var v any
	if err := json.Unmarshal(a.Body, &v); err != nil {
		a.T.Fatalf("%v: %s", err, a)
	}
	return v
}
