package hammer

import (
	"fmt"

	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

func filterColumns() []output.Field {
	return output.Columns("Id=id, Resource type=resource_type, Search=search, Role=role:ref, " +
		"Permissions=permissions:list")
}

func roleCommands() *command {
	listed := output.Columns("Id=id, Name=name, Builtin=builtin:bool")
	changes := crud("User role", " [%{name}]", "the user role")
	changes[2].failure = "Could not delete the user roles"
	return groupOf("role", "Manage roles", "roles",
		listing(listed), info(output.Join(listed, "Description=description", tenantFields(""))), changes,
		write("clone", "clone", "User role cloned.", "Could not clone the user role").with(func(c *command) {
			c.extra = []*option{textOption("new-name", "Name of the new role").require()}
			c.prepare = nameClone
		}),
		&command{name: "filters", kind: isList, resource: "filters", action: "index",
			about: "List the filters of a role", fields: filterColumns(), extend: describeFilter,
			extra:   []*option{textOption("id", "User role id"), textOption("name", "Name of the role")},
			without: []string{"search", "role", "role_id"}, prepare: filtersOfRole})
}

func filterCommands() *command {
	return groupOf("filter", "Manage the permission filters of roles", "filters",
		listing(filterColumns()).with(func(c *command) { c.extend = describeFilter }),
		info(output.Join(filterColumns(), tenantFields("role/"), times)).
			with(func(c *command) { c.extend = describeFilter }),
		write("create", "create", "Permission filter for [%{resource_type_label}] created.",
			"Could not create the permission filter"),
		write("update", "update", "Permission filter for [%{resource_type_label}] updated.",
			"Could not update the permission filter"),
		write("delete", "destroy", "Permission filter deleted.", "Could not delete the permission filter"),
		&command{name: "available-permissions", kind: isList, resource: "permissions", action: "index",
			about:  "List the permissions that a filter may grant",
			fields: output.Columns("Id=id, Name=name, Resource=resource_type"), extend: nameResourceType},
		&command{name: "available-resources", kind: isList, resource: "permissions", action: "resource_types",
			about: "List the types of resources that a filter may be for", fields: output.Columns("Name=name")})
}

// nameClone sends the name of the new role.
func nameClone(in *invocation, params *value.Object) error {
	role := value.AsObject(params.Get("role"))
	if role == nil {
		role = value.NewObject()
		params.Set("role", role)
	}
	role.Set("name", in.values["new_name"])
	return nil
}

// filtersOfRole searches for the filters of the role that the options name.
func filtersOfRole(in *invocation, params *value.Object) error {
	id, err := in.identify(in.doc.Resource("roles"), "", true)
	if err != nil {
		return err
	}
	params.Set("search", fmt.Sprintf(`role_id = "%s"`, value.Text(id)))
	return nil
}

// nameResourceType names the type of permissions that belong to no resource.
func nameResourceType(o *value.Object) error {
	if o.Get("resource_type") == nil {
		o.Set("resource_type", "(Miscellaneous)")
	}
	return nil
}

// describeFilter replaces the permissions of a filter by their names.
func describeFilter(o *value.Object) error {
	_ = nameResourceType(o)
	if o.Get("search") == nil {
		o.Set("search", "none")
	}
	names := []any{}
	for _, p := range value.AsList(o.Get("permissions")) {
		names = append(names, value.AsObject(p).Get("name"))
	}
	o.Set("permissions", names)
	return nil
}
