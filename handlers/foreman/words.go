package foreman

import (
	"fmt"
	"slices"

	"roster/handlers/rails"
	"roster/models"
)

// sentence words a broken rule as clients of the original know it: by the attribute where that has a sentence of its
// own.
func sentence(attr string, b models.Broken) string {
	text, ok := wordsOfAttributes[attr][b.Rule]
	if !ok {
		text, ok = words[b.Rule]
	}
	if !ok {
		return string(b.Rule)
	}
	if len(b.Args) == 0 {
		return text
	}
	args := slices.Clone(b.Args)
	for i, arg := range args {
		if cause, ok := arg.(models.Broken); ok {
			args[i] = sentence("", cause)
		}
	}
	return fmt.Sprintf(text, args...)
}

// wordsOfAttributes are sentences that one attribute has for a rule.
var wordsOfAttributes = map[string]map[models.Rule]string{
	"login": {models.RuleTaken: "already exists"},
}

// words are the sentences of the rules (docs/spec/foreman.md, 6.7).
var words = map[models.Rule]string{
	models.RuleBlank:          "can't be blank",
	models.RuleInvalid:        "is invalid",
	models.RuleTaken:          "has already been taken",
	models.RuleNotIncluded:    "is not included in the list",
	models.RuleReserved:       "is reserved",
	models.RuleTooMany:        "are too many (maximum is %d)",
	models.RuleTooLong:        "is too long (maximum is %d characters)",
	models.RuleTooShort:       "is too short (minimum is %d characters)",
	models.RuleNotDate:        "is not a valid date",
	models.RuleFixed:          "can't be changed",
	models.RuleHasValues:      "can't be changed like this while there are values",
	models.RuleFiltersUse:     "Filters search by the field: %s",
	models.RuleUnknownField:   "has no field %s",
	models.RulePasswordClass:  "must contain %s",
	models.RulePasswordSame:   "must not be the current one",
	models.RuleMailDomain:     "contains a domain not allowed (%s)",
	models.RuleTooManyBytes:   "is too long (maximum is %d bytes)",
	models.RuleBlanks:         "can't contain spaces",
	models.RuleUnknownZone:    "is not valid",
	models.RuleNotBoolean:     "must be boolean",
	models.RuleNotInteger:     "must be integer",
	models.RuleNotArray:       "must be an array",
	models.RuleNotNumber:      "is not a number",
	models.RuleNotWhole:       "must be an integer",
	models.RuleUnknownList:    "%s is not a valid controller",
	models.RuleNotPositive:    "must be greater than 0",
	models.RuleNegative:       "must be greater than or equal to 0",
	models.RulePageSize:       "must be between 1 and 1000",
	models.RuleOutOfRange:     "must be between %d and %d",
	models.RuleUnreadableTime: "Could not parse timestamp '%s'",
	models.RulePast:           "cannot be in the past",
	models.RuleEnded:          "can't be changed while expires_at is in the past",
	models.RuleEndsSelf:       "can't be changed for yourself",
	models.RuleMembershipEnded: "are assigned by a membership that is suspended or has ended: %s. " +
		"Activate it, or set its expires_at",
	models.RuleKeysAddress: "must be an address with https, or with http on this machine (127.0.0.0/8, ::1 " +
		"or localhost)",
	models.RuleLinkLocal:             "must not be a link-local address, where machines keep their secrets",
	models.RuleNoQuery:               "invalid search query: %s",
	models.RuleGroupHasName:          "A user group already exists with this name",
	models.RuleUserHasName:           "is already used by a user account",
	models.RuleExternalLogin:         "It is not possible to change external users login",
	models.RuleKeptElsewhere:         "of this account is kept elsewhere, by its auth source",
	models.RuleSourceNotPermitted:    "is not permitted",
	models.RuleForeignDefault:        "default %[1]ss need to be user %[1]ss first",
	models.RuleDisablesSelf:          "It is not possible to disable yourself",
	models.RuleDeletesSelf:           "You are trying to delete your own account",
	models.RuleMismatch:              "doesn't match Password",
	models.RuleWrongPassword:         "Incorrect password",
	models.RuleLastAdmin:             "cannot be removed from the last admin account",
	models.RuleLastAdminAccount:      "Can't delete the last admin account",
	models.RuleLastAdminGroup:        "Can't delete the last admin user group",
	models.RuleForeignPreferences:    "You are trying access the preferences of a different user",
	models.RuleForeignSubscription:   "You do not have permission to add a mail notification to another user",
	models.RuleForeignUnsubscription: "You do not have permission to delete a mail notification of another user",
	models.RuleNotSubscribed:         "No user mail notification to update. Use the create action",
	models.RuleSubscribed:            "User mail notification already exists. Use the update action",
	models.RuleNoRhythm:              "Interval or subscription option is missing",
	models.RuleRhythmMissing:         "%s option is needed",
	models.RuleRhythmInvalid:         "%s option is not valid",
	models.RuleMailQueryInvalid:      "Mail query is not valid",
	models.RuleTooManyPreferences:    "Table preferences are too many (maximum is %d)",
	models.RuleTooManyKeys:           "SSH keys are too many (maximum is %d)",
	models.RuleKeyFormat:             "must be in OpenSSH public key format",
	models.RuleKeyLines:              "should be a single line",
	models.RuleKeyUnreadable:         "is not a valid public ssh key",
	models.RuleKeyLength:             "could not be calculated",
	models.RuleNotGenerated:          "could not be generated",
	models.RuleAdminFlag:             "admin flag can only be modified by admins",
	models.RuleContainsItself:        "Validation failed: cannot contain itself as member",
	models.RuleCycle:                 "Validation failed: Adding would cause a cycle!",
	models.RuleGroupsAround:          "a group can be inside at most %d groups",
	models.RuleGroupsInside:          "at most %d groups can be inside a group",
	models.RuleSpecialGroup: "Domain Users is a special group in AD. Unfortunately, we cannot obtain " +
		"membership information from a LDAP search and therefore sync it.",
	models.RuleNotInSource:      "is not found in the authentication source",
	models.RuleRoleLocked:       "This role is locked from being modified by users.",
	models.RuleRoleBuiltIn:      "Cannot delete built-in role",
	models.RuleFilterLocked:     "is locked for user modifications.",
	models.RuleNoPermissions:    "You must select at least one permission",
	models.RuleMixedPermissions: "must be of same resource type (%s) - Role (%s)",
	models.RuleNotLimitable:     "You can't assign %ss to this resource",
	models.RuleExclusion:        "can exclude by tenants, users or who acted only when an administrator says so",
	models.RuleReservedName:     "%s is reserved.",
	models.RuleOwnDescendant:    "%s cannot be a descendant of itself.",
	models.RuleParentPermission: "Missing a permission to edit parent %s",
	models.RuleHasChildren:      "Cannot delete %s because it has nested %s.",
	models.RuleOpenedByAdmins:   "can only be extended by admins",
	models.RuleAssignment: "Invalid %[1]ss selection, you must select at least one of yours and have " +
		"'assign_%[1]ss' permission.",
	models.RuleFilterSyntax: "invalid LDAP filter syntax",
	models.RuleNoName:       "is not a distinguished name, such as ou=people,dc=example,dc=com",
	models.RuleTwoEntries:   "two entries of the LDAP server have this login: %s and %s",
	models.RuleUsedBy:       "LDAP-%s is used by %s",
	models.RuleUsedByHidden: "LDAP-%s is being used by a hidden User resource",
	models.RuleLDAPTrouble:  "LDAP error - %s",
	models.RuleAdminsRegister: "is for administrators to switch on, since people's passwords go to the " +
		"server then",
	models.RuleAdminsMove:           "is on, so host, port, base_dn, account and tls are for administrators to change",
	models.RuleAdminsChoose:         "is on, so attr_login and ldap_filter are for administrators to change",
	models.RuleAdminsLogin:          "may name $login only where an administrator says so",
	models.RuleAdminsMoveOwn:        "names $login, so host, port, base_dn and tls are for administrators to change",
	models.RuleOfAdministrator:      "cannot be changed by a non-admin user",
	models.RuleOfStronger:           "cannot be changed by a user with fewer permissions",
	models.RuleOfOthers:             "cannot be changed by a user who is not in all its organizations and locations",
	models.RuleOfOthersOnly:         "Only who is in all its organizations and locations may do this",
	models.RuleTenantsOfStronger:    "cannot be changed for a user with more permissions than yours",
	models.RuleAdministratorsOnly:   "Only an administrator may do this to an administrator",
	models.RuleStrongerOnly:         "Only who has the permissions of the user may do this",
	models.RuleGuest:                "cannot be changed: the user is in your organizations by invitation alone",
	models.RuleNetwork:              "%s is neither a network nor an address",
	models.RuleOtherVersion:         "has changed meanwhile",
	models.RuleTooManyDeactivations: "Too many people would be switched off in an hour",
	models.RuleNotDeleted:           "nothing was deleted that could be brought back",
	models.RuleReadOnlyToken:        "The token lets its holder look, and change nothing",
	models.RuleTooManyTokens:        "Personal access tokens are too many (maximum is %d)",
	models.RuleTooManyScimTokens:    "SCIM tokens are too many (maximum is %d): revoke one",
	models.RuleNoSource:             "The setting scim_auth_source names no usable auth source: %s",
	models.RuleOutsider:             "You do not belong to the organization",
	models.RuleOrganizationRole:     "Your role in the organization does not allow this",
	models.RuleAlreadyMember:        "The user is a member of the organization already",
	models.RuleInvitationExpired:    "The invitation is too old",
	models.RuleInvitationAccepted:   "The invitation was accepted before",
	models.RuleNoMail:               "No mail server is set",
	models.RuleTooOften:             "This was asked for too often, please try again in %d seconds",
	models.RulePasswordCommon:       "is one that many people have",
	models.RulePasswordNumeric:      "has nothing but digits",
	models.RulePasswordSimilar:      "is too much like %s",
	models.RuleGrantsMore:           "you can't give permissions that you don't have",
	models.RuleEscalation:           "you can't assign some of roles you selected",
	models.RuleNotCovered: "You don't have permission %s with attributes that you have specified or you " +
		"don't have access to specified organizations or locations",
	models.RuleQuery:              "%s",
	models.RuleCredentials:        "unable to authenticate",
	models.RuleLoginRefused:       "Unable to authenticate user %s",
	models.RuleSecondFactor:       "The account asks for a second factor, use a personal access token",
	models.RuleMustChangePassword: "The password has to be changed before anything else",
	models.RuleAccountExpired:     "User account has expired, please contact your administrator",
	models.RuleAccountDisabled:    "User account is disabled, please contact your administrator",
	models.RuleTooManyTries:       "Too many tries, please try again in a few minutes.",
	models.RuleNobody:             "nobody is asking",
	models.RuleCallerChanged:      "your permissions have just changed, please try again",
	models.RuleRecordGone:         "The change refers to a record that is no longer there",
	models.RuleRaced:              "Another change has just made the same record",
	models.RuleBusy:               "the server is busy, please try again",
	models.RuleTooSlow:            "The search took longer than %d seconds",
	models.RuleNoDatabase:         "The database cannot be reached now, please try again",
	models.RuleDamagedDatabase:    "The database is damaged; restore a backup",
	models.RuleNoSecretKey: "no secret key is configured, so bind passwords cannot be kept; set " +
		"ROSTER_SECRET_KEY",
	models.RuleNoAnswer: "the LDAP server does not answer",
	models.RuleLDAPHidden: "the LDAP server cannot be reached, or does not speak LDAP; the log of this " +
		"server says why",
	models.RuleNoLDAP:          "this server asks no LDAP servers",
	models.RuleSourceGone:      "the auth source is gone",
	models.RuleBusyWithBodies:  "the server is busy with large requests, please try again",
	models.RuleNoValue:         "No setting value provided.",
	models.RuleLDAPUnreachable: "%s",
}

// labels are the names that full messages use for attributes, where they differ from the attribute's own words
// (docs/spec/foreman.md, 6.7).
var labels = map[string]map[string]string{
	"users": {"login": "Username", "firstname": "First name", "lastname": "Surname", "mail": "Email address",
		"admin":    "Administrator",
		"role_ids": "Role ids", "location_ids": "Location ids", "organization_ids": "Organization ids"},
	"usergroups": {"admin": "Administrator"},
	"roles": {"builtin": "Built-in", "location_ids": "Location ids",
		"organization_ids": "Organization ids"},
	"filters":                {"location_ids": "Location ids", "organization_ids": "Organization ids"},
	"locations":              {"ignore_types": "All objects"},
	"organizations":          {"ignore_types": "All objects"},
	"auth_source_ldaps":      authSourceLabels,
	"auth_source_externals":  authSourceLabels,
	"personal_access_tokens": {},
}

var authSourceLabels = map[string]string{
	"host": "Server", "account": "Account username", "base_dn": "Base DN", "tls": "TLS",
	"onthefly_register": "Automatically create accounts in Foreman",
	"attr_login":        "Login name attribute", "attr_firstname": "First name attribute",
	"attr_lastname": "Surname attribute", "attr_mail": "Email address attribute",
	"location_ids": "Location ids", "organization_ids": "Organization ids",
}

// fullMessage is an error as a sentence.
func fullMessage(resource string, e models.FieldError) string {
	text := sentence(e.Attr, e.Broken)
	if e.Attr == models.Base {
		return text
	}
	if e.Label != "" {
		return e.Label + " " + text
	}
	return label(resource, e.Attr) + " " + text
}

func label(resource, attr string) string {
	if l, ok := labels[resource][attr]; ok {
		return l
	}
	return rails.Humanize(attr)
}
