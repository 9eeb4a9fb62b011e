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

// MatchingTree keeps the rows that a tree describes, which may name internal fields; nil describes all.
func MatchingTree(p *models.Principal, n *Resource, tree search.Node) Scope {
	return matchingTree(p, n, tree, "(%s)")
}

// MatchingUnaided keeps the rows that a query and a tree describe, and looks at each one that the rest of the statement
// comes to: no index finds them, which pays where many rows match.
func MatchingUnaided(p *models.Principal, n *Resource, query string, tree search.Node) Scope {
	one := *n.oneByOne()
	definition := *one.Search
	definition.Fields = slices.Clone(definition.Fields)
	for i := range definition.Fields {
		definition.Fields[i].Narrow = nil
	}
	one.Search = &definition
	// PostgreSQL looks for indexes in conditions, but not in a test of what they give.
	const test = "(%s) IS TRUE"
	return inOrder(matching(p, &one, query, test), matchingTree(p, &one, tree, test))
}

func matching(p *models.Principal, n *Resource, query, as string) Scope {
	return conditionOf(p, n, as, func(d *search.Definition, env search.Env) (search.Condition, error) {
		return d.Where(query, env)
	})
}

func matchingTree(p *models.Principal, n *Resource, tree search.Node, as string) Scope {
	if tree == nil {
		return open
	}
	return conditionOf(p, n, as, func(d *search.Definition, env search.Env) (search.Condition, error) {
		return d.WhereTree(tree, env)
	})
}

// conditionOf keeps the rows that meet what is compiled from the fields as the caller may compare them.
func conditionOf(p *models.Principal, n *Resource, as string,
	compile func(*search.Definition, search.Env) (search.Condition, error)) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		c, err := compile(n.searchedBy(p, DialectOf(db)).Search, Env(db, p))
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

// Sorted sorts by several fields, internal ones among them, and breaks ties by id in the direction of the last. An
// unknown field stops the statement.
func Sorted(p *models.Principal, n *Resource, keys []search.SortKey) Scope {
	return orderedBy(p, n, n.Table+".id", func(n *Resource, env search.Env) (search.Order, error) {
		return n.Search.SortBy(keys, env)
	})
}

// OrderedByName does the same for rows that have names instead of ids.
func OrderedByName(p *models.Principal, n *Resource, order string) Scope {
	return ordered(p, n, order, n.Table+".name")
}

func ordered(p *models.Principal, n *Resource, order, tie string) Scope {
	return orderedBy(p, n, tie, func(n *Resource, env search.Env) (search.Order, error) {
		return n.OrderBy(order, env)
	})
}

func orderedBy(p *models.Principal, n *Resource, tie string,
	by func(*Resource, search.Env) (search.Order, error)) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		o, err := by(n.searchedBy(p, DialectOf(db)), Env(db, p))
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
func Page(page, perPage int64) Scope { return Stretch((page-1)*perPage, perPage) }

// Stretch keeps some rows behind the first ones.
func Stretch(before, perPage int64) Scope {
	return func(db *gorm.DB) *gorm.DB {
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
