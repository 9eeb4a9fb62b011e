package foreman

// filterAttributes are the attributes that may be set.
type filterAttributes struct {
	RoleID          string  `json:"role_id" validate:"required"` // Role, by id
	Search          string  `json:"search"`                      // Condition in the language of searches
	Override        bool    `json:"override"`                    // Whether the filter has tenants of its own, not those of the role
	PermissionIDs   []int64 `json:"permission_ids"`              // Permissions that the filter gives, by id
	OrganizationIDs []int64 `json:"organization_ids"`            // Organizations that it belongs to, by id
	LocationIDs     []int64 `json:"location_ids"`                // Locations that it belongs to, by id
}

// filterBody is the body of a request.
type filterBody struct {
	Filter filterAttributes `json:"filter" validate:"required"` // The filter
}

// Lists filters.
//
//	@Summary	Lists filters
//	@Tags	filters
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
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
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
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
//	@Tags	filters
//	@Security	Basic || Bearer
//	@Param	body	body	filterBody	true	"What is to be"
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
//	@Tags	filters
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Param	body	body	filterBody	true	"What is to be"
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
//	@Tags	filters
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
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
//	@Tags	permissions
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
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
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
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
//	@Security	Basic || Bearer
//	@Success	200	{object}	listOf[resourceType]
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/permissions/resource_types	[get]
//	@x-apipie	{"method": "resource_types", "paths": ["/api/permissions/resource_types"]}
func _() {}

// Lists what the user who asks may do.
//
//	@Summary	Lists what the user who asks may do
//	@Tags	permissions
//	@Security	Basic || Bearer
//	@Success	200	{object}	map[string]interface{}
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/permissions/current_permissions	[get]
//	@x-apipie	{"method": "current_permissions", "paths": ["/api/permissions/current_permissions"]}
func _() {}
