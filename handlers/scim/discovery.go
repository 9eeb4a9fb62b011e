package scim

import (
	"encoding/json"
	"net/http"
	"strings"

	"roster/handlers/scim/schema"
)

// The schemas of the documents that describe the server (docs/spec/scim.md, 4).
const (
	configURI       = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	resourceTypeURI = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	schemaURI       = "urn:ietf:params:scim:schemas:core:2.0:Schema"
)

type object = map[string]any

func (c *call) meta(kind, path string) object {
	return object{"resourceType": kind, "location": c.base + path}
}

// providerConfig says what the server can do.
func (c *call) providerConfig() error {
	yes := object{"supported": true}
	return send(c, http.StatusOK, schema.JSON(object{
		"schemas": []string{configURI}, "patch": yes, "changePassword": yes, "sort": yes, "etag": yes,
		"bulk":   object{"supported": true, "maxOperations": maxOperations, "maxPayloadSize": c.api.payload()},
		"filter": object{"supported": true, "maxResults": maxPage},
		"pagination": object{"cursor": true, "index": true, "defaultPaginationMethod": "index",
			"defaultPageSize": defaultPage, "maxPageSize": maxPage, "cursorTimeout": int(cursorLife.Seconds())},
		"authenticationSchemes": []object{
			{"type": "oauthbearertoken", "name": "Bearer token", "primary": true,
				"description": "A token of the organization, in the header Authorization"},
			{"type": "httpbasic", "name": "Basic", "description": "The same token as the password of any user"}},
		"meta": c.meta("ServiceProviderConfig", "/ServiceProviderConfig"),
	}))
}

// resourceTypes lists the types, or shows one.
func (c *call) resourceTypes() error {
	var all []object
	for _, s := range c.api.stores {
		rt := s.kind()
		one := object{"schemas": []string{resourceTypeURI}, "id": rt.Name, "name": rt.Name, "endpoint": rt.Endpoint,
			"description": rt.Description, "schema": rt.Schema.ID, "meta": c.meta("ResourceType",
				"/ResourceTypes/"+rt.Name)}
		var extensions []object
		for _, e := range rt.Extensions {
			extensions = append(extensions, object{"schema": e.ID, "required": e.Required})
		}
		if extensions != nil {
			one["schemaExtensions"] = extensions
		}
		all = append(all, one)
	}
	return c.described(all)
}

// schemas lists the schemas, or shows one.
func (c *call) schemas() error {
	var all []object
	for _, s := range c.api.stores {
		rt := s.kind()
		all = append(all, c.schemaOf(rt.Schema))
		for _, e := range rt.Extensions {
			all = append(all, c.schemaOf(e.Schema))
		}
	}
	for _, own := range describing {
		all = append(all, c.schemaOf(own))
	}
	return c.described(all)
}

// described sends all documents, or the one that the path names.
func (c *call) described(all []object) error {
	if len(c.parts) == 2 {
		for _, one := range all {
			if id, _ := one["id"].(string); strings.EqualFold(id, c.parts[1]) {
				return send(c, http.StatusOK, schema.JSON(one))
			}
		}
		return errNoPath
	}
	body := answerBody{Schemas: []string{listURI}, TotalResults: int64(len(all)), StartIndex: new(int64(1)),
		ItemsPerPage: len(all), Resources: []json.RawMessage{}}
	for _, one := range all {
		body.Resources = append(body.Resources, schema.JSON(one))
	}
	return send(c, http.StatusOK, schema.JSON(body))
}

func (c *call) schemaOf(s schema.Schema) object {
	return object{"schemas": []string{schemaURI}, "id": s.ID, "name": s.Name, "description": s.Description,
		"attributes": attributesOf(s.Attributes), "meta": c.meta("Schema", "/Schemas/"+s.ID)}
}

func attributesOf(list []schema.Attribute) []object {
	all := []object{}
	for _, a := range list {
		one := object{"name": a.Name, "type": string(a.Type), "multiValued": a.MultiValued,
			"description": or(a.Description, a.Name), "required": a.Required, "caseExact": a.CaseExact,
			"mutability": or(a.Mutability, schema.ReadWrite), "returned": or(a.Returned, schema.ByDefault),
			"uniqueness": or(a.Uniqueness, schema.NotUnique)}
		if a.Canonical != nil {
			one["canonicalValues"] = a.Canonical
		}
		if a.References != nil {
			one["referenceTypes"] = a.References
		}
		if a.Sub != nil {
			one["subAttributes"] = attributesOf(a.Sub)
		}
		all = append(all, one)
	}
	return all
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func flag(name, description string) schema.Attribute {
	return readOnly(schema.Attribute{Name: name, Type: schema.Boolean, Description: description})
}

func count(name, description string) schema.Attribute {
	return readOnly(schema.Attribute{Name: name, Type: schema.Integer, Description: description})
}

func feature(name, description string, more ...schema.Attribute) schema.Attribute {
	return readOnly(schema.Attribute{Name: name, Type: schema.Complex, Required: true, Description: description,
		Sub: append([]schema.Attribute{flag("supported", "Whether it is supported")}, more...)})
}

// describing are the schemas of the documents themselves.
var describing = []schema.Schema{
	{ID: configURI, Name: "Service Provider Configuration", Description: "What the server can do",
		Attributes: []schema.Attribute{
			feature("patch", "Changes by operations"), feature("bulk", "Many operations at once",
				count("maxOperations", "How many"), count("maxPayloadSize", "How large the body may be, in bytes")),
			feature("filter", "Filters", count("maxResults", "How many resources a page has at most")),
			feature("changePassword", "Changes of passwords"), feature("sort", "Orders"), feature("etag", "Versions"),
			readOnly(schema.Attribute{Name: "authenticationSchemes", Type: schema.Complex, MultiValued: true,
				Required: true, Description: "How to log in", Sub: []schema.Attribute{text("type", "The kind"),
					text("name", "The name"), text("description", "A description"), flag("primary",
						"Whether it is preferred")}}),
		}},
	{ID: resourceTypeURI, Name: "ResourceType", Description: "A type of resources", Attributes: []schema.Attribute{
		readOnly(text("name", "The name")), readOnly(text("description", "A description")),
		readOnly(schema.Attribute{Name: "endpoint", Type: schema.Reference, References: []string{"uri"}, Required: true,
			Description: "Where resources are"}),
		readOnly(schema.Attribute{Name: "schema", Type: schema.Reference, References: []string{"uri"}, Required: true,
			CaseExact: true, Description: "Their schema"}),
		readOnly(schema.Attribute{Name: "schemaExtensions", Type: schema.Complex, MultiValued: true,
			Description: "Their further schemas", Sub: []schema.Attribute{
				{Name: "schema", Type: schema.Reference, References: []string{"uri"}, CaseExact: true,
					Description: "The schema"},
				flag("required", "Whether they all have it")}}),
	}},
	{ID: schemaURI, Name: "Schema", Description: "A schema", Attributes: []schema.Attribute{
		readOnly(text("name", "The name")), readOnly(text("description", "A description")),
		readOnly(schema.Attribute{Name: "attributes", Type: schema.Complex, MultiValued: true, Required: true,
			Description: "The attributes", Sub: characteristics}),
	}},
}

var characteristics = []schema.Attribute{text("name", "The name"), text("type", "The type of values"),
	flag("multiValued", "Whether there may be several"), text("description", "A description"),
	flag("required", "Whether there has to be a value"), flag("caseExact", "Whether the case of letters counts"),
	text("mutability", "Who writes it, and when"), text("returned", "When it is shown"),
	text("uniqueness", "Where a value is there once only"),
	{Name: "canonicalValues", Type: schema.String, MultiValued: true, Description: "Values that mean something"},
	{Name: "referenceTypes", Type: schema.String, MultiValued: true, Description: "What references lead to"},
	{Name: "subAttributes", Type: schema.Complex, MultiValued: true, Description: "The parts of a complex attribute"}}
