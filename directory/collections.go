package directory

import (
	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// collection says which rows of a noun a list shows to a caller, before parents and searches narrow it. Completion and
// explanations look at the directory through the same collections, so that they never show more than the lists do.
type collection struct {
	noun *scopes.Noun
	// permission is what a caller needs on at least some record.
	permission string
	// open collections need no permission: what they show is the caller's own, or their verb has looked whose it is.
	open bool
	// unfiltered collections show all visible rows, whatever the filters of the permission say.
	unfiltered bool
	// only limits the rows further; nil does not.
	only func(*models.Principal) scopes.Scope
	// table is what stands for the noun's table where the database has none; nil otherwise.
	table func(*gorm.DB) *gorm.DB
}

// admits refuses callers who may not ask for the list at all.
func (c collection) admits(p *models.Principal) error {
	if c.open && p != nil && p.UserID != 0 {
		return nil
	}
	return require(p, c.permission)
}

// rows selects what the caller may see.
func (c collection) rows(db *gorm.DB, p *models.Principal) *gorm.DB {
	db = db.Scopes(scopes.Visible(p, c.noun))
	if !c.unfiltered {
		db = db.Scopes(scopes.Authorized(p, c.permission, c.noun))
	}
	if c.only != nil {
		db = db.Scopes(c.only(p))
	}
	return db
}

// from names the table for statements that read no model.
func (c collection) from(db *gorm.DB) *gorm.DB {
	if c.table != nil {
		return c.table(db)
	}
	return db.Table(c.noun.Table)
}

// The collections that stand alone. What users own is listed under its owner, see listOwned.
var (
	allUsers              = collection{noun: scopes.Users, permission: "view_users", only: anybody(scopes.NotHidden)}
	allUsergroups         = collection{noun: scopes.Usergroups, permission: "view_usergroups"}
	allExternalUsergroups = collection{noun: scopes.ExternalUsergroups, permission: "view_external_usergroups", only: scopes.VisibleExternals}
	allRoles              = collection{noun: scopes.Roles, permission: "view_roles"}
	allFilters            = collection{noun: scopes.Filters, permission: "view_filters"}
	// Whoever may edit filters may see all permissions (spec, section 2.6).
	allPermissions       = collection{noun: scopes.Permissions, permission: "edit_filters", unfiltered: true}
	allMailNotifications = collection{noun: scopes.MailNotifications, permission: "view_mail_notifications", only: anybody(subscriptable)}
	allAudits            = collection{noun: scopes.Audits, permission: "view_audit_logs", only: scopes.VisibleAudits}
	allBookmarks         = collection{noun: scopes.Bookmarks, open: true, unfiltered: true, only: scopes.VisibleBookmarks}
	allParameters        = collection{noun: scopes.Parameters, permission: "view_params", only: scopes.VisibleParameters}
	allSettings          = collection{noun: scopes.Settings, permission: "view_settings", unfiltered: true, table: settingsTable}
)

// anybody limits every caller alike.
func anybody(s scopes.Scope) func(*models.Principal) scopes.Scope {
	return func(*models.Principal) scopes.Scope { return s }
}

func subscriptable(db *gorm.DB) *gorm.DB {
	return db.Where("mail_notifications.subscriptable = ?", true)
}

// allTaxonomies are the tenants of a kind that the caller may know of; filters of the permission do not narrow them (spec,
// section 12.5).
func allTaxonomies(kind models.TaxonomyKind) collection {
	return collection{
		noun: scopes.TaxonomyNoun(kind), permission: "view_" + kind.Word() + "s", unfiltered: true,
		only: func(p *models.Principal) scopes.Scope { return scopes.VisibleTaxonomies(p, kind) },
	}
}

// allSources are the auth sources of some kinds.
func allSources(kinds ...models.AuthSourceKind) collection {
	return collection{
		noun: sourceNoun(kinds), permission: "view_authenticators",
		only: func(p *models.Principal) scopes.Scope { return ofKinds(p, kinds, "view_authenticators") },
	}
}

// collections are what can be completed and explained, by the names of their lists in the API.
var collections = map[string]collection{
	"users": allUsers, "usergroups": allUsergroups, "external_usergroups": allExternalUsergroups, "roles": allRoles, "filters": allFilters,
	"permissions": allPermissions, "mail_notifications": allMailNotifications, "audits": allAudits, "bookmarks": allBookmarks, "settings": allSettings,
	"locations": allTaxonomies(models.LocationKind), "organizations": allTaxonomies(models.OrganizationKind),
	"auth_sources": allSources(ListedSources...), "auth_source_internals": allSources(models.InternalSource),
	"auth_source_externals": allSources(models.ExternalSource), "auth_source_ldaps": allSources(models.LdapSource),
	"parameters":             allParameters,
	"personal_access_tokens": ownedBy(scopes.Tokens), "ssh_keys": ownedBy(scopes.SSHKeys), "table_preferences": ownedBy(scopes.TablePreferences),
}

// ownedBy are the caller's own rows of a noun.
func ownedBy(n *scopes.Noun) collection {
	return collection{
		noun: n, open: true, unfiltered: true,
		only: func(p *models.Principal) scopes.Scope { return scopes.Under(n, "User", p.UserID) },
	}
}
