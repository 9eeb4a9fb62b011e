package foreman

// authSourceExternalAttributes are the attributes that may be set.
type authSourceExternalAttributes struct {
	Name string `json:"name" validate:"required" example:"Ops"` // Name, unique among auth sources
	// Locations of the source, by id; the list replaces the one so far, and an empty one clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations of the source, by id; the list replaces the one so far, and an empty one clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// authSourceExternalBody is the body of a request.
type authSourceExternalBody struct {
	// The external auth source
	AuthSourceExternal authSourceExternalAttributes `json:"auth_source_external" validate:"required"`
}

// Lists external sources.
//
//	@Summary	Lists external sources
//	@Tags	auth_source_externals
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Current location of the request, by id: it limits which users, roles, auth sources, audits and organizations are listed, and new users and LDAP sources are assigned to it"
//	@Param	organization_id	query	integer	false	"Current organization of the request, by id: it limits which users, roles, auth sources, audits and locations are listed, and new users and LDAP sources are assigned to it"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Shows an external source
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
//	@Summary	Changes an external source
//	@Tags	auth_source_externals
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the auth source" extensions(x-rule=identifier)
//	@Param	body	body	authSourceExternalBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Lists internal sources
//	@Tags	auth_source_internals
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[internalRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/auth_source_internals	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/auth_source_internals"]}
func _() {}

// Shows an internal source.
//
//	@Summary	Shows an internal source
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
	// Port of the server; 389 unless another is sent, and 636 is usual with tls
	Port int64 `json:"port" extensions:"x-rule=number" example:"389"`
	// DN to bind with for look-ups; $login in it stands for whoever logs in, who then binds themselves, and only
	// administrators put it there
	Account string `json:"account"`
	// DN below which people are looked for
	BaseDN string `json:"base_dn" example:"dc=example,dc=com"`
	// Password of the account; it is kept sealed and never shown
	AccountPassword string `json:"account_password"`
	// Attribute that holds the login, uid unless another is sent
	AttrLogin string `json:"attr_login"`
	// Attribute that holds the first name, givenName unless another is sent
	AttrFirstname string `json:"attr_firstname"`
	// Attribute that holds the surname, sn unless another is sent
	AttrLastname string `json:"attr_lastname"`
	// Attribute that holds the mail address, mail unless another is sent
	AttrMail string `json:"attr_mail"`
	// Attribute that holds a picture; kept, and not read
	AttrPhoto string `json:"attr_photo"`
	// Whether people get an account at their first login, in the source's locations and organizations; only
	// administrators switch it on
	OntheflyRegister bool `json:"onthefly_register"`
	// Whether the members of external user groups are brought up to date at every login
	UsergroupSync bool `json:"usergroup_sync"`
	// Whether the connection is encrypted: from its start, or by StartTLS on port 389
	TLS bool `json:"tls"`
	// DN below which groups are looked for, base_dn without it
	GroupsBase string `json:"groups_base"`
	// Whether groups are NIS netgroups; not with active_directory
	UseNetgroups bool `json:"use_netgroups"`
	// Kind of server, posix unless another is sent; it decides how groups are looked up
	ServerType string `json:"server_type" extensions:"x-rule=server_types"`
	// Further condition that people have to meet, as an LDAP filter
	LDAPFilter string `json:"ldap_filter"`
	// Locations of the source, by id; the list replaces the one so far, and an empty one clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations of the source, by id; the list replaces the one so far, and an empty one clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// authSourceLdapBody is the body of a request.
type authSourceLdapBody struct {
	AuthSourceLDAP authSourceLdapAttributes `json:"auth_source_ldap" validate:"required"` // The LDAP auth source
}

// Lists LDAP sources.
//
//	@Summary	Lists LDAP sources
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Current location of the request, by id: it limits which users, roles, auth sources, audits and organizations are listed, and new users and LDAP sources are assigned to it"
//	@Param	organization_id	query	integer	false	"Current organization of the request, by id: it limits which users, roles, auth sources, audits and locations are listed, and new users and LDAP sources are assigned to it"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Shows an LDAP source
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
//	@Summary	Creates an LDAP source
//	@Description	The connection is not tried; there is a request of its own for that.
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	authSourceLdapBody	true	"The record as it is to be; what is not sent stays as it is"
//	@Success	201	{object}	ldapWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/auth_source_ldaps	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/auth_source_ldaps"]}
func _() {}

// Changes an LDAP source.
//
//	@Summary	Changes an LDAP source
//	@Description	The connection is not tried; there is a request of its own for that. Without account_password the one so far stays.
//	@Tags	auth_source_ldaps
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the auth source"
//	@Param	body	body	authSourceLdapBody	true	"The record as it is to be; what is not sent stays as it is"
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
//	@Summary	Tries the connection to the LDAP server
//	@Description	Binds to the server as the source says. The status is 200 in any case; success tells how it went, and message what went wrong.
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
//	@Summary	Deletes an LDAP source
//	@Description	A source cannot be deleted while users belong to it.
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
//	@Summary	Lists auth sources
//	@Description	Lists internal, external and LDAP sources alike.
//	@Tags	auth_sources
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Current location of the request, by id: it limits which users, roles, auth sources, audits and organizations are listed, and new users and LDAP sources are assigned to it"
//	@Param	organization_id	query	integer	false	"Current organization of the request, by id: it limits which users, roles, auth sources, audits and locations are listed, and new users and LDAP sources are assigned to it"
//	@Param	search	query	string	false	"Condition in the language of searches; the fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC behind it, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page, as set by entries_per_page without it; all returns all results" extensions(x-rule=per_page)
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
//	@Summary	Shows an auth source
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
