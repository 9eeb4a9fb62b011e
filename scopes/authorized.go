package scopes

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Authorized keeps the rows for which one of the caller's filters grants the permission (docs/spec/foreman.md, 8.4).
// Without such a filter no row passes; for an administrator all rows pass. A filter that cannot be parsed stops the
// statement: it must not turn into no limit.
func Authorized(p *models.Principal, permission string, n *Resource) Scope {
	return authorized(p, permission, n.oneByOne(), (*Resource).hasTenant)
}

// oneByOne returns the resource with searches that look at each row alone. Searches of a whole list first work out the
// sets of rows that related records lead to, which is dear for a single one.
func (n *Resource) oneByOne() *Resource {
	if n.Search == nil || n.Search.Key == "" {
		return n
	}
	definition := *n.Search
	definition.Key = ""
	one := *n
	one.Search = &definition
	return &one
}

// tenantTest is a condition of rows that are assigned to one of some tenants.
type tenantTest func(n *Resource, d search.Dialect, ids []int64) search.Condition

func authorized(p *models.Principal, permission string, n *Resource, test tenantTest) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	if p.Admin {
		return open
	}
	grants := Usable(p, permission, n)
	if len(grants) == 0 {
		return nothing
	}
	if slices.ContainsFunc(grants, models.Grant.Unlimited) {
		return open
	}
	return func(db *gorm.DB) *gorm.DB { return anyGrant(db, p, n, grants, test) }
}

// Usable returns the caller's filters that grant the permission on the noun inside the tenants in use: a filter tied to
// tenants counts only if one of them is in use, and one of a role that is held in a tenant only for nouns with tenants.
func Usable(p *models.Principal, permission string, n *Resource) []models.Grant {
	var usable []models.Grant
	for _, g := range p.Grants[permission] {
		if g.ResourceType == n.Class && (g.Held == nil && !n.Tenanted() || n.Tenanted() && inUse(p, g)) {
			usable = append(usable, g)
		}
	}
	return usable
}

func inUse(p *models.Principal, g models.Grant) bool {
	if len(g.Locations) == 0 && len(g.Organizations) == 0 {
		return true
	}
	uses := func(id int64) bool { return p.Context.InUse[id] }
	return slices.ContainsFunc(g.Locations, uses) || slices.ContainsFunc(g.Organizations, uses)
}

// anyGrant adds the filters' limits, joined by OR, as one condition.
func anyGrant(db *gorm.DB, p *models.Principal, n *Resource, grants []models.Grant, test tenantTest) *gorm.DB {
	var parts []string
	var args []any
	n = n.limitedBy(p.Customs, DialectOf(db))
	seen := n.visibleTo(p, DialectOf(db)) // a filter's search tells no more than a search of the caller's own
	for _, g := range joined(grants) {
		c, err := limit(Env(db, p), seen, g, test)
		if err == nil && seen != n && n.Excludes(g.Search) {
			// What it leaves out stays out, whether or not the caller knows of it.
			var whole search.Condition
			whole, err = limit(Env(db, p), n, g, test)
			c = and(c, whole)
		}
		if err != nil {
			_ = db.AddError(fmt.Errorf("scopes: filter %d: %w", g.FilterID, err))
			return db
		}
		if c.SQL == "" {
			return db
		}
		parts = append(parts, "("+c.SQL+")")
		args = append(args, c.Args...)
	}
	return db.Where("("+strings.Join(parts, " OR ")+")", args...)
}

// heldGrant is a grant with all the places where a role with such a grant is held; none for everywhere.
type heldGrant struct {
	models.Grant
	places []*models.HeldRole
}

// joined puts grants together that differ only in where they are held, so that the size of a condition does not depend
// on the number of memberships.
func joined(grants []models.Grant) []*heldGrant {
	var all []*heldGrant
	same := map[string]*heldGrant{}
	for _, g := range grants {
		key := fmt.Sprint(g.Held != nil, g.Locations, g.Organizations, g.Search)
		one := same[key]
		if one == nil {
			one = &heldGrant{Grant: g}
			same[key] = one
			all = append(all, one)
		}
		if g.Held != nil {
			one.places = append(one.places, g.Held)
		}
	}
	return all
}

// limit is one filter's condition: its query and its tenants.
func limit(env search.Env, n *Resource, g *heldGrant, test tenantTest) (search.Condition, error) {
	var all search.Condition
	if g.Search != "" {
		c, err := n.Search.Where(g.Search, env)
		if err != nil {
			return all, err
		}
		all = and(all, c)
	}
	for _, tenants := range [][]int64{g.Organizations, g.Locations} {
		if len(tenants) > 0 && n.Tenanted() {
			all = and(all, test(n, env.Dialect, tenants))
		}
	}
	if len(g.places) > 0 {
		all = and(all, n.heldIn(env.Dialect, g.places, test))
	}
	return all, nil
}

// heldIn is the condition of rows for which a role holds that is held in some tenants. Tenants are looked up in the
// tree as it is at this moment: the change that is under way may have made them.
func (n *Resource) heldIn(d search.Dialect, places []*models.HeldRole, test tenantTest) search.Condition {
	var roots, within []int64
	for _, h := range places {
		roots = append(roots, h.TenantID)
		within = append(within, h.Within...)
	}
	if n.Taxable() {
		slices.Sort(within)
		return test(n, d, slices.Compact(within))
	}
	below, ids := InIDs(d, "ancestor_id", roots)
	return search.Condition{
		SQL:  n.Table + ".id IN (SELECT descendant_id FROM taxonomy_closure WHERE " + below + ")",
		Args: []any{ids},
	}
}

// heldOnly keeps, of the rows that an unfiltered list shows, those for which a role holds, where every role that grants
// the permission is held in tenants.
func heldOnly(p *models.Principal, permission string, n *Resource) Scope {
	everywhere := func(g models.Grant) bool { return g.Held == nil }
	grants := p.Grants[permission]
	if p.Admin || !n.Tenanted() || len(grants) == 0 || slices.ContainsFunc(grants, everywhere) {
		return open
	}
	places := make([]*models.HeldRole, len(grants))
	for i, g := range grants {
		places[i] = g.Held
	}
	return func(db *gorm.DB) *gorm.DB {
		c := n.heldIn(DialectOf(db), places, (*Resource).hasTenant)
		return db.Where(c.SQL, c.Args...)
	}
}

// HasTenants reports whether rows of a class belong to tenants or are tenants themselves.
func HasTenants(class string) bool {
	r := ByClass(class)
	return r != nil && r.Tenanted()
}

// Tenanted reports whether a filter's tenants can limit the noun: its rows belong to tenants or are tenants themselves.
func (n *Resource) Tenanted() bool { return n.Taxable() || n.Table == "taxonomies" }

// inTenants holds for rows that are assigned to one of some tenants.
func (n *Resource) inTenants(d search.Dialect, ids []int64) search.Condition {
	if !n.Taxable() {
		sql, list := InIDs(d, n.Table+".id", ids)
		return search.Condition{SQL: sql, Args: []any{list}}
	}
	sql, list := InIDs(d, "l.taxonomy_id", ids)
	return search.Condition{
		SQL:  fmt.Sprintf("%s.id IN (SELECT l.%s FROM %s l WHERE %s)", n.Table, n.LinkColumn, n.Links, sql),
		Args: []any{list},
	}
}

// hasTenant holds for the same rows. It looks each row up, where inTenants works out the set of all first.
func (n *Resource) hasTenant(d search.Dialect, ids []int64) search.Condition {
	if !n.Taxable() {
		return n.inTenants(d, ids)
	}
	sql, list := n.probe(d, n.Table+".id", ids)
	return search.Condition{SQL: sql, Args: []any{list}}
}

func and(a, b search.Condition) search.Condition {
	if a.SQL == "" {
		return b
	}
	if b.SQL == "" {
		return a
	}
	return search.Condition{SQL: "(" + a.SQL + ") AND (" + b.SQL + ")", Args: append(slices.Clip(a.Args), b.Args...)}
}
