package foreman

import (
	"roster/directory"
	"roster/models"
)

// usergroupRow is a group in a list (docs/spec/foreman.md, 5.3).
type usergroupRow struct {
	Admin     bool   `json:"admin"`
	CreatedAt stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp  `json:"updated_at" swaggertype:"string"`
	Name      string `json:"name"`
	ID        int64  `json:"id"`
	// Missing if the installation has no custom fields for groups
	CustomFields []customValueRow `json:"custom_fields,omitempty"`
}

// usergroupWhole is a group shown alone.
type usergroupWhole struct {
	usergroupRow
	ExternalUsergroups []idName   `json:"external_usergroups"`
	Usergroups         []groupRef `json:"usergroups"`
	Users              []userRefW `json:"users"`
	Roles              []roleRef  `json:"roles"`
}

type idName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type groupRef struct {
	Name      string `json:"name"`
	ID        int64  `json:"id"`
	CreatedAt stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp  `json:"updated_at" swaggertype:"string"`
}

type userRefW struct {
	ID          int64   `json:"id"`
	Login       string  `json:"login"`
	Description *string `json:"description"`
}

// usergroupDump is what a deletion answers (docs/spec/foreman.md, 5.2).
type usergroupDump struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	CreatedAt isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt isoStamp `json:"updated_at" swaggertype:"string"`
	Admin     bool     `json:"admin"`
}

func (c *call) usergroupRow(g *directory.UsergroupView) usergroupRow {
	return usergroupRow{Admin: g.Admin, CreatedAt: c.stamp(g.CreatedAt), UpdatedAt: c.stamp(g.UpdatedAt), Name: g.Name,
		ID: g.ID, CustomFields: customValues(g.CustomFields, g.Custom)}
}

func (c *call) usergroupWhole(v *directory.UsergroupView) usergroupWhole {
	return usergroupWhole{
		usergroupRow:       c.usergroupRow(v),
		ExternalUsergroups: mapped(v.Externals, externalRef),
		Usergroups:         mapped(v.Members, c.groupRef),
		Users:              mapped(v.Users, userRefOf),
		Roles:              mapped(v.Roles, func(r models.Role) roleRef { return roleOf(&r) }),
	}
}

func externalRef(g models.ExternalUsergroup) idName { return idName{g.ID, g.Name} }

func (c *call) groupRef(g models.Usergroup) groupRef {
	return groupRef{Name: g.Name, ID: g.ID, CreatedAt: c.stamp(g.CreatedAt), UpdatedAt: c.stamp(g.UpdatedAt)}
}

func userRefOf(u models.User) userRefW { return userRefW{u.ID, u.Login, u.Description} }

func (c *call) usergroupDump(g *models.Usergroup) usergroupDump {
	return usergroupDump{ID: g.ID, Name: g.Name, CreatedAt: c.iso(g.CreatedAt), UpdatedAt: c.iso(g.UpdatedAt),
		Admin: g.Admin}
}

// usergroupChange reads the attributes of a body. Unwrapped, only the table's own columns count.
func (c *call) usergroupChange() (directory.UsergroupChange, error) {
	var g directory.UsergroupChange
	a, err := c.root("usergroup", []string{"name", "admin", "external_usergroups_attributes",
		"custom_fields"})
	if err != nil {
		return g, err
	}
	externals, _ := a.nestedList("external_usergroups_attributes")
	for _, nested := range externals {
		g.Externals = append(g.Externals, nested.external())
	}
	a.word("name", &g.Name)
	a.firmFlag("admin", &g.Admin)
	if g.Custom, err = c.customs(a, models.CustomUsergroup); err != nil {
		return g, err
	}
	if g.Users, err = a.association("user", "users", "login"); err != nil {
		return g, err
	}
	if g.Members, err = a.association("usergroup", "usergroups", "name"); err != nil {
		return g, err
	}
	g.Roles, err = a.association("role", "roles", "name")
	return g, err
}

func (api *API) usergroupsIndex(c *call) error {
	q, err := c.listQuery("user_id", "usergroup_id")
	if err != nil {
		return err
	}
	l, err := api.dir.Usergroups(c.ctx(), c.p, q)
	return list(c, q, l, err, c.usergroupRow)
}

func (api *API) usergroupsShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.Usergroup(c.ctx(), c.p, namedRef(c.pathID()), parents...)
	return ok(c, v, err, c.usergroupWhole)
}

func (api *API) usergroupsCreate(c *call) error {
	if _, err := c.parents(); err != nil {
		return err
	}
	change, err := c.usergroupChange()
	if err != nil {
		return err
	}
	v, err := api.dir.CreateUsergroup(c.ctx(), c.p, change)
	return created(c, v, err, c.usergroupWhole)
}

func (api *API) usergroupsUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.usergroupChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateUsergroup(c.ctx(), c.p, namedRef(c.pathID()), change, parents...)
	return ok(c, v, err, c.usergroupWhole)
}

func (api *API) usergroupsDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	g, err := api.dir.DeleteUsergroup(c.ctx(), c.p, namedRef(c.pathID()), parents...)
	return ok(c, g, err, c.usergroupDump)
}

// usergroupAttributes are the attributes that may be set.
type usergroupAttributes struct {
	// Name, unique among user groups and unlike any login
	Name string `json:"name" validate:"required" example:"Ops"`
	// Whether its members are administrators. Only administrators can change this
	Admin bool `json:"admin"`
	// Users who are members, by id. Replaces the previous list; an empty list clears it
	UserIDs []int64 `json:"user_ids"`
	// Nested user groups, by id. Their members are also members of this one. Replaces the previous list; an empty list
	// clears it
	UsergroupIDs []int64 `json:"usergroup_ids"`
	// Roles that all members have, by id. Replaces the previous list; an empty list clears it
	RoleIDs []int64 `json:"role_ids"`
	// Values of custom fields: a list of objects with an id or a name and a value, or an object of values by name.
	// Fields that you do not send stay as they are
	CustomFields []customValueAttributes `json:"custom_fields"`
}

// usergroupBody is the body of a request.
type usergroupBody struct {
	Usergroup usergroupAttributes `json:"usergroup" validate:"required"` // The user group
}

// Lists user groups.
//
//	@Summary	List user groups
//	@Description	User groups belong to no tenant. Below a user group, the list has its direct members. Below a user, it has the groups of which the user is a direct member.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[usergroupRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/usergroups	[get]
//	@Router	/api/usergroups/{usergroup_id}/usergroups	[get]
//	@Router	/api/users/{user_id}/usergroups	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/usergroups"]}
func _() {}

// Shows a user group.
//
//	@Summary	Show a user group
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the user group" extensions(x-rule=identifier)
//	@Success	200	{object}	usergroupWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{id}	[get]
//	@Router	/api/usergroups/{usergroup_id}/usergroups/{id}	[get]
//	@Router	/api/users/{user_id}/usergroups/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/usergroups/{id}"]}
func _() {}

// Creates a user group.
//
//	@Summary	Create a user group
//	@Description	Members, including those of nested groups, have the roles of the group. With `admin`, they are administrators.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	usergroupBody	true	"The new user group."
//	@Success	201	{object}	usergroupWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups	[post]
//	@Router	/api/usergroups/{usergroup_id}/usergroups	[post]
//	@Router	/api/users/{user_id}/usergroups	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/usergroups"]}
func _() {}

// Changes a user group.
//
//	@Summary	Update a user group
//	@Description	Members, including those of nested groups, have the roles of the group. With `admin`, they are administrators. A group cannot contain itself at any depth.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the user group"
//	@Param	body	body	usergroupBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	usergroupWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/usergroups/{id}	[put]
//	@Router	/api/usergroups/{usergroup_id}/usergroups/{id}	[put]
//	@Router	/api/users/{user_id}/usergroups/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/usergroups/{id}"]}
func _() {}

// Deletes a user group.
//
//	@Summary	Delete a user group
//	@Description	Members and roles stay. You cannot delete the user group that makes the last administrators.
//	@Tags	usergroups
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the user group"
//	@Success	200	{object}	usergroupDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/usergroups/{id}	[delete]
//	@Router	/api/usergroups/{usergroup_id}/usergroups/{id}	[delete]
//	@Router	/api/users/{user_id}/usergroups/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/usergroups/{id}"]}
func _() {}
