package redmine

import "time"

// The types of this file describe bodies for the Swagger document. Answers are made by documents.go, in the same order.

// Documented are the bodies of requests and answers that the document describes, so that a test may look at them.
func Documented() map[string]any {
	return map[string]any{
		"userBody": userBody{}, "accountBody": accountBody{}, "groupBody": groupBody{},
		"groupUsersBody": groupUsersBody{},
		"membershipBody": membershipBody{}, "userAnswer": userAnswer{}, "usersAnswer": usersAnswer{},
		"accountAnswer": accountAnswer{}, "groupAnswer": groupAnswer{}, "groupsAnswer": groupsAnswer{},
		"roleAnswer": roleAnswer{}, "rolesAnswer": rolesAnswer{}, "projectAnswer": projectAnswer{},
		"projectsAnswer": projectsAnswer{}, "membershipAnswer": membershipAnswer{},
		"membershipsAnswer":  membershipsAnswer{},
		"customFieldsAnswer": customFieldsAnswer{}, "errorsAnswer": errorsAnswer{},
	}
}

// customValue is a value of a custom field in a change.
type customValue struct {
	ID    int64 `json:"id" example:"1"`                                // Id of the field
	Value any   `json:"value" swaggertype:"string" example:"555-0100"` // Text, or a list of texts
}

// userAttributes are the attributes that may be set.
type userAttributes struct {
	// Login name: up to 60 letters A to Z in either case, digits and _ - @ .
	Login string `json:"login" validate:"required" example:"jsmith"`
	// First name, up to 30 characters
	Firstname string `json:"firstname" validate:"required" example:"John"`
	// Last name, up to 255 characters
	Lastname string `json:"lastname" validate:"required" example:"Smith"`
	// Mail address, unique
	Mail string `json:"mail" validate:"required" example:"john@example.com"`
	// Password. Without password, generate_password and auth_source_id, nobody can log in to the account
	Password string `json:"password" example:"a long secret"`
	// The password once more
	PasswordConfirmation string `json:"password_confirmation"`
	// Whether to create a random password. It is sent by mail and never shown
	GeneratePassword bool `json:"generate_password"`
	// Whether the user must change the password first
	MustChangePasswd bool `json:"must_change_passwd"`
	// How the user logs in: id of an auth source. Empty: the password is kept in Roster
	AuthSourceID int64 `json:"auth_source_id"`
	// Whether the user is an administrator
	Admin bool `json:"admin"`
	// 1 active, 2 registered, 3 locked
	Status int64 `json:"status" example:"1" enums:"1,2,3"`
	// Which mails the user gets: all, selected, only_my_events, only_assigned, only_owner, only_my_watches, none
	MailNotification string `json:"mail_notification" example:"only_my_events"`
	// Language of the user
	Language string `json:"language" example:"en"`
	// Ids of the groups of the user. Replaces the previous list
	GroupIDs []int64 `json:"group_ids"`
	// Values of custom fields, such as [{"id": 1, "value": "555-0100"}]
	CustomFields []customValue `json:"custom_fields"`
}

// preferences go beside a user.
type preferences struct {
	HideMail bool   `json:"hide_mail"` // Whether only administrators see the mail address
	TimeZone string `json:"time_zone"` // Time zone
}

// userBody is the body of a request.
type userBody struct {
	User userAttributes `json:"user" validate:"required"` // The user
	Pref preferences    `json:"pref"`                     // Preferences of the user
	// Whether to send the user a mail with the login
	SendInformation bool `json:"send_information"`
}

// accountAttributes are what everybody may change of the own account.
type accountAttributes struct {
	Firstname        string `json:"firstname"`         // First name
	Lastname         string `json:"lastname"`          // Last name
	Mail             string `json:"mail"`              // Mail address
	MailNotification string `json:"mail_notification"` // Which mails the user gets
	Language         string `json:"language"`          // Language of the user
	// Values of custom fields, such as [{"id": 1, "value": "555-0100"}]
	CustomFields []customValue `json:"custom_fields"`
}

// accountBody is the body of a request.
type accountBody struct {
	User accountAttributes `json:"user"` // The account
	Pref preferences       `json:"pref"` // Preferences
}

// groupAttributes are the attributes that may be set.
type groupAttributes struct {
	Name    string  `json:"name" validate:"required" example:"Crew"` // Name, unique in any case of the letters
	UserIDs []int64 `json:"user_ids"`                                // Ids of the users
	// Values of custom fields, such as [{"id": 1, "value": "555-0100"}]
	CustomFields []customValue `json:"custom_fields"`
}

// groupBody is the body of a request.
type groupBody struct {
	Group groupAttributes `json:"group" validate:"required"` // The group
}

// groupUsersBody is the body of a request.
type groupUsersBody struct {
	UserID  int64   `json:"user_id" example:"5"` // Id of the user
	UserIDs []int64 `json:"user_ids"`            // Ids of the users. Ignored if you send user_id
}

// membershipAttributes are the attributes that may be set.
type membershipAttributes struct {
	UserID  int64   `json:"user_id" example:"5"`          // Id of the user or group
	UserIDs []int64 `json:"user_ids"`                     // Ids of the users or groups
	RoleIDs []int64 `json:"role_ids" validate:"required"` // Ids of the roles
}

// membershipBody is the body of a request.
type membershipBody struct {
	Membership membershipAttributes `json:"membership" validate:"required"` // The membership
}

// errorsAnswer says what is wrong, in sentences.
type errorsAnswer struct {
	Errors []string `json:"errors" example:"Login cannot be blank"`
}

// named refers to a record.
type named struct {
	ID   int64  `json:"id" example:"16"`
	Name string `json:"name" example:"A Team"`
}

// shownValue is a value of a custom field.
type shownValue struct {
	ID       int64  `json:"id" example:"1"`
	Name     string `json:"name" example:"Phone number"`
	Multiple bool   `json:"multiple,omitempty"`
	Value    any    `json:"value" swaggertype:"string" example:"555-0100"` // A text, null, or a list of texts
}

// heldRole is a role of a membership.
type heldRole struct {
	named
	Inherited bool `json:"inherited,omitempty"` // Whether it is inherited from a group or from a parent organization
}

// ownMembership is a membership as its member shows it.
type ownMembership struct {
	ID      int64      `json:"id"`
	Project named      `json:"project"`
	Roles   []heldRole `json:"roles"`
}

// listedUser is a user in a list.
type listedUser struct {
	ID              int64        `json:"id" example:"5"`
	Login           string       `json:"login" example:"jsmith"`
	Admin           bool         `json:"admin"`
	Firstname       string       `json:"firstname" example:"John"`
	Lastname        string       `json:"lastname" example:"Smith"`
	Mail            *string      `json:"mail" example:"john@example.com"`
	CreatedOn       time.Time    `json:"created_on"`
	UpdatedOn       time.Time    `json:"updated_on"`
	LastLoginOn     *time.Time   `json:"last_login_on"`
	PasswdChangedOn *time.Time   `json:"passwd_changed_on"`
	AvatarURL       string       `json:"avatar_url,omitempty"`
	TwofaScheme     *string      `json:"twofa_scheme"`
	Status          int64        `json:"status" example:"1"`
	AuthSource      *named       `json:"auth_source,omitempty"`
	CustomFields    []shownValue `json:"custom_fields,omitempty"`
}

// shownUser is a user shown alone. Who is no administrator is shown less.
type shownUser struct {
	listedUser
	APIKey      string          `json:"api_key,omitempty"`
	Groups      []named         `json:"groups,omitempty"`
	Memberships []ownMembership `json:"memberships,omitempty"`
}

// userAnswer is the body of an answer.
type userAnswer struct {
	User shownUser `json:"user"`
}

// counted is what a list says about itself.
type counted struct {
	TotalCount int64 `json:"total_count" example:"1"`
	Offset     int64 `json:"offset"`
	Limit      int64 `json:"limit" example:"25"`
}

// usersAnswer is the body of an answer.
type usersAnswer struct {
	Users []listedUser `json:"users"`
	counted
}

// shownAccount is the caller's own account.
type shownAccount struct {
	ID           int64        `json:"id"`
	Login        string       `json:"login"`
	Admin        bool         `json:"admin"`
	Firstname    string       `json:"firstname"`
	Lastname     string       `json:"lastname"`
	Mail         *string      `json:"mail"`
	CreatedOn    time.Time    `json:"created_on"`
	LastLoginOn  *time.Time   `json:"last_login_on"`
	APIKey       string       `json:"api_key,omitempty"`
	CustomFields []shownValue `json:"custom_fields,omitempty"`
}

// accountAnswer is the body of an answer.
type accountAnswer struct {
	User shownAccount `json:"user"`
}

// shownGroup is a group.
type shownGroup struct {
	named
	CustomFields []shownValue    `json:"custom_fields,omitempty"`
	Users        []named         `json:"users,omitempty"`
	Memberships  []ownMembership `json:"memberships,omitempty"`
}

// groupAnswer is the body of an answer.
type groupAnswer struct {
	Group shownGroup `json:"group"`
}

// groupsAnswer is the body of an answer.
type groupsAnswer struct {
	Groups []shownGroup `json:"groups"`
}

// rolesAnswer is the body of an answer.
type rolesAnswer struct {
	Roles []named `json:"roles"`
}

// roleAnswer is the body of an answer.
type roleAnswer struct {
	Role struct {
		named
		Assignable            bool     `json:"assignable"`
		IssuesVisibility      string   `json:"issues_visibility"`
		TimeEntriesVisibility string   `json:"time_entries_visibility"`
		UsersVisibility       string   `json:"users_visibility"`
		Permissions           []string `json:"permissions"`
	} `json:"role"`
}

// shownProject is an organization.
type shownProject struct {
	named
	Identifier     *string   `json:"identifier" example:"ecookbook"`
	Description    string    `json:"description"`
	Homepage       string    `json:"homepage"` // Always empty
	Parent         *named    `json:"parent,omitempty"`
	Status         int64     `json:"status"`
	IsPublic       bool      `json:"is_public"` // Whether every user belongs to the organization
	InheritMembers bool      `json:"inherit_members"`
	CreatedOn      time.Time `json:"created_on"`
	UpdatedOn      time.Time `json:"updated_on"`
}

// projectAnswer is the body of an answer.
type projectAnswer struct {
	Project shownProject `json:"project"`
}

// projectsAnswer is the body of an answer.
type projectsAnswer struct {
	Projects []shownProject `json:"projects"`
	counted
}

// shownMembership is a membership with its member: a user or a group.
type shownMembership struct {
	ID      int64      `json:"id"`
	Project named      `json:"project"`
	User    *named     `json:"user,omitempty"`
	Group   *named     `json:"group,omitempty"`
	Roles   []heldRole `json:"roles"`
}

// membershipAnswer is the body of an answer.
type membershipAnswer struct {
	Membership shownMembership `json:"membership"`
}

// membershipsAnswer is the body of an answer.
type membershipsAnswer struct {
	Memberships []shownMembership `json:"memberships"`
	counted
}

// customFieldsAnswer is the body of an answer.
type customFieldsAnswer struct {
	CustomFields []struct {
		named
		Description      *string `json:"description"`
		CustomizedType   string  `json:"customized_type" example:"user"`
		FieldFormat      string  `json:"field_format" example:"string"`
		Regexp           string  `json:"regexp"`
		MinLength        *int64  `json:"min_length"`
		MaxLength        *int64  `json:"max_length"`
		IsRequired       bool    `json:"is_required"`
		IsForAll         bool    `json:"is_for_all"` // Always false
		IsFilter         bool    `json:"is_filter"`
		Searchable       bool    `json:"searchable"`
		Multiple         bool    `json:"multiple"`
		DefaultValue     *string `json:"default_value"`
		DefaultValueMode string  `json:"default_value_mode,omitempty" example:"fixed_date"` // For dates
		Visible          bool    `json:"visible"`
		Editable         bool    `json:"editable"`
		PossibleValues   []struct {
			Value string `json:"value"`
			Label string `json:"label"`
		} `json:"possible_values,omitempty"`
	} `json:"custom_fields"`
}

// Lists users.
//
//	@Summary	List users
//	@Description	For administrators. With the setting redmine_list_visible_users on, also for other users. Filter by attribute: send login, firstname, lastname, mail, created_on, last_login_on, admin, auth_source_id, twofa_scheme or cf_NUMBER with an operator in front of the value. See docs/spec/redmine.md, 4.
//	@Tags	users
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	status	query	string	false	"1: active, 2: registered, 3: locked, * or empty: any. Separate several with |. Default: 1"
//	@Param	name	query	string	false	"Part of the login, of a mail address or of the names"
//	@Param	group_id	query	string	false	"Id of the group"
//	@Param	sort	query	string	false	"Up to three keys, such as login,created_on:desc"
//	@Param	include	query	string	false	"Parts to add: auth_source"
//	@Param	offset	query	integer	false	"Results to skip"
//	@Param	limit	query	integer	false	"Results on a page. Default: 25. Maximum: 100"
//	@Param	page	query	integer	false	"Page number, from 1. Ignored if you send offset"
//	@Param	nometa	query	string	false	"Leave out total_count, offset and limit"
//	@Success	200	{object}	usersAnswer
//	@Failure	401
//	@Failure	403
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/users.{format}	[get]
//	@x-apipie	{"method": "index", "paths": ["/redmine/users.{format}"]}
func _() {}

// Creates a user.
//
//	@Summary	Create a user
//	@Description	The answer has the API key and the status. The header Location has the address of the user.
//	@Tags	users
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	userBody	true	"The new user."
//	@Success	201	{object}	userAnswer
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/users.{format}	[post]
//	@x-apipie	{"method": "create", "paths": ["/redmine/users.{format}"]}
func _() {}

// Shows a user.
//
//	@Summary	Show a user
//	@Description	Use current as the id for your own account. You see the parts of the user that you may see.
//	@Tags	users
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	include	query	string	false	"Parts to add, separated by commas: groups, memberships, auth_source"
//	@Success	200	{object}	userAnswer
//	@Failure	401
//	@Failure	404
//	@Router	/redmine/users/{id}.{format}	[get]
//	@x-apipie	{"method": "show", "paths": ["/redmine/users/{id}.{format}"]}
func _() {}

// Changes a user.
//
//	@Summary	Update a user
//	@Description	Send Prefer: return=representation to get the record in the answer.
//	@Tags	users
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	userBody	true	"Fields to change; others stay as they are."
//	@Success	204
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/users/{id}.{format}	[put]
//	@x-apipie	{"method": "update", "paths": ["/redmine/users/{id}.{format}"]}
func _() {}

// Deletes a user.
//
//	@Summary	Delete a user
//	@Description	An administrator can delete their own account only if another administrator remains.
//	@Tags	users
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	lock	query	string	false	"Lock the account rather than delete it"
//	@Success	204
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/users/{id}.{format}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/redmine/users/{id}.{format}"]}
func _() {}

// Shows the own account.
//
//	@Summary	Show your account
//	@Description	The mail address is always shown.
//	@Tags	my account
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	200	{object}	accountAnswer
//	@Failure	401
//	@Failure	403
//	@Router	/redmine/my/account.{format}	[get]
//	@x-apipie	{"method": "show", "paths": ["/redmine/my/account.{format}"]}
func _() {}

// Changes the own account.
//
//	@Summary	Update your account
//	@Description	Administrators may change everything else except the password.
//	@Tags	my account
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	accountBody	true	"Fields to change; others stay as they are."
//	@Success	204
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/my/account.{format}	[put]
//	@x-apipie	{"method": "update", "paths": ["/redmine/my/account.{format}"]}
func _() {}

// Lists groups.
//
//	@Summary	List groups
//	@Description	Lists all, sorted by name.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	200	{object}	groupsAnswer
//	@Failure	401
//	@Failure	403
//	@Router	/redmine/groups.{format}	[get]
//	@x-apipie	{"method": "index", "paths": ["/redmine/groups.{format}"]}
func _() {}

// Creates a group.
//
//	@Summary	Create a group
//	@Description	The header Location has the address of the new record.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	groupBody	true	"The new group."
//	@Success	201	{object}	groupAnswer
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/groups.{format}	[post]
//	@x-apipie	{"method": "create", "paths": ["/redmine/groups.{format}"]}
func _() {}

// Shows a group.
//
//	@Summary	Show a group
//	@Description	For everyone who may see the organization.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	include	query	string	false	"Parts to add, separated by commas: users, memberships"
//	@Success	200	{object}	groupAnswer
//	@Failure	401
//	@Failure	404
//	@Router	/redmine/groups/{id}.{format}	[get]
//	@x-apipie	{"method": "show", "paths": ["/redmine/groups/{id}.{format}"]}
func _() {}

// Changes a group.
//
//	@Summary	Update a group
//	@Description	`user_ids` replaces the users of the group.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	groupBody	true	"Fields to change; others stay as they are."
//	@Success	204
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/groups/{id}.{format}	[put]
//	@x-apipie	{"method": "update", "paths": ["/redmine/groups/{id}.{format}"]}
func _() {}

// Deletes a group.
//
//	@Summary	Delete a group
//	@Description	Its users stay.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	204
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Router	/redmine/groups/{id}.{format}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/redmine/groups/{id}.{format}"]}
func _() {}

// Adds users to a group.
//
//	@Summary	Add users to a group
//	@Description	Users who are already in the group stay. If no user is added, the request is refused.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	groupUsersBody	true	"The users to add."
//	@Success	204
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/groups/{id}/users.{format}	[post]
//	@x-apipie	{"method": "add_users", "paths": ["/redmine/groups/{id}/users.{format}"]}
func _() {}

// Takes users out of a group.
//
//	@Summary	Remove users from a group
//	@Description	If none of the users is in the group, the answer is 404.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	user_id	query	integer	false	"Id of the user"
//	@Param	user_ids[]	query	string	false	"Ids of the users"
//	@Success	204
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Router	/redmine/groups/{id}/users.{format}	[delete]
//	@x-apipie	{"method": "remove_users", "paths": ["/redmine/groups/{id}/users.{format}"]}
func _() {}

// Takes a user out of a group.
//
//	@Summary	Remove a user from a group
//	@Description	Succeeds even if the user is not in the group.
//	@Tags	groups
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	user_id	path	string	true	"Id of the user"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	204
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Router	/redmine/groups/{id}/users/{user_id}.{format}	[delete]
//	@x-apipie	{"method": "remove_user", "paths": ["/redmine/groups/{id}/users/{user_id}.{format}"]}
func _() {}

// Lists roles.
//
//	@Summary	List roles
//	@Description	Sorted by position.
//	@Tags	roles
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	200	{object}	rolesAnswer
//	@Failure	401
//	@Failure	403
//	@Router	/redmine/roles.{format}	[get]
//	@x-apipie	{"method": "index", "paths": ["/redmine/roles.{format}"]}
func _() {}

// Shows a role.
//
//	@Summary	Show a role
//	@Description	The answer includes the permissions of the role.
//	@Tags	roles
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	200	{object}	roleAnswer
//	@Failure	401
//	@Failure	404
//	@Router	/redmine/roles/{id}.{format}	[get]
//	@x-apipie	{"method": "show", "paths": ["/redmine/roles/{id}.{format}"]}
func _() {}

// Lists organizations.
//
//	@Summary	List organizations
//	@Description	Lists the organizations that you may see.
//	@Tags	projects
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	offset	query	integer	false	"Results to skip"
//	@Param	limit	query	integer	false	"Results on a page. Default: 25. Maximum: 100"
//	@Param	page	query	integer	false	"Page number, from 1. Ignored if you send offset"
//	@Param	nometa	query	string	false	"Leave out total_count, offset and limit"
//	@Success	200	{object}	projectsAnswer
//	@Failure	401
//	@Failure	403
//	@Router	/redmine/projects.{format}	[get]
//	@x-apipie	{"method": "index", "paths": ["/redmine/projects.{format}"]}
func _() {}

// Shows an organization.
//
//	@Summary	Show an organization
//	@Description	Takes an id or an identifier.
//	@Tags	projects
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	200	{object}	projectAnswer
//	@Failure	401
//	@Failure	404
//	@Router	/redmine/projects/{id}.{format}	[get]
//	@x-apipie	{"method": "show", "paths": ["/redmine/projects/{id}.{format}"]}
func _() {}

// Lists the members of an organization.
//
//	@Summary	List the members of an organization
//	@Description	Lists users and groups that hold a role there, sorted by id.
//	@Tags	memberships
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	offset	query	integer	false	"Results to skip"
//	@Param	limit	query	integer	false	"Results on a page. Default: 25. Maximum: 100"
//	@Param	page	query	integer	false	"Page number, from 1. Ignored if you send offset"
//	@Param	nometa	query	string	false	"Leave out total_count, offset and limit"
//	@Success	200	{object}	membershipsAnswer
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Router	/redmine/projects/{id}/memberships.{format}	[get]
//	@x-apipie	{"method": "index", "paths": ["/redmine/projects/{id}/memberships.{format}"]}
func _() {}

// Makes somebody a member.
//
//	@Summary	Add a member
//	@Description	Adds a user or a group.
//	@Tags	memberships
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	membershipBody	true	"The new membership."
//	@Success	201	{object}	membershipAnswer
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/projects/{id}/memberships.{format}	[post]
//	@x-apipie	{"method": "create", "paths": ["/redmine/projects/{id}/memberships.{format}"]}
func _() {}

// Shows a membership.
//
//	@Summary	Show a membership
//	@Description	The answer includes inherited roles.
//	@Tags	memberships
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	200	{object}	membershipAnswer
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Router	/redmine/memberships/{id}.{format}	[get]
//	@x-apipie	{"method": "show", "paths": ["/redmine/memberships/{id}.{format}"]}
func _() {}

// Changes the roles of a membership.
//
//	@Summary	Change the roles of a membership
//	@Description	`role_ids` replaces the direct roles of the membership. Inherited roles stay.
//	@Tags	memberships
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Param	body	body	membershipBody	true	"Fields to change; others stay as they are."
//	@Success	204
//	@Failure	400
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/memberships/{id}.{format}	[put]
//	@x-apipie	{"method": "update", "paths": ["/redmine/memberships/{id}.{format}"]}
func _() {}

// Ends a membership.
//
//	@Summary	End a membership
//	@Description	You cannot end a membership whose roles are inherited.
//	@Tags	memberships
//	@Security	Key
//	@Security	Basic
//	@Param	id	path	string	true	"Id"
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	204
//	@Failure	401
//	@Failure	403
//	@Failure	404
//	@Failure	422	{object}	errorsAnswer
//	@Router	/redmine/memberships/{id}.{format}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/redmine/memberships/{id}.{format}"]}
func _() {}

// Lists custom fields.
//
//	@Summary	List custom fields
//	@Description	Lists the fields of users, then those of groups.
//	@Tags	custom fields
//	@Security	Key
//	@Security	Basic
//	@Param	format	path	string	true	"json or xml"	Enums(json, xml)
//	@Success	200	{object}	customFieldsAnswer
//	@Failure	401
//	@Failure	403
//	@Router	/redmine/custom_fields.{format}	[get]
//	@x-apipie	{"method": "index", "paths": ["/redmine/custom_fields.{format}"]}
func _() {}
