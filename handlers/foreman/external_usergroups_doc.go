package foreman

// externalUsergroupAttributes are the attributes that may be set.
type externalUsergroupAttributes struct {
	// Name of the group in the auth source
	Name string `json:"name" validate:"required" example:"Ops"`
	// LDAP or external auth source that has the group, by id
	AuthSourceID int64 `json:"auth_source_id" validate:"required" extensions:"x-rule=number" example:"1"`
}

// externalUsergroupBody is the body of a request.
type externalUsergroupBody struct {
	// The external user group
	ExternalUsergroup externalUsergroupAttributes `json:"external_usergroup" validate:"required"`
}

// Lists external user groups.
//
//	@Summary	Lists external user groups
//	@Description	An external user group ties a group of an LDAP or external auth source to a user group, whose members then follow it.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	query	string	true	"User group, by id"
//	@Success	200	{object}	listOf[externalRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups", "/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups"]}
func _() {}

// Shows an external user group.
//
//	@Summary	Shows an external user group
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	query	string	true	"User group, by id"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Success	200	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}", "/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}"]}
func _() {}

// Creates an external user group.
//
//	@Summary	Creates an external user group
//	@Description	The members of the user group are brought up to date at once. A group that an LDAP server does not know is refused.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"User group, by id"
//	@Param	body	body	externalUsergroupBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	201	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups	[post]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups	[post]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups"]}
func _() {}

// Changes an external user group.
//
//	@Summary	Changes an external user group
//	@Description	The members of the user group are brought up to date at once.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"User group, by id"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Param	body	body	externalUsergroupBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	200	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}	[put]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}	[put]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}"]}
func _() {}

// Brings the members up to date with the source.
//
//	@Summary	Brings the members up to date with the source
//	@Description	Asks the auth source who is in the group, and changes the members of the user group accordingly. External sources tell groups at logins only.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"User group, by id"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Success	200	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}/refresh	[put]
//	@x-apipie	{"method": "refresh", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}/refresh"]}
func _() {}

// Deletes an external user group.
//
//	@Summary	Deletes an external user group
//	@Description	The members of the user group are brought up to date at once.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"User group, by id"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Success	200	{object}	externalDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}	[delete]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}"]}
func _() {}
