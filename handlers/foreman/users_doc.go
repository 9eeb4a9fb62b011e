package foreman

// userAttributes are the attributes that may be set.
type userAttributes struct {
	Login                 string  `json:"login" validate:"required" example:"ann"`            // Name to log in with
	Firstname             string  `json:"firstname" example:"Ann"`                            // First name
	Lastname              string  `json:"lastname" example:"Smith"`                           // Surname
	Mail                  string  `json:"mail" validate:"required" example:"ann@example.com"` // Mail address
	Description           string  `json:"description"`                                        // What it is for, in words
	Disabled              bool    `json:"disabled"`                                           // Whether the account is locked
	Admin                 bool    `json:"admin"`                                              // Whether it makes administrators
	Password              string  `json:"password" example:"first secret"`                    // New password, for accounts of the internal source
	DefaultLocationID     int64   `json:"default_location_id"`                                // Location that the user starts in
	DefaultOrganizationID int64   `json:"default_organization_id"`                            // Organization that the user starts in
	AuthSourceID          int64   `json:"auth_source_id" validate:"required" example:"1"`     // Where the identity comes from, by id
	Timezone              string  `json:"timezone" extensions:"x-rule=timezones"`             // Time zone in which dates are read and shown
	Locale                string  `json:"locale" extensions:"x-rule=locales"`                 // Language
	RoleIDs               []int64 `json:"role_ids"`                                           // Roles given to it, by id
	MailEnabled           bool    `json:"mail_enabled"`                                       // Whether the user wants mails
	LocationIDs           []int64 `json:"location_ids"`                                       // Locations that it belongs to, by id
	OrganizationIDs       []int64 `json:"organization_ids"`                                   // Organizations that it belongs to, by id
	CurrentPassword       string  `json:"current_password" extensions:"x-only=update"`        // Password so far, needed to change the own one
}

// userBody is the body of a request.
type userBody struct {
	User userAttributes `json:"user" validate:"required"` // The user
}

// Lists users.
//
//	@Summary	Lists users
//	@Tags	users
//	@Security	Basic || Bearer
//	@Param	auth_source_ldap_id	query	string	false	"LDAP source, by id"
//	@Param	usergroup_id	query	string	false	"User group, by id"
//	@Param	role_id	query	string	false	"Role, by id"
//	@Param	location_id	query	integer	false	"Location in whose name the request is made, by id"
//	@Param	organization_id	query	integer	false	"Organization in whose name the request is made, by id"
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[userRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/users	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/users	[get]
//	@Router	/api/usergroups/{usergroup_id}/users	[get]
//	@Router	/api/roles/{role_id}/users	[get]
//	@Router	/api/locations/{location_id}/users	[get]
//	@Router	/api/organizations/{organization_id}/users	[get]
//	@Router	/api/auth_source_internals/{auth_source_internal_id}/users	[get]
//	@Router	/api/locations/{location_id}/organizations/{organization_id}/users	[get]
//	@Router	/api/organizations/{organization_id}/locations/{location_id}/users	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/users", "/api/auth_source_ldaps/{auth_source_ldap_id}/users", "/api/auth_source_externals/{auth_source_external_id}/users", "/api/usergroups/{usergroup_id}/users", "/api/roles/{role_id}/users", "/api/locations/{location_id}/users", "/api/organizations/{organization_id}/users"]}
func _() {}

// Shows a user.
//
//	@Summary	Shows a user
//	@Tags	users
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Success	200	{object}	userWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{id}	[get]
//	@Router	/api/usergroups/{usergroup_id}/users/{id}	[get]
//	@Router	/api/roles/{role_id}/users/{id}	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/users/{id}	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/users/{id}	[get]
//	@Router	/api/auth_source_internals/{auth_source_internal_id}/users/{id}	[get]
//	@Router	/api/locations/{location_id}/users/{id}	[get]
//	@Router	/api/organizations/{organization_id}/users/{id}	[get]
//	@Router	/api/locations/{location_id}/organizations/{organization_id}/users/{id}	[get]
//	@Router	/api/organizations/{organization_id}/locations/{location_id}/users/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/users/{id}"]}
func _() {}

// Shows the user who asks.
//
//	@Summary	Shows the user who asks
//	@Tags	users
//	@Security	Basic || Bearer
//	@Success	200	{object}	userWhole
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/current_user	[get]
//	@x-apipie	{"method": "show_current", "paths": ["/api/current_user"]}
func _() {}

// Creates a user.
//
//	@Summary	Creates a user
//	@Tags	users
//	@Security	Basic || Bearer
//	@Param	body	body	userBody	true	"What is to be"
//	@Success	201	{object}	userWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users	[post]
//	@Router	/api/usergroups/{usergroup_id}/users	[post]
//	@Router	/api/roles/{role_id}/users	[post]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/users	[post]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/users	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/users"]}
func _() {}

// Changes a user.
//
//	@Summary	Changes a user
//	@Tags	users
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Param	body	body	userBody	true	"What is to be"
//	@Success	200	{object}	userWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{id}	[put]
//	@Router	/api/usergroups/{usergroup_id}/users/{id}	[put]
//	@Router	/api/roles/{role_id}/users/{id}	[put]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/users/{id}	[put]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/users/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/users/{id}"]}
func _() {}

// Deletes a user.
//
//	@Summary	Deletes a user
//	@Tags	users
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Success	200	{object}	userDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{id}	[delete]
//	@Router	/api/usergroups/{usergroup_id}/users/{id}	[delete]
//	@Router	/api/roles/{role_id}/users/{id}	[delete]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/users/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/users/{id}"]}
func _() {}

// Logs in by what a trusted proxy says, and starts a session.
//
//	@Summary	Logs in by what a trusted proxy says, and starts a session
//	@Tags	users
//	@Security	Basic || Bearer
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/users/extlogin	[get]
//	@x-apipie	{"method": "extlogin", "paths": ["/api/users/extlogin"]}
func _() {}
