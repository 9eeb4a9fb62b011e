package store

import (
	"strings"

	"gorm.io/gorm"

	"roster/models"
)

// ReadGrants returns the grants of roles, by role; those of all roles if none are passed. A filter that has lost all
// tenants of a kind by which it was limited grants nothing, instead of everything.
func ReadGrants(db *gorm.DB, roles []int64) (map[int64][]NamedGrant, error) {
	var limits []struct {
		FilterID, TaxonomyID int64
		Type                 models.TenantKind
	}
	filters := db.Table("filters f")
	tenants := db.Table("filter_taxonomies l")
	if roles != nil {
		filters = filters.Where("f.role_id IN ?", roles)
		tenants = tenants.Where("l.filter_id IN (SELECT id FROM filters WHERE role_id IN ?)", roles)
	}
	err := tenants.Joins("JOIN taxonomies t ON t.id = l.taxonomy_id").Select("l.filter_id, l.taxonomy_id, t.type").
		Order("l.taxonomy_id").Scan(&limits).Error
	if err != nil {
		return nil, err
	}
	locations := map[int64][]int64{}
	organizations := map[int64][]int64{}
	for _, l := range limits {
		if l.Type == models.LocationKind {
			locations[l.FilterID] = append(locations[l.FilterID], l.TaxonomyID)
		} else {
			organizations[l.FilterID] = append(organizations[l.FilterID], l.TaxonomyID)
		}
	}
	var rows []struct {
		models.Filter
		Name         string
		ResourceType *string
	}
	err = filters.Joins("JOIN filter_permissions fp ON fp.filter_id = f.id JOIN permissions p ON p.id = " +
		"fp.permission_id").
		Select("f.*, p.name, p.resource_type").Order("f.id, p.id").Scan(&rows).Error
	grants := map[int64][]NamedGrant{}
	for _, f := range rows {
		g := models.Grant{
			FilterID: f.ID, RoleID: f.RoleID, ResourceType: models.Deref(f.ResourceType),
			Search:    strings.TrimSpace(models.Deref(f.Search)),
			Locations: locations[f.ID], Organizations: organizations[f.ID],
		}
		if f.LocationsLimited && len(g.Locations) == 0 || f.OrganizationsLimited && len(g.Organizations) == 0 {
			continue
		}
		grants[f.RoleID] = append(grants[f.RoleID], NamedGrant{f.Name, g})
	}
	return grants, err
}
