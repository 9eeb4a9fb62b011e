package foreman

import (
	"roster/directory"
	"roster/models"
)

// externalRow is an external group everywhere (docs/spec/foreman.md, 5.4). The key of the source follows its class.
type externalRow struct {
	ID                 int64      `json:"id"`
	Name               string     `json:"name"`
	AuthSourceLdap     *sourceRef `json:"auth_source_ldap,omitempty"`
	AuthSourceExternal *sourceRef `json:"auth_source_external,omitempty"`
	AuthSourceInternal *sourceRef `json:"auth_source_internal,omitempty"`
}

// externalDump is what deletion and refresh answer.
type externalDump struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	AuthSourceID int64  `json:"auth_source_id"`
	UsergroupID  int64  `json:"usergroup_id"`
}

func externalRowOf(v *directory.ExternalUsergroupView) externalRow {
	row := externalRow{ID: v.ID, Name: v.Name}
	if ref := sourceOf(v.Source); ref != nil {
		switch v.Source.Type {
		case models.LdapSource:
			row.AuthSourceLdap = ref
		case models.ExternalSource:
			row.AuthSourceExternal = ref
		default:
			row.AuthSourceInternal = ref
		}
	}
	return row
}

func externalDumpOf(g *models.ExternalUsergroup) externalDump {
	return externalDump{ID: g.ID, Name: g.Name, AuthSourceID: g.AuthSourceID, UsergroupID: g.UsergroupID}
}

func (c *call) externalChange() (directory.ExternalUsergroupChange, error) {
	a, err := c.root("external_usergroup", []string{"name", "auth_source_id", "auth_source_name"})
	return a.external(), err
}

// external reads the attributes of an external group.
func (a attrs) external() (g directory.ExternalUsergroupChange) {
	a.word("name", &g.Name)
	a.firmNum("auth_source_id", &g.AuthSourceID)
	a.word("auth_source_name", &g.AuthSourceName)
	return g
}

func (api *API) externalsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.ExternalUsergroups(c.ctx(), c.p, q)
	return list(c, q, l, err, externalRowOf)
}

// externalRefOf reads the id of a path: a leading number or the exact name.
func (c *call) externalRef() directory.Ref { return userRef(c.pathID()) }

func (api *API) externalsShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.ExternalUsergroup(c.ctx(), c.p, c.externalRef(), parents...)
	return ok(c, v, err, externalRowOf)
}

// externalsCreate is routed under user groups and under auth sources; the other half of the link is in the body.
func (api *API) externalsCreate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.externalChange()
	if err != nil {
		return err
	}
	var group int64
	for _, p := range parents {
		if p.Class == "Usergroup" {
			group = p.ID
		} else {
			change.AuthSourceID = models.Some(p.ID)
		}
	}
	if group == 0 {
		a, err := c.root("external_usergroup", nil)
		if err != nil {
			return err
		}
		var id models.Opt[int64]
		a.firmNum("usergroup_id", &id)
		group = id.Value
	}
	v, err := api.dir.CreateExternalUsergroup(c.ctx(), c.p, group, change)
	return created(c, v, err, externalRowOf)
}

func (api *API) externalsUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.externalChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateExternalUsergroup(c.ctx(), c.p, c.externalRef(), change, parents...)
	return ok(c, v, err, externalRowOf)
}

func (api *API) externalsRefresh(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	g, err := api.dir.RefreshExternalUsergroup(c.ctx(), c.p, c.externalRef(), parents...)
	return ok(c, g, err, externalDumpOf)
}

func (api *API) externalsDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	g, err := api.dir.DeleteExternalUsergroup(c.ctx(), c.p, c.externalRef(), parents...)
	return ok(c, g, err, externalDumpOf)
}

// externalUsergroupAttributes are the attributes that may be set.
type externalUsergroupAttributes struct {
	// Name of the group in the auth source
	Name string `json:"name" validate:"required" example:"Ops"`
	// LDAP or external auth source that has the group, by id
	AuthSourceID int64 `json:"auth_source_id" validate:"required" extensions:"x-rule=number" example:"1"`
}

// externalUsergroupBody is the body of a request.
type externalUsergroupBody struct {
	// The external user group
	ExternalUsergroup externalUsergroupAttributes `json:"external_usergroup" validate:"required"`
}

// Lists external user groups.
//
//	@Summary	List external user groups
//	@Description	An external user group links a group of an LDAP or external auth source to a user group. The members of the user group then follow the external group.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	query	string	true	"Id of the user group"
//	@Success	200	{object}	listOf[externalRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups", "/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups"]}
func _() {}

// Shows an external user group.
//
//	@Summary	Show an external user group
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	query	string	true	"Id of the user group"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Success	200	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}", "/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}"]}
func _() {}

// Creates an external user group.
//
//	@Summary	Create an external user group
//	@Description	The members of the user group are synchronised immediately. A group that the LDAP server does not have is refused.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"Id of the user group"
//	@Param	body	body	externalUsergroupBody	true	"The new external user group."
//	@Success	201	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups	[post]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups	[post]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups"]}
func _() {}

// Changes an external user group.
//
//	@Summary	Update an external user group
//	@Description	The members of the user group are synchronised immediately.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"Id of the user group"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Param	body	body	externalUsergroupBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}	[put]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}	[put]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/external_usergroups/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}"]}
func _() {}

// Brings the members up to date with the source.
//
//	@Summary	Synchronise the members with the auth source
//	@Description	Reads the members of the group from the auth source and updates the user group. External sources report groups only at logins.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"Id of the user group"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Success	200	{object}	externalRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}/refresh	[put]
//	@x-apipie	{"method": "refresh", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}/refresh"]}
func _() {}

// Deletes an external user group.
//
//	@Summary	Delete an external user group
//	@Description	The members of the user group are synchronised immediately.
//	@Tags	external_usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	usergroup_id	path	string	true	"Id of the user group"
//	@Param	id	path	string	true	"Id or name of the external user group"
//	@Success	200	{object}	externalDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{usergroup_id}/external_usergroups/{id}	[delete]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/external_usergroups/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/usergroups/{usergroup_id}/external_usergroups/{id}"]}
func _() {}
