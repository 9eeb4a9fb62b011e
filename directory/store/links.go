package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"roster/models"
)

// idList is a list of ids as one bound value, so that the statement's text does not depend on its length.
type idList []int64

// Value implements driver.Valuer: a JSON array.
func (l idList) Value() (driver.Value, error) {
	text, err := json.Marshal([]int64(l))
	return string(text), err
}

// arrayLiteral is the same in PostgreSQL's notation.
type arrayLiteral []int64

// Value implements driver.Valuer.
func (l arrayLiteral) Value() (driver.Value, error) {
	b := []byte{'{'}
	for i, id := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(append(b, '}')), nil
}

// InIDs returns the condition "column is one of the ids" and its value.
func (s *Store) InIDs(column string, ids []int64) (string, any) {
	if s.Postgres {
		// Bound as text: the driver would take an array apart and put it together again, which costs more than the
		// rest. In a subquery, because a scan of the whole table, as in one that was never analyzed, would read the
		// text for each row.
		return column + " = ANY((SELECT CAST(CAST(? AS TEXT) AS BIGINT[]))::BIGINT[])", arrayLiteral(ids)
	}
	return column + " IN (SELECT value FROM json_each(?))", idList(ids)
}

// Links are the ids of everything that refers to one user or that the user refers to.
type Links struct {
	Tenants, Roles, Groups, SSHKeys, Mails []int64
}

// linkSources are where the links of a user are, in the order of add. Subscriptions, which only matter to single users,
// come last.
var linkSources = [...]string{
	"0, user_id, taxonomy_id FROM user_taxonomies",
	"1, user_id, role_id FROM user_roles",
	"2, user_id, usergroup_id FROM usergroup_users",
	"3, user_id, id FROM ssh_keys",
	"4, user_id, mail_notification_id FROM user_mail_notifications",
}

// The statements that read links, by dialect: whether $1 has a user is asked for in its own way in each.
var (
	sqliteLinks   = linkQueries("user_id IN (SELECT value FROM json_each($1))")
	postgresLinks = linkQueries("user_id = ANY((SELECT CAST(CAST($1 AS TEXT) AS BIGINT[]))::BIGINT[])")
)

type linkStatements struct{ all, withoutMails string }

func linkQueries(ofUsers string) linkStatements {
	selects := make([]string, len(linkSources))
	for i, source := range linkSources {
		selects[i] = "SELECT " + source + " WHERE " + ofUsers
	}
	const union = " UNION ALL "
	return linkStatements{
		all:          strings.Join(selects, union),
		withoutMails: strings.Join(selects[:len(selects)-1], union),
	}
}

// LinksOf reads the links of a page of users in one statement. With the caller's row and the page itself it is one of
// the three statements of every list, so it goes to the driver directly.
func (s *Store) LinksOf(ctx context.Context, users []int64, mails bool) (map[int64]*Links, error) {
	found := make(map[int64]*Links, len(users))
	for _, id := range users {
		found[id] = &Links{}
	}
	if len(users) == 0 {
		return found, nil
	}
	statements := sqliteLinks
	value := any(idList(users))
	if s.Postgres {
		statements = postgresLinks
		value = arrayLiteral(users)
	}
	query := statements.withoutMails
	if mails {
		query = statements.all
	}
	rows, err := s.Direct.QueryContext(ctx, query, value)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind int
		var user, ref int64
		if err := rows.Scan(&kind, &user, &ref); err != nil {
			return nil, err
		}
		found[user].add(kind, ref)
	}
	return found, rows.Err()
}

// add files a link by its place in the statement of linksOf.
func (l *Links) add(kind int, ref int64) {
	list := [...]*[]int64{&l.Tenants, &l.Roles, &l.Groups, &l.SSHKeys, &l.Mails}[kind]
	*list = append(*list, ref)
}

// LinkTable is a table of two columns that ties an owner to references.
type LinkTable struct{ Table, Owner, Ref string }

// The link tables.
var (
	UserRoles             = LinkTable{"user_roles", "user_id", "role_id"}
	UserTenants           = LinkTable{"user_taxonomies", "user_id", "taxonomy_id"}
	UsergroupUsers        = LinkTable{"usergroup_users", "usergroup_id", "user_id"}
	UsergroupMembers      = LinkTable{"usergroup_usergroups", "usergroup_id", "member_id"}
	UsergroupRoles        = LinkTable{"usergroup_roles", "usergroup_id", "role_id"}
	RoleTenants           = LinkTable{"role_taxonomies", "role_id", "taxonomy_id"}
	FilterTenants         = LinkTable{"filter_taxonomies", "filter_id", "taxonomy_id"}
	FilterPermissions     = LinkTable{"filter_permissions", "filter_id", "permission_id"}
	AuthSourceTenants     = LinkTable{"auth_source_taxonomies", "auth_source_id", "taxonomy_id"}
	TenantUsers           = LinkTable{"user_taxonomies", "taxonomy_id", "user_id"}
	LocationOrganizations = LinkTable{"locations_organizations", "location_id", "organization_id"}
	OrganizationLocations = LinkTable{"locations_organizations", "organization_id", "location_id"}
)

// LinkedIDs reads the references of one owner, in the order of their ids.
func (t *Tx) LinkedIDs(l LinkTable, owner int64) ([]int64, error) {
	var ids []int64
	err := t.Raw(fmt.Sprintf("SELECT %s FROM %s WHERE %s = ? ORDER BY 1", l.Ref, l.Table, l.Owner), owner).
		Scan(&ids).Error
	return ids, err
}

// Relink replaces the references of an owner and writes only the differences. It reports whether there were any.
func (t *Tx) Relink(l LinkTable, owner int64, before, after []int64) (bool, error) {
	gone := Without(before, after)
	added := Without(after, before)
	if len(gone) > 0 {
		cond, value := t.Store.InIDs(l.Ref, gone)
		if err := t.Exec(fmt.Sprintf("DELETE FROM %s WHERE %s = ? AND %s", l.Table, l.Owner, cond), owner,
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
	value := any(idList(refs))
	if t.Store.Postgres {
		rows = "unnest(CAST(CAST(? AS TEXT) AS BIGINT[])) AS added (value)"
		value = arrayLiteral(refs)
	}
	query := fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT CAST(? AS BIGINT), value FROM %s", l.Table, l.Owner, l.Ref,
		rows)
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
