package hammer

import (
	"regexp"

	"roster/cli/hammer/apidoc"
	"roster/cli/hammer/output"
	"roster/cli/hammer/value"
)

func authSourceCommands() *command {
	server := output.Block("Server", "", output.Join("Id=id, Name=name, Server=host, LDAPS=tls:bool",
		output.HideBlank(output.Columns("CA certificate=cacert:lines")...), "Port=port, Server Type=server_type"))
	account := output.Block("Account", "", output.Join(
		"Account Username=account, Base DN=base_dn, Groups base DN=groups_base",
		output.Deprecate("Account/LDAP group membership", output.Columns("Use Netgroups=use_netgroups:bool")...),
		"LDAP group membership=ldap_group_membership, LDAP filter=ldap_filter, "+
			"Automatically Create Accounts?=onthefly_register:bool, Usergroup sync=usergroup_sync:bool"))
	attributes := output.Block("Attribute mappings", "", output.Columns("Login Name Attribute=attr_login, "+
		"First Name Attribute=attr_firstname, Last Name Attribute=attr_lastname, "+
		"Email Address Attribute=attr_mail, Photo Attribute=attr_photo"))
	ldap := crud("Auth source", " [%{name}]", "the Auth Source")
	for _, c := range ldap[:2] {
		c.extra = []*option{
			newOption("cacert-file", "File with the certificate of the LDAP server's authority", parseFile)}
		c.prepare = cacertFromFile
	}
	external := output.Columns("Id=id, Name=name")
	return groupOf("auth-source", "Manage the sources that users are authenticated by", "auth_sources",
		listing(output.Columns("Id=id, Name=name, Type of auth source=type")),
		groupOf("ldap", "Manage LDAP sources", "auth_source_ldaps",
			listing(output.Columns("Id=id, Name=name, Server=host, Port=port, LDAPS?=tls:bool")),
			info(output.Join(server, account, attributes, tenantFields(""))), ldap,
			write("test", "test", "%{message}", "The connection failed").with(func(c *command) {
				c.about = "Test the connection to the LDAP server"
				c.extend = connectionOutcome
			})),
		groupOf("external", "Manage external sources", "auth_source_externals",
			listing(external), info(output.Join(external, tenantFields(""))),
			write("update", "update", "Successfully updated the %{name} external auth source.",
				"Could not update the external auth source")))
}

// errorNumber begins the messages of servers about LDAP.
var errorNumber = regexp.MustCompile(`^ERF\d+-\d+ \[[^\]]*\]: `)

// connectionOutcome fails if the server could not connect. The status of such an answer is 200.
func connectionOutcome(o *value.Object) error {
	if o.Get("success") == true {
		return nil
	}
	return softwareError("%s", errorNumber.ReplaceAllString(value.Text(o.Get("message")), ""))
}

// cacertFromFile sends the certificate only if the server knows the parameter.
func cacertFromFile(in *invocation, params *value.Object) error {
	source := value.AsObject(params.Get("auth_source_ldap"))
	hash := in.method().Param("auth_source_ldap")
	if v, ok := in.values["cacert_file"]; ok && source != nil && hash != nil &&
		apidoc.FindParam(hash.Params, "cacert") != nil {
		source.Set("cacert", v)
	}
	return nil
}
