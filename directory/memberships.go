package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// MembershipView is a membership with what it ties together.
type MembershipView struct {
	models.Membership
	Tenant *models.Tenant
	// User or Usergroup is the member; the other one is nil.
	User      *models.User
	Usergroup *models.Usergroup
	// Roles are those that are held in the tenant and below it, by name. Inherited are those that hold in the tenant
	// because of a group or of a tenant above, by name; one may be among both.
	Roles, Inherited []*models.Role
}

// Member names a user or a group; the other one is zero.
type Member struct{ User, Usergroup store.Ref }

// MembershipChange is what a membership is to be; what is not set stays as it is. A new one is active, without roles.
type MembershipChange struct {
	State models.Opt[models.MembershipState]
	// ExpiresAt sets when the membership ends; see UserChange.
	ExpiresAt models.Opt[*string]
	Roles     models.Opt[Refs]
	// RolesRequired refuses a membership without roles.
	RolesRequired bool
}

// membershipState is a membership in a change.
type membershipState struct {
	models.Membership
	tenant *models.Tenant
	// member is the login or the name.
	member string
	roles  []int64
}

func (m *membershipState) facts() store.AuditedValues {
	state := string(m.Shown())
	return store.AuditedValues{
		store.Audited("state", &state), store.Seldom(store.AuditedTime("expires_at", m.ExpiresAt)),
		store.Audited("user_id", m.UserID),
		store.Audited("usergroup_id", m.UsergroupID), store.AuditedIDs("role_ids", m.roles),
	}
}

func (m *membershipState) record() store.AuditSubject {
	return store.AuditSubject{ID: m.ID, Class: scopes.Memberships.Class, Name: m.member + " in " + m.tenant.Title,
		Tenants: []int64{m.TenantID}}
}

// Memberships lists who belongs to a tenant, which the query names as parent: the users and groups that the caller may
// view.
func (s *Service) Memberships(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*MembershipView], error) {
	if err := store.Admitted(p, scopes.Users); err != nil {
		return nil, err
	}
	return store.Listing[models.Membership, *MembershipView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Memberships,
		Views: func(rows []models.Membership) ([]*MembershipView, error) { return s.membershipViews(ctx, rows) },
	}.Read(ctx)
}

// membershipViews puts a page together: the users and the roles in a statement each, the rest from the snapshot.
func (s *Service) membershipViews(ctx context.Context, rows []models.Membership) ([]*MembershipView, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	var users, ids []int64
	for _, m := range rows {
		ids = append(ids, m.ID)
		if m.UserID != nil {
			users = append(users, *m.UserID)
		}
	}
	var people []models.User
	condition, value := s.InIDs("users.id", users)
	db := s.Read.WithContext(ctx)
	err = db.Select("users.id", "users.login", "users.firstname", "users.lastname").Where(condition, value).
		Find(&people).Error
	if err != nil {
		return nil, err
	}
	byID := store.IndexByID(people, func(u *models.User) int64 { return u.ID })
	var held []struct{ MembershipID, RoleID int64 }
	condition, value = s.InIDs("h.membership_id", ids)
	err = db.Table("membership_roles h").Joins("JOIN roles ON roles.id = h.role_id").Where(condition, value).
		Order("roles.name").Select("h.membership_id, h.role_id").Scan(&held).Error
	if err != nil {
		return nil, err
	}
	roles := map[int64][]*models.Role{}
	for _, h := range held {
		if role := r.Roles[h.RoleID]; role != nil {
			roles[h.MembershipID] = append(roles[h.MembershipID], role)
		}
	}
	views := make([]*MembershipView, len(rows))
	for i, m := range rows {
		views[i] = &MembershipView{Membership: m, Tenant: r.Tenants[m.TenantID], User: byID[models.Deref(m.UserID)],
			Roles: roles[m.ID]}
		if g := r.Groups[models.Deref(m.UsergroupID)]; g != nil {
			views[i].Usergroup = &g.Usergroup
		}
	}
	return views, s.inheritRoles(ctx, r, users, views)
}

// inheritRoles adds to memberships what holds there for other reasons than the membership itself.
func (s *Service) inheritRoles(ctx context.Context, r *store.Snapshot, users []int64, views []*MembershipView) error {
	links, err := s.LinksOf(ctx, models.Distinct(users), store.ForRights)
	if err != nil {
		return err
	}
	held := map[int64][]models.HeldRole{}
	for id, l := range links {
		held[id] = r.HeldBy(l.Held, l.Groups)
	}
	for _, v := range views {
		if v.UserID != nil {
			v.inherit(r, held[*v.UserID], 0)
		} else if v.State == models.MemberActive {
			v.inherit(r, r.HeldBy(nil, []int64{*v.UsergroupID}), *v.UsergroupID)
		}
	}
	return nil
}

// inherit adds the roles that hold in the tenant of a membership; own is the group whose membership it is, 0 for users.
func (v *MembershipView) inherit(r *store.Snapshot, held []models.HeldRole, own int64) {
	seen := map[int64]bool{}
	for _, h := range held {
		itself := h.UsergroupID == own && h.TenantID == v.TenantID
		role := r.Roles[h.RoleID]
		if itself || role == nil || seen[h.RoleID] || !slices.Contains(h.Within, v.TenantID) {
			continue
		}
		seen[h.RoleID] = true
		v.Inherited = append(v.Inherited, role)
	}
	slices.SortFunc(v.Inherited, func(a, b *models.Role) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

// Membership shows one membership that the caller may look at.
func (s *Service) Membership(ctx context.Context, p *models.Principal, id int64) (*MembershipView, error) {
	if err := store.Admitted(p, scopes.Users); err != nil {
		return nil, err
	}
	row, err := store.Find[models.Membership](s.Read.WithContext(ctx), p, scopes.Memberships, models.View,
		store.Ref{ID: id}, nil)
	if err != nil {
		return nil, err
	}
	views, err := s.membershipViews(ctx, []models.Membership{*row})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// maxMembershipsOf bounds the memberships that are shown of one user or group.
const maxMembershipsOf = 10_000

// MembershipsOf returns the memberships of a user or of a group, whom the caller has been shown, in organizations that
// the caller may know of, by their number. Organizations in which a user is by way of a group alone come last, as
// memberships without a number.
func (s *Service) MembershipsOf(ctx context.Context, p *models.Principal, user, usergroup int64) ([]*MembershipView,
	error) {
	r, err := s.SnapshotFor(ctx, p)
	if err != nil {
		return nil, err
	}
	column := "user_id"
	id := user
	if user == 0 {
		column = "usergroup_id"
		id = usergroup
	}
	var rows []models.Membership
	if err := s.Read.WithContext(ctx).Where(column+" = ?", id).Order("id").Limit(maxMembershipsOf).
		Find(&rows).Error; err != nil {
		return nil, err
	}
	knows := r.VisibleTenants(p)
	shown := func(tenant int64) bool {
		return knows(tenant) && r.Tenants[tenant] != nil && r.Tenants[tenant].Type == models.OrganizationKind
	}
	rows = slices.DeleteFunc(rows, func(m models.Membership) bool { return !shown(m.TenantID) })
	if user != 0 {
		links, err := s.LinksOf(ctx, []int64{user}, store.ForRights)
		if err != nil {
			return nil, err
		}
		for _, h := range r.HeldBy(nil, links[user].Groups) {
			there := slices.ContainsFunc(rows, func(m models.Membership) bool { return m.TenantID == h.TenantID })
			if !there && shown(h.TenantID) {
				rows = append(rows, models.Membership{UserID: &user, TenantID: h.TenantID, State: models.MemberActive})
			}
		}
	}
	return s.membershipViews(ctx, rows)
}

// SetMembership makes a user or a group a member of a tenant, or changes the state and the roles of one. It takes the
// permissions to edit the member and to assign to the tenant, and authority over what the member gets by it.
func (s *Service) SetMembership(ctx context.Context, p *models.Principal, tenant store.Parent, who Member,
	c MembershipChange) (*MembershipView, error) {
	after := &membershipState{}
	err := s.changing(ctx, p, referencesTo(rolesTarget, &c.Roles), func(t *tx) error {
		before, err := t.membership(tenant, who)
		if err != nil {
			return err
		}
		*after = *before
		if before.ID == 0 {
			before = nil
		}
		return t.saveMembership(before, after, c)
	})
	if err != nil {
		return nil, taken(err, models.Base)
	}
	views, err := s.membershipViews(ctx, []models.Membership{after.Membership})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// DeleteMembership takes a user or a group out of a tenant, with the roles that were held there.
func (s *Service) DeleteMembership(ctx context.Context, p *models.Principal, tenant store.Parent,
	who Member) (*models.Membership, error) {
	var gone *membershipState
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if gone, err = t.membership(tenant, who); err != nil {
			return err
		}
		if gone.ID == 0 {
			return models.NotFoundError(store.Subject(scopes.Memberships.Class), gone.member)
		}
		return t.endMembership(gone)
	})
	if err != nil {
		return nil, err
	}
	return &gone.Membership, nil
}

// endMembership ends a membership, as far as the caller's authority goes.
func (t *tx) endMembership(m *membershipState) error {
	var errs models.FieldErrors
	if err := t.authorizeMembership(&errs, power{}, m, m); err != nil {
		return err
	}
	if models.Deref(m.UserID) == t.Caller.UserID {
		if err := t.checkOwnEnds(&errs, models.Base, m.TenantID); err != nil {
			return err
		}
	}
	if err := errs.Err(); err != nil {
		return models.About(m.ID, err)
	}
	return t.removeMembership(m)
}

func (t *tx) removeMembership(m *membershipState) error {
	t.bumpMembership(m, true)
	if err := t.Exec("DELETE FROM memberships WHERE id = ?", m.ID).Error; err != nil {
		return err
	}
	return t.Audit(m.record(), m.facts(), nil)
}

// relinkMembers writes the plain assignments of a user or of a tenant that differ. The audit of the owner lists them;
// the roles that end with one are in an audit of the membership.
func (t *tx) relinkMembers(l store.LinkTable, owner int64, before, after []int64) (bool, error) {
	if gone := store.Without(before, after); len(gone) > 0 {
		cond, value := t.Store.InIDs(l.Ref, gone)
		var rows []models.Membership
		err := t.Where(l.Owner+" = ?"+l.Only, owner).Where(cond, value).
			Where("EXISTS (SELECT 1 FROM membership_roles r WHERE r.membership_id = memberships.id)").
			Order("id").Find(&rows).Error
		if err == nil {
			err = t.auditLostMemberships(rows)
		}
		if err != nil {
			return false, err
		}
	}
	return t.Relink(l, owner, before, after)
}

// auditLostMemberships notes the end of memberships of users that a change of assignments takes away.
func (t *tx) auditLostMemberships(rows []models.Membership) error {
	if len(rows) == 0 {
		return nil
	}
	var ids, users, tenants []int64
	for _, row := range rows {
		ids = append(ids, row.ID)
		users = append(users, models.Deref(row.UserID))
		tenants = append(tenants, row.TenantID)
	}
	var people []models.User
	cond, value := t.Store.InIDs("id", models.Distinct(users))
	if err := t.Where(cond, value).Select("id", "login").Find(&people).Error; err != nil {
		return err
	}
	var places []models.Tenant
	cond, value = t.Store.InIDs("id", models.Distinct(tenants))
	if err := t.Where(cond, value).Find(&places).Error; err != nil {
		return err
	}
	var held []struct{ MembershipID, RoleID int64 }
	cond, value = t.Store.InIDs("membership_id", ids)
	if err := t.Table(store.MembershipRoles.Table).Where(cond, value).Order("role_id").Scan(&held).Error; err != nil {
		return err
	}
	logins := map[int64]string{}
	for _, u := range people {
		logins[u.ID] = u.Login
	}
	byID := map[int64]*models.Tenant{}
	for i := range places {
		byID[places[i].ID] = &places[i]
	}
	roles := map[int64][]int64{}
	for _, h := range held {
		roles[h.MembershipID] = append(roles[h.MembershipID], h.RoleID)
	}
	entries := make([]store.AuditEntry, len(rows))
	for i, row := range rows {
		m := &membershipState{Membership: row, tenant: byID[row.TenantID], member: logins[models.Deref(row.UserID)],
			roles: roles[row.ID]}
		entries[i] = store.AuditEntry{AuditSubject: m.record(), Before: m.facts()}
	}
	return t.AuditAll(scopes.Memberships.Class, entries)
}

// membership reads the membership of a member in a tenant, with the id 0 where there is none yet. Both have to be among
// those that the caller may change.
func (t *tx) membership(in store.Parent, who Member) (*membershipState, error) {
	tenant, err := findTenant(t.DB, t.Caller, models.TenantKind(in.Class), models.Assign, store.Ref{ID: in.ID}, nil)
	if err != nil {
		return nil, err
	}
	m := &membershipState{tenant: tenant, Membership: models.Membership{
		TenantID: tenant.ID, State: models.MemberActive, Source: models.MemberManual, JoinedAt: t.Time,
	}}
	column := "user_id"
	if who.Usergroup != (store.Ref{}) {
		column = "usergroup_id"
		g, err := store.Find[models.Usergroup](t.Locking(), t.Caller, scopes.Usergroups, models.Edit, who.Usergroup,
			nil)
		if err != nil {
			return nil, err
		}
		m.UsergroupID = &g.ID
		m.member = g.Name
	} else {
		u, err := store.Find[models.User](t.Locking(), t.Caller, scopes.Users, models.Edit, who.User, nil)
		if err != nil {
			return nil, err
		}
		m.UserID = &u.ID
		m.member = u.Login
	}
	row, err := store.First[models.Membership](t.Where(column+" = ? AND taxonomy_id = ?",
		models.Deref(m.UserID)+models.Deref(m.UsergroupID), tenant.ID))
	if row == nil || err != nil {
		return m, err
	}
	m.Membership = *row
	m.roles, err = t.LinkedIDs(store.MembershipRoles, row.ID)
	return m, err
}

func (t *tx) saveMembership(before, after *membershipState, c MembershipChange) error {
	var had power
	return save(t, before, after, steps{
		apply: func() error {
			c.State.Apply(&after.State)
			if err := t.applyMembershipEnd(after, c); err != nil {
				return err
			}
			return t.replace(rolesTarget, c.Roles, &after.roles)
		},
		check: func() error {
			errs := after.Validate()
			if err := t.checkMembershipEnd(&errs, before, after, c); err != nil {
				return err
			}
			errs.Check(!c.RolesRequired || len(after.roles) > 0, "role_ids", models.RuleBlank)
			if err := errs.Err(); err != nil {
				return err
			}
			var err error
			had, err = t.powerOfMember(after)
			return err
		},
		write: func() error { return t.writeMembership(before, after) },
		settle: func() error {
			var errs models.FieldErrors
			if err := t.authorizeMembership(&errs, had, before, after); err != nil {
				return err
			}
			t.bumpMembership(after, before == nil)
			if err := errs.Err(); err != nil {
				return err
			}
			if c.State.Set || orNew(before).State != after.State {
				if err := t.disownSuspension(after); err != nil {
					return err
				}
			}
			return t.NoteEnd(after.ExpiresAt)
		},
	})
}

// isMember reports whether a user has a membership of a tenant, in whatever state.
func (t *tx) isMember(tenant, user int64) (bool, error) {
	return t.Exists("SELECT 1 FROM memberships WHERE user_id = ? AND taxonomy_id = ?", user, tenant)
}

func (t *tx) writeMembership(existing, after *membershipState) error {
	before := orNew(existing)
	switch {
	case existing == nil:
		if err := t.Omit("SortName").Create(&after.Membership).Error; err != nil {
			return err
		}
	case before.State != after.State || before.Ended != after.Ended || !sameTime(before.ExpiresAt, after.ExpiresAt):
		changed := map[string]any{"state": after.State, "ended": after.Ended, "expires_at": after.ExpiresAt}
		if err := t.Model(&after.Membership).UpdateColumns(changed).Error; err != nil {
			return err
		}
	}
	_, err := t.Relink(store.MembershipRoles, after.ID, before.roles, after.roles)
	return err
}

// bumpMembership counts the change. Groups and what they hold are part of the snapshot.
func (t *tx) bumpMembership(m *membershipState, moved bool) {
	t.Bump(store.RevisionUsers, 0)
	if m.UserID == nil {
		t.Bump(store.RevisionSnapshot, 0)
		return
	}
	t.BumpPeople(*m.UserID)
	if moved {
		t.BumpTenants([]int64{m.TenantID})
	}
}

// powerOfMember is what a member can do: a user, or everybody who is in a group or may come into it from an auth
// source. Of what is held in tenants, only what the group holds counts.
func (t *tx) powerOfMember(m *membershipState) (power, error) {
	if t.Caller.Admin {
		return power{}, nil
	}
	if m.UserID != nil {
		return t.powerOfUsers("u.id = ?", *m.UserID)
	}
	which, args := t.usersAndMembers(nil, []int64{*m.UsergroupID})
	p, err := t.powerOfUsers("("+which+` OR u.auth_source_id IN (SELECT x.auth_source_id FROM external_usergroups x
		JOIN usergroup_closure c ON c.descendant_id = x.usergroup_id WHERE c.ancestor_id = ?))`,
		append(slices.Clone(args), *m.UsergroupID)...)
	if err != nil {
		return p, err
	}
	// What one of them holds in a tenant is nothing that the group gives to the others.
	held, err := t.heldGrants("m.usergroup_id = ?", *m.UsergroupID)
	p.grants = append(everywhere(p.grants), held...)
	return p, err
}

// authorizeMembership refuses a change of a membership, which has been written, if it exceeds the caller's authority.
// had is what the member could do before.
func (t *tx) authorizeMembership(errs *models.FieldErrors, had power, before, after *membershipState) error {
	if t.Caller.Admin {
		return nil
	}
	if before == nil && after.UserID != nil && after.Source != models.MemberInvitation {
		if guest, err := t.isGuest(*after.UserID, after.TenantID); err != nil || guest {
			errs.Check(!guest, models.Base, models.RuleGuest)
			return err
		}
	}
	if err := t.authorizeOwner(errs, before, after); err != nil || len(*errs) > 0 {
		return err
	}
	is, err := t.powerOfMember(after)
	if err != nil {
		return err
	}
	if before == after {
		had = is // nothing is gained by leaving
	}
	joined := after.State == models.MemberActive && (before == nil || before.State != models.MemberActive ||
		endsLater(before.ExpiresAt, after.ExpiresAt))
	is.settled = !joined
	is.outside = false // what is gained is gained in the tenant, which is the caller's own
	if is.regained, err = t.regainedByMember(before, after, joined); err != nil {
		return err
	}
	switch t.authorize(had, is) {
	case administratorsOnly:
		errs.Add(models.Base, models.RuleAdministratorsOnly)
	case beyondCaller:
		if store.SameSet(orNew(before).roles, after.roles) {
			errs.Add("state", models.RuleTenantsOfStronger)
		} else {
			errs.Add("role_ids", models.RuleEscalation)
		}
	}
	return nil
}

// regainedByMember returns what a change of a membership gives although the tables had it before. before is after for
// one that is removed; joined says that the change makes it active, or longer so.
func (t *tx) regainedByMember(before, after *membershipState, joined bool) ([]store.NamedGrant, error) {
	var roles []int64
	if after.State != models.MemberActive { // it may become active later, when nobody looks at its roles
		roles = store.Without(after.roles, orNew(before).roles)
	}
	if endsLater(orNew(before).ExpiresAt, after.ExpiresAt) { // who stays longer keeps what the membership gives
		roles = append(roles, orNew(before).roles...)
	}
	var regained []store.NamedGrant
	var err error
	if len(roles) > 0 {
		regained, err = t.heldIn(after.TenantID, roles...)
	}
	if err != nil || before == nil || before.State != models.MemberSuspended || before != after && !joined {
		return regained, err
	}
	unmasked, err := t.heldByGroupsIn(after)
	return append(regained, unmasked...), err
}

// heldByGroupsIn returns what the groups around a member hold in the tenant of the membership: nothing of it counts
// while the membership is suspended.
func (t *tx) heldByGroupsIn(m *membershipState) ([]store.NamedGrant, error) {
	if m.UserID == nil {
		return nil, nil
	}
	return t.heldGrants("m.taxonomy_id = ? AND m.usergroup_id IN ("+groupsOf("?")+")", m.TenantID, *m.UserID)
}

// authorizeOwner refuses to take the role of an owner, or the membership, away from somebody who owns an organization,
// now or by an earlier end.
func (t *tx) authorizeOwner(errs *models.FieldErrors, before, after *membershipState) error {
	if before == nil || before.State != models.MemberActive {
		return nil
	}
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	owner := r.RoleOf(models.OrganizationOwner)
	stays := before != after && after.State == before.State && slices.Contains(after.roles, owner) &&
		!endsLater(after.ExpiresAt, before.ExpiresAt)
	if stays || !slices.Contains(before.roles, owner) {
		return nil
	}
	may, err := t.mayMakeOwners(before.TenantID)
	errs.Check(may, models.Base, models.RuleStrongerOnly)
	return err
}

// authorizeOwners refuses to take users out of an organization that one of them owns.
func (t *tx) authorizeOwners(errs *models.FieldErrors, attr string, tenant int64, users []int64) error {
	if t.Caller.Admin || len(users) == 0 {
		return nil
	}
	var owners int64
	cond, value := t.s.InIDs("m.user_id", users)
	err := t.ownersOf(tenant).Where(cond, value).Count(&owners).Error
	if err != nil || owners == 0 {
		return err
	}
	may, err := t.mayMakeOwners(tenant)
	errs.Check(may, attr, models.RuleOfStronger)
	return err
}

// mayDismissAll reports whether the caller may take anybody out of an organization, its owners included.
func (t *tx) mayDismissAll(organization int64) (bool, error) {
	var owners int64
	if err := t.ownersOf(organization).Count(&owners).Error; err != nil || owners == 0 {
		return true, err
	}
	return t.mayMakeOwners(organization)
}

// ownersOf selects the memberships m of the owners of an organization.
func (t *tx) ownersOf(organization int64) *gorm.DB {
	return t.Table("memberships m").Scopes(scopes.OwnersAmong("m")).Where("m.taxonomy_id = ?", organization)
}

// mayMakeOwners reports whether the caller may give the role of owners in an organization, and so take it away.
func (t *tx) mayMakeOwners(organization int64) (bool, error) {
	if t.Caller.Admin {
		return true, nil
	}
	if err := t.holdAuthority(); err != nil {
		return false, err
	}
	r, err := t.Snapshot()
	if err != nil {
		return false, err
	}
	given, err := t.heldIn(organization, r.RoleOf(models.OrganizationOwner))
	return t.authorize(power{}, power{regained: given, settled: true}) == allowed, err
}
