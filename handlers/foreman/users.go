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
	// Login name, unique in any case of the letters. Up to 100 letters, digits and _ - @ . \ $ # +
	Login string `json:"login" validate:"required" example:"ann"`
	// First name, up to 50 characters
	Firstname string `json:"firstname" example:"Ann"`
	// Surname, up to 50 characters
	Lastname string `json:"lastname" example:"Smith"`
	// Mail address. Optional in the API, but Foreman's clients insist on it; required if mail_enabled is set.
	Mail string `json:"mail" validate:"required" example:"ann@example.com"`
	// Free text about the user
	Description string `json:"description"`
	// Whether the account is disabled. A disabled user cannot log in. You cannot disable your own account
	Disabled bool `json:"disabled"`
	// When the account expires, e.g. 2026-12-31: nobody can log in from then on, sessions end, and tokens are refused.
	// A date without a time means the end of that day. Empty: never
	ExpiresAt string `json:"expires_at" extensions:"x-rule=DateTime"`
	// Whether the password has to be changed before anything else. The user then changes it with current_password;
	// tokens work as before
	MustChangePassword bool `json:"must_change_password"`
	// Whether the user is an administrator. Only administrators can change this
	Admin bool `json:"admin"`
	// Password, required unless the user is in an external auth source. It is never shown
	Password string `json:"password" example:"first secret"`
	// Default location, by id. It must be one of the user's own
	DefaultLocationID int64 `json:"default_location_id"`
	// Default organization, by id. It must be one of the user's own
	DefaultOrganizationID int64 `json:"default_organization_id"`
	// How the user logs in: id of an auth source. 1 (Internal) keeps the password in Roster.
	AuthSourceID int64 `json:"auth_source_id" validate:"required" example:"1"`
	// User's time zone, in which dates are read and shown
	Timezone string `json:"timezone" extensions:"x-rule=timezones"`
	// User's preferred language
	Locale string `json:"locale" extensions:"x-rule=locales"`
	// Roles of the user, by id. Replaces the previous list; an empty list clears it. Non-administrators can assign
	// only roles they hold themselves, unless they have escalate_roles.
	RoleIDs []int64 `json:"role_ids"`
	// Whether the user gets mails
	MailEnabled bool `json:"mail_enabled"`
	// Locations of the user, by id. Replaces the previous list; an empty list clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations of the user, by id. Replaces the previous list; an empty list clears it
	OrganizationIDs []int64 `json:"organization_ids"`
	// Current password, required of users who change their own password
	CurrentPassword string `json:"current_password" extensions:"x-only=update"`
	// Whether a new password also revokes the user's personal access tokens. Default: no if users change their own
	// password, yes if somebody else changes it
	RevokeTokens bool `json:"revoke_tokens" extensions:"x-only=update"`
	// Further mail addresses, up to 20. Replaces the previous list; an empty list clears it
	FurtherMails []string `json:"further_mails"`
	// Values of custom fields: a list of objects with an id or a name and a value, or an object of values by name.
	// Fields that you do not send stay as they are. Users without the permission to edit users can set only editable
	// fields of their own account
	CustomFields []customValueAttributes `json:"custom_fields"`
}

// userBody is the body of a request.
type userBody struct {
	User userAttributes `json:"user" validate:"required"` // The user
}

// Lists users.
//
//	@Summary	List users
//	@Description	Sorted by first name by default. `total`: users you may see. `subtotal`: those matching the search. Below a location or an organization, the list has the users who are assigned to it directly. Below a role, it has those who hold it directly. Below a user group, it has the direct members.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	auth_source_ldap_id	query	string	false	"Id of the LDAP source"
//	@Param	usergroup_id	query	string	false	"Id of the user group"
//	@Param	role_id	query	string	false	"Id of the role"
//	@Param	location_id	query	integer	false	"Work in this location (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with location_ids."
//	@Param	organization_id	query	integer	false	"Work in this organization (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with organization_ids."
//	@Param	search	query	string	false	"Search condition, such as login ~ ann and not disabled = true"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Show a user
//	@Description	You may always see your own account.
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
//	@Summary	Show the current user
//	@Description	No permission is needed.
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
//	@Summary	Create a user
//	@Description	Adds the role 'Default role' to the user by default. If only one organization exists, new users join it automatically (locations likewise). `organization_id`/`location_id` of the request are always added.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	userBody	true	"The new user."
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
//	@Summary	Update a user
//	@Description	Adds the role 'Default role' to the user if it is not already present. Only administrators can change the admin attribute. You may change your own account, but not your roles or your auth source. To change your own password, also send `current_password`. A new password ends the user's sessions. Disabling the user or changing the auth source also ends them. See `revoke_tokens` for personal access tokens.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or login of the user"
//	@Param	body	body	userBody	true	"Fields to change; others stay as they are."
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
//	@Summary	Delete a user
//	@Description	You cannot delete your own account or the last administrator. Groups, roles and tenants stay.
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
//	@Summary	Log in through a trusted proxy and start a session
//	@Description	The answer has no body. It sets a session cookie.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/users/extlogin	[get]
//	@x-apipie	{"method": "extlogin", "paths": ["/api/users/extlogin"]}
func _() {}
