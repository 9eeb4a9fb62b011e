package directory

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"roster/directory/store"
	"roster/models"
	"roster/scopes"
)

// TenantLists are the tenants of a record, by kind.
type TenantLists map[models.TenantKind][]*models.Tenant

// add puts a tenant into the list of its kind.
func (l *TenantLists) add(t models.Tenant) {
	if *l == nil {
		*l = TenantLists{}
	}
	(*l)[t.Type] = append((*l)[t.Type], &t)
}

// TenantRefs are the tenants that a change asks for, by kind. Those of a kind that is not set stay as they are.
type TenantRefs map[models.TenantKind]models.Opt[Refs]

// references are the lists with what they point at. They are looked up in a copy, which takes the place of c.
func (c *TenantRefs) references(to func(models.TenantKind) target) []reference {
	*c = maps.Clone(*c)
	var all []reference
	for _, kind := range models.TenantKinds {
		if list := (*c)[kind]; list.Set {
			all = append(all, reference{to(kind), list.Value, func(found Refs) { (*c)[kind] = models.Some(found) }})
		}
	}
	return all
}

// withDefaults returns the lists with what a new record gets unasked: the only tenant of a kind in an installation
// where none are given, and the tenants of the request where context says so.
func (t *tx) withDefaults(c TenantRefs, context bool) (TenantRefs, error) {
	r, err := t.Snapshot()
	if err != nil {
		return nil, err
	}
	all := TenantRefs{}
	maps.Copy(all, c)
	for _, kind := range models.TenantKinds {
		list := all[kind]
		if lone := r.OnlyOne(t.Caller, kind); lone != 0 && !list.Set {
			list = models.Some(ByIDs(lone))
		}
		current := t.Caller.Context.Tenant(kind)
		if context && current != 0 && !slices.Contains(list.Value.IDs, current) {
			list.Set = true
			list.Value.IDs = append(slices.Clone(list.Value.IDs), current)
		}
		all[kind] = list
	}
	return all, nil
}

// tenantIDs are the tenants that a record is assigned to, by kind. A state owns its map: see clone.
type tenantIDs map[models.TenantKind][]int64

// clone returns a copy that may be changed.
func (a tenantIDs) clone() tenantIDs {
	b := tenantIDs{}
	maps.Copy(b, a)
	return b
}

// all returns the ids of all kinds.
func (a tenantIDs) all() []int64 {
	ids := []int64{}
	for _, kind := range models.TenantKinds {
		ids = append(ids, a[kind]...)
	}
	return ids
}

// audited are the assignments as audits keep them.
func (a tenantIDs) audited() store.AuditedValues {
	return store.AuditedValues{
		store.AuditedIDs("location_ids", a[models.LocationKind]),
		store.AuditedIDs("organization_ids", a[models.OrganizationKind]),
	}
}

// assignments reads the tenants that a record is assigned to: a user to those of the active memberships.
func (t *tx) assignments(l store.LinkTable, owner int64) (tenantIDs, error) {
	var rows []struct {
		ID   int64
		Type models.TenantKind
	}
	err := t.Table(l.Table+" l").Joins("JOIN taxonomies t ON t.id = l.taxonomy_id").
		Where("l."+l.Owner+" = ?"+l.Only, owner).
		Order("t.id").Select("t.id, t.type").Scan(&rows).Error
	ids := tenantIDs{}
	for _, row := range rows {
		ids[row.Type] = append(ids[row.Type], row.ID)
	}
	return ids, err
}

// assign replaces the tenants of a state by those that a change asks for.
func (t *tx) assign(c TenantRefs, ids tenantIDs) error {
	for _, kind := range models.TenantKinds {
		own := ids[kind]
		if err := t.replace(assignedTarget(t.Caller, kind), c[kind], &own); err != nil {
			return err
		}
		ids[kind] = own
	}
	return nil
}

// relinkTenants writes the assignments that differ.
func (t *tx) relinkTenants(l store.LinkTable, owner int64, before, after tenantIDs) error {
	_, err := t.Relink(l, owner, before.all(), after.all())
	return err
}

// checkAssignments keeps callers who are not administrators to the tenants that they may assign (docs/spec/foreman.md,
// 12.6).
func (t *tx) checkAssignments(errs *models.FieldErrors, creating, self bool, had, wants tenantIDs) error {
	for _, kind := range models.TenantKinds {
		if err := t.checkAssignment(errs, kind, creating, self, had[kind], wants[kind]); err != nil {
			return err
		}
	}
	return nil
}

// checkAssignment is the rule for one kind; it serves every noun that tenants own. Callers without a tenant of the kind
// are not held to it for other records, of which they see none; but nobody lets himself in.
func (t *tx) checkAssignment(errs *models.FieldErrors, kind models.TenantKind, creating, self bool, had,
	wants []int64) error {
	if t.Caller.Admin || len(t.Caller.Own(kind)) == 0 && !self || !creating && store.SameSet(had, wants) {
		return nil
	}
	added := store.Without(wants, had)
	allowed := int64(0)
	if len(added) > 0 {
		cond, value := t.s.InIDs("taxonomies.id", added)
		err := t.Model(&models.Tenant{}).Scopes(scopes.TenantResource(kind).Rows(t.Caller, models.Assign)).
			Where(cond, value).Count(&allowed).Error
		if err != nil {
			return err
		}
	}
	ok := len(wants) > 0 && allowed == int64(len(added))
	errs.Check(ok, kind.Word()+"_ids", models.RuleAssignment, kind.Word())
	return nil
}

// tenantsUnder returns the tenants that a record is assigned to and that the caller may know of.
func tenantsUnder(db *gorm.DB, p *models.Principal, l store.LinkTable, id int64) (TenantLists, error) {
	var all []models.Tenant
	err := db.Scopes(scopes.KnownTenants(p)).
		Where("taxonomies.id IN (SELECT taxonomy_id FROM "+l.Table+" WHERE "+l.Owner+" = ?)", id).
		Order("title").Find(&all).Error
	var lists TenantLists
	for _, t := range all {
		lists.add(t)
	}
	return lists, err
}

// TenantsOfSource returns the tenants that people of an auth source get.
func (s *Service) TenantsOfSource(ctx context.Context, source int64) (TenantRefs, error) {
	ids, err := s.reading(ctx, nil).assignments(store.AuthSourceTenants, source)
	refs := TenantRefs{}
	for kind, own := range ids {
		refs[kind] = models.Some(ByIDs(own...))
	}
	return refs, err
}
