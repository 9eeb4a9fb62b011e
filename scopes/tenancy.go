package scopes

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"roster/models"
)

// related selects the ids of a tenant, its descendants and its ancestors: whoever is assigned to one of them belongs to
// the tenant (spec, section 12.4).
const related = `SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?
 UNION ALL SELECT ancestor_id FROM taxonomy_closure WHERE descendant_id = ?`

// relatedToOwn selects the same for all tenants of one kind that a user is assigned to.
const relatedToOwn = `SELECT c.descendant_id FROM user_taxonomies o
 JOIN taxonomies t ON t.id = o.taxonomy_id AND t.type = ? JOIN taxonomy_closure c ON c.ancestor_id = o.taxonomy_id WHERE o.user_id = ?
 UNION ALL SELECT c.ancestor_id FROM user_taxonomies o
 JOIN taxonomies t ON t.id = o.taxonomy_id AND t.type = ? JOIN taxonomy_closure c ON c.descendant_id = o.taxonomy_id WHERE o.user_id = ?`

// EffectiveAdmins selects the ids of users whom a flag of their own or of any group makes administrators.
const EffectiveAdmins = `SELECT a.id FROM users a WHERE a.admin
 UNION SELECT m.user_id FROM usergroups g JOIN usergroup_closure c ON c.ancestor_id = g.id
 JOIN usergroup_users m ON m.usergroup_id = c.descendant_id WHERE g.admin`

// set is a subquery that selects ids, with its values.
type set struct {
	sql  string
	args []any
}

// Visible keeps the rows of the noun that belong to the caller's tenants or to the tenant of the request (spec,
// section 12.4). Nouns without tenants pass whole. Users see themselves always, and administrators see each other.
func Visible(p *models.Principal, n *Noun) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	if !n.Taxable() {
		return open
	}
	sets := tenantSets(p, n)
	if len(sets) == 0 {
		return open
	}
	all := intersect(sets)
	if n.Class == Users.Class {
		all = withCompany(all, p)
	}
	return func(db *gorm.DB) *gorm.DB {
		return db.Where(n.Table+".id IN ("+all.sql+")", all.args...)
	}
}

// tenantSets gives, for each kind of tenant that restricts the caller, the rows inside it.
func tenantSets(p *models.Principal, n *Noun) []set {
	var sets []set
	kinds := []struct {
		kind    models.TaxonomyKind
		context int64
		open    []string
	}{
		{models.LocationKind, p.Context.LocationID, p.Context.OpenLocations},
		{models.OrganizationKind, p.Context.OrganizationID, p.Context.OpenOrganizations},
	}
	for _, k := range kinds {
		switch {
		case slices.Contains(k.open, n.Class):
		case k.context != 0:
			sets = append(sets, n.linked(related, k.context, k.context))
		case !p.Admin:
			sets = append(sets, n.linked(relatedToOwn, k.kind, p.UserID, k.kind, p.UserID))
		}
	}
	return sets
}

// linked selects the noun's rows that are assigned to one of the tenants that a subquery selects.
func (n *Noun) linked(tenants string, args ...any) set {
	return set{fmt.Sprintf("SELECT l.%s FROM %s l WHERE l.taxonomy_id IN (%s)", n.LinkColumn, n.Links, tenants), args}
}

// intersect joins the sets; both databases read INTERSECT from left to right.
func intersect(sets []set) set {
	all := sets[0]
	for _, s := range sets[1:] {
		all.sql += " INTERSECT " + s.sql
		all.args = append(all.args, s.args...)
	}
	return all
}

// withCompany adds the caller, and for administrators all administrators. As members of the set, not as an OR beside
// it: an OR would make the databases read the whole table.
func withCompany(s set, p *models.Principal) set {
	s.sql = "SELECT * FROM (" + s.sql + ") tenants"
	if p.Admin {
		s.sql += " UNION " + EffectiveAdmins
	}
	s.sql += " UNION ALL SELECT " + castID + " WHERE 1 = 1"
	s.args = append(slices.Clip(s.args), p.UserID)
	return s
}

// castID gives a bound id the type of the columns that it is united with, which PostgreSQL does not guess.
const castID = "CAST(? AS BIGINT)"

// AssignedTo keeps the rows that are assigned to this very tenant, as nested lists do.
func AssignedTo(taxonomyID int64, n *Noun) Scope {
	if !n.Taxable() {
		return open
	}
	return func(db *gorm.DB) *gorm.DB {
		return db.Where(fmt.Sprintf("%s.id IN (SELECT l.%s FROM %s l WHERE l.taxonomy_id = ?)", n.Table, n.LinkColumn, n.Links), taxonomyID)
	}
}
