package foreman

// filterAttributes are the attributes that may be set.
type filterAttributes struct {
	RoleID string `json:"role_id" validate:"required"` // Role that the filter belongs to, by id
	// Condition that records have to meet, in the language of searches; without one the filter is unlimited
	Search string `json:"search"`
	// Whether the filter has locations and organizations of its own instead of those of the role
	Override bool `json:"override"`
	// Permissions that the filter gives, all about one kind of record, by id; the list replaces the one so far, and an
	// empty one clears it
	PermissionIDs []int64 `json:"permission_ids"`
	// Organizations in which an overriding filter holds, by id; the list replaces the one so far, and an empty one
	// clears it
	OrganizationIDs []int64 `json:"organization_ids"`
	// Locations in which an overriding filter holds, by id; the list replaces the one so far, and an empty one clears
	// it
	LocationIDs []int64 `json:"location_ids"`
}

// filterBody is the body of a request.
type filterBody struct {
	Filter filterAttributes `json:"filter" validate:"required"` // The filter
}

// Lists filters.
//
//	@Summary	Lists filters
//	@Description	A filter gives the permissions of a role for the records that meet its search.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[filterRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/filters	[get]
//	@Router	/api/roles/{role_id}/filters	[get]
//	@Router	/api/locations/{location_id}/filters	[get]
//	@Router	/api/organizations/{organization_id}/filters	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/filters"]}
func _() {}

// Shows a filter.
//
//	@Summary	Shows a filter
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the filter" extensions(x-rule=identifier)
//	@Success	200	{object}	filterWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/filters/{id}	[get]
//	@Router	/api/roles/{role_id}/filters/{id}	[get]
//	@Router	/api/locations/{location_id}/filters/{id}	[get]
//	@Router	/api/organizations/{organization_id}/filters/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/filters/{id}"]}
func _() {}

// Creates a filter.
//
//	@Summary	Creates a filter
//	@Description	All permissions have to be about one kind of record. Without override the filter holds in the locations and organizations of the role.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	filterBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	201	{object}	filterWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/filters	[post]
//	@Router	/api/roles/{role_id}/filters	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/filters"]}
func _() {}

// Changes a filter.
//
//	@Summary	Changes a filter
//	@Description	All permissions have to be about one kind of record. Filters of locked roles cannot be changed.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the filter"
//	@Param	body	body	filterBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	200	{object}	filterWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/filters/{id}	[put]
//	@Router	/api/roles/{role_id}/filters/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/filters/{id}"]}
func _() {}

// Deletes a filter.
//
//	@Summary	Deletes a filter
//	@Description	Filters of locked roles cannot be deleted.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the filter"
//	@Success	200	{object}	filterDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/filters/{id}	[delete]
//	@Router	/api/roles/{role_id}/filters/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/filters/{id}"]}
func _() {}

// Lists permissions.
//
//	@Summary	Lists permissions
//	@Description	The permissions are fixed.
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[permissionRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/permissions	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/permissions"]}
func _() {}

// Shows a permission.
//
//	@Summary	Shows a permission
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the permission" extensions(x-rule=identifier)
//	@Success	200	{object}	permissionRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/permissions/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/permissions/{id}"]}
func _() {}

// Lists the kinds of records that permissions are about.
//
//	@Summary	Lists the kinds of records that permissions are about
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	listOf[resourceType]
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/permissions/resource_types	[get]
//	@x-apipie	{"method": "resource_types", "paths": ["/api/permissions/resource_types"]}
func _() {}

// Lists what the user who asks may do.
//
//	@Summary	Lists what the user who asks may do
//	@Description	It takes no permission.
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	map[string]interface{}
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/permissions/current_permissions	[get]
//	@x-apipie	{"method": "current_permissions", "paths": ["/api/permissions/current_permissions"]}
func _() {}
