package foreman

import (
	"net/http"

	"roster/directory"
	"roster/handlers/web"
)

// userParents are the parameters that restrict a list of users (spec, section 2.10).
var userParents = []string{"auth_source_ldap_id", "auth_source_external_id", "role_id", "location_id", "organization_id", "usergroup_id"}

func (api *API) usersIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	if q.Parents, err = c.parents(userParents...); err != nil {
		return err
	}
	ctx := c.ctx()
	if q.PerPage == 0 || q.PerPage > streamedFrom {
		ctx = web.Unbounded(c)
	}
	return c.list(q, func(l *lister) error {
		return api.dir.Users(ctx, c.p, q, l.head, func(v *directory.UserView) error { return l.row(c.userRow(v)) })
	})
}

// streamedFrom is the page size from which a list may take longer than other requests.
const streamedFrom = 1000

func (api *API) usersShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.User(c.ctx(), c.p, userRef(c.pathID()), parents...)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, encode(c.userWhole(v)))
}

func (api *API) usersShowCurrent(c *call) error {
	v, err := api.dir.CurrentUser(c.ctx(), c.p)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, encode(c.userWhole(v)))
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
	if err != nil {
		return err
	}
	return c.send(http.StatusCreated, encode(c.userWhole(v)))
}

func (api *API) usersUpdate(c *call) error {
	change, err := c.userChange()
	if err != nil {
		return err
	}
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateUser(c.ctx(), c.p, userRef(c.pathID()), change, parents...)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, encode(c.userWhole(v)))
}

func (api *API) usersDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	u, err := api.dir.DeleteUser(c.ctx(), c.p, userRef(c.pathID()), parents...)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, encode(c.userDump(u)))
}
