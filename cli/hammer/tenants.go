package hammer

import (
	"fmt"
	"strings"

	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

// tenantCommands are the commands of organizations or of locations. They differ in a word: name is the tenant's kind in
// the singular, other that of the other kind.
func tenantCommands(name, other string) *command {
	resource := name + "s"
	main := commands(listing(output.Columns("Id=id, Title=title, Name=name, Description=description:text")),
		info(tenantRecord(other)), crud(capitalized(name), "", "the "+name))
	for _, c := range main {
		c.supported = true
		switch c.action {
		case "create", "update":
			c.extra = []*option{textOption("parent", "Parent "+name+", by name or title").store("parent_name").only()}
			c.prepare = parentByName
		case "destroy":
			c.extra = []*option{flagOption("yes", "Delete without a question").only()}
			c.confirm = confirmTenant
		}
	}
	return groupOf(name, "Manage "+resource, resource, main, parameterCommands(name), membershipCommands(name),
		scimTokenCommands(name),
		association("hostgroup", "hostgroups", "hostgroup"),
		association("domain", "domains", "domain"),
		association("medium", "media", "medium"),
		association("subnet", "subnets", "subnet"),
		association("compute-resource", "compute_resources", "compute resource"),
		association("smart-proxy", "smart_proxies", "smart proxy"),
		association("user", "users", "user"),
		association("provisioning-template", "provisioning_templates", "provisioning template"),
		association(other, other+"s", other))
}

// parentByName sends the id of the parent that --parent names. An empty name is none.
func parentByName(in *invocation, params *value.Object) error {
	name, given := in.values["parent_name"]
	tenant := value.AsObject(params.Get(in.resource().Singular()))
	if !given || tenant == nil {
		return nil
	}
	if name == "" || nullToNil(name) == nil {
		tenant.Set("parent_id", value.Null{})
		return nil
	}
	if in.values["parent_id"] != nil {
		return &usageError{"--parent and --parent-id cannot both be set.", in.command.path(in.program)}
	}
	for _, field := range []searchable{{name: "title"}, {name: "name"}} {
		rows, err := in.find(in.resource(), field, []string{value.Text(name)})
		switch {
		case err != nil:
			return err
		case len(rows) > 1:
			return in.ambiguous(in.resource(), "parent_", rows)
		case len(rows) == 1:
			tenant.Set("parent_id", value.AsObject(rows[0]).Get("id"))
			return nil
		}
	}
	return softwareError("%s", in.noSuch(in.resource(), searchable{name: "title"}, value.Text(name)))
}

// confirmTenant asks before a tenant with users is deleted, if there is a terminal to ask on.
func confirmTenant(in *invocation, params *value.Object) error {
	if in.isHammer() || !in.interactive || in.values["yes"] == true || params.Get("id") == nil {
		return nil
	}
	answer, err := in.callMethod(in.resource().Method("show"), value.NewObject("id", params.Get("id")))
	if err != nil {
		return err
	}
	o := value.AsObject(unwrap(answer))
	count := len(value.AsList(o.Get("users")))
	if count == 0 {
		return nil
	}
	users := fmt.Sprintf("%d users lose", count)
	if count == 1 {
		users = "1 user loses"
	}
	said, err := in.ask(in.ctx, fmt.Sprintf("%s the %s %s. Delete it? (yes or no) ", users, in.resource().Singular(),
		value.Text(o.Get("title"))))
	if err != nil {
		return err
	}
	if on, err := parseBool(strings.TrimSpace(said)); err != nil || !on {
		return softwareError("Nothing was deleted. Answer yes, or use --yes.")
	}
	return nil
}

// tenantRecord are the fields of one tenant.
func tenantRecord(other string) []output.Field {
	return output.Join("Id=id, Title=title, Name=name, Description=description:text, Parent=parent:flat",
		output.References("Users", "users", "login"),
		output.References("Smart proxies", "smart_proxies", "name"),
		output.DetailedReferences("Subnets", "subnets", "name", "network_address"),
		output.References("Compute resources", "compute_resources", "name"),
		output.References("Installation media", "media", "name"),
		output.References("Templates", "provisioning_templates", "name"),
		output.References("Partition Tables", "ptables", "name"),
		output.References("Domains", "domains", "name"),
		output.References("Realms", "realms", "name"),
		output.References("Hostgroups", "hostgroups", "title"),
		output.Parameters("Parameters", "parameters"),
		output.HideBlank(output.References(capitalized(other)+"s", other+"s", "name")), times)
}

// shownFields returns the fields of a record. People see no empty lists of what this server does not manage; hammer and
// programs do.
func (in *invocation) shownFields() []output.Field {
	c := in.command
	if in.isHammer() || in.out.Form != "base" || c.resource != "organizations" && c.resource != "locations" {
		return c.fields
	}
	return output.HideBlankLists(c.fields, func(place string) bool { return !in.manages(place) })
}

// manages reports whether the server does anything with a resource.
func (a *app) manages(resource string) bool {
	res := a.doc.Resource(resource)
	return res != nil && len(res.Methods) > 0
}

// tenantFields are the tenants of another record, hidden if there are none. The path of their keys begins with above.
func tenantFields(above string) []output.Field {
	return output.HideBlank(output.References("Locations", above+"locations", "title"),
		output.References("Organizations", above+"organizations", "title"))
}

// membershipCommands are about who belongs to a tenant, and with which roles.
func membershipCommands(tenant string) []*command {
	member := func(noun string) []*command {
		return []*command{
			{name: "set", kind: isWrite, action: "update",
				about:   "Put a " + noun + " into the " + tenant + ", or change the state and the roles there",
				success: capitalized(noun) + " is %{state} in the " + tenant + ".",
				failure: "Could not set the membership of the " + noun},
			{name: "remove", kind: isWrite, action: "destroy",
				about:   "Take a " + noun + " out of the " + tenant,
				success: capitalized(noun) + " removed from the " + tenant + ".",
				failure: "Could not remove the " + noun + " from the " + tenant},
		}
	}
	listed := listing(output.Columns("Id=id, User=user/login, User group=usergroup/name, State=state, " +
		"Roles=_roles, Joined at=joined_at:date, Expires at=expires_at:date")).
		with(func(c *command) { c.extend = rolesInLine })
	return []*command{
		groupOf("membership", "Manage who belongs to the "+tenant, "memberships", listed, member("user")),
		groupOf("user-group-membership", "Manage which user groups belong to the "+tenant, "usergroup_memberships",
			member("user group")),
	}
}

// scimTokenCommands are about the tokens of an organization's identity providers. Locations have none.
func scimTokenCommands(tenant string) []*command {
	if tenant != "organization" {
		return nil
	}
	const listed = "Id=id, Name=name, Active=active?:bool, Read only=read_only:bool, Expires at=expires_at:date, " +
		"Last used at=last_used_at:date"
	return []*command{groupOf("scim-token", "Manage the tokens of the organization's identity providers", "scim_tokens",
		listing(output.Columns(listed)),
		info(output.Columns(listed+
			", Path=path, Last used from=last_used_ip, Networks=networks:list, Created at=created_at:date")),
		write("create", "create", "SCIM token [%{name}] created for %{path}:\n%{token_value}",
			"Could not create the SCIM token"),
		write("revoke", "destroy", "SCIM token [%{name}] revoked.", "Could not revoke the SCIM token"))}
}

// rolesInLine sets _roles to the names of the roles.
func rolesInLine(o *value.Object) error {
	var names []string
	for _, role := range value.AsList(o.Get("roles")) {
		names = append(names, value.Text(value.AsObject(role).Get("name")))
	}
	o.Set("_roles", strings.Join(names, ", "))
	return nil
}

// parameterCommands set and delete the parameters of a tenant.
func parameterCommands(tenant string) []*command {
	name := textOption("name", "Name of the parameter").require()
	return []*command{
		{name: "set-parameter", kind: isLocal, needsDoc: true, resource: "parameters", action: "index",
			about: "Create or change a parameter", failure: "Could not set " + tenant + " parameter", run: setParameter,
			extra: append(parameterOptions(name), tenantOptions(tenant)...)},
		{name: "delete-parameter", kind: isLocal, needsDoc: true, resource: "parameters", action: "destroy",
			about: "Delete a parameter", success: "Parameter [%{name}] deleted.",
			failure: "Could not delete " + tenant + " parameter", run: deleteParameter,
			extra: append([]*option{name}, tenantOptions(tenant)...)},
	}
}

// parameterOptions are the options that say what a parameter becomes.
func parameterOptions(name *option) []*option {
	return []*option{name,
		textOption("value", "Value of the parameter").require(),
		wordOption("parameter-type", "Type of the parameter (string)",
			"string", "boolean", "integer", "real", "array", "hash", "yaml", "json"),
		yesNoOption("hidden-value", "Whether the value is hidden")}
}

// globalParameterCommands are about parameters that belong to no tenant.
func globalParameterCommands() *command {
	name := textOption("name", "Name of the parameter")
	byName := func(in *invocation, params *value.Object) error {
		params.Set("id", nullToNil(in.values["name"]))
		return nil
	}
	return groupOf("global-parameter", "Manage global parameters", "common_parameters",
		listing(output.Columns("Name=name, Value=value, Type=parameter_type")),
		&command{name: "set", kind: isLocal, needsDoc: true, resource: "common_parameters", action: "create",
			about: "Create or change a global parameter", run: setGlobalParameter,
			extra: parameterOptions(textOption("name", "Name of the parameter").require())},
		write("delete", "destroy", "Global parameter [%{name}] deleted.", "Could not delete the global parameter []").
			with(func(c *command) {
				c.extra = []*option{name}
				c.without = []string{"id"}
				c.prepare = byName
			}))
}

func setGlobalParameter(in *invocation) error {
	index := in.resource().Method("index")
	if index == nil {
		return errUnsupported
	}
	name := in.values["name"]
	answer, err := in.callMethod(index, value.NewObject())
	if err != nil {
		return err
	}
	rows, _, err := rowsOf(answer)
	if err != nil {
		return err
	}
	action := "create"
	message := "Created parameter [%{name}] with value [%{value}]."
	for _, row := range rows {
		if value.AsObject(row).Get("name") == name {
			action = "update"
			message = "Parameter [%{name}] updated to [%{value}]."
		}
	}
	kind := in.values["parameter_type"]
	if kind == nil {
		kind = "string"
	}
	parameter := value.NewObject("name", name, "value", in.values["value"], "parameter_type", kind)
	if hidden := in.values["hidden_value"]; hidden != nil {
		parameter.Set("hidden_value", hidden)
	}
	answer, err = in.callMethod(in.resource().Method(action),
		value.NewObject("common_parameter", parameter, "id", name))
	if err == nil {
		in.out.Message(message, unwrap(answer))
	}
	return err
}

// tenantOptions name a tenant by its id, its name or its title.
func tenantOptions(one string) []*option {
	options := []*option{textOption(one+"-id", "Id of the "+one).refer(one)}
	for i, s := range searchables(one) {
		name := one
		if i > 0 {
			name += "-" + s.name
		}
		options = append(options, textOption(name, capitalized(one)+" by "+s.name).
			store(one+"_"+s.name).showAs(metavar(one+"_"+s.name)).refer(one))
	}
	return options
}

// findParameter returns the parameter that the options name, nil if there is none, and the parameters of a request that
// name its tenant.
func (in *invocation) findParameter() (found, base *value.Object, err error) {
	one := in.command.parent.name
	if err := in.addDefaults(); err != nil {
		return nil, nil, err
	}
	id, err := in.identify(in.doc.Resource(one+"s"), one+"_", true)
	if err != nil {
		return nil, nil, in.explainMissing(err)
	}
	in.values[one+"_id"] = id
	rows, err := in.find(in.doc.Resource("parameters"), searchable{name: "name"},
		[]string{value.Text(in.values["name"])})
	if err != nil {
		return nil, nil, err
	}
	base = value.NewObject(one+"_id", id)
	for _, row := range rows {
		if o := value.AsObject(row); o.Get("name") == in.values["name"] {
			return o, base, nil
		}
	}
	return nil, base, nil
}

func setParameter(in *invocation) error {
	found, base, err := in.findParameter()
	if err != nil {
		return err
	}
	kind := in.values["parameter_type"]
	if kind == nil {
		kind = "string"
	}
	action := "create"
	message := "Parameter [%{name}] created with value [%{value}]"
	p := value.NewObject("name", in.values["name"], "value", in.values["value"], "parameter_type", kind, "hidden_value",
		in.values["hidden_value"])
	if found != nil {
		action = "update"
		message = "Parameter [%{name}] updated to value [%{value}]"
		p.Remove("name")
		base.Set("id", found.Get("id"))
	}
	base.Set("parameter", p)
	answer, err := in.callMethod(in.resource().Method(action), base)
	if err == nil {
		in.out.Message(message, unwrap(answer))
	}
	return err
}

func deleteParameter(in *invocation) error {
	found, base, err := in.findParameter()
	if err != nil {
		return err
	}
	if found == nil {
		return softwareError("parameter not found.")
	}
	base.Set("id", found.Get("id"))
	answer, err := in.callMethod(in.method(), base)
	if err == nil {
		in.out.Message(in.command.success, unwrap(answer))
	}
	return err
}
