package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Organization is the organization that a backup is of, together with those below it. Only people and groups that
// belong there are in such a backup, and nothing of other organizations; see ofOrganization.
type Organization struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	// Title is the names from the root to the organization, joined by "/", Parent that of the organization above it;
	// empty for a root.
	Title  string `json:"title"`
	Parent string `json:"parent,omitempty"`
	Slug   string `json:"slug"`
}

// ErrNoOrganization means that no organization, or more than one, is called as was asked for.
var ErrNoOrganization = errors.New("no such organization")

// find finds an organization by its number, title, slug or name, the latter two whatever the case of their letters.
func find(ctx context.Context, db querier, dialect, text string) (*Organization, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		id = 0
	}
	text = strings.TrimSpace(text)
	lower := strings.ToLower(text)
	for _, by := range []struct {
		column string
		value  any
	}{{"o.id", id}, {"o.title", text}, {"LOWER(o.slug)", lower}, {"o.lower_name", lower}} {
		found, err := organizations(ctx, db, by.column+" = "+placeholders[dialect], by.value)
		if err != nil {
			return nil, err
		}
		if strings.Contains(by.column, "slug") && len(found) == 1 {
			// A slug is made of the first name. It must not stand for one of several organizations that are called so.
			called, err := organizations(ctx, db, "o.lower_name = "+placeholders[dialect], lower)
			if err != nil {
				return nil, err
			}
			if len(called) > 1 {
				found = called
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return &found[0], nil
		}
		return nil, fmt.Errorf("%w: %d are called %q, such as %d and %d: name one by its number or its title",
			ErrNoOrganization, len(found), text, found[0].ID, found[1].ID)
	}
	return nil, fmt.Errorf("%w: none has the number, slug, title or name %q", ErrNoOrganization, text)
}

// placeholders stand for the value of a statement that has one.
var placeholders = map[string]string{sqlite: "?", postgres: "$1"}

func organizations(ctx context.Context, db querier, condition string, value any) ([]Organization, error) {
	rows, err := db.QueryContext(ctx, "SELECT o.id, o.name, o.title, COALESCE(p.title, ''), COALESCE(o.slug, '') FROM "+
		"taxonomies o LEFT JOIN taxonomies p ON p.id = o.parent_id WHERE o.type = 'Organization' AND "+condition+
		" ORDER BY o.id", value)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Organization
	for rows.Next() {
		var o Organization
		if err := rows.Scan(&o.ID, &o.Name, &o.Title, &o.Parent, &o.Slug); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// scope says which rows a backup holds of each table, and what stands in for columns. A nil scope is everything.
type scope struct {
	// sets are what the conditions use; kept says that they are tables.
	sets []set
	kept bool
	// rows are conditions by table. A table without one has no place in the backup.
	rows map[string]string
	// columns are expressions in place of columns, by table and column.
	columns map[string]map[string]string
}

// none is the condition of a table of which an organization has nothing.
const none = "1 = 0"

// set is some rows that others are chosen by: a name, and the statement that reads their numbers.
type set struct{ name, query string }

// organizationSets are those of an organization, each after those that it uses. A group that lies in one of the
// organization's groups is of it, unless another organization has it. A location is named where no other organizations
// alone have it. Roles that other organizations have, or that look for groups or organizations, are named only where
// they are held in the organization.
func organizationSets(id int64) []set {
	return []set{
		{"orgs", `SELECT descendant_id FROM taxonomy_closure WHERE ancestor_id = ` + strconv.FormatInt(id, 10)},
		{"own_groups", `SELECT usergroup_id FROM memberships WHERE usergroup_id IS NOT NULL AND
			taxonomy_id IN (SELECT id FROM orgs)
			UNION SELECT usergroup_id FROM scim_links WHERE usergroup_id IS NOT NULL AND
			organization_id IN (SELECT id FROM orgs)`},
		{"member_groups", `SELECT id FROM own_groups UNION
			SELECT c.descendant_id FROM usergroup_closure c WHERE c.ancestor_id IN (SELECT id FROM own_groups) AND
			NOT EXISTS (SELECT 1 FROM memberships m JOIN taxonomies t ON t.id = m.taxonomy_id WHERE
			m.usergroup_id = c.descendant_id AND t.type = 'Organization' AND t.id NOT IN (SELECT id FROM orgs))`},
		{"people", `SELECT u.id FROM users u WHERE NOT u.hidden AND u.id IN (
			SELECT user_id FROM memberships WHERE user_id IS NOT NULL AND taxonomy_id IN (SELECT id FROM orgs)
			UNION SELECT user_id FROM usergroup_users WHERE usergroup_id IN (SELECT id FROM member_groups)
			UNION SELECT user_id FROM scim_links WHERE user_id IS NOT NULL AND
			organization_id IN (SELECT id FROM orgs))`},
		{"places", `SELECT l.id FROM taxonomies l WHERE l.type = 'Location' AND (
			l.id IN (SELECT location_id FROM locations_organizations WHERE organization_id IN (SELECT id FROM orgs)) OR
			NOT EXISTS (SELECT 1 FROM locations_organizations o WHERE o.location_id = l.id) AND (
			l.id IN (SELECT taxonomy_id FROM memberships WHERE user_id IN (SELECT id FROM people)) OR
			l.id IN (SELECT taxonomy_id FROM memberships WHERE usergroup_id IN (SELECT id FROM member_groups))))`},
		{"tenants", `SELECT id FROM orgs UNION SELECT id FROM places`},
		{"members", `SELECT id FROM memberships WHERE taxonomy_id IN (SELECT id FROM orgs) AND
			(user_id IN (SELECT id FROM people) OR usergroup_id IN (SELECT id FROM member_groups))`},
		{"foreign_roles", `SELECT role_id FROM role_taxonomies WHERE taxonomy_id IN (
			SELECT id FROM taxonomies WHERE type = 'Organization' AND id NOT IN (SELECT id FROM orgs))
			UNION SELECT f.role_id FROM filters f JOIN filter_taxonomies l ON l.filter_id = f.id WHERE
			l.taxonomy_id IN (
			SELECT id FROM taxonomies WHERE type = 'Organization' AND id NOT IN (SELECT id FROM orgs))
			UNION SELECT role_id FROM filters WHERE LOWER(search) LIKE '%organi%' OR LOWER(search) LIKE '%group%'`},
		{"all_roles", `SELECT role_id FROM membership_roles WHERE membership_id IN (SELECT id FROM members)
			UNION SELECT role_id FROM user_roles WHERE user_id IN (SELECT id FROM people) AND
			role_id NOT IN (SELECT id FROM foreign_roles)
			UNION SELECT role_id FROM usergroup_roles WHERE usergroup_id IN (SELECT id FROM member_groups) AND
			role_id NOT IN (SELECT id FROM foreign_roles)
			UNION SELECT role_id FROM role_taxonomies WHERE taxonomy_id IN (SELECT id FROM orgs) AND
			role_id NOT IN (SELECT id FROM foreign_roles)`},
		{"own_roles", `SELECT id FROM roles WHERE id IN (SELECT id FROM all_roles) AND origin IS NULL AND
			builtin = 0 AND id NOT IN (SELECT id FROM foreign_roles)`},
		{"own_filters", `SELECT id FROM filters WHERE role_id IN (SELECT id FROM own_roles)`},
		{"fields", `SELECT custom_field_id FROM custom_values WHERE user_id IN (SELECT id FROM people) OR
			usergroup_id IN (SELECT id FROM member_groups)`},
		{"sources", `SELECT auth_source_id FROM users WHERE id IN (SELECT id FROM people)
			UNION SELECT auth_source_id FROM auth_source_taxonomies WHERE taxonomy_id IN (SELECT id FROM orgs)
			UNION SELECT auth_source_id FROM external_usergroups WHERE usergroup_id IN (SELECT id FROM member_groups)`},
		{"trail", `SELECT a.id FROM audits a WHERE a.id IN (
			SELECT audit_id FROM audit_taxonomies WHERE taxonomy_id IN (SELECT id FROM orgs)) AND
			(a.auditable_type = 'User' OR COALESCE(a.associated_type, '') = 'User' OR NOT EXISTS (
			SELECT 1 FROM audit_taxonomies l JOIN taxonomies t ON t.id = l.taxonomy_id WHERE l.audit_id = a.id AND
			t.type = 'Organization' AND t.id NOT IN (SELECT id FROM orgs)))`},
	}
}

// among is the condition that a column is in a set.
func among(column, set string) string { return column + " IN (SELECT id FROM " + set + ")" }

// unless is a reference that is kept only where it leads into a set.
func unless(column, set string) string {
	return "CASE WHEN " + among(column, set) + " THEN " + column + " END"
}

// ofOrganization is the scope of an organization and of those below it. What lies outside is named at most: auth
// sources, locations, shipped roles and permissions are rows without what they hold.
func ofOrganization(id int64) *scope {
	inPeople := among("user_id", "people")
	inGroups := among("usergroup_id", "member_groups")
	either := "(" + inPeople + " OR " + inGroups + ")"
	inOrgs := among("taxonomy_id", "orgs")
	rows := map[string]string{
		"auth_sources": among("id", "sources"), "taxonomies": among("id", "tenants"),
		"taxonomy_closure":        among("ancestor_id", "orgs") + " AND " + among("descendant_id", "orgs"),
		"locations_organizations": among("location_id", "places") + " AND " + among("organization_id", "orgs"),
		"users":                   among("id", "people"), "roles": among("id", "all_roles"),
		"filters": among("id", "own_filters"),
		"permissions": "id IN (SELECT permission_id FROM filter_permissions WHERE " +
			among("filter_id", "own_filters") + ")",
		"filter_permissions": among("filter_id", "own_filters"),
		"filter_taxonomies":  among("filter_id", "own_filters") + " AND " + among("taxonomy_id", "tenants"),
		"role_taxonomies":    among("role_id", "own_roles") + " AND " + among("taxonomy_id", "tenants"),
		"usergroups":         among("id", "member_groups"), "usergroup_users": inGroups + " AND " + inPeople,
		"usergroup_usergroups": inGroups + " AND " + among("member_id", "member_groups"),
		"usergroup_closure": among("ancestor_id", "member_groups") + " AND " +
			among("descendant_id", "member_groups"),
		"external_usergroups": inGroups, "user_roles": inPeople + " AND " + among("role_id", "all_roles"),
		"usergroup_roles":  inGroups + " AND " + among("role_id", "all_roles"),
		"memberships":      "(" + inOrgs + " OR " + among("taxonomy_id", "places") + ") AND " + either,
		"membership_roles": among("membership_id", "members"), "invitations": among("membership_id", "members"),
		"auth_source_taxonomies": inOrgs, "parameters": inOrgs, "personal_access_tokens": inPeople,
		"ssh_keys": inPeople, "api_keys": inPeople, "user_mails": inPeople, "table_preferences": inPeople,
		"user_mail_notifications": inPeople, "account_tokens": inPeople,
		"mail_notifications": "id IN (SELECT mail_notification_id FROM user_mail_notifications WHERE " + inPeople + ")",
		"custom_fields":      among("id", "fields"), "custom_values": either,
		"scim_tokens": among("organization_id", "orgs"),
		"scim_links": among("organization_id", "orgs") + " AND (user_id IS NULL OR " + inPeople + ") AND " +
			"(usergroup_id IS NULL OR " + inGroups + ")",
		"audits":           among("id", "trail"),
		"audit_taxonomies": among("audit_id", "trail") + " AND " + among("taxonomy_id", "tenants"),
		"settings":         none, "bookmarks": none, "takeovers": none,
	}
	return &scope{sets: organizationSets(id), rows: rows, columns: organizationColumns}
}

// organizationColumns leave out what a row outside of the organization holds, and references out of it.
var organizationColumns = map[string]map[string]string{
	"auth_sources": {
		"host": "CASE WHEN host IS NOT NULL THEN '' END", "port": "NULL", "account": "NULL", "account_password": "NULL",
		"base_dn": "NULL", "attr_login": "NULL", "attr_firstname": "NULL", "attr_lastname": "NULL", "attr_mail": "NULL",
		"attr_photo": "NULL", "ldap_filter": "NULL", "server_type": "NULL", "groups_base": "NULL",
	},
	"taxonomies": {
		"parent_id": unless("parent_id", "orgs"), "ancestry": "NULL",
		// Locations stand beside each other here, whose names may be the same.
		"lower_name":   "CASE WHEN type = 'Location' THEN CAST(id AS TEXT) ELSE lower_name END",
		"description":  "CASE WHEN type <> 'Location' THEN description END",
		"ignore_types": "CASE WHEN type = 'Location' THEN '[]' ELSE ignore_types END",
	},
	"users": {
		"default_organization_id": unless("default_organization_id", "orgs"),
		"default_location_id":     unless("default_location_id", "places"),
	},
	"roles": {
		"cloned_from_id": "NULL", "description": "CASE WHEN " + among("id", "own_roles") + " THEN description END",
	},
	"filters":     {"taxonomy_search": "NULL"},
	"audits":      {"user_id": unless("user_id", "people")},
	"invitations": {"owner_id": unless("owner_id", "people")},
	"scim_tokens": {"created_by": unless("created_by", "people")},
}

// covers refuses tables that the scope says nothing of: a new one would else be left out, or be given away.
func (s *scope) covers(tables []Table) error {
	if s == nil {
		return nil
	}
	for _, t := range tables {
		if s.rows[t.Name] == "" {
			return fmt.Errorf("it is not known which rows of the table %s an organization has", t.Name)
		}
		for column := range s.columns[t.Name] {
			if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == column }) {
				return fmt.Errorf("the table %s has no column %s", t.Name, column)
			}
		}
	}
	return nil
}

// keep reads the sets once on SQLite, into tables that only the connection has until its transaction is rolled back.
// PostgreSQL, where a transaction that only reads has no such tables, joins them into each statement.
func (s *scope) keep(ctx context.Context, conn *sql.Conn, dialect string) error {
	if s == nil || dialect != sqlite {
		return nil
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only = 0"); err != nil {
		return err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = 1") }()
	for _, set := range s.sets {
		for _, statement := range []string{
			"CREATE TEMP TABLE " + set.name + " (id INTEGER PRIMARY KEY)",
			"INSERT OR IGNORE INTO temp." + set.name + " " + set.query,
		} {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	s.kept = true
	return nil
}

// with begins a statement that uses the sets.
func (s *scope) with() string {
	if s == nil || s.kept {
		return ""
	}
	parts := make([]string, len(s.sets))
	for i, set := range s.sets {
		parts[i] = set.name + " (id) AS (" + set.query + ")"
	}
	return "WITH " + strings.Join(parts, ", ") + " "
}

// condition is which rows of a table there are.
func (s *scope) condition(table string) string {
	var conditions []string
	for _, c := range []string{only[table], s.of(table)} {
		if c != "" {
			conditions = append(conditions, "("+c+")")
		}
	}
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}

func (s *scope) of(table string) string {
	if s == nil {
		return ""
	}
	return s.rows[table]
}

// column is what is read for a column of a table.
func (s *scope) column(table, name string) string {
	if s == nil || s.columns[table][name] == "" {
		return quoted(name)
	}
	return s.columns[table][name] + " AS " + quoted(name)
}
