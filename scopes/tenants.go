package scopes

import (
	"fmt"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Locations and Organizations describe the two kinds of tenants.
var (
	Locations     = tenantResource(models.LocationKind)
	Organizations = tenantResource(models.OrganizationKind)
)

func tenantResource(kind models.TenantKind) *Resource {
	return &Resource{
		Name: kind.Word() + "s", Class: string(kind), Stem: kind.Word() + "s", Table: "taxonomies", Label: "title",
		NumberFirst: true,
		// Filters of the permission limit single records, not the list (docs/spec/foreman.md, 12.5).
		Unfiltered: true,
		Only: func(p *models.Principal, a models.Action) Scope {
			return either(func(p *models.Principal) Scope { return VisibleTenants(p, kind) },
				func(p *models.Principal) Scope { return WritableTenants(p, kind) })(p, a)
		},
		Parents: map[string]string{
			"User": "taxonomies.id IN (SELECT taxonomy_id FROM memberships WHERE user_id = ? AND " +
				"state = 'active')",
			"Filter": "taxonomies.id IN (SELECT taxonomy_id FROM filter_taxonomies WHERE filter_id = ?)",
			"AuthSource": "taxonomies.id IN (SELECT taxonomy_id FROM auth_source_taxonomies WHERE " +
				"auth_source_id = ?)",
			string(kind.Other()): fmt.Sprintf("taxonomies.id IN (SELECT %s_id FROM locations_organizations WHERE "+
				"%s_id = ?)", kind.Word(), kind.Other().Word()),
		},
		DefaultOrder: by(folded("taxonomies.title")),
		Search: definition(string(kind), "taxonomies",
			// Bare words are compared with this id.
			search.Field{Name: "id", Type: search.Integer, Column: "taxonomies.id", Valid: search.IsInteger,
				Completion: search.Hidden},
			explicit(long(textField("description", "taxonomies.description", search.NameOnly))),
			firmText("title", "taxonomies.title", search.Values), firmText("name", "taxonomies.name", search.NameOnly),
			refField(kind.Word()+"_id", "taxonomies.id"),
		),
	}
}

// TenantResource returns the noun of a kind.
func TenantResource(kind models.TenantKind) *Resource {
	if kind == models.LocationKind {
		return Locations
	}
	return Organizations
}

// ofKind keeps the tenants of one kind.
func ofKind(kind models.TenantKind) Scope {
	return func(db *gorm.DB) *gorm.DB { return db.Where("taxonomies.type = ?", kind) }
}

// VisibleTenants keeps the tenants of one kind that the caller may know of: all for administrators; for others their
// own and those open to all users, with everything below (docs/spec/foreman.md, 12.3).
func VisibleTenants(p *models.Principal, kind models.TenantKind) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return inOrder(ofKind(kind), KnownTenants(p))
}

// KnownTenants does the same for both kinds at once.
func KnownTenants(p *models.Principal) Scope {
	return withTenants(p, "taxonomies.id", knownTenantsOf)
}

// WritableTenants keeps the tenants of one kind that the caller may change, and assign records to as far as tenants
// decide: all for administrators; for others their own, with everything below.
func WritableTenants(p *models.Principal, kind models.TenantKind) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return inOrder(ofKind(kind), OwnTenants(p))
}

// OwnTenants does the same for both kinds at once.
func OwnTenants(p *models.Principal) Scope { return withTenants(p, "taxonomies.id", OwnTenantsOf) }

// withTenants keeps the rows whose tenant is one of those that a query selects for a user; for administrators all.
func withTenants(p *models.Principal, column string, of func(p *models.Principal) (string, []any)) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		if p.Admin {
			return db
		}
		ids, args := of(p)
		return db.Where(column+" IN ("+ids+")", args...)
	}
}

// OwnTenantsOf selects the ids of the tenants that a caller belongs to, itself or by a group, and of those below them.
// Where the caller's own membership is suspended, no group counts.
// An identity provider belongs to its organization; locations keep nobody out of its reach.
func OwnTenantsOf(p *models.Principal) (sql string, args []any) {
	if p.Provisioner != nil {
		return "SELECT c.descendant_id FROM taxonomy_closure c WHERE c.ancestor_id = ? UNION ALL " +
				"SELECT t.id FROM taxonomies t WHERE t.type = ?",
			[]any{p.Provisioner.OrganizationID, models.LocationKind}
	}
	return `SELECT c.descendant_id FROM taxonomy_closure c WHERE c.ancestor_id IN (
		SELECT o.taxonomy_id FROM memberships o WHERE o.user_id = ? AND o.state = 'active' UNION ALL
		SELECT o.taxonomy_id FROM usergroup_users gm JOIN usergroup_closure gc ON gc.descendant_id = gm.usergroup_id
			JOIN memberships o ON o.usergroup_id = gc.ancestor_id WHERE gm.user_id = ? AND o.state = 'active' AND
			NOT EXISTS (SELECT 1 FROM memberships x WHERE x.user_id = gm.user_id AND x.taxonomy_id = o.taxonomy_id AND
			x.state = 'suspended'))`, []any{p.UserID, p.UserID}
}

// knownTenantsOf selects the ids of the tenants that a caller who is not an administrator may know of: the own ones,
// and those that are open to all users, with those below them.
func knownTenantsOf(p *models.Principal) (sql string, args []any) {
	own, args := OwnTenantsOf(p)
	return own + ` UNION SELECT c.descendant_id FROM taxonomy_closure c JOIN taxonomies w ON w.id = c.ancestor_id
		WHERE w.ignore_types LIKE '%"User"%'`, args
}
