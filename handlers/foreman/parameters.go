package foreman

import (
	"roster/directory"
	"roster/handlers/rails"
	"roster/models"
	"roster/scopes"
)

// parameterRow is something that is known about a tenant (docs/spec/foreman.md, 5.8). The question marks are part of
// the names.
type parameterRow struct {
	Priority       int    `json:"priority"`
	IsProperty     bool   `json:"is_property?"`
	CreatedAt      stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt      stamp  `json:"updated_at" swaggertype:"string"`
	ID             int64  `json:"id"`
	Name           string `json:"name"`
	ParameterType  string `json:"parameter_type"`
	AssociatedType string `json:"associated_type"`
	HiddenValue    bool   `json:"hidden_value?"`
	Value          any    `json:"value"` // JSON of any kind
}

// commonParameterRow is something that is known everywhere (docs/spec/foreman.md, 5.8).
type commonParameterRow struct {
	CreatedAt stamp `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp `json:"updated_at" swaggertype:"string"`
	// Whether the value is hidden
	IsHidden      bool   `json:"hidden_value?"`
	HiddenValue   string `json:"hidden_value"`
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	ParameterType string `json:"parameter_type"`
	Value         any    `json:"value"` // JSON of any kind
}

// parameterDump is what deletions answer.
type parameterDump struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	Value       any      `json:"value"`
	ReferenceID *int64   `json:"reference_id"` // The location or organization, null for a global one
	CreatedAt   isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt   isoStamp `json:"updated_at" swaggertype:"string"`
	Priority    int      `json:"priority"`
	// Always stars
	HiddenValue string `json:"hidden_value"`
	KeyType     string `json:"key_type"`
	// The value as text, stars for a hidden value
	SearchableValue string `json:"searchable_value"`
}

// priorities are Foreman's precedences of parameter sources for hosts. Roster has no hosts, but clients see the
// numbers.
var priorities = map[models.TenantKind]int{models.OrganizationKind: 10, models.LocationKind: 20}

func (c *call) parameterRow(v *directory.ParameterView) parameterRow {
	return parameterRow{Priority: priorities[v.Kind], IsProperty: false, CreatedAt: c.stamp(v.CreatedAt),
		UpdatedAt: c.stamp(v.UpdatedAt), ID: v.ID, Name: v.Name, ParameterType: v.ParameterType,
		AssociatedType: v.Kind.Word(), HiddenValue: v.HiddenValue, Value: v.Shown}
}

func (c *call) commonParameterRow(v *directory.ParameterView) commonParameterRow {
	return commonParameterRow{CreatedAt: c.stamp(v.CreatedAt), UpdatedAt: c.stamp(v.UpdatedAt), IsHidden: v.HiddenValue,
		HiddenValue: hiddenStars, ID: v.ID, Name: v.Name, ParameterType: v.ParameterType, Value: v.Shown}
}

func (c *call) parameterDump(v *directory.ParameterView) parameterDump {
	return parameterDump{ID: v.ID, Name: v.Name, Value: v.Shown, ReferenceID: v.TaxonomyID,
		CreatedAt: c.iso(v.CreatedAt), UpdatedAt: c.iso(v.UpdatedAt), Priority: priorities[v.Kind],
		HiddenValue: hiddenStars, KeyType: v.ParameterType, SearchableValue: searchable(v)}
}

const hiddenStars = "*****"

// searchable is a value as a text: a text as it is, anything else as JSON.
func searchable(v *directory.ParameterView) string {
	if v.HiddenValue {
		return hiddenStars
	}
	return v.Text()
}

// reveals reports whether hidden values are asked for, by either of the names that there are for it.
func (c *call) reveals() bool {
	for _, name := range []string{"show_hidden_parameters", "show_hidden"} {
		v, _ := c.value(name)
		if b, ok := rails.Bool(v); ok && b != nil && *b {
			return true
		}
	}
	return false
}

func (a attrs) parameter() directory.ParameterChange {
	var p directory.ParameterChange
	a.word("name", &p.Name)
	a.word("parameter_type", &p.ParameterType)
	a.firmFlag("hidden_value", &p.HiddenValue)
	if v, sent := a["value"]; sent {
		p.Value = models.Some(v)
	}
	return p
}

// parameters reads the list of a tenant's parameters; anything but a list of objects is passed over.
func (a attrs) parameters(name string) (list models.Opt[[]directory.ParameterChange]) {
	sent, ok := a.nestedList(name)
	if !ok {
		return list
	}
	changes := []directory.ParameterChange{}
	for _, object := range sent {
		changes = append(changes, object.parameter())
	}
	return models.Some(changes)
}

// parameterRoutes are the routes for the parameters of tenants of a kind.
func (api *API) parameterRoutes(kind models.TenantKind) []Route {
	parent := kind.Word() + "s/:" + kind.Word() + "_id"
	routes := under([]string{parent}, scopes.Parameters, crud{
		index: api.parametersIndex(kind), show: underTenant(api.parametersShow),
		create: underTenant(api.parametersCreate),
		update: underTenant(api.parametersUpdate), destroy: underTenant(api.parametersDestroy)})
	return append(routes, Route{
		Method: "DELETE", Path: "/api/" + parent + "/parameters", Resource: "parameters", Action: "reset",
		Access: may(models.Destroy, scopes.Parameters), handler: underTenant(api.parametersReset),
	})
}

// underTenant passes the tenant of the path to a handler.
func underTenant(h func(c *call, tenant directory.Parent) error) func(*call) error {
	return func(c *call) error {
		parents, err := c.parents()
		if err != nil {
			return err
		}
		return h(c, parents[0])
	}
}

func (c *call) parameterRef() directory.Ref { return namedRef(c.pathID()) }

func (c *call) parameterChange(root string) (directory.ParameterChange, error) {
	a, err := c.root(root, []string{"name", "value", "parameter_type", "hidden_value"})
	return a.parameter(), err
}

func (api *API) parametersIndex(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		q, err := c.listQuery()
		if err != nil {
			return err
		}
		l, err := api.dir.Parameters(c.ctx(), c.p, kind, c.reveals(), q)
		return list(c, q, l, err, c.parameterRow)
	}
}

func (api *API) parametersShow(c *call, tenant directory.Parent) error {
	v, err := api.dir.Parameter(c.ctx(), c.p, tenant, c.parameterRef(), c.reveals())
	return ok(c, v, err, c.parameterRow)
}

func (api *API) parametersCreate(c *call, tenant directory.Parent) error {
	change, err := c.parameterChange("parameter")
	if err != nil {
		return err
	}
	v, err := api.dir.CreateParameter(c.ctx(), c.p, tenant, change)
	return created(c, v, err, c.parameterRow)
}

func (api *API) parametersUpdate(c *call, tenant directory.Parent) error {
	change, err := c.parameterChange("parameter")
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateParameter(c.ctx(), c.p, tenant, c.parameterRef(), change)
	return ok(c, v, err, c.parameterRow)
}

func (api *API) parametersDestroy(c *call, tenant directory.Parent) error {
	v, err := api.dir.DeleteParameter(c.ctx(), c.p, tenant, c.parameterRef())
	return ok(c, v, err, c.parameterDump)
}

func (api *API) parametersReset(c *call, tenant directory.Parent) error {
	list, err := api.dir.ResetParameters(c.ctx(), c.p, tenant)
	return ok(c, list, err,
		func(list []*directory.ParameterView) []parameterDump { return mapped(list, c.parameterDump) })
}

// commonParameterRoutes are the routes for global parameters.
func (api *API) commonParameterRoutes() []Route {
	return resource("/api/common_parameters", scopes.CommonParameters, crud{
		index: api.commonParametersIndex, show: api.commonParametersShow, create: api.commonParametersCreate,
		update: api.commonParametersUpdate, destroy: api.commonParametersDestroy})
}

func (api *API) commonParametersIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.Parameters(c.ctx(), c.p, "", c.reveals(), q)
	return list(c, q, l, err, c.commonParameterRow)
}

func (api *API) commonParametersShow(c *call) error {
	v, err := api.dir.Parameter(c.ctx(), c.p, directory.Everywhere, c.parameterRef(), c.reveals())
	return ok(c, v, err, c.commonParameterRow)
}

func (api *API) commonParametersCreate(c *call) error {
	change, err := c.parameterChange("common_parameter")
	if err != nil {
		return err
	}
	v, err := api.dir.CreateParameter(c.ctx(), c.p, directory.Everywhere, change)
	return created(c, v, err, c.commonParameterRow)
}

func (api *API) commonParametersUpdate(c *call) error {
	change, err := c.parameterChange("common_parameter")
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateParameter(c.ctx(), c.p, directory.Everywhere, c.parameterRef(), change)
	return ok(c, v, err, c.commonParameterRow)
}

func (api *API) commonParametersDestroy(c *call) error {
	v, err := api.dir.DeleteParameter(c.ctx(), c.p, directory.Everywhere, c.parameterRef())
	return ok(c, v, err, c.parameterDump)
}

// parameterAttributes are the attributes that may be set.
type parameterAttributes struct {
	// Name, without blanks, unique within the location or organization, or among the global parameters
	Name string `json:"name" validate:"required" example:"color"`
	// Value. Lists and objects as they are, or as JSON text
	Value string `json:"value" validate:"required" example:"blue"`
	// Type of the value. Default: string
	ParameterType string `json:"parameter_type" extensions:"x-rule=parameter_types"`
	// Whether the value is hidden. Users who may edit it can still show it
	HiddenValue bool `json:"hidden_value"`
}

// parameterBody is the body of a request.
type parameterBody struct {
	Parameter parameterAttributes `json:"parameter" validate:"required"` // The parameter
}

// commonParameterBody is the body of a request about a global parameter.
type commonParameterBody struct {
	CommonParameter parameterAttributes `json:"common_parameter" validate:"required"` // The global parameter
}

// Lists parameters.
//
//	@Summary	List parameters
//	@Description	Parameters are values for programs. They apply to a location or an organization and to everything inside it. Inherited parameters are not in this list; they are shown with the location or the organization.
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location of the parameter"
//	@Param	organization_id	query	integer	false	"Id of the organization of the parameter"
//	@Param	show_hidden	query	boolean	false	"true: show hidden values. You need the permission to edit them"
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[parameterRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters	[get]
//	@Router	/api/organizations/{organization_id}/parameters	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/locations/{location_id}/parameters", "/api/organizations/{organization_id}/parameters"]}
func _() {}

// Shows a parameter.
//
//	@Summary	Show a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location of the parameter"
//	@Param	organization_id	query	integer	false	"Id of the organization of the parameter"
//	@Param	show_hidden	query	boolean	false	"true: show hidden values. You need the permission to edit them"
//	@Param	id	path	string	true	"Id or name of the parameter"
//	@Success	200	{object}	parameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters/{id}	[get]
//	@Router	/api/organizations/{organization_id}/parameters/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/locations/{location_id}/parameters/{id}", "/api/organizations/{organization_id}/parameters/{id}"]}
func _() {}

// Creates a parameter.
//
//	@Summary	Create a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location of the parameter"
//	@Param	organization_id	query	integer	false	"Id of the organization of the parameter"
//	@Param	body	body	parameterBody	true	"The new parameter."
//	@Success	201	{object}	parameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations/{location_id}/parameters	[post]
//	@Router	/api/organizations/{organization_id}/parameters	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/locations/{location_id}/parameters", "/api/organizations/{organization_id}/parameters"]}
func _() {}

// Changes a parameter.
//
//	@Summary	Update a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location of the parameter"
//	@Param	organization_id	query	integer	false	"Id of the organization of the parameter"
//	@Param	id	path	string	true	"Id or name of the parameter"
//	@Param	body	body	parameterBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	parameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/locations/{location_id}/parameters/{id}	[put]
//	@Router	/api/organizations/{organization_id}/parameters/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/locations/{location_id}/parameters/{id}", "/api/organizations/{organization_id}/parameters/{id}"]}
func _() {}

// Deletes a parameter.
//
//	@Summary	Delete a parameter
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location of the parameter"
//	@Param	organization_id	query	integer	false	"Id of the organization of the parameter"
//	@Param	id	path	string	true	"Id or name of the parameter"
//	@Success	200	{object}	parameterDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters/{id}	[delete]
//	@Router	/api/organizations/{organization_id}/parameters/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/locations/{location_id}/parameters/{id}", "/api/organizations/{organization_id}/parameters/{id}"]}
func _() {}

// Deletes all parameters.
//
//	@Summary	Delete all parameters
//	@Description	The answer lists the deleted parameters.
//	@Tags	parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	location_id	query	integer	false	"Id of the location of the parameter"
//	@Param	organization_id	query	integer	false	"Id of the organization of the parameter"
//	@Success	200	{array}	parameterDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/locations/{location_id}/parameters	[delete]
//	@Router	/api/organizations/{organization_id}/parameters	[delete]
//	@x-apipie	{"method": "reset", "paths": ["/api/locations/{location_id}/parameters", "/api/organizations/{organization_id}/parameters"]}
func _() {}

// Lists global parameters.
//
//	@Summary	List global parameters
//	@Description	Global parameters are values for programs that apply everywhere. Locations and organizations have their own parameters.
//	@Tags	common_parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	show_hidden	query	boolean	false	"true: show hidden values. You need the permission to edit them"
//	@Param	search	query	string	false	"Search condition. The fields are listed below"
//	@Param	order	query	string	false	"Search field to sort by, with ASC or DESC, such as id DESC"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[commonParameterRow]
//	@Failure	401	{object}	errorAnswer
//	@Failure	400	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Router	/api/common_parameters	[get]
//	@x-apipie	{"method": "index", "paths": ["/api/common_parameters"]}
func _() {}

// Shows a global parameter.
//
//	@Summary	Show a global parameter
//	@Tags	common_parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	show_hidden	query	boolean	false	"true: show hidden values. You need the permission to edit them"
//	@Param	id	path	string	true	"Id or name of the global parameter"
//	@Success	200	{object}	commonParameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/common_parameters/{id}	[get]
//	@x-apipie	{"method": "show", "paths": ["/api/common_parameters/{id}"]}
func _() {}

// Creates a global parameter.
//
//	@Summary	Create a global parameter
//	@Tags	common_parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	body	body	commonParameterBody	true	"The new parameter."
//	@Success	201	{object}	commonParameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/common_parameters	[post]
//	@x-apipie	{"method": "create", "paths": ["/api/common_parameters"]}
func _() {}

// Changes a global parameter.
//
//	@Summary	Update a global parameter
//	@Tags	common_parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the global parameter"
//	@Param	body	body	commonParameterBody	true	"Fields to change; others stay as they are."
//	@Success	200	{object}	commonParameterRow
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Failure	422	{object}	invalidAnswer
//	@Router	/api/common_parameters/{id}	[put]
//	@x-apipie	{"method": "update", "paths": ["/api/common_parameters/{id}"]}
func _() {}

// Deletes a global parameter.
//
//	@Summary	Delete a global parameter
//	@Tags	common_parameters
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or name of the global parameter"
//	@Success	200	{object}	parameterDump
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/common_parameters/{id}	[delete]
//	@x-apipie	{"method": "destroy", "paths": ["/api/common_parameters/{id}"]}
func _() {}
