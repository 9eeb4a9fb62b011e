package foreman

import (
	"strconv"

	"roster/directory"
	"roster/models"
)

func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// filterRow is a filter in a list (docs/spec/foreman.md, 5.6). The question marks are part of the names.
type filterRow struct {
	Search            *string         `json:"search"`
	ResourceTypeLabel string          `json:"resource_type_label"`
	Unlimited         bool            `json:"unlimited?"`
	CreatedAt         stamp           `json:"created_at" swaggertype:"string"`
	UpdatedAt         stamp           `json:"updated_at" swaggertype:"string"`
	Override          bool            `json:"override?"`
	ID                int64           `json:"id"`
	ResourceType      *string         `json:"resource_type"`
	Role              *roleRef        `json:"role"`
	Permissions       []permissionRow `json:"permissions"`
}

// filterWhole is a filter shown alone.
type filterWhole struct {
	filterRow
	Locations     []tenantFull `json:"locations"`
	Organizations []tenantFull `json:"organizations"`
}

type permissionRow struct {
	Name         string  `json:"name"`
	ID           int64   `json:"id"`
	ResourceType *string `json:"resource_type"`
}

// filterDump is what a deletion answers.
type filterDump struct {
	ID             int64    `json:"id"`
	Search         *string  `json:"search"`
	RoleID         int64    `json:"role_id"`
	CreatedAt      isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt      isoStamp `json:"updated_at" swaggertype:"string"`
	TaxonomySearch *string  `json:"taxonomy_search"`
	Override       bool     `json:"override"`
}

// resourceLabels are the words for classes that do not read as they are written.
var resourceLabels = map[string]string{
	"AuthSource": "Auth source", "ExternalUsergroup": "External usergroup", "MailNotification": "Mail notification",
	"PersonalAccessToken": "Personal access token", "SshKey": "SSH key", "Usergroup": "User group",
}

func resourceLabel(class *string) string {
	if class == nil {
		return "(Miscellaneous)"
	}
	if label, ok := resourceLabels[*class]; ok {
		return label
	}
	return *class
}

func (c *call) filterRow(v *directory.FilterView) filterRow {
	row := filterRow{
		Search: v.Search, ResourceTypeLabel: resourceLabel(v.ResourceType), Unlimited: v.Unlimited(),
		CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt),
		Override: v.Override, ID: v.ID, ResourceType: v.ResourceType,
		Permissions: mapped(v.Permissions, permissionRowOf),
	}
	if v.Role != nil {
		role := roleOf(v.Role)
		row.Role = &role
	}
	return row
}

func (c *call) filterWhole(v *directory.FilterView) filterWhole {
	return filterWhole{c.filterRow(v), mapped(v.Tenants[models.LocationKind], tenantFullOf),
		mapped(v.Tenants[models.OrganizationKind], tenantFullOf)}
}

func permissionRowOf(p models.Permission) permissionRow {
	return permissionRow{p.Name, p.ID, p.ResourceType}
}

func (c *call) filterDump(f *models.Filter) filterDump {
	return filterDump{ID: f.ID, Search: f.Search, RoleID: f.RoleID, CreatedAt: c.iso(f.CreatedAt),
		UpdatedAt: c.iso(f.UpdatedAt), TaxonomySearch: f.TaxonomySearch, Override: f.Override}
}

func (c *call) filterChange() (directory.FilterChange, error) {
	var f directory.FilterChange
	a, err := c.root("filter", []string{"search", "role_id", "override", "taxonomy_search"})
	if err != nil {
		return f, err
	}
	a.firmNum("role_id", &f.RoleID)
	a.word("role_name", &f.RoleName)
	if err := a.limit("search", &f.Search); err != nil {
		return f, err
	}
	a.firmFlag("unlimited", &f.Unlimited)
	a.firmFlag("override", &f.Override)
	if f.Permissions, err = a.association("permission", "permissions", "name"); err != nil {
		return f, err
	}
	f.Tenants, err = a.tenants()
	return f, err
}

func (api *API) filtersIndex(c *call) error {
	q, err := c.listQuery("role_id")
	if err != nil {
		return err
	}
	l, err := api.dir.Filters(c.ctx(), c.p, q)
	return list(c, q, l, err, c.filterRow)
}

func (api *API) filtersShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.Filter(c.ctx(), c.p, numberRef(c.pathID()), parents...)
	return ok(c, v, err, c.filterWhole)
}

// filtersCreate is also routed under roles, whose id then stands for the one in the body.
func (api *API) filtersCreate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.filterChange()
	if err != nil {
		return err
	}
	for _, p := range parents {
		if p.Class == "Role" && !change.RoleID.Set {
			change.RoleID = models.Some(p.ID)
		}
	}
	v, err := api.dir.CreateFilter(c.ctx(), c.p, change)
	if err == nil && !v.Override {
		v.TaxonomySearch = nil // clients know it so: what a new filter takes over from its role shows from then on
	}
	return created(c, v, err, c.filterWhole)
}

func (api *API) filtersUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.filterChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateFilter(c.ctx(), c.p, numberRef(c.pathID()), change, parents...)
	return ok(c, v, err, c.filterWhole)
}

func (api *API) filtersDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	f, err := api.dir.DeleteFilter(c.ctx(), c.p, numberRef(c.pathID()), parents...)
	return ok(c, f, err, c.filterDump)
}

func (api *API) permissionsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	q.Parents = nil
	l, err := api.dir.Permissions(c.ctx(), c.p, q)
	return list(c, q, l, err, permissionRowOf)
}

func (api *API) permissionsShow(c *call) error {
	p, err := api.dir.Permission(c.ctx(), c.p, numberRef(c.pathID()))
	return ok(c, p, err, func(p *models.Permission) permissionRow { return permissionRowOf(*p) })
}

// unpaged answers with a list that is always whole; page and per_page are only echoed (docs/spec/foreman.md, 4.2).
func unpaged[T, W any](c *call, rows []T, render func(T) W) error {
	q, err := c.pageQuery()
	if err != nil {
		return err
	}
	n := int64(len(rows))
	t := directory.Totals{Total: n, Subtotal: n}
	if q.Search != "" {
		t.Subtotal = 0
	}
	return list(c, q, directory.Listed(t, rows), nil, render)
}

type resourceType struct {
	Name string `json:"name"`
}

func (api *API) permissionsResourceTypes(c *call) error {
	types, err := api.dir.ResourceTypes(c.ctx(), c.p)
	if err != nil {
		return err
	}
	return unpaged(c, types, func(name string) resourceType { return resourceType{name} })
}

func (api *API) permissionsCurrent(c *call) error {
	rows, err := api.dir.CurrentPermissions(c.ctx(), c.p)
	if err != nil {
		return err
	}
	return unpaged(c, rows, permissionRowOf)
}

// filterAttributes are the attributes that may be set.
type filterAttributes struct {
	RoleID string `json:"role_id" validate:"required"` // Role that the filter belongs to, by id
	// Search condition that records must match. Without one, the filter applies to all records
	Search string `json:"search"`
	// Whether the filter has its own locations and organizations. Otherwise those of the role apply
	Override bool `json:"override"`
	// Permissions that the filter gives, all for one type of record, by id. Replaces the previous list; an empty list
	// clears it
	PermissionIDs []int64 `json:"permission_ids"`
	// Organizations in which the filter applies if override is set, by id. Replaces the previous list; an empty list
	// clears it
	OrganizationIDs []int64 `json:"organization_ids"`
	// Locations in which the filter applies if override is set, by id. Replaces the previous list; an empty list
	// clears it
	LocationIDs []int64 `json:"location_ids"`
}

// filterBody is the body of a request.
type filterBody struct {
	Filter filterAttributes `json:"filter" validate:"required"` // The filter
}

// Lists filters.
//
//	@Summary	List filters
//	@Description	A filter gives permissions to everyone who holds the role. They apply to the records that match its search.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[filterRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/filters	[get]
//	@Router	/api/roles/{role_id}/filters	[get]
//	@Router	/api/locations/{location_id}/filters	[get]
//	@Router	/api/organizations/{organization_id}/filters	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/filters"]}
func _() {}

// Shows a filter.
//
//	@Summary	Show a filter
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the filter" extensions(x-rule=identifier)
//	@Success	200	{object}	filterWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/filters/{id}	[get]
//	@Router	/api/roles/{role_id}/filters/{id}	[get]
//	@Router	/api/locations/{location_id}/filters/{id}	[get]
//	@Router	/api/organizations/{organization_id}/filters/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/filters/{id}"]}
func _() {}

// Creates a filter.
//
//	@Summary	Create a filter
//	@Description	All permissions of a filter must be for one type of record. Without `override`, the filter applies in the locations and organizations of the role.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	filterBody	true	"The new filter."
//	@Success	201	{object}	filterWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/filters	[post]
//	@Router	/api/roles/{role_id}/filters	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/filters"]}
func _() {}

// Changes a filter.
//
//	@Summary	Update a filter
//	@Description	All permissions of a filter must be for one type of record. You cannot change the filters of a locked role.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the filter"
//	@Param	body	body	filterBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	filterWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/filters/{id}	[put]
//	@Router	/api/roles/{role_id}/filters/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/filters/{id}"]}
func _() {}

// Deletes a filter.
//
//	@Summary	Delete a filter
//	@Description	You cannot delete the filters of a locked role.
//	@Tags	filters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the filter"
//	@Success	200	{object}	filterDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/filters/{id}	[delete]
//	@Router	/api/roles/{role_id}/filters/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/filters/{id}"]}
func _() {}

// Lists permissions.
//
//	@Summary	List permissions
//	@Description	You cannot change permissions. The server defines them.
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[permissionRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/permissions	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/permissions"]}
func _() {}

// Shows a permission.
//
//	@Summary	Show a permission
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the permission" extensions(x-rule=identifier)
//	@Success	200	{object}	permissionRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/permissions/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/permissions/{id}"]}
func _() {}

// Lists the kinds of records that permissions are about.
//
//	@Summary	List the types of records that permissions are for
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	listOf[resourceType]
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/permissions/resource_types	[get]
//	@x-apipie	{"method": "resource_types", "paths": ["/api/permissions/resource_types"]}
func _() {}

// Lists what the user who asks may do.
//
//	@Summary	List your permissions
//	@Description	No permission is needed.
//	@Tags	permissions
//	@Security	Basic
//	@Security	Bearer
//	@Success	200	{object}	map[string]interface{}
//	@Failure	401	{object}	errorAnswer
//	@Router	/api/permissions/current_permissions	[get]
//	@x-apipie	{"method": "current_permissions", "paths": ["/api/permissions/current_permissions"]}
func _() {}
