package foreman

// mailNotificationBody is the body of a request.
type mailNotificationBody struct {
	MailNotificationID int64  `json:"mail_notification_id" validate:"required"` // Id of the mail notification
	Interval           string `json:"interval" example:"Daily"`                 // Frequency: Daily, Weekly or Monthly
	// Subscribe or Unsubscribe, for notifications without an interval
	Subscription string `json:"subscription"`
	MailQuery    string `json:"mail_query"` // Search for the records in the report
}

// mailNotificationUpdateBody is the body of a request.
type mailNotificationUpdateBody struct {
	Interval string `json:"interval" example:"Daily"` // Frequency: Daily, Weekly or Monthly
	// Subscribe or Unsubscribe, for notifications without an interval
	Subscription string `json:"subscription"`
	MailQuery    string `json:"mail_query"` // Search for the records in the report
}

// Lists kinds of mail notifications.
//
//	@Summary	List types of mail notifications
//	@Description	Lists the mail notifications that users can subscribe to.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[mailRef]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/mail_notifications	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/mail_notifications"]}
func _() {}

// Shows a mail notification.
//
//	@Summary	Show a mail notification
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the mail notification" extensions(x-rule=identifier)
//	@Success	200	{object}	mailRef
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/mail_notifications/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/mail_notifications/{id}"]}
func _() {}

// Subscribes a user to a mail notification.
//
//	@Summary	Subscribe a user to a mail notification
//	@Description	Takes an interval or a subscription, depending on the notification. For the user and for administrators.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	body	body	mailNotificationBody	true	"The new subscription."
//	@Success	200	{object}	subscriptionRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{user_id}/mail_notifications	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/users/{user_id}/mail_notifications"]}
func _() {}

// Changes a subscription.
//
//	@Summary	Update a subscription
//	@Description	For the user and for administrators.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	mail_notification_id	path	integer	true	"Id of the mail notification"
//	@Param	body	body	mailNotificationUpdateBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	subscriptionRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{user_id}/mail_notifications/{mail_notification_id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/users/{user_id}/mail_notifications/{mail_notification_id}"]}
func _() {}

// Ends a subscription.
//
//	@Summary	Delete a subscription
//	@Description	For the user and for administrators.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	mail_notification_id	path	integer	true	"Id of the mail notification"
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/mail_notifications/{mail_notification_id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/users/{user_id}/mail_notifications/{mail_notification_id}"]}
func _() {}

// Lists the subscriptions of a user.
//
//	@Summary	List the subscriptions of a user
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Success	200	{array}	subscriptionRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/mail_notifications	[get]
//	@x-apipie	{"method": "user_mail_notifications", "paths": ["/api/users/{user_id}/mail_notifications"]}
func _() {}

// personalAccessTokenAttributes are the attributes that may be set.
type personalAccessTokenAttributes struct {
	Name string `json:"name" validate:"required" example:"Ops"` // Name, unique among the user's tokens
	// When the token expires, e.g. 2030-01-01T00:00:00Z. Without an offset, the time is in your time zone. Without a
	// value, the token does not expire.
	ExpiresAt string `json:"expires_at" extensions:"x-rule=DateTime"`
}

// personalAccessTokenBody is the body of a request.
type personalAccessTokenBody struct {
	// The personal access token
	PersonalAccessToken personalAccessTokenAttributes `json:"personal_access_token" validate:"required"`
}

// Lists personal access tokens of a user.
//
//	@Summary	List personal access tokens of a user
//	@Description	The list also has expired and revoked tokens. You may always do this for your own account. For other users you need the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[tokenRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/personal_access_tokens	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/users/{user_id}/personal_access_tokens"]}
func _() {}

// Shows a personal access token.
//
//	@Summary	Show a personal access token
//	@Description	You may always do this for your own account. For other users you need the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token" extensions(x-rule=identifier)
//	@Param	user_id	path	string	true	"Id of the user"
//	@Success	200	{object}	tokenRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/personal_access_tokens/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/users/{user_id}/personal_access_tokens/{id}"]}
func _() {}

// Creates a personal access token; its secret is shown this once.
//
//	@Summary	Create a personal access token
//	@Description	The secret is shown only in this answer, as `token_value`. Use it in place of the password or as a bearer token. You may always do this for your own account. For other users you need the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	body	body	personalAccessTokenBody	true	"The new token."
//	@Success	201	{object}	tokenCreated
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{user_id}/personal_access_tokens	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/users/{user_id}/personal_access_tokens"]}
func _() {}

// Revokes a personal access token.
//
//	@Summary	Revoke a personal access token
//	@Description	The token stops working immediately, and its sessions end. Its record stays. You may always do this for your own account. For other users you need the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token"
//	@Param	user_id	path	string	true	"Id of the user"
//	@Success	200	{object}	tokenDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/personal_access_tokens/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/users/{user_id}/personal_access_tokens/{id}"]}
func _() {}

// sshKeyAttributes are the attributes that may be set.
type sshKeyAttributes struct {
	Name string `json:"name" validate:"required" example:"Ops"` // Name of the key
	Key  string `json:"key" validate:"required"`                // Public key in OpenSSH's format, on one line
}

// sshKeyBody is the body of a request.
type sshKeyBody struct {
	SSHKey sshKeyAttributes `json:"ssh_key" validate:"required"` // The SSH key
}

// Lists SSH keys of a user.
//
//	@Summary	List SSH keys of a user
//	@Description	You may always do this for your own account. For other users you need the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[sshKeyRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/ssh_keys	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/users/{user_id}/ssh_keys"]}
func _() {}

// Shows an SSH key.
//
//	@Summary	Show an SSH key
//	@Description	You may always do this for your own account. For other users you need the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the key" extensions(x-rule=identifier)
//	@Param	user_id	path	string	true	"Id of the user"
//	@Success	200	{object}	sshKeyRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/ssh_keys/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/users/{user_id}/ssh_keys/{id}"]}
func _() {}

// Creates an SSH key.
//
//	@Summary	Create an SSH key
//	@Description	The server computes the fingerprint and the length. You may always do this for your own account. For other users you need the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	body	body	sshKeyBody	true	"The new key."
//	@Success	201	{object}	sshKeyRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{user_id}/ssh_keys	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/users/{user_id}/ssh_keys"]}
func _() {}

// Deletes an SSH key.
//
//	@Summary	Delete an SSH key
//	@Description	You may always do this for your own account. For other users you need the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the key"
//	@Param	user_id	path	string	true	"Id of the user"
//	@Success	200	{object}	sshKeyDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/ssh_keys/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/users/{user_id}/ssh_keys/{id}"]}
func _() {}

// tablePreferenceBody is the body of a request.
type tablePreferenceBody struct {
	Name    string   `json:"name" validate:"required" example:"Ops"` // Name
	Columns []string `json:"columns" validate:"required"`            // Columns of the table, in order
}

// tablePreferenceUpdateBody is the body of a request.
type tablePreferenceUpdateBody struct {
	Columns []string `json:"columns" validate:"required"` // Columns of the table, in order
}

// Lists table preferences of a user.
//
//	@Summary	List table preferences of a user
//	@Description	You see only your own.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[preferenceRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/table_preferences	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/users/{user_id}/table_preferences"]}
func _() {}

// Shows a table preference.
//
//	@Summary	Show a table preference
//	@Description	You see only your own.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	name	path	string	true	"Name"
//	@Success	200	{object}	preferenceRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/table_preferences/{name}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/users/{user_id}/table_preferences/{name}"]}
func _() {}

// Creates a table preference.
//
//	@Summary	Create a table preference
//	@Description	You can change only your own.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	body	body	tablePreferenceBody	true	"The new preference."
//	@Success	201	{object}	preferenceRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{user_id}/table_preferences	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/users/{user_id}/table_preferences"]}
func _() {}

// Changes a table preference.
//
//	@Summary	Update a table preference
//	@Description	You can change only your own.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	name	path	string	true	"Name"
//	@Param	body	body	tablePreferenceUpdateBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	preferenceRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{user_id}/table_preferences/{name}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/users/{user_id}/table_preferences/{name}"]}
func _() {}

// Deletes a table preference.
//
//	@Summary	Delete a table preference
//	@Description	You can change only your own.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	name	path	string	true	"Name"
//	@Success	200	{object}	preferenceRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/table_preferences/{name}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/users/{user_id}/table_preferences/{name}"]}
func _() {}

// scimTokenAttributes are the attributes that may be set.
type scimTokenAttributes struct {
	Name string `json:"name" validate:"required" example:"entra"` // Name of the identity provider in audits
	// When the token expires, e.g. 2030-01-01T00:00:00Z. Without an offset, the time is in your time zone. Without a
	// value, the token does not expire.
	ExpiresAt string `json:"expires_at" extensions:"x-rule=DateTime"`
	// Whether the token is read-only
	ReadOnly bool `json:"read_only"`
	// Networks and addresses from which the token may be used. Default: any
	Networks []string `json:"networks" example:"192.0.2.0/24"`
}

// scimTokenBody is the body of a request.
type scimTokenBody struct {
	// The token
	ScimToken scimTokenAttributes `json:"scim_token" validate:"required"`
}

// Lists SCIM tokens.
//
//	@Summary	List SCIM tokens
//	@Description	An identity provider logs in for the organization with such a token. The list also has expired and revoked tokens.
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	organization_id	path	string	true	"Id or title of the organization"
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[scimTokenRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{organization_id}/scim_tokens	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/organizations/{organization_id}/scim_tokens"]}
func _() {}

// Shows a SCIM token.
//
//	@Summary	Show a SCIM token
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token" extensions(x-rule=identifier)
//	@Param	organization_id	path	string	true	"Id or title of the organization"
//	@Success	200	{object}	scimTokenRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{organization_id}/scim_tokens/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/organizations/{organization_id}/scim_tokens/{id}"]}
func _() {}

// Creates a SCIM token; its secret is shown this once.
//
//	@Summary	Create a SCIM token
//	@Description	The secret is shown only in this answer, as `token_value`. An identity provider sends it as a bearer token to create, update and remove the users and groups of the organization. You need the permissions to edit the organization and to view, create, edit and destroy users there.
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	organization_id	path	string	true	"Id or title of the organization"
//	@Param	body	body	scimTokenBody	true	"The new token."
//	@Success	201	{object}	scimTokenCreated
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations/{organization_id}/scim_tokens	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/organizations/{organization_id}/scim_tokens"]}
func _() {}

// Revokes a SCIM token.
//
//	@Summary	Revoke a SCIM token
//	@Description	The token stops working immediately. Its record stays.
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token"
//	@Param	organization_id	path	string	true	"Id or title of the organization"
//	@Success	200	{object}	scimTokenRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{organization_id}/scim_tokens/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{organization_id}/scim_tokens/{id}"]}
func _() {}

// Brings a user back whom an identity provider has deleted.
//
//	@Summary	Restore a user that an identity provider has deleted
//	@Description	A deleted account stays disabled for 30 days, outside the organizations of the provider. Restoring it returns it to the organizations from which it was deleted.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or login of the user" extensions(x-rule=identifier)
//	@Success	200	{object}	userWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{id}/restore	[put]
//	@x-apipie	{"method": "restore", "paths": ["/api/users/{id}/restore"]}
func _() {}
