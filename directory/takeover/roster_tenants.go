package takeover

import (
	"fmt"
	"slices"
	"strings"

	"roster/directory/store"
	"roster/models"
)

// organizations brings in the organization and those below it, each after the one above it.
func (r *roster) organizations() error {
	var list []models.Tenant
	if err := r.from.DB.Where("type = ?", models.OrganizationKind).Order("id").Find(&list).Error; err != nil {
		return err
	}
	below := map[int64][]*models.Tenant{}
	for i := range list {
		parent := models.Deref(list[i].ParentID)
		below[parent] = append(below[parent], &list[i])
	}
	parent, err := r.parent()
	if err != nil {
		return err
	}
	type step struct{ tenant, parent *models.Tenant }
	left := []step{{below[0][0], parent}}
	for len(left) > 0 {
		next := left[0]
		left = left[1:]
		old := next.tenant.ID
		here, err := r.organization(next.tenant, next.parent)
		if err != nil {
			return err
		}
		for _, child := range below[old] {
			left = append(left, step{child, here})
		}
	}
	r.root = r.known(nounTenant, r.from.Organization)
	return nil
}

// parent is the organization here that has the title of the one above; nil for none.
func (r *roster) parent() (*models.Tenant, error) {
	if r.from.Parent == "" {
		return nil, nil
	}
	parent, err := store.First[models.Tenant](r.Where("type = ? AND title = ?", models.OrganizationKind, r.from.Parent))
	if parent == nil && err == nil {
		r.report.note(nounTenant, 0, r.from.Parent, "was above the organization and is not here: it comes below "+
			"nothing")
	}
	return parent, err
}

// organization brings in one organization below another one, and returns it as it is here.
func (r *roster) organization(tenant, parent *models.Tenant) (*models.Tenant, error) {
	r.report.Read[nounTenant]++
	id := tenant.ID
	here, err := r.sameOrganization(tenant, parent)
	if err != nil {
		return nil, err
	}
	if here != nil {
		r.know(nounTenant, id, here.ID)
		r.report.Known[nounTenant]++
		return here, nil
	}
	made := *tenant
	made.ParentID = nil
	made.Ancestry = nil
	made.Normalize()
	if len(made.IgnoreTypes) > 0 && !r.o.WithRoles {
		made.IgnoreTypes = nil
		r.report.note(nounTenant, id, made.Name, "had all records of some kinds, whoever they belong to: it has those "+
			"of the backup alone")
	}
	slug := models.Deref(made.Slug)
	if slug == "" {
		slug = models.SlugOf(made.Name)
	}
	if err := r.fit(&made, id, parent, slug, models.MaxSlug); err != nil {
		return nil, err
	}
	made.ID = r.put(nounTenant, id)
	r.tenants[made.ID] = true
	r.name(string(models.OrganizationKind), made.ID, made.Title)
	if err := r.Create(&made).Error; err != nil {
		return nil, err
	}
	return &made, r.InsertTenantClosure(&made)
}

// sameOrganization finds the organization here that one of the backup is: it has the slug, or the name in the same
// place. The topmost one is refused then, unless it is to be merged or to get another name.
func (r *roster) sameOrganization(tenant, parent *models.Tenant) (*models.Tenant, error) {
	above := int64(0)
	if parent != nil {
		above = parent.ID
	}
	topmost := tenant.ID == r.from.Organization
	query := r.Where("type = ? AND lower_name = ? AND COALESCE(parent_id, 0) = ?", models.OrganizationKind,
		strings.ToLower(strings.TrimSpace(tenant.Name)), above)
	if tenant.Slug != nil && topmost {
		query = query.Or("type = ? AND slug = ?", models.OrganizationKind, *tenant.Slug)
	} else if tenant.Slug != nil {
		query = query.Or("type = ? AND slug = ? AND COALESCE(parent_id, 0) = ?", models.OrganizationKind, *tenant.Slug,
			above)
	}
	var found []models.Tenant
	if err := query.Order("id").Find(&found).Error; err != nil || len(found) == 0 {
		return nil, err
	}
	here := &found[0]
	switch {
	case topmost && r.o.OnConflict == ConflictRename:
		return nil, nil
	case topmost && r.o.OnConflict != ConflictMerge:
		return nil, fmt.Errorf("%w: %s has the number %d: delete it first, bring back what it lacks with "+
			"--on-conflict merge, or make another one with --on-conflict rename", ErrOrganizationExists,
			here.Title, here.ID)
	case len(found) > 1:
		return nil, fmt.Errorf("%w: %s has the name, %s the slug: only one of them can be merged with",
			ErrOrganizationExists, found[0].Title, found[1].Title)
	}
	return here, nil
}

// placesOf ties the organizations that this run makes to their locations, and to the auth sources that were theirs.
func (r *roster) placesOf() error {
	var there []struct{ LocationID, OrganizationID int64 }
	if err := r.from.DB.Table("locations_organizations").Find(&there).Error; err != nil {
		return err
	}
	var pairs [][2]int64
	for _, x := range there {
		organization := r.known(nounTenant, x.OrganizationID)
		if place := r.places[x.LocationID]; place != 0 && r.tenants[organization] {
			pairs = append(pairs, [2]int64{place, organization})
		}
	}
	if err := r.link("locations_organizations", "location_id", "organization_id", pairs); err != nil {
		return err
	}
	return r.sourcesOf()
}

// sourcesOf ties auth sources to the organizations that this run makes, where they are those of the backup. Others of
// the name would let their people into the organization.
func (r *roster) sourcesOf() error {
	var there []models.AuthSource
	if err := r.from.DB.Where("type NOT IN ?", []models.AuthSourceKind{models.InternalSource, models.HiddenSource}).
		Find(&there).Error; err != nil {
		return err
	}
	for i := range there {
		var ids []int64
		if err := r.from.DB.Table("auth_source_taxonomies").Where("auth_source_id = ?", there[i].ID).
			Pluck("taxonomy_id", &ids).Error; err != nil {
			return err
		}
		source := r.known(nounSource, there[i].ID)
		if source == 0 || len(ids) == 0 {
			continue
		}
		same, err := r.Exists("SELECT 1 FROM auth_sources WHERE id = ? AND created_at = ?", there[i].ID,
			there[i].CreatedAt)
		if err != nil {
			return err
		}
		if !same {
			r.report.note(nounSource, source, there[i].Name, "belonged to the organization: here another one has the "+
				"name, which is not tied to it")
			continue
		}
		var pairs [][2]int64
		for _, id := range ids {
			if organization := r.known(nounTenant, id); r.tenants[organization] {
				pairs = append(pairs, [2]int64{source, organization})
			}
		}
		if err := r.link("auth_source_taxonomies", "auth_source_id", "taxonomy_id", pairs); err != nil {
			return err
		}
	}
	return nil
}

// roles finds the roles here that are called as those of the backup, and makes the others that people have made. What
// is shipped is never made.
func (r *roster) roles() error {
	var list []models.Role
	if err := r.from.DB.Order("id").Find(&list).Error; err != nil {
		return err
	}
	for i := range list {
		role := &list[i]
		r.report.Read[nounRole]++
		if role.Builtin == models.BuiltinDefault {
			r.know(nounRole, role.ID, r.roleOfAll)
			r.report.Known[nounRole]++
			continue
		}
		here, err := store.First[models.Role](r.Where("name = ?", strings.TrimSpace(role.Name)))
		if err != nil {
			return err
		}
		switch {
		case here != nil && here.Builtin == 0:
			r.know(nounRole, role.ID, here.ID)
			r.report.Known[nounRole]++
			limits, err := r.limits("role_taxonomies", "role_id", role.ID)
			if err != nil {
				return err
			}
			if len(limits[models.OrganizationKind]) > 0 && len(r.tenants) > 0 {
				r.report.note(nounRole, here.ID, here.Name, "was limited to the organization: here it stays limited "+
					"as it is")
			}
		case here != nil || role.Builtin != 0 || role.Origin != nil:
			r.report.note(nounRole, role.ID, role.Name, "is not here: nobody holds it")
		default:
			if err := r.role(role); err != nil {
				return err
			}
		}
	}
	return nil
}

// role makes a role with its filters and limits.
func (r *roster) role(role *models.Role) error {
	old := role.ID
	made := models.Role{Name: role.Name, Description: role.Description, Position: role.Position,
		LocationsLimited: role.LocationsLimited, OrganizationsLimited: role.OrganizationsLimited}
	made.Normalize()
	if broken := made.Validate(); len(broken) > 0 {
		r.report.note(nounRole, old, role.Name, "is left out: "+broken.String())
		return nil
	}
	made.ID = r.put(nounRole, old)
	r.name("Role", made.ID, made.Name)
	if err := r.Create(&made).Error; err != nil {
		return err
	}
	limits, err := r.limits("role_taxonomies", "role_id", old)
	if err != nil {
		return err
	}
	for _, ids := range limits {
		if err := r.AddLinks(store.RoleTenants, made.ID, ids); err != nil {
			return err
		}
	}
	return r.filters(old, made.ID, made.Name)
}

// limits are the tenants here by which a role or a filter of the backup is limited.
func (r *roster) limits(table, owner string, id int64) (map[models.TenantKind][]int64, error) {
	var there []int64
	if err := r.from.DB.Table(table).Where(owner+" = ?", id).Order("taxonomy_id").Pluck("taxonomy_id", &there).
		Error; err != nil {
		return nil, err
	}
	limits := map[models.TenantKind][]int64{}
	for _, tenant := range there {
		if here := r.known(nounTenant, tenant); here != 0 {
			limits[models.OrganizationKind] = append(limits[models.OrganizationKind], here)
		} else if here := r.places[tenant]; here != 0 {
			limits[models.LocationKind] = append(limits[models.LocationKind], here)
		}
	}
	for _, ids := range limits {
		slices.Sort(ids)
	}
	return limits, nil
}

// filters makes the filters of a role. A limit whose tenants are not here stays one, which gives nothing.
func (r *roster) filters(old, role int64, name string) error {
	var list []models.Filter
	if err := r.from.DB.Where("role_id = ?", old).Order("id").Find(&list).Error; err != nil {
		return err
	}
	if len(list) == 0 {
		r.report.note(nounRole, old, name, "comes without permissions: it has none in the backup")
	}
	for _, filter := range list {
		limits, err := r.limits("filter_taxonomies", "filter_id", filter.ID)
		if err != nil {
			return err
		}
		var names []string
		if err := r.from.DB.Table("permissions").Where("id IN (SELECT permission_id FROM filter_permissions WHERE "+
			"filter_id = ?)", filter.ID).Pluck("name", &names).Error; err != nil {
			return err
		}
		var permissions []int64
		if err := r.Table("permissions").Where("name IN ?", append(names, "")).Order("id").Pluck("id", &permissions).
			Error; err != nil {
			return err
		}
		if len(permissions) < len(names) {
			r.report.note(nounRole, old, name, "had permissions that this server does not know")
		}
		filter.ID = 0
		filter.RoleID = role
		filter.WordTenants(limits)
		if err := r.Create(&filter).Error; err != nil {
			return err
		}
		if err := r.AddLinks(store.FilterPermissions, filter.ID, permissions); err != nil {
			return err
		}
		for _, ids := range limits {
			if err := r.AddLinks(store.FilterTenants, filter.ID, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// customFields finds the fields here that are called as those of the backup, and makes the others. A new field is never
// required: others have no value for it.
func (r *roster) customFields() error {
	var list []models.CustomField
	if err := r.from.DB.Order("position, id").Find(&list).Error; err != nil {
		return err
	}
	for i := range list {
		field := list[i]
		r.report.Read[nounField]++
		here, err := store.First[models.CustomField](r.Where("subject = ? AND fold(name) = fold(CAST(? AS TEXT))",
			field.Subject, strings.TrimSpace(field.Name)))
		if err != nil {
			return err
		}
		if here != nil {
			r.report.Known[nounField]++
			r.fields[field.ID] = here
			continue
		}
		if err := r.customField(field); err != nil {
			return err
		}
	}
	return nil
}

func (r *roster) customField(field models.CustomField) error {
	old := field.ID
	field.Normalize()
	field.Required = false
	broken := field.Validate()
	var fields int64
	if err := r.Model(&models.CustomField{}).Where("subject = ?", field.Subject).Count(&fields).Error; err != nil {
		return err
	}
	if len(broken) > 0 || fields >= models.MaxCustomFields {
		r.report.note(nounField, old, field.Name, "is left out: there is no room for it, or it is none. "+
			broken.String())
		return nil
	}
	err := r.Raw("SELECT COALESCE(MAX(position), 0) + 1 FROM custom_fields").Row().Scan(&field.Position)
	if err != nil {
		return err
	}
	field.ID = r.put(nounField, old)
	r.fields[old] = &field
	r.name("CustomField", field.ID, field.Name)
	return r.Create(&field).Error
}
