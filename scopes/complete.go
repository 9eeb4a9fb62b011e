package scopes

import (
	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Suggestion is a completed query.
type Suggestion = search.Suggestion

// Complete continues a half-typed query for the noun's rows (docs/spec/search.md, 14). The values that it offers are
// those that occur in rows, which selects what the caller may list.
func (n *Resource) Complete(db *gorm.DB, p *models.Principal, query string,
	rows func() *gorm.DB) ([]Suggestion, error) {
	n = n.searchedBy(p, DialectOf(db))
	return n.Search.Complete(query, Env(db, p), func(q search.ValueQuery) ([]string, error) {
		var values []string
		err := n.values(db, p, q, rows).Where(q.Where.SQL, q.Where.Args...).Order("1").Limit(q.Limit).
			Scan(&values).Error
		return values, err
	})
}

// values selects the distinct values of a field: of the rows themselves, or of rows related to at least one of them.
// Related users must be among those that the caller may list.
func (n *Resource) values(db *gorm.DB, p *models.Principal, q search.ValueQuery, rows func() *gorm.DB) *gorm.DB {
	relation := q.Field.Relation
	if relation == nil {
		own := rows()
		if q.Field.Only.SQL != "" {
			own = own.Where(q.Field.Only.SQL, q.Field.Only.Args...)
		}
		return own.Select("DISTINCT " + q.Field.Column)
	}
	reached := "EXISTS (" + relation.Reached + ")"
	if DialectOf(db) == search.PostgreSQL {
		// Asked of one related row after the other: joined, as it would be without this, it reads both tables from end
		// to end before the first value is known.
		reached = "EXISTS (" + relation.Reached + " OFFSET 0)"
	}
	related := db.Table(relation.Related).Select("DISTINCT "+q.Field.Column).Where(reached,
		rows().Select(n.Table+".id"))
	if q.Field.Only.SQL != "" {
		related = related.Where(q.Field.Only.SQL, q.Field.Only.Args...)
	}
	if relation.Related == relatedUsers {
		listed := db.Table(Users.Table).Scopes(Users.Listed(p))
		related = related.Where("u.id IN (?)", listed.Select("users.id"))
	}
	return related
}
