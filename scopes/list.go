package scopes

import (
	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Matching keeps the rows that a query in the search language describes. A blank query describes all. A query that
// cannot be read stops the statement with a *search.Error.
func Matching(p *models.Principal, n *Resource, query string) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		c, err := n.seenBy(p).Search.Where(query, Env(db, p))
		if err != nil {
			_ = db.AddError(err)
			return db
		}
		if c.SQL == "" {
			return db
		}
		return db.Where("("+c.SQL+")", c.Args...)
	}
}

// Ordered sorts by a field of the search language, "login DESC", or by the noun's default when order is blank. Ties are
// broken by id in the same direction, so that pages neither repeat nor lose a row and one index serves both directions.
// An unknown field stops the statement.
func Ordered(p *models.Principal, n *Resource, order string) Scope {
	return ordered(p, n, order, n.Table+".id")
}

// OrderedByName does the same for rows that have names instead of ids.
func OrderedByName(p *models.Principal, n *Resource, order string) Scope {
	return ordered(p, n, order, n.Table+".name")
}

func ordered(p *models.Principal, n *Resource, order, tie string) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		o, err := n.seenBy(p).OrderBy(order, Env(db, p))
		if err != nil {
			_ = db.AddError(err)
			return db
		}
		if o.SQL != "" {
			db = db.Order(o.SQL)
		}
		if o.Desc {
			return db.Order(tie + " DESC")
		}
		return db.Order(tie)
	}
}

// OrderBy reads an order, falling back to the noun's default.
func (n *Resource) OrderBy(order string, env search.Env) (search.Order, error) {
	o, err := n.Search.OrderBy(order, env)
	if err == nil && o.SQL == "" && n.DefaultOrder != nil {
		o.SQL = n.DefaultOrder(env.Dialect)
		o.Desc = n.Newest
	}
	return o, err
}

// Page keeps one page; both numbers start at 1 and must have been checked.
func Page(page, perPage int64) Scope {
	return func(db *gorm.DB) *gorm.DB {
		return db.Limit(int(perPage)).Offset(int((page - 1) * perPage))
	}
}

// ByID keeps one row by id.
func ByID(n *Resource, id int64) Scope {
	return func(db *gorm.DB) *gorm.DB { return db.Where(n.Table+".id = ?", id) }
}
