package hammer

import (
	"slices"
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
	// supported asks the server first whether it knows the resource at all (docs/spec/hammer.md, 4).
	supported bool
	// extra are options that the documentation does not list, without are the attributes of options that are not
	// offered.
	extra   []*option
	without []string
	// extend adds keys to a record before it is printed.
	extend func(*value.Object) error
	// complete sets values before names are turned into ids.
	complete func(*invocation) error
	// confirm asks people before a change. An error ends the command.
	confirm func(*invocation, *value.Object) error
	// prepare changes the parameters before they are sent.
	prepare func(*invocation, *value.Object) error
	run     func(*invocation) error
	// details are further lines of the help: a title, and what stands below it in two columns.
	details func() (title string, lines [][2]string)
	// needsDoc marks local commands that ask the server.
	needsDoc bool
	// hidden commands work where the server has what they need, and are in no list.
	hidden bool
	parent *command
}

// group returns a command that has only further ones below it.
func group(name, about string, children ...*command) *command {
	return &command{name: name, about: about, children: children}
}

// setResource sets the resource of commands that have none yet.
func (c *command) setResource(resource string) *command {
	for _, child := range c.children {
		if child.resource == "" {
			child.resource = resource
		}
	}
	return c
}

// with returns the command after a change.
func (c *command) with(change func(*command)) *command {
	change(c)
	return c
}

// listing returns the command that lists a resource.
func listing(fields []output.Field) *command {
	return &command{name: "list", alias: "index", kind: isList, action: "index", fields: fields}
}

// info returns the command that shows one object.
func info(fields []output.Field) *command {
	return &command{name: "info", alias: "show", kind: isInfo, action: "show", fields: fields}
}

// write returns a command that changes something and answers with a message.
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

// crud returns create, update and delete, with messages about a thing. Messages name the object behind the thing as
// naming says, such as " [%{name}]".
func crud(thing, naming, failing string) []*command {
	return []*command{
		write("create", "create", thing+naming+" created.", "Could not create "+failing),
		write("update", "update", thing+naming+" updated.", "Could not update "+failing),
		write("delete", "destroy", thing+naming+" deleted.", "Could not delete "+failing),
	}
}

// association returns the two commands that connect a resource with another. Roles have messages of their own, and so
// have provisioning templates, which may be several at once.
func association(name, resource, thing string) []*command {
	add := &command{name: "add-" + name, kind: isAdd, action: "update", associated: resource,
		about:   "Associate a " + thing,
		success: "The " + thing + " has been associated.",
		failure: "Could not associate the " + thing}
	remove := &command{name: "remove-" + name, kind: isRemove, action: "update", associated: resource,
		about:   "Disassociate a " + thing,
		success: "The " + thing + " has been disassociated.",
		failure: "Could not disassociate the " + thing}
	switch resource {
	case "roles":
		add.about = "Assign a role"
		add.success = "User role has been assigned."
		add.failure = "Could not assign the user role"
		remove.about = "Remove a role"
		remove.success = "User role has been removed."
		remove.failure = "Could not remove the user role"
	case "provisioning_templates":
		ids := newOption("provisioning-template-ids", "List of provisioning template ids", parseList)
		add.extra = []*option{ids}
		add.success = "The provisioning templates were associated."
		add.failure = "Could not associate the provisioning templates"
		remove.extra = []*option{ids}
		remove.success = "The provisioning templates were disassociated."
		remove.failure = "Could not disassociate the provisioning templates"
	}
	return []*command{add, remove}
}

// commands returns one list of commands. A part is a *command or a []*command.
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

// groupOf returns a group whose commands are about a resource.
func groupOf(name, about, resource string, parts ...any) *command {
	return group(name, about, commands(parts...)...).setResource(resource)
}

// times are the columns of when a record was created and changed.
const times = "Created at=created_at:date, Updated at=updated_at:date"

// unsupportedGroups are hammer's commands for what this server does not manage. They end with an error, as in hammer.
var unsupportedGroups = strings.Fields("architecture compute-profile compute-resource config-report domain fact " +
	"host hostgroup " +
	"host-registration http-proxy medium model os partition-table proxy realm report report-template subnet template")

// rootCommand returns the whole tree. It is data: nothing is read or sent to build it.
func rootCommand() *command {
	root := group("", "", commands(userCommands(), userGroupCommands(), roleCommands(), filterCommands(),
		authSourceCommands(),
		tenantCommands("organization", "location"), tenantCommands("location", "organization"), otherCommands(),
		globalParameterCommands(), completionCommand(), prebuildCommand())...)
	for _, name := range unsupportedGroups {
		root.children = append(root.children,
			&command{name: name, kind: isLocal, run: func(*invocation) error { return errUnsupported }})
	}
	root.setParents()
	return root
}

// Entry is a command of the client, with what it is for.
type Entry struct{ Name, About string }

// Entries returns the commands of the client that this server knows, by name.
func Entries() []Entry {
	var list []Entry
	for _, c := range rootCommand().children {
		if c.about != "" {
			list = append(list, Entry{c.name, c.about})
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// setParents sets the parents of the commands below, and their resource if they have none.
func (c *command) setParents() {
	for _, child := range c.children {
		child.parent = c
		if child.resource == "" && c.resource != "" && child.kind != isLocal {
			child.resource = c.resource
		}
		child.setParents()
	}
}

// names returns all words that call the command.
func (c *command) names() []string {
	if c.alias == "" {
		return []string{c.name}
	}
	return []string{c.name, c.alias}
}

// path returns how the command is called, behind the name of the program: "user <list|index>".
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

// unsupported reports whether the command is one of unsupportedGroups.
func (c *command) unsupported() bool { return c.kind == isLocal && c.about == "" }
