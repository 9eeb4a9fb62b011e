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

// times are the columns of when a record was created and changed.
const times = "Created at=created_at:date, Updated at=updated_at:date"

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
