package redmine

import (
	"net/http"

	"roster/directory"
	"roster/models"
	"roster/scopes/search"
)

// heldRoles are the roles of a membership: its own, and those that come from elsewhere.
func heldRoles(m *directory.MembershipView) array {
	list := array{item: "role"}
	for _, r := range m.Roles {
		list.values = append(list.values, reference(r.ID, r.Name))
	}
	for _, r := range m.Inherited {
		list.values = append(list.values, append(reference(r.ID, r.Name), attribute("inherited", true)))
	}
	return list
}

// ownMemberships are those of one user or group. Those without any role are assignments alone, which the original does
// not know, like those that are suspended or not accepted yet.
func ownMemberships(list []*directory.MembershipView) array {
	shown := array{item: "membership"}
	for _, m := range list {
		if len(m.Roles)+len(m.Inherited) == 0 || m.State != models.MemberActive {
			continue
		}
		shown.values = append(shown.values, object{field("id", m.ID),
			field("project", reference(m.TenantID, m.Tenant.Name)), field("roles", heldRoles(m))})
	}
	return shown
}

// membershipObject is a membership with its member.
func (c *call) membershipObject(m *directory.MembershipView) object {
	o := object{field("id", m.ID), field("project", reference(m.TenantID, m.Tenant.Name))}
	switch {
	case m.User != nil:
		o = append(o, field("user", reference(m.User.ID, c.displayName(m.User))))
	case m.Usergroup != nil:
		o = append(o, field("group", reference(m.Usergroup.ID, m.Usergroup.Name)))
	}
	return append(o, field("roles", heldRoles(m)))
}

// membershipsIndex lists who holds a role in a project, by number (docs/spec/redmine.md, 12).
func (api *API) membershipsIndex(c *call) error {
	project, err := c.project()
	if err != nil {
		return err
	}
	p, err := c.page()
	if err != nil {
		return err
	}
	q := p.query()
	q.Parents = []directory.Parent{{Class: string(models.OrganizationKind), ID: project.ID}}
	q.Sort = []search.SortKey{{Field: "id"}}
	q.Node = search.And(&search.Compare{Op: search.OpEq, Field: "with_roles", Values: []string{"true"}},
		&search.Compare{Op: search.OpEq, Field: "state", Values: []string{string(models.MemberActive)}})
	l, err := api.dir.Memberships(c.ctx(), c.p, q)
	if err != nil {
		return err
	}
	list := array{item: "membership"}
	for m, err := range l.Rows() {
		if err != nil {
			return err
		}
		list.values = append(list.values, c.membershipObject(m))
	}
	return c.send(http.StatusOK, document{root: "memberships", value: list, meta: c.meta(l.Subtotal, p)})
}

func (api *API) membershipsShow(c *call) error {
	m, err := api.dir.Membership(c.ctx(), c.p, c.ref("id").ID)
	if err != nil {
		return err
	}
	return c.sendMembership(http.StatusOK, m)
}

func (c *call) sendMembership(status int, m *directory.MembershipView) error {
	if m.Tenant == nil || m.Tenant.Type != models.OrganizationKind || m.State != models.MemberActive {
		return models.NotFoundError("membership", "")
	}
	return c.send(status, document{root: "membership", value: c.membershipObject(m)})
}

// membershipsCreate makes users and groups members of a project; the first one is shown.
func (api *API) membershipsCreate(c *call) error {
	project, err := c.project()
	if err != nil {
		return err
	}
	a, err := c.object("membership")
	if err != nil {
		return err
	}
	change, err := rolesOf(a)
	if err != nil {
		return err
	}
	var members []int64
	for _, name := range []string{"user_id", "user_ids", "group_id", "group_ids"} {
		if err := a.numbers(name, func(ids []int64) { members = append(members, ids...) }); err != nil {
			return err
		}
	}
	parent := directory.Parent{Class: string(models.OrganizationKind), ID: project.ID}
	made, err := api.dir.AddMemberships(c.ctx(), c.p, parent, members, change)
	if err != nil {
		return err
	}
	return c.created("/memberships/", made[0].ID,
		document{root: "membership", value: c.membershipObject(made[0])})
}

// rolesOf reads the roles of a membership.
func rolesOf(a attributes) (directory.MembershipChange, error) {
	var change directory.MembershipChange
	for _, name := range []string{"role_ids", "role_id"} {
		err := a.numbers(name, func(ids []int64) { change.Roles = models.Some(directory.ByIDs(ids...)) })
		if err != nil {
			return change, err
		}
	}
	return change, nil
}

// memberOf names the member of a membership, as the directory takes it.
func memberOf(m *directory.MembershipView) directory.Member {
	if m.UserID != nil {
		return directory.Member{User: directory.Ref{ID: *m.UserID}}
	}
	return directory.Member{Usergroup: directory.Ref{ID: *m.UsergroupID}}
}

// found is the membership that the path names, with the tenant that it is in.
func (c *call) found() (*directory.MembershipView, directory.Parent, error) {
	m, err := c.api.dir.Membership(c.ctx(), c.p, c.ref("id").ID)
	if err != nil {
		return nil, directory.Parent{}, err
	}
	if m.Tenant == nil || m.Tenant.Type != models.OrganizationKind || m.State != models.MemberActive {
		return nil, directory.Parent{}, models.NotFoundError("membership", "")
	}
	return m, directory.Parent{Class: string(m.Tenant.Type), ID: m.TenantID}, nil
}

func (api *API) membershipsUpdate(c *call) error {
	m, parent, err := c.found()
	if err != nil {
		return err
	}
	a, err := c.object("membership")
	if err != nil {
		return err
	}
	change, err := rolesOf(a)
	if err != nil {
		return err
	}
	change.RolesRequired = true
	changed, err := api.dir.SetMembership(c.ctx(), c.p, parent, memberOf(m), change)
	if err != nil {
		return err
	}
	if c.wantsChanged() {
		return c.sendMembership(http.StatusOK, changed)
	}
	return c.done()
}

// membershipsDestroy ends a membership, unless a role in it comes from elsewhere: that would stay.
func (api *API) membershipsDestroy(c *call) error {
	m, parent, err := c.found()
	if err != nil {
		return err
	}
	if len(m.Inherited) > 0 {
		return c.empty(http.StatusUnprocessableEntity)
	}
	if _, err := api.dir.DeleteMembership(c.ctx(), c.p, parent, memberOf(m)); err != nil {
		return err
	}
	return c.done()
}
