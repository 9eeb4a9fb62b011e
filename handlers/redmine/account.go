package redmine

import (
	"net/http"

	"roster/directory"
	"roster/models"
)

// accountShow shows callers their own account, with the mail address in any case (docs/spec/redmine.md, 10).
func (api *API) accountShow(c *call) error {
	v, err := api.dir.CurrentUser(c.ctx(), c.p)
	if err != nil {
		return err
	}
	key, err := api.dir.APIKey(c.ctx(), c.p, v.ID)
	if err != nil {
		return err
	}
	o := object{
		field("id", v.ID), field("login", v.Login), field("admin", v.Admin),
		field("firstname", models.Deref(v.Firstname)), field("lastname", models.Deref(v.Lastname)),
		field("mail", v.Mail), field("created_on", v.CreatedAt), field("last_login_on", v.LastLoginOn),
	}
	if key != "" {
		o = append(o, field("api_key", key))
	}
	o = append(o, customs(v.CustomFields, v.Custom)...)
	return c.send(http.StatusOK, document{root: "user", value: o})
}

// accountUpdate changes the caller's own account: what everybody may change, and the rest where the caller is an
// administrator. A password is not among it.
func (api *API) accountUpdate(c *call) error {
	var a attributes
	if v, ok := c.body["user"].(map[string]any); ok {
		a = v
	}
	change, err := c.accountChange(a)
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateUser(c.ctx(), c.p, directory.Ref{ID: c.p.UserID}, change)
	if err != nil {
		return err
	}
	if c.wantsChanged() {
		return c.sendUser(http.StatusOK, v)
	}
	return c.done()
}

func (c *call) accountChange(a attributes) (directory.UserChange, error) {
	if !c.p.Admin {
		return c.ownChange(a)
	}
	change, err := c.userChange(a, false)
	change.Password = models.Opt[string]{}
	change.PasswordConfirmation = models.Opt[string]{}
	change.GeneratePassword = false
	change.Inform = false
	return change, err
}
