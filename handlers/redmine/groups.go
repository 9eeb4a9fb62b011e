package redmine

import (
	"net/http"

	"roster/directory"
	"roster/models"
)

// groupsIndex lists all groups by name, on one page (docs/spec/redmine.md, 11).
func (api *API) groupsIndex(c *call) error {
	l, err := api.dir.Usergroups(c.ctx(), c.p, directory.ListQuery{Page: 1})
	if err != nil {
		return err
	}
	list := array{item: "group"}
	for g, err := range l.Rows() {
		if err != nil {
			return err
		}
		list.values = append(list.values, groupObject(g))
	}
	return c.send(http.StatusOK, document{root: "groups", value: list})
}

// groupObject is a group in a list.
func groupObject(g *directory.UsergroupView) object {
	return append(object{field("id", g.ID), field("name", g.Name)}, customs(g.CustomFields, g.Custom)...)
}

func (api *API) groupsShow(c *call) error {
	g, err := api.dir.UsergroupProfile(c.ctx(), c.p, c.ref("id"))
	if err != nil {
		return hide(err)
	}
	return c.sendGroup(http.StatusOK, g)
}

// groupWhole is a group shown alone, with what the client asked to be included.
func (c *call) groupWhole(g *directory.UsergroupView) (object, error) {
	o := groupObject(g)
	include := c.included()
	if include["users"] {
		users := array{item: "user"}
		for i := range g.Users {
			users.values = append(users.values, reference(g.Users[i].ID, c.displayName(&g.Users[i])))
		}
		o = append(o, field("users", users))
	}
	if include["memberships"] {
		list, err := c.api.dir.MembershipsOf(c.ctx(), c.p, 0, g.ID)
		if err != nil {
			return nil, err
		}
		o = append(o, field("memberships", ownMemberships(list)))
	}
	return o, nil
}

func (c *call) sendGroup(status int, g *directory.UsergroupView) error {
	o, err := c.groupWhole(g)
	if err != nil {
		return err
	}
	return c.send(status, document{root: "group", value: o})
}

func (api *API) groupsCreate(c *call) error {
	change, err := c.groupChange(true)
	if err != nil {
		return err
	}
	g, err := api.dir.CreateUsergroup(c.ctx(), c.p, change)
	if err != nil {
		return err
	}
	return c.created("/groups/", g.ID, document{root: "group", value: groupObject(g)})
}

func (api *API) groupsUpdate(c *call) error {
	change, err := c.groupChange(false)
	if err != nil {
		return err
	}
	g, err := api.dir.UpdateUsergroup(c.ctx(), c.p, c.ref("id"), change)
	if err != nil {
		return err
	}
	if c.wantsChanged() {
		return c.sendGroup(http.StatusOK, g)
	}
	return c.done()
}

// groupChange reads what a group is to be. A new one without any attributes lacks a name.
func (c *call) groupChange(made bool) (directory.UsergroupChange, error) {
	var change directory.UsergroupChange
	a, err := c.object("group")
	if err != nil && !made {
		return change, err
	}
	reads := []error{
		a.text("name", func(s *string) { change.Name = models.Some(models.Deref(s)) }),
		a.numbers("user_ids", func(ids []int64) { change.Users = models.Some(directory.ByIDs(ids...)) }),
	}
	for _, err := range reads {
		if err != nil {
			return change, err
		}
	}
	change.NameFolded = true
	change.Custom, err = a.customs()
	return change, err
}

func (api *API) groupsDestroy(c *call) error {
	if _, err := api.dir.DeleteUsergroup(c.ctx(), c.p, c.ref("id")); err != nil {
		return err
	}
	return c.done()
}

// userIDs are the users whom a body or a query names, one or several.
func (c *call) userIDs() []int64 {
	if list := ids(c.list("user_id")); len(list) > 0 {
		return list
	}
	return ids(c.list("user_ids"))
}

// groupUsersAdd adds those users who are not in the group yet. Where that is none, the change is refused.
func (api *API) groupUsersAdd(c *call) error {
	added, err := api.dir.AddGroupUsers(c.ctx(), c.p, c.ref("id"), c.userIDs())
	if err != nil {
		return err
	}
	if added == 0 {
		return refusal{http.StatusUnprocessableEntity, []string{"User is invalid"}}
	}
	return c.done()
}

// groupUsersRemove takes one user out of a group. One who is not in it stays out; one who does not exist is told.
func (api *API) groupUsersRemove(c *call) error {
	user := c.ref("user_id")
	removed, err := api.dir.RemoveGroupUsers(c.ctx(), c.p, c.ref("id"), []int64{user.ID})
	if err != nil {
		return err
	}
	if removed == 0 {
		if _, err := api.dir.User(c.ctx(), c.p, user); models.KindOf(err) == models.NotFound {
			return c.missingRelation()
		} else if err != nil {
			return err
		}
	}
	return c.done()
}

// groupUsersRemoveAll takes several users out of a group. Where none of them is in it, that is told.
func (api *API) groupUsersRemoveAll(c *call) error {
	removed, err := api.dir.RemoveGroupUsers(c.ctx(), c.p, c.ref("id"), c.userIDs())
	if err != nil {
		return err
	}
	if removed == 0 {
		return c.empty(http.StatusNotFound)
	}
	return c.done()
}
