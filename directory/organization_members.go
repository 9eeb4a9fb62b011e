package directory

import (
	"context"
	"slices"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// OrganizationMember is the membership of a user in an organization, as the members see it.
type OrganizationMember struct {
	models.Membership
	// User has the login and the names.
	User *models.User
	Role models.OrganizationRole
	// Invitation is the key of the invitation that the membership came from; empty without one.
	Invitation string
}

// OrganizationMembers lists memberships: of an organization, to those who belong to it, and else the caller's own, all
// for administrators. Who manages an organization sees those that wait or rest as well.
func (s *Service) OrganizationMembers(ctx context.Context, p *models.Principal, w Within,
	q store.ListQuery) (*store.List[*OrganizationMember], error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	if w.Given && w.Organization == 0 {
		return store.Listed[*OrganizationMember](store.Totals{}, nil), nil
	}
	l := store.Listing[models.Membership, *OrganizationMember]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.OrganizationMembers, Revision: store.RevisionUsers,
		Views: func(rows []models.Membership) ([]*OrganizationMember, error) { return s.memberViews(ctx, rows) },
	}
	all := true
	if w.Given {
		t := s.reading(ctx, p)
		if err := t.mustBelong(w.Organization); err != nil {
			return nil, err
		}
		is, err := t.standing(w.Organization)
		if err != nil {
			return nil, err
		}
		all = is.in(models.OrganizationOwner, models.OrganizationMaintainer)
		l.Query.Parents = append(slices.Clone(q.Parents), organizationParent(w.Organization))
	} else if !p.Admin {
		l.Query.Parents = append(slices.Clone(q.Parents), store.Parent{Class: "User", ID: p.UserID})
	}
	if !all {
		l.Kind = "active"
		l.Within = scopes.Both(scopes.OrganizationMembers.Listed(p), scopes.ActiveMembers)
	}
	return l.Read(ctx)
}

// memberViews puts a page together: the users, the roles and the invitations in a statement each.
func (s *Service) memberViews(ctx context.Context, rows []models.Membership) ([]*OrganizationMember, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	users := make([]int64, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
		users[i] = models.Deref(m.UserID)
	}
	people, err := s.namesOf(ctx, users)
	if err != nil {
		return nil, err
	}
	roles, err := s.rolesOfMemberships(ctx, ids)
	if err != nil {
		return nil, err
	}
	var invitations []models.Invitation
	condition, value := s.InIDs("membership_id", ids)
	if err := s.Read.WithContext(ctx).Where(condition, value).Find(&invitations).Error; err != nil {
		return nil, err
	}
	keys := map[int64]string{}
	for _, i := range invitations {
		keys[i.MembershipID] = i.Key
	}
	views := make([]*OrganizationMember, len(rows))
	for i, m := range rows {
		views[i] = &OrganizationMember{Membership: m, User: people[models.Deref(m.UserID)],
			Role: r.OrganizationRole(roles[m.ID]), Invitation: keys[m.ID]}
	}
	return views, nil
}

// namesOf reads what people are called, by number.
func (s *Service) namesOf(ctx context.Context, users []int64) (map[int64]*models.User, error) {
	var people []models.User
	condition, value := s.InIDs("users.id", models.Distinct(users))
	err := s.Read.WithContext(ctx).Select("users.id", "users.login", "users.firstname", "users.lastname").
		Where(condition, value).Find(&people).Error
	return store.IndexByID(people, func(u *models.User) int64 { return u.ID }), err
}

// rolesOfMemberships reads the roles that memberships carry, by the membership.
func (s *Service) rolesOfMemberships(ctx context.Context, ids []int64) (map[int64][]int64, error) {
	var held []struct{ MembershipID, RoleID int64 }
	condition, value := s.InIDs("membership_id", ids)
	err := s.Read.WithContext(ctx).Table("membership_roles").Where(condition, value).Scan(&held).Error
	roles := map[int64][]int64{}
	for _, h := range held {
		roles[h.MembershipID] = append(roles[h.MembershipID], h.RoleID)
	}
	return roles, err
}

// OrganizationMember shows a membership to the member and, while it is active, to those who belong to the organization;
// who manages that sees any. Others are refused.
func (s *Service) OrganizationMember(ctx context.Context, p *models.Principal, id int64) (*OrganizationMember, error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	t := s.reading(ctx, p)
	m, err := t.memberOfOrganization(id)
	if err != nil {
		return nil, err
	}
	is, err := t.standing(m.TenantID)
	if err != nil {
		return nil, err
	}
	own := models.Deref(m.UserID) == p.UserID
	active := m.State == models.MemberActive
	if !is.in(models.OrganizationOwner, models.OrganizationMaintainer) && !(active && (own || is.member)) {
		return nil, models.DeniedBecause(models.RuleOutsider)
	}
	return s.memberView(ctx, m.Membership)
}

func (s *Service) memberView(ctx context.Context, m models.Membership) (*OrganizationMember, error) {
	views, err := s.memberViews(ctx, []models.Membership{m})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// memberOfOrganization reads the membership of a user in an organization that is inside no other.
func (t *tx) memberOfOrganization(id int64) (*membershipState, error) {
	db := t.Scopes(scopes.OrganizationMembers.Listed(t.Caller))
	row, err := store.Take[models.Membership](db, scopes.OrganizationMembers, store.Ref{ID: id})
	if err != nil {
		return nil, err
	}
	tenant, err := store.First[models.Tenant](t.Where("id = ?", row.TenantID))
	if err != nil || tenant == nil {
		return nil, err
	}
	u, err := store.First[models.User](t.Where("id = ?", row.UserID))
	if err != nil || u == nil {
		return nil, err
	}
	m := &membershipState{Membership: *row, tenant: tenant, member: u.Login}
	m.roles, err = t.LinkedIDs(store.MembershipRoles, row.ID)
	return m, err
}

// organizationRoleOf is the organization role that a membership carries.
func (t *tx) organizationRoleOf(m *membershipState) (models.OrganizationRole, error) {
	r, err := t.Snapshot()
	if err != nil {
		return "", err
	}
	return r.OrganizationRole(m.roles), nil
}

// mayChangeMember refuses callers who may neither give a role to a member nor send one away: owners may do that with
// everybody but the owner, maintainers with supervisors and workers, and nobody with themselves. role is what the
// member is to be; "" for one who leaves.
func (t *tx) mayChangeMember(m *membershipState, role models.OrganizationRole) error {
	is, err := t.standing(m.TenantID)
	if err != nil {
		return err
	}
	if is.group == models.SystemAdmin {
		return nil
	}
	had, err := t.organizationRoleOf(m)
	if err != nil {
		return err
	}
	allowed := is.grouped(models.SystemUser) && models.Deref(m.UserID) != t.Caller.UserID &&
		is.mayGive(had) && (role == "" || is.mayGive(role))
	if !allowed {
		return models.DeniedBecause(models.RuleOrganizationRole)
	}
	return nil
}

// mayGive reports whether members in the caller's place give a role, and take it away.
func (s standing) mayGive(role models.OrganizationRole) bool {
	switch {
	case s.group == models.SystemAdmin:
		return true
	case !s.member || role == models.OrganizationOwner:
		return false
	case s.role == models.OrganizationOwner:
		return true
	}
	return s.role == models.OrganizationMaintainer && !role.Manages()
}

// SetOrganizationRole changes what somebody is in an organization. Other roles of the membership stay.
func (s *Service) SetOrganizationRole(ctx context.Context, p *models.Principal, id int64,
	role models.OrganizationRole) (*OrganizationMember, error) {
	var changed models.Membership
	err := s.change(ctx, p, func(t *tx) error {
		before, err := t.memberOfOrganization(id)
		if err != nil {
			return err
		}
		if err := t.mayChangeMember(before, role); err != nil {
			return err
		}
		roles, err := t.withOrganizationRole(before.roles, role)
		if err != nil {
			return err
		}
		after := *before
		change := MembershipChange{Roles: models.Some(ByIDs(roles...))}
		if err := t.saveMembership(before, &after, change); err != nil {
			return forbidden(err)
		}
		changed = after.Membership
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.memberView(ctx, changed)
}

// forbidden turns rules of authority that a change of a membership breaks into a refusal of the caller.
func forbidden(err error) error {
	broken, ok := asError(err)
	if !ok || broken.Kind != models.Invalid || len(broken.Fields) == 0 {
		return err
	}
	return models.Fail(models.Forbidden, broken.Fields[0].Rule, broken.Fields[0].Args...).Because(err)
}

// withOrganizationRole replaces the organization roles in a list of roles by one.
func (t *tx) withOrganizationRole(roles []int64, role models.OrganizationRole) ([]int64, error) {
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	rest := slices.DeleteFunc(slices.Clone(roles), func(id int64) bool {
		known := r.Roles[id]
		return known != nil && known.OrganizationRole().Known()
	})
	one, err := t.organizationRole(role)
	return append(rest, one...), err
}

// EndOrganizationMembership sends a member away. Members leave by it as well, but for owners.
func (s *Service) EndOrganizationMembership(ctx context.Context, p *models.Principal, id int64) error {
	return s.change(ctx, p, func(t *tx) error {
		gone, err := t.memberOfOrganization(id)
		if err != nil {
			return err
		}
		if models.Deref(gone.UserID) == t.Caller.UserID && !t.Caller.Admin {
			return t.leaveOrganization(gone)
		}
		if err := t.mayChangeMember(gone, ""); err != nil {
			return err
		}
		return forbidden(t.endMembership(gone))
	})
}

// leaveOrganization ends the caller's own membership. The owner stays, and so does whose membership has an end.
func (t *tx) leaveOrganization(m *membershipState) error {
	is, err := t.standing(m.TenantID)
	if err != nil {
		return err
	}
	role, err := t.organizationRoleOf(m)
	if err != nil {
		return err
	}
	if m.State != models.MemberActive || role == models.OrganizationOwner ||
		!is.grouped(models.SystemUser, models.SystemWorker) {
		return models.DeniedBecause(models.RuleOrganizationRole)
	}
	var errs models.FieldErrors
	if err := t.checkOwnEnds(&errs, models.Base, m.TenantID); err != nil {
		return err
	}
	if len(errs) > 0 {
		return models.DeniedBecause(models.RuleEndsSelf)
	}
	return t.removeMembership(m)
}
