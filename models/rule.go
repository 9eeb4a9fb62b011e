package models

import (
	"fmt"
	"strings"
)

// Rule is the code of a rule that a value or a request breaks. Dialects have the sentences.
type Rule string

// Rules about values.
const (
	// RuleBlank: a value is missing.
	RuleBlank Rule = "blank"
	// RuleInvalid: a value has a form that is not allowed.
	RuleInvalid Rule = "invalid"
	// RuleTaken: another record has the value.
	RuleTaken Rule = "taken"
	// RuleNotIncluded: a value is not in the list of allowed ones.
	RuleNotIncluded Rule = "not_included"
	// RuleReserved: a value has a meaning of its own.
	RuleReserved Rule = "reserved"
	// RuleTooMany: a list is too long; its argument is the greatest length.
	RuleTooMany Rule = "too_many"
	// RuleTooLong: a text is too long; its argument is the greatest length in characters.
	RuleTooLong Rule = "too_long"
	// RuleTooShort: a text is too short; its argument is the least length in characters.
	RuleTooShort Rule = "too_short"
	// RuleNotDate: a value is not a date.
	RuleNotDate Rule = "not_date"
	// RuleTooManyBytes: a text is too long; its argument is the greatest length in bytes.
	RuleTooManyBytes Rule = "too_many_bytes"
	// RuleBlanks: a name has white space in it.
	RuleBlanks Rule = "blanks"
	// RuleUnknownZone: there is no such time zone.
	RuleUnknownZone Rule = "unknown_zone"
	// RuleNotBoolean: a value is neither true nor false.
	RuleNotBoolean Rule = "not_boolean"
	// RuleNotInteger: a value is not a whole number.
	RuleNotInteger Rule = "not_integer"
	// RuleNotPositive: a number is not greater than 0.
	RuleNotPositive Rule = "not_positive"
	// RuleNegative: a number is less than 0.
	RuleNegative Rule = "negative"
	// RulePageSize: a page would be empty, or too long.
	RulePageSize Rule = "page_size"
	// RuleOutOfRange: a number is outside its range; its arguments are the least and the greatest.
	RuleOutOfRange Rule = "out_of_range"
	// RuleUnreadableTime: a text is not a point in time; its argument is the text.
	RuleUnreadableTime Rule = "unreadable_time"
	// RuleEnded: what has ended cannot be active, unless its end is moved.
	RuleEnded Rule = "ended"
	// RuleEndsSelf: nobody sets the end of the own account or membership.
	RuleEndsSelf Rule = "ends_self"
	// RuleMembershipEnded: the membership of a tenant has ended; its argument is the title.
	RuleMembershipEnded Rule = "membership_ended"
	// RulePast: a point in time has gone by.
	RulePast Rule = "past"
	// RuleKeysAddress: keys may not be fetched from the address.
	RuleKeysAddress Rule = "keys_address"
	// RuleLinkLocal: the address is a link-local one.
	RuleLinkLocal Rule = "link_local"
	// RuleFixed: a value cannot be changed once the record is there.
	RuleFixed Rule = "fixed"
	// RuleHasValues: a custom field cannot change in this way while records have values of it.
	RuleHasValues Rule = "has_values"
	// RuleFiltersUse: filters search by a custom field; its argument are their ids.
	RuleFiltersUse Rule = "filters_use"
	// RuleUnknownField: there is no such custom field; its argument is what was asked for.
	RuleUnknownField Rule = "unknown_field"
	// RuleNoQuery: a search cannot be read; its argument is what the language says.
	RuleNoQuery Rule = "no_query"
)

// Rules of users.
const (
	// RuleGroupHasName: a group has the login as its name.
	RuleGroupHasName Rule = "group_has_name"
	// RuleUserHasName: a user has the name as login.
	RuleUserHasName Rule = "user_has_name"
	// RuleExternalLogin: the login belongs to a user of another source.
	RuleExternalLogin Rule = "external_login"
	// RuleKeptElsewhere: another source than this server's own keeps the password.
	RuleKeptElsewhere Rule = "kept_elsewhere"
	// RuleSourceNotPermitted: the auth source is not for this.
	RuleSourceNotPermitted Rule = "source_not_permitted"
	// RuleForeignDefault: a default tenant is not one of the user's own; its argument is the kind.
	RuleForeignDefault Rule = "foreign_default"
	// RuleDisablesSelf: callers would disable themselves.
	RuleDisablesSelf Rule = "disables_self"
	// RuleDeletesSelf: callers would delete themselves.
	RuleDeletesSelf Rule = "deletes_self"
	// RuleMismatch: a password and its confirmation differ.
	RuleMismatch Rule = "mismatch"
	// RulePasswordClass: a password lacks a kind of characters; its argument is the kind.
	RulePasswordClass Rule = "password_class"
	// RulePasswordSame: a password that has to be changed would stay what it is.
	RulePasswordSame Rule = "password_same"
	// RuleMailDomain: mail addresses of the domain are not allowed; its argument is the domain.
	RuleMailDomain Rule = "mail_domain"
	// RuleWrongPassword: the current password is another one.
	RuleWrongPassword Rule = "wrong_password"
	// RuleLastAdmin: no administrator would be left.
	RuleLastAdmin Rule = "last_admin"
	// RuleLastAdminAccount: no administrator would be left without the account.
	RuleLastAdminAccount Rule = "last_admin_account"
	// RuleLastAdminGroup: no administrator would be left without the group.
	RuleLastAdminGroup Rule = "last_admin_group"
	// RuleForeignPreferences: preferences are another user's.
	RuleForeignPreferences Rule = "foreign_preferences"
	// RuleForeignSubscription: a subscription would be made or changed for another user.
	RuleForeignSubscription Rule = "foreign_subscription"
	// RuleForeignUnsubscription: another user's subscription would end.
	RuleForeignUnsubscription Rule = "foreign_unsubscription"
	// RuleNotSubscribed: there is no subscription to change.
	RuleNotSubscribed Rule = "not_subscribed"
	// RuleSubscribed: there is a subscription already.
	RuleSubscribed Rule = "subscribed"
	// RuleNoRhythm: the change has neither an interval nor a subscription.
	RuleNoRhythm Rule = "no_rhythm"
	// RuleRhythmMissing: the option that this kind of mail takes is missing; its argument is the option.
	RuleRhythmMissing Rule = "rhythm_missing"
	// RuleRhythmInvalid: the option has an unknown value; its argument is the option.
	RuleRhythmInvalid Rule = "rhythm_invalid"
	// RuleMailQueryInvalid: the query for a mail cannot be kept.
	RuleMailQueryInvalid Rule = "mail_query_invalid"
	// RuleTooManyPreferences: a user keeps too many table preferences; its argument is the greatest number.
	RuleTooManyPreferences Rule = "too_many_preferences"
	// RuleTooManyKeys: a user has too many SSH keys; its argument is the greatest number.
	RuleTooManyKeys Rule = "too_many_keys"
	// RuleKeyFormat: a key is not in OpenSSH's form.
	RuleKeyFormat Rule = "key_format"
	// RuleKeyLines: a key has more than one line.
	RuleKeyLines Rule = "key_lines"
	// RuleKeyUnreadable: a key cannot be read.
	RuleKeyUnreadable Rule = "key_unreadable"
	// RuleNotGenerated: a value that follows from another one cannot be worked out.
	RuleNotGenerated Rule = "not_generated"
	// RuleUnknownList: no list is called like that.
	RuleUnknownList Rule = "unknown_list"
	// RuleNotNumber: a value has to be a number.
	RuleNotNumber Rule = "not_number"
	// RuleNotWhole: a number has to be a whole one.
	RuleNotWhole Rule = "not_whole"
	// RuleNotArray: a value has to be a list.
	RuleNotArray Rule = "not_array"
	// RuleKeyLength: the length of a key cannot be worked out.
	RuleKeyLength Rule = "key_length"
)

// Rules of organizations and of those who belong to them.
const (
	// RuleOutsider: the caller does not belong to the organization.
	RuleOutsider Rule = "outsider"
	// RuleOrganizationRole: the caller's role in the organization, or system group, does not allow it.
	RuleOrganizationRole Rule = "organization_role"
	// RuleGuest: somebody who was invited keeps the own account for themselves.
	RuleGuest Rule = "guest"
	// RuleAlreadyMember: somebody who is invited belongs to the organization already.
	RuleAlreadyMember Rule = "already_member"
	// RuleInvitationExpired: the invitation is too old.
	RuleInvitationExpired Rule = "invitation_expired"
	// RuleInvitationAccepted: the invitation was accepted before.
	RuleInvitationAccepted Rule = "invitation_accepted"
	// RuleNoMail: no mail server is set.
	RuleNoMail Rule = "no_mail"
	// RuleTooOften: something was asked for too often; its argument are the seconds to wait.
	RuleTooOften Rule = "too_often"
	// RuleReadOnlyToken: the caller's token lets its holder look, and change nothing.
	RuleReadOnlyToken Rule = "read_only_token"
	// RuleTooManyTokens: a user has too many live tokens; its argument is the greatest number.
	RuleTooManyTokens Rule = "too_many_tokens"
	// RuleTooManyScimTokens: an organization has too many live tokens; its argument is the greatest number.
	RuleTooManyScimTokens Rule = "too_many_scim_tokens"
	// RuleNoSource: a setting names an auth source that new people cannot have; its argument is the name.
	RuleNoSource Rule = "no_source"
	// RuleNetwork: a text is neither a network nor an address; its argument is the text.
	RuleNetwork Rule = "network"
	// RuleNotDeleted: there is nothing to bring back.
	RuleNotDeleted Rule = "not_deleted"
	// RuleTooManyDeactivations: an identity provider would switch off too many people in an hour.
	RuleTooManyDeactivations Rule = "too_many_deactivations"
	// RuleOtherVersion: a record has changed since the caller looked at it.
	RuleOtherVersion Rule = "other_version"
	// RulePasswordCommon: a password is one that many people have.
	RulePasswordCommon Rule = "password_common"
	// RulePasswordNumeric: a password is a number.
	RulePasswordNumeric Rule = "password_numeric"
	// RulePasswordSimilar: a password is much like another attribute of the user; its argument is the attribute.
	RulePasswordSimilar Rule = "password_similar"
)

// Rules of groups and roles.
const (
	// RuleAdminFlag: only administrators change what makes administrators.
	RuleAdminFlag Rule = "admin_flag"
	// RuleContainsItself: a group would contain itself.
	RuleContainsItself Rule = "contains_itself"
	// RuleCycle: a group would be inside itself by way of others.
	RuleCycle Rule = "cycle"
	// RuleGroupsAround: a group would be inside too many; its argument is the greatest number.
	RuleGroupsAround Rule = "groups_around"
	// RuleGroupsInside: too many groups would be inside one; its argument is the greatest number.
	RuleGroupsInside Rule = "groups_inside"
	// RuleSpecialGroup: LDAP servers do not list the members of the group.
	RuleSpecialGroup Rule = "special_group"
	// RuleNotInSource: the auth source does not know the group.
	RuleNotInSource Rule = "not_in_source"
	// RuleRoleLocked: a shipped role may not change.
	RuleRoleLocked Rule = "role_locked"
	// RuleRoleBuiltIn: a built-in role may not go.
	RuleRoleBuiltIn Rule = "role_built_in"
	// RuleFilterLocked: a filter of a shipped role may not change.
	RuleFilterLocked Rule = "filter_locked"
	// RuleNoPermissions: a filter has no permission.
	RuleNoPermissions Rule = "no_permissions"
	// RuleMixedPermissions: the permissions of a filter are about several resources; its arguments are their names and
	// the role.
	RuleMixedPermissions Rule = "mixed_permissions"
	// RuleNotLimitable: a filter for this resource cannot be limited to tenants; its argument is the kind of tenant.
	RuleNotLimitable Rule = "not_limitable"
	// RuleExclusion: only administrators write filters that leave out by tenants or users.
	RuleExclusion Rule = "exclusion"
)

// Rules of tenants.
const (
	// RuleReservedName: the name means any tenant; its argument is the name.
	RuleReservedName Rule = "reserved_name"
	// RuleOwnDescendant: a tenant would be below itself; its argument is the kind.
	RuleOwnDescendant Rule = "own_descendant"
	// RuleParentPermission: the caller may not edit the parent; its argument is the kind.
	RuleParentPermission Rule = "parent_permission"
	// RuleHasChildren: a tenant with others below it cannot go; its arguments are its title and the kind.
	RuleHasChildren Rule = "has_children"
	// RuleOpenedByAdmins: only administrators open a tenant to everybody.
	RuleOpenedByAdmins Rule = "opened_by_admins"
	// RuleAssignment: the caller may not assign these tenants; its argument is the kind.
	RuleAssignment Rule = "assignment"
)

// Rules of auth sources.
const (
	// RuleFilterSyntax: an LDAP filter cannot be read.
	RuleFilterSyntax Rule = "filter_syntax"
	// RuleNoName: a text is not the name of an entry.
	RuleNoName Rule = "no_name"
	// RuleTwoEntries: two entries of an LDAP server have one login; its arguments are their names.
	RuleTwoEntries Rule = "two_entries"
	// RuleUsedBy: a user belongs to the source; its arguments are the source and the user.
	RuleUsedBy Rule = "used_by"
	// RuleUsedByHidden: a user whom the caller cannot see belongs to the source; its argument is the source.
	RuleUsedByHidden Rule = "used_by_hidden"
	// RuleLDAPTrouble: an LDAP server could not be asked; its argument is what it says.
	RuleLDAPTrouble Rule = "ldap_trouble"
	// RuleAdminsRegister: only administrators let a source register people.
	RuleAdminsRegister Rule = "admins_register"
	// RuleAdminsMove: only administrators move a source that registers people.
	RuleAdminsMove Rule = "admins_move"
	// RuleAdminsChoose: only administrators change how a source that registers people identifies them.
	RuleAdminsChoose Rule = "admins_choose"
	// RuleAdminsLogin: only administrators let a source bind with the login that was typed.
	RuleAdminsLogin Rule = "admins_login"
	// RuleAdminsMoveOwn: only administrators move a source that binds with the login that was typed.
	RuleAdminsMoveOwn Rule = "admins_move_own"
)

// Rules of authority.
const (
	// RuleOfAdministrator: only administrators change this of an administrator.
	RuleOfAdministrator Rule = "of_administrator"
	// RuleOfStronger: the user can do more than the caller.
	RuleOfStronger Rule = "of_stronger"
	// RuleOfOthers: tenants beyond the caller's share the record.
	RuleOfOthers Rule = "of_others"
	// RuleOfOthersOnly: tenants beyond the caller's share the record.
	RuleOfOthersOnly Rule = "of_others_only"
	// RuleTenantsOfStronger: the user could do there what the caller cannot.
	RuleTenantsOfStronger Rule = "tenants_of_stronger"
	// RuleAdministratorsOnly: only administrators do this to an administrator.
	RuleAdministratorsOnly Rule = "administrators_only"
	// RuleStrongerOnly: only a caller with the permissions of the user may do this.
	RuleStrongerOnly Rule = "stronger_only"
	// RuleGrantsMore: the change grants permissions that the caller does not have.
	RuleGrantsMore Rule = "grants_more"
	// RuleEscalation: the change assigns roles that the caller may not assign.
	RuleEscalation Rule = "escalation"
	// RuleNotCovered: the record would be outside what the permission covers; its argument is the permission.
	RuleNotCovered Rule = "not_covered"
)

// Rules of requests.
const (
	// RuleNoReference: a reference leads nowhere; Missing says which.
	RuleNoReference Rule = "no_reference"
	// RuleNoSuchRecord: there is no such record within what the caller may see; Subject and ID say which.
	RuleNoSuchRecord Rule = "no_such_record"
	// RuleNoPermission: the caller lacks every one of the permissions that would do.
	RuleNoPermission Rule = "no_permission"
	// RuleQuery: a search or an order cannot be read; its argument is what the language says.
	RuleQuery Rule = "query"
	// RuleCredentials: the login is unknown, or the password is wrong.
	RuleCredentials Rule = "credentials"
	// RuleSecondFactor: the account asks for a second factor, which this server cannot check.
	RuleSecondFactor Rule = "second_factor"
	// RuleMustChangePassword: the password has to be changed before anything else.
	RuleMustChangePassword Rule = "must_change_password"
	// RuleLoginRefused: a login is refused; its argument is the login.
	RuleLoginRefused Rule = "login_refused"
	// RuleAccountExpired: the account has expired.
	RuleAccountExpired Rule = "account_expired"
	// RuleAccountDisabled: the account is disabled.
	RuleAccountDisabled Rule = "account_disabled"
	// RuleSessionExpired: the session has ended.
	RuleSessionExpired Rule = "session_expired"
	// RuleTooManyTries: too many logins have failed lately.
	RuleTooManyTries Rule = "too_many_tries"
	// RuleNobody: there is no caller.
	RuleNobody Rule = "nobody"
	// RuleCallerChanged: what the caller may do changed meanwhile.
	RuleCallerChanged Rule = "caller_changed"
	// RuleRecordGone: a record that the change refers to went meanwhile.
	RuleRecordGone Rule = "record_gone"
	// RuleRaced: another change made the same record meanwhile.
	RuleRaced Rule = "raced"
	// RuleBusy: too much is under way.
	RuleBusy Rule = "busy"
	// RuleTooSlow: a search took too long; its argument is the limit in seconds.
	RuleTooSlow Rule = "too_slow"
	// RuleNoDatabase: the database cannot be reached.
	RuleNoDatabase Rule = "no_database"
	// RuleDamagedDatabase: the database is damaged.
	RuleDamagedDatabase Rule = "damaged_database"
	// RuleNoSecretKey: there is no key to keep secrets under.
	RuleNoSecretKey Rule = "no_secret_key"
	// RuleNoAnswer: an LDAP server does not answer.
	RuleNoAnswer Rule = "no_answer"
	// RuleLDAPHidden: an LDAP server cannot be reached; the caller may not see why.
	RuleLDAPHidden Rule = "ldap_hidden"
	// RuleNoLDAP: this server asks no LDAP servers.
	RuleNoLDAP Rule = "no_ldap"
	// RuleSourceGone: the auth source went meanwhile.
	RuleSourceGone Rule = "source_gone"
	// RuleBusyWithBodies: too many large requests are under way.
	RuleBusyWithBodies Rule = "busy_with_bodies"
	// RuleNoValue: the change of a setting has no value.
	RuleNoValue Rule = "no_value"
	// RuleLDAPUnreachable: an LDAP server cannot be reached; its argument says why.
	RuleLDAPUnreachable Rule = "ldap_unreachable"
)

// Broken is a rule that is broken, with what a sentence about it needs.
type Broken struct {
	Rule Rule
	Args []any
}

// String returns the code with its arguments, for logs.
func (b Broken) String() string {
	words := []string{string(b.Rule)}
	for _, arg := range b.Args {
		words = append(words, fmt.Sprint(arg))
	}
	return strings.Join(words, " ")
}
