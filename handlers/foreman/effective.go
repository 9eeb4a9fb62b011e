package foreman

import (
	"roster/directory"
	"roster/models"
)

// effectiveRow is one reason why a user may do something. An administrator's has no permission and no role.
type effectiveRow struct {
	Permission   *string          `json:"permission"`
	ResourceType *string          `json:"resource_type"`
	Admin        bool             `json:"admin"`
	Role         *memberGroup     `json:"role"`
	Filter       *effectiveFilter `json:"filter"`
	// Organization or location in which the role is held. It also applies below. null: everywhere
	Tenant *effectiveTenant `json:"tenant"`
	// Path from a group of the user to the group that has the role or makes administrators
	Usergroups []memberGroup `json:"usergroups"`
	// With user_id: whether this reason covers that user, and if not, why
	Applies *bool   `json:"applies,omitempty"`
	Missing *string `json:"missing,omitempty" enums:"tenants,filter"`
}

type effectiveFilter struct {
	ID            int64             `json:"id"`
	Search        *string           `json:"search"`
	Locations     []effectiveTenant `json:"locations"`
	Organizations []effectiveTenant `json:"organizations"`
}

type effectiveTenant struct {
	ID    int64  `json:"id"`
	Title string `json:"title"`
	Type  string `json:"type" enums:"Location,Organization"`
}

func effectiveTenantOf(t *models.Tenant) effectiveTenant {
	return effectiveTenant{t.ID, t.Title, string(t.Type)}
}

func effectiveRowOf(x directory.EffectivePermission) effectiveRow {
	row := effectiveRow{
		Permission: presence(x.Permission), ResourceType: presence(x.ResourceType), Admin: x.Admin, Applies: x.Applies,
		Missing:    presence(string(x.Missing)),
		Usergroups: mapped(x.Groups, func(g models.Usergroup) memberGroup { return memberGroup{g.ID, g.Name} }),
	}
	if x.Role != nil {
		row.Role = &memberGroup{x.Role.ID, x.Role.Name}
		row.Filter = &effectiveFilter{ID: x.FilterID, Search: presence(x.Search), Locations: []effectiveTenant{},
			Organizations: []effectiveTenant{}}
		for _, t := range x.Limits {
			list := &row.Filter.Organizations
			if t.Type == models.LocationKind {
				list = &row.Filter.Locations
			}
			*list = append(*list, effectiveTenantOf(t))
		}
	}
	if x.Tenant != nil {
		held := effectiveTenantOf(x.Tenant)
		row.Tenant = &held
	}
	return row
}

// presence returns nil for a blank text.
func presence(text string) *string { return models.BlankToNil(&text) }

func (api *API) usersEffective(c *call) error {
	list, err := c.pageQuery()
	if err != nil {
		return err
	}
	q := directory.EffectiveQuery{Page: list.Page, PerPage: list.PerPage}
	if q.Permission, err = c.scalar("permission"); err != nil {
		return err
	}
	on, err := c.scalar("user_id")
	if err != nil {
		return err
	}
	if on != "" {
		q.On = userRef(on)
	}
	l, err := api.dir.EffectivePermissions(c.ctx(), c.p, userRef(c.pathID()), q)
	return sortedList(c, list, "permission", l, err, effectiveRowOf)
}

// Explains what a user may do, where and why.
//
//	@Summary	Explain what a user may do, where and why
//	@Description	Each result is one reason: a filter of a role, and how the user got the role. You may always ask about your own account. Roles held in organizations and locations that you cannot see are left out. Without the permission to view filters, you do not see the conditions of the filters.
//	@Tags	users
//	@Security	Basic
//	@Security	Bearer
//	@Param	id	path	string	true	"Id or login of the user"
//	@Param	permission	query	string	false	"Show only the reasons for this permission, such as edit_users"
//	@Param	user_id	query	string	false	"Id or login of another user. Each reason then shows whether it covers that user"
//	@Param	page	query	integer	false	"Number of the page, starting at 1" extensions(x-rule=number)
//	@Param	per_page	query	string	false	"Number of results on a page. Default: the setting entries_per_page. all returns all results" extensions(x-rule=per_page)
//	@Success	200	{object}	listOf[effectiveRow]
//	@Failure	400	{object}	errorAnswer
//	@Failure	401	{object}	errorAnswer
//	@Failure	403	{object}	refusalAnswer
//	@Failure	404	{object}	errorAnswer
//	@Router	/api/users/{id}/effective_permissions	[get]
//	@x-apipie	{"method": "effective_permissions", "paths": ["/api/users/{id}/effective_permissions"]}
func _() {}
