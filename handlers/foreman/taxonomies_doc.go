package foreman

// locationAttributes are the attributes that may be set.
type locationAttributes struct {
	Name            string   `json:"name" validate:"required" example:"Ops"` // Name
	Description     string   `json:"description"`                            // What it is for, in words
	UserIDs         []int64  `json:"user_ids"`                               // Users in it, by id
	ParentID        int64    `json:"parent_id" extensions:"x-rule=number"`   // What contains it, by id
	IgnoreTypes     []string `json:"ignore_types"`                           // Kinds of records that belong to it without being assigned
	OrganizationIDs []int64  `json:"organization_ids"`                       // Organizations that it belongs to, by id
}

// locationBody is the body of a request.
type locationBody struct {
	Location locationAttributes `json:"location" validate:"required"` // The location
}

// Lists locations.
//
//	@Summary	Lists locations
//	@Tags	locations
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[taxonomyRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/locations	[get]
//	@Router	/api/organizations/{organization_id}/locations	[get]
//	@Router	/api/users/{user_id}/locations	[get]
//	@Router	/api/filters/{filter_id}/locations	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/locations	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/locations	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/locations	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/locations"]}
func _() {}

// Shows a location.
//
//	@Summary	Shows a location
//	@Tags	locations
//	@Security	Basic || Bearer
//	@Param	show_hidden_parameters	query	boolean	false	"Accepted and without effect: there are no hidden parameters"
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{id}	[get]
//	@Router	/api/organizations/{organization_id}/locations/{id}	[get]
//	@Router	/api/users/{user_id}/locations/{id}	[get]
//	@Router	/api/filters/{filter_id}/locations/{id}	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/locations/{id}	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/locations/{id}	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/locations/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/locations/{id}"]}
func _() {}

// Creates a location.
//
//	@Summary	Creates a location
//	@Tags	locations
//	@Security	Basic || Bearer
//	@Param	body	body	locationBody	true	"What is to be"
//	@Success	201	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations	[post]
//	@Router	/api/organizations/{organization_id}/locations	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/locations"]}
func _() {}

// Changes a location.
//
//	@Summary	Changes a location
//	@Tags	locations
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Param	body	body	locationBody	true	"What is to be"
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations/{id}	[put]
//	@Router	/api/organizations/{organization_id}/locations/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/locations/{id}"]}
func _() {}

// Deletes a location.
//
//	@Summary	Deletes a location
//	@Tags	locations
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{id}	[delete]
//	@Router	/api/organizations/{organization_id}/locations/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/locations/{id}"]}
func _() {}

// organizationAttributes are the attributes that may be set.
type organizationAttributes struct {
	Name        string   `json:"name" validate:"required" example:"Ops"` // Name
	Description string   `json:"description"`                            // What it is for, in words
	UserIDs     []int64  `json:"user_ids"`                               // Users in it, by id
	ParentID    int64    `json:"parent_id" extensions:"x-rule=number"`   // What contains it, by id
	IgnoreTypes []string `json:"ignore_types"`                           // Kinds of records that belong to it without being assigned
	LocationIDs []int64  `json:"location_ids"`                           // Locations that it belongs to, by id
}

// organizationBody is the body of a request.
type organizationBody struct {
	Organization organizationAttributes `json:"organization" validate:"required"` // The organization
}

// Lists organizations.
//
//	@Summary	Lists organizations
//	@Tags	organizations
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[taxonomyRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/organizations	[get]
//	@Router	/api/locations/{location_id}/organizations	[get]
//	@Router	/api/users/{user_id}/organizations	[get]
//	@Router	/api/filters/{filter_id}/organizations	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/organizations	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/organizations	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/organizations	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/organizations"]}
func _() {}

// Shows an organization.
//
//	@Summary	Shows an organization
//	@Tags	organizations
//	@Security	Basic || Bearer
//	@Param	show_hidden_parameters	query	boolean	false	"Accepted and without effect: there are no hidden parameters"
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[get]
//	@Router	/api/locations/{location_id}/organizations/{id}	[get]
//	@Router	/api/users/{user_id}/organizations/{id}	[get]
//	@Router	/api/filters/{filter_id}/organizations/{id}	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/organizations/{id}	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/organizations/{id}	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/organizations/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/organizations/{id}"]}
func _() {}

// Creates an organization.
//
//	@Summary	Creates an organization
//	@Tags	organizations
//	@Security	Basic || Bearer
//	@Param	body	body	organizationBody	true	"What is to be"
//	@Success	201	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations	[post]
//	@Router	/api/locations/{location_id}/organizations	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/organizations"]}
func _() {}

// Changes an organization.
//
//	@Summary	Changes an organization
//	@Tags	organizations
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Param	body	body	organizationBody	true	"What is to be"
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations/{id}	[put]
//	@Router	/api/locations/{location_id}/organizations/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/organizations/{id}"]}
func _() {}

// Deletes an organization.
//
//	@Summary	Deletes an organization
//	@Tags	organizations
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[delete]
//	@Router	/api/locations/{location_id}/organizations/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{id}"]}
func _() {}
