package hammer

import (
	"strings"

	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

func otherCommands() []*command {
	setting := output.Columns("Id=id:id, Name=name, Full name=full_name, Value=value, Description=description")
	bookmark := output.Columns("Id=id, Name=name, Controller=controller, Search Query=query, Public=public, Owner " +
		"Id=owner_id, Owner Type=owner_type")
	audit := output.Columns("Id=id, At=created_at:date, IP=remote_address, User=user:flat, Action=action, Audit " +
		"type=auditable_type, Audit record=auditable:flat")
	request := output.Columns("Request UUID=request_uuid")
	changes := output.NumberedList("Audited changes", "changes", output.Join("Attribute=attribute",
		output.HideBlank(output.Columns("Value=value, Old=old:lines, New=new:lines")...)))
	return []*command{
		groupOf("settings", "Show and change the settings of the server", "settings",
			listing(setting).with(func(c *command) { c.extend = settingText }),
			info(output.Columns("Id=id, Name=name, Description=description, Category=category_name, Settings "+
				"type=settings_type, Value=value")),
			write("set", "update", "Setting [%{name}] updated to [%{value}].", "Could not update the setting")),
		groupOf("bookmark", "Manage stored searches", "bookmarks",
			listing(bookmark), info(bookmark),
			write("create", "create", "Bookmark %{name} created.", "Failed to create  bookmark"),
			write("update", "update", "Bookmark %{name} updated successfully.", "Failed to update  bookmark"),
			write("delete", "destroy", "Bookmark deleted successfully.", "Failed to delete bookmark")),
		customFieldCommands(),
		groupOf("mail-notification", "Show the mail notifications that the server can send", "mail_notifications",
			listing(output.Columns("Id=id, Name=name")),
			info(output.Columns("Id=id, Name=name, Description=description, Subscription type=subscription_type"))),
		groupOf("audit", "Search the audit trail", "audits",
			listing(output.Join(audit, output.Beyond(request...))),
			info(output.Join(audit, request, changes)).with(func(c *command) { c.extend = describeAudit })),
		pingCommand(), statusCommand(), defaultsCommand(), authCommand(), fullHelpCommand(),
	}
}

// customFieldCommands manage what an installation adds to its users and user groups.
func customFieldCommands() *command {
	listed := output.Columns("Id=id, Name=name, Of=customized_type, Format=field_format, Required=is_required:bool, " +
		"Position=position")
	shown := output.Join(listed, "Regexp=regexp, Min length=min_length, Max length=max_length, Filter=is_filter:bool, "+
		"Searchable=searchable:bool, Multiple=multiple:bool, Visible=visible:bool, Editable=editable:bool, "+
		"Default value=default_value, Possible values=possible_values:list, Search name=search_name, "+
		"Description=description", times)
	return groupOf("custom-field", "Manage the custom fields of users and user groups", "custom_fields",
		listing(listed), info(shown), crud("Custom field", " [%{name}]", "the custom field"))
}

// customValueFields show the custom fields of a record, if there are any.
func customValueFields() []output.Field {
	return output.HideBlank(output.Parameters("Custom fields", "custom_fields"))
}

// customValueOption sets custom fields by name.
func customValueOption() *option {
	return newOption("custom-fields", "Values of custom fields as a comma-separated list of name=value, or JSON",
		parsePairs)
}

// customValueTexts turns the values of custom fields into text: those of several are joined by commas.
func customValueTexts(o *value.Object) error {
	for _, one := range value.AsList(o.Get("custom_fields")) {
		field := value.AsObject(one)
		if field == nil {
			continue
		}
		list, isList := field.Get("value").([]any)
		if !isList {
			continue
		}
		texts := make([]string, len(list))
		for i, v := range list {
			texts[i] = value.Text(v)
		}
		field.Set("value", strings.Join(texts, ", "))
	}
	return nil
}

// settingText turns the value of a setting into text.
func settingText(o *value.Object) error {
	o.Set("value", value.Text(o.Get("value")))
	return nil
}

// describeAudit sets changes to the list of audited changes. A new record and a deleted one have one value of each
// attribute, which may be a list; a changed one has lists of two, the old one and the new one.
func describeAudit(o *value.Object) error {
	changes := []any{}
	action := o.Get("action")
	whole := action == "create" || action == "destroy"
	if audited := value.AsObject(o.Get("audited_changes")); audited != nil {
		for _, p := range audited.Pairs {
			change, isList := p.Value.([]any)
			switch {
			case p.Value == nil:
			case isList && !whole:
				changes = append(changes,
					value.NewObject("attribute", p.Key, "old", before(change), "new", after(change)))
			default:
				changes = append(changes, value.NewObject("attribute", p.Key, "value", p.Value))
			}
		}
	}
	o.Set("changes", changes)
	return nil
}

// before returns the first value of a change. As in hammer, null and false are texts.
func before(change []any) any {
	switch {
	case len(change) == 0 || change[0] == nil:
		return ""
	case change[0] == false:
		return "false"
	}
	return change[0]
}

// after returns the second value of a change, nil if there is none.
func after(change []any) any {
	if len(change) < 2 {
		return nil
	}
	return change[1]
}
