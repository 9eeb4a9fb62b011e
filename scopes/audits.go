package scopes

import (
	"slices"
	"strconv"

	"roster/models"
	"roster/scopes/search"

	"gorm.io/gorm"
)

// Audits describes the trail. Rows belong to the tenants of the record at the time of the change.
var Audits = &Resource{
	Name: "audits", Class: "Audit", Stem: "audit_logs", Table: "audits",
	Only:         func(p *models.Principal, _ models.Action) Scope { return VisibleAudits(p) },
	DefaultOrder: by("audits.created_at DESC"), Newest: true,
	Search: definition("Audit", "audits", slices.Concat([]search.Field{
		{Name: "id", Type: search.Integer, Column: "audits.id", Valid: search.IsInteger, Completion: search.Hidden},
		explicit(textField("request_uuid", "audits.request_uuid", search.NameOnly)),
		textField("username", "audits.username", search.Values),
		textField("remote_address", "audits.remote_address", search.NameOnly),
		textField("comment", "audits.comment", search.NameOnly),
		meaning(explicit(textField("authored_by_user", "audits.username", search.Values)), ownLogin),
		meaning(nullable(refField("authored_by_user.id", "audits.user_id")), ownID),
		long(firmText("changes", "audits.audited_changes", search.NameOnly)),
		{Name: "time", Type: search.Datetime, Column: "audits.created_at", Completion: search.Values},
		firmText("action", "audits.action", search.Values),
		{Name: "type", Type: search.Text, Column: "audits.auditable_type", Set: auditTypes, Completion: search.Values},
		refField("auditable_id", "audits.auditable_id"),
		meaning(explicit(relatedText("user", "u.login", auditedUser, search.Values)), ownLogin),
	}, auditedNames(), tenantFields("audits", "audit_taxonomies", "audit_id"))...),
}

// auditedUser leads to the user that an audit is about, as long as there is one.
var auditedUser = &search.Relation{
	One: true,
	SQL: "(audits.auditable_type = 'User' AND audits.auditable_id IN (SELECT u.id FROM users u WHERE %s))",
	Keys: "SELECT audits.id FROM audits JOIN users u ON u.id = audits.auditable_id WHERE audits.auditable_type = " +
		"'User' AND %s",
	Order:   "(SELECT %s FROM users u WHERE audits.auditable_type = 'User' AND u.id = audits.auditable_id)",
	Related: relatedUsers,
	Reached: "SELECT 1 FROM audits WHERE audits.auditable_type = 'User' AND audits.auditable_id = u.id AND " +
		"audits.id IN (?)",
}

// auditedNames are fields that compare the names of audited records of one class. Roster has settings; the others are
// there so that searches that people saved elsewhere find nothing instead of failing.
func auditedNames() []search.Field {
	var fields []search.Field
	for _, f := range [][2]string{
		{"host", "Host::Base"}, {"hostgroup", "Hostgroup"}, {"hostgroup_title", "Hostgroup"}, {"os", "Operatingsystem"},
		{"os_title", "Operatingsystem"},
		{"parameter", "Parameter"}, {"provisioning_template", "ProvisioningTemplate"}, {"partition_table", "Ptable"},
		{"puppetclass", "Puppetclass"},
		{"interface_fqdn", "Nic::Base"}, {"interface_ip", "Nic::Base"}, {"interface_mac", "Nic::Base"},
		{"setting", "Setting"},
	} {
		completion := search.Hidden
		if f[0] == "setting" {
			completion = search.Values
		}
		fields = append(fields,
			explicit(textField(f[0], "CASE WHEN audits.auditable_type = '"+f[1]+"' THEN audits.auditable_name END",
				completion)))
	}
	return fields
}

func nullable(f search.Field) search.Field {
	f.Nullable = true
	return f
}

// meaning returns the word current_user a meaning in a field.
func meaning(f search.Field, translate func(string, search.Env) (string, bool)) search.Field {
	f.Special = []string{currentUser}
	f.Translate = translate
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

// auditTypes are the classes that are audited, by the names that queries use, and those of the original that clients
// ask for.
var auditTypes = []search.Value{
	{Label: "auth_source", Value: "AuthSource"}, {Label: "bookmark", Value: "Bookmark"},
	{Label: "compute_resource", Value: "ComputeResource"},
	{Label: "custom_field", Value: "CustomField"},
	{Label: "external_usergroup", Value: "ExternalUsergroup"}, {Label: "filter", Value: "Filter"},
	{Label: "host", Value: "Host::Base"},
	{Label: "interface", Value: "Nic::Base"}, {Label: "location", Value: "Location"},
	{Label: "mail_notification", Value: "UserMailNotification"}, {Label: "membership", Value: "Membership"},
	{Label: "organization", Value: "Organization"}, {Label: "os", Value: "Operatingsystem"},
	{Label: "override_value", Value: "LookupValue"},
	{Label: "parameter", Value: "Parameter"}, {Label: "partition_table", Value: "Ptable"},
	{Label: "personal_access_token", Value: "PersonalAccessToken"},
	{Label: "provisioning_template", Value: "ProvisioningTemplate"}, {Label: "role", Value: "Role"},
	{Label: "scim_token", Value: "ScimToken"},
	{Label: "setting", Value: "Setting"},
	{Label: "smart_class_parameter", Value: "PuppetclassLookupKey"}, {Label: "ssh_key", Value: "SshKey"},
	{Label: "subnet", Value: "Subnet"},
	{Label: "table_preference", Value: "TablePreference"}, {Label: "user", Value: "User"},
	{Label: "usergroup", Value: "Usergroup"},
}

// taxableClasses are those whose audits only concern the tenants of the record, or of the user who owns it.
var taxableClasses = []string{"User", "AuthSource", "Location", "Organization", "SshKey", "PersonalAccessToken",
	"TablePreference", "UserMailNotification", "ExternalUsergroup", "Bookmark", "Parameter", "Membership",
	"ScimToken"}

// globalParameters is the condition for audits of parameters that belong to no tenant.
const globalParameters = "(audits.auditable_type = 'Parameter' AND audits.associated_id IS NULL)"

// VisibleAudits keeps, for callers who are not administrators, the audits of records without tenants and those inside
// the tenants in use (docs/spec/foreman.md, 15).
func VisibleAudits(p *models.Principal) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		limits := tenantLimits(p, auditTenancy.Class)
		if len(limits) == 0 {
			return db
		}
		all := auditTenancy.within(DialectOf(db), limits)
		return db.Where("(audits.auditable_type NOT IN ? OR "+globalParameters+" OR audits.id IN ("+all.sql+"))",
			append([]any{taxableClasses}, all.args...)...)
	}
}

// auditTenancy says where the tenants of audits are. It is no part of the noun, because audits of records without
// tenants are seen by everybody.
var auditTenancy = &Resource{Class: "Audit", Table: "audits", Links: "audit_taxonomies", LinkColumn: "audit_id"}
