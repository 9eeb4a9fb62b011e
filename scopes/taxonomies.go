package scopes

import (
	"fmt"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Locations and Organizations describe the two kinds of tenants.
var (
	Locations     = taxonomyResource(models.LocationKind)
	Organizations = taxonomyResource(models.OrganizationKind)
)

func taxonomyResource(kind models.TaxonomyKind) *Resource {
	return &Resource{
		Name: kind.Word() + "s", Class: string(kind), Stem: kind.Word() + "s", Table: "taxonomies", Label: "title",
		// Filters of the permission narrow what is shown alone, not the list (spec, section 12.5).
		Unfiltered: true,
		Only: func(p *models.Principal, a models.Action) Scope {
			return either(func(p *models.Principal) Scope { return VisibleTaxonomies(p, kind) },
				func(p *models.Principal) Scope { return WritableTaxonomies(p, kind) })(p, a)
		},
		Parents: map[string]string{
			"User":               "taxonomies.id IN (SELECT taxonomy_id FROM user_taxonomies WHERE user_id = ?)",
			"Filter":             "taxonomies.id IN (SELECT taxonomy_id FROM filter_taxonomies WHERE filter_id = ?)",
			"AuthSource":         "taxonomies.id IN (SELECT taxonomy_id FROM auth_source_taxonomies WHERE auth_source_id = ?)",
			string(kind.Other()): fmt.Sprintf("taxonomies.id IN (SELECT %s_id FROM locations_organizations WHERE %s_id = ?)", kind.Word(), kind.Other().Word()),
		},
		DefaultOrder: by("taxonomies.title"),
		Search: definition(string(kind), "taxonomies",
			// The id is the one that bare words look into.
			search.Field{Name: "id", Type: search.Integer, Column: "taxonomies.id", Valid: search.IsInteger, Completion: search.Hidden},
			explicit(long(textField("description", "taxonomies.description", search.NameOnly))),
			firmText("title", "taxonomies.title", search.Values), firmText("name", "taxonomies.name", search.NameOnly),
			refField(kind.Word()+"_id", "taxonomies.id"),
		),
	}
}

// TaxonomyResource returns the noun of a kind.
func TaxonomyResource(kind models.TaxonomyKind) *Resource {
	if kind == models.LocationKind {
		return Locations
	}
	return Organizations
}

// VisibleTaxonomies keeps the tenants of one kind that the caller may know of: all for administrators; for others their
// own and those open to all users, with everything below (spec, section 12.3).
func VisibleTaxonomies(p *models.Principal, kind models.TaxonomyKind) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		return db.Where("taxonomies.type = ?", kind).Scopes(KnownTaxonomies(p))
	}
}

// KnownTaxonomies does the same for both kinds at once.
func KnownTaxonomies(p *models.Principal) Scope {
	return withTenants(p, "taxonomies.id", knownTaxonomies)
}

// WritableTaxonomies keeps the tenants of one kind that the caller may change, and assign records to as far as tenants
// decide: all for administrators; for others their own, with everything below.
func WritableTaxonomies(p *models.Principal, kind models.TaxonomyKind) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		return db.Where("taxonomies.type = ?", kind).Scopes(OwnTaxonomies(p))
	}
}

// OwnTaxonomies does the same for both kinds at once.
func OwnTaxonomies(p *models.Principal) Scope { return withTenants(p, "taxonomies.id", OwnTaxonomyIDs) }

// withTenants keeps the rows whose tenant is one of those that a query selects for a user; for administrators all.
func withTenants(p *models.Principal, column, ids string) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		if p.Admin {
			return db
		}
		return db.Where(column+" IN ("+ids+")", p.UserID)
	}
}

// OwnTaxonomyIDs selects the ids of the tenants that a user is assigned to, and of those below them.
const OwnTaxonomyIDs = `SELECT c.descendant_id FROM taxonomy_closure c JOIN user_taxonomies o ON o.taxonomy_id = c.ancestor_id WHERE o.user_id = ?`

// knownTaxonomies selects the ids of the tenants that a user who is no administrator may know of.
const knownTaxonomies = OwnTaxonomyIDs + `
 UNION SELECT c.descendant_id FROM taxonomy_closure c JOIN taxonomies w ON w.id = c.ancestor_id WHERE w.ignore_types LIKE '%"User"%'`
