package cvat

import (
	"net/http"

	"roster/directory"
	"roster/models"
)

// maxTokenName is how long names of access tokens may be, in characters.
const maxTokenName = 50

// tokenRead is an access token.
type tokenRead struct {
	ID   int64  `json:"id" example:"3"`        // Id of the token
	Name string `json:"name" example:"script"` // Name of the token
	// When it was created
	CreatedDate stamp `json:"created_date" swaggertype:"string" format:"date-time"`
	// Last change
	UpdatedDate stamp `json:"updated_date" swaggertype:"string" format:"date-time"`
	// When it expires. null: never
	ExpiryDate *stamp `json:"expiry_date" swaggertype:"string" format:"date-time"`
	// Last use. null: never
	LastUsedDate *stamp    `json:"last_used_date" swaggertype:"string" format:"date-time"`
	ReadOnly     bool      `json:"read_only" example:"true"` // Whether it is read-only
	Owner        basicUser `json:"owner"`                    // Owner of the token
	// The secret, shown only when the token is created
	Value string `json:"value,omitempty"`
}

func (c *call) tokenOf(t *models.PersonalAccessToken, u *models.User) tokenRead {
	return tokenRead{
		ID: t.ID, Name: t.Name, CreatedDate: stamp(t.CreatedAt), UpdatedDate: stamp(t.UpdatedAt),
		ExpiryDate: stampOf(t.ExpiresAt), LastUsedDate: stampOf(t.LastUsedAt), ReadOnly: t.ReadOnly,
		Owner: c.basicOf(u),
	}
}

// tokensList lists the caller's own tokens that still open the account.
func (api *API) tokensList(c *call) error {
	me, err := api.dir.CurrentUser(c.ctx(), c.p)
	if err != nil {
		return err
	}
	type row = models.PersonalAccessToken
	return list(c, tokenFields, "id", func(q directory.ListQuery) (*directory.List[row], error) {
		return api.dir.OwnTokens(c.ctx(), c.p, q)
	}, func(t row) tokenRead { return c.tokenOf(&t, me.User) })
}

// tokenChange reads what a token is to be.
func (c *call) tokenChange(whole bool) (directory.TokenChange, error) {
	r := &reader{body: c.body, whole: whole}
	most := max(0, c.settings.SettingInt("cvat_tokens_per_user"))
	change := directory.TokenChange{
		Limits: directory.TokenLimits{Most: most, Name: maxTokenName, NamesShared: true, PastAllowed: true}}
	if name, ok := r.text("name", textForm{required: true, most: maxTokenName}); ok {
		change.Name = models.Some(name)
	}
	if at, ok := r.moment("expiry_date"); ok {
		change.Expiry = models.Some(at)
	}
	if readOnly, ok := r.boolean("read_only"); ok {
		change.ReadOnly = models.Some(readOnly)
	}
	return change, r.wrong.err()
}

// tokensCreate makes a token, and shows its secret once. Tokens make no tokens.
func (api *API) tokensCreate(c *call) error {
	if c.p.Token != nil {
		return errForbidden
	}
	change, err := c.tokenChange(true)
	if err != nil {
		return err
	}
	if !change.ReadOnly.Set {
		change.ReadOnly = models.Some(true)
	}
	if days := c.settings.SettingInt("cvat_token_idle_days"); days > 0 {
		change.IdleDays = models.Some(&days)
	}
	row, secret, err := api.dir.CreateToken(c.ctx(), c.p, c.p.UserID, change)
	if err != nil {
		return err
	}
	me, err := api.dir.CurrentUser(c.ctx(), c.p)
	if err != nil {
		return err
	}
	read := c.tokenOf(row, me.User)
	read.Value = secret
	return c.send(http.StatusCreated, read)
}

// tokensSelf shows the token by which the caller came. Who came otherwise has none.
func (api *API) tokensSelf(c *call) error {
	if !c.bearer || c.p.Token == nil {
		return errNobody
	}
	row, u, err := api.dir.AccessToken(c.ctx(), c.p, *c.p.Token)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.tokenOf(row, u))
}

func (api *API) tokensRetrieve(c *call) error {
	row, u, err := c.tokenOfPath()
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.tokenOf(row, u))
}

func (c *call) tokenOfPath() (*models.PersonalAccessToken, *models.User, error) {
	id, err := c.id()
	if err != nil {
		return nil, nil, err
	}
	return c.api.dir.AccessToken(c.ctx(), c.p, id)
}

func (api *API) tokensUpdate(c *call) error {
	row, u, err := c.tokenOfPath()
	if err != nil {
		return err
	}
	if c.p.Token != nil {
		return errForbidden
	}
	change, err := c.tokenChange(false)
	if err != nil {
		return err
	}
	changed, err := api.dir.UpdateToken(c.ctx(), c.p, row.ID, change)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, c.tokenOf(changed, u))
}

// tokensDestroy revokes a token.
func (api *API) tokensDestroy(c *call) error {
	row, _, err := c.tokenOfPath()
	if err != nil {
		return err
	}
	if c.p.Token != nil {
		return errForbidden
	}
	if err := api.dir.RevokeAccessToken(c.ctx(), c.p, row.ID); err != nil {
		return err
	}
	return c.done()
}
