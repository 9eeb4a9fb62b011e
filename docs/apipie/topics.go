package apipie

// Topic is a resource as people look for it. ID is that of the resource, and Title its name on pages.
type Topic struct {
	ID, Title, Text string
}

// TopicGroup is what pages and the Swagger document show together.
type TopicGroup struct {
	Name   string
	Topics []Topic
}

// Foreman are the resources of the API of Foreman, in the order in which people need them.
var Foreman = []TopicGroup{
	{"People", []Topic{
		{"users", "Users", "Accounts: who they are, how they log in, what they may do"},
		{"usergroups", "User groups", "Groups give roles to their members"},
		{"personal_access_tokens", "Access tokens", "Passwords for programs, which you can revoke"},
		{"ssh_keys", "SSH keys", "Public keys of users"},
		{"custom_fields", "Custom fields", "What your installation records about users and groups besides"},
		{"mail_notifications", "Mail notifications", "Which reports a user gets by mail"},
		{"table_preferences", "Table preferences", "Which columns a user sees"},
	}},
	{"Access", []Topic{
		{"roles", "Roles", "A role is a set of filters"},
		{"filters", "Filters", "A filter gives permissions for the records that its search finds"},
		{"permissions", "Permissions", "What filters can give"},
	}},
	{"Tenants", []Topic{
		{"organizations", "Organizations", "They limit who sees whom"},
		{"locations", "Locations", "They limit who sees whom, like organizations"},
		{"memberships", "Memberships", "Users in an organization or a location, with the roles they hold there"},
		{"usergroup_memberships", "Group memberships", "User groups in an organization or a location"},
		{"parameters", "Parameters", "Values for programs, of an organization or a location"},
		{"scim_tokens", "SCIM tokens", "How an identity provider logs in for an organization"},
	}},
	{"Logins", []Topic{
		{"auth_sources", "Auth sources", "All of them in one list"},
		{"auth_source_ldaps", "LDAP sources", "LDAP servers that check passwords"},
		{"auth_source_externals", "External sources", "Proxies and providers that authenticate users"},
		{"auth_source_internals", "Internal source", "Passwords that are kept in Roster"},
		{"external_usergroups", "External user groups", "Groups of an auth source that fill user groups"},
	}},
	{"Server", []Topic{
		{"settings", "Settings", "How the server behaves"},
		{"audits", "Audits", "Who changed what, and when"},
		{"bookmarks", "Bookmarks", "Saved searches"},
		{"common_parameters", "Global parameters", "Values for programs that hold everywhere"},
		{"completion", "Search completion", "Suggestions for a partly typed search"},
		{"ping", "Health", "Whether the server and its database answer"},
		{"home", "Home", "The links of the API, and its version"},
		{"plugins", "Plugins", "None; clients ask for the list"},
		{"hosts", "Hosts", "None; clients ask for the resource"},
	}},
}

// Redmine are the resources of the API of Redmine.
var Redmine = []TopicGroup{
	{"People", []Topic{
		{"users", "Users", "Accounts"},
		{"groups", "Groups", "Groups of users"},
		{"my_account", "My account", "The account of the caller"},
	}},
	{"Access", []Topic{{"roles", "Roles", "What members may do"}}},
	{"Tenants", []Topic{
		{"projects", "Projects", "Organizations, under the name that Redmine's clients know"},
		{"memberships", "Memberships", "Users and groups in an organization, with roles"},
	}},
	{"Server", []Topic{{"custom_fields", "Custom fields", "Further attributes of users and groups"}}},
}

// CVAT are the resources of the API of CVAT.
var CVAT = []TopicGroup{
	{"People", []Topic{{"users", "Users", "Accounts"}}},
	{"Tenants", []Topic{
		{"organizations", "Organizations", "They limit who sees whom"},
		{"memberships", "Memberships", "Users in an organization, each with a role"},
		{"invitations", "Invitations", "Bring people into an organization by mail"},
	}},
	{"Logins", []Topic{{"auth", "Logging in", "Passwords, login tokens and access tokens"}}},
	{"Server", []Topic{{"server", "Server", "What the server is"}}},
}

// SCIM are the resources of SCIM 2.0.
var SCIM = []TopicGroup{
	{"People", []Topic{
		{"users", "Users", "The people of the organization"},
		{"groups", "Groups", "The groups that the provider has created"},
		{"me", "Me", "The account of the caller"},
		{"searches", "Searches", "Lists with the condition in the body"},
		{"bulk", "Bulk", "Several operations in one request"},
	}},
	{"Server", []Topic{{"discovery", "Discovery", "What the server can do; no token is needed"}}},
}
