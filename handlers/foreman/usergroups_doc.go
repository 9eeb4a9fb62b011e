package foreman

// usergroupAttributes are the attributes that may be set.
type usergroupAttributes struct {
	// Name, unique among user groups and unlike any login
	Name string `json:"name" validate:"required" example:"Ops"`
	// Whether its members are administrators; only administrators can change that
	Admin bool `json:"admin"`
	// Users who are members, by id; the list replaces the one so far, and an empty one clears it
	UserIDs []int64 `json:"user_ids"`
	// User groups whose members are members of this one, too, by id; the list replaces the one so far, and an empty one
	// clears it
	UsergroupIDs []int64 `json:"usergroup_ids"`
	// Roles that all members have, by id; the list replaces the one so far, and an empty one clears it
	RoleIDs []int64 `json:"role_ids"`
}

// usergroupBody is the body of a request.
type usergroupBody struct {
	Usergroup usergroupAttributes `json:"usergroup" validate:"required"` // The user group
}

// Lists user groups.
//
//	@Summary	Lists user groups
//	@Description	User groups belong to no tenant. Under a user group, its direct members are listed; under a user, the groups with the user as a direct member.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the user group" extensions(x-rule=identifier)
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
//	@Description	Members, also those of groups inside it, have the roles of the group and, with admin, are administrators.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	usergroupBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	Members, also those of groups inside it, have the roles of the group and, with admin, are administrators. A group cannot contain itself, at any depth.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the user group"
//	@Param	body	body	usergroupBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	Members and roles stay. A user group that makes the only administrators cannot be deleted.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the user group"
//	@Success	200	{object}	usergroupDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{id}	[delete]
//	@Router	/api/usergroups/{usergroup_id}/usergroups/{id}	[delete]
//	@Router	/api/users/{user_id}/usergroups/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/usergroups/{id}"]}
func _() {}
