package directory

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
	"roster/scopes/search"
)

// ProvisionedUser is a user as the identity provider of an organization sees it.
type ProvisionedUser struct {
	*UserView
	Link models.ScimLink
	// Active says that the account may be used, in this organization.
	Active bool
	// HeldRoles are the names of the roles that the user's membership of the organization carries.
	HeldRoles []string
	// Within are the titles of the organizations that the user is in: this one and those below it.
	Within []string
	// InGroups are the groups of the organization that the user is in, direct ones first, then by name.
	InGroups []ProvisionedMembership
}

// ProvisionedMembership is a group that a user is in.
type ProvisionedMembership struct {
	UUID, Name string
	Direct     bool
}

// Version names the state of the user, groups aside: it changes with each change that the provider sees.
func (u *ProvisionedUser) Version() string { return linkVersion(&u.Link, u.UpdatedAt) }

// Changed is when the user changed last, as the provider sees it.
func (u *ProvisionedUser) Changed() time.Time {
	return linkChanged(&u.Link, u.UpdatedAt)
}

// ProvisionedUserChange is what an identity provider wants a user to be; what is not set stays as it is.
type ProvisionedUserChange struct {
	Login                                      models.Opt[string]
	Firstname, Lastname, Mail, Timezone, Local models.Opt[*string]
	Password                                   models.Opt[string]
	Active                                     models.Opt[bool]
	ExternalID, DisplayName                    models.Opt[*string]
	// Extra is a JSON object with everything that means nothing here.
	Extra models.Opt[string]
	// Replaces says that the provider has sent the whole user. Some providers make up a password each time that they
	// do: the setting scim_put_passwords says whether it counts.
	Replaces bool
}

// user is the part of the change that is about the account.
func (c *ProvisionedUserChange) user() UserChange {
	return UserChange{Login: c.Login, Firstname: c.Firstname, Lastname: c.Lastname, Mail: c.Mail,
		Timezone: c.Timezone, Locale: c.Local, Password: c.Password, NoOrganization: true,
		Limits: models.UserLimits{PasswordOptional: true, ExternalLogin: true}}
}

// applyTo writes the rest of it into the link.
func (c *ProvisionedUserChange) applyTo(l *models.ScimLink) {
	c.ExternalID.Apply(&l.ExternalID)
	c.DisplayName.Apply(&l.DisplayName)
	c.Extra.Apply(&l.Extra)
}

// ProvisionedUsers lists the people of the organization for which the caller acts.
func (s *Service) ProvisionedUsers(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*ProvisionedUser], error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	way := scopes.BySet
	if pinned(q.Node) {
		way = scopes.ByRow
	}
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	hidden, err := s.harmfulGroups(ctx, r, organization)
	if err != nil {
		return nil, err
	}
	all, err := s.reading(ctx, p).showsAll(organization)
	if err != nil {
		return nil, err
	}
	return store.Listing[models.User, *ProvisionedUser]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.ProvisionedUsers(organization, hidden),
		Within: scopes.Provisioned(organization, all, way), Revision: store.RevisionUsers,
		Kind: fmt.Sprint(all, hidden), Found: true,
		Views: func(rows []models.User) ([]*ProvisionedUser, error) {
			users := make([]*models.User, len(rows))
			for i := range rows {
				users[i] = &rows[i]
			}
			return s.provisionedUserViews(ctx, p, organization, users)
		},
	}.Read(ctx)
}

// pinned reports whether a tree meets only users whom an index finds: by the name, the provider's own id, or the UUID.
func pinned(n search.Node) bool {
	switch n := n.(type) {
	case *search.Datum:
		return n.Op == search.Equals && len(n.Path) == 0 &&
			(n.Field == "login" || n.Field == "external_id" || n.Field == "uuid")
	case *search.Group:
		if n.Op == search.OpAnd {
			return slices.ContainsFunc(n.X, pinned)
		}
		return !slices.ContainsFunc(n.X, func(one search.Node) bool { return !pinned(one) })
	}
	return false
}

// provisionedUserViews puts a page together, and gives those a link who have none.
func (s *Service) provisionedUserViews(ctx context.Context, p *models.Principal, organization int64,
	rows []*models.User) ([]*ProvisionedUser, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	links, err := s.ensureLinks(ctx, organization, models.ProvisionedUser, "user_id", ids)
	if err != nil {
		return nil, err
	}
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	seen := *p
	seen.Admin = true // so that the groups are shown; the organization's are picked below
	users, err := s.userViews(ctx, &seen, r, rows, false)
	if err != nil {
		return nil, err
	}
	suspended, err := s.suspendedIn(ctx, organization, ids)
	if err != nil {
		return nil, err
	}
	held, err := s.heldIn(ctx, organization, ids)
	if err != nil {
		return nil, err
	}
	var groups []int64
	for _, u := range users {
		for _, g := range u.AllGroups {
			groups = append(groups, g.ID)
		}
	}
	names, err := s.provisionedGroups(ctx, r, organization, models.Distinct(groups))
	if err != nil {
		return nil, err
	}
	views := make([]*ProvisionedUser, 0, len(users))
	for _, u := range users {
		link := links[u.ID]
		if link == nil {
			continue // somebody has deleted the user meanwhile
		}
		v := &ProvisionedUser{UserView: u, Link: *link, Active: !u.IsDisabled() && !suspended[u.ID],
			HeldRoles: held[u.ID]}
		for _, o := range u.Tenants[models.OrganizationKind] {
			if slices.Contains(r.Descendants[organization], o.ID) {
				v.Within = append(v.Within, o.Title)
			}
		}
		v.addGroups(names)
		views = append(views, v)
	}
	return views, nil
}

func (u *ProvisionedUser) addGroups(names map[int64]*models.ScimLink) {
	for _, g := range u.AllGroups {
		l := names[g.ID]
		if l == nil {
			continue
		}
		name := g.Name
		if l.DisplayName != nil {
			name = *l.DisplayName
		}
		direct := slices.ContainsFunc(u.Groups, func(d *store.Group) bool { return d.ID == g.ID })
		u.InGroups = append(u.InGroups, ProvisionedMembership{UUID: l.UUID, Name: name, Direct: direct})
	}
	slices.SortStableFunc(u.InGroups, func(a, b ProvisionedMembership) int {
		if a.Direct != b.Direct {
			if a.Direct {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// heldIn are the names of the roles that the memberships of some users in an organization carry.
func (s *Service) heldIn(ctx context.Context, organization int64, users []int64) (map[int64][]string, error) {
	var rows []struct {
		UserID int64
		Name   string
	}
	condition, value := s.InIDs("m.user_id", users)
	err := s.Read.WithContext(ctx).Table("memberships m").Joins("JOIN membership_roles h ON h.membership_id = m.id").
		Joins("JOIN roles r ON r.id = h.role_id").Where("m.taxonomy_id = ?", organization).Where(condition, value).
		Order("r.name").Select("m.user_id, r.name").Scan(&rows).Error
	held := map[int64][]string{}
	for _, row := range rows {
		held[row.UserID] = append(held[row.UserID], row.Name)
	}
	return held, err
}

// suspendedIn says who of some users is a member of an organization, and may not act there.
func (s *Service) suspendedIn(ctx context.Context, organization int64, users []int64) (map[int64]bool, error) {
	var ids []int64
	condition, value := s.InIDs("user_id", users)
	err := s.Read.WithContext(ctx).Model(&models.Membership{}).Where("taxonomy_id = ? AND state <> ?", organization,
		models.MemberActive).Where(condition, value).Pluck("user_id", &ids).Error
	suspended := make(map[int64]bool, len(ids))
	for _, id := range ids {
		suspended[id] = true
	}
	return suspended, err
}

// ProvisionedUser shows one of the people of the organization for which the caller acts.
func (s *Service) ProvisionedUser(ctx context.Context, p *models.Principal, id string) (*ProvisionedUser, error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	link, err := s.reading(ctx, p).readLink(organization, models.ProvisionedUser, id)
	if err != nil {
		return nil, err
	}
	return s.provisionedUserOf(ctx, p, link)
}

func (s *Service) provisionedUserOf(ctx context.Context, p *models.Principal,
	link *models.ScimLink) (*ProvisionedUser, error) {
	all, err := s.reading(ctx, p).showsAll(link.OrganizationID)
	if err != nil {
		return nil, err
	}
	missing := models.NotFoundError(store.Subject(models.ProvisionedUser), link.UUID)
	u, err := store.First[models.User](s.Read.WithContext(ctx).
		Scopes(scopes.Provisioned(link.OrganizationID, all, scopes.ByRow)).Where("users.id = ?", link.UserID))
	if err != nil || u == nil {
		return nil, orMissing(err, missing)
	}
	views, err := s.provisionedUserViews(ctx, p, link.OrganizationID, []*models.User{u})
	if err != nil || len(views) == 0 {
		return nil, orMissing(err, missing)
	}
	return views[0], nil
}

// OwnProvisioned shows somebody who asks as the identity provider of an organization sees them. Whoever is no member of
// it, or may not act there, is not found.
func (s *Service) OwnProvisioned(ctx context.Context, p *models.Principal,
	organization int64) (*ProvisionedUser, error) {
	if p == nil || p.UserID <= 0 {
		return nil, store.ErrNobody
	}
	links, err := s.linksTo(ctx, organization, "user_id", []int64{p.UserID})
	if err != nil {
		return nil, err
	}
	link := links[p.UserID]
	if link == nil {
		link = &models.ScimLink{OrganizationID: organization, UserID: &p.UserID}
	}
	v, err := s.provisionedUserOf(ctx, p, link)
	if err == nil && !v.Active {
		err = models.NotFoundError(store.Subject(models.ProvisionedUser), link.UUID)
	}
	return v, err
}

func orMissing(err, missing error) error {
	if err != nil {
		return err
	}
	return missing
}

// ProvisionUser brings somebody into the organization for which the caller acts. Whom the provider had switched off or
// deleted comes back under the same name; who is here already is taken, whether in this organization or in another one.
func (s *Service) ProvisionUser(ctx context.Context, p *models.Principal,
	c ProvisionedUserChange) (*ProvisionedUser, error) {
	organization, err := provisionerOf(p)
	if err != nil {
		return nil, err
	}
	if err := p.MayChange(); err != nil {
		return nil, err
	}
	change := c.user()
	if change.AuthSourceID, err = s.reading(ctx, p).provisionedSource(organization); err != nil {
		return nil, err
	}
	if err := s.preparePassword(ctx, p, &change, nil); err != nil {
		return nil, err
	}
	if !c.Active.Set {
		c.Active = models.Some(true)
	}
	var link *models.ScimLink
	err = s.change(ctx, p, func(t *tx) error {
		var made bool
		if link, made, err = t.provisionUser(organization, change, c); err != nil {
			return err
		}
		return t.setActive(link, c.Active.Value, made)
	})
	if err != nil {
		return nil, loginTaken(err)
	}
	return s.provisionedUserOf(ctx, p, link)
}

// provisionUser brings somebody in, or back. made reports whether the account is a new one.
func (t *tx) provisionUser(organization int64, change UserChange, c ProvisionedUserChange) (link *models.ScimLink,
	made bool, err error) {
	if err := t.RLock(store.LockNames); err != nil {
		return nil, false, err
	}
	there, err := store.First[models.User](t.Locking().Where("lower_login = ?",
		models.LowerLogin(strings.TrimSpace(c.Login.Value))))
	switch {
	case err != nil:
	case there != nil:
		link, err = t.welcomeBack(organization, there, change, c)
	default:
		link, err = t.provisionNew(organization, change, c)
	}
	return link, there == nil, err
}

// provisionNew makes an account for somebody whom nobody knows here.
func (t *tx) provisionNew(organization int64, change UserChange, c ProvisionedUserChange) (*models.ScimLink, error) {
	var made *userState
	err := t.elevated(func() (err error) {
		made, err = t.createUser(change)
		return err
	})
	if err != nil {
		return nil, err
	}
	link := newLink(organization, models.ProvisionedUser, t.Time)
	link.UserID = &made.ID
	link.Provisioned = true
	c.applyTo(&link)
	if err := t.saveLink(nil, &link); err != nil {
		return nil, err
	}
	return &link, t.join(organization, &made.User)
}

// provisionedSource is the auth source of new people: that which the setting scim_auth_source names, or the server's
// own.
func (t *tx) provisionedSource(organization int64) (models.Opt[int64], error) {
	name, err := t.organizationSetting(organization, "scim_auth_source")
	if err != nil {
		return models.Opt[int64]{}, err
	}
	if name == "" {
		r, err := t.Snapshot()
		if err != nil {
			return models.Opt[int64]{}, err
		}
		return models.Some(r.InternalSource()), nil
	}
	source, err := store.First[models.AuthSource](t.Where("name = ? AND (type IN ? OR EXISTS (SELECT 1 FROM "+
		"auth_source_taxonomies l WHERE l.auth_source_id = auth_sources.id AND l.taxonomy_id = ?))", name,
		[]models.AuthSourceKind{models.InternalSource, models.ExternalSource}, organization))
	if err == nil && source == nil {
		err = models.Refuse(models.Base, models.RuleNoSource, name)
	}
	if err != nil {
		return models.Opt[int64]{}, err
	}
	return models.Some(source.ID), nil
}

// welcomeBack brings somebody back whom the provider had switched off or deleted, or takes somebody over whose mail
// domain is the organization's. Anybody else is taken.
func (t *tx) welcomeBack(organization int64, u *models.User, change UserChange,
	c ProvisionedUserChange) (*models.ScimLink, error) {
	link, err := store.First[models.ScimLink](t.Locking().Where("organization_id = ? AND user_id = ?", organization,
		u.ID))
	if err != nil {
		return nil, err
	}
	member, err := t.isMember(organization, u.ID)
	if err != nil {
		return nil, err
	}
	gone := link != nil && (link.DeletedAt != nil || link.Suspended && member)
	if !gone {
		adopted, err := t.mayAdopt(u)
		if err != nil {
			return nil, err
		}
		if !adopted || member {
			return nil, takenError("login", nil)
		}
	}
	if link == nil {
		fresh := newLink(organization, models.ProvisionedUser, t.Time)
		fresh.UserID = &u.ID
		if err := t.saveLink(nil, &fresh); err != nil {
			return nil, err
		}
		link = &fresh
	}
	before := *link
	link.DeletedAt = nil
	c.applyTo(link)
	if err := t.saveLink(&before, link); err != nil {
		return nil, err
	}
	if err := t.join(organization, u); err != nil {
		return nil, err
	}
	if !gone {
		return link, nil // whoever was here before keeps the account
	}
	change.AuthSourceID = models.Opt[int64]{} // that of new people
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	if u.AuthSourceID != r.InternalSource() {
		change.withoutPassword()
	}
	return link, t.changeProvisioned(u, change)
}

// mayAdopt reports whether an organization may take in somebody who is here already: the setting scim_adopt_domains
// names the domain of the mail address, and the person can do no more than the people of an organization.
func (t *tx) mayAdopt(u *models.User) (bool, error) {
	r, err := t.Snapshot()
	if err != nil || u.Hidden {
		return false, err
	}
	_, domain, _ := strings.Cut(models.Deref(u.Mail), "@")
	if domain == "" || !slices.ContainsFunc(r.SettingList("scim_adopt_domains"),
		func(d string) bool { return strings.EqualFold(d, domain) }) {
		return false, nil
	}
	joining, err := t.powerOfUsers("u.id = ?", u.ID)
	if err != nil {
		return false, err
	}
	joining.outside = false
	joining.grants = everywhere(joining.grants)
	return t.authorize(power{}, joining) == allowed, nil
}

// join makes somebody an active member of an organization who is none.
func (t *tx) join(organization int64, u *models.User) error {
	there, err := t.isMember(organization, u.ID)
	if err != nil || there {
		return err
	}
	tenant, err := store.First[models.Tenant](t.Where("id = ?", organization))
	if err != nil || tenant == nil {
		return orMissing(err, models.NotFoundError(store.Subject(string(models.OrganizationKind)), ""))
	}
	m := &membershipState{tenant: tenant, member: u.Login, Membership: models.Membership{UserID: &u.ID,
		TenantID: organization, State: models.MemberActive, Source: models.MemberSCIM, JoinedAt: t.Time}}
	if err := t.writeMembership(nil, m); err != nil {
		return err
	}
	t.bumpMembership(m, true)
	return t.Audit(m.record(), nil, m.facts())
}

// changeProvisioned changes an account as far as the provider's authority goes.
func (t *tx) changeProvisioned(u *models.User, c UserChange) error {
	before, err := t.userState(u)
	if err != nil {
		return err
	}
	after := *before
	after.tenants = before.tenants.clone()
	if err := t.elevated(func() error { return t.saveUser(before, &after, c) }); err != nil {
		return err
	}
	*u = after.User
	return forbidden(t.authorizeUser(before, &after))
}

// setActive switches a user on or off: the account, where the provider brought it in and no other organization has it,
// and else the membership. An account that somebody else has switched off stays so; one that somebody else has switched
// on since is switched off again. Nobody counts as switched off whose account was made just now.
func (t *tx) setActive(link *models.ScimLink, active, made bool) error {
	if active && !link.Suspended && !link.Locked {
		return nil
	}
	u, err := store.First[models.User](t.Locking().Where("id = ?", link.UserID))
	if err != nil || u == nil {
		return err
	}
	if err := t.mayProvision(link, u); err != nil {
		return err
	}
	before := *link
	if !active && !made {
		if err := t.countDeactivation(link, u); err != nil {
			return err
		}
	}
	if active {
		link.SuspendedAt = nil
	}
	m, theirs, err := t.suspendedByOthers(link, u)
	if err != nil {
		return err
	}
	link.Suspended = !active && !theirs
	if err := t.lockAccount(link, u, !active); err != nil {
		return err
	}
	if err := t.saveLink(&before, link); err != nil {
		return err
	}
	if theirs {
		return nil
	}
	return t.setMembershipState(m, u, active)
}

// suspendedByOthers returns the membership of somebody, nil for none, and whether somebody else than the provider has
// suspended it.
func (t *tx) suspendedByOthers(link *models.ScimLink, u *models.User) (*models.Membership, bool, error) {
	m, err := store.First[models.Membership](t.Where("user_id = ? AND taxonomy_id = ?", u.ID, link.OrganizationID))
	return m, m != nil && m.State == models.MemberSuspended && !link.Suspended, err
}

// countDeactivation counts somebody as switched off now, unless the person was before.
func (t *tx) countDeactivation(link *models.ScimLink, u *models.User) error {
	if link.Suspended {
		acting, err := t.Exists("SELECT 1 FROM memberships WHERE user_id = ? AND taxonomy_id = ? AND state = ?", u.ID,
			link.OrganizationID, models.MemberActive)
		if err != nil || !acting || u.IsDisabled() {
			return err
		}
	}
	if err := t.guardDeactivations(link.OrganizationID); err != nil {
		return err
	}
	link.SuspendedAt = &t.Time
	return nil
}

// lockAccount locks the account of somebody whom the provider brought in and whom no other organization has, or opens
// it again where the provider has locked it. The link, which notes that, is not saved.
func (t *tx) lockAccount(link *models.ScimLink, u *models.User, lock bool) error {
	alone, err := t.alone(link, u)
	if err != nil || !alone || u.IsDisabled() == lock || !lock && !link.Locked {
		return err
	}
	link.Locked = lock
	status := models.UserActive
	if lock {
		status = models.UserLocked
	}
	return t.changeProvisioned(u, UserChange{Status: models.Some(status)})
}

// disownLock notes that an account is locked, or open, by somebody else than a provider: no provider opens it then.
func (t *tx) disownLock(before, after *userState) error {
	if t.Caller.Provisioner != nil || before.IsDisabled() == after.IsDisabled() {
		return nil
	}
	return t.Exec("UPDATE scim_links SET locked = FALSE WHERE user_id = ? AND locked", after.ID).Error
}

// disownSuspension notes that somebody else than a provider has set the state of a membership: no provider makes it
// active then.
func (t *tx) disownSuspension(m *membershipState) error {
	if t.Caller.Provisioner != nil || m.UserID == nil {
		return nil
	}
	return t.Exec("UPDATE scim_links SET suspended = FALSE WHERE user_id = ? AND organization_id = ? AND suspended",
		*m.UserID, m.TenantID).Error
}

// setMembershipState lets a member act in the organization, or not. Of an account of the organization alone the
// membership goes with it. What somebody else has suspended stays so.
func (t *tx) setMembershipState(m *models.Membership, u *models.User, active bool) error {
	state := models.MemberSuspended
	if active {
		state = models.MemberActive
	}
	if m == nil || m.State == state || m.Ended {
		return nil
	}
	after := *m
	after.State = state
	if err := t.turnMembership(m, &after, u.Login, true); err != nil {
		return err
	}
	return t.NoteEnd(m.ExpiresAt)
}

// alone reports whether the provider brought a user in, and no other organization has the user.
func (t *tx) alone(link *models.ScimLink, u *models.User) (bool, error) {
	if !link.Provisioned {
		return false, nil
	}
	elsewhere, err := t.Exists("SELECT 1 FROM memberships m JOIN taxonomies o ON o.id = m.taxonomy_id WHERE "+
		"m.user_id = ? AND o.type = ? AND "+
		"o.id NOT IN (SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?) UNION ALL "+
		"SELECT 1 FROM scim_links WHERE user_id = ? AND organization_id <> ? AND deleted_at IS NULL",
		u.ID, models.OrganizationKind, link.OrganizationID, u.ID, link.OrganizationID)
	return !elsewhere, err
}

// mayProvision refuses every change of administrators, and of whoever has left the organization since. What changes of
// people with strong roles may be is what the rule of authority says of each (changeProvisioned).
func (t *tx) mayProvision(link *models.ScimLink, u *models.User) error {
	member, err := t.isMember(link.OrganizationID, u.ID)
	if err == nil && !member {
		err = models.NotFoundError(store.Subject(models.ProvisionedUser), link.UUID)
	}
	if err != nil || t.Caller.Provisioner.TokenID == 0 {
		return err // an administrator acts
	}
	admin, err := t.effectiveAdmin(u.ID)
	if err == nil && (admin || u.Hidden) {
		err = models.DeniedBecause(models.RuleAdministratorsOnly)
	}
	return err
}

// UpdateProvisionedUser changes one of the people of the organization for which the caller acts. change is asked what
// the user is to be, and is asked again where the user has changed meanwhile; it may refuse.
func (s *Service) UpdateProvisionedUser(ctx context.Context, p *models.Principal, id string,
	change func(*ProvisionedUser) (ProvisionedUserChange, error)) (*ProvisionedUser, error) {
	v, err := changeShown(p, func() (*ProvisionedUser, error) { return s.ProvisionedUser(ctx, p, id) }, change,
		func(v *ProvisionedUser, c ProvisionedUserChange) error { return s.updateProvisioned(ctx, p, v, c) })
	return v, loginTaken(err)
}

func (s *Service) updateProvisioned(ctx context.Context, p *models.Principal, v *ProvisionedUser,
	c ProvisionedUserChange) error {
	if c.Replaces && c.Password.Set {
		counts, err := s.reading(ctx, p).organizationSetting(v.Link.OrganizationID, "scim_put_passwords")
		if err != nil {
			return err
		}
		if counts != "true" {
			c.Password = models.Opt[string]{}
		}
	}
	account := c.user()
	if err := s.preparePassword(ctx, p, &account, v.User); err != nil {
		return err
	}
	if c.Password.Value != "" && !account.Password.Set && !c.Replaces {
		return models.Refuse("password", models.RuleExternalLogin)
	}
	return s.change(ctx, p, func(t *tx) error {
		link, err := t.link(v.Link.OrganizationID, models.ProvisionedUser, v.Link.UUID)
		if err != nil {
			return err
		}
		u, err := store.First[models.User](t.Locking().Where("id = ?", link.UserID))
		if err != nil || u == nil {
			return orMissing(err, errOtherVersion)
		}
		if linkVersion(link, u.UpdatedAt) != v.Version() {
			return errOtherVersion
		}
		if err := t.mayProvision(link, u); err != nil {
			return err
		}
		was := *u
		if err := t.changeProvisioned(u, account); err != nil {
			return err
		}
		if err := t.saveLinkOf(link, c, !reflect.DeepEqual(was, *u)); err != nil {
			return err
		}
		if !c.Active.Set {
			return nil
		}
		return t.setActive(link, c.Active.Value, false)
	})
}

// saveLinkOf writes what is kept beside an account. A change of the account alone makes another version, too: two
// changes may have the same time.
func (t *tx) saveLinkOf(link *models.ScimLink, c ProvisionedUserChange, account bool) error {
	before := *link
	c.applyTo(link)
	if account && before == *link {
		link.Version++
		link.UpdatedAt = t.Time
		return t.Overwrite(link)
	}
	return t.saveLink(&before, link)
}

// DeprovisionUser takes somebody out of the organization for which the caller acts. match may refuse the state that the
// user is in. The account is switched off where the provider brought it in and no other organization has it, and can
// be brought back for some days; the setting scim_delete says whether it is destroyed at once instead.
func (s *Service) DeprovisionUser(ctx context.Context, p *models.Principal, id string,
	match func(version string) error) error {
	organization, err := provisionerOf(p)
	if err != nil {
		return err
	}
	if _, err := s.ProvisionedUser(ctx, p, id); err != nil {
		return err
	}
	return s.change(ctx, p, func(t *tx) error {
		link, err := t.link(organization, models.ProvisionedUser, id)
		if err != nil {
			return err
		}
		u, err := store.First[models.User](t.Locking().Where("id = ?", link.UserID))
		if err != nil || u == nil {
			return orMissing(err, models.NotFoundError(store.Subject(models.ProvisionedUser), id))
		}
		if err := match(linkVersion(link, u.UpdatedAt)); err != nil {
			return err
		}
		if err := t.mayProvision(link, u); err != nil {
			return err
		}
		return t.deprovision(link, u)
	})
}

func (t *tx) deprovision(link *models.ScimLink, u *models.User) error {
	alone, err := t.alone(link, u)
	if err != nil {
		return err
	}
	if !link.Suspended {
		if err := t.guardDeactivations(link.OrganizationID); err != nil {
			return err
		}
	}
	how, err := t.organizationSetting(link.OrganizationID, "scim_delete")
	if err != nil {
		return err
	}
	if alone && how == "destroy" {
		if err := t.elevated(func() error { return t.deleteUser(u) }); err != nil {
			return err
		}
		return t.noteDestroyed(link)
	}
	_, theirs, err := t.suspendedByOthers(link, u)
	if err != nil {
		return err
	}
	before := *link
	if err := t.lockAccount(link, u, true); err != nil {
		return err
	}
	link.DeletedAt = &t.Time
	if !link.Suspended {
		link.SuspendedAt = &t.Time
	}
	link.Suspended = !theirs
	if err := t.saveLink(&before, link); err != nil {
		return err
	}
	return t.leave(link.OrganizationID, u, theirs)
}

// leave ends the membership of somebody in an organization, and in the groups of its identity provider. With stays, the
// membership is one that somebody has suspended, which it has to be when the person comes back. So does one that has an
// end: it is suspended.
func (t *tx) leave(organization int64, u *models.User, stays bool) error {
	err := t.Exec("DELETE FROM usergroup_users WHERE user_id = ? AND usergroup_id IN (SELECT usergroup_id FROM "+
		"scim_links "+
		"WHERE organization_id = ? AND usergroup_id IS NOT NULL)", u.ID, organization).Error
	if err != nil {
		return err
	}
	t.BumpPeople(u.ID)
	m, err := store.First[models.Membership](t.Where("user_id = ? AND taxonomy_id = ?", u.ID, organization))
	if err != nil || m == nil || stays {
		return err
	}
	if m.ExpiresAt != nil {
		return t.setMembershipState(m, u, false)
	}
	tenant, err := store.First[models.Tenant](t.Where("id = ?", organization))
	if err != nil || tenant == nil {
		return err
	}
	state := &membershipState{Membership: *m, tenant: tenant, member: u.Login}
	if state.roles, err = t.LinkedIDs(store.MembershipRoles, m.ID); err != nil {
		return err
	}
	return t.removeMembership(state)
}
