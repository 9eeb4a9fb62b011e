package foreman

import (
	"roster/directory"
	"roster/models"
)

// usergroupRow is a group in a list (docs/spec/foreman.md, 5.3).
type usergroupRow struct {
	Admin     bool   `json:"admin"`
	CreatedAt stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp  `json:"updated_at" swaggertype:"string"`
	Name      string `json:"name"`
	ID        int64  `json:"id"`
}

// usergroupWhole is a group shown alone.
type usergroupWhole struct {
	usergroupRow
	ExternalUsergroups []idName   `json:"external_usergroups"`
	Usergroups         []groupRef `json:"usergroups"`
	Users              []userRefW `json:"users"`
	Roles              []roleRef  `json:"roles"`
}

type idName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type groupRef struct {
	Name      string `json:"name"`
	ID        int64  `json:"id"`
	CreatedAt stamp  `json:"created_at" swaggertype:"string"`
	UpdatedAt stamp  `json:"updated_at" swaggertype:"string"`
}

type userRefW struct {
	ID          int64   `json:"id"`
	Login       string  `json:"login"`
	Description *string `json:"description"`
}

// usergroupDump is what a deletion answers (docs/spec/foreman.md, 5.2).
type usergroupDump struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	CreatedAt isoStamp `json:"created_at" swaggertype:"string"`
	UpdatedAt isoStamp `json:"updated_at" swaggertype:"string"`
	Admin     bool     `json:"admin"`
}

func (c *call) usergroupRow(g models.Usergroup) usergroupRow {
	return usergroupRow{Admin: g.Admin, CreatedAt: c.stamp(g.CreatedAt), UpdatedAt: c.stamp(g.UpdatedAt), Name: g.Name,
		ID: g.ID}
}

func (c *call) usergroupWhole(v *directory.UsergroupView) usergroupWhole {
	return usergroupWhole{
		usergroupRow:       c.usergroupRow(v.Usergroup),
		ExternalUsergroups: mapped(v.Externals, externalRef),
		Usergroups:         mapped(v.Members, c.groupRef),
		Users:              mapped(v.Users, userRefOf),
		Roles:              mapped(v.Roles, func(r models.Role) roleRef { return roleOf(&r) }),
	}
}

func externalRef(g models.ExternalUsergroup) idName { return idName{g.ID, g.Name} }

func (c *call) groupRef(g models.Usergroup) groupRef {
	return groupRef{Name: g.Name, ID: g.ID, CreatedAt: c.stamp(g.CreatedAt), UpdatedAt: c.stamp(g.UpdatedAt)}
}

func userRefOf(u models.User) userRefW { return userRefW{u.ID, u.Login, u.Description} }

func (c *call) usergroupDump(g *models.Usergroup) usergroupDump {
	return usergroupDump{ID: g.ID, Name: g.Name, CreatedAt: c.iso(g.CreatedAt), UpdatedAt: c.iso(g.UpdatedAt),
		Admin: g.Admin}
}

// usergroupChange reads the attributes of a body. Unwrapped, only the table's own columns count.
func (c *call) usergroupChange() (directory.UsergroupChange, error) {
	var g directory.UsergroupChange
	a, err := c.root("usergroup", []string{"name", "admin"})
	if err != nil {
		return g, err
	}
	a.word("name", &g.Name)
	a.firmFlag("admin", &g.Admin)
	if g.Users, err = a.association("user", "users", "login"); err != nil {
		return g, err
	}
	if g.Members, err = a.association("usergroup", "usergroups", "name"); err != nil {
		return g, err
	}
	g.Roles, err = a.association("role", "roles", "name")
	return g, err
}

func (api *API) usergroupsIndex(c *call) error {
	q, err := c.listQuery("user_id", "usergroup_id")
	if err != nil {
		return err
	}
	l, err := api.dir.Usergroups(c.ctx(), c.p, q)
	return list(c, q, l, err, c.usergroupRow)
}

// untenanted drops tenants from the parents of what belongs to no tenant (docs/spec/foreman.md, 10.2).
func untenanted(parents []directory.Parent) []directory.Parent {
	var kept []directory.Parent
	for _, p := range parents {
		if p.Class != "Location" && p.Class != "Organization" {
			kept = append(kept, p)
		}
	}
	return kept
}

func (api *API) usergroupsShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.Usergroup(c.ctx(), c.p, namedRef(c.pathID()), parents...)
	return ok(c, v, err, c.usergroupWhole)
}

func (api *API) usergroupsCreate(c *call) error {
	if _, err := c.parents(); err != nil {
		return err
	}
	change, err := c.usergroupChange()
	if err != nil {
		return err
	}
	v, err := api.dir.CreateUsergroup(c.ctx(), c.p, change)
	return created(c, v, err, c.usergroupWhole)
}

func (api *API) usergroupsUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.usergroupChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateUsergroup(c.ctx(), c.p, namedRef(c.pathID()), change, parents...)
	return ok(c, v, err, c.usergroupWhole)
}

func (api *API) usergroupsDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	g, err := api.dir.DeleteUsergroup(c.ctx(), c.p, namedRef(c.pathID()), parents...)
	return ok(c, g, err, c.usergroupDump)
}
