package hammer

import (
	"strings"

	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

func userCommands() *command {
	listed := output.Columns("Id=id, Login=login, Name=full_name, Email=mail, Admin=admin:bool, " +
		"Disabled=disabled:bool, Last login=last_login_on:date, Authorized by=auth_source:flat")
	ours := output.HideBlank(output.Columns("Expires at=expires_at:date, " +
		"Must change password=must_change_password:bool")...)
	shown := output.Join(listed, ours, "Email enabled=mail_enabled:bool, Effective admin=effective_admin:bool, "+
		"Locale=locale, Timezone=timezone, Description=description, Default organization=default_organization:ref, "+
		"Default location=default_location:ref",
		output.References("Roles", "roles", "name"), userGroupFields("User groups", "usergroups"),
		userGroupFields("Inherited User groups", "cached_usergroups"), customValueFields(), tenantFields(""), times)
	changes := crud("User", " [%{login}]", "the user")
	for _, c := range changes[:2] {
		c.extra = userOptions()
	}
	return groupOf("user", "Manage users", "users",
		listing(output.Join(listed, output.Beyond(output.Columns("Expires at=expires_at:date")...))).
			with(func(c *command) { c.extend = fullName }),
		info(shown).with(func(c *command) { c.extend = describeUser }),
		changes, write("restore", "restore", "User [%{login}] restored.", "Could not restore the user"),
		association("role", "roles", "role"), explainCommand(),
		accessTokenCommands(), sshKeyCommands(), userMailCommands(), tablePreferenceCommands(),
		registrationTokenCommands(), importCommand(), exportCommand())
}

// explainCommand says what a user may do, where and why.
func explainCommand() *command {
	return &command{name: "explain", kind: isList, action: "effective_permissions",
		about: "Explain what a user may do, where and why",
		fields: output.Columns("Permission=_permission, Role=_role, Held in=_tenant, By=_groups, Filter=_filter, " +
			"Covers=_covers"), extend: explainReason}
}

// explainReason puts a reason into words.
func explainReason(o *value.Object) error {
	name := func(of any, key string) string {
		if object := value.AsObject(of); object != nil {
			return value.Text(object.Get(key))
		}
		return ""
	}
	o.Set("_permission", value.Text(o.Get("permission")))
	if o.Get("admin") == true {
		o.Set("_permission", "everything")
	}
	o.Set("_role", name(o.Get("role"), "name"))
	o.Set("_tenant", name(o.Get("tenant"), "title"))
	if o.Get("tenant") == nil {
		o.Set("_tenant", "everywhere")
	}
	groups := []string{}
	for _, g := range value.AsList(o.Get("usergroups")) {
		groups = append(groups, name(g, "name"))
	}
	o.Set("_groups", strings.Join(groups, " > "))
	o.Set("_filter", name(o.Get("filter"), "search"))
	switch {
	case !o.Has("applies"):
		o.Set("_covers", "")
	case o.Get("applies") == true:
		o.Set("_covers", "yes")
	default:
		o.Set("_covers", "no: "+value.Text(o.Get("missing")))
	}
	return nil
}

// userGroupFields are the user groups of a record, with their roles.
func userGroupFields(label, place string) output.Field {
	return output.NumberedList(label, place,
		output.Join("Usergroup=name, Id=id:id", output.References("Roles", "roles", "name")))
}

func accessTokenCommands() *command {
	const listed = "Id=id, Name=name, Active=active?:bool, Expires at=expires_at:date"
	return groupOf("access-token", "Manage personal access tokens", "personal_access_tokens",
		listing(output.Columns(listed)),
		info(output.Columns(listed+", Created at=created_at:date, Last used at=last_used_at:date")),
		write("create", "create", "Personal access token [%{name}] created:\n%{token_value}",
			"Could not create personal access token"),
		write("revoke", "destroy", "Personal access token [%{name}] revoked.",
			"Could not revoke personal access token"))
}

func sshKeyCommands() *command {
	const listed = "Id=id, Name=name, Fingerprint=fingerprint, Length=length, Created at=created_at:date"
	return groupOf("ssh-keys", "Manage the SSH keys of a user", "ssh_keys",
		listing(output.Columns(listed)),
		info(output.Columns(listed+", Public Key=key")),
		write("add", "create", "SSH Key %{name} added.", "Could not add SSH Key").with(func(c *command) {
			c.extra = []*option{newOption("key-file", "Path to a SSH public key", parseFile)}
			c.prepare = keyFromFile
		}),
		write("delete", "destroy", "SSH Key deleted.", "Could not delete the SSH Key"))
}

func userMailCommands() *command {
	return groupOf("mail-notification", "Manage the mail notifications of a user", "mail_notifications",
		listing(output.Columns("Id=mail_notification_id, Name=name, Description=description, Interval=interval, "+
			"Mail query=mail_query")).with(func(c *command) { c.action = "user_mail_notifications" }),
		write("add", "create", "User mail notifications was added.", "Could not add user mail notification"),
		write("update", "update", "User mail notifications was updated.", "Could not update user mail notification"),
		write("remove", "destroy", "User mail notification was removed.", "Could not remove user mail notification"))
}

func tablePreferenceCommands() *command {
	return groupOf("table-preference", "Manage table preferences", "table_preferences",
		listing(output.Columns("Id=id, Name=name, Columns=columns:list")),
		info(output.Columns("Id=id, Name=name, Columns=columns:list, "+times)),
		write("create", "create", "Table preference created.", "Could not create table preference"),
		write("update", "update", "Table preference updated.", "Could not update table preference"),
		write("delete", "destroy", "Table preference deleted.", "Could not remove table preference"))
}

// registrationTokenCommands are for servers that register hosts. Roster has none.
func registrationTokenCommands() *command {
	return groupOf("registration-tokens", "Manage registration tokens", "registration_tokens",
		write("invalidate", "invalidate_jwt", "Successfully invalidated registration tokens for %{user}.",
			"Could not invalidate registration tokens"),
		write("invalidate-multiple", "invalidate_jwt_tokens",
			"Successfully invalidated registration tokens for %{users}.",
			"Could not invalidate registration tokens")).with(func(c *command) { c.hidden = true })
}

// userOptions are options of users that the documentation does not know.
func userOptions() []*option {
	return []*option{
		textOption("default-organization", "Default organization name").
			store("default_organization_name").showAs("DEFAULT_ORGANIZATION_NAME"),
		textOption("default-location", "Default location name").
			store("default_location_name").showAs("DEFAULT_LOCATION_NAME"),
		yesNoOption("ask-password", "Ask for the password").showAs("ASK_PW"),
		customValueOption(),
	}
}

// askUser completes what the documentation does not describe: default tenants by name, and passwords.
func (in *invocation) askUser() error {
	if !in.has("ask_password") {
		return nil
	}
	for _, tenant := range []string{"organization", "location"} {
		name := in.values["default_"+tenant+"_name"]
		if name == nil {
			continue
		}
		lookup := &invocation{app: in.app, ctx: in.ctx, command: in.command, values: map[string]any{"name": name}}
		id, err := lookup.identify(in.doc.Resource(tenant+"s"), "", true)
		if err != nil {
			return err
		}
		if in.values["default_"+tenant+"_id"] == nil {
			in.values["default_"+tenant+"_id"] = id
		}
	}
	ask := in.values["ask_password"] == true
	if in.command.kind == isUpdate && (in.values["password"] != nil || ask) {
		if err := in.addCurrentPassword(); err != nil {
			return err
		}
	}
	if ask {
		password, err := in.secret(in.ctx, "Enter user's new password: ")
		if err != nil {
			return err
		}
		in.values["password"] = password
	}
	return nil
}

// addCurrentPassword adds the current password when users change their own (docs/spec/hammer.md, 4).
func (in *invocation) addCurrentPassword() error {
	auth := &in.client.auth
	name, err := in.ownLogin()
	if err != nil || name == "" {
		return err
	}
	answer, err := in.callMethod(in.resource().Method("show"), value.NewObject("id", name))
	if err != nil {
		return err
	}
	own := value.AsObject(unwrap(answer))
	changed := value.Text(nullToNil(in.values["id"])) // or the own login, where the search for it was refused
	if changed != name && changed != value.Text(own.Get("id")) ||
		own.Has("login") && !(searchable{name: "login"}).is(name, own) {
		return nil // somebody else is changed
	}
	switch {
	case auth.password != "" && !auth.bearer():
		in.values["current_password"] = auth.password
	case in.values["current_password"] == nil && in.interactive:
		in.values["current_password"], err = in.secret(in.ctx, "Enter user's current password: ")
	}
	return err
}

func keyFromFile(in *invocation, params *value.Object) error {
	key := value.AsObject(params.Get("ssh_key"))
	if v, ok := in.values["key_file"]; ok && key != nil && key.Get("key") == nil {
		key.Set("key", v)
	}
	return nil
}

// fullName sets full_name, a key that exists on this side only.
func fullName(o *value.Object) error {
	o.Set("full_name", value.Text(o.Get("firstname"))+" "+value.Text(o.Get("lastname")))
	return nil
}

// describeUser prepares a user for printing: default values, the full name, and inherited groups only.
func describeUser(o *value.Object) error {
	for _, key := range []string{"locale", "timezone"} {
		if o.Has(key) && o.Get(key) == nil {
			o.Set(key, "default")
		}
	}
	_ = fullName(o)
	_ = customValueTexts(o)
	own, ok := o.Get("usergroups").([]any)
	if !ok {
		// Without the list, the user's own groups cannot be distinguished from inherited ones. hammer fails here, too
		// (docs/spec/hammer.md, 5).
		return softwareError("no implicit conversion of nil into Array")
	}
	mine := map[string]bool{}
	for _, g := range own {
		mine[value.Inspect(g)] = true
	}
	inherited := []any{}
	for _, g := range value.AsList(o.Get("cached_usergroups")) {
		if !mine[value.Inspect(g)] {
			inherited = append(inherited, g)
		}
	}
	o.Set("cached_usergroups", inherited)
	return nil
}

func userGroupCommands() *command {
	listed := output.Columns("Id=id, Name=name, Admin=admin:bool")
	changes := crud("User group", " [%{name}]", "the user group")
	for _, c := range changes[:2] {
		c.extra = []*option{customValueOption()}
	}
	return groupOf("user-group", "Manage user groups", "usergroups",
		listing(listed),
		info(output.Join(listed, output.References("Users", "users", "login"),
			userGroupFields("User groups", "usergroups"),
			output.References("External user groups", "external_usergroups", "name"),
			output.References("Roles", "roles", "name"), customValueFields(), times)).
			with(func(c *command) { c.extend = customValueTexts }),
		changes,
		association("role", "roles", "role"), association("user", "users", "user"),
		association("user-group", "usergroups", "user group"),
		externalGroupCommands())
}

// externalGroupCommands are about groups of auth sources. The id of one suffices, since it is in one user group only.
func externalGroupCommands() *command {
	external := output.Columns("Id=id, Name=name, Auth source=_auth_source:ref")
	group := groupOf("external", "Manage the external groups of a user group", "external_usergroups",
		listing(external).with(func(c *command) { c.extend = authSourceOf }),
		info(external).with(func(c *command) { c.extend = authSourceOf }),
		&command{name: "refresh", kind: isList, action: "refresh", about: "Refresh an external user group",
			fields: output.Columns("Name=name, Auth source=_auth_source"), extend: authSourceOf},
		write("create", "create", "External user group created.", "Could not create external user group"),
		write("update", "update", "External user group updated.", "Could not update external user group"),
		write("delete", "destroy", "External user group deleted.", "Could not delete the external user group"))
	for _, c := range group.children {
		if c.action != "index" && c.action != "create" {
			c.complete = groupOfExternal
		}
	}
	return group
}

// groupOfExternal sets the user group of the external group that --id or --name names, unless the options name it.
func groupOfExternal(in *invocation) error {
	id := nullToNil(in.values["id"])
	name := nullToNil(in.values["name"])
	grouped := in.values["usergroup_id"] != nil || in.values["usergroup_name"] != nil
	if in.isHammer() || grouped || id == nil && name == nil {
		return nil
	}
	groups := in.doc.Resource("usergroups")
	rows, err := in.allRows(groups.Method("index"), value.NewObject())
	if err != nil {
		return err
	}
	var found []any
	for _, row := range rows {
		group := value.AsObject(row).Get("id")
		answer, err := in.callMethod(groups.Method("show"), value.NewObject("id", group))
		if err != nil {
			return err
		}
		for _, external := range value.AsList(value.AsObject(unwrap(answer)).Get("external_usergroups")) {
			o := value.AsObject(external)
			if id != nil && value.Text(o.Get("id")) == value.Text(id) || id == nil && o.Get("name") == name {
				found = append(found, o)
				in.values["usergroup_id"] = group
			}
		}
	}
	switch {
	case len(found) > 1:
		return in.ambiguous(in.resource(), "", found)
	case len(found) == 0 && id != nil:
		return softwareError("There is no external user group with the id %s.", value.Text(id))
	case len(found) == 0:
		return softwareError("There is no external user group %q.", value.Text(name))
	}
	in.values["id"] = value.AsObject(found[0]).Get("id")
	return nil
}

// authSourceOf sets _auth_source to the source of an external group, whatever its kind.
func authSourceOf(o *value.Object) error {
	for _, p := range o.Pairs {
		if strings.HasPrefix(p.Key, "auth_source") {
			o.Set("_auth_source", p.Value)
			return nil
		}
	}
	return nil
}
