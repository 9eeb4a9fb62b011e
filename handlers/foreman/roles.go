package foreman

import (
	"net/http"

	"roster/directory"
	"roster/models"
)

// roleRow is a role in a list (docs/spec/foreman.md, 5.5).
type roleRow struct {
	Builtin      int64   `json:"builtin"`
	ClonedFromID *int64  `json:"cloned_from_id"`
	Name         string  `json:"name"`
	ID           int64   `json:"id"`
	Description  *string `json:"description"`
	Origin       *string `json:"origin"`
}

// roleWhole is a role shown alone.
type roleWhole struct {
	roleRow
	Filters       []filterOfRole `json:"filters"`
	Locations     []tenantFull   `json:"locations"`
	Organizations []tenantFull   `json:"organizations"`
}

type filterOfRole struct {
	ID           int64   `json:"id"`
	ResourceType *string `json:"resource_type"`
}

// roleDump is what deletion and cloning answer.
type roleDump struct {
	ID           int64   `json:"id"`
	Name         string  `json:"name"`
	Builtin      int64   `json:"builtin"`
	Description  *string `json:"description"`
	Origin       *string `json:"origin"`
	ClonedFromID *int64  `json:"cloned_from_id"`
}

func roleRowOf(r models.Role) roleRow {
	return roleRow{Builtin: r.Builtin, ClonedFromID: r.ClonedFromID, Name: r.Name, ID: r.ID, Description: r.Description,
		Origin: r.Origin}
}

func roleWholeOf(v *directory.RoleView) roleWhole {
	return roleWhole{
		roleRow:       roleRowOf(v.Role),
		Filters:       mapped(v.Filters, func(f directory.FilterRef) filterOfRole { return filterOfRole(f) }),
		Locations:     mapped(v.Tenants[models.LocationKind], tenantFullOf),
		Organizations: mapped(v.Tenants[models.OrganizationKind], tenantFullOf),
	}
}

func roleDumpOf(r *models.Role) roleDump {
	return roleDump{ID: r.ID, Name: r.Name, Builtin: r.Builtin, Description: r.Description, Origin: r.Origin,
		ClonedFromID: r.ClonedFromID}
}

func (c *call) roleChange() (directory.RoleChange, error) {
	var r directory.RoleChange
	unwrapped := []string{"name", "description"}
	if c.route.Action == "clone" {
		unwrapped = append(unwrapped, "location_ids", "organization_ids")
	}
	a, err := c.root("role", unwrapped)
	if err != nil {
		return r, err
	}
	a.word("name", &r.Name)
	a.str("description", &r.Description)
	r.Tenants, err = a.tenants()
	return r, err
}

// tenants reads the assignments to tenants in all spellings.
func (a attrs) tenants() (directory.TenantRefs, error) {
	refs := directory.TenantRefs{}
	for _, kind := range models.TenantKinds {
		list, err := a.association(kind.Word(), kind.Word()+"s", "title")
		if err != nil {
			return nil, err
		}
		if list.Set {
			refs[kind] = list
		}
	}
	return refs, nil
}

func (api *API) rolesIndex(c *call) error {
	q, err := c.listQuery("user_id", "location_id", "organization_id")
	if err != nil {
		return err
	}
	l, err := api.dir.Roles(c.ctx(), c.p, q)
	return sortedList(c, q, "name", l, err, roleRowOf)
}

func (api *API) rolesShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.Role(c.ctx(), c.p, namedRef(c.pathID()), parents...)
	return ok(c, v, err, roleWholeOf)
}

func (api *API) rolesCreate(c *call) error {
	if _, err := c.parents(); err != nil {
		return err
	}
	change, err := c.roleChange()
	if err != nil {
		return err
	}
	v, err := api.dir.CreateRole(c.ctx(), c.p, change)
	return created(c, v, err, roleWholeOf)
}

func (api *API) rolesUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.roleChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateRole(c.ctx(), c.p, namedRef(c.pathID()), change, parents...)
	return ok(c, v, err, roleWholeOf)
}

func (api *API) rolesClone(c *call) error {
	change, err := c.roleChange()
	if err != nil {
		return err
	}
	r, err := api.dir.CloneRole(c.ctx(), c.p, namedRef(c.pathID()), change)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/api/roles/"+formatID(r.ID))
	return c.send(http.StatusCreated, encode(roleDumpOf(r)))
}

func (api *API) rolesDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	r, err := api.dir.DeleteRole(c.ctx(), c.p, namedRef(c.pathID()), parents...)
	return ok(c, r, err, roleDumpOf)
}

// roleAttributes are the attributes that may be set.
type roleAttributes struct {
	Name        string `json:"name" validate:"required" example:"Ops"` // Name, unique among roles
	Description string `json:"description"`                            // Description of the role
	// Locations in which its filters apply, by id. Replaces the previous list; an empty list clears it
	LocationIDs []int64 `json:"location_ids"`
	// Organizations in which its filters apply, by id. Replaces the previous list; an empty list clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// roleBody is the body of a request.
type roleBody struct {
	Role roleAttributes `json:"role" validate:"required"` // The role
}

// Lists roles.
//
//	@Summary	List roles
//	@Description	Sorted by name by default.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[roleRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/roles	[get]
//	@Router	/api/users/{user_id}/roles	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/roles"]}
func _() {}

// Shows a role.
//
//	@Summary	Show a role
//	@Description	The answer includes the filters of the role.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role" extensions(x-rule=identifier)
//	@Param	description	query	string	false	"Description of the purpose"
//	@Success	200	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/roles/{id}	[get]
//	@Router	/api/users/{user_id}/roles/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/roles/{id}"]}
func _() {}

// Creates a role.
//
//	@Summary	Create a role
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	roleBody	true	"The new role."
//	@Success	201	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/roles	[post]
//	@Router	/api/users/{user_id}/roles	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/roles"]}
func _() {}

// Changes a role.
//
//	@Summary	Update a role
//	@Description	Roles that came with the server are locked, except the default role. To change one, clone it.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role"
//	@Param	body	body	roleBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/roles/{id}	[put]
//	@Router	/api/users/{user_id}/roles/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/roles/{id}"]}
func _() {}

// Deletes a role.
//
//	@Summary	Delete a role
//	@Description	You cannot delete the default role. Users and groups lose the role, and its filters are deleted.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role"
//	@Success	200	{object}	roleDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/roles/{id}	[delete]
//	@Router	/api/users/{user_id}/roles/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/roles/{id}"]}
func _() {}

// Copies a role with its filters.
//
//	@Summary	Copy a role with its filters
//	@Description	Send a name for the copy. It gets the description, the tenants and the filters of the role unless you send others.
//	@Tags	roles
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the role"
//	@Param	body	body	roleBody	true	"The new role."
//	@Success	201	{object}	roleWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/roles/{id}/clone	[post]
//	@x-apipie	{"method": "clone", "paths": ["/api/roles/{id}/clone"]}
func _() {}
