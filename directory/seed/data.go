package seed

import (
	"slices"

	"roster/models"
)

// permissionSeed are the permissions of this area by resource type, in the order of their ids (docs/spec/foreman.md,
// 22.1). The empty type stands for permissions that concern no record.
var permissionSeed = []struct {
	resource string
	names    []string
}{
	{"Audit", []string{"view_audit_logs"}},
	{"AuthSource", crud("authenticators")},
	{"Bookmark", crud("bookmarks")},
	{"ExternalUsergroup", crud("external_usergroups")},
	{"Filter", crud("filters")},
	{"Host", crud("hosts")}, // there are no hosts here, but clients look these permissions up to put them into roles
	{"Location", append(crud("locations"), "assign_locations")},
	{"MailNotification", []string{"view_mail_notifications", "edit_user_mail_notifications"}},
	{"Organization", append(crud("organizations"), "assign_organizations")},
	{"Parameter", crud("params")},
	{"PersonalAccessToken", []string{"view_personal_access_tokens", "create_personal_access_tokens",
		"revoke_personal_access_tokens"}},
	{"Role", crud("roles")},
	{"", []string{"access_dashboard", "escalate_roles", "view_plugins", "view_statuses"}},
	{"Setting", []string{"view_settings", "edit_settings"}},
	{"SshKey", []string{"view_ssh_keys", "create_ssh_keys", "destroy_ssh_keys"}},
	{"User", crud("users")},
	{"Usergroup", crud("usergroups")},
	{"CustomField", crud("custom_fields")},
	{"User", []string{string(models.ResetPasswords)}}, // after the others, whose ids stay
}

func crud(noun string) []string {
	return []string{"view_" + noun, "create_" + noun, "edit_" + noun, "destroy_" + noun}
}

// roleSeed is one shipped role: all permissions but those that without names, or those that only names.
type roleSeed struct {
	name, description string
	only, without     []string
	// search limits the filters.
	search string
}

// roleSeeds are the shipped roles of this area (docs/spec/foreman.md, 22.2).
var roleSeeds = []roleSeed{
	{name: "Auditor", description: "Role granting permission to view only the Audit log and nothing else.",
		only: []string{"view_audit_logs"}},
	{name: "Bookmarks manager", description: "Role granting permissions for managing search bookmarks.",
		only: crud("bookmarks")},
	{name: "Edit hosts", description: "Role granting permissions to view and change hosts.",
		only: []string{"view_hosts", "edit_hosts"}},
	{name: "Manager", description: "Role granting all available permissions but those to manage roles and to escalate.",
		without: roleAndFilterWrites()},
	{name: "Organization admin", description: "Role granting all permissions of a manager inside of organizations; " +
		"clone it and assign the clone.",
		without: append(roleAndFilterWrites(), "create_organizations", "destroy_organizations", "view_settings",
			"edit_settings", "create_custom_fields", "edit_custom_fields", "destroy_custom_fields")},
	{name: "Site manager", description: "Role granting mostly view permissions, and those to manage groups.",
		only: append(crud("usergroups"),
			"view_users", "edit_users", "view_authenticators", "view_audit_logs", "view_mail_notifications",
			"view_params",
			"view_ssh_keys", "view_personal_access_tokens")},
	{name: "System admin", description: "Role granting permissions for administering accounts, roles and tenants.",
		only: systemAdmin()},
	{name: "View hosts", description: "Role granting permission to view hosts.", only: []string{"view_hosts"}},
	{name: "Viewer", description: "Role granting permissions to view everything, but without the possibility to " +
		"change anything.", only: allViews()},
}

// helpdeskSeed is the shipped role of a helpdesk. Its filter leaves out whoever holds a role, in whatever way, and
// administrators.
var helpdeskSeed = roleSeed{
	name: "Helpdesk",
	description: "Role granting permission to view users who hold no role, to reset their passwords " +
		"and to unlock their accounts.",
	only: []string{"view_users", string(models.ResetPasswords)}, search: "null? any_role and admin = false",
}

// organizationRoleSeeds are the roles that stand for organization roles. Owners and maintainers may do what the role
// Organization admin allows, the others what Viewer allows, in the organizations in which they hold the role. Owners
// may delete the organization besides: by this, a maintainer can do less, and neither makes owners nor acts as one.
func organizationRoleSeeds() []roleSeed {
	named := func(name string) roleSeed {
		return roleSeeds[slices.IndexFunc(roleSeeds, func(r roleSeed) bool { return r.name == name })]
	}
	about := map[models.OrganizationRole]string{
		models.OrganizationOwner:      "Owns an organization: a role to be held there.",
		models.OrganizationMaintainer: "Manages an organization and its members: a role to be held there.",
		models.OrganizationSupervisor: "Supervises the work in an organization: a role to be held there.",
		models.OrganizationWorker:     "Works in an organization: a role to be held there.",
	}
	var seeds []roleSeed
	for _, role := range models.OrganizationRoles {
		like := "Viewer"
		if role.Manages() {
			like = "Organization admin"
		}
		seed := named(like)
		if role == models.OrganizationOwner {
			seed.without = slices.DeleteFunc(slices.Clone(seed.without), func(permission string) bool {
				return permission == "destroy_organizations"
			})
		}
		seed.name = string(role)
		seed.description = about[role]
		seeds = append(seeds, seed)
	}
	return seeds
}

func roleAndFilterWrites() []string {
	return []string{"create_roles", "edit_roles", "destroy_roles", "create_filters", "edit_filters", "destroy_filters",
		"escalate_roles"}
}

func systemAdmin() []string {
	names := []string{"view_settings", "edit_settings", "assign_organizations", "assign_locations", "escalate_roles"}
	for _, noun := range []string{"organizations", "locations", "users", "usergroups", "roles", "filters",
		"authenticators"} {
		names = append(names, crud(noun)...)
	}
	return names
}

func allViews() []string {
	var names []string
	for _, p := range permissionSeed {
		for _, name := range p.names {
			if len(name) > 5 && name[:5] == "view_" && name != "view_settings" {
				names = append(names, name)
			}
		}
	}
	return names
}

// permissionsFor returns the permissions for a resource type that the role has.
func (r roleSeed) permissionsFor(resource string) []string {
	var names []string
	for _, group := range permissionSeed {
		for _, name := range group.names {
			if group.resource == resource && r.gives(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// gives reports whether the role has the permission.
func (r roleSeed) gives(permission string) bool {
	if r.only != nil {
		return slices.Contains(r.only, permission)
	}
	return !slices.Contains(r.without, permission)
}

// hiddenUsers are the accounts in whose name the server itself acts (docs/spec/foreman.md, 22.4).
var hiddenUsers = []struct{ login, firstname, lastname string }{
	{"foreman_admin", "Anonymous", "Admin"},
	{"foreman_console_admin", "Console", "Admin"},
	{"foreman_api_admin", "API", "Admin"},
}

// mailSeeds are the kinds of mail (docs/spec/foreman.md, 14.3).
var mailSeeds = []struct {
	name, description, kind  string
	subscriptable, queryable bool
}{
	{"config_summary", "A summary of configuration reports", "report", true, false},
	{"welcome", "A mail for new users", "", false, false},
	{"audit_summary", "A summary of audited changes", "report", true, true},
	{"host_built", "A notification when a host is built", "alert", true, false},
	{"tester", "A test message", "", false, false},
	{"config_error_state", "A notification when configuration fails", "alert", true, false},
}
