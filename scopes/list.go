package scopes

import (
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"roster/models"
	"roster/scopes/search"
)

// Matching keeps the rows that a query in the search language describes. A blank query describes all. A query that
// cannot be read stops the statement with a *search.Error.
func Matching(p *models.Principal, n *Resource, query string) Scope {
	return matching(p, n, query, "(%s)")
}

// MatchingUnaided keeps the same rows, and looks at each one that the rest of the statement comes to: no index finds
// them, which pays where many rows match.
func MatchingUnaided(p *models.Principal, n *Resource, query string) Scope {
	one := *n.oneByOne()
	definition := *one.Search
	definition.Fields = slices.Clone(definition.Fields)
	for i := range definition.Fields {
		definition.Fields[i].Narrow = nil
	}
	one.Search = &definition
	// PostgreSQL looks for indexes in conditions, but not in a test of what they give.
	return matching(p, &one, query, "(%s) IS TRUE")
}

func matching(p *models.Principal, n *Resource, query, as string) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		c, err := n.searchedBy(p, DialectOf(db)).Search.Where(query, Env(db, p))
		if err != nil {
			_ = db.AddError(err)
			return db
		}
		if c.SQL == "" {
			return db
		}
		return db.Where(strings.Replace(as, "%s", c.SQL, 1), c.Args...)
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
		o, err := n.searchedBy(p, DialectOf(db)).OrderBy(order, Env(db, p))
		if err != nil {
			_ = db.AddError(err)
			return db
		}
		sql := tie
		if o.Desc {
			sql = tie + " DESC"
		}
		if o.SQL != "" {
			sql = o.SQL + "," + sql
		}
		return db.Order(clause.OrderBy{Expression: clause.Expr{SQL: sql, Vars: o.Args, WithoutParentheses: true}})
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
		before := (page - 1) * perPage
		if DialectOf(db) != search.PostgreSQL {
			return db.Limit(int(perPage)).Offset(int(before))
		}
		return db.Clauses(pageLimit{rows: perPage, before: before})
	}
}

// pageLimit is the LIMIT of a page on PostgreSQL. The number of rows is part of the statement: where it is bound,
// PostgreSQL does not know how few rows are read, and plans each execution anew, which takes longer than reading them.
type pageLimit struct{ rows, before int64 }

// Name is for GORM.
func (pageLimit) Name() string { return "LIMIT" }

// Build writes what follows the name.
func (l pageLimit) Build(b clause.Builder) {
	_, _ = b.WriteString(strconv.FormatInt(l.rows, 10))
	if l.before > 0 {
		_, _ = b.WriteString(" OFFSET ")
		b.AddVar(b, l.before)
	}
}

// MergeClause takes the place of another limit.
func (l pageLimit) MergeClause(c *clause.Clause) { c.Expression = l }

// ByID keeps one row by id.
func ByID(n *Resource, id int64) Scope {
	return func(db *gorm.DB) *gorm.DB { return db.Where(n.Table+".id = ?", id) }
}
