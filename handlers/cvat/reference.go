package cvat

import (
	"reflect"
	"strings"
)

// The types of this file describe bodies of requests and lists, for the Swagger document and for OPTIONS.

// Documented are the bodies that the document describes, so that a test may look at them.
func Documented() map[string]any {
	return map[string]any{
		"fullUser": fullUser{}, "basicUser": basicUser{}, "usersAnswer": usersAnswer{},
		"organizationRead": organizationRead{}, "organizationsAnswer": organizationsAnswer{},
		"membershipRead": membershipRead{}, "membershipsAnswer": membershipsAnswer{},
		"invitationRead": invitationRead{}, "invitationsAnswer": invitationsAnswer{}, "tokenRead": tokenRead{},
		"tokensAnswer": tokensAnswer{}, "aboutRead": aboutRead{}, "loginAnswer": loginAnswer{},
		"registered": registered{}, "authDetail": authDetail{}, "acceptedInvitation": acceptedInvitation{},
		"userBody": userBody{}, "newUserBody": newUserBody{}, "organizationBody": organizationBody{},
		"membershipBody": membershipBody{}, "invitationBody": invitationBody{}, "tokenBody": tokenBody{},
		"errorAnswer": errorAnswer{}, "mistakesAnswer": mistakesAnswer{},
	}
}

// userBody is what a change of a user may name.
type userBody struct {
	// Login name: up to 150 letters, digits and @ . + - _
	Username  string `json:"username" example:"ann"`
	FirstName string `json:"first_name" example:"Ann"`  // First name, up to 150 characters
	LastName  string `json:"last_name" example:"Smith"` // Last name, up to 150 characters
	// Mail address. Administrators can change it, and the user if the installation allows it
	Email string `json:"email" example:"ann@example.com"`
	// Groups, by name. Replaces the previous list. The group admin makes an administrator. For administrators
	Groups []string `json:"groups" example:"user"`
	// Same as is_superuser. For administrators
	IsStaff     bool `json:"is_staff"`
	IsSuperuser bool `json:"is_superuser"`             // Whether the user is an administrator. For administrators
	IsActive    bool `json:"is_active" example:"true"` // Whether the account is active. For administrators
}

// newUserBody is a new user.
type newUserBody struct {
	Username  string `json:"username" validate:"required" example:"ann"` // Login name
	FirstName string `json:"first_name" example:"Ann"`                   // First name
	LastName  string `json:"last_name" example:"Smith"`                  // Last name
	Email     string `json:"email" example:"ann@example.com"`            // Mail address
	Password  string `json:"password" example:"a long secret"`           // Password. Without one, nobody can log in
	// Groups, by name. Default: the default group
	Groups []string `json:"groups" example:"user"`
	// Together with is_superuser
	IsStaff     bool `json:"is_staff"`
	IsSuperuser bool `json:"is_superuser"`             // Whether the user is an administrator
	IsActive    bool `json:"is_active" example:"true"` // Whether the account is active
}

// organizationBody is what an organization is to be.
type organizationBody struct {
	// Short name: up to 16 letters, digits, hyphens and underscores, not only digits
	Slug        string `json:"slug" validate:"required" example:"crew"`
	Name        string `json:"name" example:"Crew"`          // Name, up to 64 characters. Default: the slug
	Description string `json:"description"`                  // Free text
	Contact     any    `json:"contact" swaggertype:"object"` // Contact, as any JSON
}

// membershipBody is what a membership is to be.
type membershipBody struct {
	// Role of the member: worker, supervisor, maintainer or owner
	Role string `json:"role" example:"supervisor" enums:"worker,supervisor,maintainer,owner"`
}

// invitationBody is a new invitation.
type invitationBody struct {
	// Role of the member
	Role  string `json:"role" validate:"required" example:"worker" enums:"worker,supervisor,maintainer,owner"`
	Email string `json:"email" validate:"required" example:"bob@example.com"` // Mail address of the invited person
}

// loginBody is a login: username or email, and password.
type loginBody struct {
	Username string `json:"username" example:"ann"`                               // Login name or mail address
	Email    string `json:"email" example:"ann@example.com"`                      // Mail address
	Password string `json:"password" validate:"required" example:"a long secret"` // Password
}

// registerBody is an account that somebody wants.
type registerBody struct {
	Username  string `json:"username" validate:"required" example:"ann"`            // Name, 5 to 150 characters
	Email     string `json:"email" example:"ann@example.com"`                       // Mail address
	Password1 string `json:"password1" validate:"required" example:"a long secret"` // Password
	Password2 string `json:"password2" validate:"required" example:"a long secret"` // The password once more
	FirstName string `json:"first_name" example:"Ann"`                              // First name
	LastName  string `json:"last_name" example:"Smith"`                             // Last name
}

// passwordBody is a new password of who knows the one so far.
type passwordBody struct {
	OldPassword  string `json:"old_password" validate:"required" example:"a long secret"`    // Current password
	NewPassword1 string `json:"new_password1" validate:"required" example:"a longer secret"` // New password
	NewPassword2 string `json:"new_password2" validate:"required" example:"a longer secret"` // New password, repeated
}

// resetBody asks for a way to a new password.
type resetBody struct {
	Email string `json:"email" validate:"required" example:"ann@example.com"` // Mail address of the account
}

// confirmBody is a new password of who was mailed a way to it.
type confirmBody struct {
	UID          string `json:"uid" validate:"required" example:"5"`                         // Token from the mail
	Token        string `json:"token" validate:"required" example:"..."`                     // Token from the mail
	NewPassword1 string `json:"new_password1" validate:"required" example:"a longer secret"` // New password
	NewPassword2 string `json:"new_password2" validate:"required" example:"a longer secret"` // New password, repeated
}

// tokenBody is what an access token is to be.
type tokenBody struct {
	Name string `json:"name" validate:"required" example:"script"` // Name, up to 50 characters
	// When it expires. null: never
	ExpiryDate string `json:"expiry_date" format:"date-time" example:"2024-12-31T00:00:00Z"`
	ReadOnly   bool   `json:"read_only" example:"true"` // Whether it is read-only. Default: true
}

// errorAnswer is a refusal in the usual shape.
type errorAnswer struct {
	Detail string `json:"detail" example:"Not found."` // The reason
}

// mistakesAnswer tells what is wrong with which attribute.
type mistakesAnswer struct {
	// Errors by attribute. non_field_errors has those of the whole body
	Attribute []string `json:"attribute"`
}

// usersAnswer is a page of users.
type usersAnswer struct {
	Count    int64      `json:"count" example:"1"` // Number of results on all pages
	Next     *string    `json:"next"`              // Address of the next page. null: this is the last one
	Previous *string    `json:"previous"`          // Address of the previous page. null: this is the first one
	Results  []fullUser `json:"results"`           // Results on this page
}

// organizationsAnswer is a page of organizations.
type organizationsAnswer struct {
	Count    int64              `json:"count" example:"1"` // Number of results on all pages
	Next     *string            `json:"next"`              // Address of the next page. null: this is the last one
	Previous *string            `json:"previous"`          // Address of the previous page. null: this is the first one
	Results  []organizationRead `json:"results"`           // Results on this page
}

// membershipsAnswer is a page of memberships.
type membershipsAnswer struct {
	Count    int64            `json:"count" example:"1"` // Number of results on all pages
	Next     *string          `json:"next"`              // Address of the next page. null: this is the last one
	Previous *string          `json:"previous"`          // Address of the previous page. null: this is the first one
	Results  []membershipRead `json:"results"`           // Results on this page
}

// invitationsAnswer is a page of invitations.
type invitationsAnswer struct {
	Count    int64            `json:"count" example:"1"` // Number of results on all pages
	Next     *string          `json:"next"`              // Address of the next page. null: this is the last one
	Previous *string          `json:"previous"`          // Address of the previous page. null: this is the first one
	Results  []invitationRead `json:"results"`           // Results on this page
}

// tokensAnswer is a page of access tokens.
type tokensAnswer struct {
	Count    int64       `json:"count" example:"1"` // Number of results on all pages
	Next     *string     `json:"next"`              // Address of the next page. null: this is the last one
	Previous *string     `json:"previous"`          // Address of the previous page. null: this is the first one
	Results  []tokenRead `json:"results"`           // Results on this page
}

// posted are the attributes that POST takes, by path, as OPTIONS tells them.
var posted = map[string]asked{
	"/api/users": askedOf(newUserBody{}), "/api/organizations": askedOf(organizationBody{}),
	"/api/invitations": askedOf(invitationBody{}), "/api/auth/access_tokens": askedOf(tokenBody{}),
	"/api/auth/login": askedOf(loginBody{}), "/api/auth/register": askedOf(registerBody{}),
	"/api/auth/password/change": askedOf(passwordBody{}), "/api/auth/password/reset": askedOf(resetBody{}),
	"/api/auth/password/reset/confirm": askedOf(confirmBody{}),
}

// askedOf reads the attributes of a body from its type.
func askedOf(body any) asked {
	kinds := map[reflect.Kind]string{reflect.Bool: "boolean", reflect.Slice: "list", reflect.String: "string"}
	fields := asked{}
	t := reflect.TypeOf(body)
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		kind, known := kinds[f.Type.Kind()]
		if !known {
			kind = "field"
		}
		label := strings.ReplaceAll(name, "_", " ")
		fields[name] = askedFor{Type: kind, Required: f.Tag.Get("validate") == "required",
			Label: strings.ToUpper(label[:1]) + label[1:]}
	}
	return fields
}

// Lists users.
//
//	@Summary	List users
//	@Description	Administrators see all users with all attributes. If the request names an organization, its members see each other. Everyone else sees only their own account.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page number, from 1. last: the last page"
//	@Param	page_size	query	string	false	"Results on a page. all: no limit. Default: 10"
//	@Param	username	query	string	false	"Name (exact match)"
//	@Param	first_name	query	string	false	"First name (exact match)"
//	@Param	last_name	query	string	false	"Last name (exact match)"
//	@Param	is_active	query	boolean	false	"true: active accounts only"
//	@Param	search	query	string	false	"Words that must occur in username, first_name or last_name (any case)"
//	@Param	sort	query	string	false	"Fields to sort by, separated by commas. Put - in front of a field for descending order: username, first_name, last_name, id, is_active"
//	@Param	filter	query	string	false	"JSON Logic over username, first_name, last_name, id, is_active"
//	@Param	org	query	string	false	"Organization of the request, by slug. Empty: none"
//	@Param	org_id	query	integer	false	"Organization of the request, by id"
//	@Param	X-Organization	header	string	false	"The organization of the request, by slug"
//	@Success	200	{object}	usersAnswer
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users	[get]
//	@x-apipie	{"method": "list", "paths": ["/api/users"]}
func _() {}

// Creates a user.
//
//	@Summary	Create a user
//	@Description	For administrators. CVAT itself has no such route.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	newUserBody	true	"The request"
//	@Success	201	{object}	fullUser
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/users	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/users"]}
func _() {}

// Shows the caller.
//
//	@Summary	Show the current user
//	@Description	Shows all attributes.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Success	200	{object}	fullUser
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/users/self	[get]
//	@x-apipie	{"method": "self", "paths": ["/api/users/self"]}
func _() {}

// Shows a user.
//
//	@Summary	Show a user
//	@Description	Administrators and the user see all attributes. Members of an organization see the others if the request names it.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Param	org	query	string	false	"Organization of the request, by slug. Empty: none"
//	@Param	org_id	query	integer	false	"Organization of the request, by id"
//	@Param	X-Organization	header	string	false	"The organization of the request, by slug"
//	@Success	200	{object}	fullUser
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{id}	[get]
//	@x-apipie	{"method": "retrieve", "paths": ["/api/users/{id}"]}
func _() {}

// Changes a user.
//
//	@Summary	Update a user
//	@Description	You may change your own names. Administrators may change everything. You cannot use an access token for this.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Param	org	query	string	false	"Organization of the request, by slug. Empty: none"
//	@Param	org_id	query	integer	false	"Organization of the request, by id"
//	@Param	X-Organization	header	string	false	"The organization of the request, by slug"
//	@Param	body	body	userBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	fullUser
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{id}	[patch]
//	@x-apipie	{"method": "update", "paths": ["/api/users/{id}"]}
func _() {}

// Deletes a user.
//
//	@Summary	Delete a user
//	@Description	You may delete your own account. Administrators may delete any account. The last administrator cannot be deleted.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Param	org	query	string	false	"Organization of the request, by slug. Empty: none"
//	@Param	org_id	query	integer	false	"Organization of the request, by id"
//	@Param	X-Organization	header	string	false	"The organization of the request, by slug"
//	@Success	204
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/users/{id}"]}
func _() {}

// Lists organizations.
//
//	@Summary	List organizations
//	@Description	Lists the organizations to which you belong. Administrators see all.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page number, from 1. last: the last page"
//	@Param	page_size	query	string	false	"Results on a page. all: no limit. Default: 10"
//	@Param	name	query	string	false	"Name (exact match)"
//	@Param	owner	query	string	false	"Name of the owner (exact match)"
//	@Param	slug	query	string	false	"Slug (exact match)"
//	@Param	search	query	string	false	"Words that must occur in name, owner or slug (any case)"
//	@Param	sort	query	string	false	"Fields to sort by, separated by commas. Put - in front of a field for descending order: name, owner, slug, id"
//	@Param	filter	query	string	false	"JSON Logic over name, owner, slug, id"
//	@Success	200	{object}	organizationsAnswer
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations	[get]
//	@x-apipie	{"method": "list", "paths": ["/api/organizations"]}
func _() {}

// Creates an organization.
//
//	@Summary	Create an organization
//	@Description	You become the owner.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	organizationBody	true	"The request"
//	@Success	201	{object}	organizationRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/organizations	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/organizations"]}
func _() {}

// Shows an organization.
//
//	@Summary	Show an organization
//	@Description	For members of the organization.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Success	200	{object}	organizationRead
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[get]
//	@x-apipie	{"method": "retrieve", "paths": ["/api/organizations/{id}"]}
func _() {}

// Changes an organization.
//
//	@Summary	Update an organization
//	@Description	For the owner and the maintainers of the organization.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Param	body	body	organizationBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	organizationRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[patch]
//	@x-apipie	{"method": "update", "paths": ["/api/organizations/{id}"]}
func _() {}

// Deletes an organization.
//
//	@Summary	Delete an organization
//	@Description	For the owner of the organization.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Success	204
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{id}"]}
func _() {}

// Lists memberships.
//
//	@Summary	List memberships
//	@Description	Lists your own memberships. If the request names an organization, its members see all memberships in it.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page number, from 1. last: the last page"
//	@Param	page_size	query	string	false	"Results on a page. all: no limit. Default: 10"
//	@Param	user	query	string	false	"Name of the member (exact match)"
//	@Param	role	query	string	false	"worker, supervisor, maintainer or owner"
//	@Param	search	query	string	false	"Words that must occur in user (any case)"
//	@Param	sort	query	string	false	"Fields to sort by, separated by commas. Put - in front of a field for descending order: user, role, id"
//	@Param	filter	query	string	false	"JSON Logic over user, role, id"
//	@Param	org	query	string	false	"Organization of the request, by slug. Empty: none"
//	@Param	org_id	query	integer	false	"Organization of the request, by id"
//	@Param	X-Organization	header	string	false	"The organization of the request, by slug"
//	@Success	200	{object}	membershipsAnswer
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/memberships	[get]
//	@x-apipie	{"method": "list", "paths": ["/api/memberships"]}
func _() {}

// Shows a membership.
//
//	@Summary	Show a membership
//	@Description	For the member and for other members of the organization.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Success	200	{object}	membershipRead
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/memberships/{id}	[get]
//	@x-apipie	{"method": "retrieve", "paths": ["/api/memberships/{id}"]}
func _() {}

// Changes the role of a member.
//
//	@Summary	Change the role of a member
//	@Description	Owners may change everyone except themselves. Maintainers may change supervisors and workers.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Param	body	body	membershipBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	membershipRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/memberships/{id}	[patch]
//	@x-apipie	{"method": "update", "paths": ["/api/memberships/{id}"]}
func _() {}

// Ends a membership.
//
//	@Summary	End a membership
//	@Description	For members who leave, and for everyone who may change the role.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/memberships/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/memberships/{id}"]}
func _() {}

// Lists invitations.
//
//	@Summary	List invitations
//	@Description	Lists the invitations that you sent or received. If the request names an organization, its managers see all of its invitations.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page number, from 1. last: the last page"
//	@Param	page_size	query	string	false	"Results on a page. all: no limit. Default: 10"
//	@Param	owner	query	string	false	"Name of the sender (exact match)"
//	@Param	user_id	query	integer	false	"Id of the invited user"
//	@Param	accepted	query	boolean	false	"true: accepted invitations only"
//	@Param	search	query	string	false	"Words that must occur in owner (any case)"
//	@Param	sort	query	string	false	"Fields to sort by, separated by commas. Put - in front of a field for descending order: owner, user_id, created_date, accepted"
//	@Param	filter	query	string	false	"JSON Logic over owner, user_id, accepted"
//	@Param	org	query	string	false	"Organization of the request, by slug. Empty: none"
//	@Param	org_id	query	integer	false	"Organization of the request, by id"
//	@Param	X-Organization	header	string	false	"The organization of the request, by slug"
//	@Success	200	{object}	invitationsAnswer
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/invitations	[get]
//	@x-apipie	{"method": "list", "paths": ["/api/invitations"]}
func _() {}

// Invites somebody.
//
//	@Summary	Invite a person
//	@Description	Invites into the organization of the request. A person who has an account becomes a member immediately, unless the installation requires acceptance.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	org	query	string	false	"Organization of the request, by slug. Empty: none"
//	@Param	org_id	query	integer	false	"Organization of the request, by id"
//	@Param	X-Organization	header	string	false	"The organization of the request, by slug"
//	@Param	body	body	invitationBody	true	"The request"
//	@Success	201	{object}	invitationRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/invitations	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/invitations"]}
func _() {}

// Shows an invitation.
//
//	@Summary	Show an invitation
//	@Description	For the sender, the invited person and managers of the organization.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	key	path	string	true	"Key of the invitation"
//	@Success	200	{object}	invitationRead
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/invitations/{key}	[get]
//	@x-apipie	{"method": "retrieve", "paths": ["/api/invitations/{key}"]}
func _() {}

// Withdraws an invitation.
//
//	@Summary	Withdraw an invitation
//	@Description	For the sender and for managers of the organization.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	key	path	string	true	"Key of the invitation"
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/invitations/{key}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/invitations/{key}"]}
func _() {}

// Accepts an invitation.
//
//	@Summary	Accept an invitation
//	@Description	For the invited person.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	key	path	string	true	"Key of the invitation"
//	@Success	200	{object}	acceptedInvitation
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/invitations/{key}/accept	[post]
//	@x-apipie	{"method": "accept", "paths": ["/api/invitations/{key}/accept"]}
func _() {}

// Declines an invitation.
//
//	@Summary	Decline an invitation
//	@Description	For the invited person.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	key	path	string	true	"Key of the invitation"
//	@Success	204
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/invitations/{key}/decline	[post]
//	@x-apipie	{"method": "decline", "paths": ["/api/invitations/{key}/decline"]}
func _() {}

// Mails an invitation again.
//
//	@Summary	Send an invitation again
//	@Description	For the sender and for managers of the organization, at most five times an hour.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	key	path	string	true	"Key of the invitation"
//	@Success	204
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/invitations/{key}/resend	[post]
//	@x-apipie	{"method": "resend", "paths": ["/api/invitations/{key}/resend"]}
func _() {}

// Logs in.
//
//	@Summary	Log in
//	@Description	Returns a token for the header Authorization, and sets the cookies sessionid and csrftoken.
//	@Tags	auth
//	@Param	body	body	loginBody	true	"The request"
//	@Success	200	{object}	loginAnswer
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/login	[post]
//	@x-apipie	{"method": "login", "paths": ["/api/auth/login"]}
func _() {}

// Logs out.
//
//	@Summary	Log out
//	@Description	Ends your session and all your login tokens.
//	@Tags	auth
//	@Success	200	{object}	authDetail
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/auth/logout	[post]
//	@x-apipie	{"method": "logout", "paths": ["/api/auth/logout"]}
func _() {}

// Makes an account.
//
//	@Summary	Register an account
//	@Description	Works only if the installation allows it. The parameter invitation takes the key of an invitation, which proves the mail address.
//	@Tags	auth
//	@Param	invitation	query	string	false	"Key of an invitation that was sent to the address"
//	@Param	body	body	registerBody	true	"The request"
//	@Success	201	{object}	registered
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/register	[post]
//	@x-apipie	{"method": "register", "paths": ["/api/auth/register"]}
func _() {}

// Confirms a mail address.
//
//	@Summary	Confirm a mail address
//	@Description	This is the link in the mail. It redirects to the pages of CVAT.
//	@Tags	auth
//	@Param	key	path	string	true	"Key from the mail"
//	@Success	302
//	@Failure	404	{object}	errorAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/account-confirm-email/{key}/	[get]
//	@x-apipie	{"method": "confirm_email", "paths": ["/api/auth/account-confirm-email/{key}/"]}
func _() {}

// Changes the own password.
//
//	@Summary	Change your password
//	@Description	You cannot use an access token for this. All sessions of the account end.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	passwordBody	true	"The request"
//	@Success	200	{object}	authDetail
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/auth/password/change	[post]
//	@x-apipie	{"method": "password_change", "paths": ["/api/auth/password/change"]}
func _() {}

// Mails a way to a new password.
//
//	@Summary	Request a password reset by mail
//	@Description	The answer is the same whether or not the address belongs to an account.
//	@Tags	auth
//	@Param	body	body	resetBody	true	"The request"
//	@Success	200	{object}	authDetail
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/password/reset	[post]
//	@x-apipie	{"method": "password_reset", "paths": ["/api/auth/password/reset"]}
func _() {}

// Sets a new password.
//
//	@Summary	Set a new password
//	@Description	Takes the token from the mail.
//	@Tags	auth
//	@Param	body	body	confirmBody	true	"The request"
//	@Success	200	{object}	authDetail
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/password/reset/confirm	[post]
//	@x-apipie	{"method": "password_reset_confirm", "paths": ["/api/auth/password/reset/confirm"]}
func _() {}

// Lists access tokens.
//
//	@Summary	List access tokens
//	@Description	Lists your own tokens that are still valid.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page number, from 1. last: the last page"
//	@Param	page_size	query	string	false	"Results on a page. all: no limit. Default: 10"
//	@Param	name	query	string	false	"Name (exact match)"
//	@Param	read_only	query	boolean	false	"true: read-only tokens only"
//	@Param	search	query	string	false	"Words that must occur in name (any case)"
//	@Param	sort	query	string	false	"Fields to sort by, separated by commas. Put - in front of a field for descending order: created_date, expiry_date, id, last_used_date, name, read_only, updated_date"
//	@Param	filter	query	string	false	"JSON Logic over created_date, expiry_date, id, last_used_date, name, read_only, updated_date"
//	@Success	200	{object}	tokensAnswer
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth/access_tokens	[get]
//	@x-apipie	{"method": "access_tokens_list", "paths": ["/api/auth/access_tokens"]}
func _() {}

// Creates an access token.
//
//	@Summary	Create an access token
//	@Description	The value is shown only in this answer.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	tokenBody	true	"The request"
//	@Success	201	{object}	tokenRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/auth/access_tokens	[post]
//	@x-apipie	{"method": "access_tokens_create", "paths": ["/api/auth/access_tokens"]}
func _() {}

// Shows the token in use.
//
//	@Summary	Show the token in use
//	@Description	For requests that logged in with an access token.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Success	200	{object}	tokenRead
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/auth/access_tokens/self	[get]
//	@x-apipie	{"method": "access_tokens_self", "paths": ["/api/auth/access_tokens/self"]}
func _() {}

// Shows an access token.
//
//	@Summary	Show an access token
//	@Description	For the owner of the token and for administrators.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Success	200	{object}	tokenRead
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth/access_tokens/{id}	[get]
//	@x-apipie	{"method": "access_tokens_retrieve", "paths": ["/api/auth/access_tokens/{id}"]}
func _() {}

// Changes an access token.
//
//	@Summary	Update an access token
//	@Description	For the owner of the token and for administrators.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Param	body	body	tokenBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	tokenRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth/access_tokens/{id}	[patch]
//	@x-apipie	{"method": "access_tokens_update", "paths": ["/api/auth/access_tokens/{id}"]}
func _() {}

// Revokes an access token.
//
//	@Summary	Revoke an access token
//	@Description	For the owner of the token and for administrators.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Id"
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth/access_tokens/{id}	[delete]
//	@x-apipie	{"method": "access_tokens_destroy", "paths": ["/api/auth/access_tokens/{id}"]}
func _() {}

// Says what the server is.
//
//	@Summary	Show what the server is
//	@Description	No login is needed.
//	@Tags	server
//	@Success	200	{object}	aboutRead
//	@Router	/api/server/about	[get]
//	@x-apipie	{"method": "about", "paths": ["/api/server/about"]}
func _() {}
