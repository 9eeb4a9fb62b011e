package foreman

// roleAttributes are the attributes that may be set.
type roleAttributes struct {
	Name            string  `json:"name" validate:"required" example:"Ops"` // Name
	Description     string  `json:"description"`                            // What it is for, in words
	LocationIDs     []int64 `json:"location_ids"`                           // Locations that it belongs to, by id
	OrganizationIDs []int64 `json:"organization_ids"`                       // Organizations that it belongs to, by id
}

// roleBody is the body of a request.
type roleBody struct {
	Role roleAttributes `json:"role" validate:"required"` // The role
}

// Lists roles.
//
//	@Summary	Lists roles
//	@Tags	roles
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
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
//	@Tags	roles
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
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
//	@Security	Basic || Bearer
//	@Param	body	body	roleBody	true	"What is to be"
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
//	@Tags	roles
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Param	body	body	roleBody	true	"What is to be"
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
//	@Tags	roles
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
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
//	@Tags	roles
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Param	body	body	roleBody	true	"What is to be"
//	@Success	201	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/roles/{id}/clone	[post]
//	@x-apipie	{"method": "clone", "paths": ["/api/roles/{id}/clone"]}
func _() {}
