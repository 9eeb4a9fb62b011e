package directory

import (
	"context"
	"reflect"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// RoleView is a role with what dialects show of it alone.
type RoleView struct {
	models.Role
	Filters []FilterRef
	Tenants TenantLists
}

// FilterRef is a filter as its role shows it.
type FilterRef struct {
	ID           int64
	ResourceType *string
}

// RoleChange is a requested change of a role; the tenants replace the sets.
type RoleChange struct {
	Name        models.Opt[string]
	Description models.Opt[*string]
	Tenants     TenantRefs
}

// references are the lists that a change of a role carries.
func (c *RoleChange) references(p *models.Principal) []reference {
	return c.Tenants.references(func(kind models.TenantKind) target { return tenantsTarget(p, kind) })
}

type roleState struct {
	models.Role
	tenants tenantIDs
}

func (r *roleState) facts() store.AuditedValues {
	return append(store.AuditedValues{
		store.Audited("name", &r.Name), store.Audited("builtin", &r.Builtin),
		store.Audited("description", r.Description), store.Audited("origin", r.Origin),
		store.Audited("cloned_from_id", r.ClonedFromID),
	}, r.tenants.audited()...)
}

func (r *roleState) record() store.AuditSubject {
	return store.AuditSubject{ID: r.ID, Class: "Role", Name: r.Name}
}

// Roles lists the roles that the caller may view.
func (s *Service) Roles(ctx context.Context, p *models.Principal, q store.ListQuery) (*store.List[models.Role], error) {
	return store.Listing[models.Role, models.Role]{Store: s.Store, Caller: p, Query: q, Resource: scopes.Roles,
		Views: Same[models.Role]}.Read(ctx)
}

// Role shows one role.
func (s *Service) Role(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*RoleView, error) {
	db := s.Read.WithContext(ctx)
	row, err := store.Find[models.Role](db, p, scopes.Roles, models.View, ref, parents)
	if err != nil {
		return nil, err
	}
	return roleView(db, p, row)
}

// filterType selects the resource type of a filter: that of its permissions, which all have the same.
const filterType = `(SELECT MIN(p.resource_type) FROM filter_permissions fp
	JOIN permissions p ON p.id = fp.permission_id WHERE fp.filter_id = filters.id)`

func roleView(db *gorm.DB, p *models.Principal, row *models.Role) (*RoleView, error) {
	v := &RoleView{Role: *row}
	err := db.Model(&models.Filter{}).Select("id, "+filterType+" AS resource_type").Where("role_id = ?", row.ID).
		Order("id").Scan(&v.Filters).Error
	if err != nil {
		return nil, err
	}
	v.Tenants, err = tenantsUnder(db, p, store.RoleTenants, row.ID)
	return v, err
}

// CreateRole adds a role (docs/spec/foreman.md, 11.1). An installation's lone tenants are assigned when none are given.
func (s *Service) CreateRole(ctx context.Context, p *models.Principal, c RoleChange) (*RoleView, error) {
	var v *RoleView
	err := s.creating(ctx, p, scopes.Roles, c.references(p), func(t *tx) error {
		var err error
		if c.Tenants, err = t.withDefaults(c.Tenants, false); err != nil {
			return err
		}
		after := &roleState{tenants: tenantIDs{}}
		if err := t.saveRole(nil, after, c); err != nil {
			return err
		}
		v, err = roleView(t.DB, t.Caller, &after.Role)
		return err
	})
	return v, taken(err, "name")
}

// UpdateRole changes a role. Filters that do not override follow its tenants.
func (s *Service) UpdateRole(ctx context.Context, p *models.Principal, ref store.Ref, c RoleChange,
	parents ...store.Parent) (*RoleView, error) {
	var v *RoleView
	err := s.changing(ctx, p, c.references(p), func(t *tx) error {
		row, err := store.Find[models.Role](t.Locking(), t.Caller, scopes.Roles, models.Edit, ref, parents)
		if err != nil {
			return err
		}
		before, err := t.roleState(row)
		if err != nil {
			return err
		}
		after := before.clone()
		if err := t.saveRole(before, after, c); err != nil {
			return err
		}
		v, err = roleView(t.DB, t.Caller, &after.Role)
		return err
	})
	return v, taken(err, "name")
}

// clone returns a copy that a change may work on.
func (r *roleState) clone() *roleState {
	after := *r
	after.tenants = r.tenants.clone()
	return &after
}

func (t *tx) roleState(row *models.Role) (*roleState, error) {
	tenants, err := t.assignments(store.RoleTenants, row.ID)
	return &roleState{Role: *row, tenants: tenants}, err
}

// saveRole makes a change of a role; before is nil for a new one. Whose power the role is counts as it was before.
func (t *tx) saveRole(before, after *roleState, c RoleChange) error {
	had := orNew(before)
	holders, err := t.powerOfRoles(had.ID)
	if err != nil {
		return err
	}
	return save(t, before, after, steps{
		apply: func() error { return t.applyRole(after, c) },
		check: func() error {
			errs := after.Validate()
			locked := before != nil && before.Locked() && !sameRole(before.Role, after.Role)
			errs.Check(!locked, models.Base, models.RuleRoleLocked)
			if err := t.checkFree(&errs, after.Name, &models.Role{}, "name = ? AND id <> ?", after.Name,
				after.ID); err != nil {
				return err
			}
			return errs.Err()
		},
		write: func() error {
			if err := t.writeRole(before, after); err != nil {
				return err
			}
			return t.relinkTenants(store.RoleTenants, after.ID, had.tenants, after.tenants)
		},
		settle: func() error {
			if !store.SameSet(had.tenants.all(), after.tenants.all()) || !had.limitedLike(after) {
				if err := t.followRole(after); err != nil {
					return err
				}
			}
			return t.authorizeRoles(holders, after.ID)
		},
		covered: scopes.Roles, bumps: []string{store.RevisionSnapshot},
	})
}

// limitedLike reports whether two states are limited by the same kinds of tenants.
func (r *roleState) limitedLike(other *roleState) bool {
	return r.LocationsLimited == other.LocationsLimited && r.OrganizationsLimited == other.OrganizationsLimited
}

// sameRole compares what users may not change of a locked role; its tenants are theirs.
func sameRole(a, b models.Role) bool {
	b.LocationsLimited = a.LocationsLimited
	b.OrganizationsLimited = a.OrganizationsLimited
	return reflect.DeepEqual(a, b)
}

func (t *tx) applyRole(r *roleState, c RoleChange) error {
	c.Name.Apply(&r.Name)
	c.Description.Apply(&r.Description)
	r.Normalize()
	return t.limit(c.Tenants, r.tenants, &r.LocationsLimited, &r.OrganizationsLimited)
}

// limit replaces the tenants that limit a role or a filter. Only whoever sends an empty list takes the limit away; it
// stays when its tenants are deleted.
func (t *tx) limit(c TenantRefs, ids tenantIDs, locationsLimited, organizationsLimited *bool) error {
	limited := map[models.TenantKind]*bool{
		models.LocationKind: locationsLimited, models.OrganizationKind: organizationsLimited,
	}
	for _, kind := range models.TenantKinds {
		own := ids[kind]
		if err := t.replace(tenantsTarget(t.Caller, kind), c[kind], &own); err != nil {
			return err
		}
		ids[kind] = own
		if c[kind].Set {
			*limited[kind] = len(own) > 0
		}
	}
	return nil
}

func (t *tx) writeRole(before, after *roleState) error {
	if before == nil {
		return t.Create(&after.Role).Error
	}
	if reflect.DeepEqual(before.Role, after.Role) {
		return nil
	}
	return t.Overwrite(&after.Role)
}

// followRole copies the role's tenants to its filters that do not override (docs/spec/foreman.md, 11.1).
func (t *tx) followRole(r *roleState) error {
	var rows []models.Filter
	if err := t.Where("role_id = ? AND override = ?", r.ID, false).Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		before, err := t.filterState(&rows[i])
		if err != nil {
			return err
		}
		after := before.clone()
		if err := t.placeFilter(after, r); err != nil {
			return err
		}
		if err := t.writeFilter(before, after); err != nil {
			return err
		}
		if err := t.Audit(after.record(), before.facts(), after.facts()); err != nil {
			return err
		}
	}
	return nil
}

// CloneRole copies a role with its filters under a new name; what the change carries wins over the original
// (docs/spec/foreman.md, 11.3).
func (s *Service) CloneRole(ctx context.Context, p *models.Principal, ref store.Ref,
	c RoleChange) (*models.Role, error) {
	var made *models.Role
	err := s.creating(ctx, p, scopes.Roles, c.references(p), func(t *tx) error {
		origin, err := store.Find[models.Role](t.DB, t.Caller, scopes.Roles, models.View, ref, nil)
		if err != nil {
			return err
		}
		from, err := t.roleState(origin)
		if err != nil {
			return err
		}
		after := &roleState{Role: models.Role{
			Description: from.Description, ClonedFromID: &origin.ID,
			LocationsLimited: from.LocationsLimited, OrganizationsLimited: from.OrganizationsLimited,
		}, tenants: from.tenants.clone()}
		if err := t.saveRole(nil, after, c); err != nil {
			return err
		}
		made = &after.Role
		if err := t.cloneFilters(origin.ID, after); err != nil {
			return err
		}
		return t.authorizeRoles(power{settled: true}, after.ID)
	})
	return made, taken(err, "name")
}

func (t *tx) cloneFilters(from int64, to *roleState) error {
	var rows []models.Filter
	if err := t.Where("role_id = ? AND id IN (SELECT filter_id FROM filter_permissions)", from).Order("id").
		Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		origin, err := t.filterState(&rows[i])
		if err != nil {
			return err
		}
		after := origin.clone()
		after.Filter = models.Filter{
			RoleID: to.ID, Search: origin.Search, Override: origin.Override, CreatedAt: t.Time, UpdatedAt: t.Time,
			LocationsLimited: origin.LocationsLimited, OrganizationsLimited: origin.OrganizationsLimited,
		}
		after.role = &to.Role
		if err := t.placeFilter(after, to); err != nil {
			return err
		}
		if err := t.writeFilter(nil, after); err != nil {
			return err
		}
		if err := t.Audit(after.record(), nil, after.facts()); err != nil {
			return err
		}
	}
	return nil
}

// DeleteRole removes a role with its filters; whoever held it loses it (docs/spec/foreman.md, 11.2).
func (s *Service) DeleteRole(ctx context.Context, p *models.Principal, ref store.Ref,
	parents ...store.Parent) (*models.Role, error) {
	var gone *models.Role
	err := s.change(ctx, p, func(t *tx) error {
		var err error
		if gone, err = store.Find[models.Role](t.Locking(), t.Caller, scopes.Roles, models.Destroy, ref,
			parents); err != nil {
			return err
		}
		if gone.Builtin != 0 {
			return models.Refuse(models.Base, models.RuleRoleBuiltIn)
		}
		state, err := t.roleState(gone)
		if err != nil {
			return err
		}
		if err := t.Exec("DELETE FROM roles WHERE id = ?", gone.ID).Error; err != nil {
			return err
		}
		t.Bump(store.RevisionSnapshot, 0)
		t.Bump(store.RevisionUsers, 0)
		return t.Audit(state.record(), state.facts(), nil)
	})
	return gone, err
}
