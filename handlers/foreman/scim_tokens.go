package foreman

import (
	"fmt"

	"roster/directory"
	"roster/models"
	"roster/scopes"
)

// scimTokenRow is a token of an organization's identity provider.
type scimTokenRow struct {
	CreatedAt   stamp    `json:"created_at" swaggertype:"string"`
	UpdatedAt   stamp    `json:"updated_at" swaggertype:"string"`
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	ExpiresAt   stamp    `json:"expires_at" swaggertype:"string"`
	Active      bool     `json:"active?"`
	Revoked     bool     `json:"revoked?"`
	ReadOnly    bool     `json:"read_only"`
	Networks    []string `json:"networks"`
	LastUsedAt  stamp    `json:"last_used_at" swaggertype:"string"`
	LastAddress *string  `json:"last_used_ip"`
	// Organization of the token
	OrganizationID int64 `json:"organization_id"`
	// Path of the organization on this server, for the provider
	Path string `json:"path"`
}

// scimTokenCreated is a new token: the only answer that ever holds the secret.
type scimTokenCreated struct {
	TokenValue string `json:"token_value"`
	scimTokenRow
}

func (c *call) scimTokenRow(t models.ScimToken) scimTokenRow {
	now := c.api.dir.Now()
	ended := t.Revoked || t.ExpiresAt != nil && t.ExpiresAt.Before(now)
	return scimTokenRow{
		CreatedAt: c.stamp(t.CreatedAt), UpdatedAt: c.stamp(t.UpdatedAt), ID: t.ID, Name: t.Name,
		ExpiresAt: c.stampPtr(t.ExpiresAt), Active: !ended, Revoked: t.Revoked, ReadOnly: t.ReadOnly,
		Networks: append([]string{}, t.Networks...), LastUsedAt: c.stampPtr(t.LastUsedAt), LastAddress: t.LastAddress,
		OrganizationID: t.OrganizationID, Path: fmt.Sprint("/scim/v2/organizations/", t.OrganizationID),
	}
}

func (c *call) scimToken(t *models.ScimToken) scimTokenRow { return c.scimTokenRow(*t) }

// scimTokenRoutes are the routes for the tokens of organizations. Whoever may edit an organization manages them.
func (api *API) scimTokenRoutes() []Route {
	const tokens = "/api/organizations/:organization_id/scim_tokens"
	edit := may(models.Edit, scopes.Organizations)
	return []Route{
		{"GET", tokens, "scim_tokens", "index", edit, api.scimTokensIndex},
		{"GET", tokens + "/:id", "scim_tokens", "show", edit, api.scimTokensShow},
		{"POST", tokens, "scim_tokens", "create", edit, api.scimTokensCreate},
		{"DELETE", tokens + "/:id", "scim_tokens", "destroy", edit, api.scimTokensDestroy},
	}
}

// ofOrganization is the organization of the path, in which the request is not made: who edits it needs no context.
func (c *call) ofOrganization() (directory.Ref, error) {
	var err error
	c.p, err = c.api.dir.OutOfContext(c.ctx(), c.p)
	return namedRef(c.Param("organization_id")), err
}

func (api *API) scimTokensIndex(c *call) error {
	q, err := c.pageQuery()
	if err != nil {
		return err
	}
	organization, err := c.ofOrganization()
	if err != nil {
		return err
	}
	l, err := api.dir.ScimTokens(c.ctx(), c.p, organization, q)
	return list(c, q, l, err, c.scimTokenRow)
}

func (api *API) scimTokensShow(c *call) error {
	organization, err := c.ofOrganization()
	if err != nil {
		return err
	}
	t, err := api.dir.ScimToken(c.ctx(), c.p, organization, numberRef(c.pathID()).ID)
	return ok(c, t, err, c.scimToken)
}

func (api *API) scimTokensCreate(c *call) error {
	a, err := c.root("scim_token", []string{"name", "expires_at", "read_only", "networks"})
	if err != nil {
		return err
	}
	var change directory.ScimTokenChange
	a.word("name", &change.Name)
	a.firmFlag("read_only", &change.ReadOnly)
	change.Networks = a.names("networks")
	if err := a.limit("expires_at", &change.ExpiresAt); err != nil {
		return err
	}
	organization, err := c.ofOrganization()
	if err != nil {
		return err
	}
	t, secret, err := api.dir.CreateScimToken(c.ctx(), c.p, organization, change)
	return created(c, t, err,
		func(t *models.ScimToken) scimTokenCreated { return scimTokenCreated{secret, c.scimTokenRow(*t)} })
}

func (api *API) scimTokensDestroy(c *call) error {
	organization, err := c.ofOrganization()
	if err != nil {
		return err
	}
	t, err := api.dir.RevokeScimToken(c.ctx(), c.p, organization, numberRef(c.pathID()).ID)
	return ok(c, t, err, c.scimToken)
}

// usersRestore brings a user back whom an identity provider has deleted.
func (api *API) usersRestore(c *call) error {
	u, err := api.dir.RestoreUser(c.ctx(), c.p, userRef(c.pathID()))
	return ok(c, u, err, c.userWhole)
}
