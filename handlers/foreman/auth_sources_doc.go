package foreman

// authSourceExternalAttributes are the attributes that may be set.
type authSourceExternalAttributes struct {
	Name            string  `json:"name" validate:"required" example:"Ops"` // Name
	LocationIDs     []int64 `json:"location_ids"`                           // Locations that it belongs to, by id
	OrganizationIDs []int64 `json:"organization_ids"`                       // Organizations that it belongs to, by id
}

// authSourceExternalBody is the body of a request.
type authSourceExternalBody struct {
	AuthSourceExternal authSourceExternalAttributes `json:"auth_source_external" validate:"required"` // The auth source external
}

// Lists external sources.
//
//	@Summary	Lists external sources
//	@Tags	auth_source_externals
//	@Security	Basic || Bearer
//	@Param	location_id	query	integer	false	"Location in whose name the request is made, by id"
//	@Param	organization_id	query	integer	false	"Organization in whose name the request is made, by id"
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
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
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
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
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Param	body	body	authSourceExternalBody	true	"What is to be"
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
//	@Security	Basic || Bearer
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
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
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
//	@Success	200	{object}	internalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/auth_source_internals/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/auth_source_internals/{id}"]}
func _() {}

// authSourceLdapAttributes are the attributes that may be set.
type authSourceLdapAttributes struct {
	Name             string  `json:"name" validate:"required" example:"Ops"`              // Name
	Host             string  `json:"host" validate:"required" example:"ldap.example.com"` // Host name or address of the server
	Port             int64   `json:"port" extensions:"x-rule=number" example:"389"`       // Port of the server, 389 without saying
	Account          string  `json:"account"`                                             // Name to bind with; $login in it means whoever logs in
	BaseDN           string  `json:"base_dn" example:"dc=example,dc=com"`                 // Where people are looked for
	AccountPassword  string  `json:"account_password"`                                    // Password to bind with; it is never shown
	AttrLogin        string  `json:"attr_login"`                                          // Attribute that holds the login
	AttrFirstname    string  `json:"attr_firstname"`                                      // Attribute that holds the first name
	AttrLastname     string  `json:"attr_lastname"`                                       // Attribute that holds the surname
	AttrMail         string  `json:"attr_mail"`                                           // Attribute that holds the mail address
	AttrPhoto        string  `json:"attr_photo"`                                          // Attribute that holds a picture
	OntheflyRegister bool    `json:"onthefly_register"`                                   // Whether people get an account at their first login
	UsergroupSync    bool    `json:"usergroup_sync"`                                      // Whether external user groups are followed at every login
	TLS              bool    `json:"tls"`                                                 // Whether the connection is encrypted
	GroupsBase       string  `json:"groups_base"`                                         // Where groups are looked for
	UseNetgroups     bool    `json:"use_netgroups"`                                       // Whether groups are NIS netgroups
	ServerType       string  `json:"server_type" extensions:"x-rule=server_types"`        // Kind of server
	LDAPFilter       string  `json:"ldap_filter"`                                         // Condition that people have to meet, as an LDAP filter
	LocationIDs      []int64 `json:"location_ids"`                                        // Locations that it belongs to, by id
	OrganizationIDs  []int64 `json:"organization_ids"`                                    // Organizations that it belongs to, by id
}

// authSourceLdapBody is the body of a request.
type authSourceLdapBody struct {
	AuthSourceLDAP authSourceLdapAttributes `json:"auth_source_ldap" validate:"required"` // The auth source ldap
}

// Lists LDAP sources.
//
//	@Summary	Lists LDAP sources
//	@Tags	auth_source_ldaps
//	@Security	Basic || Bearer
//	@Param	location_id	query	integer	false	"Location in whose name the request is made, by id"
//	@Param	organization_id	query	integer	false	"Organization in whose name the request is made, by id"
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
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
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names" extensions(x-rule=identifier)
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
//	@Tags	auth_source_ldaps
//	@Security	Basic || Bearer
//	@Param	body	body	authSourceLdapBody	true	"What is to be"
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
//	@Tags	auth_source_ldaps
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
//	@Param	body	body	authSourceLdapBody	true	"What is to be"
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
//	@Tags	auth_source_ldaps
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
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
//	@Tags	auth_source_ldaps
//	@Security	Basic || Bearer
//	@Param	id	path	string	true	"Id, or name where the resource has names"
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
//	@Tags	auth_sources
//	@Security	Basic || Bearer
//	@Param	location_id	query	integer	false	"Location in whose name the request is made, by id"
//	@Param	organization_id	query	integer	false	"Organization in whose name the request is made, by id"
//	@Param	search	query	string	false	"Condition in the language of searches"
//	@Param	order	query	string	false	"Field to sort by, with ASC or DESC behind it"
//	@Param	page	query	integer	false	"Page to show, from 1 on" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Records on a page, or all" extensions(x-rule=per_page)
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

// Shows a auth source.
//
//	@Summary	Shows a auth source
//	@Tags	auth_sources
//	@Security	Basic || Bearer
//	@Success	200	{object}	sourceRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/auth_sources/{id}	[get]
//	@Router	/api/locations/{location_id}/auth_sources/{id}	[get]
//	@Router	/api/organizations/{organization_id}/auth_sources/{id}	[get]
func _() {}
