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
	// Name to log in with: letters, digits and @ . + - _ , up to 150
	Username  string `json:"username" example:"ann"`
	FirstName string `json:"first_name" example:"Ann"`  // First name, up to 150 characters
	LastName  string `json:"last_name" example:"Smith"` // Last name, up to 150 characters
	// Mail address: administrators change it, and where the installation allows that the user
	Email string `json:"email" example:"ann@example.com"`
	// Groups by name, for administrators: the list replaces the one so far, and admin in it makes an administrator
	Groups []string `json:"groups" example:"user"`
	// For administrators, together with is_superuser
	IsStaff     bool `json:"is_staff"`
	IsSuperuser bool `json:"is_superuser"`             // Whether the user is an administrator, for administrators
	IsActive    bool `json:"is_active" example:"true"` // Whether the account may be used, for administrators
}

// newUserBody is a new user.
type newUserBody struct {
	Username  string   `json:"username" validate:"required" example:"ann"` // Name to log in with
	FirstName string   `json:"first_name" example:"Ann"`                   // First name
	LastName  string   `json:"last_name" example:"Smith"`                  // Last name
	Email     string   `json:"email" example:"ann@example.com"`            // Mail address
	Password  string   `json:"password" example:"a long secret"`           // Password; without one, nobody is let in
	Groups    []string `json:"groups" example:"user"`                      // Groups by name; the default group without
	// Together with is_superuser
	IsStaff     bool `json:"is_staff"`
	IsSuperuser bool `json:"is_superuser"`             // Whether the user is an administrator
	IsActive    bool `json:"is_active" example:"true"` // Whether the account may be used
}

// organizationBody is what an organization is to be.
type organizationBody struct {
	// Short name: up to 16 letters, digits, hyphens and underscores, one of which is no digit
	Slug        string `json:"slug" validate:"required" example:"crew"`
	Name        string `json:"name" example:"Crew"`          // Name, up to 64 characters; the slug without one
	Description string `json:"description"`                  // Free text
	Contact     any    `json:"contact" swaggertype:"object"` // How it is reached, in whatever JSON
}

// membershipBody is what a membership is to be.
type membershipBody struct {
	// What the member may do: worker, supervisor, maintainer or owner
	Role string `json:"role" example:"supervisor" enums:"worker,supervisor,maintainer,owner"`
}

// invitationBody is a new invitation.
type invitationBody struct {
	// What the member may do
	Role  string `json:"role" validate:"required" example:"worker" enums:"worker,supervisor,maintainer,owner"`
	Email string `json:"email" validate:"required" example:"bob@example.com"` // Who is invited
}

// loginBody is a login: username or email, and password.
type loginBody struct {
	Username string `json:"username" example:"ann"`                               // Name, or mail address
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
	OldPassword  string `json:"old_password" validate:"required" example:"a long secret"`    // Password so far
	NewPassword1 string `json:"new_password1" validate:"required" example:"a longer secret"` // New one
	NewPassword2 string `json:"new_password2" validate:"required" example:"a longer secret"` // The new one once more
}

// resetBody asks for a way to a new password.
type resetBody struct {
	Email string `json:"email" validate:"required" example:"ann@example.com"` // Mail address of the account
}

// confirmBody is a new password of who was mailed a way to it.
type confirmBody struct {
	UID          string `json:"uid" validate:"required" example:"5"`                         // From the mail
	Token        string `json:"token" validate:"required" example:"..."`                     // From the mail
	NewPassword1 string `json:"new_password1" validate:"required" example:"a longer secret"` // New password
	NewPassword2 string `json:"new_password2" validate:"required" example:"a longer secret"` // The new one once more
}

// tokenBody is what an access token is to be.
type tokenBody struct {
	Name string `json:"name" validate:"required" example:"script"` // What it is for, up to 50 characters
	// When it ends; null for never
	ExpiryDate string `json:"expiry_date" format:"date-time" example:"2024-12-31T00:00:00Z"`
	ReadOnly   bool   `json:"read_only" example:"true"` // Whether it only looks; true unless sent
}

// errorAnswer is a refusal in the usual shape.
type errorAnswer struct {
	Detail string `json:"detail" example:"Not found."` // Why
}

// mistakesAnswer tells what is wrong with which attribute.
type mistakesAnswer struct {
	// Sentences by attribute, with non_field_errors for the body as a whole
	Attribute []string `json:"attribute"`
}

// usersAnswer is a page of users.
type usersAnswer struct {
	Count    int64      `json:"count" example:"1"` // How many there are on all pages
	Next     *string    `json:"next"`              // Address of the next page; null for the last one
	Previous *string    `json:"previous"`          // Address of the page before; null for the first one
	Results  []fullUser `json:"results"`           // Those of this page
}

// organizationsAnswer is a page of organizations.
type organizationsAnswer struct {
	Count    int64              `json:"count" example:"1"` // How many there are on all pages
	Next     *string            `json:"next"`              // Address of the next page; null for the last one
	Previous *string            `json:"previous"`          // Address of the page before; null for the first one
	Results  []organizationRead `json:"results"`           // Those of this page
}

// membershipsAnswer is a page of memberships.
type membershipsAnswer struct {
	Count    int64            `json:"count" example:"1"` // How many there are on all pages
	Next     *string          `json:"next"`              // Address of the next page; null for the last one
	Previous *string          `json:"previous"`          // Address of the page before; null for the first one
	Results  []membershipRead `json:"results"`           // Those of this page
}

// invitationsAnswer is a page of invitations.
type invitationsAnswer struct {
	Count    int64            `json:"count" example:"1"` // How many there are on all pages
	Next     *string          `json:"next"`              // Address of the next page; null for the last one
	Previous *string          `json:"previous"`          // Address of the page before; null for the first one
	Results  []invitationRead `json:"results"`           // Those of this page
}

// tokensAnswer is a page of access tokens.
type tokensAnswer struct {
	Count    int64       `json:"count" example:"1"` // How many there are on all pages
	Next     *string     `json:"next"`              // Address of the next page; null for the last one
	Previous *string     `json:"previous"`          // Address of the page before; null for the first one
	Results  []tokenRead `json:"results"`           // Those of this page
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
//	@Summary	Lists users
//	@Description	Administrators see all, in a whole form; with an organization, its members see each other; others see themselves.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page, from 1; last for the last one"
//	@Param	page_size	query	string	false	"How many on a page; all for no limit. 10 without"
//	@Param	username	query	string	false	"Name, exactly"
//	@Param	first_name	query	string	false	"First name, exactly"
//	@Param	last_name	query	string	false	"Last name, exactly"
//	@Param	is_active	query	boolean	false	"Whether the account may be used"
//	@Param	search	query	string	false	"Words that have to occur, whatever their case, in username, first_name and last_name"
//	@Param	sort	query	string	false	"What to sort by, with commas, each with - in front for descending: username, first_name, last_name, id, is_active"
//	@Param	filter	query	string	false	"JSON Logic over username, first_name, last_name, id, is_active"
//	@Param	org	query	string	false	"Organization of the request, by slug; empty for none"
//	@Param	org_id	query	integer	false	"The same by number"
//	@Param	X-Organization	header	string	false	"The same by slug"
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
//	@Summary	Creates a user
//	@Description	For administrators. CVAT itself has no such path.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	newUserBody	true	"What is sent"
//	@Success	201	{object}	fullUser
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/users	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/users"]}
func _() {}

// Shows the caller.
//
//	@Summary	Shows the caller
//	@Description	In the whole form.
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
//	@Summary	Shows a user
//	@Description	In the whole form to administrators and to the user, and else to members of an organization who name it.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Param	org	query	string	false	"Organization of the request, by slug; empty for none"
//	@Param	org_id	query	integer	false	"The same by number"
//	@Param	X-Organization	header	string	false	"The same by slug"
//	@Success	200	{object}	fullUser
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{id}	[get]
//	@x-apipie	{"method": "retrieve", "paths": ["/api/users/{id}"]}
func _() {}

// Changes a user.
//
//	@Summary	Changes a user
//	@Description	Everybody changes the own names; administrators everything. Access tokens change no users.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Param	org	query	string	false	"Organization of the request, by slug; empty for none"
//	@Param	org_id	query	integer	false	"The same by number"
//	@Param	X-Organization	header	string	false	"The same by slug"
//	@Param	body	body	userBody	true	"What is to be; what is not sent stays as it is"
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
//	@Summary	Deletes a user
//	@Description	Everybody deletes the own account, administrators any; the last administrator stays.
//	@Tags	users
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Param	org	query	string	false	"Organization of the request, by slug; empty for none"
//	@Param	org_id	query	integer	false	"The same by number"
//	@Param	X-Organization	header	string	false	"The same by slug"
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
//	@Summary	Lists organizations
//	@Description	Those that the caller is in, and all to administrators.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page, from 1; last for the last one"
//	@Param	page_size	query	string	false	"How many on a page; all for no limit. 10 without"
//	@Param	name	query	string	false	"Name, exactly"
//	@Param	owner	query	string	false	"Name of the owner, exactly"
//	@Param	slug	query	string	false	"Slug, exactly"
//	@Param	search	query	string	false	"Words that have to occur, whatever their case, in name, owner and slug"
//	@Param	sort	query	string	false	"What to sort by, with commas, each with - in front for descending: name, owner, slug, id"
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
//	@Summary	Creates an organization
//	@Description	The caller becomes its owner.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	organizationBody	true	"What is sent"
//	@Success	201	{object}	organizationRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/organizations	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/organizations"]}
func _() {}

// Shows an organization.
//
//	@Summary	Shows an organization
//	@Description	To its members.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Success	200	{object}	organizationRead
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[get]
//	@x-apipie	{"method": "retrieve", "paths": ["/api/organizations/{id}"]}
func _() {}

// Changes an organization.
//
//	@Summary	Changes an organization
//	@Description	For its owner and maintainers.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Param	body	body	organizationBody	true	"What is to be; what is not sent stays as it is"
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
//	@Summary	Deletes an organization
//	@Description	For its owner.
//	@Tags	organizations
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
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
//	@Summary	Lists memberships
//	@Description	The caller's own; with an organization those in it, to its members.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page, from 1; last for the last one"
//	@Param	page_size	query	string	false	"How many on a page; all for no limit. 10 without"
//	@Param	user	query	string	false	"Name of the member, exactly"
//	@Param	role	query	string	false	"worker, supervisor, maintainer or owner"
//	@Param	search	query	string	false	"Words that have to occur, whatever their case, in user"
//	@Param	sort	query	string	false	"What to sort by, with commas, each with - in front for descending: user, role, id"
//	@Param	filter	query	string	false	"JSON Logic over user, role, id"
//	@Param	org	query	string	false	"Organization of the request, by slug; empty for none"
//	@Param	org_id	query	integer	false	"The same by number"
//	@Param	X-Organization	header	string	false	"The same by slug"
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
//	@Summary	Shows a membership
//	@Description	To the member and to members of the organization.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Success	200	{object}	membershipRead
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/memberships/{id}	[get]
//	@x-apipie	{"method": "retrieve", "paths": ["/api/memberships/{id}"]}
func _() {}

// Changes the role of a member.
//
//	@Summary	Changes the role of a member
//	@Description	Owners change all but themselves, maintainers supervisors and workers.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Param	body	body	membershipBody	true	"What is to be; what is not sent stays as it is"
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
//	@Summary	Ends a membership
//	@Description	Who may change the role may end it, and members leave by it.
//	@Tags	memberships
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/memberships/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/memberships/{id}"]}
func _() {}

// Lists invitations.
//
//	@Summary	Lists invitations
//	@Description	Those that the caller sent or received; with an organization, all of it to who manages it.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page, from 1; last for the last one"
//	@Param	page_size	query	string	false	"How many on a page; all for no limit. 10 without"
//	@Param	owner	query	string	false	"Name of who invited, exactly"
//	@Param	user_id	query	integer	false	"Number of who is invited"
//	@Param	accepted	query	boolean	false	"Whether it was accepted"
//	@Param	search	query	string	false	"Words that have to occur, whatever their case, in owner"
//	@Param	sort	query	string	false	"What to sort by, with commas, each with - in front for descending: owner, user_id, created_date, accepted"
//	@Param	filter	query	string	false	"JSON Logic over owner, user_id, accepted"
//	@Param	org	query	string	false	"Organization of the request, by slug; empty for none"
//	@Param	org_id	query	integer	false	"The same by number"
//	@Param	X-Organization	header	string	false	"The same by slug"
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
//	@Summary	Invites somebody
//	@Description	Into the organization of the request. Who has an account becomes a member at once, unless the installation asks first.
//	@Tags	invitations
//	@Security	Token
//	@Security	Basic
//	@Param	org	query	string	false	"Organization of the request, by slug; empty for none"
//	@Param	org_id	query	integer	false	"The same by number"
//	@Param	X-Organization	header	string	false	"The same by slug"
//	@Param	body	body	invitationBody	true	"What is sent"
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
//	@Summary	Shows an invitation
//	@Description	To who sent it, who is invited, and who manages the organization.
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
//	@Summary	Withdraws an invitation
//	@Description	For who sent it, and who manages the organization.
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
//	@Summary	Accepts an invitation
//	@Description	For who is invited.
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
//	@Summary	Declines an invitation
//	@Description	For who is invited.
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
//	@Summary	Mails an invitation again
//	@Description	For who sent it, and who manages the organization; five times an hour.
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
//	@Summary	Logs in
//	@Description	Gives a token for the header Authorization, and the cookies sessionid and csrftoken.
//	@Tags	auth
//	@Param	body	body	loginBody	true	"What is sent"
//	@Success	200	{object}	loginAnswer
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/login	[post]
//	@x-apipie	{"method": "login", "paths": ["/api/auth/login"]}
func _() {}

// Logs out.
//
//	@Summary	Logs out
//	@Description	Ends the session and all login tokens of the caller.
//	@Tags	auth
//	@Success	200	{object}	authDetail
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/auth/logout	[post]
//	@x-apipie	{"method": "logout", "paths": ["/api/auth/logout"]}
func _() {}

// Makes an account.
//
//	@Summary	Makes an account
//	@Description	Where the installation allows that. The parameter invitation takes the key of an invitation, which proves the mail address.
//	@Tags	auth
//	@Param	invitation	query	string	false	"Key of an invitation to the address"
//	@Param	body	body	registerBody	true	"What is sent"
//	@Success	201	{object}	registered
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/register	[post]
//	@x-apipie	{"method": "register", "paths": ["/api/auth/register"]}
func _() {}

// Confirms a mail address.
//
//	@Summary	Confirms a mail address
//	@Description	By the link of a mail. Leads to the pages of CVAT.
//	@Tags	auth
//	@Param	key	path	string	true	"From the mail"
//	@Success	302
//	@Failure	404	{object}	errorAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/account-confirm-email/{key}/	[get]
//	@x-apipie	{"method": "confirm_email", "paths": ["/api/auth/account-confirm-email/{key}/"]}
func _() {}

// Changes the own password.
//
//	@Summary	Changes the own password
//	@Description	Access tokens do not do. Sessions end.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	passwordBody	true	"What is sent"
//	@Success	200	{object}	authDetail
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/auth/password/change	[post]
//	@x-apipie	{"method": "password_change", "paths": ["/api/auth/password/change"]}
func _() {}

// Mails a way to a new password.
//
//	@Summary	Mails a way to a new password
//	@Description	The answer is the same whether anybody has the address.
//	@Tags	auth
//	@Param	body	body	resetBody	true	"What is sent"
//	@Success	200	{object}	authDetail
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/password/reset	[post]
//	@x-apipie	{"method": "password_reset", "paths": ["/api/auth/password/reset"]}
func _() {}

// Sets a new password.
//
//	@Summary	Sets a new password
//	@Description	By what a mail has told.
//	@Tags	auth
//	@Param	body	body	confirmBody	true	"What is sent"
//	@Success	200	{object}	authDetail
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	429	{object}	errorAnswer
//	@Router	/api/auth/password/reset/confirm	[post]
//	@x-apipie	{"method": "password_reset_confirm", "paths": ["/api/auth/password/reset/confirm"]}
func _() {}

// Lists access tokens.
//
//	@Summary	Lists access tokens
//	@Description	The caller's own that still let somebody in.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	page	query	integer	false	"Page, from 1; last for the last one"
//	@Param	page_size	query	string	false	"How many on a page; all for no limit. 10 without"
//	@Param	name	query	string	false	"Name, exactly"
//	@Param	read_only	query	boolean	false	"Whether it only looks"
//	@Param	search	query	string	false	"Words that have to occur, whatever their case, in name"
//	@Param	sort	query	string	false	"What to sort by, with commas, each with - in front for descending: created_date, expiry_date, id, last_used_date, name, read_only, updated_date"
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
//	@Summary	Creates an access token
//	@Description	Its value is shown once.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	body	body	tokenBody	true	"What is sent"
//	@Success	201	{object}	tokenRead
//	@Failure	400	{object}	mistakesAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Router	/api/auth/access_tokens	[post]
//	@x-apipie	{"method": "access_tokens_create", "paths": ["/api/auth/access_tokens"]}
func _() {}

// Shows the token in use.
//
//	@Summary	Shows the token in use
//	@Description	For who came by one.
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
//	@Summary	Shows an access token
//	@Description	To its owner and to administrators.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Success	200	{object}	tokenRead
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth/access_tokens/{id}	[get]
//	@x-apipie	{"method": "access_tokens_retrieve", "paths": ["/api/auth/access_tokens/{id}"]}
func _() {}

// Changes an access token.
//
//	@Summary	Changes an access token
//	@Description	For its owner and for administrators.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Param	body	body	tokenBody	true	"What is to be; what is not sent stays as it is"
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
//	@Summary	Revokes an access token
//	@Description	For its owner and for administrators.
//	@Tags	auth
//	@Security	Token
//	@Security	Basic
//	@Param	id	path	integer	true	"Number"
//	@Success	204
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	errorAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth/access_tokens/{id}	[delete]
//	@x-apipie	{"method": "access_tokens_destroy", "paths": ["/api/auth/access_tokens/{id}"]}
func _() {}

// Says what the server is.
//
//	@Summary	Says what the server is
//	@Description	To anybody.
//	@Tags	server
//	@Success	200	{object}	aboutRead
//	@Router	/api/server/about	[get]
//	@x-apipie	{"method": "about", "paths": ["/api/server/about"]}
func _() {}
