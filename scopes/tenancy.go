package scopes

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// related selects the ids of a tenant, its descendants and its ancestors: a user who is assigned to one of them belongs
// to the tenant (docs/spec/foreman.md, 12.4).
const related = `SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ?
 UNION ALL SELECT ancestor_id FROM taxonomy_closure WHERE descendant_id = ?`

// relatedToOwn selects the same for all tenants of one kind that a user is assigned to.
const relatedToOwn = `SELECT c.descendant_id FROM memberships o
 JOIN taxonomies t ON t.id = o.taxonomy_id AND t.type = ? JOIN taxonomy_closure c ON c.ancestor_id = o.taxonomy_id
	WHERE o.user_id = ? AND o.state = 'active'
 UNION ALL SELECT c.ancestor_id FROM memberships o
 JOIN taxonomies t ON t.id = o.taxonomy_id AND t.type = ? JOIN taxonomy_closure c ON c.descendant_id = o.taxonomy_id
	WHERE o.user_id = ? AND o.state = 'active'`

// EffectiveAdmins selects the ids of users whom a flag of their own or of any group makes administrators.
const EffectiveAdmins = `SELECT a.id FROM users a WHERE a.admin
 UNION SELECT m.user_id FROM usergroups g JOIN usergroup_closure c ON c.ancestor_id = g.id
 JOIN usergroup_users m ON m.usergroup_id = c.descendant_id WHERE g.admin`

// EffectiveAdmin holds for the rows of the tables "users u" whom a flag of their own or of any group makes
// administrators.
const EffectiveAdmin = `(u.admin OR EXISTS (SELECT 1 FROM usergroup_users am
	JOIN usergroup_closure ac ON ac.descendant_id = am.usergroup_id
 JOIN usergroups ag ON ag.id = ac.ancestor_id WHERE am.user_id = u.id AND ag.admin))`

// set is a subquery that selects ids, with its values.
type set struct {
	sql  string
	args []any
}

// Visible keeps the rows of the noun that belong to the caller's tenants or to the tenant of the request
// (docs/spec/foreman.md, 12.4). Nouns without tenants pass whole. Users see themselves always, and administrators see
// each other.
func Visible(p *models.Principal, n *Resource) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	if !n.Taxable() {
		return open
	}
	return n.limitedTo(p, tenantLimits(p, n.Class))
}

// visibleSet does the same for lists of all rows: it works out the set of the visible ones first. Visible looks each
// row up instead, which costs the same whatever the size of the tenants.
func visibleSet(p *models.Principal, n *Resource) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	limits := tenantLimits(p, n.Class)
	if !n.Taxable() || len(limits) == 0 {
		return open
	}
	return func(db *gorm.DB) *gorm.DB {
		all := n.within(DialectOf(db), limits)
		if n.Class == Users.Class {
			all = withCompany(all, p)
		}
		return db.Where(n.Table+".id IN ("+all.sql+")", all.args...)
	}
}

// Writable keeps the rows that the caller may change as far as tenants decide: those assigned to the caller's own
// tenants, inside the tenant of the request. A tenant that is open to all records of a class lets its people look, not
// write.
func Writable(p *models.Principal, n *Resource) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	if !n.Taxable() {
		return open
	}
	return n.limitedTo(p, writeLimits(p, n.Class))
}

// limitedTo keeps the rows that have a tenant within each limit. Users see themselves, and administrators each other.
func (n *Resource) limitedTo(p *models.Principal, limits []set) Scope {
	if len(limits) == 0 {
		return open
	}
	return func(db *gorm.DB) *gorm.DB {
		var tests []string
		var args []any
		for _, limit := range limits {
			tests = append(tests, fmt.Sprintf("EXISTS (SELECT 1 FROM %s m WHERE m.%s = %s.id AND %s)",
				n.Links, n.LinkColumn, n.Table, oneOf(DialectOf(db), "m.taxonomy_id", limit)))
			args = append(args, limit.args...)
		}
		sql := strings.Join(tests, " AND ")
		if n.Class == Users.Class {
			sql, args = "("+sql+") OR users.id = ?", append(args, p.UserID)
			if p.Admin {
				sql += " OR users.id IN (" + EffectiveAdmins + ")"
			}
		}
		return db.Where("("+sql+")", args...)
	}
}

// tenantLimits returns, for each kind of tenant that restricts the caller, the tenants to which a row must be assigned.
// Organizations come first: there are usually more of them, so each has fewer rows, and the databases start there.
func tenantLimits(p *models.Principal, class string) []set {
	var limits []set
	kinds := []struct {
		kind    models.TenantKind
		context int64
		open    []string
	}{
		{models.OrganizationKind, p.Context.OrganizationID, p.Context.OpenOrganizations},
		{models.LocationKind, p.Context.LocationID, p.Context.OpenLocations},
	}
	for _, k := range kinds {
		switch {
		case slices.Contains(k.open, class):
		case k.context != 0:
			limits = append(limits, set{related, []any{k.context, k.context}})
		case !p.Admin:
			limits = append(limits, withOpen(set{relatedToOwn, []any{k.kind, p.UserID, k.kind, p.UserID}}, p))
		}
	}
	return limits
}

// withOpen adds the tenants that are open to all users: what belongs to them is seen by everybody.
func withOpen(s set, p *models.Principal) set {
	if len(p.OpenTenants) > 0 {
		s.sql += " UNION ALL " + openTenantIDs
	}
	return s
}

// writeLimits returns the same for changes: a caller who is not an administrator must be in a tenant of each kind, even
// if the tenant in use is open to all users.
func writeLimits(p *models.Principal, class string) []set {
	if p.Admin {
		return tenantLimits(p, class)
	}
	limits := make([]set, 0, 4)
	for _, k := range []struct {
		kind    models.TenantKind
		context int64
	}{{models.OrganizationKind, p.Context.OrganizationID}, {models.LocationKind, p.Context.LocationID}} {
		limits = append(limits, set{relatedToOwn, []any{k.kind, p.UserID, k.kind, p.UserID}})
		if k.context != 0 {
			limits = append(limits, set{related, []any{k.context, k.context}})
		}
	}
	return limits
}

// within selects the noun's rows that meet every limit: those of the first, looked up in the others one by one.
func (n *Resource) within(d search.Dialect, limits []set) set {
	all := set{fmt.Sprintf("SELECT l.%s FROM %s l WHERE %s", n.LinkColumn, n.Links,
		oneOf(d, "l.taxonomy_id", limits[0])), slices.Clone(limits[0].args)}
	for _, limit := range limits[1:] {
		all.sql += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM %s m WHERE m.%s = l.%s AND %s)", n.Links, n.LinkColumn,
			n.LinkColumn, oneOf(d, "m.taxonomy_id", limit))
		all.args = append(all.args, limit.args...)
	}
	return all
}

// oneOf holds for the members of a small set. PostgreSQL works an array out once and then uses an index; of a subquery
// it would guess how many rows it has, and guess wrong.
func oneOf(d search.Dialect, column string, s set) string {
	if d == search.PostgreSQL {
		return column + " = ANY(ARRAY(" + s.sql + "))"
	}
	return column + " IN (" + s.sql + ")"
}

// withCompany adds the caller, and for administrators all administrators. As members of the set, not as an OR beside
// it: an OR would make the databases read the whole table.
func withCompany(s set, p *models.Principal) set {
	if p.Admin {
		s.sql = "SELECT * FROM (" + s.sql + ") tenants UNION ALL SELECT * FROM (" + EffectiveAdmins + ") admins"
	}
	s.sql += " UNION ALL SELECT " + castID
	s.args = append(slices.Clip(s.args), p.UserID)
	return s
}

// castID returns a bound id the type of the columns that it is united with, which PostgreSQL does not guess.
const castID = "CAST(? AS BIGINT)"
