package redmine

import (
	"net/http"

	"roster/directory"
	"roster/handlers/rails"
	"roster/models"
)

// A project is an organization here. Its identifier is the slug (docs/spec/redmine.md, 13).

// projectsIndex lists the organizations that the caller may know of.
func (api *API) projectsIndex(c *call) error {
	p, err := c.page()
	if err != nil {
		return err
	}
	l, err := api.dir.Tenants(c.ctx(), c.p, models.OrganizationKind, p.query())
	if err != nil {
		return err
	}
	list := array{item: "project"}
	for v, err := range l.Rows() {
		if err != nil {
			return err
		}
		list.values = append(list.values, c.projectObject(v))
	}
	return c.send(http.StatusOK, document{root: "projects", value: list, meta: c.meta(l.Subtotal, p)})
}

func (c *call) projectObject(v *directory.TenantView) object {
	o := object{
		field("id", v.ID), field("name", v.Name), field("identifier", v.Slug),
		field("description", models.Deref(v.Description)), field("homepage", ""),
	}
	if v.ParentID != nil {
		if parent := c.settings.KnownTenant(c.p, *v.ParentID); parent != nil {
			o = append(o, field("parent", reference(parent.ID, parent.Name)))
		}
	}
	return append(o, field("status", int64(1)), field("is_public", v.OpenToAll()),
		field("inherit_members", true), field("created_on", v.CreatedAt), field("updated_on", v.UpdatedAt))
}

// project finds the organization that the path names, by its number or by its identifier.
func (c *call) project() (*directory.TenantView, error) {
	text := c.params["id"]
	ref := directory.Ref{ID: rails.LeadingID(text)}
	if !rails.IsID(text) {
		ref = directory.Ref{ID: c.settings.TenantOfSlug(text)}
	}
	return c.api.dir.Tenant(c.ctx(), c.p, models.OrganizationKind, ref, false)
}

func (api *API) projectsShow(c *call) error {
	v, err := c.project()
	if err != nil {
		return hide(err)
	}
	return c.send(http.StatusOK, document{root: "project", value: c.projectObject(v)})
}
