package scopes

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

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

// visibleSet does the same for lists of all rows, in one of two ways.
func visibleSet(p *models.Principal, n *Resource, way Way) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	limits := tenantLimits(p, n.Class)
	if !n.Taxable() || len(limits) == 0 {
		return open
	}
	if way == ByRow {
		return n.limitedTo(p, limits)
	}
	return func(db *gorm.DB) *gorm.DB {
		all := n.within(DialectOf(db), limits)
		if n.Class == Users.Class {
			all = withCompany(all, p)
		}
		return db.Where(n.Table+".id IN ("+all.sql+")", all.args...)
	}
}

// Way is how a list is limited to what the caller may see.
type Way int

// BySet works out the set of all visible rows first, which pays where few are; ByRow looks up each row that the rest of
// the statement comes across, which pays where many are, above all in the order of an index.
const (
	BySet Way = iota
	ByRow
)

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
func (n *Resource) limitedTo(p *models.Principal, limits [][]int64) Scope {
	if len(limits) == 0 {
		return open
	}
	return func(db *gorm.DB) *gorm.DB {
		var tests []string
		var args []any
		for _, limit := range limits {
			test, ids := n.probe(DialectOf(db), n.Table+".id", limit)
			tests = append(tests, test)
			args = append(args, ids)
		}
		sql := strings.Join(tests, " AND ")
		if n.Class == Users.Class {
			sql = "(" + sql + ") OR users.id = ?"
			args = append(args, p.UserID)
			if p.Admin {
				sql += " OR users.id IN (" + EffectiveAdmins + ")"
			}
		}
		return db.Where("("+sql+")", args...)
	}
}

// probe returns the condition that a row, by its id, is assigned to one of some tenants, and their bound ids. The
// databases look at the row's own assignments: neither can turn a scalar subquery, or a sum, into something that begins
// with all rows of the tenants. PostgreSQL takes half of all rows for assigned.
func (n *Resource) probe(d search.Dialect, id string, tenants []int64) (string, any) {
	rows := fmt.Sprintf("SELECT TRUE FROM %s m WHERE m.%s = %s AND ", n.Links, n.LinkColumn, id)
	if d == search.PostgreSQL {
		return "(" + rows + "m.taxonomy_id + 0 = ANY(" + boundArray + ") LIMIT 1)", ArrayLiteral(tenants)
	}
	return "EXISTS (" + rows + "+m.taxonomy_id IN (SELECT value FROM json_each(?)))", JSONList(tenants)
}

// tenantLimits returns, for each kind of tenant that restricts the caller, the tenants to which a row must be assigned.
// Organizations come first: there are usually more of them, so each has fewer rows, and the databases start there.
func tenantLimits(p *models.Principal, class string) [][]int64 {
	var limits [][]int64
	for _, l := range LimitsOf(p, class) {
		limits = append(limits, l.Tenants)
	}
	return limits
}

// Limit are the tenants of a kind of which a row must have one.
type Limit struct {
	Kind    models.TenantKind
	Tenants []int64
}

// LimitsOf returns how the tenants of the caller and of the request limit what is seen of a class.
func LimitsOf(p *models.Principal, class string) []Limit {
	var limits []Limit
	for _, kind := range []models.TenantKind{models.OrganizationKind, models.LocationKind} {
		switch {
		case slices.Contains(p.Context.OpenTo(kind), class):
		case p.Context.Tenant(kind) != 0:
			limits = append(limits, Limit{kind, p.Context.Reach[kind]})
		case !p.Admin:
			limits = append(limits, Limit{kind, slices.Concat(p.Reach[kind], p.OpenTenants)})
		}
	}
	return limits
}

// writeLimits returns the same for changes: a caller who is not an administrator must be in a tenant of each kind, even
// if the tenant in use is open to all users.
func writeLimits(p *models.Principal, class string) [][]int64 {
	if p.Admin {
		return tenantLimits(p, class)
	}
	limits := make([][]int64, 0, 4)
	for _, kind := range []models.TenantKind{models.OrganizationKind, models.LocationKind} {
		limits = append(limits, p.Reach[kind])
		if p.Context.Tenant(kind) != 0 {
			limits = append(limits, p.Context.Reach[kind])
		}
	}
	return limits
}

// within selects the noun's rows that meet every limit: those of the first, looked up in the others one by one.
func (n *Resource) within(d search.Dialect, limits [][]int64) set {
	first, ids := InIDs(d, "l.taxonomy_id", limits[0])
	all := set{fmt.Sprintf("SELECT l.%s FROM %s l WHERE %s AND l.%s IS NOT NULL", n.LinkColumn, n.Links, first,
		n.LinkColumn), []any{ids}}
	for _, limit := range limits[1:] {
		test, ids := n.probe(d, "l."+n.LinkColumn, limit)
		all.sql += " AND " + test
		all.args = append(all.args, ids)
	}
	return all
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
