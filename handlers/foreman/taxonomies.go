package foreman

import (
	"maps"
	"slices"

	"roster/directory"
	"roster/models"
)

// taxonomyRow is a location or an organization in a list (docs/spec/foreman.md, 5.8).
type taxonomyRow struct {
	Ancestry    *string `json:"ancestry"`
	ParentID    *int64  `json:"parent_id"`
	ParentName  *string `json:"parent_name"`
	CreatedAt   stamp   `json:"created_at" swaggertype:"string"`
	UpdatedAt   stamp   `json:"updated_at" swaggertype:"string"`
	ID          int64   `json:"id"`
	Name        string  `json:"name"`
	Title       string  `json:"title"`
	Description *string `json:"description"`
}

// taxonomyWhole is one shown alone, in the order of the original. What belongs to hosts is always empty here.
type taxonomyWhole struct {
	SelectAllTypes        []string       `json:"select_all_types"`
	Description           *string        `json:"description"`
	CreatedAt             stamp          `json:"created_at" swaggertype:"string"`
	UpdatedAt             stamp          `json:"updated_at" swaggertype:"string"`
	Ancestry              *string        `json:"ancestry"`
	ParentID              *int64         `json:"parent_id"`
	ParentName            *string        `json:"parent_name"`
	ID                    int64          `json:"id"`
	Name                  string         `json:"name"`
	Title                 string         `json:"title"`
	Users                 []taxonomyUser `json:"users"`
	SmartProxies          nothing        `json:"smart_proxies" swaggertype:"array,object"`
	Subnets               nothing        `json:"subnets" swaggertype:"array,object"`
	ComputeResources      nothing        `json:"compute_resources" swaggertype:"array,object"`
	Media                 nothing        `json:"media" swaggertype:"array,object"`
	Ptables               nothing        `json:"ptables" swaggertype:"array,object"`
	ProvisioningTemplates nothing        `json:"provisioning_templates" swaggertype:"array,object"`
	Domains               nothing        `json:"domains" swaggertype:"array,object"`
	Realms                nothing        `json:"realms" swaggertype:"array,object"`
	Hostgroups            nothing        `json:"hostgroups" swaggertype:"array,object"`
	Organizations         *[]tenantFull  `json:"organizations,omitempty"`
	Locations             *[]tenantFull  `json:"locations,omitempty"`
	HostsCount            int            `json:"hosts_count"`
	Parameters            []parameterRow `json:"parameters"`
	Deprecations          deprecations   `json:"deprecations"`
}

type taxonomyUser struct {
	ID          int64   `json:"id"`
	Login       string  `json:"login"`
	Description *string `json:"description"`
	Inherited   bool    `json:"inherited"`
}

// nothing is an empty list.
type nothing struct{}

// MarshalJSON writes [].
func (nothing) MarshalJSON() ([]byte, error) { return []byte("[]"), nil }

// deprecations is the notice about environments that clients of this version expect.
type deprecations struct{}

// MarshalJSON writes the one entry.
func (deprecations) MarshalJSON() ([]byte, error) {
	return []byte(`{"environments":"Environments got deprecated from this endpoint."}`), nil
}

// taxonomyDump is what a deletion answers (docs/spec/foreman.md, 5.2).
type taxonomyDump struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	CreatedAt   isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt   isoStamp `json:"updated_at" swaggertype:"string"`
	IgnoreTypes []string `json:"ignore_types"`
	Ancestry    *string  `json:"ancestry"`
	Title       string   `json:"title"`
	Description *string  `json:"description"`
}

func (c *call) taxonomyRow(v *directory.TenantView) taxonomyRow {
	return taxonomyRow{Ancestry: v.Ancestry, ParentID: v.ParentID, ParentName: v.ParentTitle,
		CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt), ID: v.ID, Name: v.Name, Title: v.Title,
		Description: v.Description}
}

func (c *call) taxonomyWhole(v *directory.TenantView) taxonomyWhole {
	w := taxonomyWhole{
		SelectAllTypes: mapped(v.IgnoreTypes, func(s string) string { return s }), Description: v.Description,
		CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt), Ancestry: v.Ancestry, ParentID: v.ParentID,
		ParentName: v.ParentTitle,
		ID:         v.ID, Name: v.Name, Title: v.Title,
		Parameters: mapped(v.Parameters, c.parameterRow),
		Users:      mapped(v.Users, func(u directory.TenantUser) taxonomyUser { return taxonomyUser(u) }),
	}
	others := mapped(v.Others, func(t models.Tenant) tenantFull { return tenantFullOf(&t) })
	if v.Type == models.LocationKind {
		w.Organizations = &others
	} else {
		w.Locations = &others
	}
	return w
}

func (c *call) taxonomyDump(t *models.Tenant) taxonomyDump {
	return taxonomyDump{ID: t.ID, Name: t.Name, CreatedAt: c.iso(t.CreatedAt), UpdatedAt: c.iso(t.UpdatedAt),
		IgnoreTypes: mapped(t.IgnoreTypes, func(s string) string { return s }), Ancestry: t.Ancestry, Title: t.Title,
		Description: t.Description}
}

func (c *call) taxonomyChange(kind models.TenantKind) (directory.TenantChange, error) {
	var t directory.TenantChange
	a, err := c.root(kind.Word(), []string{"name", "description", "ignore_types"})
	if err != nil {
		return t, err
	}
	a.word("name", &t.Name)
	a.str("description", &t.Description)
	a.num("parent_id", &t.ParentID)
	if kind == models.OrganizationKind {
		a.str("slug", &t.Slug)
	}
	for _, name := range []string{"select_all_types", "ignore_types"} {
		if types := a.names(name); types.Set {
			t.IgnoreTypes = types
		}
	}
	t.Parameters = a.parameters(kind.Word() + "_parameters_attributes")
	if t.Users, err = a.association("user", "users", "login"); err != nil {
		return t, err
	}
	if err := a.foreign(); err != nil {
		return t, err
	}
	other := kind.Other().Word()
	t.Others, err = a.association(other, other+"s", "title")
	return t, err
}

// foreignNouns are kinds of records that other servers of this API tie to tenants, and that do not exist here.
var foreignNouns = map[string]string{
	"compute_resource": "ComputeResource", "domain": "Domain", "environment": "Environment", "hostgroup": "Hostgroup",
	"medium": "Medium", "provisioning_template": "ProvisioningTemplate", "ptable": "Ptable", "realm": "Realm",
	"smart_proxy": "SmartProxy", "subnet": "Subnet",
}

// foreign refuses references to them, like any unknown one. Passed over, they would seem to be kept. An empty list is
// what there is.
func (a attrs) foreign() error {
	for _, word := range slices.Sorted(maps.Keys(foreignNouns)) {
		if ids := a.ids(word + "_ids"); len(ids.Value) > 0 {
			return models.MissingIDs(foreignNouns[word], ids.Value, ids.Value)
		}
		if names := a.names(word + "_names"); len(names.Value) > 0 {
			return models.MissingName(foreignNouns[word], names.Value[0])
		}
	}
	return nil
}

// The parameters that restrict a list of tenants (docs/spec/foreman.md, 12.5): a tenant of the same kind only sets the
// context.
func taxonomyParents(kind models.TenantKind) []string {
	return []string{"user_id", "filter_id", "auth_source_ldap_id", "auth_source_external_id",
		kind.Other().Word() + "_id"}
}

func (api *API) taxonomiesIndex(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		q, err := c.listQuery(taxonomyParents(kind)...)
		if err != nil {
			return err
		}
		l, err := api.dir.Tenants(c.ctx(), c.p, kind, q)
		return list(c, q, l, err, c.taxonomyRow)
	}
}

func (api *API) taxonomiesShow(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		parents, err := c.parents()
		if err != nil {
			return err
		}
		v, err := api.dir.Tenant(c.ctx(), c.p, kind, namedRef(c.pathID()), c.reveals(), parents...)
		return ok(c, v, err, c.taxonomyWhole)
	}
}

func (api *API) taxonomiesCreate(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		if _, err := c.parents(); err != nil {
			return err
		}
		change, err := c.taxonomyChange(kind)
		if err != nil {
			return err
		}
		v, err := api.dir.CreateTenant(c.ctx(), c.p, kind, change)
		return created(c, v, err, c.taxonomyWhole)
	}
}

func (api *API) taxonomiesUpdate(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		parents, err := c.parents()
		if err != nil {
			return err
		}
		change, err := c.taxonomyChange(kind)
		if err != nil {
			return err
		}
		v, err := api.dir.UpdateTenant(c.ctx(), c.p, kind, namedRef(c.pathID()), change, parents...)
		return ok(c, v, err, c.taxonomyWhole)
	}
}

func (api *API) taxonomiesDestroy(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		parents, err := c.parents()
		if err != nil {
			return err
		}
		t, err := api.dir.DeleteTenant(c.ctx(), c.p, kind, namedRef(c.pathID()), parents...)
		return ok(c, t, err, c.taxonomyDump)
	}
}

// locationAttributes are the attributes that may be set.
type locationAttributes struct {
	// Name, unique among locations with the same parent
	Name        string `json:"name" validate:"required" example:"Ops"`
	Description string `json:"description"` // Description of the location
	// Users who are assigned to it, by id. Replaces the previous list; an empty list clears it
	UserIDs []int64 `json:"user_ids"`
	// Parent location, by id. null: no parent
	ParentID int64 `json:"parent_id" extensions:"x-rule=number"`
	// Types of records, such as User, that belong to it without being assigned. Only administrators can add types
	IgnoreTypes []string `json:"ignore_types"`
	// Linked organizations, by id. Replaces the previous list; an empty list clears it
	OrganizationIDs []int64 `json:"organization_ids"`
}

// locationBody is the body of a request.
type locationBody struct {
	Location locationAttributes `json:"location" validate:"required"` // The location
}

// Lists locations.
//
//	@Summary	List locations
//	@Description	Administrators see all locations. Other users see their own, those to which all users belong, and the locations inside these.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[taxonomyRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/locations	[get]
//	@Router	/api/organizations/{organization_id}/locations	[get]
//	@Router	/api/users/{user_id}/locations	[get]
//	@Router	/api/filters/{filter_id}/locations	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/locations	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/locations	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/locations	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/locations"]}
func _() {}

// Shows a location.
//
//	@Summary	Show a location
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	show_hidden_parameters	query	boolean	false	"true: show hidden values of parameters. You need the permission to edit them"
//	@Param	id	path	string	true	"Id of the location, or title such as Europe/Brno" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{id}	[get]
//	@Router	/api/organizations/{organization_id}/locations/{id}	[get]
//	@Router	/api/users/{user_id}/locations/{id}	[get]
//	@Router	/api/filters/{filter_id}/locations/{id}	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/locations/{id}	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/locations/{id}	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/locations/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/locations/{id}"]}
func _() {}

// Creates a location.
//
//	@Summary	Create a location
//	@Description	If you are not an administrator, you become a member of the new location.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	locationBody	true	"The new location."
//	@Success	201	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations	[post]
//	@Router	/api/organizations/{organization_id}/locations	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/locations"]}
func _() {}

// Changes a location.
//
//	@Summary	Update a location
//	@Description	A new name or parent also changes the titles of all locations inside.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the location, or title such as Europe/Brno" extensions(x-rule=identifier)
//	@Param	body	body	locationBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations/{id}	[put]
//	@Router	/api/organizations/{organization_id}/locations/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/locations/{id}"]}
func _() {}

// Deletes a location.
//
//	@Summary	Delete a location
//	@Description	You cannot delete a location that contains others. Its users stay. Users who had it as their default location have none afterwards.
//	@Tags	locations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the location, or title such as Europe/Brno" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{id}	[delete]
//	@Router	/api/organizations/{organization_id}/locations/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/locations/{id}"]}
func _() {}

// organizationAttributes are the attributes that may be set.
type organizationAttributes struct {
	// Name, unique among organizations with the same parent
	Name        string `json:"name" validate:"required" example:"Ops"`
	Description string `json:"description"` // Description of the organization
	// Unique short name of small letters, digits, hyphens and underscores. It stays when you rename the organization.
	// Default: made from the name
	Slug string `json:"slug" example:"ops"`
	// Users who are assigned to it, by id. Replaces the previous list; an empty list clears it
	UserIDs []int64 `json:"user_ids"`
	// Parent organization, by id. null: no parent
	ParentID int64 `json:"parent_id" extensions:"x-rule=number"`
	// Types of records, such as User, that belong to it without being assigned. Only administrators can add types
	IgnoreTypes []string `json:"ignore_types"`
	// Linked locations, by id. Replaces the previous list; an empty list clears it
	LocationIDs []int64 `json:"location_ids"`
}

// organizationBody is the body of a request.
type organizationBody struct {
	Organization organizationAttributes `json:"organization" validate:"required"` // The organization
}

// Lists organizations.
//
//	@Summary	List organizations
//	@Description	Administrators see all organizations. Other users see their own, those to which all users belong, and the organizations inside these.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[taxonomyRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/organizations	[get]
//	@Router	/api/locations/{location_id}/organizations	[get]
//	@Router	/api/users/{user_id}/organizations	[get]
//	@Router	/api/filters/{filter_id}/organizations	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/organizations	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/organizations	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/organizations	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/organizations"]}
func _() {}

// Shows an organization.
//
//	@Summary	Show an organization
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	show_hidden_parameters	query	boolean	false	"true: show hidden values of parameters. You need the permission to edit them"
//	@Param	id	path	string	true	"Id of the organization, or title such as Acme/Sales" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[get]
//	@Router	/api/locations/{location_id}/organizations/{id}	[get]
//	@Router	/api/users/{user_id}/organizations/{id}	[get]
//	@Router	/api/filters/{filter_id}/organizations/{id}	[get]
//	@Router	/api/roles/{role_id}/filters/{filter_id}/organizations/{id}	[get]
//	@Router	/api/auth_source_ldaps/{auth_source_ldap_id}/organizations/{id}	[get]
//	@Router	/api/auth_source_externals/{auth_source_external_id}/organizations/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/organizations/{id}"]}
func _() {}

// Creates an organization.
//
//	@Summary	Create an organization
//	@Description	If you are not an administrator, you become a member of the new organization.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	organizationBody	true	"The new organization."
//	@Success	201	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations	[post]
//	@Router	/api/locations/{location_id}/organizations	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/organizations"]}
func _() {}

// Changes an organization.
//
//	@Summary	Update an organization
//	@Description	A new name or parent also changes the titles of all organizations inside.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the organization, or title such as Acme/Sales" extensions(x-rule=identifier)
//	@Param	body	body	organizationBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	taxonomyWhole
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/organizations/{id}	[put]
//	@Router	/api/locations/{location_id}/organizations/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/organizations/{id}"]}
func _() {}

// Deletes an organization.
//
//	@Summary	Delete an organization
//	@Description	You cannot delete an organization that contains others. Its users stay. Users who had it as their default organization have none afterwards.
//	@Tags	organizations
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id of the organization, or title such as Acme/Sales" extensions(x-rule=identifier)
//	@Success	200	{object}	taxonomyDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/organizations/{id}	[delete]
//	@Router	/api/locations/{location_id}/organizations/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/organizations/{id}"]}
func _() {}
