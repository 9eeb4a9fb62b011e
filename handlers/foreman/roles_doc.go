package foreman

// roleAttributes are the attributes that may be set.
type roleAttributes struct {
	Name        string `json:"name" validate:"required" example:"Ops"` // Name, unique among roles
	Description string `json:"description"`                            // What the role is for, in words
	// Locations in which its filters hold, by id; the list replaces the one so far, and an empty one clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations in which its filters hold, by id; the list replaces the one so far, and an empty one clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// roleBody is the body of a request.
type roleBody struct {
	Role roleAttributes `json:"role" validate:"required"` // The role
}

// Lists roles.
//
//	@Summary	Lists roles
//	@Description	Sorted by name unless an order is given.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[roleRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/roles	[get]
//	@Router	/api/users/{user_id}/roles	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/roles"]}
func _() {}

// Shows a role.
//
//	@Summary	Shows a role
//	@Description	Lists the filters of the role, which give its permissions.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role" extensions(x-rule=identifier)
//	@Param	description	query	string	false	"What it is for, in words"
//	@Success	200	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/roles/{id}	[get]
//	@Router	/api/users/{user_id}/roles/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/roles/{id}"]}
func _() {}

// Creates a role.
//
//	@Summary	Creates a role
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	roleBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	201	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/roles	[post]
//	@Router	/api/users/{user_id}/roles	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/roles"]}
func _() {}

// Changes a role.
//
//	@Summary	Changes a role
//	@Description	Roles that came with the server, all but the default role, are locked: clone them to change them.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role"
//	@Param	body	body	roleBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	200	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/roles/{id}	[put]
//	@Router	/api/users/{user_id}/roles/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/roles/{id}"]}
func _() {}

// Deletes a role.
//
//	@Summary	Deletes a role
//	@Description	The default role cannot be deleted. Users and groups lose the role, and its filters go with it.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role"
//	@Success	200	{object}	roleDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/roles/{id}	[delete]
//	@Router	/api/users/{user_id}/roles/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/roles/{id}"]}
func _() {}

// Copies a role with its filters.
//
//	@Summary	Copies a role with its filters
//	@Description	The copy has the description, the tenants and the filters of the role, unless they are sent; its name has to be.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role"
//	@Param	body	body	roleBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	201	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/roles/{id}/clone	[post]
//	@x-apipie	{"method": "clone", "paths": ["/api/roles/{id}/clone"]}
func _() {}
