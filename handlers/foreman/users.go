package foreman

// userParents are the parameters that restrict a list of users (docs/spec/foreman.md, 2.10).
var userParents = []string{"auth_source_ldap_id", "auth_source_external_id", "role_id", "location_id",
	"organization_id", "usergroup_id"}

func (api *API) usersIndex(c *call) error {
	q, err := c.listQuery(userParents...)
	if err != nil {
		return err
	}
	l, err := api.dir.Users(c.ctx(), c.p, q)
	return list(c, q, l, err, c.userRow)
}

func (api *API) usersShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.User(c.ctx(), c.p, userRef(c.pathID()), parents...)
	return ok(c, v, err, c.userWhole)
}

func (api *API) usersShowCurrent(c *call) error {
	v, err := api.dir.CurrentUser(c.ctx(), c.p)
	return ok(c, v, err, c.userWhole)
}

func (api *API) usersCreate(c *call) error {
	if _, err := c.parents(); err != nil {
		return err
	}
	change, err := c.userChange()
	if err != nil {
		return err
	}
	v, err := api.dir.CreateUser(c.ctx(), c.p, change)
	return created(c, v, err, c.userWhole)
}

func (api *API) usersUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.userChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateUser(c.ctx(), c.p, userRef(c.pathID()), change, parents...)
	return ok(c, v, err, c.userWhole)
}

func (api *API) usersDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	u, err := api.dir.DeleteUser(c.ctx(), c.p, userRef(c.pathID()), parents...)
	return ok(c, u, err, c.userDump)
}

// userAttributes are the attributes that may be set.
type userAttributes struct {
	// Name to log in with, unique without regard to case; up to 100 letters, digits and _ - @ . \ $ # +
	Login string `json:"login" validate:"required" example:"ann"`
	// First name, up to 50 characters
	Firstname string `json:"firstname" example:"Ann"`
	// Surname, up to 50 characters
	Lastname string `json:"lastname" example:"Smith"`
	// Mail address; clients have to send one, the server asks for it only in changes of users with mail_enabled
	Mail string `json:"mail" validate:"required" example:"ann@example.com"`
	// What is to be known about the user, in words
	Description string `json:"description"`
	// Whether the account is locked: a disabled user is not let in, and nobody can disable themselves
	Disabled bool `json:"disabled"`
	// When the account ends, such as 2026-12-31: nobody gets in from then on, and sessions and tokens end. A date
	// without a time means the end of that day. Empty: never
	ExpiresAt string `json:"expires_at" extensions:"x-rule=DateTime"`
	// Whether the user is an administrator; only administrators can change that
	Admin bool `json:"admin"`
	// Password, required unless the user is in an external auth source; it is never shown
	Password string `json:"password" example:"first secret"`
	// Location that the user starts in, by id: one of the user's own
	DefaultLocationID int64 `json:"default_location_id"`
	// Organization that the user starts in, by id: one of the user's own
	DefaultOrganizationID int64 `json:"default_organization_id"`
	// Auth source that vouches for the user, by id; the internal one keeps passwords here
	AuthSourceID int64 `json:"auth_source_id" validate:"required" example:"1"`
	// User's time zone, in which dates are read and shown
	Timezone string `json:"timezone" extensions:"x-rule=timezones"`
	// User's preferred language
	Locale string `json:"locale" extensions:"x-rule=locales"`
	// Roles of the user, by id; the list replaces the one so far, and an empty one clears it; who is no administrator
	// can give only roles of their own, unless escalate_roles permits more
	RoleIDs []int64 `json:"role_ids"`
	// Whether the user is sent mails
	MailEnabled bool `json:"mail_enabled"`
	// Locations of the user, by id; the list replaces the one so far, and an empty one clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations of the user, by id; the list replaces the one so far, and an empty one clears it
	OrganizationIDs []int64 `json:"organization_ids"`
	// Password so far, required of users who change their own password
	CurrentPassword string `json:"current_password" extensions:"x-only=update"`
	// Whether a new password also revokes the user's personal access tokens; without it they stay when users change
	// their own password, and go when another one changes it
	RevokeTokens bool `json:"revoke_tokens" extensions:"x-only=update"`
	// Mail addresses beyond the first, up to 20; the list replaces the one so far, and an empty one clears it
	FurtherMails []string `json:"further_mails"`
	// Values of custom fields: a list of objects with an id or a name and a value, or an object of values by name; what
	// is not sent stays as it is, and users who cannot edit their account as others do set editable fields only
	CustomFields []customValueAttributes `json:"custom_fields"`
}

// userBody is the body of a request.
type userBody struct {
	User userAttributes `json:"user" validate:"required"` // The user
}

// Lists users.
//
//	@Summary	Lists users
//	@Description	Without an order, users come by first name. total counts all users whom the caller may see, subtotal those who match the search. Under a location or an organization only users who are assigned to it directly are listed; under a role, those who hold it directly; under a user group, its direct members.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	auth_source_ldap_id	query	string	false	"LDAP source, by id"
//	@Param	usergroup_id	query	string	false	"User group, by id"
//	@Param	role_id	query	string	false	"Role, by id"
//	@Param	location_id	query	integer	false	"Current location of the request, by id: it limits which users, roles, auth sources, audits and organizations are listed, and new users and LDAP sources are assigned to it"
//	@Param	organization_id	query	integer	false	"Current organization of the request, by id: it limits which users, roles, auth sources, audits and locations are listed, and new users and LDAP sources are assigned to it"
//	@Param	search	query	string	false	"Condition in the language of searches, such as login ~ ann and not disabled = true"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Description	Everybody may see their own record.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or login of the user"
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
//	@Description	It takes no permission.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	userWhole
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/current_user	[get]
//	@x-apipie	{"method": "show_current", "paths": ["/api/current_user"]}
func _() {}

// Creates a user.
//
//	@Summary	Creates a user
//	@Description	Adds the role 'Default role' to the user by default. Without location_ids or organization_ids, a new user gets the only location or organization there is, and those of the request in any case.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	userBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	Adds the role 'Default role' to the user if it is not already present. Only administrators can change the admin attribute. Everybody may change their own record, but not their roles or auth source, and need current_password for a new password. A new password ends the user's sessions, and so do disabling and another auth source; see revoke_tokens for the personal access tokens.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or login of the user"
//	@Param	body	body	userBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Description	Nobody can delete themselves or the last administrator. Groups, roles and tenants stay.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or login of the user"
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
//	@Description	The answer has no body; the session comes as a cookie.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/users/extlogin	[get]
//	@x-apipie	{"method": "extlogin", "paths": ["/api/users/extlogin"]}
func _() {}
