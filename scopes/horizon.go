package scopes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roster/models"
	"roster/scopes/search"
)

// seenBy returns the noun as the caller may search it: fields about tenants and users compare only those that the
// caller may know of. Otherwise a search would reveal, letter by letter, names that no answer shows.
func (n *Resource) seenBy(p *models.Principal) *Resource {
	if p.Admin || !slices.ContainsFunc(n.Search.Fields, tells) {
		return n
	}
	actors := knownActors(p)
	changes := "(" + strings.Join(tellingChanges(), " OR ") + ")"
	known := map[string]string{relatedTenants: knownTenants(p), relatedUsers: knownUsers(p)}
	definition := *n.Search
	definition.Fields = slices.Clone(definition.Fields)
	for i, f := range definition.Fields {
		switch {
		case f.Column == changesColumn:
			definition.Fields[i] = onlyWhere("NOT "+changes, f)
		case slices.Contains(actorColumns, f.Column) && actors != "":
			definition.Fields[i] = onlyWhere(actors, f)
		}
		if tells(f) {
			relation := *f.Relation
			joined := "JOIN " + relation.Related + " ON "
			condition := known[relation.Related]
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

// Excludes reports whether a query excludes rows by tenants, users or actors, which not every caller may know of. For a
// caller who does not know of them it would find more rows instead of fewer.
func (n *Resource) Excludes(query string) bool {
	tree, err := search.Parse(query)
	if err != nil {
		return false
	}
	masked := func(f search.Field) bool {
		return tells(f) || f.Column == changesColumn || slices.Contains(actorColumns, f.Column)
	}
	leads := func(name string) bool {
		f := n.Search.Named(name)
		return f != nil && masked(*f)
	}
	anywhere := slices.ContainsFunc(n.Search.Fields, func(f search.Field) bool { return !f.Explicit && masked(f) })
	return search.Excludes(tree, leads, anywhere)
}

// tells returns the fields whose relation leads to rows that not every caller may know of. Audits lead to users by
// themselves: callers who see an audit see whom it concerns.
func tells(f search.Field) bool {
	return f.Relation != nil && (f.Relation.Related == relatedTenants || f.Relation.Related == relatedUsers &&
		f.Relation != auditedUser)
}

// knownTenants is KnownTaxonomies as text, for the tables "taxonomies t".
func knownTenants(p *models.Principal) string {
	return "t.id IN (" + strings.Replace(knownTenantIDs, "?", strconv.FormatInt(p.UserID, 10), 1) + ") AND "
}

// actorColumns are the columns that name the actor of an audit.
var actorColumns = []string{"audits.username", "audits.user_id", "audits.remote_address"}

// changesColumn is what changes of audits are searched in.
const changesColumn = "audits.audited_changes"

// RelatedIDs are the attributes that name tenants and users. Answers leave out ids that the caller may not know of, and
// a search by a caller who is not an administrator skips changes that contain one.
var RelatedIDs = struct{ Tenants, Users, Queries []string }{
	Tenants: []string{"location_ids", "organization_ids", "default_location_id", "default_organization_id"},
	Users:   []string{"user_ids", "user_id"},
	Queries: []string{"taxonomy_search"},
}

// tellingChanges are conditions that find changes with a value of those attributes.
func tellingChanges() []string {
	var conditions []string
	for _, attr := range slices.Concat(RelatedIDs.Tenants, RelatedIDs.Users, RelatedIDs.Queries) {
		has := changesColumn + ` LIKE '%"` + attr + `":`
		conditions = append(conditions, has+"%' AND NOT "+has+"[]%' AND NOT "+has+"null%'")
	}
	return conditions
}

// onlyWhere returns a field that has a value only where a condition holds.
func onlyWhere(condition string, f search.Field) search.Field {
	f.Column, f.Nullable = "CASE WHEN "+condition+" THEN "+f.Column+" END", true
	if f.FoldColumn != "" {
		f.FoldColumn = "fold(" + f.Column + ")"
	}
	return f
}

// knownActors is the condition under which an audit shows the caller its actor: the record belongs to the caller's
// tenants, or the caller may know of the actor. It is blank if the caller may know of everybody.
func knownActors(p *models.Principal) string {
	users := knownUserIDs(p)
	if users == "" {
		return ""
	}
	return "(audits.auditable_type IN ('" + strings.Join(taxableClasses, "', '") + "') OR audits.user_id IN (" + users +
		"))"
}

// TellsActor reports whether audits of a class show their actor to everybody who sees them: those of records with
// tenants are visible inside these tenants only.
func TellsActor(class string) bool { return slices.Contains(taxableClasses, class) }

// knownUsers is Visible as text, for the tables "users u".
func knownUsers(p *models.Principal) string {
	ids := knownUserIDs(p)
	if ids == "" {
		return ""
	}
	return "u.id IN (" + ids + ") AND "
}

// knownUserIDs selects the users that the caller may know of; blank means all. Its values are ids and kinds, nothing
// that anybody typed.
func knownUserIDs(p *models.Principal) string {
	limits := tenantLimits(p, Users.Class)
	if len(limits) == 0 {
		return ""
	}
	all := withCompany(Users.within(search.SQLite, limits), p)
	for _, arg := range all.args {
		text := fmt.Sprint(arg)
		if kind, ok := arg.(models.TenantKind); ok {
			text = "'" + string(kind) + "'"
		}
		all.sql = strings.Replace(all.sql, "?", text, 1)
	}
	return all.sql
}
