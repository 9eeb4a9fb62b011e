package scopes

import (
	"slices"
	"strings"

	"roster/models"
	"roster/scopes/search"
)

// searchedBy returns the resource as the caller may search it, with custom fields.
func (n *Resource) searchedBy(p *models.Principal, d search.Dialect) *Resource {
	return n.customized(p, d).visibleTo(p, d)
}

// visibleTo returns the resource as the caller may search it: fields about tenants and about users compare those that
// the caller may know of. Otherwise a search would tell, letter by letter, the names that no answer shows.
func (n *Resource) visibleTo(p *models.Principal, d search.Dialect) *Resource {
	if p.Admin || !slices.ContainsFunc(n.Search.Fields, isMasked) {
		return n
	}
	ids, args := knownTenantsOf(p)
	tenants := search.Condition{SQL: "t.id IN (" + ids + ")", Args: args}
	users := knownUsers(p, d)
	definition := *n.Search
	definition.Fields = slices.Clone(definition.Fields)
	for i, f := range definition.Fields {
		switch {
		case f.Column == changesColumn:
			f.Only = search.Condition{SQL: "NOT (" + strings.Join(tellingChanges(), " OR ") + ")"}
		case slices.Contains(actorColumns, f.Column):
			f.Only = knownActors(users)
		case !leadsToMasked(f):
			continue
		case f.Relation == userAnyRole:
			f.Only = search.Condition{SQL: "(ar.taxonomy_id IS NULL OR ar.taxonomy_id IN (" + ids + "))", Args: args}
		case f.Relation.Related == relatedTenants:
			f.Only = tenants
		case users.sql != "":
			f.Only = search.Condition{SQL: "u.id IN (" + users.sql + ")", Args: users.args}
		}
		definition.Fields[i] = f
	}
	seen := *n
	seen.Search = &definition
	return &seen
}

// Excludes reports whether a query leaves rows out by what not everybody may know of: tenants, users, who acted. Asked
// in the name of somebody who does not know of them, it would find more instead of less.
func (n *Resource) Excludes(query string) bool {
	tree, err := search.Parse(query)
	if err != nil {
		return false
	}
	leads := func(name string) bool {
		f := n.Search.Named(name)
		return f != nil && isMasked(*f)
	}
	return search.Excludes(tree, leads, n.looksIntoMasked())
}

// AskedAlike reports whether a query finds the same for everybody who may name its fields, and the caller may: none of
// them compares tenants, users or who acted, and none is a custom field that the caller does not see.
func (n *Resource) AskedAlike(p *models.Principal, d search.Dialect, query string) bool {
	tree, err := search.Parse(query)
	if err != nil {
		return false
	}
	all := n.limitedBy(p.Customs, d).Search
	own := n.customized(p, d).Search
	hides := func(name string) bool {
		f := all.Named(name)
		return f != nil && (isMasked(*f) || own.Named(name) == nil)
	}
	return !search.Names(tree, hides, n.looksIntoMasked())
}

// looksIntoMasked reports whether bare words are compared with what not everybody may know of.
func (n *Resource) looksIntoMasked() bool {
	return slices.ContainsFunc(n.Search.Fields, func(f search.Field) bool { return !f.Explicit && isMasked(f) })
}

// isMasked reports whether a field compares what not everybody may know of.
func isMasked(f search.Field) bool {
	return leadsToMasked(f) || f.Column == changesColumn || slices.Contains(actorColumns, f.Column)
}

// leadsToMasked finds the fields whose relation leads to rows that not everybody may know of. Audits lead to users by
// themselves: who sees an audit sees whom it is about.
func leadsToMasked(f search.Field) bool {
	r := f.Relation
	return r != nil && (r == userAnyRole || r.Related == relatedTenants ||
		r.Related == relatedUsers && r != auditedUser)
}

// actorColumns tell who did what an audit is about.
var actorColumns = []string{"audits.username", "audits.user_id", "audits.remote_address"}

// changesColumn is what changes of audits are searched in.
const changesColumn = "audits.audited_changes"

// RelatedIDs are the attributes that name tenants and users, and those that hold values of custom fields. Answers leave
// out of them what the caller may not know of, and a search by somebody who is no administrator does not look into
// changes that have one.
var RelatedIDs = struct{ Tenants, Users, Queries, Custom []string }{
	Tenants: []string{"location_ids", "organization_ids", "default_location_id", "default_organization_id"},
	Users:   []string{"user_ids", "user_id"},
	Queries: []string{"taxonomy_search"},
	Custom:  []string{"custom_fields"},
}

// tellingChanges are conditions that find changes with a value of those attributes.
func tellingChanges() []string {
	var conditions []string
	for _, attr := range slices.Concat(RelatedIDs.Tenants, RelatedIDs.Users, RelatedIDs.Queries, RelatedIDs.Custom) {
		has := changesColumn + ` LIKE '%"` + attr + `":`
		conditions = append(conditions, has+"%' AND NOT "+has+"[]%' AND NOT "+has+"null%'")
	}
	return conditions
}

// knownActors is the condition under which an audit tells the caller who acted: the record belongs to the caller's
// tenants, or the caller may know of the actor. It is empty where everybody is known.
func knownActors(users set) search.Condition {
	if users.sql == "" {
		return search.Condition{}
	}
	return search.Condition{
		SQL: "(audits.auditable_type IN ('" + strings.Join(taxableClasses, "', '") + "') AND NOT " +
			globalParameters + " OR audits.user_id IN (" + users.sql + "))",
		Args: users.args,
	}
}

// TellsActor reports whether an audit tells everybody who sees it who acted: those of records that belong to tenants
// are seen inside these tenants only.
func TellsActor(audit *models.Audit) bool {
	global := audit.AuditableType == Parameters.Class && audit.AssociatedID == nil
	return slices.Contains(taxableClasses, audit.AuditableType) && !global
}

// knownUsers selects the users that the caller may know of; an empty set means all.
func knownUsers(p *models.Principal, d search.Dialect) set {
	limits := tenantLimits(p, Users.Class)
	if len(limits) == 0 {
		return set{}
	}
	return withCompany(Users.within(d, limits), p)
}
