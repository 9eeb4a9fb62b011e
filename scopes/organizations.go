package scopes

import (
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// The nouns of people who belong to an organization, and look at it as members do: they need no permission, and no
// filter limits them. Which of the rows a caller is shown is the verbs' business, see package directory: all of these
// resources limit only what everybody is shown.

// roleNamed is the condition that a role r stands for an organization role.
func roleNamed(role models.OrganizationRole) string {
	return fmt.Sprintf("r.origin = '%s' AND (r.name = '%s' OR r.name LIKE '%s (%%')", models.OriginCVAT, role, role)
}

// holdsRole is the condition that a membership carries an organization role.
func holdsRole(membership string, role models.OrganizationRole) string {
	return "EXISTS (SELECT 1 FROM membership_roles h JOIN roles r ON r.id = h.role_id WHERE h.membership_id = " +
		membership + " AND " + roleNamed(role) + ")"
}

// OrganizationRoleOf is the organization role of a membership with an id: the strongest that it carries, or that of
// workers.
func OrganizationRoleOf(membership string) string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, role := range models.OrganizationRoles {
		if role != models.OrganizationWorker {
			fmt.Fprintf(&b, " WHEN %s THEN '%s'", holdsRole(membership, role), role)
		}
	}
	fmt.Fprintf(&b, " ELSE '%s' END", models.OrganizationWorker)
	return b.String()
}

// ownerOfOrganization is the login of the one who owns an organization, of several the first.
var ownerOfOrganization = "(SELECT MIN(u.login) FROM memberships m JOIN users u ON u.id = m.user_id " +
	"WHERE m.taxonomy_id = taxonomies.id AND m.state = 'active' AND " + holdsRole("m.id", models.OrganizationOwner) +
	")"

// byID leaves the order of rows to their ids.
var byID = by("")

// MemberOrganizations describes organizations as their members see them. Those inside others are not shown.
var MemberOrganizations = &Resource{
	Class: string(models.OrganizationKind), Name: "member_organizations", Stem: "organizations", Table: "taxonomies",
	Open: true, Unfiltered: true, Only: everybody(RootOrganizations),
	Parents: map[string]string{
		"User": "taxonomies.id IN (SELECT taxonomy_id FROM memberships WHERE user_id = ? AND state = 'active')",
	},
	DefaultOrder: byID, Newest: true,
	Search: definition(string(models.OrganizationKind), "taxonomies",
		idField("taxonomies"), firmText("name", "taxonomies.name", search.Hidden),
		textField("slug", "taxonomies.slug", search.Hidden), textField("owner", ownerOfOrganization, search.Hidden)),
}

// RootOrganizations keeps the organizations that are inside no other.
func RootOrganizations(db *gorm.DB) *gorm.DB {
	return db.Where("taxonomies.type = ? AND taxonomies.parent_id IS NULL", models.OrganizationKind)
}

// OrganizationsOf keeps the organizations that the caller belongs to, itself or by a group.
func OrganizationsOf(p *models.Principal) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		condition, value := InIDs(DialectOf(db), "taxonomies.id", p.Organizations)
		return RootOrganizations(db).Where(condition, value)
	}
}

// OwnersAmong keeps the active memberships, under an alias, that carry the role of owners.
func OwnersAmong(alias string) Scope {
	return where(alias + ".state = 'active' AND " + holdsRole(alias+".id", models.OrganizationOwner))
}

// Colleagues describes users as those see them who belong to an organization with them.
var Colleagues = &Resource{
	Class: Users.Class, Name: "colleagues", Stem: Users.Stem, Table: Users.Table, Customs: Users.Customs,
	Open: true, Unfiltered: true, Only: Users.Only, Parents: Users.Parents, Search: Users.Search,
	DefaultOrder: byID, Newest: true,
}

// OnlyUser keeps one user.
func OnlyUser(id int64) Scope { return where("users.id = ?", id) }

// InNoOrganization keeps the users who belong to no organization.
func InNoOrganization(db *gorm.DB) *gorm.DB {
	return db.Where("NOT EXISTS (SELECT 1 FROM memberships m JOIN taxonomies o ON o.id = m.taxonomy_id "+
		"WHERE m.user_id = users.id AND o.type = ?)", models.OrganizationKind)
}

// OrganizationMembers describes the memberships of users in organizations that are inside no other.
var OrganizationMembers = &Resource{
	Class: Memberships.Class, Name: "organization_members", Stem: "users", Table: "memberships",
	Open: true, Unfiltered: true, Only: everybody(ofUsersInRoots),
	Parents: map[string]string{
		"Organization": "memberships.taxonomy_id = ?",
		"User":         "memberships.user_id = ? AND memberships.state = 'active'",
	},
	DefaultOrder: byID, Newest: true,
	Search: definition(Memberships.Class, "memberships",
		idField("memberships"),
		textField("user", "(SELECT u.login FROM users u WHERE u.id = memberships.user_id)", search.Hidden),
		firmText("organization_role", OrganizationRoleOf("memberships.id"), search.Hidden)),
}

func ofUsersInRoots(db *gorm.DB) *gorm.DB {
	return db.Where("memberships.user_id IN (SELECT id FROM users WHERE NOT hidden) AND memberships.taxonomy_id IN "+
		"(SELECT id FROM taxonomies WHERE type = ? AND parent_id IS NULL)", models.OrganizationKind)
}

// ActiveMembers keeps the memberships that let the members act.
func ActiveMembers(db *gorm.DB) *gorm.DB {
	return db.Where("memberships.state = ?", models.MemberActive)
}

// Invitations describes who was asked into organizations.
var Invitations = &Resource{
	Class: "Invitation", Name: "invitations", Stem: "users", Table: "invitations", Open: true, Unfiltered: true,
	Label: "key",
	Parents: map[string]string{
		"Organization": "invitations.membership_id IN (SELECT id FROM memberships WHERE taxonomy_id = ?)",
	},
	DefaultOrder: by("invitations.created_at DESC"), Newest: true,
	Search: definition("Invitation", "invitations",
		idField("invitations"),
		textField("owner", "(SELECT u.login FROM users u WHERE u.id = invitations.owner_id)", search.Hidden),
		refField("user_id", "(SELECT m.user_id FROM memberships m WHERE m.id = invitations.membership_id)"),
		acceptedField(), momentField("created_on", "invitations.created_at", false)),
}

// InvitationsOf keeps the invitations that the caller has received, or has sent into organizations that the caller
// still belongs to.
func InvitationsOf(p *models.Principal) Scope {
	if !known(p) {
		return fail(ErrNoPrincipal)
	}
	return func(db *gorm.DB) *gorm.DB {
		condition, value := InIDs(DialectOf(db), "m.taxonomy_id", p.Organizations)
		return db.Where("invitations.membership_id IN (SELECT m.id FROM memberships m WHERE m.user_id = ? OR "+
			"invitations.owner_id = ? AND "+condition+")", p.UserID, p.UserID, value)
	}
}

// acceptedSQL is the condition that the membership that an invitation is about is active.
const acceptedSQL = "EXISTS (SELECT 1 FROM memberships m WHERE m.id = invitations.membership_id AND m.state = 'active')"

func acceptedField() search.Field {
	f := switchField("accepted", acceptedInvitation)
	f.Column = "CASE WHEN " + acceptedSQL + " THEN 1 ELSE 0 END" // to sort by
	return f
}

// acceptedInvitation compares whether an invitation was accepted.
func acceptedInvitation(c search.Call) (search.Condition, error) {
	if (c.Value == "true") == (c.Op == search.OpNe) {
		return search.Condition{SQL: "NOT " + acceptedSQL}, nil
	}
	return search.Condition{SQL: acceptedSQL}, nil
}

// LiveTokens keeps the tokens that still open an account. Those that nobody has used for too long end at another moment
// than they are kept by, so that the time of each is looked at.
func LiveTokens(now time.Time) Scope {
	return func(db *gorm.DB) *gorm.DB {
		stale := "COALESCE(personal_access_tokens.last_used_at, personal_access_tokens.created_at) + " +
			"personal_access_tokens.idle_days * INTERVAL '1 day' < ?"
		if DialectOf(db) == search.SQLite {
			stale = "julianday(COALESCE(personal_access_tokens.last_used_at, personal_access_tokens.created_at)) + " +
				"personal_access_tokens.idle_days < julianday(?)"
		}
		return db.Where("NOT personal_access_tokens.revoked AND (personal_access_tokens.expires_at IS NULL OR "+
			"personal_access_tokens.expires_at >= ?) AND (personal_access_tokens.idle_days IS NULL OR NOT "+stale+")",
			now, now)
	}
}

// ScimTokens describes the tokens of an organization's identity providers. Who may edit the organization may look at
// them, which the verbs see to.
var ScimTokens = &Resource{
	Class: "ScimToken", Name: "scim_tokens", Stem: "organizations", Table: "scim_tokens", Open: true, Unfiltered: true,
	Parents:      map[string]string{string(models.OrganizationKind): "scim_tokens.organization_id = ?"},
	DefaultOrder: by("scim_tokens.id"),
	Search: definition("ScimToken", "scim_tokens", idField("scim_tokens"),
		firmText("name", "scim_tokens.name", search.NameOnly)),
}

// Provisioned keeps the members of an organization whom its identity provider may know of: all of them where that is
// allowed, and else those whom it has brought in or named. Whom it has deleted it knows no more, and nobody who is no
// member. BySet works out all of them, ByRow looks up each user that the rest of the statement finds.
func Provisioned(organization int64, members bool, way Way) Scope {
	const linked = "EXISTS (SELECT 1 FROM scim_links l WHERE l.organization_id = m.taxonomy_id AND " +
		"l.user_id = m.user_id AND "
	known := "SELECT m.user_id FROM memberships m WHERE m.taxonomy_id = ? AND m.user_id IS NOT NULL AND "
	if members {
		known += "NOT " + linked + "l.deleted_at IS NOT NULL)"
	} else {
		known += linked + "l.deleted_at IS NULL AND (l.provisioned OR l.external_id IS NOT NULL))"
	}
	if way == ByRow {
		known = "EXISTS (" + known + " AND m.user_id = users.id)"
	} else {
		known = "users.id IN (" + known + ")"
	}
	return func(db *gorm.DB) *gorm.DB { return NotHidden(db).Where(known, organization) }
}

// ProvisionedUsers describes the users of an organization as its identity provider filters and sorts them. It does not
// know some of the groups.
func ProvisionedUsers(organization int64, without []int64) *Resource {
	own := *Users.Search
	own.Internal = append(append([]search.Field{}, Users.Search.Internal...),
		linkFields(linkOf("user_id", "users", organization), "users", "user_id", organization)...)
	own.Internal = append(own.Internal, activeField(organization), groupsIn(organization, without))
	return &Resource{
		Class: Users.Class, Name: fmt.Sprintf("provisioned_users_%d", organization), Stem: Users.Stem,
		Table: Users.Table,
		Open:  true, Unfiltered: true, Only: Users.Only, Parents: Users.Parents, Search: &own, DefaultOrder: byID,
	}
}

// activeField compares whether an account may be used in an organization.
func activeField(organization int64) search.Field {
	sql := "(COALESCE(users.disabled, FALSE) = FALSE AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = " +
		fmt.Sprintf("users.id AND m.taxonomy_id = %d AND m.state <> 'active'))", organization)
	f := switchField("active", func(c search.Call) (search.Condition, error) {
		if (c.Value == "true") == (c.Op == search.OpNe) {
			return search.Condition{SQL: "NOT " + sql}, nil
		}
		return search.Condition{SQL: sql}, nil
	})
	f.Column = "CASE WHEN " + sql + " THEN 1 ELSE 0 END"
	return f
}

// groupsIn leads from a user to the groups around it that an identity provider knows.
func groupsIn(organization int64, without []int64) search.Field {
	tables := "usergroup_users gu JOIN usergroup_closure gc ON gc.descendant_id = gu.usergroup_id JOIN usergroups " +
		"gg ON " +
		"gg.id = gc.ancestor_id JOIN scim_links gl ON gl.usergroup_id = gg.id AND gl.deleted_at IS NULL AND " +
		fmt.Sprintf("gl.organization_id = %d", organization)
	for _, id := range without {
		tables += fmt.Sprintf(" AND gl.usergroup_id <> %d", id)
	}
	f := relatedText("in_group", "gl.uuid", &search.Relation{
		SQL:  "EXISTS (SELECT 1 FROM " + tables + " WHERE gu.user_id = users.id AND %s)",
		Keys: "SELECT gu.user_id FROM " + tables + " WHERE %s",
	}, search.Hidden)
	f.Columns = map[string]string{"value": "gl.uuid", "display": "COALESCE(gl.display_name, gg.name)",
		"type": "CASE WHEN gc.ancestor_id = gu.usergroup_id THEN 'direct' ELSE 'indirect' END"}
	return f
}

// LinkedGroups keeps the groups of an organization's identity provider, but for some.
func LinkedGroups(organization int64, without []int64) Scope {
	return func(db *gorm.DB) *gorm.DB {
		condition, value := InIDs(DialectOf(db), "usergroups.id", without)
		return db.Where("usergroups.id IN (SELECT l.usergroup_id FROM scim_links l WHERE l.organization_id = ? AND "+
			"l.usergroup_id IS NOT NULL AND l.deleted_at IS NULL)", organization).Where("NOT "+condition, value)
	}
}

// ProvisionedGroups describes the groups of an organization as its identity provider filters and sorts them. It does
// not know some of the groups, and of the people those whom Provisioned keeps.
func ProvisionedGroups(organization int64, members bool, without []int64) *Resource {
	link := linkOf("usergroup_id", "usergroups", organization)
	// Groups have a name of their provider's, by which an index finds those that are not deleted.
	named := *link
	named.Keys = strings.Replace(link.Keys, "%s", "l.deleted_at IS NULL AND %s", 1)
	named.SQL = strings.Replace(link.SQL, "%s", "l.deleted_at IS NULL AND %s", 1)
	return &Resource{
		Class: Usergroups.Class, Name: fmt.Sprintf("provisioned_groups_%d", organization), Stem: Usergroups.Stem,
		Table: Usergroups.Table, Open: true, Unfiltered: true, DefaultOrder: byID,
		Search: withInternal(definition(Usergroups.Class, "usergroups", idField("usergroups")), append(linkFields(link,
			"usergroups", "usergroup_id", organization),
			relatedText("name", "l.display_name", &named, search.Hidden),
			momentField("created_on", "usergroups.created_at", false),
			momentField("updated_on", "usergroups.updated_at", false),
			usersInside(organization, members), groupsInside(organization, without))),
	}
}

// linkOf leads from a row to what an organization's identity provider knows of it.
func linkOf(column, table string, organization int64) *search.Relation {
	of := fmt.Sprintf("FROM scim_links l WHERE l.organization_id = %d AND ", organization)
	return &search.Relation{
		SQL:   "EXISTS (SELECT 1 " + of + "l." + column + " = " + table + ".id AND %s)",
		Keys:  "SELECT l." + column + " " + of + "l." + column + " IS NOT NULL AND %s",
		Order: "(SELECT %s " + of + "l." + column + " = " + table + ".id)",
	}
}

// usersInside leads from a group to the users in it whom an identity provider knows.
func usersInside(organization int64, members bool) search.Field {
	tables := "usergroup_users gu JOIN users mu ON mu.id = gu.user_id AND NOT mu.hidden JOIN scim_links ml ON " +
		"ml.user_id = gu.user_id AND " +
		fmt.Sprintf("ml.organization_id = %d AND ml.deleted_at IS NULL ", organization)
	if !members {
		tables += "AND (ml.provisioned OR ml.external_id IS NOT NULL) "
	}
	tables += "JOIN memberships mm ON mm.user_id = gu.user_id AND mm.taxonomy_id = ml.organization_id"
	f := relatedText("member", "ml.uuid", &search.Relation{
		SQL:  "EXISTS (SELECT 1 FROM " + tables + " WHERE gu.usergroup_id = usergroups.id AND %s)",
		Keys: "SELECT gu.usergroup_id FROM " + tables + " WHERE %s",
	}, search.Hidden)
	f.Columns = map[string]string{"value": "ml.uuid", "type": "CAST('User' AS TEXT)",
		"display": "COALESCE(ml.display_name, NULLIF(TRIM(COALESCE(mu.firstname, '') || ' ' || " +
			"COALESCE(mu.lastname, '')), " +
			"''), mu.login)"}
	return f
}

// groupsInside leads from a group to the groups in it that an identity provider knows.
func groupsInside(organization int64, without []int64) search.Field {
	tables := "usergroup_usergroups gi JOIN usergroups mg ON mg.id = gi.member_id JOIN scim_links ml ON " +
		fmt.Sprintf("ml.usergroup_id = gi.member_id AND ml.organization_id = %d AND ml.deleted_at IS NULL",
			organization)
	for _, id := range without {
		tables += fmt.Sprintf(" AND ml.usergroup_id <> %d", id)
	}
	f := relatedText("member_group", "ml.uuid", &search.Relation{
		SQL:  "EXISTS (SELECT 1 FROM " + tables + " WHERE gi.usergroup_id = usergroups.id AND %s)",
		Keys: "SELECT gi.usergroup_id FROM " + tables + " WHERE %s",
	}, search.Hidden)
	f.Columns = map[string]string{"value": "ml.uuid", "type": "CAST('Group' AS TEXT)",
		"display": "COALESCE(ml.display_name, mg.name)"}
	return f
}

// linkFields are what an identity provider knows of the rows of a table beside these: how it calls them, and the JSON
// that it keeps here. changed_on is when the one or the other has changed.
func linkFields(link *search.Relation, table, column string, organization int64) []search.Field {
	changed := fmt.Sprintf("COALESCE((SELECT CASE WHEN cl.updated_at > %[1]s.updated_at THEN cl.updated_at ELSE "+
		"%[1]s.updated_at END FROM scim_links cl WHERE cl.organization_id = %[3]d AND cl.%[2]s = %[1]s.id), "+
		"%[1]s.updated_at)", table, column, organization)
	return []search.Field{
		relatedText("uuid", "l.uuid", link, search.Hidden),
		relatedText("external_id", "l.external_id", link, search.Hidden),
		relatedText("display_name", "l.display_name", link, search.Hidden),
		explicit(relatedText("extra", "l.extra", link, search.Hidden)),
		momentField("changed_on", changed, false),
	}
}

// ProvisionedDocuments describes the resources of a type that an organization's identity provider keeps whole here.
func ProvisionedDocuments(organization int64, kind string) *Resource {
	const table = "scim_links"
	return &Resource{
		Class: "ScimLink", Name: fmt.Sprintf("provisioned_%s_%d", kind, organization), Stem: "organizations",
		Table: table,
		Open:  true, Unfiltered: true, DefaultOrder: byID,
		Search: withInternal(definition("ScimLink", table, idField(table)), []search.Field{
			firmText("uuid", table+".uuid", search.Hidden), textField("external_id", table+".external_id",
				search.Hidden),
			explicit(firmText("extra", table+".extra", search.Hidden)),
			momentField("created_on", table+".created_at", false), momentField("changed_on", table+".updated_at",
				false),
		}),
	}
}

// DocumentsOf keeps the resources of a type that an organization's identity provider keeps whole here.
func DocumentsOf(organization int64, kind string) Scope {
	return where("scim_links.organization_id = ? AND scim_links.resource_type = ? AND scim_links.deleted_at IS "+
		"NULL AND "+
		"scim_links.user_id IS NULL AND scim_links.usergroup_id IS NULL", organization, kind)
}
