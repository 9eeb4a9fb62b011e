package scopes

import (
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

var (
	memberUser  = one("memberships", "memberships.user_id", "users", "u")
	memberGroup = one("memberships", "memberships.usergroup_id", "usergroups", "g")
	memberRole  = many("memberships.id", "mr.membership_id", "membership_roles mr", "roles r", "r.id = mr.role_id")
)

// Memberships describes who belongs to a tenant, in whatever state. Who may view a user or a group may view its
// memberships in tenants that are known.
var Memberships = &Resource{
	Class: "Membership", Name: "memberships", Stem: "users", Table: "memberships", Open: true, Unfiltered: true,
	Only:         func(p *models.Principal, _ models.Action) Scope { return VisibleMemberships(p) },
	DefaultOrder: by("memberships.sort_name"),
	Parents: map[string]string{
		"Location":     "memberships.taxonomy_id = ?",
		"Organization": "memberships.taxonomy_id = ?",
	},
	Search: withInternal(definition("Membership", "memberships",
		idField("memberships"), relatedText("login", "u.login", memberUser, search.Values),
		relatedText("usergroup", "g.name", memberGroup, search.Values),
		relatedText("role", "r.name", memberRole, search.Values),
		firmText("state", "CASE WHEN memberships.ended THEN 'ended' ELSE memberships.state END", search.Values),
		search.Field{Name: "expires_at", Type: search.Datetime, Column: "memberships.expires_at", Nullable: true,
			Explicit: true, Completion: search.Values},
		firmText("source", "memberships.source", search.Values),
		refField("user_id", "memberships.user_id"), refField("usergroup_id", "memberships.usergroup_id"),
	), []search.Field{switchField("with_roles", withRoles)}),
}

// withRoles compares whether the member holds a role in the tenant: by the membership itself, or by one of the member
// or of a group around it, in the tenant or above it.
func withRoles(c search.Call) (search.Condition, error) {
	const sql = `EXISTS (SELECT 1 FROM memberships h JOIN membership_roles hr ON hr.membership_id = h.id
		JOIN taxonomy_closure hc ON hc.ancestor_id = h.taxonomy_id
		WHERE hc.descendant_id = memberships.taxonomy_id AND (h.id = memberships.id OR h.state = 'active' AND
			(h.user_id = memberships.user_id OR h.usergroup_id IN (SELECT gc.ancestor_id FROM usergroup_closure gc
				WHERE gc.descendant_id = memberships.usergroup_id OR gc.descendant_id IN
					(SELECT gu.usergroup_id FROM usergroup_users gu WHERE gu.user_id = memberships.user_id)))))`
	if (c.Value == "true") == (c.Op == search.OpNe) {
		return search.Condition{SQL: "NOT " + sql}, nil
	}
	return search.Condition{SQL: sql}, nil
}

// VisibleMemberships keeps the memberships, in tenants that the caller may know of, of the users and groups that the
// caller may view. Each row is looked up.
func VisibleMemberships(p *models.Principal) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		if p.Admin {
			return db
		}
		var conditions []string
		var args []any
		for _, of := range []struct {
			resource *Resource
			member   string
		}{{Users, "memberships.user_id"}, {Usergroups, "memberships.usergroup_id"}} {
			rows := db.Session(&gorm.Session{NewDB: true}).Table(of.resource.Table).
				Scopes(of.resource.Rows(p, models.View)).Where(of.resource.Table + ".id = " + of.member).Select("1")
			conditions = append(conditions, "EXISTS (?)")
			args = append(args, rows)
		}
		ids, own := knownTenantsOf(p)
		return db.Where("memberships.taxonomy_id IN ("+ids+")", own...).
			Where("("+strings.Join(conditions, " OR ")+")", args...)
	}
}
