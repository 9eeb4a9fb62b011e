package scopes

import (
	"fmt"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// MostMerged is how many tenants' lists are merged on SQLite, whose compound statements have bounds.
const MostMerged = 50

// Mark is a place in the default order of users: behind the user with this name to sort by and this id. The zero Mark
// is the beginning.
type Mark struct {
	Name string
	ID   int64
}

// SortName returns the name to sort by of a user, who may have no first name: they come last. The database computes the
// same.
func SortName(firstname *string) string {
	if firstname == nil {
		return "\U0010ffff"
	}
	return search.Fold(*firstname)
}

// After keeps the users behind a place.
func After(m Mark) Scope {
	if m == (Mark{}) {
		return open
	}
	return where("(users.sort_name, users.id) > (?, ?)", m.Name, m.ID)
}

// FirstPeople keeps a superset of the first users behind a place, in the default order, whom the caller may see: the
// first of each tenant of one limit who meet the other limits, and the caller. It pays where the caller sees few of all
// users.
func FirstPeople(p *models.Principal, limits []Limit, by int, after Mark, first int64) Scope {
	return func(db *gorm.DB) *gorm.DB {
		d := DialectOf(db)
		passes := ""
		var others []any
		for i, l := range limits {
			if i != by {
				test, ids := Users.probe(d, "o.user_id", l.Tenants)
				passes += " AND " + test
				others = append(others, ids)
			}
		}
		if after != (Mark{}) {
			passes += " AND (o.sort_name, o.user_id) > (?, ?)"
			others = append(others, after.Name, after.ID)
		}
		passes += " ORDER BY o.sort_name, o.user_id LIMIT ?"
		others = append(others, first)
		const listed = "SELECT o.user_id, o.sort_name FROM memberships o WHERE o.user_id IS NOT NULL" +
			" AND o.taxonomy_id = "
		var sql string
		var args []any
		if d == search.PostgreSQL {
			sql = "SELECT x.user_id FROM unnest(" + boundArray + ") AS t (id) CROSS JOIN LATERAL (" + listed + "t.id" +
				passes + ") x GROUP BY x.user_id, x.sort_name ORDER BY x.sort_name, x.user_id LIMIT ?"
			args = append(append([]any{ArrayLiteral(limits[by].Tenants)}, others...), first)
		} else {
			var lists []string
			for _, id := range limits[by].Tenants {
				// Behind a plus, SQLite does not look at the value to plan with, for which it would compile twice.
				lists = append(lists, "SELECT * FROM ("+listed+"+?"+passes+")")
				args = append(append(args, id), others...)
			}
			sql = "SELECT user_id FROM (" + strings.Join(lists, " UNION ALL ") + ") firsts"
		}
		return db.Where(fmt.Sprintf("users.id IN (SELECT user_id FROM (%s) page UNION ALL SELECT %s)", sql, castID),
			append(args, p.UserID)...)
	}
}
