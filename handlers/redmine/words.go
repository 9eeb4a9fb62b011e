package redmine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"roster/handlers/rails"
	"roster/models"
)

// words are the ends of the sentences, behind the label of the attribute (docs/spec/redmine.md, 6.1).
var words = map[models.Rule]string{
	models.RuleBlank:         "cannot be blank",
	models.RuleInvalid:       "is invalid",
	models.RuleTaken:         "has already been taken",
	models.RuleTooLong:       "is too long (maximum is %d characters)",
	models.RuleTooShort:      "is too short (minimum is %d characters)",
	models.RuleTooMany:       "has too many values (maximum is %d)",
	models.RuleNotIncluded:   "is not included in the list",
	models.RuleNotNumber:     "is not a number",
	models.RuleNotDate:       "is not a valid date",
	models.RuleMailDomain:    "is invalid",
	models.RulePasswordClass: "must contain %s",
	models.RulePasswordSame:  "must be different from the current one",
	models.RuleMismatch:      "doesn't match confirmation",
	models.RuleReserved:      "is reserved",
	models.RuleGroupHasName:  "is the name of a group",
	models.RuleUserHasName:   "is the login of a user",
	models.RuleUnknownZone:   "is invalid",

	models.RuleLastAdmin:             "cannot be taken from the last administrator",
	models.RuleLastAdminAccount:      "The last administrator cannot be deleted",
	models.RuleLastAdminGroup:        "is what the last administrator is one by",
	models.RuleExternalLogin:         "is kept elsewhere and cannot be changed",
	models.RuleKeptElsewhere:         "is kept elsewhere and cannot be changed",
	models.RuleSourceNotPermitted:    "is not permitted",
	models.RuleOfAdministrator:       "of an administrator can be changed by administrators only",
	models.RuleOfStronger:            "of somebody with more permissions cannot be changed",
	models.RuleOfOthers:              "of somebody in other organizations cannot be changed",
	models.RuleTenantsOfStronger:     "of somebody with more permissions cannot be changed",
	models.RuleGrantsMore:            "would give permissions that the caller does not have",
	models.RuleEscalation:            "would give permissions that the caller does not have",
	models.RuleAdminFlag:             "can be changed by administrators only",
	models.RuleDisablesSelf:          "of one's own account cannot be changed",
	models.RuleEnded:                 "cannot be changed after the end of the account or membership",
	models.RuleEndsSelf:              "cannot be changed for oneself",
	models.RuleMembershipEnded:       "is assigned by a membership that has ended: %s",
	models.RuleAccountExpired:        "The account has expired",
	models.RuleAssignment:            "is not one of the caller's",
	models.RuleAdministratorsOnly:    "Only an administrator may do this",
	models.RuleStrongerOnly:          "Only who has the permissions of the user may do this",
	models.RuleOfOthersOnly:          "Only who is in all organizations of the user may do this",
	models.RuleNotCovered:            "The caller has no permission for what the record would be",
	models.RuleNoReference:           "There is no %s %v",
	models.RuleNoSuchRecord:          "There is no %s %v",
	models.RuleQuery:                 "%s",
	models.RuleRecordGone:            "The change refers to a record that is no longer there",
	models.RuleRaced:                 "Another change has just made the same record, please try again",
	models.RuleCallerChanged:         "The caller's permissions have just changed, please try again",
	models.RuleDeletesSelf:           "The account in use cannot be deleted",
	models.RuleBusy:                  "The server is busy, please try again",
	models.RuleContainsItself:        "contains itself",
	models.RuleCycle:                 "would contain itself",
	models.RuleNoPermission:          "The caller lacks a permission",
	models.RuleForeignPreferences:    "belong to somebody else",
	models.RuleUnreadableTime:        "is invalid",
	models.RuleSubscribed:            "exists already",
	models.RuleNotBoolean:            "is invalid",
	models.RuleNotInteger:            "is not a number",
	models.RuleNotArray:              "is invalid",
	models.RuleNotPositive:           "is invalid",
	models.RuleNegative:              "is invalid",
	models.RuleBlanks:                "is invalid",
	models.RuleNotWhole:              "is not a number",
	models.RuleOutOfRange:            "must be between %d and %d",
	models.RuleTooManyBytes:          "is too long (maximum is %d bytes)",
	models.RuleForeignDefault:        "is not one of the user's %ss",
	models.RuleWrongPassword:         "is wrong",
	models.RuleForeignSubscription:   "belongs to somebody else",
	models.RuleForeignUnsubscription: "belongs to somebody else",
}

// charClasses are the kinds of characters that a password may have to have.
var charClasses = map[string]string{
	"uppercase":     "uppercase letters (A-Z)",
	"lowercase":     "lowercase letters (a-z)",
	"digits":        "digits (0-9)",
	"special_chars": "special characters (!, $, %, ...)",
}

// ofAttribute are sentences that one attribute has for a rule.
var ofAttribute = map[string]map[models.Rule]string{
	"status":         {models.RuleNotIncluded: "is invalid"},
	"disabled":       {models.RuleNotIncluded: "is invalid"},
	"role_ids":       {models.RuleBlank: "cannot be empty"},
	"auth_source_id": {models.RuleBlank: "is invalid"},
}

// labels are what sentences call attributes, where that is not the attribute's own words.
var labels = map[string]string{
	"mail": "Email", "firstname": "First name", "lastname": "Last name", "mail_notification": "Email notifications",
	"auth_source_id": "Authentication mode", "auth_source": "Authentication mode", "admin": "Administrator",
	"password_confirmation": "Password", "disabled": "Status", "custom_fields": "Custom fields",
	"custom_field_values": "Custom fields", "role_ids": "Role", "group_ids": "Groups", "usergroup_ids": "Groups",
	"user_ids": "Users", "must_change_passwd": "Must change password", "locale": "Language", "member": "Principal",
}

// label is what sentences call an attribute.
func label(_, attr string) string {
	if l, ok := labels[attr]; ok {
		return l
	}
	return rails.Humanize(attr)
}

// sentence words a rule that an attribute breaks, behind the attribute's label.
func sentence(noun string, e models.FieldError) string {
	text, ok := ofAttribute[e.Attr][e.Rule]
	if !ok {
		text, ok = words[e.Rule]
	}
	if !ok {
		text = strings.ReplaceAll(string(e.Rule), "_", " ")
	}
	args := slices.Clone(e.Args)
	if e.Rule == models.RulePasswordClass && len(args) > 0 {
		if class, ok := charClasses[fmt.Sprint(args[0])]; ok {
			args[0] = class
		}
	}
	if n := verbs(text); n < len(args) {
		args = args[:n]
	}
	if verbs(text) > 0 && len(args) == verbs(text) {
		text = fmt.Sprintf(text, args...)
	}
	switch {
	case e.Attr == models.Base || e.Attr == "":
		return text
	case e.Label != "":
		return e.Label + " " + text
	}
	return label(noun, e.Attr) + " " + text
}

// verbs counts the arguments that a sentence takes.
func verbs(text string) int {
	return strings.Count(text, "%d") + strings.Count(text, "%s") + strings.Count(text, "%v")
}

// sentences are all messages of an error, in the order in which clients know them (docs/spec/redmine.md, 6.1).
func sentences(noun string, e *models.Error) []string {
	if e.Missing != nil {
		return []string{label(noun, "auth_source") + " is invalid"}
	}
	if len(e.Fields) == 0 {
		return []string{sentence(noun, models.FieldError{Broken: e.Broken})}
	}
	fields := slices.Clone(e.Fields)
	slices.SortStableFunc(fields, func(a, b models.FieldError) int { return cmp.Compare(place(a), place(b)) })
	list := make([]string, 0, len(fields))
	for _, f := range fields {
		if text := sentence(noun, f); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// blankPlace is where blank names and logins stand among the messages.
const blankPlace = 30

// places are where the attributes stand among the messages, tens apart; rules of one attribute keep their order.
var places = map[string]int{
	"status": 0, "disabled": 0, "mail": 10, "login": 40, "firstname": 50, "lastname": 60, "mail_notification": 70,
	"password": 80, "password_confirmation": 100,
}

// lastPlace is where all other attributes stand.
const lastPlace = 200

// place is where a message stands.
func place(f models.FieldError) int {
	at, known := places[f.Attr]
	switch {
	case strings.HasPrefix(f.Attr, "cf_"):
		return 20
	case !known:
		return lastPlace
	case f.Rule == models.RuleBlank && slices.Contains(blanks, f.Attr):
		return blankPlace + slices.Index(blanks, f.Attr)
	}
	// Within an attribute: what is taken, invalid, too long; of passwords first the kinds of characters, then the
	// length.
	return at + slices.Index(rank, f.Rule) + 1
}

// blanks are the attributes whose missing values are told of together, in this order.
var blanks = []string{"login", "firstname", "lastname"}

// rank orders the rules of one attribute.
var rank = []models.Rule{models.RuleTaken, models.RuleInvalid, models.RuleMailDomain, models.RulePasswordClass,
	models.RuleTooLong, models.RuleTooShort}
