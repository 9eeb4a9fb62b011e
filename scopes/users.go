package scopes

import (
	"strings"

	"gorm.io/gorm"

	"roster/scopes/search"
)

// Users describes accounts. The fields are those of the users API document (spec of the search language, section 15).
var Users = &Noun{
	Class: "User", Table: "users", Label: "login", Links: "user_taxonomies", LinkColumn: "user_id",
	// Parents show who belongs to them directly (spec, section 2.3).
	Parents: map[string]string{
		"Usergroup":    "users.id IN (SELECT user_id FROM usergroup_users WHERE usergroup_id = ?)",
		"Role":         "users.id IN (SELECT user_id FROM user_roles WHERE role_id = ?)",
		"Location":     "users.id IN (SELECT user_id FROM user_taxonomies WHERE taxonomy_id = ?)",
		"Organization": "users.id IN (SELECT user_id FROM user_taxonomies WHERE taxonomy_id = ?)",
		"AuthSource":   "users.auth_source_id = ?",
	},
	DefaultOrder: func(d search.Dialect) string {
		if d == search.PostgreSQL {
			return "users.firstname ASC NULLS LAST"
		}
		// The expression is the first column of an index; SQLite would sort the whole table for NULLS LAST.
		return "users.firstname IS NULL, users.firstname"
	},
	Search: &search.Definition{Model: "User", Table: "users", Fields: []search.Field{
		{Name: "id", Type: search.Integer, Column: "users.id", Explicit: true, Valid: search.IsInteger, Completion: search.Hidden},
		textField("login", "users.login", search.Values),
		textField("firstname", "users.firstname", search.Values),
		textField("lastname", "users.lastname", search.Values),
		textField("mail", "users.mail", search.Values),
		textField("description", "users.description", search.NameOnly),
		{Name: "admin", Type: search.Boolean, Column: "users.admin", Set: search.Switch(), Explicit: true, Completion: search.Values,
			Virtual: effectiveAdmin, Method: "search_by_admin"},
		{Name: "last_login_on", Type: search.Datetime, Column: "users.last_login_on", Nullable: true, Explicit: true, Completion: search.Values},
		{Name: "disabled", Type: search.Boolean, Column: "users.disabled", Nullable: true, Set: search.Switch(), Completion: search.Values},
		relatedField("role", "r.name", search.Text, userRole, false, search.Values),
		relatedField("role_id", "r.id", search.Integer, userRole, true, search.Hidden),
		relatedField("usergroup", "g.name", search.Text, userGroup, false, search.Values),
		relatedField("auth_source_type", "a.type", search.Text, userSource, false, search.Values),
		relatedField("auth_source", "a.name", search.Text, userSource, false, search.Values),
		relatedField("location", "t.name", search.Text, tenantRelation("users", "user_taxonomies", "user_id", "Location"), true, search.Values),
		relatedField("location_id", "t.id", search.Integer, tenantRelation("users", "user_taxonomies", "user_id", "Location"), true, search.Hidden),
		relatedField("organization", "t.name", search.Text, tenantRelation("users", "user_taxonomies", "user_id", "Organization"), true, search.Values),
		relatedField("organization_id", "t.id", search.Integer, tenantRelation("users", "user_taxonomies", "user_id", "Organization"), true, search.Hidden),
	}},
}

// textField is a nullable text column that bare words look into. On SQLite, whose LIKE folds ASCII only, "~" compares
// what the database's fold function makes of it.
func textField(name, column string, completion search.Completion) search.Field {
	return search.Field{Name: name, Type: search.Text, Column: column, Nullable: true, FoldColumn: "fold(" + column + ")", Completion: completion}
}

// relatedField is a field of a related table.
func relatedField(name, column string, kind search.Type, relation *search.Relation, explicit bool, completion search.Completion) search.Field {
	f := search.Field{Name: name, Type: kind, Column: column, Relation: relation, Explicit: explicit, Completion: completion}
	if kind == search.Integer {
		f.Valid = search.IsInteger
	} else {
		f.FoldColumn = "fold(" + column + ")"
	}
	return f
}

// relation is a path from a row to related rows: what stands between FROM and the condition.
func relation(path string) *search.Relation {
	return &search.Relation{SQL: "EXISTS (SELECT 1 FROM " + path + " AND %s)", Order: "(SELECT %s FROM " + path + ")"}
}

// tenantRelation reaches the tenants of one kind that rows are assigned to.
func tenantRelation(table, links, column, kind string) *search.Relation {
	return relation(links + " l JOIN taxonomies t ON t.id = l.taxonomy_id AND t.type = '" + kind + "' WHERE l." + column + " = " + table + ".id")
}

var (
	userRole = relation("user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = users.id")
	// userGroup reaches the groups that a user is in, directly or through nesting.
	userGroup = relation("usergroup_users gu JOIN usergroup_closure gc ON gc.descendant_id = gu.usergroup_id" +
		" JOIN usergroups g ON g.id = gc.ancestor_id WHERE gu.user_id = users.id")
	userSource = relation("auth_sources a WHERE a.id = users.auth_source_id")
)

// effectiveAdmin compares the flag of the user or of any group. The one word that means yes is "true"; every other
// means no, and every operator but "!=" means equality, as saved searches rely on.
func effectiveAdmin(c search.Call) (search.Condition, error) {
	wanted := c.Value == "true"
	if c.Op == search.OpNe || c.Op == search.OpNotIn {
		wanted = !wanted
	}
	sql := "users.id IN (" + EffectiveAdmins + ")"
	if !wanted {
		sql = "NOT (" + sql + ")"
	}
	return search.Condition{SQL: sql}, nil
}

// NotHidden leaves out the built-in accounts, which no list and no path ever shows.
func NotHidden(db *gorm.DB) *gorm.DB { return db.Where("users.hidden = ?", false) }

// TellsTime tells whether a query may mean something else a moment later: it names a field of the noun that holds times,
// or compares bare words with one.
func TellsTime(n *Noun, query string) bool {
	for _, f := range n.Search.Fields {
		if (f.Type == search.Datetime || f.Type == search.Date) && (!f.Explicit || strings.Contains(query, f.Name)) {
			return true
		}
	}
	return false
}
