package hammer

import (
	"strings"

	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

// commandKind is what a command does with the API.
type commandKind int

const (
	isGroup commandKind = iota
	isList
	isInfo
	isWrite  // create, delete and other calls that answer with a message
	isUpdate // as isWrite, with --new-NAME options
	isAdd    // adds to an association by sending the whole list
	isRemove
	isLocal // run does all of it
)

// command is one line of the tables below. What options it has and what it sends follows from the API documentation.
type command struct {
	name, alias, about string
	kind               commandKind
	children           []*command
	resource, action   string
	fields             []output.Field
	success, failure   string
	// associated is the resource that isAdd and isRemove connect.
	associated string
	// supported asks the server first whether it knows the resource at all (hammer.md 4, organization).
	supported bool
	// extra are options that the documentation does not list; without are such that are not offered.
	extra   []*option
	without []string
	// extend prepares a record for showing.
	extend func(*value.Object) error
	// prepare changes the parameters before they are sent.
	prepare func(*invocation, *value.Object) error
	run     func(*invocation) error
	// needsDoc marks local commands that ask the server.
	needsDoc bool
	parent   *command
}

func group(name, about string, children ...*command) *command {
	return &command{name: name, about: about, children: children}
}

// of sets the resource of commands that have none yet.
func (c *command) of(resource string) *command {
	for _, child := range c.children {
		if child.resource == "" {
			child.resource = resource
		}
	}
	return c
}

func (c *command) with(change func(*command)) *command {
	change(c)
	return c
}

func listing(fields []output.Field) *command {
	return &command{name: "list", alias: "index", kind: isList, action: "index", fields: fields}
}

func info(fields []output.Field) *command {
	return &command{name: "info", alias: "show", kind: isInfo, action: "show", fields: fields}
}

func write(name, action, success, failure string) *command {
	c := &command{name: name, kind: isWrite, action: action, success: success, failure: failure}
	switch action {
	case "update":
		c.kind = isUpdate
	case "destroy":
		if name == "delete" {
			c.alias = "destroy"
		}
	}
	return c
}

// crud are create, update and delete with messages about a thing; shown is how a message names it, such as
// " [%{name}]".
func crud(thing, shown, failing string) []*command {
	return []*command{
		write("create", "create", thing+shown+" created.", "Could not create "+failing),
		write("update", "update", thing+shown+" updated.", "Could not update "+failing),
		write("delete", "destroy", thing+shown+" deleted.", "Could not delete "+failing),
	}
}

// association are the two commands that connect a resource with another. Roles have messages of their own.
func association(name, resource, thing string) []*command {
	add := &command{name: "add-" + name, kind: isAdd, action: "update", associated: resource,
		about:   "Associate a " + thing,
		success: "The " + thing + " has been associated.", failure: "Could not associate the " + thing}
	remove := &command{name: "remove-" + name, kind: isRemove, action: "update", associated: resource,
		about:   "Disassociate a " + thing,
		success: "The " + thing + " has been disassociated.", failure: "Could not disassociate the " + thing}
	if resource == "roles" {
		add.about, add.success, add.failure = "Assign a role", "User role has been assigned.",
			"Could not assign the user role"
		remove.about, remove.success, remove.failure = "Remove a role", "User role has been removed.",
			"Could not remove the user role"
	}
	if resource == "provisioning_templates" {
		// These may be several at once, and the messages say so.
		several := func() []*option {
			return []*option{{switches: []string{"--provisioning-template-ids"}, attribute: "provisioning_template_ids",
				metavar: "PROVISIONING_TEMPLATE_IDS", about: "List of provisioning template ids", parse: parseList}}
		}
		add.success, add.failure, add.extra = "The provisioning templates were associated.",
			"Could not associate the provisioning templates", several()
		remove.success, remove.failure, remove.extra = "The provisioning templates were disassociated.",
			"Could not disassociate the provisioning templates", several()
	}
	return []*command{add, remove}
}

func commands(parts ...any) []*command {
	var all []*command
	for _, p := range parts {
		switch p := p.(type) {
		case *command:
			all = append(all, p)
		case []*command:
			all = append(all, p...)
		}
	}
	return all
}

func groupOf(name, about, resource string, parts ...any) *command {
	return group(name, about, commands(parts...)...).of(resource)
}

const times = "Created at=created_at:date, Updated at=updated_at:date"

func userCommands() *command {
	listed := output.Columns("Id=id, Login=login, Name=full_name, Email=mail, Admin=admin:bool, Disabled=disabled:bool, " +
		"Last login=last_login_on:date, Authorized by=auth_source:flat")
	groups := func(label, place string) output.Field {
		return output.NumberedList(label, place,
			output.Join("Usergroup=name, Id=id:id", output.References("Roles", "roles", "name")))
	}
	shown := output.Join(listed, "Email enabled=mail_enabled:bool, Effective admin=effective_admin:bool, Locale=locale, "+
		"Timezone=timezone, Description=description, Default organization=default_organization:ref, Default "+
		"location=default_location:ref",
		output.References("Roles", "roles", "name"), groups("User groups", "usergroups"),
		groups("Inherited User groups", "cached_usergroups"), taxonomies(""), times)
	changes := crud("User", " [%{login}]", "the user")
	for _, c := range changes[:2] {
		c.extra = userOptions()
	}
	return groupOf("user", "Manage users", "users",
		listing(listed).with(func(c *command) { c.extend = fullName }),
		info(shown).with(func(c *command) { c.extend = describeUser }),
		changes, association("role", "roles", "role"),
		groupOf("access-token", "Manage personal access tokens", "personal_access_tokens",
			listing(output.Columns("Id=id, Name=name, Active=active?:bool, Expires at=expires_at:date")),
			info(output.Columns("Id=id, Name=name, Active=active?:bool, Expires at=expires_at:date, Created "+
				"at=created_at:date, Last used at=last_used_at:date")),
			write("create", "create", "Personal access token [%{name}] created:\n%{token_value}",
				"Could not create personal access token"),
			write("revoke", "destroy", "Personal access token [%{name}] revoked.",
				"Could not revoke personal access token")),
		groupOf("ssh-keys", "Manage the SSH keys of a user", "ssh_keys",
			listing(output.Columns("Id=id, Name=name, Fingerprint=fingerprint, Length=length, Created at=created_at:date")),
			info(output.Columns("Id=id, Name=name, Fingerprint=fingerprint, Length=length, Created at=created_at:date, "+
				"Public Key=key")),
			write("add", "create", "SSH Key %{name} added.", "Could not add SSH Key").with(func(c *command) {
				c.extra = []*option{{switches: []string{"--key-file"}, attribute: "key_file", metavar: "KEY_FILE",
					about: "Path to a SSH public key", parse: parseFile}}
				c.prepare = keyFromFile
			}),
			write("delete", "destroy", "SSH Key deleted.", "Could not delete the SSH Key")),
		groupOf("mail-notification", "Manage the mail notifications of a user", "mail_notifications",
			listing(output.Columns("Id=mail_notification_id, Name=name, Description=description, Interval=interval, Mail "+
				"query=mail_query")).with(func(c *command) { c.action = "user_mail_notifications" }),
			write("add", "create", "User mail notifications was added.", "Could not add user mail notification"),
			write("update", "update", "User mail notifications was updated.",
				"Could not update user mail notification"),
			write("remove", "destroy", "User mail notification was removed.",
				"Could not remove user mail notification")),
		groupOf("table-preference", "Manage table preferences", "table_preferences",
			listing(output.Columns("Id=id, Name=name, Columns=columns:list")),
			info(output.Columns("Id=id, Name=name, Columns=columns:list, "+times)),
			write("create", "create", "Table preference created.", "Could not create table preference"),
			write("update", "update", "Table preference updated.", "Could not update table preference"),
			write("delete", "destroy", "Table preference deleted.", "Could not remove table preference")),
		groupOf("registration-tokens", "Manage registration tokens", "registration_tokens",
			write("invalidate", "invalidate_jwt", "Successfully invalidated registration tokens for %{user}.",
				"Could not invalidate registration tokens"),
			write("invalidate-multiple", "invalidate_jwt_tokens",
				"Successfully invalidated registration tokens for %{users}.",
				"Could not invalidate registration tokens").with(func(c *command) {
				c.extra = []*option{{switches: []string{"--search"}, attribute: "search", metavar: "SEARCH",
					about: "Search that selects the users", required: true, parse: parseText}}
			})),
		importCommand(), exportCommand(),
	)
}

// taxonomies are the tenants of a record, hidden if there are none.
func taxonomies(above string) []output.Field {
	return output.HideBlank(output.References("Locations", above+"locations", "title"),
		output.References("Organizations", above+"organizations", "title"))
}

func userGroupCommands() *command {
	listed := output.Columns("Id=id, Name=name, Admin=admin:bool")
	groups := output.NumberedList("User groups", "usergroups",
		output.Join("Usergroup=name, Id=id:id", output.References("Roles", "roles", "name")))
	external := output.Columns("Id=id, Name=name, Auth source=_auth_source:ref")
	return groupOf("user-group", "Manage user groups", "usergroups",
		listing(listed),
		info(output.Join(listed, output.References("Users", "users", "login"), groups,
			output.References("External user groups", "external_usergroups", "name"), output.References("Roles", "roles", "name"),
			times)),
		crud("User group", " [%{name}]", "the user group"),
		association("role", "roles", "role"), association("user", "users", "user"),
		association("user-group", "usergroups", "user group"),
		groupOf("external", "Manage the external groups of a user group", "external_usergroups",
			listing(external).with(func(c *command) { c.extend = authSourceOf }),
			info(external).with(func(c *command) { c.extend = authSourceOf }),
			&command{name: "refresh", kind: isList, action: "refresh", about: "Refresh an external user group",
				fields: output.Columns("Name=name, Auth source=_auth_source"), extend: authSourceOf},
			write("create", "create", "External user group created.", "Could not create external user group"),
			write("update", "update", "External user group updated.", "Could not update external user group"),
			write("delete", "destroy", "External user group deleted.", "Could not delete the external user group")))
}

func filterColumns() []output.Field {
	return output.Columns("Id=id, Resource type=resource_type, Search=search, Role=role:ref, Permissions=permissions:list")
}

func roleCommands() *command {
	listed := output.Columns("Id=id, Name=name, Builtin=builtin:bool")
	changes := crud("User role", " [%{name}]", "the user role")
	changes[2].failure = "Could not delete the user roles"
	return groupOf("role", "Manage roles", "roles",
		listing(listed), info(output.Join(listed, "Description=description", taxonomies(""))), changes,
		write("clone", "clone", "User role cloned.", "Could not clone the user role").with(func(c *command) {
			c.extra = []*option{{switches: []string{"--new-name"}, attribute: "new_name", metavar: "NEW_NAME",
				about: "Name of the new role", required: true, parse: parseText}}
			c.prepare = nameClone
		}),
		&command{name: "filters", kind: isList, resource: "filters", action: "index",
			about: "List the filters of a role", fields: filterColumns(), extend: describeFilter,
			extra: []*option{{switches: []string{"--id"}, attribute: "id", metavar: "ID", about: "User role id",
				parse: parseText}, {switches: []string{"--name"}, attribute: "name", metavar: "NAME",
				about: "Name of the role", parse: parseText}},
			without: []string{"search", "role", "role_id"}, prepare: filtersOfRole})
}

func filterCommands() *command {
	return groupOf("filter", "Manage the permission filters of roles", "filters",
		listing(filterColumns()).with(func(c *command) { c.extend = describeFilter }),
		info(output.Join(filterColumns(), taxonomies("role/"), times)).with(func(c *command) { c.extend = describeFilter }),
		write("create", "create", "Permission filter for [%{resource_type_label}] created.",
			"Could not create the permission filter"),
		write("update", "update", "Permission filter for [%{resource_type_label}] updated.",
			"Could not update the permission filter"),
		write("delete", "destroy", "Permission filter deleted.", "Could not delete the permission filter"),
		&command{name: "available-permissions", kind: isList, resource: "permissions", action: "index",
			about:  "List the permissions that a filter may grant",
			fields: output.Columns("Id=id, Name=name, Resource=resource_type"), extend: miscellaneous},
		&command{name: "available-resources", kind: isList, resource: "permissions", action: "resource_types",
			about: "List the types of resources that a filter may be for", fields: output.Columns("Name=name")})
}

func authSourceCommands() *command {
	server := output.Block("Server", "", output.Columns("Id=id, Name=name, Server=host, LDAPS=tls:bool, "+
		"CA certificate=cacert, Port=port, Server Type=server_type"))
	account := output.Block("Account", "", output.Join(
		"Account Username=account, Base DN=base_dn, Groups base DN=groups_base",
		output.Deprecate("Account/LDAP group membership", output.Columns("Use Netgroups=use_netgroups:bool")...),
		"LDAP group membership=ldap_group_membership, LDAP filter=ldap_filter, "+
			"Automatically Create Accounts?=onthefly_register:bool, Usergroup sync=usergroup_sync:bool"))
	attributes := output.Block("Attribute mappings", "", output.Columns("Login Name Attribute=attr_login, "+
		"First Name Attribute=attr_firstname, Last Name Attribute=attr_lastname, "+
		"Email Address Attribute=attr_mail, Photo Attribute=attr_photo"))
	ldap := crud("Auth source", " [%{name}]", "the Auth Source")
	ldap[0].extra, ldap[1].extra = cacertOption(), cacertOption()
	ldap[0].prepare, ldap[1].prepare = cacertFromFile, cacertFromFile
	external := output.Columns("Id=id, Name=name")
	return groupOf("auth-source", "Manage the sources that users are authenticated by", "auth_sources",
		listing(output.Columns("Id=id, Name=name, Type of auth source=type")),
		groupOf("ldap", "Manage LDAP sources", "auth_source_ldaps",
			listing(output.Columns("Id=id, Name=name, Server=host, Port=port, LDAPS?=tls:bool")),
			info(output.Join(server, account, attributes, taxonomies(""))), ldap),
		groupOf("external", "Manage external sources", "auth_source_externals",
			listing(external), info(output.Join(external, taxonomies(""))),
			write("update", "update", "Successfully updated the %{name} external auth source.",
				"Could not update the external auth source")))
}

// tenantCommands are those of organizations, and of locations, which differ in a word.
func tenantCommands(name, other string) *command {
	word, resource := strings.ToUpper(name[:1])+name[1:], name+"s"
	parts := output.Join("Id=id, Title=title, Name=name, Description=description:text, Parent=parent:flat",
		output.References("Users", "users", "login"), output.References("Smart proxies", "smart_proxies", "name"),
		output.DetailedReferences("Subnets", "subnets", "name", "network_address"),
		output.References("Compute resources", "compute_resources", "name"), output.References("Installation media", "media", "name"),
		output.References("Templates", "provisioning_templates", "name"), output.References("Partition Tables", "ptables", "name"),
		output.References("Domains", "domains", "name"), output.References("Realms", "realms", "name"),
		output.References("Hostgroups", "hostgroups", "title"),
		output.Parameters("Parameters", "parameters"),
		output.HideBlank(output.References(capitalized(other)+"s", other+"s", "name")), times)
	changes := crud(word, "", "the "+name)
	main := commands(listing(output.Columns("Id=id, Title=title, Name=name, Description=description:text")), info(parts),
		changes)
	for _, c := range main {
		c.supported = true
	}
	set := &command{name: "set-parameter", kind: isLocal, needsDoc: true, resource: "parameters", action: "index",
		about:   "Create or change a parameter",
		failure: "Could not set " + name + " parameter", run: setParameter,
		extra: append(parameterOptions(), parentOptions(name)...)}
	unset := &command{name: "delete-parameter", kind: isLocal, needsDoc: true, resource: "parameters",
		action: "destroy", about: "Delete a parameter",
		success: "Parameter [%{name}] deleted.", failure: "Could not delete " + name + " parameter",
		run:   deleteParameter,
		extra: append(parameterOptions()[:1], parentOptions(name)...)}
	return groupOf(name, "Manage "+resource, resource, main, set, unset,
		association("hostgroup", "hostgroups", "hostgroup"), association("domain", "domains", "domain"),
		association("medium", "media", "medium"),
		association("subnet", "subnets", "subnet"), association("compute-resource", "compute_resources",
			"compute resource"),
		association("smart-proxy", "smart_proxies", "smart proxy"), association("user", "users", "user"),
		association("provisioning-template", "provisioning_templates", "provisioning template"),
		association(other, other+"s", other))
}

func otherCommands() []*command {
	setting := output.Columns("Id=id:id, Name=name, Full name=full_name, Value=value, Description=description")
	bookmark := output.Columns("Id=id, Name=name, Controller=controller, Search Query=query, Public=public, Owner " +
		"Id=owner_id, Owner Type=owner_type")
	audit := output.Columns("Id=id, At=created_at:date, IP=remote_address, User=user:flat, Action=action, Audit " +
		"type=auditable_type, Audit record=auditable:flat")
	changes := output.NumberedList("Audited changes", "changes", output.Join("Attribute=attribute",
		output.HideBlank(output.Columns("Value=value, Old=old, New=new")...)))
	return []*command{
		groupOf("settings", "Show and change the settings of the server", "settings",
			listing(setting).with(func(c *command) { c.extend = settingText }),
			info(output.Columns("Id=id, Name=name, Description=description, Category=category_name, Settings "+
				"type=settings_type, Value=value")),
			write("set", "update", "Setting [%{name}] updated to [%{value}].", "Could not update the setting")),
		groupOf("bookmark", "Manage stored searches", "bookmarks",
			listing(bookmark), info(bookmark),
			write("create", "create", "Bookmark %{name} created.", "Could not create the bookmark"),
			write("update", "update", "Bookmark %{name} updated successfully.", "Could not update the bookmark"),
			write("delete", "destroy", "Bookmark deleted successfully.", "Could not delete the bookmark")),
		groupOf("mail-notification", "Show the mail notifications that the server can send", "mail_notifications",
			listing(output.Columns("Id=id, Name=name")), info(output.Columns("Id=id, Name=name, Description=description, "+
				"Subscription type=subscription_type"))),
		groupOf("audit", "Search the audit trail", "audits",
			listing(audit),
			info(output.Join(audit, changes)).with(func(c *command) { c.extend = describeAudit })),
		pingCommand(), statusCommand(), defaultsCommand(), authCommand(), fullHelpCommand(),
	}
}

// foreignGroups are hammer's commands for what this server does not manage: they say so, as hammer would.
var foreignGroups = strings.Fields("architecture compute-profile compute-resource config-report domain fact " +
	"global-parameter host hostgroup " +
	"host-registration http-proxy medium model os partition-table proxy realm report report-template subnet template")

// rootCommand is the whole tree. It is data: nothing is read or sent to build it.
func rootCommand() *command {
	root := group("", "", commands(userCommands(), userGroupCommands(), roleCommands(), filterCommands(),
		authSourceCommands(),
		tenantCommands("organization", "location"), tenantCommands("location", "organization"), otherCommands(),
		completionCommand(), prebuildCommand())...)
	for _, name := range foreignGroups {
		root.children = append(root.children,
			&command{name: name, kind: isLocal, run: func(*invocation) error { return errUnsupported }})
	}
	root.adopt()
	return root
}

func (c *command) adopt() {
	for _, child := range c.children {
		child.parent = c
		if child.resource == "" && c.resource != "" && child.kind != isLocal {
			child.resource = c.resource
		}
		child.adopt()
	}
}

// names are all words that call the command.
func (c *command) names() []string {
	if c.alias == "" {
		return []string{c.name}
	}
	return []string{c.name, c.alias}
}

// path is how the command is called, behind the name of the program: "user <list|index>".
func (c *command) path(last string) string {
	if c.parent == nil {
		return last
	}
	word := c.name
	if c.alias != "" {
		word = "<" + c.name + "|" + c.alias + ">"
	}
	return strings.TrimSpace(strings.TrimSpace(c.parent.path(last)) + " " + word)
}

// foreign reports whether the command only says that the server cannot do it.
func (c *command) foreign() bool { return c.kind == isLocal && c.about == "" }
