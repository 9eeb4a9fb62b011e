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
	Filters                  []FilterRef
	Locations, Organizations []models.Tenant
}

// FilterRef is a filter as its role shows it.
type FilterRef struct {
	ID           int64
	ResourceType *string
}

// RoleChange is a requested change of a role; the tenants replace the sets.
type RoleChange struct {
	Name                     models.Opt[string]
	Description              models.Opt[*string]
	Locations, Organizations models.Opt[Refs]
}

// references are the lists that a change of a role carries.
func (c *RoleChange) references(p *models.Principal) []reference {
	return tenantReferences(p, &c.Locations, &c.Organizations)
}

// tenantReferences are the lists of tenants of both kinds.
func tenantReferences(p *models.Principal, locations, organizations *models.Opt[Refs]) []reference {
	return []reference{{tenantsTarget(p, models.LocationKind), locations}, {tenantsTarget(p, models.OrganizationKind),
		organizations}}
}

type roleState struct {
	models.Role
	locations, organizations []int64
}

func (r *roleState) facts() store.AuditedValues {
	return store.AuditedValues{store.Audited("name", &r.Name), store.Audited("builtin", &r.Builtin),
		store.Audited("description", r.Description), store.Audited("origin", r.Origin),
		store.Audited("cloned_from_id", r.ClonedFromID), store.AuditedIDs("location_ids", r.locations),
		store.AuditedIDs("organization_ids", r.organizations)}
}

func (r *roleState) record() store.AuditSubject {
	return store.AuditSubject{ID: r.ID, Class: "Role", Name: r.Name}
}

// Roles lists the roles that the caller may view.
func (s *Service) Roles(ctx context.Context, p *models.Principal, q store.ListQuery, head func(store.Totals) error,
	each func(models.Role) error) error {
	return store.List[models.Role, models.Role]{Store: s.Store, Caller: p, Query: q, Resource: scopes.Roles,
		Views: Same[models.Role]}.Run(ctx, head, each)
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
	v.Locations, v.Organizations, err = tenantsUnder(db, p, "role_taxonomies", "role_id", row.ID)
	return v, err
}

// tenantsUnder returns the tenants that a record is assigned to and that the caller may know of.
func tenantsUnder(db *gorm.DB, p *models.Principal, table, owner string, id int64) (locations,
	organizations []models.Tenant, err error) {
	var all []models.Tenant
	err = db.Scopes(scopes.KnownTenants(p)).Where("taxonomies.id IN (SELECT taxonomy_id FROM "+table+" WHERE "+owner+
		" = ?)", id).Order("title").Find(&all).Error
	for _, t := range all {
		if t.Type == models.LocationKind {
			locations = append(locations, t)
		} else {
			organizations = append(organizations, t)
		}
	}
	return locations, organizations, err
}

// CreateRole adds a role (docs/spec/foreman.md, 11.1). An installation's lone tenants are assigned when none are given.
func (s *Service) CreateRole(ctx context.Context, p *models.Principal, c RoleChange) (*RoleView, error) {
	if err := store.Require(p, scopes.Roles, models.Create); err != nil {
		return nil, err
	}
	if err := s.lookUp(ctx, c.references(p)...); err != nil {
		return nil, err
	}
	var v *RoleView
	err := s.change(ctx, p, func(t *tx) error {
		if err := store.Require(t.Caller, scopes.Roles, models.Create); err != nil {
			return err
		}
		if err := t.loneTenants(&c.Locations, &c.Organizations); err != nil {
			return err
		}
		var after roleState
		if err := t.saveRole(nil, &after, c); err != nil {
			return err
		}
		var err error
		v, err = roleView(t.DB, t.Caller, &after.Role)
		return err
	})
	return v, taken(err, "name")
}

// loneTenants adds the only location and the only organization of an installation where the change names none.
func (t *tx) loneTenants(locations, organizations *models.Opt[Refs]) error {
	r, err := t.Snapshot()
	if err != nil {
		return err
	}
	addTenants(locations, r.OnlyOne(t.Caller, models.LocationKind), 0)
	addTenants(organizations, r.OnlyOne(t.Caller, models.OrganizationKind), 0)
	return nil
}

// UpdateRole changes a role. Filters that do not override follow its tenants.
func (s *Service) UpdateRole(ctx context.Context, p *models.Principal, ref store.Ref, c RoleChange,
	parents ...store.Parent) (*RoleView, error) {
	if err := s.lookUp(ctx, c.references(p)...); err != nil {
		return nil, err
	}
	var v *RoleView
	err := s.change(ctx, p, func(t *tx) error {
		row, err := store.Find[models.Role](t.Locking(), t.Caller, scopes.Roles, models.Edit, ref, parents)
		if err != nil {
			return err
		}
		before, err := t.roleState(row)
		if err != nil {
			return err
		}
		after := *before
		if err := t.saveRole(before, &after, c); err != nil {
			return err
		}
		v, err = roleView(t.DB, t.Caller, &after.Role)
		return err
	})
	return v, taken(err, "name")
}

func (t *tx) roleState(row *models.Role) (*roleState, error) {
	state := &roleState{Role: *row}
	var err error
	if state.locations, err = t.tenantsOf(store.RoleTenants, row.ID, models.LocationKind); err != nil {
		return nil, err
	}
	state.organizations, err = t.tenantsOf(store.RoleTenants, row.ID, models.OrganizationKind)
	return state, err
}

// saveRole applies, checks and writes a change; before is nil for a new role.
func (t *tx) saveRole(before, after *roleState, c RoleChange) error {
	if err := t.applyRole(after, c); err != nil {
		return err
	}
	had, was, action := &roleState{}, store.AuditedValues(nil), models.Create
	if before != nil {
		had, was, action = before, before.facts(), models.Edit
	}
	holders, err := t.powerOfRoles(after.ID)
	if err != nil {
		return err
	}
	errs := after.Validate()
	locked := before != nil && before.Locked() && !sameRole(before.Role, after.Role)
	errs.Check(!locked, models.Base, models.RuleRoleLocked)
	if err := errs.Err(); err != nil {
		return err
	}
	if err := t.writeRole(before, after); err != nil {
		return err
	}
	if err := t.relinkTenants(store.RoleTenants, after.ID, had.tenants(), after.tenants()); err != nil {
		return err
	}
	if !store.SameSet(had.tenants(), after.tenants()) || !had.limitedLike(after) {
		if err := t.followRole(after); err != nil {
			return err
		}
	}
	if err := t.authorizeRoles(holders, after.ID); err != nil {
		return err
	}
	if err := t.covered(action, scopes.Roles, after.ID); err != nil {
		return err
	}
	t.Bump(store.RevisionSnapshot, 0)
	return t.Audit(after.record(), was, after.facts())
}

// limitedLike reports whether two states are limited by the same kinds of tenants.
func (r *roleState) limitedLike(other *roleState) bool {
	return r.LocationsLimited == other.LocationsLimited && r.OrganizationsLimited == other.OrganizationsLimited
}

func (r *roleState) tenants() []int64 { return joined(r.locations, r.organizations) }

// joined returns a new list with the ids of both.
func joined(a, b []int64) []int64 { return append(append([]int64{}, a...), b...) }

func (t *tx) relinkTenants(l store.LinkTable, owner int64, before, after []int64) error {
	_, err := t.Relink(l, owner, before, after)
	return err
}

// sameRole compares what users may not change of a locked role; its tenants are theirs.
func sameRole(a, b models.Role) bool {
	b.LocationsLimited, b.OrganizationsLimited = a.LocationsLimited, a.OrganizationsLimited
	return reflect.DeepEqual(a, b)
}

func (t *tx) applyRole(r *roleState, c RoleChange) error {
	c.Name.Apply(&r.Name)
	c.Description.Apply(&r.Description)
	r.Normalize()
	if err := t.replaceLimit(models.LocationKind, c.Locations, &r.locations, &r.LocationsLimited); err != nil {
		return err
	}
	return t.replaceLimit(models.OrganizationKind, c.Organizations, &r.organizations, &r.OrganizationsLimited)
}

// replaceLimit replaces the tenants of one kind that limit a role or a filter. Only an empty list in the change removes
// the limit; deleting the tenants does not.
func (t *tx) replaceLimit(kind models.TenantKind, list models.Opt[Refs], ids *[]int64, limited *bool) error {
	if err := t.replace(tenantsTarget(t.Caller, kind), list, ids); err != nil || !list.Set {
		return err
	}
	*limited = len(*ids) > 0
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
		after := *before
		if err := t.placeFilter(&after, r); err != nil {
			return err
		}
		if err := t.writeFilter(before, &after); err != nil {
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
	if err := store.Require(p, scopes.Roles, models.Create); err != nil {
		return nil, err
	}
	if err := s.lookUp(ctx, c.references(p)...); err != nil {
		return nil, err
	}
	var made *models.Role
	err := s.change(ctx, p, func(t *tx) error {
		if err := store.Require(t.Caller, scopes.Roles, models.Create); err != nil {
			return err
		}
		origin, err := store.Find[models.Role](t.DB, t.Caller, scopes.Roles, models.View, ref, nil)
		if err != nil {
			return err
		}
		from, err := t.roleState(origin)
		if err != nil {
			return err
		}
		after := roleState{Role: models.Role{
			Description: from.Description, ClonedFromID: &origin.ID,
			LocationsLimited: from.LocationsLimited, OrganizationsLimited: from.OrganizationsLimited,
		}, locations: from.locations, organizations: from.organizations}
		if err := t.saveRole(nil, &after, c); err != nil {
			return err
		}
		made = &after.Role
		if err := t.cloneFilters(origin.ID, &after); err != nil {
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
		after := *origin
		after.Filter = models.Filter{
			RoleID: to.ID, Search: origin.Search, Override: origin.Override, CreatedAt: t.Time, UpdatedAt: t.Time,
			LocationsLimited: origin.LocationsLimited, OrganizationsLimited: origin.OrganizationsLimited,
		}
		after.role = &to.Role
		if err := t.placeFilter(&after, to); err != nil {
			return err
		}
		if err := t.writeFilter(nil, &after); err != nil {
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
