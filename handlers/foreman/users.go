package foreman

// userParents are the parameters that restrict a list of users (docs/spec/foreman.md, 2.10).
var userParents = []string{"auth_source_ldap_id", "auth_source_external_id", "role_id", "location_id",
	"organization_id", "usergroup_id"}

func (api *API) usersIndex(c *call) error {
	q, err := c.listQuery(userParents...)
	if err != nil {
		return err
	}
	l, err := api.dir.Users(c.ctx(), c.p, q)
	return list(c, q, l, err, c.userRow)
}

func (api *API) usersShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.User(c.ctx(), c.p, userRef(c.pathID()), parents...)
	return ok(c, v, err, c.userWhole)
}

func (api *API) usersShowCurrent(c *call) error {
	v, err := api.dir.CurrentUser(c.ctx(), c.p)
	return ok(c, v, err, c.userWhole)
}

func (api *API) usersCreate(c *call) error {
	if _, err := c.parents(); err != nil {
		return err
	}
	change, err := c.userChange()
	if err != nil {
		return err
	}
	v, err := api.dir.CreateUser(c.ctx(), c.p, change)
	return created(c, v, err, c.userWhole)
}

func (api *API) usersUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.userChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateUser(c.ctx(), c.p, userRef(c.pathID()), change, parents...)
	return ok(c, v, err, c.userWhole)
}

func (api *API) usersDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	u, err := api.dir.DeleteUser(c.ctx(), c.p, userRef(c.pathID()), parents...)
	return ok(c, u, err, c.userDump)
}
