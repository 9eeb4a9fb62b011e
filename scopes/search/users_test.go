package search_test

import "roster/scopes/search"

const (
	userRoles     = "user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.owner_type = 'User' AND ur.owner_id = users.id"
	userGroups    = "cached_usergroup_members gm JOIN usergroups g ON g.id = gm.usergroup_id WHERE gm.user_id = users.id"
	userSources   = "auth_sources a WHERE a.id = users.auth_source_id"
	userTaxonomy  = "taxable_taxonomies tt JOIN taxonomies t ON t.id = tt.taxonomy_id WHERE tt.taxable_type = 'User' AND tt.taxable_id = users.id"
	userLocations = userTaxonomy + " AND t.type = 'Location'"
	userOrgs      = userTaxonomy + " AND t.type = 'Organization'"
)

// users is a definition like that of the real users (S15), on the tables of the fixture.
var users = &search.Definition{Model: "User", Table: "users", Fields: []search.Field{
	explicit(offered(related("location", "t.name", search.Text, userLocations))),
	identifier(related("location_id", "t.id", search.Integer, userLocations)),
	explicit(offered(related("organization", "t.name", search.Text, userOrgs))),
	identifier(related("organization_id", "t.id", search.Integer, userOrgs)),
	with(identifier(column("users", "id", search.Integer)), func(f *search.Field) { f.Column, f.Nullable = "users.id", false }),
	offered(text("users", "login")), offered(text("users", "firstname")), offered(text("users", "lastname")),
	offered(text("users", "mail")), text("users", "description"),
	with(set("users", "admin", search.Boolean, search.Switch()...), func(f *search.Field) {
		f.Virtual, f.Method = admin, "search_by_admin"
	}),
	explicit(offered(column("users", "last_login_on", search.Datetime))),
	with(set("users", "disabled", search.Boolean, search.Switch()...), func(f *search.Field) { f.Column = "users.disabled" }),
	offered(related("role", "r.name", search.Text, userRoles)),
	identifier(related("role_id", "r.id", search.Integer, userRoles)),
	offered(related("usergroup", "g.name", search.Text, userGroups)),
	offered(related("auth_source_type", "a.type", search.Text, userSources)),
	offered(related("auth_source", "a.name", search.Text, userSources)),
}}

func identifier(f search.Field) search.Field {
	return with(explicit(f), func(f *search.Field) { f.Valid, f.Completion = search.IsInteger, search.Hidden })
}

// admin is the effective flag: the user's own or that of any group (S12 row 16). Only "true" means true.
func admin(c search.Call) (search.Condition, error) {
	const effective = "(users.admin = TRUE OR EXISTS (SELECT 1 FROM " + userGroups + " AND g.admin = TRUE))"
	if (c.Value == "true") == (c.Op != search.OpNe) {
		return search.Condition{SQL: effective}, nil
	}
	return search.Condition{SQL: "NOT COALESCE(" + effective + ", FALSE)"}, nil
}
