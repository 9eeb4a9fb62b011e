package scim

// The types of this file describe bodies for the Swagger document. Answers are made from the schemas.

// Documented are the bodies of requests and answers that the document describes, so that a test may look at them.
func Documented() map[string]any {
	return map[string]any{"userBody": userBody{}, "groupBody": groupBody{}, "patchBody": patchBody{},
		"bulkBody": bulkBody{}, "searchBody": searchBody{}, "listAnswer": listAnswer{}, "errorBody": errorBody{},
		"documentAnswer": documentAnswer{}}
}

// valueBody is a value of an attribute that has several.
type valueBody struct {
	Value   string `json:"value" example:"ann@example.com"` // The value
	Type    string `json:"type" example:"work"`             // What it is for
	Primary bool   `json:"primary" example:"true"`          // Whether it is used before others
}

// userBody is a user. Attributes that are missing here are in /Schemas.
type userBody struct {
	Schemas []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:schemas:core:2.0:User"`
	// The provider's own name for the user; any number of users may have it
	ExternalID string `json:"externalId" example:"00u1"`
	// Name to log in with, once on the server, in any case of the letters
	UserName string `json:"userName" validate:"required" example:"ann@example.com"`
	Name     struct {
		GivenName  string `json:"givenName" example:"Ann"`
		FamilyName string `json:"familyName" example:"Smith"`
	} `json:"name"`
	// How others are shown the user
	DisplayName string `json:"displayName" example:"Ann Smith"`
	// Whether the account may be used in the organization
	Active bool        `json:"active" example:"true"`
	Emails []valueBody `json:"emails"`
	// A new password; it is never shown
	Password string `json:"password"`
}

// groupBody is a group.
type groupBody struct {
	Schemas    []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:schemas:core:2.0:Group"`
	ExternalID string   `json:"externalId" example:"g1"` // The provider's own name for the group
	// Name of the group, once in the organization
	DisplayName string `json:"displayName" validate:"required" example:"Tour Guides"`
	Members     []struct {
		Value string `json:"value" example:"2819c223-7f76-453a-919d-413861904646"` // The id of a user or a group
	} `json:"members"`
}

// patchBody are operations on a resource.
type patchBody struct {
	Schemas    []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:api:messages:2.0:PatchOp"`
	Operations []struct {
		Op    string `json:"op" enums:"add,replace,remove" example:"replace"` // What to do
		Path  string `json:"path" example:"active"`                           // The attribute, with a filter
		Value any    `json:"value" swaggertype:"string" example:"false"`      // The new value
	} `json:"Operations" validate:"required"`
}

// bulkBody are many operations at once.
type bulkBody struct {
	Schemas []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:api:messages:2.0:BulkRequest"`

	FailOnErrors int `json:"failOnErrors" example:"1"` // After how many errors the rest is left
	Operations   []struct {
		Method string `json:"method" enums:"POST,PUT,PATCH,DELETE" example:"POST"` // The method
		Path   string `json:"path" example:"/Users"`                               // The path, below the organization
		// Name by which other operations refer to what is made, as bulkId:name
		BulkID  string `json:"bulkId" example:"ann"`
		Version string `json:"version"`                   // The version that is expected
		Data    any    `json:"data" swaggertype:"object"` // The body
	} `json:"Operations" validate:"required"`
}

// searchBody is a list that is asked for in a body.
type searchBody struct {
	Schemas []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:api:messages:2.0:SearchRequest"`

	Filter     string   `json:"filter" example:"userName sw \"a\""` // The filter
	SortBy     string   `json:"sortBy" example:"userName"`          // The attribute to sort by
	SortOrder  string   `json:"sortOrder" enums:"ascending,descending"`
	StartIndex int64    `json:"startIndex" example:"1"` // The first resource, from 1 on
	Count      int64    `json:"count" example:"100"`    // How many, 1000 at most
	Cursor     string   `json:"cursor"`                 // Where the page before ended
	Attributes []string `json:"attributes"`             // What to show
	Excluded   []string `json:"excludedAttributes"`     // What to leave out
}

// listAnswer is a list of resources.
type listAnswer struct {
	Schemas        []string `json:"schemas" example:"urn:ietf:params:scim:api:messages:2.0:ListResponse"`
	TotalResults   int64    `json:"totalResults" example:"1"` // How many there are
	StartIndex     int64    `json:"startIndex" example:"1"`   // The first one of the page, without a cursor
	ItemsPerPage   int64    `json:"itemsPerPage" example:"1"` // How many the page has
	NextCursor     string   `json:"nextCursor"`               // Where the next page begins, with a cursor
	PreviousCursor string   `json:"previousCursor"`           // Where the page before ends
	Resources      []any    `json:"Resources" swaggertype:"array,object"`
}

// documentAnswer is a document that describes the server.
type documentAnswer struct {
	Schemas []string `json:"schemas"` // What it is
}

// Lists users.
//
//	@Summary	Lists users
//	@Description	Those of the organization, as far as the provider knows them.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	filter	query	string	false	"Such as userName eq 'ann' and active eq true; see docs/spec/scim.md, 6"
//	@Param	sortBy	query	string	false	"Attribute to sort by"
//	@Param	sortOrder	query	string	false	"ascending or descending"
//	@Param	startIndex	query	integer	false	"First resource, from 1 on"
//	@Param	count	query	integer	false	"How many: 100 without it, 1000 at most"
//	@Param	cursor	query	string	false	"Empty for the first page by cursors, then nextCursor"
//	@Param	attributes	query	string	false	"Attributes to show, with commas between them"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	429	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users	[get]
//	@x-apipie	{"method": "index", "paths": ["/scim/v2/organizations/{organization}/Users"]}
func _() {}

// Lists users by a body.
//
//	@Summary	Lists users by a body
//	@Description	Like the list, for filters that should not stand in an address.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	body	body	searchBody	true	"What is asked"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users/.search	[post]
//	@x-apipie	{"method": "search", "paths": ["/scim/v2/organizations/{organization}/Users/.search"]}
func _() {}

// Creates a user.
//
//	@Summary	Creates a user
//	@Description	Whom the provider has switched off or deleted comes back with the same id.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	body	body	userBody	true	"What is to be"
//	@Param	attributes	query	string	false	"Attributes to show, with commas between them"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out"
//	@Success	201	{object}	userBody
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	409	{object}	errorBody
//	@Failure	413	{object}	errorBody
//	@Failure	415	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users	[post]
//	@x-apipie	{"method": "create", "paths": ["/scim/v2/organizations/{organization}/Users"]}
func _() {}

// Shows a user.
//
//	@Summary	Shows a user
//	@Description	The header If-None-Match asks for another version than the one that is known.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	attributes	query	string	false	"Attributes to show, with commas between them"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out"
//	@Success	200	{object}	userBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/scim/v2/organizations/{organization}/Users/{id}"]}
func _() {}

// Replaces a user.
//
//	@Summary	Replaces a user
//	@Description	Attributes that are missing are cleared, but for active and the password.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	If-Match	header	string	false	"The version that is expected"
//	@Param	body	body	userBody	true	"What is to be"
//	@Success	200	{object}	userBody
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	409	{object}	errorBody
//	@Failure	412	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users/{id}	[put]
//	@x-apipie	{"method": "replace", "paths": ["/scim/v2/organizations/{organization}/Users/{id}"]}
func _() {}

// Changes a user.
//
//	@Summary	Changes a user
//	@Description	All operations are made, or none. Large groups are answered with 204.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	If-Match	header	string	false	"The version that is expected"
//	@Param	body	body	patchBody	true	"What to do"
//	@Success	200	{object}	userBody
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	409	{object}	errorBody
//	@Failure	412	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users/{id}	[patch]
//	@x-apipie	{"method": "update", "paths": ["/scim/v2/organizations/{organization}/Users/{id}"]}
func _() {}

// Deletes a user.
//
//	@Summary	Deletes a user
//	@Description	A user can be brought back for 30 days.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	If-Match	header	string	false	"The version that is expected"
//	@Success	204
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	412	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/scim/v2/organizations/{organization}/Users/{id}"]}
func _() {}

// Lists groups.
//
//	@Summary	Lists groups
//	@Description	Those of the organization, as far as the provider knows them.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	filter	query	string	false	"Such as userName eq 'ann' and active eq true; see docs/spec/scim.md, 6"
//	@Param	sortBy	query	string	false	"Attribute to sort by"
//	@Param	sortOrder	query	string	false	"ascending or descending"
//	@Param	startIndex	query	integer	false	"First resource, from 1 on"
//	@Param	count	query	integer	false	"How many: 100 without it, 1000 at most"
//	@Param	cursor	query	string	false	"Empty for the first page by cursors, then nextCursor"
//	@Param	attributes	query	string	false	"Attributes to show, with commas between them"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	429	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups	[get]
//	@x-apipie	{"method": "index", "paths": ["/scim/v2/organizations/{organization}/Groups"]}
func _() {}

// Lists groups by a body.
//
//	@Summary	Lists groups by a body
//	@Description	Like the list, for filters that should not stand in an address.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	body	body	searchBody	true	"What is asked"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups/.search	[post]
//	@x-apipie	{"method": "search", "paths": ["/scim/v2/organizations/{organization}/Groups/.search"]}
func _() {}

// Creates a group.
//
//	@Summary	Creates a group
//	@Description	Members that the organization does not have are left out.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	body	body	groupBody	true	"What is to be"
//	@Param	attributes	query	string	false	"Attributes to show, with commas between them"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out"
//	@Success	201	{object}	groupBody
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	409	{object}	errorBody
//	@Failure	413	{object}	errorBody
//	@Failure	415	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups	[post]
//	@x-apipie	{"method": "create", "paths": ["/scim/v2/organizations/{organization}/Groups"]}
func _() {}

// Shows a group.
//
//	@Summary	Shows a group
//	@Description	The header If-None-Match asks for another version than the one that is known.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	attributes	query	string	false	"Attributes to show, with commas between them"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out"
//	@Success	200	{object}	groupBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/scim/v2/organizations/{organization}/Groups/{id}"]}
func _() {}

// Replaces a group.
//
//	@Summary	Replaces a group
//	@Description	Attributes that are missing are cleared, but for active and the password.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	If-Match	header	string	false	"The version that is expected"
//	@Param	body	body	groupBody	true	"What is to be"
//	@Success	200	{object}	groupBody
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	409	{object}	errorBody
//	@Failure	412	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups/{id}	[put]
//	@x-apipie	{"method": "replace", "paths": ["/scim/v2/organizations/{organization}/Groups/{id}"]}
func _() {}

// Changes a group.
//
//	@Summary	Changes a group
//	@Description	All operations are made, or none. Large groups are answered with 204.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	If-Match	header	string	false	"The version that is expected"
//	@Param	body	body	patchBody	true	"What to do"
//	@Success	200	{object}	groupBody
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	409	{object}	errorBody
//	@Failure	412	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups/{id}	[patch]
//	@x-apipie	{"method": "update", "paths": ["/scim/v2/organizations/{organization}/Groups/{id}"]}
func _() {}

// Deletes a group.
//
//	@Summary	Deletes a group
//	@Description	Its members stay.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	id	path	string	true	"The id"
//	@Param	If-Match	header	string	false	"The version that is expected"
//	@Success	204
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	412	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/scim/v2/organizations/{organization}/Groups/{id}"]}
func _() {}

// Shows the own account.
//
//	@Summary	Shows the own account
//	@Description	For people, by their own tokens or passwords. Tokens of organizations get 501.
//	@Tags	me
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	attributes	query	string	false	"Attributes to show, with commas between them"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out"
//	@Success	200	{object}	userBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	501	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Me	[get]
//	@x-apipie	{"method": "show", "paths": ["/scim/v2/organizations/{organization}/Me"]}
func _() {}

// Changes the own account.
//
//	@Summary	Changes the own account
//	@Description	The name, the mail, the password and the zone.
//	@Tags	me
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	body	body	patchBody	true	"What to do"
//	@Success	200	{object}	userBody
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	501	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Me	[patch]
//	@x-apipie	{"method": "update", "paths": ["/scim/v2/organizations/{organization}/Me"]}
func _() {}

// Lists users and groups by a body.
//
//	@Summary	Lists users and groups by a body
//	@Description	All types of resources in one list.
//	@Tags	searches
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	body	body	searchBody	true	"What is asked"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/.search	[post]
//	@x-apipie	{"method": "search", "paths": ["/scim/v2/organizations/{organization}/.search"]}
func _() {}

// Makes many operations.
//
//	@Summary	Makes many operations
//	@Description	Each is made by itself, those first that others refer to.
//	@Tags	bulk
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Param	body	body	bulkBody	true	"What to do"
//	@Success	200	{object}	documentAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	413	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Bulk	[post]
//	@x-apipie	{"method": "create", "paths": ["/scim/v2/organizations/{organization}/Bulk"]}
func _() {}

// Shows what the server can do.
//
//	@Summary	Shows what the server can do
//	@Description	Strangers may ask.
//	@Tags	discovery
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Success	200	{object}	documentAnswer
//	@Router	/scim/v2/organizations/{organization}/ServiceProviderConfig	[get]
//	@x-apipie	{"method": "config", "paths": ["/scim/v2/organizations/{organization}/ServiceProviderConfig"]}
func _() {}

// Lists the types of resources.
//
//	@Summary	Lists the types of resources
//	@Description	Strangers may ask.
//	@Tags	discovery
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Success	200	{object}	listAnswer
//	@Router	/scim/v2/organizations/{organization}/ResourceTypes	[get]
//	@x-apipie	{"method": "types", "paths": ["/scim/v2/organizations/{organization}/ResourceTypes"]}
func _() {}

// Lists the schemas.
//
//	@Summary	Lists the schemas
//	@Description	Strangers may ask.
//	@Tags	discovery
//	@Param	organization	path	string	true	"Organization, by its number or its slug"
//	@Success	200	{object}	listAnswer
//	@Router	/scim/v2/organizations/{organization}/Schemas	[get]
//	@x-apipie	{"method": "schemas", "paths": ["/scim/v2/organizations/{organization}/Schemas"]}
func _() {}
