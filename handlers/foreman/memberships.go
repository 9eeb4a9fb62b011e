package foreman

import (
	"roster/directory"
	"roster/models"
	"roster/scopes"
)

// membershipRow is who belongs to a tenant, with the roles that are held there.
type membershipRow struct {
	ID           int64         `json:"id"`
	State        string        `json:"state" enums:"active,invited,suspended,ended"`
	Source       string        `json:"source" enums:"manual,ldap,scim,invitation"`
	JoinedAt     stamp         `json:"joined_at" swaggertype:"string"`
	ExpiresAt    stamp         `json:"expires_at" swaggertype:"string"`
	User         *memberUser   `json:"user"`
	Usergroup    *memberGroup  `json:"usergroup"`
	Roles        []memberGroup `json:"roles"`
	Organization *memberTenant `json:"organization,omitempty"`
	Location     *memberTenant `json:"location,omitempty"`
}

type memberUser struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
}

// memberGroup is a user group or a role.
type memberGroup struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type memberTenant struct {
	ID    int64   `json:"id"`
	Name  string  `json:"name"`
	Title string  `json:"title"`
	Slug  *string `json:"slug,omitempty"`
}

// membershipDump is what a deletion answers.
type membershipDump struct {
	ID          int64    `json:"id"`
	State       string   `json:"state"`
	UserID      *int64   `json:"user_id"`
	UsergroupID *int64   `json:"usergroup_id"`
	JoinedAt    isoStamp `json:"joined_at" swaggertype:"string"`
}

func (c *call) membershipRow(v *directory.MembershipView) membershipRow {
	row := membershipRow{
		ID: v.ID, State: string(v.Shown()), Source: string(v.Source), JoinedAt: c.stamp(v.JoinedAt),
		ExpiresAt: c.stampPtr(v.ExpiresAt),
		Roles:     mapped(v.Roles, func(r *models.Role) memberGroup { return memberGroup{r.ID, r.Name} }),
	}
	if v.User != nil {
		row.User = &memberUser{v.User.ID, v.User.Login}
	}
	if v.Usergroup != nil {
		row.Usergroup = &memberGroup{v.Usergroup.ID, v.Usergroup.Name}
	}
	if t := v.Tenant; t != nil {
		of := &memberTenant{ID: t.ID, Name: t.Name, Title: t.Title, Slug: t.Slug}
		if t.Type == models.LocationKind {
			row.Location = of
		} else {
			row.Organization = of
		}
	}
	return row
}

func (c *call) membershipDump(m *models.Membership) membershipDump {
	return membershipDump{ID: m.ID, State: string(m.Shown()), UserID: m.UserID, UsergroupID: m.UsergroupID,
		JoinedAt: c.iso(m.JoinedAt)}
}

// membershipRoutes are the routes for who belongs to the tenants of a kind.
func (api *API) membershipRoutes(kind models.TenantKind) []Route {
	parent := "/api/" + kind.Word() + "s/:" + kind.Word() + "_id/"
	users := parent + "memberships/:user_id"
	groups := parent + "usergroup_memberships/:usergroup_id"
	edit := may(models.Edit, scopes.Users)
	editGroup := may(models.Edit, scopes.Usergroups)
	return []Route{
		{"GET", parent + "memberships", "memberships", "index", may(models.View, scopes.Users), api.membershipsIndex},
		{"PUT", users, "memberships", "update", edit, api.membershipsUpdate},
		{"DELETE", users, "memberships", "destroy", edit, api.membershipsDestroy},
		{"PUT", groups, "usergroup_memberships", "update", editGroup, api.membershipsUpdate},
		{"DELETE", groups, "usergroup_memberships", "destroy", editGroup, api.membershipsDestroy},
	}
}

func (c *call) membershipChange() (directory.MembershipChange, error) {
	var m directory.MembershipChange
	a, err := c.root("membership", []string{"state", "expires_at"})
	if err != nil {
		return m, err
	}
	var state models.Opt[string]
	a.word("state", &state)
	if state.Set {
		m.State = models.Some(models.MembershipState(state.Value))
	}
	if err := a.limit("expires_at", &m.ExpiresAt); err != nil {
		return m, err
	}
	m.Roles, err = a.association("role", "roles", "name")
	return m, err
}

// member reads the tenant and the member of the path, who may not belong to the tenant yet.
func (c *call) member() (tenant directory.Parent, who directory.Member, err error) {
	if c.p, err = c.api.dir.OutOfContext(c.ctx(), c.p); err != nil {
		return tenant, who, err
	}
	parents, err := c.parentsFor(models.View) // the verbs ask for more
	for _, p := range parents {
		switch p.Class {
		case scopes.Users.Class:
			who.User = directory.Ref{ID: p.ID}
		case scopes.Usergroups.Class:
			who.Usergroup = directory.Ref{ID: p.ID}
		default:
			tenant = p
		}
	}
	if tenant.ID == directory.NoParent {
		kind := models.TenantKind(tenant.Class).Word()
		return tenant, who, parentError{parentParams[kind+"_id"].word, c.Param(kind + "_id")}
	}
	return tenant, who, err
}

func (api *API) membershipsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.Memberships(c.ctx(), c.p, q)
	return list(c, q, l, err, c.membershipRow)
}

func (api *API) membershipsUpdate(c *call) error {
	tenant, who, err := c.member()
	if err != nil {
		return err
	}
	change, err := c.membershipChange()
	if err != nil {
		return err
	}
	v, err := api.dir.SetMembership(c.ctx(), c.p, tenant, who, change)
	return ok(c, v, err, c.membershipRow)
}

func (api *API) membershipsDestroy(c *call) error {
	tenant, who, err := c.member()
	if err != nil {
		return err
	}
	m, err := api.dir.DeleteMembership(c.ctx(), c.p, tenant, who)
	return ok(c, m, err, c.membershipDump)
}

// membershipAttributes are the attributes that may be set.
type membershipAttributes struct {
	// State of the membership. Only an active member can work in the organization or the location
	State string `json:"state" enums:"active,invited,suspended" example:"active"`
	// When the membership expires, e.g. 2026-12-31: its state is then ended, and the member can no longer work there. A
	// date without a time means the end of that day. Empty: never. A later time makes the membership active again
	ExpiresAt string `json:"expires_at" extensions:"x-rule=DateTime"`
	// Roles in the organization or the location and those below it, by id. They replace those that are held there
	RoleIDs []int64 `json:"role_ids" example:"3"`
}

// membershipBody is the body of a request.
type membershipBody struct {
	// The membership
	Membership membershipAttributes `json:"membership" validate:"required"`
}

// Lists who belongs to an organization or a location.
//
//	@Summary	List the members of an organization or a location
//	@Description	Lists users and user groups that are direct members, in any state, with the roles that they hold there. A role held in an organization also applies in the organizations below it. It grants nothing for records that belong to no organization or location.
//	@Tags	memberships
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location"
//	@Param	organization_id	query	integer	false	"Id of the organization"
//	@Param	search	query	string	false	"Search condition, such as state = suspended or role = Manager"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[membershipRow]
//	@Failure	400	{object}	errorAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{organization_id}/memberships	[get]
//	@Router	/api/locations/{location_id}/memberships	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/organizations/{organization_id}/memberships", "/api/locations/{location_id}/memberships"]}
func _() {}

// Makes a user a member of an organization or a location, or changes the membership.
//
//	@Summary	Add a user to an organization or a location, or update the membership
//	@Description	A new membership is active and has no roles. You need the permissions to edit the user and to assign users to the organization or the location. You cannot give roles that allow more there than you may do yourself.
//	@Tags	memberships
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location"
//	@Param	organization_id	query	integer	false	"Id of the organization"
//	@Param	user_id	path	string	true	"Id or login of the user"
//	@Param	body	body	membershipBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	membershipRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations/{organization_id}/memberships/{user_id}	[put]
//	@Router	/api/locations/{location_id}/memberships/{user_id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/organizations/{organization_id}/memberships/{user_id}", "/api/locations/{location_id}/memberships/{user_id}"]}
func _() {}

// Takes a user out of an organization or a location.
//
//	@Summary	Remove a user from an organization or a location
//	@Description	The user loses the roles that they hold there.
//	@Tags	memberships
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location"
//	@Param	organization_id	query	integer	false	"Id of the organization"
//	@Param	user_id	path	string	true	"Id or login of the user"
//	@Success	200	{object}	membershipDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations/{organization_id}/memberships/{user_id}	[delete]
//	@Router	/api/locations/{location_id}/memberships/{user_id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{organization_id}/memberships/{user_id}", "/api/locations/{location_id}/memberships/{user_id}"]}
func _() {}

// Makes a user group a member of an organization or a location, or changes the membership.
//
//	@Summary	Add a user group to an organization or a location, or update the membership
//	@Description	All members of the group, including those of nested groups, then belong to the organization or the location and hold the roles there.
//	@Tags	usergroup_memberships
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location"
//	@Param	organization_id	query	integer	false	"Id of the organization"
//	@Param	usergroup_id	path	string	true	"Id or name of the user group"
//	@Param	body	body	membershipBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	membershipRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations/{organization_id}/usergroup_memberships/{usergroup_id}	[put]
//	@Router	/api/locations/{location_id}/usergroup_memberships/{usergroup_id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/organizations/{organization_id}/usergroup_memberships/{usergroup_id}", "/api/locations/{location_id}/usergroup_memberships/{usergroup_id}"]}
func _() {}

// Takes a user group out of an organization or a location.
//
//	@Summary	Remove a user group from an organization or a location
//	@Description	The group loses the roles that it holds there.
//	@Tags	usergroup_memberships
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location"
//	@Param	organization_id	query	integer	false	"Id of the organization"
//	@Param	usergroup_id	path	string	true	"Id or name of the user group"
//	@Success	200	{object}	membershipDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations/{organization_id}/usergroup_memberships/{usergroup_id}	[delete]
//	@Router	/api/locations/{location_id}/usergroup_memberships/{usergroup_id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{organization_id}/usergroup_memberships/{usergroup_id}", "/api/locations/{location_id}/usergroup_memberships/{usergroup_id}"]}
func _() {}
