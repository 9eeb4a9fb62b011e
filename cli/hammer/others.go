package hammer

import (
	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

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
			listing(output.Columns("Id=id, Name=name")),
			info(output.Columns("Id=id, Name=name, Description=description, Subscription type=subscription_type"))),
		groupOf("audit", "Search the audit trail", "audits",
			listing(audit),
			info(output.Join(audit, changes)).with(func(c *command) { c.extend = describeAudit })),
		pingCommand(), statusCommand(), defaultsCommand(), authCommand(), fullHelpCommand(),
	}
}

// settingText turns the value of a setting into text.
func settingText(o *value.Object) error {
	o.Set("value", value.Text(o.Get("value")))
	return nil
}

// describeAudit sets changes to the list of audited changes.
func describeAudit(o *value.Object) error {
	changes := []any{}
	if audited := value.AsObject(o.Get("audited_changes")); audited != nil {
		for _, p := range audited.Pairs {
			switch change := p.Value.(type) {
			case nil:
			case []any:
				c := value.NewObject("attribute", p.Key, "value", nil, "old", nil, "new", nil)
				if len(change) > 0 {
					c.Set("old", value.Text(change[0]))
				}
				if len(change) > 1 {
					c.Set("new", change[1])
				}
				changes = append(changes, c)
			default:
				changes = append(changes, value.NewObject("attribute", p.Key, "value", change, "old", nil, "new", nil))
			}
		}
	}
	o.Set("changes", changes)
	return nil
}
