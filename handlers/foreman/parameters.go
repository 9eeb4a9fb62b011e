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

// parameterDump is what deletions answer.
type parameterDump struct {
	ID            int64    `json:"id"`
	Name          string   `json:"name"`
	Value         any      `json:"value"`
	ReferenceID   int64    `json:"reference_id"`
	CreatedAt     isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt     isoStamp `json:"updated_at" swaggertype:"string"`
	Priority      int      `json:"priority"`
	HiddenValue   bool     `json:"hidden_value"`
	ParameterType string   `json:"parameter_type"`
}

// priorities are Foreman's precedences of parameter sources for hosts. Roster has no hosts, but clients see the
// numbers.
var priorities = map[models.TenantKind]int{models.OrganizationKind: 10, models.LocationKind: 20}

func (c *call) parameterRow(v *directory.ParameterView) parameterRow {
	return parameterRow{priorities[v.Kind], false, c.stamp(v.CreatedAt), c.stamp(v.UpdatedAt), v.ID, v.Name,
		v.ParameterType, v.Kind.Word(), v.HiddenValue, v.Shown}
}

func (c *call) parameterDump(v *directory.ParameterView) parameterDump {
	return parameterDump{v.ID, v.Name, v.Shown, v.TaxonomyID, c.iso(v.CreatedAt), c.iso(v.UpdatedAt),
		priorities[v.Kind], v.HiddenValue, v.ParameterType}
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
	sent, ok := a[name].([]any)
	if !ok {
		return list
	}
	changes := []directory.ParameterChange{}
	for _, v := range sent {
		object, ok := v.(map[string]any)
		if !ok {
			return list
		}
		changes = append(changes, attrs(object).parameter())
	}
	return models.Some(changes)
}

// parameterRoutes are the routes for the parameters of tenants of a kind.
func (api *API) parameterRoutes(kind models.TenantKind) []Route {
	parent := kind.Word() + "s/:" + kind.Word() + "_id"
	routes := under([]string{parent}, scopes.Parameters, crud{
		api.parametersIndex(kind), underTenant(api.parametersShow), underTenant(api.parametersCreate),
		underTenant(api.parametersUpdate), underTenant(api.parametersDestroy)})
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

func (c *call) parameterChange() (directory.ParameterChange, error) {
	a, err := c.root("parameter", []string{"name", "value", "parameter_type", "hidden_value"})
	return a.parameter(), err
}

func (api *API) parametersIndex(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		return c.index(nil, func(q directory.ListQuery, l *lister) error {
			return api.dir.Parameters(c.ctx(), c.p, kind, c.reveals(), q, l.head, rowsOf(l, c.parameterRow))
		})
	}
}

func (api *API) parametersShow(c *call, tenant directory.Parent) error {
	v, err := api.dir.Parameter(c.ctx(), c.p, tenant, c.parameterRef(), c.reveals())
	return ok(c, v, err, c.parameterRow)
}

func (api *API) parametersCreate(c *call, tenant directory.Parent) error {
	change, err := c.parameterChange()
	if err != nil {
		return err
	}
	v, err := api.dir.CreateParameter(c.ctx(), c.p, tenant, change)
	return created(c, v, err, c.parameterRow)
}

func (api *API) parametersUpdate(c *call, tenant directory.Parent) error {
	change, err := c.parameterChange()
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
