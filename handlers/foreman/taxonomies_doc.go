package foreman

// locationAttributes are the attributes that may be set.
type locationAttributes struct {
	// Name, unique among locations with the same parent
	Name        string `json:"name" validate:"required" example:"Ops"`
	Description string `json:"description"` // What the location is, in words
	// Users who are assigned to it, by id; the list replaces the one so far, and an empty one clears it
	UserIDs []int64 `json:"user_ids"`
	// Location that contains it, by id; null makes it a root
	ParentID int64 `json:"parent_id" extensions:"x-rule=number"`
	// Kinds of records, such as User, all of which belong to it without being assigned; only administrators can add to
	// them
	IgnoreTypes []string `json:"ignore_types"`
	// Organizations that it is linked with, by id; the list replaces the one so far, and an empty one clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// locationBody is the body of a request.
type locationBody struct {
	Location locationAttributes `json:"location" validate:"required"` // The location
}

// Lists locations.
//
//	@Summary	Lists locations
//	@Description	Lists the locations that the caller may see: administrators all, others their own, those to which all users belong, and those inside them.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	show_hidden_parameters	query	boolean	false	"Whether hidden values of parameters are shown, to those who may edit them"
//	@Param	id	path	string	true	"Id of the location, or title such as Europe/Brno" extensions(x-rule=identifier)
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
//	@Description	Whoever creates a location without being an administrator belongs to it.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	locationBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	A new name or parent changes the titles of all locations inside.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the location, or title such as Europe/Brno" extensions(x-rule=identifier)
//	@Param	body	body	locationBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	A location with others inside cannot be deleted. Users stay, and lose it as their default.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the location, or title such as Europe/Brno" extensions(x-rule=identifier)
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
	// Name, unique among organizations with the same parent
	Name        string `json:"name" validate:"required" example:"Ops"`
	Description string `json:"description"` // What the organization is, in words
	// Users who are assigned to it, by id; the list replaces the one so far, and an empty one clears it
	UserIDs []int64 `json:"user_ids"`
	// Organization that contains it, by id; null makes it a root
	ParentID int64 `json:"parent_id" extensions:"x-rule=number"`
	// Kinds of records, such as User, all of which belong to it without being assigned; only administrators can add to
	// them
	IgnoreTypes []string `json:"ignore_types"`
	// Locations that it is linked with, by id; the list replaces the one so far, and an empty one clears it
	LocationIDs []int64 `json:"location_ids"`
}

// organizationBody is the body of a request.
type organizationBody struct {
	Organization organizationAttributes `json:"organization" validate:"required"` // The organization
}

// Lists organizations.
//
//	@Summary	Lists organizations
//	@Description	Lists the organizations that the caller may see: administrators all, others their own, those to which all users belong, and those inside them.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	show_hidden_parameters	query	boolean	false	"Whether hidden values of parameters are shown, to those who may edit them"
//	@Param	id	path	string	true	"Id of the organization, or title such as Acme/Sales" extensions(x-rule=identifier)
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
//	@Description	Whoever creates an organization without being an administrator belongs to it.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	organizationBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	A new name or parent changes the titles of all organizations inside.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the organization, or title such as Acme/Sales" extensions(x-rule=identifier)
//	@Param	body	body	organizationBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	An organization with others inside cannot be deleted. Users stay, and lose it as their default.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the organization, or title such as Acme/Sales" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[delete]
//	@Router	/api/locations/{location_id}/organizations/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{id}"]}
func _() {}
