package scopes

import (
	"fmt"
	"slices"
	"strings"

	"roster/models"
	"roster/scopes/search"
)

// seenBy gives the noun as the caller may search it: fields about tenants and about users compare those that the caller
// may know of. Otherwise a search would tell, letter by letter, the names that no answer shows.
func (n *Noun) seenBy(p *models.Principal) *Noun {
	if p.Admin || !slices.ContainsFunc(n.Search.Fields, tells) {
		return n
	}
	known := map[string]string{relatedTenants: knownTenants(p), relatedUsers: knownUsers(p)}
	definition := *n.Search
	definition.Fields = slices.Clone(definition.Fields)
	for i, f := range definition.Fields {
		if tells(f) {
			relation := *f.Relation
			joined, condition := "JOIN "+relation.Related+" ON ", known[relation.Related]
			for _, sql := range []*string{&relation.SQL, &relation.Keys, &relation.Order} {
				*sql = strings.ReplaceAll(*sql, joined, joined+condition)
			}
			relation.Reached = condition + relation.Reached
			definition.Fields[i].Relation = &relation
		}
	}
	seen := *n
	seen.Search = &definition
	return &seen
}

// tells finds the fields whose relation leads to rows that not everybody may know of. Audits lead to users by themselves:
// who sees an audit sees whom it is about.
func tells(f search.Field) bool {
	return f.Relation != nil && (f.Relation.Related == relatedTenants || f.Relation.Related == relatedUsers && f.Relation != auditedUser)
}

// knownTenants is KnownTaxonomies as text, for the tables "taxonomies t".
func knownTenants(p *models.Principal) string {
	return fmt.Sprintf(`t.id IN (SELECT c.descendant_id FROM taxonomy_closure c JOIN user_taxonomies o ON o.taxonomy_id = c.ancestor_id
 WHERE o.user_id = %d UNION SELECT c.descendant_id FROM taxonomy_closure c JOIN taxonomies w ON w.id = c.ancestor_id WHERE w.ignore_types LIKE '%%"User"%%') AND `, p.UserID)
}

// knownUsers is Visible as text, for the tables "users u". Its values are ids and kinds, nothing that anybody typed.
func knownUsers(p *models.Principal) string {
	limits := tenantLimits(p, Users.Class)
	if len(limits) == 0 {
		return ""
	}
	all := withCompany(Users.within(search.SQLite, limits), p)
	for _, arg := range all.args {
		text := fmt.Sprint(arg)
		if kind, ok := arg.(models.TaxonomyKind); ok {
			text = "'" + string(kind) + "'"
		}
		all.sql = strings.Replace(all.sql, "?", text, 1)
	}
	return "u.id IN (" + all.sql + ") AND "
}
