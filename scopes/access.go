package scopes

import (
	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

func by(columns string) func(search.Dialect) string {
	return func(search.Dialect) string { return columns }
}

var groupRole = many("usergroups.id", "gr.usergroup_id", "usergroup_roles gr", "roles r", "r.id = gr.role_id")

// Usergroups describes user groups. They belong to no tenant (docs/spec/foreman.md, 10.2).
var Usergroups = &Resource{
	Class: "Usergroup", Name: "usergroups", Stem: "usergroups", Table: "usergroups", Label: "name",
	Customs:      models.CustomUsergroup,
	DefaultOrder: by(folded("usergroups.name")),
	Parents: map[string]string{
		// Members of a group, not the group itself repeated (docs/spec/foreman.md, 19, row 21).
		"Usergroup": "usergroups.id IN (SELECT member_id FROM usergroup_usergroups WHERE usergroup_id = ?)",
		"User":      "usergroups.id IN (SELECT usergroup_id FROM usergroup_users WHERE user_id = ?)",
	},
	Search: definition("Usergroup", "usergroups",
		idField("usergroups"), firmText("name", "usergroups.name", search.Values),
		relatedText("role", "r.name", groupRole, search.Values), relatedID("role_id", "r.id", groupRole),
	),
}

// ExternalUsergroups describes the groups of auth sources that are tied to user groups.
var ExternalUsergroups = &Resource{
	Class: "ExternalUsergroup", Name: "external_usergroups", Stem: "external_usergroups",
	Only: either(VisibleExternals, WritableExternals), Table: "external_usergroups", Label: "name",
	Parents: map[string]string{
		"Usergroup":  "external_usergroups.usergroup_id = ?",
		"AuthSource": "external_usergroups.auth_source_id = ?",
	},
	Search: definition("ExternalUsergroup", "external_usergroups",
		idField("external_usergroups"), firmText("name", "external_usergroups.name", search.Values),
		refField("usergroup_id", "external_usergroups.usergroup_id"),
		refField("auth_source_id", "external_usergroups.auth_source_id"),
	),
}

// rolePermission leads from a role to the permissions of its filters.
var rolePermission = many("roles.id", "rf.role_id",
	"filters rf JOIN filter_permissions rfp ON rfp.filter_id = rf.id", "permissions rp", "rp.id = rfp.permission_id")

// Roles describes roles.
var Roles = &Resource{
	Class: "Role", Name: "roles", Stem: "roles", Table: "roles", Label: "name", DefaultOrder: by(folded("roles.name")),
	Parents: map[string]string{
		"User":         "roles.id IN (SELECT role_id FROM user_roles WHERE user_id = ?)",
		"Location":     "roles.id IN (SELECT role_id FROM role_taxonomies WHERE taxonomy_id = ?)",
		"Organization": "roles.id IN (SELECT role_id FROM role_taxonomies WHERE taxonomy_id = ?)",
	},
	Search: definition("Role", "roles",
		idField("roles"), firmText("name", "roles.name", search.Values),
		search.Field{Name: "builtin", Type: search.Integer, Column: "roles.builtin", Set: search.Switch(),
			Completion: search.Values},
		long(textField("description", "roles.description", search.NameOnly)),
		onlyEquals(switchField("locked", lockedRole)),
		exclusive(explicit(relatedText("permission", "rp.name", rolePermission, search.NameOnly))),
	),
}

// onlyEquals limits the suggested operators to "=", which alone is useful.
func onlyEquals(f search.Field) search.Field {
	f.Operators = []search.Operator{search.OpEq}
	return f
}

func lockedRole(c search.Call) (search.Condition, error) {
	sql := "(roles.origin IS NOT NULL AND roles.builtin <> 2)"
	if (c.Value == "true") == (c.Op == search.OpNe) {
		sql = "NOT " + sql
	}
	return search.Condition{SQL: sql}, nil
}

var (
	filterRole       = one("filters", "filters.role_id", "roles", "r")
	filterPermission = many("filters.id", "fp.filter_id", "filter_permissions fp", "permissions p",
		"p.id = fp.permission_id")
)

// Filters describes filters. Their own tenants limit what they grant, not who sees them.
var Filters = &Resource{
	Class: "Filter", Name: "filters", Stem: "filters", Table: "filters",
	Parents: map[string]string{
		// The filters of a role are that role's (docs/spec/foreman.md, 19, row 20).
		"Role":         "filters.role_id = ?",
		"Location":     "filters.id IN (SELECT filter_id FROM filter_taxonomies WHERE taxonomy_id = ?)",
		"Organization": "filters.id IN (SELECT filter_id FROM filter_taxonomies WHERE taxonomy_id = ?)",
	},
	Search: definition("Filter", "filters", append([]search.Field{
		idField("filters"), long(textField("search", "filters.search", search.NameOnly)),
		{Name: "override", Type: search.Boolean, Column: "filters.override", Set: search.Switch(),
			Completion: search.Values},
		switchField("limited", limitedFilter(true)), switchField("unlimited", limitedFilter(false)),
		relatedID("role_id", "r.id", filterRole), relatedText("role", "r.name", filterRole, search.Values),
		relatedText("resource", "p.resource_type", filterPermission, search.Values),
		relatedText("permission", "p.name", filterPermission, search.Values),
	}, tenantFields("filters", "filter_taxonomies", "filter_id")...)...),
}

// limitedFilter compares whether a filter limits the records.
func limitedFilter(limited bool) func(search.Call) (search.Condition, error) {
	return func(c search.Call) (search.Condition, error) {
		wanted := (c.Value == "true") == (c.Op != search.OpNe)
		sql := "(filters.search IS NULL AND filters.taxonomy_search IS NULL)"
		if wanted == limited {
			sql = "NOT " + sql
		}
		return search.Condition{SQL: sql}, nil
	}
}

// Permissions describes permissions, which are read-only.
var Permissions = &Resource{
	Class: "Permission", Name: "permissions", Stem: "permissions",
	// Callers who may edit filters may see all permissions (docs/spec/foreman.md, 2.6).
	Viewing: "edit_filters", Unfiltered: true, Table: "permissions",
	Search: definition("Permission", "permissions",
		idField("permissions"), firmText("name", "permissions.name", search.Values),
		textField("resource_type", "permissions.resource_type", search.Values),
	),
}

// AuthSources describes auth sources of every kind but the hidden one, the others those of one kind. Only LDAP sources
// belong to tenants when they are listed alone (docs/spec/foreman.md, 13.4).
var (
	AuthSources     = authSources("auth_sources", models.InternalSource, models.ExternalSource, models.LdapSource)
	InternalSources = authSources("auth_source_internals", models.InternalSource)
	ExternalSources = authSources("auth_source_externals", models.ExternalSource)
	LdapSources     = ownedByTenants(authSources("auth_source_ldaps", models.LdapSource))
)

func authSources(name string, kinds ...models.AuthSourceKind) *Resource {
	return &Resource{
		Name: name, Class: "AuthSource", Stem: "authenticators", Table: "auth_sources", Label: "name",
		Only: func(p *models.Principal, a models.Action) Scope {
			ofKind := func(db *gorm.DB) *gorm.DB { return db.Where("auth_sources.type IN ?", kinds) }
			return inOrder(ofKind, either(VisibleSources, WritableSources)(p, a))
		},
		Parents: map[string]string{
			"Location": "auth_sources.id IN (SELECT auth_source_id FROM auth_source_taxonomies WHERE " +
				"taxonomy_id = ?)",
			"Organization": "auth_sources.id IN (SELECT auth_source_id FROM auth_source_taxonomies WHERE " +
				"taxonomy_id = ?)",
		},
		Search: definition("AuthSource", "auth_sources", append([]search.Field{
			idField("auth_sources"), firmText("name", "auth_sources.name", search.Values),
		}, tenantFields("auth_sources", "auth_source_taxonomies", "auth_source_id")...)...),
	}
}

func ownedByTenants(sources *Resource) *Resource {
	sources.Links, sources.LinkColumn = "auth_source_taxonomies", "auth_source_id"
	sources.DefaultOrder = by(folded("auth_sources.name"))
	return sources
}

// SourcesOf returns the resource of sources of one kind.
func SourcesOf(kind models.AuthSourceKind) *Resource {
	switch kind {
	case models.LdapSource:
		return LdapSources
	case models.ExternalSource:
		return ExternalSources
	}
	return InternalSources
}

// VisibleSources keeps the auth sources that the caller may know of: every internal and external one, and the LDAP
// sources of the caller's tenants, however they are reached.
func VisibleSources(p *models.Principal) Scope {
	return ofSources(p, "auth_sources.id", tenantLimits)
}

// WritableSources keeps those that the caller may change as far as tenants decide.
func WritableSources(p *models.Principal) Scope {
	return ofSources(p, "auth_sources.id", writeLimits)
}

// VisibleExternals keeps the external groups of visible sources.
func VisibleExternals(p *models.Principal) Scope {
	return ofSources(p, "external_usergroups.auth_source_id", tenantLimits)
}

// WritableExternals keeps the external groups of sources that the caller may change as far as tenants decide.
func WritableExternals(p *models.Principal) Scope {
	return ofSources(p, "external_usergroups.auth_source_id", writeLimits)
}

// sourceTenancy says where the tenants of auth sources are.
var sourceTenancy = &Resource{Class: "AuthSource", Table: "auth_sources", Links: "auth_source_taxonomies",
	LinkColumn: "auth_source_id"}

func ofSources(p *models.Principal, column string, limitsOf func(*models.Principal, string) [][]int64) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	limits := limitsOf(p, sourceTenancy.Class)
	if len(limits) == 0 {
		return open
	}
	return func(db *gorm.DB) *gorm.DB {
		all := sourceTenancy.within(DialectOf(db), limits)
		others := "SELECT o.id FROM auth_sources o WHERE o.type <> ?"
		return db.Where(column+" IN ("+others+" UNION ALL "+all.sql+")",
			append([]any{models.LdapSource}, all.args...)...)
	}
}

// ownedBy is the condition of rows that belong to a user.
func ownedBy(table string) map[string]string {
	return map[string]string{"User": table + ".user_id = ?"}
}

// owned makes the noun of something that users own and that has a name.
func owned(class, table string) *Resource {
	return &Resource{
		Name: table, Class: class, Stem: table, Table: table, Label: "name", Parents: ownedBy(table),
		// Without the user whose they are, they are the caller's own.
		Open: true, Unfiltered: true,
		Only: func(p *models.Principal, _ models.Action) Scope { return where(table+".user_id = ?", p.UserID) },
		Search: definition(class, table, idField(table), firmText("name", table+".name", search.Values),
			refField("user_id", table+".user_id")),
	}
}

// What users own. Tokens are found by number only, since their names are not theirs alone.
var (
	Tokens           = timed(unnamed(owned("PersonalAccessToken", "personal_access_tokens")))
	SSHKeys          = owned("SshKey", "ssh_keys")
	TablePreferences = owned("TablePreference", "table_preferences")
)

func unnamed(n *Resource) *Resource {
	n.Label = ""
	return n
}

// timed adds what other dialects than that of the search language filter and sort tokens by.
func timed(n *Resource) *Resource {
	moment := func(name, column string, nullable bool) search.Field {
		return momentField(name, n.Table+"."+column, nullable)
	}
	n.Search.Internal = []search.Field{
		moment("created_on", "created_at", false), moment("updated_on", "updated_at", false),
		moment("expires_at", "expires_at", true), moment("last_used_at", "last_used_at", true),
		{Name: "read_only", Type: search.Boolean, Column: n.Table + ".read_only", Set: search.Switch(), Explicit: true,
			Completion: search.Hidden},
	}
	return n
}

// MailNotifications describes the kinds of mail that users can subscribe to.
var MailNotifications = &Resource{
	Class: "MailNotification", Name: "mail_notifications", Stem: "mail_notifications",
	Only: everybody(where("mail_notifications.subscriptable = ?", true)), Table: "mail_notifications",
	DefaultOrder: by("mail_notifications.name"),
	Search: definition("MailNotification", "mail_notifications",
		idField("mail_notifications"), firmText("name", "mail_notifications.name", search.Values),
		long(textField("description", "mail_notifications.description", search.NameOnly)),
		relatedText("user", "u.login", mailUser, search.Values),
	),
}

// relatedUsers is how fields of other nouns name users.
const relatedUsers = "users u"

var mailUser = many("mail_notifications.id", "un.mail_notification_id", "user_mail_notifications un", relatedUsers,
	"u.id = un.user_id")

// Bookmarks describes saved searches.
var Bookmarks = &Resource{
	Class: "Bookmark", Name: "bookmarks", Stem: "bookmarks",
	Open: true, Unfiltered: true, Only: func(p *models.Principal, _ models.Action) Scope { return VisibleBookmarks(p) },
	Table: "bookmarks", DefaultOrder: by(folded("bookmarks.name")),
	Search: definition("Bookmark", "bookmarks",
		idField("bookmarks"), firmText("name", "bookmarks.name", search.Values),
		firmText("controller", "bookmarks.controller", search.Values),
	),
}

// VisibleBookmarks keeps the public ones and the caller's own. Administrators see all.
func VisibleBookmarks(p *models.Principal) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return where("(bookmarks.public = ? OR bookmarks.owner_id = ?)", true, p.UserID)
}

// Settings describes the catalogue of settings, which has no ids.
var Settings = &Resource{
	Class: "Setting", Name: "settings", Stem: "settings", Unfiltered: true, Table: "settings",
	DefaultOrder: by("settings.category, settings.name"),
	Search: &search.Definition{Model: "Setting", Table: "settings", Fields: []search.Field{
		firmText("name", "settings.name", search.Values), firmText("description", "settings.description",
			search.NameOnly),
		firmText("full_name", "settings.full_name", search.NameOnly), firmText("category", "settings.category",
			search.Values),
	}},
}
