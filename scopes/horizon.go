package scopes

import (
	"fmt"
	"slices"
	"strings"

	"roster/models"
	"roster/scopes/search"
)

// joinedTenants is how the fields about tenants reach them; see tenants.
const joinedTenants = "JOIN taxonomies t ON "

// seenBy gives the noun as the caller may search it: fields about tenants compare those that the caller may know of.
// Otherwise a search would tell, letter by letter, the names that no answer shows.
func (n *Noun) seenBy(p *models.Principal) *Noun {
	if p.Admin || !slices.ContainsFunc(n.Search.Fields, aboutTenants) {
		return n
	}
	known := joinedTenants + fmt.Sprintf(`t.id IN (SELECT c.descendant_id FROM taxonomy_closure c JOIN user_taxonomies o ON o.taxonomy_id = c.ancestor_id
 WHERE o.user_id = %d UNION SELECT c.descendant_id FROM taxonomy_closure c JOIN taxonomies w ON w.id = c.ancestor_id WHERE w.ignore_types LIKE '%%"User"%%') AND `, p.UserID)
	narrow := func(sql string) string { return strings.ReplaceAll(sql, joinedTenants, known) }
	definition := *n.Search
	definition.Fields = slices.Clone(definition.Fields)
	for i, f := range definition.Fields {
		if aboutTenants(f) {
			relation := *f.Relation
			relation.SQL, relation.Keys, relation.Order = narrow(relation.SQL), narrow(relation.Keys), narrow(relation.Order)
			definition.Fields[i].Relation = &relation
		}
	}
	seen := *n
	seen.Search = &definition
	return &seen
}

func aboutTenants(f search.Field) bool {
	return f.Relation != nil && strings.Contains(f.Relation.SQL, joinedTenants)
}
