package foreman

// usergroupAttributes are the attributes that may be set.
type usergroupAttributes struct {
	Name         string  `json:"name" validate:"required" example:"Ops"` // Name
	Admin        bool    `json:"admin"`                                  // Whether it makes administrators
	UserIDs      []int64 `json:"user_ids"`                               // Users in it, by id
	UsergroupIDs []int64 `json:"usergroup_ids"`                          // Groups inside the group, by id
	RoleIDs      []int64 `json:"role_ids"`                               // Roles given to it, by id
}

// usergroupBody is the body of a request.
type usergroupBody struct {
	Usergroup usergroupAttributes `json:"usergroup" validate:"required"` // The user group
}

// Lists user groups.
//
//	@Summary	Lists user groups
//	@Tags	usergroups
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[usergroupRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/usergroups	[get]
//	@Router	/api/usergroups/{usergroup_id}/usergroups	[get]
//	@Router	/api/users/{user_id}/usergroups	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/usergroups"]}
func _() {}

// Shows a user group.
//
//	@Summary	Shows a user group
//	@Tags	usergroups
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	usergroupWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{id}	[get]
//	@Router	/api/usergroups/{usergroup_id}/usergroups/{id}	[get]
//	@Router	/api/users/{user_id}/usergroups/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/usergroups/{id}"]}
func _() {}

// Creates a user group.
//
//	@Summary	Creates a user group
//	@Tags	usergroups
//	@Security	Basic || Bearer
//	@Param	body	body	usergroupBody	true	"What is to be"
//	@Success	201	{object}	usergroupWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups	[post]
//	@Router	/api/usergroups/{usergroup_id}/usergroups	[post]
//	@Router	/api/users/{user_id}/usergroups	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/usergroups"]}
func _() {}

// Changes a user group.
//
//	@Summary	Changes a user group
//	@Tags	usergroups
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Param	body	body	usergroupBody	true	"What is to be"
//	@Success	200	{object}	usergroupWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{id}	[put]
//	@Router	/api/usergroups/{usergroup_id}/usergroups/{id}	[put]
//	@Router	/api/users/{user_id}/usergroups/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/usergroups/{id}"]}
func _() {}

// Deletes a user group.
//
//	@Summary	Deletes a user group
//	@Tags	usergroups
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Success	200	{object}	usergroupDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{id}	[delete]
//	@Router	/api/usergroups/{usergroup_id}/usergroups/{id}	[delete]
//	@Router	/api/users/{user_id}/usergroups/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/usergroups/{id}"]}
func _() {}
