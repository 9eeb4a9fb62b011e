package pages

// Commands are the examples of methods of the API of Foreman as arguments of the command line. A test runs the help of
// each and looks for its options.
var Commands = map[string]string{
	"users.index": `user list --search 'lastname ~ nov' --order login --per-page 2`,
	"users.show":  `user info --login ann`,
	"users.create": "user create --login ann --firstname Ann --lastname Novak \\\n  " +
		"--mail ann@example.com --auth-source Internal --ask-password yes \\\n  " +
		"--organizations Brno --roles 'Brno helpdesk'",
	"users.update":  `user update --login ann --roles 'Brno helpdesk,Viewer'`,
	"users.destroy": `user delete --login ann`,
	"users.restore": `user restore --login ann`,

	"users.effective_permissions":    `user explain --login ann --permission reset_passwords --user admin`,
	"users.show_current":             `auth status`,
	"usergroups.index":               `user-group list`,
	"usergroups.show":                `user-group info --name Support`,
	"usergroups.create":              `user-group create --name Support --users ann`,
	"usergroups.update":              `user-group update --name Support --roles 'Brno helpdesk'`,
	"usergroups.destroy":             `user-group delete --name Support`,
	"personal_access_tokens.index":   `user access-token list --user ann`,
	"personal_access_tokens.create":  `user access-token create --user ann --name backup --expires-at 2030-01-01`,
	"personal_access_tokens.destroy": `user access-token revoke --user ann --name backup`,
	"ssh_keys.index":                 `user ssh-keys list --user ann`,
	"ssh_keys.create":                `user ssh-keys add --user ann --name laptop --key-file ~/.ssh/id_ed25519.pub`,
	"ssh_keys.destroy":               `user ssh-keys delete --user ann --name laptop`,

	"roles.index": `role list --search 'name = "Brno helpdesk"'`,
	"roles.show":  `role info --name 'Brno helpdesk'`,
	"roles.create": "role create --name 'Brno helpdesk' \\\n  " +
		"--description 'Helps people with their accounts'",
	"roles.update":  `role update --name 'Brno helpdesk' --description 'Helps people in Brno'`,
	"roles.clone":   `role clone --name Viewer --new-name Onlooker`,
	"roles.destroy": `role delete --name 'Brno helpdesk'`,
	"filters.index": `filter list --search 'role = "Brno helpdesk"'`,
	"filters.create": "filter create --role 'Brno helpdesk' \\\n  " +
		"--permissions view_users,reset_passwords \\\n  --search 'null? any_role and admin = false'",
	"permissions.index":   `filter available-permissions --search 'name = view_users'`,
	"organizations.index": `organization list --search 'name = Brno'`,
	"organizations.show":  `organization info --name Brno`,

	"organizations.create":  `organization create --name Brno --description 'The office in Brno'`,
	"organizations.update":  `organization update --name Brno --description 'The office in Brno and Olomouc'`,
	"organizations.destroy": `organization delete --name Brno`,
	"locations.index":       `location list --order title`,
	"locations.show":        `location info --name 'Building A'`,
	"locations.create":      `location create --name 'Building A'`,
	"locations.update":      `location update --name 'Building A' --new-name 'Building B'`,
	"locations.destroy":     `location delete --name 'Building B'`,
	"memberships.index":     `organization membership list --organization Brno`,
	"memberships.update":    `organization membership set --organization Brno --user ann --roles Manager`,
	"memberships.destroy":   `organization membership remove --organization Brno --user ann`,
	"scim_tokens.index":     `organization scim-token list --organization Brno`,
	"scim_tokens.create": "organization scim-token create --organization Brno --name entra \\\n  " +
		"--expires-at 2030-01-01 --networks 192.0.2.0/24,127.0.0.0/8",
	"scim_tokens.destroy":     `organization scim-token revoke --organization Brno --name entra`,
	"auth_sources.index":      `auth-source list --per-page 1`,
	"auth_source_ldaps.index": `auth-source ldap list`,
	"auth_source_ldaps.show":  `auth-source ldap info --name Headquarters`,
	"auth_source_ldaps.create": "auth-source ldap create --name Headquarters \\\n  " +
		"--host ldap.example.com --base-dn dc=example,dc=com",
	"auth_source_ldaps.update":    `auth-source ldap update --name Headquarters --tls yes --port 636`,
	"auth_source_ldaps.test":      `auth-source ldap test --name Headquarters`,
	"auth_source_ldaps.destroy":   `auth-source ldap delete --name Headquarters`,
	"auth_source_externals.index": `auth-source external list`,
	"external_usergroups.index":   `user-group external list --user-group Support`,
	"external_usergroups.create": "user-group external create --user-group Support \\\n  " +
		"--auth-source-id 4 --name support",
	"settings.index":  `settings list --search 'name = entries_per_page'`,
	"settings.show":   `settings info --name idle_timeout`,
	"settings.update": `settings set --name entries_per_page --value 50`,
	"audits.index":    `audit list --search 'type = user' --per-page 1`,
	"audits.show":     `audit info --id 1`,
	"bookmarks.index": `bookmark list`,
}
