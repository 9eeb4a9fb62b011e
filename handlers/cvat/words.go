package cvat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"roster/models"
)

// words are the sentences for rules, whatever attribute breaks them (docs/spec/cvat.md, 3).
var words = map[models.Rule]string{
	models.RuleBlank:           "This field may not be blank.",
	models.RuleInvalid:         "Invalid value",
	models.RuleNotIncluded:     "Invalid value",
	models.RuleReserved:        "This value is reserved.",
	models.RuleTaken:           "This value is taken already.",
	models.RuleTooLong:         "Ensure this field has no more than %d characters.",
	models.RuleTooShort:        "This password is too short. It must contain at least %d characters.",
	models.RuleTooManyBytes:    "Ensure this field has no more than %d bytes.",
	models.RuleTooMany:         "Ensure this field has no more than %d elements.",
	models.RuleGroupHasName:    "A group has that name.",
	models.RuleUserHasName:     "A user has that name.",
	models.RuleExternalLogin:   "The name is kept elsewhere and cannot be changed.",
	models.RuleMailDomain:      "Addresses of this domain are not allowed.",
	models.RulePasswordClass:   "The password must contain %s.",
	models.RulePasswordSame:    "The password must be different from the current one.",
	models.RulePasswordCommon:  "This password is too common.",
	models.RulePasswordNumeric: "This password is entirely numeric.",
	models.RulePasswordSimilar: "The password is too similar to the %s.",
	models.RuleWrongPassword:   "Your old password was entered incorrectly. Please enter it again.",
	models.RuleMismatch:        "The two password fields didn’t match.",

	models.RuleKeptElsewhere:      "The password of this account is kept elsewhere.",
	models.RuleSourceNotPermitted: "The password of this account is kept elsewhere.",
	models.RuleReservedName:       "This name is reserved.",
	models.RuleUnreadableTime: "Datetime has wrong format. Use one of these formats instead: " +
		"YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",

	models.RuleLastAdmin:          "The last administrator would lose that right.",
	models.RuleLastAdminAccount:   "The last administrator cannot be deleted.",
	models.RuleLastAdminGroup:     "The last administrator would lose that right.",
	models.RuleDisablesSelf:       "The account in use cannot be switched off.",
	models.RuleEnded:              "The account or membership has ended.",
	models.RuleEndsSelf:           "Nobody moves an end of their own.",
	models.RuleMembershipEnded:    "The membership has ended: %s.",
	models.RuleAccountExpired:     "The account has expired.",
	models.RuleDeletesSelf:        "The account in use cannot be deleted.",
	models.RuleAdminFlag:          "Administrators alone may change this.",
	models.RuleHasChildren:        "The organization contains others.",
	models.RuleAlreadyMember:      "The user is a member of the organization already.",
	models.RuleInvitationExpired:  "Your invitation is expired. Please contact organization owner to renew it.",
	models.RuleInvitationAccepted: "Your invitation is already accepted.",
	models.RuleNoMail:             "Email backend is not configured.",
	models.RuleTooManyTokens: "You have reached the maximum allowed number of Personal Access Tokens for a " +
		"user",
	models.RuleGuest:                 "The account waits for the person who was invited.",
	models.RuleQuery:                 "%s",
	models.RuleNoReference:           "There is no %s %v.",
	models.RuleRecordGone:            "The change refers to a record that is no longer there.",
	models.RuleRaced:                 "Another change has just made the same record, please try again.",
	models.RuleCallerChanged:         "The caller's permissions have just changed, please try again.",
	models.RuleOfAdministrator:       "Administrators alone may change this.",
	models.RuleMustChangePassword:    "The password has to be changed before anything else.",
	models.RuleForeignUnsubscription: "This belongs to somebody else.",
}

// ofAttribute are sentences that one attribute has for a rule.
var ofAttribute = map[string]map[models.Rule]string{
	"username": {
		models.RuleTaken: "A user with that username already exists.",
		models.RuleInvalid: "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ " +
			"characters.",
	},
	"email": {models.RuleInvalid: "Enter a valid email address.",
		models.RuleTaken: "User is already registered with this e-mail address."},
	"slug": {
		models.RuleTaken:   "organization with this slug already exists.",
		models.RuleInvalid: `Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.`,
	},
	"name":          {models.RuleTaken: "This name is taken already."},
	"is_active":     {models.RuleLastAdmin: "The last administrator cannot be switched off."},
	"old_password":  {models.RuleBlank: "Your old password was entered incorrectly. Please enter it again."},
	"read_only":     {models.RuleNotBoolean: "Must be a valid boolean."},
	"password":      {models.RuleBlank: "This field may not be blank."},
	"last_name":     {models.RuleInvalid: "Enter a valid name."},
	"first_name":    {models.RuleInvalid: "Enter a valid name."},
	"contact":       {models.RuleInvalid: "Value must be valid JSON."},
	"new_password2": {models.RuleTooLong: "Password must be %d characters or fewer."},
	"password1":     {models.RuleTooLong: "Password must be %d characters or fewer."},
	"role":          {models.RuleNotIncluded: "Select a valid role."},
}

// names are what bodies call the directory's attributes.
var names = map[string]string{
	"login": "username", "firstname": "first_name", "lastname": "last_name", "mail": "email", "admin": "is_superuser",
	"disabled": "is_active", "status": "is_active", "usergroup_ids": "groups", "usergroups": "groups",
	"group_ids": "groups", "current_password": "old_password", "expires_at": "expiry_date", models.Base: "", "": "",
}

// passwordNames are what paths call a new password.
var passwordNames = map[string]string{
	"/api/auth/register": "password1", "/api/auth/password/change": "new_password2",
	"/api/auth/password/reset/confirm": "new_password2",
}

// nameOf is what the body of this request calls an attribute; "" for the record as a whole.
func (c *call) nameOf(attr string) string {
	if attr == "password" || attr == "password_confirmation" {
		return cmp.Or(passwordNames[c.target.path], "password")
	}
	if name, ok := names[attr]; ok {
		return name
	}
	return attr
}

// charClasses are the kinds of characters that a password may have to have.
var charClasses = map[string]string{
	"uppercase": "uppercase letters (A-Z)", "lowercase": "lowercase letters (a-z)", "digits": "digits (0-9)",
	"special_chars": "special characters (!, $, %, ...)",
}

// sentence words a rule. The attribute is one of this dialect's names.
func sentence(e models.FieldError) string {
	text, ok := ofAttribute[e.Attr][e.Rule]
	if !ok {
		text, ok = words[e.Rule]
	}
	if !ok {
		return "This is not allowed: " + strings.ReplaceAll(string(e.Rule), "_", " ") + "."
	}
	args := slices.Clone(e.Args)
	for i, arg := range args {
		if class, ok := charClasses[fmt.Sprint(arg)]; ok && e.Rule == models.RulePasswordClass {
			args[i] = class
		}
		if name, ok := names[fmt.Sprint(arg)]; ok && e.Rule == models.RulePasswordSimilar {
			args[i] = strings.ReplaceAll(name, "_", " ")
		}
	}
	verbs := strings.Count(text, "%d") + strings.Count(text, "%s") + strings.Count(text, "%v")
	if verbs == 0 || len(args) < verbs {
		return text
	}
	return fmt.Sprintf(text, args[:verbs]...)
}

// wrong is the body of an answer to a request that breaks rules: an object where they are about attributes, and else a
// list of sentences (docs/spec/cvat.md, 3).
func (c *call) wrong(e *models.Error) any {
	if e.Missing != nil && e.Missing.Name != "" {
		return mistakes{{"groups", []string{"Object with name=" + printable(e.Missing.Name) + " does not exist."}}}
	}
	if len(e.Fields) == 0 {
		return []string{sentence(models.FieldError{Broken: e.Broken})}
	}
	var list mistakes
	var whole []string
	for _, f := range e.Fields {
		f.Attr = c.nameOf(f.Attr)
		if f.Rule == models.RuleGroupHasName {
			f.Attr = "username"
		}
		if text := sentence(f); f.Attr == "" {
			whole = append(whole, text)
		} else {
			list.add(f.Attr, text)
		}
	}
	if len(list) == 0 {
		return whole
	}
	if len(whole) > 0 {
		list.add("non_field_errors", whole...)
	}
	return list
}
