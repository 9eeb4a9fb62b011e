package scopes

import (
	"maps"
	"slices"
)

// resources are the nouns by the names of their lists in the API.
var resources = map[string]*Noun{
	"audits": Audits, "auth_source_externals": AuthSources, "auth_source_internals": AuthSources, "auth_source_ldaps": LdapSources, "auth_sources": AuthSources,
	"bookmarks": Bookmarks, "external_usergroups": ExternalUsergroups, "filters": Filters, "locations": Locations, "mail_notifications": MailNotifications,
	"organizations": Organizations, "parameters": Parameters, "permissions": Permissions, "personal_access_tokens": Tokens, "roles": Roles, "settings": Settings, "ssh_keys": SSHKeys,
	"table_preferences": TablePreferences, "usergroups": Usergroups, "users": Users,
}

// Resources names everything that can be searched, sorted.
func Resources() []string { return slices.Sorted(maps.Keys(resources)) }

// Named gives the noun of a resource, nil for a name that means none.
func Named(resource string) *Noun { return resources[resource] }
