package scopes

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"roster/models"
	"roster/scopes/search"
)

// Users describes accounts. The fields are those of the users API document (docs/spec/search.md, 15).
var Users = &Resource{
	Class: "User", Name: "users", Stem: "users", Only: everybody(NotHidden), Table: "users", Label: "login",
	Customs: models.CustomUser,
	Links:   "memberships", LinkColumn: "user_id",
	// Parents show who belongs to them directly (docs/spec/foreman.md, 2.3).
	Parents: map[string]string{
		"Usergroup":    "users.id IN (SELECT user_id FROM usergroup_users WHERE usergroup_id = ?)",
		"Role":         "users.id IN (SELECT user_id FROM user_roles WHERE role_id = ?)",
		"Location":     "users.id IN (SELECT user_id FROM memberships WHERE taxonomy_id = ?)",
		"Organization": "users.id IN (SELECT user_id FROM memberships WHERE taxonomy_id = ?)",
		"AuthSource":   "users.auth_source_id = ?",
	},
	// Those without a first name come last.
	DefaultOrder: by("users.sort_name"),
	Search: withInternal(definition("User", "users", append([]search.Field{
		idField("users"), userText(foldedIn("users.lower_login", firmText("login", "users.login", search.Values))),
		userText(textField("firstname", "users.firstname", search.Values)),
		userText(textField("lastname", "users.lastname", search.Values)),
		userText(textField("mail", "users.mail", search.Values)),
		userText(long(textField("description", "users.description", search.NameOnly))),
		adminField(),
		{Name: "last_login_on", Type: search.Datetime, Column: "users.last_login_on", Nullable: true, Explicit: true,
			Completion: search.Values},
		{Name: "expires_at", Type: search.Datetime, Column: "users.expires_at", Nullable: true, Explicit: true,
			Completion: search.Values},
		{Name: "disabled", Type: search.Boolean, Column: "users.disabled", Nullable: true, Set: search.Switch(),
			Completion: search.Values},
		{Name: "must_change_password", Type: search.Boolean, Column: "users.must_change_password",
			Set: search.Switch(), Explicit: true, Completion: search.Values},
		relatedText("role", "r.name", userRole, search.Values), relatedID("role_id", "r.id", userRole),
		explicit(relatedText("any_role", "r.name", userAnyRole, search.NameOnly)),
		relatedText("usergroup", "g.name", userGroup, search.Values),
		relatedText("auth_source_type", "a.type", userSource, search.Values),
		relatedText("auth_source", "a.name", userSource, search.Values),
	}, tenantFields("users", "memberships", "user_id")...)...), userInternal),
}

// userInternal are what other dialects than that of the search language filter and sort users by.
var userInternal = []search.Field{
	{Name: "status", Type: search.Integer, Explicit: true, Virtual: userStatus, Method: "search_by_status",
		Column: "CASE WHEN users.disabled <> FALSE THEN CASE WHEN users.registered THEN 2 ELSE 3 END ELSE 1 END"},
	{Name: "own_admin", Type: search.Boolean, Column: "users.admin", Set: search.Switch(), Explicit: true},
	momentField("created_on", "users.created_at", false), momentField("updated_on", "users.updated_at", false),
	momentField("password_changed_on", "users.password_changed_at", true),
	refField("auth_source_id", "users.auth_source_id"),
	explicit(textField("second_factor", "users.second_factor", search.Hidden)),
	relatedID("member_of", "gu.usergroup_id", &search.Relation{
		SQL:  "EXISTS (SELECT 1 FROM usergroup_users gu WHERE gu.user_id = users.id AND %s)",
		Keys: "SELECT gu.user_id FROM usergroup_users gu WHERE %s",
	}),
	explicit(foldedIn("um.lower_address", relatedText("further_mail", "um.address", &search.Relation{
		SQL:  "EXISTS (SELECT 1 FROM user_mails um WHERE um.user_id = users.id AND %s)",
		Keys: "SELECT um.user_id FROM user_mails um WHERE %s",
	}, search.Hidden))),
}

// userStatus compares the state of accounts, by the words of models.UserStatus. Expired accounts are locked as well.
func userStatus(c search.Call) (search.Condition, error) {
	conditions := map[string]string{
		string(models.UserActive):     "COALESCE(users.disabled, FALSE) = FALSE",
		string(models.UserRegistered): "(COALESCE(users.disabled, FALSE) AND users.registered)",
		string(models.UserLocked):     "(COALESCE(users.disabled, FALSE) AND NOT users.registered)",
		string(models.UserExpired):    "(COALESCE(users.disabled, FALSE) AND users.expired)",
	}
	alternatives := []string{"1 = 0"}
	for _, status := range c.Values {
		if sql, ok := conditions[status]; ok {
			alternatives = append(alternatives, sql)
		}
	}
	sql := "(" + strings.Join(alternatives, " OR ") + ")"
	if c.Op == search.OpNe || c.Op == search.OpNotIn {
		sql = "NOT " + sql
	}
	return search.Condition{SQL: sql}, nil
}

var (
	// userRole reaches the roles that a user holds directly, but for the one that everybody has; inherited ones are not
	// searched.
	userRole = many("users.id", "ur.user_id", "user_roles ur", relatedRoles, "r.id = ur.role_id AND r.builtin <> 2")
	// userAnyRole reaches those, the roles of the groups that a user is in, and the roles that the user or one of these
	// groups holds in some tenant.
	userAnyRole = many("users.id", "ar.user_id", "("+anyRoles+") ar", relatedRoles,
		"r.id = ar.role_id AND r.builtin <> 2")
	// userGroup reaches the groups that a user is in, directly or through nesting.
	userGroup = many("users.id", "gu.user_id", "usergroup_users gu JOIN usergroup_closure gc ON gc.descendant_id = "+
		"gu.usergroup_id",
		"usergroups g", "g.id = gc.ancestor_id")
	userSource = one("users", "users.auth_source_id", "auth_sources", "a")
)

// relatedRoles is how fields of other nouns name roles.
const relatedRoles = "roles r"

// anyRoles selects users with their roles, and with the tenant in which the role is held; NULL for everywhere.
const anyRoles = `SELECT ur.user_id, ur.role_id, CAST(NULL AS BIGINT) AS taxonomy_id FROM user_roles ur
	UNION ALL SELECT gu.user_id, gr.role_id, CAST(NULL AS BIGINT) FROM usergroup_users gu
		JOIN usergroup_closure gc ON gc.descendant_id = gu.usergroup_id
		JOIN usergroup_roles gr ON gr.usergroup_id = gc.ancestor_id
	UNION ALL SELECT m.user_id, mr.role_id, m.taxonomy_id FROM memberships m
		JOIN membership_roles mr ON mr.membership_id = m.id WHERE m.user_id IS NOT NULL
	UNION ALL SELECT gu.user_id, mr.role_id, m.taxonomy_id FROM usergroup_users gu
		JOIN usergroup_closure gc ON gc.descendant_id = gu.usergroup_id
		JOIN memberships m ON m.usergroup_id = gc.ancestor_id
		JOIN membership_roles mr ON mr.membership_id = m.id`

// adminField searches the effective flag, but is sorted by the user's own.
func adminField() search.Field {
	f := switchField("admin", effectiveAdmin)
	f.Column = "users.admin"
	return f
}

// effectiveAdmin compares the flag of the user or of any group. The one word that means yes is "true"; every other
// means no, and every operator but "!=" means equality, as saved searches rely on.
func effectiveAdmin(c search.Call) (search.Condition, error) {
	wanted := c.Value == "true"
	if c.Op == search.OpNe {
		wanted = !wanted
	}
	sql := "users.id IN (" + EffectiveAdmins + ")"
	if !wanted {
		sql = "NOT (" + sql + ")"
	}
	return search.Condition{SQL: sql}, nil
}

// NotHidden leaves out the built-in accounts, which no list and no path ever shows.
func NotHidden(db *gorm.DB) *gorm.DB { return db.Where("NOT users.hidden") }

// TellsTime reports whether a query may select other rows a moment later: it names a field that holds times, or
// compares bare words with one.
func TellsTime(p *models.Principal, n *Resource, query string) bool {
	plain := strings.ReplaceAll(query, `\`, "") // what a backslash is in front of is meant all the same
	named := func(name string) bool { return strings.Contains(plain, name) }
	for _, f := range n.limitedBy(p.Customs, search.SQLite).Search.Fields {
		if (f.Type == search.Datetime || f.Type == search.Date) &&
			(!f.Explicit || named(f.Name) || slices.ContainsFunc(f.Aliases, named)) {
			return true
		}
	}
	return false
}

// WithStatus is the tree of the users whose accounts are in one of some states.
func WithStatus(statuses ...models.UserStatus) search.Node {
	values := make([]string, len(statuses))
	for i, s := range statuses {
		values[i] = string(s)
	}
	return &search.Compare{Op: search.OpIn, Field: "status", Values: values}
}
