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
