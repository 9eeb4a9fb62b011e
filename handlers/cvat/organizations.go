package cvat

import (
	"encoding/json"
	"net/http"
	"regexp"

	"roster/directory"
	"roster/models"
)

// organizationRead is an organization.
type organizationRead struct {
	ID          int64  `json:"id" example:"2"`         // Id of the organization
	Slug        string `json:"slug" example:"crew"`    // Short name, used in requests
	Name        string `json:"name" example:"Crew"`    // Name
	Description string `json:"description" example:""` // Free text
	// When it was created
	CreatedDate stamp `json:"created_date" swaggertype:"string" format:"date-time"`
	// Last change
	UpdatedDate stamp `json:"updated_date" swaggertype:"string" format:"date-time"`
	// Contact, as any JSON
	Contact json.RawMessage `json:"contact" swaggertype:"object"`
	Owner   *basicUser      `json:"owner"` // The owner. null: none
}

func (c *call) organizationOf(v *directory.OrganizationView) organizationRead {
	contact := json.RawMessage(models.Deref(v.Contact))
	if !json.Valid(contact) {
		contact = json.RawMessage("{}")
	}
	return organizationRead{
		ID: v.ID, Slug: models.Deref(v.Slug), Name: v.Name, Description: models.Deref(v.Description),
		CreatedDate: stamp(v.CreatedAt), UpdatedDate: stamp(v.UpdatedAt), Contact: contact, Owner: c.basic(v.Owner),
	}
}

// organizationsList lists the organizations of the caller, and all to administrators.
func (api *API) organizationsList(c *call) error {
	type view = *directory.OrganizationView
	return list(c, organizationFields, "id", func(q directory.ListQuery) (*directory.List[view], error) {
		return api.dir.MemberOrganizations(c.ctx(), c.p, q)
	}, c.organizationOf)
}

func (api *API) organizationsRetrieve(c *call) error {
	v, err := c.organizationOfPath()
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.organizationOf(v))
}

func (c *call) organizationOfPath() (*directory.OrganizationView, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	return c.api.dir.MemberOrganization(c.ctx(), c.p, id)
}

// What the dialect allows in changes of organizations (docs/spec/cvat.md, 5).
const (
	maxSlug             = 16
	maxOrganizationName = 64
)

// slugForm is what the dialect allows in slugs; the directory wants one sign that is no digit, besides.
var slugForm = regexp.MustCompile(`^[-a-zA-Z0-9_]+$`)

// organizationChange reads what an organization is to be. Who owns it is nothing that a change says.
func (c *call) organizationChange(whole bool) (directory.OrganizationChange, error) {
	r := &reader{body: c.body, whole: whole}
	change := directory.OrganizationChange{
		Limits: directory.OrganizationLimits{Slug: maxSlug, Name: maxOrganizationName}}
	if text, ok := r.text("slug", textForm{required: true, most: maxSlug}); ok {
		if !slugForm.MatchString(text) {
			r.wrong.add("slug", ofAttribute["slug"][models.RuleInvalid])
		}
		change.Slug = models.Some(text)
	}
	if text, ok := r.text("name", textForm{blank: true, most: maxOrganizationName}); ok {
		change.Name = models.Some(text)
	}
	if text, ok := r.text("description", textForm{blank: true}); ok {
		change.Description = models.Some(text)
	}
	if contact, there := c.body["contact"]; there {
		if contact == nil {
			r.wrong.add("contact", textNull)
		} else {
			change.Contact = models.Some(string(encode(contact)))
		}
	}
	return change, r.wrong.err()
}

func (api *API) organizationsCreate(c *call) error {
	if err := api.dir.MayFoundOrganization(c.ctx(), c.p); err != nil {
		return err
	}
	change, err := c.organizationChange(true)
	if err != nil {
		return err
	}
	v, err := api.dir.FoundOrganization(c.ctx(), c.p, change)
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, c.organizationOf(v))
}

func (api *API) organizationsUpdate(c *call) error {
	before, err := c.organizationOfPath()
	if err != nil {
		return err
	}
	if err := api.dir.MayChangeOrganization(c.ctx(), c.p, before.ID); err != nil {
		return err
	}
	change, err := c.organizationChange(false)
	if err != nil {
		return err
	}
	v, err := api.dir.ChangeOrganization(c.ctx(), c.p, before.ID, change)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.organizationOf(v))
}

func (api *API) organizationsDestroy(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	if err := api.dir.DissolveOrganization(c.ctx(), c.p, id); err != nil {
		return err
	}
	return c.done()
}
