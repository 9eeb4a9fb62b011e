package foreman

import (
	"roster/directory"
	"roster/models"
)

// externalRow is an external group everywhere (docs/spec/foreman.md, 5.4). The key of the source follows its class.
type externalRow struct {
	ID                 int64      `json:"id"`
	Name               string     `json:"name"`
	AuthSourceLdap     *sourceRef `json:"auth_source_ldap,omitempty"`
	AuthSourceExternal *sourceRef `json:"auth_source_external,omitempty"`
	AuthSourceInternal *sourceRef `json:"auth_source_internal,omitempty"`
}

// externalDump is what deletion and refresh answer.
type externalDump struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	AuthSourceID int64  `json:"auth_source_id"`
	UsergroupID  int64  `json:"usergroup_id"`
}

func externalRowOf(v *directory.ExternalUsergroupView) externalRow {
	row := externalRow{ID: v.ID, Name: v.Name}
	if ref := sourceOf(v.Source); ref != nil {
		switch v.Source.Type {
		case models.LdapSource:
			row.AuthSourceLdap = ref
		case models.ExternalSource:
			row.AuthSourceExternal = ref
		default:
			row.AuthSourceInternal = ref
		}
	}
	return row
}

func externalDumpOf(g *models.ExternalUsergroup) externalDump {
	return externalDump{ID: g.ID, Name: g.Name, AuthSourceID: g.AuthSourceID, UsergroupID: g.UsergroupID}
}

func (c *call) externalChange() (directory.ExternalUsergroupChange, error) {
	var g directory.ExternalUsergroupChange
	a, err := c.root("external_usergroup", []string{"name", "auth_source_id", "auth_source_name"})
	if err != nil {
		return g, err
	}
	a.word("name", &g.Name)
	a.firmNum("auth_source_id", &g.AuthSourceID)
	a.word("auth_source_name", &g.AuthSourceName)
	return g, nil
}

func (api *API) externalsIndex(c *call) error {
	q, err := c.listQuery()
	if err != nil {
		return err
	}
	l, err := api.dir.ExternalUsergroups(c.ctx(), c.p, q)
	return list(c, q, l, err, externalRowOf)
}

// externalRefOf reads the id of a path: a leading number or the exact name.
func (c *call) externalRef() directory.Ref { return userRef(c.pathID()) }

func (api *API) externalsShow(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	v, err := api.dir.ExternalUsergroup(c.ctx(), c.p, c.externalRef(), parents...)
	return ok(c, v, err, externalRowOf)
}

// externalsCreate is routed under user groups and under auth sources; the other half of the link is in the body.
func (api *API) externalsCreate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.externalChange()
	if err != nil {
		return err
	}
	var group int64
	for _, p := range parents {
		if p.Class == "Usergroup" {
			group = p.ID
		} else {
			change.AuthSourceID = models.Some(p.ID)
		}
	}
	if group == 0 {
		a, err := c.root("external_usergroup", nil)
		if err != nil {
			return err
		}
		var id models.Opt[int64]
		a.firmNum("usergroup_id", &id)
		group = id.Value
	}
	v, err := api.dir.CreateExternalUsergroup(c.ctx(), c.p, group, change)
	return created(c, v, err, externalRowOf)
}

func (api *API) externalsUpdate(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	change, err := c.externalChange()
	if err != nil {
		return err
	}
	v, err := api.dir.UpdateExternalUsergroup(c.ctx(), c.p, c.externalRef(), change, parents...)
	return ok(c, v, err, externalRowOf)
}

func (api *API) externalsRefresh(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	g, err := api.dir.RefreshExternalUsergroup(c.ctx(), c.p, c.externalRef(), parents...)
	return ok(c, g, err, externalDumpOf)
}

func (api *API) externalsDestroy(c *call) error {
	parents, err := c.parents()
	if err != nil {
		return err
	}
	g, err := api.dir.DeleteExternalUsergroup(c.ctx(), c.p, c.externalRef(), parents...)
	return ok(c, g, err, externalDumpOf)
}
