package scim

import "roster/handlers/scim/schema"

// The URIs of schemas.
const (
	userURI       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURI      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURI = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	rosterURI     = "urn:roster:params:scim:schemas:extension:2.0:User"
)

func text(name, description string) schema.Attribute {
	return schema.Attribute{Name: name, Type: schema.String, Description: description}
}

func readOnly(a schema.Attribute) schema.Attribute {
	a.Mutability = schema.ReadOnly
	for i := range a.Sub {
		a.Sub[i].Mutability = schema.ReadOnly
	}
	return a
}

func onRequest(a schema.Attribute) schema.Attribute {
	a.Returned = schema.OnRequest
	return readOnly(a)
}

// several is an attribute with any number of values, each with a type.
func several(name, description string, value schema.Attribute, makes ...string) schema.Attribute {
	value.Name = "value"
	value.Description = "The value"
	return schema.Attribute{Name: name, Type: schema.Complex, MultiValued: true, Description: description, Makes: makes,
		Sub: []schema.Attribute{value, text("display", "How people are shown the value"),
			text("type", "What the value is for, such as work or home"),
			{Name: "primary", Type: schema.Boolean, Description: "Whether this is the value to use before others"}}}
}

// userType are the users.
var userType = schema.ResourceType{
	Name: "User", Endpoint: "/Users", Description: "User Account",
	Schema: schema.Schema{ID: userURI, Name: "User", Description: "User Account", Attributes: []schema.Attribute{
		{Name: "userName", Type: schema.String, Required: true, Uniqueness: schema.OnceHere,
			Description: "The name to log in with"},
		{Name: "name", Type: schema.Complex, Description: "The parts of the name", Sub: []schema.Attribute{
			text("formatted", "The whole name"), text("familyName", "The last name"),
			text("givenName", "The first name"), text("middleName", "Names in between"),
			text("honorificPrefix", "Titles before the name"),
			text("honorificSuffix", "What follows the name")}},
		text("displayName", "How the user is shown to others"), text("nickName", "What friends call the user"),
		{Name: "profileUrl", Type: schema.Reference, References: []string{"external"},
			Description: "The address of a page about the user"},
		text("title", "The position"), text("userType", "The kind of user, such as Employee"),
		text("preferredLanguage", "The language that the user prefers"), text("locale", "The language of the account"),
		text("timezone", "The time zone, by its name"),
		{Name: "active", Type: schema.Boolean, Firm: true, Description: "Whether the account may be used"},
		{Name: "password", Type: schema.String, CaseExact: true, Mutability: schema.WriteOnly, Returned: schema.Never,
			Description: "A new password"},
		several("emails", "Mail addresses; the primary one, or the first for work, is the account's", text("", ""),
			"work", "home", "other"),
		several("phoneNumbers", "Telephone numbers", text("", ""), "work", "home", "other", "mobile", "fax", "pager"),
		several("ims", "Addresses for messages", text("", "")),
		several("photos", "Addresses of pictures",
			schema.Attribute{Type: schema.Reference, References: []string{"external"}}),
		addresses,
		readOnly(schema.Attribute{Name: "groups", Type: schema.Complex, MultiValued: true,
			Description: "The groups that the user is in", Sub: []schema.Attribute{
				{Name: "value", Type: schema.String, CaseExact: true, Description: "The id of the group"},
				{Name: "$ref", Type: schema.Reference, References: []string{"Group"},
					Description: "Where the group is"},
				text("display", "The name of the group"), text("type", "direct or indirect")}}),
		several("entitlements", "What the user is entitled to, for other programs", text("", "")),
		readOnly(several("roles", "The roles that the user holds in the organization", text("", ""))),
		several("x509Certificates", "Certificates", schema.Attribute{Type: schema.Binary, CaseExact: true}),
	}},
	Extensions: []schema.Extension{{Schema: schema.Schema{ID: enterpriseURI, Name: "Enterprise User",
		Description: "What companies keep of their people", Attributes: []schema.Attribute{
			text("employeeNumber", "The number of the employee"), text("costCenter", "The cost center"),
			text("organization", "The name of the organization"), text("division", "The name of the division"),
			text("department", "The name of the department"),
			{Name: "manager", Type: schema.Complex, Description: "Who leads the user", Sub: []schema.Attribute{
				{Name: "value", Type: schema.String, CaseExact: true, Description: "The id of the manager"},
				onRequest(schema.Attribute{Name: "$ref", Type: schema.Reference, References: []string{"User"},
					Description: "Where the manager is"}),
				readOnly(text("displayName", "The name of the manager"))}},
		}}, Aliases: []string{"urn:scim:schemas:extension:enterprise:2.0",
		"urn:scim:schemas:extension:enterprise:1.0"}},
		{Schema: schema.Schema{ID: rosterURI, Name: "Roster User", Description: "What Roster knows of its users",
			Attributes: []schema.Attribute{
				onRequest(text("authSource", "Where the user's password is checked")),
				onRequest(schema.Attribute{Name: "lastLogin", Type: schema.DateTime, Description: "The last login"}),
				onRequest(schema.Attribute{Name: "effectiveAdmin", Type: schema.Boolean,
					Description: "Whether the user is an administrator, by itself or by a group"}),
				onRequest(schema.Attribute{Name: "organizations", Type: schema.String, MultiValued: true,
					Description: "The organizations within this one that the user is in"}),
			}}}},
}

var addresses = schema.Attribute{Name: "addresses", Type: schema.Complex, MultiValued: true,
	Description: "Postal addresses", Makes: []string{"work", "home", "other"}, Sub: []schema.Attribute{
		text("formatted", "The whole address"), text("streetAddress", "Street and number"),
		text("locality", "The city"),
		text("region", "The state or region"), text("postalCode", "The postal code"), text("country", "The country"),
		text("type", "What the address is for, such as work or home"),
		{Name: "primary", Type: schema.Boolean, Description: "Whether this is the address to use before others"}}}

// groupType are the groups.
var groupType = schema.ResourceType{
	Name: "Group", Endpoint: "/Groups", Description: "Group",
	Schema: schema.Schema{ID: groupURI, Name: "Group", Description: "Group", Attributes: []schema.Attribute{
		{Name: "displayName", Type: schema.String, Required: true, Uniqueness: schema.OnceHere,
			Description: "The name of the group"},
		{Name: "members", Type: schema.Complex, MultiValued: true, Deltas: true, Description: "Who is in the group",
			Sub: []schema.Attribute{
				{Name: "value", Type: schema.String, CaseExact: true, Mutability: schema.Immutable,
					Description: "The id of the user or group"},
				{Name: "$ref", Type: schema.Reference, Mutability: schema.Immutable,
					References: []string{"User", "Group"}, Description: "Where the user or group is"},
				{Name: "type", Type: schema.String, Mutability: schema.Immutable, Description: "User or Group"},
				readOnly(text("display", "The name of the user or group"))}},
	}},
}
