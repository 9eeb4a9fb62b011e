package scopes

import (
	"strconv"

	"roster/models"
	"roster/scopes/search"

	"gorm.io/gorm"
)

// Audits describes the trail. Rows belong to the tenants of the record at the time of the change.
var Audits = &Noun{
	Class: "Audit", Table: "audits",
	DefaultOrder: by("audits.created_at DESC, audits.id DESC"),
	Search: &search.Definition{Model: "Audit", Table: "audits", Fields: append([]search.Field{
		{Name: "id", Type: search.Integer, Column: "audits.id", Valid: search.IsInteger, Completion: search.Hidden},
		explicit(textField("request_uuid", "audits.request_uuid", search.NameOnly)),
		textField("username", "audits.username", search.Values),
		textField("remote_address", "audits.remote_address", search.NameOnly),
		textField("comment", "audits.comment", search.NameOnly),
		{Name: "authored_by_user", Type: search.Text, Column: "audits.username", Nullable: true, Explicit: true, Completion: search.Values,
			Special: []string{currentUser}, Translate: ownLogin},
		{Name: "authored_by_user.id", Type: search.Integer, Column: "audits.user_id", Nullable: true, Explicit: true, Completion: search.Hidden,
			Valid: search.IsInteger, Special: []string{currentUser}, Translate: ownID},
		firmText("changes", "audits.audited_changes", search.NameOnly),
		{Name: "time", Type: search.Datetime, Column: "audits.created_at", Completion: search.Values},
		firmText("action", "audits.action", search.Values),
		{Name: "type", Type: search.Text, Column: "audits.auditable_type", Set: auditTypes, Completion: search.Values},
		refField("auditable_id", "audits.auditable_id"),
		{Name: "user", Type: search.Text, Column: "u.login", Explicit: true, Completion: search.Values, Special: []string{currentUser}, Translate: ownLogin,
			Relation: relation("users u WHERE audits.auditable_type = 'User' AND u.id = audits.auditable_id")},
	}, tenantFields("audits", "audit_taxonomies", "audit_id")...)},
}

func explicit(f search.Field) search.Field {
	f.Explicit = true
	return f
}

// currentUser stands for the caller in queries.
const currentUser = "current_user"

func ownLogin(value string, env search.Env) (string, bool) {
	if value == currentUser {
		return env.Login, true
	}
	return value, true
}

func ownID(value string, env search.Env) (string, bool) {
	if value == currentUser {
		return strconv.FormatInt(env.User, 10), true
	}
	return value, true
}

// auditTypes are the classes that are audited, by the names that queries use.
var auditTypes = []search.Value{
	{Label: "auth_source", Value: "AuthSource"}, {Label: "bookmark", Value: "Bookmark"}, {Label: "external_usergroup", Value: "ExternalUsergroup"},
	{Label: "filter", Value: "Filter"}, {Label: "location", Value: "Location"}, {Label: "mail_notification", Value: "UserMailNotification"},
	{Label: "organization", Value: "Organization"}, {Label: "personal_access_token", Value: "PersonalAccessToken"}, {Label: "role", Value: "Role"},
	{Label: "setting", Value: "Setting"}, {Label: "ssh_key", Value: "SshKey"}, {Label: "table_preference", Value: "TablePreference"},
	{Label: "user", Value: "User"}, {Label: "usergroup", Value: "Usergroup"},
}

// taxableClasses are those whose audits only concern the tenants of the record, or of the user who owns it.
var taxableClasses = []string{"User", "AuthSource", "Location", "Organization", "SshKey", "PersonalAccessToken", "TablePreference", "UserMailNotification"}

// VisibleAudits keeps, for callers who are not administrators, the audits of records without tenants and those inside
// the tenants in use (spec, section 15).
func VisibleAudits(p *models.Principal) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		sets := tenantSets(p, auditTenancy)
		if len(sets) == 0 {
			return db
		}
		all := intersect(sets)
		return db.Where("(audits.auditable_type NOT IN ? OR audits.id IN ("+all.sql+"))", append([]any{taxableClasses}, all.args...)...)
	}
}

// auditTenancy says where the tenants of audits are. It is no part of the noun, because audits of records without
// tenants are seen by everybody.
var auditTenancy = &Noun{Class: "Audit", Table: "audits", Links: "audit_taxonomies", LinkColumn: "audit_id"}
