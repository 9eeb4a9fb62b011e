package search_test

import "roster/scopes/search"

// path leads from a user to rows of another table: the tables, and what ties them to the user's id.
type path struct {
	tables string
	key    string // the user's id, seen from the tables
	only   string // a further condition on related rows, with AND in front
}

func (p path) relation() *search.Relation {
	from := p.tables + " WHERE " + p.key + " = users.id" + p.only
	return &search.Relation{
		SQL:   "EXISTS (SELECT 1 FROM " + from + " AND %s)",
		Keys:  "SELECT " + p.key + " FROM " + p.tables + " WHERE " + p.key + " IS NOT NULL" + p.only + " AND %s",
		Order: "(SELECT %s FROM " + from + ")",
	}
}

func taxonomies(kind string) path {
	return path{
		tables: "taxable_taxonomies tt JOIN taxonomies t ON t.id = tt.taxonomy_id", key: "tt.taxable_id",
		only: " AND tt.taxable_type = 'User' AND t.type = '" + kind + "'",
	}
}

var (
	userRoles = path{
		tables: "user_roles ur JOIN roles r ON r.id = ur.role_id", key: "ur.owner_id",
		only: " AND ur.owner_type = 'User'",
	}
	userGroups = path{tables: "cached_usergroup_members gm JOIN usergroups g ON g.id = gm.usergroup_id",
		key: "gm.user_id"}
	userSources = path{tables: "users u JOIN auth_sources a ON a.id = u.auth_source_id", key: "u.id"}
)

func reached(name, column string, kind search.Type, p path) search.Field {
	return search.Field{Name: name, Type: kind, Column: column, Relation: p.relation(), Completion: search.Values}
}

// users is a definition like that of the real users (docs/spec/search.md, 15), on the tables of the fixture.
var users = &search.Definition{Model: "User", Table: "users", Key: "users.id", Fields: []search.Field{
	explicit(reached("location", "t.name", search.Text, taxonomies("Location"))),
	identifier(reached("location_id", "t.id", search.Integer, taxonomies("Location"))),
	explicit(reached("organization", "t.name", search.Text, taxonomies("Organization"))),
	identifier(reached("organization_id", "t.id", search.Integer, taxonomies("Organization"))),
	with(identifier(column("users", "id", search.Integer)), func(f *search.Field) {
		f.Column = "users.id"
		f.Nullable = false
	}),
	offered(text("users", "login")), offered(text("users", "firstname")), offered(text("users", "lastname")),
	offered(text("users", "mail")), text("users", "description"),
	with(set("users", "admin", search.Boolean, search.Switch()...), func(f *search.Field) {
		f.Virtual = admin
		f.Method = "search_by_admin"
	}),
	explicit(offered(column("users", "last_login_on", search.Datetime))),
	with(set("users", "disabled", search.Boolean, search.Switch()...),
		func(f *search.Field) { f.Column = "users.disabled" }),
	reached("role", "r.name", search.Text, userRoles),
	identifier(reached("role_id", "r.id", search.Integer, userRoles)),
	reached("usergroup", "g.name", search.Text, userGroups),
	reached("auth_source_type", "a.type", search.Text, userSources),
	reached("auth_source", "a.name", search.Text, userSources),
}}

func identifier(f search.Field) search.Field {
	return with(explicit(f), func(f *search.Field) {
		f.Valid = search.IsInteger
		f.Completion = search.Hidden
	})
}

// withoutKeys is the definition as it would be without unions.
func withoutKeys(d *search.Definition) *search.Definition {
	plain := *d
	plain.Key = ""
	return &plain
}

// admin is the effective flag: the user's own or that of any group (docs/spec/search.md, 12, row 16). Only "true" means
// true.
func admin(c search.Call) (search.Condition, error) {
	const effective = "(users.admin = TRUE OR EXISTS (SELECT 1 FROM cached_usergroup_members gm" +
		" JOIN usergroups g ON g.id = gm.usergroup_id WHERE gm.user_id = users.id AND g.admin = TRUE))"
	if (c.Value == "true") == (c.Op != search.OpNe) {
		return search.Condition{SQL: effective}, nil
	}
	return search.Condition{SQL: "NOT COALESCE(" + effective + ", FALSE)"}, nil
}
