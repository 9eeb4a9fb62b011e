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
	Type    string `json:"type" example:"work"`             // Name of the token
	Primary bool   `json:"primary" example:"true"`          // Whether it is the primary value
}

// userBody is a user. Attributes that are missing here are in /Schemas.
type userBody struct {
	Schemas []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:schemas:core:2.0:User"`
	// Id of the user at the provider. It need not be unique
	ExternalID string `json:"externalId" example:"00u1"`
	// Login name, unique on the server in any case of the letters
	UserName string `json:"userName" validate:"required" example:"ann@example.com"`
	Name     struct {
		GivenName  string `json:"givenName" example:"Ann"`
		FamilyName string `json:"familyName" example:"Smith"`
	} `json:"name"`
	// Name that is shown to others
	DisplayName string `json:"displayName" example:"Ann Smith"`
	// Whether the account is active in the organization
	Active bool        `json:"active" example:"true"`
	Emails []valueBody `json:"emails"`
	// A new password. It is never shown
	Password string `json:"password"`
}

// groupBody is a group.
type groupBody struct {
	Schemas    []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:schemas:core:2.0:Group"`
	ExternalID string   `json:"externalId" example:"g1"` // Id of the group at the provider
	// Name of the group, unique in the organization
	DisplayName string `json:"displayName" validate:"required" example:"Tour Guides"`
	Members     []struct {
		Value string `json:"value" example:"2819c223-7f76-453a-919d-413861904646"` // The id of a user or a group
	} `json:"members"`
}

// patchBody are operations on a resource.
type patchBody struct {
	Schemas    []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:api:messages:2.0:PatchOp"`
	Operations []struct {
		Op    string `json:"op" enums:"add,replace,remove" example:"replace"` // The operation
		Path  string `json:"path" example:"active"`                           // The attribute, with a filter
		Value any    `json:"value" swaggertype:"string" example:"false"`      // The new value
	} `json:"Operations" validate:"required"`
}

// bulkBody are many operations at once.
type bulkBody struct {
	Schemas []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:api:messages:2.0:BulkRequest"`

	FailOnErrors int `json:"failOnErrors" example:"1"` // Errors after which the remaining operations are skipped
	Operations   []struct {
		Method string `json:"method" enums:"POST,PUT,PATCH,DELETE" example:"POST"` // The method
		Path   string `json:"path" example:"/Users"`                               // The path, below the organization
		// Name by which other operations refer to the new resource, as bulkId:NAME
		BulkID  string `json:"bulkId" example:"ann"`
		Version string `json:"version"`                   // The version that you expect
		Data    any    `json:"data" swaggertype:"object"` // The body
	} `json:"Operations" validate:"required"`
}

// searchBody is a list that is asked for in a body.
type searchBody struct {
	Schemas []string `json:"schemas" validate:"required" example:"urn:ietf:params:scim:api:messages:2.0:SearchRequest"`

	Filter     string   `json:"filter" example:"userName sw \"a\""` // The filter
	SortBy     string   `json:"sortBy" example:"userName"`          // The attribute to sort by
	SortOrder  string   `json:"sortOrder" enums:"ascending,descending"`
	StartIndex int64    `json:"startIndex" example:"1"` // First result, from 1
	Count      int64    `json:"count" example:"100"`    // Results on a page, at most 1000
	Cursor     string   `json:"cursor"`                 // Cursor of the page
	Attributes []string `json:"attributes"`             // Attributes to show
	Excluded   []string `json:"excludedAttributes"`     // Attributes to leave out
}

// listAnswer is a list of resources.
type listAnswer struct {
	Schemas        []string `json:"schemas" example:"urn:ietf:params:scim:api:messages:2.0:ListResponse"`
	TotalResults   int64    `json:"totalResults" example:"1"` // Number of results
	StartIndex     int64    `json:"startIndex" example:"1"`   // First result of the page, without a cursor
	ItemsPerPage   int64    `json:"itemsPerPage" example:"1"` // Results on this page
	NextCursor     string   `json:"nextCursor"`               // Cursor of the next page
	PreviousCursor string   `json:"previousCursor"`           // Cursor of the previous page
	Resources      []any    `json:"Resources" swaggertype:"array,object"`
}

// documentAnswer is a document that describes the server.
type documentAnswer struct {
	Schemas []string `json:"schemas"` // What it is
}

// Lists users.
//
//	@Summary	List users
//	@Description	Lists the groups of the organization that the provider knows.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	filter	query	string	false	"For example userName eq 'ann' and active eq true. See docs/spec/scim.md, 6"
//	@Param	sortBy	query	string	false	"Attribute to sort by"
//	@Param	sortOrder	query	string	false	"ascending or descending"
//	@Param	startIndex	query	integer	false	"First result, from 1"
//	@Param	count	query	integer	false	"Results on a page. Default: 100. Maximum: 1000"
//	@Param	cursor	query	string	false	"Empty for the first page, then the nextCursor of the page before"
//	@Param	attributes	query	string	false	"Attributes to show, separated by commas"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out, separated by commas"
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
//	@Summary	Search users
//	@Description	Like the list, with the filter in the body rather than in the address.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	body	body	searchBody	true	"The search"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users/.search	[post]
//	@x-apipie	{"method": "search", "paths": ["/scim/v2/organizations/{organization}/Users/.search"]}
func _() {}

// Creates a user.
//
//	@Summary	Create a user
//	@Description	A user whom the provider has disabled or deleted returns with the same id.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	body	body	userBody	true	"The user"
//	@Param	attributes	query	string	false	"Attributes to show, separated by commas"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out, separated by commas"
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
//	@Summary	Show a user
//	@Description	Send If-None-Match with a known version to get 304 if it is still current.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	attributes	query	string	false	"Attributes to show, separated by commas"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out, separated by commas"
//	@Success	200	{object}	userBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Users/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/scim/v2/organizations/{organization}/Users/{id}"]}
func _() {}

// Replaces a user.
//
//	@Summary	Replace a user
//	@Description	Attributes that you do not send are cleared, except active and the password.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	If-Match	header	string	false	"The version that you expect"
//	@Param	body	body	userBody	true	"The user"
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
//	@Summary	Update a user
//	@Description	Either all operations succeed or none is applied. For a large group the answer is 204 without a body.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	If-Match	header	string	false	"The version that you expect"
//	@Param	body	body	patchBody	true	"The operations"
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
//	@Summary	Delete a user
//	@Description	A deleted user can be restored for 30 days.
//	@Tags	users
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	If-Match	header	string	false	"The version that you expect"
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
//	@Summary	List groups
//	@Description	Lists the groups of the organization that the provider knows.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	filter	query	string	false	"For example userName eq 'ann' and active eq true. See docs/spec/scim.md, 6"
//	@Param	sortBy	query	string	false	"Attribute to sort by"
//	@Param	sortOrder	query	string	false	"ascending or descending"
//	@Param	startIndex	query	integer	false	"First result, from 1"
//	@Param	count	query	integer	false	"Results on a page. Default: 100. Maximum: 1000"
//	@Param	cursor	query	string	false	"Empty for the first page, then the nextCursor of the page before"
//	@Param	attributes	query	string	false	"Attributes to show, separated by commas"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out, separated by commas"
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
//	@Summary	Search groups
//	@Description	Like the list, with the filter in the body rather than in the address.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	body	body	searchBody	true	"The search"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups/.search	[post]
//	@x-apipie	{"method": "search", "paths": ["/scim/v2/organizations/{organization}/Groups/.search"]}
func _() {}

// Creates a group.
//
//	@Summary	Create a group
//	@Description	Members who are not in the organization are ignored.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	body	body	groupBody	true	"The group"
//	@Param	attributes	query	string	false	"Attributes to show, separated by commas"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out, separated by commas"
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
//	@Summary	Show a group
//	@Description	Send If-None-Match with a known version to get 304 if it is still current.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	attributes	query	string	false	"Attributes to show, separated by commas"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out, separated by commas"
//	@Success	200	{object}	groupBody
//	@Failure	401	{object}	errorBody
//	@Failure	403	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Groups/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/scim/v2/organizations/{organization}/Groups/{id}"]}
func _() {}

// Replaces a group.
//
//	@Summary	Replace a group
//	@Description	Attributes that you do not send are cleared, except active and the password.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	If-Match	header	string	false	"The version that you expect"
//	@Param	body	body	groupBody	true	"The group"
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
//	@Summary	Update a group
//	@Description	Either all operations succeed or none is applied. For a large group the answer is 204 without a body.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	If-Match	header	string	false	"The version that you expect"
//	@Param	body	body	patchBody	true	"The operations"
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
//	@Summary	Delete a group
//	@Description	Its members stay.
//	@Tags	groups
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	id	path	string	true	"Id"
//	@Param	If-Match	header	string	false	"The version that you expect"
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
//	@Summary	Show your account
//	@Description	For people with their own token or password. With a token of an organization the answer is 501.
//	@Tags	me
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	attributes	query	string	false	"Attributes to show, separated by commas"
//	@Param	excludedAttributes	query	string	false	"Attributes to leave out, separated by commas"
//	@Success	200	{object}	userBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Failure	501	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/Me	[get]
//	@x-apipie	{"method": "show", "paths": ["/scim/v2/organizations/{organization}/Me"]}
func _() {}

// Changes the own account.
//
//	@Summary	Update your account
//	@Description	Updates names, mail address, password and time zone.
//	@Tags	me
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	body	body	patchBody	true	"The operations"
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
//	@Summary	Search users and groups
//	@Description	Lists users and groups together.
//	@Tags	searches
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	body	body	searchBody	true	"The search"
//	@Success	200	{object}	listAnswer
//	@Failure	400	{object}	errorBody
//	@Failure	401	{object}	errorBody
//	@Failure	404	{object}	errorBody
//	@Router	/scim/v2/organizations/{organization}/.search	[post]
//	@x-apipie	{"method": "search", "paths": ["/scim/v2/organizations/{organization}/.search"]}
func _() {}

// Makes many operations.
//
//	@Summary	Run several operations
//	@Description	Each operation runs on its own. Operations that others refer to run first.
//	@Tags	bulk
//	@Security	Bearer
//	@Security	Basic
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Param	body	body	bulkBody	true	"The operations"
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
//	@Summary	Show what the server can do
//	@Description	No login is needed.
//	@Tags	discovery
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Success	200	{object}	documentAnswer
//	@Router	/scim/v2/organizations/{organization}/ServiceProviderConfig	[get]
//	@x-apipie	{"method": "config", "paths": ["/scim/v2/organizations/{organization}/ServiceProviderConfig"]}
func _() {}

// Lists the types of resources.
//
//	@Summary	List the types of resources
//	@Description	No login is needed.
//	@Tags	discovery
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Success	200	{object}	listAnswer
//	@Router	/scim/v2/organizations/{organization}/ResourceTypes	[get]
//	@x-apipie	{"method": "types", "paths": ["/scim/v2/organizations/{organization}/ResourceTypes"]}
func _() {}

// Lists the schemas.
//
//	@Summary	List the schemas
//	@Description	No login is needed.
//	@Tags	discovery
//	@Param	organization	path	string	true	"Id or slug of the organization"
//	@Success	200	{object}	listAnswer
//	@Router	/scim/v2/organizations/{organization}/Schemas	[get]
//	@x-apipie	{"method": "schemas", "paths": ["/scim/v2/organizations/{organization}/Schemas"]}
func _() {}
