package directory

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// Within is the organization in whose name a request looks at people: none is given, the caller's own place outside of
// all organizations is, or an organization (docs/spec/cvat.md, 4).
type Within struct {
	Given        bool
	Organization int64
}

// OrganizationView is an organization as its members see it.
type OrganizationView struct {
	*models.Tenant
	// Owner has the login and the names of the one who owns the organization, of several the first; nil without one.
	Owner *models.User
}

// OrganizationChange is what members ask an organization to be; what is not set stays as it is.
type OrganizationChange struct {
	Slug, Name, Description models.Opt[string]
	// Contact is a JSON object.
	Contact models.Opt[string]
	Limits  OrganizationLimits
}

// OrganizationLimits are those of a dialect, in characters; 0 for none.
type OrganizationLimits struct{ Slug, Name int }

// Validate reports what the change breaks by itself.
func (c *OrganizationChange) Validate() models.FieldErrors {
	var errs models.FieldErrors
	errs.Check(c.Limits.Slug == 0 || !models.TooLong(c.Slug.Value, c.Limits.Slug), "slug", models.RuleTooLong,
		c.Limits.Slug)
	errs.Check(c.Limits.Name == 0 || !models.TooLong(c.Name.Value, c.Limits.Name), "name", models.RuleTooLong,
		c.Limits.Name)
	errs.Check(!c.Contact.Set || json.Valid([]byte(c.Contact.Value)), "contact", models.RuleInvalid)
	return errs
}

// standing is what a caller is in an organization and in the installation.
type standing struct {
	// member says that the caller belongs to the organization, with a role there.
	member bool
	role   models.OrganizationRole
	group  models.SystemGroup
}

// in reports whether the caller is an administrator, or belongs to the organization in one of some roles.
func (s standing) in(roles ...models.OrganizationRole) bool {
	return s.group == models.SystemAdmin || s.member && slices.Contains(roles, s.role)
}

// grouped reports whether the caller is an administrator, or in one of some system groups.
func (s standing) grouped(groups ...models.SystemGroup) bool {
	return s.group == models.SystemAdmin || slices.Contains(groups, s.group)
}

// standing works out what the caller is in an organization, 0 for none.
func (t *tx) standing(organization int64) (standing, error) {
	p := t.Caller
	s := standing{member: organization != 0 && slices.Contains(p.Organizations, organization)}
	if p.Admin {
		s.group = models.SystemAdmin
	}
	r, err := t.s.SnapshotFor(t.Statement.Context, p)
	if err != nil {
		return s, err
	}
	if s.member {
		var roles []int64
		for _, h := range p.Held {
			if h.TenantID == organization {
				roles = append(roles, h.RoleID)
			}
		}
		s.role = r.OrganizationRole(roles)
	}
	if p.Admin || p.UserID <= 0 {
		return s, nil
	}
	s.group, err = t.systemGroup(r, p.UserID)
	return s, err
}

// systemGroup is the strongest system group that somebody is in, or counted among, who is no administrator.
func (t *tx) systemGroup(r *store.Snapshot, user int64) (models.SystemGroup, error) {
	groups, err := t.IDs("SELECT usergroup_id FROM usergroup_users WHERE user_id = ?", user)
	if err != nil {
		return "", err
	}
	is := models.SystemGroup(r.Setting("cvat_default_group"))
	found := models.SystemGroup("")
	for _, id := range r.Around(groups) {
		switch name := models.SystemGroup(r.Groups[id].Name); {
		case name == models.SystemUser, name == models.SystemWorker && found == "":
			found = name
		}
	}
	if found != "" {
		is = found
	}
	return is, nil
}

// RootOrganization finds an organization that is inside no other, by its slug or else by its number. Whoever asks may
// know that it exists: what is shown of it, other verbs decide.
func (s *Service) RootOrganization(ctx context.Context, slug string, id int64) (*models.Tenant, error) {
	r, err := s.LatestSnapshot(ctx)
	if err != nil {
		return nil, err
	}
	if slug != "" {
		id = r.TenantOfSlug(slug)
	}
	tenant := r.Tenants[id]
	if tenant == nil || tenant.Type != models.OrganizationKind || tenant.ParentID != nil {
		return nil, models.NotFoundError(store.Subject(string(models.OrganizationKind)), slug)
	}
	return tenant, nil
}

// MemberOrganizations lists the organizations that the caller belongs to, all for administrators.
func (s *Service) MemberOrganizations(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*OrganizationView], error) {
	l := store.Listing[models.Tenant, *OrganizationView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.MemberOrganizations,
		Views: func(rows []models.Tenant) ([]*OrganizationView, error) { return s.organizationViews(ctx, rows) },
	}
	if p == nil || !p.Admin {
		l.Within = scopes.OrganizationsOf(p)
	}
	return l.Read(ctx)
}

// organizationViews adds the owners to a page.
func (s *Service) organizationViews(ctx context.Context, rows []models.Tenant) ([]*OrganizationView, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	owners, err := s.ownersOf(ctx, s.Read, ids)
	if err != nil {
		return nil, err
	}
	views := make([]*OrganizationView, len(rows))
	for i := range rows {
		views[i] = &OrganizationView{Tenant: &rows[i], Owner: owners[rows[i].ID]}
	}
	return views, nil
}

// ownersOf reads who owns some organizations.
func (s *Service) ownersOf(ctx context.Context, db *gorm.DB, organizations []int64) (map[int64]*models.User, error) {
	if len(organizations) == 0 {
		return nil, nil
	}
	var rows []struct {
		models.User
		TaxonomyID int64
	}
	condition, value := s.InIDs("m.taxonomy_id", organizations)
	err := db.WithContext(ctx).Table("memberships m").Joins("JOIN users ON users.id = m.user_id").
		Scopes(scopes.NotHidden, scopes.OwnersAmong("m")).Where(condition, value).
		Select("m.taxonomy_id, users.id, users.login, users.firstname, users.lastname").Order("m.id DESC").
		Scan(&rows).Error
	owners := map[int64]*models.User{}
	for i := range rows {
		owners[rows[i].TaxonomyID] = &rows[i].User
	}
	return owners, err
}

// MemberOrganization shows an organization to those who belong to it, and to administrators. Others are refused.
func (s *Service) MemberOrganization(ctx context.Context, p *models.Principal, id int64) (*OrganizationView, error) {
	t := s.reading(ctx, p)
	row, err := t.rootOrganization(t.DB, id)
	if err != nil {
		return nil, err
	}
	if err := t.mustBelong(id); err != nil {
		return nil, err
	}
	return s.organizationView(ctx, t.DB, row)
}

func (s *Service) organizationView(ctx context.Context, db *gorm.DB, row *models.Tenant) (*OrganizationView, error) {
	owners, err := s.ownersOf(ctx, db, []int64{row.ID})
	return &OrganizationView{Tenant: row, Owner: owners[row.ID]}, err
}

// mustBelong refuses callers who are neither administrators nor members of an organization.
func (t *tx) mustBelong(organization int64) error {
	p := t.Caller
	if p == nil || p.UserID == 0 {
		return store.ErrNobody
	}
	if !p.Admin && !slices.Contains(p.Organizations, organization) {
		return models.DeniedBecause(models.RuleOutsider)
	}
	return nil
}

// rootOrganization reads an organization that is inside no other.
func (t *tx) rootOrganization(db *gorm.DB, id int64) (*models.Tenant, error) {
	return store.Take[models.Tenant](db.Scopes(scopes.RootOrganizations), scopes.MemberOrganizations,
		store.Ref{ID: id})
}

// FoundOrganization makes an organization that the caller owns. It takes no permission, but that the caller is in the
// system group of users (docs/spec/cvat.md, 5).
func (s *Service) FoundOrganization(ctx context.Context, p *models.Principal,
	c OrganizationChange) (*OrganizationView, error) {
	var v *OrganizationView
	if c.Name.Value = strings.TrimSpace(c.Name.Value); c.Name.Value == "" {
		c.Name = c.Slug
	}
	err := s.change(ctx, p, func(t *tx) error {
		if err := t.mayFound(); err != nil {
			return err
		}
		if err := t.Lock(store.LockTenants); err != nil {
			return err
		}
		after := &tenantState{Tenant: models.Tenant{Type: models.OrganizationKind, CreatedAt: t.Time,
			UpdatedAt: t.Time}}
		if err := t.saveOrganization(nil, after, c); err != nil {
			return err
		}
		if err := t.own(after); err != nil {
			return err
		}
		var err error
		v, err = s.organizationView(ctx, t.DB, &after.Tenant)
		return err
	})
	return v, taken(err, "name")
}

// MayFoundOrganization refuses callers who may not make an organization, whatever it is to be.
func (s *Service) MayFoundOrganization(ctx context.Context, p *models.Principal) error {
	if p == nil || p.UserID == 0 {
		return store.ErrNobody
	}
	return s.reading(ctx, p).mayFound()
}

func (t *tx) mayFound() error {
	is, err := t.standing(0)
	if err == nil && !is.grouped(models.SystemUser) {
		err = models.DeniedBecause(models.RuleOrganizationRole)
	}
	return err
}

// MayChangeOrganization refuses callers who may not change an organization, whatever it is to be.
func (s *Service) MayChangeOrganization(ctx context.Context, p *models.Principal, id int64) error {
	if p == nil || p.UserID == 0 {
		return store.ErrNobody
	}
	return s.reading(ctx, p).mayManage(id, models.OrganizationOwner, models.OrganizationMaintainer)
}

// mayManage refuses callers who have none of some roles in an organization, and those who are in no system group.
func (t *tx) mayManage(id int64, roles ...models.OrganizationRole) error {
	is, err := t.standing(id)
	if err == nil && (!is.in(roles...) || !is.grouped(models.SystemUser, models.SystemWorker)) {
		err = models.DeniedBecause(models.RuleOrganizationRole)
	}
	return err
}

// own makes the caller the owner of a new organization.
func (t *tx) own(a *tenantState) error {
	if !slices.Contains(a.users, t.Caller.UserID) {
		if err := t.AddLinks(store.TenantUsers, a.ID, []int64{t.Caller.UserID}); err != nil {
			return err
		}
	}
	m, err := store.First[models.Membership](t.Where("user_id = ? AND taxonomy_id = ?", t.Caller.UserID, a.ID))
	if m == nil || err != nil {
		return err
	}
	before := &membershipState{Membership: *m, tenant: &a.Tenant, member: t.Caller.Login}
	after := *before
	if after.roles, err = t.organizationRole(models.OrganizationOwner); err != nil {
		return err
	}
	after.Source = models.MemberInvitation // nobody in the organization has put the founder there, or owns the account
	if err := t.Model(&after.Membership).UpdateColumn("source", after.Source).Error; err != nil {
		return err
	}
	if err := t.writeMembership(before, &after); err != nil {
		return err
	}
	t.bumpMembership(&after, true)
	return t.Audit(after.record(), nil, after.facts())
}

// organizationRole returns the role that stands for an organization role, alone in a list.
func (t *tx) organizationRole(role models.OrganizationRole) ([]int64, error) {
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	id := r.RoleOf(role)
	if id == 0 {
		return nil, models.Refuse("role", models.RuleNotIncluded)
	}
	return []int64{id}, nil
}

// ChangeOrganization changes an organization, for its owner and maintainers.
func (s *Service) ChangeOrganization(ctx context.Context, p *models.Principal, id int64,
	c OrganizationChange) (*OrganizationView, error) {
	var v *OrganizationView
	err := s.change(ctx, p, func(t *tx) error {
		before, err := t.managedOrganization(id, models.OrganizationOwner, models.OrganizationMaintainer)
		if err != nil {
			return err
		}
		after := *before
		if err := t.saveOrganization(before, &after, c); err != nil {
			return err
		}
		v, err = s.organizationView(ctx, t.DB, &after.Tenant)
		return err
	})
	return v, taken(err, "name")
}

// managedOrganization reads an organization for a change by somebody who has one of some roles there.
func (t *tx) managedOrganization(id int64, roles ...models.OrganizationRole) (*tenantState, error) {
	if err := t.Lock(store.LockTenants); err != nil {
		return nil, err
	}
	row, err := t.rootOrganization(t.Locking(), id)
	if err != nil {
		return nil, err
	}
	if err = t.mayManage(id, roles...); err != nil {
		return nil, err
	}
	return t.tenantState(row)
}

// saveOrganization makes a change of an organization by its members; before is nil for a new one.
func (t *tx) saveOrganization(before, after *tenantState, c OrganizationChange) error {
	change := TenantChange{Name: c.Name, memberChange: true}
	if c.Description.Set {
		change.Description = models.Some(&c.Description.Value)
	}
	if c.Contact.Set {
		change.Contact = models.Some(&c.Contact.Value)
	}
	if c.Slug.Set {
		change.Slug = models.Some(&c.Slug.Value)
	}
	if err := c.Validate().Err(); err != nil {
		return err
	}
	return t.saveTenant(before, after, change)
}

// DissolveOrganization deletes an organization, for its owner.
func (s *Service) DissolveOrganization(ctx context.Context, p *models.Principal, id int64) error {
	return s.change(ctx, p, func(t *tx) error {
		state, err := t.managedOrganization(id, models.OrganizationOwner)
		if err != nil {
			return err
		}
		return t.deleteTenant(state)
	})
}
