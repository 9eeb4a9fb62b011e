package foreman

import (
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
	return taxonomyRow{v.Ancestry, v.ParentID, v.ParentTitle, c.stamp(v.CreatedAt), c.stamp(v.UpdatedAt), v.ID, v.Name,
		v.Title, v.Description}
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
	others := mapped(v.Others, tenantOf)
	if v.Type == models.LocationKind {
		w.Organizations = &others
	} else {
		w.Locations = &others
	}
	return w
}

func (c *call) taxonomyDump(t *models.Tenant) taxonomyDump {
	return taxonomyDump{t.ID, t.Name, c.iso(t.CreatedAt), c.iso(t.UpdatedAt),
		mapped(t.IgnoreTypes, func(s string) string { return s }), t.Ancestry, t.Title, t.Description}
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
	for _, name := range []string{"select_all_types", "ignore_types"} {
		if types := a.names(name); types.Set {
			t.IgnoreTypes = types
		}
	}
	t.Parameters = a.parameters(kind.Word() + "_parameters_attributes")
	if t.Users, err = a.association("user", "users", "login"); err != nil {
		return t, err
	}
	other := kind.Other().Word()
	t.Others, err = a.association(other, other+"s", "title")
	return t, err
}

// The parameters that restrict a list of tenants (docs/spec/foreman.md, 12.5): a tenant of the same kind only sets the
// context.
func taxonomyParents(kind models.TenantKind) []string {
	return []string{"user_id", "filter_id", "auth_source_ldap_id", "auth_source_external_id",
		kind.Other().Word() + "_id"}
}

func (api *API) taxonomiesIndex(kind models.TenantKind) func(*call) error {
	return func(c *call) error {
		return c.index(taxonomyParents(kind), func(q directory.ListQuery, l *lister) error {
			return api.dir.Tenants(c.ctx(), c.p, kind, q, l.head, rowsOf(l, c.taxonomyRow))
		})
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
