package directory

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"roster/directory/mail"
	"roster/directory/secret"
	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// InvitationView is an invitation with who sent it, whom it is for and what it offers.
type InvitationView struct {
	models.Invitation
	// Owner is who invited, nil once that account is gone; User is who was invited. Both have the login and the names.
	Owner, User *models.User
	// Organization is what the invitation is to.
	Organization *models.Tenant
	Role         models.OrganizationRole
	Membership   models.Membership
	// Expired reports whether the invitation is too old; nil where no mail was sent.
	Expired  *bool
	Accepted bool
}

const (
	// invitationBytes of randomness are in a key, which makes 64 hexadecimal digits.
	invitationBytes = 32
	// maxInvitations is how many people somebody may invite in a day who is no administrator.
	maxInvitations = 200
)

// Invitations lists invitations: of an organization those that the caller sent or received there, or all for whoever
// manages it, and else the caller's own, all for administrators.
func (s *Service) Invitations(ctx context.Context, p *models.Principal, w Within,
	q store.ListQuery) (*store.List[*InvitationView], error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	if w.Given && w.Organization == 0 {
		return store.Listed[*InvitationView](store.Totals{}, nil), nil
	}
	l := store.Listing[models.Invitation, *InvitationView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Invitations, Revision: store.RevisionUsers,
		Views: func(rows []models.Invitation) ([]*InvitationView, error) { return s.invitationViews(ctx, rows) },
	}
	all := p.Admin
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
	}
	if !all {
		l.Kind = "own"
		l.Within = scopes.InvitationsOf(p)
	}
	return l.Read(ctx)
}

// invitationViews puts a page together: the memberships, what these carry, and the people.
func (s *Service) invitationViews(ctx context.Context, rows []models.Invitation) ([]*InvitationView, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].MembershipID
	}
	var memberships []models.Membership
	condition, value := s.InIDs("id", ids)
	if err := s.Read.WithContext(ctx).Where(condition, value).Find(&memberships).Error; err != nil {
		return nil, err
	}
	byID := store.IndexByID(memberships, func(m *models.Membership) int64 { return m.ID })
	var users []int64
	for i := range rows {
		users = append(users, models.Deref(rows[i].OwnerID))
	}
	for _, m := range memberships {
		users = append(users, models.Deref(m.UserID))
	}
	people, err := s.namesOf(ctx, users)
	if err != nil {
		return nil, err
	}
	roles, err := s.rolesOfMemberships(ctx, ids)
	if err != nil {
		return nil, err
	}
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	var views []*InvitationView
	for _, row := range rows {
		m := byID[row.MembershipID]
		if m == nil || r.Tenants[m.TenantID] == nil {
			continue // somebody ended the membership meanwhile, and the invitation with it
		}
		views = append(views, &InvitationView{
			Invitation: row, Owner: people[models.Deref(row.OwnerID)], User: people[models.Deref(m.UserID)],
			Organization: r.Tenants[m.TenantID], Role: r.OrganizationRole(roles[m.ID]), Membership: *m,
			Expired: row.Expired(s.Now()), Accepted: m.State == models.MemberActive,
		})
	}
	return views, nil
}

// Invitation shows an invitation to who sent it, to whom it is for, and to who manages the organization. Others are
// refused.
func (s *Service) Invitation(ctx context.Context, p *models.Principal, key string) (*InvitationView, error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	t := s.reading(ctx, p)
	i, m, err := t.invitation(key)
	if err != nil {
		return nil, err
	}
	if models.Deref(m.UserID) != p.UserID {
		if err := t.mayManageInvitation(i, m); err != nil {
			return nil, err
		}
	}
	return s.invitationView(ctx, *i)
}

func (s *Service) invitationView(ctx context.Context, i models.Invitation) (*InvitationView, error) {
	views, err := s.invitationViews(ctx, []models.Invitation{i})
	if err == nil && len(views) == 0 {
		err = models.NotFoundError(store.Subject(scopes.Invitations.Class), i.Key)
	}
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// invitation reads an invitation with the membership that it is about.
func (t *tx) invitation(key string) (*models.Invitation, *membershipState, error) {
	i, err := store.Take[models.Invitation](t.DB, scopes.Invitations, store.Ref{Name: key})
	if err != nil {
		return nil, nil, err
	}
	m, err := t.memberOfOrganization(i.MembershipID)
	if models.KindOf(err) == models.NotFound {
		err = models.NotFoundError(store.Subject(scopes.Invitations.Class), key)
	}
	return i, m, err
}

// mayManageInvitation refuses callers who neither sent an invitation nor manage the organization. Who has left it since
// has nothing to do with it any more.
func (t *tx) mayManageInvitation(i *models.Invitation, m *membershipState) error {
	is, err := t.standing(m.TenantID)
	if err != nil {
		return err
	}
	sender := is.member && i.OwnerID != nil && *i.OwnerID == t.Caller.UserID
	if !sender && !is.in(models.OrganizationOwner, models.OrganizationMaintainer) {
		return models.DeniedBecause(models.RuleOrganizationRole)
	}
	return nil
}

// Invite asks somebody into an organization, who is known by a mail address. People who have an account become members
// at once, unless the setting cvat_confirm_invitations says otherwise, or they can do more than who invites; others get
// an account that lets nobody in, and a membership that waits (docs/spec/cvat.md, 7).
func (s *Service) Invite(ctx context.Context, p *models.Principal, organization int64, address string,
	role models.OrganizationRole) (*InvitationView, error) {
	if err := s.MayInvite(ctx, p, organization, role); err != nil {
		return nil, err
	}
	if err := s.ShippedGroups(ctx); err != nil {
		return nil, err
	}
	var made models.Invitation
	err := s.change(ctx, p, func(t *tx) error {
		tenant, err := t.rootOrganization(t.Locking(), organization)
		if err != nil {
			return err
		}
		if err := t.mayInvite(organization, role); err != nil {
			return err
		}
		u, known, err := t.invitee(address)
		if err != nil {
			return err
		}
		m, err := t.invitedMembership(tenant, u, role, known)
		if err != nil {
			return err
		}
		i, err := t.writeInvitation(m, u)
		made = *i
		return err
	})
	if err != nil {
		return nil, loginTaken(err)
	}
	return s.invitationView(ctx, made)
}

// MayInvite refuses callers who may not invite people with a role, whoever these are.
func (s *Service) MayInvite(ctx context.Context, p *models.Principal, organization int64,
	role models.OrganizationRole) error {
	if p == nil || p.UserID == 0 {
		return store.ErrNobody
	}
	return s.reading(ctx, p).mayInvite(organization, role)
}

// mayInvite refuses callers who may not invite people with a role, and those who have invited many today.
func (t *tx) mayInvite(organization int64, role models.OrganizationRole) error {
	is, err := t.standing(organization)
	if err != nil {
		return err
	}
	if !is.grouped(models.SystemUser) || !is.mayGive(role) {
		return models.DeniedBecause(models.RuleOrganizationRole)
	}
	if is.group == models.SystemAdmin {
		return nil
	}
	const day = 24 * time.Hour
	var sent int64
	// The audits know of invitations that were withdrawn, too.
	err = t.Model(&models.Audit{}).Where("user_id = ? AND auditable_type = ? AND action = ? AND created_at > ?",
		t.Caller.UserID, scopes.Memberships.Class, models.ActionCreate, t.s.Now().Add(-day)).Count(&sent).Error
	if err == nil && sent >= maxInvitations {
		err = models.Fail(models.Unavailable, models.RuleTooOften, int(day/time.Second))
	}
	return err
}

// invitee finds who has a mail address, or makes an account for it that lets nobody in. known says that it was there.
func (t *tx) invitee(address string) (u *models.User, known bool, err error) {
	address = strings.TrimSpace(address)
	if !models.ValidMail(address) {
		return nil, false, models.Refuse("email", models.RuleInvalid)
	}
	people, err := t.withAddress(address)
	switch {
	case err != nil:
		return nil, false, err
	case len(people) > 1:
		return nil, false, models.Refuse("email", models.RuleTaken)
	case len(people) == 1:
		return &people[0], people[0].PasswordHash != nil || !people[0].Registered, nil
	}
	u, err = t.placeholder(address)
	return u, false, err
}

// withAddress returns up to two people who have a mail address, whatever the case of its letters.
func (t *tx) withAddress(address string) ([]models.User, error) {
	var people []models.User
	err := t.Scopes(scopes.NotHidden).Where("users.id IN (SELECT id FROM users WHERE fold(mail) = fold(?) UNION ALL "+
		"SELECT user_id FROM user_mails WHERE lower_address = ?)", address, models.LowerLogin(address)).
		Order("users.id").Limit(2).Find(&people).Error
	return people, err
}

// placeholder makes an account for somebody who has none: it waits until that person registers with the address.
func (t *tx) placeholder(address string) (*models.User, error) {
	groups, err := t.defaultGroups()
	if err != nil {
		return nil, err
	}
	var made *userState
	err = t.elevated(func() error {
		made, err = t.createUser(UserChange{
			Login: models.Some(address), Mail: models.Some(&address), NoOrganization: true,
			Status: models.Some(models.UserRegistered), Limits: models.UserLimits{PasswordOptional: true},
		})
		if err != nil {
			return err
		}
		return t.setGroups(made.ID, models.Some(groups))
	})
	if err != nil {
		return nil, err
	}
	return &made.User, nil
}

// defaultGroups is the user group in which accounts begin that people make for themselves.
func (t *tx) defaultGroups() (Refs, error) {
	r, err := t.Snapshot()
	if err != nil {
		return Refs{}, err
	}
	name := r.Setting("cvat_default_group")
	if name == "" {
		name = string(models.SystemUser)
	}
	for _, g := range r.Groups {
		if g.Name == name {
			return ByIDs(g.ID), nil
		}
	}
	return Refs{}, nil
}

// elevated runs a step of a change that the caller's rights do not cover, and that other rules have allowed. Audits
// name the caller all the same.
func (t *tx) elevated(step func() error) error {
	caller := t.Caller
	defer func() { t.Caller = caller }()
	acting := *caller
	acting.Admin = true
	t.Caller = &acting
	return step()
}

// invitedMembership makes the membership of an invitation, active where the person need not be asked.
func (t *tx) invitedMembership(tenant *models.Tenant, u *models.User, role models.OrganizationRole,
	known bool) (*membershipState, error) {
	there, err := t.isMember(tenant.ID, u.ID)
	if err != nil {
		return nil, err
	}
	if there {
		return nil, models.Fail(models.Invalid, models.RuleAlreadyMember)
	}
	roles, err := t.organizationRole(role)
	if err != nil {
		return nil, err
	}
	m := &membershipState{tenant: tenant, member: u.Login, Membership: models.Membership{
		UserID: &u.ID, TenantID: tenant.ID, State: models.MemberInvited, Source: models.MemberInvitation,
		JoinedAt: t.Time,
	}}
	joins, err := t.joinsAtOnce(u, known)
	if err != nil {
		return nil, err
	}
	if joins {
		m.State = models.MemberActive
		return m, forbidden(t.saveMembership(nil, m, MembershipChange{Roles: models.Some(ByIDs(roles...))}))
	}
	if err := t.authorizeOffer(tenant.ID, roles); err != nil {
		return nil, err
	}
	m.roles = roles
	if err := t.writeMembership(nil, m); err != nil {
		return nil, err
	}
	t.bumpMembership(m, true)
	return m, t.Audit(m.record(), nil, m.facts())
}

// joinsAtOnce reports whether somebody becomes a member without being asked. Who can do more than the caller is asked.
func (t *tx) joinsAtOnce(u *models.User, known bool) (bool, error) {
	r, err := t.Snapshot()
	if err != nil || !known || r.SettingBool("cvat_confirm_invitations") {
		return false, err
	}
	joining, err := t.powerOfUsers("u.id = ?", u.ID)
	if err != nil {
		return false, err
	}
	joining.outside = false
	joining.grants = everywhere(joining.grants)
	return t.authorize(power{}, joining) == allowed, nil
}

// authorizeOffer refuses to offer roles in a tenant that would give more than the caller has.
func (t *tx) authorizeOffer(tenant int64, roles []int64) error {
	if t.Caller.Admin {
		return nil
	}
	if err := t.holdAuthority(); err != nil {
		return err
	}
	offered, err := t.heldIn(tenant, roles...)
	if err != nil {
		return err
	}
	if t.authorize(power{}, power{regained: offered, settled: true}) != allowed {
		return models.DeniedBecause(models.RuleEscalation)
	}
	return nil
}

// writeInvitation adds the invitation to a membership, and queues its mail where the person is asked.
func (t *tx) writeInvitation(m *membershipState, u *models.User) (*models.Invitation, error) {
	key, err := secret.Hex(t.s.Rand, invitationBytes)
	if err != nil {
		return nil, err
	}
	i := &models.Invitation{Key: key, MembershipID: m.ID, OwnerID: &t.Caller.UserID, CreatedAt: t.Time}
	if t.Caller.UserID <= 0 {
		i.OwnerID = nil
	}
	if m.State != models.MemberActive {
		sent, err := t.mailInvitation(i, m, u)
		if err != nil {
			return nil, err
		}
		if sent {
			i.SentAt = &t.Time
		}
	}
	return i, t.Create(i).Error
}

func (t *tx) mailInvitation(i *models.Invitation, m *membershipState, u *models.User) (bool, error) {
	link, err := t.page("/auth/register/invitation", url.Values{"email": {models.Deref(u.Mail)}, "key": {i.Key}})
	if err != nil {
		return false, err
	}
	return t.queueMail(mail.Invitation, u, mail.Account{Inviter: t.Caller.Login, Link: link, Key: i.Key,
		Organization: models.Deref(m.tenant.Slug), Days: models.InvitationDays})
}

// page is the address of a page that people use, "" where the installation names none. It is never taken from a
// request: whoever asks for a mail to somebody else would choose where that person goes.
func (t *tx) page(path string, query url.Values) (string, error) {
	r, err := t.Snapshot()
	if err != nil {
		return "", err
	}
	base := strings.TrimRight(r.Setting("cvat_ui_url"), "/")
	if base == "" {
		return "", nil
	}
	return base + path + "?" + query.Encode(), nil
}

// AcceptInvitation makes the caller, who was invited, a member, and returns the organization.
func (s *Service) AcceptInvitation(ctx context.Context, p *models.Principal, key string) (*models.Tenant, error) {
	var to *models.Tenant
	err := s.change(ctx, p, func(t *tx) error {
		i, m, err := t.invitation(key)
		if err != nil {
			return err
		}
		if err := t.mustBeInvited(m); err != nil {
			return err
		}
		to = m.tenant
		switch {
		case m.State == models.MemberActive:
			return models.Fail(models.Invalid, models.RuleInvitationAccepted)
		case m.State != models.MemberInvited:
			return models.DeniedBecause(models.RuleOrganizationRole)
		case models.Deref(i.Expired(t.Time)):
			return models.Fail(models.Invalid, models.RuleInvitationExpired)
		}
		before := *m
		m.State = models.MemberActive
		m.JoinedAt = t.Time
		err = t.Model(&m.Membership).UpdateColumns(map[string]any{"state": m.State, "joined_at": m.JoinedAt}).Error
		if err != nil {
			return err
		}
		t.bumpMembership(m, true)
		if err := t.NoteEnd(m.ExpiresAt); err != nil {
			return err
		}
		return t.Audit(m.record(), before.facts(), m.facts())
	})
	return to, err
}

// mustBeInvited refuses everybody but the one whom an invitation is for, and administrators.
func (t *tx) mustBeInvited(m *membershipState) error {
	if !t.Caller.Admin && models.Deref(m.UserID) != t.Caller.UserID {
		return models.DeniedBecause(models.RuleOrganizationRole)
	}
	return nil
}

// DeclineInvitation ends the membership that an invitation offers to the caller, or has given, and the invitation with
// it. A membership that somebody has suspended, or that has ended, stays: it keeps from the caller what groups give.
func (s *Service) DeclineInvitation(ctx context.Context, p *models.Principal, key string) error {
	return s.change(ctx, p, func(t *tx) error {
		_, m, err := t.invitation(key)
		if err != nil {
			return err
		}
		if err := t.mustBeInvited(m); err != nil {
			return err
		}
		switch {
		case t.Caller.Admin || m.State == models.MemberInvited:
			return t.removeMembership(m)
		case m.State == models.MemberActive:
			return t.leaveOrganization(m)
		}
		return models.DeniedBecause(models.RuleOrganizationRole)
	})
}

// ResendInvitation mails an invitation again, which may then be accepted for some days more.
func (s *Service) ResendInvitation(ctx context.Context, p *models.Principal, key string) error {
	return s.change(ctx, p, func(t *tx) error {
		i, m, err := t.invitation(key)
		if err != nil {
			return err
		}
		if err := t.mayManageInvitation(i, m); err != nil {
			return err
		}
		if m.State == models.MemberActive {
			return models.Fail(models.Invalid, models.RuleInvitationAccepted)
		}
		u, err := store.First[models.User](t.Where("id = ?", m.UserID))
		if err != nil || u == nil {
			return err
		}
		sent, err := t.mailInvitation(i, m, u)
		if err != nil {
			return err
		}
		if !sent {
			return models.Fail(models.Unavailable, models.RuleNoMail)
		}
		t.Bump(store.RevisionUsers, 0)
		return t.Model(i).UpdateColumn("sent_at", t.Time).Error
	})
}

// WithdrawInvitation deletes an invitation, and the membership with it while that waits.
func (s *Service) WithdrawInvitation(ctx context.Context, p *models.Principal, key string) error {
	return s.change(ctx, p, func(t *tx) error {
		i, m, err := t.invitation(key)
		if err != nil {
			return err
		}
		if err := t.mayManageInvitation(i, m); err != nil {
			return err
		}
		if m.State == models.MemberInvited {
			return t.removeMembership(m)
		}
		t.Bump(store.RevisionUsers, 0)
		if err := t.Delete(i).Error; err != nil {
			return err
		}
		// The membership stays, and its invitation is forgotten.
		was := "accepted"
		return t.Audit(m.record(), store.AuditedValues{store.Audited("invitation", &was)},
			store.AuditedValues{store.Audited[string]("invitation", nil)})
	})
}
