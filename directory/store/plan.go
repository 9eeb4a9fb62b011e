package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes"
)

// countPeople counts the users whom the caller sees, if the list is of users and they can be counted before.
func (l *Listing[T, V]) countPeople(ctx context.Context) error {
	if l.Resource != scopes.Users || l.Within != nil {
		return nil
	}
	count, known, err := l.Store.CountPeople(ctx, l.Caller)
	if known {
		l.people = &count
	}
	return err
}

// watched returns the tenants in which every change of the users whom the caller sees counts; nil where such changes
// may count elsewhere, too.
func (l Listing[T, V]) watched() []int64 {
	if l.Resource != scopes.Users || l.Caller.Admin {
		return nil
	}
	limits, _ := peopleLimits(l.Caller)
	if len(limits) == 0 {
		return nil
	}
	var ofLimit []int64
	if l.people != nil {
		ofLimit = l.people.OfLimit
	}
	return watchedBy(l.Caller, limits, ofLimit)
}

// fewPeople is how many users are few: the set of them is worked out before anything else.
const fewPeople = 50_000

// The costs of finding rows, in rows that are looked up one after the other in the order of an index: each row of a set
// is read and sorted, each that an index of texts finds is read and looked up in the set, each that a search looks at
// without an index is compared with all that the search names.
const (
	setRow      = 4
	foundRow    = 4
	comparedRow = 32
)

// way says how the list is limited to what the caller sees: by the set of it where that is small, or row by row in the
// order of an index where rows are dense.
func (l Listing[T, V]) way() scopes.Way {
	if l.people == nil {
		return scopes.BySet
	}
	switch {
	case l.searching() || len(l.Query.Parents) > 0:
		if l.people.Total > fewPeople {
			return scopes.ByRow
		}
	case l.walks() && l.walked() <= setRow*l.people.Total:
		return scopes.ByRow
	}
	return scopes.BySet
}

// indexed are the orders of users that an index has.
var indexed = map[string]bool{"login": true, "firstname": true, "lastname": true, "mail": true, "last_login_on": true,
	"id": true}

// walks reports whether an index has the order of the list.
func (l Listing[T, V]) walks() bool {
	if len(l.Query.Sort) > 0 {
		return indexed[l.Query.Sort[0].Field]
	}
	order := strings.Fields(l.Query.Order)
	return len(order) == 0 || indexed[order[0]]
}

// unaided reports whether the page of a search is found soonest without the indexes of what is searched, and in which
// way then: by walking the order of the list where many match, or by looking at everybody whom a caller sees who sees
// few. The subtotal tells how many match.
func (l Listing[T, V]) unaided(t Totals) (scopes.Way, bool) {
	if l.Resource != scopes.Users || l.Within != nil || len(l.Query.Parents) > 0 || !l.searching() ||
		l.Query.PerPage == 0 || t.Subtotal == 0 {
		return scopes.BySet, false
	}
	all := l.Caller.Seen.UsersTotal
	seen := all
	if l.people != nil {
		seen = max(1, l.people.Total)
	}
	best := foundRow * t.Subtotal * max(1, all/seen)
	way := scopes.BySet
	found := false
	if l.people != nil && comparedRow*seen < best {
		best = comparedRow * seen
		found = true
	}
	page := l.Query.Page
	if l.after != (scopes.Mark{}) {
		page = 1
	}
	walkable := l.walks() && l.Query.Skip == 0 && page <= t.Subtotal/l.Query.PerPage
	if walkable && page*l.Query.PerPage*(all/t.Subtotal) < best {
		way = scopes.ByRow
		found = true
	}
	return way, found
}

// needed is how many rows the page and those before it have.
func (l Listing[T, V]) needed() int64 {
	total := l.people.Total
	if l.after != (scopes.Mark{}) {
		return min(total, l.Query.PerPage)
	}
	if l.Query.PerPage == 0 || l.Query.Page > total/l.Query.PerPage {
		return total
	}
	return l.Query.Page * l.Query.PerPage
}

// walked is how many users are looked at, in the order of an index, until the page is full.
func (l Listing[T, V]) walked() int64 {
	seen := max(1, l.people.Total)
	return l.needed() * max(1, l.Caller.Seen.UsersTotal/seen)
}

// firstPeople is the scope that merges the lists of the caller's tenants, if that is the cheapest way to the page; nil
// if it is not.
func (l Listing[T, V]) firstPeople() scopes.Scope {
	if l.people == nil || l.searching() || len(l.Query.Parents) > 0 || l.Query.sorts() || l.Query.Skip > 0 {
		return nil
	}
	limits, grants := peopleLimits(l.Caller)
	covered := scopes.Scope(func(db *gorm.DB) *gorm.DB { return db })
	switch {
	case slices.ContainsFunc(grants, models.Grant.Unlimited):
	case !slices.ContainsFunc(grants, func(g models.Grant) bool { return !g.OnlyHeld() }):
		// The caller is among the first people in any case.
		covered = scopes.Authorized(l.Caller, scopes.Users.Can(models.View), scopes.Users)
	default:
		return nil
	}
	seen := max(1, l.people.Total)
	best := min(l.walked(), setRow*seen)
	by := -1
	for i, limit := range limits {
		tenants := int64(len(limit.Tenants))
		cost := tenants * (l.needed() + 1) * max(1, l.people.OfLimit[i]/seen)
		mergeable := tenants > 0 && (l.Store.Postgres || tenants <= scopes.MostMerged)
		if mergeable && cost < best {
			best = cost
			by = i
		}
	}
	if by < 0 {
		return nil
	}
	first := scopes.FirstPeople(l.Caller, limits, by, l.after, l.needed())
	return func(db *gorm.DB) *gorm.DB { return covered(first(db)) }
}
