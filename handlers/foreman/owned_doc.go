package foreman

// mailNotificationBody is the body of a request.
type mailNotificationBody struct {
	MailNotificationID int64  `json:"mail_notification_id" validate:"required"` // Kind of mail notification, by id
	Interval           string `json:"interval" example:"Daily"`                 // How often: Daily, Weekly or Monthly
	// Subscribe, or Unsubscribe, where there is no interval
	Subscription string `json:"subscription"`
	MailQuery    string `json:"mail_query"` // What the mail is to report on
}

// mailNotificationUpdateBody is the body of a request.
type mailNotificationUpdateBody struct {
	Interval     string `json:"interval" example:"Daily"` // How often: Daily, Weekly or Monthly
	Subscription string `json:"subscription"`             // Subscribe, or Unsubscribe, where there is no interval
	MailQuery    string `json:"mail_query"`               // What the mail is to report on
}

// Lists kinds of mail notifications.
//
//	@Summary	Lists kinds of mail notifications
//	@Description	Lists the kinds that users can subscribe to.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[mailRef]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/mail_notifications	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/mail_notifications"]}
func _() {}

// Shows a mail notification.
//
//	@Summary	Shows a mail notification
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
//	@Summary	Subscribes a user to a mail notification
//	@Description	Takes an interval or a subscription, depending on the kind. Only the user and administrators may.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	body	body	mailNotificationBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Changes a subscription
//	@Description	Only the user and administrators may.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	mail_notification_id	path	integer	true	"Kind of mail notification, by id"
//	@Param	body	body	mailNotificationUpdateBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Ends a subscription
//	@Description	Only the user and administrators may.
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	mail_notification_id	path	integer	true	"Kind of mail notification, by id"
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/mail_notifications/{mail_notification_id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/users/{user_id}/mail_notifications/{mail_notification_id}"]}
func _() {}

// Lists the subscriptions of a user.
//
//	@Summary	Lists the subscriptions of a user
//	@Tags	mail_notifications
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
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
	// Time from which on the token opens nothing, in the caller's zone unless it names one; without it the token does
	// not expire
	ExpiresAt string `json:"expires_at" extensions:"x-rule=DateTime"`
}

// personalAccessTokenBody is the body of a request.
type personalAccessTokenBody struct {
	// The personal access token
	PersonalAccessToken personalAccessTokenAttributes `json:"personal_access_token" validate:"required"`
}

// Lists personal access tokens of a user.
//
//	@Summary	Lists personal access tokens of a user
//	@Description	Lists active, expired and revoked tokens alike. Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Shows a personal access token
//	@Description	Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token" extensions(x-rule=identifier)
//	@Param	user_id	path	string	true	"User, by id"
//	@Success	200	{object}	tokenRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/personal_access_tokens/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/users/{user_id}/personal_access_tokens/{id}"]}
func _() {}

// Creates a personal access token; its secret is shown this once.
//
//	@Summary	Creates a personal access token; its secret is shown this once
//	@Description	The answer alone has the secret, as token_value. It opens the API in place of the password, or as a bearer token. Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	body	body	personalAccessTokenBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Revokes a personal access token
//	@Description	The token opens nothing from now on, the sessions that it opened end, and the record stays. Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	personal_access_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token"
//	@Param	user_id	path	string	true	"User, by id"
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
//	@Summary	Lists SSH keys of a user
//	@Description	Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Shows an SSH key
//	@Description	Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the key" extensions(x-rule=identifier)
//	@Param	user_id	path	string	true	"User, by id"
//	@Success	200	{object}	sshKeyRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{user_id}/ssh_keys/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/users/{user_id}/ssh_keys/{id}"]}
func _() {}

// Creates an SSH key.
//
//	@Summary	Creates an SSH key
//	@Description	Fingerprint and length are worked out. Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	body	body	sshKeyBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Deletes an SSH key
//	@Description	Everybody may do this with what is their own; for other users it takes the permission.
//	@Tags	ssh_keys
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the key"
//	@Param	user_id	path	string	true	"User, by id"
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
//	@Summary	Lists table preferences of a user
//	@Description	Nobody sees those of others.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Shows a table preference
//	@Description	Nobody sees those of others.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
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
//	@Summary	Creates a table preference
//	@Description	Nobody changes those of others.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	body	body	tablePreferenceBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Changes a table preference
//	@Description	Nobody changes those of others.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
//	@Param	name	path	string	true	"Name"
//	@Param	body	body	tablePreferenceUpdateBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Deletes a table preference
//	@Description	Nobody changes those of others.
//	@Tags	table_preferences
//	@Security	Basic
//	@Security	Bearer
//	@Param	user_id	path	string	true	"User, by id"
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
	Name string `json:"name" validate:"required" example:"entra"` // Name, by which audits call the identity provider
	// Time from which on the token opens nothing, in the caller's zone unless it names one; without it the token does
	// not expire
	ExpiresAt string `json:"expires_at" extensions:"x-rule=DateTime"`
	// Whether the token lets the provider look, and change nothing
	ReadOnly bool `json:"read_only"`
	// Networks and addresses from which the token may be used; without them from anywhere
	Networks []string `json:"networks" example:"192.0.2.0/24"`
}

// scimTokenBody is the body of a request.
type scimTokenBody struct {
	// The token
	ScimToken scimTokenAttributes `json:"scim_token" validate:"required"`
}

// Lists SCIM tokens.
//
//	@Summary	Lists SCIM tokens
//	@Description	An identity provider acts for the organization by such a token. Active, expired and revoked tokens are listed alike.
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	organization_id	path	string	true	"Organization, by id or title"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Shows a SCIM token
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token" extensions(x-rule=identifier)
//	@Param	organization_id	path	string	true	"Organization, by id or title"
//	@Success	200	{object}	scimTokenRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{organization_id}/scim_tokens/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/organizations/{organization_id}/scim_tokens/{id}"]}
func _() {}

// Creates a SCIM token; its secret is shown this once.
//
//	@Summary	Creates, and shows this once, a SCIM token
//	@Description	The answer alone has the secret, as token_value. An identity provider sends it as a bearer token, and brings in, changes and takes out the people and groups of the organization by it. It takes the permission to edit the organization, and those to view, create, edit and destroy users there.
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	organization_id	path	string	true	"Organization, by id or title"
//	@Param	body	body	scimTokenBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Revokes a SCIM token
//	@Description	The token opens nothing from now on, and the record stays.
//	@Tags	scim_tokens
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the token"
//	@Param	organization_id	path	string	true	"Organization, by id or title"
//	@Success	200	{object}	scimTokenRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{organization_id}/scim_tokens/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{organization_id}/scim_tokens/{id}"]}
func _() {}

// Brings a user back whom an identity provider has deleted.
//
//	@Summary	Brings a user back whom an identity provider has deleted
//	@Description	For 30 days the account waits, switched off, in no organization of the provider. It gets back the organizations from which it was deleted.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"User, by id or login" extensions(x-rule=identifier)
//	@Success	200	{object}	userWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/users/{id}/restore	[put]
//	@x-apipie	{"method": "restore", "paths": ["/api/users/{id}/restore"]}
func _() {}
