package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"roster/models"
	"roster/scopes"
)

// InIDs returns the condition "column is one of the ids" and its value.
func (s *Store) InIDs(column string, ids []int64) (string, any) {
	return scopes.InIDs(scopes.DialectOf(s.Read), column, ids)
}

// Links are the ids of everything that refers to one user or that the user refers to.
type Links struct {
	Tenants, Roles, Groups, SSHKeys, Mails, FurtherMails []int64
	// Suspended are the tenants in which the user may not act, whatever groups give.
	Suspended []int64
	// Held are the roles that the user's own memberships carry, without what is below their tenants.
	Held []models.HeldRole
}

// linkSources are where the links of a user are, in the order of add.
var linkSources = [...]string{
	"0, user_id, taxonomy_id, 0 FROM memberships WHERE state = 'active' AND ",
	"1, user_id, role_id, 0 FROM user_roles WHERE ",
	"2, user_id, usergroup_id, 0 FROM usergroup_users WHERE ",
	"3, user_id, id, 0 FROM ssh_keys WHERE ",
	"4, user_id, mail_notification_id, 0 FROM user_mail_notifications WHERE ",
	"5, user_id, role_id, taxonomy_id FROM memberships JOIN membership_roles ON membership_id = id " +
		"WHERE state = 'active' AND ",
	"6, user_id, id, 0 FROM user_mails WHERE ",
	"7, user_id, taxonomy_id, 0 FROM memberships WHERE state = 'suspended' AND ",
}

// The statements that read links, by dialect: whether $1 has a user is asked for in its own way in each.
var (
	sqliteLinks   = linkQueries("user_id IN (SELECT value FROM json_each($1))")
	postgresLinks = linkQueries("user_id = ANY((SELECT CAST($1 AS BIGINT[]))::BIGINT[])")
)

// LinksFor says what links are read for, and with that which.
type LinksFor int

const (
	// ForLists reads what lists show.
	ForLists LinksFor = iota
	// ForRecords reads the subscriptions as well, which only single users show.
	ForRecords
	// ForRights reads what decides about what a user may do.
	ForRights
)

// linkStatements are the statements by what they are for.
type linkStatements [3]string

func linkQueries(ofUsers string) linkStatements {
	var s linkStatements
	for purpose, kinds := range map[LinksFor][]int{
		ForLists: {0, 1, 2, 3}, ForRecords: {0, 1, 2, 3, 4, 6}, ForRights: {0, 1, 2, 5, 7},
	} {
		var selects []string
		for _, kind := range kinds {
			selects = append(selects, "SELECT "+linkSources[kind]+ofUsers)
		}
		s[purpose] = strings.Join(selects, " UNION ALL ")
	}
	return s
}

// LinksOf reads the links of a page of users in one statement. With the caller's row and the page itself it is one of
// the three statements of every list, so it goes to the driver directly.
func (s *Store) LinksOf(ctx context.Context, users []int64, purpose LinksFor) (map[int64]*Links, error) {
	found := make(map[int64]*Links, len(users))
	for _, id := range users {
		found[id] = &Links{}
	}
	if len(users) == 0 {
		return found, nil
	}
	statements := sqliteLinks
	value := any(scopes.JSONList(users))
	if s.Postgres {
		statements = postgresLinks
		value = users // which the driver sends as it is, and a text only after taking it apart
	}
	pool := s.nearby
	if purpose == ForRights {
		pool = s.direct
	}
	rows, err := s.queryDirect(ctx, pool, statements[purpose], value)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind int
		var user, ref, tenant int64
		if err := rows.Scan(&kind, &user, &ref, &tenant); err != nil {
			return nil, err
		}
		found[user].add(kind, ref, tenant)
	}
	return found, rows.Err()
}

// add files a link by its kind, the place in linkSources.
func (l *Links) add(kind int, ref, tenant int64) {
	if tenant != 0 {
		l.Held = append(l.Held, models.HeldRole{RoleID: ref, TenantID: tenant})
		return
	}
	list := [...]*[]int64{&l.Tenants, &l.Roles, &l.Groups, &l.SSHKeys, &l.Mails, nil, &l.FurtherMails,
		&l.Suspended}[kind]
	*list = append(*list, ref)
}

// LinkTable is a table that ties an owner to references.
type LinkTable struct {
	Table, Owner, Ref string
	// Only is a condition of the rows that count; empty for all. Regained is what makes another row count.
	Only, Regained string
	// Since is the column that keeps when the link was made; empty for none.
	Since string
}

// The link tables.
var (
	UserRoles             = LinkTable{Table: "user_roles", Owner: "user_id", Ref: "role_id"}
	UserTenants           = membershipLinks("user_id", "taxonomy_id")
	MembershipRoles       = LinkTable{Table: "membership_roles", Owner: "membership_id", Ref: "role_id"}
	UsergroupUsers        = LinkTable{Table: "usergroup_users", Owner: "usergroup_id", Ref: "user_id"}
	UsergroupMembers      = LinkTable{Table: "usergroup_usergroups", Owner: "usergroup_id", Ref: "member_id"}
	UsergroupRoles        = LinkTable{Table: "usergroup_roles", Owner: "usergroup_id", Ref: "role_id"}
	RoleTenants           = LinkTable{Table: "role_taxonomies", Owner: "role_id", Ref: "taxonomy_id"}
	FilterTenants         = LinkTable{Table: "filter_taxonomies", Owner: "filter_id", Ref: "taxonomy_id"}
	FilterPermissions     = LinkTable{Table: "filter_permissions", Owner: "filter_id", Ref: "permission_id"}
	AuthSourceTenants     = LinkTable{Table: "auth_source_taxonomies", Owner: "auth_source_id", Ref: "taxonomy_id"}
	TenantUsers           = membershipLinks("taxonomy_id", "user_id")
	LocationOrganizations = LinkTable{Table: "locations_organizations", Owner: "location_id", Ref: "organization_id"}
	OrganizationLocations = LinkTable{Table: "locations_organizations", Owner: "organization_id", Ref: "location_id"}
)

var auditTenants = LinkTable{Table: "audit_taxonomies", Owner: "audit_id", Ref: "taxonomy_id"}

// membershipLinks are the assignments of users to tenants: their active memberships. Assigning a user again makes one
// that was suspended active.
func membershipLinks(owner, ref string) LinkTable {
	return LinkTable{
		Table: "memberships", Owner: owner, Ref: ref, Since: "joined_at",
		Only:     " AND state = 'active' AND user_id IS NOT NULL",
		Regained: " ON CONFLICT (user_id, taxonomy_id) DO UPDATE SET state = 'active'",
	}
}

// LinkedIDs reads the references of one owner, in the order of their ids.
func (t *Tx) LinkedIDs(l LinkTable, owner int64) ([]int64, error) {
	var ids []int64
	err := t.Raw(fmt.Sprintf("SELECT %s FROM %s WHERE %s = ?%s ORDER BY 1", l.Ref, l.Table, l.Owner, l.Only),
		owner).
		Scan(&ids).Error
	return ids, err
}

// Relink replaces the references of an owner and writes only the differences. It reports whether there were any.
func (t *Tx) Relink(l LinkTable, owner int64, before, after []int64) (bool, error) {
	gone := Without(before, after)
	added := Without(after, before)
	if len(gone) > 0 {
		cond, value := t.Store.InIDs(l.Ref, gone)
		if err := t.Exec(fmt.Sprintf("DELETE FROM %s WHERE %s = ?%s AND %s", l.Table, l.Owner, l.Only, cond), owner,
			value).Error; err != nil {
			return false, err
		}
	}
	if len(added) > 0 {
		if err := t.AddLinks(l, owner, added); err != nil {
			return false, err
		}
	}
	return len(gone)+len(added) > 0, nil
}

// AddLinks ties an owner to references, in one statement whatever their number.
func (t *Tx) AddLinks(l LinkTable, owner int64, refs []int64) error {
	rows := "json_each(?)"
	value := any(scopes.JSONList(refs))
	if t.Store.Postgres {
		rows = "unnest(CAST(? AS BIGINT[])) AS added (value)"
		value = scopes.ArrayLiteral(refs)
	}
	if l.Since != "" {
		query := fmt.Sprintf("INSERT INTO %s (%s, %s, %s) SELECT CAST(? AS BIGINT), value, ? FROM %s WHERE TRUE%s",
			l.Table, l.Owner, l.Ref, l.Since, rows, l.Regained)
		return t.Exec(query, owner, t.Time, value).Error
	}
	query := fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT CAST(? AS BIGINT), value FROM %s WHERE TRUE%s", l.Table,
		l.Owner, l.Ref, rows, l.Regained)
	return t.Exec(query, owner, value).Error
}

// Without returns the ids of a that b does not have, in the order of a.
func Without(a, b []int64) []int64 {
	if len(a) == 0 {
		return nil
	}
	has := make(map[int64]bool, len(b))
	for _, id := range b {
		has[id] = true
	}
	var rest []int64
	for _, id := range a {
		if !has[id] {
			rest = append(rest, id)
		}
	}
	return rest
}

// SameSet reports whether both lists hold the same ids.
func SameSet(a, b []int64) bool { return len(Without(a, b)) == 0 && len(Without(b, a)) == 0 }

// InTexts returns the condition that a column holds one of the texts, which are bound as one.
func (s *Store) InTexts(column string, texts []string) (condition, list string, err error) {
	text, err := json.Marshal(append([]string{}, texts...))
	if s.Postgres {
		return column + " IN (SELECT jsonb_array_elements_text(CAST(? AS JSONB)))", string(text), err
	}
	return column + " IN (SELECT value FROM json_each(?))", string(text), err
}

// InsertTenantClosure enters a new tenant under its parent into the closure.
func (t *Tx) InsertTenantClosure(row *models.Tenant) error {
	return t.Exec(`INSERT INTO taxonomy_closure (ancestor_id, descendant_id)
		SELECT ancestor_id, CAST(? AS BIGINT) FROM taxonomy_closure WHERE descendant_id = ? UNION ALL
			SELECT CAST(? AS BIGINT), CAST(? AS BIGINT)`,
		row.ID, row.ParentID, row.ID, row.ID).Error
}
