package foreman

// authSourceExternalAttributes are the attributes that may be set.
type authSourceExternalAttributes struct {
	Name string `json:"name" validate:"required" example:"Ops"` // Name, unique among auth sources
	// Locations of the source, by id. Replaces the previous list; an empty list clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations of the source, by id. Replaces the previous list; an empty list clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// authSourceExternalBody is the body of a request.
type authSourceExternalBody struct {
	// The external auth source
	AuthSourceExternal authSourceExternalAttributes `json:"auth_source_external" validate:"required"`
}

// Lists external sources.
//
//	@Summary	List external sources
//	@Tags	auth_source_externals
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Work in this location (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with location_ids."
//	@Param	organization_id	query	integer	false	"Work in this organization (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with organization_ids."
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[externalSourceRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_externals	[get]
//	@Router	/api/locations/{location_id}/auth_source_externals	[get]
//	@Router	/api/organizations/{organization_id}/auth_source_externals	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/auth_source_externals", "/api/locations/{location_id}/auth_source_externals", "/api/organizations/{organization_id}/auth_source_externals"]}
func _() {}

// Shows an external source.
//
//	@Summary	Show an external source
//	@Tags	auth_source_externals
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the auth source" extensions(x-rule=identifier)
//	@Success	200	{object}	externalSourceWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_externals/{id}	[get]
//	@Router	/api/locations/{location_id}/auth_source_externals/{id}	[get]
//	@Router	/api/organizations/{organization_id}/auth_source_externals/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/auth_source_externals/{id}"]}
func _() {}

// Changes an external source.
//
//	@Summary	Update an external source
//	@Tags	auth_source_externals
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the auth source" extensions(x-rule=identifier)
//	@Param	body	body	authSourceExternalBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	externalSourceWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/auth_source_externals/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/auth_source_externals/{id}"]}
func _() {}

// Lists internal sources.
//
//	@Summary	List internal sources
//	@Tags	auth_source_internals
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[internalRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/auth_source_internals	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/auth_source_internals"]}
func _() {}

// Shows an internal source.
//
//	@Summary	Show an internal source
//	@Tags	auth_source_internals
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the auth source" extensions(x-rule=identifier)
//	@Success	200	{object}	internalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_internals/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/auth_source_internals/{id}"]}
func _() {}

// authSourceLdapAttributes are the attributes that may be set.
type authSourceLdapAttributes struct {
	// Name, unique among auth sources
	Name string `json:"name" validate:"required" example:"Ops"`
	// Host name or address of the server
	Host string `json:"host" validate:"required" example:"ldap.example.com"`
	// Port of the server. Default: 389. With tls, 636 is usual
	Port int64 `json:"port" extensions:"x-rule=number" example:"389"`
	// DN to bind with for look-ups. $login stands for the login of the user, who then binds with their own password.
	// Only administrators can use $login
	Account string `json:"account"`
	// DN below which users are searched
	BaseDN string `json:"base_dn" example:"dc=example,dc=com"`
	// Password of the account. It is stored encrypted and never shown
	AccountPassword string `json:"account_password"`
	// Attribute with the login. Default: uid
	AttrLogin string `json:"attr_login"`
	// Attribute with the first name. Default: givenName
	AttrFirstname string `json:"attr_firstname"`
	// Attribute with the surname. Default: sn
	AttrLastname string `json:"attr_lastname"`
	// Attribute with the mail address. Default: mail
	AttrMail string `json:"attr_mail"`
	// Attribute with a picture. It is stored and not used
	AttrPhoto string `json:"attr_photo"`
	// Whether users get an account at their first login, in the locations and organizations of the auth source. Only
	// administrators can switch it on
	OntheflyRegister bool `json:"onthefly_register"`
	// Whether external user groups are synchronised at each login
	UsergroupSync bool `json:"usergroup_sync"`
	// Whether the connection is encrypted: from its start, or by StartTLS on port 389
	TLS bool `json:"tls"`
	// DN below which groups are searched. Default: base_dn
	GroupsBase string `json:"groups_base"`
	// Whether groups are NIS netgroups. Not with active_directory
	UseNetgroups bool `json:"use_netgroups"`
	// Type of server, which decides how groups are searched. Default: posix
	ServerType string `json:"server_type" extensions:"x-rule=server_types"`
	// LDAP filter that users must match
	LDAPFilter string `json:"ldap_filter"`
	// Locations of the source, by id. Replaces the previous list; an empty list clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations of the source, by id. Replaces the previous list; an empty list clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// authSourceLdapBody is the body of a request.
type authSourceLdapBody struct {
	AuthSourceLDAP authSourceLdapAttributes `json:"auth_source_ldap" validate:"required"` // The LDAP auth source
}

// Lists LDAP sources.
//
//	@Summary	List LDAP sources
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Work in this location (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with location_ids."
//	@Param	organization_id	query	integer	false	"Work in this organization (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with organization_ids."
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[ldapRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_ldaps	[get]
//	@Router	/api/locations/{location_id}/auth_source_ldaps	[get]
//	@Router	/api/organizations/{organization_id}/auth_source_ldaps	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/auth_source_ldaps", "/api/locations/{location_id}/auth_source_ldaps", "/api/organizations/{organization_id}/auth_source_ldaps"]}
func _() {}

// Shows an LDAP source.
//
//	@Summary	Show an LDAP source
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the auth source" extensions(x-rule=identifier)
//	@Success	200	{object}	ldapWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_ldaps/{id}	[get]
//	@Router	/api/locations/{location_id}/auth_source_ldaps/{id}	[get]
//	@Router	/api/organizations/{organization_id}/auth_source_ldaps/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/auth_source_ldaps/{id}"]}
func _() {}

// Creates an LDAP source.
//
//	@Summary	Create an LDAP source
//	@Description	The connection is not tested. Use PUT /api/auth_source_ldaps/:id/test.
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	authSourceLdapBody	true	"The new auth source."
//	@Success	201	{object}	ldapWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/auth_source_ldaps	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/auth_source_ldaps"]}
func _() {}

// Changes an LDAP source.
//
//	@Summary	Update an LDAP source
//	@Description	The connection is not tested. Use PUT /api/auth_source_ldaps/:id/test. Without `account_password`, the stored password stays.
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the auth source"
//	@Param	body	body	authSourceLdapBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	ldapWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/auth_source_ldaps/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/auth_source_ldaps/{id}"]}
func _() {}

// Tries the connection to the LDAP server.
//
//	@Summary	Test the connection to the LDAP server
//	@Description	Connects and binds with the settings of the auth source. The status is always 200: `success` has the result and `message` the error.
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the auth source"
//	@Success	200	{object}	ldapTest
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_ldaps/{id}/test	[put]
//	@x-apipie	{"method": "test", "paths": ["/api/auth_source_ldaps/{id}/test"]}
func _() {}

// Deletes an LDAP source.
//
//	@Summary	Delete an LDAP source
//	@Description	You cannot delete an auth source that has users.
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the auth source"
//	@Success	200	{object}	ldapDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_ldaps/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/auth_source_ldaps/{id}"]}
func _() {}

// Lists auth sources.
//
//	@Summary	List auth sources
//	@Description	Lists internal, external and LDAP sources together.
//	@Tags	auth_sources
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Work in this location (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with location_ids."
//	@Param	organization_id	query	integer	false	"Work in this organization (id): lists show only its records, and new users and LDAP sources are assigned to it. Not to be confused with organization_ids."
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[sourceRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_sources	[get]
//	@Router	/api/locations/{location_id}/auth_sources	[get]
//	@Router	/api/organizations/{organization_id}/auth_sources	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/auth_sources", "/api/locations/{location_id}/auth_sources", "/api/organizations/{organization_id}/auth_sources"]}
func _() {}

// Shows an auth source.
//
//	@Summary	Show an auth source
//	@Tags	auth_sources
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	sourceRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/auth_sources/{id}	[get]
//	@Router	/api/locations/{location_id}/auth_sources/{id}	[get]
//	@Router	/api/organizations/{organization_id}/auth_sources/{id}	[get]
func _() {}
