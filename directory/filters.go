package directory

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// FilterView is a filter with what dialects show of it.
type FilterView struct {
	models.Filter
	// ResourceType is that of the permissions; nil for permissions about no record.
	ResourceType *string
	Role         *models.Role
	Permissions  []models.Permission
	Tenants      TenantLists
}

// FilterChange is a requested change of a filter. Its tenants count only with Override; without it, those of the role
// do.
type FilterChange struct {
	RoleID      models.Opt[int64]
	RoleName    models.Opt[string]
	Search      models.Opt[*string]
	Unlimited   models.Opt[bool]
	Override    models.Opt[bool]
	Permissions models.Opt[Refs]
	Tenants     TenantRefs
}

// references are the lists that a change of a filter carries.
func (c *FilterChange) references(p *models.Principal) []reference {
	tenants := c.Tenants.references(func(kind models.TenantKind) target { return tenantsTarget(p, kind) })
	return append(tenants, referencesTo(permissionsTarget, &c.Permissions)...)
}

type filterState struct {
	models.Filter
	role        *models.Role
	permissions []int64
	tenants     tenantIDs
	// types are the resource types of the permissions, "" for permissions about no record.
	types []string
}

func (f *filterState) facts() store.AuditedValues {
	return append(store.AuditedValues{
		store.Audited("role_id", &f.RoleID), store.Audited("search", f.Search),
		store.Audited("taxonomy_search", f.TaxonomySearch), store.Audited("override", &f.Override),
		store.AuditedIDs("permission_ids", f.permissions),
	}, f.tenants.audited()...)
}

func (f *filterState) record() store.AuditSubject {
	r := store.AuditSubject{ID: f.ID, Class: "Filter", Name: "Filter for role", AssociatedID: f.RoleID,
		AssociatedClass: "Role"}
	if f.role != nil {
		r.Name = "Filter for role " + f.role.Name
		r.AssociatedName = f.role.Name
	}
	return r
}

func (f *filterState) resourceType() string {
	if len(f.types) == 0 {
		return ""
	}
	return f.types[0]
}

// clone returns a copy that a change may work on.
func (f *filterState) clone() *filterState {
	after := *f
	after.tenants = f.tenants.clone()
	return &after
}

// Filters lists the filters that the caller may view.
func (s *Service) Filters(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[*FilterView], error) {
	db := s.Read.WithContext(ctx)
	return store.Listing[models.Filter, *FilterView]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Filters,
		Views: func(rows []models.Filter) ([]*FilterView, error) { return s.filterViews(db, rows) },
	}.Read(ctx)
}

// filterViews adds roles and permissions to a page.
func (s *Service) filterViews(db *gorm.DB, rows []models.Filter) ([]*FilterView, error) {
	ids := make([]int64, len(rows))
	roleIDs := make([]int64, len(rows))
	for i, f := range rows {
		ids[i] = f.ID
		roleIDs[i] = f.RoleID
	}
	var roles []models.Role
	cond, value := s.InIDs("id", roleIDs)
	if err := db.Where(cond, value).Find(&roles).Error; err != nil {
		return nil, err
	}
	var given []struct {
		FilterID int64
		models.Permission
	}
	cond, value = s.InIDs("fp.filter_id", ids)
	err := db.Table("filter_permissions fp").Joins("JOIN permissions p ON p.id = fp.permission_id").Where(cond, value).
		Select("fp.filter_id, p.*").Order("p.id").Scan(&given).Error
	if err != nil {
		return nil, err
	}
	byRole := store.IndexByID(roles, func(r *models.Role) int64 { return r.ID })
	views := make([]*FilterView, len(rows))
	for i, f := range rows {
		views[i] = &FilterView{Filter: f, Role: byRole[f.RoleID]}
		for _, g := range given {
			if g.FilterID == f.ID {
				views[i].Permissions = append(views[i].Permissions, g.Permission)
				views[i].ResourceType = g.ResourceType
			}
		}
	}
	return views, nil
}

// Filter shows one filter.
func (s *Service) Filter(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*FilterView, error) {
	db := s.Read.WithContext(ctx)
	row, err := store.Find[models.Filter](db, p, scopes.Filters, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return s.filterView(db, p, row)
}

func (s *Service) filterView(db *gorm.DB, p *models.Principal, row *models.Filter) (*FilterView, error) {
	views, err := s.filterViews(db, []models.Filter{*row})
	if err != nil {
		return nil, err
	}
	v := views[0]
	v.Tenants, err = tenantsUnder(db, p, store.FilterTenants, row.ID)
	return v, err
}

// CreateFilter adds a filter to a role (docs/spec/foreman.md, 11.4).
func (s *Service) CreateFilter(ctx context.Context, p *models.Principal, c FilterChange) (*FilterView, error) {
	var v *FilterView
	err := s.creating(ctx, p, scopes.Filters, c.references(p), func(t *tx) error {
		after := &filterState{Filter: models.Filter{CreatedAt: t.Time, UpdatedAt: t.Time}, tenants: tenantIDs{}}
		if err := t.saveFilter(nil, after, c); err != nil {
			return err
		}
		var err error
		v, err = s.filterView(t.DB, t.Caller, &after.Filter)
		return err
	})
	return v, err
}

// UpdateFilter changes a filter.
func (s *Service) UpdateFilter(ctx context.Context, p *models.Principal, ref store.Ref, c FilterChange,
	parents ...store.Parent) (*FilterView, error) {
	var v *FilterView
	err := s.changing(ctx, p, c.references(p), func(t *tx) error {
		row, err := store.Find[models.Filter](t.Locking(), t.Caller, scopes.Filters, models.Edit, ref, parents)
		if err != nil {
			return err
		}
		before, err := t.filterState(row)
		if err != nil {
			return err
		}
		after := before.clone()
		if err := t.saveFilter(before, after, c); err != nil {
			return err
		}
		v, err = s.filterView(t.DB, t.Caller, &after.Filter)
		return err
	})
	return v, err
}

// saveFilter makes a change of a filter; before is nil for a new one.
func (t *tx) saveFilter(before, after *filterState, c FilterChange) error {
	var holders power
	return save(t, before, after, steps{
		apply: func() error { return t.applyFilter(after, c) },
		write: func() error {
			// A filter that moves gives to the holders of another role: what that role gave before counts.
			var err error
			if holders, err = t.powerOfRoles(after.RoleID); err != nil {
				return err
			}
			return t.writeFilter(before, after)
		},
		settle:  func() error { return t.authorizeRoles(holders, after.RoleID) },
		covered: scopes.Filters, bumps: []string{store.RevisionSnapshot},
	})
}

func (t *tx) filterState(row *models.Filter) (*filterState, error) {
	f := &filterState{Filter: *row}
	var err error
	if f.permissions, err = t.LinkedIDs(store.FilterPermissions, row.ID); err != nil {
		return nil, err
	}
	if f.tenants, err = t.assignments(store.FilterTenants, row.ID); err != nil {
		return nil, err
	}
	if f.role, err = store.First[models.Role](t.Where("id = ?", row.RoleID)); err != nil {
		return nil, err
	}
	return f, t.knowTypes(f)
}

// knowTypes reads the resource types of the permissions.
func (t *tx) knowTypes(f *filterState) error {
	f.types = nil
	if len(f.permissions) == 0 {
		return nil
	}
	cond, value := t.s.InIDs("id", f.permissions)
	return t.Model(&models.Permission{}).Where(cond, value).Distinct().Order("1").Pluck("COALESCE(resource_type, '')",
		&f.types).Error
}

// applyFilter writes the change into the state and checks the result.
func (t *tx) applyFilter(f *filterState, c FilterChange) error {
	wasLocked := f.role != nil && f.role.Locked()
	if err := t.applyFilterRefs(f, c); err != nil {
		return err
	}
	was := f.Search
	c.Search.Apply(&f.Search)
	f.Search = models.BlankToNil(models.Trimmed(f.Search))
	if c.Unlimited.Set && c.Unlimited.Value {
		f.Search = nil
	}
	c.Override.Apply(&f.Override)
	if err := t.knowTypes(f); err != nil {
		return err
	}
	taxable := limitable(f.resourceType())
	errs := t.checkFilter(f, c, wasLocked, taxable)
	t.checkExclusion(&errs, f, was)
	if err := errs.Err(); err != nil {
		return err
	}
	if !taxable {
		f.Override = false
	}
	role, err := t.roleState(f.role)
	if err != nil {
		return err
	}
	return t.placeFilter(f, role)
}

// limitable reports whether filters for a class may be limited to tenants (docs/spec/foreman.md, 11.4). Hosts are
// records that only other servers have.
func limitable(class string) bool {
	return scopes.HasTenants(class) || class == "Host"
}

func (t *tx) applyFilterRefs(f *filterState, c FilterChange) error {
	c.RoleID.Apply(&f.RoleID)
	if c.RoleName.Set {
		visible := rolesTarget
		visible.seen = []scopes.Scope{scopes.Authorized(t.Caller, scopes.Roles.Can(models.View), scopes.Roles)}
		ids, err := t.resolve(visible, ByNames(c.RoleName.Value))
		if err != nil {
			return err
		}
		f.RoleID = ids[0]
	}
	var err error
	// The caller must be able to see the role.
	if f.role, err = store.First[models.Role](t.Locking().
		Scopes(scopes.Authorized(t.Caller, scopes.Roles.Can(models.View), scopes.Roles)).Where("roles.id = ?",
		f.RoleID)); err != nil {
		return err
	}
	if err := t.replace(permissionsTarget, c.Permissions, &f.permissions); err != nil {
		return err
	}
	return t.limit(c.Tenants, f.tenants, &f.LocationsLimited, &f.OrganizationsLimited)
}

// checkFilter reports every broken rule at once (docs/spec/foreman.md, 11.4).
func (t *tx) checkFilter(f *filterState, c FilterChange, wasLocked, taxable bool) models.FieldErrors {
	var errs models.FieldErrors
	errs.Check(f.role != nil, "role", models.RuleBlank)
	errs.Check(!wasLocked && (f.role == nil || !f.role.Locked()), "role_id", models.RuleFilterLocked)
	errs.Check(len(f.permissions) > 0, "permissions", models.RuleNoPermissions)
	if len(f.types) > 1 && f.role != nil {
		errs.Add("permissions", models.RuleMixedPermissions, strings.Join(f.types, ","), f.role.Name)
	}
	errs.Check(!models.TooLong(models.Deref(f.Search), models.MaxText), "search", models.RuleTooLong, models.MaxText)
	if f.Search != nil && len(errs) == 0 {
		if err := t.readable(f); err != nil {
			errs.Add("search", models.RuleNoQuery, err.Error())
		}
	}
	// Tenants that the filter would not keep are discarded below; only an override keeps them.
	for _, kind := range slices.Backward(models.TenantKinds) {
		errs.Check(taxable || !f.Override || len(c.Tenants[kind].Value.IDs) == 0, kind.Word()+"_ids",
			models.RuleNotLimitable, kind.Word())
	}
	return errs
}

// checkExclusion allows only administrators to limit a filter by tenants and users that its holders may not know of:
// others could find out by such a filter which user is where.
func (t *tx) checkExclusion(errs *models.FieldErrors, f *filterState, was *string) {
	r := scopes.ByClass(f.resourceType())
	if t.Caller.Admin || r == nil || f.Search == nil || models.Deref(was) == *f.Search {
		return
	}
	errs.Check(!r.Excludes(*f.Search), "search", models.RuleExclusion)
}

// readable reports whether the filter's query can be read for its resource.
func (t *tx) readable(f *filterState) error {
	noun := scopes.ByClass(f.resourceType())
	if noun == nil {
		return scopes.WellFormed(*f.Search) // records that only other servers have
	}
	return scopes.Readable(t.DB, t.Caller, noun, *f.Search)
}

// placeFilter settles the filter's tenants: the role's unless it overrides, none where the resource has none.
func (t *tx) placeFilter(f *filterState, role *roleState) error {
	if !f.Override {
		f.tenants = role.tenants.clone()
		f.LocationsLimited = role.LocationsLimited
		f.OrganizationsLimited = role.OrganizationsLimited
	}
	class := f.resourceType()
	if !limitable(class) || class == string(models.OrganizationKind) {
		delete(f.tenants, models.LocationKind)
		f.LocationsLimited = false
	}
	if !limitable(class) || class == string(models.LocationKind) {
		delete(f.tenants, models.OrganizationKind)
		f.OrganizationsLimited = false
	}
	f.WordTenants(f.tenants)
	return nil
}

func (t *tx) writeFilter(before, after *filterState) error {
	had := orNew(before)
	switch {
	case before == nil:
		if err := t.Create(&after.Filter).Error; err != nil {
			return err
		}
	case !reflect.DeepEqual(before.Filter, after.Filter):
		after.UpdatedAt = t.Time
		if err := t.Overwrite(&after.Filter); err != nil {
			return err
		}
	}
	if _, err := t.Relink(store.FilterPermissions, after.ID, had.permissions, after.permissions); err != nil {
		return err
	}
	return t.relinkTenants(store.FilterTenants, after.ID, had.tenants, after.tenants)
}

// DeleteFilter removes a filter; one of a locked role is refused and stays (docs/spec/foreman.md, 11.5).
func (s *Service) DeleteFilter(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*models.Filter, error) {
	var gone *models.Filter
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if gone, err = store.Find[models.Filter](t.Locking(), t.Caller, scopes.Filters, models.Destroy, ref,
			parents); err != nil {
			return err
		}
		state, err := t.filterState(gone)
		if err != nil {
			return err
		}
		if state.role.Locked() {
			return models.Refuse("role_id", models.RuleFilterLocked)
		}
		if err := t.Exec("DELETE FROM filters WHERE id = ?", gone.ID).Error; err != nil {
			return err
		}
		t.Bump(store.RevisionSnapshot, 0)
		if err := t.Audit(state.record(), state.facts(), nil); err != nil || t.Caller.Admin {
			return err
		}
		r, err := t.Snapshot()
		if err == nil && namesUnknown(gone.TaxonomySearch, r.VisibleTenants(t.Caller)) {
			gone.TaxonomySearch = nil
		}
		return err
	})
	return gone, err
}

// Permissions lists the permissions, for callers who may edit filters (docs/spec/foreman.md, 2.6).
func (s *Service) Permissions(ctx context.Context, p *models.Principal,
	q store.ListQuery) (*store.List[models.Permission], error) {
	return store.Listing[models.Permission, models.Permission]{
		Store: s.Store, Caller: p, Query: q, Resource: scopes.Permissions, Views: Same[models.Permission],
	}.Read(ctx)
}

// Permission shows one permission.
func (s *Service) Permission(ctx context.Context, p *models.Principal, ref store.Ref) (*models.Permission, error) {
	if err := store.Require(p, scopes.Filters, models.Edit); err != nil {
		return nil, err
	}
	return store.Take[models.Permission](s.Read.WithContext(ctx), scopes.Permissions, ref)
}

// ResourceTypes lists the classes that permissions are about, by name.
func (s *Service) ResourceTypes(ctx context.Context, p *models.Principal) ([]string, error) {
	if err := store.Require(p, scopes.Filters, models.Edit); err != nil {
		return nil, err
	}
	var types []string
	err := s.Read.WithContext(ctx).Model(&models.Permission{}).Where("resource_type IS NOT NULL").Distinct().
		Order("resource_type").Pluck("resource_type", &types).Error
	return types, err
}

// CurrentPermissions lists the permissions that the caller's roles grant; administrators have all.
func (s *Service) CurrentPermissions(ctx context.Context, p *models.Principal) ([]models.Permission, error) {
	if p == nil || p.UserID == 0 {
		return nil, store.ErrNobody
	}
	var rows []models.Permission
	err := s.Read.WithContext(ctx).Order("id").Find(&rows).Error
	return slices.DeleteFunc(rows, func(r models.Permission) bool { return !p.Can(r.Name) }), err
}
