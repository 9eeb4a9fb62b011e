package takeover

import (
	"fmt"
	"slices"

	"roster/directory/store"
	"roster/models"
)

// memberships brings in who belongs to which project, with the roles that are not inherited: what groups and projects
// above bring follows from them here, too.
func (r *redmine) memberships() error {
	roles := map[int64][]int64{}
	inherited := map[int64]bool{}
	if err := r.each(r.ctx, "SELECT member_id, role_id, inherited_from FROM member_roles ORDER BY id",
		func(x row) error {
			member := x.number("member_id")
			if x.reference("inherited_from") != nil {
				inherited[member] = true
				return nil
			}
			if role := r.known(nounRole, x.number("role_id")); role != 0 && !slices.Contains(roles[member], role) {
				roles[member] = append(roles[member], role)
			}
			return nil
		}); err != nil {
		return err
	}
	var rows []models.Membership
	var held [][2]int64
	bare := 0
	err := r.each(r.ctx, "SELECT * FROM members WHERE "+inRange+" ORDER BY id", func(x row) error {
		r.report.Read[nounMembership]++
		id := x.number("id")
		if r.known(nounMembership, id) != 0 {
			r.report.Known[nounMembership]++
			return nil
		}
		row, who, err := r.membership(x)
		if row == nil || err != nil {
			return err
		}
		key := [2]int64{models.Deref(row.UserID) - models.Deref(row.UsergroupID), row.TenantID}
		if first := r.members[key]; first != 0 {
			r.report.note(nounMembership, id, who, fmt.Sprintf("is one more of the same member: it goes into %d",
				first))
			r.tie(nounMembership, id, first)
			row.ID = first
		} else {
			row.ID = r.place(nounMembership, id, who)
			r.members[key] = row.ID
			rows = append(rows, *row)
		}
		for _, role := range roles[id] {
			held = append(held, [2]int64{row.ID, role})
		}
		if len(roles[id]) == 0 && inherited[id] {
			bare++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if bare > 0 {
		r.report.note(nounMembership, 0, "", fmt.Sprintf("%d users are members by way of a group alone: they keep a "+
			"membership without roles of their own", bare))
	}
	if err := r.insertMembers(rows); err != nil {
		return err
	}
	return r.link("membership_roles", "membership_id", "role_id", held)
}

// membership is the row of a membership here, nil for one that cannot be.
func (r *redmine) membership(x row) (*models.Membership, string, error) {
	tenant := r.known(nounTenant, x.number("project_id"))
	principal := x.number("user_id")
	m := &models.Membership{TenantID: tenant, State: models.MemberActive, Source: models.MemberManual, JoinedAt: r.Time}
	if at := x.time("created_on"); at != nil {
		m.JoinedAt = *at
	}
	if r.inactive[x.number("project_id")] {
		m.State = models.MemberSuspended
	}
	who := fmt.Sprintf("of %d in %d", principal, x.number("project_id"))
	column := "user_id"
	user := r.known(nounUser, principal)
	group := r.known(nounGroup, principal)
	switch {
	case tenant == 0 || user == 0 && group == 0:
		r.report.note(nounMembership, x.number("id"), who, "is left out: the project or the member is missing")
		return nil, who, nil
	case user != 0:
		m.UserID = &user
		r.BumpTenants([]int64{tenant})
		r.BumpPeople(user)
	default:
		column = "usergroup_id"
		m.UsergroupID = &group
	}
	if r.isNew(nounTenant, tenant) {
		return m, who, nil
	}
	there, err := store.First[models.Membership](r.Where(column+" = ? AND taxonomy_id = ?", user+group, tenant))
	if there != nil {
		r.tie(nounMembership, x.number("id"), there.ID)
		return nil, who, err
	}
	return m, who, err
}
