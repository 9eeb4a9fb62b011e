package redmine

import (
	"net/http"

	"roster/models"
)

// rolesIndex lists the roles but for the one that everybody has, in their order (docs/spec/redmine.md, 12).
func (api *API) rolesIndex(c *call) error {
	roles, err := api.dir.RoleProfiles(c.ctx(), c.p)
	if err != nil {
		return err
	}
	list := array{item: "role"}
	for _, r := range roles {
		list.values = append(list.values, object{field("id", r.ID), field("name", r.Name)})
	}
	return c.send(http.StatusOK, document{root: "roles", value: list})
}

// rolesShow shows a role with the names of its permissions, which are this server's own.
func (api *API) rolesShow(c *call) error {
	roles, err := api.dir.RoleProfiles(c.ctx(), c.p)
	if err != nil {
		return hide(err)
	}
	id := c.ref("id").ID
	for _, r := range roles {
		if r.ID != id {
			continue
		}
		permissions := array{item: "permission"}
		for _, name := range r.Permissions {
			permissions.values = append(permissions.values, name)
		}
		return c.send(http.StatusOK, document{root: "role", value: object{
			field("id", r.ID), field("name", r.Name), field("assignable", true), field("issues_visibility", "default"),
			field("time_entries_visibility", "all"), field("users_visibility", "all"),
			field("permissions", permissions),
		}})
	}
	return models.NotFoundError("role", "")
}
